"""From what a run of the relay did to its findings and its summary; pure."""

import collections
import dataclasses
import datetime
from collections.abc import Iterator, Mapping, Sequence

from cloud_functions.alert_relay import declaration, messages, news, outbox, relay
from cloud_functions.alert_relay.state import CHANGES, Message, State
from shared.report import Finding
from shared.statuses import Status

MEND = "mend the channel: see whether its receiver answers, and whether the secret still holds its address"
WAITS = "grant roles/storage.objectAdmin on the operations bucket, and see whether Cloud Storage answers"


@dataclasses.dataclass(frozen=True)
class Kept:
    """A message that holds no report of ours, and where it is kept; None where it could not be kept."""

    unreadable: news.Unreadable
    address: str | None


@dataclasses.dataclass(frozen=True)
class Done:
    """What a run of the relay did.

    state: as it was written. taken, outdated: reports that changed it, and that did not. passed: (message id, reason)
    of those that were no news. reset: why an older state was set aside. trouble: why it could not be read or written.
    """

    state: State = dataclasses.field(default_factory=State)
    made: tuple[Message, ...] = ()
    results: tuple[outbox.Result, ...] = ()
    dropped: tuple[Message, ...] = ()
    held: Mapping[relay.Held, int] = dataclasses.field(default_factory=dict)
    taken: tuple[news.News, ...] = ()
    outdated: tuple[news.News, ...] = ()
    passed: tuple[tuple[str, str], ...] = ()
    unreadable: tuple[Kept, ...] = ()
    reset: str | None = None
    trouble: str | None = None


def findings(done: Done, declared: declaration.Alerts, now: datetime.datetime) -> tuple[Finding, ...]:
    """Return one finding for every message, every report, the memory, and every silence that has expired."""
    tried = {result.message.id for result in done.results}
    remembered = {message.id for message in done.state.outbox}
    return (
        *(_result(result, lasting=result.message.id in remembered) for result in done.results),
        *(_untried(message) for message in done.state.outbox if message.id not in tried and message.tries),
        *(_dropped(message) for message in done.dropped),
        *_reports(done),
        _memory(done),
        *(_expired(number, one) for number, one in enumerate(declared.silences) if one.until <= now),
    )


def _result(result: outbox.Result, *, lasting: bool) -> Finding:
    message = result.message
    tries = message.tries + result.tries
    if result.error is None:
        return _message(message, Status.PASS, "delivered", f"told {message.owner}: {message.title}", tries=tries)
    if not lasting:
        text = f"not delivered to {message.channel}: {result.error}; nothing remembers it: {message.title}"
        return _message(message, Status.FAIL, "undeliverable", text, tries=tries)
    return _undeliverable(message, f": {result.error}", tries=tries)


def _untried(message: Message) -> Finding:
    return _undeliverable(message, f"; the next try is not before {message.next_try:%H:%M:%SZ}", tries=message.tries)


def _undeliverable(message: Message, why: str, *, tries: int) -> Finding:
    until = message.created + datetime.timedelta(hours=outbox.KEPT_HOURS)
    text = f"not delivered to {message.channel}{why}; it is tried until {until:%Y-%m-%d %H:%MZ}: {message.title}"
    return _message(message, Status.FAIL, "undeliverable", text, tries=tries)


def _dropped(message: Message) -> Finding:
    text = f"given up after {outbox.KEPT_HOURS} hours and {message.tries} tries: {message.title}"
    return _message(message, Status.FAIL, "dropped", text, tries=message.tries)


def _message(message: Message, status: Status, reason: str, text: str, *, tries: int) -> Finding:
    return Finding(
        subject=f"{message.channel}.{message.id}",
        kind="message",
        status=status,
        reason=reason,
        message=text,
        observed=tries,
        unit="tries",
        evidence={} if status is Status.PASS else {"summary": message.summary, "items": len(message.items)},
        fix=None if status is Status.PASS else MEND,
    )


