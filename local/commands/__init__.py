"""What `python -m local` can do: one module for each command."""
