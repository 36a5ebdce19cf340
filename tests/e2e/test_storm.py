"""Many alarms at once in one channel: each gets its message in its turn, and one card tells of those that wait."""
import time

from tests.e2e.support import shown

MANY = 15
TURNS = 4          # messages of one channel that have their turn at a time
AT_ONCE = 3        # posts that Slack is asked for at a time
CARD = "Many alarms at once"


def fire(world, count=MANY, first=0):
    """While the first posts are held: what has no turn yet waits until card_comes() or go_on()."""
    if first == 0:
        which = {"method": "chat.postMessage", "channel": world.sb.channel, "text": "storm-"}
        world.first_posts = world.sb.fault("hold", times=AT_ONCE, **which)["rule"]
        world.sb.fault("hold", times=0, nth=TURNS - AT_ONCE + 1, **which)
    for number in range(first, count):
        world.sb.alarm(name="storm-%02d" % number, time=time.time() - 60 + number, wait=False)
    turns = 2 * TURNS if first else TURNS
    world.wait(lambda: world.bot.metric("tocsin_storm_waiting") == count - turns, "the others to wait")


def card_comes(world, count=MANY):
    """The first posts are answered, the card comes after them, and the next posts are held in their turn."""
    world.sb.clear_faults(world.first_posts)
    told(world, count - 2 * TURNS)


def told(world, waiting):
    world.wait(lambda: [c for c in cards(world) if "%d alarms wait" % waiting in shown(c)], "a card that %d wait" % waiting)


def go_on(world):
    world.sb.clear_faults()


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
    fire(world, MANY - 1)
    card_comes(world, MANY - 1)
    fire(world, MANY, first=MANY - 1)
    told(world, MANY - 2 * TURNS)
    assert world.bot.metric("tocsin_storm_cards_total") == 1
    go_on(world)
    card = over(world)[0]
    texts = [shown(version) for version in card["history"]]
    assert len(texts) >= 2, texts
    assert any("storm-14" in text and "firing" in text for text in texts), texts
    each_once(world)
    assert world.bot.metric("tocsin_storm_waiting") == 0
    world.settle()


def test_those_that_fire_come_before_those_that_are_over(world):
    fire(world)
    open_ones = world.bot.metric("tocsin_incidents_open")
    world.sb.alarm(name="storm-05", state="OK", time=time.time())
    world.wait(lambda: world.bot.metric("tocsin_incidents_open") == open_ones - 1, "its end")
    go_on(world)
    over(world)
    posts = [shown(m) for m in world.sb.roots() if m not in cards(world)]
    assert "storm-05" in posts[-1] and "RESOLVED" in posts[-1], posts[-1]
    each_once(world)


def test_a_restart_goes_on_with_the_same_card(world):
    fire(world)
    card_comes(world)
    world.bot.kill()
    go_on(world)
    world.start()
    over(world)
    world.settle()
    each_once(world)


def test_few_alarms_have_no_card(world):
    fire(world, TURNS + 7)
    go_on(world)
    world.wait(lambda: len(messages(world)) == TURNS + 7, "the messages")
    assert not cards(world)


def test_a_channel_that_is_full_does_not_hold_up_another(idle):
    idle.configure(routes=[{"match": {"alarm": "other"}, "channel": "C0CHECKOUT"}]).start()
    fire(idle)
    idle.sb.alarm(name="other")
    idle.card("other", channel="C0CHECKOUT")
    assert idle.bot.metric("tocsin_storm_waiting") > 0, "it came after the others"
    assert not [c for c in idle.sb.roots("C0CHECKOUT") if CARD in shown(c)]
    go_on(idle)
    over(idle)
    each_once(idle)
