"""What a channel is sent: within Slack's limits whatever is told, and all of it to a webhook."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_functions.alert_relay import declaration, payload, state
from tests.cloud_functions.alert_relay.stories import Story, report, said

CHANNEL = declaration.Channel("team", "slack", "https://hooks.example/secret")


def message(count: int, **changes: str) -> state.Message:
    """Return a message that tells of so many findings."""
    return Story().call(0, [report(0, *(said(f"f{n}", "fail", **changes) for n in range(count)))])[0]


@pytest.mark.parametrize(("count", "length"), [(1, 10), (1, 50_000), (48, 10), (49, 10), (200, 10), (200, 5_000)])
def test_slack_gets_what_it_takes(count: int, length: int) -> None:
    """At most 50 blocks of 3000 characters, none empty; what is left out is counted."""
    made = payload.slack(message(count, message="<&>" * length, fix="x" * length))
    texts = [block["text"]["text"] for block in made["blocks"]]

    assert len(texts) <= 50
    assert all(0 < len(text) <= 3000 for text in texts)
    assert sum(map(len, texts)) <= 13_000
    assert 0 < len(made["text"]) <= 3000
    shown = sum("*new: fail f" in text for text in texts)
    assert shown == count or texts[-1] == f"… and {count - shown} more"


@settings(max_examples=100)
@given(text=st.text(alphabet="<&>ab…🏀"), length=st.integers(2, 40))
def test_an_escape_is_never_cut(text: str, length: int) -> None:
    """Slack reads < > & as markup; half an escape would be shown, and a whole one does not count as one character."""
    made = payload.escaped(text, length)

    assert len(made) <= length
    assert "<" not in made
    assert ">" not in made
    rest = made.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest


def test_slack_says_what_and_where_and_how_to_mend_it() -> None:
    """One section for each finding: change, status, subject, function, reason, since, message, fix and effects."""
    effects = [said(f"e{n}", "fail", caused_by="rows:a") for n in range(7)]
    cause = said("a", "fail", message="3 < 4 rows", fix="load `it` again")
    made = payload.slack(Story().call(0, [report(0, cause, *effects)])[0])
    head, item = (block["text"]["text"] for block in made["blocks"])

    assert head == "*1 new (1 fail): a*\nFor data"
    assert item.splitlines()[0] == ("*new: fail a* (validation_runner/post_game, too_few, since 2026-02-12 12:00Z)")
    assert item.splitlines()[1:4] == ["3 &lt; 4 rows", "Fix: `load it again`", "    ↳ fail e0: e0 is fail"]
    assert item.splitlines()[-1] == "    … and 2 more that follow from it"


def test_a_webhook_gets_everything() -> None:
    """The keys that a receiver may count on, as JSON."""
    effect = said("b", "warn", caused_by="rows:a")
    made = json.loads(json.dumps(payload.webhook(Story().call(0, [report(0, said("a", "fail"), effect)])[0])))
    item = made.pop("items")[0]

    assert sorted(made) == ["channel", "id", "kind", "owner", "summary", "title"]
    assert made["kind"] == "changes"
    assert made["summary"] == "validation_runner: a is fail"
    assert (item["change"], item["status"], item["since"]) == ("new", "fail", "2026-02-12T12:00:00.000Z")
    assert item["under"] == [
        {"function": "validation_runner", "subject": "b", "status": "warn", "reason": "too_few", "message": "b is warn"}
    ]


def test_a_digest_is_named_as_one() -> None:
    """A receiver may treat reminders in another way than news."""
    story = Story()
    story.tell(0, said("a", "fail"))

    assert payload.webhook(story.call(24)[0])["kind"] == "digest"


def test_no_payload_holds_the_address() -> None:
    """The address of a channel is a secret, of either kind."""
    webhook = dataclasses.replace(CHANNEL, kind="webhook")

    assert all("hooks.example" not in json.dumps(payload.of(message(3), one)) for one in (CHANNEL, webhook))


def test_a_title_is_never_too_long() -> None:
    """Whatever the subject is called."""
    told = Story().call(0, [report(0, said("x" * 500, "fail"), said("y", "warn"))])[0]

    assert len(told.title) <= 150
    assert told.title.endswith("… and 1 more")
