"""Socket Mode: what the server sends, refuses and records, and how it dies."""
import json
import socket
import struct
import time

import pytest

from .raw_socket import RawSocket


@pytest.fixture
def link(api):
    made = RawSocket(api)
    assert made.status == 101 and made.message()["type"] == "hello"
    yield made
    made.sock.close()


@pytest.fixture(autouse=True)
def clean(sandbox):
    before = sandbox.get("state")["settings"]
    sandbox.settings(redeliver=False)
    sandbox.wait_for(lambda: not sandbox.live(), "no connection of an earlier test")
    yield
    sandbox.socket("forget")  # or retries of what this test left behind come to the next one
    RawSocket.close_all()
    sandbox.settings(**before, socket_mode=True)
    sandbox.socket("drop_ghosts")


def envelope(sandbox, number=-1):
    return sandbox.envelopes()[number]


def test_hello_and_ticket(sandbox, api, link):
    again = RawSocket(api, path=link.path)
    assert again.status == 403, "a ticket works once"
    assert RawSocket(api, path="/link/?ticket=guess").status == 403
    second = RawSocket(api)
    hello = second.message()
    assert (
        hello["num_connections"] == 2
        and hello["debug_info"]["approximate_connection_time"] == 18060
    )
    second.leave()


@pytest.mark.parametrize(
    "spoil", ["Sec-WebSocket-Version: 13", "Upgrade: websocket\r\n", "Host: x\r\n"]
)
def test_bad_handshake(api, spoil):
    good = (
        "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert (
        RawSocket(
            api, handshake=good.replace(spoil, spoil.replace("13", "8") if "13" in spoil else "")
        ).status
        == 400
    )


def test_mention_comes_as_two_events_on_any_connection(sandbox, api, link):
    sent = sandbox.mention("ping & <b>")
    one, two = link.message(), link.message()
    link.ack(one)
    link.ack(two)
    assert sorted(m["payload"]["event"]["type"] for m in (one, two)) == ["app_mention", "message"]
    assert one["payload"]["event"]["ts"] == two["payload"]["event"]["ts"] == sent["ts"]
    assert one["payload"]["event_id"] != two["payload"]["event_id"]
    assert one["payload"]["event"]["text"] == "<@U0TOCSIN01> ping &amp; &lt;b&gt;"
    sandbox.wait_for(
        lambda: all(e["state"] == "acked" for e in sandbox.envelopes()[-2:]), "two acks"
    )
    assert envelope(sandbox)["ack_ms"] is not None


def test_direct_message_has_no_mention_event(sandbox, link):
    assert len(sandbox.say("@tocsin hi", channel="dm")["envelopes"]) == 1
    assert link.message()["payload"]["event"]["channel_type"] == "im"


def test_event_retries(sandbox, link):
    sandbox.settings(ack_deadline_ms=30)
    sandbox.say("are you there")
    seen = [link.message() for _ in range(4)]
    assert [m["retry_attempt"] for m in seen] == [0, 1, 2, 3]
    assert [m["retry_reason"] for m in seen] == ["", "timeout", "timeout", "timeout"]
    assert len({m["payload"]["event_id"] for m in seen}) == 1
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "failed", "the event is given up")
    link.ack(seen[3])
    sandbox.wait_for(lambda: sandbox.connections()[-1]["acks"], "the late ack")
    assert sandbox.connections()[-1]["acks"][0]["fault"] == "late ack"


def test_what_is_forgotten_is_not_retried(sandbox, link):
    sandbox.settings(ack_deadline_ms=30)
    old = sandbox.say("nobody hears me")["envelopes"]
    link.message()
    assert sandbox.socket("forget")["envelopes"] == old
    sandbox.settings(ack_deadline_ms=500)
    new = sandbox.say("but me")["envelopes"]
    seen = [link.message() for _ in range(2)]
    assert len({m["payload"]["event_id"] for m in seen}) == 1 and seen[1]["retry_attempt"] == 1
    assert [sandbox.envelopes()[n]["state"] for n in old] == ["forgotten"]
    link.ack(seen[1])
    sandbox.wait_for(lambda: envelope(sandbox, new[0])["state"] == "acked", "the ack")


