"""A long run under everything at once: does anything grow?

    /usr/bin/python3 -m tests.bench.soak [--minutes 30] [--tocsin build/tocsin] [--dir /var/tmp]

Alarms, OKs, commands, clicks, questions with the sandbox's model, dashboards, summaries, silences and socket refreshes, at a
rate that Slack's limits allow, against tests/sandbox at the real time scale. Every few seconds it looks at the resident memory,
the descriptors and the journal's file. The first tenth warms up; of the rest the medians of the first and the last quarter are
compared. Exits 1 when memory has grown by more than 2 MiB, descriptors by more than a few, when the journal is beyond its bound,
or when anything was not acknowledged or is left undone at the end.
"""
import argparse
import itertools
import os
import pathlib
import random
import shutil
import statistics
import sys
import tempfile
import time

from tests.sandbox import series
from tests.sandbox.client import ROOT, SandboxError

from .dashboard import longest_pass_us
from .processes import BenchError, status_kib
from .whole import OUTPUT, Stage, channel, cpu_ns, instance

ALARMS = 16                    # that flap, each in a channel of its own
BURST = 20                     # alarms of one channel that fire at once
THREADS = 2                    # in which questions are asked
SAMPLE_S = 5
WARM_UP = 0.1                  # of the time
GROWTH_MIB = 2                 # allowed
DESCRIPTORS = 4                # more than at first, of kept connections
LOG_MIB = 16                   # the write-ahead log's bound (bot/journal_sqlite.c)
ALLOWED_LATE = 0.01            # commands that were on a connection while it was cut
MODEL = "soak.model-v1:0"
ANSWER = "The answer time was over its limit, as F1 says. " * 20


class Soak:
    """The load, and what is seen of it."""

    def __init__(self, stage):
        self.stage, self.sb = stage, stage.sb
        self.random = random.Random(7)
        self.state = ["OK"] * ALARMS
        self.count, self.refused = {}, 0
        self.samples = []
        self.threads = []
        self.asked = itertools.count()
        self.burst_state = "OK"
        self.tasks = [  # seconds between two, what
            (2, self.flap), (90, self.burst), (1, self.ping), (10, self.incidents), (15, self.top), (12, self.dashboard),
            (20, self.question), (180, self.summary), (25, self.silence), (10, self.acknowledge), (60, self.refresh),
            (240, self.drop)]

    # --- what is done ---------------------------------------------------------------------------
    def somewhere(self):
        return channel(self.random.randrange(ALARMS))

    def flap(self):
        which = self.random.randrange(ALARMS)
        self.state[which] = "OK" if self.state[which] == "ALARM" else "ALARM"
        self.sb.alarm(name="whole-%d" % which, state=self.state[which], dimensions={"InstanceId": instance(which)}, wait=False)

    def burst(self):
        """Many alarms fire at once, or are over at once."""
        self.burst_state = "OK" if self.burst_state == "ALARM" else "ALARM"
        for number in range(BURST):
            self.sb.alarm(name="soak-%d" % number, state=self.burst_state, dimensions={"InstanceId": instance(number % ALARMS)},
                          wait=False)

    def ping(self):
        self.sb.slash("/tocsin ping", channel=self.somewhere(), wait=False)

    def incidents(self):
        self.sb.mention("incidents", channel=self.somewhere())

    def top(self):
        self.sb.slash("/top %s" % instance(self.random.randrange(ALARMS)), channel=self.somewhere(), wait=False)

    def dashboard(self):
        self.sb.slash("/dashboard shop", channel=self.somewhere(), wait=False)

    def question(self):
        """In a few threads: what they remember has a ceiling, and is full after a while."""
        number = next(self.asked)
        where = {} if number < THREADS else {"thread_ts": self.threads[number % THREADS]}
        asked = self.sb.mention("how is the latency?", channel=channel(0), **where)
        if number < THREADS:
            self.threads.append(asked["ts"])

    def summary(self):
        self.sb.slash("/tocsin summary", wait=False)

    def silence(self):
        """It ends by itself."""
        self.sb.slash("/tocsin silence whole-%d 1m soak" % self.random.randrange(ALARMS), channel=self.somewhere(), wait=False)

    def acknowledge(self):
        which = channel(self.random.randrange(ALARMS))
        open_ones = [m for m in self.sb.roots(which) if "ack" in str(m["blocks"]) and m["text"].startswith("ALARM")]
        if open_ones:
            self.sb.click(open_ones[-1]["ts"], "ack", channel=which, wait=False)

    def refresh(self):
        live = self.sb.live()
        if not live:
            raise SandboxError("no connection", 409)
        self.sb.socket("disconnect", connection=self.random.choice(live)["id"], reason="refresh_requested")

    def drop(self):
        self.sb.socket("reset")

    # --- what is seen ---------------------------------------------------------------------------
    def look(self):
        pid, folder = self.stage.bot.pid, pathlib.Path(self.sb.directory)
        files = {suffix: sum(f.stat().st_size for f in folder.rglob("*.db" + suffix)) / 2 ** 20 for suffix in ("", "-wal")}
        self.samples.append({
            "at": time.monotonic(), "mib": status_kib(pid, "VmRSS") / 1024, "cpu_s": cpu_ns(pid) / 1e9,
            "fds": len(os.listdir("/proc/%d/fd" % pid)), "db_mib": files[""], "wal_mib": files["-wal"],
            "pass_ms": longest_pass_us(self.stage) / 1000})

    def run(self, seconds, tell):
        began = time.monotonic()
        due = [(began + every * self.random.random(), every, act) for every, act in self.tasks] + [(began, SAMPLE_S, self.look)]
        while time.monotonic() < began + seconds:
            due.sort(key=lambda task: task[0])
            at, every, act = due.pop(0)
            time.sleep(max(0, at - time.monotonic()))
            try:
                act()
                self.count[act.__name__] = self.count.get(act.__name__, 0) + 1
            except SandboxError:  # a socket was just being replaced, a button had gone
                self.refused += 1
            if self.stage.bot.process.poll() is not None:
                raise BenchError("tocsin has ended")
            due.append((max(at + every, time.monotonic()), every, act))
            if act == self.look and len(self.samples) % 12 == 0:
                tell(self.samples[-1], time.monotonic() - began)


