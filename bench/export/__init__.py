"""The engine of the export beside four other ways to write rows as JSON, from the same rows, in one run."""
