"""The control API: HTTP and JSON on loopback. Everything a test asks or does goes through it.

GET /control/...
  version          {"version": n}; n grows with every change of anything
  wait?since=N&timeout=S    long poll: answers when version > N, or after S seconds
  messages?channel=C&thread=TS&roots=1    the channel as it shows now, oldest first: ts, thread_ts, user,
                   bot, text, blocks, metadata, edits, history, reactions, lint, deleted, files;
                   roots: without the threads and what was edited away
  pictures?channel=C&ts=TS    what a message shows: id, alt, title, width, height, data (base64)
  ephemerals  views  homes  files  statuses  mails    other things that people see
  file?id=F        a file with its bytes (data, in base64)
  requests?since=N&method=M    Web API requests: time, method, args, status, error, fault, lint;
                   Jira's too; M may be a shell pattern
  connections      every WebSocket: hello, num_connections (said there), frozen (a time: half-open since),
                   closed (how), client_close (code), server_close, tcp_end, acks with ms, pings, faults (what the client did wrong)
  envelopes?since=N&payload=1    what was sent: state (sent, waiting for retry, acked, failed,
                   operation_timeout), ack_ms, attempts
  dialogs          what people saw fail (dispatch_failed, operation_timeout)
  deliveries?since=N    SNS: state (sending, waiting for retry, delivered, refused, dropped),
                   attempts with status and ms
  confirmations    calls of the SNS query API          cert_fetches    certificate downloads
  subscriptions    the state of every topic            cpu_alarm       datapoints, transitions
  state            settings, scopes, channels, users   faults          rules; how often each fired
  moments?since=N  the method of every request there was, as fault rules name it
  lint             every message, request and connection with something a careful app avoids

POST /control/... with a JSON object; errors are {"error": text} with a 4xx status
  say        {text, channel?, user?, thread_ts?}     channel "dm" for a direct message
  slash      {line, channel?, user?, wait?}          waits for ack or failure unless wait is false
  click      {ts, action_id, user?, channel?, block_id?, value?, option?, text?, wait?}
  submit     {view_id, values?, user?, wait?}        values: {block_id: {action_id: value}}
  home       {user?, tab?}                           react   {ts, name, user?, channel?, remove?}
  stop_stream {ts, channel?, user?}                  presses the stop button of a message that streams
  foreign_post {text, channel?}                      group   {group, users}: edits a user group
  channel    {id, name, members?, private?, archived?}       user    {id, name, zone?}
  membership {channel, member?: bool, archived?: bool}       the bot's place in a channel
  install    {manifest}         scopes, events, commands and Socket Mode from an app manifest
  settings   {name: value}      DEFAULT_SETTINGS of world.py, AWS_SETTINGS of aws_world.py; also scopes, events, revoked,
                                socket_mode, commands, endpoint
  faults     {match, times?, action} or {"clear": true, "rule"?: n}      see faults.py; answers {"rule": n}
  socket     {fault, connection?: n|"all", ...}      connection: the newest when left out
             fault: disconnect {reason, close_after_s}, close {code}, fin, reset, half_open,
             ping {payload}, raw {frame, bytes?, text?}, drop_ghosts,
             forget: what is not acknowledged is not delivered again,
             shape {fragments, pieces, pause_s} for the next envelope,
             repeat {envelope}: the same envelope_id once more
  event      {event, subscription?, pad?}            any event; pad: more bytes in the envelope
  publish    {message, subject?, topic?, version?, attributes?, forge?, raw?, copies?, when?,
             message_id?, certificate?, force?, endpoint?, wait?}
             forge: see sns.py; certificate: see certificates.py
  alarm      {name, state, old_state?, reason?, metric?, namespace?, dimensions?, threshold?,
             value?, time?, via?: sns|eventbridge|both, kind?: plain|math|anomaly|composite, ...}
             and publish's options; see alarms.py
  subscribe  {topic?, endpoint?, when?, forge?, version?, certificate?, wait?}
  unsubscribe {topic?, version?, wait?}              rotate  {region?}: a new certificate
  presign    {count, path, alarm?, version?}         JSON lines {headers, body} for load generators
  cpu_alarm  {threshold?, period_s?, name?, via?, instance?} or {"stop": true} or {"change": true, threshold}
             instance: this machine is that EC2 instance

AWS: see aws_control.py. Jira: see jira_control.py.
"""
import asyncio
import base64
import fnmatch
import json

from aiohttp import web

from . import sns
from .aws_control import AwsControl
from .cpu_alarm import CpuAlarm
from .jira_control import JiraControl
from .slack_files import pictures
from .world import BOT_ID, ControlError


