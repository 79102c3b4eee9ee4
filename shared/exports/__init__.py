"""What a publisher and a reader of exported documents agree on: names of objects, and the manifest; pure."""
