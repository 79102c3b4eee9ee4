"""Claims about row access policies: who sees which rows, how policies are listed, and that metadata tells all rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import bigquery

ME = "serviceAccount:pressbox@nba-props-platform.iam.example"
OTHER = "user:someone.else@example.com"


@pytest.fixture
def table(client: bigquery.Client, dataset: str, name: str) -> Iterator[str]:
    """Yield a table with the teams of two cities."""
    full = f"{dataset}.{name}"
    run(
        client,
        f"CREATE TABLE `{full}` AS SELECT 'BOS' AS team, 1 AS x UNION ALL SELECT 'LAL', 2 UNION ALL SELECT 'LAL', 3",
    )
    yield full
    client.delete_table(full, not_found_ok=True)


def run(client: bigquery.Client, sql: str) -> list[bigquery.Row]:
    """Return the rows of a query."""
    return list(client.query(sql).result())


def seen(client: bigquery.Client, table: str) -> list[int]:
    """Return the numbers that a query shows."""
    return [row.x for row in run(client, f"SELECT x FROM `{table}` ORDER BY x")]


def grant(client: bigquery.Client, table: str, policy: str, who: str, condition: str) -> None:
    """Make a policy."""
    run(client, f"CREATE ROW ACCESS POLICY {policy} ON `{table}` GRANT TO ('{who}') FILTER USING ({condition})")


def policies(client: bigquery.Client, table: str, **query: Any) -> dict[str, Any]:
    """Return one page of rowAccessPolicies.list."""
    project, dataset, name = table.split(".")
    path = f"/projects/{project}/datasets/{dataset}/tables/{name}/rowAccessPolicies"
    return dict(client._connection.api_request("GET", path, query_params=query))  # noqa: SLF001 -- the client has no call


def test_a_policy_shows_the_granted_rows(client: bigquery.Client, table: str) -> None:
    """The caller sees the rows that the filter of its policy lets through."""
    assert seen(client, table) == [1, 2, 3]
    grant(client, table, "lakers", ME, "team = 'LAL'")
    assert seen(client, table) == [2, 3]


def test_several_policies_add_up(client: bigquery.Client, table: str) -> None:
    """Rows of any granted policy are seen."""
    grant(client, table, "two", ME, "x = 2")
    grant(client, table, "one", ME, "x = 1")
    grant(client, table, "others", OTHER, "TRUE")
    assert seen(client, table) == [1, 2]


def test_without_a_grant_no_row_is_seen(client: bigquery.Client, table: str) -> None:
    """A table with policies for others only looks empty, in queries, views and lists of rows."""
    grant(client, table, "others", OTHER, "TRUE")
    run(client, f"CREATE VIEW `{table}_view` AS SELECT * FROM `{table}`")
    assert (seen(client, table), seen(client, f"{table}_view")) == ([], [])
    assert list(client.list_rows(client.get_table(table))) == []
    assert run(client, f"SELECT COUNT(*) AS n FROM `{table}`")[0].n == 0


def test_metadata_tells_all_rows(client: bigquery.Client, table: str) -> None:
    """num_rows and INFORMATION_SCHEMA know no policies, which is how hidden rows are found out."""
    grant(client, table, "others", OTHER, "TRUE")
    assert client.get_table(table).num_rows == 3
    dataset, name = table.rsplit(".", 1)
    rows = run(client, f"SELECT total_rows FROM `{dataset}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = '{name}'")
    assert [row.total_rows for row in rows] == [3]


@pytest.mark.parametrize("who", ["allAuthenticatedUsers", "domain:nba-props-platform.iam.example"])
def test_grants_to_everyone_reach_the_caller(client: bigquery.Client, table: str, who: str) -> None:
    """A grant to a group that the caller belongs to is a grant."""
    grant(client, table, "everyone", who, "x < 3")
    assert seen(client, table) == [1, 2]


def test_policies_are_listed_in_pages(client: bigquery.Client, table: str) -> None:
    """Each policy comes once, with its filter; grantees are not told."""
    for number in range(5):
        grant(client, table, f"p{number}", ME, f"x = {number}")
    found: list[Any] = []
    token = ""
    while True:
        page = policies(client, table, pageSize=2, **({"pageToken": token} if token else {}))
        found += page["rowAccessPolicies"]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert [entry["rowAccessPolicyReference"]["policyId"] for entry in found] == [f"p{number}" for number in range(5)]
    assert [entry["filterPredicate"] for entry in found] == [f"x = {number}" for number in range(5)]
    assert not any("grantees" in entry for entry in found)


@pytest.mark.real_cloud
def test_a_table_without_policies_lists_none(client: bigquery.Client, table: str) -> None:
    """No policies is an empty list; no table is 404."""
    assert policies(client, table).get("rowAccessPolicies", []) == []
    with pytest.raises(exceptions.NotFound, match="Not found: Table"):
        policies(client, f"{table}_absent")


def test_dropped_policies_hide_nothing(client: bigquery.Client, table: str) -> None:
    """Without its last policy, a table shows all rows again."""
    grant(client, table, "others", OTHER, "TRUE")
    assert seen(client, table) == []
    run(client, f"DROP ROW ACCESS POLICY others ON `{table}`")
    assert seen(client, table) == [1, 2, 3]


def test_policies_die_with_their_table(client: bigquery.Client, table: str) -> None:
    """A new table of the name has no policies of the old one."""
    grant(client, table, "others", OTHER, "TRUE")
    client.delete_table(table)
    run(client, f"CREATE TABLE `{table}` AS SELECT 7 AS x")
    assert seen(client, table) == [7]
