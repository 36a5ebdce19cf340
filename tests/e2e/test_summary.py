"""The summary: by schedule and asked for; one message, with its picture and its thread."""
import json
import signal

import pytest

from tests.e2e.support import just_now, seed_schedule, shown
from tests.e2e.test_ask import MODEL, PRICES
from tests.e2e.test_dashboard import CPU, LATENCY, REQUESTS, again, give, give_all, now, web
from tests.sandbox import series

def read(message):
    """As it is read: a rich text's elements stand beside each other."""
    return shown(message).replace("\n", "")


def summaries(world, word="", channel=None):
    return [m for m in world.sb.roots(channel) if word in m["text"] and "ummary: " in m["text"]]


def whole(world, message, timeout=30):
    """The message with its picture, when its thread is complete."""
    world.wait(lambda: world.sb.pictures(again(world, message)), "the small multiples", timeout)
    world.wait(lambda: not world.bot.flows(), "the end of the flow", timeout)
    return again(world, message)


def due_at_start(world, name="daily", line=None, **remembered):
    """Started, with one run that was missed."""
    line = line or just_now()
    if name == "daily":
        world.configure(summary={"schedule": line})
    seed_schedule(world.bot.database(), name, line, **remembered)
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


def test_a_weekly_one_tells_the_day_as_well(board):
    """Both are due at nine on Mondays: one message."""
    line = just_now()
    board.configure(summary={"schedule": line, "weekly": line})
    seed_schedule(board.bot.database(), "weekly", line)
    due_at_start(board, line=line)
    message = whole(board, board.wait(lambda: summaries(board), "the summary")[0])
    board.settle()
    assert [m["text"] for m in summaries(board)] == ["Weekly summary: nothing open, 1 finding"], summaries(board)
    told = {row[2]: json.loads(row[3])["told"] for row in board.bot.documents() if row[1] == "schedule"}
    assert set(told) == {"daily", "weekly"} and told["daily"] == told["weekly"] > 0, told
    assert "Answer time" in shown(message), shown(message)


