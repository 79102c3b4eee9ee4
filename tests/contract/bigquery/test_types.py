"""Every type through every format: extracted, loaded with the table's own schema, and equal; the gaps are refusals."""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

PARQUET, AVRO, CSV, JSON = "PARQUET", "AVRO", "CSV", "NEWLINE_DELIMITED_JSON"
FORMATS = (PARQUET, AVRO, CSV, JSON)
Field: TypeAlias = bigquery.SchemaField
Finish = Callable[[Any], Any]


@dataclasses.dataclass(frozen=True)
class Case:
    """A column, JSON values that fill it, and the formats that cannot carry it there and back."""

    field: Field
    values: tuple[Any, ...]
    refused: tuple[str, ...] = ()


CASES = {
    "INT64": Case(Field("v", "INTEGER"), ("-9223372036854775808", "9223372036854775807", "9007199254740993", 0, None)),
    "FLOAT64": Case(Field("v", "FLOAT"), (0.1, -0.0, 1e308, 5e-324, 9007199254740993.0, "Infinity", "-Infinity", None)),
    "FLOAT64_NAN": Case(Field("v", "FLOAT"), ("NaN",)),
    "NUMERIC": Case(
        Field("v", "NUMERIC"), ("99999999999999999999999999999.999999999", "-0.000000001", "1.5", "0", None)
    ),
    "NUMERIC_5_2": Case(Field("v", "NUMERIC", precision=5, scale=2), ("999.99", "-0.01", "1.50", None)),
    "BIGNUMERIC": Case(
        Field("v", "BIGNUMERIC"), ("12345678901234567890.123456789012345678", "-0.000000000000000001", None)
    ),
    "BOOL": Case(Field("v", "BOOLEAN"), (True, False, None)),
    "STRING": Case(
        Field("v", "STRING"),
        ("", "a,b", 'q"q', "line\nbreak", "\r\n", "é ñ 漢字 🏀", "<a&b>", " x ", "NULL", "\\N", None),
    ),
    "BYTES": Case(Field("v", "BYTES"), ("", "AP8=", "YWJj", None)),
    "DATE": Case(Field("v", "DATE"), ("0001-01-01", "1969-12-31", "2026-02-12", "9999-12-31", None)),
    "TIME": Case(Field("v", "TIME"), ("00:00:00", "23:59:59.999999", "01:02:03.5", None)),
    "DATETIME": Case(
        Field("v", "DATETIME"),
        ("1969-12-31T23:59:59.999999", "2026-02-12T01:02:03", "9999-12-31T23:59:59", None),
        (AVRO,),
    ),
    "TIMESTAMP": Case(
        Field("v", "TIMESTAMP"),
        ("1969-12-31 23:59:59.999999 UTC", "2026-02-12 01:02:03.5 UTC", "0001-01-01 00:00:00 UTC", None),
    ),
    "JSON": Case(Field("v", "JSON"), ({"a": [1, "x", None, {"b": True}]}, [], "text", 1.5, None)),
    "ARRAY": Case(Field("v", "INTEGER", mode="REPEATED"), ([1, 2, 3], [], [7]), (CSV,)),
    "ARRAY_STRING": Case(Field("v", "STRING", mode="REPEATED"), (["a", "", "c,d"], []), (CSV,)),
    "STRUCT": Case(
        Field("v", "RECORD", fields=(Field("by", "STRING"), Field("at", "TIMESTAMP"), Field("n", "NUMERIC"))),
        ({"by": "x", "at": "2026-02-12 01:02:03 UTC", "n": "1.5"}, {"by": None, "at": None, "n": "2"}, None),
        (CSV,),
    ),
    "ARRAY_STRUCT": Case(
        Field("v", "RECORD", mode="REPEATED", fields=(Field("k", "STRING"), Field("b", "BYTES"), Field("d", "DATE"))),
        ([{"k": "a", "b": "AP8=", "d": "2026-02-12"}, {"k": "b", "b": None, "d": None}], []),
        (CSV,),
    ),
    "STRUCT_ARRAY": Case(
        Field(
            "v",
            "RECORD",
            fields=(Field("list", "FLOAT", mode="REPEATED"), Field("deep", "RECORD", fields=(Field("x", "BOOLEAN"),))),
        ),
        ({"list": [0.5, 1.5], "deep": {"x": True}}, {"list": [], "deep": {"x": None}}),
        (CSV,),
    ),
    "GEOGRAPHY": Case(Field("v", "GEOGRAPHY"), ("POINT(1 2)", None)),
    "INTERVAL": Case(Field("v", "INTERVAL"), ("1-2 3 4:5:6.789", "0-0 0 -1:0:0", None), (PARQUET, AVRO)),
    "RANGE": Case(
        Field("v", "RANGE", range_element_type=bigquery.FieldElementType("DATE")),
        ({"start": "2026-02-01", "end": "2026-02-12"}, {"start": None, "end": "2026-02-12"}, None),
        (PARQUET, AVRO),
    ),
}
PAIRS = [(kind, name) for kind in CASES for name in FORMATS]
CARRIED = [pair for pair in PAIRS if pair[1] not in CASES[pair[0]].refused]
REFUSED = [pair for pair in PAIRS if pair[1] in CASES[pair[0]].refused]


@pytest.fixture(scope="module")
def source(client: bigquery.Client, dataset: str, finish: Finish) -> Callable[[str], str]:
    """Return how to get the full id of a table with the values of a case; each is made once."""
    made: dict[str, str] = {}

    def make(kind: str) -> str:
        if kind not in made:
            case = CASES[kind]
            full = f"{dataset}.{kind.lower()}"
            rows = [{"id": number, "v": value} for number, value in enumerate(case.values)]
            config = bigquery.LoadJobConfig(schema=[Field("id", "INTEGER", mode="REQUIRED"), case.field])
            finish(client.load_table_from_json(rows, full, job_config=config))
            made[kind] = full
        return made[kind]

    return make


