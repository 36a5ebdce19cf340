"""Rules that make a server misbehave: which request, how often, and in which way.

A rule is {"match": {...}, "times": n, "action": {...} or "name"}. `match` may hold
    method    Web API method, or "response_url", "upload", "socket.upgrade",
              "sns.certificate", "sns.ConfirmSubscription", for AWS "ssm.SendCommand" and the
              like (see aws_server.py), for Jira "jira.issue.create" and the like (see
              jira_api.py); a shell pattern such as "chat.*" works
    channel   the argument of that name; `args` {name: value} the same for any argument
    text      a part of the text argument
    nth       only the nth matching request (from 1) and those after it
`times` defaults to 1; 0 means for ever. Actions (as {"do": NAME, ...} or just "NAME"):
    reset_before, reset_after          TCP RST before or after the call took effect
    close_before, close_after          TCP FIN instead
    hang_before, hang_after            no answer (option "s": seconds, then the connection drops)
    delay                              option "s": answers normally after that time
    hold                               Slack only: takes effect, and answers normally once its rule is cleared
    500_before, 500_after, 503_before…  any status, before or after the effect
    status                             options "status", "store" (bool), "body", "headers"
    429                                option "retry_after" (seconds, default 1)
    ok_false:ERROR                     {"ok":false,"error":ERROR}; option "store" to do the work too
    throttle, error:CODE               AWS only: the service's own error, see aws_server.py
    malformed_json, truncated, drip, html, content_type, huge, empty
                                       answers that cannot be used, after the effect unless "store"
                                       is false; drip is correct but takes "s" seconds
    away                               this request is answered as usual; from then on nobody listens at the
                                       port of `system` (slack, sns, aws, jira-cloud, jira-datacenter) for
                                       "s" seconds: connections are refused
    keepalive_close                    a later request on a reused connection is read, and the
                                       connection closed without an answer; never a first request
"""
import asyncio
import fnmatch
import json
import socket
import struct

from aiohttp import web

from .world import ControlError

BODY_ACTIONS = ("malformed_json", "truncated", "drip", "html", "content_type", "huge", "empty")
PLAIN_ACTIONS = (
    "reset_before",
    "reset_after",
    "close_before",
    "close_after",
    "hang_before",
    "hang_after",
    "delay",
    "hold",
    "status",
    "429",
    "ok_false",
    "throttle",
    "error",
    "keepalive_close",
    "away",
) + BODY_ACTIONS
DRIPS = 100  # pieces of an answer that drips


def hard_reset(transport):
    """Ends a TCP connection with RST."""
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
    transport.abort()


def parse_action(action):
    """Brings the short forms into {"do": name, ...}."""
    if isinstance(action, str):
        action = {"do": action}
    if not isinstance(action, dict) or not isinstance(action.get("do"), str):
        raise ControlError("action: a name or an object with `do` is needed")
    action = dict(action)
    name = action["do"]
    if name.startswith(("ok_false:", "error:")):
        action.update(zip(("do", "error"), name.split(":", 1)))
    elif name.startswith("status:"):
        action.update(do="status", status=int(name.split(":", 1)[1]))
    elif name[:3].isdigit() and name[3:] in ("_before", "_after"):
        action.update(do="status", status=int(name[:3]), store=name.endswith("_after"))
    if action["do"] not in PLAIN_ACTIONS:
        raise ControlError("unknown fault action: %s" % name)
    return action