def public(record):
    """A record without the sandbox's own members."""
    return {k: v for k, v in record.items() if not k.startswith("_")}


class Control(AwsControl, JiraControl):
    """Serves the control API."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.world = sandbox.world
        self.cpu = None

    def routes(self):
        return [web.get("/control/{what}", self.get), web.post("/control/{what}", self.post)]

    async def get(self, request):
        reader = getattr(self, "get_" + request.match_info["what"], None)
        if reader is None:
            return web.json_response({"error": "no such thing"}, status=404)
        return await self._answer(reader, dict(request.query))

    async def post(self, request):
        actor = getattr(self, "do_" + request.match_info["what"], None)
        if actor is None:
            return web.json_response({"error": "no such thing"}, status=404)
        try:
            options = json.loads(await request.read() or b"{}")
        except ValueError:
            return web.json_response({"error": "not JSON"}, status=400)
        return await self._answer(actor, options)

    @staticmethod
    async def _answer(function, options):
        try:
            answer = function(options)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except ControlError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except (TypeError, ValueError, KeyError) as error:
            return web.json_response(
                {"error": "%s: %s" % (type(error).__name__, error)}, status=400
            )
        return web.json_response(answer)

    # --- reading --------------------------------------------------------------
    def get_version(self, _q):
        return {"version": self.world.version}

    async def get_wait(self, q):
        return {
            "version": await self.world.wait_change(
                int(q.get("since", self.world.version)), float(q.get("timeout", 10))
            )
        }

    def shown(self, channel, message):
        out = public(message)
        out.update(
            channel=channel,
            bot=message.get("bot_id") == BOT_ID,
            edits=len(message.get("_history", [])),
            history=message.get("_history", []),
            lint=message.get("_lint", []),
            deleted=bool(message.get("_deleted")),
            metadata=message.get("metadata"),
            thread_ts=message.get("thread_ts"),
            blocks=message.get("blocks", []),
            reactions=message.get("reactions", []),
        )
        if "_stream" in message:  # pieces: {ms, text}; ended: None, stopped, stopped_by_user or expired
            out["stream"] = {k: message["_stream"][k] for k in ("pieces", "recipient", "ended")}
        return out

    def get_messages(self, q):
        channels = (
            [self.world.find_channel(q["channel"])]
            if q.get("channel")
            else list(self.world.messages)
        )
        out = []
        for channel in channels:
            for ts in sorted(self.world.messages[channel]):
                message = self.world.messages[channel][ts]
                if q.get("roots"):
                    if message.get("thread_ts") in (None, ts):
                        out.append({**self.shown(channel, message), "history": []})
                elif not q.get("thread") or q["thread"] in (message.get("thread_ts"), ts):
                    out.append(self.shown(channel, message))
        return out

    def get_pictures(self, q):
        channel = self.world.find_channel(q["channel"])
        if q["ts"] not in self.world.messages[channel]:
            raise ControlError("no such message", 404)
        return [
            {**p, "data": base64.b64encode(p["data"]).decode()}
            for p in pictures(self.world, self.world.messages[channel][q["ts"]])
        ]

    def get_ephemerals(self, _q):
        return [{**public(e), "lint": e.get("_lint", [])} for e in self.world.ephemerals]

    def get_views(self, _q):
        return [
            {
                **public(v),
                "user": v["_user"],
                "closed": bool(v.get("_closed")),
                "errors": v.get("_errors"),
                "history": v["_history"],
            }
            for v in self.world.views.values()
        ]

    def get_homes(self, _q):
        return self.world.homes

    def get_files(self, _q):
        return [
            {
                **{k: v for k, v in f.items() if k != "data"},
                "size": len(f["data"] or b""),
                "head": (f["data"] or b"")[:16].hex(),
            }
            for f in self.world.files.values()
        ]

    def get_file(self, q):
        """One file with its bytes."""
        known = self.world.files.get(q.get("id"))
        if known is None:
            raise ControlError("there is no such file", 404)
        return {**known, "data": base64.b64encode(known["data"] or b"").decode()}

    def get_statuses(self, _q):
        return self.world.statuses

    def get_requests(self, q):
        found = self.world.requests[int(q.get("since", 0)) :]
        return [r for r in found if fnmatch.fnmatchcase(r["method"], q.get("method", "*"))]

    def get_connections(self, _q):
        return [public(c) for c in self.world.connections]

    def get_envelopes(self, q):
        hide = () if q.get("payload") else ("payload",)
        return [
            {k: v for k, v in public(e).items() if k not in hide}
            for e in self.world.envelopes[int(q.get("since", 0)) :]
        ]

    def get_dialogs(self, _q):
        return self.world.dialogs

    def get_deliveries(self, q):
        return [public(d) for d in self.world.deliveries[int(q.get("since", 0)) :]]

    def get_confirmations(self, _q):
        return self.world.confirmations

    def get_cert_fetches(self, _q):
        return self.world.cert_fetches

    def get_subscriptions(self, _q):
        return {
            t: {k: v for k, v in s.items() if k != "token"}
            for t, s in self.sandbox.publisher.subscriptions.items()
        }

    def get_cpu_alarm(self, _q):
        return self.cpu.show() if self.cpu else {}

    def get_faults(self, _q):
        return [public(rule) for rule in self.sandbox.faults.rules]

    def get_moments(self, q):
        return self.sandbox.faults.moments[int(q.get("since", 0)) :]

    def get_state(self, _q):
        w = self.world
        return {
            "settings": w.settings,
            "scopes": sorted(w.scopes),
            "events": sorted(w.events),
            "scale": w.scale,
            "commands": w.commands,
            "channels": w.channels,
            "users": w.users,
            "usergroups": w.usergroups,
            "endpoint": self.sandbox.publisher.endpoint,
            "version": w.version,
            "open_connections": len([c for c in w.connections if c["closed"] is None]),
        }

    def get_lint(self, _q):
        out = [
            {"where": "message %s %s" % (m["channel"], m["ts"]), "lint": m["lint"]}
            for m in self.get_messages({})
            if m["lint"]
        ]
        out += [
            {"where": "ephemeral", "lint": e["lint"]} for e in self.get_ephemerals({}) if e["lint"]
        ]
        out += [
            {"where": "request %d %s" % (r["id"], r["method"]), "lint": r["lint"]}
            for r in self.world.requests
            if r["lint"]
        ]
        for c in self.world.connections:
            found = c["faults"] + [a["fault"] for a in c["acks"] if a["fault"]]
            if found:
                out.append({"where": "connection %d" % c["id"], "lint": found})
        return out

    # --- people ---------------------------------------------------------------
    async def _settled(self, envelope, wait):
        while wait and envelope["state"] in ("sent", "waiting for retry"):
            await self.world.wait_change(self.world.version, 1)
        return public(envelope)

    def do_say(self, o):
        return self.sandbox.people.say(**o)

    async def do_slash(self, o):
        wait = o.pop("wait", True)
        return await self._settled(self.sandbox.people.slash(**o), wait)

    async def do_click(self, o):
        wait = o.pop("wait", True)
        return await self._settled(self.sandbox.people.click(**o), wait)

    async def do_submit(self, o):
        wait = o.pop("wait", True)
        return await self._settled(self.sandbox.people.submit(**o), wait)

    def do_home(self, o):
        return self.sandbox.people.open_home(**o)

    def do_react(self, o):
        return self.sandbox.people.react(**o)

    def do_stop_stream(self, o):
        return self.sandbox.people.stop_stream(**o)

    def do_foreign_post(self, o):
        return self.sandbox.people.foreign_post(**o)

    def do_group(self, o):
        return self.sandbox.people.change_group(**o)

    def do_event(self, o):
        event = dict(o["event"])
        if o.get("pad"):
            event["padding"] = "x" * int(o["pad"])
        subscription = o.get("subscription", "*")
        self.world.events.add(subscription)
        return {"envelopes": [self.sandbox.people.event(event, subscription)["id"]]}

    # --- the workspace --------------------------------------------------------
    def do_channel(self, o):
        members = [
            self.world.find_user(u) for u in o.get("members", ["alice", "bob", "carol", "tocsin"])
        ]
        self.world.add_channel(
            o["id"], o["name"], members, bool(o.get("private")), bool(o.get("archived"))
        )
        return self.world.channels[o["id"]]

    def do_user(self, o):
        self.world.add_user(o["id"], o["name"], o.get("zone", "Etc/UTC"))
        return self.world.users[o["id"]]

    def do_membership(self, o):
        info = self.world.channels[self.world.find_channel(o["channel"])]
        bot = self.world.find_user("tocsin")
        if "member" in o:
            info["members"] = [m for m in info["members"] if m != bot] + (
                [bot] if o["member"] else []
            )
        info["is_archived"] = bool(o.get("archived", info["is_archived"]))
        self.world.changed()
        return info

    def do_install(self, o):
        manifest = o.get("manifest", o)
        settings = manifest.get("settings", {})
        self.world.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        self.world.events = set(settings.get("event_subscriptions", {}).get("bot_events", []))
        self.world.commands = [
            c["command"] for c in manifest.get("features", {}).get("slash_commands", [])
        ]
        self.world.socket_mode = bool(settings.get("socket_mode_enabled"))
        self.world.changed()
        return {
            "scopes": sorted(self.world.scopes),
            "events": sorted(self.world.events),
            "commands": self.world.commands,
        }

    def do_settings(self, o):
        w = self.world
        for name, value in o.items():
            if name in w.settings:
                w.settings[name] = value
            elif name in ("scopes", "events"):
                setattr(w, name, set(value))
            elif name in ("revoked", "socket_mode", "commands"):
                setattr(w, name, value)
            elif name == "endpoint":
                self.sandbox.publisher.endpoint = value
            else:
                raise ControlError("unknown setting: %s" % name)
        w.changed()
        return w.settings

    # --- faults ---------------------------------------------------------------
    def do_faults(self, o):
        if o.get("clear"):
            self.sandbox.faults.clear(o.get("rule"))
            return {"rules": len(self.sandbox.faults.rules)}
        return {"rule": self.sandbox.faults.add(o)}

    async def do_socket(self, o):
        socket = self.sandbox.socket
        kind = o.get("fault")
        if kind == "shape":
            socket.next_shape = {k: o[k] for k in ("fragments", "pieces", "pause_s") if k in o}
            return {}
        if kind == "repeat":
            return socket.repeat(int(o["envelope"]))
        if kind == "forget":
            return socket.forget()
        if kind == "drop_ghosts":
            ghosts = [c for c in socket.connections if c.frozen]
            for c in ghosts:
                c.frozen = False
                await socket.fault("reset", c, {})
            return {"connections": [c.record["id"] for c in ghosts]}
        found = socket.pick(o.get("connection"))
        for c in found:
            await socket.fault(kind, c, o)
        self.world.changed()
        return {"connections": [c.record["id"] for c in found]}

    # --- SNS ------------------------------------------------------------------
    async def _sent(self, deliveries, wait):
        if wait:
            await asyncio.gather(*[d["_task"] for d in deliveries])
        return [public(d) for d in deliveries]

    async def do_publish(self, o):
        return await self._sent(self.sandbox.publisher.publish(o), o.get("wait", True))

    async def do_alarm(self, o):
        wait = o.get("wait", True)
        return await self._sent(self.sandbox.publisher.publish_alarm(o), wait)

    async def do_subscribe(self, o):
        wait = o.pop("wait", True)
        return (await self._sent([self.sandbox.publisher.subscribe(**o)], wait))[0]

    async def do_unsubscribe(self, o):
        wait = o.pop("wait", True)
        return (await self._sent([self.sandbox.publisher.unsubscribe(**o)], wait))[0]

    async def do_presign(self, o):
        """Signed bodies for a load generator; `{n}` in the alarm's name becomes the number."""
        from .alarms import Alarm

        publisher = self.sandbox.publisher
        count = int(o["count"])
        with open(o["path"], "w", encoding="utf-8") as out:
            for number in range(count):
                options = {"name": "load-{n}", **(o.get("alarm") or {})}
                options["name"] = options["name"].replace("{n}", str(number))
                subject, message = Alarm(options).notifications()[0]
                body, topic, subscription = publisher.signed_body(
                    {"message": message, "subject": subject, "version": str(o.get("version", "1"))}
                )
                headers = {
                    "x-amz-sns-message-type": "Notification",
                    "x-amz-sns-message-id": body["MessageId"],
                    "x-amz-sns-topic-arn": topic,
                    "x-amz-sns-subscription-arn": subscription["arn"] if subscription else topic,
                    "Content-Type": "text/plain; charset=UTF-8",
                }
                out.write(
                    json.dumps({"headers": headers, "body": sns.layout(body)}, ensure_ascii=False)
                    + "\n"
                )
                await asyncio.sleep(0)
        return {"count": count, "path": o["path"]}

    def do_rotate(self, o):
        return {"file": self.sandbox.signer.rotate(o.get("region", "us-east-1"))}

    def do_cpu_alarm(self, o):
        if self.cpu and o.get("change"):
            self.cpu.threshold = float(o["threshold"])
            return self.get_cpu_alarm({})
        if self.cpu:
            self.cpu.stop()
            self.cpu = None
        if not o.get("stop"):
            self.cpu = CpuAlarm(self.world, self.sandbox.publisher, o)
        return self.get_cpu_alarm({})
