"""What is believed from SNS and what is not; durability and duplicates; subscriptions."""
import http.client
import json
import time
import uuid

import pytest

from tests.e2e.support import shown

FOREIGN = "arn:aws:sns:us-east-1:999999999999:foreign"
RECEIVED, REFUSED, POSTPONED = ("tocsin_sns_%s_total" % w for w in ("received", "refused", "postponed"))


def statuses(delivery):
    return [a["status"] for a in delivery["attempts"]]


def refused(world, status, reason, act):
    """Does act(); every delivery must be answered `status` once, logged and counted under `reason`."""
    counted = world.bot.metric(REFUSED, reason=reason)
    logged = len(world.bot.logged("sns.refused", "reason=" + reason))
    messages = len(world.sb.bot_messages())
    deliveries = act()
    for delivery in deliveries if isinstance(deliveries, list) else [deliveries]:
        assert statuses(delivery) == [status], delivery["attempts"]
    assert world.bot.metric(REFUSED, reason=reason) == counted + 1
    assert len(world.bot.logged("sns.refused", "reason=" + reason)) == logged + 1
    assert len(world.sb.bot_messages()) == messages


# --- refusals ---------------------------------------------------------------------------------
FORGERIES = {
    "signature": (403, "signature"), "altered": (403, "signature"), "key": (403, "signature"),
    "version": (403, "version"), "no_signature": (400, "malformed"), "spelling": (400, "malformed"),
    "cert_host": (403, "certificate-url"), "cert_http": (403, "certificate-url"),
    "cert_port": (403, "certificate-url"), "cert_query": (403, "certificate-url"),
    "cert_path": (403, "certificate-url"), "cert_user": (403, "certificate-url"),
    "cert_region": (403, "certificate-url"), "cert_fragment": (403, "certificate-url"),
    "cert_s3": (403, "certificate-url"), "not_json": (400, "malformed"), "not_object": (400, "malformed"),
    "duplicate_key": (400, "malformed"), "type_mismatch": (400, "malformed"), "headers": (403, "headers"),
    "missing:Type": (400, "malformed"), "missing:MessageId": (400, "malformed"),
    "missing:TopicArn": (400, "malformed"), "missing:Message": (400, "malformed"),
    "missing:Timestamp": (400, "malformed"), "missing:SignatureVersion": (400, "malformed"),
    "missing:Signature": (400, "malformed"), "missing:SigningCertURL": (400, "malformed"),
    "missing:Subject": (403, "signature"),
}


@pytest.mark.parametrize("how", FORGERIES)
def test_forged_and_malformed_bodies(shared, how):
    status, reason = FORGERIES[how]
    fetched = len(shared.sb.get("cert_fetches"))
    refused(shared, status, reason, lambda: shared.sb.alarm(name="forged", forge=how))
    if reason == "certificate-url":
        assert len(shared.sb.get("cert_fetches")) == fetched, "nothing may be asked of that host"


def test_raw_delivery(shared):
    refused(shared, 403, "raw-delivery", lambda: shared.sb.alarm(name="raw", raw=True))
    assert shared.bot.logged("raw-delivery", "disable raw message delivery")


def test_foreign_topic_is_refused_before_any_certificate_is_fetched(shared):
    fetched = len(shared.sb.get("cert_fetches"))
    refused(shared, 403, "topic", lambda: shared.sb.alarm(name="foreign", topic=FOREIGN, force=True))
    assert len(shared.sb.get("cert_fetches")) == fetched


@pytest.mark.parametrize("kind", ["expired", "wrong_san", "two_certificates", "ec_key"])
def test_certificates_that_may_not_speak_for_sns(shared, kind):
    refused(shared, 403, "certificate", lambda: shared.sb.alarm(name="cert-" + kind, certificate=kind))


@pytest.mark.parametrize("kind", ["oversize", "not_yet_valid", "not_pem", "empty"])
def test_certificates_that_may_be_our_own_trouble(shared, kind):
    """A file that cannot be had, or is something else (a proxy's page), or a clock that is wrong: SNS shall come again; it is never believed."""
    delivery = shared.sb.alarm(name="cert-" + kind, certificate=kind)[0]
    assert statuses(delivery) == [503] * 4 and delivery["state"] == "dropped"
    assert not shared.cards("cert-" + kind)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post(shared, method):
    counted = shared.bot.metric(REFUSED, reason="method")
    assert shared.bot.request(method, "/sns", body="{}" if method != "GET" else None)[0] == 405
    assert shared.bot.metric(REFUSED, reason="method") == counted + 1


BODIES = {"nothing": b"", "text": b"hello", "array": b"[]", "null": b"null", "deep": b"[" * 5000, "nul": b"\0{}",
          "not utf-8": b'{"Type":"\xff\xfe"}', "number": b"17", "half": b'{"Type":"Notification"',
          "wrong types": json.dumps({"Type": 1, "MessageId": [], "TopicArn": {}, "Message": 5}).encode(),
          "trailing": b'{"Type":"Notification"}{}'}


