"""The way back: people ask, tocsin answers, once."""
import json
import signal

import pytest

from tests.e2e.support import shown


def pongs(world, channel=None):
    return [m for m in world.sb.roots(channel) if "pong" in m["text"]]


def test_slash(world):
    envelope = world.sb.slash("/tocsin ping")
    assert envelope["state"] == "acked"
    answer = world.wait(lambda: pongs(world), "a pong")[0]
    text = shown(answer)
    for word in ("Slack", "Journal", "writable", "Incidents", "0 open", "tocsin "):
        assert word in text, text
    world.settle()
    assert len(pongs(world)) == 1 and world.sb.get("ephemerals") == []


def test_ping_counts_open_incidents(world):
    world.sb.alarm(name="open-1")
    world.sb.alarm(name="open-2")
    world.sb.slash("/tocsin ping")
    assert "2 open" in shown(world.wait(lambda: pongs(world), "a pong")[0])


def test_mention_is_answered_in_its_thread(world):
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong")
    world.settle()
    assert len(world.sb.replies(said["ts"])) == 1 and pongs(world) == []
    assert len(said["envelopes"]) == 2, "app_mention and message.channels: two events, one answer"


def test_mention_within_a_thread(world):
    world.sb.alarm(name="discussed")
    card = world.card("discussed", "ALARM")
    world.lines(card)
    world.settle()
    before = len(world.sb.replies(card["ts"]))
    world.sb.mention("ping", thread_ts=card["ts"])
    world.wait(lambda: len(world.sb.replies(card["ts"])) == before + 1, "a pong in the thread")
    world.settle()
    assert "pong" in world.sb.replies(card["ts"])[-1]["text"]
    assert len(world.sb.replies(card["ts"])) == before + 1


def test_talk_in_a_thread_is_not_answered(world):
    world.sb.alarm(name="talk")
    card = world.card("talk", "ALARM")
    world.lines(card)
    world.settle()
    before = len(world.posts())
    world.sb.say("who looks at it?", thread_ts=card["ts"])
    world.sb.say("just talk in the channel")
    world.sb.say("ping")
    world.sb.post("foreign_post", text="<@U0TOCSIN01> ping")
    world.sb.mention("ping")
    world.wait(lambda: len(world.posts()) > before, "the pong of the last one")
    world.settle()
    assert len(world.posts()) == before + 1
    assert all(e["state"] == "acked" for e in world.sb.envelopes())


def test_direct_message(world):
    said = world.sb.say("ping", channel="dm")
    answer = world.wait(lambda: world.sb.bot_messages(said["channel"]), "a pong")
    world.settle()
    assert len(world.sb.bot_messages(said["channel"])) == 1 and "pong" in answer[0]["text"]


def test_slash_in_a_direct_message(world):
    world.sb.slash("/tocsin ping", channel="dm")
    channel = world.sb.say("hello", channel="dm")["channel"]
    world.wait(lambda: any("pong" in m["text"] for m in world.sb.bot_messages(channel)), "a pong")


@pytest.mark.parametrize("line", ["PING", "  ping  ", "/ping", "ping please", "ping\u00a0", "Ping\nand more"])
def test_ways_to_write_it(world, line):
    said = world.sb.mention(line)
    answer = world.wait(lambda: world.sb.replies(said["ts"]), "an answer")[0]
    assert "pong" in answer["text"] or "do not know" in answer["text"]
    if "\u00a0" not in line:
        assert "pong" in answer["text"]


@pytest.mark.parametrize("word, near", [("pnig", "ping"), ("", None)])
def test_a_slip_and_nothing_get_help(world, word, near):
    said = world.sb.mention(word)
    answer = world.wait(lambda: world.sb.replies(said["ts"]), "help")[0]
    assert "ping" in shown(answer) and answer["lint"] == []
    if near:
        assert "Did you mean" in shown(answer)


def test_what_is_no_command_is_a_question_and_never_markup(world):
    for word in ("xyzzy", "<!channel>", "`rm -rf`", "\u202egnip", "a" * 5000, "&amp;"):
        said = world.sb.mention(word)
        world.wait(lambda: any("Answered" in shown(m) for m in world.sb.replies(said["ts"])), "an answer")
        for answer in world.sb.replies(said["ts"]):
            assert answer["lint"] == [] and '"broadcast"' not in json.dumps(answer)
            assert "<!channel>" not in json.dumps(answer["blocks"]) or "rich_text" in json.dumps(answer["blocks"])


def test_unknown_words_behind_a_slash_command_get_help(world):
    world.sb.slash("/tocsin xyzzy")
    answer = world.wait(lambda: world.sb.roots(), "help")[0]
    assert "I do not know" in shown(answer) and "ping" in shown(answer)


def test_help(world):
    world.sb.slash("/tocsin help")
    answer = world.wait(lambda: world.sb.roots(), "help")[0]
    assert "What I can do" in shown(answer) and "/tocsin ping" in shown(answer)


