"""The demo: a real bot process against the sandbox, with this machine as the EC2 instance.

    python3 -m tests.sandbox.demo [--bot build/tocsin] [--once] [--transcript FILE]

A real CPU alarm of this machine is diagnosed by running `top` here (without rights), gets a Jira
issue and a mail, and ends; then comes an alarm without data, with a proposal that somebody
approves; then people ask, also a question in plain words and for a summary, which a model scripted by
the sandbox answers. Without --once it ends in a terminal where a person can type. With --once
it runs unattended and exits 1, naming the first stage that did not happen. --transcript writes what
happened, see transcript.py.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

from . import series
from .aws_world import INSTANCE
from .client import ROOT, Sandbox
from .terminal import Terminal, plain, render
from .transcript import Transcript

MODEL = "sandbox.scripted-model-v1:0"
# {{...}} is found in what the bot gave to the model.
MODEL_SAYS = """**Answer time was over its limit of 0.5 s** for about an hour: highest {{highest (\\d\\.\\d+ s)}} (F1). It is back to normal.

- Requests were as usual, so load does not explain it.
- The incidents of today are about other systems. A deploy may have caused it: look at the changes of that hour.
- The disk was 93.7 % full."""
SUMMARY_SAYS = """**Answer time of shop was over its limit** this morning: highest {{highest (\\d\\.\\d+ s)}} (shop F1). Nothing else is abnormal.
The incidents of today are described below. 77 orders were lost."""
ASK_ON_SAYS = "It was over for good within the summary's time, and Requests were as usual: load does not explain it."
DURATION = re.compile(r"\b\d+ ?(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)\b")
LOAD = "while True: pass"
STAGES = ("Diagnosis", "Ticket", "Mail")  # as the channel's message shows them
AGENT_STOPPED = """agent: stopped
agent: %s
{"status": "stopped", "starttime": "", "configstatus": "configured", "version": "1.300049.1b929"}"""
AGENT_RESTARTED = """== Before ==
agent: stopped
== Restart ==
waited 4 s
== After ==
agent: running"""


class Missing(Exception):
    """A stage that did not happen."""


def words(message):
    """Everything a message says, as one string."""
    return plain(message["text"] + " " + json.dumps(message["blocks"], ensure_ascii=False))


class Demo:
    """Runs the stages one after another."""

    def __init__(self, sandbox, bot, out):
        self.sandbox, self.bot, self.out = sandbox, bot, out
        self.passed = []
        self.transcript = Transcript()

    def say(self, text):
        print("\n=== %s" % text, file=self.out, flush=True)

    def stage(self, name, condition, timeout=30):
        """Waits for one stage; raises Missing with its name."""

        def alive_and_done():
            if self.bot.poll() is not None:
                raise Missing("%s (the bot ended with status %d)" % (name, self.bot.returncode))
            return condition()

        try:
            value = self.sandbox.wait_for(alive_and_done, name, timeout)
        except AssertionError as error:
            raise Missing("%s\n%s" % (name, str(error).split("\n", 1)[-1])) from None
        self.passed.append(name)
        return value

    def incident(self, name):
        """The channel message about an alarm, or None."""
        found = [m for m in self.sandbox.roots() if name in words(m)]
        return found[0] if found else None

    def now(self, ts):
        """A message as it is now."""
        return next(m for m in self.sandbox.messages() if m["ts"] == ts)

    def read(self, message):
        """The lines of a message, as a person sees them."""
        people = {u: i["name"] for u, i in self.sandbox.get("state")["users"].items()}
        lines = [x.strip(" │") for x in render(message)[1:]]
        return [re.sub("@(U[A-Z0-9]+)", lambda m: "@" + people.get(m[1], m[1]), x) for x in lines if x]

    def note_card(self, message, *words_):
        """The channel's message in the transcript: its headline, and one line of those with these words."""
        lines = self.read(message)
        found = [next((x for x in lines if word in x), None) for word in words_]
        found = " · ".join(x for x in found if x)
        self.transcript.note("#alarms", lines[0], *([found] if found else []))

    def connect(self):
        self.say("tocsin connects to Slack")
        self.stage("connected: a hello on a Socket Mode connection", lambda: self.sandbox.live())
        self.say("the SNS topic asks tocsin to confirm its subscription")
        self.stage("listening: SNS reaches the bot", self.reachable)
        self.stage(
            "subscribed: ConfirmSubscription called",
            lambda: any(
                s["state"] == "confirmed" for s in self.sandbox.get("subscriptions").values()
            ),
        )

    def reachable(self):
        if (
            self.sandbox.get("subscriptions")
            and self.sandbox.deliveries()[-1]["state"] == "delivered"
        ):
            return True
        return self.sandbox.subscribe()["state"] == "delivered"

    # --- a real alarm, from the first second to the end -------------------------------------------
    def cpu(self):
        self.say("this machine is the instance %s; its CPU comes under load" % INSTANCE)
        cpus = os.cpu_count() or 1
        self.sandbox.post("cpu_alarm", threshold=101, period_s=1, instance=INSTANCE)
        points = self.stage("CPU measured", lambda: self.sandbox.get("cpu_alarm")["datapoints"][1:])
        average = sum(p["value"] for p in points) / len(points)
        threshold = round(min(90.0, average + 50 / cpus), 1)
        self.sandbox.post("cpu_alarm", threshold=threshold, period_s=1, instance=INSTANCE)
        loads = []
        try:
            loads = [subprocess.Popen([sys.executable, "-c", LOAD]) for _ in range(cpus)]
            ts = self.fired("sandbox-cpu", "real CPU alarm in the channel")["ts"]
            issue = self.answered(ts)
        finally:
            for load in loads:
                load.kill()
                load.wait()
        self.ended(ts, issue, self.cpu_falls)
        self.sandbox.post("cpu_alarm", stop=True)

    def fired(self, name, stage):
        card = self.stage(stage, lambda: self.incident(name), 60)
        self.transcript.note("SNS", "%s → ALARM" % name)
        return card

    def version_with(self, ts, word):
        """The first version of a message that shows the word, as a message; None: none did."""
        message = self.now(ts)
        for version in message["history"] + [message]:
            if word in words({"text": "", "blocks": version.get("blocks") or []}):
                return {**message, **version, "edits": 0}
        return None

    def answered(self, ts):
        """Diagnosis, ticket and mail of the incident; returns the issue."""
        first = self.stage("shown at once: ⏳", lambda: self.version_with(ts, "⏳"))
        self.note_card(first, *STAGES)
        output = self.stage("output of top, really run here", lambda: self.reply(ts, self.here("top")))
        issue = self.stage("Jira issue OPS-1", self.sandbox.jira_issues)[0]
        self.transcript.note("Jira", "%s  %s" % (issue["key"], issue["summary"]))
        said = [x for x in self.read(output) if not x.startswith("==")]
        top = next(n for n, text in enumerate(said) if self.here("top") in text)
        self.transcript.note("#alarms", "in the thread: " + said[0], *said[top : top + 3], "…")
        self.stage("the output is the issue's comment", lambda: self.commented(issue["key"], self.here("top")))
        self.transcript.note("Jira", "%s  comment with the output" % issue["key"])
        mail = self.stage("mail with output and link", lambda: self.mail(issue["url"], self.here("top")))
        self.transcript.note("mail", mail["subject"])
        self.stage("every stage ✅", lambda: words(self.now(ts)).count("✅") >= len(STAGES))
        self.stage("the alarm's chart", lambda: self.sandbox.pictures(self.now(ts)))
        diagnosis, *others = [x for x in self.read(self.now(ts)) if x.startswith(STAGES)]
        self.transcript.note("#alarms", diagnosis, " · ".join(others))
        return issue

    @staticmethod
    def here(runbook):
        """How the output of a runbook that ran on this machine begins."""
        return "%s: %s at " % (runbook, os.uname().nodename)

    def reply(self, ts, text):
        return next((r for r in self.sandbox.replies(ts) if text in words(r)), None)

    def commented(self, key, text):
        return any(text in c["text"] for c in self.sandbox.jira_issue(key)["comments"])

    def mail(self, *texts):
        return next((m for m in self.sandbox.mails() if all(t in m["message"] for t in texts)), None)

    def cpu_falls(self):
        """The load is gone; on a machine that is busy all the same, a person gives the alarm another limit."""
        watched = lambda: self.sandbox.get("cpu_alarm")["transitions"][-1]["to"] == "OK"  # noqa: E731
        try:
            self.sandbox.wait_for(watched, "the CPU to be idle", 5)
        except AssertionError:
            self.say("this machine stays busy: the alarm gets a limit that is never reached")
            self.sandbox.post("cpu_alarm", change=True, threshold=101)
            self.stage("real CPU alarm over", watched)

    def ended(self, ts, issue, cause):
        """The alarm is over: the message, the comment, the status of the issue."""
        cause()
        self.stage("resolved with duration", lambda: self.resolved(ts))
        self.transcript.note("SNS", "→ OK")
        self.note_card(self.now(ts))
        self.stage(
            "issue moved to Done", lambda: self.sandbox.jira_issue(issue["key"])["category"] == "done"
        )
        self.transcript.note("Jira", "%s  comment: → OK;  %s → Done" % (issue["key"], issue["status"]))

    def resolved(self, ts):
        message = self.now(ts)
        said = words(message)
        return message["edits"] and re.search(r"resolved", said, re.I) and DURATION.search(said)

    # --- no data ------------------------------------------------------------------------------------
    def silence(self):
        self.say("an alarm of the CloudWatch agent has no data (the agent's answers are scripted: this")
        print("    machine has no such agent, and nothing is restarted on it)", file=self.out, flush=True)
        self.sandbox.script_command(r"title agent\n", output=AGENT_STOPPED % os.uname().nodename, delay=0.5)
        self.sandbox.script_command("title agent-restart", output=AGENT_RESTARTED, delay=1)
        alarm = {"name": "web-1-memory", "namespace": "CWAgent", "metric": "mem_used_percent"}
        self.sandbox.alarm(**alarm, state="INSUFFICIENT_DATA", old_state="OK")
        self.transcript.note("SNS", "web-1-memory → INSUFFICIENT_DATA")
        card = self.stage("alarm without data in the channel", lambda: self.incident("web-1-memory"))
        ts = card["ts"]
        self.stage("restart proposed", lambda: "[Approve]" in "\n".join(render(self.now(ts))))
        self.note_card(self.now(ts), "Diagnosis", "Proposal", "[Approve]")
        issue = self.stage("Jira issue OPS-2", lambda: self.sandbox.jira_issues()[1:])[0]
        self.say("somebody clicks Approve")
        self.sandbox.click(ts, "approve")
        self.transcript.note("alice", "clicks Approve")
        self.stage("restart ran, approved", lambda: "done, approved" in words(self.now(ts)))
        self.stage("restart in the thread", lambda: self.reply(ts, "agent: running"))
        self.transcript.note("#alarms", next(x for x in self.read(self.now(ts)) if "Proposal" in x))
        self.ended(ts, issue, lambda: self.sandbox.alarm(**alarm, state="OK", old_state="INSUFFICIENT_DATA"))

    # --- people ask ------------------------------------------------------------------------------------
    def typed(self, line, **more):
        """A slash command, a mention or a reply, of alice; what the sandbox says of it."""
        self.say("somebody types: %s" % line)
        self.transcript.note("alice", line)
        if not line.startswith("/"):
            return self.sandbox.say(line, **more)
        envelope = self.sandbox.slash(line)
        if envelope["state"] != "acked":
            raise Missing("%s acked (it is: %s)" % (line, envelope["state"]))
        return envelope

    def answer(self, stage, *texts):
        found = self.stage(
            stage,
            lambda: next((m for m in self.sandbox.bot_messages() if all(t in words(m) for t in texts)), None),
        )
        return self.read(found)

    def people(self):
        self.typed("/top %s" % INSTANCE)
        said = self.answer("/top answered, from this machine", self.here("top"), "asked by")
        self.transcript.note("#alarms", said[0])
        self.typed("/ticket the printer on floor 3 is on fire")
        said = self.answer("/ticket opened OPS-3", "OPS-3", "✅")
        self.transcript.note("#alarms", said[0])
        self.stage("free ticket in Jira", lambda: "printer" in self.sandbox.jira_issue("OPS-3")["summary"])
        self.typed("@tocsin help")
        said = self.answer("help", "What I can do")
        self.transcript.note("#alarms", " · ".join(said[:2]) + " · …")

    # --- a dashboard ---------------------------------------------------------------------------------
    def dashboard(self):
        self.say("somebody looks at the shop's dashboard (its metrics are invented: 15 days, slow answers this morning)")
        self.typed("/dashboard")
        found = lambda: next((m for m in self.sandbox.roots() if "shop: 1 finding" in words(m)), None)  # noqa: E731
        ts = self.stage("findings of the dashboard", found)["ts"]
        self.stage("small multiples under the text", lambda: self.sandbox.pictures(self.now(ts)))
        chart = self.stage("the finding's own chart", lambda: self.reply(ts, "F1"))
        self.note_card(self.now(ts), "F1")
        self.transcript.note("#alarms", next(x for x in self.read(self.now(ts)) if "[picture" in x))
        if not self.sandbox.pictures(chart):
            raise Missing("a picture in the finding's reply")

    # --- a question in plain words ---------------------------------------------------------------------
    def question(self):
        self.say("somebody asks a question; the answer is written by the sandbox's scripted model, not a real one")
        print("    (it looks at incidents first, and invents one figure, to show what becomes of it)", file=self.out,
              flush=True)
        self.sandbox.model_says(match="why was the shop slow", blocks=[
            {"text": "I look at the incidents first."}, {"tool": "list_incidents", "input": {}}])
        self.sandbox.model_says(MODEL_SAYS, pause_s=0.02)
        asked = self.typed("@tocsin why was the shop slow in the last 12 hours?")["ts"]
        answer = self.stage("answer of the sandbox's scripted model", lambda: self.reply(asked, "tokens"), 60)
        head = self.stage("head: answered", lambda: self.reply(asked, "Answered"))
        chart = self.stage("chart of the finding that it cites", lambda: self.reply(asked, "F1: "))
        said = self.read(self.now(answer["ts"]))
        if not any("[not in the data" in x.replace("\\", "") for x in said):
            raise Missing("a mark on the invented figure")
        self.transcript.note("#alarms", self.read(self.now(head["ts"]))[0])
        self.transcript.note("#alarms", "by the sandbox's scripted model, not a real one:",
                             *[x.replace("\\", "").replace("**", "") for x in said])
        if not self.sandbox.pictures(chart):
            raise Missing("a picture in the thread of the question")

    # --- a summary -----------------------------------------------------------------------------------------
    def summary(self):
        self.say("somebody wants a summary; the words on top are the sandbox's scripted model's, not a real one's")
        print("    (one of its figures is invented, to show what becomes of it)", file=self.out, flush=True)
        self.sandbox.model_says(SUMMARY_SAYS, match="the sentences that stand above this summary")
        self.typed("/tocsin summary")
        found = lambda: next((m for m in self.sandbox.roots() if m["text"].startswith("Summary: ")), None)  # noqa: E731
        ts = self.stage("summary, worded by the sandbox's scripted model", found)["ts"]
        if "[not in the data" not in words(self.now(ts)).replace("\\", ""):
            raise Missing("a mark on the invented figure of the summary")
        self.stage("small multiples in the summary", lambda: self.sandbox.pictures(self.now(ts)))
        self.stage("details in the summary's thread", lambda: self.reply(ts, "shop: 1 finding"))
        said = [x for x in self.read(self.now(ts)) if "[picture" not in x]
        self.transcript.note("#alarms", said[0], "by the sandbox's scripted model, not a real one:",
                             *[x.replace("\\", "").replace("**", "") for x in said[1:]])
        self.sandbox.model_says(ASK_ON_SAYS, match="and why")
        self.typed("and why was that?", thread_ts=ts)  # a reply there is a question
        self.stage("a reply in the summary's thread is answered by the scripted model",
                   lambda: self.reply(ts, "load does not explain it"), 60)

    # --- two paths, one message --------------------------------------------------------------------
    def two_paths(self):
        self.say("an alarm comes by two paths (the alarm's SNS action and an EventBridge rule)")
        alarm = {
            "name": "checkout-latency",
            "namespace": "AWS/ApplicationELB",
            "metric": "TargetResponseTime",
            "dimensions": {"LoadBalancer": "app/checkout/0123456789abcdef"},
            "threshold": 0.5,
            "via": "both",
        }
        started = time.time() - 125
        self.sandbox.alarm(**alarm, value=1.84, time=started)
        first = self.stage("incident posted", lambda: self.incident("checkout-latency"))
        self.sandbox.alarm(**alarm, state="OK", value=0.21, time=started + 125)
        self.stage("incident edited to resolved", lambda: self.resolved(first["ts"]))
        self.stage("thread history", lambda: self.sandbox.replies(first["ts"]))
        roots = [m for m in self.sandbox.roots() if "checkout-latency" in words(m)]
        if len(roots) != 1:
            raise Missing("one message for two paths (there are %d)" % len(roots))

    def stop(self):
        """SIGTERM: the bot closes its sockets properly and exits 0."""
        self.bot.terminate()
        try:
            status = self.bot.wait(10)
        except subprocess.TimeoutExpired:
            raise Missing("clean exit within 10 s of SIGTERM") from None
        if status != 0:
            raise Missing("clean exit (status %d)" % status)
        if any(
            c["upgrade"] == 101 and c["client_close"] != 1000 for c in self.sandbox.connections()
        ):
            raise Missing("every WebSocket closed with 1000")
        self.passed.append("clean exit")

    def run(self):
        self.connect()
        self.transcript.began = time.monotonic()
        self.cpu()
        self.silence()
        self.people()
        self.dashboard()
        self.question()
        self.summary()
        self.two_paths()
        judged = self.sandbox.lint() + self.sandbox.judged()
        judged += self.sandbox.get("jira_judged")["violations"]
        if judged:
            raise Missing("no lint: %s" % json.dumps(judged, indent=1))


