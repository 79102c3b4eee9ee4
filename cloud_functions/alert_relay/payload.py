"""What a channel is sent: Slack's blocks within Slack's limits, or our own JSON; pure."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from cloud_functions.alert_relay import declaration, messages
from cloud_functions.alert_relay.state import Item, Message
from shared import report

BLOCKS = 50
"""How many blocks Slack takes in one message."""
BLOCK_LENGTH = 3000
"""How many characters Slack takes in one block."""
TEXT_LENGTH = 12_000
"""How many characters our blocks have together: Slack takes little more, and nobody reads that much."""
ITEM_LENGTH = 1200
UNDER = 5
"""How many effects are listed under their cause in Slack."""
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def of(message: Message, channel: declaration.Channel) -> dict[str, Any]:
    """Return the JSON that is posted to a channel."""
    return slack(message) if channel.kind == "slack" else webhook(message)


def webhook(message: Message) -> dict[str, Any]:
    """Return a message as our own JSON: all of it, with instants in UTC."""
    digest = all(item.change == "reminder" for item in message.items)
    return {
        "id": message.id,
        "kind": "digest" if digest else "changes",
        "channel": message.channel,
        "owner": message.owner,
        "title": message.title,
        "summary": message.summary,
        "items": [_item(item) for item in message.items],
    }


def _item(item: Item) -> dict[str, Any]:
    fields: Mapping[str, Any] = dataclasses.asdict(item)
    return {**fields, "since": report.iso(item.since), "seen": report.iso(item.seen), "under": list(fields["under"])}


def slack(message: Message) -> dict[str, Any]:
    """Return a message as Slack's text and blocks; what exceeds Slack's limits is counted, not shown."""
    title = f"*{escaped(message.title, 300)}*\n{escaped(f'For {message.owner}', 300)}"
    sections, length = [_section(title)], len(title)
    texts = [_text(item) for item in message.items]
    for number, text in enumerate(texts):
        length += len(text)
        # One block is kept for the count of what is not shown.
        if length > TEXT_LENGTH or len(sections) >= BLOCKS - 1:
            sections.append(_section(f"… and {len(texts) - number} more"))
            break
        sections.append(_section(text))
    return {"text": escaped(f"{message.title}. {message.summary}", BLOCK_LENGTH), "blocks": sections}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _text(item: Item) -> str:
    where = f"{item.function}/{item.scope}" if item.scope else item.function
    flips = f", {item.flips} changes lately" if item.flips else ""
    head = f"{messages.WORDS[item.change]}: {item.status.value} {item.subject}"
    facts = f"{where}, {item.reason}, since {item.since:%Y-%m-%d %H:%M}Z{flips}"
    parts = [f"*{escaped(head, 300)}* ({escaped(facts, 300)})", escaped(item.message, ITEM_LENGTH)]
    parts += [f"Fix: `{escaped(item.fix.replace('`', ''), 400)}`"] if item.fix else []
    parts += [f"    {line}" for line in _effects(item)]
    return "\n".join(parts)


def _effects(item: Item) -> Iterator[str]:
    for effect in item.under[:UNDER]:
        yield f"↳ {effect.status.value} {escaped(effect.subject, 100)}: {escaped(effect.message, 150)}"
    if len(item.under) > UNDER:
        yield f"… and {len(item.under) - UNDER} more that follow from it"


def escaped(text: str, length: int) -> str:
    """Return a text as Slack shows it literally, at most `length` characters long, cut between characters only."""
    pieces = [_ESCAPES.get(character, character) for character in text]
    if sum(map(len, pieces)) <= length:
        return "".join(pieces)
    ends = itertools.accumulate(map(len, pieces))
    return "".join(piece for piece, end in zip(pieces, ends, strict=True) if end < length) + "…"
