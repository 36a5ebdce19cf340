"""One WebSocket of the app, as the server sees it."""
import asyncio
import json
import time

from . import websocket as ws


class Connection:
    """One WebSocket as the server sees it. `record` is what the control API shows."""

    def __init__(self, side, reader, writer, record):
        self.side, self.reader, self.writer, self.record = side, reader, writer, record
        self.frozen = False  # half-open: nothing is read or written any more
        self.closing = False  # no envelopes any more
        self.close_sent = False
        self.gone = asyncio.Event()  # it has ended, and Slack knows
        self.next_message = None  # {"fragments": n, "pieces": n, "pause_s": s} for one envelope
        self.tasks = []

    @property
    def usable(self):
        return (
            self.record["hello"] is not None and not self.closing and self.record["closed"] is None
        )

    async def write(self, data):
        gone = self.record["closed"] is not None or self.writer.transport.is_closing()
        if not self.frozen and not gone:
            self.writer.write(data)
            try:
                await self.writer.drain()
            except ConnectionError:
                pass

    async def send_json(self, message):
        await self.send_text(json.dumps(message, ensure_ascii=False).replace("/", "\\/"))

    async def send_text(self, text):
        shape, self.next_message = self.next_message, None
        if not shape:
            await self.write(ws.frame(ws.TEXT, text.encode()))
            return
        data = b"".join(ws.fragments(text.encode(), int(shape.get("fragments", 1))))
        if not self.frozen:
            await ws.dribble(
                self.writer, data, int(shape.get("pieces", 1)), float(shape.get("pause_s", 0.005))
            )

    async def send_close(self, code, reason=""):
        if not self.close_sent:
            self.close_sent = True
            self.closing = True
            self.record["server_close"] = code
            await self.write(ws.frame(ws.CLOSE, ws.close_payload(code, reason)))

    def finish(self, how):
        """Marks the connection as gone; the first reason counts."""
        if self.record["closed"] is None:
            self.record["closed"] = how
            self.record["closed_time"] = time.time()
            self.gone.set()
            self.side.world.changed()
        self.closing = True
