"""Worlds for the bench of the check: services with metrics of a week, an incident, findings by the real code, alarms, a deploy.

What the check is given is what a model is given: series, findings, a text with tables, alarms, changes.
"""
import math
import random
import zoneinfo
import datetime

MINUTE = 60_000
STEP = 5 * MINUTE
DAY = 24 * 60 * MINUTE
ZONES = ["UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "America/Sao_Paulo"]
SHOPS = ["checkout", "orders", "payments", "search", "cart", "catalog", "shipping", "login"]
# title, unit, level, daily swing, noise, load, latency, what an incident does to it
KINDS = [
    ("{s} target response time", "Seconds", 0.18, 0.25, 0.05, False, True, (2.5, 8)),
    ("{s} requests", "Count", 5200, 0.6, 0.03, True, False, (1.5, 3)),
    ("{s} CPU", "Percent", 31, 0.4, 0.05, False, False, (1.8, 2.6)),
    ("{s} memory", "Percent", 55, 0.05, 0.01, False, False, (1.1, 1.4)),
    ("{s} 5xx errors", "Count", 14, 0.3, 0.25, False, False, (8, 40)),
    ("{s} queue length", "Count", 120, 0.4, 0.1, False, False, (3, 12)),
    ("{s} network out", "Bytes", 8.4e8, 0.5, 0.05, False, False, (1.5, 2.5)),
    ("{s} database connections", "Count", 84, 0.3, 0.05, False, False, (1.5, 3)),
    ("{s} p99 latency", "Milliseconds", 420, 0.3, 0.08, False, True, (2, 6)),
    ("CPUUtilization {i} (Average)", "Percent", 24, 0.3, 0.06, False, False, (2, 3.4)),
]


class Series:
    def __init__(self, title, unit, load, latency, start, values):
        self.title, self.unit, self.load, self.latency, self.start, self.values = title, unit, load, latency, start, values
        self.from_index = 0

    def judged(self):
        return self.values[self.from_index:]

    def time(self, i):
        return self.start + i * STEP


class World:
    """Everything is made from the seed."""

    def __init__(self, seed):
        r = self.random = random.Random(seed)
        self.zone_name = r.choice(ZONES)
        self.zone = zoneinfo.ZoneInfo(self.zone_name)
        day = datetime.datetime(2026, r.randint(1, 12), r.randint(1, 28), r.randint(8, 20), r.choice([0, 15, 30]), tzinfo=self.zone)
        self.now = int(day.timestamp() * 1000) // STEP * STEP
        self.until = self.now
        self.from_ = self.now - r.choice([6, 12, 24]) * 60 * MINUTE
        self.start = self.now - 8 * DAY
        shops = r.sample(SHOPS, r.choice([1, 2, 2, 3]))
        self.shops = shops
        self.instances = ["i-0" + "".join(r.choice("0123456789abcdef") for _ in range(16)) for _ in range(3)]
        kinds = r.sample(KINDS, r.randint(4, 7))
        self.incident_at = self.until - r.randint(8, (self.until - self.from_) // STEP - 6) * STEP
        self.incident_for = r.randint(3, 8)
        self.series = []
        for shop in shops:
            for kind in kinds:
                if "{i}" in kind[0] and shop != shops[0]:
                    continue
                self.series.append(self.make(kind, shop, shop == shops[0] and r.random() < 0.6))
        self.alarm = f"{shops[0]}-{r.choice(['latency', 'errors', 'cpu', 'queue'])}-high"
        self.other_alarm = f"{shops[-1]}-{r.choice(['5xx', 'memory', 'disk'])}-critical"
        self.alarm_at = self.incident_at + r.randint(3, 12) * MINUTE
        self.deploy_at = self.incident_at - r.randint(4, 25) * MINUTE
        self.version = f"v{r.randint(2, 90)}.{r.randint(0, 9)}.{r.randint(0, 20)}"
        self.deployer = r.choice(["alice", "deploy-bot", "marco"])
        self.answered = r.randint(100, 999)
        self.findings = []

    def make(self, kind, shop, affected):
        r = self.random
        title, unit, level, swing, noise, load, latency, blow = kind
        level *= math.exp(r.uniform(-0.9, 0.9)) if unit != "Percent" else r.uniform(0.6, 1.3)
        phase, values = r.uniform(0, 2 * math.pi), []
        factor = r.uniform(*blow)
        for i in range(int(8 * DAY // STEP)):
            at = self.start + i * STEP
            value = level * (1 + swing * math.sin(2 * math.pi * at / DAY + phase)) * (1 + r.gauss(0, noise))
            if affected and self.incident_at <= at < self.incident_at + self.incident_for * STEP:
                value *= factor * (1 + r.gauss(0, 0.06))
            value = max(value, 0)
            if unit == "Percent":
                value = min(value, 99.7)
            values.append(round(value) if unit == "Count" else round(value, 4) if unit != "Bytes" else round(value))
        made = Series(title.format(s=shop, i=self.instances[0]), unit, load, latency, self.start, values)
        made.from_index = int((self.from_ - self.start) // STEP)
        return made

    def local(self, ms):
        return datetime.datetime.fromtimestamp(ms / 1000, self.zone)

    def clock(self, ms):
        return self.local(ms).strftime("%H:%M")

    def table(self):
        """As a briefing writes it: one block a series, buckets of half an hour."""
        out = [f"Now: {self.day_clock(self.now)} ({self.zone_name}; all times are of this zone)"]
        for s in self.series:
            out += [f"title: {s.title}", f"unit: {s.unit}", "table of the range, one line for 30 min: time mean least greatest"]
            for i in range(s.from_index, len(s.values), 6):
                part = s.values[i:i + 6]
                out.append(f"{self.day_clock(s.time(i)) if i == s.from_index else self.clock(s.time(i))} "
                           f"{sum(part) / len(part):.4g} {min(part):.4g} {max(part):.4g}")
            out.append("")
        return "\n".join(out)

    def day_clock(self, ms):
        return self.local(ms).strftime("%a %-d %b %H:%M")

    def change(self):
        return f"{self.local(self.deploy_at).strftime('%Y-%m-%d %H:%M')} {self.deployer} deployed {self.shops[0]} {self.version}"

    def lines(self):
        yield ["zone", self.zone_name]
        for s in self.series:
            yield ["series", s.title, s.unit, s.start, STEP, self.from_, self.until, int(s.load), int(s.latency),
                   ",".join(repr(v) for v in s.values)]
        if self.random.random() < 0.6:
            yield ["text", self.table()]
        yield ["text", f"alarm {self.alarm} is ALARM since {self.day_clock(self.alarm_at)}: threshold crossed"]
        yield ["text", f"alarm {self.other_alarm} is OK"]
        for name in [self.alarm, self.other_alarm, *self.instances]:
            yield ["name", name]
        yield ["text", self.change()]
        yield ["reason", self.change()]
        yield ["text", f"log line: GET /{self.shops[0]} answered {self.answered} times with 503 on {self.instances[1]}"]
        yield ["time", self.now]
        yield ["findings", self.from_, self.until]
