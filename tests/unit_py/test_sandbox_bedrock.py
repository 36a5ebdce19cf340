"""The sandbox's Bedrock beyond what its official client shows: see tests/judges/bedrock_judge.mjs for that."""
import contextlib
import http.client
import json
import time
import urllib.parse

import pytest

from tests.sandbox import aws_converse
from tests.sandbox.aws_world import AwsError

ASK = {"messages": [{"role": "user", "content": [{"text": "why?"}]}]}


class Model:
    """Asks by a bearer key: Debian's boto3 does not know Bedrock."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.address = urllib.parse.urlsplit(sandbox.aws_env()["AWS_ENDPOINT_URL"])
        self.headers = {
            "Authorization": "Bearer " + sandbox.bedrock_key(),
            "Content-Type": "application/json",
        }

    @contextlib.contextmanager
    def asked(self, path="/model/m/converse-stream", params=None):
        with contextlib.closing(http.client.HTTPConnection(self.address.netloc, timeout=20)) as link:
            link.request("POST", path, json.dumps(params or ASK), self.headers)
            yield link.getresponse()

    def whole(self, **options):
        with self.asked(**options) as answer:
            return answer.status, answer.getheader("x-amzn-ErrorType", ""), answer.read()


@pytest.fixture
def model(sandbox):
    yield Model(sandbox)
    sandbox.clear_faults()
    sandbox.clear_model()


def until(test):
    deadline = time.monotonic() + 20
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_caller_that_hangs_up_is_noticed(sandbox, model):
    sandbox.model_says("Checkout is slow.", stall=2)
    with model.asked() as answer:
        assert answer.read(1)
        call = sandbox.model_calls()[-1]
        assert call["ended"] is None and call["params"] == ASK and call["streamed"]
    until(lambda: sandbox.model_calls()[-1]["ended"] == "gone")
    assert sandbox.model_calls()[-1]["events"] == 2 and sandbox.judged() == []


def test_pauses_are_real(sandbox, model):
    sandbox.model_says("abcdef", pieces=2, first_s=0.1, pause_s=0.02)
    began = time.time()
    assert model.whole()[0] == 200
    call = sandbox.model_calls()[-1]
    assert time.time() - began >= 0.1 + 0.02 * call["events"]
    assert began + 0.1 <= call["first_text"] <= time.time() and call["ended"] == "whole"


def test_rules_are_chosen_by_text_and_model(sandbox, model):
    sandbox.model_says("metric", match="p99", times=0)
    sandbox.model_says("nova", model="amazon.*", times=0)
    ask = {"messages": [{"role": "user", "content": [{"text": "p99 of checkout?"}]}]}
    for path, params, text in (
        ("/model/m/converse", ask, "metric"),
        ("/model/amazon.nova/converse", ASK, "nova"),
        ("/model/m/converse", ASK, "Nothing is scripted for this question."),
    ):
        said = json.loads(model.whole(path=path, params=params)[2])
        assert said["output"]["message"]["content"] == [{"text": text}]


def test_faults(sandbox, model):
    for action, status, code in (
        ("throttle", 429, "ThrottlingException"),
        ("error:ModelErrorException", 400, "ModelErrorException"),
        ("503_before", 503, "ServiceUnavailableException"),
    ):
        sandbox.fault(action, method="bedrock.ConverseStream")
        assert model.whole()[:2] == (status, code + ":http://internal.amazon.com/coral/")
    sandbox.fault("reset_before", method="bedrock.*")
    with pytest.raises(ConnectionError):
        model.whole()
    sandbox.fault({"do": "delay", "s": 0.05}, method="bedrock.*")
    assert model.whole()[0] == 200


def test_what_is_not_served(sandbox, model):
    for path in ("/model/m/invoke", "/model/a/b/converse", "/model//converse"):
        assert model.whole(path=path)[0] in (400, 404), path
    model.headers["Content-Type"] = "text/plain"
    assert model.whole()[0] == 415
    assert sandbox.judged()[-1]["kind"] == "protocol"


def test_control_refuses_what_it_does_not_know(sandbox):
    with pytest.raises(Exception, match="unknown member"):
        sandbox.model_says("x", pases=1)


def said(*blocks, role="user"):
    return {"role": role, "content": list(blocks)}


TEXT = {"text": "t"}
USE = {"toolUse": {"toolUseId": "i", "name": "n", "input": {}}}
RESULT = {"toolResult": {"toolUseId": "i", "content": [{"text": "r"}]}}
TOOLS = {"tools": [{"toolSpec": {"name": "n", "inputSchema": {"json": {}}}}]}
TURN = [said(TEXT), said(USE, role="assistant")]


def test_a_round_with_a_tool_is_right():
    params = {"messages": TURN + [said(RESULT)], "toolConfig": TOOLS, "inferenceConfig": {"maxTokens": 1}}
    aws_converse.check("m", params, True)


@pytest.mark.parametrize(
    "change,words",
    [
        ({"messages": [said(TEXT, role="assistant")]}, "start with a user message"),
        ({"messages": [said(TEXT), said(TEXT)]}, "alternate"),
        ({"messages": [said(TEXT), said(TEXT, role="assistant")]}, "last message"),
        ({"messages": [said()]}, "is empty"),
        ({"messages": [said({"text": " \n"})]}, "is blank"),
        ({"messages": [said({"text": "t", "image": {}})]}, "extraneous key"),
        ({"messages": [said({})]}, "exactly one"),
        ({"messages": [said({"text": 1})]}, "a string is expected"),
        ({"messages": TURN + [said(TEXT)]}, "Expected toolResult blocks at messages.2.content"),
        ({"messages": TURN + [said(RESULT, RESULT)]}, "exceeds the number"),
        ({"messages": [said(RESULT)]}, "exceeds the number"),
        ({"messages": [said(USE)]}, "the assistant's"),
        ({"toolConfig": None}, "a structure is expected"),
        ({"toolConfig": {"tools": [{"toolSpec": {"name": "a b", "inputSchema": {"json": {}}}}]}}, "pattern"),
        ({"inferenceConfig": {"maxTokens": 1.5}}, "a number is expected"),
        ({"inferenceConfig": {"temperature": -1}}, "greater than or equal to 0"),
        ({"system": [{"text": ""}]}, "greater than or equal to 1"),
        ({"system": [{"cachePoint": {"type": "default"}}] * 5}, "cache points"),
        ({"system": [{"cachePoint": {}}]}, "not be null"),
        ({"guardrailConfig": {"guardrailVersion": "latest"}}, "pattern"),
        ({"surprise": 1}, "extraneous key"),
    ],
)
def test_requests_that_are_refused(change, words):
    params = {"messages": [said(TEXT)], "toolConfig": TOOLS, **change}
    with pytest.raises(AwsError) as caught:
        aws_converse.check("m", params, True)
    assert words in caught.value.message and caught.value.code == "ValidationException"
