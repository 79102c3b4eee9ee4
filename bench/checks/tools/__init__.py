"""One adapter a tool: what the tool itself says of the fifty checks, in its own environment."""
