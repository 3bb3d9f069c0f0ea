"""The cut as others open it: each file reread by another program's reader, and equal to the cut."""

from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import opentimelineio as otio
import pycmx
import pytest

from auteur.adapters.engines.editorial.cut import spoken_frames
from auteur.adapters.engines.editorial.timecode import frames_of, timecode
from auteur.domain.film import RATES
from tests.takes import a_camera, a_clip, a_still, hand_over

SHOTS: list[dict[str, Any]] = [
    {"name": "1-1", "frames": 48, "scene": "1", "action": "She waits."},
    {"name": "1-2", "frames": 36, "scene": "1", "speeches": [{"character": "ZOË", "text": "Nein."}]},
    {"name": "1-3", "frames": 72, "dissolve_frames": 12, "page": 2},
    {"name": "сцена 4", "frames": 25},
]
FORMATS = ["otio", "edl", "fcpxml", "xmeml"]


@pytest.fixture(params=list(RATES))
def cut(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Fraction, Path]:
    """The files of a cut at a rate: a still, a film, a picture that says nothing, and a shot without a take."""
    rate = RATES[request.param]
    takes = [
        a_still(tmp_path, "t1", (200, 30, 30), a_camera()), a_clip(tmp_path, "t2", 12, rate),
        a_still(tmp_path, "t3", (30, 200, 30)), {"path": None},
    ]  # fmt: skip
    out, result = hand_over(
        "film_cut", tmp_path, SHOTS, takes, rate=request.param, formats=FORMATS, start="01:00:00:00",
        media_base="file:///films/two-doors/",
    )  # fmt: skip
    assert result["understood"]["frames"] == 181
    return request.param, rate, out


def test_opentimelineio_reads_every_value_of_the_cut(cut: tuple[str, Fraction, Path]) -> None:
    _, rate, out = cut
    timeline = otio.adapters.read_from_file(str(out / "cut.otio"))
    assert timeline.global_start_time.to_frames() == 3600 * round(rate)
    assert timeline.global_start_time.rate == float(rate)
    assert timeline.duration().to_frames() == 181
    clips = list(timeline.find_clips())
    assert [(clip.name, clip.duration().to_frames()) for clip in clips] == [
        (shot["name"], shot["frames"]) for shot in SHOTS
    ]
    assert [clip.range_in_parent().start_time.to_frames() for clip in clips] == [0, 48, 84, 156]
    transitions = timeline.find_children(descended_from_type=otio.schema.Transition)
    assert [(one.in_offset.value, one.out_offset.value) for one in transitions] == [(0, 12)]
    urls = [getattr(clip.media_reference, "target_url", None) for clip in clips]
    assert urls == [
        "file:///films/two-doors/t1/1/frame.png", "file:///films/two-doors/t2/1/shot.mp4",
        "file:///films/two-doors/t3/1/frame.png", None,
    ]  # fmt: skip
    assert clips[1].media_reference.available_range.duration.to_frames() == 48  # what the dissolve holds on
    told = clips[0].metadata["auteur"]
    assert told["camera"]["focal_mm"] == pytest.approx(50)
    assert told["camera"]["stop"] == 2.8
    assert told["camera"]["first"]["position_m"] == pytest.approx(list(a_camera().at))
    moved = clips[1].metadata["auteur"]["camera"]
    assert moved["samples"] == 12
    assert moved["last"]["position_m"] == pytest.approx(list(a_camera(11).at))
    assert "camera" not in clips[2].metadata["auteur"]
    [speech] = clips[1].metadata["auteur"]["dialogue"]
    assert dict(speech) == {"character": "ZOË", "text": "Nein."}


def test_two_readers_of_cmx_3600_read_the_list_as_the_cut(cut: tuple[str, Fraction, Path]) -> None:
    _, rate, out = cut
    text = (out / "cut.edl").read_bytes().decode()
    assert "\r\n" in text
    assert text.splitlines()[1] == "FCM: NON-DROP FRAME"
    assert "* LENS: 50 MM T2.8" in text
    with open(out / "cut.edl", encoding="utf-8") as file:
        events = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
    begins, ends = [0, 48, 84, 84, 156], [48, 84, 84, 156, 181]
    start = 3600 * round(rate)
    assert [edit.record_in for edit in events] == [timecode(start + frame, rate) for frame in begins]
    assert [edit.record_out for edit in events] == [timecode(start + frame, rate) for frame in ends]
    assert int(events[3].transition.operand) == 12
    reels = [edit.source for edit in events]
    assert len(set(reels)) == 4
    assert all(len(reel) <= 8 and reel.isascii() and reel.isalnum() for reel in reels)
    read = otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate))
    assert sum(clip.duration().to_frames() for clip in read.find_clips()) == 181
    [dissolve] = read.find_children(descended_from_type=otio.schema.Transition)
    assert (dissolve.in_offset + dissolve.out_offset).to_frames() == 12


