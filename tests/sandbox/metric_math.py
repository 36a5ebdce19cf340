"""CloudWatch's metric math, as much of it as a dashboard uses.

    METRICS  + - * / ^  ( )  numbers, the ids of other queries, arrays [m1, m2]
    SUM AVG MIN MAX     of one series: a number; of an array: the series over its members
    RATE DIFF FILL ABS CEIL FLOOR PERIOD METRICS SEARCH
    ANOMALY_DETECTION_BAND    of one series: two, in an order that nothing documents; empty ones without a model

A series is {seconds: value}. A time that one side of an operator lacks is missing in the result, so is a
division by zero. A number that is the whole result is refused: an expression must come to a series.
"""
import re

TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][-+]?\d+)?)|([A-Za-z_]\w*)|('[^']*'|\"[^\"]*\")|([-+*/^(),\[\]]))")
AGGREGATES = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
EACH = {"ABS": abs, "CEIL": lambda v: float(-(-v // 1)), "FLOOR": lambda v: float(v // 1)}


class MathError(Exception):
    """The expression makes no sense."""


class Series:
    """Values by time, with the label and period that they came with.

    `model`: time -> (mean, deviation) that is to be expected, or None; None: no model is trained.
    """

    def __init__(self, points, label, period, model=None):
        self.points, self.label, self.period, self.model = points, label, period, model


def names(text):
    """What the expression refers to: ids begin with a lower-case letter, functions do not."""
    return {word for _, word, _, _ in tokens(text) if word and word[0].islower()}


def tokens(text):
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise MathError("unexpected %r" % text[at : at + 10])
        found.append(match.groups())
        at = match.end()
    return found


def evaluate(text, series, search, span):
    """The series that an expression comes to, a list.

    `series`: id -> Series; `search(text, stat, period)`: a list of them; `span`: from, to in seconds.
    """
    value = _Parser(tokens(text), series, search, span).whole()
    if isinstance(value, Series):
        return [value]
    if isinstance(value, list):
        return value
    raise MathError("the expression must come to a time series")


class _Parser:
    """Recursive descent; values are numbers, strings, Series and lists of Series."""

    def __init__(self, found, series, search, span):
        self.tokens, self.series, self.at = found, series, 0
        self.search, self.span = search, span

    def whole(self):
        value = self.sum()
        if self.at != len(self.tokens):
            raise MathError("unexpected text after the expression")
        return value

    def peek(self, *signs):
        return self.at < len(self.tokens) and self.tokens[self.at][3] in signs

    def take(self, sign):
        if not self.peek(sign):
            raise MathError("%r is missing" % sign)
        self.at += 1

    def binary(self, below, *signs):
        value = below()
        while self.peek(*signs):
            sign = self.tokens[self.at][3]
            self.at += 1
            value = combine(sign, value, below())
        return value

    def sum(self):
        return self.binary(self.product, "+", "-")

    def product(self):
        return self.binary(self.power, "*", "/")

    def power(self):
        return self.binary(self.signed, "^")

    def signed(self):
        if self.peek("-"):
            self.at += 1
            return combine("*", -1.0, self.signed())
        return self.atom()

    def atom(self):
        if self.at == len(self.tokens):
            raise MathError("the expression ends too soon")
        number, word, string, sign = self.tokens[self.at]
        self.at += 1
        if number:
            return float(number)
        if string:
            return string[1:-1]
        if word and self.peek("("):
            self.at += 1
            return call(self, word.upper(), self.arguments(")"))
        if word in self.series:
            return self.series[word]
        if word in ("REPEAT", "LINEAR"):
            return word
        if sign == "[":
            return self.arguments("]")
        if sign == "(":
            value = self.sum()
            self.take(")")
            return value
        raise MathError("%s is not known" % (word or sign))

    def arguments(self, end):
        found = []
        while not self.peek(end):
            found.append(self.sum())
            if not self.peek(end):
                self.take(",")
        self.take(end)
        return found


def combine(sign, left, right):
    """One operator; a number goes with every point, an array with every member."""
    if isinstance(left, list) or isinstance(right, list):
        many = left if isinstance(left, list) else right
        return [combine(sign, m, right) if many is left else combine(sign, left, m) for m in many]
    if not isinstance(left, Series) and not isinstance(right, Series):
        return apply(sign, left, right)
    model = left if isinstance(left, Series) else right
    points = {}
    for at in model.points:
        a = left.points.get(at) if isinstance(left, Series) else left
        b = right.points.get(at) if isinstance(right, Series) else right
        value = apply(sign, a, b)
        if value is not None:
            points[at] = value
    return Series(points, None, model.period)


def apply(sign, a, b):
    if a is None or b is None or (sign == "/" and b == 0):
        return None
    if isinstance(a, str) or isinstance(b, str):
        raise MathError("a text is no operand")
    return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign in "+-*" else a / b if sign == "/" else a**b


def call(parser, name, given):
    if name == "METRICS":
        return list(parser.series.values())
    if name == "SEARCH" and given and isinstance(given[0], str):
        return parser.search(*given[:3])
    if not given or not isinstance(given[0], (Series, list)):
        raise MathError("%s needs a time series" % name)
    if name == "ANOMALY_DETECTION_BAND":
        return band(*given)
    if name in AGGREGATES:
        return aggregate(AGGREGATES[name], given[0])
    if isinstance(given[0], list):
        return [call(parser, name, [member] + given[1:]) for member in given[0]]
    if name == "PERIOD":
        return float(given[0].period)
    if name == "FILL" and len(given) == 2:
        return fill(given[0], given[1], parser.span)
    if name in ("RATE", "DIFF"):
        return difference(given[0], name == "RATE")
    if name in EACH:
        points = {at: EACH[name](v) for at, v in given[0].points.items()}
        return Series(points, None, given[0].period)
    raise MathError("the function %s is not known" % name)


def band(series, width=2.0, *more):
    """The edges; the order differs from metric to metric, so that no client trusts it."""
    if isinstance(series, list) or more:
        raise MathError("ANOMALY_DETECTION_BAND needs one time series, and a number")
    if not isinstance(width, float) or width <= 0:
        raise MathError("the width of ANOMALY_DETECTION_BAND must be a number above 0")
    expected = {at: series.model(at) for at in series.points} if series.model else {}
    edges = [
        Series({at: e[0] + side * width * e[1] for at, e in expected.items() if e}, None, series.period) for side in (1, -1)
    ]
    return edges if len(series.label or "") % 2 else edges[::-1]


def aggregate(function, value):
    if isinstance(value, Series):
        return float(function(list(value.points.values()) or [0]))
    times = {at for s in value for at in s.points}
    points = {at: function([s.points[at] for s in value if at in s.points]) for at in times}
    return Series(points, None, value[0].period if value else 60)


def difference(series, per_second):
    times = sorted(series.points)
    points = {}
    for before, at in zip(times, times[1:]):
        change = series.points[at] - series.points[before]
        points[at] = change / (at - before) if per_second else change
    return Series(points, None, series.period)


def fill(series, how, span):
    """Every bucket of the range; LINEAR and REPEAT know nothing before the first point."""
    times = sorted(series.points)
    points = dict(series.points)
    for at in range(span[0], span[1], series.period):
        if at in points:
            continue
        before = next((t for t in reversed(times) if t < at), None)
        after = next((t for t in times if t > at), None)
        if how not in ("REPEAT", "LINEAR"):
            points[at] = float(how)
        elif how == "REPEAT" and before is not None:
            points[at] = points[before]
        elif how == "LINEAR" and before is not None and after is not None:
            rise = series.points[after] - series.points[before]
            points[at] = series.points[before] + rise * (at - before) / (after - before)
    return Series(points, series.label, series.period)
