"""Checks Block Kit against the documented limits and shapes, and names the place as Slack does.

check(blocks, surface) returns a list of strings such as
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
Sources: docs.slack.dev reference/block-kit (limits), @slack/types 3.2.0 (shapes).
"""
from .block_elements import (
    ACTIONS_ELEMENTS,
    CONTEXT_ACTIONS_ELEMENTS,
    INPUT_ELEMENTS,
    SECTION_ACCESSORIES,
    element,
    image_element,
    slack_file,
)
from .block_text import Checker, array, boolean, enum, integer, one_text, plain_text, string, url

MESSAGE_TOTAL = 13200  # characters of a whole message's blocks, measured by others
MARKDOWN_TOTAL = 12000
LIMITS = {"message": 50, "modal": 100, "home": 100}
CONTAINER_CHILDREN = {
    "actions",
    "context",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "table",
    "video",
}


def _elements(allowed, low, high):
    return array(lambda c, item, at: element(c, item, at, allowed), low, high)


def _fields(c, value, at):
    array(one_text(2000), 1, 10)(c, value, at)


def _section(c, block, at):
    if "text" not in block and "fields" not in block:
        c.fail("missing required field: text or fields", at)


def _image(c, block, at):
    if ("image_url" in block) == ("slack_file" in block):
        c.fail("exactly one of image_url and slack_file is needed", at)


def _input(c, block, at):
    if c.surface == "message" and (block.get("element") or {}).get("type") == "file_input":
        c.fail("file_input is for modals only", at + "/element")


RICH_ELEMENTS = {
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "rich_text_quote": {"elements", "border"},
    "rich_text_preformatted": {"elements", "border", "language"},
}
RICH_INLINE = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "emoji": ("name",),
    "broadcast": ("range",),
    "date": ("timestamp", "format"),
    "color": ("value",),
    "team": ("team_id",),
}


def _rich_inline(c, item, at):
    if not isinstance(item, dict) or item.get("type") not in RICH_INLINE:
        c.fail("unsupported rich text element", at)
        return
    for name in RICH_INLINE[item["type"]]:
        if name not in item:
            c.fail("missing required field: %s" % name, at)
    if item["type"] == "text" and (not isinstance(item.get("text"), str) or not item["text"]):
        c.fail("must be more than 0 characters", at + "/text")
    if item["type"] == "broadcast":
        c.note("broadcast mention", at)


def _rich(c, item, at):
    if not isinstance(item, dict) or item.get("type") not in RICH_ELEMENTS:
        c.fail("unsupported rich text element", at)
        return
    kind = item["type"]
    c.only(item, RICH_ELEMENTS[kind] | {"type"}, at)
    if not isinstance(item.get("elements"), list):
        c.fail("missing required field: elements", at)
        return
    if kind == "rich_text_list" and item.get("style") not in ("bullet", "ordered"):
        c.fail("must be one of: bullet, ordered", at + "/style")
    for i, inner in enumerate(item["elements"]):
        where = "%s/elements/%d" % (at, i)
        (_rich if kind == "rich_text_list" else _rich_inline)(c, inner, where)


def _cell(c, item, at):
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "rich_text":
        block(c, item, at, {"rich_text"})
    elif kind == "raw_text":
        c.only(item, {"type", "text"}, at)
        string(1, 3000)(c, item.get("text"), at + "/text")
    elif kind == "raw_number":
        c.only(item, {"type", "text", "value"}, at)
        if isinstance(item.get("value"), bool) or not isinstance(item.get("value"), (int, float)):
            c.fail("must be a number", at + "/value")
    else:
        c.fail("unsupported table cell", at)


def _rows(c, value, at):
    array(array(_cell, 1, 20), 1, 100)(c, value, at)
    if isinstance(value, list) and len({len(r) for r in value if isinstance(r, list)}) > 1:
        c.fail("all rows must have the same number of cells", at)


def _column(c, item, at):
    if not isinstance(item, dict):
        c.fail("must be an object", at)
        return
    c.only(item, {"align", "is_wrapped"}, at)
    if item.get("align", "left") not in ("left", "center", "right"):
        c.fail("must be one of: left, center, right", at + "/align")


