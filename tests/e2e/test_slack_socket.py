"""Slack at its worst: a scenario for each line of the list of real bugs (Socket Mode and Web API).

The list is section 7.1 of the facts about Slack; streams and modals are not used yet.
"""
import json
import time

import pytest

from tests.e2e.support import shown, until


def pong(world, timeout=20):
    """Proof of the way there and back: a mention is answered once, in its thread."""
    said = world.sb.mention("ping")
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong", timeout)
    return said


def answered_once(world, ts):
    world.settle()
    answers = world.sb.replies(ts)
    assert len(answers) == 1, [shown(a) for a in answers]
    return answers[0]


def opened(world):
    """Connections that were tried."""
    return world.sb.connections()


def steady(world, count=2):
    """So many sockets live, and none more comes while nothing happens."""
    world.wait_sockets(count)
    tried = len(opened(world))
    pong(world)
    assert len(world.sb.live()) == count and len(opened(world)) == tried


# --- connect ------------------------------------------------------------------------------------
def test_hello_comes_late(idle):
    idle.sb.settings(hello_delay_s=1)
    idle.bot.start()
    assert idle.bot.get("/readyz")[0] == 503
    idle.wait_sockets()
    idle.bot.wait_ready()
    steady(idle)


def test_hello_never_comes(idle):
    idle.sb.settings(hello_delay_s=None)
    idle.bot.start()
    idle.bot.wait_logged("slack.no_hello", timeout=60)
    assert idle.bot.get("/readyz")[0] == 503
    idle.sb.settings(hello_delay_s=0)
    idle.wait_sockets()
    steady(idle)
    assert all(c["client_close"] == 1000 for c in opened(idle) if c["hello"] is None)


@pytest.mark.parametrize("how", ["status:408", "status:409", "429", "status:503", "status:404", "reset_before"])
def test_upgrade_is_refused(idle, how):
    idle.sb.fault(how, times=3, method="socket.upgrade")
    idle.start()
    assert len([c for c in opened(idle) if c["closed"] == "refused"]) == 3
    steady(idle)
    assert len(opened(idle)) == 5, "one new socket for each refusal, not more"


def test_upgrade_hangs(idle):
    """No answer to the upgrade: given up after the deadline (15 s), and such sockets are not counted for ever."""
    idle.sb.fault("hang_before", times=4, method="socket.upgrade")
    idle.bot.start()
    idle.sb.wait_for(lambda: len(idle.sb.live()) == 2, "two sockets", 60)
    steady(idle)


@pytest.mark.parametrize("how", ["ok_false:internal_error", "ok_false:fatal_error", "503_before", "reset_before",
                                 "malformed_json", "html", "empty", "truncated", "ok_false:some_new_error"])
def test_asking_for_an_address_fails_for_a_while(idle, how):
    idle.sb.fault(how, times=3, method="apps.connections.open")
    idle.start()
    steady(idle)
    assert idle.bot.alive()


def test_asking_for_an_address_is_rate_limited(idle):
    idle.configure(slack={"connections": 1})
    idle.sb.fault({"do": "429", "retry_after": 60}, times=1, method="apps.connections.open")
    idle.start()
    first, second = idle.sb.requests("apps.connections.open")
    assert second["time"] - first["time"] >= 60 * 0.02 * 0.95
    steady(idle, 1)


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked", "not_allowed_token_type",
                                   "forbidden_team", "missing_scope"])
def test_a_token_that_will_never_work_ends_the_program(idle, error):
    idle.sb.fault("ok_false:" + error, times=0, method="apps.connections.open")
    idle.bot.spawn()
    assert idle.bot.wait(30) == 1
    assert idle.bot.logged("slack.fatal")


def test_a_fresh_address_for_each_connection(world):
    for _ in range(3):
        live = len(opened(world))
        world.sb.socket("reset")
        world.wait(lambda n=live: len(opened(world)) > n and len(world.sb.live()) == 2, "another connection")
    asked = [r for r in world.sb.requests("apps.connections.open")]
    assert len(asked) == len(opened(world))
    assert all(r["token"] == "app" and not r["args"] for r in asked)


