"""Alarms as the channel sees them: one incident, one message, edited in place, history in its thread."""
import json
import time
import urllib.request

import pytest

from tests.e2e.support import shown, until

MINUTE = 60


def ago(seconds):
    return time.time() - seconds


def headline(message):
    """The top-level text: what a phone shows."""
    return message["text"]


def resolved_once(world, name, words=()):
    """The one message of a resolved alarm, once it says the words: edits of one message are drawn
    together, so the first that says RESOLVED need not be the last."""
    world.card(name, "RESOLVED")

    def said():
        cards = world.cards(name)
        return cards and all(word in shown(cards[-1]) for word in words)
    world.wait(said, "the message of %s with %s" % (name, ", ".join(words)))
    world.settle()
    card, = world.cards(name)
    for word in ("RESOLVED",) + tuple(words):
        assert word in shown(card), "%s is missing in\n%s" % (word, shown(card))
    return card


# --- life of an incident ------------------------------------------------------------------------
def test_alarm_becomes_a_message_and_ok_edits_it(world):
    sb = world.sb
    sb.alarm(name="web-1-cpu", time=ago(5 * MINUTE), value=96.0, threshold=80.0)
    card = world.card("web-1-cpu", "ALARM")
    assert card["edits"] == 0
    for word in ("96", "80", "i-0123456789abcdef0", "us-east-1", "123456789012"):
        assert word in shown(card)
    assert "console.aws.amazon.com" in json.dumps(card)
    first = world.lines(card)
    assert len(first) == 1 and "ALARM" in first[0] and "Threshold Crossed" in first[0]
    sb.alarm(name="web-1-cpu", state="OK", time=ago(0), value=12.0)
    after = resolved_once(world, "web-1-cpu", ["5 min"])
    assert after["ts"] == card["ts"] and after["edits"] >= 1
    assert "ALARM:" not in headline(after)
    assert len(world.lines(after, 2)) == 2
    assert not [r for r in world.sb.replies(card["ts"]) if r.get("subtype") == "thread_broadcast"]
    assert len(world.posts()) == 3                      # the card and two lines of history
    assert world.bot.metric("tocsin_incidents_open") == 0
    assert world.bot.metric("tocsin_incidents_opened_total") == 1


def test_two_alarms_are_two_incidents(world):
    for name in ("queue-depth", "queue-age"):
        world.sb.alarm(name=name)
    for name in ("queue-depth", "queue-age"):
        world.card(name, "ALARM")
    world.settle()
    assert len(world.sb.roots()) == 2
    assert world.bot.metric("tocsin_incidents_open") == 2


def test_same_name_in_another_account_or_region_is_another_incident(world):
    world.sb.alarm(name="shared-name")
    world.sb.alarm(name="shared-name", account="210987654321")
    world.sb.alarm(name="shared-name", region="eu-west-1")
    world.wait(lambda: len(world.sb.roots()) == 3, "three messages")


def test_flapping_ten_times_is_one_incident(world):
    for round_number in range(10):
        at = ago(20 * MINUTE - round_number * 2 * MINUTE)
        world.sb.alarm(name="flapper", time=at)
        world.sb.alarm(name="flapper", state="OK", time=at + MINUTE)
    card = resolved_once(world, "flapper", ["20 state changes"])
    lines = world.lines(card, 20)
    assert len(lines) == 20
    assert ["→ OK" in line for line in lines] == [False, True] * 10
    loud = [r for r in world.sb.replies(card["ts"]) if r.get("subtype") == "thread_broadcast"]
    assert 1 <= len(loud) <= 9, "re-fires are said aloud, the first alarm is not"
    assert world.bot.metric("tocsin_incidents_opened_total") == 1