def shop(sandbox):
    """Gives CloudWatch a shop's metrics; the dashboard of them."""
    names = {"TargetResponseTime": series.latency, "RequestCount": series.requests, "CPUUtilization": series.cpu}
    end = int(time.time())
    slow = series.slow_since(end - 3 * 3600, end - 2 * 3600, 1.4)
    where = {"namespace": "AWS/ApplicationELB", "dimensions": {"LoadBalancer": "app/shop/0123456789abcdef"}}
    for seed, (name, values) in enumerate(names.items()):
        change = slow if values is series.latency else None
        sandbox.metric(where["namespace"], name, dimensions=where["dimensions"],
                       points=series.make(values, end, seed=seed, change=change))
    return {"name": "shop", "metrics": [
        {"id": "latency", "title": "Answer time", "metric": "TargetResponseTime", "unit": "Seconds",
         "normal": {"below": 0.5}, **where},
        {"id": "requests", "title": "Requests", "metric": "RequestCount", "stat": "Sum", "unit": "Count", **where},
        {"id": "cpu", "title": "CPU", "metric": "CPUUtilization", "unit": "Percent", **where}]}


def configure(sandbox):
    """The sandbox's configuration, with mail, an issue that follows its alarm, and a dashboard."""
    path = pathlib.Path(sandbox.config)
    jira = {**sandbox.ready["jira"]["cloud"]["config"], "client": "Example Corp", "resolve_to": "Done"}
    with path.open("a", encoding="utf-8") as out:  # JSON is YAML
        out.write("jira: %s\n" % json.dumps(jira))
        out.write("mail: %s\n" % json.dumps({"topic": sandbox.ready["mail_topic"]}))
        out.write("dashboards: %s\n" % json.dumps([shop(sandbox)]))
        prices = {MODEL: {"input": 3.0, "output": 15.0, "cache_read": 0.3, "cache_write": 3.75}}
        out.write("bedrock: %s\n" % json.dumps({"model": MODEL, "max_cost_per_day": 5, "prices": prices}))


