"""The status page: the last reports of all functions as one HTML document that loads and runs nothing; pure."""
