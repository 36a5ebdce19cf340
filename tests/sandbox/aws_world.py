"""The state of the pretended AWS: accounts, credentials, permissions, machines, topics, records.

Several accounts exist at once; what belongs to a region is kept under (account, region), so that
an instance of eu-west-1 is unknown in us-east-1. Identities are dictionaries
    {"account", "arn", "user_id", "role": name or None}
and one access key belongs to one identity. Nothing is allowed or denied by policies that somebody
would have to write: everything in the own account is allowed until `deny` names an action.
"""
import base64
import dataclasses
import fnmatch
import json
import re
import secrets
import string
import time

OWN_ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
REGION = "us-east-1"
INSTANCE = "i-0123456789abcdef0"
MAIL_TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"

AWS_SETTINGS = {
    "aws_clock_offset_s": 0,  # AWS's clock minus ours: signatures, Date headers, expiry
    # Calls a second for each account, region and operation, or {"LookupEvents": 2}; more is throttled.
    "aws_tps": None,
    "aws_page": None,  # at most so many results a page, whatever MaxResults says
    "sts_lifetime_s": None,  # sessions end so early in real time, whatever DurationSeconds says
    # The waits below are shortened by TOCSIN_TIME_SCALE; running a script takes what it takes.
    "ssm_race_s": 0.5,  # after SendCommand: InvocationDoesNotExist, an empty ListCommandInvocations
    "ssm_list_after_s": 0,  # after SendCommand: ListCommands does not show the command yet
    "ssm_start_s": 0.3,  # Pending for so long
    "ssm_run_at_least_s": 10,  # real time that a scaled executionTimeout leaves a script at least
    "ssm_cancel": True,  # False: CancelCommand is accepted and does nothing
    "ssm_spaced_details": False,  # StatusDetails as in the guide: "Delivery Timed Out"
    "cloudwatch_page": None,  # at most so many values a page, whatever MaxDatapoints says
    "cloudwatch_spread": "queries",  # or "time": how pages cut the results; see aws_cloudwatch.py
    "aps_upstream": None,  # the Prometheus server behind Amazon Managed Prometheus
    "cloudwatch_messages": [],  # of every answer: [{"Code", "Value"}]
    "logs_run_s": 1.0,  # how long a query of logs runs; shortened by TOCSIN_TIME_SCALE
    "logs_ends": "Complete",  # or Failed, Timeout
    "logs_scanned_times": 1,  # bytesScanned are those of the lines times this
    "logs_queries_max": 30,  # that may run at once
}
ID_CHARACTERS = string.ascii_uppercase + "234567"
PLATFORMS = ("Linux", "Windows", "MacOS")
STATES = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
REASONS = {
    "terminated": ("Client.UserInitiatedShutdown", "User initiated shutdown"),
    "stopped": ("Client.UserInitiatedShutdown", "User initiated shutdown"),
}


class AwsError(Exception):
    """A refusal in the words of the service; the protocol of the call gives it its form."""

    def __init__(self, code, message="", status=400, judged=None):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
        self.judged = judged  # why a client that does its work well never sees it


class Denied(AwsError):
    """A lack of permission; the front end puts it into the words of the service.

    `policy` is the kind of policy that does not allow it; None: AWS gives no reason.
    """

    def __init__(self, resource=None, policy="identity-based"):
        super().__init__("AccessDenied")
        self.resource, self.policy = resource, policy


@dataclasses.dataclass
class Key:
    """One access key, with a session token and an expiry when it is temporary."""

    id: str
    secret: str
    identity: dict
    token: str = None
    expires: float = None


def random_text(count, alphabet=ID_CHARACTERS):
    return "".join(secrets.choice(alphabet) for _ in range(count))


