"""Jira's REST interface: transport, authentication, limits, faults, judgement; see jira_issues.py.

Operations for fault rules and records are named jira.NAME, see ROUTES; a rule's `args` may name
    site      cloud or datacenter          issue     a key
    text      a part of the summary, description, comment or query (`text` of the rule itself)
and any plain member of the body or query.
"""
import asyncio
import base64
import binascii
import html
import json
import math
import re
import time
import urllib.parse

from aiohttp import web

from . import faults as fault
from . import jira_adf, jira_issues as issues, jira_parts as parts
from .jira_fields import Refused, person
from .jira_openapi import Judge
from .jira_site import PERMISSIONS, Site, iso

# operation, HTTP method, path below /rest/api/N, handler, Cloud only / Data Center only / both
ROUTES = (
    ("jira.serverInfo", "GET", "serverInfo", "server_info", None),
    ("jira.myself", "GET", "myself", "myself", None),
    ("jira.mypermissions", "GET", "mypermissions", "mypermissions", None),
    ("jira.createmeta.types", "GET", "issue/createmeta/{project}/issuetypes", issues.types, None),
    (
        "jira.createmeta.fields",
        "GET",
        "issue/createmeta/{project}/issuetypes/{type}",
        issues.type_fields,
        None,
    ),
    ("jira.createmeta.old", "GET", "issue/createmeta", issues.old_createmeta, None),
    ("jira.issue.create", "POST", "issue", issues.create, None),
    ("jira.bulkfetch", "POST", "issue/bulkfetch", issues.bulk_fetch, "cloud"),
    ("jira.issue.get", "GET", "issue/{issue}", issues.get, None),
    ("jira.issue.edit", "PUT", "issue/{issue}", issues.edit, None),
    ("jira.issue.assign", "PUT", "issue/{issue}/assignee", issues.assign, None),
    ("jira.search", "POST", "search/jql", issues.search_jql, "cloud"),
    ("jira.search", "GET", "search/jql", issues.search_jql, "cloud"),
    ("jira.search.old", "POST", "search", issues.search, None),
    ("jira.search.old", "GET", "search", issues.search, None),
    ("jira.comment.list", "GET", "issue/{issue}/comment", parts.comments, None),
    ("jira.comment.add", "POST", "issue/{issue}/comment", parts.add_comment, None),
    ("jira.comment.get", "GET", "issue/{issue}/comment/{id}", parts.get_comment, None),
    ("jira.comment.edit", "PUT", "issue/{issue}/comment/{id}", parts.edit_comment, None),
    ("jira.transition.list", "GET", "issue/{issue}/transitions", parts.transitions, None),
    ("jira.transition.do", "POST", "issue/{issue}/transitions", parts.do_transition, None),
    ("jira.link.list", "GET", "issue/{issue}/remotelink", parts.links, None),
    ("jira.link.set", "POST", "issue/{issue}/remotelink", parts.set_link, None),
    ("jira.property.list", "GET", "issue/{issue}/properties", parts.property_keys, None),
    ("jira.property.get", "GET", "issue/{issue}/properties/{key}", parts.get_property, None),
    ("jira.property.set", "PUT", "issue/{issue}/properties/{key}", parts.set_property, None),
    ("jira.attachment.meta", "GET", "attachment/meta", parts.attachment_meta, None),
    ("jira.attachment.add", "POST", "issue/{issue}/attachments", parts.attach, None),
    ("jira.user.assignable", "GET", "user/assignable/search", "assignable", None),
)
NOBODY = "Client must be authenticated to access this resource."
# Statuses that say the caller did something wrong; 404 is an ordinary answer to a look-up.
WRONG = {400, 401, 403, 405, 410, 413, 415, 422}


def _pattern(path):
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z")


COMPILED = [(name, method, _pattern(path), h, only) for name, method, path, h, only in ROUTES]