def test_refire_within_the_window_reopens_with_a_broadcast(world):
    world.sb.alarm(name="again", time=ago(40 * MINUTE))
    world.sb.alarm(name="again", state="OK", time=ago(30 * MINUTE))
    first = resolved_once(world, "again")
    world.sb.alarm(name="again", time=ago(5 * MINUTE))
    card = world.card("again", "ALARM")
    world.settle()
    assert card["ts"] == first["ts"] and len(world.cards("again")) == 1
    loud = [r for r in world.sb.replies(card["ts"]) if r.get("subtype") == "thread_broadcast"]
    assert len(loud) == 1 and "again" in headline(loud[0])
    world.sb.alarm(name="again", state="OK", time=ago(0))
    resolved_once(world, "again")


def test_refire_after_the_window_is_a_new_incident(idle):
    idle.configure(incidents={"reopen_within": "10m"}).start()
    idle.sb.alarm(name="later", time=ago(60 * MINUTE))
    idle.sb.alarm(name="later", state="OK", time=ago(50 * MINUTE))
    first = resolved_once(idle, "later")
    idle.sb.alarm(name="later", time=ago(MINUTE))
    idle.wait(lambda: len(idle.cards("later")) == 2, "a second message")
    idle.settle()
    old, new = idle.cards("later")
    assert old["ts"] == first["ts"] and "RESOLVED" in headline(old)
    assert "ALARM" in headline(new)


def test_insufficient_data_is_shown_and_resolved(world):
    world.sb.alarm(name="quiet", state="INSUFFICIENT_DATA", old_state="OK", time=ago(3 * MINUTE))
    world.card("quiet", "NO DATA")
    world.sb.alarm(name="quiet", state="ALARM", old_state="INSUFFICIENT_DATA", time=ago(2 * MINUTE))
    world.card("quiet", "ALARM")
    world.sb.alarm(name="quiet", state="OK", time=ago(0))
    card = resolved_once(world, "quiet", ["3 min"])
    assert len(world.lines(card, 3)) == 3


def test_ok_of_an_unknown_alarm_shows_nothing(world):
    world.sb.alarm(name="never-fired", state="OK")
    world.settle()
    assert world.sb.bot_messages() == []
    assert world.bot.metric("tocsin_events_total", **{"as": "nothing_open"}) == 1


# --- order is by the time of the change, not of arrival --------------------------------------------
def test_ok_arrives_before_its_alarm(world):
    now = ago(0)
    world.sb.alarm(name="overtaken", state="OK", time=now)
    world.sb.alarm(name="overtaken", time=now - 4 * MINUTE)
    card = resolved_once(world, "overtaken", ["4 min"])
    assert "ALARM:" not in headline(card)
    assert ["→ OK" in line for line in world.history(card)] == [False, True], "both changes stand in the thread"


def test_a_late_old_event_is_history_not_state(world):
    world.sb.alarm(name="late-old", time=ago(10 * MINUTE))
    world.card("late-old", "ALARM")
    world.sb.alarm(name="late-old", state="OK", time=ago(20 * MINUTE))
    world.settle()
    card = world.card("late-old", "ALARM")
    assert len(world.cards("late-old")) == 1
    assert any("arrived late" in line for line in world.lines(card, 2))
    world.sb.alarm(name="late-old", state="OK", time=ago(0))
    resolved_once(world, "late-old", ["10 min"])


def test_all_orders_of_four_changes_end_the_same(world):
    base = ago(30 * MINUTE)
    changes = [("ALARM", 0), ("OK", 2), ("ALARM", 4), ("OK", 6)]
    orders = [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)]
    for number, order in enumerate(orders):
        for i in order:
            state, minute = changes[i]
            world.sb.alarm(name="order-%d" % number, state=state, time=base + minute * MINUTE)
    for number in range(len(orders)):
        card = resolved_once(world, "order-%d" % number)
        assert "ALARM:" not in headline(card)


