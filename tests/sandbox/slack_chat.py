"""The chat.* methods: what a channel shows, and what Slack refuses to show."""
import json

from . import blocks as block_kit
from .lint import lint
from .world import APP, BOT_ID, BOT_USER, DOMAIN, TEAM

TEXT_MAX = 40000
UPDATE_TEXT_MAX = 4000
METADATA_MAX = 8192  # not documented; the size that others report


def refuse(error, **more):
    from .slack_api import Refused  # the two modules know each other

    raise Refused(error, **more)


def truth(value):
    return value in (True, "true", "True", "1", 1)


def need(args, *names):
    for name in names:
        if args.get(name) in (None, ""):
            refuse(
                "invalid_arguments",
                response_metadata={"messages": ["[ERROR] missing required field: %s" % name]},
            )


def channel_of(api, args, posting=False):
    """The channel that the bot means, as Slack judges it."""
    world = api.world
    channel = args.get("channel")
    if posting and channel in world.users and channel != BOT_USER:
        return world.direct_channel(channel)
    if not isinstance(channel, str) or channel not in world.channels:
        refuse("channel_not_found")
    info = world.channels[channel]
    member = BOT_USER in info["members"]
    if info["is_private"] and not member:
        refuse("channel_not_found")
    if posting:
        if info["is_archived"]:
            refuse("is_archived")
        if not member and "chat:write.public" not in world.scopes:
            refuse("not_in_channel")
    return channel


def check_blocks(world, blocks):
    from .slack_files import file_errors  # the two modules know each other

    if blocks in (None, []):
        return
    errors = block_kit.check(blocks) or file_errors(world, blocks)
    if errors:
        refuse(
            "invalid_blocks",
            errors=errors,
            response_metadata={"messages": ["[ERROR] " + e for e in errors]},
        )
    if block_kit.too_long(blocks):
        refuse("msg_blocks_too_long")


def check_metadata(metadata):
    if metadata in (None, {}):
        return
    if not isinstance(metadata, dict):
        refuse("invalid_metadata_format")
    if set(metadata) - {"event_type", "event_payload", "entities"} or (
        "entities" not in metadata
        and not (
            isinstance(metadata.get("event_type"), str)
            and metadata["event_type"]
            and isinstance(metadata.get("event_payload"), dict)
        )
    ):
        refuse("invalid_metadata_schema")
    if len(json.dumps(metadata)) > METADATA_MAX:
        refuse("metadata_too_large")


