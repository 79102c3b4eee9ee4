"""The language in which a subscription says which messages it wants, judged by their attributes; pure.

    filter     = term { "AND" term } | term { "OR" term }     (AND beside OR needs parentheses)
    term       = [ "NOT" | "-" ] ( "(" filter ")" | test )
    test       = "attributes" ":" key
               | "attributes" "." key ( "=" | "!=" ) string
               | "hasPrefix" "(" "attributes" "." key "," string ")"
    key        = a word, or a string

A message without the attribute passes `!=`, as it passes NOT with `=`. Escapes in strings are those of JSON.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping

from local.pubsub import refusals

Matches = Callable[[Mapping[str, str]], bool]

LONGEST = 256

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z0-9_][A-Za-z0-9_-]*)|(?P<sign>!=|[=:.,()-]))"""
)


def compiled(text: str) -> Matches:
    """Return the test that `text` describes, which everything passes if it is empty; raise Refused when it is wrong."""
    if len(text.encode()) > LONGEST:
        raise refusals.invalid(f"Invalid filter: longer than {LONGEST} bytes (filter={text})")
    if not text.strip():
        return lambda _attributes: True
    reader = _Reader(text, _tokens(text))
    matches = _filter(reader)
    if reader.kind() != "end":
        raise reader.wrong("the end of the filter")
    return matches


def _filter(reader: "_Reader") -> Matches:
    terms = [_term(reader)]
    word = reader.value() if reader.value() in ("AND", "OR") else ""
    while word and reader.accept(word):
        terms.append(_term(reader))
    if reader.value() in ("AND", "OR"):
        raise reader.wrong("parentheses where AND stands beside OR")
    every = all if word == "AND" else any
    return lambda attributes: every(term(attributes) for term in terms)


def _term(reader: "_Reader") -> Matches:
    if reader.accept("NOT") or reader.accept("-"):
        negated = _term(reader)
        return lambda attributes: not negated(attributes)
    if reader.accept("("):
        matches = _filter(reader)
        reader.expect(")")
        return matches
    if reader.accept("hasPrefix"):
        return _prefix(reader)
    reader.expect("attributes")
    if reader.accept(":"):
        key = _key(reader)
        return lambda attributes: key in attributes
    key = _attribute(reader)
    if reader.accept("!="):
        unwanted = _string(reader)
        return lambda attributes: attributes.get(key) != unwanted
    reader.expect("=")
    wanted = _string(reader)
    return lambda attributes: attributes.get(key) == wanted


def _prefix(reader: "_Reader") -> Matches:
    reader.expect("(")
    reader.expect("attributes")
    key = _attribute(reader)
    reader.expect(",")
    prefix = _string(reader)
    reader.expect(")")
    return lambda attributes: key in attributes and attributes[key].startswith(prefix)


def _attribute(reader: "_Reader") -> str:
    reader.expect(".")
    return _key(reader)


def _key(reader: "_Reader") -> str:
    if reader.kind() not in ("word", "string"):
        raise reader.wrong("an attribute's key")
    return reader.take()


def _string(reader: "_Reader") -> str:
    if reader.kind() != "string":
        raise reader.wrong("a string in double quotes")
    return reader.take()


@dataclasses.dataclass
class _Reader:
    """The tokens of a filter, and how far they have been read."""

    text: str
    tokens: list[tuple[str, str, int]]
    at: int = 0

    def kind(self) -> str:
        """Return whether a string, a word, a sign or the end comes next."""
        return self.tokens[self.at][0]

    def value(self) -> str:
        """Return the word or sign that comes next; nothing when it is a string, which may look like either."""
        kind, value, _ = self.tokens[self.at]
        return "" if kind == "string" else value

    def take(self) -> str:
        """Return what comes next and step behind it."""
        self.at += 1
        return self.tokens[self.at - 1][1]

    def accept(self, value: str) -> bool:
        """Return whether this word or sign comes next, and if so step behind it."""
        found = self.value() == value
        self.at += found
        return found

    def expect(self, value: str) -> None:
        """Step behind this word or sign; raise Refused when something else comes next."""
        if not self.accept(value):
            raise self.wrong(repr(value))

    def wrong(self, wanted: str) -> refusals.Refused:
        """Return the refusal of a filter in which something else should stand here."""
        _, value, place = self.tokens[self.at]
        found = repr(value) if value else "the end"
        return refusals.invalid(f"Invalid filter: {wanted} expected at {place}, not {found} (filter={self.text})")


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """Return kind, value and place of each token of `text`, and the end; raise Refused when a piece is none."""
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise refusals.invalid(f"Invalid filter: nothing known begins at {at} (filter={text})")
        value = found[found.lastgroup]
        if found.lastgroup == "string":
            value = _unquoted(value, text)
        tokens.append((found.lastgroup, value, found.start(found.lastgroup)))
        at = found.end()
    return [*tokens, ("end", "", end)]


def _unquoted(quoted: str, text: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        raise refusals.invalid(f"Invalid filter: unknown escape in {quoted} (filter={text})") from None