# --- two paths ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("via", ["sns", "eventbridge"])
@pytest.mark.parametrize("kind, words", [
    ("plain", ["CPUUtilization", "96", "80"]),
    ("math", ["96", "80"]),
    ("anomaly", ["CPUUtilization", "96", "band"]),
    ("composite", ["web-1-cpu", "web-1-memory"]),
])
def test_every_kind_by_either_path(shared, kind, words, via):
    name = "%s-by-%s" % (kind, via)
    shared.sb.alarm(name=name, kind=kind, via=via, time=ago(2 * MINUTE), value=96.0, threshold=80.0)
    card = shared.card(name, "ALARM")
    for word in words:
        assert word in shown(card), "%s is missing in\n%s" % (word, shown(card))
    shared.sb.alarm(name=name, kind=kind, via=via, state="OK", time=ago(0), value=9.0, threshold=80.0)
    resolved_once(shared, name, ["2 min"])


@pytest.mark.parametrize("kind", ["plain", "math", "anomaly", "composite"])
def test_both_paths_of_one_change_are_one_event(shared, kind):
    name = "both-%s" % kind
    before = shared.bot.metric("tocsin_events_total", **{"as": "same_change"})
    shared.sb.alarm(name=name, kind=kind, via="both", time=ago(2 * MINUTE))
    shared.card(name, "ALARM")
    shared.sb.alarm(name=name, kind=kind, via="both", state="OK", time=ago(0))
    card = resolved_once(shared, name, ["2 min"])
    assert len(shared.lines(card, 2)) == 2
    assert "state changes" not in shown(card)
    assert shared.bot.metric("tocsin_events_total", **{"as": "same_change"}) == before + 2


@pytest.mark.parametrize("version", ["1", "2"])
def test_signature_versions(shared, version):
    shared.sb.alarm(name="signed-%s" % version, version=version)
    shared.card("signed-%s" % version, "ALARM")


# --- where it is shown -----------------------------------------------------------------------------------
def test_routes_first_match_wins(idle):
    idle.configure(routes=[
        {"match": {"alarm": "checkout-*"}, "channel": "C0CHECKOUT"},
        {"match": {"account": "210987654321"}, "channel": "C0DASHBRD1"},
        {"match": {"namespace": "AWS/RDS", "state": "ALARM"}, "channel": "C0CHECKOUT"},
    ]).start()
    sb = idle.sb
    sb.alarm(name="checkout-errors", account="210987654321")
    sb.alarm(name="other-errors", account="210987654321")
    sb.alarm(name="db-cpu", namespace="AWS/RDS")
    sb.alarm(name="unrouted")
    idle.card("checkout-errors", "ALARM", "C0CHECKOUT")
    idle.card("other-errors", "ALARM", "C0DASHBRD1")
    idle.card("db-cpu", "ALARM", "C0CHECKOUT")
    idle.card("unrouted", "ALARM", sb.channel)
    sb.alarm(name="checkout-errors", account="210987654321", state="OK")
    idle.card("checkout-errors", "RESOLVED", "C0CHECKOUT")
    idle.settle()
    assert len(sb.roots()) == 1 and len(sb.roots("C0CHECKOUT")) == 2 and len(sb.roots("C0DASHBRD1")) == 1


def test_the_bot_joins_a_public_channel(idle):
    idle.configure(routes=[{"match": {"alarm": "*"}, "channel": "C0GENERAL1"}]).start()
    idle.allow_errors("not_in_channel")
    idle.sb.alarm(name="joins")
    idle.card("joins", "ALARM", "C0GENERAL1")


def test_a_route_that_cannot_work_falls_back_to_the_default_channel(idle):
    idle.configure(routes=[{"match": {"alarm": "*"}, "channel": "C0ARCHIVED"}]).start()
    idle.allow_errors("is_archived")
    idle.sb.alarm(name="fallback")
    idle.card("fallback", "ALARM", idle.sb.channel)
    idle.bot.wait_logged("incident.cannot_be_shown")


