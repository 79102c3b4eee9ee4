"""A Cloud Storage stand-in that enforces what the real service enforces."""
