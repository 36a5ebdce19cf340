"""Turns of a channel's messages: who cannot use his gives it up, and the card tells what is so."""
import contextlib
import sqlite3
import time

from tests.e2e.support import shown
from tests.e2e.test_storm import messages, over

ALWAYS = 0


def fire(world, count):
    for number in range(count):
        world.sb.alarm(name="storm-%02d" % number, time=time.time() - 60 + number, wait=False)
    world.wait(lambda: world.bot.metric("tocsin_incidents_opened_total") == count, "the incidents")


def test_posts_that_nobody_can_look_for_hold_up_no_others(world):
    world.sb.fault({"do": "status", "status": 500}, times=4, method="chat.postMessage")
    world.sb.fault({"do": "ok_false", "error": "internal_error"}, times=ALWAYS, method="conversations.history")
    fire(world, 4)
    world.wait(lambda: len(world.bot.logged("flow.unknown")) >= 4, "four posts of unknown fate")
    for number in range(10, 20):
        world.sb.alarm(name="storm-%02d" % number, time=time.time() - 60, wait=False)
    world.wait(lambda: len([name for name in messages(world) if name >= "storm-10"]) == 10, "the ten others", 60)
    world.sb.clear_faults()
    world.wait(lambda: len(messages(world)) == 14, "the four", 60)
    assert set(messages(world).values()) == {1}


def test_a_turn_is_not_given_to_one_that_is_edited(world):
    fire(world, 30)
    world.wait(lambda: len(messages(world)) == 30, "their messages", 60)
    world.settle()
    world.sb.fault({"do": "delay", "s": 1.0}, times=ALWAYS, method="chat.postMessage")
    for number in range(30):
        world.sb.alarm(name="storm-%02d" % number, state="OK", time=time.time(), wait=False)
    world.wait(lambda: world.sb.requests("chat.update"), "the first edits")
    world.sb.fault({"do": "status", "status": 500}, times=ALWAYS, method="chat.update")
    for number in range(30):
        world.sb.alarm(name="storm-%02d" % number, time=time.time(), wait=False)
    world.wait(lambda: world.bot.metric('tocsin_flow_retries_total') > 60, "edits that fail")
    world.sb.alarm(name="fresh", time=time.time(), wait=False)
    world.wait(lambda: [m for m in world.sb.roots() if "fresh" in shown(m)], "the fresh alarm, whatever the edits do", 20)
    world.sb.clear_faults()


def test_the_card_counts_first_messages_only(world):
    world.sb.fault({"do": "delay", "s": 0.4}, times=ALWAYS, method="chat.postMessage")
    fire(world, 25)
    for number in range(25):
        world.sb.alarm(name="storm-%02d" % number, state="OK", time=time.time(), wait=False)
    world.wait(lambda: len(messages(world)) == 25, "their messages", 60)
    over(world)
    lines = sum(len(world.sb.replies(message["ts"])) for message in world.sb.roots())
    assert lines < 20, "the card waited for the %d lines of threads" % lines
    world.sb.clear_faults()


def altered(world, change):
    """Alters every incident's document in the journal of a process that is dead."""
    with contextlib.closing(sqlite3.connect(world.bot.database())) as database:
        database.execute("UPDATE documents SET json = %s WHERE kind = 'incident'" % change)
        database.commit()


def test_an_incident_without_its_channel_is_shown_in_the_usual_one(idle):
    idle.start()
    idle.sb.fault({"do": "delay", "s": 30}, times=ALWAYS, method="chat.postMessage")
    fire(idle, 9)
    idle.bot.kill()
    altered(idle, """replace(json, '"channel"', '"chbnnel"')""")
    idle.sb.clear_faults()
    idle.allowed_errors.update({"journal.unreadable"})
    idle.bot.start()
    idle.wait(lambda: len([m for m in idle.sb.roots() if "storm-0" in shown(m)]) >= 9, "their messages", 60)


def test_the_number_of_a_lost_incident_is_not_given_again(idle):
    idle.start()
    idle.sb.alarm(name="alpha")
    idle.card("alpha")
    idle.settle()
    idle.bot.kill()
    altered(idle, "substr(json, 2)")
    idle.allowed_errors.update({"journal.unreadable"})
    idle.bot.start()
    idle.sb.alarm(name="beta", time=time.time())
    idle.card("beta")
    numbers = {e["value"] for m in idle.sb.roots() for b in m["blocks"] if b["type"] == "actions"
               for e in b["elements"] if e["action_id"] == "ack"}
    assert len(numbers) == 2, "two incidents' buttons carry %s" % numbers
