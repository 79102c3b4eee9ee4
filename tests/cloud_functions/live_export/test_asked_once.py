"""The post-game export is asked for once a day, whoever asks, however many at once, and whatever fails in between."""

import concurrent.futures
import datetime
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from cloud_functions.live_export import declaration, post_game
from local import cloud as local_cloud
from shared.gcp import clients
from shared.report import Finding
from tests.contract.pubsub import tools

DAY = datetime.date(2026, 2, 12)
NOW = datetime.datetime(2026, 2, 13, 5, 21, tzinfo=datetime.UTC)
CLAIM = f"exports/post-game/{DAY}.json"
TOGETHER = 12


class Post(NamedTuple):
    """The operations bucket, the topic, and who listens to it."""

    bucket: Any
    used: clients.Clients
    bench: tools.Bench
    topic: str
    subscription: str

    def ask(self, run_id: str = "run", *, after: float = 0.0, topic: str = "") -> Finding:
        """Return what becomes of asking, so many seconds after the night's end."""
        place = post_game.Place(self.used, self.bucket.name, run_id)
        declared = declaration.PostGame(topic or self.topic, ("live", "results"))
        return post_game.ask(place, declared, DAY, NOW + datetime.timedelta(seconds=after))

    def claim(self, **told: Any) -> None:
        """Leave a claim as another run would have."""
        self.bucket.blob(CLAIM).upload_from_string(json.dumps({"state": "claimed", "run_id": "other"} | told))

    def messages(self) -> list[Any]:
        """Return the messages that came."""
        return [one.message for one in self.bench.pull_now(self.subscription)]


@pytest.fixture
def post(emulated: local_cloud.Cloud, make_bucket: Callable[[], str]) -> Iterator[Post]:
    """Yield a topic and an operations bucket without any claim."""
    publisher, subscriber = emulated.pubsub_clients()
    bench = tools.Bench(publisher, subscriber, emulated.project)
    made = bench.topic()
    storage = emulated.storage_client()
    used = clients.Clients(emulated.bigquery_client(), storage, clients.Calls())
    yield Post(storage.bucket(make_bucket()), used, bench, made.rpartition("/")[2], bench.subscription(made))
    subscriber.close()


def test_one_message_asks_for_the_export(post: Post) -> None:
    """It names the day and the exports, and whoever asks again is told that it was sent."""
    assert (post.ask("first").reason, post.ask("second").reason) == ("sent", "sent_before")
    (message,) = post.messages()
    assert json.loads(message.data) == {
        "export_types": ["live", "results"],
        "target_date": "2026-02-12",
        "trigger_source": "live_export",
        "update_latest": True,
    }
    assert dict(message.attributes) == {"target_date": "2026-02-12", "dedup_id": "post-game-2026-02-12"}


def test_many_ticks_at_once_publish_one_message(post: Post) -> None:
    """All begin at the same moment; one publishes, and the others see its claim or its message."""
    start = threading.Barrier(TOGETHER)

    def tick(number: int) -> str:
        start.wait(timeout=30)
        return post.ask(f"run-{number}").reason

    with concurrent.futures.ThreadPoolExecutor(TOGETHER) as pool:
        reasons = sorted(pool.map(tick, range(TOGETHER)))

    assert reasons.count("sent") == 1
    assert set(reasons) <= {"sent", "claimed", "sent_before"}
    assert len(post.messages()) == 1


def test_a_claim_that_nobody_fulfilled_is_taken_over(post: Post) -> None:
    """Who claimed and was killed keeps others waiting for five minutes, and no longer."""
    post.claim(at=NOW.isoformat())
    assert [post.ask(after=299).reason, post.messages()] == ["claimed", []]
    assert [post.ask(after=300).reason, len(post.messages())] == ["sent", 1]
    assert post.ask(after=301).reason == "sent_before"


@pytest.mark.parametrize("told", [{}, {"at": "yesterday"}, {"at": "2026-02-13T05:20:00"}])
def test_a_claim_that_says_nothing_readable_is_taken_over(post: Post, told: dict[str, str]) -> None:
    """Without an instant with a zone, nobody knows how old it is: better a message twice than none."""
    post.claim(**told)
    assert [post.ask().reason, len(post.messages())] == ["sent", 1]


def test_a_missing_topic_is_an_error_and_asked_for_again(post: Post) -> None:
    """The finding says which topic; the next run that finds the claim run out sends."""
    missing = post.ask("first", topic="nobody-made-it")
    assert (missing.status.value, missing.reason) == ("error", "not_found")
    assert "nobody-made-it" in missing.message
    assert post.messages() == []
    assert [post.ask("next", after=360).reason, len(post.messages())] == ["sent", 1]
