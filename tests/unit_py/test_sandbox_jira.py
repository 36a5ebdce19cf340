"""The Jira sites do what Jira does: the ways that work, on Cloud and on Data Center.

What they refuse is in test_sandbox_jira_refusals.py. Every Cloud v3 request and answer here is
checked against Atlassian's OpenAPI by the fixtures, where a checkout has that file.
"""
import http.client
import json
import socket
import ssl
import time
import urllib.parse
import zoneinfo
from datetime import datetime

import pytest
import yaml

from tests.sandbox import jira_adf, jira_wiki
from tests.sandbox.client import Sandbox
from tests.sandbox.jira_openapi import Judge, convert

from .jira_caller import code, document, paragraph, rich, text


def test_the_openapi_file_judges(sandbox):
    judged = sandbox.get("jira_judged")
    if judged["skipped"]:
        pytest.skip(judged["skipped"])
    judge = Judge()
    ask = lambda body: judge.check_request("POST", "/rest/api/3/issue/bulkfetch", {}, body)
    assert ask({"issueIdsOrKeys": ["OPS-1"]}) == []
    assert (
        "required property" in ask({})[0] and "Additional" in ask({"issueIdsOrKeys": [], "x": 1})[0]
    )
    path = "/rest/api/3/issue/OPS-1"
    assert (
        judge.check_request("GET", path, {"fields": ["a", "b"], "updateHistory": ["true"]}, None)
        == []
    )
    assert "unknown parameter" in judge.check_request("GET", path, {"x": ["1"]}, None)[0]
    assert "not of type 'boolean'" in judge.check_request("GET", path, {"failFast": ["1"]}, None)[0]
    assert "deprecated" in judge.check_request("POST", "/rest/api/3/search", {}, {"jql": "x"})[0]
    assert "not described" in judge.check_request("POST", "/rest/api/3/nothing", {}, {})[0]
    created = {"id": "1", "key": "OPS-1", "self": "https://x"}
    assert judge.check_answer("POST", "/rest/api/3/issue", 201, created) == []
    assert judge.check_answer("POST", "/rest/api/3/issue", 201, {**created, "id": 1})
    assert "not described" in judge.check_answer("POST", "/rest/api/3/issue", 204, None)[0]
    assert convert({"type": "string", "nullable": True}, "readOnly") == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


def test_who_and_where(jira):
    status, info = jira("GET", "serverInfo", auth=False)
    assert status == 200 and info["baseUrl"] == jira.ready["url"]
    assert info["deploymentType"] == ("Cloud" if jira.site == "cloud" else "Server")
    status, me = jira("GET", "myself")
    name = "accountId" if jira.site == "cloud" else "name"
    assert status == 200 and me[name] == jira.ready["account"] and me["timeZone"] == "Etc/UTC"
    assert ("name" in me) == (jira.site == "datacenter")
    jira.set(denied={"tocsin": ["ADD_COMMENTS"]})
    wanted = "mypermissions?permissions=CREATE_ISSUES,ADD_COMMENTS&projectKey=OPS"
    permissions = jira("GET", wanted)[1]["permissions"]
    assert permissions["CREATE_ISSUES"]["havePermission"]
    assert not permissions["ADD_COMMENTS"]["havePermission"]


def test_by_its_name_over_tls(jira):
    """As the bot reaches a site: the configuration's url, connect_to, and the sandbox's authority."""
    ready = jira.sandbox.ready
    host = urllib.parse.urlsplit(jira.ready["url"]).hostname
    assert jira.ready["config"]["url"] == jira.ready["url"]
    assert ("user" in jira.ready["config"]) == (jira.site == "cloud")
    port = int(next(c for c in ready["connect_to"] if c.startswith(host + ":443:")).split(":")[3])
    context = ssl.create_default_context(cafile=ready["ca_file"])
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        with context.wrap_socket(plain, server_hostname=host) as link:
            path = urllib.parse.urlsplit(jira.ready["url"]).path + "/rest/api/2/serverInfo"
            link.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path, host)).encode())
            assert link.recv(4096).startswith(b"HTTP/1.1 200 OK")


def test_a_ready_configuration(tmp_path):
    with Sandbox.start(tmp_path, "--jira", "datacenter") as sandbox:
        config = yaml.safe_load((tmp_path / "tocsin.yaml").read_text())
        assert config["jira"] == sandbox.ready["jira"]["datacenter"]["config"]


