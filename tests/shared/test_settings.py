"""The environment: read once, refused when it contradicts itself."""

import pathlib

import pytest

from shared import errors, settings


@pytest.mark.parametrize("name", settings.EMULATORS)
def test_emulator_on_the_platform_is_refused(name: str) -> None:
    """On the platform a function must never report on an emulator."""
    with pytest.raises(errors.InvalidSettings, match=name):
        settings.read({"K_SERVICE": "bigquery-backup", name: "http://localhost:1"})


@pytest.mark.parametrize("kind", ["BIGQUERY", "STORAGE", "PUBSUB", "CONTROL_PLANE"])
def test_every_stand_in_is_known(kind: str) -> None:
    """Whatever a function asks, none of its answers may come from a stand-in on the platform."""
    assert f"{kind}_EMULATOR_HOST" in settings.EMULATORS


def test_control_planes_may_be_stood_in_for_off_the_platform() -> None:
    """Unset and empty are the same, on the platform too."""
    assert settings.read({"CONTROL_PLANE_EMULATOR_HOST": "http://localhost:1"}).control_plane == "http://localhost:1"
    assert settings.read({"CONTROL_PLANE_EMULATOR_HOST": "", "K_SERVICE": "f"}).control_plane is None
    assert settings.read({}).control_plane is None


def test_emulator_off_the_platform_is_fine() -> None:
    """Locally the emulators' variables are the official clients' own."""
    assert settings.read({"BIGQUERY_EMULATOR_HOST": "http://localhost:1"}).build.revision is None


def test_declarations_come_from_the_named_folder(tmp_path: pathlib.Path) -> None:
    """DECLARATIONS_DIR replaces the functions' own folders, and the pipeline's where it has one."""
    read = settings.read({"DECLARATIONS_DIR": str(tmp_path)})

    assert read.declaration("bigquery_backup", "backups.yaml") == tmp_path / "bigquery_backup" / "backups.yaml"
    assert read.pipeline() == settings.ROOT / "shared" / "pipeline.yaml"

    (tmp_path / "pipeline.yaml").write_text("game_day: {}")
    assert read.pipeline() == tmp_path / "pipeline.yaml"


def test_declarations_folder_must_exist(tmp_path: pathlib.Path) -> None:
    """A folder that is not there is an error, never a silent fall-back to our own."""
    with pytest.raises(errors.InvalidSettings, match="not a folder"):
        settings.read({"DECLARATIONS_DIR": str(tmp_path / "gone")})


@pytest.mark.parametrize("name", ["ops.runs", "ops`", "o p s", "ops;", "öps", "ops-1", "x" * 1025, "ops\n"])
def test_name_that_is_no_dataset_is_refused(name: str) -> None:
    """The ledger's dataset becomes part of SQL, so that only a name is let in."""
    with pytest.raises(errors.InvalidSettings, match="OPS_DATASET"):
        settings.read({"OPS_DATASET": name})


def test_dataset_of_the_ledger_may_be_left_out() -> None:
    """Unset and empty are the same."""
    assert settings.read({"OPS_DATASET": "ops_2"}).ops_dataset == "ops_2"
    assert settings.read({"OPS_DATASET": ""}).ops_dataset is settings.read({}).ops_dataset is None


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "1abc",
        "-abc",
        "a b c",
        "sla/sh",
        "projects/p/topics/reports",
        "ümlaut",
        "a" * 256,
        "reports\n",
        "a;b",
        "a`b",
    ],
)
def test_name_that_is_no_topic_is_refused(name: str) -> None:
    """It becomes part of an address: only the last part of a topic's name is let in."""
    with pytest.raises(errors.InvalidSettings, match="REPORTS_TOPIC is not the name of a topic"):
        settings.read({"REPORTS_TOPIC": name})


@pytest.mark.parametrize("name", ["abc", "pressbox-reports", "A.b_c~d+e%f-9", "a" * 255])
def test_topic_of_the_reports_is_named(name: str) -> None:
    """Whatever Pub/Sub takes as a name is one."""
    assert settings.read({"REPORTS_TOPIC": name}).reports_topic == name


def test_topic_of_the_reports_may_be_left_out() -> None:
    """Unset and empty are the same."""
    assert settings.read({"REPORTS_TOPIC": ""}).reports_topic is settings.read({}).reports_topic is None


def test_timeout_is_the_platforms() -> None:
    """The platform says how long a request may take; nonsense is refused."""
    assert settings.read({"CLOUD_RUN_TIMEOUT_SECONDS": "540"}).timeout == 540.0
    assert settings.read({}).timeout == 1800.0  # the Scheduler's longest: nobody would hear a later report
    with pytest.raises(errors.InvalidSettings, match="not a number"):
        settings.read({"CLOUD_RUN_TIMEOUT_SECONDS": "soon"})


def test_revision_is_the_platforms() -> None:
    """The report says which revision answered."""
    assert settings.read({"K_REVISION": "bigquery-backup-00007-abc"}).build.revision == "bigquery-backup-00007-abc"
