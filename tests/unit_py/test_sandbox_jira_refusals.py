"""The Jira sites refuse what Jira refuses, with its statuses, its shapes and its words."""
import pytest

from tests.sandbox import jira_adf
from tests.sandbox.client import SandboxError
from tests.sandbox.jira_openapi import Judge

from .jira_caller import document, paragraph, rich, text

NO_ISSUE = (["Issue does not exist or you do not have permission to see it."], {})


# --- credentials ----------------------------------------------------------------
def test_cloud_credentials(cloud):
    def status(**more):
        return cloud.raw("GET", "myself", **more)[0]

    assert status() == 200
    got, headers, data = cloud.raw("GET", "myself", auth=cloud.authorization(secret="wrong"))
    assert got == 401 and data == b"Client must be authenticated to access this resource."
    assert headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert headers["Content-Type"].startswith("text/plain"), "not every error is JSON"
    assert status(auth=cloud.authorization(user="alice@example.com")) == 401
    assert status(auth=False) == 401 and status(auth="Basic !!!") == 401
    got, answer = cloud("GET", "myself", auth="Bearer " + cloud.ready["token"])
    assert (got, answer["error"]) == (403, "Failed to parse Connect Session Auth Token")
    cloud.set(token_expired=True)
    assert status() == 401
    gateway = cloud.ready["gateway"].split("atlassian.com")[1] + "/rest/api/3/myself"
    cloud.set(token_expired=False)
    assert cloud.raw("GET", gateway)[0] == 401, "a classic token does not pass the gateway"
    cloud.set(token_scoped=True)
    assert cloud.raw("GET", gateway)[0] == 200 and status() == 401


def test_data_center_credentials(center):
    def call(auth):
        return center.raw("GET", "myself", auth=auth)

    assert call(center.authorization())[0] == 200
    assert call("Bearer wrong")[0] == 401
    basic = center.authorization("tocsin", center.ready["password"])
    assert call(basic)[0] == 200
    center.set(captcha=True)
    status, headers, _ = call(basic)
    assert status == 403 and headers["X-Seraph-LoginReason"] == "AUTHENTICATION_DENIED"
    assert headers["X-Authentication-Denied-Reason"].startswith("CAPTCHA_CHALLENGE; login-url=")
    assert call(center.authorization())[0] == 200, "a token meets no CAPTCHA"


def test_the_context_path(center):
    assert center.raw("GET", "myself")[0] == 200
    center.set(context="")
    status, headers, _ = center.raw("GET", "myself")
    assert status == 404 and headers["Content-Type"].startswith("text/html")
    center.set(context="/deep/jira")
    assert (
        center.sandbox.get("jira_state", site="datacenter")["settings"]["context"] == "/deep/jira"
    )


def test_paths_and_bodies(jira):
    assert jira.raw("GET", "/rest/api/4/myself")[0] == 404
    status, headers, _ = jira.raw("DELETE", "serverInfo")
    assert status == 405 and headers["Allow"] == "GET"
    jira.allowed += ["is not described", "no body"]
    assert jira("GET", "nothing")[1]["status-code"] == 404
    parse = ["There was an error parsing JSON. Check that your request body is valid."]
    head = {"Content-Type": "application/json"}
    assert jira.refused("POST", "issue", b"{", headers=head) == (parse, {})
    assert jira.raw("POST", "issue", b"{}", headers={"Content-Type": "text/plain"})[0] == 415
    assert "Unrecognized field" in jira.refused("POST", "issue", {"field": {}})[0][0]
    status, _, data = jira.raw(
        "POST", "issue", {"fields": {}}, headers={"User-Agent": "Mozilla/5.0"}
    )
    assert (status, data) == (403, b"XSRF check failed")


