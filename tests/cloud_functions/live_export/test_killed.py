"""An exporter that is killed with SIGKILL at any write, while a reader polls: the reader never notices."""

import dataclasses
import pathlib
import re

import pytest

from local import functions
from tests.cloud_functions.live_export import killed, reader, scenes

MOMENTS = ("hold", "hold_answer")
FIRST, STEP = 33, 3
"""The minute of the night of the first kill, and how many pass between two: games go on all the time."""


def sequence(scene: scenes.Scene) -> list[str]:
    """Return what one export writes, in its order, as regular expressions: the digests of contents differ."""
    paths = scene.written(scene.export)
    return [re.sub(r"\\\.[0-9a-f]{12}\\\.", r"[.][0-9a-f]{12}[.]", re.escape(path)) for path in paths]


@pytest.fixture
def served(
    scene: scenes.Scene, deployed: tuple[functions.Function, pathlib.Path], tmp_path: pathlib.Path
) -> "reader.Iterator[killed.Served]":
    """Yield the scene with a function of its own, which may be killed."""
    with killed.serving(deployed[0], scene, tmp_path) as (url, worker):
        yield killed.Served(dataclasses.replace(scene, url=url), worker)


def test_a_kill_at_any_write_of_an_update_is_never_seen(served: killed.Served) -> None:
    """Killed before and after each write, run after run through the night: thousands of reads, and nothing odd."""
    scene = served.scene
    scene.minute(FIRST - STEP)
    scene.export()
    scene.night.provider.at(FIRST - 1)
    writes = sequence(scene)
    kills = [(write, moment) for write in writes for moment in MOMENTS]
    assert writes[-1] == "manifest\\.json"
    assert len(writes) == 14

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
    """Each run is killed one write further than the one before it; the manifest never names what is not there."""
    scene = served.scene
    with reader.polling(scene.address) as seen:
        for write in FIRST_WRITES:
            killed.kill_at(scene, served.worker, write=write, moment="hold_answer")
    assert seen.violations == []