def test_fcpxml_has_exact_times_one_after_another(cut: tuple[str, Fraction, Path]) -> None:
    _, rate, out = cut
    root = ElementTree.parse(out / "cut.fcpxml").getroot()

    def frames(text: str) -> Fraction:
        return Fraction(text.removesuffix("s")) * rate

    sequence = next(root.iter("sequence"))
    assert frames(sequence.attrib["duration"]) == 181
    start = frames(sequence.attrib["tcStart"])
    assert start == 3600 * round(rate)
    [form] = [one for one in root.iter("format") if one.get("id") == sequence.get("format")]
    assert Fraction(form.attrib["frameDuration"].removesuffix("s")) == 1 / rate
    items = list(next(root.iter("spine")))
    assert [item.tag for item in items] == ["video", "asset-clip", "transition", "video", "gap"]
    at = start
    for item in items:
        if item.tag == "transition":
            assert (frames(item.attrib["offset"]), frames(item.attrib["duration"])) == (at, 12)
            continue
        assert frames(item.attrib["offset"]) == at
        at += frames(item.attrib["duration"])
    assert at == start + 181
    known = {asset.attrib["id"] for asset in root.iter("asset")}
    assert {item.get("ref") for item in items} - {None} == known
    assert "50 mm T2.8" in (items[0].findtext("note") or "")


def test_fcp_7_xml_is_read_by_its_adapter_as_the_cut(cut: tuple[str, Fraction, Path]) -> None:
    _, _, out = cut
    read = otio.adapters.read_from_file(str(out / "cut.xml"), "fcp_xml")
    timeline = read if isinstance(read, otio.schema.Timeline) else read[0]
    clips = list(timeline.find_clips())
    assert [round(clip.duration().to_frames()) for clip in clips] == [48, 36, 72, 25]


def test_the_same_cut_is_the_same_bytes(tmp_path: Path) -> None:
    takes = [a_still(tmp_path, f"t{n}", (n, n, n), a_camera()) for n in range(4)]
    given = {"formats": FORMATS, "start": "01:00:00:00", "media_base": ""}
    first, _ = hand_over("film_cut", tmp_path, SHOTS, takes, **given)
    again, _ = hand_over("film_cut", tmp_path, SHOTS, takes, **given)
    for name in ("cut.otio", "cut.edl", "cut.fcpxml"):
        assert (first / name).read_bytes() == (again / name).read_bytes()


@pytest.mark.parametrize(
    ("frame", "text"),
    [(0, "00:00:00;00"), (1799, "00:00:59;29"), (1800, "00:01:00;02"), (1801, "00:01:00;03"), (17982, "00:10:00;00"),
     (107892, "01:00:00;00")],
)  # fmt: skip
def test_drop_frame_leaves_out_two_numbers_a_minute_but_each_tenth(frame: int, text: str) -> None:
    rate = RATES["29.97"]
    assert timecode(frame, rate, drop=True) == text
    assert frames_of(text, rate) == frame


@pytest.mark.parametrize("text", ["00:01:00;00", "00:09:00;01", "00:00:00:30", "24:00:00:00"])
def test_a_time_code_that_is_never_counted_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        frames_of(text, RATES["29.97"])


def test_drop_frame_is_for_one_rate_alone() -> None:
    with pytest.raises(ValueError, match=r"29\.97"):
        frames_of("01:00:00;00", RATES["24"])


def test_a_shot_that_nobody_timed_is_as_long_as_what_is_said_takes() -> None:
    rate = RATES["25"]
    assert spoken_frames({"speeches": [{"text": "one two three four five six seven eight nine ten"}]}, rate) == 125
    assert spoken_frames({"speeches": [{"text": "電話してくれればよかったのに。"}]}, rate) == 95
    assert spoken_frames({"action": "He waits."}, rate) == 50
    assert spoken_frames({"action": "word " * 100}, rate) == 200


NAMES = [
    'the "red" one', "a:b;c, d", "Überblende 12-3ä", "O'Neill & <Sons> 50%", "сцена/4\\5", "第三场 1", "1-1.", "-",
    "x" * 64, "名" * 64, "a  b", "AX", "1_1", "1 1",
]  # fmt: skip


