"""A short transcript of the demo: what happened when, a line or a few for each stage.

It is made while the demo runs and can replace what stands between two marks in a file (README.md):
    transcript.write(path)
"""
import os
import re
import time

BEGIN = "<!-- made by `make demo-once TRANSCRIPT=README.md`: begin -->"
END = "<!-- made by `make demo-once TRANSCRIPT=README.md`: end -->"
WIDTH = 134
WHO = ("SNS", "#alarms", "Jira", "mail", "alice")
INDENT = 21  # of a text: the time and who
LINE = re.compile(r"    (?: *\d+\.\d s  (?:%s) +| {17})\S.*" % "|".join(WHO))


def compact(text):
    return " ".join(text.split())


class Transcript:
    """Collects notes; `names` are words of this machine that are replaced, {word: replacement}."""

    def __init__(self, names=None):
        self.began = time.monotonic()
        self.names = names or {os.uname().nodename: "this-machine"}
        self.lines = []

    def note(self, who, first, *more):
        assert who in WHO, who
        texts = [compact(text) for text in (first, *more)]
        for word, replacement in self.names.items():
            texts = [text.replace(word, replacement) for text in texts]
        room = WIDTH - INDENT
        texts = [text if len(text) <= room else text[: room - 1] + "…" for text in texts]
        stamp = "%4.1f s" % (time.monotonic() - self.began)
        self.lines.append("    %s  %-8s %s" % (stamp, who, texts[0]))
        self.lines += [" " * INDENT + text for text in texts[1:]]

    def write(self, path):
        """Between the marks of the file; the whole file when it has none, or is not there yet."""
        try:
            with open(path, encoding="utf-8") as old:
                text = old.read()
        except FileNotFoundError:
            text = ""
        with open(path, "w", encoding="utf-8") as new:
            new.write(replaced(text, self.lines))


def replaced(text, lines):
    """The text with the lines between its marks."""
    body = "\n".join(lines)
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        return body + "\n"
    return before + begin + "\n\n" + body + "\n\n" + end + after


def between_marks(text):
    """The lines that stand between the marks; None without marks."""
    _before, begin, rest = text.partition(BEGIN)
    old, end, _after = rest.partition(END)
    return old.strip("\n").split("\n") if begin and end else None
