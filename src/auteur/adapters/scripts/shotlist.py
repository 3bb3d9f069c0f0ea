"""A reader of shot lists: tables with a line of column names, as spreadsheets write them.

The delimiter is the one by which most names of columns are known; columns stand in any order, under the names that
people give them. A column of another name, and a cell beyond the last, is a note of its shot: nothing is lost.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from auteur.adapters.scripts.columns import KNOWN, column_of
from auteur.adapters.scripts.texts import decoded
from auteur.domain.errors import UnreadableScriptError
from auteur.domain.film import FilmShot, Script, Speech
from auteur.domain.film_library import resource_name
from auteur.domain.film_shots import shortened
from auteur.domain.film_timing import frames_of

MOST_SHOTS = 5000
_HEAD = 20
"""In how many rows the names of columns are looked for: a title or two may stand above them."""
_DELIMITERS = ",;\t|"
_LINE = re.compile(r"\s*([^:\n]{1,60}?)\s*(?:\(([^)\n]*)\))?\s*:\s*(.+)")
_PEOPLE = re.compile(r"\s*(?:[,;/&+\n]|\band\b|\bund\b|\bet\b|\by\b)\s*")
_TIME_OF_DAY = re.compile(r"[^\W\d]", re.UNICODE)
Row = Mapping[str, str]


def read_shot_list(data: bytes, rate: Fraction) -> Script:
    """``rate``: frames a second, in which durations are told. Raises `UnreadableScriptError` for what is no table, or
    has no column that is known."""
    text, encoding = decoded(data, guess="cp1252")
    warnings = [f"The table is not UTF-8: it was read as {encoding}."] if encoding == "cp1252" else []
    delimiter, place = _delimiter(text)
    rows = _rows(text, delimiter)
    for _ in range(place):
        next(rows)
    _, head = next(rows)
    columns = _columns(head)
    shots: list[FilmShot] = []
    names: set[str] = set()
    scene = ""
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(shots) == MOST_SHOTS:
            raise UnreadableScriptError(f"The shot list has more than {MOST_SHOTS} shots.", line=line)
        row, notes = _row(columns, head, cells)
        scene = row.get("scene") or scene  # a scene is often said once, at its first shot
        said = row.get("duration", "")
        frames = frames_of(said, rate)
        if said and not frames:
            warnings.append(f"Line {line}: {said[:40]!r} is no duration; it was reckoned.")
        name = _name(scene, row.get("shot", ""), len(shots) + 1, names)
        shots.append(_shot(name, scene, row, notes, line, frames))
    if not shots:
        raise UnreadableScriptError("The shot list has names of columns and no shot.")
    return Script(shots=tuple(shots), warnings=tuple(warnings[:100]))


def looks_like_one(text: str) -> bool:
    """Whether a table with known columns begins the text."""
    try:
        _delimiter(text[:20_000])
    except UnreadableScriptError:
        return False
    return True


# --- the table ----------------------------------------------------------------------------------------------------


def _delimiter(text: str) -> tuple[str, int]:
    """The delimiter, and the number of rows above the one with the names. Raises `UnreadableScriptError`."""
    best = (0, 0, ",", 0)
    for delimiter in _DELIMITERS:
        for place, (_, cells) in zip(range(_HEAD), _rows(text[:200_000], delimiter), strict=False):
            known = {column for cell in cells if (column := column_of(cell)) is not None}
            if len(known) >= 2 or (known & {"action"} and len(cells) == 1):
                best = max(best, (len(known), -place, delimiter, place))
    if not best[0]:
        raise UnreadableScriptError(
            f"The table has no line with names of columns; known are, among others: {', '.join(KNOWN)}."
        )
    return best[2], best[3]


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableScriptError(f"The table is damaged at line {line}: {error}.", line=line) from None
        yield line, cells
        line = reader.line_num + 1


def _columns(head: Sequence[str]) -> list[str | None]:
    columns = [column_of(cell) for cell in head]
    return [column if column not in columns[:place] else None for place, column in enumerate(columns)]


def _row(columns: Sequence[str | None], head: Sequence[str], cells: Sequence[str]) -> tuple[Row, tuple[str, ...]]:
    row: dict[str, str] = {}
    notes: list[str] = []
    for place, cell in enumerate(cells):
        text = cell.strip()
        column = columns[place] if place < len(columns) else None
        if not text:
            continue
        if column == "time" and not _TIME_OF_DAY.search(text.lower().strip("sfmin. ")):
            column = "duration"
        if column == "notes":
            notes.append(" ".join(text.split()))
        elif column is None:
            title = head[place].strip() if place < len(head) else ""
            notes.append(" ".join(f"{title}: {text}".split() if title else text.split()))
        elif column in row:
            notes.append(text)
        else:
            row[column] = text
    return row, tuple(notes)


# --- a shot -------------------------------------------------------------------------------------------------------


def _shot(name: str, scene: str, row: Row, notes: tuple[str, ...], line: int, frames: int) -> FilmShot:
    people = tuple(dict.fromkeys(each for each in _PEOPLE.split(row.get("cast", "")) if each))
    place = row.get("set", "")
    heading = " ".join(filter(None, (_dotted(row.get("int_ext", "")), place.upper()))).strip()
    if heading and row.get("time"):
        heading += f" - {row['time'].upper()}"
    speeches = _speeches(row.get("dialogue", ""), people)
    lens = row.get("lens", "")
    frame = (
        row.get("size"), row.get("angle"), row.get("move"),
        f"{lens}mm" if lens.replace(".", "", 1).isdigit() else lens,
    )  # fmt: skip
    action = " ".join(row.get("action", "").split())
    said = [", ".join(" ".join(each.split()) for each in frame if each), action]
    if people and not any(each.lower() in action.lower() for each in people):
        said.append(" and ".join(people))
    said.append(heading or " ".join(filter(None, (row.get("int_ext"), row.get("time")))))
    prompt = ". ".join(each.rstrip(" .") for each in said if each)
    return FilmShot(
        name=name, prompt=shortened(f"{prompt}.") if prompt else name, scene=scene or None,
        heading=heading or None, line=line,
        action=action, speeches=speeches, notes=notes,
        cast=tuple(dict.fromkeys((*people, *(each.character for each in speeches if each.character)))),
        set_name=resource_name(place) or None, frames=frames,
    )  # fmt: skip


def _dotted(int_ext: str) -> str:
    said = int_ext.upper().rstrip(". ")
    return f"{said}." if said else ""


def _speeches(text: str, people: Sequence[str]) -> tuple[Speech, ...]:
    """Lines ``NAME: words``; words without a name are the only person's, or go on with what is said."""
    speeches: list[Speech] = []
    for line in text.splitlines() if "\n" in text else re.split(r"\s+/\s+", text):
        if not line.strip():
            continue
        met = _LINE.fullmatch(line)
        if met is not None and (met[1].isupper() or met[1].lower() in {each.lower() for each in people}):
            speeches.append(Speech(character=met[1], text=met[3].strip(), extension=met[2] or None))
        elif speeches:
            last = speeches.pop()
            speeches.append(
                Speech(character=last.character, text=f"{last.text} {line.strip()}", extension=last.extension)
            )
        else:
            speeches.append(Speech(character=people[0] if len(people) == 1 else "", text=line.strip()))
    return tuple(speeches)


def _name(scene: str, shot: str, number: int, taken: set[str]) -> str:
    """A name of its own: ``12A`` for shot A or 12A of scene 12, ``12-3`` for its shot 3."""
    shot, scene = " ".join(shot.split()), " ".join(scene.split())
    if not shot:
        name = f"{scene}-{number}" if scene else str(number)
    elif not scene or re.fullmatch(rf"{re.escape(scene)}(?:[-. ]*[^\W\d_]+|[-./].+)", shot):
        name = shot
    else:
        name = f"{scene}{shot}" if shot.isalpha() and len(shot) <= 2 else f"{scene}-{shot}"
    name = "".join(letter if letter.isprintable() else " " for letter in name)[:56].strip() or str(number)
    unique, times = name, 1
    while unique in taken:
        times += 1
        unique = f"{name}-{times}"
    taken.add(unique)
    return unique
