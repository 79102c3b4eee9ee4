"""Runs suites of checks against the warehouse: one scan a table, every declared check in the report."""
