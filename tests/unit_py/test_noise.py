"""bot/noise.c against an evaluator of alarms that was written by itself, from CloudWatch's documentation."""
import json
import os
import pathlib
import random
import subprocess

import pytest

from tests.sandbox.alarm_rules import MINUTE, Rules, changes, firings

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = pathlib.Path(os.environ.get("TOCSIN_BIN", ROOT / "build/asan/tocsin")).resolve().parent / "tests/bench/noise"
OPERATORS = {">": "GreaterThanThreshold", ">=": "GreaterThanOrEqualToThreshold", "<": "LessThanThreshold",
             "<=": "LessThanOrEqualToThreshold"}
START = 1763769600 // MINUTE * MINUTE
LATE_S = 180  # CloudWatch is so late at most


class Driver:
    def __init__(self):
        self.process = subprocess.Popen([DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, case):
        self.process.stdin.write(json.dumps(case) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the driver has ended: %r" % case
        return json.loads(line)


@pytest.fixture(scope="module")
def noise():
    assert DRIVER.exists(), "make MODE=asan build/asan/tests/bench/noise"
    driver = Driver()
    yield driver
    driver.process.stdin.close()
    assert driver.process.wait(10) == 0


def case_of(rng, values):
    """A random setting for a series of minutes."""
    periods = rng.choice([1, 1, 2, 3, 5, 8])
    return {
        "comparison": rng.choice(list(OPERATORS)), "threshold": 5, "statistic": rng.choice(["Average", "Sum", "Minimum", "Maximum"]),
        "period_s": rng.choice([60, 60, 120, 300]), "periods": periods, "datapoints": rng.randint(1, periods),
        "missing": rng.choice(["missing", "ignore", "breaching", "notBreaching"]), "start_s": START, "step_s": MINUTE,
        "values": values,
    }


def samples_of(case):
    return {case["start_s"] + n * MINUTE: [v] for n, v in enumerate(case["values"]) if v is not None}


def rules_of(case, setting=None):
    chosen = {**case, **(setting or {})}
    return Rules(chosen["period_s"], chosen["periods"], chosen["datapoints"], chosen["missing"], case["threshold"],
                 OPERATORS[case["comparison"]], case["statistic"])


def evaluated(case, setting=None):
    """Changes as the program dates them: it begins once a whole range lies behind, we then, too."""
    rules, samples = rules_of(case, setting), samples_of(case)
    end = case["start_s"] + len(case["values"]) * MINUTE
    begin = case["start_s"] + rules.retrieved * rules.period - MINUTE
    return changes(rules, samples, begin, end), end


def random_values(rng, minutes):
    """Calm, breaching or without data, each for a while; a lonely value now and then."""
    values = []
    while len(values) < minutes:
        kind, length = rng.choice(["calm", "calm", "breach", "gap", "mixed"]), rng.choice([1, 1, 2, 3, 6, 12, 25])
        for _ in range(length):
            sort = rng.choice(["calm", "breach", "gap"]) if kind == "mixed" else kind
            values.append({"calm": rng.choice([0, 1, 4]), "breach": rng.choice([6, 9]), "gap": None}[sort])
            if rng.random() < 0.02:
                values[-1] = 5
    return values[:minutes]


def test_the_rules_know_the_guides_tables():
    """Rows of the guide's two tables, so that the judge is known to be one."""
    rows = [
        # values, the oldest first; datapoints; periods; missing, ignore, breaching, notBreaching ("=": as before)
        ("0-X-X", 3, 3, "OK", "OK", "OK", "OK"),
        ("0----", 3, 3, "OK", "OK", "OK", "OK"),
        ("-----", 3, 3, "INSUFFICIENT_DATA", "=", "ALARM", "OK"),
        ("0XX-X", 3, 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("--X--", 3, 3, "ALARM", "=", "ALARM", "OK"),
        ("0-X-X", 2, 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("00X-X", 2, 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0-X--", 2, 3, "OK", "OK", "ALARM", "OK"),
        ("----0", 2, 3, "OK", "OK", "ALARM", "OK"),
        ("---X-", 2, 3, "ALARM", "=", "ALARM", "OK"),
    ]
    for text, datapoints, periods, *wanted in rows:
        values = [{"0": 0, "X": 9, "-": None}[letter] for letter in reversed(text)]
        for missing, state in zip(("missing", "ignore", "breaching", "notBreaching"), wanted):
            for before in ("OK", "ALARM"):
                rules = Rules(300, periods, datapoints, missing, 5)
                assert rules.retrieved == len(values)
                assert rules.judge(values, before) == (before if state == "=" else state), (text, missing, before)


def test_the_program_follows_alarms_as_the_rules_do(noise):
    for seed in range(150):
        rng = random.Random(seed)
        case = case_of(rng, random_values(rng, 240))
        found, _ = evaluated(case)
        assert noise(case)["changes"] == [[at, to] for at, _, to in found], (seed, {**case, "values": "..."})


def noisy_values(rng, minutes, gaps):
    """Blips, and a few breaches that last."""
    values = [rng.uniform(0, 3) for _ in range(minutes)]
    for _ in range(rng.randint(8, 16)):
        at = rng.randrange(120, minutes - 60)
        values[at:at + rng.randint(1, 3)] = [9.0]
    for _ in range(rng.randint(0, 2)):
        at = rng.randrange(120, minutes - 60)
        values[at:at + 30] = [9.0] * 30
    return [None if rng.random() < gaps else v for v in values[:minutes]]


def recorded_of(rng, found):
    """As CloudWatch tells them: one to three minutes after what they are about."""
    return [(at + rng.randint(20, LATE_S), to) for at, _, to in found]


@pytest.mark.parametrize("gaps", [0, 0.1])
def test_what_is_recorded_is_explained_and_what_is_proposed_holds(noise, gaps):
    proposed = 0
    for seed in range(14):
        rng = random.Random(1000 + seed)
        values = noisy_values(rng, 1440 + 180, gaps)
        case = {**case_of(rng, values), "comparison": ">", "statistic": "Average", "period_s": 60, "periods": 1, "datapoints": 1}
        found, end = evaluated(case)
        judged_from = START + 180 * MINUTE
        told = recorded_of(rng, found)
        alarms = [n for n, (at, to) in enumerate(told) if to == "ALARM" and at >= judged_from]
        case.update(from_s=judged_from, to_s=end)
        case["seen"] = [[told[n][0], told[n + 1][0] if n + 1 < len(told) else 0] for n in alarms]
        answer = noise(case)
        # Each recorded change lies within a period and three minutes of what the program makes of the series.
        assert len(answer["changes"]) == len(told), seed
        for (at, to), (mine, state) in zip(told, answer["changes"]):
            assert to == state and 0 <= at - mine <= case["period_s"] + LATE_S, seed
        report = answer["report"]
        assert report["outcome"] != "unlike", (seed, report)
        assert report["seen_alike"] >= len(case["seen"]) - 1, (seed, report)  # the first may have begun before
        before = [f for f in firings(found, end) if judged_from <= f[0] < end]
        assert report["before"] == len(before), seed
        if report["outcome"] != "proposed":
            continue
        proposed += 1
        # The proposed setting, in the other evaluator.
        again, _ = evaluated(case, report["proposed"])
        after = [f for f in firings(again, end) if judged_from <= f[0] < end]
        assert report["after"] == len(after) <= len(before) / 2, (seed, report)
        for begin, until in before:
            if until - begin >= 600:
                assert any(b <= begin + 600 and u > begin for b, u in after), (seed, report["text"])
    assert proposed >= 7


def test_another_record_is_not_explained(noise):
    rng = random.Random(5)
    case = {**case_of(rng, noisy_values(rng, 1620, 0)), "comparison": ">", "statistic": "Average", "period_s": 60, "periods": 1,
            "datapoints": 1, "from_s": START + 180 * MINUTE, "to_s": START + 1620 * MINUTE,
            "seen": [[START + (200 + n * 100) * MINUTE, START + (202 + n * 100) * MINUTE] for n in range(10)]}
    assert noise(case)["report"]["outcome"] == "unlike"
