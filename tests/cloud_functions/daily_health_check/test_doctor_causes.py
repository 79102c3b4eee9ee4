"""What the doctor says: how sure it is, in which words, and what else it names."""

import pytest

from tests.cloud_functions.daily_health_check import doctor_cases

SAID = [
    ("paused-in-season", "certain", "it is the season"),
    ("paused-as-declared", "certain", "paused, as declared"),
    ("paused-out-of-season", "certain", "out of season, as declared"),
    ("paused-though-of-all-seasons", "certain", "must run"),
    ("paused-undeclared", "certain", "nobody declared it"),
    ("paused-and-no-calendar", "certain", "could not be asked"),
    (
        "disabled-by-the-platform",
        "certain",
        "because of an error; the attempt of 2026-02-12 16:00 UTC ended with INTERNAL",
    ),
    ("deleted", "certain", "health.yaml declares the job"),
    ("not-listed", "possible", "us-central1 could not"),
    ("never-ran", "certain", "was due at 2026-01-25 16:00 UTC"),
    ("stale-daily", "certain", "50.0 h ago, more than 36.5 h; it was due at 2026-02-12 16:00 UTC"),
    ("skewed", "certain", "22.0 h in the future"),
    ("bad-time-zone", "certain", "no such time zone: 'America/Lakers'"),
    ("no-result", "likely", "has no result"),
    ("no-result-minus-one", "certain", "is still under way"),
    ("gen1-that-works", "certain", "news-fetcher, a Gen1 function"),
    ("gen1-too-slow", "likely", "DEADLINE_EXCEEDED (HTTP 504)"),
    ("gone-service", "certain", "no function or service old-export in us-west2"),
    ("gone-service-by-number", "certain", "old-export in us-west2; the attempt of 2026-02-12 16:00 UTC ended with"),
    ("gone-since-the-last-attempt", "likely", "no function or service old-export"),
    ("gone-in-another-project", "likely", "is not known as a host of this project"),
    ("404-and-nothing-asked", "possible", "is not known as a host of this project"),
    ("route-on-a-function", "likely", "a Gen2 function has one entry point"),
    ("route-by-status-only", "likely", "has no route /renamed, or its ingress"),
    ("job-of-cloud-run-deleted", "likely", "Google's API knows nothing at /apis/"),
    ("audience-query-by-default", "certain", "no audience is set, so that it is the URL, which has a query string"),
    ("audience-query-explicit", "certain", "the audience has a query string"),
    ("audience-with-path-refused", "likely", "the audience has a path"),
    ("audience-of-another-service", "certain", "the token is for https://prediction-coordinator-"),
    ("no-token-and-forbidden", "certain", "neither an OIDC nor an OAuth token"),
    ("no-token-and-unauthenticated", "likely", "ended with UNAUTHENTICATED (HTTP 401)"),
    ("no-token-before-the-first-attempt", "likely", "neither an OIDC nor an OAuth token"),
    ("oidc-to-google", "certain", "takes an OAuth token, not OIDC"),
    ("oauth-to-run", "certain", "takes an OIDC token, not OAuth"),
    ("invoker-missing", "certain", "may not call daily-export: its policy does not grant"),
    (
        "invoker-policy-not-asked",
        "likely",
        "seems not to be allowed to call daily-export: its policy could not be asked",
    ),
    ("invoker-under-a-condition", "possible", "is perhaps not allowed to call"),
    ("invoker-perhaps-by-a-group", "possible", "a condition, a group or a custom role decides"),
    ("invoker-perhaps-by-a-custom-role", "possible", "a condition, a group or a custom role decides"),
    ("api-denied", "likely", "lacks a role for what the job asks of us-west2-run.googleapis.com"),
    ("token-not-minted", "possible", "unable to mint a token for scheduler-orchestration@"),
    ("deadline-below-the-timeout", "certain", "is 180 s, and the target may take 540 s"),
    ("deadline-at-its-limit", "likely", "is 1800 s, and the target may take 3600 s"),
    ("timeout-of-the-service", "certain", "ends a request after 540 s, before the job's 1800 s"),
    ("timeout-of-the-service-by-status-only", "likely", "ends a request after 540 s"),
    ("deadline-over-the-limit", "certain", "a deadline of 3600 s is declared, and the Scheduler waits 1800 s"),
    ("deadline-differs", "certain", "is 600 s, and daily_export/function.yaml declares 900 s"),
    ("duplicate-at-the-same-time", "certain", "daily-export-old makes the same call at the same time"),
    ("duplicate-that-drifts", "likely", "in another time zone, so that the two drift apart"),
    ("code-raises", "certain", "logged \"KeyError: 'game_id'\""),
    ("code-raises-line-by-line", "certain", "logged \"KeyError: 'game_id'\""),
    ("code-answers-500-on-findings", "likely", "answered 5xx without logging an error"),
    ("seed-registry-health-check", "likely", "logged \"health check failed: No module named 'shared.registry'\""),
    ("no-instance", "certain", "no instance was free"),
    ("silence", "likely", "the code wrote no line"),
    ("out-of-memory", "certain", "an instance ran out of memory"),
    ("killed-by-a-signal", "certain", "an instance ended while it worked"),
    ("never-started", "certain", "the container did not start"),
    ("log-not-asked", "possible", "its log would tell"),
    ("unavailable-by-status-only", "likely", "daily-export was not available; the attempt"),
    ("unavailable-crashing", "certain", "not available: an instance ended while it worked"),
    ("seed-nba-grading-alerts-daily", "certain", "is not ready and cannot serve traffic"),
    ("seed-same-day-phase3", "likely", "overloaded: all of its instances are busy"),
    ("quota-of-google", "likely", "bigquery.googleapis.com refuses more calls"),
    ("no-such-name", "likely", "hooks.exampel.com gave no answer"),
    ("good-but-the-log-not-asked", "certain", "the Scheduler's log could not be asked"),
    ("good-but-the-functions-not-asked", "certain", "the functions could not be asked"),
]
ALSO = {
    "404-and-nothing-asked": ["route_missing", "evidence_missing"],
    "audience-of-another-service": ["token_not_minted"],
    "audience-query-by-default": ["token_not_minted"],
    "bad-schedule-and-refused": ["bad_schedule"],
    "code-answers-503": ["unavailable"],
    "disabled-by-the-platform": ["platform_error"],
    "gen1-too-slow": ["deadline_short"],
    "invoker-and-audience-query": ["audience_query"],
    "invoker-missing": [],
    "never-ran": ["no_token"],
    "oauth-to-run": [],
    "token-for-google-not-minted": [],
    "no-token-before-the-first-attempt": ["not_due"],
    "out-of-memory": [],
    "unavailable-though-it-spoke": [],
    "seed-live-freshness-monitor": ["server_error"],
    "seed-self-heal-predictions": [],
    "stale-and-refused-before": [],
}


