"""Independent programs judge the sandbox: Slack's own client and types, AWS's validator and client."""
import json
import os
import pathlib
import subprocess

import pytest

from tests.sandbox.client import Sandbox

TESTS = pathlib.Path(__file__).resolve().parents[1]
NODE = TESTS / "node_modules" / ".bin" / "node"
needs_node = pytest.mark.skipif(
    not NODE.exists(), reason="npm packages are not installed: run `npm ci` in tests/"
)
pytestmark = needs_node


def judge(script, *args, env=None):
    return subprocess.run(
        [NODE, TESTS / "judges" / script, *map(str, args)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **(env or {})},
    )


@pytest.mark.parametrize("tls", [False, True])
def test_bolt(tmp_path, tls):
    options = ["--tls", "--tls-name", "127.0.0.1"] if tls else []
    with Sandbox.start(tmp_path, *options) as sandbox:
        result = judge(
            "bolt_judge.mjs",
            tmp_path / "sandbox.json",
            env={"NODE_EXTRA_CA_CERTS": sandbox.ready["ca_file"]},
        )
    assert result.returncode == 0, result.stderr


def test_sns_validator(sandbox, endpoint, tmp_path):
    cases = []
    for version in ("1", "2"):
        for forge in (
            None,
            "signature",
            "altered",
            "key",
            "cert_http",
            "cert_host",
            "missing:Token",
            "missing:Signature",
        ):
            sandbox.publish("ü \n x", version=version, subject="s", forge=forge)
            cases.append(
                {
                    "name": "%s %s" % (version, forge),
                    "body": endpoint.got[-1][1],
                    "valid": forge in (None, "missing:Token"),
                }
            )
    sandbox.subscribe(topic="arn:aws:sns:us-east-1:123456789012:third")
    cases.append({"name": "subscribe", "body": endpoint.got[-1][1], "valid": True})
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_text("\n".join(json.dumps(case) for case in cases))
    result = judge("sns_judge.mjs", sandbox.directory / "sandbox.json", bodies)
    assert result.returncode == 0, result.stderr


def test_bedrock(sandbox):
    result = judge("bedrock_judge.mjs", sandbox.directory / "sandbox.json")
    assert result.returncode == 0, result.stderr


def types(tmp_path, *requests):
    path = tmp_path / "requests.jsonl"
    path.write_text("\n".join(json.dumps({"method": m, "args": a}) for m, a in requests))
    return judge("types_judge.mjs", path)


BLOCK = {"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": True}}

PICTURE = {"type": "image", "alt_text": "a", "slack_file": {"id": "F0123ABCD"}}


def test_types_take_what_is_right(tmp_path):
    result = types(
        tmp_path,
        (
            "chat.postMessage",
            {
                "channel": "C1",
                "text": "t",
                "blocks": [BLOCK],
                "unfurl_links": "false",
                "metadata": {"event_type": "e", "event_payload": {"k": "v"}},
            },
        ),
        ("chat.update", {"channel": "C1", "ts": "1.1", "text": "t", "blocks": [BLOCK]}),
        ("auth.test", {}),
        ("conversations.history", {"channel": "C1", "limit": "5", "include_all_metadata": "true"}),
        ("files.getUploadURLExternal", {"filename": "a.png", "length": "21", "alt_txt": "a"}),
        ("upload", {"id": "F0123ABCD"}),
        ("files.completeUploadExternal", {"files": [{"id": "F0123ABCD", "title": "a"}]}),
        ("files.info", {"file": "F0123ABCD"}),
        ("chat.postMessage", {"channel": "C1", "text": "t", "blocks": [PICTURE]}),
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "method,args,word",
    [
        (
            "chat.postMessage",
            {"channel": "C1", "text": "t", "blocks": [{**BLOCK, "txt": 1}]},
            "txt",
        ),
        (
            "chat.postMessage",
            {"channel": "C1", "text": "t", "blocks": [{"type": "sectoin"}]},
            "sectoin",
        ),
        ("chat.postMessage", {"text": "t"}, "channel"),
        (
            "chat.update",
            {"channel": "C1", "ts": "1.1", "text": "t", "unfurl_links": False},
            "unfurl_links",
        ),
        (
            "chat.postMessage",
            {
                "channel": "C1",
                "text": "t",
                "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            },
            "mrkdwn",
        ),
        (
            "chat.postMessage",
            {"channel": "C1", "text": "t", "blocks": [{**PICTURE, "slack_file": {}}]},
            "slack_file",
        ),
        ("no.such.method", {}, "no type is known"),
    ],
)
def test_types_refuse_what_is_wrong(tmp_path, method, args, word):
    result = types(tmp_path, (method, args))
    assert result.returncode == 1 and word in result.stderr, result.stderr + result.stdout
