"""A scripted game night, the score provider that tells of it, and the warehouse that follows it."""
