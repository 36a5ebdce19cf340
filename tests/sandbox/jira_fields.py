"""The fields of an issue: what create metadata says of them, what is refused, what is answered."""
import re

from . import jira_adf
from .jira_site import Text, iso

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
# type -> (schema type, items, custom field type)
TYPES = {
    "string": ("string", None, "textfield"),
    "textarea": ("string", None, "textarea"),
    "number": ("number", None, "float"),
    "option": ("option", None, "select"),
    "options": ("array", "option", "multiselect"),
    "labels": ("array", "string", "labels"),
    "user": ("user", None, "userpicker"),
    "date": ("date", None, "datepicker"),
    "priority": ("priority", None, None),
    "project": ("project", None, None),
    "issuetype": ("issuetype", None, None),
    "resolution": ("resolution", None, None),
}
SYSTEM = (
    ("summary", "Summary", "string"),
    ("project", "Project", "project"),
    ("issuetype", "Issue Type", "issuetype"),
    ("description", "Description", "textarea"),
    ("environment", "Environment", "textarea"),
    ("labels", "Labels", "labels"),
    ("priority", "Priority", "priority"),
    ("assignee", "Assignee", "user"),
    ("reporter", "Reporter", "user"),
    ("duedate", "Due date", "date"),
)
SUMMARY_MAX = 255
LABEL_MAX = 255
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of %s characters."
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
OFF_SCREEN = "Field '%s' cannot be set. It is not on the appropriate screen, or unknown."
GDPR = "'accountId' must be the only user identifying query parameter in GDPR strict mode."


class Refused(Exception):
    """An error answer: a status with messages, errors of fields, or a body that is no JSON."""

    def __init__(self, status, *messages, errors=None, headers=None, text=None, kind="text/plain"):
        super().__init__(status)
        self.status, self.headers, self.text, self.kind = status, headers or {}, text, kind
        self.payload = {"errorMessages": list(messages), "errors": errors or {}}


class Bad(Exception):
    """A value that a field does not take; the text is Jira's."""


def definitions(site, kind):
    """The fields on the create screen of an issue type: id -> {name, type, required, ...}."""
    out = {}
    settings = site.settings
    for name, title, what in SYSTEM:
        out[name] = {"id": name, "name": title, "type": what, "system": True}
    for field in settings["custom_fields"]:
        if not field.get("issue_types") or kind["name"] in field["issue_types"]:
            out[field["id"]] = {"type": "string", "system": False, **field}
    for name in settings["off_screen"]:
        out.pop(name, None)
    for name, field in out.items():
        field["required"] = bool(field.get("required")) or name in settings["required"]
        if name in settings["defaults"]:
            field["default"] = settings["defaults"][name]
    return out


def allowed(site, field):
    """[{id, name or value}] of a field with a list of values, or None."""
    if field["type"] == "priority":
        names = site.settings["priorities"]
    elif field["type"] == "resolution":
        names = site.settings["resolutions"]
    elif field["type"] in ("option", "options"):
        return [
            {
                "self": "%s/rest/api/2/customFieldOption/%d" % (site.url, 10200 + n),
                "value": v,
                "id": str(10200 + n),
            }
            for n, v in enumerate(field.get("allowed", []))
        ]
    elif field["type"] == "issuetype":
        return [issue_type(site, t, 2) for t in site.types()]
    elif field["type"] == "project":
        return [project(site, 2)]
    else:
        return None
    return [
        {
            "self": "%s/rest/api/2/%s/%d" % (site.url, field["type"], n + 1),
            "name": v,
            "id": str(n + 1),
        }
        for n, v in enumerate(names)
    ]


