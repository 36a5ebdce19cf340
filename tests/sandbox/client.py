"""A small synchronous client of the sandbox for tests; standard library only.

    with Sandbox.start(directory) as sb:
        sb.alarm(name="web-1-cpu")
        sb.wait_for(lambda: sb.bot_messages(), "an incident message")
"""
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from .aws_client import AwsClient

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


class SandboxError(Exception):
    """The sandbox refused a control call; `status` is its HTTP status."""

    def __init__(self, text, status):
        super().__init__(text)
        self.status = status


class Sandbox(AwsClient):
    """A running sandbox."""

    def __init__(self, process, ready, directory):
        self.process = process
        self.ready = ready
        self.directory = pathlib.Path(directory)
        self.control_url = ready["control_url"]
        self.channel = ready["channel"]
        self.config = ready["config"]
        self.listen = ready["listen"]

    @classmethod
    def start(cls, directory, *options, env=None):
        """Starts a sandbox process; `options` are those of the command line."""
        process = subprocess.Popen(
            [PYTHON, "-m", "tests.sandbox", "--dir", str(directory), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the sandbox did not start: exit status %s" % process.wait())
        return cls(process, json.loads(line), directory)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- the control API ------------------------------------------------------
    def _call(self, method, what, query=None, body=None, timeout=120):
        url = "%s/control/%s" % (self.control_url, what)
        if query:
            url += "?" + urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            try:
                text = json.loads(text).get("error", text)
            except ValueError:
                pass
            raise SandboxError(text, error.code) from None

    def get(self, what, **query):
        return self._call("GET", what, query)

    def post(self, what, **body):
        return self._call("POST", what, body=body)

    def wait_for(self, condition, what, timeout=20):
        """Returns the first true value of condition(); fails with a picture of the channel."""
        until = time.monotonic() + timeout
        while True:
            version = self.get("version")["version"]
            value = condition()
            if value:
                return value
            left = until - time.monotonic()
            if left <= 0:
                raise AssertionError("waited %g s for %s\n%s" % (timeout, what, self.picture()))
            self.get("wait", since=version, timeout=min(left, 1))

    def picture(self):
        """The channels as text, for messages of failing tests."""
        from .terminal import render

        lines = [line for m in self.messages() for line in render(m, colour=False)]
        envelopes = ["%s: %s" % (e["what"], e["state"]) for e in self.envelopes()[-10:]]
        deliveries = [
            "%s %s: %s"
            % (d["type"], d["state"], [a["status"] or a["error"] for a in d["attempts"]])
            for d in self.deliveries()[-10:]
        ]
        return "\n".join(
            ["messages:"] + lines + ["envelopes:"] + envelopes + ["deliveries:"] + deliveries
        )

    # --- reading --------------------------------------------------------------
    def messages(self, channel=None, thread=None):
        return self.get("messages", channel=channel, thread=thread)

    def bot_messages(self, channel=None, thread=None):
        """What the bot posted and did not delete."""
        return [m for m in self.messages(channel, thread) if m["bot"] and not m["deleted"]]

    def roots(self, channel=None):
        """The bot's messages in the channel itself, thread replies left out."""
        return [
            m
            for m in self.bot_messages(channel or self.channel)
            if m["thread_ts"] in (None, m["ts"])
        ]

    def replies(self, ts, channel=None):
        return [m for m in self.bot_messages(channel or self.channel, ts) if m["ts"] != ts]

    def pictures(self, message):
        """The pictures that a message shows, in order: alt, title, width, height, data (bytes)..."""
        found = self.get("pictures", channel=message["channel"], ts=message["ts"])
        return [{**p, "data": base64.b64decode(p["data"])} for p in found]

    def requests(self, method=None, since=0):
        return self.get("requests", method=method, since=since)

    def connections(self):
        return self.get("connections")

    def live(self):
        """Connections that have said hello and are still open."""
        return [c for c in self.connections() if c["hello"] and c["closed"] is None]

    def envelopes(self, since=0):
        return self.get("envelopes", since=since)

    def deliveries(self, since=0):
        return self.get("deliveries", since=since)

    def jira_issues(self, site="cloud"):
        """The issues of a Jira site that nobody deleted; see jira_control.py for their members."""
        return [i for i in self.get("jira_issues", site=site) if not i["deleted"]]

    def jira_issue(self, key, site="cloud"):
        return self.get("jira_issue", key=key, site=site)

    def files(self):
        """What was uploaded; see slack_files.py for the members."""
        return self.get("files")

    def file_bytes(self, file_id):
        return base64.b64decode(self.get("file", id=file_id)["data"])

    def lint(self):
        return self.get("lint")

    # --- acting ---------------------------------------------------------------
    def say(self, text, **more):
        return self.post("say", text=text, **more)

    def mention(self, text, **more):
        return self.say("@tocsin " + text, **more)

    def slash(self, line, **more):
        """Runs a slash command and waits until it is acked or has failed; returns the envelope."""
        return self.post("slash", line=line, **more)

    def click(self, ts, action_id, **more):
        return self.post("click", ts=ts, action_id=action_id, **more)

    def react(self, ts, name, **more):
        return self.post("react", ts=ts, name=name, **more)

    def alarm(self, **options):
        """Publishes an alarm and waits for the deliveries (wait=False: does not)."""
        return self.post("alarm", **options)

    publish_alarm = alarm

    def publish(self, message, **options):
        return self.post("publish", message=message, **options)

    def subscribe(self, **options):
        return self.post("subscribe", **options)

    def settings(self, **values):
        return self.post("settings", **values)

    def jira_set(self, site="cloud", **values):
        """Reshapes a Jira site; the settings are those of jira_site.py."""
        return self.post("jira_set", site=site, **values)

    def jira_act(self, key, do, value=None, site="cloud", user="alice"):
        """What a person does in Jira: jira_act("OPS-1", "status", "Done")."""
        return self.post("jira_act", key=key, do=do, value=value, site=site, user=user)

    def fault(self, action, times=1, **match):
        """fault("reset_after", method="chat.postMessage")"""
        return self.post("faults", match=match, times=times, action=action)

    def clear_faults(self, rule=None):
        """All, or one by its number."""
        return self.post("faults", clear=True, rule=rule)

    def socket(self, fault, **options):
        return self.post("socket", fault=fault, **options)


class Child:
    """What Sandbox needs of a process, for one that is the nursery's child."""

    stdout = None

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        """None while it runs; else 0, for nobody is told how it ended."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout=None):
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("sandbox", timeout)
            time.sleep(0.005)
        return 0


class Nursery:
    """The nursery's process, for those who want sandboxes; from any thread."""

    def __init__(self):
        self.process = subprocess.Popen([PYTHON, "-m", "tests.sandbox.nursery"], cwd=ROOT, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lock = threading.Lock()

    def start(self, directory, *options, env=None):
        """As Sandbox.start."""
        request = {"options": ["--dir", str(directory), *options], "env": {**os.environ, **(env or {})}}
        with self.lock:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        if not line.strip():
            raise RuntimeError("the sandbox did not start; its error is above")
        ready = json.loads(line)
        return Sandbox(Child(ready["pid"]), ready, directory)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
