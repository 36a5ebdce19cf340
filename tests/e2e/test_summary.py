"""The summary: by schedule and asked for; one message, with its picture and its thread."""
import contextlib
import json
import signal
import sqlite3
import time

import pytest

from tests.e2e.support import shown
from tests.e2e.test_dashboard import CPU, LATENCY, REQUESTS, again, give, give_all, metric, now, web
from tests.sandbox import series

HOUR_MS = 3600 * 1000


def just_now(minutes=5):
    """A line that was due so many minutes ago, and will be tomorrow."""
    return time.strftime("%M %H * * *", time.gmtime(time.time() - 60 * minutes)).lstrip("0") or "0"


def summaries(world, word="", channel=None):
    return [m for m in world.sb.roots(channel) if word in m["text"] and "ummary: " in m["text"]]


def whole(world, message, timeout=30):
    """The message with its picture, when its thread is complete."""
    world.wait(lambda: world.sb.pictures(again(world, message)), "the small multiples", timeout)
    world.wait(lambda: not world.bot.flows(), "the end of the flow", timeout)
    return again(world, message)


def missed(world, name="daily", hours=1):
    """As if the process had been down for so long: its schedule was seen then. It must not run."""
    with contextlib.closing(sqlite3.connect(world.bot.database())) as db:
        where = "WHERE kind = 'schedule' AND key = ?"
        text = json.loads(db.execute("SELECT json FROM documents " + where, (name,)).fetchone()[0])
        text.update(since=int(time.time() * 1000) - hours * HOUR_MS, runs=[])
        db.execute("UPDATE documents SET json = ? " + where, (json.dumps(text), name))
        db.commit()


def due_at_start(world):
    """Started, with one run of `daily` that was missed."""
    world.configure(summary={"schedule": just_now()})
    world.start()
    world.wait(lambda: any("schedule" in map(str, row) for row in world.bot.documents()), "the schedule")
    world.bot.stop()
    missed(world)
    world.start()


@pytest.fixture
def board(idle):
    idle.configure(dashboards=[web(LATENCY, REQUESTS, CPU), {**web(CPU), "name": "hosts"}])
    give_all(idle)
    return idle


def test_asked_for(board):
    board.start()
    board.sb.alarm(name="open-one")
    board.sb.alarm(name="over", time=now() - 600)
    board.card("over", "ALARM")
    board.sb.alarm(name="over", state="OK", time=now() - 60)
    board.card("over", "RESOLVED")
    board.card("open-one", "ALARM")
    assert board.sb.slash("/tocsin summary")["state"] == "acked"
    message = board.wait(lambda: summaries(board, "1 open, 1 resolved, 1 finding"), "the summary")[0]
    assert any("reading" in shown(v) for v in message["history"]), message["history"]
    message = whole(board, message)
    text = shown(message)
    assert "open-one" in text and "nobody has it" in text and "after 9 min" in text, text
    assert "web" in text and "F1" in text and "No abnormality in hosts" in text, text
    assert "web: Answer time" in board.sb.pictures(message)[0]["alt"]
    replies = board.sb.replies(message["ts"])
    assert len(replies) == 1 and len(board.sb.pictures(replies[0])) == 2, replies
    assert "web: 1 finding" in replies[0]["text"], replies[0]["text"]


def test_a_missed_run_is_caught_up_once(board):
    due_at_start(board)
    message = board.wait(lambda: summaries(board), "the summary")[0]
    assert message["text"] == "Daily summary: nothing open, 1 finding", message["text"]
    whole(board, message)
    assert len(again(board, message)["history"]) == 1, "it is posted when its text is whole, and edited for the picture"
    board.restart(hard=True)
    board.settle()
    assert len(summaries(board)) == 1, "twice"
