"""Atlassian Document Format: a strict reader of what Jira Cloud v3 takes, and what a person sees.

Written from the pages of developer.atlassian.com (Document structure, one page a node and mark).
What those pages do not list is refused, although Jira may take it. One rule is stricter than the
schema: no line break in a text outside a codeBlock, because Jira shows a space there.
"""
import re

INLINE = {"text", "hardBreak", "date", "emoji", "mention", "status", "inlineCard", "mediaInline"}
LISTS = {"bulletList", "orderedList"}
MEDIA = {"mediaGroup", "mediaSingle"}
COMMON = {"paragraph", "heading", "codeBlock", "rule"} | LISTS | MEDIA
CELL = COMMON | {"blockquote", "panel", "nestedExpand"}
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
STATUS_COLOURS = {"neutral", "purple", "blue", "red", "yellow", "green"}
PANELS = {"info", "note", "tip", "warning", "error", "success", "custom"}
LAYOUTS = {"wide", "full-width", "center", "wrap-right", "wrap-left", "align-end", "align-start"}


def _string(value):
    return isinstance(value, str)


def _filled(value):
    return isinstance(value, str) and value != ""


def _number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _boolean(value):
    return isinstance(value, bool)


def _one_of(*values):
    return lambda value: isinstance(value, str) and value in values


def _colour(value):
    return _string(value) and COLOUR.match(value) is not None


# type -> (content types or None, least number of children, {attribute: test}, required attributes)
NODES = {
    "doc": (COMMON | {"blockquote", "panel", "expand", "table"}, 0, {}, ()),
    "paragraph": (INLINE, 0, {}, ()),
    "heading": (INLINE, 0, {"level": lambda v: v in range(1, 7) and not _boolean(v)}, ("level",)),
    "codeBlock": ({"text"}, 0, {"language": _string, "uniqueId": _string}, ()),
    "blockquote": ({"paragraph", "codeBlock"} | LISTS | MEDIA, 1, {}, ()),
    "bulletList": ({"listItem"}, 1, {}, ()),
    "orderedList": ({"listItem"}, 1, {"order": lambda v: _number(v) and v >= 0}, ()),
    "listItem": ({"paragraph", "codeBlock", "mediaSingle"} | LISTS, 1, {}, ()),
    "panel": (
        COMMON,
        1,
        {"panelType": _one_of(*PANELS), "panelIcon": _string, "panelColor": _string},
        ("panelType",),
    ),
    "expand": (
        COMMON | {"blockquote", "panel", "table", "nestedExpand"},
        1,
        {"title": _string},
        (),
    ),
    "nestedExpand": (COMMON | {"blockquote", "panel"}, 1, {"title": _string}, ("title",)),
    "table": (
        {"tableRow"},
        1,
        {
            "isNumberColumnEnabled": _boolean,
            "layout": _one_of("default", *(LAYOUTS - {"wrap-right", "wrap-left"})),
            "width": _number,
            "displayMode": _one_of("default", "fixed"),
        },
        (),
    ),
    "tableRow": ({"tableCell", "tableHeader"}, 0, {}, ()),
    "rule": (None, 0, {}, ()),
    "mediaGroup": ({"media"}, 1, {}, ()),
    "mediaSingle": (
        {"media"},
        1,
        {
            "layout": _one_of(*LAYOUTS),
            "width": _number,
            "widthType": _one_of("pixel", "percentage"),
        },
        ("layout",),
    ),
    "hardBreak": (None, 0, {"text": _one_of("\n")}, ()),
    "date": (None, 0, {"timestamp": _filled}, ("timestamp",)),
    "emoji": (None, 0, {"shortName": _string, "id": _string, "text": _string}, ("shortName",)),
    "mention": (
        None,
        0,
        {
            "id": _string,
            "text": _string,
            "accessLevel": _string,
            "userType": _one_of("DEFAULT", "SPECIAL", "APP"),
        },
        ("id",),
    ),
    "status": (
        None,
        0,
        {"text": _filled, "color": lambda v: v in STATUS_COLOURS or _colour(v), "style": _string},
        ("text", "color"),
    ),
    "inlineCard": (None, 0, {"url": _string, "data": lambda v: True}, ()),
    "mediaInline": (
        None,
        0,
        {"id": _filled, "collection": _string, "type": _one_of("file", "image", "link")},
        ("id", "collection"),
    ),
    "media": (
        None,
        0,
        {
            "id": _filled,
            "type": _one_of("file", "link"),
            "collection": _string,
            "alt": _string,
            "width": _number,
            "height": _number,
            "occurrenceKey": _filled,
        },
        ("id", "type", "collection"),
    ),
    "text": (None, 0, {}, ()),
}
for _cell in ("tableCell", "tableHeader"):
    NODES[_cell] = (
        CELL,
        1,
        {
            "background": _string,
            "colspan": _number,
            "rowspan": _number,
            "colwidth": lambda v: isinstance(v, list) and all(map(_number, v)),
        },
        (),
    )
