"""What a backup is: layout, manifest, verification and selection, as pure functions and values."""
