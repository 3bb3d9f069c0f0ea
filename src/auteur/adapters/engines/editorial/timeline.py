"""The cut as OpenTimelineIO: a clip a shot with its media and its camera, dissolves, and the scratch track.

Rates are the exact ones as floats, as OpenTimelineIO keeps them: 24000/1001 is 23.976023976…; times are whole frames.
"""

from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import Reel, camera_facts, clip_name, media_url


def build(cut: Cut, *, start_frame: int, media_base: str, track: str | None) -> Any:
    """The timeline. ``start_frame``: of the record time code; ``track``: the scratch track's path in the project."""
    rate = float(cut.rate)
    timeline = otio.schema.Timeline(name=cut.title, global_start_time=RationalTime(start_frame, rate))
    timeline.metadata["auteur"] = {
        "rate": f"{cut.rate.numerator}/{cut.rate.denominator}", "frames": cut.frames, "shots": len(cut.shots),
    }  # fmt: skip
    pictures = otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video)
    reels = Reel(cut)
    for shot in cut.shots:
        if shot.dissolve:
            pictures.append(
                otio.schema.Transition(
                    name=f"Dissolve to {shot.name}",
                    transition_type=otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=RationalTime(0, rate),
                    out_offset=RationalTime(shot.dissolve, rate),
                )
            )
        pictures.append(_clip(cut, shot, media_base, reels.of(shot)))
    timeline.tracks.append(pictures)
    if track is not None:
        length = TimeRange(RationalTime(0, rate), RationalTime(cut.frames, rate))
        reference = otio.schema.ExternalReference(media_url(media_base, track), available_range=length)
        sound = otio.schema.Track(name="A1", kind=otio.schema.TrackKind.Audio)
        sound.append(otio.schema.Clip(name="Scratch track", media_reference=reference, source_range=length))
        timeline.tracks.append(sound)
    return timeline


def write(timeline: Any, path: Path) -> None:
    """As JSON, the same bytes for the same cut."""
    path.write_text(otio.adapters.write_to_string(timeline, "otio_json", indent=2), encoding="utf-8")


def write_xmeml(timeline: Any, path: Path) -> None:
    """As FCP 7 XML, which Premiere and Resolve read."""
    path.write_text(otio.adapters.write_to_string(timeline, "fcp_xml"), encoding="utf-8")


def _clip(cut: Cut, shot: CutShot, media_base: str, reel: str) -> Any:
    rate = float(cut.rate)
    used = TimeRange(RationalTime(0, rate), RationalTime(shot.frames, rate))
    held = TimeRange(RationalTime(0, rate), RationalTime(shot.frames + shot.tail, rate))
    if shot.take.reference is None:
        reference: Any = otio.schema.MissingReference(available_range=held)
    else:
        reference = otio.schema.ExternalReference(media_url(media_base, shot.take.reference), available_range=held)
    reference.name = clip_name(shot)
    facts: dict[str, Any] = {"shot": shot.name, "is_still": not shot.take.is_film}
    if shot.take.is_film and shot.take.rate is not None:
        facts["media"] = {
            "frames": shot.take.frames, "rate": f"{shot.take.rate.numerator}/{shot.take.rate.denominator}",
        }  # fmt: skip
    for name in ("scene", "heading", "set_name", "page", "line", "action", "notes", "prompt", "cast"):
        if shot.shot.get(name):
            facts[name] = shot.shot[name]
    if shot.shot.get("speeches"):
        facts["dialogue"] = [dict(speech) for speech in shot.shot["speeches"]]
    if shot.take.camera is not None:
        facts["camera"] = camera_facts(shot.take.camera)
    clip = otio.schema.Clip(name=shot.name, media_reference=reference, source_range=used)
    clip.metadata["auteur"] = facts
    clip.metadata["cmx_3600"] = {"reel": reel}
    return clip
