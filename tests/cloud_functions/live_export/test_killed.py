"""An exporter that is killed with SIGKILL at any write, while a reader polls: the reader never notices."""

import dataclasses
import pathlib
import re
from collections.abc import Iterator

import pytest

from local import functions
from tests.cloud_functions.live_export import killed, reader, scenes

MOMENTS = ("hold", "hold_answer")
FIRST, STEP = 33, 3
"""The minute of the night of the first kill, and how many pass between two: games go on all the time."""
ENDING = 140
"""The minute at which the first game is final."""
DIGEST = "[.][0-9a-f]{12}[.]json"


@pytest.fixture
def served(
    scene: scenes.Scene, deployed: tuple[functions.Function, pathlib.Path], tmp_path: pathlib.Path
) -> Iterator[killed.Served]:
    """Yield the scene with a function of its own, which may be killed."""
    with killed.serving(deployed[0], scene, tmp_path) as (url, worker):
        yield killed.Served(dataclasses.replace(scene, url=url), worker)


def sequence(scene: scenes.Scene) -> list[str]:
    """Return what one export writes, in its order, as regular expressions: the digests of contents differ."""
    plain = [re.escape(path) for path in scene.written(scene.export)]
    return [re.sub(r"\\[.][0-9a-f]{12}\\[.]json$", lambda _: DIGEST, path) for path in plain]


def test_a_kill_at_any_write_of_an_update_is_never_seen(served: killed.Served) -> None:
    """Killed before and after each write, run after run through the night: thousands of reads, and nothing odd."""
    scene = served.scene
    scene.minute(FIRST - STEP)
    scene.export()
    scene.night.provider.at(FIRST - 1)
    scene.next_second()
    writes = sequence(scene)
    assert len(writes) == 14
    kills = [(write, moment) for write in writes for moment in MOMENTS]

    with reader.polling(scene.address) as seen:
        for number, (write, moment) in enumerate(kills):
            scene.night.provider.at(FIRST + STEP * number)
            killed.kill_at(scene, served.worker, write=write, moment=moment)
            # Half of the runs that complete it find the very content that was half published, half find news.
            scene.night.provider.at(FIRST + STEP * number + number % 2)
            finished = scene.export()
            assert finished["status"] == "pass", (write, moment, finished["summary"])
            scene.assert_whole()

    assert seen.violations == []
    assert seen.reads > 2000
    assert seen.manifests > len(kills)


def test_a_kill_at_any_write_of_the_very_first_export_is_never_seen(served: killed.Served) -> None:
    """Into an empty bucket, each run is killed one write further than the last; nothing is named before it is there."""
    scene = served.scene
    scene.minute(FIRST)
    writes = sequence(elsewhere(scene))
    assert len(writes) == 20
    scene.declare()

    with reader.polling(scene.address) as seen:
        for number, write in enumerate(writes):
            scene.night.provider.at(FIRST + 1 + number)
            killed.kill_at(scene, served.worker, write=write, moment="hold_answer")
        finished = scene.export()

    assert finished["status"] == "pass"
    scene.assert_whole()
    assert seen.violations == []
    assert seen.reads > 1000


def test_what_a_killed_run_showed_is_remembered(served: killed.Served) -> None:
    """A run is killed after readers saw a game's end, before the manifest; then the provider tells of minutes ago."""
    scene = served.scene
    scene.minute(ENDING - 2)
    scene.export()
    with reader.polling(scene.address) as seen:
        scene.night.provider.at(ENDING + 1)
        killed.kill_at(scene, served.worker, write="live/latest[.]json", moment="hold_answer")
        assert scene.read("live/latest.json")["games_final"] == 1
        scene.night.provider.throw(stale=10)
        finished = scene.export()

    assert scenes.of(finished, "live")["status"] == "pass"
    assert scene.read("live/latest.json")["games_final"] == 1
    scene.assert_whole()
    assert seen.violations == []


def elsewhere(scene: scenes.Scene) -> scenes.Scene:
    """Return the scene with another empty bucket, which is the declared one now."""
    other = dataclasses.replace(scene, bucket=f"{scene.bucket}-other")
    other.storage.create_bucket(other.bucket)
    other.open()
    other.declare()
    return other
