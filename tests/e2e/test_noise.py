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


def line_about(world, name, words=""):
    """What the summary says about an alarm, when it says that."""
    assert world.sb.slash("/tocsin summary")["state"] == "acked"

    def told():
        texts = [shown(m) for m in world.sb.roots() if "ummary: " in m["text"]]
        lines = [line for text in texts for line in text.splitlines() if line.strip(" •").startswith(name + " fired")]
        return [line for line in lines if words in line]
    return world.wait(told, "what is said of " + name, 40)[0]


def test_a_quieter_setting_is_proposed_and_holds(idle):
    idle.start()
    idle.sb.alarm(name="first", time=time.time() - 3 * 86400)  # so somebody has listened for three days
    alarm, fired = noisy(idle, "checkout", 1, missing="notBreaching")
    line = line_about(idle, "checkout")
    told = re.search(r"fired (\d+) times", line)
    assert fired >= 10 and abs(int(told[1]) - fired) <= 1, (fired, line)
    proposal = re.search(r"(\d+) of (\d+) datapoints? instead of 1 of 1 would have fired (once|\d+ times)", line)
    assert proposal and "last notification" not in line, line
    alarm.update(datapoints=int(proposal[1]), evaluation_periods=int(proposal[2]))
    again = count(idle.sb.evaluate(**alarm, publish=False))
    assert again == (1 if proposal[3] == "once" else int(proposal[3].split()[0])), line
    assert again == 2, "what was real would have fired"
    # What may not be asked is said, and the notification counts.
    idle.sb.deny("cloudwatch:DescribeAlarms")
    line = line_about(idle, "checkout", "Its setting is that of its last notification")
    assert proposal[0] in line and "cloudwatch:DescribeAlarms" in line, line
    # Another history does not explain the record.
    begin = alarm["begin"] - 1450 * MINUTE
    idle.sb.metric(NAMESPACE, METRIC, dimensions=alarm["dimensions"], start=begin, step=MINUTE, values=values(random.Random(4), 2880))
    line_about(idle, "checkout", "not enough to propose a setting")


def acts(world):
    """How often people are known to have done something, over all incidents."""
    texts = [str(row) for row in world.bot.documents() if "fingerprint" in str(row)]
    return sum(int(n) for text in texts for n in re.findall(r'"acts": ?(\d+)', text))


def test_what_a_person_does_is_noted(idle):
    idle.configure(jira=dict(idle.sb.ready["jira"]["cloud"]["config"])).start()
    idle.sb.alarm(name="short", time=time.time() - 60)
    card = idle.card("short", "ALARM")
    idle.wait(lambda: not idle.bot.flows(), "what is done by itself", 30)
    assert acts(idle) == 0
    idle.sb.mention("ticket it matters", thread_ts=card["ts"])
    idle.wait(lambda: acts(idle) == 1, "the act")
    idle.sb.alarm(name="short", state="OK")
    idle.card("short", "RESOLVED")
    idle.sb.mention("top", thread_ts=card["ts"])
    idle.wait(lambda: acts(idle) == 2, "the next one, after a change")