def test_a_deleted_message_of_an_open_incident_comes_back(world):
    world.allow_errors("message_not_found")
    world.sb.alarm(name="deleted", time=ago(MINUTE))
    card = world.card("deleted", "ALARM")
    world.settle()
    delete(world.sb, card)
    world.sb.alarm(name="deleted", state="INSUFFICIENT_DATA", time=ago(0))
    back = world.card("deleted", "NO DATA", timeout=30)
    assert back["ts"] != card["ts"]


def test_a_message_that_cannot_be_edited_is_followed_by_a_new_one(world):
    world.allow_errors("edit_window_closed")
    world.sb.alarm(name="uneditable", time=ago(MINUTE))
    card = world.card("uneditable", "ALARM")
    world.settle()
    world.sb.fault("ok_false:edit_window_closed", method="chat.update")
    world.sb.alarm(name="uneditable", state="INSUFFICIENT_DATA", time=ago(0))
    assert world.card("uneditable", "NO DATA")["ts"] != card["ts"]


def test_a_thread_that_is_gone_does_not_silence_the_alarm(world):
    world.allow_errors("thread_not_found")
    world.sb.alarm(name="threadless", time=ago(MINUTE))
    card = world.card("threadless", "ALARM")
    world.settle()
    world.sb.fault("ok_false:thread_not_found", method="chat.postMessage")
    world.sb.alarm(name="threadless", state="INSUFFICIENT_DATA", time=ago(0))
    until(lambda: len(world.cards("threadless")) == 2, "a second message")
    world.settle()
    last = world.cards("threadless")[-1]
    assert last["ts"] != card["ts"] and world.lines(last)


def test_a_refused_look_up_does_not_lead_to_a_second_message(world):
    """The answer to the post is lost, and then the history may not be read for a while."""
    world.allow_errors("missing_scope", "restricted_action")
    world.sb.fault("reset_after", method="chat.postMessage")
    world.sb.fault("ok_false:restricted_action", times=4, method="conversations.history")
    world.sb.alarm(name="unlooked", time=ago(MINUTE))
    world.bot.wait_logged("flow.look_again")
    world.card("unlooked", "ALARM")
    world.settle(timeout=40)
    assert len(world.cards("unlooked")) == 1


