"""A small parser of Prometheus' text format (0.0.4), written from its specification.

It refuses what a scraper would refuse, and what a good citizen does not do.
"""
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Malformed(Exception):
    """The text is not in Prometheus' format."""


def _labels(text, line):
    """`a="b",c="d"}rest` -> ({...}, rest)."""
    labels = {}
    while not text.startswith("}"):
        name = LABEL.match(text)
        if not name or not text[name.end():].startswith('="'):
            raise Malformed("label in: %s" % line)
        at, value = name.end() + 2, []
        while at < len(text) and text[at] != '"':
            if text[at] == "\\":
                at += 1
                if text[at:at + 1] not in ("\\", '"', "n"):
                    raise Malformed("escape in: %s" % line)
                value.append("\n" if text[at] == "n" else text[at])
            else:
                value.append(text[at])
            at += 1
        if at >= len(text) or name.group() in labels:
            raise Malformed("unfinished or repeated label in: %s" % line)
        labels[name.group()] = "".join(value)
        text = text[at + 1:].removeprefix(",")
        if not text:
            raise Malformed("unfinished labels in: %s" % line)
    return labels, text[1:]


def _sample(line):
    name = NAME.match(line)
    if not name:
        raise Malformed("name in: %s" % line)
    rest, labels = line[name.end():], {}
    if rest.startswith("{"):
        labels, rest = _labels(rest[1:], line)
    parts = rest.split()
    if not rest.startswith(" ") or len(parts) not in (1, 2):
        raise Malformed("value in: %s" % line)
    return name.group(), labels, float(parts[0])


def parse(text):
    """{(name, ((label, value), ...)): number}; raises Malformed."""
    if text and not text.endswith("\n"):
        raise Malformed("the last line has no line feed")
    types, helps, samples, finished, current = {}, set(), {}, set(), None
    for line in text.split("\n")[:-1]:
        if line.startswith("#"):
            words = line.split(" ", 3)
            if len(words) < 4 or words[1] not in ("HELP", "TYPE"):
                raise Malformed("comment: %s" % line)
            if words[1] == "TYPE":
                if words[3] not in TYPES or words[2] in types:
                    raise Malformed("type: %s" % line)
                types[words[2]] = words[3]
            elif words[2] in helps:
                raise Malformed("help twice: %s" % line)
            helps.add(words[2]) if words[1] == "HELP" else None
            name = words[2]
        else:
            name, labels, value = _sample(line)
            key = (name, tuple(sorted(labels.items())))
            if key in samples:
                raise Malformed("twice: %s" % line)
            if name not in types or name not in helps:
                raise Malformed("no TYPE or HELP before: %s" % line)
            if types[name] == "counter" and (value < 0 or not name.endswith("_total")):
                raise Malformed("no counter: %s" % line)
            samples[key] = value
        if name != current:
            if name in finished:
                raise Malformed("lines of %s are not together" % name)
            finished.add(current)
            current = name
    return samples
