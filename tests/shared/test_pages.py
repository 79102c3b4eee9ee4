"""A browser gets the page of a function that has one; everybody else, and every other call, gets the report."""

import datetime
from collections.abc import Callable
from typing import Any

import flask
import pytest

from shared import entrypoint, errors, pages, settings
from tests.shared import reporting

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TOLD = "<!doctype html><p>told</p>"
Page = Callable[[settings.Settings, datetime.datetime], str]


def browse(page: Page | None, run: Callable[..., Any] = reporting.crash, **options: Any) -> flask.Response:
    """Return what a browser gets from a function with this page, which crashes if it is run."""
    return reporting.answer(reporting.function(run, page=page), **({"headers": BROWSER} | options))


def check(response: flask.Response) -> str:
    """Return the text of a response, which is a page that nobody keeps and that loads nothing."""
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    return response.get_data().decode("utf-8")


def raising(error: Exception) -> Page:
    """Return a page that cannot be made."""

    def make(_: settings.Settings, __: datetime.datetime) -> str:
        raise error

    return make


def test_browser_gets_the_page_and_nothing_runs(
    ops: reporting.Ops, topic: reporting.Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is no run: no rows, no object, no message, and no line in the log."""
    assert check(browse(lambda _, __: TOLD)) == TOLD

    assert (ops.rows("runs"), ops.objects(), topic.messages()) == ([], [], [])
    assert reporting.lines(capsys) == []


def test_page_knows_the_deployment_and_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made from the settings and the one reading of the clock, in UTC."""
    monkeypatch.setenv("OPS_BUCKET", "a-bucket")
    before = datetime.datetime.now(datetime.UTC)

    bucket, instant = check(browse(lambda deployed, now: f"{deployed.ops_bucket} {now.isoformat()}")).split()

    now = datetime.datetime.fromisoformat(instant)
    assert (bucket, now.utcoffset()) == ("a-bucket", datetime.timedelta(0))
    assert before <= now <= datetime.datetime.now(datetime.UTC)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {}},
        {"headers": {"Accept": "*/*"}},
        {"headers": {"Accept": "text/*"}},
        {"headers": {"Accept": "application/json"}},
        {"query_string": "unknown=1"},
        {"query_string": {"probe": "1"}},
        {"method": "POST"},
        {"method": "HEAD"},
        {"method": "PUT"},
        {"path": "/page"},
    ],
)
@pytest.mark.usefixtures("ops")
def test_every_other_call_gets_the_report(options: dict[str, Any]) -> None:
    """Parameters, another method or path, or a caller that names no HTML: the answer is JSON, whoever asks."""
    value = reporting.told(browse(lambda _, __: TOLD, reporting.good, **options))

    assert value["function"] == reporting.NAME


def test_function_without_a_page_answers_a_browser_with_its_report(ops: reporting.Ops) -> None:
    """Whoever looks at it with a browser sees the JSON of a run."""
    value = reporting.told(browse(None, reporting.good))

    assert value["status"] == "pass"
    assert len(ops.rows("runs")) == 1


def test_page_that_cannot_be_made_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """A foreseen error is told by code and message, escaped, and is an ERROR in the log."""
    text = check(browse(raising(errors.NotFound('no <script>alert("1")</script> & no ledger'))))

    assert "no &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; no ledger" in text
    assert f"{reporting.NAME}: not_found" in text
    assert "<script" not in text
    (line,) = reporting.lines(capsys)
    assert (line["severity"], line["code"], line["function"]) == ("ERROR", "not_found", reporting.NAME)
    assert line["run_id"]


def test_page_on_wrong_settings_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with the deployment is told to a browser too."""
    monkeypatch.setenv("REPORTS_TOPIC", "<b>")

    text = check(browse(lambda _, __: TOLD))
    assert "invalid_settings" in text
    assert "&#x27;&lt;b&gt;&#x27;" in text


def test_page_that_crashes_says_where_to_look(
    ops: reporting.Ops, topic: reporting.Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of the exception leaves: the page names the id under which the log has the traceback."""
    text = check(browse(raising(ZeroDivisionError("a <b>secret</b> detail"))))

    assert "secret" not in text
    assert "ZeroDivisionError" not in text
    assert f"{reporting.NAME}: internal" in text
    (line,) = reporting.lines(capsys)
    assert "ZeroDivisionError: a <b>secret</b> detail" in line["stack_trace"]
    assert line["severity"] == "ERROR"
    assert line["run_id"] in text
    assert (ops.rows("runs"), ops.objects(), topic.messages()) == ([], [], [])


def test_page_that_cannot_be_sent_is_a_crash() -> None:
    """Half of a character has no bytes: the page that says so is sent instead."""
    assert "internal" in check(browse(lambda _, __: "half \ud83c"))


def test_trouble_is_escaped_wherever_it_stands() -> None:
    """Name, code and message come from elsewhere."""
    text = pages.trouble("<i>", "<u>", "<s>")

    assert text.startswith("<!doctype html>")
    assert text.count("&lt;i&gt;: &lt;u&gt;") == 2
    assert "&lt;s&gt;" in text
    assert not {"<i>", "<u>", "<s>"} & set(text.replace("<", " <").replace(">", "> ").split())


@pytest.mark.parametrize("options", [{"json": {}}, {"data": b"{"}])
def test_browser_that_sends_a_body_is_no_reader(options: dict[str, Any], ops: reporting.Ops) -> None:
    """A GET may have its parameters in a body: they are never passed over for a page."""
    response = browse(lambda _, __: TOLD, reporting.good, **options)

    assert response.mimetype == "application/json"
    assert len(ops.objects()) == 1


def test_entry_has_the_functions_name() -> None:
    """The platform finds the entry by it."""
    assert entrypoint.serve(reporting.function(reporting.good)).__name__ == reporting.NAME