def test_create_metadata(jira):
    field = {"id": "customfield_10050", "name": "Client", "required": True, "type": "option"}
    more = {"id": "customfield_10051", "name": "Tier", "type": "number", "issue_types": ["Bug"]}
    jira.set(custom_fields=[{**field, "allowed": ["A", "B"]}, more], off_screen=["labels"])
    items = "issueTypes" if jira.site == "cloud" else "values"
    status, page = jira("GET", "issue/createmeta/OPS/issuetypes?maxResults=2&startAt=1")
    assert status == 200 and page["total"] == 5 and page["startAt"] == 1
    assert [t["name"] for t in page[items]] == ["Task", "Bug"]
    kind = jira("GET", "issue/createmeta/OPS/issuetypes")[1][items][0]
    items = "fields" if jira.site == "cloud" else "values"
    page = jira("GET", "issue/createmeta/OPS/issuetypes/%s?maxResults=200" % kind["id"])[1]
    found = {f["fieldId"]: f for f in page[items]}
    assert found["summary"]["required"] and not found["description"]["required"]
    assert "labels" not in found and "customfield_10051" not in found
    client = found["customfield_10050"]
    assert client["required"] and not client["hasDefaultValue"] and client["name"] == "Client"
    assert [v["value"] for v in client["allowedValues"]] == ["A", "B"]
    assert client["schema"]["type"] == "option" and found["priority"]["hasDefaultValue"]
    small = jira("GET", "issue/createmeta/OPS/issuetypes/%s?maxResults=3" % kind["id"])[1]
    assert len(small[items]) == 3 and small["total"] == len(found)
    if jira.site == "datacenter":
        assert small["isLast"] is False and "key" not in client


def test_an_issue_with_everything(jira):
    body = {
        "fields": jira.fields(
            labels=["tocsin-0123456789abcdef", "a"],
            priority={"name": "High"},
            summary="web-1: CPU 97 %",
        ),
        "properties": [{"key": "tocsin", "value": {"incident": "42"}}],
        "update": {"comment": [{"add": {"body": rich(jira, "first")}}]},
    }
    status, made = jira(
        "POST", "issue?updateHistory=false" if jira.site == "cloud" else "issue", body
    )
    assert status == 201 and set(made) == {"id", "key", "self"}
    status, issue = jira("GET", "issue/%s?properties=tocsin" % made["key"].lower())
    fields = issue["fields"]
    assert (
        status == 200
        and issue["id"] == made["id"]
        and issue["properties"] == {"tocsin": {"incident": "42"}}
    )
    assert fields["summary"] == "web-1: CPU 97 %" and fields["labels"] == [
        "tocsin-0123456789abcdef",
        "a",
    ]
    assert fields["priority"]["name"] == "High" and fields["resolution"] is None
    assert fields["description"] == rich(jira, "what") and fields["assignee"] is None
    assert fields["status"]["statusCategory"]["key"] == "new"
    one = jira("GET", "issue/%s?fields=status,labels" % made["id"])[1]
    assert set(one["fields"]) == {"status", "labels"}
    shown = jira.issue(made["key"])
    assert shown["description"]["text"] == "what" and shown["reporter"] == "tocsin"
    assert [c["text"] for c in shown["comments"]] == ["first"]
    assert shown["url"] == "%s/browse/%s" % (jira.ready["url"], made["key"])


def test_fields_of_every_kind(jira):
    kinds = [
        ("customfield_1", "string", "line", "line"),
        ("customfield_2", "textarea", rich(jira, "lines"), rich(jira, "lines")),
        ("customfield_3", "number", 1.5, 1.5),
        ("customfield_4", "option", {"value": "A"}, "A"),
        ("customfield_5", "options", [{"value": "A"}, {"id": "10201"}], ["A", "B"]),
        ("customfield_6", "labels", ["x", "y", "x"], ["x", "y"]),
        ("customfield_7", "date", "2026-11-26", "2026-11-26"),
    ]
    jira.set(
        custom_fields=[
            {"id": i, "name": i, "type": kind, "allowed": ["A", "B"]} for i, kind, _, _ in kinds
        ]
    )
    key = jira.create(**{i: value for i, _, value, _ in kinds})
    got = jira("GET", "issue/" + key)[1]["fields"]
    assert {i: got[i] for i, _, _, _ in kinds} == {i: wanted for i, _, _, wanted in kinds}
    jira.set(defaults={"customfield_1": "filled"}, required=["summary", "customfield_1"])
    assert jira("GET", "issue/" + jira.create())[1]["fields"]["customfield_1"] == "filled"


