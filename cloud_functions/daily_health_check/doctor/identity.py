"""Rules about as whom a job calls: no token, one of the wrong sort or for the wrong audience, or no right; pure.

Where no attempt has told yet, what is sure to be refused is a warning. An attempt that went well disproves all of them:
an audience or a right may be granted where the doctor does not look.
"""

import collections

from cloud_functions.daily_health_check.doctor import case as cases
from cloud_functions.daily_health_check.doctor import commands, targets
from cloud_functions.daily_health_check.doctor.case import Case
from cloud_functions.daily_health_check.doctor.known import Confidence, Diagnosis
from shared.statuses import Status

INVOKERS = frozenset({"roles/run.invoker", "roles/run.servicesInvoker", "roles/run.admin"})
"""The predefined roles on a service that hold run.routes.invoke; roles/run.developer does not."""
MANY = ("group:", "principalSet:", "projectOwner:", "projectEditor:", "projectViewer:")
"""Members who stand for others; whether the account is among these the policy does not tell."""
RUN = ("run", "foreign", "unasked")
"""Targets that want an identity token."""
_MEMBER = "serviceAccount:"
_AGENT_ROLE = "roles/cloudscheduler.serviceAgent"


def _refused(case: Case) -> Status | None:
    """Return how bad a wrong identity is: fail when the call was refused, warn when none was made yet."""
    if case.kind in ("unauthenticated", "forbidden"):
        return Status.FAIL
    return Status.WARN if case.last is None else None


def _sure(case: Case, *, refused: Confidence = "certain") -> Confidence:
    return refused if case.failing else "likely"


def _audience(case: Case) -> str:
    """Return the audience of the token; without one of its own it is the whole URL."""
    return case.job.audience or case.job.uri or ""


def _bare(case: Case) -> str:
    """Return the target's URL without path and query, in the form that the job uses where it has several."""
    uri, urls, target = case.job.uri or "", case.target.urls, case.target
    shared = target.host.endswith(targets.FUNCTIONS) and target.name
    alone = f"https://{target.host}/{target.name}" if shared else f"https://{target.host}"
    return next((url for url in urls if uri.startswith(url)), next(iter(urls), alone))


def _usual(case: Case) -> str:
    """Return the account that a job without a token should send: one that may call the target, or the most common."""
    used = collections.Counter(job.oidc or job.oauth for job in case.known.jobs if job.oidc or job.oauth)
    common = [account for account, _ in used.most_common() if account]
    members = [name for one in case.policy or () if one.role in INVOKERS for name in one.members]
    granted = [name.removeprefix(_MEMBER) for name in members if name.startswith(_MEMBER)]
    return next((one for one in common if one in granted), next(iter((*granted, *common)), "ACCOUNT"))


def _account(case: Case) -> str:
    return case.job.oidc or case.job.oauth or "ACCOUNT"


def _is_public(case: Case) -> bool:
    granted = (one for one in case.policy or () if one.role in INVOKERS and one.condition is None)
    return any("allUsers" in one.members for one in granted)


def oidc_to_google(case: Case) -> Diagnosis | None:
    """Return that a job sends an identity token to a Google API, which wants an access token."""
    status = _refused(case)
    if status is None or case.target.kind != "google" or not case.job.oidc:
        return None
    return cases.diagnosis(
        case,
        "oidc_to_google",
        cause=f"{case.target.host} is a Google API and takes an OAuth token, not OIDC{_told(case)}",
        fix=commands.update(case.job, oauth_service_account_email=case.job.oidc),
        confidence=_sure(case),
        status=status,
        evidence={"oidc": case.job.oidc},
    )


def oauth_to_run(case: Case) -> Diagnosis | None:
    """Return that a job sends an access token to Cloud Run, which wants an identity token."""
    status = _refused(case)
    if status is None or case.target.kind not in RUN or not case.job.oauth or _is_public(case):
        return None
    return cases.diagnosis(
        case,
        "oauth_to_run",
        cause=f"Cloud Run takes an OIDC token, not OAuth{_told(case)}",
        fix=commands.update(case.job, **commands.identity(case.job.oauth, _bare(case))),
        confidence=_sure(case),
        status=status,
        evidence={"oauth": case.job.oauth},
    )


def no_token(case: Case) -> Diagnosis | None:
    """Return that a job calls a private target without any token."""
    status = _refused(case)
    private = case.policy is not None or case.target.kind == "google"
    if status is None or case.job.oidc or case.job.oauth or case.target.kind not in (*RUN, "google"):
        return None
    if _is_public(case) or (status is Status.WARN and not private):
        return None
    google = case.target.kind == "google"
    flags = {"oauth_service_account_email": _usual(case)} if google else commands.identity(_usual(case), _bare(case))
    return cases.diagnosis(
        case,
        "no_token",
        cause=f"the job sends neither an OIDC nor an OAuth token, and the target is private{_told(case)}",
        fix=commands.update(case.job, **flags),
        confidence=_sure(case, refused="certain" if private else "likely"),
        status=status,
    )


