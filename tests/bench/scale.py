"""Ten thousand open incidents: what they cost, and whether anything is slower with them than with a hundred.

Two of tocsin run side by side, one with few and one with many open incidents, and are asked by turns, so that both see the
same moments of the disk. Then the one with many is killed and started again. At last a storm: as many alarms within a
minute into one channel, at the real pace of Slack; the double notes each request, and its record says whether a documented
limit was broken. The storm is killed in its middle, too, and goes on at a shortened pace until each alarm has its message.
"""
import collections
import contextlib
import statistics
import struct
import time
import urllib.request

from tests.e2e import metrics_text

from . import measures
from .processes import BenchError, Stand, Tocsin, run_json, status_kib

FEW = 100
SEED_SCALE = 0.001      # of Slack's pace, while incidents are made or a storm comes to its end
STORM_S = 60
TURNS, SERIES = 3, 20   # by turns so often, so many of each kind
REST_S = 900            # at most until all is posted
BURST = 4               # posts of a channel beyond one a second: Slack takes short bursts; one more for the way there
EDITS_A_MINUTE = 60     # chat.update: tier 3, "50+ a minute", and a burst of ten
IN_FLIGHT = 4           # a post that the double has answered and a kill has forgotten is made again: the double keeps nothing


def metric(port, name):
    with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % port, timeout=30) as answer:
        return metrics_text.parse(answer.read().decode()).get((name, ()), 0)


def head(source, target, count):
    """The first messages of a prepared file."""
    with open(source, "rb") as data, open(target, "wb") as out:
        for _ in range(2 * count):
            length = data.read(4)
            out.write(length + data.read(struct.unpack("<I", length)[0]))


class Record:
    """What the double was asked."""

    def __init__(self, *files):
        rows = [line.split() for file in files for line in file.read_text().splitlines() if line.count(" ") == 4]
        self.rows = [(int(ns), method, channel, where, name) for ns, method, channel, where, name in rows]

    def cards(self):
        """How often each alarm has its own message in the channel: {name: count}."""
        return collections.Counter(name for _, method, _, where, name in self.rows
                                   if method == "chat.postMessage" and where == "channel" and name != "-")

    def times(self, method):
        found = collections.defaultdict(list)
        for ns, what, channel, _, _ in self.rows:
            if what == method:
                found[channel].append(ns / 1e9)
        return found

    def broken(self):
        """The documented limits that were broken, as text."""
        wrong = []
        for channel, times in self.times("chat.postMessage").items():
            free_at = 0
            for at in times:
                free_at = max(free_at, at) + 1
                if free_at - at > BURST + 0.2:
                    wrong.append("%s: more than a post a second" % channel)
                    break
        edits = sorted(at for times in self.times("chat.update").values() for at in times)
        if any(later - earlier < 60 for earlier, later in zip(edits, edits[EDITS_A_MINUTE:])):
            wrong.append("more than %d edits a minute" % EDITS_A_MINUTE)
        return wrong


class Place:
    """A journal, and the double that its process talks to."""

    def __init__(self, bench, name, stack):
        self.bench, self.directory = bench, bench.directory / ("%s%d" % (name, bench.number))
        bench.number += 1
        self.stand = stack.enter_context(Stand(bench.tools, measures.OTHER_CORE))
        self.tocsin = self.port = None
        self.files = []

    def start(self, scale, look_every_s=0.02):
        """Seconds until it is ready."""
        began = time.monotonic()
        self.tocsin = Tocsin(self.bench.options.tocsin, self.directory, self.stand, self.bench.material, measures.SUBJECT_CORE,
                             scale)
        self.port = self.tocsin.ready(look_every_s)
        return time.monotonic() - began

    def record(self):
        self.files.append(self.bench.directory / ("record%d" % self.bench.number))
        self.bench.number += 1
        self.stand.ask("record", self.files[-1])

    def seen(self):
        return Record(*self.files)

    def stop(self):
        self.tocsin.stop()

    def kill(self):
        self.tocsin.process.kill()
        self.tocsin.stop()

    def load(self, file, *rate):
        got = run_json(measures.OTHER_CORE, self.bench.tools / "load", self.port, file, measures.CONNECTIONS, *rate)
        if got["statuses"] != {"200": got["count"]}:
            raise BenchError("not every message was answered 200: %s" % got["statuses"])
        return got

    def wait_posted(self, count):
        """Each alarm has its message, and nothing is at work."""
        end = time.monotonic() + REST_S
        while len(self.seen().cards()) < count or metric(self.port, "tocsin_flows") > 0:
            if time.monotonic() > end:
                raise BenchError("%d of %d alarms have a message after %d s" % (len(self.seen().cards()), count, REST_S))
            time.sleep(0.5)

    def resident_mib(self):
        return status_kib(self.tocsin.pid, "VmRSS") / 1024

    def close(self):
        if self.tocsin is not None:
            self.tocsin.stop()