# --- disconnect -----------------------------------------------------------------------------------
def replaced(world, act):
    """act() ends or announces the end of the newest connection; it gets exactly one successor."""
    world.wait_sockets()
    old, count = world.sb.live()[-1]["id"], len(opened(world))
    act(old)
    world.wait(lambda: len(opened(world)) > count and len(world.sb.live()) >= 2
               and opened(world)[old]["closed"] is not None, "a replacement")
    steady(world)
    assert len(opened(world)) == count + 1
    return opened(world)[old], opened(world)[count]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_announced_end_is_overlapped(world, reason):
    old, new = replaced(world, lambda n: world.sb.socket("disconnect", connection=n, reason=reason, close_after_s=60))
    assert new["hello"] < old["closed_time"], "the replacement must say hello before the old one goes"


def test_announced_end_without_the_end(world):
    """Slack says refresh and never closes: the old one is drained and then closed by us."""
    old, new = replaced(world, lambda n: world.sb.socket("disconnect", connection=n, reason="refresh_requested",
                                                         close_after_s=None))
    assert new["hello"] < old["closed_time"]
    assert old["client_close"] == 1000 and old["tcp_end"] in ("client fin", "client reset")


def test_announced_end_of_both_at_once(world):
    for connection in world.sb.live():
        world.sb.socket("disconnect", connection=connection["id"], reason="warning")
    said = [world.sb.mention("ping %d" % n)["ts"] for n in range(5)]
    world.wait(lambda: all(world.sb.replies(ts) for ts in said), "five pongs")
    world.wait(lambda: len([c for c in opened(world) if c["closed"] is None]) == 2, "two sockets", 30)
    steady(world)
    assert max(overlap(opened(world))) <= 4
    for ts in said:
        answered_once(world, ts)


def test_refreshes_in_quick_succession_leave_no_gap(idle):
    """However often Slack asks for it: the successor is there before the old one, announced to end in 30 s, ends."""
    idle.configure(slack={"connections": 1}).start()
    for number in range(9):
        idle.sb.socket("disconnect", connection=number, reason="refresh_requested", close_after_s=30)
        idle.wait(lambda n=number: len(opened(idle)) == n + 2 and opened(idle)[n + 1]["hello"]
                  and opened(idle)[n]["closed_time"], "a replacement")
        assert opened(idle)[number + 1]["hello"] < opened(idle)[number]["closed_time"], "a gap at refresh %d" % number


def overlap(connections):
    """How many were open at the beginning of each."""
    return [len([c for c in connections if c["opened"] <= at["opened"]
                 and (c["closed_time"] is None or c["closed_time"] > at["opened"])]) for at in connections]


@pytest.mark.parametrize("code", [1000, 1001, 1006 + 5])
def test_close_without_a_word(world, code):
    old, _ = replaced(world, lambda n: world.sb.socket("close", connection=n, code=code))
    assert old["server_close"] == code and old["client_close"] is not None


@pytest.mark.parametrize("fault", ["reset", "fin"])
def test_tcp_ends(world, fault):
    replaced(world, lambda n: world.sb.socket(fault, connection=n))


def test_half_open_is_noticed(world):
    old = world.sb.live()[-1]["id"]
    count = len(opened(world))
    world.sb.socket("half_open", connection=old)
    world.bot.wait_logged("slack.silent", timeout=40)
    world.wait(lambda: len(opened(world)) > count and opened(world)[-1]["hello"], "a replacement", 40)
    world.sb.post("socket", fault="drop_ghosts")
    world.wait(lambda: len(world.sb.live()) == 2, "two sockets")
    steady(world)


def test_peer_never_answers_close(world):
    world.sb.settings(answer_close=False)
    began = time.monotonic()
    world.bot.stop()
    assert time.monotonic() - began < 10
    assert [c["client_close"] for c in opened(world)] == [1000, 1000]


