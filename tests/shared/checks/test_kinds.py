"""Every kind of check fails, warns, passes, errs, knows too little and is skipped, as its case folder says."""

import datetime
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
import yaml

from shared import declarations, errors, report, settings
from shared.checks import catalogue, suites, verdicts
from shared.report import Finding
from shared.statuses import Status
from tests.shared.checks import kind_cases, kind_runs
from tests.shared.checks.kind_cases import Case, Folder
from tests.shared.checks.kind_runs import Ran

Runs = Callable[[str], Ran]
SCHEMA = json.loads((settings.ROOT / "shared" / "report.schema.json").read_text("utf-8"))
NAMES = kind_cases.kinds()
KINDS = sorted(catalogue.modules())
FOLDERS = {name: kind_cases.load(name) for name in NAMES}
ALL = [(folder, case) for folder in FOLDERS.values() for case in folder.cases]
CASES = [pytest.param(folder, case, id=f"{folder.kind}-{case.name}") for folder, case in ALL]
OUTCOMES = [
    pytest.param(
        folder,
        case,
        id=f"{folder.kind}-{case.name}",
        marks=[pytest.mark.xfail(strict=True, reason=case.stand_in)] if case.stand_in else [],
    )
    for folder, case in ALL
]
REFUSED = [
    pytest.param(folder, one, id=f"{folder.kind}-{one['name']}")
    for folder in FOLDERS.values()
    for one in folder.refused
]
JUDGED = frozenset({Status.PASS, Status.WARN, Status.FAIL})
TURNED = frozenset({Status.FAIL, Status.WARN, Status.UNKNOWN})


@pytest.fixture(scope="module")
def runs(bigquery_client: Any) -> Iterator[Runs]:
    """Yield how to run a folder: once, whoever asks first; its dataset is dropped afterwards."""
    done: list[Folder] = []

    @functools.cache
    def run(kind: str) -> Ran:
        done.append(FOLDERS[kind])
        return kind_runs.run(FOLDERS[kind], bigquery_client)

    yield run
    for folder in done:
        bigquery_client.delete_dataset(folder.dataset, delete_contents=True, not_found_ok=True)


def test_every_kind_has_its_cases() -> None:
    """A kind without a folder of cases does not merge, nor does a folder without a kind."""
    assert NAMES == KINDS


@pytest.mark.parametrize("kind", NAMES)
def test_the_names_of_cases_are_their_own(kind: str) -> None:
    """No case hides another of the same name."""
    names = [case.name for case in FOLDERS[kind].cases]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(("folder", "case"), OUTCOMES)
def test_a_case_comes_out_as_declared(runs: Runs, folder: Folder, case: Case) -> None:
    """One finding for each that is expected, and none besides."""
    start = f"{folder.kind}.{case.id}"
    found = {one.subject.removeprefix(start): one for one in runs(folder.kind).found[case.name]}
    told = {place: (one.status.value, one.reason, one.observed, one.message) for place, one in found.items()}
    wanted = {_place(one): one for one in case.expect}
    assert told.keys() == wanted.keys(), told
    assert len(wanted) == len(case.expect) == len(runs(folder.kind).found[case.name])
    for place, one in wanted.items():
        _compare(one, found[place])


def _place(expected: Any) -> str:
    group = f"[{expected['group']}]" if "group" in expected else ""
    return group + (f".{expected['part']}" if "part" in expected else "")


def _compare(expected: Any, found: Finding) -> None:
    told = (found.status.value, found.reason, found.message)
    assert told[:2] == (expected["status"], expected["reason"]), told
    assert expected.get("message_has", "") in found.message, told
    if "observed" in expected:
        assert found.observed == expected["observed"], told
    for name, value in expected.get("evidence", {}).items():
        assert found.evidence.get(name) == value, found.evidence
    assert set(expected) <= {"group", "part", "status", "reason", "message_has", "observed", "evidence"}


@pytest.mark.parametrize("kind", NAMES)
def test_every_status_occurs(runs: Runs, kind: str) -> None:
    """Each kind can fail, warn, pass, err, know too little and be skipped, or says why it cannot."""
    seen = {one.status.value for one in runs(kind).findings}
    assert set(FOLDERS[kind].cannot) == {status.value for status in Status} - seen
    assert all(len(why) > 20 for why in FOLDERS[kind].cannot.values())


