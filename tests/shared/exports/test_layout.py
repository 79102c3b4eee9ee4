"""The names of what is published."""

import datetime

import pytest

from shared.exports import layout

DAY = datetime.date(2026, 2, 12)
HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("path", "dated"),
    [
        ("live/{day}.json", "live/2026-02-12.json"),
        ("tonight/all-players.json", "tonight/all-players.json"),
        ("{day}/a/{day}.json", "2026-02-12/a/2026-02-12.json"),
    ],
)
def test_a_day_stands_where_it_is_declared(path: str, dated: str) -> None:
    """A document of each day, and one that there is once."""
    assert layout.dated(path, DAY) == dated


def test_an_immutable_object_is_named_by_its_bytes() -> None:
    """Other bytes have another name, and the same bytes of another document too."""
    name = layout.immutable("live/2026-02-12.json", HASH)

    assert name == "objects/live/2026-02-12.0123456789ab.json"
    assert name != layout.immutable("live/2026-02-12.json", HASH[1:])
    assert name != layout.immutable("live-grading/2026-02-12.json", HASH)


def test_what_is_not_a_document_stands_apart() -> None:
    """Manifests and schemas are named so that no document can stand in their place."""
    assert layout.of_day(DAY) == "manifests/2026-02-12.json"
    assert layout.schema("live") == "schemas/live.schema.json"
    assert len({layout.MANIFEST, layout.of_day(DAY), layout.schema("live"), layout.TYPES}) == 4
