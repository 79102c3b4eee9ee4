"""The scheduler doctor: from snapshots of the platform to the cause and the fix of what is wrong with a job; pure."""
