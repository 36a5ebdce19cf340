"""Who has an incident, what nobody is to hear of, what is open: ack, unack, silence, unsilence, silences, resolve,
incidents."""
import time

import pytest

from tests.e2e.support import alarm_of, buttons, fields, shown, until

MINUTE = 60
ANN, BOB = "U0ALICE001", "U0BOB00001"


def ago(seconds):
    return time.time() - seconds


def thread(world, card):
    return [shown(m) for m in world.sb.replies(card["ts"])]


def changes(world, card):
    """State changes in its thread."""
    return [line for line in world.history(card) if "→" in line]


def waits(world, card, *words):
    """A reply in the card's thread with all the words, once it is there."""
    return world.wait(lambda: [t for t in thread(world, card) if all(w in t for w in words)],
                      lambda: "%s in %s" % (words, thread(world, card)))[0]


def says(world, name, field, *words):
    """The card, once its field holds the words."""
    def found():
        cards = world.cards(name)
        return cards and all(w in fields(cards[-1]).get(field, "") for w in words) and cards[-1]
    return world.wait(found, lambda: "%s: %s in %s" % (field, words, [fields(c) for c in world.cards(name)]))


def answered(world, words, **where):
    """What a mention gets as its answer."""
    said = world.sb.mention(words, **where)
    root = where.get("thread_ts", said["ts"])
    return world.wait(lambda: [shown(m) for m in world.sb.replies(root) if float(m["ts"]) > float(said["ts"])],
                      "an answer to " + words)[-1]


def opened(world, name, **more):
    world.sb.alarm(name=name, time=ago(5 * MINUTE), **more)
    card = world.card(name, "ALARM")
    world.lines(card)
    world.settle()
    return card


def number(card):
    """Of the incident."""
    return shown(card).split("Incident ")[1].split(" ")[0].strip()


# --- who has it ------------------------------------------------------------------------------------------
def test_acknowledge_take_over_give_back(world):
    card = opened(world, "web")
    assert buttons(card)["ack"] == "Acknowledge" and card["edits"] == 0
    world.sb.click(card["ts"], "ack", user=ANN)
    card = says(world, "web", "Acknowledged", ANN, "has it since")
    assert buttons(card)["ack"] == "Take over"
    waits(world, card, "has it now")
    world.settle()
    assert world.card("web")["edits"] == 1, "one edit of the card"
    world.sb.click(card["ts"], "ack", user=BOB)
    says(world, "web", "Acknowledged", BOB)
    waits(world, card, "took it over from")
    assert "gave it back" in answered(world, "unack", thread_ts=card["ts"], user=BOB)
    world.wait(lambda: "Acknowledged" not in fields(world.card("web")), "nobody has it")
    world.settle()
    assert len(world.sb.replies(card["ts"])) == 4, thread(world, card)  # the ALARM, two lines, the answer


def test_who_has_it_already_is_told_so_alone(world):
    card = opened(world, "web")
    world.sb.click(card["ts"], "ack", user=ANN)
    card = says(world, "web", "Acknowledged", ANN)
    waits(world, card, "has it now")
    world.settle()
    before = len(world.posts())
    world.sb.click(card["ts"], "ack", user=ANN)
    world.wait(lambda: any("already" in shown(e) for e in world.sb.get("ephemerals")), "a private answer")
    world.settle()
    assert len(world.posts()) == before


def test_words_by_number_and_the_only_one(world):
    first = opened(world, "first")
    assert "has it now" in answered(world, "ack")
    waits(world, first, "has it now")
    second = opened(world, "second")
    assert "2 incidents are open" in answered(world, "ack")
    assert "has it now" in answered(world, "ack %s" % number(second))
    says(world, "second", "Acknowledged", ANN)
    assert "know no incident 99" in answered(world, "ack 99")


def test_a_reopened_incident_keeps_its_holder_a_new_one_has_none(idle):
    world = idle.configure(incidents={"reopen_within": "30m"}).start()
    world.sb.alarm(name="web", time=ago(300 * MINUTE))
    card = world.card("web", "ALARM")
    world.sb.click(card["ts"], "ack")
    says(world, "web", "Acknowledged", ANN)
    world.sb.alarm(name="web", state="OK", time=ago(290 * MINUTE))
    card = world.card("web", "RESOLVED")
    assert "Acknowledged" not in fields(card) and "ack" not in buttons(card)
    world.restart(hard=True)
    world.sb.alarm(name="web", time=ago(280 * MINUTE))
    says(world, "web", "Acknowledged", ANN)
    world.sb.alarm(name="web", state="OK", time=ago(270 * MINUTE))
    world.card("web", "RESOLVED")
    world.sb.alarm(name="web", time=ago(100 * MINUTE))
    world.wait(lambda: len(world.cards("web")) == 2, "a second incident")
    assert "Acknowledged" not in fields(world.cards("web")[-1])


