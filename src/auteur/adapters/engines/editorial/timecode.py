"""Time codes of SMPTE ST 12-1: frames counted as hours, minutes, seconds and frames, dropped numbers at 29.97."""

from fractions import Fraction

_DROPPED_A_MINUTE = 2


def nominal(rate: Fraction) -> int:
    """Frames that a time code counts to in a second: 24 at 23.976, 30 at 29.97."""
    return round(rate)


def frames_of(text: str, rate: Fraction) -> int:
    """The number of the frame that a time code names, counted from 00:00:00:00.

    Raises `ValueError` with what is wrong: a frame that is not counted, drop frame at another rate than 29.97.
    """
    fps, drops = nominal(rate), ";" in text
    if drops and rate != Fraction(30000, 1001):
        raise ValueError("drop frame is counted at 29.97 alone")
    hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
    if frames >= fps or hours > 23:
        raise ValueError(f"there is no such time code at {fps} frames a second")
    if drops and frames < _DROPPED_A_MINUTE and not seconds and minutes % 10:
        raise ValueError("names a frame that drop frame leaves out")
    total_minutes = 60 * hours + minutes
    dropped = _DROPPED_A_MINUTE * (total_minutes - total_minutes // 10) if drops else 0
    return (60 * total_minutes + seconds) * fps + frames - dropped


def timecode(frame: int, rate: Fraction, *, drop: bool = False) -> str:
    """The time code of a frame, counted from 00:00:00:00; after a day it begins again."""
    fps = nominal(rate)
    if drop:
        ten, minute = 10 * 60 * fps - 9 * _DROPPED_A_MINUTE, 60 * fps - _DROPPED_A_MINUTE
        tens, rest = divmod(frame, ten)
        frame += 9 * _DROPPED_A_MINUTE * tens
        if rest >= 60 * fps:  # the first of ten minutes drops nothing
            frame += _DROPPED_A_MINUTE * (1 + (rest - 60 * fps) // minute)
    frame %= 24 * 3600 * fps
    seconds, frames = divmod(frame, fps)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:02}"
