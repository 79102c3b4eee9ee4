"""A Pub/Sub stand-in over gRPC."""
