"""Whether every Pub/Sub subscription delivers each message once, as somebody, to somewhere, and in time; pure."""

import collections
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cloud_functions.daily_health_check import declaration, snapshots
from cloud_functions.daily_health_check.doctor import targets
from cloud_functions.daily_health_check.judges import sources
from shared import errors, wording
from shared.report import Finding
from shared.statuses import Status

KIND = "subscription"
REASONS = frozenset(
    {"healthy", "duplicate", "topic_gone", "detached", "no_auth", "backlog_old", "dead_letter_gone", "unverifiable"}
)
"""The reasons of kind `subscription`, beside those of a source that did not answer."""
DELETED = "_deleted-topic_"
ELSEWHERE = ("google", "external", "none")
"""Where a push needs no account that Cloud Run would know."""
MINUTE = 60

Ages = Mapping[str, float | None]
Group = tuple[str, str, str]


def findings(
    subscriptions: Sequence[snapshots.Subscription] | errors.CloudError,
    topics: Collection[str] | errors.CloudError,
    *,
    ages: Ages | errors.CloudError,
    declared: declaration.Subscriptions,
) -> tuple[Finding, ...]:
    """Return one finding for each subscription, with what is worst of it.

    Each source may be the error that it answered with, which becomes one finding. topics: full names. ages: by a
    subscription's short name, the seconds that its oldest message waits; the metric has no point without traffic, and
    then it is None or left out.
    """
    found = sources.broken(
        KIND,
        ("subscriptions", subscriptions, "roles/pubsub.viewer"),
        ("topics", topics, "roles/pubsub.viewer"),
        ("backlogs", ages, "roles/monitoring.viewer"),
    )
    if isinstance(subscriptions, errors.CloudError):
        return tuple(found)
    groups = _groups(subscriptions)
    for one in subscriptions:
        bad = (*_topic(one, topics), *_duplicate(one, groups, declared), *_unnamed(one), *_dead_letter(one, topics))
        found.append(sources.worst((*bad, _backlog(one, ages, declared))))
    return tuple(found)


def _groups(subscriptions: Sequence[snapshots.Subscription]) -> dict[Group, list[snapshots.Subscription]]:
    """Return the push subscriptions that get the same messages to the same place, the one to keep first."""
    groups: dict[Group, list[snapshots.Subscription]] = collections.defaultdict(list)
    for one in sorted(subscriptions, key=lambda one: (one.account is None, one.short)):
        if one.endpoint and not one.detached:
            groups[_group(one)].append(one)
    return groups


def _group(one: snapshots.Subscription) -> Group:
    return one.topic, (one.endpoint or "").rstrip("/"), one.filter.strip()


def _topic(one: snapshots.Subscription, topics: Collection[str] | errors.CloudError) -> Iterator[Finding]:
    if one.topic == DELETED or _gone(one.topic, one, topics):
        message = "its topic is deleted: nothing comes through it, even if a topic of that name is made again"
        yield _bad(one, "topic_gone", message, observed=one.topic, fix=f"{_delete(one)}; then make both again")
    if one.detached:
        message = f"is detached from {_short(one.topic)}: it gets nothing, and keeps nothing"
        yield _bad(one, "detached", message, observed="detached", fix=f"{_delete(one)}; then make it again")


def _gone(topic: str, one: snapshots.Subscription, topics: Collection[str] | errors.CloudError) -> bool:
    """Return whether a topic of the subscription's own project is not there; those of another are not known."""
    own = topic.split("/")[:2] == one.name.split("/")[:2]
    return own and not isinstance(topics, errors.CloudError) and topic not in topics


def _duplicate(
    one: snapshots.Subscription,
    groups: Mapping[Group, Sequence[snapshots.Subscription]],
    declared: declaration.Subscriptions,
) -> Iterator[Finding]:
    alike, allowed = groups.get(_group(one), ()), max(1, declared.allowed.get(_short(one.topic), 1))
    if one in alike and len(alike) > allowed:
        keep, spare = alike[:allowed], alike[allowed:]
        others = [each.short for each in alike if each is not one]
        yield _bad(
            one,
            "duplicate",
            f"{_short(one.topic)} sends each message {len(alike)} times to {one.endpoint}: also by "
            f"{wording.listed(others)}",
            observed=len(alike),
            expected=allowed,
            unit="subscriptions",
            fix=f"keep {', '.join(each.short for each in keep)}: {'; '.join(_delete(each) for each in spare)}",
        )


