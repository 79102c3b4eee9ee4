"""The doctor names the cause: its accuracy on labelled cases, and what it must never say."""

import collections
import dataclasses
import datetime
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import outcomes, rules
from shared.statuses import Status
from tests.cloud_functions.daily_health_check import doctor_cases
from tests.cloud_functions.daily_health_check.doctor_cases import Labelled

CASES = {name: doctor_cases.read(name) for name in doctor_cases.NAMES}
GOOD = ("pass", "skip")
ACCURACY = 0.95
SEED = {
    "seed-firestore-state-cleanup": ("app_error", "gcloud run services logs read transition-monitor"),
    "seed-live-freshness-monitor": ("gen1_url", "blue-green migration to Gen2"),
    "seed-nba-grading-alerts-daily": ("unavailable", "gcloud run services logs read nba-grading-alerts"),
    "seed-registry-health-check": ("app_error", "gcloud run services logs read nba-reference-service"),
    "seed-same-day-predictions-tomorrow": ("route_missing", "add the route to the code"),
    "seed-self-heal-predictions": ("deadline_short", "--attempt-deadline=540s"),
    "seed-same-day-phase3": ("overloaded", "limit the rate of callers"),
}
"""The seven jobs that still failed on 2026-02-12, with the cause and the likely fix that were written down."""


def top(case: Labelled) -> tuple[str, str]:
    """Return the rule and status that the doctor puts first."""
    found = doctor_cases.diagnosed(case)
    return (found[0].rule, found[0].status.value) if found else ("healthy", "pass")


@pytest.mark.parametrize("name", SEED)
def test_each_job_of_the_seed_has_its_cause(name: str) -> None:
    """Cause and fix are those that the seed names, and the job fails."""
    found = doctor_cases.diagnosed(CASES[name])[0]
    rule, fix = SEED[name]

    assert (found.rule, found.status) == (rule, Status.FAIL)
    assert fix in found.fix


def test_the_first_cause_is_right() -> None:
    """In 95 of 100 labelled cases the rule and the status that come first are those of the label."""
    missed = {
        name: f"{top(case)} for {case.rule}" for name, case in CASES.items() if top(case) != (case.rule, case.status)
    }

    assert len(CASES) >= 150
    assert 1 - len(missed) / len(CASES) >= ACCURACY, missed


def test_what_is_not_healthy_never_passes() -> None:
    """Whatever else the doctor gets wrong, it does not call a case good that a person calls bad."""
    bad = [case for case in CASES.values() if case.status not in GOOD]

    assert len(bad) > 100
    assert [case.name for case in bad if top(case)[1] in GOOD] == []


def test_what_is_healthy_raises_no_alarm() -> None:
    """Evenings, weeks, months, nights without 02:30: each healthy case is healthy, or skipped as it should be."""
    good = [case for case in CASES.values() if case.status in GOOD]

    assert len(good) > 30
    assert [(case.name, top(case)) for case in good if top(case) != (case.rule, case.status)] == []


def test_every_fix_is_the_one_that_helps() -> None:
    """The fix of the first cause holds the command or the step that the label asks for."""
    wanted = {name: case.fix_has for name, case in CASES.items() if case.fix_has}
    lacking = {name: has for name, has in wanted.items() if has not in doctor_cases.diagnosed(CASES[name])[0].fix}

    assert len(wanted) > 100
    assert lacking == {}


def test_every_rule_is_the_label_of_a_case() -> None:
    """A rule that no case asks for is not known to work."""
    labels = collections.Counter(case.rule for case in CASES.values())

    assert set(labels) - {"healthy"} == {*rules.RULES, *rules.OF_MISSING}


def test_everything_that_is_said_has_a_cause_and_a_fix() -> None:
    """Not only the first diagnosis: each is named by its rule, explains itself, and says what to do."""
    said = [found for case in CASES.values() for found in doctor_cases.diagnosed(case)]

    assert {found.rule for found in said} == {*rules.RULES, *rules.OF_MISSING}
    assert [found for found in said if not found.cause.strip() or not found.fix.strip()] == []


def test_worse_and_surer_goes_first() -> None:
    """Diagnoses come worst first, and among equals the surest."""
    ranks = {
        name: [
            (tuple(Status).index(one.status), ("certain", "likely", "possible").index(one.confidence)) for one in found
        ]
        for name, found in ((name, doctor_cases.diagnosed(case)) for name, case in CASES.items())
    }

    assert max(len(found) for found in ranks.values()) >= 3
    assert [name for name, found in ranks.items() if found != sorted(found)] == []


