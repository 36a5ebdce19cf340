"""Uploading files: an address for the bytes, the bytes, and the sharing in a channel."""
from .slack_chat import attach_reply, bot_message, channel_of, check_blocks, need, refuse
from .slack_chat import thread_root
from .world import BOT_USER, DOMAIN, random_id


class Uploads:
    """The three steps of a file upload."""

    @staticmethod
    def start(api, args):
        need(args, "filename", "length")
        if not str(args["length"]).isdigit() or int(args["length"]) <= 0:
            refuse("invalid_arguments")
        file_id = random_id("F", 11)
        api.world.files[file_id] = {
            "id": file_id,
            "name": args["filename"],
            "length": int(args["length"]),
            "alt_txt": args.get("alt_txt"),
            "data": None,
            "shared": None,
            "complete": False,
        }
        return {"upload_url": "%s/upload/v1/%s" % (api.base, file_id), "file_id": file_id}

    @staticmethod
    def receive(world, file_id, data):
        known = world.files.get(file_id)
        if known is None:
            return 404, "not found"
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
        api.world.changed()
        return {"files": [Uploads.shown(f) for f in files]}

    @staticmethod
    def share(api, args, channel, files):
        check_blocks(args.get("blocks"))
        ts = api.world.next_ts()
        message = bot_message(ts, args.get("initial_comment", ""), args.get("blocks"), None, None)
        message.update(
            files=[Uploads.shown(f) for f in files],
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
    def shown(known):
        out = {
            "id": known["id"],
            "name": known["name"],
            "title": known.get("title", known["name"]),
            "size": known["length"],
            "mode": "hosted",
            "user": BOT_USER,
            "is_external": False,
            "permalink": "https://%s.slack.com/files/%s/%s" % (DOMAIN, BOT_USER, known["id"]),
        }
        if known["shared"]:
            share = {k: v for k, v in known["shared"].items() if k != "channel" and v}
            out.update(
                channels=[known["shared"]["channel"]],
                shares={"public": {known["shared"]["channel"]: [share]}},
            )
        return out

    @staticmethod
    def info(api, args):
        known = api.world.files.get(args.get("file"))
        if known is None or not known["complete"]:
            refuse("file_not_found")
        return {"file": Uploads.shown(known)}
