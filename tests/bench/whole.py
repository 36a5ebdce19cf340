"""A whole alarm against tests/sandbox: diagnosis by SSM, Jira issue, comment, mail, and the message in the chat.

The peer is peers/reference_flow.py, the flow of a short Python function with boto3, against the same sandbox in the
same round. Commands end as soon as they are sent, so that what is measured is the work, not the waiting.
"""
import json
import os
import pathlib
import subprocess
import time

import yaml

from tests.sandbox.alarms import Alarm
from tests.sandbox.client import PYTHON, ROOT, Sandbox

from .processes import HERE, PATIENCE_S, BenchError, Process, pinned

SUBJECT_CORE, OTHER_CORE = 0, 1
WARM_UP = 2
DURATIONS = 16                     # of commands, spread evenly over the two below
SHORTEST_S, LONGEST_S = 0.3, 6.0
OUTPUT = "top: web-1 at 2026-11-26T03:00:00Z\n" + "\n".join(
    "%6.1f %5.1f %9.1f %7d app              12:%02d:07 /usr/bin/java -Xmx2g -jar /srv/app-%02d.jar --port 80%02d" % (
        99 - n, n / 2, 512 + n, 1000 + n, n, n, n) for n in range(24))


def cpu_ns(pid):
    """CPU time of a process, of all its threads, ended ones too (the kernel's clock of the process)."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def instance(number):
    return "i-0%016x" % number


def channel(number):
    return "C0BENCH%04d" % number


class Stage:
    """A sandbox, and a tocsin that uses it; each alarm has a channel of its own, so that none waits for another."""

    def __init__(self, bench, alarms, scripted=None, scale="1"):
        bench.number += 1
        self.directory = bench.directory / ("whole%d" % bench.number)
        self.directory.mkdir()
        self.alarms, self.binary, self.scale = alarms, bench.options.tocsin, scale
        self.bot, self.address = None, None
        environment = {k: v for k, v in os.environ.items() if k != "TOCSIN_TIME_SCALE"}
        self.sb = Sandbox.start(self.directory / "sandbox", env={**environment, "TOCSIN_TIME_SCALE": scale})
        subprocess.run(["taskset", "-acp", str(OTHER_CORE), str(self.sb.process.pid)], check=False,
                       stdout=subprocess.DEVNULL)
        for number in range(alarms):
            self.sb.post("channel", id=channel(number), name="bench-%d" % number)
            self.sb.add_instance(instance(number))
        if scripted is None:
            self.sb.settings(ssm_start_s=0, ssm_race_s=0)
            self.sb.script_command("title top|sort=-%cpu", output=OUTPUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bot is not None:
            self.bot.stop()
        self.sb.stop()

    def jira(self):
        """Plain HTTP for both: TLS would be the same for both, and hide the difference."""
        site = self.sb.ready["jira"]["cloud"]
        return {**site["config"], "url": site["plain_url"], "client": "Example Corp"}

    def start(self, **sections):
        """sections: more of the configuration."""
        path = pathlib.Path(self.sb.config)
        self.address = yaml.safe_load(path.read_text())["http"]["listen"]
        routes = [{"match": {"alarm": "whole-%d" % n}, "channel": channel(n)} for n in range(self.alarms)]
        with path.open("a", encoding="utf-8") as out:  # JSON is YAML
            for name, value in (("jira", self.jira()), ("mail", {"topic": self.sb.ready["mail_topic"]}),
                                ("routes", routes), *sections.items()):
                out.write("%s: %s\n" % (name, json.dumps(value)))
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TOCSIN_"))}
        environment["TOCSIN_TIME_SCALE"] = self.scale
        with open(self.directory / "log", "wb") as log:
            self.bot = Process([self.binary, "run", "--config", path], SUBJECT_CORE, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=log, env={**environment, **self.sb.aws_env()})
        self.wait(self.sb.live, "connect")
        self.wait(lambda: b"jira.checked" in (self.directory / "log").read_bytes(), "look at Jira")
        return self

    def wait(self, condition, what):
        end = time.monotonic() + 2 * PATIENCE_S
        while not condition():
            if time.monotonic() > end or self.bot.process.poll() is not None:
                raise BenchError("tocsin did not %s:\n%s" % (what, (self.directory / "log").read_text()[-2000:]))
            time.sleep(0.05)

    def fire(self, first, last):
        for number in range(first, last):
            self.sb.alarm(name="whole-%d" % number, dimensions={"InstanceId": instance(number)}, wait=False)

    def is_whole(self, number):
        """The message says that diagnosis, ticket and mail are done."""
        return any(str(m["blocks"]).count("✅") >= 3 for m in self.sb.roots(channel(number)))

    def finish(self, first, last):
        """Waits for the alarms; each must have its issue with a comment and a link, and its mail."""
        waiting = set(range(first, last))

        def done():
            waiting.difference_update([n for n in waiting if self.is_whole(n)])
            return not waiting and all(len(i["comments"]) == 1 and len(i["links"]) == 1 for i in self.sb.jira_issues())

        self.wait(done, "finish its alarms")
        if (len(self.sb.jira_issues()), len(self.sb.mails())) != (last, last):
            raise BenchError("%d issues and %d mails for %d alarms" % (
                len(self.sb.jira_issues()), len(self.sb.mails()), last))

    def requests(self):
        """So far: (to AWS and Jira, to Slack)."""
        methods = [r["method"] for r in self.sb.requests()]
        jira = sum(m.startswith("jira.") for m in methods)
        return len(self.sb.aws_calls()) + jira, len(methods) - jira


def response(bench):
    """CPU and requests of a whole alarm."""
    count = bench.options.alarms
    with Stage(bench, WARM_UP + count) as stage:
        stage.start()
        stage.fire(0, WARM_UP)
        stage.finish(0, WARM_UP)
        systems, chat = stage.requests()
        before = cpu_ns(stage.bot.pid)
        stage.fire(WARM_UP, WARM_UP + count)
        stage.finish(WARM_UP, WARM_UP + count)
        used = cpu_ns(stage.bot.pid) - before
        systems_then, chat_then = stage.requests()
    return {"cpu_ms": used / 1e6 / count, "requests": (systems_then - systems) / count,
            "chat": (chat_then - chat) / count}


def response_peer(bench):
    """The same work by the reference flow; without the chat, which it has not."""
    with Stage(bench, 1) as stage:
        jira = stage.jira()
        command = [PYTHON, HERE / "peers" / "reference_flow.py", "--aws", stage.sb.aws_env()["AWS_ENDPOINT_URL"],
                   "--jira", jira["url"], "--jira-user", jira["user"], "--jira-token", jira["token"], "--topic",
                   stage.sb.ready["mail_topic"], "--runs", str(bench.options.alarms), "--sleep", "0.05"]
        done = subprocess.run(pinned(SUBJECT_CORE, map(str, command)), input=Alarm({"name": "whole"}).message_eventbridge(),
                              capture_output=True, text=True, cwd=ROOT, env={**os.environ, **stage.sb.aws_env()}, check=False)
        if done.returncode != 0:
            raise BenchError("the reference flow failed: %s %s" % (done.stdout[-500:], done.stderr[-500:]))
        got = json.loads(done.stdout)
    return {"cpu_ms": got["cpu_s_per_alarm"] * 1000, "requests": got["requests_per_alarm"],
            "start_ms": (got["import_cpu_s"] + got["setup_cpu_s"]) * 1000}


def noticed(bench):
    """From the end of a command, as the sandbox has it, until tocsin's next request for its result."""
    step_s = (LONGEST_S - SHORTEST_S) / (DURATIONS - 1)
    with Stage(bench, DURATIONS, scripted="by instance") as stage:
        for number in range(DURATIONS):
            stage.sb.script_command("title top", output=OUTPUT, delay=SHORTEST_S + number * step_s,
                                    instance=instance(number))
        stage.start()
        stage.fire(0, DURATIONS)
        stage.wait(lambda: (stage.directory / "log").read_bytes().count(b"runbook.ended") == DURATIONS, "end its commands")
        commands, calls = stage.sb.aws_commands(), stage.sb.aws_calls("ssm", "GetCommandInvocation")
    late = []
    for command in commands:
        ended = next(iter(command["invocations"].values()))["ended"]
        asked = [c["time"] for c in calls if c["params"]["CommandId"] == command["id"] and c["time"] >= ended]
        late.append(min(asked) - ended)
    if len(late) != DURATIONS:
        raise BenchError("%d commands for %d alarms" % (len(late), DURATIONS))
    polls = len(calls) / DURATIONS
    return {"s": sorted(late)[len(late) // 2], "worst_s": max(late), "polls": polls}