def test_what_only_one_kind_of_site_has(cloud, center):
    messages, errors = cloud.refused("POST", "search", {"jql": "project = OPS"}, 410, version=2)
    assert "/rest/api/3/search/jql" in messages[0] and errors == {}
    cloud.set(language="de")
    assert "entfernt" in cloud.refused("GET", "search?jql=x", status=410, version=2)[0][0]
    assert center.raw("GET", "myself", version=3)[0] == 404
    assert center("POST", "search/jql", {"jql": "project = OPS"})[0] == 404
    assert center("POST", "issue/bulkfetch", {"issueIdsOrKeys": ["OPS-1"]})[0] in (404, 405)
    assert center.refused("GET", "issue/createmeta", status=404)


# --- create ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields,errors",
    [
        ({"summary": None}, {"summary": "You must specify a summary of the issue."}),
        ({"summary": " "}, {"summary": "You must specify a summary of the issue."}),
        (
            {"summary": "a\nb"},
            {"summary": "The summary is invalid because it contains newline characters."},
        ),
        (
            {"summary": "x" * 256},
            {"summary": "Summary must be less than or equal to 255 characters."},
        ),
        ({"summary": 5}, {"summary": "Operation value must be a string"}),
        ({"labels": ["a b"]}, {"labels": "The label 'a b' contains spaces which is invalid."}),
        ({"labels": "a"}, {"labels": "data was not an array"}),
        (
            {"labels": ["x" * 256]},
            {
                "labels": "The label '%s' exceeds the maximum length of 255 characters."
                % ("x" * 256)
            },
        ),
        ({"priority": {"name": "Urgent"}}, {"priority": "Priority name 'Urgent' is not valid"}),
        ({"duedate": "tomorrow"}, {"duedate": "Error parsing date string: tomorrow"}),
        (
            {"customfield_99": "x", "status": {"name": "Done"}},
            {
                name: "Field '%s' cannot be set. It is not on the appropriate screen, or unknown."
                % name
                for name in ("customfield_99", "status")
            },
        ),
        ({"project": {"key": "NOPE"}}, {"project": "valid project is required"}),
    ],
)
def test_create_refusals(jira, fields, errors):
    assert jira.refused_create(**fields) == errors


def test_create_refusals_that_differ(cloud, center):
    assert cloud.refused_create(issuetype={"name": "X"}) == {
        "issuetype": "Specify a valid issue type"
    }
    assert center.refused_create(issuetype={"name": "X"}) == {
        "issuetype": "valid issue type is required"
    }
    cloud.set(issue_types=["Task", "Bug"])
    assert cloud.refused_create() == {"issuetype": "Specify a valid issue type"}, "no Incident here"
    assert center.refused_create(project=None) == {"project": "project is required"}
    for caller, name in ((cloud, "project"), (center, "pid")):
        caller.set(reset=True, denied={"tocsin": ["CREATE_ISSUES"]})
        assert caller.refused_create() == {name: "You cannot create issues in this project."}


def test_fields_of_the_site(jira):
    jira.set(
        custom_fields=[
            {"id": "customfield_10050", "name": "Client", "required": True},
            {"id": "customfield_10051", "name": "Tier", "type": "option", "allowed": ["A"]},
            {"id": "customfield_10052", "name": "Only bugs", "issue_types": ["Bug"]},
        ],
        off_screen=["labels"],
    )
    assert jira.refused_create(labels=["a"], customfield_10051={"value": "Z"}) == {
        "labels": "Field 'labels' cannot be set. It is not on the appropriate screen, or unknown.",
        "customfield_10051": "Option value 'Z' is not valid",
        "customfield_10050": "Client is required.",
    }
    refused = jira.refused_create(customfield_10050="c", customfield_10052="x")
    assert list(refused) == ["customfield_10052"]
    assert jira.create(customfield_10050="c", customfield_10051={"value": "A"})


