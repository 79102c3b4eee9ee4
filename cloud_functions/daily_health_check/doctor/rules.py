"""The doctor: every rule in order, and what they come to for a job; pure.

The order is that of a person who looks: is the job on, was it attempted, does its call lead anywhere, as whom, for how
long, and what came back. Worse findings go before better ones, surer ones before guesses, and then the order decides.
"""

from cloud_functions.daily_health_check import snapshots
from cloud_functions.daily_health_check.doctor import answers, identity, limits, places, standing, timing
from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor.case import Case, Rule
from cloud_functions.daily_health_check.doctor.known import CONFIDENCES, Diagnosis, Expected, Known
from shared import statuses
from shared.statuses import Status


def evidence_missing(case: Case) -> Diagnosis | None:
    """Return which sources could not be asked without which a job must not be called healthy."""
    known, ours = case.known, case.target.kind in ("run", "gen1", "gone", "foreign", "unasked")
    lacking = [
        name
        for name, missing in (
            ("the Scheduler's log", known.attempts is None),
            ("the functions", ours and known.functions is None),
            ("the services", ours and known.services is None),
            ("the policy of the service", case.last is None and bool(case.target.service) and case.policy is None),
            ("the bodies of the jobs", known.bodies is None and bool(limits.twins(case))),
        )
        if missing
    ]
    if not lacking:
        return None
    return cases.diagnosis(
        case,
        "evidence_missing",
        cause=f"nothing speaks against the job, but {' and '.join(lacking)} could not be asked",
        fix="grant the health check's account the rights that its function.yaml lists, and run it again",
        status=Status.UNKNOWN,
        evidence={"missing": lacking},
    )


RULES: dict[str, Rule] = {
    "paused": standing.paused,
    "disabled": standing.disabled,
    "update_failed": standing.update_failed,
    "never_ran": timing.never_ran,
    "stale": timing.stale,
    "gen1_url": places.gen1_url,
    "target_gone": places.target_gone,
    "topic_gone": places.topic_gone,
    "oidc_to_google": identity.oidc_to_google,
    "no_token": identity.no_token,
    "oauth_to_run": identity.oauth_to_run,
    "audience_query": identity.audience_query,
    "audience_wrong": identity.audience_wrong,
    "invoker_missing": identity.invoker_missing,
    "api_denied": identity.api_denied,
    "token_not_minted": identity.token_not_minted,
    "deadline_short": limits.deadline_short,
    "timeout_short": limits.timeout_short,
    "route_missing": places.route_missing,
    "unreachable": answers.unreachable,
    "overloaded": answers.overloaded,
    "unavailable": answers.unavailable,
    "app_error": answers.app_error,
    "platform_error": answers.platform_error,
    "server_error": answers.server_error,
    "failed": answers.failed,
    "duplicate_target": limits.duplicate_target,
    "deadline_over_limit": limits.deadline_over_limit,
    "schedule_differs": limits.schedule_differs,
    "deadline_differs": limits.deadline_differs,
    "not_paused": standing.not_paused,
    "retries_off": limits.retries_off,
    "skewed": timing.skewed,
    "bad_schedule": timing.bad_schedule,
    "no_result": timing.no_result,
    "state_unknown": standing.state_unknown,
    "evidence_missing": evidence_missing,
    "not_due": timing.not_due,
}
"""Every rule about a job that exists, by its name, in the order in which they are tried."""
OF_MISSING = ("deleted", "not_listed")
"""The rules about a declared job that was not found."""
_ORDER = {name: place for place, name in enumerate(RULES)}


def diagnose(job: snapshots.Job, known: Known) -> tuple[Diagnosis, ...]:
    """Return what is wrong with a job, the most probable cause first; nothing when it is healthy."""
    return judge(cases.of(job, known))


def judge(case: Case) -> tuple[Diagnosis, ...]:
    """Return what is wrong in a case, the most probable cause first; nothing when the job is healthy."""
    pause = RULES["paused"](case)
    if pause:
        return (pause,)
    found = [one for one in (rule(case) for rule in RULES.values()) if one]
    if sum(one.status is Status.FAIL for one in found) > 1:
        found = [one for one in found if one.rule != "failed"]
    return tuple(sorted(found, key=_rank))


def missing(known: Known) -> tuple[tuple[Expected, Diagnosis], ...]:
    """Return the declared jobs that were not found, each with what that means; one that is garbled was found."""
    names = {job.short for job in known.jobs}
    wanted = {one.name: one for one in reversed(known.expected)}
    absent = (one for name, one in wanted.items() if name not in names and not known.unreadable(name))
    return tuple((one, standing.deleted(one, known)) for one in sorted(absent, key=lambda one: one.name))


def _rank(found: Diagnosis) -> tuple[int, int, int]:
    return statuses.ORDER.index(found.status), CONFIDENCES.index(found.confidence), _ORDER[found.rule]
