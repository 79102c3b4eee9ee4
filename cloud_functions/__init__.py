"""The deployable functions, one folder each; they never import each other."""