def test_edit(jira):
    key = jira.create(labels=["a", "b"])
    body = {"fields": {"summary": "new"}, "update": {"labels": [{"add": "c"}, {"remove": "a"}]}}
    assert jira("PUT", "issue/" + key, body) == (204, None)
    shown = jira.issue(key)
    assert shown["summary"] == "new" and shown["labels"] == ["b", "c"]
    assert {"what": "summary", "from": "s", "to": "new"}.items() <= shown["history"][1].items()


def test_assignee(jira):
    key = jira.create()
    name = "accountId" if jira.site == "cloud" else "name"
    users = jira.sandbox.get("jira_state", site=jira.site)["users"]
    alice = next(u for u in users if u["name"] == "alice")
    assert jira("PUT", "issue/%s/assignee" % key, {name: alice[name]}) == (204, None)
    assert jira.issue(key)["assignee"] == "alice"
    jira.allowed.append("None is not of type")  # its text allows null, its schema does not
    assert jira("PUT", "issue/%s/assignee" % key, {name: None})[0] == 204
    assert jira.issue(key)["assignee"] is None
    jira.set(user={"name": "bob", "hidden_email": True})
    query = "query" if jira.site == "cloud" else "username"
    search = "user/assignable/search?project=OPS&%s=" % query
    assert [u[name] for u in jira("GET", search + "alice")[1]] == [alice[name]]
    assert jira("GET", search + "bob%40example.com")[1] == []


def test_comments(jira):
    key = jira.create()
    ids = []
    for n in range(5):
        status, made = jira("POST", "issue/%s/comment" % key, {"body": rich(jira, "c%d" % n)})
        assert status == 201 and made["body"] == rich(jira, "c%d" % n)
        ids.append(made["id"])
    page = jira("GET", "issue/%s/comment?orderBy=-created&startAt=1&maxResults=2" % key)[1]
    assert [c["id"] for c in page["comments"]] == [ids[3], ids[2]] and page["total"] == 5
    assert [c["id"] for c in jira("GET", "issue/%s/comment" % key)[1]["comments"]] == ids
    path = "issue/%s/comment/%s" % (key, ids[0])
    assert jira("PUT", path, {"body": rich(jira, "edited")})[0] == 200
    assert jira("GET", path)[1]["body"] == rich(jira, "edited")
    shown = jira.issue(key)["comments"]
    assert [c["text"] for c in shown] == ["edited", "c1", "c2", "c3", "c4"]
    assert shown[0]["edits"] == ["c0"] and shown[0]["author"] == "tocsin"


def test_transitions(jira):
    key = jira.create()
    path = "issue/%s/transitions" % key
    found = jira("GET", path)[1]["transitions"]
    assert [(t["name"], t["to"]["statusCategory"]["key"]) for t in found] == [
        ("Start", "indeterminate"),
        ("Done", "done"),
    ]
    assert jira("POST", path, {"transition": {"id": found[1]["id"]}}) == (204, None)
    shown = jira.issue(key)
    assert (shown["status"], shown["category"], shown["resolution"]) == ("Done", "done", "Done")
    assert [t["name"] for t in jira("GET", path)[1]["transitions"]] == ["Reopen"]
    jira.sandbox.jira_act(key, "status", "In Progress", site=jira.site)
    assert jira.issue(key)["resolution"] is None
    assert jira.issue(key)["history"][-1]["by"] == "alice"


def test_a_localised_workflow_with_a_screen(jira):
    jira.set(
        statuses=[["Offen", "new"], ["In Arbeit", "indeterminate"], ["Fertig", "done"]],
        transitions=[
            {"name": "Loslegen", "from": ["Offen"], "to": "In Arbeit"},
            {"name": "Schließen", "from": [], "to": "Fertig", "fields": ["resolution"]},
        ],
        category_names={"done": "Erledigt"},
    )
    key = jira.create()
    path = "issue/%s/transitions" % key
    found = jira("GET", path + "?expand=transitions.fields")[1]["transitions"][1]
    assert found["to"]["statusCategory"]["name"] == "Erledigt" and found["isGlobal"]
    resolution = found["fields"]["resolution"]
    assert resolution["required"] and resolution["allowedValues"][1]["name"] == "Won't Do"
    body = {"transition": {"id": found["id"]}, "fields": {"resolution": {"name": "Won't Do"}}}
    assert jira("POST", path, body)[0] == 204
    assert jira.issue(key)["resolution"] == "Won't Do" and jira.issue(key)["status"] == "Fertig"


