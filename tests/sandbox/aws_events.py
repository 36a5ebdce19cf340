"""application/vnd.amazon.eventstream, as AWS's services write it; from the description of the format."""
import json
import struct
import zlib

TEXT = 7  # the type of a header that is a string


def message(headers, payload):
    """One message; headers {name: text}."""
    block = b""
    for name, text in headers.items():
        name, text = name.encode(), text.encode()
        block += struct.pack(">B%dsBH" % len(name), len(name), name, TEXT, len(text)) + text
    start = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    whole = start + struct.pack(">I", zlib.crc32(start)) + block + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def event(name, value):
    """An event of that type; value becomes JSON."""
    headers = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    return message(headers, json.dumps(value, ensure_ascii=False).encode())


def exception(name, text):
    """A modelled exception within a stream: "throttlingException"."""
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return message(headers, json.dumps({"message": text}).encode())
