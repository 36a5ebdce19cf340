"""Many alarms at once in one channel: each gets its message in its turn, and one card tells of those that wait."""
import time

from tests.e2e.support import shown

MANY = 15
TURNS = 4          # messages of one channel that have their turn at a time
AT_ONCE = 3        # posts that Slack is asked for at a time
CARD = "Many alarms at once"


def slow(world, seconds, later=0.1):
    """The first posts take so long: what comes meanwhile waits. The others take a moment, too."""
    world.sb.fault({"do": "delay", "s": seconds}, times=AT_ONCE, method="chat.postMessage")
    world.sb.fault({"do": "delay", "s": later}, times=0, method="chat.postMessage")


def fire(world, count=MANY, **options):
    for number in range(count):
        world.sb.alarm(name="storm-%02d" % number, time=time.time() - 60 + number, wait=False, **options)
    world.wait(lambda: world.bot.metric("tocsin_incidents_opened_total") == count, "the incidents")


def cards(world):
    return [m for m in world.sb.roots() if CARD in m["text"] or CARD in shown(m)]


def messages(world):
    """How often each alarm has a message of its own: {name: count}."""
    found = {}
    for message in world.sb.roots():
        if message not in cards(world):
            name = next(word for word in shown(message).split() if word.startswith("storm-"))
            found[name] = found.get(name, 0) + 1
    return found


def over(world):
    """The storm's card, once it says that all are posted."""
    return world.wait(lambda: [c for c in cards(world) if "all are posted" in shown(c)], "the end of the storm", 60)


def each_once(world, count=MANY):
    assert messages(world) == {"storm-%02d" % n: 1 for n in range(count)}
    assert len(cards(world)) == 1, "%d cards" % len(cards(world))
    posts = [r for r in world.posts() if "thread_ts" not in r["args"] and r["args"]["channel"] == world.sb.channel]
    assert len(posts) == count + 1, "%d posts" % len(posts)


def test_one_card_tells_what_waits_and_each_alarm_gets_its_message(world):
    slow(world, 1.5)
    fire(world)
    card = world.wait(lambda: [c for c in cards(world) if "wait" in shown(c)], "the card")[0]
    assert world.bot.metric("tocsin_storm_cards_total") == 1
    card = over(world)[0]
    told = [shown(version) for version in card["history"]]
    assert len(told) >= 2, told
    assert any("storm-14" in text and "firing" in text for text in told), told
    each_once(world)
    assert world.bot.metric("tocsin_storm_waiting") == 0
    world.settle()


def test_those_that_fire_come_before_those_that_are_over(world):
    slow(world, 1.5)
    fire(world)
    world.sb.alarm(name="storm-05", state="OK", time=time.time())
    over(world)
    posts = [shown(m) for m in world.sb.roots() if m not in cards(world)]
    assert "storm-05" in posts[-1] and "RESOLVED" in posts[-1], posts[-1]
    each_once(world)


def test_a_restart_goes_on_with_the_same_card(world):
    slow(world, 1.5)
    fire(world)
    world.wait(lambda: world.bot.metric("tocsin_storm_waiting") == MANY - TURNS, "the storm")
    world.wait(lambda: cards(world) or world.bot.metric("tocsin_storm_cards_total") == 1, "the card")
    world.restart(hard=True)
    over(world)
    world.settle()
    each_once(world)


def test_few_alarms_have_no_card(world):
    slow(world, 1)
    fire(world, TURNS + 7)
    world.wait(lambda: len(messages(world)) == TURNS + 7, "the messages")
    assert not cards(world)


def test_a_channel_that_is_full_does_not_hold_up_another(idle):
    idle.configure(routes=[{"match": {"alarm": "other"}, "channel": "C0CHECKOUT"}]).start()
    slow(idle, 1.5)
    fire(idle)
    idle.sb.alarm(name="other")
    idle.card("other", channel="C0CHECKOUT")
    assert idle.bot.metric("tocsin_storm_waiting") > 0, "it came after the others"
    assert not [c for c in idle.sb.roots("C0CHECKOUT") if CARD in shown(c)]
    over(idle)
    each_once(idle)
