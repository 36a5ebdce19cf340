"""What Slack accepts but a careful app does not send: the `lint` list of every message."""
import re

LINK = re.compile(
    r"<(?:@[UWB][A-Z0-9]+(?:\|[^<>]*)?|#[CGD][A-Z0-9]+(?:\|[^<>]*)?"
    r"|!subteam\^S[A-Z0-9]+(?:\|[^<>]*)?"
    r"|!date\^\d+\^[^<>|]+\|[^<>]*|(?:https?|mailto|slack)[:][^<>|\s]*(?:\|[^<>]*)?)>"
)
BROADCAST = re.compile(r"<!(?:channel|here|everyone)(?:\|[^<>]*)?>")
BARE = re.compile(r"(?<![\w.])@(?:channel|here|everyone)\b")
ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
FENCE = re.compile(r"```")
MARKDOWN = (
    ("broadcast mention reaches markdown", re.compile(r"<!(?:channel|here|everyone)")),
    ("unescaped < in markdown", re.compile(r"<")),
    ("bare @-broadcast in markdown", BARE),
    ("a link in markdown", re.compile(r"(?<!\\)\[[^\]\n]*\][(\[:]")),
    ("an address in markdown", re.compile(r"://|\bwww\.\w|\bmailto:\w", re.I)),
)


def _mrkdwn(text, where, found, verbatim=True):
    """Judges one string that Slack parses as mrkdwn."""
    if BROADCAST.search(text):
        found.append("broadcast mention reaches mrkdwn at %s" % where)
    rest = BROADCAST.sub("", LINK.sub("", text))
    if "<" in rest:
        found.append("unescaped < at %s" % where)
    # A quoting > stands at the start of a line; any other has to be &gt;.
    if any(">" in line.lstrip().lstrip(">") for line in rest.split("\n")):
        found.append("unescaped > at %s" % where)
    if ENTITY.search(rest):
        found.append("unescaped & at %s" % where)
    if re.search(r"&amp;(?:amp|lt|gt);", rest):
        found.append("escaped twice at %s" % where)
    if not verbatim and BARE.search(rest):
        found.append("bare @-broadcast without verbatim at %s" % where)
    if len(FENCE.findall(text)) % 2:
        found.append("unbalanced code fence at %s" % where)


def lint_markdown(text, where):
    """What a careful app does not let into Markdown from elsewhere: a mention, a link, a picture."""
    found, rest = [], []
    for i, part in enumerate(FENCE.split(text)):
        for line in part.split("\n") if i % 2 == 0 else []:
            rest += re.split("`[^`]*(?:`|$)", line)
    for part in rest:
        for what, pattern in MARKDOWN:
            if pattern.search(part):
                found.append("%s at %s: %s" % (what, where, part.strip()[:60]))
    return found


def _walk(value, where, found):
    if isinstance(value, list):
        for i, item in enumerate(value):
            _walk(item, "%s/%d" % (where, i), found)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn" and isinstance(value.get("text"), str):
            if value.get("verbatim") is not True:
                found.append("verbatim missing at %s" % where)
            _mrkdwn(value["text"], where, found, value.get("verbatim") is True)
        if value.get("type") == "markdown" and isinstance(value.get("text"), str):
            found += lint_markdown(value["text"], where)
        if value.get("type") == "broadcast":
            found.append("broadcast mention at %s" % where)
        for key, item in value.items():
            _walk(item, "%s/%s" % (where, key), found)


def lint(args, method, blocks):
    """The list of warnings for the arguments of a posting call (already parsed)."""
    found = []
    text = args.get("text") or ""
    if (blocks or args.get("attachments")) and not text.strip():
        found.append("no top-level text: screen readers and notifications have nothing")
    if len(text) > 4000:
        found.append("text above the recommended 4,000 characters")
    if text:
        _mrkdwn(
            text,
            "text",
            found,
            verbatim=str(args.get("link_names", "")).lower() not in ("true", "1"),
        )
    if args.get("link_names") in (True, "true", "1", 1):
        found.append("link_names is on")
    if args.get("parse") == "full":
        found.append("parse=full")
    if method == "chat.postMessage":
        for name in ("unfurl_links", "unfurl_media"):
            if str(args.get(name, "")).lower() not in ("false", "0"):
                found.append("%s is not off" % name)
    if method == "chat.update" and "blocks" not in args:
        found.append("update without blocks keeps the old ones")
    _walk(blocks or [], "blocks", found)
    return found
