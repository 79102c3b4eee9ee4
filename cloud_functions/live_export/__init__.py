"""live_export: publishes JSON for a front end from BigQuery and a score provider, and never publishes worse."""
