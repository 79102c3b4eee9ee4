"""What the manifest says once decisions are carried out, when it is written at all, and whose word counts."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_functions.live_export import plan
from shared.exports import manifest
from tests.cloud_functions.live_export import stories
from tests.cloud_functions.live_export.stories import DAY, MINUTE, NOW, candidate, content, document, entry, run

OTHER = "b" * 64
SHRUNK = plan.Trouble("shrunk", "rows fell from 40 to 3", "f")
OLDER = plan.Trouble("older", "later", "f")
FAILED = plan.Trouble("query_failed", "no rights", "f", judged=False)
BAD: dict[str, Any] = {"status": "degraded", "reason": "shrunk", "message": "rows fell from 40 to 9"}
SINCE = NOW - 30 * MINUTE


def decision(action: plan.Action, before: manifest.Entry | None = None, **changes: Any) -> plan.Decision:
    """Return a decision on document `live`, by default with a candidate of other content."""
    made = None if action in ("refuse", "skip") else candidate(OTHER)
    return plan.Decision(document(), action, before, **({"made": made} | changes))


def stands(found: plan.Decision, *, confirmed: bool = True, **changes: Any) -> manifest.Entry:
    """Return how a document stands once a decision is carried out."""
    return plan.entry(found, run(**changes), confirmed=confirmed)


PUBLISHED = manifest.Content(
    day=DAY, object=f"objects/live/2026-02-12.{'b' * 12}.json", sha256=OTHER, bytes=1234, rows=40, counts={"final": 1},
    as_of=NOW, updated_at=NOW, schema_version="1.0", run_id="run-2", schema_sha256="f" * 64,
)  # fmt: skip


@pytest.mark.parametrize("before", [None, entry(), entry(**BAD, since=SINCE), entry(forced=True)])
def test_what_is_published_stands_anew(before: manifest.Entry | None) -> None:
    """Every field comes from the declaration, the candidate or the run; what degraded it is forgotten."""
    told = manifest.Entry("ok", "live/2026-02-12.json", "live/latest.json", 600, "schemas/live.schema.json", PUBLISHED)
    for confirmed in (True, False):
        assert stands(decision("publish", before), confirmed=confirmed) == told


def test_content_keeps_the_instant_since_when_it_is_so() -> None:
    """updated_at is the candidate's, as_of the run's."""
    made = candidate(OTHER, updated_at=SINCE)
    found = stands(decision("publish", made=made)).content
    assert found is not None
    assert (found.updated_at, found.as_of) == (SINCE, NOW)


def test_declared_facts_are_renewed_whatever_is_decided() -> None:
    """Path, latest, largest age and schema follow exports.yaml with the next run."""
    other = document("live", path="x/{day}.json", latest=None, max_age_seconds=60, shape="tonight")
    for action in ("publish", "leave", "refuse"):
        found = stands(dataclasses.replace(decision(action, entry()), document=other, trouble=SHRUNK))
        assert (found.path, found.latest, found.max_age_seconds) == ("x/2026-02-12.json", None, 60)
        assert found.schema == "schemas/tonight.schema.json"


@pytest.mark.parametrize("action", ["leave", "confirm"])
def test_unchanged_content_is_confirmed_when_the_manifest_is_written(action: Literal["leave", "confirm"]) -> None:
    """Only as_of moves, forward only; and a document that was degraded is well again."""
    before = entry(content(), **BAD, since=SINCE)
    assert stands(decision(action, before), confirmed=False) == entry()
    assert stands(decision(action, before)) == entry(content(as_of=NOW))
    later = entry(content(as_of=NOW + MINUTE))
    assert stands(decision(action, later)) == later


def test_a_refusal_degrades_and_keeps_the_last_good_one() -> None:
    """Since now, with its reason and its words; the content is as it was, not confirmed."""
    degraded: dict[str, Any] = {"status": "degraded", "reason": "shrunk", "message": SHRUNK.message, "since": NOW}
    for made in (None, candidate(OTHER)):
        assert stands(decision("refuse", entry(), trouble=SHRUNK, made=made)) == entry(**degraded)
    first = stands(decision("refuse", None, trouble=SHRUNK))
    assert first == stories.replaced(entry(**degraded), content=None)


def test_degraded_since_is_kept_over_runs_with_the_same_reason() -> None:
    """Three refusals in a row: the first instant and the first words."""
    before: manifest.Entry | None = entry()
    for number in range(3):
        found = decision("refuse", before, trouble=dataclasses.replace(SHRUNK, message=f"told {number}"))
        before = stands(found, now=NOW + number * MINUTE)
    assert before == entry(status="degraded", reason="shrunk", message="told 0", since=NOW)


def test_another_reason_begins_anew() -> None:
    """So that "since when" is true of the reason that is told; and back again, too."""
    before = entry(**BAD, since=SINCE)
    failed = stands(decision("refuse", before, trouble=FAILED))
    assert (failed.reason, failed.message, failed.since) == ("query_failed", "no rights", NOW)
    again = stands(decision("refuse", failed, trouble=SHRUNK), now=NOW + MINUTE)
    assert (again.reason, again.since) == ("shrunk", NOW + MINUTE)


@pytest.mark.parametrize("before", [entry(), entry(**BAD, since=SINCE), entry(forced=True)])
def test_who_is_older_degrades_nothing(before: manifest.Entry) -> None:
    """What stands there is newer than what was refused."""
    assert stands(decision("refuse", before, trouble=OLDER)) == before
    assert stands(decision("skip", before)) == before


def test_a_skipped_document_that_never_stood_there() -> None:
    """It has a place, and no content."""
    assert stands(decision("skip")) == stories.replaced(entry(), content=None)


def test_force_is_recorded_and_kept_while_the_content_stays() -> None:
    """Until something is published without it; a refusal in between does not forget who put it there."""
    forced = stands(decision("publish", entry(), trouble=SHRUNK))
    assert (forced.forced, forced.status, forced.reason) == (True, "ok", None)
    for action in ("leave", "confirm"):
        assert stands(decision(action, forced)).forced
    refused = stands(decision("refuse", forced, trouble=FAILED))
    assert (refused.forced, refused.status) == (True, "degraded")
    assert stands(decision("leave", refused)).forced
    assert not stands(decision("publish", forced)).forced
    assert not stands(decision("refuse", entry(), trouble=FAILED)).forced


def test_force_over_something_newer_is_published_and_lasts() -> None:
    """What was dated ahead is gone for good, also after a merge with the manifest that stood there."""
    newer = entry(content(as_of=NOW + 5 * MINUTE))
    found = stands(decision("publish", newer, trouble=OLDER))
    assert found.content == PUBLISHED
    assert found.forced
    run_id = PUBLISHED.run_id
    assert plan.merged(whole({"live": found}, run_id=run_id), whole({"live": newer})).documents == {"live": found}
    # Another run's is no reason to give way to what is older.
    assert plan.merged(whole({"live": found}, run_id="other"), whole({"live": newer})).documents == {"live": newer}


GOOD = {"live": entry(), "status": entry(content("c" * 64)), "stranger": entry(content("d" * 64))}


def both(*actions: plan.Action) -> Sequence[plan.Decision]:
    """Return decisions on `live` and `status`, which stand as GOOD says."""
    pairs = zip(("live", "status"), actions, strict=False)
    return [dataclasses.replace(decision(action, GOOD[name]), document=_of(name)) for name, action in pairs]


def _of(name: str) -> Any:
    return document(name, path="live/{day}.json", latest="live/latest.json", shape="live")


def whole(documents: dict[str, manifest.Entry], **changes: Any) -> manifest.Manifest:
    """Return a manifest of the day with these documents."""
    return stories.replaced(manifest.Manifest(1, DAY, NOW - MINUTE, "run-1", documents), **changes)


def made_of(
    decisions: Sequence[plan.Decision], told: plan.Run, before: manifest.Manifest | None
) -> manifest.Manifest | None:
    """Return the manifest after decisions, on a day that has its own already."""
    return plan.manifest_of(decisions, told, before, before.documents if before else {})


def as_ofs(found: manifest.Manifest | None) -> dict[str, datetime.datetime]:
    """Return as of when each document is."""
    assert found is not None
    return {name: one.content.as_of for name, one in found.documents.items() if one.content}


def test_nothing_new_writes_no_manifest() -> None:
    """All left as they are; not even the instant moves."""
    assert made_of(both("leave", "leave"), run(), whole(GOOD)) is None
    assert made_of([], run(), whole(GOOD)) is None


@pytest.mark.parametrize("action", ["publish", "confirm"])
def test_whatever_is_written_confirms_all_that_were_looked_at(action: plan.Action) -> None:
    """One write tells of every document that this run read; those it did not look at stay as they were."""
    found = made_of(both(action, "leave"), run(), whole(GOOD))
    assert as_ofs(found) == {"live": NOW, "status": NOW, "stranger": NOW - 2 * MINUTE}
    assert found is not None
    assert (found.day, found.published_at, found.run_id, found.schema_version) == (DAY, NOW, "run-2", 1)
    assert found.documents["stranger"] == GOOD["stranger"]


def test_a_new_refusal_is_written_and_the_same_one_is_not() -> None:
    """With the others confirmed; the refused one is as old as it was."""
    refused = [dataclasses.replace(one, trouble=SHRUNK, made=None) for one in both("refuse")]
    first = made_of([*refused, *both("leave", "leave")[1:]], run(), whole(GOOD))
    assert as_ofs(first) == {"live": NOW - 2 * MINUTE, "status": NOW, "stranger": NOW - 2 * MINUTE}
    assert first is not None
    again = [dataclasses.replace(one, before=first.documents["live"]) for one in refused]
    assert made_of(again, run(now=NOW + MINUTE), first) is None


def test_the_first_manifest_is_written_even_without_content() -> None:
    """Readers see that there is nothing, and why."""
    found = made_of([decision("refuse", trouble=FAILED)], run(), None)
    assert found is not None
    assert (found.documents["live"].content, found.documents["live"].reason) == (None, "query_failed")
    assert made_of([], run(), None) == manifest.Manifest(1, DAY, NOW, "run-2", {})


def at(name: str, minutes: int) -> manifest.Entry:
    """Return an entry that is of an instant, with content of its own."""
    return entry(content(name * 64, as_of=NOW + minutes * MINUTE))


MINUTES = st.dictionaries(st.sampled_from(["live", "status", "tonight"]), st.integers(-9, 9))


@given(MINUTES, MINUTES)
def test_the_newer_wins_whoever_merges(ours: dict[str, int], theirs: dict[str, int]) -> None:
    """The same documents come out both ways; those that only one side has stay. Equal instants are left aside."""
    theirs = {name: minute for name, minute in theirs.items() if ours.get(name) != minute}
    mine, other = (
        {name: at(letter, one) for name, one in told.items()} for letter, told in (("a", ours), ("b", theirs))
    )
    one, another = plan.merged(whole(mine), whole(other)), plan.merged(whole(other), whole(mine))
    assert one.documents == another.documents
    assert as_ofs(one) == {
        name: NOW + max(side[name] for side in (ours, theirs) if name in side) * MINUTE for name in {*ours, *theirs}
    }


def test_merging_keeps_our_head_and_ours_of_the_same_instant() -> None:
    """The day, the run and the instant are those of the run that writes."""
    mine = whole({"live": at("a", 0)}, run_id="ours", published_at=NOW)
    found = plan.merged(mine, whole({"live": at("b", 0)}, run_id="theirs"))
    assert found == mine


def test_nothing_is_older_than_anything() -> None:
    """A document without content gives way to one with, and never the other way round."""
    blank = stories.replaced(entry(**BAD, since=SINCE), content=None)
    for mine, other in ((blank, at("a", -9)), (at("a", -9), blank)):
        assert plan.merged(whole({"live": mine}), whole({"live": other})).documents == {"live": at("a", -9)}
    assert plan.merged(whole({"live": blank}), whole({"live": blank})).documents == {"live": blank}


def test_a_new_day_keeps_what_was_published_last_until_it_has_its_own() -> None:
    """Also of documents that nobody decided on; and what the day says of itself is not replaced."""
    yesterday = DAY - datetime.timedelta(days=1)
    last = entry(content(day=yesterday), status="degraded", reason="empty", message="m", since=NOW)
    refused = dataclasses.replace(entry(status="degraded", reason="no_schedule", since=NOW), content=None)
    own = entry(content("b" * 64))

    assert plan.carried({}, {"live": last}) == {"live": entry(content(day=yesterday))}
    assert plan.carried({"live": own}, {"live": last}) == {"live": own}
    assert plan.carried({"live": refused}, {"live": last}) == {
        "live": dataclasses.replace(refused, content=content(day=yesterday))
    }
    assert plan.carried({"live": own}, {}) == {"live": own}


def test_a_manifest_begins_with_the_first_content_of_its_day() -> None:
    """What was carried over from yesterday is none."""
    carried = entry(content(day=DAY - datetime.timedelta(days=1)))

    assert not plan.begun(whole({"live": carried, "status": dataclasses.replace(carried, content=None)}))
    assert plan.begun(whole({"live": carried, "status": entry()}))