def test_remote_links(jira):
    key = jira.create()
    path = "issue/%s/remotelink" % key
    link = {
        "globalId": "slack:C1:1.2",
        "object": {"url": "https://slack.test/1", "title": "thread"},
    }
    status, made = jira("POST", path, {**link, "relationship": "discussed in"})
    assert status == 201 and isinstance(made["id"], int)
    assert jira("POST", path, link) == (200, made)
    (shown,) = jira.issue(key)["links"]
    assert shown["relationship"] is None and shown["updates"] == 1, "what is left out becomes null"
    assert jira("GET", path)[1][0]["object"]["title"] == "thread"
    assert jira("GET", path + "?globalId=slack%3AC1%3A1.2")[1]["id"] == made["id"]
    without = {"object": link["object"]}
    assert [jira("POST", path, without)[0] for _ in range(2)] == [201, 201]
    assert len(jira.issue(key)["links"]) == 3, "without a globalId a repeat is one more link"


def test_properties(jira):
    key = jira.create()
    path = "issue/%s/properties/%s"
    assert jira("PUT", path % (key, "a%2Fb"), {"n": 1})[0] == 201
    assert jira("PUT", path % (key, "a%2Fb"), [1])[0] == 200
    assert jira("GET", path % (key, "a%2Fb"))[1] == {"key": "a/b", "value": [1]}
    assert [k["key"] for k in jira("GET", "issue/%s/properties" % key)[1]["keys"]] == ["a/b"]


def test_attachments(jira):
    key = jira.create()
    assert jira("GET", "attachment/meta")[1] == {"enabled": True, "uploadLimit": 10 << 20}
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="top.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nPID %CPU\n\r\n--x--\r\n"
    )
    sent = {"Content-Type": "multipart/form-data; boundary=x", "X-Atlassian-Token": "no-check"}
    status, made = jira("POST", "issue/%s/attachments" % key, body, headers=sent)
    assert status == 200 and made[0]["filename"] == "top.txt" and made[0]["size"] == 9
    assert jira.issue(key)["attachments"][0]["text"] == "PID %CPU\n"
    del sent["X-Atlassian-Token"]
    status, _, data = jira.raw("POST", "issue/%s/attachments" % key, body, headers=sent)
    assert (status, data) == (403, b"XSRF check failed")


def test_the_page_for_people(jira):
    key = jira.create(summary="<b> & co")
    status, headers, data = jira.raw("GET", "/browse/" + key, auth=False)
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert b"&lt;b&gt; &amp; co" in data and b"<b>" not in data
    assert jira.raw("GET", "/browse/OPS-99999", auth=False)[0] == 404


# --- search ---------------------------------------------------------------------
def search(jira, jql, **more):
    """The keys that a search finds."""
    path = "search/jql" if jira.site == "cloud" else "search"
    status, answer = jira("POST", path, {"jql": jql, "fields": ["summary"], **more})
    assert status == 200, answer
    return [i["key"] for i in answer["issues"]]


def test_search_lags(jira):
    jira.set(search_lag_s=20000)  # 100 s at this time scale
    key = jira.create(labels=["lag"])
    assert search(jira, "labels = lag") == [] and jira("GET", "issue/" + key)[0] == 200
    if jira.site == "cloud":
        assert search(jira, "labels = lag", reconcileIssues=[int(jira.issue(key)["id"])]) == [key]
    jira.set(search_lag_s=0.001)
    assert search(jira, "labels = lag") == [key]
    jira.set(search_lag_s=None)
    assert search(jira, "labels = lag") == []