def _child(c, item, at):
    block(c, item, at, CONTAINER_CHILDREN)


def _rich_block(c, item, at):
    block(c, item, at, {"rich_text"})


def _task(c, item, at):
    block(c, item, at, {"task_card"})


def _card(c, item, at):
    block(c, item, at, {"card"})


def _source(c, item, at):
    if not isinstance(item, dict) or item.get("type") != "url":
        c.fail("must be a url source", at)
        return
    c.only(item, {"type", "url", "text"}, at)
    string(1, 3000)(c, item.get("url"), at + "/url")


# block type -> ({member: (required, check)}, check of the whole, surfaces it may be on)
ALL, MODAL_TOO = ("message", "modal", "home"), ("message", "modal", "home")
BLOCKS = {
    "section": (
        {
            "text": (False, one_text(3000)),
            "fields": (False, _fields),
            "accessory": (False, lambda c, v, at: element(c, v, at, SECTION_ACCESSORIES)),
            "expand": (False, boolean),
        },
        _section,
        ALL,
    ),
    "header": ({"text": (True, plain_text(150)), "level": (False, integer(1, 4))}, None, ALL),
    "divider": ({}, None, ALL),
    "context": (
        {"elements": (True, array(lambda c, v, at: _context_element(c, v, at), 1, 10))},
        None,
        ALL,
    ),
    "actions": ({"elements": (True, _elements(ACTIONS_ELEMENTS, 1, 25))}, None, ALL),
    "context_actions": (
        {"elements": (True, _elements(CONTEXT_ACTIONS_ELEMENTS, 1, 5))},
        None,
        ("message",),
    ),
    "image": (
        {
            "alt_text": (True, string(1, 2000)),
            "title": (False, plain_text(2000)),
            "image_url": (False, url(3000)),
            "slack_file": (False, slack_file),
        },
        _image,
        ALL,
    ),
    "markdown": ({"text": (True, string(1, MARKDOWN_TOTAL))}, None, ("message",)),
    "rich_text": ({"elements": (True, array(_rich, 0, 1000))}, None, ALL),
    "input": (
        {
            "label": (True, plain_text(2000)),
            "hint": (False, plain_text(2000)),
            "optional": (False, boolean),
            "dispatch_action": (False, boolean),
            "element": (True, lambda c, v, at: element(c, v, at, INPUT_ELEMENTS)),
        },
        _input,
        ALL,
    ),
    "table": (
        {"rows": (True, _rows), "column_settings": (False, array(_column, 0, 20))},
        None,
        ("message",),
    ),
    "data_table": (
        {
            "rows": (True, _rows),
            "caption": (True, string(1, 2000)),
            "page_size": (False, integer(1, 100)),
            "row_header_column_index": (False, integer(0, 19)),
        },
        None,
        ("message",),
    ),
    "alert": (
        {
            "text": (True, one_text(3000)),
            "level": (False, enum("default", "info", "warning", "error", "success")),
        },
        None,
        ALL,
    ),
    "card": (
        {
            "hero_image": (False, image_element),
            "icon": (False, image_element),
            "title": (False, one_text(150)),
            "subtitle": (False, one_text(150)),
            "body": (False, one_text(200)),
            "actions": (False, _elements({"button"}, 1, 5)),
        },
        None,
        ("message",),
    ),
    "carousel": ({"elements": (True, array(_card, 1, 10))}, None, ("message",)),
    "container": (
        {
            "title": (False, plain_text(150)),
            "rich_text_title": (False, _rich_block),
            "subtitle": (False, one_text(3000)),
            "child_blocks": (True, array(_child, 1, 10)),
            "width": (False, enum("narrow", "standard", "wide", "full")),
            "icon": (False, image_element),
            "is_collapsible": (False, boolean),
            "default_collapsed": (False, boolean),
            "has_header_divider": (False, boolean),
        },
        None,
        ALL,
    ),
    "task_card": (
        {
            "task_id": (True, string(1, 255)),
            "title": (True, string(1, 3000)),
            "details": (False, _rich_block),
            "output": (False, _rich_block),
            "sources": (False, array(_source, 0, 100)),
            "status": (True, enum("pending", "in_progress", "complete", "error")),
        },
        None,
        ("message",),
    ),
    "plan": (
        {"title": (True, string(1, 3000)), "tasks": (False, array(_task, 0, 50))},
        None,
        ("message",),
    ),
    "video": (
        {
            "video_url": (True, url(3000)),
            "thumbnail_url": (True, url(3000)),
            "alt_text": (True, string(1, 2000)),
            "title": (True, plain_text(200)),
            "title_url": (False, url(3000)),
            "author_name": (False, string(1, 50)),
            "provider_name": (False, string(1, 50)),
            "provider_icon_url": (False, url(3000)),
            "description": (False, plain_text(200)),
        },
        None,
        ALL,
    ),
}


