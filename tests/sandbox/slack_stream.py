"""Text that streams: chat.startStream, appendStream, stopStream, and the status beside a bot's name.

What the methods' pages say (2026-05), and what others measured and no page says: Slack ends a stream
five minutes after its start, and takes about 12,000 characters for one message.
"""
from .blocks import MARKDOWN_TOTAL
from .lint import lint_markdown
from .slack_chat import (
    attach_reply,
    bot_message,
    channel_of,
    check_blocks,
    check_metadata,
    need,
    refuse,
    thread_root,
    visible,
    with_ids,
)
from .world import BOT_ID, TEAM, now_ms

STREAMING, OVER = "in_progress", "completed"
TASK_STATES = ("pending", "in_progress", "complete", "error")
SESSION_STATES = ("active", "processing", "suspended", "closed")
LOADING_MAX = 10
BLOCKS_MAX = 50


# --- what a call brings -------------------------------------------------------
def check_chunk(api, chunk):
    """The characters that a chunk weighs, and the blocks that it brings."""
    kinds = {
        "markdown_text": ("text",),
        "task_update": ("id", "title", "status"),
        "plan_update": ("title",),
        "blocks": ("blocks",),
    }
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    if kind not in kinds or any(not chunk.get(name) for name in kinds[kind]):
        refuse("invalid_chunks")
    if kind == "task_update" and chunk["status"] not in TASK_STATES:
        refuse("invalid_chunks")
    if kind == "blocks":
        check_blocks(api.world, chunk["blocks"])
        return "", chunk["blocks"]
    words = [chunk.get(name) or "" for name in ("text", "title", "details", "output")]
    if not all(isinstance(word, str) for word in words):
        refuse("invalid_chunks")
    return "".join(words), []


def brought(api, args):
    """(mode, text, blocks) of a call; mode is None when it brings nothing."""
    markdown, chunks = args.get("markdown_text"), args.get("chunks")
    if markdown and chunks:
        refuse("cannot_provide_both_markdown_text_and_chunks")
    if markdown:
        if not isinstance(markdown, str):
            refuse("invalid_arguments")
        return "markdown_text", markdown, []
    if chunks in (None, []):
        return None, "", []
    if not isinstance(chunks, list):
        refuse("invalid_chunks")
    parts = [check_chunk(api, chunk) for chunk in chunks]
    return "chunks", "".join(text for text, _ in parts), [b for _, blocks in parts for b in blocks]


def add(api, message, mode, text, blocks):
    """Puts what came at the end of the message."""
    stream = message["_stream"]
    if mode is None:
        return
    if stream["mode"] not in (None, mode):
        refuse("streaming_mode_mismatch")
    if len(stream["text"]) + len(text) > MARKDOWN_TOTAL:
        refuse("msg_too_long")
    if len(stream["blocks"]) + len(blocks) > BLOCKS_MAX:
        refuse("msg_blocks_too_many")
    stream["mode"] = mode
    stream["text"] += text
    stream["blocks"] += blocks
    stream["pieces"].append({"ms": now_ms(), "text": text})
    show(message, [])


def show(message, last):
    stream = message["_stream"]
    message["text"] = stream["text"]
    blocks = [{"type": "markdown", "text": stream["text"]}] if stream["text"] else []
    message["blocks"] = with_ids(blocks + stream["blocks"] + last, message["ts"])
    message["_lint"] = message["_stream"]["notes"] + lint_markdown(stream["text"], "stream")


# --- state --------------------------------------------------------------------
def is_streaming(world, message):
    """Slack ends a stream by itself some minutes after its start, whatever comes."""
    stream = message.get("_stream")
    if stream is None or message.get("streaming_state") != STREAMING:
        return False
    if now_ms() - stream["began_ms"] > world.settings["stream_s"] * 1000:
        message["streaming_state"] = OVER
        stream["ended"] = "expired"
        world.changed()
        return False
    return True


