"""Shots that auteur chose keep the grammar: pages are broken into shots, staged as a film's takes are, and checked."""

import functools
import math
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.staged import describe_stage
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.scripts.fountain import read_fountain
from auteur.domain.continuity import Finding, check, staged_shot
from auteur.domain.film import FilmShot
from auteur.domain.film_blocking import blockings
from auteur.domain.film_library import resource_name
from auteur.domain.film_making import offered
from auteur.domain.film_shots import shots_of

SCRIPTS = sorted((Path(__file__).parents[1] / "fixtures" / "scripts").glob("*.fountain"))
PAGES = {
    "two at a table and a counter, of whom one crosses": """
INT. KITCHEN - NIGHT

MARIA (40s) sits at the table. TOM (30s) leans against the counter.

MARIA
You are late again.

TOM
The road was closed.

MARIA
It is always closed when you need it to be.

TOM
That is not fair.

MARIA
No. It is not.

TOM
I brought bread.

MARIA
We have bread.

Tom walks to the window. He looks out.

MARIA
Come back here.

TOM
In a minute.

She stands up.

MARIA
I am going out.
""",
    "two, and a third who comes in": """
INT. POLICE STATION - INTERROGATION ROOM - DAY

A bare table. INSPECTOR VALE (55) on one side, KIT (19) on the other.

VALE
Where were you on Tuesday?

KIT
At home.

The door opens. SERGEANT MOSS (30s) comes in with a folder.

MOSS
You will want to see this.

VALE
Not now.

KIT
What is that?

MOSS
He knows.

VALE
Sit down, Kit.

KIT
I am sitting.

They wait.

They wait.

Vale reads. Moss waits by the door. Kit looks up.
""",
    "side by side, and a child": """
EXT. PARK - DAY

ANNA and BEN sit on a bench. Pigeons.

ANNA
They never pay.

BEN
Who?

CLARA, 8, runs past with a kite.

CLARA
Look! Look!

ANNA
We are looking.

BEN
Higher!

ANNA
Go and help her.

BEN
You go.

ANNA
I have the pigeons.

Ben gets up and walks to Clara.

BEN
Give it to me.

CLARA
No!
""",
    "in a car, then at a bar, then on the road": """
INT. CAR - NIGHT

NED drives. PIA beside him, asleep.

NED
Wake up.

PIA
Are we there?

NED
We are lost.

PIA
We were lost before I slept.

NED
Now we are lost in the dark.

PIA
Turn around.

NED
Into what?

INT. BAR - LATER

JOE wipes the bar. NED and PIA at the bar, wet.

JOE
What will it be?

NED
Directions.

PIA
And two beers.

JOE
Beers I have.

NED
Where are we?

EXT. ROAD - NIGHT

Ned runs to the right. Pia runs after him.

NED
The car!

PIA
Where is the car?
""",
    "one, and a voice, and nobody": """
INT. CORRIDOR - NIGHT

IVO walks.

He stops.

He listens.

IVO
Hello?

VOICE (O.S.)
Who is there?

IVO
Ivo.

VOICE (O.S.)
Which Ivo?

Rain.

The clock ticks.

A fly.

The clock again.

IVO
The only one.
""",
    "in another language": """
INNEN. KÜCHE - NACHT

Ein Tisch. Ein Fenster.

JONAS
Es regnet.

LENA
Seit Tagen.

JONAS
Du gehst?

LENA
Wohin sonst?

JONAS
Bleib.

LENA
Nein.

Lena geht zur Tür. Jonas wartet.
""",
}


@functools.cache
def told(text: str) -> tuple[tuple[FilmShot, dict[str, Any]], ...]:
    """The shots of a script, each with what its take would say."""
    shots = shots_of(read_fountain(text), Fraction(24))
    called = {resource_name(name): name for shot in shots for name in shot.cast}
    offers = offered(shots)
    return tuple((shot, _take(shot, offers[shot.name], called)) for shot in shots)


