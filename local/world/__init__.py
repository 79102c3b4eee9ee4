"""The demo world: the pipeline on 2026-02-12, generated from one seed."""
