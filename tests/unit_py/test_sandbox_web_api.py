"""The Web API side refuses what Slack refuses, and misbehaves on demand."""
import io
import json
import pathlib
import socket
import tempfile
import time

import http.client
import pytest

from tests.sandbox.client import Sandbox
from tests.sandbox.pictures import picture_of, sample_png
from tests.sandbox.terminal import Terminal

from .conftest import Caller


def text_block(n):
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * n}}


def post(api, **more):
    answer = api("chat.postMessage", channel="C0ALARMS01", text="hi", **more)
    assert answer["ok"], answer
    return answer["ts"]


def test_tokens(sandbox, api):
    assert api("auth.test", token=None)["error"] == "not_authed"
    assert api("auth.test", token="xoxb-wrong")["error"] == "invalid_auth"
    assert api("auth.test")["user_id"] == "U0TOCSIN01"
    assert api("apps.connections.open")["error"] == "not_allowed_token_type"
    assert api("auth.test", token="app")["error"] == "not_allowed_token_type"
    assert api("apps.connections.open", token=None, **{"token_": 1})["error"] == "not_authed"
    body = json.dumps({"token": sandbox.ready["app_token"]}).encode()
    assert (
        json.loads(api.raw("apps.connections.open", body, token=None)[2])["error"]
        == "invalid_arguments"
    )
    assert "/link/?ticket=" in api("apps.connections.open", token="app")["url"]
    assert api("no.such")["error"] == "unknown_method"
    assert api("response_url")["error"] == "unknown_method"


def test_scopes(sandbox, api):
    before = sandbox.get("state")["scopes"]
    sandbox.settings(scopes=[s for s in before if s != "chat:write"])
    answer = api("chat.postMessage", channel="C0ALARMS01", text="x")
    sandbox.settings(scopes=before)
    assert answer["error"] == "missing_scope" and answer["needed"] == "chat:write"