def _take(shot: FilmShot, offer: dict[str, Any], called: dict[str, str]) -> dict[str, Any]:
    seed = uuid.uuid5(uuid.NAMESPACE_URL, offer.get("set", shot.name)).int % (1 << 31)
    params = {"prompt": shot.prompt, "width_px": 640, "height_px": 360, "seed": seed, **offer}
    if "set" in offer:
        params["set"] = {"name": offer["set"], "place": offer["set"].replace("-", " "), "seed": seed}
    if "cast" in offer:
        params["cast"] = [{"name": name, "called": called[name]} for name in offer["cast"]]
    read, made = staged(params)
    seen_by = {"camera": describe(made.camera, 640, 360, made.lens), "stage": describe_stage(made, 640, 360)}
    return read.as_data() | {"assumed": made.assumed, "unmet": made.unmet, "made": made} | seen_by


def findings(text: str) -> list[Finding]:
    takes = [staged_shot(shot.name, shot.scene, take) for shot, take in told(text)]
    return check([take for take in takes if take is not None])


def places(text: str, scene: str) -> dict[str, set[tuple[float, float]]]:
    """Where each of a scene's people stands in its shots."""
    found: dict[str, set[tuple[float, float]]] = {}
    for shot, take in told(text):
        for person in take["stage"]["people"] if shot.scene == scene else ():
            found.setdefault(person["name"], set()).add((round(person["at_m"][0], 2), round(person["at_m"][2], 2)))
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_no_shot_of_a_script_breaks_the_rules_of_continuity(path: Path) -> None:
    assert findings(path.read_text("utf-8")) == []


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES)
def test_no_shot_of_a_page_of_talk_breaks_them(text: str) -> None:
    assert len(told(text)) > 2
    assert findings(text) == []


def test_people_stand_where_they_stood_in_all_shots_of_a_scene_whoever_comes_in() -> None:
    vale = places(PAGES["two, and a third who comes in"], "1")
    assert {name: len(spots) for name, spots in vale.items() if name in ("Vale", "Kit")} == {"Vale": 1, "Kit": 1}
    bench = places(PAGES["side by side, and a child"], "1")
    assert len(bench["Anna"]) == 1
    assert len(places(PAGES["in another language"], "1")["Jonas"]) == 1


def test_who_has_gone_somewhere_is_there_from_then_on_and_nobody_else_has_moved() -> None:
    text = PAGES["two at a table and a counter, of whom one crosses"]
    assert len(places(text, "1")["Maria"]) == 2, "at the table, and where she has stood up"
    toms = [
        (round(person["at_m"][0], 2), round(person["at_m"][2], 2))
        for _, take in told(text) for person in take["stage"]["people"] if person["name"] == "Tom"
    ]  # fmt: skip
    went = next(index for index, (shot, _) in enumerate(told(text)) if "walks to the window" in shot.prompt)
    assert len(set(toms[:went])) == 1
    assert len(set(toms[went + 1 :])) == 1
    assert toms[0] != toms[-1]


def test_somebody_of_a_scene_looks_the_same_where_the_shot_does_not_name_them() -> None:
    params = {
        "width_px": 640, "height_px": 360, "seed": 5, "set": {"name": "hut", "place": "hut", "seed": 5},
        "cast": [{"name": "ada", "called": "ADA", "height_m": 1.93}, {"name": "bo", "called": "BO"}],
        "blocking": "Ada, Bo.",
    }  # fmt: skip
    heights = []
    for prompt in ("Medium two-shot of Ada and Bo", "Wide shot. Rain"):
        _, made = staged({**params, "prompt": prompt})
        heights.append({mark.name: mark.height_m for mark in made.people})
    assert heights[0] == heights[1]
    assert heights[0]["Ada"] == 1.93


