"""The nightly backup of BigQuery tables to Cloud Storage."""
