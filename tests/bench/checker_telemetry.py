"""A third world, told by another writer: devices send telemetry, a store throttles, a backlog grows. It is given as briefing_evidence.c gives
it: what stands in the model's text of each series, the hours before the range too, coarser means, findings, results of tools.

Written before the mends of the check that it measured; docs/ANSWERS.md says what it showed.
"""
import datetime
import math
import random
import statistics
import zoneinfo

from tests.bench.checker_templates import Slot, digits, grouped, name_slot, start, time_slot

MINUTE = 60_000
STEP = 5 * MINUTE
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ZONES = ["UTC", "America/Chicago", "Europe/Madrid", "Asia/Kolkata", "Australia/Sydney"]


class Line:
    """One series: title, unit, and its values from `start` on; the range begins at from_index."""

    def __init__(self, key, title, unit, load, latency, values, start_, from_index):
        self.key, self.title, self.unit, self.load, self.latency = key, title, unit, load, latency
        self.values, self.start, self.from_index = values, start_, from_index

    def judged(self):
        return self.values[self.from_index:]

    def time(self, i):
        return self.start + i * STEP

    def index(self, ms):
        return int((ms - self.start) // STEP)

    def peak(self):
        return max(range(self.from_index, len(self.values)), key=lambda i: self.values[i])

    def low(self):
        return min(range(self.from_index, len(self.values)), key=lambda i: self.values[i])


class World:
    def __init__(self, seed):
        r = self.random = random.Random(seed * 31 + 5)
        self.zone_name = r.choice(ZONES)
        self.zone = zoneinfo.ZoneInfo(self.zone_name)
        day = datetime.datetime(2026, r.randint(1, 12), r.randint(1, 28), r.randint(9, 22), r.choice([0, 10, 20, 45]), tzinfo=self.zone)
        self.now = self.until = int(day.timestamp() * 1000) // STEP * STEP
        self.hours = r.choice([3, 4, 6, 8])
        self.from_ = self.until - self.hours * HOUR
        self.before = self.from_ - self.hours * HOUR
        self.start = self.from_ - 4 * DAY
        span = (self.until - self.from_) // STEP
        self.begin = self.from_ + r.randint(8, span // 2 - 4) * STEP
        self.end = self.begin + r.randint(4, span // 2 - 6) * STEP
        self.change_at = self.begin - r.randint(3, 24) * MINUTE
        self.alarm_at = self.begin + r.randint(6, 14) * MINUTE
        self.alarm = r.choice(["decoder-iterator-age", "registry-throttles", "gateway-ttfb-p95"])
        self.calm_alarm = "archive-growth-forecast"
        self.person = r.choice(["priya", "tomas", "ci-runner", "wen"])
        self.fleet = r.choice(["decoder-fleet", "decoder-blue"])
        self.host = "i-0" + "".join(r.choice("0123456789abcdef") for _ in range(16))
        self.lines_of_log = r.randint(120, 4800)
        self.of_shard = int(self.lines_of_log * r.uniform(0.2, 0.9))
        self.limit = r.choice([20, 30, 45])
        self.age_limit = r.choice([60, 90, 120])
        self.findings = []
        self.make()
        self.series = list(self.by.values())

    def hit(self, at):
        """How far an incident is: 0 before and after, about 1 within."""
        return 1 if self.begin <= at < self.end else 0

    def make(self):
        r = self.random
        bad, ttfb, payloads = r.uniform(2.5, 9), r.uniform(60, 240), r.uniform(3e3, 2.4e4)
        cpu, free, sessions, stored = r.uniform(18, 45), r.uniform(2e9, 9e9), r.uniform(8e3, 9e4), r.uniform(2e11, 9e11)
        hits, throttled, rejected, age = r.uniform(88, 97), r.uniform(40, 900), r.uniform(0.02, 0.12), r.uniform(1.2, 4)
        grows = r.uniform(1e8, 9e8)
        day = lambda at: 1 + 0.2 * math.sin(2 * math.pi * at / DAY + 1)
        noise = lambda n: 1 + r.gauss(0, n)
        made = {
            "ttfb": ("Gateway time to first byte", "Milliseconds", False, True, lambda at, i: round(ttfb * noise(0.04) * (bad if self.hit(at) else 1), 2)),
            "payloads": ("Gateway accepted payloads", "Count", True, False, lambda at, i: round(payloads * day(at) * noise(0.02))),
            "rejected": ("Gateway rejected payloads", "Count", False, False,
                         lambda at, i: round(payloads * rejected * noise(0.2)) if self.hit(at) else 0),
            "throttles": ("Registry table write throttles", "Count", False, False,
                          lambda at, i: round(throttled * noise(0.25)) + 1 if self.hit(at) else 0),
            "age": ("Decoder iterator age", "Seconds", False, False,
                    lambda at, i: round(age * noise(0.1) + (self.hit(at) and (at - self.begin) / 1000 * 0.4 + 150), 1)),
            "cpu": ("Decoder CPU", "Percent", False, False, lambda at, i: round(min(98.5, cpu * day(at) * noise(0.04) * (1.9 if self.hit(at) else 1)), 1)),
            "free": ("Decoder free memory", "Bytes", False, False, lambda at, i: round(free * noise(0.004) * (1 - 0.45 * max(0, (at - self.from_)) / (self.until - self.from_)))),
            "hits": ("Edge cache hit ratio", "Percent", False, False, lambda at, i: round(hits * noise(0.004) - (31 * noise(0.05) if self.hit(at) else 0), 1)),
            "sessions": ("Device sessions", "Count", False, False, lambda at, i: round(sessions * day(at) * noise(0.01) * (0.7 if self.hit(at) else 1))),
            "stored": ("Archive stored bytes", "Bytes", False, False, lambda at, i: round(stored + grows * i / 12)),
        }
        count, from_index = (self.until - self.start) // STEP, (self.from_ - self.start) // STEP
        self.by = {key: Line(key, title, unit, load, latency, [f(self.start + i * STEP, i) for i in range(count)], self.start, from_index)
                   for key, (title, unit, load, latency, f) in made.items()}

    def local(self, ms):
        return datetime.datetime.fromtimestamp(ms / 1000, self.zone)

    def clock(self, ms):
        return self.local(ms).strftime("%H:%M")

    def stamp(self, ms):
        return self.local(ms).strftime("%a %-d %b %H:%M")

    def usual(self, line):
        """Of the same hours of the days before."""
        count = (self.until - self.from_) // STEP
        values = []
        for days in range(1, 5):
            first = line.from_index - days * DAY // STEP
            values += line.values[max(0, first):first + count]
        return values

    def summary(self, line):
        values, usual = line.judged(), sorted(self.usual(line))
        q = lambda v: quantity_text(v, line.unit)
        low, high = usual[int(0.05 * (len(usual) - 1))], usual[int(0.95 * (len(usual) - 1))]
        return [f"{line.title} in the range: least {q(min(values))} at {self.clock(line.time(line.low()))}, greatest {q(max(values))} at "
                f"{self.clock(line.time(line.peak()))}, mean {q(statistics.fmean(values))}, last {q(values[-1])} at {self.clock(self.until - STEP)}",
                f"{line.title} usual at these hours: median {q(statistics.median(usual))}, 9 of 10 values {q(low)} to {q(high)}"]

    def tools(self):
        clock = lambda ms: self.local(ms).strftime("%Y-%m-%d %H:%M")
        yield (f"{clock(self.change_at)} UpdateFunctionConfiguration by {self.person} on {self.fleet}\n"
               f"{clock(self.change_at - 3 * HOUR)} PutRetentionPolicy by ops-nightly on /telemetry/edge")
        yield (f"alarm {self.alarm}: ALARM since {self.stamp(self.alarm_at)}: Threshold Crossed: 3 out of the last 5 datapoints were greater than "
               f"the threshold ({self.limit}.0)\nalarm {self.calm_alarm}: OK")
        yield (f"{self.lines_of_log} records matched, newest first\nshard 7: {self.of_shard} records\nother shards: "
               f"{self.lines_of_log - self.of_shard} records")

    def lines(self):
        yield ["zone", self.zone_name]
        for s in self.series:
            yield ["name", s.title]
        for s in self.series:
            text = "\n".join(self.summary(s))
            if s.key == "age":
                text += f"\n{s.title} normal: below {quantity_text(self.age_limit, 'Seconds')}"
            yield ["text", text]
            yield ["series", s.title, s.unit, s.start, STEP, self.before, self.until, int(s.load), int(s.latency), ",".join(map(repr, s.values))]
            yield ["means", s.title, s.unit, s.start, STEP, self.from_, self.until, ",".join(map(repr, s.values))]
            means = [statistics.fmean(s.values[i:i + 3]) for i in range(s.from_index, len(s.values), 3)]
            yield ["means", s.title, s.unit, self.from_, 3 * STEP, self.from_, self.until, ",".join(map(repr, means))]
        for text in self.tools():
            yield ["text", text]
        yield ["reason", f"{self.clock(self.change_at)} UpdateFunctionConfiguration by {self.person} on {self.fleet}"]
        for name in (self.alarm, self.calm_alarm, self.fleet, self.host):
            yield ["name", name]
        yield ["text", "what happened to telemetry?"]
        for at in (self.now, self.from_, self.until):
            yield ["time", at]
        yield ["findings", self.from_, self.until]


def quantity_text(value, unit):
    """As bot/finding_quantity writes it, nearly."""
    def number(v):
        a = abs(v)
        text = f"{v:.3g}" if 0 < a < 1 else f"{v:,.0f}" if a >= 999.5 else f"{v:.{0 if a >= 99.95 else 1 if a >= 9.995 else 2}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if unit in ("Seconds", "Milliseconds"):
        s = value if unit == "Seconds" else value / 1000
        return "0 s" if s == 0 else number(s / 60) + " min" if s >= 600 else number(s) + " s" if s >= (0.1 if unit == "Seconds" else 1) else number(s * 1000) + " ms"
    if unit == "Bytes":
        factor, name = next((f, n) for f, n in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1, "B")) if abs(value) >= f or f == 1)
        return f"{number(value / factor)} {name}"
    return number(value) + (" %" if unit == "Percent" else "")


# --- how this writer puts figures ----------------------------------------------------------------------------

def say(line, value, count=3):
    """A value of the line as a slot."""
    unit = line.unit
    if unit == "Milliseconds":
        if value < 1000:
            return Slot("figure", value / 1000, lambda v: f"{digits(v * 1000, count)}ms", "ms")
        return Slot("figure", value / 1000, lambda v: f"{digits(v, count)} s", "s")
    if unit == "Seconds":
        if value >= 600:
            return Slot("figure", value, lambda v: f"{digits(v / 60, count)} min", "s")
        return Slot("figure", value, lambda v: f"{digits(v, count)} s", "s")
    if unit == "Percent":
        return Slot("figure", value, lambda v: f"{digits(v, count)} %", "%")
    if unit == "Bytes":
        return Slot("figure", value, lambda v: f"{digits(v / 1e9, count)} GB", "GB")
    return whole(value)


def whole(value):
    return Slot("figure", value, lambda v: grouped(f"{v:.0f}"), "plain")


def per_cent(value):
    return Slot("percent", value, lambda v: f"{digits(v, 2)} %", "%")


def fold(value, write):
    return Slot("ratio", value, lambda v: write.format(digits(v, 2)), "x")


def minutes(value, write="{} minutes"):
    return Slot("duration", value, lambda v: write.format(f"{v:.0f}"), "min")


def at(w, ms, holds=None):
    slot = time_slot(w, ms)
    slot.holds = holds or (lambda other: False)
    return slot


def at_value(w, line, i, slot):
    """The time of a value; another with the same one, or the bucket that ends then, is as true."""
    def holds(ms):
        k = line.index(ms)
        return any(0 <= j < len(line.values) and slot.write(scaled(line, line.values[j])) == slot.text for j in (k, k - 1))
    return at(w, line.time(i), holds)


def scaled(line, value):
    return value / 1000 if line.unit == "Milliseconds" else value


NAMES = {"ttfb": ["Gateway time to first byte", "the gateway's time to first byte", "TTFB"],
         "payloads": ["accepted payloads", "Gateway accepted payloads"],
         "rejected": ["rejected payloads", "Gateway rejected payloads"],
         "throttles": ["write throttles", "Registry write throttles", "Registry table write throttles"],
         "age": ["iterator age", "the decoder's iterator age"], "cpu": ["decoder CPU", "CPU on the decoders"],
         "free": ["free memory", "the decoders' free memory"], "hits": ["cache hit ratio", "the edge cache's hit ratio"],
         "sessions": ["device sessions", "Device sessions"], "stored": ["Archive stored bytes", "the archive's stored bytes"]}


def called(w, line):
    return w.random.choice(NAMES[line.key])


def any_line(w, keys="ttfb payloads cpu free hits sessions age rejected throttles"):
    return w.by[w.random.choice(keys.split())]


def usual_of(w, line):
    return statistics.median(w.usual(line))
