"""Uploading files: an address for the bytes, the bytes, and the sharing in a channel.

A file is processed for a while after it is complete (setting file_processing_s): until then its
mimetype is empty and an image block with it is refused. One that was not shared in a channel is
private to the bot until a message of the bot shows it.
"""
import time

from .pictures import KINDS, picture_of
from .slack_chat import attach_reply, bot_message, channel_of, check_blocks, need, refuse
from .slack_chat import thread_root
from .world import BOT_USER, DOMAIN, TEAM, random_id

ALT_TXT_MAX = 1000


class Uploads:
    """The three steps of a file upload."""

    @staticmethod
    def start(api, args):
        need(args, "filename", "length")
        if not str(args["length"]).isdigit() or int(args["length"]) <= 0:
            refuse("invalid_arguments")
        if len(args.get("alt_txt", "")) > ALT_TXT_MAX:
            refuse("alt_txt_too_large")
        file_id = random_id("F", 11)
        api.world.files[file_id] = {
            "id": file_id,
            "name": args["filename"],
            "length": int(args["length"]),
            "alt_txt": args.get("alt_txt"),
            "data": None,
            "shared": None,
            "complete": False,
            "completed_at": None,  # time.monotonic()
        }
        return {"upload_url": "%s/upload/v1/%s" % (api.base, file_id), "file_id": file_id}

    @staticmethod
    def receive(world, file_id, data):
        known = world.files.get(file_id)
        if known is None:
            return 404, "not found"
        if known["complete"]:
            return 404, "the upload is over"
        if len(data) != known["length"]:
            return 400, "length mismatch"
        known["data"] = data
        world.changed()
        return 200, "OK - %d" % len(data)

    @staticmethod
    def complete(api, args):
        wanted = args.get("files")
        if not isinstance(wanted, list) or not wanted:
            refuse("invalid_arguments")
        files = []
        for item in wanted:
            known = api.world.files.get((item or {}).get("id") if isinstance(item, dict) else None)
            if known is None or known["data"] is None or known["complete"]:
                refuse("file_not_found")
            known["title"] = item.get("title") or known["name"]
            files.append(known)
        channel = args.get("channel_id") or args.get("channels")
        if channel:
            Uploads.share(api, args, channel_of(api, {"channel": channel}, posting=True), files)
        for known in files:
            known["complete"] = True
            known["completed_at"] = time.monotonic()
        api.world.changed()
        return {"files": [Uploads.shown(api.world, f) for f in files]}

    @staticmethod
    def share(api, args, channel, files):
        check_blocks(api.world, args.get("blocks"))
        ts = api.world.next_ts()
        message = bot_message(ts, args.get("initial_comment", ""), args.get("blocks"), None, None)
        message.update(
            files=[Uploads.shown(api.world, f) for f in files],
            subtype="file_share",
            upload=True,
            _lint=[],
            _history=[],
        )
        if args.get("thread_ts"):
            attach_reply(thread_root(api, channel, args["thread_ts"], message["_lint"]), message)
        api.world.messages[channel][ts] = message
        for known in files:
            known["shared"] = {"channel": channel, "ts": ts, "thread_ts": message.get("thread_ts")}
        api.emit_message(channel, message)

    @staticmethod
    def shown(world, known):
        out = {
            "id": known["id"],
            "name": known["name"],
            "title": known.get("title", known["name"]),
            "size": known["length"],
            "mode": "hosted",
            "user": BOT_USER,
            "is_external": False,
            "is_public": bool(known["shared"]),
            "url_private": "https://files.slack.com/files-pri/%s-%s/%s"
            % (TEAM, known["id"], known["name"]),
            "permalink": "https://%s.slack.com/files/%s/%s" % (DOMAIN, BOT_USER, known["id"]),
        }
        out.update(Uploads.kind(world, known))
        if known["shared"]:
            share = {k: v for k, v in known["shared"].items() if k != "channel" and v}
            out.update(
                channels=[known["shared"]["channel"]],
                shares={"public": {known["shared"]["channel"]: [share]}},
            )
        return out

    @staticmethod
    def is_processed(world, known):
        seconds = world.settings["file_processing_s"]
        return (
            known["complete"]
            and seconds is not None
            and time.monotonic() >= known["completed_at"] + seconds * world.scale
        )

    @staticmethod
    def kind(world, known):
        """What Slack found out about a file; nothing before it is processed."""
        if not Uploads.is_processed(world, known):
            return {"mimetype": "", "filetype": "", "pretty_type": ""}
        picture = picture_of(known["data"])
        if picture is None:
            return {"mimetype": "text/plain", "filetype": "text", "pretty_type": "Plain Text"}
        kind, width, height = picture
        mimetype, pretty = KINDS[kind]
        return {
            "mimetype": mimetype,
            "filetype": kind,
            "pretty_type": pretty,
            "original_w": width,
            "original_h": height,
        }

    @staticmethod
    def info(api, args):
        known = api.world.files.get(args.get("file"))
        if known is None or not known["complete"]:
            refuse("file_not_found")
        return {"file": Uploads.shown(api.world, known)}


def slack_files(value, at=""):
    """Every slack_file in blocks: (place, the object)."""
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield from slack_files(item, "%s/%d" % (at, i))
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "slack_file" and isinstance(item, dict):
                yield at + "/slack_file", item
            else:
                yield from slack_files(item, "%s/%s" % (at, key))


def find_file(world, wanted):
    """The file that a slack_file means, or None."""
    known = world.files.get(wanted.get("id"))
    if known is not None or "url" not in wanted:
        return known
    for candidate in world.files.values():
        shown = Uploads.shown(world, candidate)
        if wanted["url"] in (shown["url_private"], shown["permalink"]):
            return candidate
    return None


def file_errors(world, blocks):
    """Slack's words for every slack_file that it would not show."""
    errors = []
    for at, wanted in slack_files(blocks, "/blocks"):
        known = find_file(world, wanted)
        if known is None or not Uploads.is_processed(world, known) or not picture_of(known["data"]):
            errors.append("invalid slack file [json-pointer:%s]" % at)
    return errors


def pictures(world, message):
    """What a message shows: id, alt, title, name, and the bytes of each picture, in order."""
    found = []
    for block in message.get("blocks") or []:
        if block.get("type") == "image" and "slack_file" in block:
            known = find_file(world, block["slack_file"])
            kind, width, height = picture_of(known["data"])
            found.append(
                {
                    "id": known["id"],
                    "alt": block["alt_text"],
                    "title": block.get("title", {}).get("text"),
                    "name": known["name"],
                    "kind": kind,
                    "width": width,
                    "height": height,
                    "data": known["data"],
                }
            )
    return found