def test_ack_of_a_retry_counts(sandbox, link):
    sandbox.settings(ack_deadline_ms=500)
    sandbox.say("once more")
    link.message()
    link.ack(link.message())
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "acked", "the ack")
    assert len(envelope(sandbox)["attempts"]) == 2


def test_commands_are_not_retried(sandbox, link):
    sandbox.settings(ack_deadline_ms=30)
    assert sandbox.slash("/tocsin ping")["state"] == "operation_timeout"
    assert len(envelope(sandbox)["attempts"]) == 1
    assert sandbox.get("dialogs")[-1]["error"] == "operation_timeout"
    link.leave()
    assert sandbox.slash("/tocsin ping")["attempts"][0]["connection"] is None
    assert sandbox.get("dialogs")[-1]["error"] == "dispatch_failed"


def test_ack_payload_of_a_command_is_shown(sandbox, link):
    sandbox.post("slash", line="/tocsin ping", wait=False)
    link.ack(link.message(), payload={"text": "pong from the ack"})
    sandbox.wait_for(
        lambda: any(e["text"] == "pong from the ack" for e in sandbox.get("ephemerals")),
        "the answer",
    )


def test_click(sandbox, api, link):
    button = {
        "type": "button",
        "action_id": "ack",
        "value": "7",
        "text": {"type": "plain_text", "text": "Ack"},
    }
    ts = api(
        "chat.postMessage",
        channel="C0ALARMS01",
        text="x",
        blocks=[{"type": "actions", "elements": [button]}],
    )["ts"]
    link.ack(link.message())
    with pytest.raises(Exception, match="no such action"):
        sandbox.click(ts, "resolve")
    sandbox.post("click", ts=ts, action_id="ack", wait=False)
    payload = link.message()["payload"]
    assert payload["actions"][0]["value"] == "7" and payload["message"]["ts"] == ts
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": "C0ALARMS01",
        "is_ephemeral": False,
    }


def test_own_posts_are_echoed_with_metadata(sandbox, api, link):
    api(
        "chat.postMessage",
        channel="C0ALARMS01",
        text="own",
        metadata={"event_type": "e", "event_payload": {"k": "v"}},
    )
    event = link.message()["payload"]["event"]
    while event.get("text") != "own":  # what the tests before did not acknowledge may come again
        event = link.message()["payload"]["event"]
    assert event["bot_id"] == "B0TOCSIN01" and event["metadata"]["event_payload"] == {"k": "v"}


@pytest.mark.parametrize(
    "ack,fault",
    [
        ("{", "not an object"),
        ("[]", "not an object"),
        ('{"envelope_id":"nope"}', "unknown envelope_id"),
    ],
)
def test_bad_acks_are_recorded(sandbox, link, ack, fault):
    link.send(ack)
    found = sandbox.wait_for(lambda: sandbox.connections()[-1]["acks"], "the ack")
    assert found[0]["fault"].startswith(fault)


def closed_with(link):
    return struct.unpack("!H", link.until(8)[:2])[0]


def test_protocol_is_enforced(sandbox, api):
    for payload, options, code in (
        ("x" * 20481, {}, 1009),
        ("{}", {"mask": False}, 1002),
        (b"\xff\xfe", {}, 1007),
    ):
        link = RawSocket(api)
        link.message()
        link.send(payload, **options)
        assert closed_with(link) == code
        link.sock.close()


def test_ack_of_20480_bytes_passes(sandbox, link):
    sandbox.post("slash", line="/tocsin ping", wait=False)
    envelope_id = link.message()["envelope_id"]
    text = json.dumps({"envelope_id": envelope_id, "payload": {"text": ""}})
    link.send(text.replace('""', '"%s"' % ("y" * (20480 - len(text)))))
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "acked", "the ack")


def test_fragmented_ack_is_lost(sandbox, link):
    sandbox.settings(ack_deadline_ms=100)
    sandbox.post("slash", line="/tocsin ping", wait=False)
    text = json.dumps({"envelope_id": link.message()["envelope_id"]})
    link.send(text[:9], fin=False)
    link.send(text[9:], opcode=0)
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "operation_timeout", "the timeout")
    assert "fragmented" in sandbox.connections()[-1]["faults"][0]


