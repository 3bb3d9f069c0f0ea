"""A shot to a set."""
