"""Invented metrics of a shop, as they would be: for the demo and for tests. Seeded: the same every time.

Each function gives values for the `count` buckets of `step` seconds that end at `end` (seconds since 1970).
"""
import math
import random

DAY = 86400


def times(end, step, count):
    end -= end % step
    return [end - (count - n) * step for n in range(count)]


def hour(at):
    return at % DAY / 3600


def is_weekend(at):
    return int(at // DAY + 4) % 7 in (0, 6)      # 1 January 1970 was a Thursday


def requests(at, rng):
    """Few at night, many by day, fewer at weekends."""
    by_day = 1 - math.cos((hour(at) - 3) / 24 * 2 * math.pi)
    return max(0, round((40 + 300 * by_day * (0.6 if is_weekend(at) else 1)) * (1 + rng.gauss(0, 0.06))))


def latency(at, rng):
    """Seconds to the answer: hardly moves."""
    return round(0.12 + 0.01 * math.sin(hour(at) / 24 * 2 * math.pi) + abs(rng.gauss(0, 0.008)), 4)


def cpu(at, rng):
    """Per cent, with a batch from 05:00 to 05:25 UTC on weekdays."""
    batch = 45 if 5 <= hour(at) < 5.4 and not is_weekend(at) else 0
    return round(min(100.0, 18 + 6 * (1 - math.cos((hour(at) - 3) / 24 * 2 * math.pi)) + batch + abs(rng.gauss(0, 1.2))), 2)


def make(function, end, step=300, days=15, seed=7, change=None):
    """[(time, value)]; change(at, value) gives another value, or None for no data."""
    rng = random.Random(seed)
    points = [(at, function(at, rng)) for at in times(end, step, int(days * DAY // step))]
    if change is not None:
        points = [(at, change(at, value)) for at, value in points]
    return [(at, value) for at, value in points if value is not None]


def slow_since(begin, end, seconds):
    """A change for make(): that much more within [begin, end)."""
    return lambda at, value: round(value + seconds, 4) if begin <= at < end else value