def test_pings(sandbox, api):
    sandbox.settings(ping_interval_s=0.05)
    link = RawSocket(api)
    assert link.message()["type"] == "hello"  # pings may be faster, on a busy machine
    assert link.until(9).startswith(b"Ping from applink-")
    link.send("abc", opcode=9)
    assert link.until(10) == b"abc"
    sandbox.settings(pong=False)
    link.send("def", opcode=9)
    sandbox.wait_for(lambda: sandbox.connections()[-1]["pings"] == 2, "the ping")
    opcodes = [link.frame()[0] for _ in range(3)]  # on a busy machine an earlier test's event may come between
    assert 9 in opcodes and 10 not in opcodes, opcodes
    link.leave()


def test_disconnect_messages(sandbox, api):
    for reason in ("warning", "refresh_requested", "too_many_websockets", "link_disabled"):
        link = RawSocket(api)
        link.message()
        sandbox.socket("disconnect", reason=reason)
        assert link.message()["reason"] == reason
        assert closed_with(link) == 1000
        link.sock.close()
    assert (
        api("apps.connections.open", token="app")["error"] == "forbidden_team"
    ), "Socket Mode is off now"


def test_ten_connections(sandbox, api):
    links = [RawSocket(api) for _ in range(10)]
    assert [link.message()["type"] for link in links] == ["hello"] * 10
    last = RawSocket(api)
    assert last.message()["reason"] == "too_many_websockets"
    for link in links + [last]:
        link.leave()


def test_how_connections_end_is_recorded(sandbox, api):
    link = RawSocket(api)
    link.message()
    link.leave()
    record = sandbox.wait_for(
        lambda: sandbox.connections()[-1]["tcp_end"] and sandbox.connections()[-1], "the end"
    )
    assert (
        record["closed"] == "close from client"
        and record["client_close"] == 1000
        and record["tcp_end"] == "client fin"
    )
    link = RawSocket(api)
    link.message()
    link.sock.close()
    record = sandbox.wait_for(
        lambda: sandbox.connections()[-1]["closed"] and sandbox.connections()[-1], "the end"
    )
    assert record["closed"] == "tcp dropped without CLOSE" and record["client_close"] is None


def test_slack_leaves_tcp_open_after_close(sandbox, api):
    sandbox.settings(linger_s=0.2)
    link = RawSocket(api)
    link.message()
    link.send(struct.pack("!H", 1000), opcode=8)
    assert closed_with(link) == 1000
    record = sandbox.wait_for(
        lambda: sandbox.connections()[-1]["tcp_end"] and sandbox.connections()[-1], "the end"
    )
    assert record["tcp_end"] == "client left TCP open"


def test_deaths(sandbox, api):
    for fault, expected in (("reset", ConnectionResetError), ("fin", EOFError)):
        link = RawSocket(api)
        link.message()
        sandbox.socket(fault)
        with pytest.raises(expected):
            link.message()
        link.sock.close()


def test_half_open_swallows_envelopes(sandbox, link):
    sandbox.settings(ack_deadline_ms=50)
    sandbox.socket("half_open")
    assert sandbox.slash("/tocsin ping")["state"] == "operation_timeout"
    assert envelope(sandbox)["attempts"][0]["connection"] is not None, "a ghost got it"
    link.sock.settimeout(0.1)
    with pytest.raises(socket.timeout):
        link.frame()


def test_slack_notices_a_ghost_at_last(sandbox, link, api):
    """What the ghost had swallowed goes to a connection that lives, under the same id."""
    sandbox.settings(ghost_life_s=0.2, redeliver=True, distribution="first")
    sandbox.socket("half_open")
    second = RawSocket(api)
    assert second.message()["num_connections"] == 2, "the ghost counts"
    sandbox.post("slash", line="/tocsin ping", wait=False)
    second.ack(second.message())
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "acked", "the ack")
    (attempt,) = envelope(sandbox)["attempts"]
    assert len(attempt["again"]) == 1
    third = RawSocket(api)
    assert third.message()["num_connections"] == 2


@pytest.mark.parametrize("end", ["reset", "fin", "close"])
def test_an_ended_connection_hands_on_what_it_had_not_acknowledged(sandbox, link, api, end):
    sandbox.settings(redeliver=True)
    sandbox.post("slash", line="/tocsin ping", wait=False)
    first = link.message()
    if end == "close":
        link.leave()
    else:
        sandbox.socket(end)
    second = RawSocket(api)  # while there is none, it waits until its time is over
    assert second.message()["type"] == "hello"
    assert second.message()["envelope_id"] == first["envelope_id"]
    second.ack(first)
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "acked", "the ack")
    assert len(envelope(sandbox)["attempts"]) == 1