@pytest.mark.parametrize("what", BODIES)
def test_bodies_that_are_no_messages(shared, what):
    counted = shared.bot.metric(REFUSED, reason="malformed")
    assert shared.bot.request("POST", "/sns", body=BODIES[what])[0] == 400
    assert shared.bot.metric(REFUSED, reason="malformed") == counted + 1


def test_a_body_above_the_ceiling(shared):
    """413, or a connection that ends early: never 200, and the port still works."""
    try:
        assert shared.bot.request("POST", "/sns", body=b"x" * (3 << 20))[0] == 413
    except (ConnectionError, http.client.HTTPException):
        pass
    assert shared.bot.get("/healthz")[0] == 200


def test_the_refusal_says_what_to_do(shared):
    status, _, body = shared.bot.request("POST", "/sns", body=b"{}", headers={"x-amz-sns-rawdelivery": "true"})
    assert status == 403 and b"disable raw message delivery" in body


def presigned(world, name, version="1"):
    """Headers and body of a signed alarm, to be sent by hand."""
    path = world.directory / ("presigned-%s.jsonl" % uuid.uuid4())
    world.sb.post("presign", count=1, path=str(path), alarm={"name": name}, version=version)
    line = json.loads(path.read_text().splitlines()[0])
    return line["headers"], line["body"].encode()


def test_chunked_and_kept_alive_connection(shared):
    """Bodies may come in chunks; several requests share a connection."""
    connection = http.client.HTTPConnection(*shared.bot.address(), timeout=20)
    for number in range(3):
        headers, body = presigned(shared, "by-hand-%d" % number)
        pieces = [body[i:i + 700] for i in range(0, len(body), 700)]
        connection.request("POST", "/sns", body=iter(pieces), headers=headers, encode_chunked=True)
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        shared.card("by-hand-%d" % number, "ALARM")
    connection.close()


def test_altered_by_one_byte(shared):
    headers, body = presigned(shared, "bytewise")
    for at in range(body.index(b"Message\""), len(body) - 40, 397):
        changed = bytearray(body)
        changed[at] ^= 1
        status = shared.bot.request("POST", "/sns", body=bytes(changed), headers=headers)[0]
        unsigned = body.index(b'"UnsubscribeURL"') <= at
        assert status in (400, 403) or (unsigned and status == 200), at
    shared.settle()


# --- our own trouble: 503, and the redelivery succeeds -----------------------------------------------
@pytest.mark.parametrize("action", ["503_before", "500_before", "reset_before", "close_before", "status:404",
                                    "status:302", "truncated"])
def test_certificate_host_is_down(world, action):
    rule = world.sb.fault(action, times=0, method="sns.certificate")
    assert "rule" in rule
    world.sb.alarm(name="host-down", wait=False)
    world.wait(lambda: [d for d in world.sb.deliveries() if statuses(d)[:1] == [503]], "a 503")
    assert not world.cards("host-down")
    assert world.bot.metric(POSTPONED, reason="certificate") >= 1
    assert world.bot.logged("sns.postponed", "reason=certificate")
    world.sb.clear_faults()
    world.card("host-down", "ALARM")
    delivery = world.sb.deliveries()[0]
    assert delivery["state"] == "delivered" and statuses(delivery)[-1] == 200
    assert len(world.cards("host-down")) == 1


def test_a_slow_certificate_host_delays_and_is_asked_once(world):
    world.sb.fault({"do": "delay", "s": 1}, method="sns.certificate")
    world.sb.alarm(name="slow-host", copies=5)
    world.card("slow-host", "ALARM")
    assert len(world.sb.get("cert_fetches")) == 1
    assert [statuses(d) for d in world.sb.deliveries()] == [[200]] * 5
    assert len(world.cards("slow-host")) == 1


def test_the_certificate_is_cached_and_rotates(world):
    for number in range(3):
        world.sb.alarm(name="cached-%d" % number)
    assert len(world.sb.get("cert_fetches")) == 1
    world.sb.post("rotate")
    world.sb.alarm(name="rotated")
    world.card("rotated", "ALARM")
    assert len(world.sb.get("cert_fetches")) == 2


@pytest.mark.parametrize("region", ["eu-west-1", "me-south-1", "cn-north-1"])
def test_topics_of_other_regions_and_partitions(idle, region):
    topic = "arn:%s:sns:%s:123456789012:alarms" % ("aws-cn" if region.startswith("cn-") else "aws", region)
    idle.configure(sns={"topics": [topic]}).start()
    assert idle.sb.alarm(name="regional", topic=topic, force=True, region=region)[0]["state"] == "delivered"
    idle.card("regional", "ALARM")


# --- duplicates ------------------------------------------------------------------------------------------
def test_copies_at_the_same_time(world):
    world.sb.alarm(name="copied", copies=8)
    world.card("copied", "ALARM")
    world.settle()
    assert len(world.posts()) == 2 and len(world.cards("copied")) == 1
    assert world.bot.metric("tocsin_events_total", **{"as": "redelivered"}) == 7
    assert all(statuses(d) == [200] for d in world.sb.deliveries())


