"""What the end-to-end tests and the crash sweep share: a tocsin process and the sandbox it talks to."""
import atexit
import contextlib
import functools
import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import time

import yaml

from tests.e2e import metrics_text
from tests.sandbox.client import Nursery

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TOCSIN_BIN", ROOT / "build/asan/tocsin")).resolve()
SCALE = "0.02"
STOP_S = 10                       # what the contract promises
START_S = 20                      # generous: sanitizers on a busy machine
SANITIZER = re.compile(r"runtime error:|ERROR: \w*Sanitizer|SUMMARY: \w*Sanitizer|Assertion .* failed")
# What must never stand in a log, whatever its value.
NEVER_LOGGED = re.compile(r"ticket=(?!\*|\.\.\.|<|\()\w|Action=(?:Unsubscribe|ConfirmSubscription)|hooks\.slack\.com/\w"
                          r"|/(?:commands|actions)/T0\w+/\d+/")

MAIL_TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"
# Replaces the built-in runbooks that run by themselves by some that do not.
NO_DIAGNOSIS = [{"name": name, "linux": "true"} for name in ("top", "memory", "disk")]


def just_now(minutes=5):
    """A cron line that was due so many minutes ago, and will be tomorrow."""
    minute, hour = time.gmtime(time.time() - 60 * minutes)[4:2:-1]
    return "%d %d * * *" % (minute, hour)


def seed(path, kind, key, document):
    """As if a process before had saved it. None may run."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            db.execute("CREATE TABLE documents (kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, "
                       "revision INTEGER NOT NULL, PRIMARY KEY (kind, key))")
            db.execute("PRAGMA user_version = 1")
        db.execute("INSERT INTO documents VALUES (?, ?, ?, 1)", (kind, key, json.dumps(document)))
        db.commit()


def seed_schedule(path, name, line, timezone="UTC", **remembered):
    """As if a process before had seen that schedule an hour ago, and had been down since then."""
    since = int(time.time() * 1000) - 3600 * 1000
    seed(path, "schedule", name, {"line": line, "timezone": timezone, "since": since, **remembered})


def seed_incident(path, number, alarm, changes, channel):
    """An incident whose message shows all of it. changes: [(seconds since 1970, "A" or "O")], the first an "A"."""
    times = [int(at * 1000) for at, _ in changes]
    fired = [int(at * 1000) for at, state in changes if state == "A"]
    over = changes[-1][1] == "O"
    seed(path, "incident", str(number), {
        "id": str(number), "key": "seeded%d" % number, "fingerprint": alarm["name"], "channel": channel,
        "state": "resolved" if over else "firing", "opened_ms": times[0], "fired_ms": fired[-1], "fired_heard_ms": fired[-1],
        "changed_ms": times[-1], "resolved_ms": times[-1] if over else 0, "resolved_heard_ms": times[-1] if over else 0,
        "changes": len(times), "reopened": len(fired) - 1, "revision": 1, "shown": 1, "message": "170000000%d.000100" % number,
        "recent": [state + str(at) for at, (_, state) in zip(times, changes)],
        "alarm": {"account": "123456789012", "region": "us-east-1", "state": "OK" if over else "ALARM", "changed_ms": times[-1],
                  **alarm}})


def until(condition, what, timeout=20.0):
    """The first true value of condition()."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("waited %g s for %s" % (timeout, what() if callable(what) else what))
        time.sleep(0.01)


def alarm_of(instance):
    """The name of the alarm that World.fire raises about an instance."""
    return instance + "-alarm"


def texts(value):
    """Every string that a person can read in a message, its blocks and attachments, in order."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("text", "fallback") and isinstance(item, str):
                yield item
            elif isinstance(item, (dict, list)) and key not in ("history", "metadata", "bot_profile", "_history"):
                yield from texts(item)


def shown(message):
    """A message as one text. Mrkdwn's three escapes are undone."""
    joined = "\n".join(texts(message))
    return joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def fields(message):
    """The fields of a message by name, {"Ticket": "✅ OPS-1"}; links and people as their text."""
    found, name = {}, None
    for element in rich_text(message):
        if element.get("style", {}).get("bold"):
            name = element["text"]
            found[name] = ""
        elif element.get("text") == "\n":
            name = None
        elif name is not None:
            found[name] += element.get("text") or element.get("user_id") or element.get("fallback", "")
    return {key: value.strip() for key, value in found.items()}


