"""Shows a channel of the sandbox in a terminal, its mails and Jira issues too, and passes on what a
person types.

    python3 -m tests.sandbox.terminal --control http://127.0.0.1:PORT

Pictures are a line of words each, and saved to a temporary directory.

Lines: `/top i-0123456789abcdef0` runs a slash command, `@tocsin ping` is a mention, `click N`
presses button N of those shown last, `quit` ends; anything else is a message.
"""
import argparse
import pathlib
import re
import sys
import tempfile
import time
import threading

from .inbox import Inbox

COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "grey": "90", "bold": "1"}
MARKS = (
    (re.compile(r"\b(FIRING|ALARM)\b"), "red"),
    (re.compile(r"\b(RESOLVED|OK)\b", re.I), "green"),
    (re.compile(r"\b(ACK(NOWLEDGED)?|SILENCED|INSUFFICIENT_DATA|LATE)\b", re.I), "yellow"),
)


def paint(text, colour, on):
    return "\x1b[%sm%s\x1b[0m" % (COLOURS[colour], text) if on else text


def plain(text):
    """mrkdwn as a person reads it."""
    text = re.sub(r"<!date\^\d+\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<(?:https?|mailto):[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<([^@#!][^|>]*)>", r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def control(text):
    """Untrusted text without characters that would steer the terminal."""
    return "".join(
        c if c in "\n\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160) else "?" for c in text
    )


def element_text(element):
    kind = element.get("type")
    if kind in ("mrkdwn", "plain_text"):
        return plain(element["text"])
    if kind == "image":
        return "[picture: %s]" % element.get("alt_text", "")
    if "options" in element:
        return "[%s: %s]" % (
            element.get("placeholder", {}).get("text", element.get("action_id", "choose")),
            " | ".join(o["text"]["text"] for o in element["options"]),
        )
    if isinstance(element.get("text"), dict):
        return "[%s]" % element["text"]["text"]
    return "[%s]" % element.get("action_id", kind)


def rich(element):
    if "elements" in element:
        return "".join(rich(e) for e in element["elements"])
    if element.get("type") == "date":  # Slack shows it in the reader's own zone
        return time.strftime("%d %b %H:%M %Z", time.localtime(element["timestamp"]))
    return element.get("text") or "@%s" % element.get("user_id", element.get("url", ""))


def block_lines(block):
    """One block as lines of text."""
    kind = block["type"]
    if kind == "divider":
        return ["─" * 40]
    if kind in ("header", "alert"):
        return [plain(block["text"]["text"])]
    if kind == "markdown":
        return block["text"].split("\n")
    if kind == "image":
        return ["[picture: %s]" % block.get("alt_text", "")]
    if kind in ("context", "actions"):
        return [
            ("  " if kind == "actions" else " · ").join(element_text(e) for e in block["elements"])
        ]
    if kind == "table":
        return [" | ".join(c.get("text") or rich(c) for c in row) for row in block["rows"]]
    if kind == "rich_text":
        return rich(block).split("\n")
    lines = plain(block["text"]["text"]).split("\n") if "text" in block else []
    fields = [plain(f["text"]).replace("\n", ": ") for f in block.get("fields", [])]
    lines += [
        "  ".join(f.ljust(38) for f in fields[i : i + 2]).rstrip() for i in range(0, len(fields), 2)
    ]
    if "accessory" in block:
        lines.append(element_text(block["accessory"]))
    return lines or ["(%s)" % kind]


def render(message, colour=False, people=None):
    """A message as lines: blocks when there are any, else the text."""
    name = (people or {}).get(
        message.get("user"), "tocsin" if message.get("bot") else message.get("user", "?")
    )
    threaded = message.get("thread_ts") not in (None, message["ts"])
    indent = "    │ " if threaded else ""
    body = [line for b in message.get("blocks") or [] for line in block_lines(b)]
    body = body or plain(message.get("text", "")).split("\n")
    notes = ["edited %d×" % message["edits"]] if message.get("edits") else []
    notes += [":%s: %d" % (r["name"], r["count"]) for r in message.get("reactions") or []]
    notes += ["(file %s)" % f["name"] for f in message.get("files") or []]
    if message.get("subtype") == "thread_broadcast":
        notes.append("also sent to the channel")
    head = paint(name, "bold", colour) + (
        paint("  " + ", ".join(notes), "grey", colour) if notes else ""
    )
    out, code = [indent + head], False
    for line in body:
        code ^= line.count("```") % 2 == 1
        shown = control(line)
        if colour and not code:
            for mark, name_of_colour in MARKS:
                if mark.search(shown):
                    shown = paint(shown, name_of_colour, True)
                    break
        elif code:
            shown = paint(shown, "grey", colour)
        out.append(indent + "  " + shown)
    return out


class Terminal:
    """Prints messages as they appear and change."""

    def __init__(self, sandbox, channel=None, out=None):
        self.sandbox, self.channel = sandbox, channel or sandbox.channel
        self.out = out or sys.stdout
        self.colour = self.out.isatty()
        self.seen = {}
        self.ephemerals = 0
        self.buttons = []
        self.saved = {}  # id of a picture -> its path
        self.inbox = Inbox(sandbox)
        self.people = {u: i["name"] for u, i in sandbox.get("state")["users"].items()}
        self.lock = threading.Lock()

    def show(self):
        """Prints what is new or different since the last call."""
        with self.lock:
            for message in self.sandbox.messages(self.channel):
                state = (
                    message["text"],
                    str(message["blocks"]),
                    message["deleted"],
                    str(message["reactions"]),
                )
                if self.seen.get(message["ts"]) == state:
                    continue
                changed = message["ts"] in self.seen
                self.seen[message["ts"]] = state
                if message["deleted"]:
                    self.print_lines(["(a message was deleted)"], True)
                    continue
                self.print_lines(render(message, self.colour, self.people), changed)
                self.save_pictures(message)
                self.keep_buttons(message)
            found = self.sandbox.get("ephemerals")
            for shown in found[self.ephemerals :]:
                lines = render({**shown, "bot": True}, self.colour, self.people)
                self.print_lines(
                    ["(only visible to %s)" % self.people.get(shown["to"], shown["to"])] + lines,
                    False,
                )
            self.ephemerals = len(found)
            for lines in self.inbox.news():
                lines = [control(line) for line in lines]
                self.print_lines([paint(lines[0], "blue", self.colour)] + lines[1:], False)
            self.out.flush()

    def print_lines(self, lines, changed):
        if changed:
            print(paint("~ changed:", "yellow", self.colour), file=self.out)
        print("\n".join(lines), file=self.out)

    def save_pictures(self, message):
        """Each picture once, in a temporary directory that stays: somebody may want to look at it."""
        if not any(b["type"] == "image" and "slack_file" in b for b in message["blocks"]):
            return
        for picture in self.sandbox.pictures(message):
            if picture["id"] in self.saved:
                continue
            folder = next(iter(self.saved.values())).parent if self.saved else None
            folder = folder or pathlib.Path(tempfile.mkdtemp(prefix="tocsin-pictures-"))
            path = folder / ("%s.%s" % (picture["id"], picture["kind"]))
            path.write_bytes(picture["data"])
            self.saved[picture["id"]] = path
            self.print_lines(["  (picture saved as %s)" % path], False)

    def keep_buttons(self, message):
        """Those that the message has now."""
        self.buttons = [b for b in self.buttons if b[0] != message["ts"]]
        for block in message["blocks"]:
            for element in block.get("elements", []) if block["type"] == "actions" else []:
                for option in element.get("options", [None]):  # a menu counts as a button for each choice
                    label = (option or element)["text"]["text"]
                    chosen = None if option is None else option["value"]
                    self.buttons.append((message["ts"], element["action_id"], label, chosen))

    def watch(self, stop):
        """Shows changes until `stop` (a threading.Event) is set."""
        version = 0
        while not stop.is_set():
            try:
                self.show()
                version = self.sandbox.get("wait", since=version, timeout=1)["version"]
            except OSError:
                return

    def typed(self, line):
        """One line of a person; false when they want to leave."""
        line = line.strip()
        if line in ("quit", "exit"):
            return False
        try:
            if line.startswith("/"):
                envelope = self.sandbox.slash(line, channel=self.channel)
                if envelope["state"] != "acked":
                    print("%s failed: %s" % (line, envelope["state"]), file=self.out)
            elif line.startswith("click"):
                self.press(line[5:].strip())
            elif line:
                self.sandbox.say(line, channel=self.channel)
        except Exception as error:  # a person's typing must not end the demo
            print("not done: %s" % error, file=self.out)
        return True

    def press(self, which):
        if not which.isdigit() or not 1 <= int(which) <= len(self.buttons):
            for number, (_ts, action, text, _option) in enumerate(self.buttons, 1):
                print("%d: [%s] %s" % (number, text, action), file=self.out)
            return
        ts, action, _text, option = self.buttons[int(which) - 1]
        self.sandbox.click(ts, action, channel=self.channel, option=option)

    def read(self, lines=None):
        """Reads a person's lines while another thread shows the channel."""
        stop = threading.Event()
        watcher = threading.Thread(target=self.watch, args=(stop,), daemon=True)
        watcher.start()
        try:
            for line in lines or sys.stdin:
                if not self.typed(line):
                    break
        finally:
            stop.set()
            watcher.join(3)


def main():
    from .client import Sandbox

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control", required=True)
    parser.add_argument("--channel", default="C0ALARMS01")
    options = parser.parse_args()
    ready = {
        "control_url": options.control,
        "channel": options.channel,
        "config": None,
        "listen": None,
    }
    Terminal(Sandbox(None, ready, ".")).read()


if __name__ == "__main__":
    main()
