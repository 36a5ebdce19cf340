"""Issues over REST: create metadata, create, edit, get, assign, search."""
import base64
import json
import secrets
import time

from . import jira_fields as fields
from .jira_fields import GDPR, OFF_SCREEN, Bad, Refused
from .jira_jql import Query, Wrong
from .jira_site import Issue, Text

PAGE_MAX = 200
SEARCH_MAX = 5000
TOKEN_S = 7 * 86400
BULK_MAX = 100
RECONCILE_MAX = 50
MEMBERS = {"fields", "update", "transition", "properties", "historyMetadata"}
GONE = {
    "en": "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A "
    "full migration guideline is available at "
    "https://developer.atlassian.com/changelog/#CHANGE-2046",
    "de": "Die angeforderte API wurde entfernt. Migrieren Sie bitte zur API /rest/api/3/search/jql."
    " Einen Leitfaden gibt es unter https://developer.atlassian.com/changelog/#CHANGE-2046",
}


# --- create metadata ------------------------------------------------------------
def _page(call, items, cloud_name):
    """One page in the shape of the site: Cloud names its list, Data Center says `values`."""
    size = call.number("maxResults", 50)
    if size > PAGE_MAX:
        raise Refused(400, "The maxResults parameter must not be greater than %d." % PAGE_MAX)
    start = call.number("startAt", 0)
    part = items[start : start + size]
    page = {"maxResults": size, "startAt": start, "total": len(items)}
    if call.site.cloud:
        return 200, {**page, cloud_name: part}
    return 200, {**page, "isLast": start + size >= len(items), "values": part}


def _check_project(call):
    site = call.site
    if call.params["project"] not in (site.settings["project"], site.project_id):
        raise Refused(404, "No project could be found with key '%s'." % call.params["project"])
    call.require("CREATE_ISSUES", 400, errors={"project": "Specify a valid project ID or key"})


def types(call):
    _check_project(call)
    found = [fields.issue_type(call.site, t, call.version) for t in call.site.types()]
    return _page(call, found, "issueTypes")


def type_fields(call):
    _check_project(call)
    site = call.site
    kind = next((t for t in site.types() if t["id"] == call.params["type"]), None)
    if kind is None:
        raise Refused(404, "Issue type with id '%s' does not exist." % call.params["type"])
    found = [fields.metadata(site, f) for f in fields.definitions(site, kind).values()]
    return _page(call, found, "fields")


def old_createmeta(call):
    """The old call for everything: gone from Data Center 9, still there on Cloud, deprecated."""
    if not call.site.cloud:
        raise Refused(404, "Issue Does Not Exist")
    call.lint.append("createmeta in one call is deprecated")
    return 200, {"expand": "projects", "projects": []}


# --- values of a create or an edit ----------------------------------------------
def _body(call):
    body = call.body
    if not isinstance(body, dict):
        raise Refused(
            400, "There was an error parsing JSON. Check that your request body is valid."
        )
    for name in sorted(set(body) - MEMBERS):
        raise Refused(
            400, 'Unrecognized field "%s" (class IssueUpdateBean), not marked as ignorable' % name
        )
    for name, kind in (("fields", dict), ("update", dict), ("properties", list)):
        if not isinstance(body.get(name, kind()), kind):
            raise Refused(400, "Can not deserialize '%s' of the request body." % name)
    return body


def _kind(call, value):
    """The issue type, or Refused."""
    site = call.site
    if isinstance(value, dict):
        for kind in site.types():
            if str(value.get("id")) == kind["id"] or (
                "id" not in value and value.get("name") == kind["name"]
            ):
                return kind
    text = "Specify a valid issue type" if site.cloud else "valid issue type is required"
    raise Refused(400, errors={"issuetype": text})


def _project(call, value):
    site = call.site
    known = isinstance(value, dict) and (
        value.get("key") == site.settings["project"] or str(value.get("id")) == site.project_id
    )
    if not known:
        text = "valid project is required"
        if value is None:
            text = "Specify a valid project ID or key" if site.cloud else "project is required"
        raise Refused(400, errors={"project": text})


def _take(call, known, given, update):
    """(values in the site's form, errors) of `fields` and `update`."""
    site, values, errors = call.site, {}, {}
    for name, value in given.items():
        if name in ("project", "issuetype"):
            continue
        if name not in known:
            errors[name] = OFF_SCREEN % name
            continue
        if name in update:
            errors[name] = "Field '%s' cannot appear in both 'fields' and 'update'" % name
            continue
        try:
            values[name] = fields.accept(site, known[name], value, call.version)
        except Bad as bad:
            errors[name] = str(bad)
        except Refused:
            call.why += fields.jira_adf.check(value)
            raise
    return values, errors