def _context_element(c, item, at):
    if isinstance(item, dict) and item.get("type") == "image":
        image_element(c, item, at)
    else:
        one_text(None)(c, item, at)


def block(c, item, at, allowed=None):
    """Checks one block."""
    if not isinstance(item, dict):
        c.fail("must be an object", at)
        return
    kind = item.get("type")
    if kind is None:
        c.fail("missing required field: type", at)
        return
    if kind not in BLOCKS or (allowed is not None and kind not in allowed):
        c.fail("unsupported type: %s" % kind, at + "/type")
        return
    members, whole, surfaces = BLOCKS[kind]
    if c.surface not in surfaces:
        c.fail("unsupported type: %s" % kind, at + "/type")
    if "block_id" in item:
        string(1, 255)(c, item["block_id"], at + "/block_id")
        c.unique("block_id", item["block_id"], at + "/block_id")
    c.members(item, members, {"type", "block_id"}, at)
    if whole:
        whole(c, item, at)


def _characters(value):
    """The characters that people or programs put into strings, keys and types left out."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(_characters(v) for v in value)
    if isinstance(value, dict):
        return sum(_characters(v) for k, v in value.items() if k not in ("type", "style"))
    return 0


def check(blocks, surface="message"):
    """All faults of a list of blocks; an empty list when Slack would take it."""
    c = Checker(surface)
    if not isinstance(blocks, list):
        c.fail("must be an array", "/blocks")
        return c.errors
    if len(blocks) > LIMITS[surface]:
        c.fail(
            "no more than %d items allowed [input:%d]" % (LIMITS[surface], len(blocks)), "/blocks"
        )
    for i, item in enumerate(blocks):
        block(c, item, "/blocks/%d" % i)
    markdown = sum(
        len(b["text"])
        for b in blocks
        if isinstance(b, dict) and b.get("type") == "markdown" and isinstance(b.get("text"), str)
    )
    if markdown > MARKDOWN_TOTAL:
        c.fail(
            "markdown blocks must be less than %d characters together" % (MARKDOWN_TOTAL + 1),
            "/blocks",
        )
    return c.errors


def too_long(blocks):
    """Whether Slack would answer msg_blocks_too_long."""
    return _characters(blocks) > MESSAGE_TOTAL


def check_view(view):
    """All faults of a modal or home view."""
    if not isinstance(view, dict):
        return ["must be an object [json-pointer:/view]"]
    kind = view.get("type")
    if kind not in ("modal", "home"):
        return ["must be one of: modal, home [json-pointer:/view/type]"]
    c = Checker(kind)
    members = {
        "callback_id": (False, string(0, 255)),
        "external_id": (False, string(0, 255)),
        "private_metadata": (False, string(0, 3000)),
        "blocks": (True, lambda *_: None),
    }
    if kind == "modal":
        members.update(
            {
                "title": (True, plain_text(24)),
                "submit": (False, plain_text(24)),
                "close": (False, plain_text(24)),
                "clear_on_close": (False, boolean),
                "notify_on_close": (False, boolean),
                "submit_disabled": (False, boolean),
            }
        )
    c.members(view, members, {"type"}, "/view")
    blocks = view.get("blocks")
    if (
        kind == "modal"
        and isinstance(blocks, list)
        and "submit" not in view
        and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
    ):
        c.fail("missing required field: submit", "/view")
    return c.errors + [e.replace(":/blocks", ":/view/blocks") for e in check(blocks, kind)]
