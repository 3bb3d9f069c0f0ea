"""A set to pixels."""
