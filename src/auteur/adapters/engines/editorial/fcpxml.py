"""The cut as FCPXML 1.10 (Final Cut Pro, Resolve): a spine of clips and dissolves; every time a fraction of seconds.

Frames of 1001/24000 s and 1001/30000 s stay exact; no time is a float. Stills are `video` of an asset without a rate.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from xml.etree import ElementTree

from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.facts import lens_words, media_url, move_words

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, however it is written."""
_PREFIX = "file:./"


def write(cut: Cut, *, start_frame: int, drop: bool, media_base: str, track: str | None, size: tuple[int, int]) -> str:
    """The document. ``size``: of the film in pixels; ``track``: the scratch track's path in the project."""
    root = ElementTree.Element("fcpxml", version="1.10")
    resources = ElementTree.SubElement(root, "resources")
    frame = 1 / cut.rate
    ElementTree.SubElement(
        resources, "format", id="r1", name="auteur", frameDuration=seconds(frame), width=str(size[0]),
        height=str(size[1]), colorSpace="1-1-1 (Rec. 709)",
    )  # fmt: skip
    ElementTree.SubElement(resources, "format", id="r2", name="FFVideoFormatRateUndefined")
    formats = {cut.rate: "r1"} | {
        rate: f"f{number}"
        for number, rate in enumerate(sorted({shot.take.rate for shot in cut.shots if shot.take.rate} - {cut.rate}), 1)
    }
    for rate, name in list(formats.items())[1:]:
        ElementTree.SubElement(
            resources, "format", id=name, name=f"auteur {float(rate):.6g}", frameDuration=seconds(1 / rate)
        )
    assets = {shot.index: _asset(resources, shot, media_base, formats) for shot in cut.shots if shot.take.reference}
    sound = _sound(resources, cut, media_base, track) if track is not None else None
    event = ElementTree.SubElement(ElementTree.SubElement(root, "library"), "event", name=cut.title)
    project = ElementTree.SubElement(event, "project", name=cut.title)
    sequence = ElementTree.SubElement(
        project, "sequence", format="r1", duration=seconds(cut.frames * frame), tcStart=seconds(start_frame * frame),
        tcFormat="DF" if drop else "NDF",
    )  # fmt: skip
    spine = ElementTree.SubElement(sequence, "spine")
    for shot in cut.shots:
        if shot.dissolve:
            ElementTree.SubElement(
                spine, "transition", name="Cross Dissolve", offset=seconds((start_frame + shot.at) * frame),
                duration=seconds(shot.dissolve * frame),
            )  # fmt: skip
        clip = _clip(spine, cut, shot, assets.get(shot.index), start_frame)  # its note stands before what hangs on it
        if shot.index == 0 and sound is not None:
            ElementTree.SubElement(
                clip, "asset-clip", ref=sound, lane="-1", offset=clip.get("start", "0s"), name="Scratch track",
                duration=seconds(cut.frames * frame), audioRole="dialogue",
            )  # fmt: skip
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{body}\n'


def seconds(time: Fraction) -> str:
    """``1001/24000s``, ``5s``: in lowest terms, as FCPXML has it."""
    time = Fraction(time)
    return f"{time.numerator}s" if time.denominator == 1 else f"{time.numerator}/{time.denominator}s"


def _asset(resources: ElementTree.Element, shot: CutShot, media_base: str, formats: Mapping[Fraction, str]) -> str:
    name, take = f"a{shot.index + 1}", shot.take
    length = "0s" if take.rate is None else seconds(take.frames / take.rate)
    asset = ElementTree.SubElement(
        resources, "asset", id=name, name=shot.name, start="0s", duration=length, hasVideo="1",
        format="r2" if take.rate is None else formats[take.rate],
    )  # fmt: skip
    ElementTree.SubElement(asset, "media-rep", kind="original-media", src=_src(media_base, take.reference or ""))
    return name


def _sound(resources: ElementTree.Element, cut: Cut, media_base: str, track: str) -> str:
    length = seconds(cut.frames / cut.rate)
    asset = ElementTree.SubElement(
        resources, "asset", id="sound", name="Scratch track", start="0s", duration=length, hasAudio="1",
    )  # fmt: skip
    ElementTree.SubElement(asset, "media-rep", kind="original-media", src=_src(media_base, track))
    return "sound"


def _src(media_base: str, reference: str) -> str:
    url = media_url(media_base, reference)
    return url if "://" in url or url.startswith("file:") else f"{_PREFIX}{url}"


def _clip(
    spine: ElementTree.Element, cut: Cut, shot: CutShot, asset: str | None, start_frame: int
) -> ElementTree.Element:
    frame = 1 / cut.rate
    about = {
        "name": shot.name, "offset": seconds((start_frame + shot.at) * frame), "duration": seconds(shot.frames * frame),
        "start": "0s",
    }  # fmt: skip
    if asset is None:
        clip = ElementTree.SubElement(spine, "gap", about)
    elif shot.take.is_film:
        clip = ElementTree.SubElement(spine, "asset-clip", {"ref": asset, **about})
    else:
        clip = ElementTree.SubElement(spine, "video", {"ref": asset, **about})
    told = [lens_words(shot.take.camera), move_words(shot.take.understood), shot.shot.get("action", "")]
    if note := "; ".join(part for part in told if part):
        ElementTree.SubElement(clip, "note").text = _NOT_XML.sub(" ", note)
    return clip
