"""The file formats of extract and load jobs, one module each: `write` a table to bytes, `read` bytes to a table."""