def configured(stage):
    end, metrics = int(time.time()), []
    slow = series.slow_since(end - 4 * 3600, end - 3 * 3600, 40)
    for n in range(6):
        where = {"namespace": "Soak/Metrics", "metric": "Metric%d" % n}
        stage.sb.metric(where["namespace"], where["metric"],
                        points=series.make(series.cpu, end, days=15, seed=n, change=slow if n == 0 else None))
        metrics.append({"id": "m%d" % n, "title": "Latency %d" % n, **where})
    stage.sb.model_says(ANSWER, times=0)
    return {"dashboards": [{"name": "shop", "baseline": "14d", "metrics": metrics}],
            "bedrock": {"model": MODEL, "max_cost_per_day": 1000, "prices": {MODEL: {"input": 0.1, "output": 0.1}}}}


def quarters(samples, name):
    """Medians of the first and the last quarter after the warm-up."""
    values = [s[name] for s in samples]
    values = values[int(len(values) * WARM_UP):]
    part = max(1, len(values) // 4)
    return statistics.median(values[:part]), statistics.median(values[-part:])


def settle(stage):
    """Nothing is at work any more but what waits for its time (silences are no flows)."""
    from tests.e2e import metrics_text
    import urllib.request

    def at_rest():
        with urllib.request.urlopen("http://%s/metrics" % stage.address, timeout=10) as answer:
            return metrics_text.parse(answer.read().decode()).get(("tocsin_flows", ()), 0) == 0

    end = time.monotonic() + 240
    while not at_rest():
        if time.monotonic() > end:
            raise BenchError("flows are left at work")
        time.sleep(1)


def judge(soak):
    """Prints what was seen; the list of what is wrong."""
    wrong = []
    print("%s; %d refused by the sandbox" % (", ".join("%d %s" % (n, what) for what, n in sorted(soak.count.items())), soak.refused))
    for name, unit, allowed in (("mib", "MiB resident", GROWTH_MIB), ("fds", "descriptors", DESCRIPTORS),
                                ("db_mib", "MiB of journal", None), ("wal_mib", "MiB of its log", None)):
        first, last = quarters(soak.samples, name)
        print("%-16s first quarter %.2f, last quarter %.2f, %+.2f; most %.2f" % (
            unit, first, last, last - first, max(s[name] for s in soak.samples)))
        if allowed is not None and last - first > allowed:
            wrong.append("%s grew by %.2f" % (unit, last - first))
    if max(s["wal_mib"] for s in soak.samples) > LOG_MIB + 1:
        wrong.append("the journal's log is beyond %d MiB" % LOG_MIB)
    print("longest pass of the loop %.1f ms; CPU %.1f s of %.0f s" % (
        max(s["pass_ms"] for s in soak.samples), soak.samples[-1]["cpu_s"], soak.samples[-1]["at"] - soak.samples[0]["at"]))
    asked = [e for e in soak.sb.envelopes() if e["type"] != "events_api"]  # Slack repeats events
    late = [e for e in asked if e["state"] != "acked"]
    print("%d of %d commands and clicks were not acknowledged in time" % (len(late), len(asked)))
    if len(late) > ALLOWED_LATE * len(asked):
        wrong.append("%d commands were not acknowledged" % len(late))
    undelivered = [d for d in soak.sb.deliveries() if d["state"] != "delivered"]
    if undelivered:
        wrong.append("%d messages of SNS were not delivered" % len(undelivered))
    return wrong


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests.bench.soak", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--tocsin", type=pathlib.Path, default=ROOT / "build/tocsin")
    parser.add_argument("--dir", default="/var/tmp", help="where the journal is written (default: %(default)s)")
    options = parser.parse_args(arguments)
    options.tocsin = options.tocsin.resolve()
    bench = argparse.Namespace(options=options, directory=pathlib.Path(tempfile.mkdtemp(prefix="tocsin-soak-", dir=options.dir)),
                               number=0)
    try:
        with Stage(bench, ALARMS) as stage:
            stage.sb.script_command("top", output=OUTPUT)
            stage.start(**configured(stage))
            soak = Soak(stage)
            soak.run(options.minutes * 60, lambda now, s: print(
                "%5.0f s  %.2f MiB  %d descriptors  journal %.2f + %.2f MiB  CPU %.1f s" % (
                    s, now["mib"], now["fds"], now["db_mib"], now["wal_mib"], now["cpu_s"]), flush=True))
            settle(stage)
            wrong = judge(soak)
    except BenchError as error:
        wrong = [str(error)]
    finally:
        shutil.rmtree(bench.directory, ignore_errors=True)
    for what in wrong:
        print("soak: " + what)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