def _unnamed(one: snapshots.Subscription) -> Iterator[Finding]:
    project = one.name.split("/")[1]
    to = targets.resolve(one.endpoint, project=project, functions=None, services=None)
    if not one.account and to.kind not in ELSEWHERE:
        push = ("pubsub", "subscriptions", "modify-push-config", one.short, f"--push-endpoint={one.endpoint}")
        fix = f"{sources.gcloud(*push)} --push-auth-service-account=ACCOUNT, and let that account invoke the service"
        message = f"pushes to {one.endpoint} as nobody: a private service refuses that, and a public one takes all"
        yield _bad(one, "no_auth", message, expected="an account", fix=fix)


def _dead_letter(one: snapshots.Subscription, topics: Collection[str] | errors.CloudError) -> Iterator[Finding]:
    if one.dead_letter is None:
        return
    if one.dead_letter == DELETED or _gone(one.dead_letter, one, topics):
        message = (
            f"its dead letters go to {_short(one.dead_letter)}, which is not there: what fails is sent again and again"
        )
        fix = f"{sources.gcloud('pubsub', 'topics', 'create', _short(one.dead_letter))}, or name another topic"
        if one.dead_letter == DELETED:
            fix = f"{sources.gcloud('pubsub', 'subscriptions', 'update', one.short)} --dead-letter-topic=TOPIC"
        yield _bad(one, "dead_letter_gone", message, status=Status.WARN, observed=one.dead_letter, fix=fix)
    elif isinstance(topics, errors.CloudError):
        message = f"whether {_short(one.dead_letter)}, to which its dead letters go, is there could not be asked"
        yield _bad(one, "unverifiable", message, status=Status.UNKNOWN)


def _backlog(
    one: snapshots.Subscription, ages: Ages | errors.CloudError, declared: declaration.Subscriptions
) -> Finding:
    """Return how old the oldest message is; a subscription without traffic has no age, and no backlog either."""
    warn, fail = declared.backlog_warn_minutes * MINUTE, declared.backlog_fail_minutes * MINUTE
    expected = f"below {warn}"
    if isinstance(ages, errors.CloudError):
        message = "its settings are well; how old its backlog is could not be asked"
        return _bad(one, "unverifiable", message, status=Status.UNKNOWN, expected=expected, unit="seconds")
    age = ages.get(one.short)
    if age is None:
        evidence = {"backlog": "the metric has no point: no message came"}
        return Finding(one.short, KIND, Status.PASS, "healthy", "no message waits", evidence=evidence)
    observed = wording.plain(age)
    message = f"its oldest message waits for {wording.figure(round(age / MINUTE, 1))} minutes"
    if age < warn:
        return Finding(
            one.short, KIND, Status.PASS, "healthy", message, observed=observed, expected=expected, unit="seconds"
        )
    status = Status.FAIL if age >= fail else Status.WARN
    fix = f"read the log of {one.endpoint or 'its subscriber'}: it is refused, it fails, or it is too slow"
    return _bad(
        one, "backlog_old", message, status=status, observed=observed, expected=expected, unit="seconds", fix=fix
    )


def _bad(
    one: snapshots.Subscription, reason: str, message: str, *, status: Status = Status.FAIL, **details: Any
) -> Finding:
    evidence = {"topic": _short(one.topic), "endpoint": one.endpoint}
    return Finding(one.short, KIND, status, reason, message, evidence=evidence, **details)


def _short(topic: str) -> str:
    return topic.rsplit("/", 1)[-1]


def _delete(one: snapshots.Subscription) -> str:
    return sources.gcloud("pubsub", "subscriptions", "delete", one.short)