def test_the_next_one_begins_where_this_one_ended(board):
    """Late, it tells up to now: the next must not tell that again. And it began where the last that was shown had ended."""
    told = (now() - 26 * 3600) * 1000
    due_at_start(board, told=told)
    message = whole(board, board.wait(lambda: summaries(board), "the summary")[0])
    assert "From <!date^%d^" % (told // 1000) in shown(message), shown(message)
    document = next(json.loads(row[3]) for row in board.bot.documents() if row[1] == "schedule")
    assert document["told"] > document["runs"][-1] + 60000, document


# --- configuration -------------------------------------------------------------------------------------
def schedules(world):
    return {row[2]: json.loads(row[3])["line"] for row in world.bot.documents() if row[1] == "schedule"}


def test_a_reload_changes_what_is_due(board):
    board.start()
    assert schedules(board) == {}
    for section, lines in (({"schedule": "0 9 * * 1-5", "weekly": "0 9 * * mon"}, {"daily": "0 9 * * 1-5", "weekly": "0 9 * * mon"}),
                           ({"schedule": "30 8 * * *", "weekly": None}, {"daily": "30 8 * * *"})):
        board.configure(summary=section)
        board.bot.signal(signal.SIGHUP)
        board.wait(lambda: schedules(board) == lines, "the schedules of %s" % section)
    board.configure(summary=None)
    board.bot.signal(signal.SIGHUP)
    board.wait(lambda: schedules(board) == {}, "no schedules")


def test_a_dashboard_with_a_schedule_of_its_own_tells_in_its_channel(idle):
    line = just_now()
    idle.configure(dashboards=[{**web(LATENCY, REQUESTS), "schedule": line, "channel": "C0CHECKOUT"},
                               {**web(CPU), "name": "hosts"}])
    give_all(idle)
    due_at_start(idle, "C0CHECKOUT UTC", line)
    message = idle.wait(lambda: summaries(idle, channel="C0CHECKOUT"), "the summary")[0]
    assert message["text"] == "Daily summary: nothing open, 1 finding", message["text"]
    assert "hosts" not in shown(message), "it is in no summary"
    idle.settle()
    assert summaries(idle) == []


def test_weekly_judges_the_week(board):
    """What was slow four days ago is news for a week, and not for a day."""
    end = now()
    begin = end - 4 * 86400
    give(board, "TargetResponseTime", series.make(series.latency, end, days=22,
                                                  change=series.slow_since(begin, begin + 2400, 1.4)))
    board.start()
    board.sb.mention("summary")
    day = board.wait(lambda: [r for m in board.sb.messages() for r in board.sb.replies(m["ts"])
                              if "ummary: nothing open" in r["text"]], "the summary of a day")
    assert "no abnormality" in day[0]["text"], day[0]["text"]
    board.sb.slash("/tocsin summary weekly")
    message = board.wait(lambda: summaries(board, "1 finding"), "the summary of a week")[0]
    assert "Answer time" in shown(message), shown(message)


def test_what_is_no_summary_is_said(board):
    board.start()
    board.sb.slash("/tocsin summary of the year")
    answer = board.wait(lambda: [m for m in board.sb.roots() if "There is no summary" in m["text"]], "the answer")[0]
    assert "`summary weekly` of the last seven" in shown(answer), shown(answer)
    board.settle()
    assert not board.sb.aws_calls(action="GetMetricData") and len(board.sb.roots()) == 1


def test_a_channel_that_refuses_is_replaced(board):
    board.configure(summary={"channel": "C0ARCHIVED"})
    board.allow_errors("is_archived", "channel_not_found")
    due_at_start(board)
    text = read(board.wait(lambda: summaries(board), "the summary")[0])
    assert "meant for the channel C0ARCHIVED" in text and "web: 1 finding" in text, text


# --- trouble -------------------------------------------------------------------------------------------
def test_errors_are_of_the_part(board):
    board.sb.metric_rule("Forbidden", match={"metric": "CPUUtilization"})
    board.sb.fault("ok_false:missing_scope", times=20, method="files.getUploadURLExternal")
    board.allow_errors("missing_scope")
    board.allow_lint("Forbidden")
    board.start()
    board.sb.slash("/tocsin summary")
    message = board.wait(lambda: summaries(board, "2 dashboards not read whole"), "the summary")[0]
    board.wait(lambda: "There is no picture" in shown(again(board, message)), "why there is no picture")
    text = read(again(board, message))
    assert "Answer time" in text and "hosts: nothing could be read" in text, text
    board.wait(lambda: len(board.sb.replies(message["ts"])) == 2, "the details of both")


def test_what_does_not_fit_stands_in_the_thread(idle):
    idle.configure(incidents={"charts": False}, summary={"schedule": just_now()})
    idle.start()
    names = ["%02d-" % n + "long" * 18 for n in range(30)]
    for name in names:
        idle.sb.alarm(name=name)
    idle.card(names[-1], "ALARM")
    idle.wait(lambda: len(idle.incident_cards()) == 30, "30 alarms")
    idle.sb.slash("/tocsin summary")
    message = idle.wait(lambda: summaries(idle, "30 open"), "the summary")[0]
    idle.wait(lambda: idle.sb.replies(message["ts"]), "the list")
    missing = [name for name in names if name not in shown(message)]
    assert missing and "%d more, in the thread" % len(missing) in shown(message), shown(message)
    detail = shown(idle.sb.replies(message["ts"])[0])
    left = [name for name in missing if name not in detail]
    assert not left or "%d more" % len([n for n in names if n not in detail]) in detail, detail


# --- a model's words -----------------------------------------------------------------------------------
WORDS = "Answer time of web was **above its limit** (web F1). <!channel>"


@pytest.fixture
def worded(board):
    board.configure(bedrock={"model": MODEL, "prices": PRICES})
    return board


def test_words_stand_on_top(worded):
    worded.sb.model_says(WORDS)
    due_at_start(worded)
    message = whole(worded, worded.wait(lambda: summaries(worded), "the summary")[0])
    blocks = message["blocks"]
    assert [b["type"] for b in blocks[:2]] == ["header", "markdown"], blocks[:2]
    assert "**above its limit**" in blocks[1]["text"] and "<!channel>" not in blocks[1]["text"]
    assert len(worded.sb.model_calls()) == 1
    assert "$" in shown(message) and "the model cost" in shown(message), shown(message)


def test_a_model_is_not_asked_again_after_a_crash(worded):
    worded.sb.model_says(WORDS, first_s=60)
    due_at_start(worded)
    worded.wait(lambda: worded.sb.model_calls(), "the call")
    worded.bot.kill()
    worded.start()
    message = whole(worded, worded.wait(lambda: summaries(worded), "the summary")[0])
    assert "I was restarted" in read(message) and "web: 1 finding" in read(message), shown(message)
    assert len(worded.sb.model_calls()) == 1
