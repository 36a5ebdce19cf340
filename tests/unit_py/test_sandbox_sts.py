"""Credentials in the sandbox: signatures, clocks, sessions, roles; boto3 is the client."""
import datetime
import email.utils
import time

import pytest

from tests.unit_py.aws_clients import INSTANCE, refused

SERVICES = {
    "ssm": lambda c: c.list_commands(),
    "ec2": lambda c: c.describe_instances(),
    "sts": lambda c: c.get_caller_identity(),
    "sns": lambda c: c.get_topic_attributes(TopicArn="arn:aws:sns:us-east-1:123456789012:mail"),
}
# service -> (code, status) of: unknown key, wrong secret, skewed clock, ended session
WORDS = {
    "ssm": [
        ("UnrecognizedClientException", 400),
        ("InvalidSignatureException", 400),
        ("InvalidSignatureException", 400),
        ("ExpiredTokenException", 400),
    ],
    "ec2": [
        ("AuthFailure", 401),
        ("AuthFailure", 401),
        ("RequestExpired", 400),
        ("RequestExpired", 400),
    ],
    "sts": [
        ("InvalidClientTokenId", 403),
        ("SignatureDoesNotMatch", 403),
        ("SignatureDoesNotMatch", 403),
        ("ExpiredToken", 403),
    ],
}
WORDS["sns"] = WORDS["sts"]


@pytest.fixture(params=sorted(SERVICES))
def service(request):
    return request.param


def test_rightly_signed(aws, sandbox, service):
    for region in ("us-east-1", "eu-west-1", "ap-southeast-2")[: 1 if service == "sns" else 3]:
        SERVICES[service](aws.client(service, region))
        call = sandbox.aws_calls()[-1]
        assert (call["service"], call["region"], call["account"]) == (
            service,
            region,
            "123456789012",
        )
        assert call["status"] == 200
    assert sandbox.judged() == []


