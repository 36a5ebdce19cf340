"""JQL as far as a bot needs it: clauses on the usual fields, AND, OR, NOT, brackets, ORDER BY.

    matches = Query(text, site).matches      # raises Wrong(text in Jira's words)

Dates are read in the time zone of the user who asks, as Jira does. A comparison with != or
NOT IN does not find issues where the field is empty.
"""
import datetime
import re
import time
import zoneinfo

TOKEN = re.compile(
    r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|<=|>=|[=<>~(),])|([^\s"'=!<>~(),]+))"""
)
DATES = {
    "created": lambda i: i.created_s,
    "createddate": lambda i: i.created_s,
    "updated": lambda i: i.updated_s,
    "updateddate": lambda i: i.updated_s,
    "resolved": lambda i: i.resolved_s,
    "resolutiondate": lambda i: i.resolved_s,
}
ORDER_MAX = 7
PERIOD = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)\Z")
SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60}


class Wrong(Exception):
    """A query that Jira refuses; the text is Jira's."""


def _values(site, field):
    """How to read a field: issue -> list of lower-case values."""
    readers = {
        "project": lambda i: [i.project.lower()],
        "labels": lambda i: [label.lower() for label in i.fields.get("labels") or []],
        "status": lambda i: [i.status["name"].lower(), i.status["id"]],
        "statuscategory": lambda i: [
            i.status["category"],
            site.category(i.status)["name"].lower(),
            str(site.category(i.status)["id"]),
        ],
        "resolution": lambda i: [i.fields["resolution"].lower()]
        if i.fields.get("resolution")
        else [],
        "issuetype": lambda i: [i.type["name"].lower(), i.type["id"]],
        "type": lambda i: [i.type["name"].lower(), i.type["id"]],
        "key": lambda i: [i.key.lower(), i.id],
        "issuekey": lambda i: [i.key.lower(), i.id],
        "issue": lambda i: [i.key.lower(), i.id],
        "id": lambda i: [i.id, i.key.lower()],
        "assignee": lambda i: [site.user_id(i.assignee).lower()] if i.assignee else [],
        "reporter": lambda i: [site.user_id(i.reporter).lower()],
        "creator": lambda i: [site.user_id(i.reporter).lower()],
        "priority": lambda i: [(i.fields.get("priority") or "").lower()],
        "summary": lambda i: [i.fields["summary"].lower()],
        "description": lambda i: [i.plain("description").lower()],
        "text": lambda i: [
            "\n".join(
                [i.fields["summary"], i.plain("description")] + [c.plain for c in i.comments]
            ).lower()
        ],
        "comment": lambda i: ["\n".join(c.plain for c in i.comments).lower()],
    }
    return readers.get(field)


def tokens(text):
    out, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            if text[at] in "\"'":
                raise Wrong(
                    "Error in the JQL Query: The quoted string '%s' has not been completed. "
                    "(line 1, character %d)" % (text[at + 1 :], at + 1)
                )
            raise Wrong(
                "Error in the JQL Query: The character '%s' is a reserved JQL character. You must "
                "enclose it in a string or use the escape '\\u%04x' instead. (line 1, character %d)"
                % (text[at], ord(text[at]), at + 1)
            )
        double, single, sign, word = match.groups()
        if sign:
            out.append(("sign", sign))
        elif word is not None:
            out.append(("word", word))
        else:
            quoted = double if double is not None else single
            out.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        at = match.end()
    return out


