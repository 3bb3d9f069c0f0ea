"""Fountain becomes scenes: the whole syntax, in any writing, with the lines of the file and without losing a word."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auteur.adapters.scripts.fountain import read_fountain
from auteur.adapters.scripts.headings import split
from auteur.adapters.scripts.markup import plain
from auteur.adapters.scripts.reading import read_script
from auteur.adapters.scripts.texts import MOST_BYTES, decoded
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import RATES, Script, ScriptElement, ScriptScene

SCRIPTS = Path(__file__).parents[1] / "fixtures" / "scripts"
NAMES = [path.stem for path in sorted(SCRIPTS.glob("*.fountain"))]


def read(text: str) -> Script:
    return read_fountain(decoded(text.encode())[0])


def everything(script: Script) -> list[ScriptElement]:
    return [*script.before, *(element for scene in script.scenes for element in scene.elements)]


def texts(elements: Sequence[ScriptElement], kind: str) -> list[str]:
    return [element.text for element in elements if element.kind == kind]


def cues(elements: Sequence[ScriptElement]) -> dict[int, str]:
    """By line of the cue, who speaks."""
    return {element.cue_line: element.character or "" for element in elements if element.cue_line is not None}


def told(scene: ScriptScene) -> dict[str, Any]:
    """A scene as the lists of what is in a script have it."""
    elements = scene.elements
    speeches = len(cues(elements))
    counts = {
        "action": "action", "parentheticals": "parenthetical", "notes": "note", "synopses": "synopsis",
        "centered": "centered", "lyrics": "lyrics", "page_breaks": "page_break",
    }  # fmt: skip
    return {
        "number": scene.number, "heading": scene.heading, "int_ext": scene.int_ext, "place": scene.place,
        "time": scene.time, "section": scene.section, "characters": list(dict.fromkeys(cues(elements).values())),
        "dialogue": speeches, "dialogue_blocks": speeches, "transitions": texts(elements, "transition"),
        "dual": len({element.cue_line for element in elements if element.is_dual}),
        **{name: len(texts(elements, kind)) for name, kind in counts.items()},
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_a_script_is_read_from_it(name: str) -> None:
    expected = json.loads((SCRIPTS / f"{name}.expected.json").read_text("utf-8"))
    script = read_script((SCRIPTS / f"{name}.fountain").read_bytes(), f"{name}.fountain", RATES["24"])
    pages = {key: text.split("\n") if text else [] for key, text in script.title_page.items()}
    assert pages == expected["title_page"]
    assert len(script.scenes) == len(expected["scenes"])
    for scene, wanted in zip(script.scenes, expected["scenes"], strict=True):
        left_open = {"why", "uncertain", *wanted.get("uncertain", ())}
        found = told(scene)
        assert {key: found[key] for key in wanted if key not in left_open} == {
            key: value for key, value in wanted.items() if key not in left_open
        }
    if before := expected.get("before_first_scene"):
        assert len(texts(script.before, "action")) == before["action"]
        assert texts(script.before, "section") == before["sections"]
        assert len(texts(script.before, "synopsis")) == before["synopses"]
    if "dialogue_blocks" in expected:
        _compare_whole(script, expected)


def _compare_whole(script: Script, expected: dict[str, Any]) -> None:
    elements = everything(script)
    assert len(cues(elements)) == expected["dialogue_blocks"]
    assert len({element.cue_line for element in elements if element.is_dual}) == expected["dual_dialogue"]
    for kind, key in (("lyrics", "lyrics"), ("note", "notes"), ("synopsis", "synopses"), ("page_break", "page_breaks")):
        assert len(texts(elements, kind)) == expected[key], key
    assert texts(elements, "section") == expected["sections"]
    assert texts(elements, "centered") == expected["centered"]
    may_lack = expected["transitions_may_lack"]
    found = texts(elements, "transition")
    assert [text for text in expected["transitions"] if text in found or text not in may_lack] == found
    must_not = expected["must_not"]
    whole = "\n".join(element.text for element in elements)
    assert not [text for text in must_not["text"] if text in whole]
    assert not set(must_not["characters"]) & set(cues(elements).values())
    assert not set(must_not["numbers"]) & {scene.number for scene in script.scenes}
    headings = [scene.heading for scene in script.scenes]
    assert not [text for text in must_not.get("headings", ()) if any(text in heading for heading in headings)]


# --- a dozen ugly ones --------------------------------------------------------------------------------------------

UGLY: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "byte order mark, returns and old Mac lines": (
        "\ufeffINT. A - DAY\r\n\r\nJO\r\nHi.\r\rHe goes.\r",
        [("heading", "INT. A - DAY"), ("JO", "Hi."), ("action", "He goes.")],
    ),
    "cues in capitals of any alphabet": (
        "ÅSA\nHej.\n\nОЛЬГА (ЗК)\nТам.\n\nMRS. O’DELL ^\nYes.\n\nΣΟΦΊΑ\nΝαι.\n\nGROẞE\nJa.\n",
        [("ÅSA", "Hej."), ("ОЛЬГА", "Там."), ("MRS. O’DELL", "Yes."), ("ΣΟΦΊΑ", "Ναι."), ("GROẞE", "Ja.")],
    ),
    "writing without capitals": (
        "太郎\n行こう。\n\n雨が降っている。\n誰もいない。\n\n@山田さんという長い名前の人はとても長い\nはい。\n",
        [
            ("太郎", "行こう。"),
            ("action", "雨が降っている。\n誰もいない。"),
            ("山田さんという長い名前の人はとても長い", "はい。"),
        ],
    ),
    "forced headings beyond ASCII": (
        ".Épilogue\n\nRien.\n\n.ИНТ. КУХНЯ — НОЧЬ #7#\n\n.. nothing\n\n. nor this\n\n.7 YEARS LATER\n",
        [
            ("heading", "Épilogue"), ("action", "Rien."), ("heading", "ИНТ. КУХНЯ — НОЧЬ"), ("action", ".. nothing"),
            ("action", ". nor this"), ("heading", "7 YEARS LATER"),
        ],
    ),
    "a boneyard without blank lines around it": (
        "One.\n/*\nINT. GONE - DAY\n*/\nTwo.\n\nJO\nBefore.\n/* cut */\nAfter.\n\nA /* b */ c.\n",
        [("action", "One."), ("action", "Two."), ("JO", "Before.\nAfter."), ("action", "A c.")],
    ),
    "notes in the middle, one in a speech, one that a blank line ends": (
        "A [[first]] b[[second]]c [[third]].\n\nJO\nHi [[aside\nover lines]] there.\n\n[[open\n\nnot a note]]\n",
        [
            ("action", "A bc ."), ("note", "first"), ("note", "second"), ("note", "third"), ("JO", "Hi\nthere."),
            ("note", "aside over lines"), ("action", "[[open"), ("action", "not a note]]"),
        ],
    ),
    "a boneyard and a note that nothing closes": (
        "One /* two\n\nINT. A - DAY\n\nthree [[ four\n",
        [("action", "One /* two"), ("heading", "INT. A - DAY"), ("action", "three [[ four")],
    ),
    "transitions, forced, centred, and with a blank after the colon": (
        "CUT TO:\n\nCUT TO: \n\nSMASH-CUT TO:\nNo.\n\n> to black\n\n>A< \n\nÜBERBLENDEN TO:\n",
        [
            ("transition", "CUT TO:"), ("action", "CUT TO:"), ("action", "SMASH-CUT TO:\nNo."),
            ("transition", "to black"), ("centered", "A"), ("transition", "ÜBERBLENDEN TO:"),
        ],
    ),
    "lyrics, sections and synopses among speeches": (
        "JO\n~la\n~lo\nsaid.\n# not = a section? it is\n\nJO\nHi.\n\n= heard\n\n## two\n\nMO\n#1 is me.\n",
        [
            ("JO", "la"), ("JO", "lo"), ("JO", "said."), ("section", "not = a section? it is"), ("JO", "Hi."),
            ("synopsis", "heard"), ("section", "two"), ("MO", "#1 is me."),
        ],
    ),
    "words that begin as headings do": (
        "INTERNAL AFFAIRS.\n\nEXTRA! EXTRA!\n\nEstelle waits.\n\nint.\n\nIntone it.\n\ni/e car - day\n",
        [
            ("action", "INTERNAL AFFAIRS."), ("action", "EXTRA! EXTRA!"), ("action", "Estelle waits."),
            ("action", "int."), ("action", "Intone it."), ("heading", "i/e car - day"),
        ],
    ),
    "parentheticals over lines, and brackets that are none": (
        "JO\n(softly\nand slowly)\nNow. (beat) No.\n(laughs) what?\n(unclosed\n",
        [("JO", "(softly\nand slowly)"), ("JO", "Now. (beat) No.\n(laughs) what?\n(unclosed")],
    ),
    "emphasis that nests, crosses and is escaped": (
        "***a*** **b *c* d** _e_ \\*f\\* g*h i * j snake_case_name _**k**_ \\_l\\_\n",
        [("action", "a b c d e *f* g*h i * j snake_case_name k _l_")],
    ),
    "a speech that two blanks hold together, and one blank that does not": (
        "JO\nOne.\n  \nTwo.\n \nThree.\n",
        [("JO", "One.\n\nTwo."), ("action", "Three.")],
    ),
    "heading, cue and section with no blank line between": (
        "# ACT\nINT. A - DAY #1-a.#\nJO (V.O.) (CONT'D)\nHi.\n!JO\n===\n.B\n",
        [
            ("section", "ACT"), ("heading", "INT. A - DAY"), ("JO", "Hi."), ("action", "JO"), ("page_break", ""),
            ("heading", "B"),
        ],
    ),
}  # fmt: skip


def flat(script: Script) -> Iterator[tuple[str, str]]:
    for element in script.before:
        yield element.character or element.kind, element.text
    for scene in script.scenes:
        yield "heading", scene.heading
        for element in scene.elements:
            yield element.character or element.kind, element.text


@pytest.mark.parametrize("case", UGLY)
def test_an_ugly_script_is_read_as_the_syntax_says(case: str) -> None:
    text, expected = UGLY[case]
    assert list(flat(read(text))) == expected


def test_a_cue_has_its_extension_and_who_speaks_is_written_as_the_first_time() -> None:
    script = read("LEDA (O.S.) ^\nWait.\n\n@leda\nGo.\n\nMR. X (V.O.) (CONT'D)\nSo.\n")
    assert [(e.character, e.extension, e.is_dual) for e in script.before] == [
        ("LEDA", "O.S.", True), ("LEDA", None, False), ("MR. X", "V.O., CONT'D", False),
    ]  # fmt: skip


def test_a_title_page_has_lines_in_any_language_and_a_transition_is_none() -> None:
    script = read("Titel:\n    **Der Ofen**\nAutor: A: B\nKontakt:\n\tHafen 4\n\nFADE IN:\n\nINT. A - DAY\n")
    assert script.title == "Der Ofen"
    assert script.title_page == {"Titel": "**Der Ofen**", "Autor": "A: B", "Kontakt": "Hafen 4"}
    assert read("FADE IN:\n\nINT. A - DAY\n").title_page == {}
    assert read("INT. HOUSE: KITCHEN - DAY\n\nHi.\n").scenes[0].place == "HOUSE: KITCHEN"


def test_lines_and_pages_are_those_of_the_file() -> None:
    action = "He walks on and on and on, and the road does not end, and nobody comes.\n\n"
    script = read(
        "Title: T\n\nINT. A - DAY\n\n/* x\ny */\n" + action * 40 + "JO\n(low)\nHi.\n\n===\n\nEXT. B - NIGHT\n"
    )
    first, second = script.scenes
    assert (first.line, first.page, second.page) == (3, 1, 4)
    assert [element.line for element in first.elements[:2]] == [7, 9]
    assert [(e.line, e.cue_line) for e in first.elements if e.character] == [(88, 87), (89, 87)]
    assert second.line == 93


@pytest.mark.parametrize(
    ("heading", "int_ext", "place", "time"),
    [
        ("INT. HOUSE - NIGHT", "INT", "HOUSE", "NIGHT"),
        ("INT HOUSE — KITCHEN – LATER THAT NIGHT", "INT", "HOUSE — KITCHEN", "LATER THAT NIGHT"),
        ("EXT. ROAD -- DAY [1987]", "EXT", "ROAD", "DAY"),
        ("I./E. CAR (MOVING) - DUSK (2 YEARS AGO)", "INT/EXT", "CAR (MOVING)", "DUSK"),
        ("INT. / EXT. VAN - DAWN", "INT/EXT", "VAN", "DAWN"),
        ("EST. TOWN", "EST", "TOWN", None),
        ("INT. JEAN-LUC'S FLAT", "INT", "JEAN-LUC'S FLAT", None),
        ("INT. FARMHOUSE - KITCHEN", "INT", "FARMHOUSE - KITCHEN", None),
        ("EXT. STREET. NIGHT.", "EXT", "STREET", "NIGHT"),
        ("INT. BAR, NIGHT", "INT", "BAR", "NIGHT"),
        ("INT. HALL—DAY", "INT", "HALL", "DAY"),
        ("INNEN. KÜCHE - NACHT", "INT", "KÜCHE", "NACHT"),
        ("ИНТ. КУХНЯ — НОЧЬ", "INT", "КУХНЯ", "НОЧЬ"),
        ("НАТ. ДВОР - УТРО", "EXT", "ДВОР", "УТРО"),
        ("INT. CUISINE – NUIT", "INT", "CUISINE", "NUIT"),
        ("屋内 台所 - 夜", "INT", "台所", "夜"),
        ("INT. CAVE - 3 A.M.", "INT", "CAVE", "3 A.M."),
        ("FLASHBACK", None, None, None),
        ("THE ROOF - NIGHT", None, "THE ROOF", "NIGHT"),
    ],
)
def test_a_heading_is_taken_apart(heading: str, int_ext: str | None, place: str | None, time: str | None) -> None:
    found = split(heading)
    assert (found.int_ext, found.place, found.time) == (int_ext, place, time)


@pytest.mark.parametrize(
    ("line", "text", "number"),
    [
        ("INT. A - DAY #1A#", "INT. A - DAY", "1A"),
        ("INT. A - DAY #I-13-B#", "INT. A - DAY", "I-13-B"),
        ("INT. A - DAY   #110.4.#  ", "INT. A - DAY", "110.4."),
        ("INT. A - DAY #3bis#", "INT. A - DAY", "3bis"),
        ("INT. ROOM #4 - DAY", "INT. ROOM #4 - DAY", None),
        ("INT. A #not a number#", "INT. A #not a number#", None),
    ],
)
def test_a_scene_number_stands_between_sharps(line: str, text: str, number: str | None) -> None:
    found = split(line)
    assert (found.text, found.number) == (text, number)


# --- what is no script --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n\n\t", "empty"),
        (b"INT. A - DAY\n\nM\xfcller.\n", "byte 16"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"),
        (b"INT. A - DAY\n\nBell \x07.\n", "line 3 holds the character U+0007"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "a packed document"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"x" * (MOST_BYTES + 1), "larger than 4 MiB"),
        (b"INT. A - DAY\n\n" * 5001, "5000 scenes"),
    ],
)
def test_what_is_no_script_is_told_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(UnreadableScriptError, match=re.escape(said)):
        read_script(data, "a.fountain", RATES["24"])


def test_utf_16_is_read_where_it_says_so() -> None:
    assert read_script("INT. KÜCHE - NACHT\n".encode("utf-16"), "", RATES["24"]).scenes[0].place == "KÜCHE"


@pytest.mark.parametrize(
    "piece",
    ["[[\n\n", "/* ", "[[ ", "*a *a ", "_a _a", "(", "A\n\n/*\n*/", "(a\n", "[[]]", "#", "\n  \n", "A - ", "^", "**"],
)
def test_no_text_is_dear_to_read(piece: str) -> None:
    """Some pieces, very often: read in proportion to their number, or this test would not end within its limit."""
    for start in ("", "INT. A - DAY\n\n", "JO\n", "A "):
        read(start + piece * 20_000 + "\nend")


# --- any text -----------------------------------------------------------------------------------------------------

_PIECES = (
    "", "  ", "INT. A - DAY #1#", "ext. b", ".FORCED", "..no", "JO", "JO (V.O.) ^", "@mo", "(low)", "(a", "b)", "!He",
    "> CUT TO", ">centre<", "CUT TO:", "~la", "= syn", "# sec", "===", "/*", "*/", "[[", "]]", "[[n]]", "Title: x",
    "Key:", "    value", "*i* **b** _u_", "ОЛЬГА", "太郎", "1 2", "^", "@", "!", ">", "~", "=", "#", ".",
)  # fmt: skip
_ANY = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30)
_LINES = st.lists(st.sampled_from(_PIECES) | _ANY, max_size=40)


@given(_LINES)
@settings(max_examples=150)
def test_a_reader_never_raises_and_its_lines_rise(lines: list[str]) -> None:
    data = ("x\n" + "\n".join(lines)).encode()
    script = read_fountain(decoded(data)[0])
    assert everything(script) or script.scenes or script.title_page
    at = [element.line for element in script.before if element.kind != "note"]
    for scene in script.scenes:
        at += [scene.line, *(element.line for element in scene.elements if element.kind != "note")]
    assert at == sorted(at)
    assert all(1 <= line <= len(lines) + 1 for line in at)
    pages = [element.page for element in everything(script)]
    assert pages == sorted(pages)


@given(_LINES)
@settings(max_examples=150)
def test_no_letter_is_lost_but_those_in_the_boneyard(lines: list[str]) -> None:
    text = decoded(("x\n" + "\n".join(line.replace("*/", "").replace("/*", "") for line in lines)).encode())[0]
    script = read_fountain(text)
    kept = [element.text for element in everything(script)]
    kept += [f"{scene.heading} {scene.number or ''}" for scene in script.scenes]
    kept += [part for pair in script.title_page.items() for part in pair]
    spoken = {(e.cue_line, e.character, e.extension) for e in everything(script) if e.cue_line is not None}
    kept += [f"{name} {extension or ''}" for _, name, extension in spoken]

    def letters(of: str) -> Counter[str]:
        return Counter(letter for letter in of.casefold() if letter.isalnum())

    assert letters(text) == letters("".join(kept))


@given(st.text(alphabet="ab *_\\\n", max_size=60))
def test_taking_emphasis_out_keeps_the_words(text: str) -> None:
    assert re.sub(r"[*_\\]", "", plain(text)) == re.sub(r"[*_\\]", "", text)
    assert plain(plain("a b")) == "a b"