def test_server_stops_pinging(world):
    world.sb.settings(ping=False)
    pings = [c["pings"] for c in opened(world)]
    world.wait(lambda: all(c["pings"] > before + 2 for c, before in zip(opened(world), pings)), "our own pings")
    assert len(opened(world)) == 2
    steady(world)


def test_server_stops_answering_pings(world):
    world.sb.settings(ping=False, pong=False)
    world.bot.wait_logged("slack.silent", timeout=40)
    world.sb.settings(ping=True, pong=True)
    world.wait(lambda: len(opened(world)) > 2 and len(world.sb.live()) == 2, "new sockets", 40)
    world.wait(lambda: all(c["closed"] or c["hello"] for c in opened(world)), "a steady state")
    pong(world)


def test_too_many_websockets_then_many_connections(idle):
    idle.sb.settings(max_connections=0)
    idle.bot.start()
    idle.wait(lambda: len([c for c in opened(idle) if "too_many_websockets" in c.get("disconnects", [])]) >= 3,
              "three refusals", 60)
    idle.sb.settings(max_connections=10, num_connections=10)
    idle.wait_sockets()
    times = [c["opened"] for c in opened(idle)][:3]
    assert times[2] - times[0] >= 0.5, "a full house is not stormed (times are scaled by 0.02)"
    assert idle.bot.wait_logged("slack.ghosts")
    assert idle.bot.metric("tocsin_slack_hello_connections") == 10
    steady(idle)


def test_link_disabled(world):
    world.sb.socket("disconnect", connection=0, reason="link_disabled")
    world.bot.wait_logged("slack.link_disabled")
    assert world.bot.alive()
    world.allow_errors("link_disabled")
    world.sb.settings(socket_mode=True)
    world.wait(lambda: len(world.sb.live()) == 2, "two sockets again", 40)
    pong(world)


def test_old_sockets_do_not_disturb_new_ones(world):
    """Ends of old sockets arrive while new ones live; never more than one successor each."""
    for round_number in range(4):
        count = len(opened(world))
        live = [c["id"] for c in world.sb.live()]
        world.sb.socket("disconnect", connection=live[0], reason="warning", close_after_s=30)
        world.wait(lambda n=count: len(opened(world)) > n and opened(world)[n]["hello"], "a successor")
        world.sb.socket("reset" if round_number % 2 else "close", connection=live[0])
        world.wait(lambda: len([c for c in opened(world) if c["closed"] is None]) == 2, "two sockets")
    steady(world)


def test_sigterm_says_close(world):
    world.bot.stop()
    ended = opened(world)
    assert [c["client_close"] for c in ended] == [1000, 1000]
    assert all(c["tcp_end"] in ("client fin", "client reset") for c in
               world.wait(lambda: [c["tcp_end"] for c in opened(world)].count(None) == 0 and opened(world), "the end"))


@pytest.mark.parametrize("after_s", [0, 0.002, 0.005, 0.01, 0.02])
def test_stop_while_a_socket_is_being_opened(world, after_s):
    """Whatever the state of the next connection, the end is clean and in time."""
    world.sb.socket("reset", connection="all")
    time.sleep(after_s)
    began = time.monotonic()
    world.bot.stop()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("how", ["hang_before", "status:503"])
def test_stop_while_the_upgrade_hangs(idle, how):
    idle.sb.fault(how, times=0, method="socket.upgrade")
    idle.bot.start()
    idle.wait(lambda: idle.sb.connections(), "a try")
    idle.bot.stop()


def test_server_refreshes_by_itself(idle):
    idle.sb.settings(connection_lifetime_s=100)
    idle.start()
    said = []
    until(lambda: said.append(idle.sb.mention("ping")["ts"]) or time.sleep(0.3) or len(opened(idle)) >= 6,
          "a few generations of sockets", 40)
    idle.sb.settings(connection_lifetime_s=None)
    idle.wait(lambda: all(idle.sb.replies(ts) for ts in said), "every pong")
    assert max(overlap(opened(idle))) <= 4
    for ts in said:
        answered_once(idle, ts)


