"""Jira's wiki markup (REST v2): which parts stand literally and which are markup.

From Atlassian's "Text formatting notation help". Not a renderer: it tells what a person would
read, block by block, and which markup outside {noformat} and {code} is live.
"""
import re

OPEN = re.compile(r"(?<!\\)\{(noformat|code)(?:[:|][^}\n]*)?\}")
ESCAPE = re.compile(r"\\([\\{}\[\]*_\-+^~!|#?@.()])")
HIDDEN = re.compile("[\u200b\u200c\u2060\ufeff]")
LIVE = (
    re.compile(r"(?<!\\)\{[a-zA-Z]+(?:[:|][^}\n]*)?\}"),  # any macro
    re.compile(r"(?<!\\)\[[^\]\n]+\]"),  # [link], [~user], [^attachment]
    re.compile(r"(?<!\\)!\S[^!\n]*\S?!"),  # !image!
    re.compile(r"^h[1-6]\. ", re.M),
    re.compile(r"^bq\. ", re.M),
    re.compile(r"^\|\|?[^\n]*\|", re.M),  # tables
    re.compile(r"^[*#-]+ ", re.M),  # lists
    re.compile(r"(?<![\w\\])([*_+^~]|\?\?)(?=\S)[^\n]*?(?<=[^\s\\])\1(?!\w)"),
)


def blocks(text):
    """[{"kind": text | noformat | code, "text": ...}] in reading order."""
    out, at = [], 0
    while True:
        start = OPEN.search(text, at)
        if start is None:
            break
        name = start.group(1)
        end = text.find("{%s}" % name, start.end())
        if end < 0:  # without its end the tag is text, and what follows is markup
            break
        if text[at : start.start()].strip():
            out.append({"kind": "text", "text": _shown(text[at : start.start()])})
        out.append({"kind": name, "text": _inner(text[start.end() : end])})
        at = end + len(name) + 2
    if text[at:].strip():
        out.append({"kind": "text", "text": _shown(text[at:])})
    return out


def _inner(text):
    """A literal block as shown: the line breaks next to its tags are not part of it."""
    return text[1:].rstrip("\n") if text.startswith("\n") else text.rstrip("\n")


def _shown(text):
    return ESCAPE.sub(r"\1", text.strip("\n"))


def plain(text):
    return "\n".join(block["text"] for block in blocks(text))


def live(text):
    """Markup that takes effect: every piece outside the literal blocks that Jira would render."""
    out, at, outside = [], 0, []
    while True:
        start = OPEN.search(text, at)
        end = -1 if start is None else text.find("{%s}" % start.group(1), start.end())
        if end < 0:
            outside.append(text[at:])
            break
        outside.append(text[at : start.start()])
        inner = text[start.end() : end]
        # A tag of the other kind inside is known to end the block in Jira's editor.
        out += [m.group(0) for m in re.finditer(r"(?<!\\)\{(?:noformat|code)[^}\n]*\}", inner)]
        at = end + len(start.group(1)) + 2
    for part in outside:
        for pattern in LIVE:
            out += [m.group(0) for m in pattern.finditer(part)]
    return out


def without_hidden(text):
    """The text without zero-width characters, to compare with what was meant."""
    return HIDDEN.sub("", text)