def test_search_language(jira):
    jira.set(search_lag_s=0)
    a = jira.create(summary="disk full on web-1", labels=["jql", "x"])
    b = jira.create(summary="cpu", labels=["jql"], priority={"name": "Low"})
    jira.sandbox.jira_act(b, "status", "Done", site=jira.site)
    new, old = sorted([a, b], key=lambda k: -int(k[4:])), [a, b]
    for jql, wanted in (
        ("labels = jql", new),
        ('project = "OPS" AND labels in (jql, y) ORDER BY created ASC', old),
        ("labels = jql and labels != x", [b]),
        ("labels=jql AND (status = Done OR summary ~ disk) order by key", old),
        ("labels = jql AND NOT statusCategory = Done", [a]),
        ("labels = jql AND resolution is EMPTY", [a]),
        ("labels = jql AND resolution = Unresolved", [a]),
        ('labels = jql AND resolution != "Won\'t Do"', [b]),
        ("labels = jql AND priority = low", [b]),
        ("labels = jql AND reporter = currentUser() AND assignee is EMPTY", new),
        ("labels = jql AND text ~ 'disk full'", [a]),
        ("labels = jql AND created >= -5m", new),
        ("labels = jql AND created < -5m", []),
        ("labels = jql AND created > %d" % ((time.time() - 60) * 1000), new),
        ("key = %s" % a.lower(), [a]),
        ("key in (%s, %s) AND issuetype = Incident" % (a, b), new),
    ):
        assert search(jira, jql) == wanted, jql


def test_search_reads_dates_in_the_time_zone_of_the_user(jira):
    jira.set(search_lag_s=0)
    jira.create(labels=["zone"])
    jira.set(user={"name": "tocsin", "timeZone": "Asia/Tokyo"})
    tokyo = datetime.fromtimestamp(time.time() - 120, zoneinfo.ZoneInfo("Asia/Tokyo"))
    utc = datetime.fromtimestamp(time.time() - 120, zoneinfo.ZoneInfo("UTC"))
    form = 'labels = zone AND created >= "%Y-%m-%d %H:%M"'
    assert len(search(jira, tokyo.strftime(form))) == 1
    assert len(search(jira, utc.strftime(form.replace(">=", "<=")))) == 0
    assert jira("GET", "myself")[1]["timeZone"] == "Asia/Tokyo"


def test_search_pages(cloud, center):
    for jira in (cloud, center):
        jira.set(search_lag_s=0)
        for _ in range(5):
            jira.create(labels=["page"])
    jql = "labels = page ORDER BY key"
    first = cloud("POST", "search/jql", {"jql": jql, "maxResults": 2})[1]
    assert set(first["issues"][0]) == {"id"} and not first["isLast"] and "total" not in first
    token = first["nextPageToken"]
    second = cloud("POST", "search/jql", {"jql": jql, "maxResults": 4, "nextPageToken": token})[1]
    ids = [i["id"] for i in first["issues"] + second["issues"]]
    assert len(set(ids)) == 5 and second["isLast"] and "nextPageToken" not in second
    page = center(
        "POST", "search", {"jql": jql, "startAt": 3, "maxResults": 9, "fields": ["labels"]}
    )[1]
    assert page["total"] == 5 and len(page["issues"]) == 2
    assert page["issues"][0]["fields"] == {"labels": ["page"]}


def test_bulk_fetch(cloud):
    a, b = cloud.create(), cloud.create()
    cloud.sandbox.jira_act(b, "delete")
    body = {"issueIdsOrKeys": [b, a, "OPS-99999"], "fields": ["status"]}
    answer = cloud("POST", "issue/bulkfetch", body)[1]
    assert [i["key"] for i in answer["issues"]] == [a]
    assert [e["id"] for e in answer["issueErrors"]] == [b, "OPS-99999"]


# --- versions, documents, wiki --------------------------------------------------
def test_the_other_version_reads_what_one_wrote(cloud):
    key = cloud.create(description=document("a", code("x {y}\nz")))
    assert cloud("GET", "issue/" + key, version=2)[1]["fields"]["description"] == "a\nx {y}\nz"
    status, _ = cloud("POST", "issue/%s/comment" % key, {"body": "one\n\ntwo"}, version=2)
    assert status == 201
    read = cloud("GET", "issue/%s/comment" % key)[1]["comments"][0]["body"]
    assert read == document("one", "two")