def test_cost_is_told_to_everyone_who_asks(world):
    world.sb.slash("/tocsin cost")
    answer = world.wait(lambda: world.sb.roots(), "the cost")[0]
    assert "Nothing so far. No model is configured" in shown(answer) and "Today" in shown(answer)
    mentioned = world.sb.mention("cost last month")
    answer = world.wait(lambda: world.sb.replies(mentioned["ts"]), "the cost of last month")[0]
    assert "What the model cost in" in shown(answer) and answer["lint"] == []
    direct = world.sb.say("cost 2026-13", channel="dm")
    answer = world.wait(lambda: world.sb.bot_messages(direct["channel"]), "a refusal of that month")[0]
    assert "2026-13" in shown(answer) and "cost last month" in shown(answer)


def test_a_slash_command_of_the_manifest_works_and_no_other_is_in_it(world):
    """The sandbox takes the app from our own manifest: what it registers is what works."""
    manifest = json.loads(world.bot.command("manifest").stdout)
    installed = world.sb.post("install", manifest=manifest)
    assert installed["commands"] == [
        "/tocsin", "/top", "/memory", "/disk", "/agent", "/ticket", "/incidents", "/ask", "/dashboard"]
    world.sb.slash("/tocsin ping")
    world.wait(lambda: pongs(world), "a pong")
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong to the mention")
    world.sb.say("ping", channel="dm")
    world.sb.alarm(name="with-these-scopes")
    world.card("with-these-scopes", "ALARM")
    world.sb.fault("reset_after", method="chat.postMessage")
    world.sb.alarm(name="looked-up-with-these-scopes")
    world.card("looked-up-with-these-scopes", "ALARM")
    world.settle()
    assert len(world.cards("looked-up-with-these-scopes")) == 1


# --- once ---------------------------------------------------------------------------------------
def test_many_at_once_are_each_answered_once(world):
    said = [world.sb.mention("ping %d" % n) for n in range(20)]
    world.wait(lambda: all(world.sb.replies(s["ts"]) for s in said), "twenty pongs", 40)
    world.settle()
    assert [len(world.sb.replies(s["ts"])) for s in said] == [1] * 20


@pytest.mark.parametrize("hard", [False, True], ids=["stopped", "killed"])
def test_restart_between_question_and_answer(world, hard):
    """Slack cannot be asked while it runs; after a restart the answer comes, once."""
    world.sb.fault("503_before", times=0, method="chat.postMessage")
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.requests("chat.postMessage"), "a try")
    world.wait(lambda: all(world.sb.envelopes()[n]["state"] == "acked" for n in said["envelopes"]), "the acks")
    if hard:
        world.bot.kill()
    else:
        world.bot.stop()
    world.sb.clear_faults()
    world.bot.start()
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong", 60)
    world.settle(60)
    assert len(world.sb.replies(said["ts"])) == 1


def test_stopped_while_the_answer_is_on_its_way(world):
    """The post hangs when SIGTERM comes: it had been stored, so it is not posted again."""
    world.sb.fault({"do": "hang_after", "s": 30}, times=1, method="chat.postMessage")
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.replies(said["ts"]), "the stored pong")
    world.bot.stop()
    world.bot.start()
    world.settle()
    assert len(world.posts()) == 1


def test_stop_takes_no_new_work_but_acks_what_it_took(world):
    said = [world.sb.mention("ping %d" % n) for n in range(5)]
    world.wait(lambda: world.sb.envelopes(), "envelopes")
    world.bot.signal(signal.SIGTERM)
    assert world.bot.wait() == 0
    world.sb.settings(ack_deadline_ms=300)
    world.bot.start()
    world.wait(lambda: all(world.sb.replies(s["ts"]) for s in said), "all pongs", 60)
    world.settle()
    assert [len(world.sb.replies(s["ts"])) for s in said] == [1] * 5


# --- where the bot may not speak ---------------------------------------------------------------------
def test_slash_in_a_private_channel_without_the_bot_is_answered_privately(world):
    world.allow_errors("channel_not_found", "not_in_channel", "method_not_supported_for_channel_type")
    assert world.sb.slash("/tocsin ping", channel="G0PRIVATE1")["state"] == "acked"
    private = world.wait(lambda: world.sb.get("ephemerals"), "a private answer")
    world.settle()
    assert len(private) == 1 and private[0]["to"] == "U0ALICE001" and private[0]["source"] == "response_url"
    assert "could not answer here" in shown(private[0]) and private[0]["lint"] == []
    assert world.sb.bot_messages("G0PRIVATE1") == []


def test_slash_in_an_archived_channel_is_answered_privately(world):
    world.allow_errors("is_archived")
    world.sb.slash("/tocsin ping", channel="C0ARCHIVED")
    assert world.wait(lambda: world.sb.get("ephemerals"), "a private answer")


def test_slash_in_a_public_channel_without_the_bot(world):
    world.allow_errors("not_in_channel")
    world.sb.slash("/tocsin ping", channel="C0GENERAL1")
    world.wait(lambda: pongs(world, "C0GENERAL1") or world.sb.get("ephemerals"), "an answer")


def test_the_private_answer_fails_too(world):
    world.allow_errors("is_archived")
    world.sb.fault("500_before", times=1, method="response_url")
    world.sb.slash("/tocsin ping", channel="C0ARCHIVED")
    assert world.bot.wait_logged("whisper.unknown")
    world.settle()
