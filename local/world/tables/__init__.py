"""One module for each group of tables: `tables(world)` returns them as Arrow by name."""