def test_assignee_refusals(jira):
    key = jira.create()
    path = "issue/%s/assignee" % key
    users = jira.sandbox.get("jira_state", site=jira.site)["users"]
    bob = next(u for u in users if u["name"] == "bob")
    if jira.site == "cloud":
        gdpr = "'accountId' must be the only user identifying query parameter in GDPR strict mode."
        assert jira.refused("PUT", path, {"name": "bob"}) == ([gdpr], {})
        assert jira.refused_create(assignee={"name": "bob"}) == {"assignee": gdpr}
        name = "accountId"
    else:
        wrong = jira.refused_create(assignee={"accountId": bob["accountId"]})
        assert wrong == {"assignee": "expected Object containing a 'name' property"}
        name = "name"
    assert jira.refused("PUT", path, {name: "nobody"})[1] == {
        "assignee": "User 'nobody' does not exist."
    }
    assert jira.refused("PUT", path, {})[0] == [
        "One of 'name', 'key' or 'accountId' must be provided."
    ]
    jira.set(user={"name": "bob", "assignable": False})
    assert jira.refused("PUT", path, {name: bob[name]})[1] == {
        "assignee": "User '%s' cannot be assigned issues." % bob[name]
    }
    jira.set(denied={"tocsin": ["ASSIGN_ISSUES"]})
    assert jira.refused("PUT", path, {name: bob[name]}, 403)
    assert jira.issue(key)["assignee"] is None


def test_numbers_are_burnt_by_refused_creates(cloud, center):
    for caller, burnt in ((cloud, 3), (center, 1)):
        before = int(caller.create().split("-")[1])
        caller.refused_create(summary=None)
        caller.refused_create(labels=["a b"])
        assert int(caller.create().split("-")[1]) - before == burnt
    before = int(cloud.create(version=2, description="w").split("-")[1])
    cloud.refused("POST", "issue", {"fields": {}}, version=2)
    assert int(cloud.create(version=2, description="w").split("-")[1]) - before == 1


def test_properties_refusals(jira):
    body = {"fields": jira.fields(), "properties": [{"key": "k", "value": 1}]}
    jira.set(properties_at_create=False)
    assert list(jira.refused("POST", "issue", body)[1]) == ["properties"]
    jira.set(properties_at_create=True, denied={"tocsin": ["EDIT_ISSUES"]})
    assert list(jira.refused("POST", "issue", body)[1]) == ["properties"]
    key = jira.create()
    assert jira.refused("PUT", "issue/%s/properties/k" % key, 1, 403)
    assert jira.refused("GET", "issue/%s/properties/k" % key, status=404)
    jira.set(denied={})
    assert jira.refused("PUT", "issue/%s/properties/%s" % (key, "k" * 256), 1)
    assert jira.refused("PUT", "issue/%s/properties/k" % key, "x" * 32768)
    assert jira("PUT", "issue/%s/properties/k" % key, "x" * 32766)[0] == 201


# --- rich text ------------------------------------------------------------------
def test_text_in_the_wrong_form(cloud, center):
    key = cloud.create()
    path = "issue/%s/comment" % key
    not_valid = ([], {"comment": "Comment body is not valid!"})
    assert cloud.refused("POST", path, {"body": "plain"}) == not_valid
    assert cloud.refused("POST", path, {"body": document("x")}, version=2) == not_valid
    assert cloud.refused_create(description="plain") == {
        "description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
    }
    got = cloud.refused("POST", "issue", {"fields": cloud.fields()}, version=2)
    assert got == ([], {"description": "Operation value must be a string"})
    assert center.refused_create(description=document("x")) == {
        "description": "Operation value must be a string"
    }
    path = "issue/%s/comment" % center.create()
    assert "START_OBJECT" in center.refused("POST", path, {"body": document("x")})[0][0]


def marked(*marks):
    return document(paragraph(text("x", *({"type": m} for m in marks))))


