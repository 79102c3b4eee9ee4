"""Claims about the stand-in as a process: it starts alone, keeps what it must, and ends with its parent."""

import concurrent.futures
import json
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery, storage

Soon = Callable[[Callable[[], bool]], bool]
ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-emulators" / "bin" / "python"


def alive(pid: int) -> bool:
    """Return whether a process of that id still runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def fill(running: Any) -> None:
    """Make a dataset, a partitioned table with two rows, and one job of a known id."""
    client = running.client()
    client.create_dataset("kept")
    config = bigquery.LoadJobConfig(
        schema=[bigquery.SchemaField("id", "NUMERIC", precision=5, scale=1), bigquery.SchemaField("day", "DATE")],
        time_partitioning=bigquery.TimePartitioning(field="day"),
    )
    rows = [{"id": "1.5", "day": "2026-02-12"}, {"id": "2.5", "day": None}]
    client.load_table_from_json(rows, "kept.rows", job_id="the_load", job_config=config).result()
    client.close()


def check_filled(running: Any) -> None:
    """Assert that what `fill` made is there."""
    client = running.client()
    table = client.get_table("kept.rows")
    assert (table.num_rows, table.time_partitioning.field) == (2, "day")
    assert (table.schema[0].precision, table.schema[0].scale) == (5, 1)
    assert [str(row.id) for row in client.query("SELECT id FROM kept.rows ORDER BY id").result()] == ["1.5", "2.5"]
    assert client.get_job("the_load").output_rows == 2
    client.close()


def test_everything_is_there_after_a_clean_stop(start: Any, tmp_path: Path) -> None:
    """Datasets, tables, rows and jobs in a data directory survive the end of the process."""
    with start(f"--data-dir={tmp_path}") as running:
        fill(running)
        running.process.stdin.close()
        assert running.process.wait(10) == 0
    with start(f"--data-dir={tmp_path}") as running:
        check_filled(running)


def test_everything_is_there_after_a_kill(start: Any, tmp_path: Path) -> None:
    """The same holds when the process is killed without warning."""
    with start(f"--data-dir={tmp_path}") as running:
        fill(running)
        running.process.kill()
        running.process.wait(10)
    with start(f"--data-dir={tmp_path}") as running:
        check_filled(running)


def test_a_job_cut_off_by_a_kill_is_over_afterwards(
    start: Any, tmp_path: Path, storage_client: storage.Client, bucket: str
) -> None:
    """A job that was running when the process died ends as failed at the next start, and nothing of it is loaded."""
    with start(f"--data-dir={tmp_path}") as running:
        fill(running)
        running.ask("POST", "/_faults", {"match": "/jobs", "action": "slow_job"})
        client = running.client()
        storage_client.bucket(bucket).blob("late.csv").upload_from_string("3,\n")
        client.load_table_from_uri(f"gs://{bucket}/late.csv", "kept.rows", job_id="cut_off")
        client.close()
        running.process.kill()
        running.process.wait(10)
    with start(f"--data-dir={tmp_path}") as running:
        client = running.client()
        job = client.get_job("cut_off")
        assert (job.state, job.error_result["reason"]) == ("DONE", "backendError")
        client.close()
        check_filled(running)


def test_without_a_data_directory_all_is_gone(start: Any) -> None:
    """Two stand-ins without a directory know nothing of each other."""
    with start() as running:
        fill(running)
    with start() as running:
        client = running.client()
        assert list(client.list_datasets()) == []
        client.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(start: Any, sign: signal.Signals) -> None:
    """SIGTERM and SIGINT end the process cleanly."""
    with start() as running:
        running.process.send_signal(sign)
        assert running.process.wait(10) == 0


def test_it_ends_when_its_input_ends_even_while_a_job_runs(start: Any) -> None:
    """The end of standard input ends the process at once, whatever is under way."""
    with start() as running:
        fill(running)
        running.ask("POST", "/_faults", {"match": "/jobs", "action": "slow_job"})
        client = running.client()
        client.copy_table("kept.rows", "kept.copy")
        client.close()
        running.process.stdin.close()
        assert running.process.wait(10) == 0


def test_it_dies_with_a_killed_parent(storage_url: str, soon: Soon) -> None:
    """The stand-in ends when its parent is killed, though nobody told it to."""
    script = f"""
        import subprocess, sys, time
        child = subprocess.Popen({[str(PYTHON), "-m", "local.bigquery", f"--storage-url={storage_url}"]!r},
            cwd={str(ROOT)!r}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        child.stdout.readline()
        print(child.pid, flush=True)
        time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE) as parent:
        child = int(parent.stdout.readline()) if parent.stdout else 0
        assert alive(child)
        parent.kill()
        parent.wait(10)
    assert soon(lambda: not alive(child))


def test_it_says_one_line_and_nothing_else(storage_url: str) -> None:
    """Standard output is one JSON line with the two ports; the log goes elsewhere."""
    command = [str(PYTHON), "-m", "local.bigquery", f"--storage-url={storage_url}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        said = json.loads(process.stdout.readline() if process.stdout else b"")
        rest, _ = process.communicate(timeout=10)
    assert said["event"] == "listen"
    assert min(said["rest"], said["grpc"]) > 0
    assert rest == b""


def test_it_needs_neither_home_nor_network(start: Any, tmp_path: Path) -> None:
    """With no writable HOME the stand-in starts, and no extension is installed in it."""
    with start(f"--data-dir={tmp_path}") as running:
        client = running.client()
        assert [row.one for row in client.query("SELECT 1 AS one").result()] == [1]
        client.close()
    assert not Path("/nonexistent").exists()


def test_a_long_query_does_not_stop_the_others(start: Any) -> None:
    """While one query computes, metadata is answered."""
    with start() as running:
        client, other = running.client(), running.client()
        client.create_dataset("kept")
        numbers = "UNNEST(GENERATE_ARRAY(1, 3000))"
        long = "SELECT sum(MOD(a * b + c, 7)) AS n FROM $n a, $n b, UNNEST(GENERATE_ARRAY(1, 10)) c"
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            computing = pool.submit(lambda: list(client.query_and_wait(long.replace("$n", numbers))))
            answered = 0
            while not computing.done():
                answered += other.get_dataset("kept").dataset_id == "kept"
            assert len(computing.result()) == 1
        client.close()
        other.close()
    assert answered > 10


def test_first_questions_about_metadata_may_come_at_once(start: Any) -> None:
    """What the first query of a process sets up, two at once do not set up against each other."""
    with start() as running, concurrent.futures.ThreadPoolExecutor(8) as pool:
        client = running.client()
        client.create_dataset("asked")
        sql = "SELECT table_name FROM asked.INFORMATION_SCHEMA.TABLES"
        answers = [pool.submit(lambda: list(client.query_and_wait(sql))) for _ in range(16)]

        assert [answer.result(timeout=60) for answer in answers] == [[]] * 16
        client.close()
