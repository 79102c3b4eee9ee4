"""The kinds of checks, one module each: the file's name is the kind. Discovered by `shared.checks.catalogue`."""
