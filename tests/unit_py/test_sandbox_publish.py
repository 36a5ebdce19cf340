"""SNS Publish in the sandbox: the mailbox and its rules; boto3 is the client."""
import json

import pytest

from tests.unit_py.aws_clients import refused
from tests.unit_py.test_sandbox_sns import sns_request

TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"
OTHER = "arn:aws:sns:us-east-1:210987654321:mail"


def test_a_mail(aws, sandbox):
    answer = aws.sns.publish(
        TopicArn=TOPIC,
        Subject="[ALARM] web-1: CPU 96 %",
        Message="Zeile 1\nÜ € 😀 <&>\n",
        MessageAttributes={"incident": {"DataType": "String", "StringValue": "42"}},
    )
    mail = sandbox.mails(TOPIC)[-1]
    assert mail["message_id"] == answer["MessageId"] and mail["topic"] == TOPIC
    assert (
        mail["subject"] == "[ALARM] web-1: CPU 96 %" and mail["message"] == "Zeile 1\nÜ € 😀 <&>\n"
    )
    assert mail["attributes"] == {"incident": "42"} and mail["principal"].endswith(":user/tocsin")
    assert sandbox.mails(OTHER) == [] and sandbox.judged() == []
    call = sandbox.aws_calls("sns", "Publish")[-1]
    assert call["params"]["TopicArn"] == TOPIC and call["status"] == 200


@pytest.mark.parametrize("subject", ["x" * 100, "(begins so)", "1 number", "-", "~!@#"])
def test_subjects(aws, subject):
    aws.sns.publish(TopicArn=TOPIC, Subject=subject, Message="m")


@pytest.mark.parametrize(
    "subject", ["x" * 101, "", " begins with a space", "ü", "two\nlines", "tab\t", "\x7f"]
)
def test_wrong_subjects(aws, sandbox, subject):
    count = len(sandbox.mails())
    with refused("InvalidParameter", 400, "Invalid parameter: Subject"):
        aws.sns.publish(TopicArn=TOPIC, Subject=subject, Message="m")
    assert sandbox.judged()[-1]["action"] == "Publish" and len(sandbox.mails()) == count


def test_messages(aws, sandbox):
    aws.sns.publish(TopicArn=TOPIC, Message="ü" * 131072)
    assert len(sandbox.mails()[-1]["message"]) == 131072 and sandbox.mails()[-1]["subject"] is None
    with refused("InvalidParameter", text="Message too long"):
        aws.sns.publish(TopicArn=TOPIC, Message="ü" * 131072 + "x")
    attributes = {"a": {"DataType": "String", "StringValue": "x" * 100}}
    with refused("InvalidParameter", text="Message too long"):
        aws.sns.publish(TopicArn=TOPIC, Message="x" * 262100, MessageAttributes=attributes)
    with refused("InvalidParameter", text="Empty message"):
        aws.sns.publish(TopicArn=TOPIC, Message="")
    forms = json.dumps({"default": "short", "email": "long"})
    aws.sns.publish(TopicArn=TOPIC, Message=forms, MessageStructure="json")
    assert sandbox.mails()[-1]["message"] == "long"
    with refused("InvalidParameter", text="No default entry"):
        aws.sns.publish(TopicArn=TOPIC, Message="{}", MessageStructure="json")
    with refused("ParameterValueInvalid"):
        aws.sns.publish(
            TopicArn=TOPIC,
            Message="m",
            MessageAttributes={"a": {"DataType": "String", "StringValue": ""}},
        )
    with refused("ValidationError", text="Message"):
        aws.client("sns", validate=False).publish(TopicArn=TOPIC)