# --- silences --------------------------------------------------------------------------------------------------
def test_a_silenced_alarm_says_nothing_and_is_announced_afterwards(world):
    assert "silenced alarms named web-*" in answered(world, "silence web-* 2h deploy of 4.2")
    before = len(world.posts())
    world.sb.alarm(name="web-1", time=ago(5 * MINUTE))
    world.sb.alarm(name="db-1", time=ago(5 * MINUTE))
    world.card("db-1", "ALARM")
    world.settle()
    assert world.cards("web-1") == []
    assert world.bot.metric("tocsin_incidents_silenced") == 1 and world.bot.metric("tocsin_silences") == 1
    assert "silenced until" in answered(world, "incidents") and len(world.posts()) > before
    listed = answered(world, "silences")
    assert "web-*" in listed and "deploy of 4.2" in listed and "1 open incident" in listed
    assert "ended the silence of web-*" in answered(world, "unsilence 1")
    card = world.card("web-1", "ALARM")
    assert "Since" in fields(card) and "Silenced" not in fields(card)
    waits(world, card, "The silence is over. It has been firing since")
    world.settle()
    assert len(world.cards("web-1")) == 1 and world.bot.metric("tocsin_incidents_silenced") == 0
    assert not [m for m in world.sb.replies(card["ts"]) if m.get("subtype") == "thread_broadcast"], "its post has rung"


def test_its_end_by_the_clock(world):
    answered(world, "silence web-1 3s")
    world.sb.alarm(name="web-1", time=ago(5 * MINUTE))
    world.sb.alarm(name="web-2", time=ago(5 * MINUTE))
    world.card("web-2", "ALARM")
    assert world.cards("web-1") == []
    card = world.card("web-1", "ALARM")
    waits(world, card, "The silence is over")
    assert world.bot.metric("tocsin_silences") == 0


def test_what_resolved_meanwhile_is_not_posted(world):
    answered(world, "silence web-1 1h")
    world.sb.alarm(name="web-1", time=ago(5 * MINUTE))
    world.sb.alarm(name="web-1", state="OK", time=ago(MINUTE))
    answered(world, "unsilence 1")
    world.settle()
    assert world.cards("web-1") == []
    listed = answered(world, "incidents")
    assert "RESOLVED" in listed and "web-1" in listed and "after 4 min" in listed and "silenced" in listed
    world.sb.alarm(name="web-1", time=ago(0))  # within the reopen window, and nobody silences it any more
    card = world.card("web-1", "ALARM")
    world.wait(lambda: len(changes(world, card)) == 3, "all that happened")
    world.settle()
    assert not [m for m in world.sb.replies(card["ts"]) if m.get("subtype") == "thread_broadcast"]


def test_a_card_that_is_there_is_edited_and_its_thread_waits(world):
    card = opened(world, "web-1")
    world.sb.click(card["ts"], "silence", option="for 1 hour")
    card = says(world, "web-1", "Silenced", "until", ANN)
    assert "unsilence" in buttons(card) and "silence" not in buttons(card)
    waits(world, card, "silenced it until")
    world.sb.alarm(name="web-1", state="OK", time=ago(2 * MINUTE))
    world.card("web-1", "RESOLVED")
    world.sb.alarm(name="web-1", time=ago(MINUTE))
    card = says(world, "web-1", "Silenced", "until", ANN)
    world.settle()
    assert len(world.sb.replies(card["ts"])) == 2, thread(world, card)
    world.sb.click(card["ts"], "unsilence")
    world.wait(lambda: "Silenced" not in fields(world.card("web-1")), "the card without the silence")
    world.wait(lambda: ["The silence is over." in shown(e) for e in world.sb.get("ephemerals")] == [True], "a word to who pressed")
    world.wait(lambda: len(changes(world, card)) == 3, "the changes that waited")
    loud = world.wait(lambda: [m for m in world.sb.replies(card["ts"]) if m.get("subtype") == "thread_broadcast"],
                      "one that rings")
    world.settle()
    assert len(loud) == 1 and "STILL FIRING" in shown(loud[0])


def test_one_silence_ends_and_another_still_holds(world):
    card = opened(world, "web-1")
    world.sb.click(card["ts"], "silence", option="for 4 hours")
    says(world, "web-1", "Silenced", "until", ANN)
    answered(world, "silence web-* 2h")
    world.settle()
    world.sb.click(card["ts"], "unsilence")
    told = world.wait(lambda: world.sb.get("ephemerals"), "a word to who pressed")
    assert "silence 2 of web-* still holds" in shown(told[0]), shown(told[0])
    world.settle()
    assert "Silenced" in fields(world.card("web-1"))
    world.sb.click(card["ts"], "unsilence")
    world.wait(lambda: "The silence is over." in shown(world.sb.get("ephemerals")[-1]), "another word")


def test_a_long_reason_is_cut(world):
    card = opened(world, "web-1")
    said = answered(world, "resolve " + "the host is gone, " * 300, thread_ts=card["ts"])
    assert "(the rest is cut)" in said and len(said) < 3000, said
    world.card("web-1", "RESOLVED")
    world.settle()


def test_it_survives_a_restart(world):
    answered(world, "silence web-* 1h")
    world.sb.alarm(name="web-1", time=ago(5 * MINUTE))
    world.restart(hard=True)
    world.sb.alarm(name="web-2", time=ago(5 * MINUTE))
    world.sb.alarm(name="db", time=ago(5 * MINUTE))
    world.card("db", "ALARM")
    world.settle()
    assert world.cards("web-1") == world.cards("web-2") == []
    answered(world, "unsilence 1")
    for name in ("web-1", "web-2"):
        world.card(name, "ALARM")


