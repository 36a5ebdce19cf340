"""What hangs on an issue, over REST: comments, transitions, links, properties, attachments."""
import time

from . import jira_adf
from . import jira_fields as fields
from .jira_fields import OFF_SCREEN, TOO_LONG, Bad, Refused, length, person, status
from .jira_issues import check_property
from .jira_site import Comment, Text, iso

BAD_COMMENT = {"comment": "Comment body is not valid!"}
FILES_MAX = 60


def _full(call, issue, what, many):
    """413 when the issue has as many of something as Jira allows."""
    limit = call.site.settings["per_issue"].get(what)
    if limit is not None and len(many) >= limit:
        raise Refused(
            413, "The issue %s has reached the limit of %d for %s." % (issue.key, limit, what)
        )


# --- comments -------------------------------------------------------------------
def _comment_text(call, body):
    site, limit = call.site, call.site.settings["text_max"]
    if call.version == 3:
        if not isinstance(body, dict):
            raise Refused(400, errors=BAD_COMMENT)
        call.why += jira_adf.check(body)
        if call.why:
            raise Refused(400, "INVALID_INPUT")
        if length(site, body) > limit:
            raise Refused(400, "CONTENT_LIMIT_EXCEEDED")
        text = Text(body)
    else:
        if not isinstance(body, str):
            raise Refused(400, errors=BAD_COMMENT) if site.cloud else Refused(
                400, "Can not deserialize instance of java.lang.String out of START_OBJECT token"
            )
        if jira_adf.units(body) > limit:
            raise Refused(400, errors={"comment": TOO_LONG % format(limit, ",")})
        text = Text(body)
    if not text.plain.strip():
        raise Refused(400, errors={"comment": "Comment body can not be empty!"})
    return text


def new_comment(call, issue, body):
    _full(call, issue, "comment", issue.comments)
    if not isinstance(body, dict) or "body" not in body:
        raise Refused(400, errors={"comment": "Comment body can not be empty!"})
    text = _comment_text(call, body["body"])
    comment = Comment(call.site.new_id(), call.user, text)
    comment.properties = body.get("properties") or []
    issue.comments.append(comment)
    issue.note(call.user, "comment added", None, comment.id)
    return comment


def shown(call, issue_id, comment):
    base = "%s/rest/api/%d/issue/%s" % (call.site.url, call.version, issue_id)
    out = {
        "self": "%s/comment/%s" % (base, comment.id),
        "id": comment.id,
        "author": _person(call, comment.author),
        "body": comment.text.for_version(call.version),
        "updateAuthor": _person(call, comment.editor),
        "created": iso(comment.created_s),
        "updated": iso(comment.updated_s),
    }
    return {**out, "jsdPublic": True} if call.site.cloud else out


def _person(call, who):
    return person(call.site, who)


def comment_page(call, comments, start, size):
    part = comments[start : start + size]
    return {
        "startAt": start,
        "maxResults": size,
        "total": len(comments),
        "comments": [shown(call, call.params.get("issue", "0"), c) for c in part],
    }


def comments(call):
    issue = call.issue()
    order = call.value("orderBy", "created")
    if order.lstrip("+-") != "created":
        raise Refused(400, "The 'orderBy' parameter must be 'created', '+created' or '-created'.")
    found = sorted(issue.comments, key=lambda c: int(c.id), reverse=order.startswith("-"))
    size = call.number("maxResults", 100 if call.site.cloud else 1048576)
    return 200, comment_page(call, found, call.number("startAt", 0), size)


def _may_comment(call):
    text = "%s, you do not have the permission to comment on this issue."
    call.require("ADD_COMMENTS", 400, text % call.user["displayName"])


def add_comment(call):
    issue = call.issue()
    _may_comment(call)
    return 201, shown(call, issue.id, new_comment(call, issue, call.body))


def _comment(call, issue):
    for comment in issue.comments:
        if comment.id == call.params["id"]:
            return comment
    raise Refused(404, "Can not find a comment for the id: %s." % call.params["id"])


def get_comment(call):
    issue = call.issue()
    return 200, shown(call, issue.id, _comment(call, issue))


