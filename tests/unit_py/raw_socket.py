"""A WebSocket client with every byte under control, for tests of the server side."""
import base64
import json
import os
import socket
import struct
import time
import urllib.parse

PATIENCE = 60  # seconds


class RawSocket:
    """Connects with a fresh ticket. frames() yields (opcode, fin, payload)."""

    opened = []

    @classmethod
    def close_all(cls):
        """A test that failed midway leaves its connections open; the next one begins without any."""
        while cls.opened:
            cls.opened.pop().close()

    def __init__(self, api, path=None, handshake=None):
        url = api("apps.connections.open", token="app")["url"]
        parts = urllib.parse.urlsplit(url)
        self.sock = socket.create_connection((parts.hostname, parts.port), timeout=10)
        self.opened.append(self.sock)
        self.buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.path = path or "%s?%s" % (parts.path, parts.query)
        self.sock.sendall(
            (
                handshake
                or (
                    "GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n"
                )
                % (self.path, key)
            ).encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.sock.recv(4096)
            if not data:
                break
            head += data
        head, _, self.buffer = head.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ")[1])
        self.head = head.decode()

    def exactly(self, count):
        while len(self.buffer) < count:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out

    def frame(self):
        first, second = self.exactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.exactly(8))
        return first & 15, bool(first & 128), self.exactly(length)

    def message(self):
        """The next text message as JSON; pings are skipped, fragments put together. Pings alone do not keep it waiting."""
        whole, until = b"", time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < until, "no message came within %d s" % PATIENCE
            opcode, fin, payload = self.frame()
            if opcode >= 8 and opcode != 8:
                continue
            if opcode == 8:
                raise EOFError("close %d" % struct.unpack("!H", payload[:2])[0])
            whole += payload
            if fin:
                return json.loads(whole)

    def until(self, opcode):
        while True:
            found = self.frame()
            if found[0] == opcode:
                return found[2]

    def send(self, payload, opcode=1, fin=True, mask=True):
        data = payload.encode() if isinstance(payload, str) else payload
        head = bytes([(128 if fin else 0) | opcode])
        bit = 128 if mask else 0
        if len(data) < 126:
            head += bytes([bit | len(data)])
        elif len(data) < 65536:
            head += bytes([bit | 126]) + struct.pack("!H", len(data))
        else:
            head += bytes([bit | 127]) + struct.pack("!Q", len(data))
        key = os.urandom(4) if mask else b""
        body = bytes(b ^ key[i % 4] for i, b in enumerate(data)) if mask else data
        self.sock.sendall(head + key + body)

    def ack(self, message, **more):
        self.send(json.dumps({"envelope_id": message["envelope_id"], **more}))

    def leave(self):
        """The proper end."""
        self.send(struct.pack("!H", 1000), opcode=8)
        try:
            self.until(8)
        except (EOFError, OSError):
            pass
        self.sock.close()
