"""Judges requests as AWS would: signatures by botocore's own signer, parameters by its models.

The words and status codes of refusals differ by protocol; they are the ones that each service is
known to send. AwsError.judged says of what kind a refusal is: credentials, signature, parameters,
protocol. A client that does its work well causes none (but for sessions that end).
"""
import calendar
import hmac
import re
import time
from hashlib import sha256

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.validate

from . import aws_protocol as wire
from .aws_world import AwsError

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})"
)
REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov)-[a-z]+-\d")
# How old or young a signature may be.
WINDOW_MIN = {"ssm": 5, "sns": 5, "aps": 5, "bedrock": 5, "sts": 15, "ec2": 15, "cloudwatch": 15, "dynamodb": 15,
              "logs": 5, "cloudtrail": 5}

# kind -> {form: (code, status)}
CODES = {
    "missing": {
        "json": ("MissingAuthenticationTokenException", 400),
        "query": ("MissingAuthenticationToken", 403),
        "ec2": ("MissingParameter", 400),
    },
    "incomplete": {
        "json": ("IncompleteSignatureException", 400),
        "query": ("IncompleteSignature", 400),
        "ec2": ("AuthFailure", 401),
    },
    "unknown": {
        "json": ("UnrecognizedClientException", 400),
        "query": ("InvalidClientTokenId", 403),
        "ec2": ("AuthFailure", 401),
    },
    "mismatch": {
        "json": ("InvalidSignatureException", 400),
        "query": ("SignatureDoesNotMatch", 403),
        "ec2": ("AuthFailure", 401),
    },
    "skew": {
        "json": ("InvalidSignatureException", 400),
        "query": ("SignatureDoesNotMatch", 403),
        "ec2": ("RequestExpired", 400),
    },
    "expired": {
        "json": ("ExpiredTokenException", 400),
        "query": ("ExpiredToken", 403),
        "ec2": ("RequestExpired", 400),
    },
}
for _forms in CODES.values():
    _forms["rest"] = (_forms["json"][0], 403)
TEXTS = {
    "missing": "Request is missing Authentication Token",
    "unknown": "The security token included in the request is invalid.",
    "mismatch": "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for "
    "details.",
    "expired": "The security token included in the request is expired",
}
EC2_TEXTS = {
    "AuthFailure": "AWS was not able to validate the provided access credentials",
    "RequestExpired": "Request has expired.",
    "MissingParameter": "The request must contain the parameter AWSAccessKeyId",
}


def refuse(service, kind, text=None):
    code, status = CODES[kind][wire.form(service)]
    text = EC2_TEXTS.get(code) or text or TEXTS[kind]
    judged = "credentials" if kind in ("unknown", "expired", "missing") else "signature"
    return AwsError(code, text, status, judged=judged)


def stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


