"""What a file is, as far as Slack's image blocks care: PNG, JPEG or GIF, whole, and of which size."""
import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
KINDS = {"png": ("image/png", "PNG"), "jpg": ("image/jpeg", "JPEG"), "gif": ("image/gif", "GIF")}
# Frame headers of JPEG, those that hold the size; C4, C8 and CC are something else.
JPEG_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _png(data):
    """Every chunk has its checksum, the first is IHDR and the last IEND."""
    at, size = len(PNG), None
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if at + 12 + length > len(data):
            return None
        if zlib.crc32(name + body) != struct.unpack_from(">I", data, at + 8 + length)[0]:
            return None
        if size is None:
            if name != b"IHDR" or length != 13:
                return None
            size = struct.unpack_from(">II", body)
        at += 12 + length
        if name == b"IEND":
            return size if at == len(data) else None
    return None


def _jpeg(data):
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return None


def picture_of(data):
    """("png", width, height), or None when it is no picture that Slack shows."""
    kind, size = None, None
    if data.startswith(PNG):
        kind, size = "png", _png(data)
    elif data.startswith(b"\xff\xd8"):
        kind, size = "jpg", _jpeg(data)
    elif data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        kind, size = "gif", struct.unpack_from("<HH", data, 6)
    return (kind, *size) if size and min(size) > 0 else None


def sample_png(width=64, height=32, colour=(163, 2, 0)):
    """A PNG of one colour, for tests."""

    def chunk(name, body):
        checksum = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)

    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
