"""Jira's wiki markup (REST v2): which parts stand literally and which are markup.

From Atlassian's "Text formatting notation help". Not a renderer: it tells what a person would
read, block by block, and which markup outside {noformat} and {code} is live.
"""
import html
import re

OPEN = re.compile(r"(?<!\\)\{(noformat|code)(?:[:|][^}\n]*)?\}")
ESCAPE = re.compile(r"\\([\\{}\[\]*_\-+^~!|#?@.()])")
HIDDEN = re.compile("[\u200b\u200c\u2060\ufeff]")
LINK = re.compile(r"(?<!\\)\[(?:([^\]|\n]*)\|)?(https?:[^\]|\n]+)\]")
MONOSPACED = re.compile(r"(?<!\\)\{\{([^\n]+?)\}\}")
BOLD = re.compile(r"(?<![\w\\])\*(?=\S)([^\n]*?)(?<=[^\s\\])\*(?!\w)")
LIVE = (
    re.compile(r"(?<![\\{])\{[a-zA-Z]+(?:[:|][^}\n]*)?\}(?!\})"),  # any macro
    MONOSPACED,
    re.compile(r"(?<!\\)\[[^\]\n]+\]"),  # [link], [~user], [^attachment]
    re.compile(r"(?<!\\)!\S[^!\n]*\S?!"),  # !image!
    re.compile(r"^h[1-6]\. ", re.M),
    re.compile(r"^bq\. ", re.M),
    re.compile(r"^\|\|?[^\n]*\|", re.M),  # tables
    re.compile(r"^[*#-]+ ", re.M),  # lists
    re.compile(r"(?<![\w\\])([*_+^~]|\?\?)(?=\S)[^\n]*?(?<=[^\s\\])\1(?!\w)"),
)


def _split(text):
    """(text | noformat | code, raw part) in order; nothing is left out but the tags."""
    at = 0
    while True:
        start = OPEN.search(text, at)
        end = -1 if start is None else text.find("{%s}" % start.group(1), start.end())
        if end < 0:  # without its end a tag is text, and what follows is markup
            yield "text", text[at:]
            return
        yield "text", text[at : start.start()]
        yield start.group(1), text[start.end() : end]
        at = end + len(start.group(1)) + 2


def _inner(text):
    """A literal block as shown: the line breaks next to its tags are not part of it."""
    return HIDDEN.sub("", text[1:] if text.startswith("\n") else text).rstrip("\n")


def _shown(text):
    """Text as shown: links by their names, bold and monospaced without their marks, entities and
    escapes as what they stand for."""
    text = LINK.sub(lambda m: m.group(1) or m.group(2), text.strip("\n"))
    text = BOLD.sub(r"\1", MONOSPACED.sub(r"\1", text))
    return HIDDEN.sub("", html.unescape(ESCAPE.sub(r"\1", text)))


def blocks(text):
    """[{"kind": text | noformat | code, "text": ...}] in reading order."""
    return [
        {"kind": kind, "text": _shown(part) if kind == "text" else _inner(part)}
        for kind, part in _split(text)
        if kind != "text" or part.strip()
    ]


def plain(text):
    return "\n".join(block["text"] for block in blocks(text))


def links(text):
    """Where the links outside the literal blocks lead, in order."""
    outside = [part for kind, part in _split(text) if kind == "text"]
    return [m.group(2) for part in outside for m in LINK.finditer(part)]


def live(text):
    """Markup that takes effect: every piece that Jira would render, not show.

    Inside a literal block that is a tag of either kind: one is known to end the other.
    """
    inside = re.compile(r"(?<!\\)\{(?:noformat|code)[^}\n]*\}")
    out = []
    for kind, part in _split(text):
        for pattern in LIVE if kind == "text" else (inside,):
            out += [m.group(0) for m in pattern.finditer(part)]
    return out