class Query:
    """One parsed query; matches(issue) and order(issues)."""

    def __init__(self, text, site, user):
        self.site, self.user = site, user
        self.left = tokens(text or "")
        self.clauses = 0
        self.sorts = []
        self.test = lambda issue: True
        if self.left and not self._is("order"):
            self.test = self._or()
        if self._take("order"):
            self._expect("by")
            self._order_by()
        if self.left:
            self._confused()
        self.bounded = self.clauses > 0

    # --- reading ----------------------------------------------------------------
    def _is(self, *words):
        return bool(self.left and self.left[0][0] != "text" and self.left[0][1].lower() in words)

    def _take(self, *words):
        if not self._is(*words):
            return None
        return self.left.pop(0)[1].lower()

    def _expect(self, word):
        if not self._take(word):
            self._confused(word)

    def _confused(self, wanted=None):
        if not self.left:
            raise Wrong(
                "Error in the JQL Query: Expecting %s before the end of the query."
                % ("'%s'" % wanted if wanted else "either a value, list or function")
            )
        raise Wrong(
            "Error in the JQL Query: Expecting %s but got '%s'."
            % ("'%s'" % wanted if wanted else "either 'OR' or 'AND'", self.left[0][1])
        )

    def _or(self):
        parts = [self._and()]
        while self._take("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda i: any(p(i) for p in parts)

    def _and(self):
        parts = [self._not()]
        while self._take("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else lambda i: all(p(i) for p in parts)

    def _not(self):
        if self._take("not"):
            inner = self._not()
            return lambda i: not inner(i)
        if self._take("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self):
        if not self.left or self.left[0][0] == "sign":
            self._confused("field name")
        field = self.left.pop(0)[1]
        name = field.lower()
        if name not in DATES and _values(self.site, name) is None:
            raise Wrong(
                "Field '%s' does not exist or you do not have permission to view it." % field
            )
        operator = self._operator()
        self.clauses += 1
        if name in DATES:
            return self._date_clause(field, name, operator)
        read = _values(self.site, name)
        if operator in ("is", "is not"):
            if not self._take("empty", "null"):
                self._confused("EMPTY")
            return lambda i: bool(read(i)) != (operator == "is")
        wanted = [self._known(name, v) for v in self._operand(operator)]
        if name == "resolution" and "unresolved" in wanted:
            return lambda i: bool(read(i)) != (operator in ("=", "in"))
        return self._compare(field, read, operator, wanted)

    def _operator(self):
        if not self.left:
            self._confused("operator")
        if self._take("is"):
            return "is not" if self._take("not") else "is"
        if self._take("not"):
            self._expect("in")
            return "not in"
        found = self._take("in", "=", "!=", "~", "!~", "<", "<=", ">", ">=")
        if found is None:
            raise Wrong(
                "Error in the JQL Query: Expecting operator but got '%s'. The valid operators are "
                "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'."
                % self.left[0][1]
            )
        return found

    def _operand(self, operator):
        if operator not in ("in", "not in"):
            return [self._value()]
        self._expect("(")
        out = [self._value()]
        while self._take(","):
            out.append(self._value())
        self._expect(")")
        return out

    def _value(self):
        if not self.left or self.left[0][0] == "sign":
            self._confused()
        kind, value = self.left.pop(0)
        if kind == "word" and self._take("("):
            self._expect(")")
            if value.lower() == "currentuser":
                return self.site.user_id(self.user)
            if value.lower() == "now":
                return str(int(time.time() * 1000))
            raise Wrong("Unable to find JQL function '%s()'." % value)
        return value

    def _known(self, field, value):
        """Values that must exist: of projects, statuses and issue types."""
        lists = {
            "project": [self.site.settings["project"], self.site.project_id],
            "status": [s["name"] for s in self.site.statuses()]
            + [s["id"] for s in self.site.statuses()],
            "issuetype": [t["name"] for t in self.site.types()]
            + [t["id"] for t in self.site.types()],
        }
        lists["type"] = lists["issuetype"]
        if field in lists and value.lower() not in [x.lower() for x in lists[field]]:
            raise Wrong("The value '%s' does not exist for the field '%s'." % (value, field))
        if field == "project" and value == self.site.project_id:
            return self.site.settings["project"].lower()
        return value.lower()

    @staticmethod
    def _compare(field, read, operator, wanted):
        if operator in ("=", "in"):
            return lambda i: any(v in wanted for v in read(i))
        if operator in ("!=", "not in"):
            return lambda i: bool(read(i)) and not any(v in wanted for v in read(i))
        if operator in ("~", "!~"):
            words = re.findall(r"\w+", wanted[0])
            return lambda i: (operator == "~") == any(
                all(w in re.findall(r"\w+", v) for w in words) for v in read(i)
            )
        raise Wrong("The operator '%s' is not supported by the '%s' field." % (operator, field))

    # --- dates --------------------------------------------------------------------
    def _date_clause(self, field, name, operator):
        read = DATES[name]
        if operator in ("is", "is not"):
            if not self._take("empty", "null"):
                self._confused("EMPTY")
            return lambda i: (read(i) is None) == (operator == "is")
        value = self._value()
        at = self._date(field, value)
        tests = {
            "=": lambda x: x == at,
            "!=": lambda x: x != at,
            "<": lambda x: x < at,
            "<=": lambda x: x <= at,
            ">": lambda x: x > at,
            ">=": lambda x: x >= at,
        }
        if operator not in tests:
            raise Wrong("The operator '%s' is not supported by the '%s' field." % (operator, field))
        return lambda i: read(i) is not None and tests[operator](read(i))

    def _date(self, field, value):
        """Unix seconds of a date in the user's own time zone, of a period, or of milliseconds."""
        period = PERIOD.match(value.strip())
        if period:
            seconds = sum(
                int(n) * SECONDS[u] for n, u in re.findall(r"(\d+)([wdhm])", period.group(2))
            )
            return time.time() + (-seconds if period.group(1) == "-" else seconds)
        if re.fullmatch(r"-?\d{5,}", value):
            return int(value) / 1000
        zone = zoneinfo.ZoneInfo(self.user["timeZone"])
        for form in ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d"):
            try:
                return datetime.datetime.strptime(value, form).replace(tzinfo=zone).timestamp()
            except ValueError:
                continue
        raise Wrong(
            "Date value '%s' for field '%s' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
            "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', "
            "'4w 2d'." % (value, field)
        )

    # --- order ----------------------------------------------------------------------
    def _order_by(self):
        while True:
            if not self.left or self.left[0][0] == "sign":
                self._confused("field name")
            field = self.left.pop(0)[1].lower()
            if field not in DATES and _values(self.site, field) is None:
                raise Wrong(
                    "Field '%s' does not exist or you do not have permission to view it." % field
                )
            self.sorts.append((field, self._take("asc", "desc") == "desc"))
            if not self._take(","):
                break
        if len(self.sorts) > ORDER_MAX:
            raise Wrong("The maximum number of fields to order by is %d." % ORDER_MAX)

    def order(self, issues):
        """The issues in the order asked for; the newest first when none is."""
        out = sorted(issues, key=lambda i: int(i.id), reverse=True)
        for field, down in reversed(self.sorts):
            read = DATES.get(field)
            if field in ("key", "issuekey", "id", "issue"):
                out.sort(key=lambda i: int(i.id), reverse=down)
            elif read:
                out.sort(key=lambda i, r=read: r(i) or 0, reverse=down)
            else:
                out.sort(key=lambda i, f=field: _values(self.site, f)(i), reverse=down)
        return out

    def matches(self, issue):
        return self.test(issue)
