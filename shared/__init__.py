"""What two functions or more need: the report, the entrypoint, declarations and the adapters to Google Cloud."""
