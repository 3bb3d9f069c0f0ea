"""Final Draft's FDX becomes scenes as Fountain does, and a shot list the shots that somebody wrote."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auteur.adapters.scripts.columns import column_of
from auteur.adapters.scripts.fdx import read_fdx
from auteur.adapters.scripts.reading import read_script
from auteur.adapters.scripts.shotlist import read_shot_list
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import RATES, FilmShot, Script, ScriptElement, Speech
from auteur.domain.film_timing import frames_of

RATE = RATES["24"]
FDX = """\ufeff<?xml version="1.0" encoding="UTF-8" standalone="no" ?>
<FinalDraft DocumentType="Script" Template="No" Version="5">
  <Content>
    <Paragraph Type="Action"><Text>FADE IN:</Text></Paragraph>
    <Paragraph Number="1A" Type="Scene Heading">
      <SceneProperties Length="2/8" Page="1" Title="Kitchen"><SceneArcBeats><CharacterArcBeat Name="TOM">
        <Paragraph Type="Action"><Text>beats are no script</Text></Paragraph></CharacterArcBeat></SceneArcBeats>
      </SceneProperties>
      <Text>INT. KITCHEN – </Text><Text Style="Underline">NIGHT</Text>
    </Paragraph>
    <Paragraph Type="Action"><Text>A </Text><Text Style="Bold">knife</Text><Text> on the table.</Text>
      <ScriptNote ID="1"><Paragraph><Text>Which </Text><Text>knife?</Text></Paragraph></ScriptNote></Paragraph>
    <Paragraph Type="Shot"><Text>ANGLE ON THE DOOR</Text></Paragraph>
    <Paragraph><DualDialogue>
       <Paragraph Type="Character"><Text>TOM (O.S.)</Text></Paragraph>
       <Paragraph Type="Dialogue"><Text>Who?</Text></Paragraph>
       <Paragraph Type="Character"><Text>ŻANETA</Text></Paragraph>
       <Paragraph Type="Parenthetical"><Text>(low)</Text></Paragraph>
       <Paragraph Type="Dialogue"><Text>You &amp; me.</Text></Paragraph>
    </DualDialogue></Paragraph>
    <Paragraph Type="Transition"><Text>DISSOLVE TO:</Text></Paragraph>
    <Paragraph Number="2" Type="Scene Heading" StartsNewPage="Yes"><Text>EXT. YARD - DAY</Text></Paragraph>
    <Paragraph Type="Character"><Text>TOM</Text></Paragraph>
    <Paragraph Type="Action"><Text>He says nothing.</Text></Paragraph>
    <Paragraph Type="General"><Text>The end</Text></Paragraph>
    <Paragraph Type="Action"><Text></Text></Paragraph>
  </Content>
  <TitlePage><Content><Paragraph Alignment="Center"><Text>The </Text><Text>Knife</Text></Paragraph>
    <Paragraph><Text>by A. Nonym</Text></Paragraph></Content></TitlePage>
