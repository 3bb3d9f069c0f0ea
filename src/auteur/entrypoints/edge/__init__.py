"""The edge of the service: what a connection may send before any of it is kept, and what it is told if it may not."""
