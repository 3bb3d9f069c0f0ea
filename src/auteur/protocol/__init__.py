"""The wire: every message that a client may send or receive, and the one translation each way.

Frames are JSON text; times are ISO 8601 in UTC; the socket, SSE and HTTP share these shapes.
"""
