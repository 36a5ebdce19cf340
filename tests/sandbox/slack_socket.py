"""Socket Mode: connections, envelopes, acknowledgements, retries, and every way of dying.

One envelope goes to one connection. When that ends before the acknowledgement, and Slack notices, it goes to another
one that lives, under the same id. Of a half-open connection Slack notices nothing: it stays registered, a ghost that
swallows envelopes. Events that are not acknowledged in time are sent again at +~0 s, +1 min and +5 min; slash commands
and interactions are not: the person sees them fail, and they are never delivered after that.
"""
import asyncio
import json
import random
import time
import uuid
from urllib.parse import parse_qs, urlsplit

from . import websocket as ws
from .faults import hard_reset
from .slack_connection import Connection
from .world import APP, ControlError


class SocketSide:
    """All connections of the app, and the envelopes that go through them."""

    def __init__(self, world, faults):
        self.world = world
        self.faults = faults
        self.connections = []
        self.by_id = {}  # envelope_id -> envelope record
        self.turn = 0
        self.next_shape = None  # fragmentation of the next envelope
        self.tasks = set()
        self.on_ack = lambda envelope: None

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # --- accepting ------------------------------------------------------------
    async def accept(self, reader, writer):
        try:
            line, headers = await asyncio.wait_for(ws.read_head(reader), 10)
        except (
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            asyncio.TimeoutError,
            ValueError,
            ConnectionError,
        ):
            writer.close()
            return
        record = {
            "id": len(self.world.connections),
            "opened": time.time(),
            "upgrade": 101,
            "hello": None,
            "num_connections": None,
            "frozen": None,
            "closed": None,
            "closed_time": None,
            "client_close": None,
            "server_close": None,
            "tcp_end": None,
            "tcp_end_ms": None,
            "faults": [],
            "pings": 0,
            "pongs": 0,
            "acks": [],
            "envelopes": 0,
            "extensions": headers.get("sec-websocket-extensions"),
            "user_agent": headers.get("user-agent", ""),
        }
        self.world.connections.append(record)
        status = self.judge_upgrade(line, headers, record)
        if status is not None:
            await self.refuse_upgrade(writer, record, status)
            return
        writer.write(ws.accept_answer(headers))
        connection = Connection(self, reader, writer, record)
        self.connections.append(connection)
        self.world.changed()
        try:
            await self.serve(connection)
        finally:
            for task in connection.tasks:
                task.cancel()
            if connection in self.connections:
                self.connections.remove(connection)
            if not connection.frozen or connection.gone.is_set():
                writer.close()
            self.world.changed()

    def judge_upgrade(self, line, headers, record):
        """The HTTP status to refuse with (or "reset"/"hang"), or None."""
        fault = ws.handshake_fault(line, headers)
        if fault:
            record["faults"].append(fault)
            return 400
        url = urlsplit(line.split(" ")[1])
        ticket = parse_qs(url.query).get("ticket", [""])[0]
        action = self.faults.take("socket.upgrade", {})
        if action:
            return action if action["do"] != "status" else action["status"]
        known = self.world.tickets.get(ticket)
        if url.path not in ("/link/", "/link") or known is None or known["used"]:
            record["faults"].append("ticket unknown or used before")
            return 403
        known["used"] = True
        return None

    async def refuse_upgrade(self, writer, record, status):
        how = status
        if isinstance(status, dict):
            how = status["do"]
            if how.startswith("hang"):
                await asyncio.sleep(float(status.get("s", 3600)))
            if how.startswith("reset"):
                hard_reset(writer.transport)
            elif how == "429":
                writer.write(
                    ws.plain_answer(429, "Retry-After: %s\r\n" % status.get("retry_after", 1))
                )
        else:
            writer.write(ws.plain_answer(status))
        record.update(upgrade=how, closed="refused", closed_time=time.time())
        self.world.changed()
        writer.close()

    # --- one connection -------------------------------------------------------
    async def serve(self, c):
        settings = self.world.settings
        if len(self.connections) > settings["max_connections"]:
            await self.disconnect(c, "too_many_websockets", 0)
        elif settings["hello_delay_s"] is not None:
            c.tasks.append(self.spawn(self.say_hello(c, settings["hello_delay_s"])))
        c.tasks.append(self.spawn(self.ping(c)))
        try:
            await self.read(c)
        except ws.ProtocolError as error:
            c.record["faults"].append(str(error))
            await c.send_close(error.code, str(error))
            c.finish("protocol error %d" % error.code)
        except (asyncio.IncompleteReadError, ConnectionError, OSError) as error:
            self.note_tcp_end(c, "reset" if isinstance(error, ConnectionResetError) else "fin")
            c.finish("tcp dropped without CLOSE")
        except UnicodeDecodeError:
            c.record["faults"].append("text frame is not UTF-8")
            await c.send_close(1007)
            c.finish("protocol error 1007")

    def note_tcp_end(self, c, how):
        if c.record["tcp_end"] is None:
            c.record["tcp_end"] = how
            c.record["tcp_end_ms"] = round((time.time() - c.record["opened"]) * 1000)

    async def say_hello(self, c, delay_s):
        await asyncio.sleep(delay_s)
        settings = self.world.settings
        count = settings["num_connections"]
        life_s = settings["connection_lifetime_s"]
        c.record["hello"] = time.time()
        if count is None:
            count = len([x for x in self.connections if not x.closing])
        c.record["num_connections"] = count
        await c.send_json(
            {
                "type": "hello",
                "num_connections": count,
                "debug_info": {
                    "host": c.record["host"]
                    if "host" in c.record
                    else "applink-%d" % c.record["id"],
                    "build_number": 10,
                    "approximate_connection_time": life_s
                    or settings["approximate_connection_time"],
                },
                "connection_info": {"app_id": APP},
            }
        )
        self.world.changed()
        if life_s:
            await self.world.sleep(max(0, life_s - 10))
            await self.disconnect(c, "warning", 10)

    async def ping(self, c):
        while c.record["closed"] is None:
            await asyncio.sleep(self.world.settings["ping_interval_s"])
            if self.world.settings["ping"]:
                await c.write(ws.frame(ws.PING, b"Ping from applink-%d" % c.record["id"]))

    async def read(self, c):
        partial = None
        while True:
            fin, opcode, payload = await ws.read_frame(c.reader)
            if c.frozen:
                continue
            if opcode == ws.PING:
                c.record["pings"] += 1
                if self.world.settings["pong"]:
                    await c.write(ws.frame(ws.PONG, payload))
            elif opcode == ws.PONG:
                c.record["pongs"] += 1
            elif opcode == ws.CLOSE:
                await self.closed_by_client(c, payload)
                return
            elif not fin or opcode == 0:
                # Slack is said not to put a client's fragments together again: the ack is lost.
                partial = (partial or b"") + payload
                if fin:
                    c.record["faults"].append(
                        "fragmented client message of %d bytes lost" % len(partial)
                    )
                    partial = None
            elif opcode == ws.BINARY:
                c.record["faults"].append("binary frame from the client")
            else:
                self.acknowledge(c, payload.decode("utf-8"))

    async def closed_by_client(self, c, payload):
        """The closing handshake. Slack then leaves TCP open: the client has to end it."""
        c.record["client_close"] = ws.parse_close(payload)
        was_ours = c.close_sent
        if self.world.settings["answer_close"] and not c.close_sent:
            await c.send_close(
                c.record["client_close"] if c.record["client_close"] != 1005 else 1000
            )
        c.finish("close answered by client" if was_ours else "close from client")
        started = time.monotonic()
        linger_s = (
            3600 if not self.world.settings["answer_close"] else self.world.settings["linger_s"]
        )
        try:
            rest = await asyncio.wait_for(c.reader.read(65536), linger_s)
            how = "client fin" if rest == b"" else "client sent data after CLOSE"
        except asyncio.TimeoutError:
            how = "client left TCP open"
        except (ConnectionError, OSError):
            how = "client reset"
        c.record["tcp_end"] = how
        c.record["tcp_end_ms"] = round((time.monotonic() - started) * 1000)
        self.world.changed()

    # --- acknowledgements -----------------------------------------------------
    def acknowledge(self, c, text):
        entry = {
            "time": time.time(),
            "bytes": len(text.encode()),
            "envelope_id": None,
            "ms": None,
            "fault": None,
            "payload": None,
        }
        c.record["acks"].append(entry)
        try:
            ack = json.loads(text)
        except ValueError:
            ack = None
        if not isinstance(ack, dict) or not isinstance(ack.get("envelope_id"), str):
            entry["fault"] = "not an object with envelope_id"
            return
        entry["envelope_id"], entry["payload"] = ack["envelope_id"], ack.get("payload")
        envelope = self.by_id.get(ack["envelope_id"])
        if envelope is None:
            entry["fault"] = "unknown envelope_id"
            return
        if set(ack) - {"envelope_id", "payload"}:
            entry["fault"] = "unknown member in ack"
        if ack.get("payload") and not envelope["accepts_response_payload"]:
            entry["fault"] = "payload although accepts_response_payload is false"
        entry["ms"] = round((time.monotonic() - envelope["_sent"]) * 1000, 3)
        if self.world.settings["late_loss"]:
            entry["fault"] = "ack lost by the sandbox"
            return
        if envelope["state"] in ("acked", "operation_timeout", "failed"):
            entry["fault"] = entry["fault"] or (
                "second ack" if envelope["state"] == "acked" else "late ack"
            )
            return
        envelope.update(
            state="acked",
            ack_ms=entry["ms"],
            ack_connection=c.record["id"],
            response=ack.get("payload"),
        )
        envelope["_done"].set()
        self.on_ack(envelope)
        self.world.changed()

    # --- sending --------------------------------------------------------------
    def choose(self):
        usable = [c for c in self.connections if c.usable]
        if not usable:
            return None
        how = self.world.settings["distribution"]
        if how == "random":
            return random.choice(usable)
        if how in ("first", "last"):
            return usable[0 if how == "first" else -1]
        self.turn += 1
        return usable[self.turn % len(usable)]

    def send(self, kind, payload, accepts=False, what=""):
        """Starts the delivery of an envelope and returns its record at once."""
        envelope = {
            "id": len(self.world.envelopes),
            "type": kind,
            "what": what,
            "made": time.time(),
            "state": "sent",
            "attempts": [],
            "ack_ms": None,
            "ack_connection": None,
            "response": None,
            "event_id": payload.get("event_id"),
            "accepts_response_payload": accepts,
            "payload": payload,
            "_done": asyncio.Event(),
            "_sent": time.monotonic(),
        }
        self.world.envelopes.append(envelope)
        envelope["_delivery"] = self.spawn(self.deliver(envelope))
        return envelope

    def forget(self):
        """Ends every delivery that is under way: nothing comes again to a later connection."""
        left = [e for e in self.world.envelopes if not e["_delivery"].done()]
        for envelope in left:
            envelope["_delivery"].cancel()
            envelope["state"] = "forgotten"
        self.world.changed()
        return {"envelopes": [e["id"] for e in left]}

    async def deliver(self, envelope):
        is_event = envelope["type"] == "events_api"
        waits = self.world.settings["event_retries_s"] if is_event else []
        if await self.attempt(envelope, 0, ""):
            return
        for number, wait_s in enumerate(waits, 1):
            envelope["state"] = "waiting for retry"
            await self.world.sleep(wait_s)
            if envelope["state"] != "acked" and await self.attempt(envelope, number, "timeout"):
                return
        if envelope["state"] != "acked":
            lost = "failed" if is_event else "operation_timeout"
            envelope["state"] = lost
            if not is_event:
                sent = any(a["connection"] is not None for a in envelope["attempts"])
                self.world.dialogs.append(
                    {
                        "time": time.time(),
                        "what": envelope["what"],
                        "envelope": envelope["id"],
                        "error": "operation_timeout" if sent else "dispatch_failed",
                    }
                )
            self.world.changed()

    async def attempt(self, envelope, number, reason):
        """One try; true when it was acknowledged in time."""
        same = self.world.settings["retry_same_envelope_id"] and envelope["attempts"]
        envelope_id = envelope["attempts"][0]["envelope_id"] if same else str(uuid.uuid4())
        await asyncio.sleep(random.uniform(*self.world.settings["envelope_delay_s"]))
        connection = self.choose()
        attempt = {
            "number": number,
            "time": time.time(),
            "envelope_id": envelope_id,
            "connection": connection.record["id"] if connection else None,
            "again": [],  # who got it after the first one had ended: (connection, time)
        }
        envelope["attempts"].append(attempt)
        envelope["state"] = "sent"
        envelope["_sent"] = time.monotonic()
        if connection is None:
            return False
        self.by_id[envelope_id] = envelope
        deadline = time.monotonic() + self.world.settings["ack_deadline_ms"] / 1000
        while connection is not None:
            await self.transmit(connection, envelope, envelope_id, number, reason)
            self.world.changed()
            await self.acked_or_gone(envelope, connection, deadline)
            if envelope["state"] == "acked":
                return True
            again = self.world.settings["redeliver"]
            connection = await self.another(deadline) if again else None
            if connection is not None:
                attempt["again"].append((connection.record["id"], time.time()))
        attempt["timed_out"] = True
        self.world.changed()
        return False

    async def acked_or_gone(self, envelope, connection, deadline):
        """Until it is acknowledged, its connection has ended, or the time is over."""
        ends = [self.spawn(envelope["_done"].wait()), self.spawn(connection.gone.wait())]
        await asyncio.wait(
            ends,
            timeout=max(0, deadline - time.monotonic()),
            return_when=asyncio.FIRST_COMPLETED,
        )
        for end in ends:
            end.cancel()

    async def another(self, deadline):
        """A connection for what an ended one did not acknowledge; None when the time is over."""
        while time.monotonic() < deadline:
            connection = self.choose()
            if connection is not None:
                return connection
            await self.world.wait_change(self.world.version, deadline - time.monotonic())
        return None

    async def transmit(self, connection, envelope, envelope_id, number=0, reason=""):
        message = {
            "envelope_id": envelope_id,
            "payload": envelope["payload"],
            "type": envelope["type"],
            "accepts_response_payload": envelope["accepts_response_payload"],
        }
        if envelope["type"] == "events_api":
            message.update(retry_attempt=number, retry_reason=reason)
        connection.next_message, self.next_shape = self.next_shape, None
        connection.record["envelopes"] += 1
        await connection.send_json(message)

    def repeat(self, envelope_number):
        """Sends an envelope once more under the same envelope_id, whatever its state."""
        try:
            envelope = self.world.envelopes[envelope_number]
            envelope_id = [a for a in envelope["attempts"] if a["connection"] is not None][0][
                "envelope_id"
            ]
        except IndexError:
            raise ControlError("no such envelope was sent", 404) from None
        connection = self.choose()
        if connection is None:
            raise ControlError("no connection", 409)
        envelope["_sent"] = time.monotonic()
        self.spawn(self.transmit(connection, envelope, envelope_id))
        return {"envelope_id": envelope_id, "connection": connection.record["id"]}

    # --- faults ---------------------------------------------------------------
    def pick(self, which):
        """Connections by number, "all", or None for the newest open one."""
        alive = [c for c in self.connections if c.record["closed"] is None]
        if which == "all":
            found = alive
        elif which is None:
            found = alive[-1:]
        else:
            found = [c for c in alive if c.record["id"] == int(which)]
        if not found:
            raise ControlError("no such open connection", 409)
        return found

    async def disconnect(self, c, reason, close_after_s):
        await c.send_json(
            {
                "type": "disconnect",
                "reason": reason,
                "debug_info": {"host": "applink-%d" % c.record["id"]},
            }
        )
        c.closing = c.closing or reason in ("too_many_websockets", "link_disabled")
        c.record.setdefault("disconnects", []).append(reason)
        self.world.changed()
        if close_after_s is not None:
            self.spawn(self.close_later(c, close_after_s))

    async def close_later(self, c, seconds):
        await self.world.sleep(seconds)
        if c.record["closed"] is None:
            await c.send_close(1000)

    async def give_up(self, c):
        """Slack misses the answers to its own pings. The other end hears nothing of that."""
        await asyncio.sleep(self.world.settings["ghost_life_s"])
        c.finish("a ghost")
        if c in self.connections:
            self.connections.remove(c)
            c.writer.transport.resume_reading()  # what comes is not looked at; but its end is

    async def fault(self, kind, c, options):
        """The control API's faults of one connection."""
        if kind == "disconnect":
            reason = options.get("reason", "warning")
            default = {"warning": 10, "refresh_requested": 10}.get(reason, 0)
            if reason == "link_disabled":
                self.world.socket_mode = False
            await self.disconnect(c, reason, options.get("close_after_s", default))
        elif kind == "close":
            await c.send_close(int(options.get("code", 1000)))
        elif kind == "fin":
            c.finish("fin from the sandbox")
            c.writer.close()
        elif kind == "reset":
            c.finish("reset by the sandbox")
            hard_reset(c.writer.transport)
        elif kind == "half_open":
            c.frozen = True  # still registered: envelopes go to this ghost
            c.record["frozen"] = time.time()
            c.writer.transport.pause_reading()
            if self.world.settings["ghost_life_s"] is not None:
                self.spawn(self.give_up(c))
        elif kind == "raw":
            await self.raw(c, options)
        elif kind == "ping":
            await c.write(ws.frame(ws.PING, str(options.get("payload", "")).encode()))
        else:
            raise ControlError("unknown socket fault: %s" % kind)

    async def raw(self, c, options):
        """A frame that is no envelope: binary, empty, broken JSON, unknown type, huge ..."""
        size = int(options.get("bytes", 0))
        named = {
            "binary": (ws.BINARY, b"\x00\x01\x02\xff"),
            "empty": (ws.TEXT, b""),
            "not_json": (ws.TEXT, b"Hello!{"),
            "json_array": (ws.TEXT, b"[1,2]"),
            "unknown_type": (ws.TEXT, b'{"type":"surprise","envelope_id":"x","payload":{}}'),
            "missing_envelope_id": (
                ws.TEXT,
                b'{"type":"events_api","payload":{"event":{"type":"app_mention"}}}',
            ),
            "no_payload": (
                ws.TEXT,
                b'{"type":"events_api","envelope_id":"00000000-0000-0000-0000-000000000000"}',
            ),
            "bad_utf8": (ws.TEXT, b'{"type":"\xff\xfe"}'),
            "reserved_bit": (None, b"\xc1\x02{}"),
            "masked": (None, b"\x81\x82\x00\x00\x00\x00{}"),
            "bad_length": (None, b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"),
            "text": (ws.TEXT, str(options.get("text", "")).encode() + b" " * size),
        }
        if options.get("frame") not in named:
            raise ControlError("frame: one of %s" % ", ".join(sorted(named)))
        opcode, payload = named[options["frame"]]
        await c.write(payload if opcode is None else ws.frame(opcode, payload))
