"""The crash sweep: kill -9 at every durable write and around every request, then look what became of it.

    /usr/bin/python3 -m tests.sweep [--every N] [--second N] [--jobs N] [flow...]

The test build passes named points (bot/crash.h). A first run without a crash writes them down; then, for
each, a run dies there, is started again, and must end in the same state as if nothing had happened. For a
sample of the points the process dies a second time, at a point of its recovery. TOCSIN_BIN is the binary
(default build/asan/tocsin). Ends with a line `N passed, N failed`.
"""
import argparse
import concurrent.futures
import json
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import uuid

import yaml

from tests.e2e import support
from tests.sweep.flows import FLOWS, SCRIPTED, SITES

SCALE = "0.02"
PATIENCE_S = 15.0              # until everything must have settled; it takes a second at most


class Lane:
    """One sandbox, used for many runs, each with its own channel, state and port."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.sb = support.start_sandbox(self.directory / "sandbox", scale=SCALE)
        # A dead bot is a normal sight here: nobody waits long for it, and nobody gives up.
        self.sb.settings(ack_deadline_ms=250, event_retries_s=[1] * 400, sns_retries=400, sns_retry_delay_s=2,
                         linger_s=0.01)
        self.count = self.requests = 0
        for match, output in SCRIPTED:
            self.sb.script_command(match, output=output, delay=0.5)

    def requests_so_far(self):
        """How many there were; only the new ones are fetched."""
        self.requests += len(self.sb.requests(since=self.requests))
        return self.requests

    def close(self):
        self.sb.stop()


class Run:
    """One life of a flow: a stimulus, perhaps crashes, the end."""

    def __init__(self, lane, flow, site):
        lane.count += 1
        self.sb = lane.sb
        self.flow, self.site = FLOWS[flow], site
        self.name = "%s-%s" % (flow, uuid.uuid4().hex[:10])
        self.channel = "C0SWEEP%04d" % lane.count
        self.directory = lane.directory / self.name
        self.directory.mkdir()
        self.began = time.time()
        self.first_request = lane.requests_so_far()
        self.judged = self.sb.judged(), self.sb.get("jira_judged")["violations"]
        self.first_delivery = len(self.sb.deliveries())
        self.first_envelope = len(self.sb.envelopes())
        self.first_command, self.first_mail = len(self.sb.aws_commands()), len(self.sb.mails())
        self.messages, self.acted = {}, False
        self.done = set()              # what do_once() did
        self.interrupted = []          # for each death: (plan, step) of every flow in the journal
        self.sb.post("channel", id=self.channel, name=self.name)
        self.bot = support.Tocsin(self.configuration(), self.directory, scale=SCALE)
        self.bot.aws = self.sb.aws_env()
        self.sb.settings(endpoint="http://%s/sns" % self.bot.settings["http"]["listen"])

    def configuration(self):
        settings = yaml.safe_load(pathlib.Path(self.sb.config).read_text())
        settings["http"]["listen"] = "127.0.0.1:%d" % support.free_port()
        settings["slack"].update(channel=self.channel, connections=1)
        settings["state"]["path"] = str(self.directory / "tocsin.db")
        settings.update(self.flow.configuration(self))
        path = self.directory / "tocsin.yaml"
        path.write_text(yaml.safe_dump(settings))
        return path

    # --- what stimuli and invariants use ---------------------------------------------------------
    def publish(self, message, **options):
        return self.sb.publish(message, wait=False, **options)

    def publish_alarm(self, state, when, again=False):
        """again: SNS delivers the same message once more."""
        if not again:
            self.messages[state] = str(uuid.uuid4())
        self.sb.alarm(name=self.name, state=state, time=when, message_id=self.messages[state], wait=False)

    def do_once(self, name, act):
        """Does it unless an earlier life of the process has seen it."""
        if name not in self.done:
            self.done.add(name)
            act()

    def meanwhile(self, condition):
        """Waits until the condition holds or the process is dead."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self.bot.alive() and not condition():
            time.sleep(0.01)

    def roots(self):
        return [m for m in self.sb.bot_messages(self.channel) if m["thread_ts"] in (None, m["ts"])]

    def card(self):
        """The one message of the channel, as text; empty when there is none."""
        roots = self.roots()
        return " ".join(support.shown(roots[0]).split()) if roots else ""

    def issues(self):
        """Those that name this run, on either site."""
        return [i for site in SITES for i in self.sb.jira_issues(site)
                if self.name in i["summary"] + i["description"]["text"]]

    def commands(self, part):
        return [c for c in self.sb.aws_commands()[self.first_command:] if part in c["script"]]

    def mails(self):
        return self.sb.mails()[self.first_mail:]

    def died_at(self, plan, step):
        """How often the process died while a flow stood there."""
        return sum((plan, step) in flows for flows in self.interrupted)

    def replies(self, card):
        return self.sb.replies(card["ts"], self.channel)

    def requests(self, method):
        return self.sb.requests(method, self.first_request)

    def history(self, card):
        return support.World.history(self, card, self.channel)

    # --- a life -----------------------------------------------------------------------------------------
    def live(self, crash_at=None, points=None):
        """Starts the process; it may be dead when this returns."""
        env = {"TOCSIN_CRASH_AT": crash_at and str(crash_at), "TOCSIN_CRASH_LOG": points and str(points)}
        self.bot.spawn(env=env)
        address = self.bot.address()
        end = time.monotonic() + support.START_S
        while self.bot.alive() and time.monotonic() < end:
            with support.socket.socket() as probe:
                if probe.connect_ex(address) == 0:
                    return
            time.sleep(0.005)

    def act(self):
        """What the world does: at first, and for some flows in each life of the process."""
        if self.acted and not self.flow.goes_on:
            return
        self.acted = True
        self.meanwhile(self.sb.live)
        self.flow.stimulus(self)

    def life(self, crash_at):
        """One that may end at that point; True when it did."""
        self.live(crash_at=crash_at)
        self.act()
        self.rest()
        return self.died()

    def died(self):
        """Ends this life. True when it killed itself; a point that is not reached yet may come up in the stop."""
        if self.bot.alive():
            self.bot.signal(signal.SIGTERM)
        status = self.bot.wait()
        assert status in (0, -signal.SIGKILL), "it ended with %s" % status
        if status != 0:
            saved = [json.loads(row[3]) for row in self.bot.flows()] if self.bot.database().exists() else []
            self.interrupted.append([(flow["plan"], flow["step"]) for flow in saved])
        return status != 0

    def delivered(self):
        return (all(d["state"] == "delivered" for d in self.sb.deliveries(self.first_delivery)) and
                all(e["state"] in ("acked", "operation_timeout") for e in self.sb.envelopes(self.first_envelope)
                    if self.channel in e["what"] or e["type"] == "slash_commands"))

    def settled(self):
        """Everything is delivered and done, or the process is dead."""
        try:
            return self.delivered() and self.bot.metric("tocsin_flows") == 0
        except (OSError, support.http.client.HTTPException):
            return not self.bot.alive()

    def rest(self):
        """Waits until it has settled or died."""
        end = time.monotonic() + PATIENCE_S
        while self.bot.alive() and not self.settled():
            assert time.monotonic() < end, "it does not come to rest"
            time.sleep(0.01)

    def settle(self):
        self.rest()
        assert self.bot.alive(), "it died while nobody killed it"

    def judge(self):
        self.flow.invariant(self)
        assert (self.sb.judged(), self.sb.get("jira_judged")["violations"]) == self.judged, "a call was malformed"
        text = self.bot.log.read_text("utf-8", "replace")
        assert not support.SANITIZER.search(text), "a sanitizer spoke up"
        self.bot.stop()
        assert not self.bot.flows(), "flows are left in the journal: %s" % self.bot.flows()

    def close(self):
        if self.bot.process is not None:
            self.bot.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


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


def main():
    parser = argparse.ArgumentParser(prog="tests.sweep", description=__doc__.split("\n")[0])
    parser.add_argument("flows", nargs="*", default=list(FLOWS), help="of %s" % ", ".join(FLOWS))
    parser.add_argument("--every", type=int, help="only each N-th point (default: the flow's own)")
    parser.add_argument("--second", type=int, help="a second crash for each N-th point; 0: none")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    if set(options.flows) - set(FLOWS):
        parser.error("flows: %s" % ", ".join(FLOWS))
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="tocsin-sweep-") as base:
        for flow in options.flows:
            good, bad = sweep(flow, options, pathlib.Path(base))
            passed, failed = passed + good, failed + bad
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
