"""From facts to bytes: equal content is equal bytes and keeps its stamp, and what may not be published is none."""

import datetime
import decimal
import gzip
import hashlib
import json
from typing import Any

import pytest

from cloud_functions.live_export import box, building, contracts, declaration, encoding, facts, plan
from cloud_functions.live_export.documents import fields, live
from shared.exports import manifest
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, MINUTE, NOW, final, game, known, prediction

LATER = NOW + 5 * MINUTE
LIVE = stories.document("live")


def made(
    told: facts.Facts, before: manifest.Entry | None = None, *, document: declaration.Document = LIVE
) -> plan.Candidate:
    """Return a document that can be made."""
    found = building.make(document, told, before)
    assert isinstance(found, plan.Candidate), found
    return found


def trouble(told: facts.Facts, *, document: declaration.Document = LIVE) -> plan.Trouble:
    """Return why a document cannot be made."""
    found = building.make(document, told, None)
    assert isinstance(found, plan.Trouble), found
    return found


def published(found: plan.Candidate, **changes: Any) -> manifest.Entry:
    """Return how a candidate stands once it is published."""
    return stories.entry(stories.content(found.sha256, updated_at=found.updated_at, as_of=NOW, **changes))


def test_a_candidate_holds_the_document() -> None:
    """Its bytes, their hash and size, what they come to, and the schema that they were held to."""
    found = made(known(game()))
    content = gzip.decompress(found.gzipped)
    assert json.loads(content) == stories.plain(live.build(known(game()), NOW))
    assert (found.sha256, found.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert found.measures == fields.Measures(1, {"final": 0, "players": 2}, {})
    assert (found.updated_at, found.version, found.closed) == (NOW, "1.0", False)
    assert json.loads(found.schema) == contracts.schemas()["live"]
    assert found.schema_sha256 == hashlib.sha256(found.schema).hexdigest()


@pytest.mark.parametrize(("games", "closed"), [((final(),), True), ((final(), game("POR", "UTA")), False), ((), False)])
def test_a_day_is_closed_once_every_game_is_final(games: tuple[box.Game, ...], closed: bool) -> None:  # noqa: FBT001 - a value of the table
    """A day without games never is."""
    calendar = stories.calendar({-1: 2, 0: len(games), 1: 5})
    assert made(known(*games, calendar=calendar)).closed is closed


def test_same_content_later_is_the_same_bytes() -> None:
    """It keeps the stamp of what stands there, over any number of runs."""
    first = made(known(game()))
    before = published(first)
    for minutes in (0, 5, 10):
        again = made(known(game(), now=NOW + minutes * MINUTE), before)
        assert (again.sha256, again.gzipped, again.updated_at) == (first.sha256, first.gzipped, NOW)


def test_other_content_gets_a_new_stamp() -> None:
    """The instant of the run that made it."""
    before = published(made(known(game())))
    other = made(known(game(home_score=63), now=LATER), before)
    assert (other.updated_at, other.sha256 != before.content.sha256 if before.content else False) == (LATER, True)
    assert json.loads(gzip.decompress(other.gzipped))["updated_at"] == "2026-02-13T01:35:00Z"


def test_the_same_content_again_is_a_new_one() -> None:
    """What stood there in between was another: the stamp tells since when it is this one."""
    first = made(known(game()))
    between = made(known(game(home_score=63), now=LATER), published(first))
    last = NOW + 9 * MINUTE
    assert made(known(game(), now=last), published(between)).updated_at == last


def test_content_of_another_day_is_no_reason_to_keep_a_stamp() -> None:
    """A document without a day in its path begins each day anew."""
    before = published(made(known(game())), day=DAY - datetime.timedelta(days=1))
    assert made(known(game(), now=LATER), before).updated_at == LATER
    blank = stories.replaced(before, content=None)
    assert made(known(game(), now=LATER), blank).updated_at == LATER


def test_status_changes_when_it_becomes_stale_though_nothing_else_does() -> None:
    """Told by now, not by the stamp: silence of the sources is content too."""
    document = stories.document("status")
    entries = {name: stories.entry(stories.content(as_of=NOW)) for name in ("live", "live-grading", "tonight")}
    first = made(known(game(), entries=entries), document=document)
    same = made(known(game(), entries=entries, now=NOW + 10 * MINUTE), published(first), document=document)
    assert same.sha256 == first.sha256
    stale = made(known(game(), entries=entries, now=NOW + 11 * MINUTE), published(first), document=document)
    assert stale.updated_at == NOW + 11 * MINUTE
    assert json.loads(gzip.decompress(stale.gzipped))["overall_status"] == "degraded"


def test_a_day_that_the_schedule_does_not_cover_makes_no_document() -> None:
    """Unknown, and not judged bad: no game is told where nobody knows."""
    found = trouble(known(game(), calendar=stories.UNKNOWN))
    assert (found.reason, found.judged) == ("no_schedule", False)
    assert found.message == "the schedule does not cover 2026-02-12: whether there are games is not known"


def test_a_document_that_fails_its_schema_is_none() -> None:
    """The place is told, and the message is short."""
    document = stories.document("live-grading")
    found = trouble(known(game(), predictions=[prediction(predicted=None)]), document=document)
    assert (found.reason, found.judged) == ("schema_invalid", True)
    assert found.message == "it fails its schema: $.predictions[0].predicted: must be number"
    wrong = trouble(known(game(), predictions=[prediction(recommendation="x" * 999)]), document=document)
    assert wrong.reason == "schema_invalid"
    assert made(known(game(), predictions=[prediction()]), document=document).measures.rows == 1


def test_a_document_that_is_too_large_is_none() -> None:
    """Measured before compression: exactly the declared size may be."""
    size = made(known(game())).size
    assert made(known(game()), document=stories.document(most_bytes=size)).size == size
    found = trouble(known(game()), document=stories.document(most_bytes=size - 1))
    assert (found.reason, found.expected, found.unit, found.judged) == ("too_large", size - 1, "bytes", True)
    assert found.message == f"it has more than {size - 1:,} bytes before compression"
    assert "most_bytes of live" in building.too_large(LIVE, encoding.TooLarge("x")).fix


def test_each_shape_is_made_by_its_own_module() -> None:
    """And held to its own schema."""
    for name in ("live", "live-grading", "tonight", "status"):
        found = made(known(game()), document=stories.document(name))
        assert json.loads(found.schema)["title"] == f"{name.replace('-', '_')} 1.0"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": {"d": [1, 2.5], "c": None}}, b'{"a":{"c":null,"d":[1,2.5]},"b":1}'),
        ({"x": float("nan"), "y": float("-inf")}, b'{"x":null,"y":null}'),
        (NOW, b'"2026-02-13T01:30:00Z"'),
        (DAY, b'"2026-02-12"'),
        ("Dončić", '"Dončić"'.encode()),
        (fields.Calendar("games", 3), b'{"standing":"games","games":3}'),
    ],
)
def test_canonical_bytes(value: Any, text: bytes) -> None:
    """Sorted keys, fields as declared, no white space, no NaN, instants in UTC."""
    assert building.canonical(value) == text


def test_what_has_no_json_is_no_document() -> None:
    """Rather than a text that nobody declared."""
    with pytest.raises(TypeError):
        building.canonical({"x": decimal.Decimal(1)})


@pytest.mark.parametrize(
    ("content", "value"),
    [(b'{"a": 1}', {"a": 1}), (b"[1]", None), (b"1", None), (b"", None), (b'{"a": ', None), (b"\xff", None)],
)
def test_decoded_content(content: bytes, value: Any) -> None:
    """An object, or nothing."""
    assert building.decoded(content) == value


def test_schema_of_an_unknown_shape() -> None:
    """There is none to publish."""
    with pytest.raises(KeyError):
        building.schema_bytes("nonsense")
