"""How CloudWatch evaluates a metric alarm: samples in, state changes out.

Written from the CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data", and
from nothing else: a judge of bot/noise.c, which must not borrow from it. Once a minute the newest values are retrieved, more
than Evaluation Periods of them; when fewer are there than that, what lacks is filled in as TreatMissingData says.

The guide does not say how many values are retrieved, nor what becomes of an alarm whose few values all breach and are younger
than Datapoints to Alarm. Both are as docs/SUMMARY.md has them: two more than Evaluation Periods, but six minutes at least; and
the state stays.
"""
from .aws_cloudwatch import statistic

MINUTE = 60
EXTRA, LEAST_S = 2, 360
BREACH = {
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}


class Rules:
    """One alarm's setting: period (s), periods, datapoints, missing, threshold, operator, stat."""

    def __init__(self, period, periods, datapoints, missing, threshold, operator="GreaterThanThreshold", stat="Average"):
        self.period, self.periods, self.datapoints, self.missing = period, periods, datapoints, missing
        self.threshold, self.breach, self.stat = threshold, BREACH[operator], stat
        self.retrieved = max(periods + EXTRA, LEAST_S // period)

    def values(self, samples, at):
        """What is retrieved at a time: the newest first, None where there is nothing."""
        found = []
        for age in range(self.retrieved):
            end = at - age * self.period
            inside = [v for t in range(end - self.period, end, MINUTE) for v in samples.get(t, ())]
            found.append(statistic(self.stat, inside) if inside else None)
        return found

    def judge(self, values, state):
        """The state after an evaluation of these values."""
        real = [self.breach(v, self.threshold) for v in values if v is not None]
        if len(real) >= self.periods:
            return "ALARM" if sum(real[:self.periods]) >= self.datapoints else "OK"
        if self.missing in ("breaching", "notBreaching"):
            filled = real + [self.missing == "breaching"] * (self.periods - len(real))
            return "ALARM" if sum(filled) >= self.datapoints else "OK"
        if not real:
            return "INSUFFICIENT_DATA" if self.missing == "missing" else state
        if sum(real) >= self.datapoints:
            return "ALARM"
        if not all(real):
            return "OK"
        age_of_oldest = max(age for age, v in enumerate(values) if v is not None) + 1
        return "ALARM" if self.missing == "missing" and age_of_oldest >= self.datapoints else state


def samples_of(points):
    """{minute: [values]} of [(time, value)]."""
    samples = {}
    for at, value in points:
        samples.setdefault(int(at) // MINUTE * MINUTE, []).append(value)
    return samples


def changes(rules, samples, begin, end, state="INSUFFICIENT_DATA", every=MINUTE):
    """[(time, from, to)] of the evaluations in (begin, end]. samples: {time: [values]}, times on whole minutes."""
    found = []
    for at in range(begin + every, end + 1, every):
        new = rules.judge(rules.values(samples, at), state)
        if new != state:
            found.append((at, state, new))
        state = new
    return found


def firings(found, end):
    """[(from, to)] in ALARM."""
    ends = [at for at, _, _ in found[1:]] + [end]
    return [(at, until) for (at, _, to), until in zip(found, ends) if to == "ALARM"]
