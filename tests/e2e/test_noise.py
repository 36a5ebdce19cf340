"""Noisy alarms in a summary: what an evaluator of its own recorded is explained, and what is proposed holds there."""
import random
import re
import time

from tests.e2e.support import shown

MINUTE = 60
NAMESPACE, METRIC = "Shop", "Latency"


def values(rng, minutes):
    """Milliseconds: calm, blips of up to two minutes, two hours with something real."""
    points = [rng.uniform(60, 120) for _ in range(minutes)]
    for _ in range(14):
        at = rng.randrange(1500, minutes - 60)
        points[at:at + rng.randint(1, 2)] = [900.0] * 2
    for at in (2000, 2600):
        points[at:at + 25] = [900.0] * 25
    return points[:minutes]


def noisy(world, name, seed, **more):
    """An alarm whose metric has two days, with its changes of the last one published; (its options, how often it fired)."""
    end = int(time.time()) // MINUTE * MINUTE - 5 * MINUTE
    begin = end - 2 * 1440 * MINUTE
    alarm = {"name": name, "namespace": NAMESPACE, "metric": METRIC, "dimensions": {"Api": name}, "threshold": 500.0, "period": 60,
             "evaluation_periods": 1, "statistic": "Average", **more}
    world.sb.metric(NAMESPACE, METRIC, dimensions=alarm["dimensions"], start=begin, step=MINUTE,
                    values=values(random.Random(seed), 2 * 1440))
    alarm.update(begin=begin + 1440 * MINUTE + 10 * MINUTE, end=end)
    found = world.sb.evaluate(**alarm, delay=[30, 170])
    return alarm, count(found)


def count(found):
    return sum(change["to"] == "ALARM" for change in found)


def line_about(world, name):
    """What the summary says about an alarm."""
    assert world.sb.slash("/tocsin summary")["state"] == "acked"

    def told():
        texts = [shown(m) for m in world.sb.roots() if "ummary: " in m["text"]]
        return [line for text in texts for line in text.splitlines() if line.strip(" •").startswith(name + " fired")]
    return world.wait(told, "what is said of " + name, 40)[0]


def test_a_quieter_setting_is_proposed_and_holds(idle):
    idle.sb.alarm(name="first", time=time.time() - 3 * 86400)  # somebody has listened for three days
    idle.start()
    idle.sb.alarm(name="first", state="OK", time=time.time() - 3 * 86400)
    alarm, fired = noisy(idle, "checkout", 1)
    line = line_about(idle, "checkout")
    told = re.search(r"fired (\d+) times", line)
    assert fired >= 10 and abs(int(told[1]) - fired) <= 1, (fired, line)
    proposal = re.search(r"(\d+) of (\d+) datapoints? instead of 1 of 1 would have fired (once|\d+ times)", line)
    assert proposal, line
    alarm.update(datapoints=int(proposal[1]), evaluation_periods=int(proposal[2]))
    again = count(idle.sb.evaluate(**alarm, publish=False))
    assert again == (1 if proposal[3] == "once" else int(proposal[3].split()[0])), line
    assert again == 2, "what was real would have fired"


def test_what_may_not_be_asked_is_said(idle):
    idle.start()
    idle.sb.deny("cloudwatch:DescribeAlarms")
    noisy(idle, "checkout", 2, missing="notBreaching")
    line = line_about(idle, "checkout")
    assert "instead of 1 of 1" in line and "Its setting is that of its last notification" in line, line
    assert "cloudwatch:DescribeAlarms" in line, line


def test_another_history_proposes_nothing(idle):
    idle.start()
    alarm, _ = noisy(idle, "checkout", 3)
    idle.sb.metric(NAMESPACE, METRIC, dimensions=alarm["dimensions"], start=alarm["begin"] - 1450 * MINUTE, step=MINUTE,
                   values=values(random.Random(4), 2 * 1440))
    line = line_about(idle, "checkout")
    assert "not enough to propose a setting" in line, line
