"""A model that believes whatever it reads: the worst that stands between hostile text and the bot's tools and readers.

It looks through all that it was given but its instructions, in the plain, decoded and in what is not seen, for
orders that concern its `mark`, and obeys them: it calls the tools that a text names with the arguments beside them,
recites its instructions when asked to, and repeats each text word by word, with its links and mentions.
"""
import base64
import binascii
import json
import re
import unicodedata
import urllib.parse

RECITE = re.compile(
    r"system prompt|your instructions|initial instructions|instrucciones|anweisungen|инструкци|システムプロンプト|指示", re.I
)
ENCODED = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
PIECE = re.compile(r"<<<data (\S+) [^\n]*\n(.*?)\n>>>end \1", re.S)
NAME = re.compile(r"(?<![A-Za-z])([a-z]+(?:_[a-z]+)+)[^{\n]{0,40}(?=\{)")
CALLS_MAX = 6


def plain(text):
    """As somebody who reads between the lines sees it: nothing invisible, tags as the letters they stand for."""
    shown = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) < 0xE007F else c for c in text)
    shown = "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Mn") or c in "\n\t")
    return unicodedata.normalize("NFKC", shown)


def readings(text):
    """The text in each way in which it may be meant."""
    text = plain(text)
    yield text
    yield text[::-1]
    yield urllib.parse.unquote(text)
    for found in ENCODED.findall(text):
        try:
            padded = found.rstrip("=") + "=" * (-len(found.rstrip("=")) % 4)
            yield plain(base64.b64decode(padded, "-_" if set(found) & set("-_") else None, True).decode())
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue


def pieces(params):
    """What people and tools said, in pieces as small as a text that somebody wrote: a line, or all that a fence holds."""
    for message in params["messages"]:
        if message["role"] != "user":
            continue
        for block in message["content"]:
            texts = [block["text"]] if "text" in block else []
            texts += [part.get("text", "") for part in block.get("toolResult", {}).get("content", [])]
            for text in texts:
                for _, piece in PIECE.findall(text):
                    yield from [piece] if piece.count("\n") < 30 else []
                    yield from piece.split("\n") if "\n" in piece else []


def orders(text):
    """The calls that a text wants: what may be the name of a tool, whether there is one or not, and an object behind it."""
    for found in NAME.finditer(text):
        try:
            given = json.JSONDecoder().raw_decode(text[found.end():])[0]
        except ValueError:
            continue
        yield {"name": found[1], "input": given}


def believed(params, mark):
    """(a text that concerns the mark, its readings), each once."""
    seen = set()
    for piece in pieces(params):
        read = [r for r in readings(piece) if mark in r]
        if read and piece not in seen:
            seen.add(piece)
            yield piece, read


def blocks(params, rule):
    """The short form of the next answer. rule: {"mark", "reads": [{"tool", "input"}]}; reads: what it calls first."""
    called = [
        (b["toolUse"]["name"], b["toolUse"]["input"])
        for m in params["messages"] if m["role"] == "assistant" for b in m["content"] if "toolUse" in b
    ]
    wanted = [(r["tool"], r.get("input", {})) for r in rule.get("reads", [])]
    texts = list(believed(params, rule["mark"]))
    if all(w in called for w in wanted):
        wanted = [(o["name"], o["input"]) for _, read in texts for r in read for o in orders(r)]
    due = [w for n, w in enumerate(wanted) if w not in called and w not in wanted[:n]][:CALLS_MAX]
    if due:
        return [{"tool": name, "input": given} for name, given in due]
    said = ["As you wish."]
    for piece, read in texts:
        said += [piece] + read[1:]
        if any(RECITE.search(r) for r in read):
            said += [block["text"] for block in params.get("system", []) if "text" in block]
    return [{"text": "\n\n".join(said)[:20000]}]