def _reports(done: Done) -> Iterator[Finding]:
    for kept in done.unreadable:
        where = f"it is kept at {kept.address}" if kept.address else "it could not be kept either"
        text = f"a message holds no report of ours: {kept.unreadable.why}; {where}"
        fix = f"gcloud storage cat {kept.address}" if kept.address else WAITS
        yield Finding(kept.unreadable.message_id, "report", Status.ERROR, "unreadable", text, fix=fix)
    for name, said in {one.place: one for one in done.taken}.items():
        bad = sum(one.status not in (Status.PASS, Status.SKIP) for one in said.findings) + (said.error is not None)
        yield Finding(name, "report", Status.PASS, "taken", f"run {said.run_id}: {bad} of its findings are bad")
    for name, said in {one.place: one for one in done.outdated}.items():
        text = f"run {said.run_id} is not newer than what is known"
        yield Finding(f"{name} of {said.run_id}", "report", Status.SKIP, "outdated", text, severity="info")
    told = {kept.unreadable.message_id for kept in done.unreadable}
    for name, reason in (one for one in done.passed if one[0] not in told):
        text = "this message was taken before" if reason == "duplicate" else "it reports no run"
        yield Finding(name, "report", Status.SKIP, reason, text, severity="info")


def _memory(done: Done) -> Finding:
    subject = "alerts/state.json"
    if done.trouble:
        return Finding(subject, "state", Status.ERROR, "state_unavailable", done.trouble, fix=WAITS)
    if done.reset:
        text = f"the state could not be read, so all that is bad is told anew: {done.reset}"
        return Finding(subject, "state", Status.ERROR, "state_unreadable", text, fix="look at what is kept there")
    bad = sum(entry.bad for entry in done.state.entries)
    text = f"{bad} bad findings are known, {len(done.state.outbox)} messages wait"
    return Finding(subject, "state", Status.PASS, "kept", text)


def _expired(number: int, silence: declaration.Silence) -> Finding:
    text = f"the silence of {silence.owner} ended at {silence.until.isoformat()}: {silence.reason}"
    return Finding(
        f"silences[{number}]",
        "silence",
        Status.WARN,
        "expired",
        text,
        severity="info",
        fix="take it out of alerts.yaml",
    )


def summary(done: Done, declared: declaration.Alerts) -> str:
    """Return the sentence that matters first: what was not delivered, what was told, and what is held back."""
    lost = [result for result in done.results if result.error]
    parts = [f"{_amount(lost)} not delivered: {lost[0].error}"] if lost else []
    parts += [f"{len(done.dropped)} given up after {outbox.KEPT_HOURS} hours"] if done.dropped else []
    parts += [f"{len(done.unreadable)} unreadable"] if done.unreadable else []
    parts += [f"memory: {done.trouble or done.reset}"] if done.trouble or done.reset else []
    parts += [_told(done.made) if done.made else "nothing to tell"]
    again = [result for result in done.results if not result.error and result.message.tries]
    parts += [f"{_amount(again)} delivered at last"] if again else []
    held = _held(done.held, declared)
    parts += [held] if held else []
    waiting = len(done.state.outbox)
    return "; ".join((*parts, f"outbox: {waiting}" if waiting else "outbox empty"))


def _amount(results: Sequence[outbox.Result]) -> str:
    return f"{len(results)} message{'' if len(results) == 1 else 's'}"


def _told(made: Sequence[Message]) -> str:
    counts = collections.Counter(item.change for message in made for item in message.items)
    told = ", ".join(f"{counts[change]} {messages.WORDS[change]}" for change in CHANGES if counts[change])
    where = ", ".join(sorted(message.channel for message in made))
    return f"{told} in {len(made)} message{'' if len(made) == 1 else 's'} to {where}"


def _held(held: Mapping[relay.Held, int], declared: declaration.Alerts) -> str:
    until = f"held until {declared.quiet.end}" if declared.quiet else "held"
    words: dict[relay.Held, str] = {"silenced": "silenced", "quiet": until, "paced": "gathered for a later message"}
    return ", ".join(f"{held[name]} {word}" for name, word in words.items() if held.get(name))
