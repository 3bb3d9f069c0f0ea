"""Indoors, outdoors or in a ring, where a sentence says so without a heading: ``waits outside``, ``in a ring``."""

from auteur.adapters.engines.previs.reading.draft import ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_BEFORE = frozenset({"outside", "in front of", "infront of", "in the front of"})
_FRONTS = frozenset({"facade", "façade"})


def read_sides(pieces: list[Piece], draft: ShotDraft) -> None:
    """Says indoors or outdoors by such words, once all else was read, and takes them.

    Weather or light that is outside is what it is: the shot stays where it was. So it does where a place was named and
    the words are of another.
    """
    if draft.int_ext is None and draft.place is not None and any(prop.what in _FRONTS for prop in draft.props):
        draft.int_ext = "EXT"
    for at, piece in enumerate(pieces):
        if piece.norm in _BEFORE and _leads_to_the_place(pieces, at, draft):
            draft.int_ext = draft.int_ext or "EXT"
            piece.field = piece.field or "int_ext"
        entry = piece.get("indoors")
        if entry is None or piece.field is not None:
            continue
        before = pieces[at - 1] if at else None
        if before is not None and before.verb is not None and before.verb.role == "look":
            continue  # looks outside: where the shot is, is not said
        if entry.value == "INT" and _gets_in(piece, draft):
            continue
        beside = next((one for one in _near(pieces, at) if one.field in ("weather", "light", "time_of_day")), None)
        shut = any(prop.what in facts()["seen_through"] for prop in draft.props)
        if beside is not None and (shut or draft.place is not None or draft.people):
            piece.field = beside.field
        elif draft.int_ext == entry.value or (draft.int_ext is None and _may_be(entry.value, draft, shut)):
            draft.int_ext = entry.value  # type: ignore[assignment]
            piece.field = "int_ext"


def read_rings(draft: ShotDraft) -> None:
    """A ring in which somebody is, is a boxing ring, or a circus's: that is where the shot is."""
    inside = [one for one in draft.people if one.relation == "in" and one.to == "ring"]
    ring = next((prop for prop in draft.props if prop.what == "ring"), None)
    if not inside or ring is None or draft.place is not None:
        return
    shows = any(one.who in _ARTISTS for one in inside)
    draft.place = PlaceRead(name="circus" if shows else "boxing ring", words=("ring",))
    draft.props.remove(ring)
    for one in inside:
        one.relation = one.to = None


_ARTISTS = frozenset({"clown", "acrobat", "juggler", "lion tamer", "ringmaster", "horse", "elephant", "trapeze artist"})


def _leads_to_the_place(pieces: list[Piece], at: int, draft: ShotDraft) -> bool:
    place = draft.place
    after = next((one for one in pieces[at + 1 :] if not one.has("article", "owner") and one.norm != "of"), None)
    if place is None or not place.words or after is None or after.field != "place":
        return False
    if pieces[at].norm != "outside" and place.name in facts()["faced_indoors"]:
        return False
    said = " ".join(token.norm for token in after.tokens)
    return said in place.words[0].lower()


def _near(pieces: list[Piece], at: int) -> list[Piece]:
    before = [one for one in pieces[max(0, at - 2) : at] if one.kind == "word" and not one.has("article", "be")]
    after = [one for one in pieces[at + 1 : at + 3] if one.kind == "word" and not one.has("article", "be")]
    return [*reversed(before[-1:]), *after[:1]]


def _gets_in(piece: Piece, draft: ShotDraft) -> bool:
    """A car in the rain, a man asleep inside: he is in the car, and that is where the shot is."""
    cars = [prop.what for prop in draft.props if prop.role == "vehicle"]
    who = [person for person in draft.people if person.relation is None]
    if draft.place is not None or len(cars) != 1 or not who:
        return False
    who[-1].relation, who[-1].to = "in", cars[0]
    draft.place = PlaceRead(name=cars[0], words=(cars[0],))
    piece.field = "people"
    return True


def _may_be(side: str, draft: ShotDraft, shut: bool) -> bool:
    """Whether the whole shot is on that side: a light that burns inside, seen from the street, says nothing of it."""
    if side == "EXT":
        return draft.place is None and not shut
    return draft.place is None and not any(prop.role in ("vehicle", "structure", "place") for prop in draft.props)
