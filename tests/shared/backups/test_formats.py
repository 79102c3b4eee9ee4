"""A table's format is chosen so that every type survives."""

from typing import Any

import pytest

from shared.backups import formats


def column(kind: str, name: str = "c", **more: Any) -> dict[str, Any]:
    """Return a REST field."""
    return {"name": name, "type": kind, **more}


@pytest.mark.parametrize("kind", ["STRING", "INT64", "INTEGER", "FLOAT64", "BOOL", "NUMERIC", "BIGNUMERIC", "TIME"])
@pytest.mark.parametrize("preferred", ["parquet", "avro"])
def test_plain_types_keep_the_preferred_format(kind: str, preferred: formats.Format) -> None:
    """Where both formats carry a table, the declaration decides."""
    choice = formats.choose([column(kind)], preferred)

    assert choice is not None
    assert choice.format == preferred


@pytest.mark.parametrize("kind", ["DATETIME", "JSON"])
def test_type_that_avro_would_lose_goes_to_parquet(kind: str) -> None:
    """The declared format gives way to the data."""
    choice = formats.choose([column("STRING"), column(kind)], "avro")

    assert choice is not None
    assert choice.format == "parquet"


@pytest.mark.parametrize("kind", ["INTERVAL", "RANGE", "GEOGRAPHY", "SOMETHING_NEW"])
def test_type_without_a_proven_path_has_no_format(kind: str) -> None:
    """What nobody proved is refused, also for a type that does not exist yet, also deep inside."""
    nested = [column("RECORD", "a", fields=[column("RECORD", "b", fields=[column(kind, "c")])])]

    assert formats.choose(nested, "parquet") is None
    assert formats.unproven(nested, "parquet") == [f"a.b.c {kind}"]


def test_extract_is_told_to_keep_types_and_compress() -> None:
    """Avro needs its logical types; both formats are compressed."""
    assert formats.CHOICES["avro"].options == {
        "destination_format": "AVRO", "compression": "SNAPPY", "use_avro_logical_types": True,
    }  # fmt: skip
    assert formats.CHOICES["parquet"].options == {"destination_format": "PARQUET", "compression": "ZSTD"}
