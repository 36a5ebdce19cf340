"""The demo: a real bot process against the sandbox, from the subscription to a real CPU alarm.

    python3 -m tests.sandbox.demo [--bot build/tocsin] [--once]

Without --once it ends in a terminal where a person can type. With --once it runs unattended and
exits 1, naming the first stage that did not happen.
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

from .client import ROOT, Sandbox
from .terminal import Terminal, plain

DURATION = re.compile(r"\b\d+ ?(?:s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)\b")
LOAD = "while True: pass"


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

    def plain_alarm(self):
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
        self.say("the alarm is over two minutes later")
        self.sandbox.alarm(**alarm, state="OK", value=0.21, time=started + 125)
        self.stage("incident edited to resolved with duration", lambda: self.resolved(first["ts"]))
        self.stage("thread history", lambda: self.sandbox.replies(first["ts"]))
        roots = [m for m in self.sandbox.roots() if "checkout-latency" in words(m)]
        if len(roots) != 1:
            raise Missing("one message for two paths (there are %d)" % len(roots))

    def resolved(self, ts):
        message = next(m for m in self.sandbox.messages() if m["ts"] == ts)
        said = words(message)
        return message["edits"] and re.search(r"resolved", said, re.I) and DURATION.search(said)

    def flapping(self):
        self.say("an alarm that flaps")
        for state in ("ALARM", "OK") * 3 + ("ALARM",):
            self.sandbox.alarm(
                name="queue-depth",
                namespace="AWS/SQS",
                metric="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": "orders"},
                threshold=1000.0,
                state=state,
            )
        self.stage("flapping alarm shown", lambda: self.incident("queue-depth"))
        self.say("a composite alarm")
        self.sandbox.alarm(
            name="shop-unhealthy", kind="composite", children=["checkout-latency", "queue-depth"]
        )
        self.stage("composite alarm shown", lambda: self.incident("shop-unhealthy"))

    def ping(self):
        self.say("somebody asks: /tocsin ping")
        envelope = self.sandbox.slash("/tocsin ping")
        if envelope["state"] != "acked":
            raise Missing("slash command acked (it is: %s)" % envelope["state"])
        self.stage(
            "ping answered",
            lambda: any(
                "pong" in words(m).lower()
                for m in self.sandbox.bot_messages()
                + [{"blocks": [], **e} for e in self.sandbox.get("ephemerals")]
            ),
        )

    def cpu(self):
        self.say("a real alarm: this machine's CPU under load")
        cpus = os.cpu_count() or 1
        self.sandbox.post("cpu_alarm", threshold=101, period_s=1)
        points = self.stage("CPU measured", lambda: self.sandbox.get("cpu_alarm")["datapoints"][2:])
        threshold = min(95.0, round(sum(p["value"] for p in points) / len(points) + 50 / cpus, 1))
        self.sandbox.post("cpu_alarm", threshold=threshold, period_s=2)
        loads = []
        try:
            loads = [subprocess.Popen([sys.executable, "-c", LOAD]) for _ in range(cpus)]
            self.stage("real CPU alarm seen", lambda: self.incident("sandbox-cpu"), 60)
        finally:
            for load in loads:
                load.kill()
                load.wait()
        message = self.incident("sandbox-cpu")
        self.stage(
            "real CPU alarm over",
            lambda: any(t["to"] == "OK" for t in self.sandbox.get("cpu_alarm")["transitions"]),
            60,
        )
        self.stage("real CPU alarm resolved in the channel", lambda: self.resolved(message["ts"]))
        self.sandbox.post("cpu_alarm", stop=True)

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
        self.plain_alarm()
        self.flapping()
        self.ping()
        self.cpu()
        if self.sandbox.lint():
            raise Missing("no lint: %s" % json.dumps(self.sandbox.lint(), indent=1))


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
        if not options.once:
            print(
                "\nType: /tocsin ping, @tocsin help, any text, click, click N, or quit.", flush=True
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
