"""SNS: signatures, delivery rules, forgeries, the certificate host and the query API."""
import base64
import datetime
import http.client
import json
import socket
import ssl
import urllib.parse

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


def sns_request(sandbox, method, path, body=None, name="sns.us-east-1.amazonaws.com", headers=None):
    """One request to the TLS side, which is verified as a client would."""
    context = ssl.create_default_context(cafile=sandbox.ready["ca_file"])
    link = http.client.HTTPSConnection("127.0.0.1", sandbox.ready["sns_host_port"], timeout=10)
    link.sock = context.wrap_socket(
        socket.create_connection(("127.0.0.1", sandbox.ready["sns_host_port"])),
        server_hostname=name,
    )
    link.request(method, path, body, {"Host": name, **(headers or {})})
    answer = link.getresponse()
    out = answer.status, answer.read()
    link.close()
    return out


def confirm(sandbox, **args):
    body = urllib.parse.urlencode(
        {"Action": "ConfirmSubscription", "Version": "2010-03-31", **args}
    )
    return sns_request(
        sandbox, "POST", "/", body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )


def verify(sandbox, text):
    """An independent check of a body, written from the documentation."""
    body = json.loads(text)
    keys = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if body["Type"] != "Notification":
        keys = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    data = "".join(k + "\n" + body[k] + "\n" for k in keys if k in body).encode()
    status, pem = sns_request(sandbox, "GET", "/" + body["SigningCertURL"].rsplit("/", 1)[1])
    assert status == 200 and pem.count(b"BEGIN CERTIFICATE") == 1
    certificate = x509.load_pem_x509_certificate(pem)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["sns.amazonaws.com"]
    digest = {"1": hashes.SHA1(), "2": hashes.SHA256()}[body["SignatureVersion"]]
    try:
        certificate.public_key().verify(
            base64.b64decode(body["Signature"]), data, padding.PKCS1v15(), digest
        )
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "", "A subject"])
def test_signatures(sandbox, endpoint, version, subject):
    sandbox.publish('{"quote": "\\" \n ü € 😀"}', version=version, subject=subject)
    headers, text = endpoint.got[-1]
    assert ("Subject" in json.loads(text)) == (subject is not None)
    assert verify(sandbox, text)
    assert (
        headers["x-amz-sns-message-type"] == "Notification"
        and headers["Content-Type"] == "text/plain; charset=UTF-8"
    )
    assert headers["User-Agent"] == "Amazon Simple Notification Service Agent"
    assert headers["x-amz-sns-message-id"] == json.loads(text)["MessageId"]
    assert headers["x-amz-sns-subscription-arn"].startswith(TOPIC + ":")


@pytest.mark.parametrize("forge", ["signature", "altered", "key"])
def test_forgeries_do_not_verify(sandbox, endpoint, forge):
    sandbox.publish("x", forge=forge)
    assert not verify(sandbox, endpoint.got[-1][1])


def test_forgeries_of_the_form(sandbox, endpoint):
    shapes = {
        "spelling": '"SigningCertUrl"',
        "cert_http": '"http://',
        "cert_port": ":8443/",
        "cert_query": "?x=.pem",
        "cert_host": ".evil.example",
        "version": '"SignatureVersion" : "3"',
        "not_object": "[{",
        "duplicate_key": '"Message" : "another"',
    }
    for forge, sign in shapes.items():
        sandbox.publish("x", forge=forge)
        assert sign in endpoint.got[-1][1], forge
    sandbox.publish("x", forge="missing:MessageId")
    assert '"MessageId"' not in endpoint.got[-1][1]
    with pytest.raises(Exception, match="forge: one of"):
        sandbox.publish("x", forge="nonsense")


def test_raw_delivery(sandbox, endpoint):
    sandbox.publish("just this", raw=True)
    headers, text = endpoint.got[-1]
    assert text == "just this" and headers["x-amz-sns-rawdelivery"] == "true"


@pytest.mark.parametrize(
    "statuses,state,tries",
    [
        ([], "delivered", 1),
        ([403], "refused", 1),
        ([429], "refused", 1),
        ([302], "refused", 1),
        ([500, None, 503], "delivered", 4),
        ([500] * 4, "dropped", 4),
    ],
)
def test_delivery_policy(sandbox, endpoint, statuses, state, tries):
    endpoint.statuses = list(statuses)
    (delivery,) = sandbox.publish("x")
    assert delivery["state"] == state and len(delivery["attempts"]) == tries == len(endpoint.got)
    assert len({text for _, text in endpoint.got}) == 1, "a retry is the same message"


def test_copies_share_their_id(sandbox, endpoint):
    assert (
        len({d["message_id"] for d in sandbox.publish("x", copies=3)}) == 1
        and len(endpoint.got) == 3
    )


@pytest.mark.parametrize("kind", ["plain", "math", "anomaly", "composite"])
def test_alarms_by_both_paths(sandbox, endpoint, kind):
    sandbox.alarm(name="n", kind=kind, via="both", dimensions={"A": "b"})
    bodies = sorted(
        (json.loads(text) for _, text in endpoint.got), key=lambda b: "Subject" not in b
    )
    direct, event = (json.loads(body["Message"]) for body in bodies)
    assert direct["StateChangeTime"] == event["detail"]["state"]["timestamp"]
    assert [direct["AlarmArn"]] == event["resources"]
    assert direct["NewStateReason"] == event["detail"]["state"]["reason"]
    assert (
        ("Trigger" in direct)
        == (kind != "composite")
        == ("metrics" in event["detail"]["configuration"])
    )
    if kind == "anomaly":
        assert (
            "Threshold" not in direct["Trigger"] and direct["Trigger"]["ThresholdMetricId"] == "ad1"
        )
    if kind == "composite":
        assert direct["TriggeringChildren"]
    assert bodies[0]["Subject"] == 'ALARM: "n" in US East (N. Virginia)'