class Call:
    """One request, taken apart."""

    def __init__(self, site, request):
        self.site, self.request = site, request
        self.method = request.method
        self.version = 3
        self.operation = "jira.unknown"
        self.handler = None
        self.params = {}
        self.query = {}
        self.body = None
        self.files = []
        self.user = None
        self.gateway = False
        self.path = ""  # as described: /rest/api/3/...
        self.lint = []
        self.why = []  # what Jira does not tell: why a document is invalid

    def value(self, name, default=None):
        """A query parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name, default, least=0):
        text = self.value(name)
        if text in (None, ""):
            return default
        if not re.fullmatch(r"-?\d+", text):
            raise Refused(404, text="", kind="text/html")  # as an unparsable parameter is answered
        return max(least, int(text))

    def names(self, name):
        """A query parameter that is a list: repeated, or with commas; None when it is absent."""
        if name not in self.query:
            return None
        return [part for text in self.query[name] for part in text.split(",") if part]

    def require(self, permission, status, *messages, errors=None):
        if not self.site.may(self.user, permission):
            raise Refused(status, *messages, errors=errors)

    def issue(self):
        """The issue of the path; one that the user may not see does not exist for him."""
        found = self.site.find(self.params["issue"])
        if found is None or not self.site.may(self.user, "BROWSE_PROJECTS"):
            raise Refused(404, "Issue does not exist or you do not have permission to see it.")
        return found


class Limits:
    """Sliding windows: a burst limit for each operation, and one for the writes to an issue."""

    def __init__(self, world):
        self.world = world
        self.times = {}

    def _wait(self, key, limit):
        """Seconds until the next call is allowed (0: now), in the provider's own time."""
        now, span = time.monotonic(), limit["s"] * self.world.scale
        recent = [t for t in self.times.get(key, []) if now - t < span]
        if len(recent) >= limit["count"]:
            self.times[key] = recent
            return max(0.001, (recent[0] + span - now) / self.world.scale)
        self.times[key] = recent + [now]
        return 0

    def check(self, call):
        """Raises the 429 of the first limit that is exceeded."""
        settings = call.site.settings
        rules = []
        if settings["burst"]:
            rules.append(("jira-burst-based", (call.operation,), settings["burst"]))
        if settings["issue_writes"] and "issue" in call.params and call.method != "GET":
            key = ("write", call.params["issue"].upper())
            rules.append(("jira-per-issue-on-write", key, settings["issue_writes"]))
        for reason, key, limit in rules:
            wait = self._wait((call.site.name,) + key, limit)
            if wait:
                raise too_many(call.site, reason, wait, limit["count"])


def too_many(site, reason, wait_s, count=None, retry_after=True):
    """The 429 answer."""
    reset = time.time() + wait_s * site.world.scale
    headers = {"RateLimit-Reason": reason, "X-RateLimit-Remaining": "0"}
    if count is not None:
        headers["X-RateLimit-Limit"] = str(count)
    if retry_after and site.settings["retry_after"]:
        headers["Retry-After"] = str(math.ceil(wait_s))
    if site.settings["reset_format"] == "unix":
        headers["X-RateLimit-Reset"] = str(math.ceil(reset))
    else:
        headers["X-RateLimit-Reset"] = iso(reset + 60)[:16] + "Z"  # whole minutes, not before
    return Refused(429, "Rate limit exceeded.", headers=headers)