def edit_comment(call):
    issue = call.issue()
    comment = _comment(call, issue)
    own = comment.author["name"] == call.user["name"]
    if not call.site.may(call.user, "EDIT_OWN_COMMENTS" if own else "EDIT_ALL_COMMENTS"):
        raise Refused(400, "You do not have the permission to edit this comment.")
    if not isinstance(call.body, dict) or "body" not in call.body:
        raise Refused(400, errors={"comment": "Comment body can not be empty!"})
    text = _comment_text(call, call.body["body"])
    comment.edits.append(comment.text)
    comment.text, comment.editor, comment.updated_s = text, call.user, time.time()
    issue.note(call.user, "comment edited", None, comment.id)
    return 200, shown(call, issue.id, comment)


# --- transitions ----------------------------------------------------------------
def _screen(call, transition):
    """The fields of a transition's screen: resolution by itself, others as configured."""
    out = {}
    for name in transition["fields"]:
        kind = "resolution" if name == "resolution" else "string"
        out[name] = {
            "id": name,
            "name": name.capitalize(),
            "type": kind,
            "required": True,
            "system": not name.startswith("customfield_"),
        }
        for custom in call.site.settings["custom_fields"]:
            if custom["id"] == name:
                out[name].update(custom, required=True)
    return out


def transition_list(call, issue, with_fields=False):
    if not call.site.may(call.user, "TRANSITION_ISSUES"):
        return []
    out = []
    for transition in call.site.transitions(issue):
        one = {
            "id": transition["id"],
            "name": transition["name"],
            "to": status(call.site, transition["to"], call.version),
            "hasScreen": bool(transition["fields"]),
            "isGlobal": transition["global"],
            "isInitial": False,
            "isAvailable": True,
            "isConditional": False,
            "isLooped": False,
        }
        if with_fields:
            screen = _screen(call, transition)
            one["fields"] = {k: fields.metadata(call.site, f, False) for k, f in screen.items()}
            if not call.site.cloud:
                for name, field in one["fields"].items():
                    field["fieldId"] = name
        out.append(one)
    return out


def transitions(call):
    issue = call.issue()
    expand = call.names("expand") or []
    found = transition_list(call, issue, "transitions.fields" in expand)
    wanted = call.value("transitionId")
    found = [t for t in found if wanted in (None, t["id"])]
    return 200, {"expand": "transitions", "transitions": found}


def do_transition(call):
    site, issue, body = call.site, call.issue(), call.body
    wanted = body.get("transition") if isinstance(body, dict) else None
    if not isinstance(wanted, dict) or wanted.get("id") in (None, ""):
        raise Refused(400, "Missing 'transition' identifier")
    number = str(wanted["id"])
    known = [str(11 + 10 * n) for n in range(len(site.settings["transitions"]))]
    if number not in known or not site.may(call.user, "TRANSITION_ISSUES"):
        raise Refused(400, "Transition id '%s' is not valid for this issue." % number)
    transition = next((t for t in site.transitions(issue) if t["id"] == number), None)
    if transition is None:
        name = site.settings["transitions"][known.index(number)]["name"]
        raise Refused(
            400,
            "It seems that you have tried to perform a workflow operation (%s) that is not valid "
            "for the current state of this issue (%s). The likely cause is that somebody has "
            "changed the issue recently, please look at the issue history for details."
            % (name, issue.key),
        )
    values, errors = {}, {}
    screen, given = _screen(call, transition), body.get("fields") or {}
    for name, value in given.items():
        try:
            if name not in screen:
                raise Bad(OFF_SCREEN % name)
            values[name] = fields.accept(site, screen[name], value, call.version)
        except Bad as bad:
            errors[name] = str(bad)
    for name, field in screen.items():
        if name not in errors and values.get(name) in (None, ""):
            errors[name] = "%s is required." % field["name"]
    if errors:
        raise Refused(400, errors=errors)
    for operation in (body.get("update") or {}).get("comment", []):
        new_comment(call, issue, operation.get("add") or {})
    issue.fields.update({k: v for k, v in values.items() if k != "resolution"})
    site.move(issue, transition["to"], call.user, values.get("resolution"))
    return 204, None


# --- remote links ---------------------------------------------------------------
def _may_link(call):
    if not call.site.settings["issue_linking"]:
        raise Refused(403, "Issue linking is currently disabled.")


def _link(call, link):
    base = "%s/rest/api/%d/issue/%s" % (call.site.url, call.version, call.params["issue"])
    out = {"id": link["id"], "self": "%s/remotelink/%d" % (base, link["id"])}
    return {**out, **{k: v for k, v in link.items() if v is not None and not k.startswith("_")}}


def links(call):
    issue = call.issue()
    _may_link(call)
    wanted = call.value("globalId")
    if wanted is None:
        return 200, [_link(call, link) for link in issue.links]
    for link in issue.links:
        if link["globalId"] == wanted:
            return 200, _link(call, link)
    raise Refused(404, "A remote link with global id '%s' does not exist." % wanted)


