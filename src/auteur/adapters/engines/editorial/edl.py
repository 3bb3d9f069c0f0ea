"""The cut as an edit decision list, CMX 3600 (SMPTE 258M): events with reels, source and record time codes.

Written here, not by a library: the one for OpenTimelineIO leaves out where the record begins, how it is counted and the
lens (docs/decisions/0053-the-cut-in-the-programs-own-words.md); the tests read this one with it and with another.
"""

from fractions import Fraction

from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import Reel, lens_words, media_url, move_words
from auteur.adapters.engines.editorial.timecode import timecode

MOST_EVENTS = 999
"""What three digits count; longer lists are written with four, as newer programs read them."""


def write(cut: Cut, *, start_frame: int, drop: bool, media_base: str) -> str:
    """The list. ``start_frame``: of the record; ``drop``: count record and source in drop frame."""
    reels, digits = Reel(cut), 3 if len(cut.shots) <= MOST_EVENTS else 4
    lines = [f"TITLE: {_one_line(cut.title)}", f"FCM: {'' if drop else 'NON-'}DROP FRAME"]

    def code(frame: int) -> str:
        return timecode(frame, cut.rate, drop=drop)

    for number, shot in enumerate(cut.shots, 1):
        event = f"{number:0{digits}}"
        source = f"{code(0)} {code(shot.frames)}"
        record = f"{code(start_frame + shot.at)} {code(start_frame + shot.end)}"
        lines.append("")
        if shot.dissolve:
            before = cut.shots[number - 2]
            out, at = code(before.frames), code(start_frame + shot.at)
            lines.append(f"{event}  {reels.of(before):<8} V     C        {out} {out} {at} {at}")
            lines.append(f"{event}  {reels.of(shot):<8} V     D    {shot.dissolve:03} {source} {record}")
            lines.append(f"* FROM CLIP NAME: {_one_line(before.name)}")
            lines.append(f"* TO CLIP NAME: {_one_line(shot.name)}")
        else:
            lines.append(f"{event}  {reels.of(shot):<8} V     C        {source} {record}")
            lines.append(f"* FROM CLIP NAME: {_one_line(shot.name)}")
        lines += _comments(shot, media_base, cut.rate)
    return "\n".join(lines) + "\n"


def _comments(shot: CutShot, media_base: str, rate: Fraction) -> list[str]:
    told = []
    if shot.take.reference is not None:
        told.append(f"* SOURCE FILE: {_one_line(media_url(media_base, shot.take.reference))}")
    if lens := lens_words(shot.take.camera):
        told.append(f"* LENS: {lens.upper()}")
    if shot.take.camera is not None:
        told.append(f"* SENSOR: {shot.take.camera.sensor.upper()}")
    if moves := move_words(shot.take.understood):
        told.append(f"* MOVE: {moves.upper()}")
    if shot.take.rate not in (None, rate):
        told.append(f"* SOURCE RATE: {float(shot.take.rate or rate):.6g}")
    if scene := shot.shot.get("scene"):
        told.append(f"* SCENE: {_one_line(scene)}")
    return told


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
