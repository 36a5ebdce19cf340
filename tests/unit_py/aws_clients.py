"""boto3 against the sandbox; each answer is held against the output shapes of botocore's models."""
import contextlib
import functools
import http.client
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import botocore.session
import botocore.validate
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.sandbox.aws_protocol import renewed
from tests.sandbox.aws_world import AWS_SETTINGS

INSTANCE = "i-0123456789abcdef0"


def breaches(shape, value, path):
    """What the answer says that the model does not foresee."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name != "ResponseMetadata":
                yield from breaches(shape.members[name], inner, path + "." + name)
    elif shape.type_name == "list":
        for number, inner in enumerate(value):
            yield from breaches(shape.member, inner, "%s.%d" % (path, number))
    elif shape.type_name == "string" and shape.enum:
        # EC2 really says "windows", where the model has "Windows".
        if value.lower() not in [word.lower() for word in shape.enum]:
            yield "%s: %r is none of %s" % (path, value, shape.enum)


def check_answer(parsed, model, **_):
    """botocore's after-call hook."""
    if parsed.get("Error") or model.output_shape is None:
        return
    given = {k: v for k, v in parsed.items() if k != "ResponseMetadata"}
    report = botocore.validate.ParamValidator().validate(given, model.output_shape)
    found = list(breaches(model.output_shape, given, model.name))
    assert not report.has_errors() and not found, (report.generate_report(), found)


class Loader(botocore.loaders.Loader):
    """What newer models say: CloudWatch in JSON (Debian's knows only the older query protocol), and new members."""

    def load_service_model(self, service_name, type_name, api_version=None):
        model = super().load_service_model(service_name, type_name, api_version)
        return renewed(service_name, model) if type_name == "service-2" else model


@functools.lru_cache(maxsize=None)
def session():
    """One for all tests: it keeps the models that it has read."""
    core = botocore.session.get_session()
    core.register_component("data_loader", Loader())
    return boto3.Session(botocore_session=core)


class Clients:
    """Clients of the sandbox's AWS, and raw requests that no client would send."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.env = sandbox.aws_env()
        self.plain = {}
        self.address = urllib.parse.urlsplit(self.env["AWS_ENDPOINT_URL"])

    def client(self, service, region="us-east-1", key=None, attempts=1, validate=True, endpoint=None):
        """`key`: what AssumeRole calls Credentials."""
        key = key or {
            "AccessKeyId": self.env["AWS_ACCESS_KEY_ID"],
            "SecretAccessKey": self.env["AWS_SECRET_ACCESS_KEY"],
        }
        made = session().client(
            service,
            region_name=region,
            endpoint_url=endpoint or self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key.get("SessionToken"),
            config=Config(
                retries={"mode": "standard", "total_max_attempts": attempts},
                parameter_validation=validate,
                read_timeout=20,
            ),
        )
        if endpoint is None:  # others are judges themselves
            made.meta.events.register("after-call", check_answer)
        return made

    def __getattr__(self, service):
        if service not in self.plain:
            self.plain[service] = self.client(service)
        return self.plain[service]

    def assume(self, role=None, **options):
        answer = self.sts.assume_role(
            RoleArn=role or self.sandbox.ready["other_role"], RoleSessionName="test", **options
        )
        return answer["Credentials"]

    def signed(self, service, body, region="us-east-1", scope=None, path="/", **headers):
        """Headers of a request that botocore signed."""
        request = botocore.awsrequest.AWSRequest("POST", self.address.geturl() + path, headers, body)
        credentials = botocore.credentials.Credentials(
            self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"]
        )
        botocore.auth.SigV4Auth(credentials, scope or service, region).add_auth(request)
        return dict(request.headers.items())

    def send(self, body, headers, path="/"):
        """(status, headers, body) of a raw request."""
        with contextlib.closing(
            http.client.HTTPConnection(self.address.netloc, timeout=10)
        ) as link:
            link.request("POST", path, body, headers)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()

    def reset(self):
        self.sandbox.clear_faults()
        self.sandbox.clear_scripts()
        self.sandbox.clear_metric_rules()
        self.sandbox.clear_logs()
        self.sandbox.clear_changes()
        self.sandbox.allow_all()
        self.sandbox.settings(**AWS_SETTINGS)
        self.sandbox.add_instance(INSTANCE, state="running", ping="Online", registered=True)


@contextlib.contextmanager
def refused(code, status=None, text=""):
    """The block is refused with that code."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error = caught.value.response
    assert error["Error"]["Code"] == code, error
    assert status in (None, error["ResponseMetadata"]["HTTPStatusCode"]), error
    assert text in error["Error"].get("Message", ""), error
