"""SNS as the bot's mail: Publish into a mailbox for each topic, and GetTopicAttributes.

Nothing is delivered anywhere; the mails are read through the control API.
"""
import json
import re
import time
import uuid

from .aws_world import AwsError, Denied, arn_parts

MESSAGE_MAX = 262144  # bytes, with the attributes
SUBJECT_MAX = 100
# "ASCII text that begins with a letter, number, or punctuation mark", no line breaks or controls.
SUBJECT = re.compile(r"[!-~][ -~]*")


def invalid(text):
    return AwsError("InvalidParameter", "Invalid parameter: " + text, judged="parameters")


class Mail:
    """The topics of all accounts."""

    def __init__(self, world):
        self.world, self.aws = world, world.aws

    @staticmethod
    def resource(_action, params, _identity, _region):
        return params.get("TopicArn") or params.get("TargetArn")

    def _topic(self, arn, identity, region):
        parts = arn_parts(arn)
        if not parts or parts[0] != "sns" or parts[1] != region or not parts[2]:
            raise invalid("TopicArn")
        topic = self.aws.topics.get(arn)
        if identity["account"] != parts[2] and not (topic and topic["open"]):
            raise Denied(arn, "resource-based")
        if topic is None:
            raise AwsError("NotFound", "Topic does not exist", 404)
        return topic

    def do_GetTopicAttributes(self, params, identity, region):
        arn = params["TopicArn"]
        topic = self._topic(arn, identity, region)
        return {
            "Attributes": {
                "TopicArn": arn,
                "Owner": topic["account"],
                "DisplayName": "",
                "SubscriptionsConfirmed": "1",
                "SubscriptionsPending": "0",
                "SubscriptionsDeleted": "0",
            }
        }

    def do_Publish(self, params, identity, region):
        targets = [params[n] for n in ("TopicArn", "TargetArn", "PhoneNumber") if n in params]
        if len(targets) != 1 or "PhoneNumber" in params:
            raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
        self._topic(targets[0], identity, region)
        message = self._message(params)
        self._subject(params.get("Subject"))
        mail = {
            "time": time.time(),
            "topic": targets[0],
            "subject": params.get("Subject"),
            "message": message,
            "attributes": {
                k: v.get("StringValue") for k, v in params.get("MessageAttributes", {}).items()
            },
            "principal": identity["arn"],
            "message_id": str(uuid.uuid4()),
        }
        self.world.mails.append(mail)
        return {"MessageId": mail["message_id"]}

    @staticmethod
    def _message(params):
        """The text for mail readers."""
        message = params["Message"]
        if not message:
            raise invalid("Empty message")
        size = len(message.encode())
        for name, value in params.get("MessageAttributes", {}).items():
            if not value.get("StringValue") and not value.get("BinaryValue"):
                raise AwsError(
                    "ParameterValueInvalid",
                    "The message attribute '%s' must contain "
                    "non-empty message attribute value." % name,
                    judged="parameters",
                )
            size += len(name) + len(value["DataType"]) + len(value.get("StringValue", ""))
        if size > MESSAGE_MAX:
            raise invalid("Message too long")
        if "MessageStructure" not in params:
            return message
        try:
            forms = json.loads(message)
            if params["MessageStructure"] != "json" or not isinstance(forms["default"], str):
                raise KeyError
        except (ValueError, KeyError, TypeError):
            raise invalid("Message Structure - No default entry in JSON message body") from None
        return forms.get("email", forms["default"])

    @staticmethod
    def _subject(subject):
        if subject is not None and (len(subject) > SUBJECT_MAX or not SUBJECT.fullmatch(subject)):
            raise invalid("Subject")
