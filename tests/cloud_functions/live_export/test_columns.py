"""The number rules: each type becomes the JSON that is declared, and another parser reads the same from it."""

import base64
import datetime
import decimal
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import fastjsonschema
import hypothesis
import pytest
from hypothesis import strategies

from cloud_functions.live_export import columns, encoding
from shared import errors

SAFE = 2**53 - 1
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
TEXTS = strategies.text(strategies.characters(exclude_categories=["Cs"]))


def refuse(word: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python's parser takes by default."""
    raise ValueError(word)


def strictly(content: bytes) -> Any:
    """Return what JSON says, to the last digit; the parser is not the one of the product."""
    return json.loads(content.decode("utf-8"), parse_constant=refuse, parse_float=decimal.Decimal)


def spelled(value: Any) -> bytes:
    """Return a cell as the REST API spells it: text, or null."""
    return json.dumps(value, ensure_ascii=False).encode()


def encoded(kind: str, *cells: str | None, **more: Any) -> list[str]:
    """Return the JSON that cells of a type become, given the texts that the API spells."""
    encode = columns.encoder({"name": "c", "type": kind, **more})
    return [cell.decode() for cell in encode([spelled(cell) for cell in cells])]


CASES: list[tuple[str, str | None, str]] = [
    ("INTEGER", "0", "0"),
    ("INTEGER", "-17", "-17"),
    ("INTEGER", "9007199254740991", "9007199254740991"),
    ("INTEGER", "-9007199254740991", "-9007199254740991"),
    ("INTEGER", "9007199254740992", '"9007199254740992"'),
    ("INTEGER", "-9007199254740992", '"-9007199254740992"'),
    ("INT64", "-9223372036854775808", '"-9223372036854775808"'),
    ("FLOAT", "1.5", "1.5"),
    ("FLOAT", "0.1", "0.1"),
    ("FLOAT", "1.0E-7", "1e-7"),
    ("FLOAT64", "1.7976931348623157E308", "1.7976931348623157e+308"),
    ("FLOAT", "NaN", "null"),
    ("FLOAT", "Infinity", "null"),
    ("FLOAT", "-Infinity", "null"),
    ("NUMERIC", "27.5", "27.5"),
    ("NUMERIC", "-0.000000001", "-0.000000001"),
    ("NUMERIC", "99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"),
    ("BIGNUMERIC", "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
    ("BIGNUMERIC", "1E-38", "0.00000000000000000000000000000000000001"),
    ("BIGNUMERIC", "-2.5e+3", "-2500"),
    ("BOOLEAN", "true", "true"),
    ("BOOL", "false", "false"),
    ("STRING", "", '""'),
    ("STRING", "Luka Dončić 🤡", '"Luka Dončić 🤡"'),
    ("STRING", 'a "b" \\ c\n\t\x00\x1f', '"a \\"b\\" \\\\ c\\n\\t\\u0000\\u001f"'),
    ("STRING", "null", '"null"'),
    ("STRING", '"},{"v":"', '"\\"},{\\"v\\":\\""'),
    ("BYTES", "AP8=", '"AP8="'),
    ("DATE", "2026-02-12", '"2026-02-12"'),
    ("TIME", "01:02:03.000004", '"01:02:03.000004"'),
    ("DATETIME", "2026-02-12T01:02:03", '"2026-02-12T01:02:03"'),
    ("TIMESTAMP", "1770897600000000", '"2026-02-12T12:00:00Z"'),
    ("TIMESTAMP", "1770897600000001", '"2026-02-12T12:00:00.000001Z"'),
    ("TIMESTAMP", "4294967295999999", '"2106-02-07T06:28:15.999999Z"'),
    ("TIMESTAMP", "4294967296000001", '"2106-02-07T06:28:16.000001Z"'),
    ("TIMESTAMP", "-1", '"1969-12-31T23:59:59.999999Z"'),
    ("TIMESTAMP", "-62135596800000000", '"0001-01-01T00:00:00Z"'),
    ("TIMESTAMP", "253402300799999999", '"9999-12-31T23:59:59.999999Z"'),
    ("JSON", '{"a":[1,null]}', '{"a":[1,null]}'),
    ("JSON", '"text"', '"text"'),
    ("GEOGRAPHY", "POINT(1 2)", '"POINT(1 2)"'),
    ("INTERVAL", "1-2 3 4:5:6.7", '"1-2 3 4:5:6.7"'),
]


@pytest.mark.parametrize(("kind", "text", "wanted"), CASES)
def test_a_value_becomes_what_is_declared(kind: str, text: str, wanted: str) -> None:
    """Alone, and between a NULL and a twin: what stands in the other cells changes nothing."""
    assert encoded(kind, text) == [wanted]
    assert encoded(kind, None, text, text) == ["null", wanted, wanted]


@pytest.mark.parametrize(("kind", "wanted"), [(kind, wanted) for kind, _, wanted in CASES])
def test_what_it_becomes_fits_the_schema(kind: str, wanted: str) -> None:
    """The schema of the column takes the value, takes null, and refuses an object without the column."""
    fields = [{"name": "c", "type": kind}]
    check = fastjsonschema.compile(columns.schema(fields))
    check([{"c": json.loads(wanted)}, {"c": None}])
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        check([{}])


def every(kind: str, values: Sequence[Any], spell: Callable[[Any], str]) -> list[Any]:
    """Return what the other parser reads of the values of a column, written as a document is."""
    cells = [b"null" if value is None else spelled(spell(value)) for value in values]
    made = encoding.chunks([{"name": "c", "type": kind}], [[cells]])
    return [row["c"] for row in strictly(b"[" + b",".join(chunk.text for chunk in made) + b"]")]


@hypothesis.given(strategies.lists(strategies.none() | strategies.integers(-(2**63), 2**63 - 1), min_size=1))
def test_whole_numbers_are_exact_or_texts(values: list[int | None]) -> None:
    """A number where a browser keeps it, else its digits."""
    wanted = [str(value) if value is not None and abs(value) > SAFE else value for value in values]
    found = every("INTEGER", values, str)
    assert found == wanted
    assert list(map(type, found)) == list(map(type, wanted))


@hypothesis.given(strategies.lists(strategies.none() | strategies.floats(), min_size=1))
def test_floats_read_back_the_same(values: list[float | None]) -> None:
    """And what is no number is null."""
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    found = every("FLOAT", values, lambda value: names.get(repr(value), repr(value)))
    wanted = [value if value is not None and math.isfinite(value) else None for value in values]
    assert [None if value is None else float(value) for value in found] == wanted


@hypothesis.given(strategies.lists(strategies.none() | strategies.decimals(-(10**38), 10**38, places=38), min_size=1))
def test_decimals_keep_every_digit(values: list[decimal.Decimal | None]) -> None:
    """As numbers."""
    found = every("BIGNUMERIC", values, lambda value: format(value, "f"))
    assert [None if value is None else decimal.Decimal(value) for value in found] == values


@hypothesis.given(strategies.lists(strategies.none() | strategies.decimals(-(10**28), 10**28), min_size=1))
def test_decimals_have_no_exponent(values: list[decimal.Decimal | None]) -> None:
    """However they are spelled."""
    texts = [None if value is None else str(value) for value in values]
    cells = columns.encoder({"name": "c", "type": "NUMERIC"})([spelled(text) for text in texts])
    assert not any(b"e" in cell.lower() for cell in cells)
    assert [None if cell == b"null" else decimal.Decimal(cell.decode()) for cell in cells] == values


@hypothesis.given(strategies.lists(strategies.none() | TEXTS, min_size=1))
def test_texts_read_back_the_same(values: list[str | None]) -> None:
    """Whatever characters they hold."""
    assert every("STRING", values, str) == values


@hypothesis.given(strategies.lists(TEXTS, min_size=1))
def test_texts_are_the_same_bytes_however_they_were_spelled(values: list[str]) -> None:
    """With escapes for everything that is not ASCII, or for what needs them only."""
    encode = columns.encoder({"name": "c", "type": "STRING"})
    assert encode([json.dumps(value).encode() for value in values]) == encode([spelled(value) for value in values])


@hypothesis.given(strategies.lists(strategies.none() | strategies.binary(), min_size=1))
def test_bytes_are_base64(values: list[bytes | None]) -> None:
    """As the API spells them."""
    found = every("BYTES", values, lambda value: base64.b64encode(value).decode())
    assert [None if value is None else base64.b64decode(value, validate=True) for value in found] == values


@hypothesis.given(strategies.lists(strategies.none() | strategies.datetimes(timezones=strategies.just(datetime.UTC))))
def test_instants_read_back_the_same(values: list[datetime.datetime | None]) -> None:
    """In UTC, with microseconds only when there are some."""
    values = [*values, EPOCH]
    found = every("TIMESTAMP", values, lambda value: str((value - EPOCH) // datetime.timedelta(microseconds=1)))
    assert [None if text is None else datetime.datetime.fromisoformat(text) for text in found] == values
    assert all(text is None or (text.endswith("Z") and ".000000" not in text) for text in found)


JSON_VALUES = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers(-SAFE, SAFE) | TEXTS,
    lambda inner: strategies.lists(inner) | strategies.dictionaries(TEXTS, inner),
    max_leaves=5,
)


@hypothesis.given(strategies.lists(JSON_VALUES, min_size=1))
def test_json_is_embedded(values: list[Any]) -> None:
    """As itself, not as a text."""
    assert every("JSON", values, json.dumps) == values


def test_arrays_and_structs_are_nested_by_the_same_rules() -> None:
    """Numbers within them too; a NULL struct is null, an empty array is empty."""
    inner = [{"name": "n", "type": "INTEGER"}, {"name": "x", "type": "FLOAT", "mode": "REPEATED"}]
    field = {"name": "c", "type": "RECORD", "mode": "REPEATED", "fields": inner}
    cells = [b'[["1",["NaN","2.5"]],["9007199254740993",[]]]', b"[]", b"[[null,[]]]"]
    found = columns.encoder(field)(cells)
    assert found == [b'[{"n":1,"x":[null,2.5]},{"n":"9007199254740993","x":[]}]', b"[]", b'[{"n":null,"x":[]}]']
    single = columns.encoder({**field, "mode": "NULLABLE"})([b"null", b'["1",["1.0"]]'])
    assert single == [b"null", b'{"n":1,"x":[1.0]}']
    check = fastjsonschema.compile(columns.schema([field]))
    check([{"c": json.loads(cell)} for cell in found])


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("INTEGER", b'"1.5"'),
        ("INTEGER", b'"x"'),
        ("INTEGER", b'"01"'),
        ("INTEGER", b'"1,2"'),
        ("FLOAT", b'"true"'),
        ("FLOAT", b'"nan"'),
        ("NUMERIC", b'"NaN"'),
        ("BOOLEAN", b'"1"'),
        ("STRING", b"12"),
        ("STRING", b'"a'),
        ("STRING", b'"a","b"'),
        ("STRING", b'"\\ud83e"'),
        ("STRING", b'"\xed\xa0\xbe"'),
        ("STRING", b'"a\nb"'),
        ("DATE", b'["2026-02-12"]'),
        ("TIMESTAMP", b'"1.7708976E9"'),
        ("TIMESTAMP", b'"999999999999999999"'),
        ("JSON", b'"{"'),
        ("JSON", b'"1,2"'),
        ("JSON", b'"NaN"'),
        ("JSON", b"1"),
    ],
)
def test_a_cell_that_is_spelled_otherwise_is_refused(kind: str, cell: bytes) -> None:
    """Nothing doubtful is passed on, and half a character least of all."""
    with pytest.raises(errors.Garbled):
        columns.encoder({"name": "c", "type": kind})([cell])


def test_a_struct_of_another_width_is_refused() -> None:
    """Its fields would have each other's names."""
    field = {"name": "c", "type": "STRUCT", "fields": [{"name": "n", "type": "INTEGER"}]}
    with pytest.raises(errors.Garbled, match="column c"):
        columns.encoder(field)([b'["1","2"]'])


def test_a_type_without_a_rule_is_refused_by_name() -> None:
    """Before anything is read."""
    with pytest.raises(columns.Unencodable, match="column c is RANGE"):
        columns.encoder({"name": "c", "type": "RANGE"})
    with pytest.raises(columns.Unencodable, match="column c is RANGE"):
        columns.schema([{"name": "c", "type": "RANGE"}])


def test_two_columns_of_one_name_are_refused() -> None:
    """An object has each name once."""
    with pytest.raises(columns.Unencodable, match="a, a"):
        columns.names([{"name": "a", "type": "STRING"}, {"name": "a", "type": "DATE"}])


def test_the_schema_of_rows_is_that_of_objects_with_every_column() -> None:
    """In their order; a required column is never null, unless it is a FLOAT64, and descriptions are kept."""
    fields = [
        {"name": "day", "type": "DATE", "mode": "REQUIRED", "description": "The game day."},
        {"name": "share", "type": "FLOAT64", "mode": "REQUIRED"},
        {"name": "tags", "type": "STRING", "mode": "REPEATED"},
        {"name": "any", "type": "JSON"},
    ]
    assert columns.schema(fields) == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "day": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "The game day."},
                "share": {"type": ["number", "null"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "any": {},
            },
            "required": ["day", "share", "tags", "any"],
            "additionalProperties": False,
        },
    }


@hypothesis.given(strategies.lists(strategies.integers(0, 2**32 * 1_000_000 - 1), min_size=1, max_size=20, unique=True))
def test_the_fast_way_of_instants_is_exact(instants: list[int]) -> None:
    """Alone, repeated, or beside a NULL, which takes the slow way: the same text to the microsecond."""
    texts = [str(instant) for instant in instants]

    fast = encoded("TIMESTAMP", *texts)

    assert encoded("TIMESTAMP", *texts, None) == [*fast, "null"]
    assert encoded("TIMESTAMP", *texts, *texts, *texts) == fast * 3