class Aws:
    """Everything the services share."""

    def __init__(self, settings):
        self.settings = settings
        self.keys = {}
        self.roles = {}  # arn -> {"trusted": accounts, "external_id", "max_s", "web": bool}
        self.denials = []  # {"account", "action", "role"}
        self.bedrock_keys = set()  # API keys for the Bearer scheme
        self.bedrock_rules = []  # what the model says: see aws_bedrock.py
        self.bedrock_calls = []  # that it answered
        self.bedrock_cache = set()  # prefixes it has read before
        self.web_tokens = {}  # token -> {"subject", "expires"}
        self.instances = {}  # (account, region, id) -> dict
        self.topics = {}  # arn -> {"account", "open": bool}
        self.calls = []
        self.judged = []
        self.scripts = []  # scripted results of SSM commands
        self.commands = []
        self.series = {}  # (account, region, namespace, metric, dimensions) -> {..., "unit", "points"}
        self.metric_rules = []  # scripted status codes of GetMetricData's results
        self.alarms = {}  # (account, region, name) -> dict, see aws_alarms.py
        self.dashboards = {}  # (account, name) -> {"body", "made"}, see aws_dashboards.py
        self.trail = []  # CloudTrail's events, see aws_cloudtrail.py
        self.log_groups = {}  # (account, region, name) -> {"made", "lines": [(seconds, text, stream)]}
        self.tables = {}  # (account, region, name) -> {"key", "type", "items": {key: item}}
        user = {
            "account": OWN_ACCOUNT,
            "arn": "arn:aws:iam::%s:user/tocsin" % OWN_ACCOUNT,
            "user_id": "AIDA" + random_text(17),
            "role": None,
        }
        self.key = self.add_key(user)
        self.add_role(OWN_ACCOUNT, "tocsin", web=True)
        self.other_role = self.add_role(OTHER_ACCOUNT, "tocsin")
        self.add_instance({"id": INSTANCE, "name": "web-1"})
        self.topics[MAIL_TOPIC] = {"account": OWN_ACCOUNT, "open": False}

    def now(self):
        """The time by AWS's clock."""
        return time.time() + self.settings["aws_clock_offset_s"]

    # --- identities -----------------------------------------------------------
    def add_key(self, identity, lifetime_s=None):
        """A new access key; a temporary one when it has a lifetime."""
        temporary = lifetime_s is not None
        key = Key(
            ("ASIA" if temporary else "AKIA") + random_text(16),
            random_text(40, string.ascii_letters + string.digits + "+/"),
            identity,
            token=base64.b64encode(secrets.token_bytes(180)).decode() if temporary else None,
            expires=self.now() + lifetime_s if temporary else None,
        )
        self.keys[key.id] = key
        return key

    def add_role(
        self, account, name, trusted=(OWN_ACCOUNT,), external_id=None, max_s=3600, web=False
    ):
        arn = "arn:aws:iam::%s:role/%s" % (account, name)
        self.roles[arn] = {
            "account": account,
            "name": name,
            "id": "AROA" + random_text(17),
            "trusted": list(trusted),
            "external_id": external_id,
            "max_s": max_s,
            "web": web,
        }
        return arn

    def add_web_token(self, subject, lifetime_s):
        """A token as a cluster's issuer writes it; only those made here are accepted."""

        def part(value):
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

        expires = self.now() + lifetime_s
        claims = {"iss": "https://issuer.example.com", "sub": subject, "aud": "sts.amazonaws.com"}
        claims.update(exp=int(expires), iat=int(self.now()))
        token = ".".join(
            [part(b'{"alg":"RS256","typ":"JWT"}'), part(json.dumps(claims).encode())]
            + [part(secrets.token_bytes(256))]
        )
        self.web_tokens[token] = {"subject": subject, "expires": expires}
        return token

    def denied(self, identity, action):
        """Whether `deny` forbids the action ("ssm:SendCommand") to the identity."""
        return any(
            d["account"] == identity["account"]
            and d["role"] in (None, identity["role"])
            and fnmatch.fnmatchcase(action.lower(), d["action"].lower())
            for d in self.denials
        )

    # --- machines -------------------------------------------------------------
    def add_instance(self, options):
        """Makes or changes an instance; members that are left out keep their value."""
        account, region = options.get("account", OWN_ACCOUNT), options.get("region", REGION)
        where = (account, region, options["id"])
        instance = self.instances.setdefault(where, self._new_instance(*where))
        unknown = set(options) - set(instance) - {"account", "region"}
        if unknown:
            raise ValueError("instance: unknown member %s" % sorted(unknown))
        if options.get("platform", "Linux") not in PLATFORMS:
            raise ValueError("platform: one of %s" % (PLATFORMS,))
        if options.get("state", "running") not in STATES:
            raise ValueError("state: one of %s" % sorted(STATES))
        if "state" in options and options["state"] != instance["state"]:
            instance["changed"] = self.now()
        instance.update({k: v for k, v in options.items() if k in instance})
        return instance

    def _new_instance(self, account, region, instance):
        return {
            "id": instance,
            "account": account,
            "region": region,
            "platform": "Linux",
            "state": "running",
            "registered": True,  # at SSM
            "ping": "Online",  # ConnectionLost: commands are accepted and never delivered
            "name": None,
            "tags": {},
            "type": "t3.micro",
            "status": "ok",  # of DescribeInstanceStatus
            "start_s": None,  # Pending for so long instead of ssm_start_s
            "launched": self.now() - 86400,
            "changed": self.now(),
            "in_ec2": True,  # False: only SSM knows it
        }

    # --- metrics ----------------------------------------------------------------
    def add_series(self, options):
        """Defines a metric's samples; the same metric again replaces them.

        `points` [[seconds, value], ...], or `start`, `step` (seconds) and `values` (null: none). `model`: what anomaly
        detection expects: "trained" (mean and deviation of each hour of the day), or [[begin, end, mean, deviation],
        ...], of which the last one that holds a time counts.
        """
        account, region = options.get("account", OWN_ACCOUNT), options.get("region", REGION)
        dimensions = options.get("dimensions", {})
        points = options.get("points")
        if points is None:
            start, step = options["start"], options["step"]
            points = [(start + i * step, v) for i, v in enumerate(options["values"]) if v is not None]
        made = {
            "account": account,
            "region": region,
            "namespace": options["namespace"],
            "metric": options["metric"],
            "dimensions": dimensions,
            "unit": options.get("unit", "None"),
            "model": options.get("model"),
            "points": sorted((float(at), float(value)) for at, value in points),
        }
        where = (account, region, made["namespace"], made["metric"], tuple(sorted(dimensions.items())))
        self.series[where] = made
        return made

    def find_series(self, account, region, namespace, metric, dimensions):
        """The one with exactly these dimensions, or None."""
        return self.series.get((account, region, namespace, metric, tuple(sorted(dimensions.items()))))

    def series_in(self, account, region):
        return [s for w, s in self.series.items() if w[:2] == (account, region)]

    # --- logs -------------------------------------------------------------------
    def add_log_lines(self, options):
        """`lines`: texts, each a second after the one before and the last one now, or [seconds, text, stream?]."""
        where = (options.get("account", OWN_ACCOUNT), options.get("region", REGION), options["group"])
        group = self.log_groups.setdefault(where, {"made": self.now() - 30 * 86400, "lines": []})
        lines, stream = options.get("lines", []), options.get("stream", "main")
        for number, line in enumerate(lines):
            if isinstance(line, str):
                line = (self.now() - (len(lines) - 1 - number), line)
            group["lines"].append((float(line[0]), line[1], line[2] if len(line) > 2 else stream))
        return group

    # --- tables -----------------------------------------------------------------
    def add_table(self, account, region, name, key, kind="S"):
        """An empty table with one key attribute."""
        self.tables[account, region, name] = {"key": key, "type": kind, "items": {}}
        return self.tables[account, region, name]

    def instances_in(self, account, region):
        """In the order of their ids, so that pages are stable."""
        return [i for w, i in sorted(self.instances.items()) if w[:2] == (account, region)]


def tags(instance):
    named = {"Name": instance["name"]} if instance["name"] else {}
    return {**named, **instance["tags"]}


def page(aws, items, limit, token, binding, error):
    """One page of `items` and the token of the next; a token is only good for what made it."""
    start = 0
    if token is not None:
        try:
            start, bound = json.loads(base64.b64decode(token, validate=True))
        except (ValueError, TypeError):
            raise error from None
        if bound != binding:
            raise error
    size = min(limit, aws.settings["aws_page"] or limit)
    following = start + size
    more = base64.b64encode(json.dumps([following, binding]).encode()).decode()
    return items[start:following], more if following < len(items) else None


def arn_parts(arn):
    """(service, region, account, resource) or None."""
    found = re.fullmatch(r"arn:[a-z-]+:([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)", arn)
    return found.groups() if found else None
