"""A door for assistants: the service in the Model Context Protocol, over stdio and as a route of the service itself.

Every tool asks the service over its own HTTP routes, as whoever opened the door, so that limits, permissions, errors
and the audit trail are those of every other door. Only `door` and `stdio` know the protocol's SDK (the extra `mcp`).
"""