def test_subscription(sandbox, endpoint):
    topic = "arn:aws:sns:us-east-1:123456789012:second"
    with pytest.raises(Exception, match="not subscribed"):
        sandbox.publish("x", topic=topic)
    sandbox.subscribe(topic=topic)
    body = json.loads(endpoint.got[-1][1])
    assert body["Type"] == "SubscriptionConfirmation" and verify(sandbox, endpoint.got[-1][1])
    assert "x-amz-sns-subscription-arn" not in endpoint.got[-1][0]
    assert confirm(sandbox, TopicArn=topic, Token="wrong")[0] == 400
    assert (
        b"<Code>NotFound</Code>" in confirm(sandbox, TopicArn=topic + "x", Token=body["Token"])[1]
    )
    status, xml = confirm(sandbox, TopicArn=topic, Token=body["Token"])
    assert status == 200 and b"<SubscriptionArn>" + topic.encode() + b":" in xml
    assert sandbox.get("subscriptions")[topic]["state"] == "confirmed"
    assert sandbox.publish("x", topic=topic)[0]["state"] == "delivered"
    sandbox.post("unsubscribe", topic=topic)
    assert json.loads(endpoint.got[-1][1])["Type"] == "UnsubscribeConfirmation" and verify(
        sandbox, endpoint.got[-1][1]
    )
    with pytest.raises(Exception, match="not subscribed"):
        sandbox.publish("x", topic=topic)
    assert [c["status"] for c in sandbox.get("confirmations")[-3:]] == [400, 404, 200]


def test_query_api_refuses(sandbox):
    assert confirm(sandbox, Action="Nonsense")[0] == 400
    assert confirm(sandbox, Version="2000-01-01")[0] == 400
    assert confirm(sandbox, Action="Publish", TopicArn=TOPIC, Message="m")[0] == 403, "unsigned"


def test_certificates_on_demand(sandbox, endpoint):
    today = datetime.datetime.utcnow()
    for kind in (
        "expired",
        "not_yet_valid",
        "wrong_san",
        "two_certificates",
        "oversize",
        "ec_key",
        "not_pem",
        "empty",
    ):
        sandbox.publish("x", certificate=kind)
        url = json.loads(endpoint.got[-1][1])["SigningCertURL"]
        status, body = sns_request(sandbox, "GET", "/" + url.rsplit("/", 1)[1])
        assert status == 200
        if kind in ("expired", "not_yet_valid"):
            parsed = x509.load_pem_x509_certificate(body)
            assert (parsed.not_valid_after < today) == (kind == "expired")
            assert (parsed.not_valid_before > today) == (kind == "not_yet_valid")
        assert (body.count(b"BEGIN CERTIFICATE") == 2) == (kind == "two_certificates")
        assert (len(body) > 100000) == (kind == "oversize") and (body == b"") == (kind == "empty")


def test_certificate_host_faults(sandbox, endpoint):
    sandbox.publish("x")
    path = "/" + json.loads(endpoint.got[-1][1])["SigningCertURL"].rsplit("/", 1)[1]
    count = len(sandbox.get("cert_fetches"))
    for status in (404, 500):
        sandbox.fault({"do": "status", "status": status}, method="sns.certificate")
        assert sns_request(sandbox, "GET", path)[0] == status
    sandbox.fault("reset_before", method="sns.certificate")
    with pytest.raises((OSError, http.client.HTTPException)):
        sns_request(sandbox, "GET", path)
    assert sns_request(sandbox, "GET", path)[0] == 200
    assert sns_request(sandbox, "GET", "/SimpleNotificationService-%s.pem" % ("0" * 32))[0] == 404
    assert len(sandbox.get("cert_fetches")) == count + 5
    with pytest.raises(ssl.SSLError):
        sns_request(sandbox, "GET", path, name="sns.example.com")


def test_rotation(sandbox, endpoint):
    sandbox.publish("x")
    old = json.loads(endpoint.got[-1][1])["SigningCertURL"]
    sandbox.post("rotate")
    sandbox.publish("x")
    assert json.loads(endpoint.got[-1][1])["SigningCertURL"] != old and verify(
        sandbox, endpoint.got[-1][1]
    )


def test_presign(sandbox, endpoint, tmp_path):
    sandbox.post("presign", count=3, path=str(tmp_path / "bodies"))
    lines = [json.loads(line) for line in (tmp_path / "bodies").read_text().splitlines()]
    assert len(lines) == 3 and all(verify(sandbox, line["body"]) for line in lines)
    assert (
        len({json.loads(json.loads(line["body"])["Message"])["AlarmName"] for line in lines}) == 3
    )


def test_cpu_alarm_measures(sandbox, endpoint):
    sandbox.post("cpu_alarm", threshold=-1, period_s=0.2)
    sandbox.wait_for(lambda: sandbox.get("cpu_alarm")["transitions"], "a transition")
    sandbox.wait_for(lambda: endpoint.got, "its message")
    sandbox.post("cpu_alarm", stop=True)
    message = json.loads(json.loads(endpoint.got[-1][1])["Message"])
    assert message["NewStateValue"] == "ALARM" and message["OldStateValue"] == "INSUFFICIENT_DATA"
