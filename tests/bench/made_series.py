"""Series as operators see them, made from a seed: what an alarm belongs to is known, because it was put there.

Each maker gives a Made: rows of (Unix seconds, value or None) and the episodes a person would want to hear of, as pairs of
rows. Kinds without an episode are the test of silence.
"""
import collections
import datetime
import math
import random

Made = collections.namedtuple("Made", "name rows episodes")
MONDAY = int(datetime.datetime(2026, 3, 2, tzinfo=datetime.timezone.utc).timestamp())
DAY = 86400


def poisson(rng, mean):
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


class Maker:
    """A series under construction: values on a grid, episodes added to them."""

    def __init__(self, kind, seed, step=300, days=14):
        self.kind = kind
        self.rng = random.Random(f"{kind} {seed}")
        self.step = step
        self.count = int(days * DAY / step)
        self.values = [0.0] * self.count
        self.episodes = []

    def fill(self, function):
        """function(rng, time of day 0 ... 1, day number, row)"""
        for i in range(self.count):
            at = i * self.step
            self.values[i] = function(self.rng, at % DAY / DAY, at // DAY, i)
        return self

    def somewhere(self, first=0.3, last=0.97):
        """A row in this part of the series, away from other episodes."""
        for _ in range(1000):
            row = self.rng.randrange(int(first * self.count), int(last * self.count))
            if all(abs(row - begin) > self.count // 20 for begin, _ in self.episodes):
                return row
        raise ValueError("no room left")

    def at_hour(self, hour, first=0.3, last=0.95):
        per_day = DAY // self.step
        day = self.rng.randrange(int(first * self.count / per_day) + 1, int(last * self.count / per_day))
        return day * per_day + int(hour * 3600 / self.step)

    def episode(self, row, length, change):
        """change(value) for the rows from row on."""
        for i in range(row, min(row + length, self.count)):
            self.values[i] = change(self.values[i])
        self.episodes.append((row, min(row + length, self.count) - 1))
        return self

    def made(self):
        rows = [(MONDAY + i * self.step, value) for i, value in enumerate(self.values)]
        return Made(self.kind, rows, sorted(self.episodes))


def bell(t, middle, width):
    apart = min(abs(t - middle), 1 - abs(t - middle))
    return math.exp(-0.5 * (apart / width) ** 2)


def day_wave(t):
    return math.sin(2 * math.pi * (t - 0.3))


def noise(seed):
    return Maker("noise", seed).fill(lambda r, t, d, i: r.gauss(50, 4)).made()


def noise_spikes(seed):
    """Three spikes of the same size: the second and third are news too."""
    m = Maker("noise_spikes", seed).fill(lambda r, t, d, i: r.gauss(50, 4))
    for _ in range(3):
        m.episode(m.somewhere(), 1, lambda v: v + 48)
    return m.made()


def noise_dips(seed):
    m = Maker("noise_dips", seed).fill(lambda r, t, d, i: r.gauss(50, 4))
    for _ in range(2):
        m.episode(m.somewhere(), 6, lambda v: v - 36)
    return m.made()


def season(seed):
    return Maker("season", seed).fill(lambda r, t, d, i: 100 + 40 * day_wave(t) + r.gauss(0, 4)).made()


def season_spikes(seed):
    m = Maker("season_spikes", seed).fill(lambda r, t, d, i: 100 + 40 * day_wave(t) + r.gauss(0, 4))
    for _ in range(3):
        m.episode(m.somewhere(), 2, lambda v: v + 60)
    return m.made()


def season_hidden(seed):
    """At night as much as at noon: inside the range of all values, but wrong at that hour."""
    m = Maker("season_hidden", seed).fill(lambda r, t, d, i: 100 + 40 * day_wave(t) + r.gauss(0, 3))
    m.episode(m.at_hour(1, 0.4), 6, lambda v: v + 70)
    return m.made()


def level_shift(seed):
    m = Maker("level_shift", seed).fill(lambda r, t, d, i: r.gauss(20, 1.5))
    row = m.somewhere(0.5, 0.8)
    return m.episode(row, m.count, lambda v: v + 15).made()


def level_shift_season(seed):
    m = Maker("level_shift_season", seed).fill(lambda r, t, d, i: 100 + 20 * day_wave(t) + r.gauss(0, 3))
    row = m.somewhere(0.5, 0.8)
    return m.episode(row, m.count, lambda v: v - 45).made()


def level_shift_small(seed):
    """By three standard deviations: no single value shows it."""
    m = Maker("level_shift_small", seed).fill(lambda r, t, d, i: r.gauss(20, 1.5))
    row = m.somewhere(0.5, 0.8)
    return m.episode(row, m.count, lambda v: v + 4.5).made()


def slow_hours(seed):
    """Latency half as much again for three hours, in its daily rhythm."""
    m = Maker("slow_hours", seed).fill(lambda r, t, d, i: (0.2 + 0.08 * day_wave(t)) * r.lognormvariate(0, 0.08))
    return m.episode(m.somewhere(0.4), 36, lambda v: v * 1.6).made()


def noise_storm(seed):
    """For an hour four times as restless."""
    m = Maker("noise_storm", seed).fill(lambda r, t, d, i: r.gauss(50, 4))
    return m.episode(m.somewhere(), 12, lambda v: 50 + (v - 50) * 4).made()


def requests_minutes(seed):
    """1 min steps, a week; ten minutes without an answer."""
    m = Maker("requests_minutes", seed, 60, 7).fill(lambda r, t, d, i: requests(r, t, 0, 80))
    return m.episode(m.at_hour(14, 0.5), 10, lambda v: 0.0).made()


def jittery_batch(seed):
    """Every six hours, a quarter of an hour early or late, of very different size."""
    m = Maker("jittery_batch", seed)
    starts = [72 * k + m.rng.randrange(-3, 4) for k in range(57)]
    rows = {s + j: m.rng.uniform(0.5, 1) for s in starts for j in range(4)}
    return m.fill(lambda r, t, d, i: 1e6 * r.uniform(0.9, 1.1) + 4e8 * rows.get(i, 0)).made()


def nightly_batch(seed):
    """At 02:00 for half an hour, not to the minute and not of one size."""
    m = Maker("nightly_batch", seed)
    late = [m.rng.randrange(-2, 3) for _ in range(15)]
    load = [m.rng.uniform(50, 70) for _ in range(15)]

    def value(r, t, d, i):
        slot = i % 288
        return r.gauss(10, 1) + (load[d] if 24 + late[d] <= slot < 30 + late[d] else 0)
    return m.fill(value).made()


def nightly_batch_short(seed):
    """One point a night."""
    return Maker("nightly_batch_short", seed).fill(
        lambda r, t, d, i: r.gauss(10, 1) + (r.uniform(40, 50) if i % 288 == 36 else 0)).made()


def nightly_batch_failure(seed):
    """The batch comes every night, and one day something else takes the machine."""
    m = Maker("nightly_batch_failure", seed).fill(
        lambda r, t, d, i: r.gauss(10, 1) + (r.uniform(40, 50) if 24 <= i % 288 < 30 else 0))
    return m.episode(m.at_hour(14, 0.4), 12, lambda v: 95).made()


def weekly_batch(seed):
    """Sundays only, four weeks: the first two or three may surprise, but not the fourth."""
    return Maker("weekly_batch", seed, 900, 35).fill(
        lambda r, t, d, i: r.gauss(30, 2) + (30 if d % 7 == 6 and 0.1 < t < 0.15 else 0)).made()


def sparse(seed):
    return Maker("sparse", seed).fill(lambda r, t, d, i: float(poisson(r, 0.02))).made()


def sparse_storm(seed):
    m = Maker("sparse_storm", seed).fill(lambda r, t, d, i: float(poisson(r, 0.02)))
    return m.episode(m.somewhere(), 6, lambda v: v + 25).made()


def bursty(seed):
    """Mostly nothing, in 3 % of the rows something of very different size."""
    return Maker("bursty", seed).fill(lambda r, t, d, i: r.lognormvariate(8, 0.8) if r.random() < 0.03 else 0.0).made()


def heavy_tail(seed):
    return Maker("heavy_tail", seed).fill(lambda r, t, d, i: r.lognormvariate(-2, 0.6)).made()


def latency_incident(seed):
    m = Maker("latency_incident", seed).fill(lambda r, t, d, i: 0.12 + r.gammavariate(3, 0.012) + 0.03 * day_wave(t))
    return m.episode(m.somewhere(), 9, lambda v: v * 4).made()


def constant(seed):
    return Maker("constant", seed).fill(lambda r, t, d, i: 42.0).made()


def constant_change(seed):
    m = Maker("constant_change", seed).fill(lambda r, t, d, i: 3.0)
    return m.episode(m.somewhere(0.4, 0.8), m.count, lambda v: 2.0).made()


def requests(r, t, d, level):
    week = 0.45 if d % 7 >= 5 else 1.0
    return float(poisson(r, level * week * (0.25 + bell(t, 0.6, 0.14))))


def request_week(seed):
    return Maker("request_week", seed, days=21).fill(lambda r, t, d, i: requests(r, t, d, 400)).made()


def request_outage(seed):
    m = Maker("request_outage", seed, days=21).fill(lambda r, t, d, i: requests(r, t, d, 400))
    return m.episode(m.at_hour(13, 0.6), 6, lambda v: 0.0).made()


def request_rush(seed):
    m = Maker("request_rush", seed, days=21).fill(lambda r, t, d, i: requests(r, t, d, 400))
    return m.episode(m.at_hour(15, 0.5), 12, lambda v: v * 2.5).made()


def request_hourly(seed):
    """1 h steps, six weeks."""
    m = Maker("request_hourly", seed, 3600, 42).fill(lambda r, t, d, i: requests(r, t, d, 4000))
    return m.episode(m.at_hour(13, 0.5), 2, lambda v: v * 0.05).made()


def season_hourly(seed):
    return Maker("season_hourly", seed, 3600, 42).fill(lambda r, t, d, i: requests(r, t, d, 4000)).made()


def season_minutes(seed):
    """1 min steps, four days."""
    m = Maker("season_minutes", seed, 60, 4).fill(lambda r, t, d, i: 100 + 40 * day_wave(t) + r.gauss(0, 4))
    m.episode(m.somewhere(0.5), 10, lambda v: v + 50)
    return m.made()


def minutes_quiet(seed):
    return Maker("minutes_quiet", seed, 60, 4).fill(lambda r, t, d, i: 100 + 40 * day_wave(t) + r.gauss(0, 4)).made()


def trend(seed):
    return Maker("trend", seed).fill(lambda r, t, d, i: 30 + i * 0.01 + r.gauss(0, 1)).made()


def trend_spike(seed):
    m = Maker("trend_spike", seed).fill(lambda r, t, d, i: 30 + i * 0.01 + r.gauss(0, 1))
    return m.episode(m.somewhere(), 2, lambda v: v + 14).made()


def sawtooth(seed):
    """Memory that fills and is freed, in its own rhythm."""
    m = Maker("sawtooth", seed)
    level = [300.0]

    def value(r, t, d, i):
        level[0] += r.uniform(0, 4)
        if level[0] > 700 + r.gauss(0, 15):
            level[0] = 300 + r.gauss(0, 10)
        return level[0]
    return m.fill(value).made()


def wandering(seed):
    """Autocorrelated noise: an hour is like the hour before."""
    m = Maker("wandering", seed)
    level = [0.0]

    def value(r, t, d, i):
        level[0] = 0.97 * level[0] + r.gauss(0, 1)
        return 60 + level[0]
    return m.fill(value).made()


def wandering_spike(seed):
    m = Maker("wandering_spike", seed)
    level = [0.0]

    def value(r, t, d, i):
        level[0] = 0.97 * level[0] + r.gauss(0, 1)
        return 60 + level[0]
    m.fill(value)
    return m.episode(m.somewhere(), 3, lambda v: v + 25).made()


def few_values(seed):
    """A count of instances: 2, 3 or 4 by the hour."""
    return Maker("few_values", seed).fill(lambda r, t, d, i: float(2 + (t > 0.3) + (0.4 < t < 0.7))).made()


def few_values_lost(seed):
    m = Maker("few_values_lost", seed).fill(lambda r, t, d, i: float(2 + (t > 0.3) + (0.4 < t < 0.7)))
    return m.episode(m.somewhere(), 5, lambda v: 0.0).made()


def short_quiet(seed):
    return Maker("short_quiet", seed, 300, 50 / 288).fill(lambda r, t, d, i: r.gauss(12, 1)).made()


def short_spike(seed):
    m = Maker("short_spike", seed, 300, 50 / 288).fill(lambda r, t, d, i: r.gauss(12, 1))
    return m.episode(m.rng.randrange(36, 48), 2, lambda v: v + 20).made()


def without_rows(made, rng, share):
    """Some rows absent, one night absent altogether, some values empty."""
    kept, place = [], {}
    for i, (at, value) in enumerate(made.rows):
        in_episode = any(first <= i <= last for first, last in made.episodes)
        if not in_episode and (rng.random() < share or 1500 <= i < 1600):
            continue
        place[i] = len(kept)
        kept.append((at, value if in_episode or rng.random() > share else None))
    return Made(made.name, kept, [(place[first], place[last]) for first, last in made.episodes])


def gaps(seed):
    made = season_spikes(f"gaps {seed}")
    return without_rows(made._replace(name="gaps"), random.Random(seed), 0.05)


def gaps_quiet(seed):
    made = season(f"gaps {seed}")
    return without_rows(made._replace(name="gaps_quiet"), random.Random(seed), 0.05)


def clock_change(seed):
    """Local times written as UTC: an hour is missing, and one day later twelve rows carry the same time."""
    made = season(f"clock {seed}")
    rows = []
    for i, (at, value) in enumerate(made.rows):
        if 2000 <= i < 2012:
            at = made.rows[2012][0]
        rows.append((at + (3600 if i >= 2200 else 0), value))
    return Made("clock_change", rows, [])


def tiny_negative(seed):
    made = season_spikes(f"tiny {seed}")
    return Made("tiny_negative", [(at, -1e-7 * value) for at, value in made.rows], made.episodes)


def huge(seed):
    made = noise_spikes(f"huge {seed}")
    return Made("huge", [(at, 1e15 + 1e13 * value) for at, value in made.rows], made.episodes)


MAKERS = [noise, noise_spikes, noise_dips, season, season_spikes, season_hidden, level_shift, level_shift_season,
          level_shift_small, slow_hours, noise_storm, requests_minutes, jittery_batch, nightly_batch, nightly_batch_short, nightly_batch_failure, weekly_batch, sparse, sparse_storm, bursty,
          heavy_tail, latency_incident, constant, constant_change, request_week, request_outage, request_rush,
          request_hourly, season_hourly, season_minutes, minutes_quiet, trend, trend_spike, sawtooth, wandering,
          wandering_spike, few_values, few_values_lost, short_quiet, short_spike, gaps, gaps_quiet, clock_change,
          tiny_negative, huge]


def suite(seeds):
    return [maker(seed) for maker in MAKERS for seed in seeds]


def text(made):
    lines = ["timestamp,value"]
    for at, value in made.rows:
        lines.append(f"{at},{'' if value is None else repr(value)}")
    return "\n".join(lines) + "\n"


def learning_rows(rows):
    """Alarms this early count neither for nor against: nothing can be known yet."""
    return max(20, int(0.2 * rows)) if rows < 200 else int(0.2 * rows)


def judge(made, flags, slack=3):
    """(episodes found, flags outside of all). A flag up to `slack` rows behind an episode still belongs to it: its end."""
    first_row = learning_rows(len(made.rows))
    flags = [row for row in flags if row >= first_row]
    found = sum(any(first <= row <= last + slack for row in flags) for first, last in made.episodes)
    outside = sum(not any(first <= row <= last + slack for first, last in made.episodes) for row in flags)
    return found, outside
