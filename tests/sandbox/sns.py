"""Amazon SNS's signed messages: bodies in SNS's layout, strings to sign, forgeries on demand."""
import base64
import datetime
import json
import secrets
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from . import certificates

SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
    "UnsubscribeConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
FORGERIES = (
    "signature",
    "altered",
    "key",
    "version",
    "no_signature",
    "spelling",
    "cert_host",
    "cert_http",
    "cert_port",
    "cert_query",
    "cert_path",
    "cert_user",
    "cert_region",
    "cert_fragment",
    "cert_s3",
    "not_json",
    "not_object",
    "duplicate_key",
    "type_mismatch",
    "missing:KEY",
    "headers",
)


def timestamp(when=None):
    stamp = datetime.datetime.now(datetime.timezone.utc)
    if isinstance(when, str):
        return when
    if when is not None:
        stamp = datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (stamp.microsecond // 1000)


def string_to_sign(body):
    """`key \\n value \\n` for each signed key, over the raw values."""
    return "".join("%s\n%s\n" % (k, body[k]) for k in SIGNED[body["Type"]] if k in body).encode()


def layout(body):
    """The layout of SNS: two spaces, ` : `, one key a line; nothing escaped without need."""
    lines = [
        "  %s : %s" % (json.dumps(k), json.dumps(v, ensure_ascii=False)) for k, v in body.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}"


def region_of(topic):
    return topic.split(":")[3]


class Signer:
    """The signing certificates and the messages signed with them."""

    def __init__(self, authority):
        self.authority = authority
        self.stranger = None  # a key that no certificate belongs to
        self.files = {}  # file name -> bytes
        self.keys = {}  # (kind, region) -> (key, file name)

    def certificate(self, kind, region):
        """(key, file name) of a signing certificate, made when first needed."""
        if kind not in certificates.SIGNING_KINDS:
            raise ValueError("certificate: one of %s" % ", ".join(certificates.SIGNING_KINDS))
        if (kind, region) not in self.keys:
            key, body = certificates.signing_certificate(kind, region, self.authority)
            name = "SimpleNotificationService-%s.pem" % secrets.token_hex(16)
            self.files[name] = body
            self.keys[kind, region] = (key, name)
        return self.keys[kind, region]

    def rotate(self, region):
        """A new valid certificate with a new address; the old file stays."""
        self.keys.pop(("valid", region), None)
        return self.certificate("valid", region)[1]

    def url(self, name, region):
        return "https://sns.%s.%s/%s" % (region, certificates.dns_suffix(region), name)

    @staticmethod
    def sign(key, version, data):
        digest = hashes.SHA256() if version == "2" else hashes.SHA1()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            raw = key.sign(data, ec.ECDSA(digest))
        else:
            raw = key.sign(data, padding.PKCS1v15(), digest)
        return base64.b64encode(raw).decode()

    # --- bodies ---------------------------------------------------------------
    def notification(
        self,
        topic,
        message,
        subject=None,
        subscription_arn="",
        version="1",
        when=None,
        message_id=None,
        attributes=None,
        certificate="valid",
    ):
        body = {
            "Type": "Notification",
            "MessageId": message_id or str(uuid.uuid4()),
            "TopicArn": topic,
        }
        if subject is not None:
            body["Subject"] = subject
        body.update(Message=message, Timestamp=timestamp(when))
        self._finish(body, version, certificate)
        region = region_of(topic)
        body["UnsubscribeURL"] = "https://sns.%s.%s/?Action=Unsubscribe&SubscriptionArn=%s" % (
            region,
            certificates.dns_suffix(region),
            subscription_arn,
        )
        if attributes:
            body["MessageAttributes"] = {
                k: v if isinstance(v, dict) else {"Type": "String", "Value": str(v)}
                for k, v in attributes.items()
            }
        return body

    def confirmation(
        self,
        topic,
        token,
        kind="SubscriptionConfirmation",
        version="1",
        when=None,
        certificate="valid",
        message_id=None,
    ):
        region = region_of(topic)
        verb = (
            "You have chosen to subscribe to the topic %s.\nTo confirm the subscription, visit "
            "the SubscribeURL included in this message."
        )
        if kind == "UnsubscribeConfirmation":
            verb = (
                "You have chosen to deactivate subscription %s.\nTo cancel this operation and "
                "restore the subscription, visit the SubscribeURL included in this message."
            )
        body = {
            "Type": kind,
            "MessageId": message_id or str(uuid.uuid4()),
            "Token": token,
            "TopicArn": topic,
            "Message": verb % topic,
            "SubscribeURL": "https://sns.%s.%s/?Action=ConfirmSubscription&TopicArn=%s&Token=%s"
            % (region, certificates.dns_suffix(region), topic, token),
            "Timestamp": timestamp(when),
        }
        self._finish(body, version, certificate)
        return body

    def _finish(self, body, version, kind):
        region = region_of(body["TopicArn"])
        key, name = self.certificate(kind, region)
        body["SignatureVersion"] = version
        body["Signature"] = self.sign(key, version, string_to_sign(body))
        body["SigningCertURL"] = self.url(name, region)

    # --- forgeries ------------------------------------------------------------
    def forge(self, body, how):
        """Spoils a signed body in place; returns the text to send if it is not layout(body)."""
        host = body["SigningCertURL"].split("/")[2]
        name = body["SigningCertURL"].rsplit("/", 1)[1]
        urls = {
            "cert_host": "https://sns.us-east-1.amazonaws.com.evil.example/" + name,
            "cert_http": "http://%s/%s" % (host, name),
            "cert_port": "https://%s:8443/%s" % (host, name),
            "cert_query": "https://%s/%s?x=.pem" % (host, name),
            "cert_path": "https://%s/evil/%s" % (host, name),
            "cert_user": "https://%s@evil.example/%s" % (host, name),
            "cert_region": "https://sns.eu-west-3.amazonaws.com/" + name,
            "cert_fragment": "https://%s/%s#a" % (host, name),
            "cert_s3": "https://s3.amazonaws.com/bucket/" + name,
        }
        if how in urls:
            body["SigningCertURL"] = urls[how]
        elif how == "signature":
            raw = bytearray(base64.b64decode(body["Signature"]))
            raw[7] ^= 1
            body["Signature"] = base64.b64encode(bytes(raw)).decode()
        elif how == "altered":
            body["Message"] += " "
        elif how == "key":
            self.stranger = self.stranger or certificates.rsa_key()
            body["Signature"] = self.sign(
                self.stranger, body["SignatureVersion"], string_to_sign(body)
            )
        elif how == "version":
            body["SignatureVersion"] = "3"
        elif how == "no_signature":
            body["Signature"] = ""
        elif how == "type_mismatch":
            body["Type"] = (
                "UnsubscribeConfirmation" if body["Type"] == "Notification" else "Notification"
            )
        elif how.startswith("missing:"):
            body.pop(how.split(":", 1)[1], None)
        else:
            return self._forge_text(body, how)
        return None

    @staticmethod
    def _forge_text(body, how):
        if how == "spelling":
            return (
                layout(body)
                .replace("SigningCertURL", "SigningCertUrl")
                .replace("UnsubscribeURL", "UnsubscribeUrl")
            )
        if how == "not_json":
            return layout(body)[:-3]
        if how == "not_object":
            return json.dumps([body])
        if how == "duplicate_key":
            return '{\n  "Message" : "another",' + layout(body)[1:]
        if how == "headers":
            return None  # the publisher spoils the headers
        raise ValueError("forge: one of %s" % ", ".join(FORGERIES))