# mark -> ({attribute: test}, required attributes)
MARKS = {
    "backgroundColor": ({"color": _colour}, ("color",)),
    "code": ({}, ()),
    "em": ({}, ()),
    "link": (
        dict.fromkeys(("href", "title", "id", "collection", "occurrenceKey"), _string),
        ("href",),
    ),
    "strike": ({}, ()),
    "strong": ({}, ()),
    "subsup": ({"type": _one_of("sub", "sup")}, ("type",)),
    "textColor": ({"color": _colour}, ("color",)),
    "underline": ({}, ()),
}
# The deepest nesting a real document comes near; a guard for the reader, not a rule of Atlassian.
DEPTH_MAX = 50


def _attributes(attrs, tests, required, path):
    if not isinstance(attrs, dict):
        return ["%s: attrs is not an object" % path]
    found = ["%s: attrs.%s is missing" % (path, name) for name in required if name not in attrs]
    for name, value in attrs.items():
        if name == "localId" and _string(value):
            continue
        if name not in tests:
            found.append("%s: attrs.%s is unknown" % (path, name))
        elif not tests[name](value):
            found.append("%s: attrs.%s is not valid" % (path, name))
    return found


def _marks(node, parent, path):
    marks = node.get("marks", [])
    if not isinstance(marks, list) or not all(isinstance(m, dict) for m in marks):
        return ["%s: marks is not a list of objects" % path]
    if marks and (node["type"] != "text" or parent == "codeBlock"):
        return ["%s: no marks here" % path]
    found, kinds = [], [m.get("type") for m in marks]
    for mark in marks:
        kind = mark.get("type")
        if kind not in MARKS:
            found.append("%s: unknown mark %r" % (path, kind))
            continue
        if set(mark) - {"type", "attrs"} or ("attrs" in mark and not MARKS[kind][0]):
            found.append("%s: mark %s has unknown members" % (path, kind))
        elif MARKS[kind][0]:
            found += _attributes(mark.get("attrs"), *MARKS[kind], "%s mark %s" % (path, kind))
    if len(set(map(str, kinds))) != len(kinds):
        found.append("%s: a mark is there twice" % path)
    if "code" in kinds and set(kinds) - {"code", "link"}:
        found.append("%s: the code mark goes with link only" % path)
    return found


def _text(node, parent, path):
    text = node.get("text")
    if not _filled(text):
        return ["%s: text is not a string of at least one character" % path]
    if parent != "codeBlock" and "\n" in text:
        return ["%s: line break in the text of a %s" % (path, parent)]
    return []


