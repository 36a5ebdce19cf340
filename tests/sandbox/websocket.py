"""The server half of RFC 6455, small and strict, with every frame under our control.

A library would hide what the tests have to do: fragments, half-open connections, missing answers.
"""
import asyncio
import base64
import hashlib
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CLIENT_FRAME_MAX = 20480  # Slack: "Max frame length of 20480 has been exceeded."
HEAD_MAX = 16384


class ProtocolError(Exception):
    """The client broke the protocol; the connection ends with this close code."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


async def read_head(reader):
    """The request line and the headers (names in lower case) of an upgrade request."""
    head = await reader.readuntil(b"\r\n\r\n")
    if len(head) > HEAD_MAX:
        raise ValueError("request head too large")
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        if line:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
    return lines[0], headers


def handshake_fault(request_line, headers):
    """What is wrong with an upgrade request, or None."""
    parts = request_line.split(" ")
    if len(parts) != 3 or parts[0] != "GET" or parts[2] != "HTTP/1.1":
        return "not a GET of HTTP/1.1"
    if "host" not in headers:
        return "no Host"
    if headers.get("upgrade", "").lower() != "websocket":
        return "no Upgrade: websocket"
    if "upgrade" not in [t.strip().lower() for t in headers.get("connection", "").split(",")]:
        return "no Connection: Upgrade"
    if headers.get("sec-websocket-version") != "13":
        return "Sec-WebSocket-Version is not 13"
    try:
        if len(base64.b64decode(headers.get("sec-websocket-key", ""), validate=True)) != 16:
            return "Sec-WebSocket-Key is not 16 bytes"
    except ValueError:
        return "Sec-WebSocket-Key is not base64"
    return None


def accept_answer(headers):
    digest = hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %s\r\n\r\n" % base64.b64encode(digest).decode()
    ).encode()


def plain_answer(status, more=""):
    names = {
        400: "Bad Request",
        403: "Forbidden",
        404: "Not Found",
        408: "Request Timeout",
        409: "Conflict",
        429: "Too Many Requests",
        503: "Service Unavailable",
    }
    return (
        "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n%s\r\n"
        % (status, names.get(status, "Status"), more)
    ).encode()


def frame(opcode, payload, fin=True):
    """An unmasked server frame."""
    head = bytes([(0x80 if fin else 0) | opcode])
    if len(payload) < 126:
        head += bytes([len(payload)])
    elif len(payload) < 65536:
        head += b"\x7e" + struct.pack("!H", len(payload))
    else:
        head += b"\x7f" + struct.pack("!Q", len(payload))
    return head + payload


def fragments(payload, count):
    """One text message in several frames."""
    size = max(1, -(-len(payload) // count))
    parts = [payload[i : i + size] for i in range(0, len(payload), size)] or [b""]
    return [
        frame(TEXT if i == 0 else 0, part, fin=i == len(parts) - 1) for i, part in enumerate(parts)
    ]


async def read_frame(reader):
    """One client frame: (fin, opcode, payload). Raises ProtocolError or IncompleteReadError."""
    first, second = await reader.readexactly(2)
    fin, opcode, length = bool(first & 0x80), first & 0x0F, second & 0x7F
    if first & 0x70:
        raise ProtocolError(1002, "reserved bits set without an extension")
    if not second & 0x80:
        raise ProtocolError(1002, "client frame is not masked")
    if opcode not in (0, TEXT, BINARY, CLOSE, PING, PONG):
        raise ProtocolError(1002, "unknown opcode %d" % opcode)
    if opcode >= 8 and (length > 125 or not fin):
        raise ProtocolError(1002, "control frame too long or fragmented")
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        if length < 126:
            raise ProtocolError(1002, "length not in its shortest form")
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
        if length < 65536:
            raise ProtocolError(1002, "length not in its shortest form")
    if length > CLIENT_FRAME_MAX:
        raise ProtocolError(1009, "Max frame length of %d has been exceeded." % CLIENT_FRAME_MAX)
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length)
    return fin, opcode, _unmask(data, mask)


def _unmask(data, mask):
    if not data:
        return data
    key = (mask * (len(data) // 4 + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")


def close_payload(code, reason=""):
    return struct.pack("!H", code) + reason.encode()[:123]


def parse_close(payload):
    """The code of a CLOSE frame; 1005 when it has none."""
    if not payload:
        return 1005
    if len(payload) == 1:
        raise ProtocolError(1002, "close frame of one byte")
    (code,) = struct.unpack("!H", payload[:2])
    payload[2:].decode("utf-8")
    return code


async def dribble(writer, data, pieces, pause_s):
    """Writes data in several TCP segments."""
    size = max(1, -(-len(data) // pieces))
    for i in range(0, len(data), size):
        writer.write(data[i : i + size])
        await writer.drain()
        await asyncio.sleep(pause_s)