def test_topics(aws, sandbox):
    with refused("NotFound", 404, "Topic does not exist"):
        aws.sns.publish(TopicArn=TOPIC + "x", Message="m")
    with refused("InvalidParameter", 400, "TopicArn"):
        aws.client("sns", "eu-west-1").publish(TopicArn=TOPIC, Message="m")
    with refused("InvalidParameter"):
        aws.sns.publish(TopicArn="mail", Message="m")
    with refused("InvalidParameter"):
        aws.sns.publish(PhoneNumber="+15550100", Message="m")
    aws.sns.publish(TargetArn=TOPIC, Message="m")
    assert aws.sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["Owner"] == "123456789012"
    with refused("NotFound", 404):
        aws.sns.get_topic_attributes(TopicArn=TOPIC + "x")
    sandbox.add_topic(TOPIC + "2")
    aws.sns.publish(TopicArn=TOPIC + "2", Message="m")
    sandbox.add_topic(TOPIC + "2", remove=True)
    with refused("NotFound"):
        aws.sns.publish(TopicArn=TOPIC + "2", Message="m")


def test_authorization(aws, sandbox):
    sandbox.add_topic(OTHER)
    text = (
        "User: arn:aws:iam::123456789012:user/tocsin is not authorized to perform: SNS:Publish "
        "on resource: %s because no resource-based policy" % OTHER
    )
    with refused("AuthorizationError", 403, text):
        aws.sns.publish(TopicArn=OTHER, Message="m")
    aws.client("sns", key=aws.assume()).publish(TopicArn=OTHER, Message="m")
    sandbox.add_topic(OTHER, open=True)
    aws.sns.publish(TopicArn=OTHER, Message="m")
    sandbox.deny("sns:Publish")
    with refused("AuthorizationError", 403):
        aws.sns.publish(TopicArn=TOPIC, Message="m")
    assert len(sandbox.mails(OTHER)) == 2


def test_faults(aws, sandbox):
    count = len(sandbox.mails())
    for fault in ("throttle", "500_before", "503_before", "reset_before", "error:InternalError"):
        sandbox.fault(fault, method="sns.Publish")
        with pytest.raises(Exception):
            aws.sns.publish(TopicArn=TOPIC, Message="m")
    assert len(sandbox.mails()) == count
    for fault in (
        "500_after",
        "reset_after",
        "close_after",
        "malformed_json",
        "html",
        {"do": "error", "error": "X", "store": True},
    ):
        sandbox.fault(fault, method="sns.Publish", text="lost")
        with pytest.raises(Exception):
            aws.sns.publish(TopicArn=TOPIC, Message="an answer is lost")["MessageId"]
    assert len(sandbox.mails()) == count + 6
    sandbox.fault("throttle", times=2, method="sns.Publish")
    aws.client("sns", attempts=3).publish(TopicArn=TOPIC, Message="m")


def test_confirm_subscription_here_too(aws, sandbox, endpoint):
    topic = "arn:aws:sns:us-east-1:123456789012:confirmed-here"
    sandbox.subscribe(topic=topic)
    token = json.loads(endpoint.got[-1][1])["Token"]
    with refused("InvalidParameter", 400):
        aws.sns.confirm_subscription(TopicArn=topic, Token="wrong")
    key = {"AccessKeyId": aws.env["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "wrong"}
    with refused("SignatureDoesNotMatch", 403):
        aws.client("sns", key=key).confirm_subscription(TopicArn=topic, Token=token)
    answer = aws.sns.confirm_subscription(TopicArn=topic, Token=token)
    assert answer["SubscriptionArn"].startswith(topic + ":")
    assert sandbox.get("subscriptions")[topic]["state"] == "confirmed"
    call = sandbox.get("confirmations")[-1]
    assert call["signed"] and call["status"] == 200 and token not in str(sandbox.aws_calls()[-1])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = "Action=ConfirmSubscription&Version=2010-03-31&TopicArn=%s&Token=%s" % (topic, token)
    assert aws.send(body, form)[0] in (200, 400), "no signature is needed"


def test_the_host_of_sns_itself(aws, sandbox):
    """https://sns.us-east-1.amazonaws.com is the same service."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = "Action=Publish&Version=2010-03-31&TopicArn=%s&Message=by+host" % TOPIC
    status, xml = sns_request(sandbox, "POST", "/", body, headers=form)
    assert status == 403 and b"MissingAuthenticationToken" in xml
    headers = aws.signed("sns", body, Host="sns.us-east-1.amazonaws.com", **form)
    status, xml = sns_request(sandbox, "POST", "/", body, headers=headers)
    assert status == 200 and sandbox.mails()[-1]["message"] == "by host"
