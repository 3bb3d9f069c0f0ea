"""`auteur film`, from a page of script to what others open, as a person types it: with no service, and at one."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import opentimelineio as otio
from PIL import Image
from pxr import Usd, UsdGeom
from pypdf import PdfReader

from tests.e2e.studio import Service
from tests.entrypoints.test_cli import auteur

SCRIPT = """Title: Two Doors

INT. KITCHEN - NIGHT

Maria sits at the table. Slow push in.

MARIA
You could have called.

> DISSOLVE TO:

EXT. FIELD - DAY

A man walks.
"""
NAMES = ["1-1", "1-2", "2-1"]
SMALL = {"quality_presets": '{"draft": {"steps": 1, "resolution": "160x96"}}', "default_quality": "draft"}


def told(out: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What was read, and what became of the tasks."""
    made, *endings = map(json.loads, out.splitlines())
    return made, endings


def assert_handed_over(folder: Path, made: Mapping[str, Any]) -> None:
    """Every file is there, and says of the cut what the others say."""
    lengths = [shot["frames"] for shot in made["shots"]]
    cameras = {f"{name}.{kind}" for name in NAMES for kind in ("usda", "glb")}
    assert {file.name for file in folder.iterdir()} == cameras | {
        "board.pdf", "contact-sheet.png", "shot-list.csv", "camera-report.csv", "animatic.mp4", "poster.jpg",
        "cut.otio", "cut.edl", "cut.fcpxml",
    }  # fmt: skip
    board = "\n".join(page.extract_text() for page in PdfReader(folder / "board.pdf").pages)
    assert all(name in board for name in NAMES)
    assert "You could have called." in board
    with Image.open(folder / "contact-sheet.png") as sheet:
        assert len(sheet.convert("RGB").getcolors(1 << 24) or ()) > 50, "pictures, not empty frames"
    with (folder / "shot-list.csv").open(newline="", encoding="utf-8-sig") as file:
        assert [row[0] for row in csv.reader(file)][1:] == NAMES
    with av.open(str(folder / "animatic.mp4")) as film:
        assert film.streams.video[0].average_rate == 24
        assert sum(1 for _ in film.decode(video=0)) == sum(lengths)
    clips = list(otio.adapters.read_from_file(str(folder / "cut.otio")).find_clips())
    assert [(clip.name, clip.duration().to_frames()) for clip in clips] == list(zip(NAMES, lengths, strict=True))
    edl = list(otio.adapters.read_from_file(str(folder / "cut.edl"), rate=24).find_clips())
    assert [clip.name for clip in edl] == NAMES
    for name in NAMES:
        stage = Usd.Stage.Open(str(folder / f"{name}.usda"))
        (camera,) = (UsdGeom.Camera(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Camera))
        assert camera.GetFocalLengthAttr().Get(0) > 0
        assert (UsdGeom.GetStageMetersPerUnit(stage), stage.GetTimeCodesPerSecond()) == (1, 24)


async def test_one_command_makes_a_page_of_script_a_board_a_cut_and_cameras(tmp_path: Path) -> None:
    (tmp_path / "two.fountain").write_text(SCRIPT)
    words = ("film", "two.fountain", "-p", "film", "--json")
    code, out, err = await auteur(tmp_path, *words, task_timeout=0.01, **SMALL)
    made, endings = told(out)
    assert (code, made["make"]) == (1, NAMES), err
    assert [ending["status"] for ending in endings] == ["failed"] * 3
    code, out, err = await auteur(tmp_path, *words, "--out", "handed", **SMALL)
    again, endings = told(out)
    assert code == 0, err
    assert (again["kept"], again["make"]) == (NAMES, NAMES), "what failed is made again, though no word differs"
    assert {ending["status"] for ending in endings} == {"succeeded"}
    assert_handed_over(tmp_path / "handed", again)
    code, _, err = await auteur(tmp_path, "delete", again["tasks"]["1-2"], "-y", "-p", "film", **SMALL)
    assert code == 0, err
    code, out, err = await auteur(tmp_path, *words, **SMALL)
    made, endings = told(out)
    assert (code, made["make"], [ending["name"] for ending in endings]) == (0, ["1-2"], ["1-2"]), err


async def test_one_command_has_a_service_elsewhere_make_the_same(tmp_path: Path) -> None:
    for place in ("studio", "here"):
        (tmp_path / place).mkdir()
    (tmp_path / "here" / "two.fountain").write_text(SCRIPT)
    service = await Service(tmp_path / "studio", **SMALL).start()
    try:
        words = ("film", "two.fountain", "-p", "film", "--out", "handed", "--json", "--server", service.url)
        code, out, err = await auteur(tmp_path / "here", *words)
        made, endings = told(out)
        assert code == 0, err
        assert {ending["name"] for ending in endings} >= {*NAMES, "film_board", "film_animatic", "film_cut"}
        assert_handed_over(tmp_path / "here" / "handed", made)
        code, out, err = await auteur(tmp_path / "here", *words[:2], "--rate", "12", "--server", service.url)
        assert (code, out) == (3, "")
        assert "rate: " in err, "which of the fields is wrong"
    finally:
        await service.kill()