def audience_query(case: Case) -> Diagnosis | None:
    """Return that the token's audience is a URL with a query string or path, where the bare URL is wanted."""
    status = _refused(case)
    audience = targets.split(_audience(case))
    if status is None or case.target.kind not in RUN or not case.job.oidc or _is_public(case):
        return None
    in_path = audience.path.strip("/") and _audience(case).rstrip("/") not in (*case.target.urls, _bare(case))
    if not audience.query and not (in_path and case.kind == "unauthenticated"):
        return None
    confidence: Confidence = "certain" if audience.query else "likely"
    part = "query string" if audience.query else "path"
    whose = "the audience" if case.job.audience else "no audience is set, so that it is the URL, which"
    return cases.diagnosis(
        case,
        "audience_query",
        cause=f"{whose} has a {part}, and Cloud Run takes the bare URL{_told(case)}",
        fix=commands.update(case.job, **commands.identity(case.job.oidc, _bare(case))),
        confidence="possible" if case.kind == "forbidden" else _sure(case, refused=confidence),
        status=status,
        evidence={"wanted": _bare(case)},
    )


def audience_wrong(case: Case) -> Diagnosis | None:
    """Return that the token is meant for another host than the target's."""
    status = _refused(case)
    if status is None or case.target.kind not in RUN or not case.job.oidc or _is_public(case):
        return None
    wanted = {_origin(url) for url in (*case.target.urls, case.job.uri or "")}
    if _origin(_audience(case)) in wanted:
        return None
    sure: Confidence = "certain" if case.target.urls else "likely"
    return cases.diagnosis(
        case,
        "audience_wrong",
        cause=f"the token is for {_origin(_audience(case))[:100]}, which is none of the target's URLs{_told(case)}",
        fix=commands.update(case.job, **commands.identity(case.job.oidc, _bare(case))),
        confidence=sure if case.kind == "unauthenticated" else "possible",
        status=status,
        evidence={"audience": _origin(_audience(case)), "wanted": _bare(case)},
    )


def invoker_missing(case: Case) -> Diagnosis | None:
    """Return that the account whose token a job sends may not call the service."""
    status = _refused(case)
    if status is None or case.target.kind not in RUN or not case.job.oidc:
        return None
    confidence = _without_right(case)
    if confidence is None:
        return None
    doubts = {
        "certain": ("may not call", "its policy does not grant roles/run.invoker"),
        "likely": ("seems not to be allowed to call", "its policy could not be asked"),
        "possible": ("is perhaps not allowed to call", "a condition, a group or a custom role decides"),
    }
    may, why = doubts[confidence]
    return cases.diagnosis(
        case,
        "invoker_missing",
        cause=f"{case.job.oidc} {may} {case.target.name}: {why}{_told(case)}",
        fix=commands.grant(case.target, case.known.project, case.job.oidc),
        confidence=confidence if case.kind == "forbidden" else "possible",
        status=status,
        evidence={"account": case.job.oidc},
    )


def _without_right(case: Case) -> Confidence | None:
    """Return how sure it is that the account has no right; None when it has it, or nothing speaks for that."""
    if case.policy is None:
        return "likely" if case.kind == "forbidden" else None
    member = f"{_MEMBER}{case.job.oidc}"
    granted = [one for one in case.policy if one.role in INVOKERS]
    always = {name for one in granted if one.condition is None for name in one.members}
    if always & {member, "allUsers", "allAuthenticatedUsers"}:
        return None
    indirect = any(name.startswith(MANY) for one in granted for name in one.members)
    # A custom role may hold the right too.
    unclear = any(member in one.members for one in case.policy if one in granted or not one.role.startswith("roles/"))
    return "possible" if indirect or unclear else "certain"


def api_denied(case: Case) -> Diagnosis | None:
    """Return that a Google API refuses the account whose token a job sends."""
    if case.target.kind != "google" or not case.job.oauth or case.kind != "forbidden":
        return None
    member = f"{_MEMBER}{case.job.oauth}"
    return cases.diagnosis(
        case,
        "api_denied",
        cause=f"{case.job.oauth} lacks a role for what the job asks of {case.target.host}{_told(case)}",
        fix=commands.command("gcloud projects add-iam-policy-binding", case.known.project, member=member, role="ROLE"),
        confidence="likely",
        evidence={"account": case.job.oauth},
    )


def token_not_minted(case: Case) -> Diagnosis | None:
    """Return that the token itself is in doubt: the Scheduler's agent may not mint one for the account."""
    token = (case.job.oidc and case.target.kind in RUN) or (case.job.oauth and case.target.kind == "google")
    if case.kind != "unauthenticated" or not token or _is_public(case):
        return None
    agent = "serviceAccount:service-PROJECT_NUMBER@gcp-sa-cloudscheduler.iam.gserviceaccount.com"
    project = case.known.project
    return cases.diagnosis(
        case,
        "token_not_minted",
        cause=f"the Scheduler may be unable to mint a token for {_account(case)}, if there is one{_told(case)}",
        fix=commands.command("gcloud projects add-iam-policy-binding", project, member=agent, role=_AGENT_ROLE),
        confidence="possible",
        evidence={"account": _account(case)},
    )


def _origin(url: str) -> str:
    parts = targets.split(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _told(case: Case) -> str:
    return f"; {case.told}" if case.failing else ""
