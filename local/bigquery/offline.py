"""Start without the network: no DuckDB extension is downloaded, installed or looked for in HOME."""

from typing import Any

from bqemulator.storage.engine import DuckDBEngine

# GEOMETRY values are stored and cast to text by DuckDB itself; only the ST_* functions are lost with the extension.
_FORBID_DOWNLOADS = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET GLOBAL TimeZone = 'UTC'",
)


def install(settings: Any) -> None:
    """Make the engine of every later server start offline; raise RuntimeError when it has no such step to replace."""
    if not hasattr(DuckDBEngine, "_load_spatial"):
        raise RuntimeError("bqemulator: DuckDBEngine._load_spatial is gone; the offline start must be adapted")
    settings.enable_format_extensions = False
    DuckDBEngine._load_spatial = _forbid_downloads  # noqa: SLF001 -- the emulator offers no setting for this step


def _forbid_downloads(engine: Any) -> None:
    for statement in _FORBID_DOWNLOADS:
        engine.connection.execute(statement)
