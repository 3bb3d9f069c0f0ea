"""What is handed over of a film beside its cut: read back by other programs, and looked into."""

import csv
import io
import json
import struct
import wave
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pytest
from PIL import Image, ImageCms
from pypdf import PdfReader

from auteur.adapters.engines.editorial.arrows import DRAWN
from auteur.adapters.engines.editorial.models import MODELS, warnings_for
from auteur.adapters.engines.editorial.takes import read_take
from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.reading.shot import MOVES
from auteur.domain.errors import HandlerError
from auteur.domain.film import RATES
from tests.takes import LENS, SIZE, a_camera, a_clip, a_still, hand_over

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)
BOARD: dict[str, Any] = {
    "per_page": 6, "paper": "a4", "arrows": True, "plans": False, "continuity": True, "camera_report": False,
}  # fmt: skip
ANIMATIC: dict[str, Any] = {"width_px": 96, "height_px": 54, "burn_in": False, "start": "01:00:00:00"}


# --- cameras ----------------------------------------------------------------------------------------------------------


def test_usd_reads_at_every_frame_the_camera_that_previs_had(tmp_path: Path) -> None:
    from pxr import Gf, Usd, UsdGeom

    rate = RATES["23.976"]
    out, _ = hand_over(
        "film_cameras", tmp_path, [{"name": "12-3 é", "frames": 30}], [a_clip(tmp_path, "t", 24, rate)],
        rate="23.976", formats=["usda", "glb"],
    )  # fmt: skip
    stage = Usd.Stage.Open(str(next(out.glob("*.usda"))))
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.y
    assert stage.GetTimeCodesPerSecond() == float(rate)
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == (0, 29)
    camera = UsdGeom.Camera(stage.GetDefaultPrim())
    assert camera
    for frame in range(30):
        told = describe(a_camera(min(frame, 23)), *SIZE)
        read = camera.GetCamera(frame)
        axes = [told["right"], told["up"], [-value for value in told["ahead"]]]
        wanted = Gf.Matrix4d(*[c for axis in axes for c in (*axis, 0.0)], *told["position_m"], 1.0)
        assert Gf.IsClose(read.transform, wanted, 1e-6)
        assert read.GetFieldOfView(Gf.Camera.FOVHorizontal) == pytest.approx(told["xfov_deg"], abs=1e-4)
        assert read.GetFieldOfView(Gf.Camera.FOVVertical) == pytest.approx(told["yfov_deg"], abs=1e-4)
        assert read.focusDistance == pytest.approx(a_camera(min(frame, 23)).focus_m)
        assert read.fStop == pytest.approx(2.8)
    # USD counts both in tenths of its unit, here a metre
    assert camera.GetFocalLengthAttr().Get(0) * 100 == pytest.approx(50, abs=1e-4)
    assert camera.GetHorizontalApertureAttr().Get() * 100 == pytest.approx(24.89, abs=1e-4)
    assert stage.GetDefaultPrim().GetCustomDataByKey("auteur:focalLengthMm") == pytest.approx(50)


