"""CloudTrail's LookupEvents over the events of POST /control/aws_event."""
import datetime
import json
import uuid

from .aws_world import AwsError, page

KEPT_S = 90 * 86400
PAGE_MAX = 50
ATTRIBUTES = {
    "EventId": lambda e: [e["id"]],
    "EventName": lambda e: [e["name"]],
    "ReadOnly": lambda e: ["true" if e["read_only"] else "false"],
    "Username": lambda e: [e["user"]],
    "EventSource": lambda e: [e["source"]],
    "ResourceName": lambda e: [name for _, name in e["resources"]],
    "ResourceType": lambda e: [kind for kind, _ in e["resources"]],
    "AccessKeyId": lambda e: [e["key"]],
}


class CloudTrail:
    """LookupEvents; newest first, as the service tells them."""

    def __init__(self, world):
        self.aws = world.aws

    @staticmethod
    def resource(_action, _params, _identity, _region):
        return None

    def do_LookupEvents(self, params, identity, region):
        wanted = params.get("LookupAttributes", [])
        if len(wanted) > 1:
            text = "You can use only one attribute in a lookup"
            raise AwsError("InvalidLookupAttributesException", text, judged="parameters")
        if "EventCategory" in params:
            raise AwsError("InvalidEventCategoryException", "the sandbox plays no insights", judged="parameters")
        now = self.aws.now()
        start, end = seconds(params.get("StartTime", now - KEPT_S)), seconds(params.get("EndTime", now))
        if start > end:
            raise AwsError("InvalidTimeRangeException", "StartTime is after EndTime", judged="parameters")
        found = [
            e for e in self.aws.trail
            if (e["account"], e["region"]) == (identity["account"], region)
            and max(start, now - KEPT_S) <= e["at"] <= end
            and all(w["AttributeValue"] in ATTRIBUTES[w["AttributeKey"]](e) for w in wanted)
        ]
        found.sort(key=lambda e: e["at"], reverse=True)
        binding = json.dumps({k: v for k, v in params.items() if k != "NextToken"}, sort_keys=True, default=str)
        error = AwsError("InvalidNextTokenException", "The NextToken is invalid.", judged="parameters")
        size = params.get("MaxResults", PAGE_MAX)
        found, more = page(self.aws, found, size, params.get("NextToken"), binding, error)
        return {"Events": [described(e) for e in found], "NextToken": more}


def seconds(value):
    return value.timestamp() if hasattr(value, "timestamp") else value


def made(options, account, region, now):
    """An event of the options of the control API."""
    return {
        "id": str(uuid.uuid4()), "account": account, "region": region, "at": float(options.get("at", now)),
        "name": options["name"], "source": options.get("source", "ec2.amazonaws.com"),
        "user": options.get("user", "ada"), "key": options.get("key", "AKIAIOSFODNN7EXAMPLE"),
        "resources": [tuple(r) if isinstance(r, list) else ("", r) for r in options.get("resources", [])],
        "read_only": bool(options.get("read_only")), "error": options.get("error"),
        "request": options.get("request", {}),
    }


def described(event):
    """EventTime has whole seconds."""
    return {
        "EventId": event["id"],
        "EventName": event["name"],
        "ReadOnly": "true" if event["read_only"] else "false",
        "AccessKeyId": event["key"],
        "EventTime": int(event["at"]),
        "EventSource": event["source"],
        "Username": event["user"],
        "Resources": [
            {**({"ResourceType": kind} if kind else {}), "ResourceName": name} for kind, name in event["resources"]
        ],
        "CloudTrailEvent": json.dumps(whole(event)),
    }


def whole(event):
    when = datetime.datetime.fromtimestamp(int(event["at"]), datetime.timezone.utc)
    found = {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser", "accountId": event["account"], "accessKeyId": event["key"], "userName": event["user"],
            "arn": "arn:aws:iam::%s:user/%s" % (event["account"], event["user"]),
        },
        "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event["source"],
        "eventName": event["name"],
        "awsRegion": event["region"],
        "sourceIPAddress": "203.0.113.7",
        "requestParameters": event["request"],
        "eventID": event["id"],
        "readOnly": event["read_only"],
        "eventType": "AwsApiCall",
        "recipientAccountId": event["account"],
    }
    if event["error"]:
        found.update(errorCode=event["error"], errorMessage="scripted")
    return found
