"""Reads a declared row-level GoogleSQL expression: which columns it names, and each mistake that needs no query to see.

Pure. What is not judged row by row may not pass, because the expression will stand inside an aggregate. Types, and
whether columns and functions exist, are for BigQuery's dry run.
"""

import dataclasses
import re

LONGEST = 2000  # characters
DEEPEST = 50  # values within values; far from Python's own limit of recursion


class InvalidExpression(ValueError):
    """The text is no expression that a check may ask; the message has the place, in characters from 1."""


@dataclasses.dataclass(frozen=True)
class Expression:
    """An expression and its columns: in order, each once whatever its case; `columns` are `paths` joined with dots."""

    text: str
    columns: tuple[str, ...]
    paths: tuple[tuple[str, ...], ...] = ()


_words = str.split
_RESERVED = _words(
    "ALL AND ANY ARRAY AS ASC ASSERT_ROWS_MODIFIED AT BETWEEN BY CASE CAST COLLATE CONTAINS CREATE CROSS CUBE CURRENT "
    "DEFAULT DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM "
    "FULL GROUP GROUPING GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT "
    "LOOKUP MERGE NATURAL NEW NO NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE "
    "RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST "
    "USING WHEN WHERE WINDOW WITH WITHIN"
)
_CALLABLE = _words("CAST COLLATE EXTRACT GROUPING IF LEFT RANGE RIGHT STRUCT UNNEST")  # reserved, yet called
_OPERATORS = _words("AND OR NOT IS IN LIKE BETWEEN AT WHEN THEN ELSE = < > <= >= <> != + - * / || | & ^ << >>")
_LITERALS = _words("DATE TIMESTAMP DATETIME TIME NUMERIC DECIMAL BIGNUMERIC BIGDECIMAL JSON")
_BARE = _words("CURRENT_DATE CURRENT_TIMESTAMP CURRENT_DATETIME CURRENT_TIME SESSION_USER")  # called without brackets
_CHANGING = "a function that may answer otherwise for the same data cannot stand here"
_AGGREGATES = re.compile(
    r"COUNT|COUNTIF|SUM|AVG|(MIN|MAX)(_BY)?|ANY_VALUE|GROUPING|LOGICAL_(AND|OR)|(APPROX_|STDDEV|VAR|COVAR)\w*|CORR"
    r"|(ARRAY|ARRAY_CONCAT|STRING|ST_UNION|ST_CENTROID)_AGG|HLL_COUNT\.\w+"
)
_NOWHERE = dict.fromkeys(["SELECT", "WITH", "UNION", "INTERSECT", "EXCEPT", "EXISTS"], "a subquery cannot stand here")
_NOWHERE |= dict.fromkeys(["--", "#", "/*"], "a comment cannot stand here")
_NOWHERE |= dict.fromkeys(["@", "@@", "?"], "a query parameter or variable cannot stand here")
_NOWHERE |= {"OVER": "a window function cannot stand here", ";": "a semicolon cannot stand here"}
_NOWHERE |= {"open": "a string or backquote is not ended", "unreadable": "unreadable outside backquotes and strings"}
_PAIRS = {")": "(", "]": "[", "END": "CASE"}
_PARTS = _words("MICROSECOND MILLISECOND SECOND MINUTE HOUR DAYOFWEEK DAY DAYOFYEAR WEEK ISOWEEK MONTH QUARTER YEAR")
_PARTS += ["ISOYEAR", "DATE", "DATETIME", "TIME"]
_WORD_ARGUMENTS = {"EXTRACT": (0, _PARTS), "LAST_DAY": (1, _PARTS)}  # which argument, from 0, is a word and no value
_WORD_ARGUMENTS |= {f"{kind}_DIFF": (2, _PARTS) for kind in ("DATE", "DATETIME", "TIMESTAMP", "TIME")}
_WORD_ARGUMENTS |= {f"{kind}_TRUNC": (1, _PARTS) for kind in ("DATE", "DATETIME", "TIMESTAMP", "TIME")}
_WORD_ARGUMENTS |= dict.fromkeys(["NORMALIZE", "NORMALIZE_AND_CASEFOLD"], (1, _words("NFC NFKC NFD NFKD")))
_CONTROL = r"[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
_PART = r"(?>[A-Za-z_][A-Za-z0-9_]*(?![\w$])|`(?:\\.|[^\\`\n])*`)"
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\n]+)
    |(?P<string>(?:[bB][rR]?|[rR][bB]?)?(?>'''(?:\\.|(?!''')[^\\])*'''|\"""(?:\\.|(?!\""")[^\\])*\"""
        |'(?!'')(?:\\.|[^\\\n'])*'|"(?!"")(?:\\.|[^\\\n"])*"))
    |(?P<path>{_PART}(?:[ \t\n]*\.[ \t\n]*{_PART})*)
    |(?P<number>(?>0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?!\w))
    |(?P<operator><=|>=|<>|!=|<<|>>|\|\||=>|--|\#|/\*|@@?|[-+*/=<>|&^~.,()\[\];?])
    |(?P<open>['"`])|(?P<unreadable>\w+|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(
    r"""\\(?:[abfnrtv\\?"'`]|[0-3][0-7]{2}|[xX][0-9a-fA-F]{2}|(?P<wide>u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"""
    r"""|U(?!0000[dD][89a-fA-F])00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})|(?P<wrong>.))""",
    re.DOTALL,
)
_CONTROLS = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


@dataclasses.dataclass(frozen=True)
class _Token:
    """A piece of the text, and its keyword or operator; the whole path of a column or function is one piece."""

    kind: str
    text: str
    at: int
    word: str

    @property
    def parts(self) -> tuple[str, ...]:
        pieces = re.findall(_PART, self.text) if self.kind == "path" else ()
        return tuple(_ESCAPE.sub(_meant, piece[1:-1]) if piece[0] == "`" else piece for piece in pieces)

    def refused(self, problem: str) -> InvalidExpression:
        return InvalidExpression(f"{problem}: at character {self.at}, {self.text:.60}")


def _meant(escape: re.Match[str]) -> str:
    code = escape[0][1:]
    number = code.lstrip("xXuU")
    return chr(int(number, 8 if number == code else 16)) if code[1:] else _CONTROLS.get(code, code)


def parse(text: str) -> Expression:
    """Return the expression given its GoogleSQL; raise InvalidExpression when a check may not ask it."""
    parser = _Parser(_scan(text))
    parser.expression()
    parser.expect("the end")
    if not parser.paths:
        raise InvalidExpression(f"the expression is naming no column: {text.strip():.60}")
    paths = tuple(parser.paths.values())
    return Expression(text.strip(), tuple(".".join(parts) for parts in paths), paths)


def path(text: str) -> tuple[str, ...]:
    """Return the parts of a column given as in GoogleSQL; raise InvalidExpression when `text` is anything else."""
    parser = _Parser(_scan(text))
    parts = parser.path()
    parser.expect("the end")
    return parts


def quoted(path: tuple[str, ...]) -> str:
    """Return the GoogleSQL of a column given its parts; raise InvalidExpression when one is empty or has a control."""
    if not path or not all(path) or re.search(rf"{_CONTROL}|[\t\n]", "".join(path)):
        raise InvalidExpression(f"no name of a column: {path!r}")
    return ".".join("`" + re.sub(r"[\\`]", r"\\\g<0>", part) + "`" for part in path)


def _scan(text: str) -> list[_Token]:
    """Return the tokens of `text`, an end last; raise InvalidExpression at what may stand nowhere."""
    if len(text) > LONGEST:
        raise InvalidExpression(f"the expression has {len(text):,} characters, more than {LONGEST:,}")
    if control := re.search(_CONTROL, text):
        raise InvalidExpression(f"a control character: at character {control.start() + 1}, {control[0]!r}")
    tokens, opened = list[_Token](), list[_Token]()
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        token = _Token(kind, match[0], match.start() + 1, match[0].upper() if kind in {"path", "operator"} else "")
        _check(token)
        tokens += [token] if kind != "space" else []
        if token.word in _PAIRS.values():
            opened.append(token)
        elif token.word in _PAIRS and (not opened or opened.pop().word != _PAIRS[token.word]):
            raise token.refused("a bracket, or END, closes none of its kind")
    if opened:
        raise opened[-1].refused("a bracket, or CASE, is not closed")
    if not tokens:
        raise InvalidExpression("the expression is empty")
    return [*tokens, _Token("end", "the end", len(text) + 1, "the end")]


def _check(token: _Token) -> None:
    """Raise InvalidExpression when the token can be part of no expression."""
    if problem := _NOWHERE.get(token.word or token.kind):
        raise token.refused(problem)
    prefix = re.split("['\"]", token.text)[0].lower() if token.kind == "string" else ""
    for escape in _ESCAPE.finditer(token.text) if "r" not in prefix else ():
        if escape["wrong"] or (escape["wide"] and "b" in prefix):
            raise _Token("", escape[0], token.at + escape.start(), "").refused("no such escape; r'…' needs none")
    if not all(token.parts):
        raise token.refused("a name in backquotes is empty")


class _Parser:
    """Reads tokens from left to right and collects the paths of columns, by their lower-case parts."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.index, self.depth = tokens, 0, 0
        self.paths: dict[tuple[str, ...], tuple[str, ...]] = {}

    def next(self, ahead: int = 0) -> _Token:
        return self.tokens[min(self.index + ahead, len(self.tokens) - 1)]

    def accept(self, *words: str) -> bool:
        found = self.next().word in words
        self.index += found
        return found

    def expect(self, *words: str) -> None:
        if not self.accept(*words):
            known = {"AS": "AS stands only in CAST, SAFE_CAST and STRUCT", ",": "a comma outside brackets"}
            raise self.next().refused(known.get(self.next().word, f"an operator or {' or '.join(words)} is missing"))

    def name(self, problem: str) -> _Token:
        if self.next().kind != "path":
            raise self.next().refused(problem)
        self.index += 1
        return self.tokens[self.index - 1]

    def expression(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.next().refused(f"more than {DEEPEST} values within values")
        self.operand()
        while self.next().word in _OPERATORS:
            self.operator()
            self.operand()
        self.depth -= 1

    def operator(self) -> None:
        """Read an operator of one word or more; the AND of BETWEEN and the words within CASE read like any other."""
        if self.accept("NOT"):
            self.expect("IN", "LIKE", "BETWEEN")
        elif self.accept("AT"):
            self.expect("TIME")
            self.expect("ZONE")
        elif self.accept("IS"):
            self.accept("NOT")
            if self.accept("DISTINCT"):
                self.expect("FROM")
        else:
            self.index += 1
            self.accept("ANY", "SOME", "ALL")

    def operand(self) -> None:
        while self.accept("NOT", "-", "+", "~", "CASE", "WHEN"):
            pass
        self.value()
        while (word := self.next().word) and self.accept(".", "[", "END"):
            if word == "[":
                self.several("]")
            elif word == ".":
                self.name("a field is missing")

    def value(self) -> None:
        token = self.next()
        if token.kind in {"string", "number"} or token.word in {"NULL", "TRUE", "FALSE"}:
            self.index += 1
        elif token.word in _LITERALS and self.next(1).kind == "string":
            self.index += 2
        elif self.accept("(", "["):
            self.several(")" if token.word == "(" else "]")
        elif self.accept("INTERVAL"):
            self.expression()
            self.part(_PARTS)
            if self.accept("TO"):
                self.part(_PARTS)
        elif token.word in {"ARRAY", "STRUCT"} and self.next(1).word in {"<", "["}:
            self.type()  # and the values of a STRUCT; those of an ARRAY follow like an element
        else:
            self.column_or_call(token, self.path())

    def path(self) -> tuple[str, ...]:
        token, called = self.next(), self.next(1).word == "("
        if re.split(r"[\s.]", token.word)[0] in _RESERVED and not (called and token.word in _CALLABLE):
            raise token.refused("a keyword where a value belongs; backquotes make a column of it")
        if token.word in _BARE and not called:
            raise token.refused(f"{_CHANGING}; backquotes make a column of it")
        return self.name("a value is missing").parts

    def column_or_call(self, token: _Token, parts: tuple[str, ...]) -> None:
        if not self.accept("("):
            self.paths.setdefault(tuple(part.lower() for part in parts), parts)
            return
        function = ".".join(parts).upper().removeprefix("SAFE.")
        if function in {*_BARE, "RAND", "GENERATE_UUID"}:
            raise token.refused(_CHANGING)
        bitwise = function in {"BIT_AND", "BIT_OR", "BIT_XOR"}
        if _AGGREGATES.fullmatch(function) or (self.several(")", function=function) == 1 and bitwise):
            raise token.refused("an aggregate function cannot stand here")

    def several(self, closer: str, *, function: str = "") -> int:
        """Return how many values come before `closer`; those of a function may have names or types, or be words."""
        place, words = _WORD_ARGUMENTS.get(function, (None, _PARTS))
        count = 0
        if (function or closer == "]") and self.accept(closer):
            return count
        while not count or self.accept(","):
            self.index += 2 if function and self.next(1).word == "=>" else 0
            if count != place:
                self.expression()
            else:
                self.part(words)
            if function == "EXTRACT":
                self.expect("FROM")
                self.expression()
            elif function in {"CAST", "SAFE_CAST", "STRUCT"} and self.accept("AS"):
                self.type()
                if self.accept("FORMAT"):
                    self.expression()
            count += 1
        self.expect(closer)
        return count

    def type(self) -> None:
        self.name("a type or a name is missing")
        depth = 0
        while depth or self.next().word == "<":
            depth = max(0, depth + {"<": 1, ">": -1, ">>": -2}.get(self.next().word, 0))
            if self.accept("the end"):
                raise self.tokens[-1].refused("a type is not ended")
            self.index += 1
        if self.accept("("):
            self.several(")")

    def part(self, words: list[str]) -> None:
        if not self.accept(*words):
            raise self.next().refused(f"not one of {', '.join(sorted(words))}")
        if self.tokens[self.index - 1].word == "WEEK" and self.accept("("):
            self.part(_words("SUNDAY MONDAY TUESDAY WEDNESDAY THURSDAY FRIDAY SATURDAY"))
            self.expect(")")
