"""The only folder that imports google.*: one thin adapter for each service."""