class Jira:
    """Both sites. The control API's part is in jira_control.py."""

    def __init__(self, world, faults):
        self.world, self.faults = world, faults
        self.judge = Judge()
        self.limits = Limits(world)
        self.sites = {name: Site(name, world) for name in ("cloud", "datacenter")}
        self.connections = 0

    def routes(self, name):
        site = self.sites[name]
        return [web.route("*", "/{path:.*}", lambda request: self.serve(site, request))]

    # --- the request ------------------------------------------------------------------
    async def serve(self, site, request):
        call = Call(site, request)
        started = time.monotonic()
        early = await self._parse(call)
        entry = self._record(call)
        action = self.faults.take(call.operation, entry["args"], entry["number_on_connection"])
        if action is not None:
            entry["fault"] = action["do"]
        if action and fault.before_effect(action):
            self._done(entry, started, action.get("status", action["do"]))
            return await self._spoiled(call, action, 200, {})
        status, payload, response = self._answer(call, early)
        entry["response"] = payload
        entry["why"] = call.why
        if status in WRONG:
            entry["error"] = "jira %d" % status
        if site.cloud and call.version == 3 and call.handler is not None:
            shown = payload if response.content_type == "application/json" else None
            found = self.judge.check_answer(call.method, call.path, status, shown)
            entry["judged"] += found
            if status < 300 and isinstance(call.body, dict):
                entry["judged"] += self.judge.documents(call.body)
        self._done(entry, started, status)
        if action:
            entry["status"] = action.get("status", action["do"])
            if action["do"] == "delay":
                await asyncio.sleep(float(action.get("s", 1)))
                return response
            return await self._spoiled(call, action, status, payload)
        return response

    async def _parse(self, call):
        """Fills the call; returns the Refused of a request that is wrong before anything else."""
        request, site = call.request, call.site
        path = request.rel_url.raw_path
        if "//" in path:
            call.lint.append("two slashes in the path")
            path = re.sub("/+", "/", path)
        gateway = "/ex/jira/" + site.cloud_id
        if site.cloud and path.startswith(gateway + "/"):
            call.gateway, path = True, path[len(gateway) :]
        context = site.settings["context"]
        if not path.startswith(context + "/"):
            return Refused(404, text="<html><body>Not found</body></html>", kind="text/html")
        path = path[len(context) :]
        for name, value in request.query.items():
            call.query.setdefault(name, []).append(value)
        browse = re.match(r"/browse/([^/]+)\Z", path)
        if browse and call.method == "GET":
            call.operation, call.handler = "jira.browse", "browse"
            call.params = {"issue": urllib.parse.unquote(browse.group(1))}
            return None
        early = self._route(call, path)
        if request.content_type == "multipart/form-data":
            form = await request.post()
            call.files = [f for f in form.getall("file", []) if not isinstance(f, str)]
        else:
            early = early or self._read_json(call, await request.read())
        return early

    @staticmethod
    def _route(call, path):
        found = re.match(r"/rest/api/(2|3|latest)/(.*)\Z", path)
        if not found or (not call.site.cloud and found.group(1) == "3"):
            return Refused(404, text="<html><body>Not found</body></html>", kind="text/html")
        call.version = 3 if found.group(1) == "3" else 2
        call.path = "/rest/api/3/" + found.group(2)
        methods = set()
        for name, method, pattern, handler, only in COMPILED:
            match = pattern.match(found.group(2))
            if match is None or only not in (None, call.site.name):
                continue
            methods.add(method)
            if method == call.method:
                call.operation, call.handler = name, handler
                call.params = {k: urllib.parse.unquote(v) for k, v in match.groupdict().items()}
                return None
        if methods:
            return Refused(405, text="", headers={"Allow": ", ".join(sorted(methods))})
        return Refused(
            404,
            text=json.dumps({"message": "null for uri: " + path, "status-code": 404}),
            kind="application/json",
        )

    @staticmethod
    def _read_json(call, raw):
        if not raw:
            return None
        if call.request.content_type != "application/json":
            return Refused(415, text="", kind="text/html")
        try:
            call.body = json.loads(raw)
        except (ValueError, RecursionError):
            return Refused(
                400, "There was an error parsing JSON. Check that your request body is valid."
            )
        return None

    def _record(self, call):
        request, site = call.request, call.site
        transport = request.transport
        count = getattr(transport, "sandbox_count", 0) + 1
        if transport is not None:
            transport.sandbox_count = count
            if not hasattr(transport, "sandbox_number"):
                self.connections += 1
                transport.sandbox_number = "jira-%d" % self.connections
        entry = {
            "id": len(self.world.requests),
            "time": time.time(),
            "method": call.operation,
            "http_method": call.method,
            "site": site.name,
            "path": request.rel_url.raw_path,
            "query": call.query,
            "body": call.body,
            "args": self._arguments(call),
            "content_type": request.headers.get("Content-Type", ""),
            "user_agent": request.headers.get("User-Agent", ""),
            "accept": request.headers.get("Accept", ""),
            "accept_language": request.headers.get("Accept-Language", ""),
            "connection": getattr(transport, "sandbox_number", None),
            "number_on_connection": count,
            "status": None,
            "error": None,
            "fault": None,
            "response": None,
            "ms": None,
            "lint": call.lint,
            "why": [],
            "judged": [],
        }
        if site.cloud and call.version == 3 and call.path:
            entry["judged"] = self.judge.check_request(
                call.method, call.path, call.query, call.body
            )
        self.world.requests.append(entry)
        return entry

    @staticmethod
    def _arguments(call):
        """What fault rules can match."""
        plain = {k: v[0] for k, v in call.query.items()}
        body = call.body if isinstance(call.body, dict) else {}
        plain.update({k: v for k, v in body.items() if isinstance(v, (str, int, float, bool))})
        fields = body.get("fields") if isinstance(body.get("fields"), dict) else {}
        texts = []
        for value in (
            fields.get("summary"),
            fields.get("description"),
            body.get("body"),
            body.get("jql"),
        ):
            if isinstance(value, str):
                texts.append(value)
            elif isinstance(value, dict) and not jira_adf.check(value):
                texts.append(jira_adf.plain(value))
        return {**plain, "site": call.site.name, "text": "\n".join(texts), **call.params}

    def _done(self, entry, started, status):
        entry["status"] = status
        entry["ms"] = round((time.monotonic() - started) * 1000, 3)
        self.world.changed()

    async def _spoiled(self, call, action, status, payload):
        """A faulty answer; a 429 and an error status look as Jira's do."""
        if action["do"] in ("429", "throttle"):
            limit = too_many(
                call.site,
                action.get("reason", "jira-burst-based"),
                action.get("retry_after") or 1,
                retry_after=action.get("retry_after", 1) is not None,
            )
            return self._refusal(limit)
        if action["do"] == "status" and "body" not in action:
            limit = Refused(
                action["status"], "Internal server error", headers=action.get("headers")
            )
            return self._refusal(limit)
        right = payload if payload is not None else {}
        return await fault.answer(call.request, action, right, status=status)

    # --- the answer -----------------------------------------------------------------------
    def _answer(self, call, early):
        """(status, payload, response)"""
        try:
            if early is not None:
                raise early
            if call.handler == "browse":
                return self._browse(call)
            call.user = self._user(call)
            self._check_xsrf(call)
            self.limits.check(call)
            handler = call.handler
            status, payload = (
                getattr(self, handler)(call) if isinstance(handler, str) else handler(call)
            )
        except Refused as refused:
            if early is None and refused.status == 400:
                issues.burn(call)
            return refused.status, refused.payload, self._refusal(refused)
        if payload is None:
            return status, None, web.Response(status=status)
        return status, payload, self._json(status, payload)

    @staticmethod
    def _json(status, payload, headers=None):
        return web.Response(
            status=status,
            text=json.dumps(payload, ensure_ascii=False),
            content_type="application/json",
            charset="UTF-8",
            headers=headers,
        )

    def _refusal(self, refused):
        if refused.text is not None:
            return web.Response(
                status=refused.status,
                text=refused.text,
                content_type=refused.kind,
                headers=refused.headers,
            )
        return self._json(refused.status, refused.payload, refused.headers)

    def _user(self, call):
        """Who asks; None for somebody unknown where that is allowed."""
        site, settings = call.site, call.site.settings
        header = call.request.headers.get("Authorization", "")
        kind, _, value = header.partition(" ")
        user = None
        if kind.lower() == "basic":
            user = self._basic(call, value)
        elif kind.lower() == "bearer":
            if site.cloud and not call.gateway:
                raise Refused(
                    403,
                    text=json.dumps({"error": "Failed to parse Connect Session Auth Token"}),
                    kind="application/json",
                )
            user = next((u for u in site.users if u.get("token") == value), None)
        elif call.operation == "jira.serverInfo" and not header:
            return None
        wrong_door = call.gateway != bool(settings["token_scoped"]) and site.cloud
        if user is None or wrong_door or settings["token_expired"] or not user["active"]:
            raise Refused(
                401,
                text=NOBODY,
                headers={
                    "X-Seraph-LoginReason": "AUTHENTICATED_FAILED",
                    "WWW-Authenticate": 'OAuth realm="%s"' % urllib.parse.quote(site.url, safe=""),
                },
            )
        return user

    @staticmethod
    def _basic(call, value):
        site = call.site
        if site.settings["captcha"] and not site.cloud:
            raise Refused(
                403,
                text="<html><body>Forbidden (403): CAPTCHA</body></html>",
                kind="text/html",
                headers={
                    "X-Seraph-LoginReason": "AUTHENTICATION_DENIED",
                    "X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=%s/login.jsp"
                    % site.url,
                },
            )
        try:
            name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        for user in site.users:
            known = user["email"].lower() == name.lower() if site.cloud else user["name"] == name
            if known and secret and secret == user.get("token" if site.cloud else "password"):
                return user
        return None

    @staticmethod
    def _check_xsrf(call):
        token = call.request.headers.get("X-Atlassian-Token", "")
        upload = call.operation == "jira.attachment.add"
        browser = call.request.headers.get("User-Agent", "").startswith("Mozilla")
        if (upload or (browser and call.method != "GET")) and token not in ("no-check", "nocheck"):
            raise Refused(403, text="XSRF check failed", kind="text/html")

    # --- the site itself --------------------------------------------------------------------
    @staticmethod
    def server_info(call):
        site = call.site
        version = [1001, 0, 0] if site.cloud else [9, 12, 14]
        return 200, {
            "baseUrl": site.url,
            "version": "1001.0.0-SNAPSHOT" if site.cloud else ".".join(map(str, version)),
            "versionNumbers": version,
            "deploymentType": "Cloud" if site.cloud else "Server",
            "buildNumber": 100290 if site.cloud else 9120014,
            "buildDate": "2026-05-04T00:00:00.000+0000",
            "serverTime": iso(time.time()),
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
        }

    @staticmethod
    def myself(call):
        answer = person(call.site, call.user)
        return 200, {**answer, "locale": "en_US", "groups": {"size": 1, "items": []}}

    @staticmethod
    def mypermissions(call):
        site, wanted = call.site, call.names("permissions")
        if site.cloud and not wanted:
            raise Refused(400, "The 'permissions' query parameter is required.")
        wrong = [name for name in wanted or [] if name not in PERMISSIONS]
        if wrong:
            raise Refused(400, "Unrecognized permission key(s): %s" % ", ".join(wrong))
        project = call.value("projectKey", site.settings["project"])
        if project not in (site.settings["project"], site.project_id):
            raise Refused(404, "No project could be found with key '%s'." % project)
        return 200, {
            "permissions": {
                name: {
                    "id": str(10 + PERMISSIONS.index(name)),
                    "key": name,
                    "name": name.replace("_", " ").capitalize(),
                    "type": "GLOBAL" if name == "ADMINISTER" else "PROJECT",
                    "description": "",
                    "havePermission": site.may(call.user, name),
                }
                for name in wanted or PERMISSIONS
            }
        }

    @staticmethod
    def assignable(call):
        site = call.site
        query = call.value("query") if site.cloud else call.value("username")
        account = call.value("accountId")
        if not (call.value("project") or call.value("issueKey")):
            raise Refused(400, "Either 'issueKey' or 'project' is required.")
        if site.cloud and (query is None) == (account is None):
            raise Refused(400, "Either 'query' or 'accountId' is required.")
        found = [u for u in site.users if u["assignable"] and u["active"]]
        if account is not None:
            found = [u for u in found if u["accountId"] == account]
        elif query:
            known = [
                (
                    u,
                    [u["displayName"], u["name"] if not site.cloud else ""]
                    + ([] if u["hidden_email"] else [u["email"]]),
                )
                for u in found
            ]
            found = [
                u for u, words in known if any(w.lower().startswith(query.lower()) for w in words)
            ]
        return 200, [person(site, u) for u in found]

    @staticmethod
    def _browse(call):
        """The page for people. It asks for no login here."""
        issue = call.site.find(call.params["issue"])
        if issue is None:
            text = "<html><body><h1>Issue does not exist</h1></body></html>"
            return 404, None, web.Response(status=404, text=text, content_type="text/html")
        text = issues.page(call.site, issue, html.escape)
        return 200, None, web.Response(text=text, content_type="text/html")