def rich_text(value):
    """The leaves of every rich text in a message, in order."""
    if isinstance(value, list):
        for item in value:
            yield from rich_text(item)
    elif isinstance(value, dict):
        if str(value.get("type", "")).startswith("rich_text") and "elements" in value:
            for item in value["elements"]:
                yield from rich_text(item) if "elements" in item else [item]
        else:
            for key in ("blocks", "attachments"):
                yield from rich_text(value.get(key) or [])


def buttons(message):
    """The buttons and menus of a message by action: {"ticket": "Try the ticket again"}; three dots have no text."""
    return {e["action_id"]: (e.get("text") or e.get("placeholder") or {"text": ""})["text"] for block in message["blocks"] if block["type"] == "actions"
            for e in block["elements"]}


class Tocsin:
    """One tocsin process and, after a restart, the next on the same state."""

    def __init__(self, config, directory, binary=None, scale=SCALE):
        self.config = pathlib.Path(config)
        self.directory = pathlib.Path(directory)
        self.binary = str(binary or BINARY)
        self.scale = scale
        self.aws = {}  # the sandbox's AWS: endpoint, region, credentials
        self.more = {}  # of the environment
        self.log = self.directory / "tocsin.log"
        self.process = None
        self.expected_exit = 0
        self.settings = yaml.safe_load(self.config.read_text())

    # --- life ------------------------------------------------------------------------------
    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if not k.startswith(("TOCSIN_CRASH", "AWS_"))}
        env.update(TOCSIN_TIME_SCALE=self.scale, ASAN_OPTIONS="exitcode=99", UBSAN_OPTIONS="print_stacktrace=1")
        env.update(self.aws)
        env.update(self.more)
        env.update({k: v for k, v in more.items() if v is not None})
        return env

    def command(self, *arguments, env=None, timeout=60):
        """Runs a command that ends by itself."""
        return subprocess.run([self.binary, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                              env=self.environment(**(env or {})), check=False)

    def spawn(self, *arguments, env=None):
        """Starts `run` and does not wait for anything."""
        assert self.process is None, "it runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.binary, "run", "--config", str(self.config), *arguments],
                                            stdout=log, stderr=log, env=self.environment(**(env or {})))
        return self

    def start(self, *arguments, env=None):
        """Starts and waits until it listens."""
        self.spawn(*arguments, env=env)
        self.wait_listening()
        return self

    def alive(self):
        process = self.process  # another thread may take it away
        return process is not None and process.poll() is None

    def wait_listening(self):
        address = self.address()

        def listening():
            assert self.alive(), "tocsin ended with %s\n%s" % (self.process.returncode, self.tail())
            with socket.socket() as probe:
                probe.settimeout(1)
                return probe.connect_ex(address) == 0

        until(listening, "tocsin to listen", START_S)

    def wait_ready(self):
        until(lambda: self.get("/readyz")[0] == 200, lambda: "readiness\n" + self.tail(), START_S)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=STOP_S):
        """Waits for the end by itself; returns the exit status."""
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.process = None
            raise AssertionError("tocsin did not end within %g s\n%s" % (timeout, self.tail())) from None
        self.process = None
        return status

    def stop(self):
        """SIGTERM; it must end well and in time."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.wait()
        assert status == self.expected_exit, "exit status %s\n%s" % (status, self.tail())

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def restart(self, hard=False):
        self.kill() if hard else self.stop()
        return self.start()

    # --- looking at it -----------------------------------------------------------------------
    def address(self):
        host, _, port = self.settings["http"]["listen"].rpartition(":")
        return host.strip("[]"), int(port)

    def request(self, method, path, body=None, headers=None, cafile=None, timeout=20):
        """(status, headers, body)"""
        host, port = self.address()
        if cafile:
            context = ssl.create_default_context(cafile=str(cafile))
            connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def metrics(self):
        status, _, body = self.get("/metrics")
        assert status == 200
        return metrics_text.parse(body.decode())

    def metric(self, name, **labels):
        """A sample; 0 when it does not exist yet."""
        return self.metrics().get((name, tuple(sorted(labels.items()))), 0)

    def lines(self):
        return self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []

    def logged(self, *parts):
        """Log lines that hold all the parts."""
        return [line for line in self.lines() if all(p in line for p in parts)]

    def wait_logged(self, *parts, timeout=20.0):
        return until(lambda: self.logged(*parts), lambda: "the log line %s\n%s" % (" ".join(parts), self.tail()),
                     timeout)

    def tail(self, count=60):
        return "\n".join(["--- the end of tocsin's log:"] + self.lines()[-count:])

    def database(self):
        """The path of the state."""
        return pathlib.Path(self.settings["state"]["path"])

    def documents(self):
        """Every row of every table of the journal, as text; opened beside the running process."""
        rows = []
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.database(), uri=True)) as db:
            tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
            for table in tables:
                rows += [(table,) + row for row in db.execute('SELECT * FROM "%s"' % table)]
        return rows

    def flows(self):
        """Saved flows."""
        return [row for row in self.documents() if "flow" in row[:2]]


class World:
    """A sandbox with a tocsin that uses it; what a test may not leave behind is checked in close()."""

    def __init__(self, sandbox, directory, scale=SCALE, binary=None):
        self.sb = sandbox
        self.directory = pathlib.Path(directory)
        self.bot = Tocsin(sandbox.config, directory, binary, scale)
        self.bot.aws = sandbox.aws_env()
        self.allowed_lint = []
        self.allowed_errors = set()
        self.site = None
        self.hosts = itertools.count(1)
        self.allowed_judged = set()
        self.secrets = [sandbox.ready["app_token"], sandbox.ready["bot_token"],
                        sandbox.aws_env()["AWS_SECRET_ACCESS_KEY"],
                        *(site["token"] for site in sandbox.ready["jira"].values())]

    # --- configuration ------------------------------------------------------------------------
    def configure(self, **sections):
        """Merges sections into the configuration; None removes a key."""
        def merge(into, more):
            for key, value in more.items():
                if value is None:
                    into.pop(key, None)
                elif isinstance(value, dict) and isinstance(into.get(key), dict):
                    merge(into[key], value)
                else:
                    into[key] = value
        merge(self.bot.settings, sections)
        plain = json.loads(json.dumps(self.bot.settings))  # no two places share an object: else there were anchors
        self.bot.config.write_text(yaml.safe_dump(plain, sort_keys=False))
        return self

    # --- life -----------------------------------------------------------------------------------
    def start(self, sockets=None, **options):
        """Starts tocsin and waits for its sockets."""
        self.bot.start(**options)
        self.wait_sockets(sockets)
        return self

    def wait_sockets(self, count=None):
        count = self.bot.settings["slack"].get("connections", 2) if count is None else count
        self.sb.wait_for(lambda: len(self.sb.live()) >= count, "%d sockets\n%s" % (count, self.bot.tail()))

    def restart(self, hard=False):
        self.bot.restart(hard)
        before = time.time()
        self.sb.wait_for(lambda: [c for c in self.sb.live() if c["hello"] and c["opened"] <= before + 60],
                         "sockets after the restart")
        self.wait_sockets()

    # --- looking ----------------------------------------------------------------------------------
    def wait(self, condition, what, timeout=20):
        try:
            return self.sb.wait_for(condition, what if isinstance(what, str) else "this", timeout)
        except AssertionError as error:
            now = "" if isinstance(what, str) else what()
            raise AssertionError("%s\n%s\n%s" % (now, error, self.bot.tail())) from None

    def card(self, name, word=None, channel=None, timeout=20):
        """The one message of an alarm, once its headline says `word`."""
        def found():
            cards = self.cards(name, channel)
            return cards and (word is None or word in cards[-1]["text"]) and cards[-1]
        return self.wait(found, "the message of %s with %s" % (name, word), timeout)

    def cards(self, name, channel=None):
        return [m for m in self.sb.roots(channel) if name in shown(m)]

    def incident_cards(self, channel=None):
        """The messages of alarms that are not over: a storm's card and answers are left out."""
        return [m for m in self.sb.roots(channel) if "ack" in buttons(m)]

    def lines(self, card, count=1, channel=None, timeout=20):
        """At least so many lines of history in the card's thread."""
        def found():
            lines = self.history(card, channel)
            return len(lines) >= count and lines
        return self.wait(found, "%d lines of history" % count, timeout)

    def history(self, card, channel=None):
        """The thread's state changes as text, one each."""
        out = []
        for reply in self.sb.replies(card["ts"], channel):
            out += ["".join(texts(block)) for part in [reply] + reply.get("attachments", [])
                    for block in part.get("blocks", []) if '"type": "date"' in json.dumps(block)]
        return out

    def settle(self, timeout=20):
        """Waits until no flow is at work but those that wait for a person's decision."""
        def idle():
            left = self.bot.metric("tocsin_flows")
            return left == 0 or left == len([m for m in self.sb.roots() if "approve" in buttons(m)])
        until(idle, lambda: "the flows to end\n" + self.bot.tail(), timeout)

    def posts(self, since=0):
        """chat.postMessage calls that took effect, double ones and deleted ones included."""
        return [r for r in self.sb.requests("chat.postMessage", since) if (r.get("response") or {}).get("ok")]

    # --- the whole flow: diagnosis, ticket, mail ----------------------------------------------------
    # A case has an instance of its own, and its id is in the alarm's name: so everything that was done
    # about it is found by it, however many cases share the world.
    def flows_with_jira(self, site="cloud", **jira):
        """Everything is turned on: the built-in runbooks, tickets in that Jira (which knows alice), mail."""
        self.site = site
        alice = next(u for u in self.sb.get("jira_state", site=site)["users"] if u["name"] == "alice")
        config = {**self.sb.ready["jira"][site]["config"],
                  "users": {"U0ALICE001": alice["accountId" if site == "cloud" else "name"]}}
        return self.configure(jira={**config, **jira}, mail={"topic": MAIL_TOPIC}, runbooks=None)

    def host(self, **options):
        """A new instance; its id."""
        instance = "i-%017x" % (0xbed00000 + next(self.hosts))
        self.sb.add_instance(instance, **options)
        return instance

    def script(self, instance, match="", **result):
        """What commands come to on this instance; see aws_control.py."""
        return self.sb.script_command(match, instance=instance, **result)

    def fire(self, instance, state="ALARM", **options):
        """A change of the instance's alarm."""
        options.setdefault("dimensions", {"InstanceId": instance})
        return self.sb.alarm(name=alarm_of(instance), state=state, **options)

    def stage(self, instance, which, *words, timeout=30):
        """The field of the alarm's message (Diagnosis, Ticket, Mail, Proposal) once it holds the words."""
        def found():
            text = self.field(instance, which)
            return text is not None and all(w in text for w in words) and text
        return self.wait(found, lambda: "%s with %s, not %r" % (which, words, self.field(instance, which)), timeout)

    def field(self, instance, which):
        cards = self.cards(alarm_of(instance))
        return fields(cards[-1]).get(which) if cards else None

    def finished(self, instance, timeout=30):
        """Waits until diagnosis, ticket and mail have come to an end and nothing works on; the message."""
        def over():
            now = [self.field(instance, which) for which in ("Diagnosis", "Ticket", "Mail")]
            return all(text is None or not text.startswith("⏳") for text in now) and any(now)
        self.wait(over, lambda: "the end of all stages of\n%s" % [shown(c) for c in self.cards(alarm_of(instance))],
                  timeout)
        self.settle(timeout)
        self.wait(over, "the end of all stages", timeout)
        return self.cards(alarm_of(instance))[-1]

    def press(self, instance, action, **options):
        """Clicks a button of the alarm's message."""
        card = self.wait(lambda: next((c for c in self.cards(alarm_of(instance)) if action in buttons(c)), None),
                         "the button %s" % action)
        return self.sb.click(card["ts"], action, **options)

    def issues(self, instance):
        """The issues about it, on whichever site tocsin uses."""
        return [i for i in self.sb.jira_issues(self.site) if instance in i["summary"] + i["description"]["text"]]

    def issue(self, instance):
        """The one issue about it."""
        found = self.issues(instance)
        assert len(found) == 1, "%d issues: %s" % (len(found), [i["key"] for i in found])
        return found[0]

    def comments(self, instance, word=""):
        return [c["text"] for c in self.issue(instance)["comments"] if word in c["text"]]

    def outputs(self, instance, word):
        """Replies in the thread of the alarm's message that hold the word."""
        newest = self.cards(alarm_of(instance))[-1:]  # none is posted yet at first
        return [r for card in newest for r in self.sb.replies(card["ts"]) if word in shown(r)]

    def mails(self, instance):
        return [m for m in self.sb.mails() if instance in m["message"]]

    def commands(self, instance):
        return [c for c in self.sb.aws_commands() if instance in c["invocations"]]

    # --- metrics and dashboards ---------------------------------------------------------------------
    def metric(self, metric_id, values, step_s=300, end=None, **options):
        """Gives CloudWatch a metric whose last value is of the last whole period before `end` (now), and returns its
        lines for a dashboard. values: numbers, None for none, oldest first. Options: namespace, metric, dimensions,
        stat, and whatever else a dashboard's metric may say; account and region, which it then says, too."""
        end = int(time.time() if end is None else end) // step_s * step_s
        line = {"id": metric_id, "namespace": "Test/Metrics", "metric": metric_id, **options}
        where = {k: line[k] for k in ("account", "region", "dimensions") if k in line}
        self.sb.metric(line["namespace"], line["metric"], start=end - len(values) * step_s, step=step_s,
                       values=list(values), **where)
        line["period"] = "%ds" % step_s
        return line

    def dashboards(self, **dashboards):
        """Configures dashboards by name, each a list of metrics or a map: dashboards(web=[world.metric(...), ...])."""
        return self.configure(dashboards=[
            {"name": name, **(what if isinstance(what, dict) else {"metrics": what})} for name, what in dashboards.items()])

    def prometheus(self, **entries):
        """Configures sources by name, each a URL or a map."""
        return self.configure(prometheus=[
            {"name": name, **({"url": what} if isinstance(what, str) else what)} for name, what in entries.items()])

    def pictures(self):
        """The PNG files that were uploaded, as {name: bytes}."""
        found = {f["name"]: self.sb.file_bytes(f["id"]) for f in self.sb.files() if f["size"]}
        wrong = [name for name, data in found.items() if not data.startswith(b"\x89PNG\r\n\x1a\n")]
        assert not wrong, "files that are no pictures: %s" % wrong
        return found

    # --- what is allowed in this test ---------------------------------------------------------------
    def allow_lint(self, *parts):
        self.allowed_lint += parts

    def allow_errors(self, *errors):
        self.allowed_errors.update(errors)

    def allow_judged(self, *codes):
        """AWS error codes for bad signatures and parameters that the test brings about."""
        self.allowed_judged.update(codes)

    # --- the end --------------------------------------------------------------------------------------
    def note_secrets(self):
        self.secrets += self.sb.get("aws_secrets")
        for envelope in self.sb.get("envelopes", payload=1):
            self.secrets += [v for k, v in (envelope.get("payload") or {}).items()
                             if k in ("response_url", "trigger_id") and isinstance(v, str)]

    def check_log(self):
        text = self.bot.log.read_text("utf-8", "replace") if self.bot.log.exists() else ""
        assert not SANITIZER.search(text), "a sanitizer or an assertion spoke up\n" + self.bot.tail(120)
        for secret in self.secrets:
            assert secret not in text and secret[-24:] not in text, "a secret is in the log: %s..." % secret[:12]
        found = NEVER_LOGGED.search(text)
        assert not found, "a secret is in the log: %s" % text[max(0, found.start() - 80):found.end() + 20]

    def check_requests(self):
        wrong = [r for r in self.sb.requests() if r["error"] and r["error"] not in self.allowed_errors]
        assert not wrong, "requests that Slack or Jira refuses: %s" % [
            (r["method"], r["error"], r.get("response"), json.dumps(r["args"])[:500]) for r in wrong[:3]]
        lint = [(e["where"], [t for t in e["lint"] if not any(a in t for a in self.allowed_lint)])
                for e in self.sb.lint()]
        lint = [e for e in lint if e[1]]
        assert not lint, "what a careful app does not send: %s" % lint[:5]
        judged = [j for j in self.sb.judged() if j["code"] not in self.allowed_judged]
        assert not judged, "AWS calls that no careful client makes: %s" % judged[:3]
        judged = self.sb.get("jira_judged")["violations"]
        assert not judged, "Jira calls that are not as Atlassian describes them: %s" % judged[:3]

    def close(self):
        """Stops tocsin and checks what every test demands."""
        try:
            self.bot.stop()
            self.note_secrets()
            self.check_log()
            self.check_requests()
        finally:
            if self.bot.process is not None:
                self.bot.kill()


@functools.cache
def nursery():
    made = Nursery()
    atexit.register(made.close)
    return made


def start_sandbox(directory, *options, scale=SCALE):
    return nursery().start(directory, *options, env={"TOCSIN_TIME_SCALE": scale})
