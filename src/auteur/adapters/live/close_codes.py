"""Why a socket is closed, as the client is told."""

GOING_AWAY = 1012
"""The service stops or cannot serve now: come back with your position."""
TOO_SLOW = 4008
"""The client does not read: come back with your position."""
BAD_REQUEST = 4400
"""The request itself is wrong: do not come back by yourself. 4400 to 4499 all mean that."""
SIGNED_OUT = 4401
"""What was shown no longer counts: revoked, expired, signed out. Do not come back before you sign in again."""
GONE = 4410
"""The project was deleted: do not come back."""
