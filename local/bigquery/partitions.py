"""Table decorators: `t$20260212` names a partition, `t@1767225600000` an instant, `t@-3600000` one relative to now."""

import dataclasses
import datetime
import re

from bqemulator.catalog import models

from local.bigquery import job_states, sizes

DIGITS = {"YEAR": 4, "MONTH": 6, "DAY": 8, "HOUR": 10}
NULL = sizes.NULL_PARTITION
UNPARTITIONED = sizes.OUTSIDE_PARTITION
_DECORATED = re.compile(r"(?P<table>[^$@]+)(?:\$(?P<partition>[^$@]+))?(?:@(?P<instant>-?\d+))?")


@dataclasses.dataclass(frozen=True)
class Decorated:
    """A table id taken apart: the plain id, the partition id, and the instant in milliseconds; None where absent."""

    table: str
    partition: str | None = None
    instant: int | None = None


def parse(table_id: str) -> Decorated:
    """Return the parts of a table id; raise job_states.Failure when a decorator is malformed."""
    found = _DECORATED.fullmatch(table_id)
    if found is None:
        raise job_states.Failure("invalid", f'Invalid table ID "{table_id}".')
    instant = found["instant"]
    return Decorated(found["table"], found["partition"], None if instant is None else int(instant))


def epoch_millis(instant: int, now: datetime.datetime) -> int:
    """Return the instant as milliseconds since the epoch; a negative one counts back from `now`."""
    return instant if instant >= 0 else int(now.timestamp() * 1000) + instant


def condition(table: models.TableMeta, partition: str) -> str:
    """Return the storage's SQL that holds for one partition's rows; raise job_states.Failure when it cannot be one."""
    name = f"{table.project_id}:{table.dataset_id}.{table.table_id}"
    if table.time_partitioning is None and table.range_partitioning is None:
        message = f"Cannot read partition information from a table that is not partitioned: {name}${partition}"
        raise job_states.Failure("invalid", message)
    if not _may_be(table, partition):
        raise job_states.Failure("invalid", f"Invalid partition id {partition} for table {name}${partition}")
    located = sizes.partition_sql(table)
    if located is None:
        return "TRUE" if partition == _arrival(table) else "FALSE"
    return f"({located}) = '{partition}'"


def _may_be(table: models.TableMeta, partition: str) -> bool:
    if partition in (NULL, UNPARTITIONED):
        return True
    if table.range_partitioning is not None:
        spec = table.range_partitioning
        if not re.fullmatch(r"-?\d+", partition):
            return False
        return spec.start <= int(partition) < spec.end and (int(partition) - spec.start) % spec.interval == 0
    unit = table.time_partitioning.type if table.time_partitioning else "DAY"
    return partition.isdigit() and len(partition) == DIGITS[unit]


def _arrival(table: models.TableMeta) -> str:
    # The storage keeps no time of arrival: all rows stand in the partition of the table's last change (see sizes).
    unit = table.time_partitioning.type if table.time_partitioning else "DAY"
    return str(table.last_modified_time.strftime(sizes.FORMATS[unit]))