SIDES = {
    "width_px": 640, "height_px": 360, "seed": 5, "set": {"name": "hut", "place": "hut", "seed": 5},
    "cast": [{"name": "ada", "called": "Ada"}, {"name": "bo", "called": "Bo"}], "blocking": "Ada, Bo.",
}  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "left", "right"),
    [
        ("Medium two-shot of Ada and Bo", "Ada", "Bo"),
        ("Medium two-shot, Ada frame left, Bo frame right", "Ada", "Bo"),
        ("Medium two-shot, Ada frame right, Bo frame left", "Bo", "Ada"),
        ("OTS Ada onto Bo, medium shot, Bo frame right", "Ada", "Bo"),
        ("OTS Ada onto Bo, medium shot, Bo frame left", "Bo", "Ada"),
    ],
)
def test_sides_in_words_are_met_by_the_camera_s_side_and_nobody_moves(prompt: str, left: str, right: str) -> None:
    _, made = staged({**SIDES, "prompt": prompt})
    at = {mark.name: mark.at for mark in made.people}
    _, plain = staged({**SIDES, "prompt": "Wide shot of Ada and Bo"})
    assert all(math.dist(at[mark.name], mark.at) < 0.01 for mark in plain.people)
    heads = {mark.name: mark.joints["nose"] for mark in made.people}
    across = {name: float(seen([head], made.camera, 640 / 360)[0, 0]) for name, head in heads.items()}
    assert across[left] < across[right] or any("is not on the" in said for said in made.unmet)


def test_most_of_what_is_asked_of_sides_is_met() -> None:
    for prompt in ("Medium two-shot, Ada frame right, Bo frame left", "OTS Ada onto Bo, medium shot, Bo frame left"):
        _, made = staged({**SIDES, "prompt": prompt})
        assert not any("is not on the" in said for said in made.unmet), prompt


def test_whom_a_close_single_looks_at_is_not_missed_in_it() -> None:
    _, made = staged({**SIDES, "prompt": "Medium close-up of Ada, looking at Bo"})
    assert not any(said.startswith("Bo ") for said in made.unmet)
    ada, bo = (next(mark for mark in made.people if mark.name == name) for name in ("Ada", "Bo"))
    towards = math.atan2(bo.at[0] - ada.at[0], bo.at[2] - ada.at[2])
    assert math.cos(ada.look_rad - towards) > 0.8


def test_who_has_left_is_gone_from_the_shots_after_it_and_moves_nobody() -> None:
    def shot(name: str, prompt: str, action: str, *cast: str) -> FilmShot:
        return FilmShot(name=name, scene="1", prompt=prompt, action=action, cast=cast)

    shots = [
        shot("1", "Wide shot. Ada and Bo. Cy sits.", "ADA and BO face each other. CY sits.", "ADA", "BO", "CY"),
        shot("2", "Medium shot of Ada", "Ada leaves the room. Bo watches.", "ADA", "BO"),
        shot("3", "Medium shot of Bo", "Bo leaves a note on the table.", "BO"),
        shot("4", "Wide shot", "Rain.", "CY"),
        shot("5", "Medium shot of Ada", "Ada comes back.", "ADA"),
    ]
    told = blockings(shots)
    assert ["Ada leaves." in words for words in told] == [False, False, True, True, False]
    assert not any("Bo leaves." in words for words in told)
    cast = [{"name": name.lower(), "called": name} for name in ("Ada", "Bo", "Cy")]
    seen_in = []
    for words in (told[1], told[3]):
        params = {"prompt": "Wide shot of Bo", "seed": 5, "width_px": 640, "height_px": 360, "cast": cast}
        _, made = staged({**params, "set": {"name": "room", "place": "office"}, "blocking": words})
        seen_in.append({mark.name: mark.at for mark in made.people})
    before, after = seen_in
    assert set(before) == {"Ada", "Bo", "Cy"}
    assert after == {name: at for name, at in before.items() if name != "Ada"}
