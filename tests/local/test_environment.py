"""The variables that attach clients to the embedded cloud, and the shell file that carries them."""

import subprocess
from pathlib import Path

import pytest

from local import environment

AWKWARD = {"PLAIN": "a", "SPACED": "a b", "QUOTED": 'it\'s $HOME `id` "x"', "EMPTY": "", "LINES": "a\nb"}


def sourced(path: Path, name: str) -> str:
    """Return what a POSIX shell's child sees as `name` after sourcing `path`."""
    script = '. "$1" && exec env -0'
    shell = subprocess.run(["/bin/sh", "-c", script, "sh", str(path)], capture_output=True, check=True, text=True)
    pairs = [pair.partition("=") for pair in shell.stdout.split("\0")]
    return next(value for key, _, value in pairs if key == name)


@pytest.mark.parametrize("name", AWKWARD)
def test_a_shell_reads_back_exactly_what_was_written(tmp_path: Path, name: str) -> None:
    """Quotes, dollars, blanks and line ends survive the shell file."""
    environment.write(tmp_path / "env", AWKWARD)
    assert sourced(tmp_path / "env", name) == AWKWARD[name]


def test_writing_makes_the_folder_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    """The folder is made, and no temporary file stays beside the one that was asked for."""
    environment.write(tmp_path / "deep" / "env", {"A": "1"})
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["env"]


def test_a_failed_write_keeps_the_old_file_whole(tmp_path: Path) -> None:
    """A value that cannot be encoded raises, and the file of the run before still stands alone."""
    environment.write(tmp_path / "env", {"A": "1"})
    with pytest.raises(UnicodeEncodeError):
        environment.write(tmp_path / "env", {"A": "\ud800"})
    assert sourced(tmp_path / "env", "A") == "1"
    assert [path.name for path in tmp_path.iterdir()] == ["env"]


def test_the_metadata_server_is_named_in_every_spelling_that_clients_read() -> None:
    """`google.auth` needs the host and the address; older clients read the root."""
    found = environment.metadata("127.0.0.1:9", config=Path("/nowhere"))
    assert {found[f"GCE_METADATA_{part}"] for part in ("HOST", "IP", "ROOT")} == {"127.0.0.1:9"}


def test_a_persons_own_credentials_are_out_of_reach() -> None:
    """A key file, a gcloud login and a quota project of the caller all give way to the metadata server."""
    mine = {"GOOGLE_APPLICATION_CREDENTIALS": "/key.json", "CLOUDSDK_CONFIG": "/me", "GOOGLE_CLOUD_QUOTA_PROJECT": "p"}
    found = environment.child(mine, environment.metadata("127.0.0.1:9", config=Path("/nowhere")))
    assert found["GOOGLE_APPLICATION_CREDENTIALS"] == ""
    assert found["GOOGLE_CLOUD_QUOTA_PROJECT"] == ""
    assert found["CLOUDSDK_CONFIG"] == "/nowhere"


def test_a_child_never_looks_as_if_it_ran_on_the_platform() -> None:
    """`K_SERVICE` is taken away, not emptied; what has nothing to do with it stays."""
    found = environment.child({"K_SERVICE": "x", "K_REVISION": "y", "PATH": "/bin"}, {"A": "1"})
    assert found == {"PATH": "/bin", "A": "1"}


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "corp"}, "127.0.0.1,localhost,::1,corp"),
        ({"NO_PROXY": "corp"}, "127.0.0.1,localhost,::1,corp"),
        ({"no_proxy": "127.0.0.1,localhost,::1,corp"}, "127.0.0.1,localhost,::1,corp"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_loopback_goes_past_any_proxy(declared: dict[str, str], expected: str) -> None:
    """Both spellings name loopback, keep what was declared, and do not grow when applied twice."""
    assert environment.past_proxies(declared) == {"no_proxy": expected, "NO_PROXY": expected}


def test_one_stand_in_must_not_have_a_scheme() -> None:
    """All but Pub/Sub's are URLs, Pub/Sub's is an address, the project stands in both spellings."""
    found = environment.emulators(
        bigquery="http://b", storage="http://s", pubsub="p:1", control="http://c", project="demo"
    )
    assert found == {
        "BIGQUERY_EMULATOR_HOST": "http://b",
        "STORAGE_EMULATOR_HOST": "http://s",
        "PUBSUB_EMULATOR_HOST": "p:1",
        "CONTROL_PLANE_EMULATOR_HOST": "http://c",
        "GOOGLE_CLOUD_PROJECT": "demo",
        "GCLOUD_PROJECT": "demo",
    }