def _node(node, allowed, parent, path, depth):
    if not isinstance(node, dict) or not _string(node.get("type")):
        return ["%s: not a node" % path]
    kind = node["type"]
    if kind not in NODES:
        return ["%s: unknown node %s" % (path, kind)]
    if kind not in allowed:
        return ["%s: no %s inside %s" % (path, kind, parent)]
    if depth > DEPTH_MAX:
        return ["%s: nested too deeply" % path]
    content, least, attributes, required = NODES[kind]
    members = {"type", "marks"} | ({"text"} if kind == "text" else {"attrs"})
    members |= {"content"} if content else set()
    if kind in ("doc", "mediaGroup"):
        members = {"type", "content"} | ({"version"} if kind == "doc" else set())
    found = ["%s: unknown member %s" % (path, name) for name in sorted(set(node) - members)]
    found += _marks(node, parent, path)
    if kind == "text":
        return found + _text(node, parent, path)
    if "attrs" in node or required:
        found += _attributes(node.get("attrs"), attributes, required, path)
    if kind == "mediaSingle" and isinstance(node.get("attrs"), dict):
        found += _media_single(node, path)
    if kind == "inlineCard" and len({"url", "data"} & set(node.get("attrs") or {})) != 1:
        found.append("%s: inlineCard has either url or data" % path)
    if content:
        found += _children(node, content, least, path, depth)
    return found


def _media_single(node, path):
    attrs, found = node["attrs"], []
    if isinstance(node.get("content"), list) and len(node["content"]) > 1:
        found.append("%s: mediaSingle holds one media" % path)
    width = attrs.get("width", None if attrs.get("widthType") == "pixel" else 0)
    most = None if attrs.get("widthType") == "pixel" else 100
    if not _number(width) or width < 0 or (most is not None and width > most):
        found.append("%s: attrs.width is not valid" % path)
    return found


def _children(node, content, least, path, depth):
    kind = node["type"]
    children = node.get("content", [] if not least and kind != "tableRow" else None)
    if not isinstance(children, list):
        return ["%s: content is not a list" % path]
    found = ["%s: %s is empty" % (path, kind)] if len(children) < least else []
    for i, child in enumerate(children):
        found += _node(child, content, kind, "%s/content/%d" % (path, i), depth + 1)
    return found


def check(document):
    """What is wrong with a document, one line each; an empty list when Jira takes it."""
    if not isinstance(document, dict):
        return ["/: not an object"]
    found = _node(document, {"doc"}, "the value", "", 0)
    if document.get("version") != 1 or _boolean(document.get("version")):
        found.append("/: version is not 1")
    if "content" not in document:
        found.append("/: content is missing")
    return found


# --- what a person sees ---------------------------------------------------------
def _inline(node):
    kind, attrs = node["type"], node.get("attrs") or {}
    if kind == "hardBreak":
        return "\n"
    if kind in ("status", "mention", "emoji"):
        return attrs.get("text") or attrs.get("shortName") or "@" + attrs.get("id", "")
    if kind == "inlineCard":
        return attrs.get("url", "")
    return attrs.get("timestamp", "") if kind == "date" else node.get("text", "")


def blocks(document):
    """[{"kind": paragraph | codeBlock | ..., "text": ...}], in reading order."""
    out = []

    def walk(node):
        children = node.get("content", [])
        if node["type"] == "rule":
            out.append({"kind": "rule", "text": ""})
        elif node["type"] in ("paragraph", "heading", "codeBlock"):
            out.append({"kind": node["type"], "text": "".join(map(_inline, children))})
        else:
            if node["type"] in ("expand", "nestedExpand"):
                out.append({"kind": "title", "text": (node.get("attrs") or {}).get("title", "")})
            for child in children:
                walk(child)

    walk(document)
    return out


def plain(document):
    """The document as text, one block a paragraph of lines."""
    return "\n".join(block["text"] for block in blocks(document))


def links(document):
    """Where the links of a document lead, in order."""
    out = []

    def walk(node):
        if node["type"] == "inlineCard":
            out.append((node.get("attrs") or {}).get("url"))
        out.extend(m["attrs"]["href"] for m in node.get("marks", []) if m["type"] == "link")
        for child in node.get("content", []):
            walk(child)

    walk(document)
    return out


def units(text):
    """The length as Java counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def from_text(text):
    """A document for wiki text that somebody reads through v3: paragraphs and line breaks only."""
    content = []
    for part in text.split("\n\n"):
        inline = []
        for line in part.split("\n"):
            inline += [{"type": "hardBreak"}] if inline else []
            inline += [{"type": "text", "text": line}] if line else []
        content.append({"type": "paragraph", "content": inline})
    return {"version": 1, "type": "doc", "content": content}