def delete(sb, message):
    """Somebody deletes a message of the bot's."""
    request = urllib.request.Request(
        sb.ready["slack_url"] + "chat.delete", headers={"Authorization": "Bearer " + sb.ready["bot_token"],
                                                        "Content-Type": "application/json; charset=utf-8"},
        data=json.dumps({"channel": message["channel"], "ts": message["ts"]}).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["ok"]


# --- late ------------------------------------------------------------------------------------------------
def test_a_message_older_than_max_age_is_shown_as_late(world):
    world.sb.alarm(name="stale", time=ago(7300), when=ago(7200))
    card = world.card("stale", "ALARM")
    assert "long after it happened" in shown(card)
    assert any("arrived late" in line for line in world.lines(card))
    assert world.bot.logged("sns.late")


def test_max_age_is_configurable(idle):
    idle.configure(sns={"max_age": "3h"}).start()
    idle.sb.alarm(name="not-stale", time=ago(7300), when=ago(7200))
    assert "long after" not in shown(idle.card("not-stale", "ALARM"))


# --- everything else is shown as well -----------------------------------------------------------------------
def event_of(source, kind, detail, **more):
    return json.dumps({"version": "0", "id": "e-%s" % kind, "detail-type": kind, "source": source,
                       "account": "123456789012", "time": "2026-11-21T09:00:00Z", "region": "us-east-1",
                       "resources": [], "detail": detail, **more})


OTHERS = {
    "plain text": ("Disk is full on the old host", ["Disk is full on the old host"], []),
    "text with markup": ("a <b> & *c* `d` <!here> _e_", ["a <b> & *c* `d` <!here> _e_"], []),
    "unknown JSON": (json.dumps({"what": "backup", "result": {"code": 7, "files": [1, 2]}}),
                     ["backup", "code", "7"], []),
    "array": (json.dumps([{"first": "one"}, "two"]), ["one", "two"], []),
    "number": ("42", ["42"], []),
    "one string": (json.dumps("a transformed sentence"), ["a transformed sentence"], []),
    "secrets": (json.dumps({"job": "deploy", "password": "hunter2-hunter2", "api_key": "k-123456789"}), ["deploy"],
                ["hunter2-hunter2", "k-123456789"]),
    "RDS": (json.dumps({"Event Source": "db-instance", "Event Time": "2019-02-12 15:45:24.091",
                        "Identifier Link": "https://console.aws.amazon.com/rds/home?region=us-east-1#dbinstance:id=db1",
                        "Source ID": "db1", "Event ID": "http://docs.amazonwebservices.com/RDS#RDS-EVENT-0002",
                        "Event Message": "Finished DB Instance backup"}), ["db1", "Finished DB Instance backup"], []),
    "Auto Scaling": (json.dumps({"Service": "AWS Auto Scaling", "Event": "autoscaling:EC2_INSTANCE_TERMINATE",
                                 "AutoScalingGroupName": "web-group", "EC2InstanceId": "i-0fedcba9876543210",
                                 "Cause": "At 2026 a user request", "StatusCode": "InProgress"}),
                     ["web-group", "i-0fedcba9876543210"], []),
    "CodePipeline approval": (json.dumps({"region": "us-east-1", "consoleLink": "https://console.aws.amazon.com/x",
                                          "approval": {"pipelineName": "ship-it", "stageName": "Approve",
                                                       "actionName": "Human", "token": "very-secret-token-1",
                                                       "expires": "2016-07-07T20:22Z", "customData": "please look"}}),
                              ["ship-it"], ["very-secret-token-1"]),
    "EC2 state": (event_of("aws.ec2", "EC2 Instance State-change Notification",
                           {"instance-id": "i-0123456789abcdef1", "state": "terminated"}),
                  ["i-0123456789abcdef1", "terminated"], []),
    "Health": (event_of("aws.health", "AWS Health Event",
                        {"service": "EC2", "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE", "eventTypeCategory": "issue",
                         "startTime": "Thu, 02 Aug 2018 05:30:00 GMT", "eventDescription": [
                             {"language": "en_US", "latestDescription": "Something is broken in EC2"}],
                         "affectedEntities": [{"entityValue": "i-0123456789abcdef2"}]}),
               ["Something is broken in EC2"], []),
    "GuardDuty": (event_of("aws.guardduty", "GuardDuty Finding",
                           {"severity": 8.5, "title": "Unusual traffic from a bastion", "type": "Trojan:EC2/X",
                            "service": {"count": 3}}), ["Unusual traffic from a bastion"], []),
    "unknown event": (event_of("my.app", "Something Happened", {"who": "nobody", "n": 5}),
                      ["Something Happened", "nobody"], []),
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_senders_and_unknown_things_are_shown(shared, what):
    message, words, absent = OTHERS[what]
    known = {m["ts"] for m in shared.sb.roots()}
    assert shared.sb.publish(message)[0]["state"] == "delivered"
    found = shared.wait(lambda: [m for m in shared.sb.roots() if m["ts"] not in known], "a message")
    shared.settle()
    assert len([m for m in shared.sb.roots() if m["ts"] not in known]) == 1
    for word in words:
        assert word in shown(found[0]), "%s is missing in\n%s" % (word, shown(found[0]))
    for word in absent:
        assert word not in json.dumps(shared.sb.messages())


def test_empty_message_is_not_dropped(shared):
    known = len(shared.sb.roots())
    assert shared.sb.publish("", subject="only a subject")[0]["state"] == "delivered"
    shared.wait(lambda: len(shared.sb.roots()) > known, "a message")


# --- hostile texts -----------------------------------------------------------------------------------------
HOSTILE = {
    "broadcast": "<!channel> <!everyone> <@U0ALICE001> @here",
    "link": "<https://evil.example/|https://console.aws.amazon.com/>",
    "backticks": "a`b``c```d",
    "markup": "*bold* _it_ ~no~ > quote & &amp; &lt;",
    "bidi": "ev\u202ellive\u202c \u2066x\u2069",
    "control": "a\u0000b\u0007c\u001b[31md\u007f",
    "newlines": "first\nsecond\r\nthird\ttab",
    "unicode": "\U0001f525 ünïcödé 日本語 \ufffd \ufeff",
    "long": "x" * 255,
    "format": "%s%n%x {0} ${HOME} $(id)",
    "json": '"}],"text":"<!channel>"',
    "spaces": "   leading and trailing   ",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_names_and_texts_are_only_text(shared, what):
    text = HOSTILE[what]
    mark = "h-%s" % what
    shared.sb.alarm(name=mark + " " + text, reason="reason " + text, description="about " + text,
                    dimensions={"Name " + text: "value " + text}, namespace="My/" + what)
    card = shared.wait(lambda: [m for m in shared.sb.roots() if mark in shown(m)], "the message")[-1]
    shared.settle()
    shared.allow_lint("escaped twice")                  # the text itself holds entities
    assert set(card["lint"]) <= {"escaped twice at text"}
    sent = json.dumps([m for m in shared.sb.bot_messages() if mark in shown(m)], ensure_ascii=True)
    for bad in ("\\u202e", "\\u2066", "\\u0000", "\\u001b"):
        assert bad not in sent
    dangerous = [t for block in walk(card) if block.get("type") == "mrkdwn" for t in [block["text"]]]
    assert not [t for t in dangerous if "<!channel>" in t or "<@U0ALICE001>" in t or "<https://evil" in t]
    assert "<!channel>" not in card["text"] and "<https://evil" not in card["text"]
    assert '"type": "broadcast"' not in json.dumps(card) and '"type": "user"' not in json.dumps(card)
    shared.sb.alarm(name=mark + " " + text, state="OK", reason="reason " + text)
    shared.wait(lambda: [m for m in shared.sb.roots() if mark in shown(m) and "RESOLVED" in m["text"]], "the end")


def walk(value):
    if isinstance(value, list):
        for item in value:
            yield from walk(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from walk(item)


@pytest.mark.parametrize("member", ["name", "reason", "description"])
def test_a_hundred_kilobytes(shared, member):
    mark = "huge-%s" % member
    text = mark + " " + "long € text " * 8000
    options = {"name": mark, "reason": "short", "description": ""}
    options[member] = text
    assert shared.sb.alarm(**options)[0]["state"] == "delivered"
    card = shared.wait(lambda: [m for m in shared.sb.roots() if mark in shown(m)], "the message")[-1]
    shared.settle()
    assert card["lint"] == [] and len(json.dumps(card)) < 60000


def test_a_hundred_kilobytes_of_text_and_json(shared):
    for message in ("plain long text " * 6500, json.dumps({"k%d" % i: "v" * 50 for i in range(1500)}),
                    "[" * 60 + "]" * 60, "[" * 100000, json.dumps({"a": "\u0000\u202e" * 5000})):
        known = len(shared.sb.roots())
        assert shared.sb.publish(message)[0]["state"] == "delivered"
        shared.wait(lambda: len(shared.sb.roots()) > known, "a message")


def test_a_name_that_is_not_a_string(shared):
    """Shapes that look like an alarm but are not quite."""
    for message in ({"AlarmName": 5, "NewStateValue": "ALARM"}, {"AlarmName": None, "NewStateValue": []},
                    {"AlarmName": "half-an-alarm", "NewStateValue": "BROKEN"},
                    {"AlarmName": "no-time", "NewStateValue": "ALARM", "Trigger": "x"},
                    {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": 7}):
        known = len(shared.sb.roots())
        assert shared.sb.publish(json.dumps(message))[0]["state"] == "delivered"
        shared.wait(lambda: len(shared.sb.roots()) > known, "a message for %s" % message)