def test_documents_of_every_node():
    link = {"type": "link", "attrs": {"href": "https://x"}}
    item = {"type": "listItem", "content": [paragraph("i"), code("c")]}
    cell = {"type": "tableCell", "attrs": {"colspan": 1}, "content": [paragraph("t")]}
    good = document(
        paragraph(
            text("a", {"type": "strong"}, link),
            {"type": "hardBreak"},
            text("b", {"type": "code"}, link),
        ),
        {"type": "paragraph"},
        {"type": "heading", "attrs": {"level": 3}, "content": [text("h")]},
        {"type": "bulletList", "content": [item]},
        {"type": "orderedList", "attrs": {"order": 2}, "content": [item]},
        {"type": "codeBlock", "attrs": {"language": "text"}, "content": [text("a\n\tb")]},
        {"type": "codeBlock"},
        {"type": "blockquote", "content": [paragraph("q")]},
        {"type": "panel", "attrs": {"panelType": "warning"}, "content": [paragraph("p")]},
        {"type": "expand", "attrs": {"title": "more"}, "content": [code("x")]},
        {"type": "table", "content": [{"type": "tableRow", "content": [cell]}]},
        {"type": "rule"},
        paragraph({"type": "status", "attrs": {"text": "ALARM", "color": "red"}}),
        paragraph({"type": "inlineCard", "attrs": {"url": "https://y"}}),
    )
    assert jira_adf.check(good) == []
    assert jira_adf.plain(good).startswith(
        "a\nb\n\nh\ni\nc\ni\nc\na\n\tb\n\nq\np\nmore\nx\nt\n\nALARM"
    )
    assert jira_adf.links(good) == ["https://x", "https://x", "https://y"]
    assert jira_adf.units("a😀") == 3, "Java counts UTF-16 units"


def test_wiki_text_as_a_person_reads_it():
    wiki = "*Account:* 1\n{noformat}\n$ ps {code} *b*\n[x]\n{noformat}\nplain \\{noformat\\} end"
    assert [b["kind"] for b in jira_wiki.blocks(wiki)] == ["text", "noformat", "text"]
    assert jira_wiki.blocks(wiki)[1]["text"] == "$ ps {code} *b*\n[x]"
    assert jira_wiki.plain("a \\[b\\]") == "a [b]"
    assert jira_wiki.live(wiki) == ["*Account:*", "{code}"]
    shown = "a &#123;code&#125; {{mono}} [name|https://x?a|b] [https://y] {\u200bcode}"
    assert jira_wiki.plain(shown) == "a {code} mono [name|https://x?a|b] https://y {code}"
    assert jira_wiki.plain("[name|https://x]") == "name"
    assert jira_wiki.plain("*a \\*b\\* c*: 2 * 3 * 4") == "a *b* c: 2 * 3 * 4"
    assert jira_wiki.links("[n|https://x] {noformat}[https://no]{noformat} [https://y]") == [
        "https://x",
        "https://y",
    ]
    assert jira_wiki.live("{{mono}} &#123;code&#125;") == ["{{mono}}"]
    assert jira_wiki.live("{noformat}\nnever closed [x|y]") == ["{noformat}", "[x|y]"]
    assert jira_wiki.live("h1. head\n{color:red}r{color}\n!i.png!") != []
    assert jira_wiki.live("a - b, 5 * 3 * 2, snake_case_name, 100%") == []


# --- faults, limits, records ----------------------------------------------------
def test_faults_before_and_after(jira):
    count = len(jira.sandbox.jira_issues(jira.site))

    def after(action):
        """How many more issues there are after such a create, and how it was answered."""
        jira.sandbox.fault(action, method="jira.issue.create", args={"site": jira.site})
        try:
            answer = jira.raw("POST", "issue", {"fields": jira.fields()})
        except (OSError, http.client.HTTPException) as error:
            answer = type(error)
        return len(jira.sandbox.jira_issues(jira.site)) - count, answer

    assert after("reset_before") == (0, ConnectionResetError)
    assert after("reset_after") == (1, ConnectionResetError)
    assert after("close_before") == (1, http.client.RemoteDisconnected)
    assert after("close_after") == (2, http.client.RemoteDisconnected)
    assert after({"do": "hang_after", "s": 0.1}) == (3, http.client.RemoteDisconnected)
    assert after("truncated") == (4, http.client.IncompleteRead)
    for action, status, stored in (("500_before", 500, 4), ("503_after", 503, 5)):
        found, (got, headers, data) = after(action)
        assert (found, got) == (stored, status)
        assert json.loads(data)["errorMessages"] == ["Internal server error"]
    for n, (action, kind, head) in enumerate(
        (
            ("malformed_json", "application/json", b'{"id"'),
            ("html", "text/html", b"<html>"),
            ("empty", "application/json", b""),
            ("content_type", "text/plain", b'{"id"'),
            ({"do": "drip", "s": 0.1}, "application/json", b'{"id"'),
            ({"do": "delay", "s": 0.1}, "application/json", b'{"id"'),
        )
    ):
        found, (status, headers, data) = after(action)
        assert found == 6 + n and status == 201 and data.startswith(head)
        assert headers["Content-Type"].startswith(kind)
        assert jira.last()["fault"] == (action if isinstance(action, str) else action["do"])


