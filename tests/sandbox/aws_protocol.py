"""The wire forms of AWS, driven by botocore's service models: awsJson1.0 and 1.1, query and ec2.

Requests become the parameters that botocore would take; results, given in the same form, become
what the service sends. What a service does is not known here.
"""
import base64
import calendar
import datetime
import functools
import json
import time
import uuid
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import botocore.loaders
import botocore.model

from .aws_world import AwsError

# Service -> the query API's Version, or the target prefix of awsJson.
VERSIONS = {"2016-11-15": "ec2", "2011-06-15": "sts", "2010-03-31": "sns"}
TARGETS = {
    "AmazonSSM": "ssm",
    "GraniteServiceVersion20100801": "cloudwatch",
    "DynamoDB_20120810": "dynamodb",
    "Logs_20140328": "logs",
    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101": "cloudtrail",
}
SIGNING = {"cloudwatch": "monitoring"}  # names in signatures, where they differ
# CloudWatch speaks JSON as well as query; Debian's botocore knows only the latter. Newer models say this.
JSON = {"cloudwatch": {"protocol": "json", "jsonVersion": "1.0", "targetPrefix": "GraniteServiceVersion20100801"}}
# Members that newer models have: (service, shape) -> {member: shape}.
NEWER = {
    ("cloudwatch", "MetricAlarm"): {"StateTransitionedTimestamp": "Timestamp"},
    ("logs", "GetQueryResultsRequest"): {"nextToken": "NextToken", "maxItems": "EventsLimit"},
    ("logs", "GetQueryResultsResponse"): {"nextToken": "NextToken"},
}
MISSING = object()


def renewed(service, described):
    """botocore's model of a service with what newer ones have besides."""
    shapes = dict(described["shapes"])
    for (owner, name), members in NEWER.items():
        if owner == service:
            added = {member: {"shape": shape} for member, shape in members.items()}
            shapes[name] = {**shapes[name], "members": {**added, **shapes[name]["members"]}}
    return {**described, "metadata": {**described["metadata"], **JSON.get(service, {})}, "shapes": shapes}


@functools.lru_cache(maxsize=None)
def model(service):
    """botocore's model of a service; read when it is first needed."""
    described = botocore.loaders.Loader().load_service_model(service, "service-2")
    return botocore.model.ServiceModel(renewed(service, described), service)


@functools.lru_cache(maxsize=None)
def operation(service, name):
    """The model of an operation, or None."""
    try:
        return model(service).operation_model(name)
    except botocore.model.OperationNotFoundError:
        return None


def form(service):
    """json, query, ec2 or rest (of which Debian's botocore has no model: see aws_converse.py)."""
    if service == "bedrock":
        return "rest"
    if service == "aps":
        return "json"  # it has no operations of AWS's own protocols, but refuses in their words
    return model(service).metadata["protocol"]


# --- requests -----------------------------------------------------------------
class Request:
    """What a call asks for, before anything is believed: service, operation, raw parameters."""

    def __init__(self, service, name, raw):
        self.service, self.name, self.raw = service, name, raw


def read(method, query, headers, body):
    """Finds out what is called. Raises AwsError for what no service would understand."""
    target = headers.get("X-Amz-Target")
    if target is not None:
        return _read_json(method, target, headers, body)
    pairs = parse_qsl(query, keep_blank_values=True)
    if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        pairs += parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    service = VERSIONS.get(fields.get("Version"), "sns")
    name = fields.pop("Action", None)
    version = fields.pop("Version", None)
    if len(fields) + (name is not None) + (version is not None) != len(pairs):
        raise AwsError("InvalidQueryParameter", "a parameter occurs twice", judged="protocol")
    if name is None:
        raise AwsError("MissingAction", "missing Action parameter", judged="protocol")
    if version not in VERSIONS or operation(service, name) is None:
        text = "Could not find operation %s for version %s" % (
            name,
            version or "NO_VERSION_SPECIFIED",
        )
        raise AwsError("InvalidAction", text, judged="protocol")
    return Request(service, name, fields)


def _read_json(method, target, headers, body):
    prefix, _, name = target.rpartition(".")
    service = TARGETS.get(prefix)
    if method != "POST" or service is None or operation(service, name) is None:
        raise AwsError("UnknownOperationException", judged="protocol")
    if headers.get("Content-Type") != content_type(service):
        raise AwsError("UnknownOperationException", status=404, judged="protocol")
    try:
        raw = json.loads(body.decode("utf-8"))
    except ValueError:
        raw = None
    return Request(service, name, raw)


