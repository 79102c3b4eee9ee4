"""The embedded cloud as a whole: unmodified clients attach to it, it keeps its data, and it dies with its parent."""

import io
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import google.auth
import pytest
from google.cloud import bigquery, pubsub_v1, storage

from local import cloud as embedded
from local import environment

# What any user of the clients writes; nothing in it knows of an emulator.
PLAIN = """
import json, google.auth
from google.cloud import bigquery, pubsub_v1, storage
credentials, project = google.auth.default()
warehouse, store, publisher = bigquery.Client(), storage.Client(), pubsub_v1.PublisherClient()
warehouse.create_dataset("plain_child")
rows = [tuple(row) for row in warehouse.query("SELECT 1 + 1").result()]
store.create_bucket("plain-child").blob("greeting").upload_from_string("hello")
topic = publisher.create_topic(name=publisher.topic_path(project, "plain-child")).name
sent = publisher.publish(topic, b"hello").result()
text = store.bucket("plain-child").blob("greeting").download_as_text()
print(json.dumps([project, type(credentials).__name__, rows, text, topic, bool(sent)]))
"""
# A parent that starts a cloud in argv[1], tells the id of its BigQuery process, and stays.
PARENT = """
import pathlib, sys
from local import cloud
with cloud.running(data_dir=pathlib.Path(sys.argv[1])) as started:
    print(started.bigquery.process.pid, flush=True)
    sys.stdin.read()
"""


def ended(pid: int) -> bool:
    """Return whether process `pid` is gone within twenty seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 20)[0])
    finally:
        os.close(handle)


def test_plain_clients_of_a_child_process_attach(cloud: embedded.Cloud, tmp_path: Path) -> None:
    """Clients without any option find project, credentials and all services, whatever the caller's shell had set."""
    shell = {
        "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "no-such-key.json"),
        "GOOGLE_CLOUD_PROJECT": "somebody-elses",
        "NO_GCE_CHECK": "true",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "K_SERVICE": "not-here",
    }
    child = environment.child(os.environ | shell, cloud.environ())
    done = subprocess.run([sys.executable, "-c", PLAIN], env=child, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    topic = f"projects/{cloud.project}/topics/plain-child"
    assert json.loads(done.stdout) == [cloud.project, "Credentials", [[2]], "hello", topic, True]


def test_plain_clients_of_this_process_attach(emulated: embedded.Cloud) -> None:
    """With the fixture `emulated` a test may use the clients as the product does."""
    credentials, project = google.auth.default()
    assert project == emulated.project
    assert credentials.service_account_email in ("default", environment.ACCOUNT)
    assert [tuple(row) for row in bigquery.Client().query("SELECT 'x'").result()] == [("x",)]
    assert storage.Client().bucket("never-made").exists() is False
    publisher = pubsub_v1.PublisherClient()
    topic = publisher.create_topic(name=publisher.topic_path(project, "in-process"))
    assert topic.name in [found.name for found in publisher.list_topics(project=f"projects/{project}")]


def test_a_running_cloud_has_no_trouble(cloud: embedded.Cloud) -> None:
    """Nobody is alarmed while all is well."""
    assert cloud.trouble() is None


def test_data_is_found_again_and_extracts_are_cut_as_asked(tmp_path: Path) -> None:
    """Tables and buckets of one cloud stand in the next on the same directory; `shard_bytes` reaches BigQuery."""
    rows = b"".join(b'{"n": %d, "text": "%032d"}\n' % (number, number * 7919) for number in range(2000))
    config = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", autodetect=True)
    with embedded.running(data_dir=tmp_path) as first:
        first.storage_client().create_bucket("kept")
        warehouse = first.bigquery_client()
        warehouse.create_dataset("kept")
        warehouse.load_table_from_file(io.BytesIO(rows), "kept.numbers", job_config=config).result()
    with embedded.running(data_dir=tmp_path, shard_bytes=10_000) as second:
        warehouse = second.bigquery_client()
        assert warehouse.get_table("kept.numbers").num_rows == 2000
        options = bigquery.ExtractJobConfig(destination_format="NEWLINE_DELIMITED_JSON")
        warehouse.extract_table("kept.numbers", "gs://kept/cut/*.json", job_config=options).result()
        assert len(list(second.storage_client().list_blobs("kept", prefix="cut/"))) > 1


def test_a_cloud_without_a_directory_leaves_nothing_behind() -> None:
    """Its folder, its BigQuery process and its ports are gone at the end."""
    with embedded.running() as started:
        directory, process = started.directory, started.bigquery.process
        assert directory.is_dir()
    assert not directory.exists()
    assert process.returncode is not None


def test_a_stand_in_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    """The message names the stand-in and its log."""
    with embedded.running(data_dir=tmp_path) as started:
        started.bigquery.process.kill()
        started.bigquery.process.wait()
        trouble = started.trouble()
    assert trouble
    assert "BigQuery stand-in ended with code -9" in trouble
    assert str(tmp_path / "bigquery.log") in trouble


def test_a_cloud_that_cannot_start_says_why(tmp_path: Path) -> None:
    """When BigQuery's folder is a file, the error quotes the end of its log, and no process stays."""
    (tmp_path / "bigquery").write_text("in the way")
    with (
        pytest.raises(embedded.CloudError, match=r"(?s)BigQuery stand-in ended.*bigquery\.log.*bigquery"),
        embedded.running(data_dir=tmp_path),
    ):
        pytest.fail("it must not start")


@pytest.mark.parametrize("child", ["ends", "hangs"])
def test_a_killed_parent_is_not_in_the_way_of_the_next_cloud(tmp_path: Path, child: str) -> None:
    """After SIGKILL the same directory serves again, and BigQuery is gone even if it hung."""
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        if child == "hangs":
            os.kill(pid, signal.SIGSTOP)
        parent.send_signal(signal.SIGKILL)
    with embedded.running(data_dir=tmp_path) as started:
        assert ended(pid)
        assert list(started.bigquery_client().list_datasets()) == []