</FinalDraft>
"""


def told(elements: tuple[ScriptElement, ...]) -> list[tuple[str, str]]:
    return [(element.character or element.kind, element.text) for element in elements]


def test_a_final_draft_has_numbers_styles_notes_shots_and_speeches_side_by_side() -> None:
    script = read_script(FDX.encode(), "", RATE)
    assert script.title == "The Knife"
    assert script.title_page == {"Title": "The Knife", "Title page": "by A. Nonym"}
    assert told(script.before) == [("action", "FADE IN:")]
    kitchen, yard = script.scenes
    assert (kitchen.number, kitchen.heading, kitchen.place, kitchen.time, kitchen.line) == (
        "1A", "INT. KITCHEN – NIGHT", "KITCHEN", "NIGHT", 5,
    )  # fmt: skip
    assert told(kitchen.elements) == [
        ("action", "A knife on the table."), ("note", "Which knife?"), ("shot", "ANGLE ON THE DOOR"), ("TOM", "Who?"),
        ("ŻANETA", "(low)"), ("ŻANETA", "You & me."), ("transition", "DISSOLVE TO:"),
        ("page_break", ""),
    ]  # fmt: skip
    assert [(e.extension, e.is_dual, e.line, e.cue_line) for e in kitchen.elements if e.character] == [
        ("O.S.", False, 16, 15), (None, True, 18, 17), (None, True, 19, 17),
    ]  # fmt: skip
    assert (yard.number, yard.page) == ("2", 2)
    assert told(yard.elements) == [("action", "TOM"), ("action", "He says nothing."), ("action", "The end")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><FinalDraft>&b;</FinalDraft>', "document type or entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><FinalDraft/>', "document type or entities"),
        ("<Other/>", "no script of Final Draft"),
        ("<FinalDraft><Content>", "damaged at line 1"),
        ("<FinalDraft>" + "<a>" * 100_000, "more than 40 deep"),
        ('<?xml version="1.0" encoding="nonsense"?><FinalDraft/>', "encoding"),
        ("<FinalDraft>\0</FinalDraft>", "damaged at line 1"),
    ],
)
def test_a_final_draft_that_is_none_or_hostile_is_told_in_one_sentence(data: str, said: str) -> None:
    with pytest.raises(UnreadableScriptError, match=said):
        read_script(data.encode(), "a.fdx", RATE)


@given(st.binary(max_size=60), st.integers(0, len(FDX)), st.integers(0, 40))
@settings(max_examples=150)
def test_a_damaged_final_draft_is_read_or_refused(put: bytes, place: int, cut: int) -> None:
    data = FDX.encode()
    try:
        assert isinstance(read_fdx(data[:place] + put + data[place + cut :]), Script)
    except UnreadableScriptError as error:
        assert error.message  # noqa: PT017


# --- shot lists ---------------------------------------------------------------------------------------------------


def shots(text: str, *, encoding: str = "utf-8", rate: Fraction = RATE) -> tuple[FilmShot, ...]:
    return read_shot_list(text.encode(encoding), rate).shots


def test_columns_stand_in_any_order_under_any_common_name() -> None:
    (shot,) = shots(
        "Shot Type,LENS (mm),Scene #,Shot No.,Camera Movement,Camera Angle,Description,Dialogue,Duration (s),Location,"
        "Day/Night,INT/EXT,Characters,Notes,Grip\n"
        'MCU,50,12,3,slow push in,low,"Clara lifts the phone, waits.","CLARA (low): Hello?\nTOM (V.O.): Yes.",2.5,'
        "Kitchen,Night,INT,Clara,check phone,dolly\n"
    )
    assert shot == FilmShot(
        name="12-3",
        prompt="MCU, low, slow push in, 50mm. Clara lifts the phone, waits. INT. KITCHEN - NIGHT.",
        scene="12", heading="INT. KITCHEN - NIGHT", line=2, action="Clara lifts the phone, waits.",
        speeches=(
            Speech(character="CLARA", text="Hello?", extension="low"),
            Speech(character="TOM", text="Yes.", extension="V.O."),
        ),
        notes=("check phone", "Grip: dolly"), cast=("Clara", "CLARA", "TOM"), set_name="kitchen", frames=60,
    )  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_are_found(delimiter: str, encoding: str) -> None:
    rows = [["Titel, ein Film", "", ""], ["Szene", "Größe", "Beschreibung"], ["1", "Nah", "Müller, allein; still"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in row) for row in rows)
    (shot,) = shots(text, encoding=encoding)
    assert (shot.name, shot.action, shot.line) == ("1-1", "Müller, allein; still", 3)


def test_what_a_spreadsheet_on_windows_writes_is_read_and_said() -> None:
    script = read_shot_list("Szene;Beschreibung\n1;Müller\n".encode("cp1252"), RATE)
    assert script.shots[0].action == "Müller"
    assert script.warnings == ("The table is not UTF-8: it was read as cp1252.",)


def test_names_are_distinct_and_a_scene_said_once_goes_on() -> None:
    found = shots("scene,shot,description\n12,A,a\n,B,b\n,12C,c\n,12-4,d\n13,1,e\n,1,f\n,,g\n\n14,14/2,h\n")
    assert [shot.name for shot in found] == ["12A", "12B", "12C", "12-4", "13-1", "13-1-2", "13-7", "14/2"]
    assert [shot.scene for shot in found] == ["12"] * 4 + ["13"] * 3 + ["14"]
    assert [shot.line for shot in found][-1] == 10


def test_a_column_called_time_is_what_its_cells_say() -> None:
    day, seconds = shots("shot,description,location,time\n1,a,Hall,DAY\n2,b,Hall,3s\n")
    assert (day.heading, day.frames) == ("HALL - DAY", 0)
    assert (seconds.heading, seconds.frames) == ("HALL", 72)


def test_cells_over_several_lines_and_beyond_the_last_are_kept() -> None:
    first, second = shots('shot,action\n1,"one\ntwo",beyond\n2,three\n')
    assert (first.action, first.notes, first.line, second.line) == ("one two", ("beyond",), 2, 4)


@pytest.mark.parametrize(
    ("said", "frames"),
    [
        ("3", 72), ("2.5", 60), ("2,5 s", 60), ("4 sec", 96), ("0:05", 120), ("1:00", 1440), ("00:00:02:12", 60),
        ("00:01:00", 1440), ("48f", 48), ("48 frames", 48), ("2 min", 2880), ("1 min 30 sec", 2160), ("2s 12f", 60),
        ("", 0), ("long", 0), ("0", 0), ("-3", 0), ("3-4", 0), ("9" * 70, 0),
    ],
)  # fmt: skip
def test_a_length_is_read_as_people_write_it(said: str, frames: int) -> None:
    assert frames_of(said, RATE) == frames


@pytest.mark.parametrize(("rate", "frames"), [("23.976", 72), ("25", 75), ("29.97", 90), ("30", 90)])
def test_a_length_is_whole_frames_at_the_films_rate(rate: str, frames: int) -> None:
    assert frames_of("3 s", RATES[rate]) == frames


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no line with names of columns"),
        ("scene,shot\n", "no shot"),
        ("just words", "no line with names of columns"),
        ("scene,description\n" + "1,x\n" * 5001, "more than 5000 shots"),
        ('scene,description\n1,"' + "x" * 200_000 + '"\n', "damaged at line 2"),
    ],
)
def test_a_table_that_is_no_shot_list_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(UnreadableScriptError, match=said):
        read_script(text.encode(), "list.csv", RATE)


def test_what_a_file_is_follows_from_its_name_or_else_from_what_is_in_it() -> None:
    table = b"scene,shot,description\n1,1,A dog.\n"
    assert read_script(table, "", RATE).shots
    assert read_script(table, "list.CSV", RATE).shots
    assert read_script(table, "list.fountain", RATE).before
    assert read_script(FDX.encode(), "script.xml", RATE).scenes
    assert read_script(b"INT. A - DAY\n\nA dog, a cat, a size.\n", "", RATE).scenes


def test_no_spelling_means_two_columns() -> None:
    assert column_of("Shot Size (ws, ms)") == "size"
    assert column_of("SHOT_NO.") == "shot"
    assert column_of("grip") is None


@given(st.text(alphabet=st.sampled_from('scenehotdriptg,;\t|"\n\r 1A:'), max_size=200))
@settings(max_examples=200)
def test_a_table_is_read_or_refused(text: str) -> None:
    try:
        script = read_script(f"scene,description\n{text}".encode(), "a.csv", RATE)
    except UnreadableScriptError as error:
        assert error.message  # noqa: PT017
    else:
        names = [shot.name for shot in script.shots]
        assert len(set(names)) == len(names)
        assert all(shot.name.strip() and shot.prompt for shot in script.shots)