def parameters(request):
    """The parameters as botocore's caller would give them; raises AwsError."""
    shape = operation(request.service, request.name).input_shape
    if form(request.service) == "json":
        if not isinstance(request.raw, dict):
            raise AwsError("SerializationException", judged="protocol")
        return _from_json(shape, request.raw, "") if shape else {}
    reader = _Form(request.raw, form(request.service) == "ec2")
    found = reader.structure(shape, "") if shape else {}
    unknown = sorted(set(request.raw) - reader.used)
    if unknown:
        code = "UnknownParameter" if form(request.service) == "ec2" else "ValidationError"
        text = "The parameter %s is not recognized" % unknown[0]
        raise AwsError(code, text, judged="parameters")
    return {} if found is MISSING else found


def _from_json(shape, value, path):
    kinds = {
        "structure": dict,
        "map": dict,
        "list": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "long": int,
        "double": (int, float),
        "timestamp": (int, float),
        "blob": str,
    }
    right = isinstance(value, kinds[shape.type_name])
    if not right or (isinstance(value, bool) and shape.type_name != "boolean"):
        text = "%s: a %s is expected" % (path or "body", shape.type_name)
        raise AwsError("SerializationException", text, judged="parameters")
    if shape.type_name == "structure":
        unknown = sorted(set(value) - set(shape.members))
        if unknown:
            text = "Unknown parameter in input: %s" % (path + "." + unknown[0]).lstrip(".")
            raise AwsError("ValidationException", text, judged="parameters")
        return {k: _from_json(shape.members[k], v, path + "." + k) for k, v in value.items()}
    if shape.type_name == "map":
        return {k: _from_json(shape.value, v, path + "." + k) for k, v in value.items()}
    if shape.type_name == "list":
        return [_from_json(shape.member, v, "%s.%d" % (path, n)) for n, v in enumerate(value, 1)]
    if shape.type_name == "blob":
        return _blob(value, path)
    return value


def _blob(text, path):
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise AwsError("SerializationException", path + ": no base64", judged="parameters") from None


class _Form:
    """Reads structures from the flat names of a form."""

    def __init__(self, fields, ec2):
        self.fields, self.ec2, self.used = fields, ec2, set()

    def value(self, shape, name):
        read = getattr(self, shape.type_name, None)
        if read:
            return read(shape, name)
        if name not in self.fields:
            return MISSING
        self.used.add(name)
        text = self.fields[name]
        try:
            return _SCALARS.get(shape.type_name, str)(text)
        except (ValueError, KeyError):
            code = "InvalidParameterValue" if self.ec2 else "MalformedInput"
            message = "Value (%s) for parameter %s is invalid." % (text, name)
            raise AwsError(code, message, judged="parameters") from None

    def structure(self, shape, prefix):
        found = {}
        for member, inner in shape.members.items():
            name = prefix + self._name(inner, member)
            value = self.value(inner, name + "." if inner.type_name == "structure" else name)
            if value is not MISSING:
                found[member] = value
        return found if found or not prefix else MISSING

    def _name(self, shape, member):
        if not self.ec2:
            return shape.serialization.get("name", member)
        name = shape.serialization.get("queryName") or shape.serialization.get("name", member)
        return name[0].upper() + name[1:]

    def list(self, shape, name):
        if not self.ec2 and not shape.serialization.get("flattened"):
            name += "." + shape.member.serialization.get("name", "member")
        found = []
        while True:
            at = "%s.%d" % (name, len(found) + 1)
            inner = shape.member.type_name in ("structure", "list", "map")
            value = self.value(shape.member, at + "." if inner else at)
            if value is MISSING:
                return found or MISSING
            found.append(value)

    def map(self, shape, name):
        if not shape.serialization.get("flattened"):
            name += ".entry"
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        found = {}
        while True:
            at = "%s.%d." % (name, len(found) + 1)
            key = self.value(shape.key, at + key_name)
            if key is MISSING:
                return found or MISSING
            inner = "." if shape.value.type_name == "structure" else ""
            found[key] = self.value(shape.value, at + value_name + inner)


_SCALARS = {
    "integer": int,
    "long": int,
    "boolean": lambda text: {"true": True, "false": False}[text],
    "blob": lambda text: base64.b64decode(text, validate=True),
    "timestamp": lambda text: datetime.datetime.fromisoformat(text.replace("Z", "+00:00")),
}


# --- answers ------------------------------------------------------------------
def iso(seconds):
    """2026-01-02T03:04:05.678Z"""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return "%s.%03dZ" % (whole, int(seconds * 1000) % 1000)


