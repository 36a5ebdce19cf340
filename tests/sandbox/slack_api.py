"""Slack's Web API: transport, authentication, rate limits, faults; the methods are elsewhere."""
import json
import time

from aiohttp import web

from . import faults as fault
from .slack_chat import CHAT_METHODS
from .slack_files import Uploads
from .slack_methods import METHODS as OTHER_METHODS
from .slack_stream import STREAM_METHODS
from .world import now_ms

TIERS = {"1": 1, "2": 20, "3": 50, "4": 100}
# Method -> (scopes of which one is needed, calls a minute). None: no scope.
# Documentation of 2026-05, see the page of each method.
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
READ = ("channels:read", "groups:read", "im:read", "mpim:read")
SPECS = {
    "api.test": (None, "4"),
    "auth.test": (None, 600),
    "apps.connections.open": (None, "3"),
    "chat.postMessage": (("chat:write",), 300),
    "chat.update": (("chat:write",), "3"),
    "chat.startStream": (("chat:write",), "2"),
    "chat.appendStream": (("chat:write",), "4"),
    "chat.stopStream": (("chat:write",), "2"),
    "chat.postEphemeral": (("chat:write",), "4"),
    "chat.delete": (("chat:write",), "3"),
    "chat.getPermalink": (None, 600),
    "conversations.history": (HISTORY, "3"),
    "conversations.replies": (HISTORY, "3"),
    "conversations.info": (READ, "3"),
    "conversations.list": (READ, "2"),
    "conversations.join": (("channels:join",), "3"),
    "conversations.members": (READ, "4"),
    "conversations.open": (("im:write", "mpim:write"), "3"),
    "users.info": (("users:read",), "4"),
    "usergroups.list": (("usergroups:read",), "2"),
    "usergroups.users.list": (("usergroups:read",), "2"),
    "reactions.add": (("reactions:write",), "3"),
    "reactions.remove": (("reactions:write",), "2"),
    "views.open": (None, "4"),
    "views.update": (None, "4"),
    "views.push": (None, "4"),
    "views.publish": (None, "4"),
    "files.info": (("files:read",), "4"),
    "files.getUploadURLExternal": (("files:write",), "4"),
    "files.completeUploadExternal": (("files:write",), "4"),
    "assistant.threads.setStatus": (("chat:write", "assistant:write"), 600),
}
# Slack reads only form (or query) arguments of these; a JSON body is ignored.
FORM_ONLY = {
    "conversations.history",
    "conversations.replies",
    "conversations.info",
    "conversations.list",
    "conversations.members",
    "users.info",
    "usergroups.list",
    "usergroups.users.list",
    "files.getUploadURLExternal",
    "files.info",
    "chat.getPermalink",
}
STRUCTURED = ("blocks", "attachments", "metadata", "view", "files", "chunks", "loading_messages")
PER_CHANNEL_BURST = 5


class Refused(Exception):
    """An `ok: false` answer."""

    def __init__(self, error, **more):
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class Limits:
    """Token buckets: a method's tier, and about one message a second and channel with a burst."""

    def __init__(self, world):
        self.world = world
        self.buckets = {}

    def _take(self, key, per_second, burst):
        now = time.monotonic()
        tokens, last = self.buckets.get(key, (burst, now))
        tokens = min(burst, tokens + (now - last) * per_second / self.world.scale)
        if tokens < 1:
            self.buckets[key] = (tokens, now)
            return max(1, int((1 - tokens) / per_second + 0.999))
        self.buckets[key] = (tokens - 1, now)
        return 0

    def check(self, method, args):
        """Seconds to wait, or 0."""
        tier = SPECS[method][1]
        per_minute = TIERS.get(tier, tier)
        wait = self._take((method,), per_minute / 60, max(1, per_minute))
        if method == "chat.postMessage" and not wait:
            wait = self._take((method, args.get("channel")), 1, PER_CHANNEL_BURST)
        return wait


