"""A set or a picture to film."""