@settings(max_examples=400, deadline=None)
@given(name=st.sampled_from(doctor_cases.NAMES), lost=st.sets(st.sampled_from(doctor_cases.SOURCES)))
def test_less_evidence_heals_nobody(name: str, lost: set[str]) -> None:
    """Whatever sources could not be asked: bad never becomes pass, and a job whose own status is bad keeps failing."""
    case = CASES[name]
    known = case.known
    for source in sorted(lost):
        known = doctor_cases.without(known, source)
    before, after = top(case)[1], top(dataclasses.replace(case, known=known))[1]

    assert before == "pass" or after != "pass"
    if before == "fail" and case.job and case.job.code not in (0, *outcomes.NO_CODE):
        assert after == "fail"


def test_a_good_job_without_the_log_is_not_called_healthy() -> None:
    """The job's own status may be older than the log's last word."""
    known = doctor_cases.without(CASES["healthy-daily"].known, "attempts")

    assert top(dataclasses.replace(CASES["healthy-daily"], known=known)) == ("evidence_missing", "unknown")


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("invoker-missing", "certain"),
        ("invoker-policy-not-asked", "likely"),
        ("invoker-under-a-condition", "possible"),
        ("invoker-perhaps-by-a-group", "possible"),
        ("gone-service", "certain"),
        ("gone-in-another-project", "likely"),
        ("code-raises", "certain"),
        ("code-answers-500-on-findings", "likely"),
        ("no-instance", "certain"),
        ("silence", "likely"),
        ("log-not-asked", "possible"),
    ],
)
def test_a_diagnosis_is_as_sure_as_its_evidence(name: str, confidence: str) -> None:
    """What was seen is certain, what follows from silence is likely, what cannot be seen is possible."""
    assert doctor_cases.diagnosed(CASES[name])[0].confidence == confidence


def test_names_are_quoted_for_the_shell() -> None:
    """A name with a space or a semicolon stays one word of the command."""
    case = CASES["stale-daily"]
    name = "projects/nba-props-platform/locations/us-west2/jobs/a b;rm -rf"
    job = dataclasses.replace(case.known.jobs[0], name=name)

    assert "a b;rm -rf" in shlex.split(rules.diagnose(job, case.known)[0].fix)


NOW = CASES["healthy-daily"].known.now
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["https://[", "https://daily-export-f7p3g7f6ya-wl.a.run.app/?x", "every 0 minutes", "0 0 30 2 *", "1L#"]
    ),
)
INSTANTS = st.one_of(
    st.none(),
    st.datetimes(timezones=st.just(datetime.UTC)),
    st.timedeltas(datetime.timedelta(days=-9), datetime.timedelta(days=1)).map(NOW.__add__),
)


@settings(max_examples=400, deadline=None)
@given(
    job=st.builds(
        snapshots.Job,
        name=st.just("projects/p/locations/r/jobs/j"),
        state=st.sampled_from(["ENABLED", "PAUSED", "DISABLED", ""]),
        schedule=st.one_of(TEXTS, st.just("*/5 16-23,0-1 * * *")),
        time_zone=st.one_of(TEXTS, st.just("America/New_York")),
        target=st.sampled_from(["http", "pubsub", "app_engine"]),
        uri=st.one_of(st.none(), TEXTS),
        oidc=st.one_of(st.none(), TEXTS),
        audience=st.one_of(st.none(), TEXTS),
        deadline=st.floats(0, 1e12),
        retries=st.integers(0, 5),
        code=st.one_of(st.none(), st.integers(-5, 99)),
        last_attempt=INSTANTS,
        next_run=INSTANTS,
        updated=INSTANTS,
    )
)
def test_no_job_is_too_odd_to_be_judged(job: snapshots.Job) -> None:
    """Unreadable URLs, schedules, zones, codes and instants end in a diagnosis, never in an exception or a pass."""
    found = rules.diagnose(job, dataclasses.replace(CASES["healthy-daily"].known, jobs=(job,)))

    assert found or (job.state == "ENABLED" and job.code in (0, *outcomes.NO_CODE) and job.last_attempt)
