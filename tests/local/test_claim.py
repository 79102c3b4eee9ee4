"""The claim on a data directory: one live owner, and no dead one in the way."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import claim

ROOT = Path(claim.__file__).parent.parent
# Claims argv[1], starts a child that inherits the claim, says both ids, and stays until its standard input closes.
# The child ends with its own standard input, or, when told to be stubborn, never by itself.
OWNER = """
import os, pathlib, subprocess, sys
from local import claim
with claim.held(pathlib.Path(sys.argv[1])) as file:
    body = "import signal; signal.pause()" if sys.argv[2] == "stubborn" else "import sys; sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", body], stdin=subprocess.PIPE, pass_fds=[file.fileno()])
    claim.record(file, owner=os.getpid(), child=child.pid)
    print(child.pid, flush=True)
    sys.stdin.read()
    child.kill()
    child.wait()
"""


@pytest.fixture
def owner(tmp_path: Path, request: pytest.FixtureRequest) -> "Iterator[tuple[subprocess.Popen[str], int]]":
    """Yield another process that holds the claim on `tmp_path`, and the id of its child."""
    command = [sys.executable, "-c", OWNER, str(tmp_path), getattr(request, "param", "obedient")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        child = int(process.stdout.readline())
        yield process, child
        process.kill()


def gone(pid: int) -> bool:
    """Return whether process `pid` ends within ten seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


def test_a_claim_makes_the_folder_and_is_free_again_afterwards(tmp_path: Path) -> None:
    """Claiming twice in a row works, and the record of the owner is gone between."""
    for _ in range(2):
        with claim.held(tmp_path / "new") as file:
            file.seek(0)
            assert json.loads(file.read()) == {"owner": os.getpid()}
        assert json.loads((tmp_path / "new" / claim.NAME).read_text()) == {}


def test_a_second_live_owner_is_refused_at_once_and_told_of_the_first(
    tmp_path: Path, owner: "tuple[subprocess.Popen[str], int]"
) -> None:
    """The error names the folder, the process and what to do."""
    with pytest.raises(claim.ClaimError, match=rf"{tmp_path} is in use by process {owner[0].pid}: .*--data-dir"):
        claim.held(tmp_path).__enter__()


def test_a_killed_owner_whose_child_ends_is_not_in_the_way(
    tmp_path: Path, owner: "tuple[subprocess.Popen[str], int]"
) -> None:
    """The next owner waits for the child, which ends with its parent."""
    process, child = owner
    process.send_signal(signal.SIGKILL)
    process.wait()
    with claim.held(tmp_path):
        assert gone(child)


@pytest.mark.parametrize("owner", ["stubborn"], indirect=True)
def test_a_killed_owner_whose_child_does_not_end_is_not_in_the_way_either(
    tmp_path: Path, owner: "tuple[subprocess.Popen[str], int]"
) -> None:
    """The next owner kills the child, which still holds the lock and so still is that child."""
    process, child = owner
    process.send_signal(signal.SIGKILL)
    process.wait()
    with claim.held(tmp_path, grace=0.2):
        assert gone(child)


@pytest.mark.parametrize("content", ["", "not json", "[]", "{"])
def test_whatever_stands_in_an_unlocked_claim_does_not_matter(tmp_path: Path, content: str) -> None:
    """Only the lock counts, not what a crash left in the file."""
    (tmp_path / claim.NAME).write_text(content)
    with claim.held(tmp_path) as file:
        file.seek(0)
        assert json.loads(file.read()) == {"owner": os.getpid()}


def test_a_directory_that_cannot_be_made_is_told_with_its_reason(tmp_path: Path) -> None:
    """Below a file there is no folder."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(claim.ClaimError, match=r"file/data cannot be used: Not a directory"):
        claim.held(tmp_path / "file" / "data").__enter__()