def content(world, args, updating=False):
    """Checks the content of a posting call; returns (text, blocks, attachments, warnings)."""
    text, blocks, attachments = args.get("text"), args.get("blocks"), args.get("attachments")
    markdown = args.get("markdown_text")
    if text is not None and not isinstance(text, str):
        text = str(text)
    if markdown:
        if text or blocks:
            refuse("markdown_text_conflict")
        if len(markdown) > block_kit.MARKDOWN_TOTAL:
            refuse("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    if not (text or "").strip() and not blocks and not attachments:
        refuse("no_text")
    if attachments is not None and (not isinstance(attachments, list) or len(attachments) > 100):
        refuse("too_many_attachments")
    check_blocks(world, blocks)
    for attachment in attachments or []:
        check_blocks(world, attachment.get("blocks") if isinstance(attachment, dict) else None)
    warnings = []
    if updating and text and len(text) > UPDATE_TEXT_MAX and not markdown:
        refuse("msg_too_long")
    if text and len(text) > TEXT_MAX:
        text = text[:TEXT_MAX]
        warnings.append("message_truncated")
    check_metadata(args.get("metadata"))
    return text or "", blocks, attachments, warnings


def with_ids(blocks, ts):
    """Slack gives every block an id, and every interactive element an action_id."""
    out = json.loads(json.dumps(blocks))
    for i, block in enumerate(out):
        block.setdefault("block_id", "b%s%d" % (ts[-4:], i))
        for j, element in enumerate(
            block.get("elements", []) if block["type"] == "actions" else []
        ):
            element.setdefault("action_id", "a%s%d%d" % (ts[-4:], i, j))
    return out


def bot_message(ts, text, blocks, attachments, metadata):
    message = {
        "type": "message",
        "user": BOT_USER,
        "bot_id": BOT_ID,
        "app_id": APP,
        "team": TEAM,
        "ts": ts,
        "text": text,
        "bot_profile": {
            "id": BOT_ID,
            "app_id": APP,
            "name": "tocsin",
            "deleted": False,
            "team_id": TEAM,
        },
    }
    if blocks:
        message["blocks"] = with_ids(blocks, ts)
    if attachments:
        message["attachments"] = attachments
    if metadata:
        message["metadata"] = metadata
    return message


def visible(message):
    """The message as an answer or an event carries it: without the sandbox's own members."""
    return {k: v for k, v in message.items() if not k.startswith("_")}


def thread_root(api, channel, thread_ts, notes):
    """The root of a thread; a reply's ts is taken for its root, as Slack's clients show it."""
    root = api.world.messages[channel].get(str(thread_ts))
    if root is None:
        refuse("thread_not_found")
    if root.get("thread_ts") not in (None, root["ts"]):
        notes.append("thread_ts is a reply's, not the root's")
        root = api.world.messages[channel][root["thread_ts"]]
    return root


def attach_reply(root, message):
    message["thread_ts"] = root["ts"]
    message["parent_user_id"] = root["user"]
    root["thread_ts"] = root["ts"]
    root["reply_count"] = root.get("reply_count", 0) + 1
    root["latest_reply"] = message["ts"]
    users = root.setdefault("reply_users", [])
    if message["user"] not in users:
        users.append(message["user"])
    root["reply_users_count"] = len(users)


def post_message(api, args):
    world = api.world
    channel = channel_of(api, args, posting=True)
    text, blocks, attachments, warnings = content(api.world, args)
    ts = world.next_ts()
    message = bot_message(ts, text, blocks, attachments, args.get("metadata"))
    notes = lint(args, "chat.postMessage", blocks)
    if args.get("thread_ts"):
        root = thread_root(api, channel, args["thread_ts"], notes)
        attach_reply(root, message)
        world.statuses.pop("%s/%s" % (channel, root["ts"]), None)  # goes with the next message
        if truth(args.get("reply_broadcast")):
            message["subtype"] = "thread_broadcast"
    elif truth(args.get("reply_broadcast")):
        notes.append("reply_broadcast without thread_ts")
    message.update(_lint=notes, _history=[], _request=len(world.requests) - 1)
    world.messages[channel][ts] = message
    world.changed()
    api.emit_message(channel, message)
    answer = {"channel": channel, "ts": ts, "message": visible(message)}
    if warnings:
        answer.update(warning=",".join(warnings), response_metadata={"warnings": warnings})
    return answer


def own_message(api, args, foreign_error):
    channel = channel_of(api, args)
    message = api.world.messages[channel].get(str(args.get("ts")))
    if message is None or message.get("_deleted"):
        refuse("message_not_found")
    if message.get("bot_id") != BOT_ID:
        refuse(foreign_error)
    return channel, message


def update(api, args):
    from .slack_stream import is_streaming  # the two modules know each other

    need(args, "channel", "ts")
    channel, message = own_message(api, args, "cant_update_message")
    if is_streaming(api.world, message):
        refuse("streaming_state_conflict")
    if api.world.channels[channel]["is_archived"]:
        refuse("is_channel_archived")
    kept = dict(args)
    if "blocks" not in args and not args.get("markdown_text"):
        kept["blocks"] = message.get("blocks")
    text, blocks, attachments, warnings = content(api.world, kept, updating=True)
    before = visible(json.loads(json.dumps(message)))
    message["_history"].append(before)
    notes = lint(args, "chat.update", args.get("blocks"))
    message["_lint"] = message["_lint"] + [n for n in notes if n not in message["_lint"]]
    message["text"] = (
        text if args.get("text") is not None or args.get("markdown_text") else message["text"]
    )
    message.pop("blocks", None)
    if blocks:
        message["blocks"] = with_ids(blocks, message["ts"])
    if "attachments" in args:
        message["attachments"] = attachments or []
    if "metadata" in args:
        message["metadata"] = args["metadata"] or {}
    message["edited"] = {"user": BOT_USER, "ts": api.world.next_ts()}
    if truth(args.get("reply_broadcast")) and message.get("thread_ts") not in (None, message["ts"]):
        message["subtype"] = "thread_broadcast"
    api.world.changed()
    api.emit_change(channel, message, before)
    answer = {"channel": channel, "ts": message["ts"], "text": text, "message": visible(message)}
    if warnings:
        answer.update(warning=",".join(warnings), response_metadata={"warnings": warnings})
    return answer


def delete(api, args):
    need(args, "channel", "ts")
    channel, message = own_message(api, args, "cant_delete_message")
    message["_deleted"] = True
    api.world.changed()
    return {"channel": channel, "ts": message["ts"]}


def post_ephemeral(api, args):
    need(args, "channel", "user")
    channel = channel_of(api, args, posting=True)
    user = args["user"]
    if user not in api.world.users or user not in api.world.channels[channel]["members"]:
        refuse("user_not_in_channel")
    text, blocks, attachments, _ = content(api.world, args)
    ts = api.world.next_ts()
    message = bot_message(ts, text, blocks, attachments, None)
    message.update(_lint=lint(args, "chat.postEphemeral", blocks), thread_ts=args.get("thread_ts"))
    api.world.ephemerals.append(
        {"channel": channel, "to": user, "source": "chat.postEphemeral", **message}
    )
    api.world.changed()
    return {"message_ts": ts}


def permalink(api, args):
    need(args, "channel", "message_ts")
    channel = channel_of(api, args)
    if str(args["message_ts"]) not in api.world.messages[channel]:
        refuse("message_not_found")
    return {
        "channel": channel,
        "permalink": "https://%s.slack.com/archives/%s/p%s"
        % (DOMAIN, channel, args["message_ts"].replace(".", "")),
    }


def response_url(api, args):
    """A post, replacement or deletion through a response_url."""
    known = args.pop("_url")
    world, channel = api.world, known["channel"]
    target = world.messages[channel].get(known["message_ts"]) if known["message_ts"] else None
    if truth(args.get("delete_original")):
        if target is not None:
            target["_deleted"] = True
        world.changed()
        return {}
    text, blocks, attachments, _ = content(api.world, args)
    notes = lint(args, "response_url", blocks)
    ts = world.next_ts()
    message = bot_message(ts, text, blocks, attachments, args.get("metadata"))
    message["_lint"] = notes
    if truth(args.get("replace_original")):
        replace_original(world, known, target, message)
    elif args.get("response_type", "ephemeral") == "in_channel":
        message["_history"] = []
        if args.get("thread_ts"):
            attach_reply(thread_root(api, channel, args["thread_ts"], notes), message)
        world.messages[channel][ts] = message
        api.emit_message(channel, message)
    else:
        message["thread_ts"] = args.get("thread_ts")
        world.ephemerals.append(
            {"channel": channel, "to": known["user"], "source": "response_url", **message}
        )
    world.changed()
    return {}


def replace_original(world, known, target, message):
    if target is not None:
        target["_history"].append(visible(json.loads(json.dumps(target))))
        target["text"] = message["text"]
        target.pop("blocks", None)
        if "blocks" in message:
            target["blocks"] = message["blocks"]
        target["_lint"] = message["_lint"]
        return
    for shown in world.ephemerals:
        if shown["channel"] == known["channel"] and shown["ts"] == known["message_ts"]:
            shown.update({k: message.get(k) for k in ("text", "blocks", "_lint")})


CHAT_METHODS = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.getPermalink": permalink,
    "response_url": response_url,
}
