"""The query language of CloudWatch Logs Insights, as far as it is played here.

    fields F [as NAME], ...          display F, ...        limit N
    filter CONDITION                 sort F [asc|desc], ...
    parse F "glob with *" as a, b    parse F /(?<a>regex)/
    stats count(*) [as NAME], sum(F), avg(F), min(F), max(F), pct(F, N), count_distinct(F) by F, bin(5m) [as NAME]

A condition has and, or, not, parentheses, = != < <= > >=, like and not like with a text or a /regex/, =~, in [...],
ispresent(F) and isempty(F). Whatever is no such query is refused with the place where it stopped making sense: a query
that is read only in part would give rows that nobody asked for. Members of messages that are JSON are fields, too.
"""
import datetime
import json
import re

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
      | (?P<regex>/(?:\\.|[^/\\\n])+/i?)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<span>\d+(?:ms|s|m|h|d|w)\b)
      | (?P<name>[@A-Za-z_][\w@.\-]*|`[^`]+`)
      | (?P<sign>=~|!=|<=|>=|[|,()=<>*\[\]])""",
    re.X,
)
SPANS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
KEYWORDS = {"as", "by", "and", "or", "not", "like", "in", "asc", "desc"}
COMPARISONS = {"=", "!=", "<", "<=", ">", ">=", "=~"}
AGGREGATES = {"count", "sum", "avg", "min", "max", "pct", "count_distinct"}
MAX_ROWS = 10000


class QueryError(Exception):
    """The query makes no sense; the text says where."""


class Token:
    def __init__(self, kind, text, at):
        self.kind, self.text, self.at = kind, text, at


def tokens_of(query):
    found, at = [], 0
    while at < len(query):
        match = TOKEN.match(query, at)
        if match is None:
            raise QueryError(place(query, at, query[at]))
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match[0], at))
        at = match.end()
    found.append(Token("end", "end of query", len(query)))
    return found


def place(query, at, symbol):
    line = query.count("\n", 0, at) + 1
    return "unexpected symbol found %s at line %d and position %d" % (symbol, line, at - query.rfind("\n", 0, at))


class Query:
    """A query that was read; rows() applies it."""

    def __init__(self, text):
        self.text, self.tokens, self.next = text, tokens_of(text), 0
        self.stages, self.shown, self.grouped, self.matching = [], [], False, 0
        while True:
            self._command()
            if self._peek().kind == "end":
                break
            self._expect("|")

    # --- reading ----------------------------------------------------------------
    def _peek(self):
        return self.tokens[self.next]

    def _take(self):
        token = self._peek()
        self.next += 1
        return token

    def _is(self, *words):
        token = self._peek()
        return token.kind in ("name", "sign") and token.text.lower() in words

    def _took(self, *words):
        if self._is(*words):
            return self._take().text.lower()
        return None

    def _expect(self, *words):
        return self._took(*words) or self._wrong()

    def _wrong(self, token=None):
        token = token or self._peek()
        raise QueryError(place(self.text, token.at, token.text))

    def _name(self):
        token = self._take()
        if token.kind != "name" or token.text.lower() in KEYWORDS:
            self._wrong(token)
        return token.text.strip("`")

    def _number(self):
        token = self._take()
        return float(token.text) if token.kind == "number" else self._wrong(token)

    def _names(self):
        found = [self._name()]
        while self._took(","):
            found.append(self._name())
        return found

    def _command(self):
        token = self._take()
        read = getattr(self, "_read_" + token.text.lower(), None) if token.kind == "name" else None
        if read is None:
            self._wrong(token)
        read()

    def _read_fields(self):
        while True:
            name = self._name()
            alias = self._name() if self._took("as") else name
            if alias != name:
                self.stages.append(lambda rows, a=alias, n=name: [{**r, a: r[n]} if n in r else r for r in rows])
            if alias not in self.shown:
                self.shown.append(alias)
            if not self._took(","):
                return

    def _read_display(self):
        self.shown = self._names()

    def _read_limit(self):
        count = int(self._number())
        if not 1 <= count <= MAX_ROWS:
            raise QueryError("limit must be between 1 and %d" % MAX_ROWS)
        self.stages.append(lambda rows: rows[:count])

    def _read_filter(self):
        holds = self._either()

        def keep(rows):
            kept = [r for r in rows if holds(r)]
            self.matching = len(kept)
            return kept

        self.stages.append(keep)

    def _read_sort(self):
        keys = []
        while True:
            name = self._name()
            keys.append((name, self._took("asc", "desc") == "desc"))
            if not self._took(","):
                break

        def ordered(rows):
            for name, descending in reversed(keys):
                rows = sorted(rows, key=lambda r: rank(r.get(name)), reverse=descending)
            return rows

        self.stages.append(ordered)

    def _read_parse(self):
        source = self._name() if self._peek().kind == "name" else "@message"
        token = self._take()
        if token.kind == "regex":
            pattern, names = regex_of(token.text), None
        elif token.kind == "text":
            glob = unquoted(token.text)
            pattern = re.compile("(.*?)".join(map(re.escape, glob.split("*"))) + ("$" if glob.endswith("*") else ""), re.S)
            self._expect("as")
            names = self._names()
            if len(names) != pattern.groups:
                raise QueryError("parse has %d wildcards and %d names" % (pattern.groups, len(names)))
        else:
            self._wrong(token)

        def parsed(rows):
            return [{**r, **captured(pattern, names, str(r.get(source, "")))} for r in rows]

        self.stages.append(parsed)

    def _read_stats(self):
        if self.grouped:
            raise QueryError("the sandbox plays one stats command a query")
        measures = [self._aggregate()]
        while self._took(","):
            measures.append(self._aggregate())
        keys = []
        if self._took("by"):
            keys.append(self._key())
            while self._took(","):
                keys.append(self._key())
        self.grouped, self.shown = True, [k[0] for k in keys] + [m[0] for m in measures]
        self.stages.append(lambda rows: grouped(rows, keys, measures))

    def _aggregate(self):
        start = self._peek()
        name = self._name()
        if name.lower() not in AGGREGATES:
            self._wrong(start)
        self._expect("(")
        field, share = (None, None) if self._took("*", ")") else (self._name(), None)
        if field is not None and self._took(","):
            share = self._number()
        if self.tokens[self.next - 1].text != ")":
            self._expect(")")
        if (field is None) != (name.lower() == "count" and field is None) or (share is None) == (name == "pct"):
            self._wrong(start)
        end = self.tokens[self.next - 1]
        label = re.sub(r"\s", "", self.text[start.at : end.at + len(end.text)])
        alias = self._name() if self._took("as") else label
        return alias, lambda rows: measure(name.lower(), field, share, rows)

    def _key(self):
        start = self._peek()
        name = self._name()
        key = lambda row: row.get(name)
        if name == "bin" and self._took("("):
            span = self._take()
            if span.kind != "span":
                self._wrong(span)
            number, unit = re.fullmatch(r"(\d+)([a-z]+)", span.text).groups()
            step, name = float(number) * SPANS_S[unit], "bin(%s)" % span.text
            self._expect(")")
            if step <= 0:
                self._wrong(span)
            key = lambda row: stamp(row["@time"] // step * step)
        elif self._is("("):
            self._wrong(start)
        return (self._name() if self._took("as") else name), key

    # --- conditions ---------------------------------------------------------------
    def _either(self):
        parts = [self._both()]
        while self._took("or"):
            parts.append(self._both())
        return lambda row: any(p(row) for p in parts)

    def _both(self):
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return lambda row: all(p(row) for p in parts)

    def _one(self):
        if self._took("not"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._took("("):
            inner = self._either()
            self._expect(")")
            return inner
        name = self._name()
        if name.lower() in ("ispresent", "isempty") and self._took("("):
            field, wanted = self._name(), name.lower() == "ispresent"
            self._expect(")")
            return lambda row: (row.get(field) not in (None, "")) == wanted
        refused = bool(self._took("not"))
        found = self._like(name) if self._took("like") else self._in(name) if self._took("in") else None
        if found is None:
            if refused:
                self._wrong()
            return self._comparison(name)
        return (lambda row: not found(row)) if refused else found

    def _like(self, name):
        token = self._take()
        if token.kind not in ("regex", "text"):
            self._wrong(token)
        pattern = regex_of(token.text) if token.kind == "regex" else re.compile(re.escape(unquoted(token.text)))
        return lambda row: name in row and pattern.search(str(row[name])) is not None

    def _in(self, name):
        self._expect("[")
        values = [self._value()]
        while self._took(","):
            values.append(self._value())
        self._expect("]")
        return lambda row: any(compare("=", row.get(name), v) for v in values)

    def _comparison(self, name):
        sign = self._expect(*COMPARISONS)
        if sign == "=~":
            return self._like(name)
        value = self._value()
        return lambda row: compare(sign, row.get(name), value)

    def _value(self):
        token = self._take()
        if token.kind == "number":
            return float(token.text)
        return unquoted(token.text) if token.kind == "text" else self._wrong(token)

    # --- applying -----------------------------------------------------------------
    def rows(self, events, limit):
        """(rows, how many events matched); events: those of record(). A row is a list of (field, value)."""
        rows = sorted(events, key=lambda e: e["@time"], reverse=True)
        self.matching = len(rows)
        for stage in self.stages:
            rows = stage(rows)
        shown = self.shown or ["@timestamp", "@message"]
        found = []
        for row in rows[:limit]:
            found.append([(name, text_of(row[name])) for name in shown if row.get(name) is not None])
            if not self.grouped:
                found[-1].append(("@ptr", row["@ptr"]))
        return found, self.matching


def record(at, message, stream, group, pointer):
    """One event, with the fields that Logs Insights finds in it."""
    found = {"@time": at, "@timestamp": stamp(at), "@message": message, "@logStream": stream, "@log": group, "@ptr": pointer}
    if message.lstrip().startswith("{"):
        try:
            found.update(flat(json.loads(message), ""))
        except ValueError:
            pass
    return found


def flat(value, path):
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {k: v for name, inner in items for k, v in flat(inner, "%s.%s" % (path, name) if path else str(name)).items()}
    return {path: value} if value is not None else {}


def stamp(seconds):
    """2026-01-02 03:04:05.678"""
    when = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return when.strftime("%Y-%m-%d %H:%M:%S.") + "%03d" % (when.microsecond // 1000)


def unquoted(text):
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def regex_of(text):
    body, _, flags = text[1:].rpartition("/")
    try:
        return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", body), re.I if flags else 0)
    except re.error as error:
        raise QueryError("the regular expression %s is invalid: %s" % (text, error)) from None


def captured(pattern, names, text):
    match = pattern.search(text)
    if match is None:
        return {}
    found = match.groupdict() if names is None else dict(zip(names, match.groups()))
    return {k: v for k, v in found.items() if v is not None}


def number_of(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def compare(sign, left, right):
    if left is None:
        return sign == "!="
    numbers = number_of(left), number_of(right)
    if None not in numbers:
        left, right = numbers
    else:
        left, right = str(left), str(right)
    return {
        "=": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right,
        ">=": left >= right,
    }[sign]


def rank(value):
    """Numbers before texts, what is missing before both."""
    if value is None:
        return (0, 0, "")
    number = number_of(value)
    return (2, 0, str(value)) if number is None else (1, number, "")


def grouped(rows, keys, measures):
    groups = {}
    for row in rows:
        groups.setdefault(tuple(key(row) for _, key in keys), []).append(row)
    if not keys:
        groups.setdefault((), [])
    return [
        {**{name: value for (name, _), value in zip(keys, group)}, **{name: of(inside) for name, of in measures}}
        for group, inside in groups.items()
    ]


def measure(name, field, share, rows):
    if name == "count":
        return len(rows) if field is None else sum(1 for r in rows if r.get(field) is not None)
    values = [r[field] for r in rows if r.get(field) is not None]
    if name == "count_distinct":
        return len(set(map(str, values)))
    numbers = sorted(n for n in map(number_of, values) if n is not None)
    if not numbers:
        return None
    if name == "pct":
        return numbers[min(len(numbers) - 1, int(share / 100 * len(numbers)))]
    return {"sum": sum(numbers), "avg": sum(numbers) / len(numbers), "min": numbers[0], "max": numbers[-1]}[name]


def text_of(value):
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return "%.4f" % value if value % 1 else "%d" % value
    return str(value)
