"""Turns the function folders into deployed functions."""
