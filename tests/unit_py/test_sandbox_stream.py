"""The sandbox streams as Slack does, and refuses what Slack refuses."""
import time

import pytest

CHANNEL, ALICE = "C0ALARMS01", "U0ALICE001"


@pytest.fixture(name="thread")
def a_thread(api):
    return api("chat.postMessage", channel=CHANNEL, text="why?")["ts"]


@pytest.fixture(name="place")
def where_a_stream_may_begin(api, thread):
    return {
        "channel": CHANNEL,
        "thread_ts": thread,
        "recipient_user_id": ALICE,
        "recipient_team_id": api("auth.test")["team_id"],
    }


def begin(api, place, text="One"):
    answer = api("chat.startStream", markdown_text=text, **place)
    assert answer["ok"], answer
    return {"channel": place["channel"], "ts": answer["ts"]}


def shown(sandbox, it):
    return next(m for m in sandbox.messages(it["channel"]) if m["ts"] == it["ts"])


def test_a_text_grows_and_ends_with_its_parts(sandbox, api, place):
    it = begin(api, place)
    assert shown(sandbox, it)["streaming_state"] == "in_progress"
    assert api("chat.appendStream", markdown_text=" *two*", **it)["ok"]
    last = [{"type": "context", "elements": [{"type": "plain_text", "text": "3 s"}]}]
    answer = api(
        "chat.stopStream",
        markdown_text=".",
        blocks=last,
        metadata={"event_type": "t", "event_payload": {"k": "v"}},
        **it,
    )
    message = shown(sandbox, it)
    assert answer["message"]["text"] == message["text"] == "One *two*."
    assert [b["type"] for b in message["blocks"]] == ["markdown", "context"]
    assert message["streaming_state"] == "completed" and message["metadata"]["event_type"] == "t"
    assert [p["text"] for p in message["stream"]["pieces"]] == ["One", " *two*", "."]
    found = api.form("conversations.replies", channel=CHANNEL, ts=place["thread_ts"])
    assert found["messages"][-1]["streaming_state"] == "completed"


@pytest.mark.parametrize(
    "change,error",
    [
        ({"recipient_user_id": None}, "missing_recipient_user_id"),
        ({"recipient_team_id": None}, "missing_recipient_team_id"),
        ({"recipient_user_id": "U0NOBODY01"}, "user_not_found"),
        ({"recipient_team_id": "T0OTHER001"}, "team_not_found"),
        ({"thread_ts": None}, "invalid_arguments"),
        ({"thread_ts": "1.000001"}, "thread_not_found"),
        ({"channel": "C0NOWHERE1"}, "channel_not_found"),
        ({"channel": "C0GENERAL1"}, "not_in_channel"),
        ({"markdown_text": "x" * 12001}, "msg_too_long"),
        ({"chunks": [{"type": "nope"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "task_update", "id": "1", "title": "t", "status": "x"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "blocks", "blocks": [{"type": "nope"}]}]}, "invalid_blocks"),
        (
            {"markdown_text": "x", "chunks": [{"type": "markdown_text", "text": "x"}]},
            "cannot_provide_both_markdown_text_and_chunks",
        ),
    ],
)
def test_what_cannot_begin(api, place, change, error):
    args = {k: v for k, v in {**place, **change}.items() if v is not None}
    assert api("chat.startStream", **args)["error"] == error


def test_a_direct_message_needs_no_recipient(sandbox, api):
    sandbox.say("why?", channel="dm")
    question = next(m for m in sandbox.messages() if m["channel"].startswith("D"))
    begin(api, {"channel": question["channel"], "thread_ts": question["ts"]})


def test_limits_of_a_message(api, place):
    it = begin(api, place, "x" * 11999)
    assert api("chat.appendStream", markdown_text="yy", **it)["error"] == "msg_too_long"
    assert api("chat.appendStream", **it)["error"] == "markdown_text_or_chunks_required"
    chunk = [{"type": "markdown_text", "text": "y"}]
    assert api("chat.appendStream", chunks=chunk, **it)["error"] == "streaming_mode_mismatch"
    assert api("chat.update", text="x", **it)["error"] == "streaming_state_conflict"
    assert api("chat.stopStream", blocks=[{"type": "nope"}], **it)["error"] == "invalid_blocks"
    assert api("chat.stopStream", session_status="odd", **it)["error"] == "invalid_arguments"
    assert api("chat.stopStream", markdown_text="y", **it)["ok"]
    assert api("chat.stopStream", **it)["error"] == "message_not_in_streaming_state"
    assert api("chat.update", text="x", blocks=[], **it)["ok"]


def test_foreign_messages_do_not_stream(sandbox, api):
    ts = sandbox.post("foreign_post", text="x")["ts"]
    it = {"channel": CHANNEL, "ts": ts, "markdown_text": "x"}
    assert api("chat.appendStream", **it)["error"] == "message_not_owned_by_app"
    assert api("chat.stopStream", **{**it, "ts": "1.000001"})["error"] == "message_not_found"


def test_slack_ends_a_stream_by_itself(sandbox, api, place):
    it = begin(api, place)
    sandbox.settings(stream_s=0)
    time.sleep(0.01)
    try:
        answer = api("chat.appendStream", markdown_text="x", **it)
        assert answer["error"] == "message_not_in_streaming_state"
        assert shown(sandbox, it)["stream"]["ended"] == "expired"
        assert api("chat.update", text="x", blocks=[], **it)["ok"]
    finally:
        sandbox.settings(stream_s=300)


def test_a_reader_stops_a_stream(sandbox, api, place):
    it = begin(api, place)
    sandbox.post("stop_stream", ts=it["ts"])
    assert api("chat.appendStream", markdown_text="x", **it)["error"] == "stopped_by_user"


def test_rates_of_streams(sandbox, api, place):
    sandbox.settings(rates=True)
    try:
        answers = [api("chat.startStream", markdown_text="x", **place) for _ in range(80)]
    finally:
        sandbox.settings(rates=False)
    assert all(a["ok"] for a in answers[:20])
    assert "ratelimited" in {a.get("error") for a in answers}


def test_status(sandbox, api, place, thread):
    it = {"channel_id": CHANNEL, "thread_ts": thread}
    key = "%s/%s" % (CHANNEL, thread)
    assert api("assistant.threads.setStatus", status="thinks", **it)["ok"]
    assert sandbox.get("statuses")[key] == "thinks"
    assert api("assistant.threads.setStatus", status="", **it)["ok"]
    assert key not in sandbox.get("statuses")
    assert api("assistant.threads.setStatus", status="thinks", **it)["ok"]
    begin(api, place)
    assert key not in sandbox.get("statuses")
    wrong = {**it, "thread_ts": "1.000001", "status": "x"}
    assert api("assistant.threads.setStatus", **wrong)["error"] == "invalid_thread_ts"
    assert api("assistant.threads.setStatus", **it)["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    "text,notes",
    [
        ("**bold** `https://x` \\[a\\] (b) &lt;x&gt;\n```\n<a> https://x\n```\n", 0),
        ("see https://x", 1),
        ("[a](b)", 1),
        ("<!channel>", 2),
        ("@here", 1),
    ],
)
def test_careless_markdown_is_noted(sandbox, api, place, text, notes):
    it = begin(api, place, text)
    assert len(shown(sandbox, it)["lint"]) == notes