class Judge:
    """Says who signed a request, or raises AwsError."""

    def __init__(self, aws):
        self.aws = aws

    def signer(self, service, method, path_qs, headers, body):
        """(Key, region) of a rightly signed request."""
        if "Authorization" not in headers:
            raise refuse(service, "missing")
        found = AUTHORIZATION.fullmatch(headers["Authorization"])
        date = headers.get("X-Amz-Date", "")
        if not found or not re.fullmatch(r"\d{8}T\d{6}Z", date):
            raise refuse(
                service,
                "incomplete",
                "Authorization header requires Credential, "
                "SignedHeaders, Signature, and existence of X-Amz-Date",
            )
        scope = found[1].split("/")
        region = self._scope(service, scope, date)
        key = self._key(service, scope[0], headers)
        self._fresh(service, date)
        names = found[2].split(";")
        self._covered(service, names, headers)
        claimed = headers.get("X-Amz-Content-SHA256")
        if claimed is not None and claimed != sha256(body).hexdigest():
            raise refuse(service, "mismatch")
        right = self._signature(key, service, region, date, names, method, path_qs, headers, body)
        if not hmac.compare_digest(right, found[3]):
            raise refuse(service, "mismatch")
        return key, region

    @staticmethod
    def _scope(service, scope, date):
        if len(scope) != 5 or scope[4] != "aws4_request":
            raise refuse(
                service,
                "incomplete",
                "Credential must have exactly 5 slash-delimited "
                "elements, e.g. keyid/date/region/service/term",
            )
        signing = wire.SIGNING.get(service, service)
        if scope[3] != signing:
            raise refuse(
                service,
                "mismatch",
                "Credential should be scoped to correct service: '%s'." % signing,
            )
        if not REGION.fullmatch(scope[2]):
            raise refuse(
                service,
                "mismatch",
                "Credential should be scoped to a valid region, not '%s'." % scope[2],
            )
        if scope[1] != date[:8]:
            raise refuse(
                service,
                "mismatch",
                "Date in Credential scope does not match YYYYMMDD from "
                "ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'."
                % (scope[1], date[:8], date),
            )
        return scope[2]

    def _key(self, service, key_id, headers):
        key = self.aws.keys.get(key_id)
        if key is None or headers.get("X-Amz-Security-Token") != key.token:
            raise refuse(service, "unknown")
        if key.expires is not None and key.expires <= self.aws.now():
            raise refuse(service, "expired")
        return key

    def _fresh(self, service, date):
        now, minutes = self.aws.now(), WINDOW_MIN[service]
        try:
            signed = calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        except ValueError:
            raise refuse(service, "incomplete", "Date must be in ISO-8601 'basic format'") from None
        if signed < now - minutes * 60:
            raise refuse(
                service,
                "skew",
                "Signature expired: %s is now earlier than %s (%s - %d min.)"
                % (date, stamp(now - minutes * 60), stamp(now), minutes),
            )
        if signed > now + minutes * 60:
            raise refuse(
                service,
                "skew",
                "Signature not yet current: %s is still later than %s "
                "(%s + %d min.)" % (date, stamp(now + minutes * 60), stamp(now), minutes),
            )

    @staticmethod
    def _covered(service, names, headers):
        """host and every x-amz- header must be signed; the list is sorted."""
        needed = {"host"} | {n.lower() for n in headers if n.lower().startswith("x-amz-")}
        present = {n.lower() for n in headers}
        if names != sorted(names) or needed - set(names) or set(names) - present:
            raise refuse(service, "mismatch")

    @staticmethod
    def _signature(key, service, region, date, names, method, path_qs, headers, body):
        """What botocore's signer would have written for the request as it came."""
        credentials = botocore.credentials.Credentials(key.id, key.secret, key.token)
        signer = botocore.auth.SigV4Auth(credentials, wire.SIGNING.get(service, service), region)
        request = botocore.awsrequest.AWSRequest(
            method=method, url="http://%s%s" % (headers.get("Host", ""), path_qs), data=body
        )
        for name in names:
            for value in headers.getall(name):
                request.headers.add_header(name, value)
        request.context["timestamp"] = date
        text = signer.string_to_sign(request, signer.canonical_request(request))
        return signer.signature(text, request)


# --- parameters -----------------------------------------------------------------
def check_parameters(service, name, params):
    """Raises AwsError for what botocore's validator or the model's limits refuse."""
    shape = wire.operation(service, name).input_shape
    if shape is None:
        return
    report = botocore.validate.ParamValidator().validate(params, shape)
    if report.has_errors():
        raise _invalid(service, report.generate_report())
    breaches = list(_limits(shape, params, ""))
    if breaches:
        text = "%d validation error%s detected: %s" % (
            len(breaches),
            "s" if len(breaches) > 1 else "",
            "; ".join(breaches),
        )
        raise _invalid(service, text)


def _invalid(service, text):
    code = {
        "json": "ValidationException",
        "query": "ValidationError",
        "ec2": "InvalidParameterValue",
    }
    if wire.form(service) == "ec2" and "Missing required parameter" in text:
        return AwsError("MissingParameter", text, judged="parameters")
    return AwsError(code[wire.form(service)], text, judged="parameters")


def _limits(shape, value, path):
    """The constraints of the model that botocore leaves to the service."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            below = name[0].lower() + name[1:]
            yield from _limits(shape.members[name], inner, path + "." + below if path else below)
    elif shape.type_name == "list":
        for number, inner in enumerate(value, 1):
            yield from _limits(shape.member, inner, "%s.%d.member" % (path, number))
    elif shape.type_name == "map":
        for name, inner in value.items():
            yield from _limits(shape.key, name, path + ".key")
            yield from _limits(shape.value, inner, "%s.%s.member" % (path, name))
    yield from _own_limits(shape, value, path)


def _own_limits(shape, value, path):
    limits = shape.metadata
    start = "Value '%s' at '%s' failed to satisfy constraint: Member must " % (value, path)
    measured = shape.type_name in ("string", "list", "map")
    size = len(value) if measured else value
    words = "have length" if measured else "have value"
    if "max" in limits and size > limits["max"]:
        yield start + words + " less than or equal to %s" % limits["max"]
    if "min" in limits and size < limits["min"]:
        yield start + words + " greater than or equal to %s" % limits["min"]
    if shape.type_name != "string":
        return
    if limits.get("enum") and value not in limits["enum"]:
        yield start + "satisfy enum value set: [%s]" % ", ".join(limits["enum"])
    if limits.get("pattern") and not re.fullmatch(_python(limits["pattern"]), value):
        yield start + "satisfy regular expression pattern: " + limits["pattern"]


def _python(pattern):
    """Java's code points beyond the first plane, as Python writes them."""
    return re.sub(r"\\u(10[0-9A-F]{4})", lambda m: "\\U00" + m[1], pattern)
