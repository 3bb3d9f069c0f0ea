"""Scene headings: ``INT. FARMHOUSE - KITCHEN - NIGHT``. In them capitals and full stops are grammar."""

from auteur.adapters.engines.previs.reading.draft import ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrases
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_NAMED = ("place", "vehicle", "thing", "part", "event", "person", "animal")


def read_headings(pieces: list[Piece], draft: ShotDraft) -> None:
    """Reads every heading of the text: where INT or EXT stands, and a forced one that begins with a full stop."""
    for at, piece in enumerate(pieces):
        if (entry := piece.get("int_ext")) is not None and piece.field is None:
            lower = piece.tokens[0].text.islower()
            if lower and piece.norm in ("interior", "exterior") and not _alone(pieces, at):
                piece.field = "int_ext"
                draft.int_ext = draft.int_ext or entry.value  # type: ignore[assignment]
                continue
            piece.field = "int_ext"
            draft.int_ext = entry.value  # type: ignore[assignment]
            _place(pieces, at + 1, draft)
        elif piece.norm == "." and (at == 0 or pieces[at - 1].norm == "\n"):
            after = pieces[at + 1] if at + 1 < len(pieces) else None
            if after is not None and after.tokens[0].glued and after.capital:
                _place(pieces, at + 1, draft)


def _alone(pieces: list[Piece], at: int) -> bool:
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    return after is None or after.kind in ("mark", "line")


def _place(pieces: list[Piece], at: int, draft: ShotDraft) -> None:
    """Reads place, time and remarks up to the end of the heading."""
    segments: list[list[Piece]] = [[]]
    bracketed = False
    capitals = at < len(pieces) and pieces[at].tokens[0].text.isupper()
    start = at
    while at < len(pieces):
        piece = pieces[at]
        if piece.norm in ("\n", ";", ":", "!", "?"):
            break
        if piece.norm == "." and at != start:
            break
        if piece.norm == "," and not _goes_on(pieces, at, capitals):
            break
        named = piece.noun is not None or not piece.entries
        if at == start and not named and piece.has("size", "kind", "compound", "dutch", "light", "angle", "move"):
            return  # INT. and then no place
        if not capitals and not bracketed and piece.verb is not None and piece.verb.form == "third" and not piece.noun:
            return  # EXT. Lazlo crosses
        if piece.norm == "(":
            bracketed = True
        elif piece.norm == ")":
            bracketed = False
            segments.append([])
        elif piece.norm in ("-", "--", ",", "/", "."):
            segments.append([])
        elif (
            (capitals and not bracketed and any(t.text.islower() for t in piece.tokens if t.kind == "word"))
            or (capitals and not bracketed and piece.kind == "word" and not piece.tokens[0].text.isupper())
            or (not capitals and not bracketed and piece.has("kind", "size", "compound", "move") and not piece.noun)
        ):
            break
        elif piece.kind in ("word", "number") or piece.norm == "'s":
            segments[-1].append(piece)
        at += 1
    places: list[tuple[str, str]] = []
    known = facts()["containers"]
    within: str | None = None
    for segment in segments:
        for piece in segment:
            if piece.field == "time_of_day":
                continue  # 3 A.M. is night, and was read
            if (time := piece.get("time_of_day")) and not _names(segment, piece):
                draft.time_of_day, piece.field = time.value, "time_of_day"
            elif (
                piece.has("weather", "season") and (len(segment) == 1 or not _names(segment, piece)) and not piece.noun
            ):
                term = piece.get("weather", "season")
                piece.field = term.role  # type: ignore[union-attr]
                if term and term.role == "weather" and term.value not in draft.weather:
                    draft.weather.append(term.value)
                elif term and term.role == "season":
                    draft.season = term.value
        rest = [piece for piece in segment if piece.field is None and piece.kind == "word" and not piece.has("story")]
        rest = [piece for piece in rest if not (piece.has("article", "relation", "path") and len(rest) == 1)]
        if not rest or rest[0].norm.isdecimal():
            continue
        if all(piece.has("story", "sound", "silence") for piece in rest):
            continue
        if places and all(piece.has("trait") and piece.noun is None for piece in rest):
            continue  # a bus, parked
        head = next((piece for piece in reversed(rest) if piece.get(*_NAMED)), rest[-1])
        entry = head.get(*_NAMED)
        before = [piece for piece in rest if piece is not head and piece.norm != "'s"]
        outer = next((e for p in reversed(before) if (e := p.get("place", "vehicle", "structure"))), None)
        name = entry.value if entry else _said(rest).lower()
        first, _, last = name.rpartition(" ")
        if first and last in facts()["heads"]:
            name, within_name = last, first if first in known else None
        else:
            within_name = None
        places.append((name, _said(rest)))
        within = outer.value if outer and outer.value != name else within_name
        for piece in segment:
            if piece.field is None and not piece.has("story"):
                piece.field = "place"
    if places:
        inner, _ = places[-1]
        outer_name = places[-2][0] if len(places) > 1 else within
        draft.place = PlaceRead(name=inner, within=outer_name, words=tuple(words for _, words in places))


def _names(segment: list[Piece], piece: Piece) -> bool:
    """Whether a word of time or weather belongs to the name of a place: a night club."""
    at = segment.index(piece)
    return at + 1 < len(segment) and bool(segment[at + 1].get("place", "vehicle"))


def _said(pieces: list[Piece]) -> str:
    return (
        " ".join(token.text for piece in pieces for token in piece.tokens)
        .replace(" '", "'")
        .replace(" \u2019", "\u2019")
    )


def _goes_on(pieces: list[Piece], comma: int, capitals: bool) -> bool:
    """Whether a comma is inside the heading: capitals and a dash follow before the sentence ends."""
    if not capitals:
        return False
    for piece in pieces[comma + 1 :]:
        if piece.norm in ("-", "--"):
            return True
        if piece.kind == "number":
            continue
        if piece.kind in ("mark", "line") or not piece.tokens[0].text.isupper():
            return False
    return False


def phrases(pieces: list[Piece]) -> NounPhrases:
    """The noun phrases of what is left."""
    return NounPhrases(pieces)
