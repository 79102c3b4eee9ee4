"""Two exporters at once, without a lease, through the end of a night: readers never notice, and it ends as with one."""

import concurrent.futures
import contextlib
import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from cloud_functions.live_export import run
from local.scores import script, server
from shared.gcp import clients
from tests.cloud_functions.live_export import racing, reader, scenes
from tests.contract.pubsub import tools

TIPS = (0, 10, 20)
"""So that three games end within the hour: at 140, 150 and 160."""
BEGINS, ENDS = 103.0, 163.0
SEED = 20260212
"""Of the draws whose turn it is."""


@dataclasses.dataclass
class Exporter:
    """One of those that race: its clock's offset in minutes, and the provider as it asks it."""

    name: str
    offset: float
    provider: server.Server
    given: Any
    runs: int = 0

    def race(self, clock: racing.Clock, turns: racing.Turns, began: datetime.datetime) -> None:
        """Export once a minute, each step in its turn."""
        turns.enter(self.name)
        try:
            for minute in clock.ticks(self.offset):
                self.provider.at(minute)
                self.runs += 1
                now, run_id = began + datetime.timedelta(minutes=minute), f"{self.name}-{self.runs}"
                run.export(dataclasses.replace(self.given, now=now, run_id=run_id))
        finally:
            turns.leave(self.name)


@pytest.fixture
def short(scene: scenes.Scene) -> script.Night:
    """Return the night with three games at the same time; the warehouse stands still near their end."""
    timed = zip(scene.night.script.games, TIPS, strict=True)
    games = tuple(dataclasses.replace(game, tip=tip, overtimes=0) for game, tip in timed)
    night = dataclasses.replace(scene.night.script, games=games)
    scene.night.follow(night, BEGINS)
    return night


@pytest.fixture
def topic(emulated: Any) -> Iterator[tuple[tools.Bench, str, str]]:
    """Yield the clients of Pub/Sub, a topic of the scenes' project, and a subscription to it."""
    publisher, subscriber = emulated.pubsub_clients()
    bench = tools.Bench(publisher, subscriber, scenes.PROJECT)
    made = bench.topic()
    yield bench, made.rpartition("/")[2], bench.subscription(made)
    subscriber.close()


@contextlib.contextmanager
def exporters(scene: scenes.Scene, night: script.Night, turns: racing.Turns) -> Iterator[tuple[Exporter, Exporter]]:
    """Yield two exporters half a minute apart, each with a provider that is where its clock is."""
    warehouse = racing.Warehouse(scene.night.bigquery)
    with contextlib.ExitStack() as stack:
        made = []
        for name, offset in (("a", 0.0), ("b", 0.5)):
            provider = server.serve(night)
            stack.callback(provider.close)
            own = dataclasses.replace(scene, variables={**scene.variables, "SCORES_API_URL": f"{provider.url}/v1"})
            used = clients.Clients(warehouse, scene.storage_client(racing.Session(turns.step)), clients.Calls())
            given = dataclasses.replace(own.given(night.began), clients=used)
            made.append(Exporter(name, offset, provider, given))
        yield made[0], made[1]


def test_two_exporters_race_for_an_hour(
    scene: scenes.Scene, short: script.Night, topic: tuple[tools.Bench, str, str]
) -> None:
    """Whoever is slower leaves what is newer; the end of the night is published once and asked for once."""
    bench, name, subscription = topic
    ops = scene.storage.create_bucket(f"{scene.bucket}-ops").name
    scene.variables = {**scene.variables, "OPS_BUCKET": ops, "POST_GAME_TOPIC": name}
    looking, clock = reader.Reader(scene.address), racing.Clock(BEGINS, ENDS)
    turns = racing.Turns(("a", "b"), seed=SEED, look=looking.look)

    with contextlib.closing(looking), exporters(scene, short, turns) as racers:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for one in [pool.submit(racer.race, clock, turns, short.began) for racer in racers]:
                one.result()
        looking.look()

    assert min(racer.runs for racer in racers) > 30

    assert looking.seen.violations == []
    assert looking.seen.reads > 4000
    scene.assert_whole()
    live = scene.read("live/latest.json")
    assert (live["games_in_progress"], live["games_final"]) == (0, 3)
    assert len(bench.pull_now(subscription)) == 1
