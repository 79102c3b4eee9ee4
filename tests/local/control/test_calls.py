"""Lists page by page, one job at a time, locations, and what the calls refuse."""

import datetime

import pytest

from tests.local.control import asking


@pytest.mark.parametrize(
    ("path", "name", "size"),
    [(asking.JOBS, "jobs", 50), (asking.FUNCTIONS, "functions", 7), (asking.SERVICES, "services", 9)],
)
def test_pages_join_into_the_whole_list(ask: asking.Asker, path: str, name: str, size: int) -> None:
    """Each page has what was asked for, the last one the rest and no token, and together they are the list."""
    whole = ask.get(path, pageSize="1000")[name]
    pages, token = [], ""
    while page := ask.get(path, pageSize=str(size), pageToken=token):
        pages.append(page[name])
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert [one for page in pages for one in page] == whole
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert 0 < len(pages[-1]) <= size
    assert len(pages) > 2


def test_a_page_of_jobs_has_at_most_500(ask: asking.Asker) -> None:
    """A larger size is cut, as the service does, and 5,000 jobs are read in ten pages."""
    ask.throw(extra_jobs=4890)
    page = ask.get(asking.JOBS, pageSize="5000")
    assert len(page["jobs"]) == 500
    assert page["nextPageToken"]
    assert len(ask.jobs()) == 5000
    assert ask.get("/_requests")["by_call"]["cloudscheduler.jobs.list"] == 1 + 10


@pytest.mark.parametrize(
    "query", [{"pageSize": "-1"}, {"pageSize": "many"}, {"pageToken": "x"}, {"pageToken": "ZnJvbTo5OTk="}]
)
def test_a_wrong_page_is_refused(ask: asking.Asker, query: dict[str, str]) -> None:
    """Neither a size below nought, nor a token that leads nowhere, is read as the first page."""
    for path in (asking.JOBS, asking.FUNCTIONS, asking.SERVICES):
        assert ask.refused(path, params=query)[:2] == (400, "INVALID_ARGUMENT")


def test_another_location_has_nothing(ask: asking.Asker) -> None:
    """An empty list is left out of the answer, as in all of Google's JSON."""
    for path in (asking.JOBS, asking.SERVICES, asking.FUNCTIONS.replace("/-/", "/us-west2/")):
        assert ask.get(path)
        assert ask.get(path.replace("us-west2", "us-east1")) == {}


def test_run_cannot_list_all_locations_at_once(ask: asking.Asker) -> None:
    """The wildcard is refused by Cloud Run, while Functions answers it like the one location that has functions."""
    assert ask.refused(asking.SERVICES.replace("us-west2", "-"))[:2] == (400, "INVALID_ARGUMENT")
    assert ask.get(asking.FUNCTIONS) == ask.get(asking.FUNCTIONS.replace("/-/", "/us-west2/"))


def test_one_job_is_told_as_in_the_list(ask: asking.Asker) -> None:
    """So is one service; what does not exist is not found."""
    assert ask.get(f"{asking.JOBS}/same-day-phase3") in ask.get(asking.JOBS)["jobs"]
    assert ask.get(f"{asking.SERVICES}/prediction-worker") in ask.get(asking.SERVICES)["services"]
    assert ask.refused(f"{asking.JOBS}/no-such")[:2] == (404, "NOT_FOUND")
    assert ask.refused(f"{asking.SERVICES}/no-such:getIamPolicy")[:2] == (404, "NOT_FOUND")


def test_a_job_is_paused_and_resumed(ask: asking.Asker) -> None:
    """Each only from the other state."""
    verb = f"{asking.JOBS}/same-day-phase3:"
    assert ask.refused(f"{verb}resume", method="POST")[:2] == (400, "FAILED_PRECONDITION")
    assert ask.session.post(f"{ask.url}{verb}pause", timeout=10).json()["state"] == "PAUSED"
    assert ask.job("same-day-phase3").state == "PAUSED"
    assert ask.refused(f"{verb}pause", method="POST")[:2] == (400, "FAILED_PRECONDITION")
    assert ask.session.post(f"{ask.url}{verb}resume", timeout=10).json()["state"] == "ENABLED"
    assert ask.job("same-day-phase3").state == "ENABLED"


def test_a_job_that_is_run_has_an_attempt_now(ask: asking.Asker) -> None:
    """It ends as the job's attempts do, and a failure of it is in the log, once it is over."""
    ask.session.post(f"{ask.url}{asking.JOBS}/same-day-phase3:run", timeout=10)
    job = ask.job("same-day-phase3")
    assert (job.last_attempt, job.code) == (asking.NOW, 8)
    minute_ago = asking.NOW - datetime.timedelta(minutes=1)
    assert [one for one in ask.attempts() if one.at > minute_ago] == []
    ask.throw(ran={"same-day-phase3": asking.instant(minute_ago)})
    (ended,) = [one for one in ask.attempts() if one.at > minute_ago]
    assert ended.job == job.name


def test_a_mask_leaves_out_what_was_not_asked_for(ask: asking.Asker) -> None:
    """As in all of Google's APIs; a mask that cannot be read is refused."""
    page = ask.get(asking.JOBS, fields="jobs(name,state),nextPageToken", pageSize="1")
    assert set(page) == {"jobs", "nextPageToken"}
    assert [set(one) for one in page["jobs"]] == [{"name", "state"}]
    assert ask.refused(asking.JOBS, params={"fields": "jobs(name"})[:2] == (400, "INVALID_ARGUMENT")


def test_an_unknown_parameter_is_refused_by_name(ask: asking.Asker) -> None:
    """As Google does, so that a slip of the pen is no silent default."""
    code, status, message = ask.refused(asking.JOBS, params={"page_sise": "3"})
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert "page_sise" in message


def test_a_foreign_project_is_denied(ask: asking.Asker) -> None:
    """The right is named; the project's number is as good as its id."""
    code, status, message = ask.refused(asking.JOBS.replace("nba-props-platform", "another"))
    assert (code, status) == (403, "PERMISSION_DENIED")
    assert "cloudscheduler.jobs.list" in message
    assert ask.get(asking.JOBS.replace("nba-props-platform", "123456789012")) == ask.get(asking.JOBS)