def metadata(site, field, with_id=True):
    """FieldCreateMetadata (or FieldMetadata) of one field."""
    kind, items, custom = TYPES[field["type"]]
    schema = {"type": kind}
    if items:
        schema["items"] = items
    if field.get("system", True):
        schema["system"] = field["id"]
    else:
        schema["custom"] = CUSTOM + custom
        schema["customId"] = int(re.sub(r"\D", "", field["id"]) or 0)
    out = {
        "required": field.get("required", False),
        "schema": schema,
        "name": field["name"],
        "key": field["id"],
        "hasDefaultValue": "default" in field,
        "operations": ["add", "set", "remove"] if kind == "array" else ["set"],
    }
    if "default" in field:
        values = [v for v in allowed(site, field) or [] if field["default"] in v.values()]
        out["defaultValue"] = values[0] if values else field["default"]
    if allowed(site, field) is not None:
        out["allowedValues"] = allowed(site, field)
    if with_id:
        out["fieldId"] = field["id"]
    if not site.cloud:
        del out["key"]  # Data Center has fieldId only
    return out


# --- values that come in --------------------------------------------------------------
def rich_text(site, value, version):
    """A Text, or Bad. None stays None."""
    if value is None:
        return None
    limit = site.settings["text_max"]
    if version == 3:
        if not isinstance(value, dict):
            raise Bad(NOT_A_DOCUMENT)
        if jira_adf.check(value):
            raise Refused(400, "INVALID_INPUT")
        if length(site, value) > limit:
            raise Refused(400, "CONTENT_LIMIT_EXCEEDED")
        return Text(value)
    if not isinstance(value, str):
        raise Bad("Operation value must be a string")
    if jira_adf.units(value) > limit:
        raise Bad(TOO_LONG % format(limit, ","))
    return Text(value)