@pytest.mark.parametrize("hard", [False, True], ids=["stopped", "killed"])
def test_duplicates_are_known_across_restarts(world, hard):
    message_id = str(uuid.uuid4())
    world.sb.publish("shown exactly once", message_id=message_id)
    world.wait(lambda: len(world.sb.roots()) == 1, "the message")
    world.settle()
    world.restart(hard)
    assert statuses(world.sb.publish("shown exactly once", message_id=message_id)[0]) == [200]
    world.settle()
    assert len(world.sb.roots()) == 1 and len(world.posts()) == 1
    assert world.bot.metric("tocsin_events_total", **{"as": "redelivered"}) == 1


def test_an_incident_goes_on_after_a_restart(world):
    world.sb.alarm(name="survives", time=time.time() - 120)
    card = world.card("survives", "ALARM")
    world.settle()
    world.restart(hard=True)
    world.sb.alarm(name="survives", state="OK", time=time.time())
    after = world.card("survives", "RESOLVED")
    world.settle()
    assert after["ts"] == card["ts"] and len(world.history(after)) == 2


# --- subscriptions -------------------------------------------------------------------------------------------
@pytest.mark.sandbox("--unsubscribed")
@pytest.mark.parametrize("version", ["1", "2"])
def test_a_listed_topic_confirms_itself(world, version):
    assert statuses(world.sb.subscribe(version=version)) == [200]
    topic = world.sb.ready["topic"]
    assert world.sb.get("subscriptions")[topic]["state"] == "confirmed"
    calls = world.sb.get("confirmations")
    assert [(c["http_method"], c["action"], c["topic"]) for c in calls] == [("POST", "ConfirmSubscription", topic)]
    assert world.bot.logged("sns.confirmed", topic)
    world.sb.alarm(name="after-confirming")
    world.card("after-confirming", "ALARM")


@pytest.mark.sandbox("--unsubscribed")
@pytest.mark.parametrize("action, times", [("503_before", 2), ("reset_after", 1), ("500_after", 8),
                                           ("reset_before", 8)])
def test_confirming_is_repeated_when_sns_fails(world, action, times):
    world.sb.fault(action, times=times, method="sns.ConfirmSubscription")
    delivery = world.sb.subscribe()
    assert delivery["state"] == "delivered" and set(statuses(delivery)[:-1]) <= {503}, delivery["attempts"]
    assert world.sb.get("subscriptions")[world.sb.ready["topic"]]["state"] == "confirmed"


@pytest.mark.sandbox("--unsubscribed")
def test_a_used_up_token_is_refused(world):
    world.sb.fault("ok_false:InvalidParameter", times=0, method="sns.ConfirmSubscription")
    refused(world, 403, "confirmation", world.sb.subscribe)


@pytest.mark.sandbox("--unsubscribed")
def test_an_old_confirmation_is_refused_without_a_call(world):
    refused(world, 403, "age", lambda: world.sb.subscribe(when=time.time() - 7200))
    assert world.sb.get("confirmations") == []


@pytest.mark.sandbox("--unsubscribed")
@pytest.mark.parametrize("forge", ["signature", "key", "altered", "cert_host"])
def test_a_forged_confirmation_causes_no_call(world, forge):
    assert statuses(world.sb.subscribe(forge=forge)) == [403]
    assert world.sb.get("confirmations") == []
    assert world.sb.get("subscriptions")[world.sb.ready["topic"]]["state"] == "pending"


def test_a_foreign_topic_is_not_confirmed(world):
    refused(world, 403, "topic", lambda: world.sb.subscribe(topic=FOREIGN))
    assert world.sb.get("confirmations") == []


def test_unsubscribing_warns_and_nothing_is_visited(world):
    world.sb.alarm(name="before-the-cut")
    world.card("before-the-cut", "ALARM")
    assert statuses(world.sb.post("unsubscribe")) == [200]
    topic = world.sb.ready["topic"]
    warning = world.wait(lambda: [m for m in world.sb.roots() if topic in shown(m)], "a warning")
    world.settle()
    assert len(warning) == 1
    assert world.sb.get("confirmations") == [] and world.sb.get("subscriptions")[topic]["state"] == "deleted"


def test_addresses_that_unsubscribe_are_nowhere(world):
    """UnsubscribeURL and SubscribeURL reach neither the log, nor Slack, nor the state on disk."""
    world.sb.publish(json.dumps({"unknown": "json"}), attributes={"a": "b"})
    world.sb.alarm(name="no-urls")
    world.sb.publish("plain")
    world.sb.post("unsubscribe")
    world.wait(lambda: len(world.sb.roots()) == 4, "four messages")
    world.settle()
    state = b"".join(p.read_bytes() for p in world.directory.glob("tocsin.db*"))
    for place, text in (("slack", json.dumps(world.sb.messages()).encode()), ("state", state),
                        ("log", world.bot.log.read_bytes()), ("requests", json.dumps(world.sb.requests()).encode())):
        for word in (b"Action=Unsubscribe", b"UnsubscribeURL", b"Action=ConfirmSubscription", b"SubscribeURL"):
            assert word not in text, "%s stands in: %s" % (word, place)