def test_gltf_has_the_camera_at_every_frame(tmp_path: Path) -> None:
    rate = RATES["25"]
    out, _ = hand_over(
        "film_cameras", tmp_path, [{"name": "1", "frames": 24}], [a_clip(tmp_path, "t", 24, rate)], rate="25",
        formats=["glb"],
    )  # fmt: skip
    data = (out / "1.glb").read_bytes()
    length, kind = struct.unpack_from("<I4s", data, 12)
    assert (data[:4], struct.unpack_from("<I", data, 8)[0], kind) == (b"glTF", len(data), b"JSON")
    told, binary = json.loads(data[20 : 20 + length]), data[28 + length :]

    def values(accessor: int) -> np.ndarray:
        about = told["accessors"][accessor]
        view = told["bufferViews"][about["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[about["type"]]
        found = np.frombuffer(binary, "<f4", about["count"] * width, view["byteOffset"])
        return found.reshape(-1, width)

    [animation] = told["animations"]
    by_path = {c["target"]["path"]: animation["samplers"][c["sampler"]] for c in animation["channels"]}
    assert values(by_path["translation"]["input"])[:, 0] == pytest.approx([n / 25 for n in range(24)])
    for frame in range(24):
        camera = describe(a_camera(frame), *SIZE)
        assert values(by_path["translation"]["output"])[frame] == pytest.approx(camera["position_m"], abs=1e-6)
        assert abs(values(by_path["rotation"]["output"])[frame] @ camera["rotation"]) == pytest.approx(1, abs=1e-6)
        yfov = values(by_path["pointer"]["output"])[frame, 0]
        assert np.degrees(yfov) == pytest.approx(camera["yfov_deg"], abs=1e-4)
    turns = values(by_path["rotation"]["output"])
    assert (np.sum(turns[1:] * turns[:-1], axis=1) > 0).all()


def test_cameras_of_any_names_are_files_that_usd_opens(tmp_path: Path) -> None:
    from pxr import Usd

    names = [
        'the "red" one',
        "a:b;c",
        "Überblende 12-3ä",
        "сцена/4\\5",
        "第三场",
        "1-1",
        "1_1",
        "-",
        "x" * 64,
        "名" * 64,
    ]
    takes = [a_still(tmp_path, f"t{number}", RED, a_camera()) for number in range(len(names))]
    shots = [{"name": name, "frames": 2} for name in names]
    out, _ = hand_over("film_cameras", tmp_path, shots, takes, rate="23.976", formats=["usda", "glb"])
    told = []
    for path in sorted(out.glob("*.usda")):
        stage = Usd.Stage.Open(str(path))
        assert stage.GetTimeCodesPerSecond() == pytest.approx(24000 / 1001)
        told.append(stage.GetDefaultPrim().GetCustomDataByKey("auteur:shot"))
    assert sorted(told) == sorted(names)
    assert len(list(out.glob("*.glb"))) == len(names)


def test_a_take_that_says_nothing_of_a_camera_is_named_and_the_others_are_made(tmp_path: Path) -> None:
    shots = [{"name": "1", "frames": 5}, {"name": "2", "frames": 5}]
    takes = [a_still(tmp_path, "a", RED), a_still(tmp_path, "b", RED, a_camera())]
    out, result = hand_over("film_cameras", tmp_path, shots, takes, formats=["usda"])
    assert result["understood"]["without_camera"] == ["1"]
    assert [path.name for path in out.iterdir()] == ["2.usda"]
    with pytest.raises(HandlerError, match="None of the takes"):
        hand_over("film_cameras", tmp_path, shots[:1], takes[:1], formats=["usda"])


@pytest.mark.parametrize(
    "told",
    ["", "{", "[]", "7", '{"understood": 7}', '{"understood": {"camera": {"position_m": [1, 2]}}}',
     '{"understood": {"camera": {"position_m": [1, 2, NaN], "rotation": [0,0,0,1], "focal_px": 1, "width_px": 1}}}',
     '{"understood": {"stage": {"people": [7, {"at_m": "x"}], "walls_m": [[1]]}, "moves": [7]}}', "[" * 5000],
)  # fmt: skip
def test_a_file_that_says_nonsense_is_a_picture_without_a_camera(tmp_path: Path, told: str) -> None:
    from PIL import PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("auteur", told)
    Image.new("RGB", SIZE, RED).save(tmp_path / "frame.png", pnginfo=chunks)
    take = {"path": str(tmp_path / "frame.png"), "reference": "a/1/frame.png"}
    assert read_take(take).camera is None
    out, _ = hand_over("film_board", tmp_path, [{"name": "1", "frames": 5, "scene": "1"}], [take], **BOARD)
    assert len(PdfReader(out / "board.pdf").pages) == 1


# --- the animatic -----------------------------------------------------------------------------------------------------


def middle_colours(path: Path) -> list[tuple[int, ...]]:
    with av.open(str(path)) as film:
        return [tuple(map(int, seen.getpixel((48, 27)))) for seen in map(_as_tagged, film.decode(video=0))]


def _as_tagged(frame: Any) -> Any:
    return Image.fromarray(frame.to_ndarray(format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709"))


@pytest.mark.parametrize("name", list(RATES))
def test_an_animatic_is_exact_to_the_frame(tmp_path: Path, name: str) -> None:
    shots = [{"name": "1", "frames": 7}, {"name": "2", "frames": 9, "dissolve_frames": 4}, {"name": "3", "frames": 5}]
    takes = [a_still(tmp_path, "a", RED), a_still(tmp_path, "b", GREEN), a_still(tmp_path, "c", BLUE)]
    out, result = hand_over("film_animatic", tmp_path, shots, takes, rate=name, **ANIMATIC)
    rate = RATES[name]
    with av.open(str(out / "animatic.mp4")) as film:
        stream = film.streams.video[0]
        assert (stream.average_rate, stream.frames) == (rate, 21)
        assert stream.duration * stream.time_base == 21 / rate
        times = [frame.pts * stream.time_base for frame in film.decode(video=0)]
    assert times == [Fraction(number) / rate for number in range(21)]
    seen = middle_colours(out / "animatic.mp4")
    for frame, wanted in ((0, RED), (6, RED), (11, GREEN), (15, GREEN), (16, BLUE), (20, BLUE)):
        assert seen[frame] == pytest.approx(wanted, abs=6), frame
    for step in range(4):  # from the first shot's red to the second's green, evenly
        share = (step + 1) / 5
        wanted = [a + (b - a) * share for a, b in zip(RED, GREEN, strict=True)]
        assert seen[7 + step] == pytest.approx(wanted, abs=6), step
    assert result["understood"]["shots"][1] == {"name": "2", "at": 7, "frames": 9, "dissolve_frames": 4}


def test_a_clip_plays_at_its_own_speed_and_its_last_frame_is_held(tmp_path: Path) -> None:
    shots = [{"name": "1", "frames": 8}, {"name": "2", "frames": 14}]
    takes = [a_clip(tmp_path, "a", 12, Fraction(24)), a_clip(tmp_path, "b", 24, Fraction(48))]
    out, _ = hand_over("film_animatic", tmp_path, shots, takes, **ANIMATIC)
    seen = [colour[0] for colour in middle_colours(out / "animatic.mp4")]
    first = [40 + 2 * frame for frame in range(8)]
    second = [40 + 2 * min(2 * frame, 23) for frame in range(12)] + [40 + 2 * 23] * 2
    assert seen == pytest.approx(first + second, abs=3)


def test_a_clip_without_a_length_of_its_own_is_as_long_as_it_is(tmp_path: Path) -> None:
    _, result = hand_over(
        "film_animatic", tmp_path, [{"name": "1"}], [a_clip(tmp_path, "a", 12, Fraction(24))], rate="25", **ANIMATIC
    )
    assert result["understood"]["frames"] == 13  # half a second at 25, to the nearest frame


def test_names_are_burnt_in_and_a_shot_without_a_take_has_a_card(tmp_path: Path) -> None:
    takes = [a_still(tmp_path, "a", (128, 128, 128)), {"path": None}]
    shots = [{"name": "12A", "frames": 3}, {"name": "台所", "frames": 3}]
    given = {**ANIMATIC, "width_px": 320, "height_px": 180}
    frames = []
    for burn_in in (True, False):
        out, _ = hand_over("film_animatic", tmp_path, shots, takes, **{**given, "burn_in": burn_in})
        with av.open(str(out / "animatic.mp4")) as film:
            frames.append([np.asarray(frame.to_image().convert("L"), int) for frame in film.decode(video=0)])
    burnt, plain = frames
    for corner in (np.s_[:20, :60], np.s_[:20, -110:]):
        assert np.abs(burnt[0][corner] - plain[0][corner]).max() > 80
    assert np.abs(burnt[0][40:] - plain[0][40:]).max() < 12
    assert np.abs(burnt[0][:20, -110:] - burnt[2][:20, -110:]).max() > 60  # the time code goes on
    card = plain[4]
    assert card[80:100, 120:200].max() > 150
    assert card[:40].max() < 70


@pytest.mark.parametrize("seconds", [0.1, 3.0])
def test_a_scratch_track_is_as_long_as_the_film(tmp_path: Path, seconds: float) -> None:
    with wave.open(str(tmp_path / "track.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = np.sin(np.arange(round(8000 * seconds)) * 2 * np.pi * 440 / 8000)
        file.writeframes((tone * 12000).astype("<i2").tobytes())
    out, _ = hand_over(
        "film_animatic", tmp_path, [{"name": "1", "frames": 30}], [a_still(tmp_path, "a", RED)],
        track_file=str(tmp_path / "track.wav"), **ANIMATIC,
    )  # fmt: skip
    with av.open(str(out / "animatic.mp4")) as film:
        assert film.streams.video[0].frames == 30
        sound = film.streams.audio[0]
        assert float(sound.duration * sound.time_base) == pytest.approx(30 / 24, abs=0.03)
        heard = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio=0)])
    assert np.abs(heard[2000:4000]).max() > 0.2
    assert (np.abs(heard[24000:48000]).max() > 0.2) == (seconds > 1)


# --- paper ------------------------------------------------------------------------------------------------------------


def words_of(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_a_board_has_what_a_crew_must_know_of_each_shot(tmp_path: Path) -> None:
    shots: list[dict[str, Any]] = [
        {
            "name": "12-1", "frames": 36, "scene": "12", "heading": "INT. KITCHEN - NIGHT", "page": 7,
            "action": "Maria puts the glass down.", "notes": ["Match the glass."],
            "speeches": [{"character": "МАРИЯ", "text": "Ты мог бы позвонить.", "extension": "V.O."}],
        },
        {"name": "12-2", "frames": 24, "action": "Η Σοφία σωπαίνει. 電話してくれればよかったのに。"},
    ]  # fmt: skip
    takes = [a_still(tmp_path, "a", RED, a_camera()), {"path": None}]
    out, result = hand_over("film_board", tmp_path, shots, takes, **BOARD)
    told = words_of(out / "board.pdf")
    for word in (
        "Two Doors", "12-1", "MS 2S", "50 mm T2.8", "push in", "1.5 s", "p. 7", "INT. KITCHEN - NIGHT",
        "Maria puts the glass down.", "МАРИЯ (V.O.): Ты мог бы позвонить.", "Match the glass.", "Η Σοφία σωπαίνει.",
        "電話してくれればよかったのに", "no take yet", "page 1 of 1",
    ):  # fmt: skip
        assert word in told, word
    assert result["understood"]["not_in_fonts"] == ""
    document = PdfReader(out / "board.pdf")
    assert len(document.pages[0].images) == 2
    [intent] = document.root_object["/OutputIntents"]
    profile = ImageCms.ImageCmsProfile(io.BytesIO(intent.get_object()["/DestOutputProfile"].get_object().get_data()))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("per_page", range(1, 10))
def test_a_board_has_one_to_nine_shots_a_page(tmp_path: Path, per_page: int) -> None:
    shots = [{"name": f"s{n:02}", "frames": 24, "action": f"Deed {n}."} for n in range(10)]
    take = a_still(tmp_path, "a", RED, a_camera())
    out, result = hand_over("film_board", tmp_path, shots, [take] * 10, **{**BOARD, "per_page": per_page})
    pages = PdfReader(out / "board.pdf").pages
    assert len(pages) == result["understood"]["pages"] == -(-10 // per_page)
    for number, page in enumerate(pages):
        told = page.extract_text()
        here = range(number * per_page, min((number + 1) * per_page, 10))
        assert [n for n in range(10) if f"s{n:02}" in told and f"Deed {n}." in told] == list(here)


def test_a_board_is_the_same_bytes_and_its_report_has_the_lens(tmp_path: Path) -> None:
    take = a_still(tmp_path, "a", RED, a_camera())
    given = {**BOARD, "camera_report": True, "plans": True}
    shots = [{"name": "1", "frames": 24}]
    made = [hand_over("film_board", tmp_path, shots, [take], **given)[0] / "board.pdf" for _ in range(2)]
    assert made[0].read_bytes() == made[1].read_bytes()
    told = PdfReader(made[0]).pages[1].extract_text()
    assert "super_35" in told
    assert "1.61" in told  # the lens's height


def test_a_long_text_ends_in_an_ellipsis_inside_of_its_panel(tmp_path: Path) -> None:
    shots = [{"name": "1", "frames": 24, "action": "word " * 900, "speeches": [{"character": "A", "text": "x " * 500}]}]
    out, _ = hand_over("film_board", tmp_path, shots, [a_still(tmp_path, "a", RED)], **BOARD)
    lows: list[float] = []
    PdfReader(out / "board.pdf").pages[0].extract_text(visitor_text=lambda text, cm, tm, font, size: lows.append(tm[5]))
    assert "…" in words_of(out / "board.pdf")
    assert min(low for low in lows if low) > 10 * 72 / 25.4  # nothing in the lower margin


def test_every_move_that_moves_has_an_arrow() -> None:
    assert set(MOVES) - {"static"} == DRAWN


def test_a_contact_sheet_has_every_shot_in_its_place(tmp_path: Path) -> None:
    shots = [{"name": f"{n}", "frames": 24} for n in range(5)]
    takes = [a_still(tmp_path, f"t{n}", (40 * n + 20, 60, 60)) for n in range(5)]
    out, _ = hand_over("film_contact_sheet", tmp_path, shots, takes, columns=3, width_px=640)
    with Image.open(out / "contact-sheet.png") as sheet:
        reds = [sheet.getpixel((110 + 210 * (n % 3), 60 + (sheet.height // 2) * (n // 3)))[0] for n in range(5)]  # type: ignore[index]
        assert sheet.width == 640
    assert reds == pytest.approx([40 * n + 20 for n in range(5)], abs=2)


def test_lists_are_read_by_a_spreadsheet_and_hold_no_formula(tmp_path: Path) -> None:
    shots: list[dict[str, Any]] = [
        {"name": "1", "frames": 36, "page": 3, "action": "=HYPERLINK(1)", "notes": ["a, \"b\"", "c"], "cast": ["Zoë"]},
        {"name": "2", "frames": 24},
    ]  # fmt: skip
    takes = [a_still(tmp_path, "a", RED, a_camera(3)), {"path": None}]
    out, _ = hand_over("film_shot_list", tmp_path, shots, takes, rate="25")
    rows = list(csv.DictReader(io.StringIO((out / "shot-list.csv").read_bytes().decode("utf-8-sig"))))
    assert [row["Shot"] for row in rows] == ["1", "2"]
    assert rows[0]["Action"] == "'=HYPERLINK(1)"
    assert rows[0]["Notes"] == 'a, "b"\nc'
    assert (rows[0]["Size"], rows[0]["Move"], rows[0]["Seconds"], rows[1]["In"]) == ("MS 2S", "push in", "1.440", "36")
    [camera, empty] = csv.DictReader(io.StringIO((out / "camera-report.csv").read_bytes().decode("utf-8-sig")))
    told = describe(a_camera(3), *SIZE)
    assert float(camera["Roll deg"]) == pytest.approx(told["roll_deg"], abs=0.06)
    assert float(camera["Height m"]) == pytest.approx(1.61)
    assert float(camera["Field deg"]) == pytest.approx(told["xfov_deg"], abs=0.06)
    assert float(camera["Frame mm"].split(" x ")[0]) == pytest.approx(LENS.frame_width_mm, abs=0.01)
    assert empty["Lens mm"] == ""


# --- for video models, and from above ---------------------------------------------------------------------------------


def test_a_keyframe_pack_has_the_ends_the_clip_the_controls_and_the_camera(tmp_path: Path) -> None:
    take = a_clip(tmp_path, "a", 24, Fraction(24))
    depth = tmp_path / "control-depth.png"
    Image.new("L", SIZE, 9).save(depth)
    take["controls"] = {"control-depth.png": str(depth)}
    shots = [{"name": "1", "frames": 17, "prompt": "Maria,\nclose"}]
    out, result = hand_over("film_keyframes", tmp_path, shots, [take], model="wan-2.1")
    with zipfile.ZipFile(out / "1.zip") as pack:
        assert pack.testzip() is None
        assert pack.namelist() == [
            "first.png", "last.png", "clip.mp4", "controls/control-depth.png", "camera.json", "prompt.txt", "shot.json",
        ]  # fmt: skip
        values = [Image.open(io.BytesIO(pack.read(name))).getpixel((48, 27))[0] for name in ("first.png", "last.png")]  # type: ignore[index]
        assert values == pytest.approx([40, 40 + 2 * 16], abs=3)
        assert pack.read("clip.mp4") == Path(take["path"]).read_bytes()
        camera = json.loads(pack.read("camera.json"))
        assert pack.read("prompt.txt").decode() == "Maria, close\n"
        about = json.loads(pack.read("shot.json"))
    assert (camera["frames"], len(camera["samples"])) == (17, 17)
    assert camera["samples"][16]["position_m"] == pytest.approx(list(a_camera(16).at))
    assert about["warnings"] == result["understood"]["warnings"]["1"]
    assert any("16 frames a second" in warning for warning in about["warnings"])
    again, _ = hand_over("film_keyframes", tmp_path, shots, [take], model="wan-2.1")
    assert (out / "1.zip").read_bytes() == (again / "1.zip").read_bytes()


def test_a_shot_that_a_model_takes_as_it_is_has_no_warning() -> None:
    for name, model in MODELS.items():
        length = model.exact[0] if model.exact else model.step * 2 + 1
        for width, height in model.sizes:
            told = warnings_for(name, length, Fraction(model.rate), width, height)
            assert told == (
                [] if model.pictures else [f"{name} takes words alone: the pack's pictures are for looking at."]
            )


@pytest.mark.parametrize(
    ("frames", "rate", "size", "said"),
    [(80, 16, (832, 480), "the nearest is 81"), (85, 16, (832, 480), "the nearest is 81"), (81, 24, (832, 480), "16"),
     (81, 16, (900, 900), "has no size of the shape")],
)  # fmt: skip
def test_what_a_model_does_not_take_is_said(frames: int, rate: int, size: tuple[int, int], said: str) -> None:
    [warning] = warnings_for("wan-2.1", frames, Fraction(rate), *size)
    assert said in warning


@pytest.mark.parametrize(("name", "rate"), [("wan-2.2-5b", "23.976"), ("ltx-video", "29.97"), ("mochi-1", "29.97")])
def test_a_rate_of_television_is_the_whole_one_beside_it_to_a_model(name: str, rate: str) -> None:
    model = MODELS[name]
    told = warnings_for(name, model.step * 2 + 1, RATES[rate], *model.sizes[0])
    assert not any("frames a second" in each for each in told)


@pytest.mark.parametrize(("rate", "warned"), [(4, 1), (5, 0), (24, 0), (30, 0), (48, 1)])
def test_a_model_that_takes_many_rates_warns_outside_of_them(rate: int, warned: int) -> None:
    found = warnings_for("svd", 14, Fraction(rate), 1024, 576)
    assert len(found) == warned
    assert all("5 to 30" in warning for warning in found)


def test_a_plan_shows_people_walls_things_and_the_camera_where_they_are(tmp_path: Path) -> None:
    take = a_still(tmp_path, "a", RED, a_camera())
    out, _ = hand_over("film_plans", tmp_path, [{"name": "1", "frames": 5}], [take], formats=["svg", "png"])
    root = ElementTree.parse(out / "1-plan.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    words = {word.text: word for word in root.iter(f"{space}text")}
    assert {"Maria", "Tom", "table", "1 m"} <= set(words)
    discs = [(float(disc.attrib["cx"]), float(disc.attrib["cy"])) for disc in root.iter(f"{space}circle")]
    [maria, tom] = discs
    bar = next(line for line in root.iter(f"{space}polyline") if line.attrib["stroke"] == "#22262b")
    corners = [tuple(map(float, point.split(","))) for point in bar.attrib["points"].split()]
    metre = corners[2][0] - corners[1][0]
    assert (tom[0] - maria[0]) / metre == pytest.approx(1.0, abs=0.01)
    assert (tom[1] - maria[1]) / metre == pytest.approx(-0.2, abs=0.01)
    field = next(shape for shape in root.iter(f"{space}polygon") if shape.attrib["fill"] == "#f6d9cf")
    at = tuple(map(float, field.attrib["points"].split()[0].split(",")))
    assert (at[0] - maria[0]) / metre == pytest.approx(0.9, abs=0.01)  # the camera at 0.4, Maria at -0.5
    assert (at[1] - maria[1]) / metre == pytest.approx(3.07, abs=0.01)
    with Image.open(out / "1-plan.png") as picture:
        red, _, blue = picture.convert("RGB").getpixel((round(maria[0]), round(maria[1])))  # type: ignore[misc]
        assert blue > red
        assert picture.size == (800, 600)