def test_wrong_credentials(aws, sandbox, service):
    key = {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA", "SecretAccessKey": "s"}
    with refused(*WORDS[service][0]):
        SERVICES[service](aws.client(service, key=key))
    key = {"AccessKeyId": aws.env["AWS_ACCESS_KEY_ID"], "SecretAccessKey": "wrong"}
    with refused(*WORDS[service][1]):
        SERVICES[service](aws.client(service, key=key))
    assert [j["kind"] for j in sandbox.judged()[-2:]] == ["credentials", "signature"]


@pytest.mark.parametrize("sign", [1, -1])
def test_clocks(aws, sandbox, service, sign):
    minutes = 5 if service in ("ssm", "sns") else 15
    sandbox.settings(aws_clock_offset_s=sign * (minutes * 60 - 30))
    SERVICES[service](aws.client(service))
    sandbox.settings(aws_clock_offset_s=sign * (minutes * 60 + 30))
    with refused(*WORDS[service][2]) as caught:
        SERVICES[service](aws.client(service))
    answer = caught.value.response
    if service != "ec2":
        words = "Signature expired: " if sign > 0 else "Signature not yet current: "
        assert answer["Error"]["Message"].startswith(words)
        assert "%d min.)" % minutes in answer["Error"]["Message"]
    date = email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    offset = date.timestamp() - time.time()
    assert abs(offset - sign * (minutes * 60 + 30)) < 5, "the Date header tells AWS's time"


def test_sessions(aws, sandbox, service):
    key = aws.assume("arn:aws:iam::123456789012:role/tocsin")
    SERVICES[service](aws.client(service, key=key))
    assert ":assumed-role/tocsin/test" in sandbox.aws_calls()[-1]["principal"]
    with refused(*WORDS[service][0]):
        SERVICES[service](
            aws.client(service, key={**key, "SessionToken": "x" + key["SessionToken"]})
        )
    with refused(*WORDS[service][0]):
        SERVICES[service](aws.client(service, key={**key, "SessionToken": None}))
    sandbox.expire_sessions()
    with refused(*WORDS[service][3]):
        SERVICES[service](aws.client(service, key=key))


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h.update({"X-Amz-Date": h["X-Amz-Date"][:-3] + "59Z"}),
        lambda h: h.update({"X-Amz-Target": "AmazonSSM.CancelCommand"}),
        lambda h: h.update({"X-Amz-Extra": "not signed"}),
        lambda h: h.update(Host="ssm.us-east-1.amazonaws.com"),
        lambda h: h.update({"X-Amz-Content-SHA256": "0" * 64}),
        lambda h: h.update(Authorization=h["Authorization"].replace("us-east-1", "us-west-2")),
        lambda h: h.update(Authorization=h["Authorization"].replace("us-east-1", "utopia")),
        lambda h: h.update(Authorization=h["Authorization"].replace("/aws4_", "/aws5_")),
        lambda h: h.update(Authorization=h["Authorization"].replace("SignedHeaders", "Signed")),
        lambda h: h.update(Authorization="Bearer x"),
        lambda h: h.pop("X-Amz-Date"),
        lambda h: h.pop("Authorization"),
    ],
)
def test_tampered_requests(aws, sandbox, change):
    headers = aws.signed(
        "ssm",
        "{}",
        **{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.ListCommands"},
    )
    headers.setdefault("Host", aws.address.netloc)
    assert aws.send("{}", headers)[0] == 200
    assert aws.send('{"MaxResults":7}', headers)[0] == 400, "another body"
    seen = len(sandbox.judged())
    change(headers)
    status, _, text = aws.send("{}", headers)
    assert status == 400 and "Exception" in text
    assert len(sandbox.judged()) == seen + 1
    assert aws.env["AWS_SECRET_ACCESS_KEY"] not in text


def test_scope_of_another_service(aws):
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    status, _, text = aws.send(body, aws.signed("ec2", body, **form))
    assert status == 403 and "Credential should be scoped to correct service: 'sts'" in text
    assert aws.send(body, aws.signed("sts", body, **form))[0] == 200
    status, _, text = aws.send(body, form)
    assert status == 403 and "MissingAuthenticationToken" in text
    for wrong in (
        "Version=2011-06-15",
        "Action=GetCallerIdentity",
        body + "&Action=GetCallerIdentity",
        body + "&X=1",
    ):
        assert aws.send(wrong, aws.signed("sts", wrong, **form))[0] == 400, wrong
    assert aws.send(body, aws.signed("sts", body, **form), path="/elsewhere")[0] == 404


# --- roles -----------------------------------------------------------------------
def test_who_am_i(aws, sandbox):
    found = aws.sts.get_caller_identity()
    assert (
        found["Arn"] == "arn:aws:iam::123456789012:user/tocsin"
        and found["Account"] == "123456789012"
    )
    other = aws.client("sts", key=aws.assume()).get_caller_identity()
    assert other["Arn"] == "arn:aws:sts::210987654321:assumed-role/tocsin/test"
    assert other["UserId"].startswith("AROA") and other["UserId"].endswith(":test")
    sandbox.deny("sts:*")
    aws.sts.get_caller_identity()  # nobody can be denied this one


def test_assume_role_lifetime(aws, sandbox):
    for seconds, asked in ((900, {"DurationSeconds": 900}), (3600, {})):
        left = aws.assume(**asked)["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
        assert abs(left.total_seconds() - seconds) < 10
    with refused("ValidationError", 400, "MaxSessionDuration"):
        aws.assume(DurationSeconds=7200)
    role = sandbox.post("aws_role", name="long", account="210987654321", max_s=43200)["arn"]
    aws.assume(role, DurationSeconds=43200)
    role = sandbox.post("aws_role", name="second", trusted=["210987654321"], max_s=43200)["arn"]
    chained = aws.client("sts", key=aws.assume())
    chained.assume_role(RoleArn=role, RoleSessionName="test")
    with refused("ValidationError", text="role chaining"):
        chained.assume_role(RoleArn=role, RoleSessionName="test", DurationSeconds=7200)
    sandbox.settings(sts_lifetime_s=0.2)
    key = aws.assume()
    time.sleep(0.3)
    with refused("ExpiredTokenException"):
        aws.client("ssm", key=key).list_commands()


def test_assume_role_refusals(aws, sandbox):
    arn = "arn:aws:iam::210987654321:role/absent"
    text = (
        "User: arn:aws:iam::123456789012:user/tocsin is not authorized to perform: sts:AssumeRole "
        "on resource: " + arn
    )
    with refused("AccessDenied", 403, text):
        aws.assume(arn)
    role = sandbox.post("aws_role", name="guarded", account="210987654321", external_id="1234")[
        "arn"
    ]
    with refused("AccessDenied"):
        aws.assume(role)
    with refused("AccessDenied"):
        aws.assume(role, ExternalId="4321")
    aws.assume(role, ExternalId="1234")
    with refused("AccessDenied"):
        aws.assume(sandbox.post("aws_role", name="untrusting", trusted=[])["arn"])
    sandbox.deny("sts:AssumeRole")
    with refused("AccessDenied", 403):
        aws.assume()
    for wrong in ({"RoleSessionName": "a b"}, {"RoleSessionName": "x"}, {"RoleArn": "short"}):
        with refused("ValidationError", 400):
            aws.client("sts", validate=False).assume_role(
                **{"RoleArn": arn, "RoleSessionName": "test", **wrong}
            )


def test_denied_in_one_account_or_role_only(aws, sandbox):
    sandbox.deny("ssm:*", account="210987654321", role="tocsin")
    aws.ssm.list_commands()
    with refused("AccessDeniedException", text="assumed-role/tocsin/test"):
        aws.client("ssm", key=aws.assume()).list_commands()
    role = sandbox.post("aws_role", name="other", account="210987654321")["arn"]
    aws.client("ssm", key=aws.assume(role)).list_commands()


def test_other_users(aws, sandbox):
    made = sandbox.post("aws_user", name="eve", account="111111111111")
    key = {"AccessKeyId": made["access_key_id"], "SecretAccessKey": made["secret_access_key"]}
    assert aws.client("sts", key=key).get_caller_identity()["Arn"] == made["arn"]
    with refused("AccessDenied"):
        aws.client("sts", key=key).assume_role(
            RoleArn=sandbox.ready["other_role"], RoleSessionName="test"
        )


def test_web_identity(aws, sandbox):
    role = "arn:aws:iam::123456789012:role/tocsin"
    ask = {"RoleArn": role, "RoleSessionName": "pod", "DurationSeconds": 900}
    token = sandbox.post("aws_web_token")["token"]
    found = aws.sts.assume_role_with_web_identity(WebIdentityToken=token, **ask)
    assert found["SubjectFromWebIdentityToken"] == "system:serviceaccount:ops:tocsin"
    aws.client("ec2", key=found["Credentials"]).describe_instances(InstanceIds=[INSTANCE])
    call = sandbox.aws_calls("sts", "AssumeRoleWithWebIdentity")[-1]
    assert token not in str(call)
    with refused("InvalidIdentityToken", 400):
        aws.sts.assume_role_with_web_identity(WebIdentityToken="a.b.c", **ask)
    old = sandbox.post("aws_web_token", lifetime_s=-1)["token"]
    with refused("ExpiredTokenException", 400):
        aws.sts.assume_role_with_web_identity(WebIdentityToken=old, **ask)
    with refused("AccessDenied", 403):
        ask["RoleArn"] = sandbox.ready["other_role"]
        aws.sts.assume_role_with_web_identity(WebIdentityToken=token, **ask)


def test_faults(aws, sandbox):
    sandbox.fault("throttle", method="sts.AssumeRole")
    with refused("Throttling", 400):
        aws.assume()
    sandbox.fault("error:IDPCommunicationError", method="sts.AssumeRole")
    with refused("IDPCommunicationError"):
        aws.assume()
    sandbox.fault("503_before", method="sts.*")
    with refused("ServiceUnavailable", 503):
        aws.sts.get_caller_identity()
    sandbox.fault({"do": "delay", "s": 0.2}, method="sts.*")
    began = time.monotonic()
    aws.sts.get_caller_identity()
    assert time.monotonic() - began >= 0.2
