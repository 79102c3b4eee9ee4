"""One call of the relay: read what came, decide, write it down, send, and write down what was sent.

The answer is always 200, so Pub/Sub never posts a report again that was answered. Therefore whatever is to be told
stands in the outbox of the state before it is sent, and a report that nothing can be decided on waits in the bucket.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any

from cloud_functions.alert_relay import declaration, deliver, judge, memory, news, outbox, plan
from cloud_functions.alert_relay.state import State
from shared import contract, declarations, errors, settings
from shared.contract import Outcome

NAME = "alert_relay"
ATTEMPTS = 20
"""How often a run decides anew because another one wrote first; of as many runs at once, each gets its turn."""


@dataclasses.dataclass(frozen=True)
class Declared:
    """What is declared, or the mistakes in it: a report must not be lost because alerts.yaml is broken."""

    alerts: declaration.Alerts | None
    mistakes: tuple[str, ...] = ()


Given = contract.Run[Declared, declaration.Request]


@dataclasses.dataclass(frozen=True)
class Inbox:
    """What came, and what waited in the bucket: messages by their ids, as read; own: the id of what came now."""

    read: Mapping[str, news.News | news.Unreadable]
    own: str | None
    unreadable: tuple[judge.Kept, ...]
    waited: tuple[memory.Waiting, ...]


@dataclasses.dataclass(frozen=True)
class Work:
    """What every step of a call needs."""

    given: Given
    alerts: declaration.Alerts
    place: memory.Place
    inbox: Inbox


def declared(deployed: settings.Settings) -> declaration.Alerts:
    """Return what is declared for this deployment; raise InvalidDeclaration with every mistake."""
    path = deployed.declaration(NAME, declaration.NAME)
    return declarations.load(declaration.Alerts, path, environment=deployed.environment)


def attempted(deployed: settings.Settings) -> Declared:
    """Return what is declared for this deployment, or the mistakes in it."""
    try:
        return Declared(declared(deployed))
    except errors.InvalidDeclaration as error:
        return Declared(None, error.problems)


def reach(agreed: Declared) -> contract.Reach:
    """Return that nothing is needed besides the operations bucket; raise InvalidDeclaration with every mistake."""
    if agreed.alerts is None:
        raise errors.InvalidDeclaration(agreed.mistakes)
    return contract.Reach((), ())


def relay(given: Given) -> Outcome:
    """Return what was told, and what could not be; raise InvalidDeclaration, or InvalidSettings without a bucket."""
    bucket = given.settings.ops_bucket
    if not bucket:
        raise errors.InvalidSettings("the environment variable OPS_BUCKET is not set: it holds the relay's memory")
    place = memory.Place(given.clients, bucket)
    if given.declared.alerts is None:
        raise errors.InvalidDeclaration((*given.declared.mistakes, *_postponed(place, given.request.message)))
    done = _done(Work(given, given.declared.alerts, place, _inbox(place, given.request.message)))
    found = judge.findings(done, given.declared.alerts, given.now)
    return Outcome(judge.summary(done, given.declared.alerts), found, as_of=given.now, past=())


def _postponed(place: memory.Place, posted: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return where the message waits that came now, or that it is lost."""
    if posted is None:
        return ()
    try:
        return (f"the message waits at {memory.keep_waiting(place, posted)}",)
    except errors.CloudError as error:
        return (f"the message is lost: {error}",)


def _inbox(place: memory.Place, posted: Mapping[str, Any] | None) -> Inbox:
    """Return the message that came and those that wait; what is no report is kept aside."""
    waited: list[memory.Waiting] = []
    with contextlib.suppress(errors.CloudError):  # the state will not be read either, and that is told
        waited = memory.waiting(place)
    came = [*(one.posted for one in waited), *([posted] if posted is not None else [])]
    read = {news.message_id(one): news.read(one) for one in came}
    bad = {name: one for name, one in read.items() if isinstance(one, news.Unreadable)}
    by_id = {news.message_id(one): one for one in came}
    kept = tuple(judge.Kept(one, _kept(place, by_id[name])) for name, one in bad.items())
    return Inbox(read, news.message_id(posted) if posted is not None else None, kept, tuple(waited))


def _kept(place: memory.Place, posted: Mapping[str, Any]) -> str | None:
    try:
        return memory.keep_unreadable(place, posted)
    except errors.CloudError:
        return None


def _done(work: Work) -> judge.Done:
    try:
        return _remembered(work)
    except errors.PreconditionFailed:
        return judge.Done(trouble=_busy(work), unreadable=work.inbox.unreadable)
    except errors.CloudError as error:
        return _without_memory(work, str(error))


def _busy(work: Work) -> str:
    told = _postponed(work.place, work.given.request.message)
    return "; ".join((f"{ATTEMPTS} times another run wrote first", *told))


def _remembered(work: Work) -> judge.Done:
    """Return what was done with the memory at hand; raise CloudError when nothing was sent yet."""
    made, reset = _written(work)
    for waited in work.inbox.waited:
        with contextlib.suppress(errors.CloudError):  # taken up again, it is a duplicate
            memory.forget(work.place, waited)
    results = deliver.deliver(made.sent, work.alerts, stop=work.given.stop)
    state, trouble = _recorded(work, made.state, results)
    return _told(work, made, results, state=state, reset=reset, trouble=trouble)


def _written(work: Work) -> tuple[plan.Plan, str | None]:
    """Return the plan after its state was written, and why an older state was set aside; raise CloudError."""
    for _ in range(ATTEMPTS):
        found = memory.read(work.place)
        made = plan.plan(found.state, work.inbox.read, work.alerts, work.given.now)
        if made.state == found.state and not found.reset:
            return made, None
        with contextlib.suppress(errors.PreconditionFailed):
            memory.write(work.place, made.state, generation=found.generation)
            return made, found.reset
    raise errors.PreconditionFailed(f"writing {memory.OBJECT}: another run wrote first, {ATTEMPTS} times")


def _recorded(work: Work, state: State, results: tuple[outbox.Result, ...]) -> tuple[State, str | None]:
    """Return the state after what was sent was written down, and why it could not be."""
    if not results:
        return state, None
    try:
        for _ in range(ATTEMPTS):
            found = memory.read(work.place)
            state = outbox.settled(found.state, results, work.alerts.retry, work.given.now)
            with contextlib.suppress(errors.PreconditionFailed):
                memory.write(work.place, state, generation=found.generation)
                return state, None
    except errors.CloudError as error:
        return state, f"what was sent may be sent again: {error}"
    return state, f"what was sent may be sent again: {ATTEMPTS} times another run wrote first"


def _without_memory(work: Work, why: str) -> judge.Done:
    """Return what was done without a memory: the news that came now are told as if nothing had been told before."""
    own = work.inbox.own
    read = {own: work.inbox.read[own]} if own else {}
    made = plan.plan(State(), read, work.alerts, work.given.now)
    results = deliver.deliver(made.sent, work.alerts, stop=work.given.stop)
    return _told(work, made, results, state=State(), reset=None, trouble=why)


def _told(
    work: Work,
    made: plan.Plan,
    results: tuple[outbox.Result, ...],
    *,
    state: State,
    reset: str | None,
    trouble: str | None,
) -> judge.Done:
    return judge.Done(
        state=state,
        made=made.decision.messages,
        results=results,
        dropped=made.dropped,
        held=made.decision.held,
        taken=made.taken,
        outdated=made.decision.outdated,
        passed=made.passed,
        unreadable=work.inbox.unreadable,
        reset=reset,
        trouble=trouble,
    )
