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

CLOSE_CODES = {
    str(GOING_AWAY): "the service stops or cannot serve now; come back with your position.",
    str(TOO_SLOW): "you do not read fast enough; come back with your position.",
    str(SIGNED_OUT): "what you showed no longer counts; sign in again before you come back.",
    str(GONE): "the project was deleted; do not come back.",
    f"{BAD_REQUEST} to 4499": "the request itself is wrong; do not come back by yourself.",
}
"""All of them, as clients are told."""
