"""The seven jobs that failed on the morning of 2026-02-12: what each calls, how it ends, and what can be seen of it."""

import dataclasses

from local.world.platform import Job, Said, Trouble

NO_INSTANCE = "The request was aborted because there was no available instance."
NOT_STARTED = (
    "The user-provided container failed to start and listen on the port defined provided by the PORT=8080 environment "
    "variable within the allocated timeout."
)
_UNREACHABLE = "URL_UNREACHABLE-UNREACHABLE_5xx. Original HTTP response code number = {}"
_STATE_CLEANUP = """Traceback (most recent call last):
  File "/workspace/main.py", line 214, in monitor_transitions
    frame = pd.DataFrame(stuck)
NameError: name 'pd' is not defined"""
_REGISTRY = """Traceback (most recent call last):
  File "/app/main.py", line 88, in health_check
    from monitoring.registry import checks
ModuleNotFoundError: No module named 'monitoring.registry'"""

# code -> (status, HTTP, debugInfo): how Cloud Scheduler tells of what the target answered.
OUTCOMES: dict[int, tuple[str, int | None, str]] = {
    2: ("UNKNOWN", None, "URL_UNREACHABLE-UNREACHABLE_DNS_LOOKUP_FAILED"),
    3: ("INVALID_ARGUMENT", 400, "URL_ERROR-ERROR_OTHER. Original HTTP response code number = 400"),
    4: ("DEADLINE_EXCEEDED", None, "URL_TIMEOUT-TIMEOUT_WEB"),
    5: ("NOT_FOUND", 404, "URL_ERROR-ERROR_NOT_FOUND. Original HTTP response code number = 404"),
    7: ("PERMISSION_DENIED", 403, "URL_ERROR-ERROR_OTHER. Original HTTP response code number = 403"),
    8: ("RESOURCE_EXHAUSTED", 429, _UNREACHABLE.format(429)),
    13: ("INTERNAL", 500, _UNREACHABLE.format(500)),
    14: ("UNAVAILABLE", 503, _UNREACHABLE.format(503)),
    16: ("UNAUTHENTICATED", 401, "URL_ERROR-ERROR_AUTHENTICATION. Original HTTP response code number = 401"),
}
PROBLEMS = {"nba-grading-alerts": NOT_STARTED}
"""By service that is not ready, why."""


def outcome(code: int, *, seconds: float = 1.5, said: tuple[Said, ...] = (), **cure: object) -> Trouble:
    """Return the trouble of a job whose attempts end with a google.rpc code; raise KeyError for one without a row."""
    status, http, debug = OUTCOMES[code]
    return Trouble(code, status, http, debug, seconds=seconds, said=said, cure=cure)


def _request(http: int, severity: str, *, text: str = "", seconds: float = 1.4) -> Said:
    return Said(seconds, "requests", severity, text, http)


_CLEANUP = Job(
    "firestore-state-cleanup",
    "0 3 * * *",
    "transition-monitor",
    path="/cleanup",
    trouble=outcome(13, said=(Said(1.2, "stderr", "ERROR", _STATE_CLEANUP), _request(500, "ERROR"))),
)
_FRESHNESS = Job(
    "live-freshness-monitor",
    "*/5 16-23,0-1 * * *",
    "live-freshness-monitor",
    deadline=180,
    gen1=True,
    trouble=outcome(13, gen1=False),
)
_GRADING = Job(
    "nba-grading-alerts-daily",
    "30 12 * * *",
    "nba-grading-alerts",
    time_zone="America/Los_Angeles",
    deadline=60,
    trouble=outcome(
        14,
        seconds=12.0,
        said=(
            Said(11.0, "system", "ERROR", f"Default STARTUP TCP probe failed 1 time consecutively. {NOT_STARTED}"),
            _request(503, "ERROR", seconds=11.5),
        ),
    ),
)
_REGISTRY_HEALTH = Job(
    "registry-health-check",
    "0 5 * * *",
    "nba-reference-service",
    path="/health-check",
    deadline=180,
    trouble=outcome(13, said=(Said(0.8, "stderr", "ERROR", _REGISTRY), _request(500, "ERROR"))),
)
_PHASE3 = Job(
    "same-day-phase3",
    "30 10 * * *",
    "nba-phase3-analytics-processors",
    path="/process-date-range",
    body={"day": "today"},
    deadline=540,
    trouble=outcome(8, seconds=10.2, said=(_request(429, "WARNING", text=NO_INSTANCE, seconds=10.0),)),
)
_TOMORROW = Job(
    "same-day-predictions-tomorrow",
    "0 18 * * *",
    "prediction-coordinator",
    path="/predict-tomorrow",
    body={"day": "tomorrow"},
    deadline=540,
    trouble=outcome(5, seconds=0.4, said=(_request(404, "WARNING", seconds=0.3),), path="/start"),
)
_SELF_HEAL = Job(
    "self-heal-predictions",
    "45 12 * * *",
    "self-heal-predictions",
    deadline=180,
    trouble=outcome(
        4,
        seconds=180.0,
        said=(
            Said(0.5, "stdout", "INFO", "self-heal began: yesterday's phases 3 and 4, today's predictions"),
            Said(176.0, "stdout", "INFO", "phase 3 answered after 174 s"),
            Said(402.0, "stdout", "INFO", "self-heal done after 401 s: 1 action taken"),
            _request(200, "INFO", seconds=402.5),
        ),
        deadline=540,
    ),
)
JOBS = tuple(
    dataclasses.replace(one, retries=0)
    for one in (_CLEANUP, _FRESHNESS, _GRADING, _REGISTRY_HEALTH, _PHASE3, _TOMORROW, _SELF_HEAL)
)
"""The failing jobs; none is repeated, so each failure is a lost run."""