@pytest.mark.parametrize("words, why", [
    ("silence", "Say until when"), ("silence web-1", "Say until when"), ("silence 2h", "Say which alarms"),
    ("silence web-1 8d", "7 days at most"), ("silence web-1 until friday", "Say until when"),
    ("silence 77 2h", "I know no incident 77"), ("unsilence 7", "No such silence"), ("unsilence", "No such silence")])
def test_what_cannot_be_silenced_is_said(shared, words, why):
    assert why in answered(shared, words)
    assert shared.bot.metric("tocsin_silences") == 0


def test_nothing_is_done_by_itself_while_it_is_silenced(cloud):
    instance = cloud.host()
    cloud.script(instance, output="load 7.5\n")
    answered(cloud, "silence %s 1h" % alarm_of(instance))
    cloud.fire(instance, time=ago(5 * MINUTE))
    cloud.settle()
    assert cloud.cards(alarm_of(instance)) == cloud.mails(instance) == cloud.commands(instance) == []
    assert cloud.issues(instance) == []
    answered(cloud, "unsilence 1")
    card = cloud.finished(instance)
    assert all(fields(card)[which].startswith("✅") for which in ("Diagnosis", "Ticket", "Mail")), fields(card)
    assert len(cloud.mails(instance)) == len(cloud.commands(instance)) == 1
    cloud.press(instance, "ack")
    until(lambda: cloud.comments(instance, "has it now"), "a comment of the issue")
    cloud.press(instance, "resolve", option="Mark as resolved")
    until(lambda: cloud.comments(instance, "marked it as resolved"), "a comment of the issue")
    until(lambda: cloud.issue(instance)["category"] == "done", "the issue to be done")


def test_a_number_that_was_never_shown(world):
    world.sb.alarm(name="web-1", state="OK", time=ago(MINUTE))
    world.settle()
    assert "I know no incident 1" in answered(world, "silence 1 1h")
    world.settle()
    assert world.cards("web-1") == [] and world.bot.metric("tocsin_silences") == 0


# --- by hand --------------------------------------------------------------------------------------------------------
def test_resolve_by_button_and_it_reopens(world):
    card = opened(world, "gone")
    world.sb.click(card["ts"], "resolve", option="Mark as resolved")
    card = world.card("gone", "RESOLVED")
    assert ANN in fields(card)["Resolved"] and "ack" not in buttons(card) and "resolve" not in buttons(card)
    waits(world, card, "marked it as resolved")
    assert world.bot.metric("tocsin_incidents_open") == 0
    world.sb.alarm(name="gone", time=ago(0))
    card = world.card("gone", "ALARM")
    assert len(world.cards("gone")) == 1 and "Resolved" not in fields(card)
    assert world.bot.metric("tocsin_incidents_open") == 1


def test_resolve_in_words_with_a_reason(world):
    card = opened(world, "gone")
    assert ": 3 hosts are deleted" in answered(world, "resolve 3 hosts are deleted", thread_ts=card["ts"])
    world.card("gone", "RESOLVED")
    assert "is over already" in answered(world, "resolve %s" % number(card))


# --- the list ---------------------------------------------------------------------------------------------------------
def test_incidents_oldest_first_then_what_was_resolved(world):
    world.sb.alarm(name="young", time=ago(5 * MINUTE))
    world.sb.alarm(name="old", time=ago(50 * MINUTE))
    world.sb.alarm(name="done", time=ago(40 * MINUTE))
    world.sb.alarm(name="done", state="OK", time=ago(30 * MINUTE))
    world.sb.click(world.card("old", "ALARM")["ts"], "ack", user=BOB)
    says(world, "old", "Acknowledged", BOB)
    world.settle()
    world.sb.slash("/incidents")
    text = shown(world.wait(lambda: [m for m in world.sb.roots() if "2 open incidents" in m["text"]], "the list")[0])
    assert text.index("old") < text.index("young") < text.index("done"), text
    assert "for 50 min" in text and "nobody has it" in text and "after 10 min" in text and "message" in text, text


def test_a_long_list_is_bounded_and_says_what_is_left_out(world):
    for i in range(25):
        world.sb.alarm(name="alarm-%02d" % i, time=ago((100 - i) * MINUTE))
    text = answered(world, "incidents")
    assert "25 open incidents" in text and "and 5 more open ones" in text, text
    assert "alarm-19" in text and "alarm-20" not in text, text


# --- rights --------------------------------------------------------------------------------------------------------------
def test_only_operators_may(idle):
    world = idle.configure(roles={"operator": [BOB]}).start()
    card = opened(world, "web")
    for words in ("ack", "unack", "resolve", "silence 1h"):
        assert "Only operators" in answered(world, words, thread_ts=card["ts"], user=ANN), words
    world.sb.click(card["ts"], "ack", user=BOB)
    says(world, "web", "Acknowledged", BOB)