def test_faults_are_picked_by_issue_and_text(jira):
    a, b = jira.create(), jira.create(summary="special")
    jira.sandbox.fault("500_before", method="jira.issue.get", args={"issue": b})
    assert jira("GET", "issue/" + a)[0] == 200 and jira("GET", "issue/" + b)[0] == 500
    jira.sandbox.fault("500_before", method="jira.comment.*", text="needle")
    path = "issue/%s/comment" % a
    assert jira("POST", path, {"body": rich(jira, "hay")})[0] == 201
    assert jira("POST", path, {"body": rich(jira, "a needle")})[0] == 500


def test_429_faults(jira):
    jira.sandbox.fault({"do": "429", "retry_after": 7}, method="jira.myself")
    status, headers, _ = jira.raw("GET", "myself")
    assert status == 429 and headers["Retry-After"] == "7"
    assert headers["RateLimit-Reason"] == "jira-burst-based"
    jira.sandbox.fault({"do": "429", "retry_after": None}, method="jira.myself")
    status, headers, _ = jira.raw("GET", "myself")
    assert status == 429 and "Retry-After" not in headers


def test_burst_and_write_limits(jira):
    key = jira.create()
    jira.set(burst={"count": 2, "s": 4000})  # 20 s at this time scale
    answers = [jira.raw("GET", "myself") for _ in range(3)]
    assert [a[0] for a in answers] == [200, 200, 429]
    assert answers[2][1]["RateLimit-Reason"] == "jira-burst-based"
    assert 1 <= int(answers[2][1]["Retry-After"]) <= 4000
    datetime.strptime(answers[2][1]["X-RateLimit-Reset"], "%Y-%m-%dT%H:%MZ")
    assert jira("GET", "serverInfo")[0] == 200, "the limit is one endpoint's"
    jira.set(burst={"count": 2, "s": 0.001})
    assert jira("GET", "myself")[0] == 200, "the window has passed"
    jira.set(
        burst=None, issue_writes={"count": 1, "s": 4000}, retry_after=False, reset_format="unix"
    )
    put = lambda k: jira.raw("PUT", "issue/%s/properties/p" % k, {"a": 1})
    assert put(key)[0] == 201
    status, headers, _ = put(key)
    assert status == 429 and headers["RateLimit-Reason"] == "jira-per-issue-on-write"
    assert (
        "Retry-After" not in headers and abs(int(headers["X-RateLimit-Reset"]) - time.time()) < 60
    )
    assert put(jira.create())[0] == 201, "the limit is one issue's"


def test_records(jira):
    first = len(jira.sandbox.requests())
    key = jira.create(summary="find me")
    jira("GET", "issue/OPS-99999")
    jira.refused("POST", "issue/%s/transitions" % key, {"transition": {"id": "999"}})
    records = jira.sandbox.requests(since=first)
    assert [r["method"] for r in records] == [
        "jira.issue.create",
        "jira.issue.get",
        "jira.transition.do",
    ]
    assert [r["status"] for r in records] == [201, 404, 400]
    assert [r["error"] for r in records] == [None, None, "jira 400"], "a look-up may find nothing"
    assert records[0]["site"] == jira.site and "find me" in records[0]["args"]["text"]
    assert records[0]["time"] <= records[2]["time"] and records[0]["response"]["key"] == key
    assert jira.sandbox.requests("jira.issue.*", first) == records[:2]


def test_lint(jira):
    path = "/rest//api/%d/myself" % jira.version
    assert jira.raw("GET", path)[0] == 200 and "two slashes in the path" in jira.last()["lint"]
    me = {"accountId" if jira.site == "cloud" else "name": jira.ready["account"]}
    jira.create(assignee=me)
    assert "the assignee is part of the create call" in jira.last()["lint"][0]