def _operations(call, known, update, present, errors):
    """The values that `update` leads to; `present` are those of now."""
    values = {}
    for name, operations in update.items():
        if name == "comment":
            continue
        if name not in known:
            errors[name] = OFF_SCREEN % name
            continue
        if not isinstance(operations, list):
            errors[name] = "data was not an array"
            continue
        for operation in operations:
            try:
                verb, value = next(iter(operation.items()))
                if verb == "set":
                    values[name] = fields.accept(call.site, known[name], value, call.version)
                elif name == "labels" and verb in ("add", "remove"):
                    now = values.get(name, list(present.get(name) or []))
                    label = fields.labels([value])
                    values[name] = [x for x in now if x not in label] + (
                        label if verb == "add" else []
                    )
                else:
                    raise Bad("Field '%s' does not support operation '%s'" % (name, verb))
            except Bad as bad:
                errors[name] = str(bad)
            except (AttributeError, StopIteration):
                errors[name] = "Operation is not valid"
    return values


def _comments(call, issue, update):
    """Comments that come with a create, an edit or a transition."""
    from .jira_parts import new_comment

    for operation in update.get("comment", []):
        new_comment(call, issue, operation.get("add") or {})


def _properties(call, body):
    found = {}
    for entry in body.get("properties", []):
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise Refused(400, errors={"properties": "Every property needs a key."})
        check_property(entry["key"], entry.get("value"))
        found[entry["key"]] = entry.get("value")
    if found and not (
        call.site.settings["properties_at_create"] and call.site.may(call.user, "EDIT_ISSUES")
    ):
        raise Refused(
            400,
            errors={"properties": "You do not have permission to set the properties of issues."},
        )
    return found


def check_property(key, value):
    if not key or len(key) > 255:
        raise Refused(400, "The property key must have 1 to 255 characters.")
    if value is None:
        raise Refused(400, "The property value must not be empty.")
    if len(json.dumps(value, ensure_ascii=False)) > 32768:
        raise Refused(400, "The property value must not be longer than 32768 characters.")


# --- create, edit, get ----------------------------------------------------------
def burn(call):
    """A refused create uses up an issue number on Cloud v3 (JRACLOUD-78553)."""
    if call.operation != "jira.issue.create":
        return
    burns = call.site.settings["burns_numbers"]
    if burns or (burns is None and call.site.cloud and call.version == 3):
        call.site.numbers += 1


def create(call):
    site, body = call.site, _body(call)
    given, update = body.get("fields", {}), body.get("update", {})
    _project(call, given.get("project"))
    if not site.may(call.user, "CREATE_ISSUES"):
        name = "project" if site.cloud else "pid"
        raise Refused(400, errors={name: "You cannot create issues in this project."})
    kind = _kind(call, given.get("issuetype"))
    known = fields.definitions(site, kind)
    if "assignee" in given:
        call.lint.append("the assignee is part of the create call: a bad one loses the ticket")
    values, errors = _take(call, known, given, update)
    values.update(_operations(call, known, update, {}, errors))
    for name, field in known.items():
        empty = values.get(name) in (None, "", []) and name not in ("project", "issuetype")
        if empty and name not in errors and name != "reporter" and field["required"]:
            if "default" in field:
                values[name] = field["default"]
            elif name == "summary":
                errors[name] = "You must specify a summary of the issue."
            else:
                errors[name] = "%s is required." % field["name"]
        elif empty and name not in errors and "default" in field:
            values[name] = field["default"]
    if errors:
        raise Refused(400, errors=errors)
    properties = _properties(call, body)
    issue = Issue(
        site,
        site.new_id(),
        site.next_key(),
        site.settings["project"],
        kind,
        {k: v for k, v in values.items() if k not in ("assignee", "reporter")},
        values.get("reporter") or call.user,
    )
    issue.assignee = values.get("assignee")
    issue.properties = properties
    issue.note(call.user, "created", None, issue.fields["summary"])
    site.issues[issue.key] = issue
    _comments(call, issue, update)
    answer = {
        "id": issue.id,
        "key": issue.key,
        "self": "%s/rest/api/%d/issue/%s" % (site.url, call.version, issue.id),
    }
    if site.cloud and "transition" in body:
        answer["transition"] = {
            "status": 200,
            "errorCollection": {"errorMessages": [], "errors": {}},
        }
    return 201, answer