def _link_errors(body):
    target = body.get("object")
    if not isinstance(target, dict):
        return {"object": "'object' is required."}
    errors = {}
    for name in ("title", "url"):
        if not isinstance(target.get(name), str) or not target[name].strip():
            errors[name] = "'%s' is required." % name
        elif len(target[name]) > (255 if name == "title" else 2000):
            errors[name] = "'%s' is too long." % name
    if "url" not in errors and not target["url"].startswith(("http://", "https://")):
        errors["url"] = "'url' is not a valid URL."
    if body.get("globalId") is not None and not 0 < len(str(body["globalId"])) <= 255:
        errors["globalId"] = "'globalId' must not be longer than 255 characters."
    return errors


def set_link(call):
    """Creates a link, or replaces the one with the same globalId: what is left out becomes null."""
    issue = call.issue()
    _may_link(call)
    call.require("LINK_ISSUES", 403, "No Link Issue Permission for issue '%s'" % issue.key)
    body = call.body if isinstance(call.body, dict) else {}
    errors = _link_errors(body)
    if errors:
        raise Refused(400, errors=errors)
    values = {k: body.get(k) for k in ("globalId", "application", "relationship", "object")}
    values["_time"] = time.time()
    old = [x for x in issue.links if body.get("globalId") and x["globalId"] == body["globalId"]]
    if old:
        old[0]["_updates"] += 1
        old[0].update(values)
    else:
        _full(call, issue, "remotelink", issue.links)
        issue.links.append({"id": call.site.new_id(), "_updates": 0, **values})
    link = old[0] if old else issue.links[-1]
    issue.note(call.user, "link", None, values["object"]["url"])
    answer = {k: _link(call, link)[k] for k in ("id", "self")}
    return (200 if old else 201), answer


# --- properties -----------------------------------------------------------------
def property_keys(call):
    issue = call.issue()
    base = "%s/rest/api/%d/issue/%s/properties" % (call.site.url, call.version, issue.key)
    return 200, {"keys": [{"key": k, "self": "%s/%s" % (base, k)} for k in issue.properties]}


def get_property(call):
    issue, key = call.issue(), call.params["key"]
    if key not in issue.properties:
        raise Refused(404, "The property %s does not exist." % key)
    return 200, {"key": key, "value": issue.properties[key]}


def set_property(call):
    issue, key = call.issue(), call.params["key"]
    call.require("EDIT_ISSUES", 403, "You do not have permission to edit this issue.")
    check_property(key, call.body)
    new = key not in issue.properties
    issue.properties[key] = call.body
    issue.note(call.user, "property " + key)
    return (201 if new else 200), None


# --- attachments ----------------------------------------------------------------
def attachment_meta(call):
    settings = call.site.settings
    return 200, {"enabled": settings["attachments"], "uploadLimit": settings["upload_limit"]}


def attach(call):
    issue, settings = call.issue(), call.site.settings
    if not settings["attachments"]:
        raise Refused(404, "Attachments are not enabled.")
    call.require(
        "CREATE_ATTACHMENTS",
        403,
        "You do not have permission to create attachments for this issue.",
    )
    if not call.files:
        raise Refused(400, "No file was attached under the name 'file'.")
    if len(call.files) > FILES_MAX:
        raise Refused(413, "More than %d files." % FILES_MAX)
    limit = settings["per_issue"].get("attachment")
    if limit is not None and len(issue.attachments) + len(call.files) > limit:
        _full(call, issue, "attachment", range(limit))
    out = []
    data = [f.file.read() for f in call.files]
    if any(len(d) > settings["upload_limit"] for d in data):
        raise Refused(413, "The attachment is larger than %d bytes." % settings["upload_limit"])
    for part, content in zip(call.files, data):
        number = call.site.new_id()
        made = {
            "self": "%s/rest/api/%d/attachment/%d" % (call.site.url, call.version, number),
            "id": str(number),
            "filename": part.filename,
            "author": person(call.site, call.user),
            "created": iso(time.time()),
            "size": len(content),
            "mimeType": part.content_type,
            "content": "%s/rest/api/%d/attachment/content/%d"
            % (call.site.url, call.version, number),
        }
        issue.attachments.append({**made, "_data": content})
        issue.note(call.user, "attachment", None, part.filename)
        out.append(made)
    return 200, out