@pytest.mark.parametrize(("name", "confidence", "words"), SAID)
def test_the_first_cause_is_said(name: str, confidence: str, words: str) -> None:
    """What was seen is certain, what follows from silence is likely, what cannot be seen is possible."""
    found = doctor_cases.diagnosed(doctor_cases.read(name))[0]

    assert words in found.cause
    assert found.confidence == confidence


@pytest.mark.parametrize("name", ALSO)
def test_what_else_may_be_is_said_after_it(name: str) -> None:
    """Other causes that the evidence leaves open, and nothing that it excludes."""
    found = doctor_cases.diagnosed(doctor_cases.read(name))

    assert [one.rule for one in found[1:]] == ALSO[name]


def test_the_log_is_to_be_read_around_the_attempt() -> None:
    """The command asks for the minutes in which the attempt failed, and not for the newest lines."""
    found = doctor_cases.diagnosed(doctor_cases.read("code-raises"))[0]

    assert found.fix == (
        "gcloud run services logs read daily-export --region=us-west2"
        """ --log-filter='timestamp>="2026-02-12T15:59:00.412Z" AND timestamp<="2026-02-12T16:01:05.000Z"'"""
        " --project=nba-props-platform"
    )


def test_commands_name_the_place() -> None:
    """Region and project stand in them, so that they work whatever the shell's own project is."""
    stale, gen1 = (doctor_cases.diagnosed(doctor_cases.read(name)) for name in ("stale-daily", "gen1-that-fails"))

    assert stale[0].fix == "gcloud scheduler jobs run daily-export --location=us-west2 --project=nba-props-platform"
    assert gen1[1].fix.startswith(
        "gcloud functions logs read news-fetcher --region=us-west2 --start-time=2026-02-12T15:59:00.412Z --end-time="
    )


def test_a_reporter_is_told_to_answer_200() -> None:
    """Code that answers 500 without an error of its own has mistaken bad data for a failure."""
    found = doctor_cases.diagnosed(doctor_cases.read("code-answers-500-on-findings"))[0]

    assert found.fix.endswith("where it only found bad data, let it answer 200 and report that")


@pytest.mark.parametrize(
    ("name", "observed", "expected", "unit"),
    [
        ("code-raises", "INTERNAL", "OK", None),
        ("paused-in-season", "PAUSED", "ENABLED", None),
        ("paused-as-declared", "PAUSED", "PAUSED", None),
        ("stale-daily", 50.0, "<= 36.5", "hours"),
        ("deadline-differs", 600.0, 900, "seconds"),
        ("schedule-differs", "0 8 * * * America/Los_Angeles", "0 7 * * * America/Los_Angeles", None),
        ("retries-off", 0, ">= 1", "retries"),
        ("duplicate-at-the-same-time", 2, 1, "jobs"),
        ("no-result", None, "OK", None),
        ("deleted", "absent", "ENABLED", None),
    ],
)
def test_what_was_observed_stands_beside_what_was_expected(
    name: str, observed: float | str | None, expected: float | str, unit: str | None
) -> None:
    """In one unit; null where nothing could be observed."""
    found = doctor_cases.diagnosed(doctor_cases.read(name))[0]

    assert (found.observed, found.expected, found.unit) == (observed, expected, unit)