def edit(call):
    site, issue, body = call.site, call.issue(), _body(call)
    call.require("EDIT_ISSUES", 400, "You do not have permission to edit issues in this project.")
    if call.value("notifyUsers") == "false" and not site.may(call.user, "ADMINISTER_PROJECTS"):
        raise Refused(
            403,
            "To discard the user notification either admin or project admin permissions are "
            "required.",
        )
    given, update = body.get("fields", {}), body.get("update", {})
    if not (given or update or body.get("properties")):
        raise Refused(400, "one of 'fields' or 'update' required")
    known = {k: v for k, v in fields.definitions(site, issue.type).items() if k != "project"}
    values, errors = _take(call, known, given, update)
    values.update(_operations(call, known, update, issue.fields, errors))
    for name in values:
        if known[name]["required"] and values[name] in (None, "", []):
            errors[name] = "%s is required." % known[name]["name"]
    if errors:
        raise Refused(400, errors=errors)
    issue.properties.update(_properties(call, body))
    for name, value in values.items():
        if name == "assignee":
            issue.assignee = value
        elif name == "reporter":
            issue.reporter = value or issue.reporter
        else:
            issue.note(call.user, name, _text(issue.fields.get(name)), _text(value))
            issue.fields[name] = value
    _comments(call, issue, update)
    return 204, None


def _text(value):
    return value.plain if isinstance(value, Text) else value


def bean(call, issue, names=None, properties=(), expand=()):
    """An issue as JSON. names: the wanted fields, None for all."""
    site = call.site
    base = "%s/rest/api/%d/issue/%s" % (site.url, call.version, issue.id)
    out = {"id": issue.id, "key": issue.key, "self": base}
    every = fields.shown(site, issue, call.version)
    from .jira_parts import comment_page

    every["comment"] = {**comment_page(call, issue.comments, 0, 50), "self": base + "/comment"}
    if names is None or "*all" in names or "*navigable" in names:
        wanted = set(every) - {n[1:] for n in names or [] if n.startswith("-")}
    else:
        wanted = set(names)
    out["fields"] = {name: value for name, value in every.items() if name in wanted}
    if properties:
        wants_all = "*all" in properties
        out["properties"] = {
            k: v for k, v in issue.properties.items() if wants_all or k in properties
        }
    if "transitions" in expand:
        from .jira_parts import transition_list

        out["transitions"] = transition_list(call, issue, "transitions.fields" in expand)
    return out


def get(call):
    issue = call.issue()
    return 200, bean(
        call,
        issue,
        call.names("fields"),
        call.names("properties") or (),
        call.names("expand") or (),
    )


def assign(call):
    site, issue, body = call.site, call.issue(), call.body
    call.require("ASSIGN_ISSUES", 403, "You do not have permission to assign issues.")
    if not isinstance(body, dict):
        raise Refused(
            400, "There was an error parsing JSON. Check that your request body is valid."
        )
    if site.cloud and {"name", "key"} & set(body):
        raise Refused(400, GDPR)
    if len({"name", "key", "accountId"} & set(body)) != 1:
        raise Refused(400, "One of 'name', 'key' or 'accountId' must be provided.")
    wanted = body.get("accountId") if site.cloud else body.get("name")
    try:
        found = None if wanted == "-1" else fields.user(site, body, "assignee")
    except Bad as bad:
        raise Refused(400, errors={"assignee": str(bad)}) from None
    before = issue.assignee
    issue.assignee = found
    issue.note(call.user, "assignee", before and before["name"], found and found["name"])
    return 204, None


# --- search ---------------------------------------------------------------------
def _query(call, text):
    try:
        return Query(text, call.site, call.user)
    except Wrong as wrong:
        raise Refused(400, str(wrong)) from None


def _found(call, query, ids=()):
    site = call.site
    if not site.may(call.user, "BROWSE_PROJECTS"):
        return []
    live = [i for i in site.issues.values() if not i.deleted]
    return query.order(
        i for i in live if (site.indexed(i) or int(i.id) in ids) and query.matches(i)
    )


def _options(call):
    """The members of a search, from the body of a POST or the query of a GET."""
    if call.method == "POST":
        if not isinstance(call.body, dict):
            raise Refused(400, "Invalid request payload. Refer to the REST API documentation.")
        return call.body
    out = {k: v[0] for k, v in call.query.items()}
    for name in ("fields", "properties", "reconcileIssues"):
        if name in out:
            out[name] = call.names(name)
    return out