def start_bot(binary, sandbox, log):
    """Starts the bot with the sandbox's AWS: the demo reaches nothing outside this machine."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    env.update(sandbox.aws_env())
    shown = subprocess.run(
        [binary, "manifest", "--config", sandbox.config], env=env, capture_output=True, text=True
    )
    if shown.returncode == 0:
        sandbox.post("install", manifest=json.loads(shown.stdout))
    return subprocess.Popen([binary, "run", "--config", sandbox.config], env=env, stderr=log)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bot", default=str(ROOT / "build" / "tocsin"))
    parser.add_argument(
        "--once", action="store_true", help="unattended; exit 1 names a missing stage"
    )
    parser.add_argument(
        "--dir", help="directory for the sandbox's and the bot's files (default: a temporary one)"
    )
    parser.add_argument("--transcript", help="file for a short transcript, see transcript.py")
    options = parser.parse_args()
    if not os.access(options.bot, os.X_OK):
        print("%s is not there: run `make` first" % options.bot, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as temporary:
        directory = pathlib.Path(options.dir or temporary)
        directory.mkdir(parents=True, exist_ok=True)
        log_path = directory / "tocsin.log"
        with Sandbox.start(directory, "--unsubscribed") as sandbox, open(
            log_path, "w", encoding="utf-8"
        ) as log:
            return play(sandbox, options, log, log_path)


def play(sandbox, options, log, log_path):
    """Runs the stages while another thread shows the channel."""
    configure(sandbox)
    bot = start_bot(options.bot, sandbox, log)
    demo, terminal = Demo(sandbox, bot, sys.stdout), Terminal(sandbox)
    done = threading.Event()
    watcher = threading.Thread(target=terminal.watch, args=(done,), daemon=True)
    watcher.start()
    try:
        demo.run()
        time.sleep(0.5)  # let the watcher show the last change
        done.set()
        watcher.join(3)
        if options.transcript:
            demo.transcript.write(options.transcript)
        if not options.once:
            print(
                "\nType: /top %s, /ticket some text, /dashboard, /tocsin ping, @tocsin help, /ask why?, any text, click N, or "
                "quit." % INSTANCE,
                flush=True,
            )
            terminal.read()
        demo.stop()
        print("\nall stages seen: %s" % ", ".join(demo.passed))
        return 0
    except Missing as missing:
        done.set()
        watcher.join(3)
        log.flush()
        print("\nmissing stage: %s" % missing, file=sys.stderr)
        tail = log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        print("the end of the bot's log:\n  " + "\n  ".join(tail), file=sys.stderr)
        return 1
    finally:
        done.set()
        if bot.poll() is None:
            bot.terminate()
            try:
                bot.wait(10)
            except subprocess.TimeoutExpired:
                bot.kill()
                bot.wait()


if __name__ == "__main__":
    sys.exit(main())