class Faults:
    """The list of rules, tried in order for every request."""

    def __init__(self, world):
        self.world = world
        self.rules = []
        self.moments = []  # the method of every request there was, in order
        self.listeners = {}  # system -> Listener

    def add(self, rule):
        known = {"method", "channel", "nth", "text", "args"}
        match = rule.get("match") or {}
        if set(match) - known:
            raise ControlError("match: unknown key %s" % sorted(set(match) - known))
        self.rules.append(
            {
                "match": match,
                "left": int(rule.get("times", 1)) or -1,
                "action": parse_action(rule.get("action")),
                "seen": 0,
                "fired": 0,
                "_cleared": asyncio.Event(),
            }
        )
        self.world.changed()
        return len(self.rules) - 1

    def clear(self, number=None):
        """Ends one rule, or all of them; what they hold goes on."""
        for rule in self.rules if number is None else [self.rules[number]]:
            rule["left"] = 0
            rule["_cleared"].set()
        if number is None:
            self.rules.clear()

    @staticmethod
    def _matches(match, method, args):
        if "method" in match and not fnmatch.fnmatchcase(method, match["method"]):
            return False
        if "channel" in match and args.get("channel", args.get("channel_id")) != match["channel"]:
            return False
        if "text" in match and match["text"] not in str(args.get("text", "")):
            return False
        return all(str(args.get(k)) == str(v) for k, v in (match.get("args") or {}).items())

    def take(self, method, args, number_on_connection=1):
        """The action for this request, or None. Counts the use."""
        self.moments.append(method)
        for rule in self.rules:
            if rule["left"] == 0 or not self._matches(rule["match"], method, args):
                continue
            if rule["action"]["do"] == "keepalive_close" and number_on_connection < 2:
                continue
            rule["seen"] += 1
            if rule["seen"] < int(rule["match"].get("nth", 1)):
                continue
            if rule["left"] > 0:
                rule["left"] -= 1
            rule["fired"] += 1
            if rule["action"]["do"] == "away":
                self.listeners[rule["action"]["system"]].leave(float(rule["action"].get("s", 1)))
                return None
            return {**rule["action"], "_cleared": rule["_cleared"]}
        return None


async def drop(request, reset):
    """Ends the connection of an aiohttp request without an answer."""
    transport = request.transport
    if reset:
        hard_reset(transport)
    elif transport is not None:
        transport.close()
    return web.Response(status=500)  # never sent: the transport is gone


async def hang(request, seconds):
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (
        loop.time() < until and request.transport is not None and not request.transport.is_closing()
    ):
        await asyncio.sleep(0.05)
    return await drop(request, False)


def before_effect(action):
    """Whether the fault strikes before the request takes effect."""
    name = action["do"]
    if name in (
        "reset_before",
        "close_before",
        "hang_before",
        "429",
        "throttle",
        "keepalive_close",
    ):
        return True
    if name in ("status", "ok_false", "error"):
        return not action.get("store", False)
    if name in BODY_ACTIONS:
        return not action.get("store", True)
    return False


async def answer(request, action, payload, kind="application/json", status=200):
    """Answers a faulty request. `payload` is the right answer (an object, or the text of a body of
    that kind), or None when nothing was done; `status` is the right status, for answers of which
    only the body is wrong."""
    name = action["do"]
    if name in ("reset_before", "reset_after"):
        return await drop(request, True)
    if name in ("close_before", "close_after", "keepalive_close"):
        return await drop(request, False)
    if name in ("hang_before", "hang_after"):
        return await hang(request, float(action.get("s", 3600)))
    if name == "delay":
        await asyncio.sleep(float(action.get("s", 1)))
        return web.json_response(payload)
    if name == "hold":
        await action["_cleared"].wait()
        return web.json_response(payload)
    if name == "429":
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": str(action.get("retry_after", 1))},
        )
    if name == "status":
        return web.Response(
            status=action["status"],
            headers=action.get("headers"),
            text=action.get("body", "upstream error"),
        )
    if name == "ok_false":
        return web.json_response({"ok": False, "error": action["error"]})
    return await _strange_body(request, name, action, payload, kind, status)


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


async def _strange_body(request, name, action, payload, kind, status):
    if not isinstance(payload, (str, bytes)):
        payload = json.dumps(payload if payload is not None else {"ok": True})
    text = payload
    if name == "malformed_json":
        return web.Response(status=status, body=as_bytes(text)[:-2] + b",,", content_type=kind)
    if name == "html":
        return web.Response(
            status=status,
            text="<html><body>Server Error</body></html>",
            content_type="text/html",
        )
    if name == "content_type":
        return web.Response(status=status, body=as_bytes(text), content_type="text/plain")
    if name == "empty":
        return web.Response(status=status, text="", content_type=kind)
    if name == "huge":
        return web.Response(
            status=status,
            text=json.dumps({"ok": True, "junk": "x" * int(action.get("bytes", 64 << 20))}),
            content_type="application/json",
        )
    data = as_bytes(text)
    response = web.StreamResponse(
        status=status, headers={"Content-Type": kind, "Content-Length": str(len(data))}
    )
    await response.prepare(request)
    if name == "truncated":
        await response.write(data[: len(data) // 2])
        return await drop(request, False)
    size = -(-len(data) // DRIPS)
    for start in range(0, len(data), size):
        await response.write(data[start : start + size])
        await asyncio.sleep(float(action.get("s", 2)) / DRIPS)
    await response.write_eof()
    return response
