"""The BigQuery emulator with its gaps closed at protocol level; runs in .venv-emulators."""
