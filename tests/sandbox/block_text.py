"""The checker's core and its small parts: strings, text objects, lists, enumerations."""


class Checker:
    """Collects the faults of one payload."""

    def __init__(self, surface):
        self.surface = surface
        self.errors = []
        self.notes = []
        self._seen = set()

    def fail(self, text, at):
        self.errors.append("%s [json-pointer:%s]" % (text, at))

    def note(self, text, at):
        self.notes.append("%s at %s" % (text, at))

    def unique(self, what, value, at):
        if (what, str(value)) in self._seen:
            self.fail("`%s` must be unique" % what, at)
        self._seen.add((what, str(value)))

    def only(self, item, names, at):
        for name in item:
            if name not in names:
                self.fail("invalid additional property: %s" % name, at)

    def members(self, item, spec, more, at):
        """Unknown, missing and wrong members of an object."""
        self.only(item, set(spec) | more, at)
        for name, (required, check) in spec.items():
            if name in item:
                check(self, item[name], "%s/%s" % (at, name))
            elif required:
                self.fail("missing required field: %s" % name, at)


def string(low, high):
    def check(c, value, at):
        if not isinstance(value, str):
            c.fail("must be a string", at)
        elif len(value) < low:
            c.fail("must be more than %d characters" % (low - 1), at)
        elif high is not None and len(value) > high:
            c.fail("must be less than %d characters" % (high + 1), at)

    return check


def url(high):
    def check(c, value, at):
        string(1, high)(c, value, at)
        if isinstance(value, str) and not value.startswith(
            ("https://", "http://", "slack://", "mailto:")
        ):
            c.fail("must be a valid URL", at)

    return check


def boolean(c, value, at):
    if not isinstance(value, bool):
        c.fail("must be a boolean", at)


def integer(low, high):
    def check(c, value, at):
        if isinstance(value, bool) or not isinstance(value, int):
            c.fail("must be an integer", at)
        elif not low <= value <= high:
            c.fail("must be between %d and %d" % (low, high), at)

    return check


def enum(*values):
    def check(c, value, at):
        if value not in values:
            c.fail("must be one of: %s" % ", ".join(values), at)

    return check


def array(item_check, low, high):
    def check(c, value, at):
        if not isinstance(value, list):
            c.fail("must be an array", at)
            return
        if len(value) < low:
            c.fail("no fewer than %d items allowed [input:%d]" % (low, len(value)), at)
        if len(value) > high:
            c.fail("no more than %d items allowed [input:%d]" % (high, len(value)), at)
        for i, item in enumerate(value):
            item_check(c, item, "%s/%d" % (at, i))

    return check


def _text(high, kinds):
    members = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}

    def check(c, value, at):
        if not isinstance(value, dict):
            c.fail("must be an object", at)
            return
        kind = value.get("type")
        if kind not in kinds:
            c.fail("must be one of: %s" % ", ".join(kinds), at + "/type")
            return
        c.only(value, members[kind], at)
        if "text" not in value:
            c.fail("missing required field: text", at)
        else:
            string(1, high)(c, value["text"], at + "/text")
        for name in ("emoji", "verbatim"):
            if name in value:
                boolean(c, value[name], "%s/%s" % (at, name))

    return check


def one_text(high):
    """A text object of either kind."""
    return _text(high if high is not None else 3000, ("plain_text", "mrkdwn"))


def plain_text(high):
    return _text(high, ("plain_text",))
