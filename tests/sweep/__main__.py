"""The crash sweep: kill -9 at every durable write and around every request, then look what became of it.

    /usr/bin/python3 -m tests.sweep [--every N] [--second N] [--jobs N] [flow...]
    /usr/bin/python3 -m tests.sweep --together [--kills N] [--seed N] [--jobs N]      all flows at once: together.py

The test build passes named points (bot/crash.h). A first run without a crash writes them down; then, for
each, a run dies there, is started again, and must end in the same state as if nothing had happened. For a
sample of the points the process dies a second time, at a point of its recovery. TOCSIN_BIN is the binary
(default build/asan/tocsin). Ends with a line `N passed, N failed`.
"""
import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import time

from tests.sweep import faults, together
from tests.sweep.flows_more import FLOWS
from tests.sweep.life import Lane, Run


def enumerate_points(lane, flow, site):
    """The names of the points that a run without a crash passes, up to its rest."""
    run = Run(lane, flow, site)
    try:
        log = run.directory / "points"
        run.live(points=log)
        run.act()
        run.settle()
        names = log.read_text().split()
        run.judge()
        return names
    except Exception as error:
        raise AssertionError("%s without a crash: %s\n%s" % (flow, error, run.bot.tail(40))) from error
    finally:
        run.close()


def crash(lane, flow, at, second):
    """One run that dies at point `at` and, when second, at that point of its next life.

    Returns how often it died, and None or what is wrong.
    """
    run, deaths = Run(lane, flow, FLOWS[flow].site_of(at)), 0
    try:
        deaths += run.life(at)
        if deaths and second:
            deaths += run.life(second)
        run.live()
        run.act()
        run.settle()
        run.judge()
        return deaths, None
    except Exception as error:                          # a failed point must not end the sweep
        return deaths, "%s: %s\n%s" % (type(error).__name__, error, run.bot.tail(25))
    finally:
        run.close()


def plan_of(flow, options, count):
    """[(point, point of the next life or 0)]. The order of the points varies a little from run to run: some
    more make sure that none is left out."""
    every = options.every or FLOWS[flow].every
    second = options.second if options.second is not None else FLOWS[flow].second
    plan = [(at, 0) for at in range(1, count + 4, every)]
    if second:
        plan += [(at, 1 + (7 * at) % 13) for at in range(1, count + 1, second)]
    return plan


def sweep(flow, options, base):
    """(passed, failed) over the points of a flow."""
    lanes = [Lane(base / ("%s-%d" % (flow, n))) for n in range(options.jobs)]
    try:
        names = max((enumerate_points(lanes[0], flow, site) for site in FLOWS[flow].sites), key=len)
        plan = plan_of(flow, options, len(names))
        print("%s: %d points, %d runs" % (flow, len(names), len(plan)), flush=True)
        failed, deaths, began = 0, 0, time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as executor:
            parts = [executor.submit(walk, lane, flow, names, plan[n::options.jobs]) for n, lane in enumerate(lanes)]
            for part in parts:
                failed += part.result()[0]
                deaths += part.result()[1]
        print("%s: %d passed, %d failed, %d deaths in %.0f s" % (
            flow, len(plan) - failed, failed, deaths, time.monotonic() - began), flush=True)
        if deaths < 0.8 * len(plan):
            print("FAILED %s: it hardly ever died: was it built with crash points?" % flow, flush=True)
            failed += 1
        return len(plan) - failed, failed
    finally:
        for lane in lanes:
            lane.close()


def walk(lane, flow, names, plan):
    failed = deaths = 0
    for at, second in plan:
        died, wrong = crash(lane, flow, at, second)
        deaths += died
        if wrong:
            failed += 1
            print("FAILED %s at %d (%s)%s: %s\n" % (
                flow, at, names[at - 1] if at <= len(names) else "after the last",
                " and again at %d" % second if second else "", wrong), flush=True)
    return failed, deaths


def sweep_faults(options, base):
    """(passed, failed) of each flow, one after the other."""
    lanes = [Lane(base / ("lane-%d" % n)) for n in range(options.jobs)]
    try:
        for flow in options.flows:
            yield faults.sweep(flow, options, lanes)
    finally:
        for lane in lanes:
            lane.close()


def main():
    parser = argparse.ArgumentParser(prog="tests.sweep", description=__doc__.split("\n")[0])
    parser.add_argument("flows", nargs="*", default=list(FLOWS), help="of %s" % ", ".join(FLOWS))
    parser.add_argument("--every", type=int, help="only each N-th point (default: the flow's own)")
    parser.add_argument("--second", type=int, help="a second crash for each N-th point; 0: none")
    parser.add_argument("--faults", action="store_true", help="no crashes: faults.py")
    parser.add_argument("--sample", type=int, default=1, help="of the faults: only each N-th case, by the seed")
    parser.add_argument("--verbose", action="store_true", help="says of each fault what came of it")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--together", action="store_true", help="all flows at once against one process")
    parser.add_argument("--kills", type=int, default=15, help="so many random ones, with --together")
    parser.add_argument("--seed", type=int, help="of random kills (new each time, and printed) and of sampled faults (1)")
    options = parser.parse_args()
    if set(options.flows) - set(FLOWS):
        parser.error("flows: %s" % ", ".join(FLOWS))
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-sweep-") as base:
        base = pathlib.Path(base)
        if options.together:
            swept = [together.sweep(options, base)]
        elif options.faults:
            swept = sweep_faults(options, base)
        else:
            swept = (sweep(flow, options, base) for flow in options.flows)
        for good, bad in swept:
            passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