WRONG = [
    document(paragraph(text(""))),
    document({"type": "codeBlock", "content": [text("")]}),
    document(paragraph("two\nlines")),
    document({"type": "heading", "attrs": {"level": 7}, "content": [text("x")]}),
    document({"type": "heading", "content": [text("x")]}),
    document({"type": "codeBlock", "content": [text("x", {"type": "strong"})]}),
    document({"type": "codeBlock", "content": [{"type": "hardBreak"}]}),
    document({"type": "codeBlock", "attrs": {"lang": "c"}, "content": [text("x")]}),
    document({"type": "hardBreak"}),
    document(text("bare")),
    document(paragraph(paragraph("nested"))),
    document({"type": "bulletList", "content": []}),
    document({"type": "bulletList", "content": [paragraph("no item")]}),
    document({"type": "panel", "attrs": {"panelType": "danger"}, "content": [paragraph("x")]}),
    document({"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "table"}]}),
    document({"type": "blockquote", "content": [{"type": "heading", "attrs": {"level": 1}}]}),
    document({"type": "marquee"}),
    document({**paragraph("x"), "style": "big"}),
    document(paragraph(text("x", {"type": "link"}))),
    document(paragraph(text("x", {"type": "link", "attrs": {"url": "https://x"}}))),
    document(paragraph(text("x", {"type": "textColor", "attrs": {"color": "red"}}))),
    document(paragraph({"type": "hardBreak", "marks": [{"type": "strong"}]})),
    marked("blink"),
    marked("code", "strong"),
    marked("em", "em"),
    {"type": "doc", "content": [paragraph("no version")]},
    {"version": 2, "type": "doc", "content": [paragraph("x")]},
    {"version": 1, "type": "doc"},
    {"version": 1, "type": "paragraph", "content": [text("x")]},
    {**document("x"), "attrs": {}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_documents_that_are_refused(cloud, wrong):
    assert jira_adf.check(wrong) != []
    key = cloud.create()
    assert cloud.refused("POST", "issue/%s/comment" % key, {"body": wrong}) == (
        ["INVALID_INPUT"],
        {},
    )
    assert cloud.last()["why"] == jira_adf.check(wrong), "the record says what Jira does not"
    assert cloud.refused_create(description=wrong) == ["INVALID_INPUT"]
    assert cloud.last()["why"]


def test_atlassians_schema_of_documents_refuses_them_too():
    judge = Judge()
    good = judge.documents({"body": document("x", {"type": "codeBlock", "content": [text("a")]})})
    assert good == []
    if not judge.documents_path.exists():
        pytest.skip("no schema of documents in this checkout")
    only_here = [
        wrong
        for wrong in WRONG
        if wrong.get("type") == "doc" and not judge.documents({"fields": {"description": wrong}})
    ]
    # The sandbox alone minds line breaks in paragraphs and a mark that is there twice.
    assert only_here == [document(paragraph("two\nlines")), marked("em", "em")]


def test_long_texts(jira):
    key, path = jira.create(), "issue/%s/comment"
    most = "x" * 32767
    assert jira("POST", path % key, {"body": rich(jira, most)})[0] == 201
    if jira.site == "cloud":
        too_long = (["CONTENT_LIMIT_EXCEEDED"], {})
    else:
        words = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
        too_long = ([], {"comment": words})
    assert jira.refused("POST", path % key, {"body": rich(jira, most + "x")}) == too_long
    emoji = "😀" * 16384  # 32,768 UTF-16 units
    assert jira.refused("POST", path % key, {"body": rich(jira, emoji)}) == too_long
    messages, errors = jira.refused(
        "POST", "issue", {"fields": jira.fields(description=rich(jira, emoji))}
    )
    assert (messages or [errors["description"]]) == (too_long[0] or [words])
    jira.set(text_counts="json", text_max=200)
    if jira.site == "cloud":
        assert jira.refused("POST", path % key, {"body": document(*["x"] * 5)}) == too_long
    assert jira("POST", path % key, {"body": rich(jira, "x" * 100)})[0] == 201


def test_comment_refusals(jira):
    key = jira.create()
    path = "issue/%s/comment" % key
    empty = ([], {"comment": "Comment body can not be empty!"})
    assert jira.refused("POST", path, {}) == empty
    assert jira.refused("POST", path, {"body": rich(jira, " ")}) == empty
    if jira.site == "cloud":
        assert jira.refused("POST", path, {"body": document()}) == empty
    assert (
        jira.refused("POST", "issue/OPS-99999/comment", {"body": rich(jira, "x")}, 404) == NO_ISSUE
    )
    assert jira.refused("POST", "issue/None/comment", {"body": rich(jira, "x")}, 404) == NO_ISSUE
    jira.allowed.append("is not one of")
    assert jira.refused("GET", path + "?orderBy=updated")
    foreign = jira.sandbox.jira_act(key, "comment", "mine", site=jira.site)["comments"][0]["id"]
    jira.set(denied={"tocsin": ["EDIT_ALL_COMMENTS"]})
    body = {"body": rich(jira, "x")}
    assert jira.refused("PUT", "%s/%s" % (path, foreign), body)[0] == [
        "You do not have the permission to edit this comment."
    ]
    assert jira.refused("PUT", path + "/1", body, 404)[0] == [
        "Can not find a comment for the id: 1."
    ]
    jira.set(per_issue={"comment": 1, "remotelink": 0, "attachment": 0}, denied={})
    assert "limit of 1 for comment" in jira.refused("POST", path, body, 413)[0][0]
    link = {"object": {"url": "https://x", "title": "t"}}
    assert jira.refused("POST", "issue/%s/remotelink" % key, link, 413)
    jira.set(denied={"tocsin": ["ADD_COMMENTS"]})
    assert jira.refused("POST", path, body)[0] == [
        "Tocsin, you do not have the permission to comment on this issue."
    ]
    jira.set(denied={"tocsin": ["*"]})
    assert jira.refused("GET", "issue/" + key, status=404) == NO_ISSUE


# --- transitions, links, search -------------------------------------------------
def test_transition_refusals(jira):
    key = jira.create()
    path = "issue/%s/transitions" % key
    assert jira.refused("POST", path, {"transition": {}})[0] == ["Missing 'transition' identifier"]
    assert jira.refused("POST", path, {"transition": {"id": "999"}})[0] == [
        "Transition id '999' is not valid for this issue."
    ]
    (message,) = jira.refused("POST", path, {"transition": {"id": "31"}})[0]
    assert message.startswith(
        "It seems that you have tried to perform a workflow operation (Reopen) that is not valid for "
        "the current state of this issue (%s)." % key
    )
    jira.set(transitions=[{"name": "Close", "from": [], "to": "Done", "fields": ["resolution"]}])
    close = {"transition": {"id": "11"}}
    assert jira.refused("POST", path, close)[1] == {"resolution": "Resolution is required."}
    wrong = jira.refused("POST", path, {**close, "fields": {"summary": "x"}})[1]
    assert "not on the appropriate screen" in wrong["summary"]
    jira.set(denied={"tocsin": ["TRANSITION_ISSUES"]})
    assert jira("GET", path)[1]["transitions"] == []
    assert jira.refused("POST", path, {**close, "fields": {"resolution": {"name": "Done"}}})
    assert jira.issue(key)["category"] == "new"


def test_link_refusals(jira):
    key = jira.create()
    path = "issue/%s/remotelink" % key
    jira.allowed.append("is a required property")
    assert jira.refused("POST", path, {"globalId": "g"})[1] == {"object": "'object' is required."}
    assert jira.refused("POST", path, {"object": {"title": " "}})[1] == {
        "title": "'title' is required.",
        "url": "'url' is required.",
    }
    link = {"globalId": "g" * 256, "object": {"url": "slack://x", "title": "t"}}
    assert set(jira.refused("POST", path, link)[1]) == {"globalId", "url"}
    link = {"globalId": "g", "object": {"url": "https://x", "title": "t"}}
    jira.set(denied={"tocsin": ["LINK_ISSUES"]})
    assert jira.refused("POST", path, link, 403)[0] == [
        "No Link Issue Permission for issue '%s'" % key
    ]
    jira.set(denied={}, issue_linking=False)
    assert jira.refused("POST", path, link, 403)[0] == ["Issue linking is currently disabled."]
    assert jira.issue(key)["links"] == []


@pytest.mark.parametrize(
    "jql,message",
    [
        ("project = NOPE", "The value 'NOPE' does not exist for the field 'project'."),
        ("status = Gone", "The value 'Gone' does not exist for the field 'status'."),
        ("lables = x", "Field 'lables' does not exist or you do not have permission to view it."),
        (
            "issue.property[tocsin].incident = 42",
            "Field 'issue.property[tocsin].incident' does not exist",
        ),
        ("project = OPS AND", "Error in the JQL Query: Expecting 'field name'"),
        ("project = OPS labels = x", "Error in the JQL Query: Expecting either 'OR' or 'AND'"),
        ("(project = OPS", "Error in the JQL Query: Expecting ')' before the end of the query."),
        ("project OPS", "Error in the JQL Query: Expecting operator but got 'OPS'."),
        (
            "project = OPS AND created >= '2026-11-26T10:00:00Z'",
            "Date value '2026-11-26T10:00:00Z'",
        ),
        ("project = OPS AND created >= '2026-11-26 10:00:00'", "Date value '2026-11-26 10:00:00'"),
        (
            "project = OPS AND labels > x",
            "The operator '>' is not supported by the 'labels' field.",
        ),
        (
            "project = OPS AND summary ~ 'a",
            "Error in the JQL Query: The quoted string 'a' has not been completed.",
        ),
        (
            "project = OPS ORDER BY " + ", ".join(["key"] * 8),
            "The maximum number of fields to order by is 7",
        ),
    ],
)
def test_search_refusals(jira, jql, message):
    path = "search/jql" if jira.site == "cloud" else "search"
    assert jira.refused("POST", path, {"jql": jql})[0][0].startswith(message)


def test_search_must_be_bounded_on_cloud(cloud, center):
    for jql in ("", "ORDER BY created"):
        messages = cloud.refused("POST", "search/jql", {"jql": jql})[0]
        assert messages[0].startswith("Unbounded JQL queries are not allowed here.")
        assert center("POST", "search", {"jql": jql})[0] == 200
    bad = {"jql": "project = OPS", "nextPageToken": "zzz"}
    assert "next page token" in cloud.refused("POST", "search/jql", bad)[0][0]
    cloud.allowed.append("Additional properties")
    bad = {"jql": "project = OPS", "startAt": 0}
    assert "Invalid request payload" in cloud.refused("POST", "search/jql", bad)[0][0]


def test_other_refusals(jira):
    assert jira.refused("GET", "issue/createmeta/NOPE/issuetypes", status=404)
    assert jira.refused("GET", "issue/createmeta/OPS/issuetypes/99", status=404)
    jira.allowed.append("is greater than the maximum")
    assert jira.refused("GET", "issue/createmeta/OPS/issuetypes?maxResults=201")
    assert jira.refused("GET", "mypermissions?permissions=FLY")
    key = jira.create()
    assert jira.refused("PUT", "issue/" + key, {"fields": {}})[0] == [
        "one of 'fields' or 'update' required"
    ]
    both = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    assert "cannot appear in both" in jira.refused("PUT", "issue/" + key, both)[1]["labels"]
    quiet = "issue/%s?notifyUsers=false" % key
    assert jira.refused("PUT", quiet, {"fields": {"summary": "x"}}, 403)
    jira.set(denied={"tocsin": ["EDIT_ISSUES"]})
    assert jira.refused("PUT", "issue/" + key, {"fields": {"summary": "x"}})
    if jira.site == "cloud":
        assert cloud_bulk(jira, []) and cloud_bulk(jira, ["OPS-1"] * 101)
        assert jira.refused("GET", "mypermissions")


def cloud_bulk(cloud, keys):
    return cloud.refused("POST", "issue/bulkfetch", {"issueIdsOrKeys": keys})


def test_control_refusals(sandbox, cloud):
    for call in (
        lambda: cloud.set(no_such_setting=1),
        lambda: sandbox.jira_set("nowhere"),
        lambda: sandbox.jira_issue("OPS-99999"),
        lambda: sandbox.jira_act(cloud.create(), "dance"),
    ):
        with pytest.raises(SandboxError):
            call()