@pytest.mark.parametrize("kind", NAMES)
def test_every_reason_occurs(runs: Runs, kind: str) -> None:
    """The vocabulary of a kind is closed, and no word of it is idle."""
    seen, own = {one.reason for one in runs(kind).findings}, catalogue.modules()[kind].REASONS
    assert seen - own - verdicts.COMMON == set()
    assert own - seen == set()


@pytest.mark.parametrize("kind", NAMES)
def test_findings_fit_the_report(runs: Runs, kind: str) -> None:
    """Whatever was measured, the report of it is JSON and valid."""
    findings = runs(kind).findings
    made = report.Report(
        function="validation_runner",
        run_id="run-of-cases",
        summary="s",
        started_at=datetime.datetime(2026, 2, 13, tzinfo=datetime.UTC),
        build=report.Build(None, None, None),
        findings=findings,
    )
    jsonschema.validate(json.loads(report.encode(made)), SCHEMA)
    assert all((one.observed is not None) == (one.status in JUDGED) for one in findings if kind not in _FREE)


_FREE = frozenset({"gate", "anomaly"})
"""Kinds that tell what they observed without judging it."""


@pytest.mark.parametrize("kind", NAMES)
def test_a_broken_check_costs_only_itself(runs: Runs, kind: str) -> None:
    """Each folder holds a check that the warehouse refuses, in the same scan as the others, or asks no scan."""
    broken = [one for one in runs(kind).findings if one.reason == "broken_query"]
    assert len(broken) >= int(kind != "schema")
    assert runs(kind).done >= int(kind != "schema")


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_a_passing_check_can_fail(runs: Runs, folder: Folder, case: Case) -> None:
    """With thresholds that its data violates, what passed passes no more."""
    ran = runs(folder.kind)
    passed = {one.subject for one in ran.found[case.name] if one.status is Status.PASS}
    if not passed or not case.turns:
        return
    after = {one.subject: one for one in kind_runs.flipped(ran, case)}
    assert after.keys() == {one.subject for one in ran.found[case.name]}
    turned = [subject for subject in passed if after[subject].status in TURNED]
    assert turned, after


@pytest.mark.parametrize("kind", NAMES)
def test_some_passing_check_is_turned(runs: Runs, kind: str) -> None:
    """There is something to turn in every folder, so that the claim above is not empty."""
    assert any(one.status is Status.PASS for one in runs(kind).findings)


@pytest.mark.parametrize("kind", NAMES)
def test_what_is_offered_to_find_rows_finds_some(runs: Runs, kind: str, bigquery_client: Any) -> None:
    """The query in the evidence runs as it stands, and answers at least as many rows as were shown."""
    for one in runs(kind).findings:
        if "find" in one.evidence and one.evidence.get("samples"):
            rows = list(bigquery_client.query_and_wait(one.evidence["find"]))
            assert len(rows) >= len(one.evidence["samples"]), one


@pytest.mark.parametrize(("folder", "refused"), REFUSED)
def test_what_cannot_be_meant_is_refused(folder: Folder, refused: Any) -> None:
    """A mistake that needs no warehouse is told when the suite is read."""
    check = {"id": refused["name"], **refused["check"]}
    with pytest.raises(errors.InvalidDeclaration) as caught:
        folder.suite((refused.get("table", next(iter(folder.tables))), check))
    assert refused["message_has"] in str(caught.value)


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_is_a_check(kind: str) -> None:
    """What the kind shows to those who write suites can be declared as it stands."""
    module = catalogue.modules()[kind]
    example = yaml.safe_load(module.EXAMPLE)
    used = [example.get(name) for name in ("of", "per", "against")]
    fact = {"table": "raw.rows", "whole_table": True} | ({"each": example["each"]} if "each" in example else {})
    declared = {
        "summary": kind,
        "facts": {name: fact for name in used if kind != "gate" and name not in (None, *suites.GAMES, "avg")},
        "tables": {"rows": {"table": "raw.rows", "at": {"game_date": "day"}, "checks": [example]}},
    }
    suite = declarations.parse(suites.Suite, yaml.safe_dump(declared), source=kind, environment={})
    assert [type(check) for check in suite.tables["rows"].declared] == [module.Args]
