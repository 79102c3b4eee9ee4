"""Data-check tools side by side: the same fifty checks on the same tables, each tool in an environment of its own."""
