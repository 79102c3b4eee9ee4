"""The declaration that ships, and the mistakes that a declaration can have."""

import json

import pytest

from cloud_functions.bigquery_backup import declaration, run
from shared import declarations, errors, settings, shapes

ENVIRONMENT = {"BACKUP_BUCKET": "nba-bigquery-backups"}
SHIPPED = settings.ROOT / "cloud_functions" / "bigquery_backup"


def parse(text: str) -> declaration.Backups:
    """Return the declaration in a text."""
    return declarations.parse(declaration.Backups, text, source="backups.yaml", environment=ENVIRONMENT)


def test_shipped_declaration_names_the_eleven_tables() -> None:
    """The NBA pipeline's declaration is valid and complete."""
    loaded = run.declared(settings.read(ENVIRONMENT))

    assert loaded.backups.bucket == "nba-bigquery-backups"
    assert sum(len(item.include) for item in loaded.backups.datasets) == 11
    assert [item.dataset for item in loaded.backups.datasets] == [
        "nba_analytics",
        "nba_precompute",
        "nba_orchestration",
    ]


def test_published_schema_is_that_of_the_declaration() -> None:
    """Editors complete what the parser accepts: the file beside the YAML is generated from the dataclass."""
    published = json.loads((SHIPPED / "backups.schema.json").read_text("utf-8"))

    assert published == shapes.schema(declaration.Backups, title="backups.yaml")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("bucket: b-1\ndatasets: []\n", "datasets: must have at least 1 item"),
        ("bucket: gs://b\ndatasets: [{dataset: d}]\n", "bucket: must match"),
        ("bucket: b-1\ndatasets: [{dataset: d}, {dataset: d}]\n", "datasets: d stands here twice"),
        ("bucket: b-1\ndatasets: [{dataset: d, includes: [a]}]\n", r"datasets\[0\]\.includes: is not known here"),
        ("bucket: b-1\ndatasets: [{dataset: d, include: []}]\n", r"datasets\[0\]\.include: must have at least 1 item"),
        ("bucket: b-1\ndatasets: [{dataset: d}]\nscratch_dataset: d\n", "scratch_dataset: d is backed up itself"),
        ("bucket: b-1\ndatasets: [{dataset: d}]\nformat: csv\n", "format: must be one of parquet, avro, not 'csv'"),
        ("bucket: b-1\ndatasets: [{dataset: 'd`; DROP'}]\n", "must match"),
        ("bucket: ${OTHER}\ndatasets: [{dataset: d}]\n", "the environment variable OTHER is not set"),
    ],
)
def test_mistake_is_named(text: str, problem: str) -> None:
    """A wrong declaration backs up nothing and says why."""
    with pytest.raises(errors.InvalidDeclaration, match=problem):
        parse(text)


@pytest.mark.parametrize("pattern", ["a", "a.b.c", ".a", "a.", "."])
def test_only_must_be_a_pattern_of_dataset_and_table(pattern: str) -> None:
    """A pattern that could never match is a mistake of the caller."""
    assert list(declaration.Request((pattern,)).problems())