@pytest.mark.parametrize(
    "args,error",
    [
        ({"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ({"channel": "#alarms", "text": "x"}, "channel_not_found"),
        ({"text": "x"}, "channel_not_found"),
        ({"channel": "G0PRIVATE1", "text": "x"}, "channel_not_found"),
        ({"channel": "C0GENERAL1", "text": "x"}, "not_in_channel"),
        ({"channel": "C0ARCHIVED", "text": "x"}, "is_archived"),
        ({"channel": "C0ALARMS01"}, "no_text"),
        ({"channel": "C0ALARMS01", "text": "  "}, "no_text"),
        ({"channel": "C0ALARMS01", "text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"channel": "C0ALARMS01", "text": "x", "blocks": [{"type": "nope"}]}, "invalid_blocks"),
        (
            {"channel": "C0ALARMS01", "text": "x", "blocks": [text_block(2900)] * 5},
            "msg_blocks_too_long",
        ),
        ({"channel": "C0ALARMS01", "text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        (
            {
                "channel": "C0ALARMS01",
                "text": "x",
                "metadata": {"event_type": "t", "event_payload": {"k": "x" * 9000}},
            },
            "metadata_too_large",
        ),
        (
            {"channel": "C0ALARMS01", "text": "x", "metadata": {"event_type": "t"}},
            "invalid_metadata_schema",
        ),
        ({"channel": "C0ALARMS01", "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": "C0ALARMS01", "text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
def test_post_refusals(api, args, error):
    assert api("chat.postMessage", **args)["error"] == error


def test_invalid_blocks_names_the_place(api):
    answer = api(
        "chat.postMessage", channel="C0ALARMS01", text="x", blocks=[text_block(1), text_block(3001)]
    )
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


def test_truncation(sandbox, api):
    answer = api("chat.postMessage", channel="C0ALARMS01", text="x" * 40001)
    assert answer["warning"] == "message_truncated" and len(answer["message"]["text"]) == 40000


def test_updates(sandbox, api):
    ts = post(api, blocks=[text_block(5)])
    assert (
        api("chat.update", channel="C0ALARMS01", ts=ts, text="x" * 4001)["error"] == "msg_too_long"
    )
    assert (
        api("chat.update", channel="C0ALARMS01", ts="1.000002", text="x")["error"]
        == "message_not_found"
    )
    foreign = sandbox.post("foreign_post", text="mine")["ts"]
    assert (
        api("chat.update", channel="C0ALARMS01", ts=foreign, text="x")["error"]
        == "cant_update_message"
    )
    assert api("chat.delete", channel="C0ALARMS01", ts=foreign)["error"] == "cant_delete_message"
    assert api("chat.update", channel="C0ALARMS01", ts=ts, text="new")["ok"]
    shown = next(m for m in sandbox.messages() if m["ts"] == ts)
    assert shown["text"] == "new" and shown["edits"] == 1 and shown["history"][0]["text"] == "hi"
    assert shown["blocks"][0]["type"] == "section", "blocks stay when an update leaves them out"
    assert "update without blocks keeps the old ones" in shown["lint"]
    assert api("chat.delete", channel="C0ALARMS01", ts=ts)["ok"]
    assert api("chat.update", channel="C0ALARMS01", ts=ts, text="x")["error"] == "message_not_found"


def test_history_and_metadata(api):
    api("conversations.join", channel="C0GENERAL1")
    stamps = [
        api(
            "chat.postMessage",
            channel="C0GENERAL1",
            text=str(i),
            metadata={"event_type": "e", "event_payload": {"i": i}},
        )["ts"]
        for i in range(5)
    ]
    reply = api("chat.postMessage", channel="C0GENERAL1", text="r", thread_ts=stamps[0])["ts"]
    plain = api.form("conversations.history", channel="C0GENERAL1", limit="2")
    assert [m["text"] for m in plain["messages"]] == ["4", "3"] and plain["has_more"]
    assert plain["messages"][0]["metadata"] == {"event_type": "e"}
    more = api.form(
        "conversations.history",
        channel="C0GENERAL1",
        limit="2",
        include_all_metadata="true",
        cursor=plain["response_metadata"]["next_cursor"],
    )
    assert [m["metadata"]["event_payload"]["i"] for m in more["messages"]] == [2, 1]
    after = api.form("conversations.history", channel="C0GENERAL1", oldest=stamps[2])
    assert [m["text"] for m in after["messages"]] == ["4", "3"], "oldest is exclusive"
    with_it = api.form(
        "conversations.history", channel="C0GENERAL1", oldest=stamps[2], inclusive="true"
    )
    assert [m["text"] for m in with_it["messages"]] == ["4", "3", "2"]
    thread = api.form("conversations.replies", channel="C0GENERAL1", ts=stamps[0])
    assert [m["ts"] for m in thread["messages"]] == [stamps[0], reply] and thread["messages"][0][
        "reply_count"
    ] == 1
    assert (
        api.form("conversations.replies", channel="C0GENERAL1", ts="1.5")["error"]
        == "thread_not_found"
    )
    assert (
        api("conversations.history", channel="C0GENERAL1")["error"] == "channel_not_found"
    ), "JSON is ignored there"
    sandbox_leaves = api.sandbox.post("membership", channel="C0GENERAL1", member=False)
    assert "U0TOCSIN01" not in sandbox_leaves["members"]
    assert api.form("conversations.history", channel="C0GENERAL1")["error"] == "not_in_channel"


def test_reactions(api):
    ts = post(api)
    for name, error in (("reactions.add", "already_reacted"), ("reactions.remove", "no_reaction")):
        assert api(name, channel="C0ALARMS01", timestamp=ts, name="eyes")["ok"]
        assert api(name, channel="C0ALARMS01", timestamp=ts, name="eyes")["error"] == error
    assert (
        api("reactions.add", channel="C0ALARMS01", timestamp="1.1", name="eyes")["error"]
        == "message_not_found"
    )


def test_people_and_groups(api):
    assert api.form("users.info", user="U0ALICE001")["user"]["tz"] == "Asia/Tokyo"
    assert api.form("users.info", user="U1")["error"] == "user_not_found"
    assert [g["handle"] for g in api.form("usergroups.list")["usergroups"]] == [
        "oncall-group",
        "sre-leads",
    ]
    assert api.form("usergroups.users.list", usergroup="S0ONCALL01")["users"] == [
        "U0ALICE001",
        "U0BOB00001",
    ]
    assert api("conversations.open", users="U0BOB00001")["channel"]["id"] == "D0BOB00001"
    assert (
        api("chat.postEphemeral", channel="C0ALARMS01", user="U0NOBODY01", text="x")["error"]
        == "user_not_in_channel"
    )


def test_files(sandbox, api):
    started = api.form("files.getUploadURLExternal", filename="a.png", length="3")
    path = started["upload_url"].split("/", 3)[3]
    done = lambda: api.form(
        "files.completeUploadExternal", files=[{"id": started["file_id"]}], channel_id="C0ALARMS01"
    )
    assert done()["error"] == "file_not_found"
    assert (
        api.raw("/" + path, b"1234", {"Content-Type": "application/octet-stream"}, token=None)[0]
        == 400
    )
    assert (
        api.raw("/" + path, b"123", {"Content-Type": "application/octet-stream"}, token=None)[2]
        == b"OK - 3"
    )
    assert done()["ok"]
    assert done()["error"] == "file_not_found", "step 3 works once"


# --- pictures ---------------------------------------------------------------
def start_upload(api, data, **more):
    """(file id, path of the upload address)"""
    started = api.form(
        "files.getUploadURLExternal", filename="a.png", length=str(len(data)), **more
    )
    return started["file_id"], "/" + started["upload_url"].split("/", 3)[3]


def upload(api, data, token=None):
    """A complete upload without a channel; its answer."""
    file_id, path = start_upload(api, data)
    sent = api.raw(path, data, {"Content-Type": "application/octet-stream"}, token=token)
    assert sent[0] == 200
    done = api("files.completeUploadExternal", files=[{"id": file_id, "title": "a title"}])
    assert done["ok"], done
    return done["files"][0]


def picture(slack_file):
    return [
        {"type": "divider"},
        {"type": "image", "alt_text": "a picture", "slack_file": slack_file},
    ]


def show(api, slack_file, method="chat.postMessage", **more):
    return api(method, channel="C0ALARMS01", text="t", blocks=picture(slack_file), **more)


REFUSED = ["invalid slack file [json-pointer:/blocks/1/slack_file]"]


def test_a_picture_is_shown_once_it_is_processed(sandbox, api):
    data = sample_png(64, 32)
    sandbox.settings(file_processing_s=None)
    known = upload(api, data)
    assert known["mimetype"] == "" and "channels" not in known
    assert api.form("files.info", file=known["id"])["file"]["mimetype"] == ""
    early = show(api, {"id": known["id"]})
    assert early["error"] == "invalid_blocks" and early["errors"] == REFUSED
    assert early["response_metadata"]["messages"] == ["[ERROR] " + REFUSED[0]]
    sandbox.settings(file_processing_s=0)
    known = api.form("files.info", file=known["id"])["file"]
    assert (known["mimetype"], known["original_w"], known["original_h"]) == ("image/png", 64, 32)
    ts = show(api, {"id": known["id"]})["ts"]
    message = [m for m in sandbox.messages("C0ALARMS01") if m["ts"] == ts][0]
    assert sandbox.pictures(message) == [
        {
            "id": known["id"],
            "alt": "a picture",
            "title": None,
            "name": "a.png",
            "kind": "png",
            "width": 64,
            "height": 32,
            "data": data,
        }
    ]
    assert show(api, {"url": known["permalink"]}, "chat.update", ts=ts)["ok"]
    assert show(api, {"url": known["url_private"]})["ok"]
    assert show(api, {"id": "F0NOBODY01"})["errors"] == REFUSED
    assert post(api) and sandbox.pictures(sandbox.messages("C0ALARMS01")[-1]) == []


@pytest.mark.parametrize(
    "data",
    [
        b"no picture at all",
        sample_png()[:-1],
        sample_png().replace(b"IDAT", b"IDAX"),
        sample_png(0, 5),
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
    ],
)
def test_what_is_no_picture_is_not_shown(sandbox, api, data):
    sandbox.settings(file_processing_s=0)
    known = upload(api, data)
    assert not known["mimetype"].startswith("image/")
    assert show(api, {"id": known["id"]})["errors"] == REFUSED


def test_other_kinds_of_pictures():
    assert picture_of(b"GIF89a\x03\0\x02\0rest") == ("gif", 3, 2)
    frame = b"\xff\xc0\0\x0b\x08\0\x02\0\x03\x01\x01\x11\0"
    assert picture_of(b"\xff\xd8\xff\xe0\0\x04ab" + frame) == ("jpg", 3, 2)


def test_files_need_their_scopes(sandbox, api):
    before = sandbox.get("state")["scopes"]
    sandbox.settings(scopes=[s for s in before if not s.startswith("files:")])
    asked = {
        "files.getUploadURLExternal": "files:write",
        "files.completeUploadExternal": "files:write",
        "files.info": "files:read",
    }
    answers = {method: api.form(method) for method in asked}
    sandbox.settings(scopes=before)
    assert {m: a["needed"] for m, a in answers.items()} == asked
    assert {a["error"] for a in answers.values()} == {"missing_scope"}


def test_an_upload_goes_wrong_at_every_step(sandbox, api):
    sandbox.settings(file_processing_s=0)
    data = sample_png()
    sandbox.fault("ok_false:file_uploads_disabled", method="files.getUploadURLExternal")
    assert api.form("files.getUploadURLExternal", filename="a", length="1")["error"] == (
        "file_uploads_disabled"
    )
    file_id, path = start_upload(api, data)
    kind = {"Content-Type": "application/octet-stream"}
    sandbox.fault("500_before", method="upload")
    assert api.raw(path, data, kind, token=None)[0] == 500
    assert api("files.completeUploadExternal", files=[{"id": file_id}])["error"] == "file_not_found"
    sandbox.fault("500_after", method="upload")  # it took the bytes, and does not say so
    assert api.raw(path, data, kind, token=None)[0] == 500
    sandbox.fault("reset_after", method="files.completeUploadExternal")
    with pytest.raises(OSError):
        api("files.completeUploadExternal", files=[{"id": file_id}])
    assert api("files.completeUploadExternal", files=[{"id": file_id}])["error"] == "file_not_found"
    assert api.raw(path, data, kind, token=None)[0] == 404
    assert api.form("files.info", file=file_id)["file"]["mimetype"] == "image/png"
    start = len(sandbox.requests())
    upload(api, data, token="bot")
    assert [r["lint"] for r in sandbox.requests("upload", since=start)] == [
        ["the token was sent to the upload address"]
    ]
    assert (
        api.form("files.getUploadURLExternal", filename="a", length="1", alt_txt="x" * 1001)[
            "error"
        ]
        == "alt_txt_too_large"
    )


def test_the_terminal_saves_pictures(sandbox, api, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandbox.settings(file_processing_s=0)
    data = sample_png(3, 2)
    show(api, {"id": upload(api, data)["id"]})
    out = io.StringIO()
    terminal = Terminal(sandbox, out=out)
    terminal.show()
    assert "  [picture: a picture]\n" in out.getvalue()
    path = out.getvalue().split("(picture saved as ")[-1].split(")")[0]
    assert pathlib.Path(path).read_bytes() == data and path.startswith(str(tmp_path))


def test_triggers_and_response_urls(sandbox, api):
    sandbox.settings(trigger_ms=60000)
    sandbox.slash("/tocsin ping")
    payload = sandbox.get("envelopes", payload=1)[-1]["payload"]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "t"}, "blocks": []}
    assert api("views.open", trigger_id="1.2.x", view=view)["error"] == "invalid_trigger_id"
    assert (
        api("views.open", trigger_id=payload["trigger_id"], view={**view, "title": 1})["error"]
        == "invalid_arguments"
    )
    opened = api("views.open", trigger_id=payload["trigger_id"], view=view)
    assert opened["ok"]
    assert (
        api("views.open", trigger_id=payload["trigger_id"], view=view)["error"]
        == "exchanged_trigger_id"
    )
    assert (
        api("views.update", view_id=opened["view"]["id"], hash="0.x", view=view)["error"]
        == "hash_conflict"
    )
    path = "/" + payload["response_url"].split("/", 3)[3]
    results = [api.raw(path, b'{"text":"x"}', token=None) for _ in range(6)]
    assert [r[0] for r in results] == [200] * 5 + [404] and b"used_url" in results[5][2]
    sandbox.settings(trigger_ms=0)
    sandbox.slash("/tocsin ping")
    late = sandbox.get("envelopes", payload=1)[-1]["payload"]["trigger_id"]
    time.sleep(0.01)
    assert api("views.open", trigger_id=late, view=view)["error"] == "expired_trigger_id"
    sandbox.settings(trigger_ms=3000)


def test_rates(tmp_path):
    with Sandbox.start(tmp_path, "--rates", env={"TOCSIN_TIME_SCALE": "1"}) as sandbox:
        api = Caller(sandbox)
        body = b'{"channel":"C0CHECKOUT","text":"x"}'
        seen = [api.raw("chat.postMessage", body) for _ in range(40)]
        posted = len(sandbox.messages("C0CHECKOUT"))
    refused = [s for s in seen if s[0] == 429]
    assert refused and posted == 40 - len(refused) >= 5
    assert int(refused[0][1]["Retry-After"]) >= 1
    assert json.loads(refused[0][2])["error"] == "ratelimited"


def count(sandbox, text):
    return len([m for m in sandbox.messages() if m["text"] == text])


@pytest.mark.parametrize(
    "action,stored",
    [
        ("reset_before", 0),
        ("reset_after", 1),
        ("close_before", 0),
        ("close_after", 1),
        ("500_before", 0),
        ("500_after", 1),
        ("ok_false:fatal_error", 0),
        ("malformed_json", 1),
        ("truncated", 1),
        ("html", 1),
        ("empty", 1),
        ("content_type", 1),
    ],
)
def test_faults_and_their_effect(sandbox, api, action, stored):
    text = "fault " + action
    sandbox.fault(action, method="chat.postMessage", text=text)
    body = json.dumps({"channel": "C0ALARMS01", "text": text}).encode()
    good = False
    try:
        status, headers, raw = api.raw("chat.postMessage", body)
        good = (
            status == 200
            and json.loads(raw)["ok"]
            and headers["Content-Type"].startswith("application/json")
        )
    except (OSError, http.client.HTTPException, ValueError):
        pass
    assert not good and count(sandbox, text) == stored
    assert api("chat.postMessage", channel="C0ALARMS01", text=text)[
        "ok"
    ], "a rule fires `times` times only"


def test_fault_nth_and_hang(sandbox, api):
    sandbox.fault({"do": "429", "retry_after": 7}, method="chat.*", channel="C0DASHBRD1", nth=2)
    send = lambda: api.raw("chat.postMessage", b'{"channel":"C0DASHBRD1","text":"x"}')
    answers = [send() for _ in range(3)]
    assert [a[0] for a in answers] == [200, 429, 200] and answers[1][1]["Retry-After"] == "7"
    sandbox.fault({"do": "hang_after", "s": 0.2}, method="auth.test")
    with pytest.raises((OSError, http.client.HTTPException)):
        api.raw("auth.test")


def test_keepalive_close(sandbox, api):
    sandbox.fault("keepalive_close", method="chat.postMessage")
    link = http.client.HTTPConnection(api.address.hostname, api.address.port, timeout=10)
    body = b'{"channel":"C0ALARMS01","text":"kept"}'
    assert api.raw("chat.postMessage", body, connection=link)[0] == 200
    with pytest.raises((OSError, http.client.HTTPException)):
        api.raw("chat.postMessage", body, connection=link)
    assert count(sandbox, "kept") == 1
    assert [r["fault"] for r in sandbox.requests("chat.postMessage")[-2:]] == [
        None,
        "keepalive_close",
    ]


def test_the_log_keeps_no_token(sandbox, api):
    api("auth.test")
    assert sandbox.ready["bot_token"] not in json.dumps(sandbox.requests())
    assert sandbox.requests()[-1]["token"] == "bot"


def test_reset_is_a_reset(sandbox, api):
    sandbox.fault("reset_before", method="api.test")
    with socket.create_connection((api.address.hostname, api.address.port)) as link:
        link.sendall(b"POST /api/api.test HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            link.recv(10)