def opened(bench, name, count, stack):
    """A place with so many open incidents, each with its message, running at the pace of the measurements; and its memory
    while and after it has opened them."""
    place = Place(bench, name, stack)
    stack.callback(place.close)
    file = bench.directory / name
    head(bench.material.directory / "many", file, count)
    place.record()
    place.start(SEED_SCALE)
    place.load(file)
    place.wait_posted(count)
    resident = place.resident_mib()
    place.stop()
    place.start(measures.LATENCY_SCALE)
    return place, resident


def series(place, turn):
    """Times of one series, in µs."""
    bench = place.bench
    single = bench.material.directory / "single"
    alarms = place.stand.ask("alarms", SERIES, measures.ALARM_GAP_MS, bench.file(), place.port, single,
                             measures.WARM_UP + turn * SERIES)
    clicks = place.stand.ask("clicks", SERIES, measures.ALARM_GAP_MS, "-", 1 + turn * SERIES)
    return {"reply": alarms["reply_us"], "post": alarms["post_us"], "ack": clicks["ack_us"], "edit": clicks["edit_us"]}


def compared(few, many):
    """{kind: (median with few, with many)} in µs, asked by turns."""
    found = [collections.defaultdict(list), collections.defaultdict(list)]
    for place in (few, many):
        place.stand.ask("alarms", measures.WARM_UP, measures.ALARM_GAP_MS, "-", place.port,
                        place.bench.material.directory / "single", 0)
    for turn in range(TURNS):
        for place, into in zip((few, many), found):
            for kind, times in series(place, turn).items():
                into[kind] += times
    return {kind: tuple(statistics.median(f[kind]) for f in found) for kind in found[0]}


def recovered(many):
    """kill -9, start: seconds until it is ready, and until the first alarm is in the chat."""
    many.kill()
    ready_s = many.start(measures.LATENCY_SCALE, 0.002)
    single = many.bench.material.directory / "single"
    first = many.stand.ask("alarms", 1, 0, "-", many.port, single, measures.WARM_UP + TURNS * SERIES)
    return ready_s, ready_s + first["post_us"][0] / 1e6


def storm(bench, count, stack):
    place = Place(bench, "storm", stack)
    stack.callback(place.close)
    place.record()
    place.start(None)
    got = place.load(bench.material.directory / "many", max(1, count // STORM_S))
    posts = sorted(ns for ns, method, _, _, _ in place.seen().rows if method == "chat.postMessage")
    figures = {"first_s": (posts[0] - got["started_ns"]) / 1e9, "answer_p99_ms": sorted(got["took_us"])[count * 99 // 100] / 1000,
               "peak_mib": status_kib(place.tocsin.pid, "VmHWM") / 1024}
    broken = place.seen().broken()
    place.kill()
    place.record()
    place.start(SEED_SCALE)
    place.wait_posted(count)
    cards = place.seen().cards()
    doubled = sum(cards.values()) - len(cards)
    return {**figures, "broken": len(broken), "lost": count - len(cards), "doubled": max(0, doubled - IN_FLIGHT)}


def scale(bench):
    """Resident memory, recovery, and times with many and with few open incidents; a storm."""
    count = bench.options.incidents
    with contextlib.ExitStack() as stack:
        few, _ = opened(bench, "few", FEW, stack)
        many, resident = opened(bench, "full", count, stack)
        figures = {"mib": max(resident, many.resident_mib())}
        for kind, (with_few, with_many) in compared(few, many).items():
            figures.update({kind + "_us": with_many, kind + "_ratio": with_many / with_few})
        figures["ready_s"], figures["handled_s"] = recovered(many)
        few.stop()
        many.stop()
        figures.update({"storm_" + name: value for name, value in storm(bench, count, stack).items()})
    return figures