def length(site, document):
    if site.settings["text_counts"] == "json":
        import json

        return jira_adf.units(json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    return jira_adf.units(jira_adf.plain(document))


def user(site, value, name, assignable=True):
    """A person from {"accountId"} or {"name"}; None for nobody."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Bad("data was not an object")
    if site.cloud:
        if {"name", "key"} & set(value):
            raise Bad(GDPR)
        wanted = value.get("accountId", value.get("id"))
        if wanted is None and ({"accountId", "id"} & set(value)):
            return None
        if wanted is None:
            raise Bad("expected Object containing a 'accountId' property")
    else:
        if "name" not in value:
            raise Bad("expected Object containing a 'name' property")
        wanted = value["name"]
        if wanted in (None, ""):
            return None
    found = site.by_id(wanted)
    if found is None or not found["active"]:
        raise Bad("User '%s' does not exist." % wanted)
    if assignable and not (found["assignable"] and site.may(found, "ASSIGNABLE_USER")):
        raise Bad("User '%s' cannot be assigned issues." % wanted)
    return found


def labels(value):
    if value is None:
        return []
    if not isinstance(value, list):
        raise Bad("data was not an array")
    for index, label in enumerate(value):
        if not isinstance(label, str):
            raise Bad("string expected at index %d" % index)
        if re.search(r"\s", label):
            raise Bad("The label '%s' contains spaces which is invalid." % label)
        if jira_adf.units(label) > LABEL_MAX:
            raise Bad(
                "The label '%s' exceeds the maximum length of %d characters." % (label, LABEL_MAX)
            )
    return list(dict.fromkeys(value))


def summary(value):
    if not isinstance(value, str):
        raise Bad("Operation value must be a string")
    if not value.strip():
        raise Bad("You must specify a summary of the issue.")
    if re.search(r"[\r\n]", value):
        raise Bad("The summary is invalid because it contains newline characters.")
    if jira_adf.units(value) > SUMMARY_MAX:
        raise Bad("Summary must be less than or equal to %d characters." % SUMMARY_MAX)
    return value


def chosen(site, field, value):
    """The name of one of a field's allowed values."""
    if value is None:
        return None
    title = field["name"]
    if not isinstance(value, dict) or not {"id", "name", "value"} & set(value):
        raise Bad("Specify a valid 'id' or 'name' for %s" % title)
    for one in allowed(site, field):
        if str(value.get("id")) == one["id"]:
            return one.get("name", one.get("value"))
        if value.get("name", value.get("value")) in (one.get("name"), one.get("value")) and (
            "name" in value or "value" in value
        ):
            return one.get("name", one.get("value"))
    wrong = value.get("value", value.get("name", value.get("id")))
    if field["type"] == "priority":
        raise Bad("Priority %s '%s' is not valid" % ("name" if "name" in value else "id", wrong))
    raise Bad("Option %s '%s' is not valid" % ("id" if "id" in value else "value", wrong))


def one_line(value):
    if value is not None and not isinstance(value, str):
        raise Bad("Operation value must be a string")
    if value is not None and jira_adf.units(value) > SUMMARY_MAX:
        raise Bad("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return value


def number(value):
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise Bad("Operation value must be a number")
    return value


def date(value):
    if value is not None and not (
        isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
    ):
        raise Bad("Error parsing date string: %s" % value)
    return value


def accept(site, field, value, version):
    """The value in the site's own form, or Bad."""
    kind = field["type"]
    if field["id"] == "summary":
        return summary(value)
    if kind == "textarea":
        return rich_text(site, value, version)
    if kind == "labels":
        return labels(value)
    if kind == "user":
        return user(site, value, field["id"], field["id"] == "assignee")
    if kind in ("option", "priority", "resolution"):
        return chosen(site, field, value)
    if kind == "options":
        if value is not None and not isinstance(value, list):
            raise Bad("data was not an array")
        return [chosen(site, field, v) for v in value or []]
    return {"number": number, "date": date}.get(kind, one_line)(value)


# --- values that go out ------------------------------------------------------------------
def person(site, who):
    """A user as the REST interface shows it."""
    if who is None:
        return None
    out = {
        "self": "%s/rest/api/2/user?%s=%s"
        % (site.url, "accountId" if site.cloud else "username", site.user_id(who)),
        "displayName": who["displayName"],
        "active": who["active"],
        "timeZone": who["timeZone"],
        "avatarUrls": {"48x48": "%s/avatar/%s" % (site.url, who["name"])},
    }
    if site.cloud:
        out.update(accountId=who["accountId"], accountType="atlassian")
        if not who["hidden_email"]:
            out["emailAddress"] = who["email"]
    else:
        out.update(name=who["name"], key="JIRAUSER%d" % (10000 + site.users.index(who)))
        out["emailAddress"] = who["email"]
    return out


def status(site, of, version):
    category = site.category(of)
    base = "%s/rest/api/%d" % (site.url, version)
    return {
        "self": "%s/status/%s" % (base, of["id"]),
        "description": "",
        "iconUrl": "%s/images/icons/status.png" % site.url,
        "name": of["name"],
        "id": of["id"],
        "statusCategory": {"self": "%s/statuscategory/%d" % (base, category["id"]), **category},
    }


def project(site, version):
    return {
        "self": "%s/rest/api/%d/project/%s" % (site.url, version, site.project_id),
        "id": site.project_id,
        "key": site.settings["project"],
        "name": site.settings["project_name"],
    }


def issue_type(site, kind, version):
    return {
        "self": "%s/rest/api/%d/issuetype/%s" % (site.url, version, kind["id"]),
        "id": kind["id"],
        "description": "",
        "iconUrl": "%s/images/icons/issuetype.png" % site.url,
        "name": kind["name"],
        "subtask": False,
    }


def shown(site, issue, version):
    """All fields of an issue as JSON."""
    out = {
        "project": project(site, version),
        "issuetype": issue_type(site, issue.type, version),
        "status": status(site, issue.status, version),
        "created": iso(issue.created_s),
        "updated": iso(issue.updated_s),
        "resolutiondate": iso(issue.resolved_s) if issue.resolved_s else None,
        "assignee": person(site, issue.assignee),
        "reporter": person(site, issue.reporter),
        "creator": person(site, issue.reporter),
        "labels": issue.fields.get("labels") or [],
    }
    for name, value in issue.fields.items():
        if name in out or name == "resolution":
            continue
        if isinstance(value, Text):
            value = value.for_version(version)
        elif name == "priority" and value:
            value = {"name": value, "id": str(site.settings["priorities"].index(value) + 1)}
        elif isinstance(value, dict) and "accountId" in value:
            value = person(site, value)
        out[name] = value
    resolution = issue.fields.get("resolution")
    out["resolution"] = {"name": resolution} if resolution else None
    out.setdefault("description", None)
    return out