# --- frames ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shape", [{"fragments": 5}, {"fragments": 1, "pieces": 40, "pause_s": 0.001},
                                   {"fragments": 7, "pieces": 60, "pause_s": 0.001}])
def test_envelopes_in_fragments_and_segments(world, shape):
    world.sb.settings(echo=False)        # nothing else may be written between the pieces
    world.sb.socket("shape", **shape)
    answered_once(world, pong(world)["ts"])


@pytest.mark.parametrize("size", [67_000, 1 << 20])
def test_large_envelopes(world, size):
    said = world.sb.say("look at this")
    world.sb.post("event", pad=size, subscription="app_mention", event={
        "type": "app_mention", "user": "U0ALICE001", "text": "<@U0TOCSIN01> ping", "ts": said["ts"],
        "channel": said["channel"], "event_ts": said["ts"]})
    world.wait(lambda: world.sb.replies(said["ts"]), "a pong")
    answered_once(world, said["ts"])


@pytest.mark.parametrize("frame", ["binary", "empty", "not_json", "json_array", "unknown_type", "missing_envelope_id",
                                   "no_payload"])
def test_strange_frames_are_survived(world, frame):
    world.allow_lint("unknown envelope_id")
    for connection in world.sb.live():
        world.sb.socket("raw", connection=connection["id"], frame=frame)
    pong(world)
    pong(world)
    assert len(opened(world)) == 2, "such a frame is no reason to reconnect"


@pytest.mark.parametrize("frame", ["bad_utf8", "reserved_bit", "masked", "bad_length"])
def test_broken_frames_cost_at_most_the_connection(world, frame):
    world.sb.socket("raw", frame=frame)
    world.wait(lambda: len(world.sb.live()) == 2, "two sockets")
    pong(world)
    world.wait(lambda: len(world.sb.live()) == 2, "two sockets")
    assert len(opened(world)) <= 3
    world.allow_lint("tcp", "UTF-8")


def test_a_message_above_our_ceiling(world):
    world.sb.socket("raw", frame="text", text="{}", bytes=9 << 20)
    world.wait(lambda: len(world.sb.live()) == 2, "two sockets", 40)
    pong(world)


def test_app_rate_limited(world):
    for connection in world.sb.live():
        world.sb.socket("raw", connection=connection["id"], frame="text", text=json.dumps({
            "envelope_id": "00000000-0000-4000-8000-000000000000", "type": "events_api",
            "accepts_response_payload": False,
            "payload": {"type": "app_rate_limited", "team_id": "T0SANDBOX1", "minute_rate_limited": 1518467820}}))
    world.allow_lint("unknown envelope_id")
    world.bot.wait_logged("slack.events_limited")
    pong(world)


# --- duplicates ----------------------------------------------------------------------------------------
def test_the_same_envelope_twice(world):
    said = pong(world)
    world.allow_lint("second ack")
    for envelope in said["envelopes"] * 2:
        world.sb.socket("repeat", envelope=envelope)
    pong(world)
    answered_once(world, said["ts"])
    assert world.bot.metric("tocsin_heard_duplicates_total") >= 4


@pytest.mark.parametrize("same_id", [False, True])
def test_acks_that_are_lost_bring_retries(world, same_id):
    """Slack's three retries of an event; the answer is given once and each delivery is acknowledged."""
    world.sb.settings(late_loss=True, ack_deadline_ms=300, retry_same_envelope_id=same_id)
    world.allow_lint("ack lost", "second ack", "late ack")
    said = world.sb.mention("ping")
    world.wait(lambda: all(len(e["attempts"]) == 4 and e["state"] == "failed" for e in world.sb.envelopes()
                           if e["id"] in said["envelopes"]), "four attempts", 60)
    world.sb.settings(late_loss=False)
    answered_once(world, said["ts"])