def streaming_message(api, args):
    need(args, "channel", "ts")
    channel = channel_of(api, args, posting=True)
    message = api.world.messages[channel].get(str(args["ts"]))
    if message is None or message.get("_deleted"):
        refuse("message_not_found")
    if message.get("bot_id") != BOT_ID:
        refuse("message_not_owned_by_app")
    if not is_streaming(api.world, message):
        refuse(
            "stopped_by_user"
            if message.get("_stream", {}).get("ended") == "stopped_by_user"
            else "message_not_in_streaming_state"
        )
    return channel, message


# --- the methods --------------------------------------------------------------
def check_recipient(api, channel, args):
    if api.world.channel_type(channel) == "im":
        return
    if not args.get("recipient_user_id"):
        refuse("missing_recipient_user_id")
    if not args.get("recipient_team_id"):
        refuse("missing_recipient_team_id")
    if args["recipient_user_id"] not in api.world.users:
        refuse("user_not_found")
    if args["recipient_team_id"] != TEAM:
        refuse("team_not_found")


def start(api, args):
    need(args, "channel", "thread_ts")
    world = api.world
    channel = channel_of(api, args, posting=True)
    check_recipient(api, channel, args)
    mode, text, blocks = brought(api, args)
    notes = []
    root = thread_root(api, channel, args["thread_ts"], notes)
    ts = world.next_ts()
    message = bot_message(ts, "", None, None, None)
    message.update(
        streaming_state=STREAMING,
        _lint=notes,
        _history=[],
        _request=len(world.requests) - 1,
        _stream={
            "mode": None,
            "text": "",
            "blocks": [],
            "pieces": [],
            "began_ms": now_ms(),
            "recipient": args.get("recipient_user_id"),
            "ended": None,
            "notes": notes,
        },
    )
    add(api, message, mode, text, blocks)
    attach_reply(root, message)
    world.messages[channel][ts] = message
    world.statuses.pop("%s/%s" % (channel, root["ts"]), None)  # goes with the next message
    world.changed()
    api.emit_message(channel, message)
    return {"channel": channel, "ts": ts}


def append(api, args):
    channel, message = streaming_message(api, args)
    mode, text, blocks = brought(api, args)
    if mode is None:
        refuse("markdown_text_or_chunks_required")
    add(api, message, mode, text, blocks)
    api.world.changed()
    return {"channel": channel, "ts": message["ts"]}


def stop(api, args):
    channel, message = streaming_message(api, args)
    mode, text, blocks = brought(api, args)
    last = args.get("blocks") or []
    check_blocks(api.world, last)
    check_metadata(args.get("metadata"))
    if args.get("session_status", "active") not in SESSION_STATES:
        refuse("invalid_arguments")
    add(api, message, mode, text, blocks)
    show(message, last)
    message["streaming_state"] = OVER
    message["_stream"]["ended"] = "stopped"
    if args.get("metadata"):
        message["metadata"] = args["metadata"]
    api.world.changed()
    return {"channel": channel, "ts": message["ts"], "message": visible(message)}


def stop_by_user(message):
    message["streaming_state"] = OVER
    message["_stream"]["ended"] = "stopped_by_user"


# --- status -------------------------------------------------------------------
def set_status(api, args):
    need(args, "channel_id", "thread_ts")
    if args.get("status") is None:
        need(args, "status")
    channel = channel_of(api, {"channel": args["channel_id"]})
    if str(args["thread_ts"]) not in api.world.messages[channel]:
        refuse("invalid_thread_ts")
    loading = args.get("loading_messages") or []
    if not isinstance(loading, list) or len(loading) > LOADING_MAX:
        refuse("invalid_arguments")
    key = "%s/%s" % (channel, args["thread_ts"])
    if args["status"]:
        api.world.statuses[key] = args["status"]
    else:
        api.world.statuses.pop(key, None)
    api.world.changed()
    return {}


STREAM_METHODS = {
    "chat.startStream": start,
    "chat.appendStream": append,
    "chat.stopStream": stop,
    "assistant.threads.setStatus": set_status,
}
