"""A storm comes to few messages; and over any history nothing bad stays untold, and nothing told stays open."""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_functions.alert_relay import news
from tests.cloud_functions.alert_relay.stories import Story, alerts, report, said

FINDINGS, DAYS, MOST = 200, 3, 12
BAD = ("fail", "error", "warn", "unknown")


def storm(flips: float, scopes: int, *, seed: int) -> Story:
    """Return the story of findings that flip with a chance of `flips` at each quarter of an hour, for three days."""
    chance, story = random.Random(seed), Story()  # noqa: S311 - a storm that can be repeated
    standing = [False] * FINDINGS
    for quarter in range(DAYS * 96):
        standing = [bad != (chance.random() < flips) for bad in standing]
        findings = [said(f"f{n}", "fail" if bad else "pass") for n, bad in enumerate(standing)]
        for scope in range(scopes):
            story.call(
                (quarter + scope / scopes) / 4, [report(quarter / 4, *findings[scope::scopes], scope=f"s{scope}")]
            )
    return story


@pytest.mark.parametrize("scopes", [1, 4])
def test_a_storm_comes_to_few_messages(scopes: int) -> None:
    """200 findings that come and go every 15 minutes for 3 days, in one report or in four: at most 12 messages."""
    told = storm(1.0, scopes, seed=20260212).told

    assert 4 <= len(told) <= MOST
    assert {item.subject for message in told for item in message.items} == {f"f{n}" for n in range(FINDINGS)}


@pytest.mark.parametrize(("flips", "most"), [(0.5, 24), (0.2, 120)])
def test_a_storm_without_a_beat_comes_to_more(flips: float, most: int) -> None:
    """Findings that change at random begin to flap one after the other, so that more has to be told."""
    assert len(storm(flips, 1, seed=20260212).told) <= most


@dataclasses.dataclass(frozen=True)
class Call:
    """One call of the relay: hours after the one before, the scope, and the status of each of its findings."""

    after: float
    scope: str
    statuses: tuple[str | None, ...]


CALLS = st.builds(
    Call,
    after=st.sampled_from([0.25, 0.5, 1.0, 3.0, 7.0, 26.0]),
    scope=st.sampled_from(["one", "two"]),
    statuses=st.tuples(*[st.sampled_from([*BAD, "pass", "pass", "skip", None])] * 3),
)
RULES = (
    "",
    "confirm: {critical: 3}\n",
    "burst: {messages: 1, minutes: 60, critical_minutes: 30}\n",
    "quiet: {start: '22:00', end: '07:00', time_zone: America/New_York}\n",
)


def told_last(story: Story) -> dict[tuple[str, str], str]:
    """Return by scope and subject the last thing that was told of a finding, under its cause or alone."""
    last: dict[tuple[str, str], str] = {}
    for message in story.told:
        for item in message.items:
            last[item.scope or "", item.subject] = item.change
    return last


def findings(call: Call) -> list[news.Said]:
    """Return the findings of a call, each of another severity; one without a status is missing."""
    severities = ("critical", "warning", "info")
    return [
        said(f"f{n}", status, severity=severities[n]) for n, status in enumerate(call.statuses) if status is not None
    ]


@settings(max_examples=60, deadline=None)
@given(calls=st.lists(CALLS, min_size=1, max_size=30), rules=st.sampled_from(RULES))
def test_over_any_history_nothing_is_lost(calls: list[Call], rules: str) -> None:
    """After a day of sweeps: what is bad was told and is open; what is good is not open; and is told once at most."""
    story, hours = Story(alerts(rules)), 0.0
    standing: dict[tuple[str, str], bool] = {}
    for call in calls:
        hours += call.after
        story.tell(hours, *findings(call), scope=call.scope)
        for one in findings(call):
            if one.status != "skip":
                standing[call.scope, one.subject] = one.status != "pass"
    before = len(story.told)
    for quarter in range(1, 4 * 36):
        story.sweep(hours + quarter / 4)
    last = told_last(story)

    for key, bad in standing.items():
        if bad:
            assert last[key] in ("new", "worse", "reminder", "flapping")
        else:
            assert last.get(key, "resolved") == "resolved"
    assert len(story.told) - before <= 6


@settings(max_examples=100, deadline=None)
@given(calls=st.lists(CALLS, min_size=1, max_size=40))
def test_nothing_is_opened_or_closed_twice(calls: list[Call]) -> None:
    """New is told of what is not open, and resolved of what is."""
    story, hours = Story(), 0.0
    open_: set[tuple[str | None, str]] = set()
    for call in calls:
        hours += call.after
        for message in story.call(hours, [report(hours, *findings(call), scope=call.scope)]):
            for item in message.items:
                key = (item.scope, item.subject)
                assert item.change == "flapping" or (key in open_) == (item.change != "new")
                open_ = open_ - {key} if item.change == "resolved" else open_ | {key}