@pytest.fixture
def through(client: bigquery.Client, bucket: str, finish: Finish) -> Callable[[str, str], str]:
    """Return how to take a table through a format; it gives the full id of what came back."""

    def run(full: str, name: str) -> str:
        uri = f"gs://{bucket}/{full.rsplit('.', 1)[1]}/{uuid.uuid4().hex}/*"
        extract = bigquery.ExtractJobConfig(destination_format=name, use_avro_logical_types=True)
        finish(client.extract_table(full, uri, job_config=extract))
        load = bigquery.LoadJobConfig(
            source_format=name, schema=client.get_table(full).schema, use_avro_logical_types=True
        )
        if name == CSV:
            load.skip_leading_rows = 1
            load.allow_quoted_newlines = True
        target = f"{full}_{uuid.uuid4().hex[:8]}"
        finish(client.load_table_from_uri(uri, target, job_config=load))
        return target

    return run


def rows(client: bigquery.Client, full: str) -> list[str]:
    """Return the rows of a table in order, spelled so that NaN equals NaN and 0.0 differs from -0.0."""
    return [repr(row.values()) for row in sorted(client.list_rows(full), key=lambda row: row.id)]


@pytest.mark.real_cloud
@pytest.mark.parametrize(("kind", "name"), CARRIED)
def test_values_come_back_equal(client: bigquery.Client, source: Any, through: Any, kind: str, name: str) -> None:
    """What a format carries comes back with the same values and the same schema."""
    full = source(kind)
    back = through(full, name)
    assert rows(client, back) == rows(client, full)
    assert len(rows(client, full)) == len(CASES[kind].values)
    assert client.get_table(back).schema == client.get_table(full).schema


@pytest.mark.real_cloud
@pytest.mark.parametrize(("kind", "name"), REFUSED)
def test_what_a_format_cannot_carry_is_refused(source: Any, through: Any, kind: str, name: str) -> None:
    """A type that does not survive a format fails the extract or the load; it never comes back as something else."""
    full = source(kind)
    with pytest.raises(exceptions.BadRequest):
        through(full, name)


@pytest.mark.real_cloud
@pytest.mark.parametrize("kind", ["DATE", "TIME"])
def test_avro_without_logical_types_turns_days_and_times_into_text(
    client: bigquery.Client, source: Any, bucket: str, kind: str
) -> None:
    """Without the flag DATE and TIME are text in the file, and do not load into their own columns."""
    full = source(kind)
    uri = f"gs://{bucket}/{kind}/{uuid.uuid4().hex}"
    client.extract_table(full, uri, job_config=bigquery.ExtractJobConfig(destination_format=AVRO)).result()
    target = f"{full}_{uuid.uuid4().hex[:8]}"
    client.load_table_from_uri(uri, target, job_config=bigquery.LoadJobConfig(source_format=AVRO)).result()
    assert client.get_table(target).schema[1].field_type == "STRING"
    config = bigquery.LoadJobConfig(source_format=AVRO, schema=client.get_table(full).schema)
    with pytest.raises(exceptions.BadRequest, match="incompatible types"):
        client.load_table_from_uri(uri, f"{target}_typed", job_config=config).result()


@pytest.mark.real_cloud
def test_json_in_parquet_is_text_unless_the_schema_says_otherwise(
    client: bigquery.Client, source: Any, bucket: str
) -> None:
    """A JSON column leaves as text, so a load without a schema makes a STRING column."""
    uri = f"gs://{bucket}/json/{uuid.uuid4().hex}"
    client.extract_table(source("JSON"), uri, job_config=bigquery.ExtractJobConfig(destination_format=PARQUET)).result()
    target = f"{source('JSON')}_{uuid.uuid4().hex[:8]}"
    client.load_table_from_uri(uri, target, job_config=bigquery.LoadJobConfig(source_format=PARQUET)).result()
    assert client.get_table(target).schema[1].field_type == "STRING"


@pytest.mark.real_cloud
def test_required_columns_stay_required_in_parquet(client: bigquery.Client, source: Any, bucket: str) -> None:
    """A REQUIRED column is declared so in the file: a load without a schema knows it."""
    uri = f"gs://{bucket}/required/{uuid.uuid4().hex}"
    client.extract_table(source("BOOL"), uri, job_config=bigquery.ExtractJobConfig(destination_format=PARQUET)).result()
    target = f"{source('BOOL')}_{uuid.uuid4().hex[:8]}"
    client.load_table_from_uri(uri, target, job_config=bigquery.LoadJobConfig(source_format=PARQUET)).result()
    assert [field.mode for field in client.get_table(target).schema] == ["REQUIRED", "NULLABLE"]


@pytest.mark.real_cloud
@pytest.mark.xfail(strict=True, reason="the storage holds 38 digits of a BIGNUMERIC, twenty before the point")
def test_a_bignumeric_has_all_its_digits(client: bigquery.Client, dataset: str) -> None:
    """A BIGNUMERIC of 76 digits is kept."""
    value = "1" * 38 + "." + "1" * 38
    config = bigquery.LoadJobConfig(schema=[Field("v", "BIGNUMERIC")])
    client.load_table_from_json([{"v": value}], f"{dataset}.digits", job_config=config).result()
    assert [str(row.v) for row in client.list_rows(f"{dataset}.digits")] == [value]