def parse_iso(text):
    """Seconds since the epoch of 2026-01-02T03:04:05Z; ValueError."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def content_type(service):
    if form(service) == "rest":
        return "application/json"
    if form(service) == "json":
        return "application/x-amz-json-" + model(service).metadata["jsonVersion"]
    return "text/xml;charset=UTF-8" if form(service) == "ec2" else "text/xml"


def result(service, name, value, request_id):
    """The body of a success; `value` has the members of the operation's output shape."""
    shape = operation(service, name).output_shape
    if form(service) == "json":
        return json.dumps(_to_json(shape, value), ensure_ascii=False)
    inner = "".join(_xml(shape.members, value)) if shape else ""
    namespace = model(service).metadata["xmlNamespace"]
    if form(service) == "ec2":
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<%sResponse xmlns="%s/">\n'
            "    <requestId>%s</requestId>\n%s</%sResponse>"
        ) % (name, namespace, request_id, inner, name)
    return (
        '<%sResponse xmlns="%s">\n  <%sResult>%s</%sResult>\n  <ResponseMetadata>\n'
        "    <RequestId>%s</RequestId>\n  </ResponseMetadata>\n</%sResponse>\n"
    ) % (name, namespace, name, inner, name, request_id, name)


def _to_json(shape, value):
    if shape.type_name == "structure":
        return {k: _to_json(shape.members[k], v) for k, v in value.items() if v is not None}
    if shape.type_name == "list":
        member = shape.member  # made anew by botocore each time it is asked for
        if member.type_name in ("double", "float", "integer", "long"):
            return list(value)
        if member.type_name == "timestamp":
            return [round(v, 3) for v in value]
        return [_to_json(member, v) for v in value]
    if shape.type_name == "map":
        return {k: _to_json(shape.value, v) for k, v in value.items()}
    if shape.type_name == "blob":
        return base64.b64encode(value).decode()
    return round(value, 3) if shape.type_name == "timestamp" else value


def _xml(members, value):
    for name, inner in value.items():
        if inner is not None:
            shape = members[name]
            yield from _element(shape, shape.serialization.get("name", name), inner)


def _element(shape, name, value):
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        body = "".join(t for v in value for t in _element(shape.member, item, v))
    elif shape.type_name == "structure":
        body = "".join(_xml(shape.members, value))
    elif shape.type_name == "map":
        body = "".join(
            "<entry>%s%s</entry>"
            % ("".join(_element(shape.key, "key", k)), "".join(_element(shape.value, "value", v)))
            for k, v in value.items()
        )
    elif shape.type_name == "boolean":
        body = "true" if value else "false"
    elif shape.type_name == "timestamp":
        body = iso(value)
    else:
        body = escape(str(value))
    yield "<%s>%s</%s>" % (name, body, name)


def error(service, failure, request_id=None):
    """The body of an error in the form of the service."""
    request_id = request_id or str(uuid.uuid4())
    kind = form(service)
    if kind == "rest":
        return json.dumps({"message": failure.message}, ensure_ascii=False)
    if kind == "json":
        return json.dumps(_json_error(service, failure), ensure_ascii=False)
    if kind == "ec2":
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>%s</Code>'
            "<Message>%s</Message></Error></Errors><RequestID>%s</RequestID></Response>"
        ) % (escape(failure.code), escape(failure.message), request_id)
    return (
        '<ErrorResponse xmlns="%s">\n  <Error>\n    <Type>%s</Type>\n    <Code>%s</Code>\n'
        "    <Message>%s</Message>\n  </Error>\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n"
    ) % (
        model(service).metadata["xmlNamespace"],
        "Sender" if failure.status < 500 else "Receiver",
        escape(failure.code),
        escape(failure.message),
        request_id,
    )


def _json_error(service, failure):
    """Modelled errors carry their own name and Message; the framework's a namespace, too."""
    if model(service).metadata["jsonVersion"] == "1.0":
        return _json_1_0_error(service, failure)
    modelled = any(e.name == failure.code for e in model(service).error_shapes)
    if modelled or failure.code == "AccessDeniedException":
        return {"__type": failure.code, **({"Message": failure.message} if failure.message else {})}
    if failure.code in ("ThrottlingException", "ValidationException"):
        return {"__type": failure.code, "message": failure.message}
    return {"__type": "com.amazon.coral.service#" + failure.code, "message": failure.message}


def _json_1_0_error(service, failure):
    """CloudWatch and DynamoDB write the namespace of whoever refuses; the message is in lower case."""
    modelled = any(failure.code in (e.name, e.error_code) for e in model(service).error_shapes)
    version = model(service).metadata["apiVersion"].replace("-", "")
    namespace = "com.amazonaws.%s.v%s" % (service, version) if modelled else "com.amazon.coral.service"
    if failure.code == "ValidationException":
        namespace = "com.amazon.coral.validate"
    return {"__type": "%s#%s" % (namespace, failure.code), "message": failure.message}