class SlackApi:
    """Routes /api/METHOD, uploads and response_urls."""

    def __init__(self, world, faults):
        self.world = world
        self.faults = faults
        self.limits = Limits(world)
        self.base = ""  # http(s)://name[:port], set once the port is known
        self.socket_base = ""
        self.emit = lambda *_a, **_k: None  # set by the socket side
        self.tcp_connections = 0
        self.methods = {**OTHER_METHODS, **CHAT_METHODS, **STREAM_METHODS}

    def routes(self):
        return [
            web.route("*", "/api/{method}", self.call),
            web.post("/upload/v1/{id}", self.upload),
            web.post("/commands/{rest:.*}", self.response_url),
            web.post("/actions/{rest:.*}", self.response_url),
        ]

    # --- the request ----------------------------------------------------------
    def record(self, request, method, args, token):
        count = getattr(request.transport, "sandbox_count", 0) + 1
        if request.transport is not None:
            request.transport.sandbox_count = count
        entry = {
            "id": len(self.world.requests),
            "time": time.time(),
            "method": method,
            "http_method": request.method,
            "args": args,
            "token": self.token_kind(token),
            "content_type": request.headers.get("Content-Type", ""),
            "user_agent": request.headers.get("User-Agent", ""),
            "connection": self.connection_number(request.transport),
            "number_on_connection": count,
            "status": None,
            "error": None,
            "fault": None,
            "ms": None,
            "lint": [],
        }
        self.world.requests.append(entry)
        return entry

    def connection_number(self, transport):
        """A number for the TCP connection of a request."""
        if transport is None:
            return None
        if not hasattr(transport, "sandbox_number"):
            self.tcp_connections += 1
            transport.sandbox_number = self.tcp_connections
        return transport.sandbox_number

    def token_kind(self, token):
        if token is None:
            return None
        if token == self.world.app_token:
            return "app"
        return "bot" if token == self.world.bot_token else "unknown"

    async def arguments(self, request, method, lint):
        """The arguments as a dict; structured ones parsed from JSON when they came in a form."""
        args = dict(request.query)
        kind = request.content_type
        raw = await request.read() if request.can_read_body else b""
        warnings = []
        if kind == "application/json" and raw:
            if request.charset is None:
                warnings.append("missing_charset")
            try:
                body = json.loads(raw)
            except ValueError:
                raise Refused("invalid_json") from None
            if not isinstance(body, dict):
                raise Refused("json_not_object")
            if method in FORM_ONLY:
                lint.append("JSON body ignored by this method")
            else:
                args.update(body)
        elif kind in ("application/x-www-form-urlencoded", "multipart/form-data") and raw:
            args.update({k: v for k, v in (await request.post()).items() if isinstance(v, str)})
        elif raw:
            raise Refused(
                "invalid_form_data" if kind != "application/octet-stream" else "missing_post_type"
            )
        for name in STRUCTURED:
            if isinstance(args.get(name), str):
                try:
                    args[name] = json.loads(args[name]) if args[name] else None
                except ValueError:
                    error = {
                        "blocks": "invalid_blocks_format",
                        "metadata": "invalid_metadata_format",
                    }
                    raise Refused(error.get(name, "invalid_arguments")) from None
        return args, warnings

    def authenticate(self, request, method, args):
        header = request.headers.get("Authorization", "")
        token = header[7:] if header.startswith("Bearer ") else None
        if method == "apps.connections.open" and "token" in args:
            raise Refused(
                "invalid_arguments",
                response_metadata={
                    "messages": ["[ERROR] the app-level token must be in the Authorization header"]
                },
            )
        return token or args.get("token")

    def authorize(self, method, token):
        if method == "api.test":
            return
        if not token:
            raise Refused("not_authed")
        kind = self.token_kind(token)
        if self.world.revoked:
            raise Refused(self.world.revoked)
        if kind == "unknown":
            raise Refused("invalid_auth")
        if (method == "apps.connections.open") != (kind == "app"):
            raise Refused("not_allowed_token_type")
        scopes = SPECS[method][0]
        if scopes and not self.world.scopes & set(scopes):
            raise Refused(
                "missing_scope", needed=scopes[0], provided=",".join(sorted(self.world.scopes))
            )

    async def call(self, request):
        """One call of /api/METHOD."""
        method = request.match_info["method"]
        started = time.monotonic()
        lint, args, early = [], {}, None
        try:
            args, warnings = await self.arguments(request, method, lint)
        except Refused as refused:
            early, warnings = refused.answer, []
        header = request.headers.get("Authorization", "")
        entry = self.record(
            request,
            method,
            {k: v for k, v in args.items() if k != "token"},
            header[7:] if header.startswith("Bearer ") else args.get("token"),
        )
        entry["lint"] = lint
        if "token" in args:
            lint.append("token sent as a parameter")
        action = self.faults.take(method, args, entry["number_on_connection"])
        if action and fault.before_effect(action):
            entry["fault"] = action["do"]
            self.done(entry, started, None, action)
            return await fault.answer(request, action, None)
        answer = early or self.perform(request, method, args)
        retry_after = answer.pop("_retry_after", None)
        if warnings and answer.get("ok"):
            answer["warning"] = ",".join(warnings)
            answer.setdefault("response_metadata", {})["warnings"] = warnings
        entry["error"] = answer.get("error")
        entry["response"] = {
            k: answer[k] for k in ("ok", "ts", "channel", "error", "warning") if k in answer
        }
        if action:
            entry["fault"] = action["do"]
            self.done(entry, started, None, action)
            return await fault.answer(request, action, answer)
        self.done(entry, started, 429 if retry_after else 200, None)
        if retry_after:
            return web.json_response(answer, status=429, headers={"Retry-After": str(retry_after)})
        return web.json_response(
            answer,
            headers={
                "X-OAuth-Scopes": ",".join(sorted(self.world.scopes)),
                "X-Slack-Req-Id": "%032x" % entry["id"],
            },
        )

    def done(self, entry, started, status, action):
        entry["ms"] = round((time.monotonic() - started) * 1000, 3)
        entry["status"] = status if action is None else action.get("status", action["do"])
        self.world.changed()

    def perform(self, request, method, args):
        try:
            token = self.authenticate(request, method, args)
            handler = self.methods.get(method) if method in SPECS else None
            if handler is None:
                raise Refused("unknown_method", req_method=method)
            self.authorize(method, token)
            if self.world.settings["rates"]:
                wait = self.limits.check(method, args)
                if wait:
                    raise Refused("ratelimited", _retry_after=wait)
            return {"ok": True, **handler(self, args)}
        except Refused as refused:
            return refused.answer

    # --- files and response_urls ----------------------------------------------
    async def upload(self, request):
        """The second step of a file upload: raw bytes, or a form with one file."""
        file_id = request.match_info["id"]
        header = request.headers.get("Authorization", "")
        token = header[7:] if header.startswith("Bearer ") else None
        entry = self.record(request, "upload", {"id": file_id}, token)
        if token:
            entry["lint"].append("the token was sent to the upload address")
        started = time.monotonic()
        action = self.faults.take("upload", {}, entry["number_on_connection"])
        if action and fault.before_effect(action):
            self.done(entry, started, None, action)
            return await fault.answer(request, action, None)
        if request.content_type == "multipart/form-data":
            form = await request.post()
            parts = [v for v in form.values() if not isinstance(v, str)]
            data = parts[0].file.read() if parts else b""
        else:
            data = await request.read()
        status, text = Uploads.receive(self.world, file_id, data)
        if action:
            self.done(entry, started, None, action)
            return await fault.answer(request, action, text, "text/plain", status)
        self.done(entry, started, status, None)
        return web.Response(status=status, text=text)

    async def response_url(self, request):
        """A message through a response_url: no token, five uses, thirty minutes."""
        path = request.path.lstrip("/")
        started = time.monotonic()
        raw = await request.read()
        try:
            args = json.loads(raw)
        except ValueError:
            args = None
        entry = self.record(request, "response_url", args if isinstance(args, dict) else {}, None)
        action = self.faults.take("response_url", entry["args"], entry["number_on_connection"])
        if action and fault.before_effect(action):
            self.done(entry, started, None, action)
            return await fault.answer(request, action, None)
        status, answer = self.use_response_url(path, args)
        entry["error"] = answer.get("error")
        if action:
            self.done(entry, started, None, action)
            return await fault.answer(request, action, answer)
        self.done(entry, started, status, None)
        return web.json_response(answer, status=status)

    def use_response_url(self, path, args):
        known = self.world.response_urls.get(path)
        if known is None:
            return 404, {"ok": False, "error": "no_service"}
        if not isinstance(args, dict):
            return 400, {"ok": False, "error": "invalid_payload"}
        settings = self.world.settings
        if now_ms() - known["made_ms"] > settings["response_url_s"] * 1000:
            return 404, {"ok": False, "error": "expired_url"}
        if known["uses"] >= settings["response_url_uses"]:
            return 404, {"ok": False, "error": "used_url"}
        try:
            answer = CHAT_METHODS["response_url"](self, {**args, "_url": known})
        except Refused as refused:
            return (200 if refused.answer["error"] == "no_text" else 400), refused.answer
        known["uses"] += 1
        return 200, {"ok": True, **answer}