SEARCH_MEMBERS = {
    "jql",
    "fields",
    "maxResults",
    "nextPageToken",
    "reconcileIssues",
    "expand",
    "fieldsByKeys",
    "properties",
    "failFast",
}


def search_jql(call):
    """Cloud's search: no total, by default ids only, pages by token."""
    options = _options(call)
    if set(options) - SEARCH_MEMBERS:
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation.")
    query = _query(call, options.get("jql", ""))
    if not query.bounded:
        raise Refused(
            400,
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your "
            "query.",
        )
    ids = [int(i) for i in options.get("reconcileIssues") or []]
    if len(ids) > RECONCILE_MAX:
        raise Refused(400, "Only %d issues can be reconciled." % RECONCILE_MAX)
    size = min(max(1, int(options.get("maxResults", 50))), SEARCH_MAX)
    start = _page_start(options)
    found = _found(call, query, ids)
    part = found[start : start + size]
    names = options.get("fields") or ["id"]
    out = []
    for issue in part:
        one = bean(call, issue, names, options.get("properties") or ())
        out.append({"id": issue.id} if names == ["id"] else one)
    answer = {"issues": out, "isLast": start + size >= len(found)}
    if not answer["isLast"]:
        token = json.dumps([start + size, time.time(), options["jql"], secrets.token_hex(4)])
        answer["nextPageToken"] = base64.urlsafe_b64encode(token.encode()).decode()
    return 200, answer


def _page_start(options):
    token = options.get("nextPageToken")
    if not token:
        return 0
    try:
        start, made, jql, _ = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refused(400, "The provided next page token is invalid.") from None
    if time.time() - made > TOKEN_S or jql != options.get("jql"):
        raise Refused(400, "The provided next page token is invalid or expired.")
    return start


def search(call):
    """The old search: gone on Cloud, the only one on Data Center."""
    site = call.site
    if site.cloud:
        raise Refused(410, GONE.get(site.settings["language"], GONE["en"]))
    options = _options(call)
    found = _found(call, _query(call, options.get("jql", "")))
    start, size = int(options.get("startAt", 0)), int(options.get("maxResults", 50))
    part = found[start : start + size]
    names = options.get("fields")
    return 200, {
        "expand": "names,schema",
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "issues": [bean(call, issue, names) for issue in part],
    }


def bulk_fetch(call):
    site, body = call.site, call.body if isinstance(call.body, dict) else {}
    wanted = body.get("issueIdsOrKeys")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= BULK_MAX:
        raise Refused(400, "Between 1 and %d issue ids or keys are needed." % BULK_MAX)
    found, errors = {}, []
    for key in wanted:
        issue = site.find(str(key)) if site.may(call.user, "BROWSE_PROJECTS") else None
        if issue is None:
            text = "Issue does not exist or you do not have permission to see it."
            errors.append({"id": str(key), "errorMessage": text})
        else:
            found[int(issue.id)] = issue
    return 200, {
        "issues": [
            bean(call, found[n], body.get("fields"), body.get("properties") or ())
            for n in sorted(found)
        ],
        "issueErrors": errors,
    }


def page(site, issue, escape):
    """The issue as an HTML page for people."""
    rows = [
        ("Status", issue.status["name"]),
        ("Type", issue.type["name"]),
        ("Assignee", issue.assignee["displayName"] if issue.assignee else "Unassigned"),
        ("Labels", ", ".join(issue.fields.get("labels") or [])),
    ]
    parts = ["<h1>[%s] %s</h1>" % (escape(issue.key), escape(issue.fields["summary"]))]
    parts += ["<p>%s: %s</p>" % (escape(k), escape(v)) for k, v in rows]
    parts.append("<h2>Description</h2><pre>%s</pre>" % escape(issue.plain("description")))
    for link in issue.links:
        target = link["object"]
        parts.append(
            '<p><a href="%s">%s</a></p>' % (escape(target["url"]), escape(target["title"]))
        )
    for comment in issue.comments:
        who = escape(comment.author["displayName"])
        parts.append("<h3>%s</h3><pre>%s</pre>" % (who, escape(comment.plain)))
    head = "<title>%s</title>" % escape("[%s] %s" % (issue.key, site.settings["project_name"]))
    return "<!doctype html><html><head>%s</head><body>%s</body></html>" % (head, "".join(parts))
