"""References to BigQuery datasets and tables; pure."""

import dataclasses


@dataclasses.dataclass(frozen=True, order=True)
class Table:
    """A table by its full name."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        return f"{self.project}.{self.dataset}.{self.table}"

    @property
    def short(self) -> str:
        """The name within its project, `dataset.table`: the subject of findings."""
        return f"{self.dataset}.{self.table}"