@pytest.mark.parametrize("hard", [False, True], ids=["stopped", "killed"])
def test_a_replay_after_a_restart(world, hard):
    said = pong(world)
    world.settle()
    world.restart(hard)
    world.allow_lint("second ack")
    for envelope in said["envelopes"]:
        world.sb.socket("repeat", envelope=envelope)
    pong(world)
    answered_once(world, said["ts"])


def test_an_event_while_no_socket_is_open_comes_as_a_retry(idle):
    idle.bot.start()
    idle.wait_sockets()
    idle.bot.kill()
    idle.wait(lambda: not idle.sb.live(), "no socket")
    idle.sb.settings(ack_deadline_ms=300)
    said = idle.sb.mention("ping")
    idle.bot.start()
    idle.wait(lambda: idle.sb.replies(said["ts"]), "a pong", 40)
    answered_once(idle, said["ts"])


def test_a_repeated_slash_command(world):
    envelope = world.sb.slash("/tocsin ping")
    assert envelope["state"] == "acked"
    world.wait(lambda: world.sb.roots(), "a pong")
    world.allow_lint("second ack")
    world.sb.socket("repeat", envelope=envelope["id"])
    pong(world)
    world.settle()
    assert len([m for m in world.sb.roots() if "pong" in shown(m)]) == 1


# --- acks -------------------------------------------------------------------------------------------------
def test_acks_are_empty_small_and_single(world):
    world.sb.slash("/tocsin " + "x" * 30000)
    world.sb.slash("/tocsin ping")
    pong(world)
    acks = [a for c in opened(world) for a in c["acks"]]
    assert acks and all(a["bytes"] < 200 and a["payload"] is None and a["fault"] is None for a in acks)
    assert all(e["state"] == "acked" for e in world.sb.envelopes())


def test_acks_come_in_time(world):
    for _ in range(5):
        assert world.sb.slash("/tocsin ping")["ack_ms"] < 3000


def test_a_socket_that_dies_under_the_ack(world):
    world.sb.settings(ack_deadline_ms=300)
    world.allow_lint("late ack", "second ack")
    for _ in range(5):
        said = world.sb.mention("ping")
        world.sb.socket("reset", connection="all")
        world.wait(lambda ts=said["ts"]: world.sb.replies(ts), "a pong", 40)
        world.wait_sockets()
        answered_once(world, said["ts"])


# --- Web API -------------------------------------------------------------------------------------------------
STORED = ["reset_after", "close_after", "500_after", "503_after", "malformed_json", "truncated", "html", "empty"]
NOT_STORED = ["reset_before", "close_before", "500_before", "503_before", "ok_false:internal_error",
              "ok_false:fatal_error", "ok_false:service_unavailable", "ok_false:ratelimited",
              "ok_false:request_timeout", "429",
              {"do": "html", "store": False}, {"do": "ok_false", "error": "internal_error", "store": True}]


def exactly_once(world, name):
    """The whole life of an alarm with every effect exactly once."""
    world.sb.alarm(name=name, time=time.time() - 60)
    world.card(name, "ALARM", timeout=60)
    world.sb.alarm(name=name, state="OK", time=time.time())
    card = world.card(name, "RESOLVED", timeout=60)
    lines = world.lines(card, 2, timeout=60)
    world.settle(60)
    assert len(world.history(card)) == 2, lines
    assert len(world.cards(name)) == 1
    assert len(world.posts()) == len([m for m in world.sb.messages() if m["bot"]])
    assert len(world.posts()) <= 3


@pytest.mark.parametrize("action", STORED + NOT_STORED, ids=str)
def test_a_post_whose_outcome_is_unclear_or_bad(world, action):
    world.sb.fault(action, times=2, method="chat.postMessage")
    exactly_once(world, "post-fails")