def test_what_a_person_saw_fail_is_not_delivered_later(sandbox, link, api):
    sandbox.settings(redeliver=True, ack_deadline_ms=200)
    sandbox.post("slash", line="/tocsin ping", wait=False)
    link.message()
    sandbox.socket("reset")
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "operation_timeout", "the failure")
    second = RawSocket(api)
    assert second.message()["type"] == "hello"
    second.sock.settimeout(0.3)
    with pytest.raises(socket.timeout):
        second.frame()


def test_no_answer_to_close(sandbox, link):
    sandbox.settings(answer_close=False)
    link.send(struct.pack("!H", 1000), opcode=8)
    link.sock.settimeout(0.2)
    with pytest.raises(socket.timeout):
        link.frame()


def test_hello_late_and_missing(sandbox, api):
    sandbox.settings(hello_delay_s=0.2)
    started = time.monotonic()
    link = RawSocket(api)
    assert link.message()["type"] == "hello" and time.monotonic() - started >= 0.19
    link.leave()
    sandbox.settings(hello_delay_s=None)
    link = RawSocket(api)
    link.sock.settimeout(0.2)
    with pytest.raises(socket.timeout):
        link.frame()
    link.sock.close()


@pytest.mark.parametrize("status", [408, 409, 429, 503])
def test_upgrade_refused(sandbox, api, status):
    sandbox.fault({"do": "status", "status": status}, method="socket.upgrade")
    assert RawSocket(api).status == status
    link = RawSocket(api)
    assert link.status == 101
    link.leave()


def test_fragments_and_segments(sandbox, link):
    sandbox.socket("shape", fragments=5, pieces=40)
    sandbox.say("in pieces " * 20)
    parts = []
    while True:
        opcode, fin, payload = link.frame()
        if opcode < 8:
            parts.append((opcode, fin))
            if fin:
                break
    assert parts == [(1, False)] + [(0, False)] * 3 + [(0, True)]


def test_huge_envelopes(sandbox, link):
    for size in (67000, 1 << 20):
        sandbox.post(
            "event",
            event={
                "type": "app_mention",
                "user": "U0ALICE001",
                "text": "x",
                "ts": "1.1",
                "channel": "C0ALARMS01",
            },
            pad=size,
        )
        message = link.message()
        assert len(json.dumps(message)) > size
        link.ack(message)


@pytest.mark.parametrize(
    "frame",
    [
        "binary",
        "empty",
        "not_json",
        "json_array",
        "unknown_type",
        "missing_envelope_id",
        "no_payload",
        "bad_utf8",
        "text",
    ],
)
def test_raw_frames(sandbox, link, frame):
    sandbox.socket("raw", frame=frame, text="hi", bytes=10)
    assert link.frame()[0] in (1, 2)


def test_repeat(sandbox, link):
    sandbox.say("twice")
    first = link.message()
    link.ack(first)
    sandbox.wait_for(lambda: envelope(sandbox)["state"] == "acked", "the ack")
    sandbox.socket("repeat", envelope=envelope(sandbox)["id"])
    assert link.message() == first
    link.ack(first)
    sandbox.wait_for(lambda: len(sandbox.connections()[-1]["acks"]) == 2, "the second ack")
    assert sandbox.connections()[-1]["acks"][1]["fault"] == "second ack"


def test_manifest_decides_what_is_delivered(sandbox, link):
    before = sandbox.get("state")
    sandbox.post(
        "install",
        manifest={
            "features": {"slash_commands": [{"command": "/tocsin"}]},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
            "settings": {
                "socket_mode_enabled": True,
                "event_subscriptions": {"bot_events": ["app_mention"]},
            },
        },
    )
    try:
        assert len(sandbox.mention("x")["envelopes"]) == 1
        with pytest.raises(Exception, match="not a valid command"):
            sandbox.slash("/other")
    finally:
        sandbox.settings(scopes=before["scopes"], events=before["events"], commands=None)