def _clips(read: Any) -> list[Any]:
    timeline = read if isinstance(read, otio.schema.Timeline) else read[0]
    return list(timeline.find_clips())


def test_names_of_any_kind_come_back_from_every_file(tmp_path: Path) -> None:
    shots = [{"name": name, "frames": 10 + number, "action": "a\x0bb\x00"} for number, name in enumerate(NAMES)]
    takes = [a_still(tmp_path, f"t{number}", (9, 9, 9), a_camera()) for number in range(len(NAMES))]
    title = 'A "title": with\x07 <marks> & an Umlaut Ü'
    out, _ = hand_over(
        "film_cut", tmp_path, shots, takes, title=title, formats=FORMATS, media_base="", start="01:00:00:00"
    )
    read = otio.adapters.read_from_file(str(out / "cut.otio"))
    assert [clip.name for clip in read.find_clips()] == NAMES
    assert read.name == 'A "title": with <marks> & an Umlaut Ü'
    assert [clip.name for clip in _clips(otio.adapters.read_from_file(str(out / "cut.xml"), "fcp_xml"))] == NAMES
    spine = next(ElementTree.parse(out / "cut.fcpxml").getroot().iter("spine"))
    assert [item.get("name") for item in spine] == NAMES
    with open(out / "cut.edl", encoding="utf-8") as file:
        events = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
    assert [edit.clip_name for edit in events] == [" ".join(name.split()) for name in NAMES]
    assert len({edit.source for edit in events}) == len(NAMES)


def test_a_shot_shorter_than_its_dissolves_is_dissolved_as_far_as_it_goes(tmp_path: Path) -> None:
    shots = [
        {"name": "1", "frames": 48}, {"name": "2", "frames": 6, "dissolve_frames": 24},
        {"name": "3", "frames": 48, "dissolve_frames": 24}, {"name": "4", "frames": 1, "dissolve_frames": 24},
    ]  # fmt: skip
    takes = [a_still(tmp_path, name, (9, 9, 9)) for name in "abcd"]
    out, result = hand_over(
        "film_cut", tmp_path, shots, takes, rate="23.976", formats=FORMATS, media_base="", start="01:00:00:00"
    )
    assert result["understood"]["frames"] == 103
    timeline = otio.adapters.read_from_file(str(out / "cut.otio"))
    dissolves = timeline.find_children(descended_from_type=otio.schema.Transition)
    assert [one.out_offset.to_frames() for one in dissolves] == [6, 6, 1]
    assert [clip.range_in_parent().start_time.to_frames() for clip in timeline.find_clips()] == [0, 48, 54, 102]
    text = (out / "cut.edl").read_bytes().decode()
    read = otio.adapters.read_from_string(text, "cmx_3600", rate=24000 / 1001)
    assert sum(clip.duration().to_frames() for clip in read.find_clips()) == 103
    spans = list(next(ElementTree.parse(out / "cut.fcpxml").getroot().iter("spine")))
    frames = [Fraction(item.attrib["duration"].removesuffix("s")) * RATES["23.976"] for item in spans]
    assert frames == [48, 6, 6, 6, 48, 1, 1]


@pytest.mark.parametrize(("rate", "start", "ends"), [
    ("24", "23:59:59:00", ["00:00:01:00", "00:00:02:12"]), ("23.976", "23:59:58:12", ["00:00:00:12", "00:00:02:00"]),
    ("29.97", "23:59:59;00", ["00:00:00;18", "00:00:01;24"]),
])  # fmt: skip
def test_a_record_that_runs_over_midnight_counts_from_nought_again(
    tmp_path: Path, rate: str, start: str, ends: list[str]
) -> None:
    shots = [{"name": "1", "frames": 48}, {"name": "2", "frames": 36}]
    takes = [a_still(tmp_path, name, (9, 9, 9)) for name in "ab"]
    out, _ = hand_over("film_cut", tmp_path, shots, takes, rate=rate, start=start, formats=FORMATS, media_base="")
    with open(out / "cut.edl", encoding="utf-8") as file:
        events = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
    assert [edit.record_out for edit in events] == ends
    assert events[1].record_in == ends[0]
    timeline = otio.adapters.read_from_file(str(out / "cut.otio"))
    assert timeline.global_start_time.to_frames() == frames_of(start, RATES[rate])
    assert timeline.duration().to_frames() == 84