@pytest.mark.parametrize("action", STORED[:5], ids=str)
def test_a_reply_whose_outcome_is_unclear(world, action):
    world.sb.fault(action, times=2, method="chat.postMessage", text="History")
    exactly_once(world, "reply-fails")


@pytest.mark.parametrize("action", ["500_before", "500_after", "reset_after", "429", "ok_false:internal_error",
                                    "empty"])
def test_an_edit_that_fails(world, action):
    world.sb.fault(action, times=3, method="chat.update")
    exactly_once(world, "edit-fails")


@pytest.mark.parametrize("action", ["503_before", "reset_before", "429", "ok_false:internal_error", "malformed_json"])
def test_looking_it_up_fails_as_well(world, action):
    """Without an answered look-up nothing is posted again."""
    world.sb.fault("reset_after", times=1, method="chat.postMessage")
    world.sb.fault(action, times=3, method="conversations.*")
    exactly_once(world, "look-fails")


def test_no_answer_at_all(world):
    """The deadline of a call (20 s) passes; the message had been stored."""
    world.sb.fault("hang_after", times=1, method="chat.postMessage")
    exactly_once(world, "no-answer")


def test_a_connection_that_dies_when_it_is_used_again(world):
    """curl must not quietly send a post twice."""
    world.sb.fault("keepalive_close", times=4, method="chat.*")
    exactly_once(world, "keep-alive")


def test_blocks_are_refused(world):
    world.sb.fault("ok_false:invalid_blocks", times=1, method="chat.postMessage")
    exactly_once(world, "no-blocks")
    assert world.bot.logged("slack.blocks_refused")


def test_rate_limit_is_obeyed_and_kept_to_the_channel(idle):
    idle.configure(routes=[{"match": {"alarm": "elsewhere"}, "channel": "C0CHECKOUT"}]).start()
    idle.sb.fault({"do": "429", "retry_after": 100}, times=1, method="chat.postMessage", channel=idle.sb.channel)
    idle.sb.alarm(name="limited")
    idle.sb.alarm(name="elsewhere")
    idle.card("elsewhere", "ALARM", "C0CHECKOUT")
    idle.card("limited", "ALARM")
    tries = [r for r in idle.sb.requests("chat.postMessage") if r["args"].get("channel") == idle.sb.channel]
    assert tries[1]["time"] - tries[0]["time"] >= 100 * 0.02 * 0.95
    assert len(idle.cards("limited")) == 1


@pytest.mark.sandbox("--rates")
def test_documented_rates_are_kept(world):
    """Thirty alarms at once: nobody is told off for long, nothing is lost."""
    for number in range(30):
        world.sb.alarm(name="storm-%02d" % number, wait=False)
    world.wait(lambda: len(world.incident_cards()) == 30, "thirty messages", 60)
    world.settle(60)
    world.allow_errors("ratelimited")
    assert len({shown(m).split("storm-")[1][:2] for m in world.incident_cards()}) == 30


@pytest.mark.parametrize("error", ["channel_not_found", "is_archived", "restricted_action"])
def test_refused_for_good_is_kept_until_mended(world, error):
    world.sb.fault("ok_false:" + error, times=1, method="chat.postMessage")
    world.sb.alarm(name="kept")
    world.bot.wait_logged("incident.cannot_be_shown")
    world.card("kept", "ALARM", timeout=40)


@pytest.mark.parametrize("error", ["invalid_auth", "token_revoked", "account_inactive"])
def test_a_revoked_bot_token_ends_the_program_and_nothing_is_lost(world, error):
    world.sb.fault("ok_false:" + error, times=1, method="chat.postMessage")
    assert world.sb.alarm(name="revoked")[0]["state"] == "delivered"
    assert world.bot.wait(30) == 1
    assert world.bot.logged("slack.fatal")
    world.bot.start()
    world.card("revoked", "ALARM", timeout=40)
    world.settle()
    assert len(world.cards("revoked")) == 1
