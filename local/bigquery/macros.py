"""Functions of BigQuery that the storage answers in another form, as macros of the storage."""

from typing import Any

from bqemulator.storage.engine import DuckDBEngine

from local.bigquery import patching

TOP_COUNT = "pressbox_top_count"
"""From the histogram of a column and a number: so many of its values and how often each is there, as BigQuery's
APPROX_TOP_COUNT, but exact."""

_MACROS = (
    f"""CREATE OR REPLACE MACRO {TOP_COUNT}(histogram, n) AS list_transform(
      list_slice(list_reverse_sort(list_transform(
        map_entries(histogram), lambda e: struct_pack(often := e.value, what := e.key))), 1, n),
      lambda e: struct_pack("value" := e.what, "count" := e.often))""",
)


def install(_settings: Any) -> None:
    """Make the macros whenever the emulator registers its own functions."""

    def register(engine: Any) -> None:
        former(engine)
        for macro in _MACROS:
            engine.connection.execute(macro)

    former = patching.replace(DuckDBEngine, "_register_builtin_udfs", register)
