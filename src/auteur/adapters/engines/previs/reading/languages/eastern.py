"""Japanese and Chinese in the order that the grammar walks: what a noun is marked with goes before it.

Japanese marks a noun after it (desk の上に, umbrella を さす) and puts verbs at the end; a verb before a noun
describes it.
Chinese puts the place of a relation after the noun (在 table 下面), and what describes a noun before 的.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_VERBS = ("pose", "action", "state", "look", "look_toward", "hold", "wear")
_BEFORE_NOUN = ("colour", "trait", "number")


def ordered(items: Sequence[Item], language: str) -> list[Item]:
    """The phrases in walking order, clause by clause."""
    found: list[Item] = []
    clause: list[Item] = []
    for item in [*_of_a_sex(items), Item("", 0, 0, (Entry(MARK, ""),))]:
        if item.role == MARK:
            found += _japanese(clause) if language == "ja" else _chinese(clause)
            if item.text:
                found.append(item)
            clause = []
        else:
            clause.append(item)
    return found


_SEXES = {"\u5973": "female", "\u7537": "male", "\u5973\u5b50": "female", "\u7537\u5b50": "male",
          "\u5973\u6027": "female", "\u7537\u6027": "male"}  # fmt: skip


def _of_a_sex(items: Sequence[Item]) -> list[Item]:
    """A woman right before a police officer is no woman and no second person: the officer is one."""
    found = list(items)
    for at, (one, other) in enumerate(pairwise(found)):
        if one.text in _SEXES and one.end == other.start and other.has("person") and one.has("person"):
            found[at] = replace(one, senses=(Entry("trait", _SEXES[one.text]),))
    return found


def _is_noun(item: Item) -> bool:
    return item.has("person", "thing", "clothing", "place", "body", "name") or item.role == UNKNOWN


def _phrase(found: list[Item]) -> int:
    """Where the noun phrase at the end of the list begins."""
    at = len(found) - 1
    while at > 0 and found[at - 1].has(*_BEFORE_NOUN):
        at -= 1
    return at


_FURNITURE = frozenset({
    "bed", "sofa", "bench", "table", "counter", "chair", "armchair", "desk", "car", "bus", "train", "tram", "taxi",
    "boat", "ship", "window", "door", "floor", "stairs", "stove", "sink", "bathtub", "tree", "wall", "fire",
})  # fmt: skip
"""Where something can happen; with anything else, something is done."""
_AT = ("window", "door", "sink", "counter", "stove", "gate", "mirror", "fireplace", "table", "desk")


def _spot(noun: Item, verb: Item | None) -> str:
    """The relation of who does something to where it is done."""
    pose = verb.value if verb is not None and verb.has("pose") else ""
    if pose == "lean":
        return "against"
    if noun.value in _AT:
        return "beside"
    return "on" if pose in ("sit", "lie", "sleep", "ride", "crouch", "kneel", "climb") else "in"


def _japanese(clause: Sequence[Item]) -> list[Item]:
    found: list[Item] = []
    moved: set[int] = set()
    for at, item in enumerate(clause):
        after = clause[at + 1] if at + 1 < len(clause) else None
        if item.start in moved:
            continue
        if item.has("move") and item.has("thing"):
            marked = (after is not None and after.has("particle", "relation")) or bool(
                found and found[-1].has(*_BEFORE_NOUN)
            )
            item = item.only("thing" if marked else "move")
        if item.role == UNKNOWN and _is_japanese_name(item, clause, at):
            item = replace(item, senses=(Entry("name", item.text),))
        if item.has("relation") and found and _is_noun(found[-1]):
            found.insert(_phrase(found), item.only("relation"))
        elif item.has("particle"):
            _particle(item, clause, at, found, moved)
        elif item.has("negation") and item.sense("negation").value == "no" and found and _is_noun(found[-1]):  # type: ignore[union-attr]
            found.insert(_phrase(found), item.only("negation"))
            found.append(replace(item, text="", senses=(Entry("contrast", "but"),)))
        elif item.has("move") and not item.has(*_VERBS):
            _hoist(item, found)
        elif item.has(*_VERBS):
            found.append(replace(item, forward=_describes(clause, at)))
        else:
            found.append(item)
    return found


def _particle(item: Item, clause: Sequence[Item], at: int, found: list[Item], moved: set[int]) -> None:
    """What a particle says of the noun before it, put before that noun."""
    if not found or not _is_noun(found[-1]):
        return
    value, noun, begin = item.sense("particle").value, found[-1], _phrase(found)  # type: ignore[union-attr]
    if value == "at":
        verb = next((one for one in clause[at + 1 :] if one.has(*_VERBS)), None)
        if (
            noun.has("person", "name", "body")
            or noun.role == UNKNOWN
            or (verb is not None and verb.has("look") and item.text == "\u306b")
        ):
            return
        tool = item.text == "\u3067" and noun.has("thing") and not noun.has("place") and noun.value not in _FURNITURE
        if tool:
            found.insert(begin, replace(item, senses=(Entry("with", "with"),)))
        elif not noun.has("place") or (verb is not None and verb.value in ("sit", "lie", "sleep")):
            found.insert(begin, replace(item, senses=(Entry("relation", _spot(noun, verb)),)))
    elif value == "with":
        led = any(one.has("person", "name") or one.role == UNKNOWN for one in found[:begin])
        alone = noun.has("thing") and not noun.has("person") and led
        goes = any(one.has("pose", "action") for one in clause[at + 1 : at + 2])
        if alone and goes:  # she runs with the dog
            found.insert(begin, replace(item, senses=(Entry("with", "with"),)))
        else:
            found.append(replace(item, senses=(Entry("conjunction", "and"),)))
    elif value in ("from", "to"):
        found.insert(begin, replace(item, senses=(Entry(value, value),)))
    elif value == "of" and noun.has("clothing"):
        return
    elif value == "object":
        verb = next((one for one in clause[at + 1 :] if one.has(*_VERBS, "move")), None)
        if verb is None:
            return
        if verb.has("move") and not verb.has(*_VERBS) and verb.value in ("tracking", "orbit"):
            moved.add(verb.start)
            found.insert(begin, verb.only("move"))
        elif verb.has("look", "hold", "wear"):
            moved.add(verb.start)
            role = (
                "wear"
                if verb.has("wear") and noun.has("clothing")
                else "look"
                if verb.has("look")
                else "hold"
                if verb.has("hold")
                else "wear"
            )
            found.insert(begin, replace(verb.only(role), forward=_describes(clause, clause.index(verb))))
        else:
            found.insert(begin, replace(item, senses=(Entry("object", "object"),)))


def _hoist(item: Item, found: list[Item]) -> None:
    """A move goes before where it begins."""
    begin = next((at for at, one in enumerate(found) if one.role in ("from", "to")), None)
    if begin is None:
        found.append(item)
    else:
        found.insert(begin, item)


def _is_japanese_name(item: Item, clause: Sequence[Item], at: int) -> bool:
    """An unknown word that acts, or that a face or a shoulder belongs to."""
    if not 1 < len(item.text) <= 8 or not all(
        "\u3400" <= sign <= "\u9fff" or "\u30a0" <= sign <= "\u30ff" for sign in item.text
    ):
        return False
    after = clause[at + 1] if at + 1 < len(clause) else None
    if after is None:
        return False
    if after.text in ("\u3055\u3093", "\u304f\u3093", "\u3061\u3083\u3093") or after.has("over_shoulder", "pov"):
        return True
    if not after.has("particle"):
        return False
    acts = any(one.has("pose", "action", "look", "look_toward", "hold", "wear", "facing") for one in clause[at + 1 :])
    owns = (
        after.text == "\u306e" and at + 2 < len(clause) and clause[at + 2].has("body", "size", "over_shoulder", "pov")
    )
    return owns or (after.sense("particle").value in ("subject", "with", "object") and acts)  # type: ignore[union-attr]


def _describes(clause: Sequence[Item], at: int) -> bool:
    """Whether the verb stands before a noun that it describes."""
    for item in clause[at + 1 :]:
        if item.has("person", "name") or item.role == UNKNOWN:
            return True
        if item.has(*_BEFORE_NOUN, "function", "wear"):
            continue
        return False
    return False


def _chinese(clause: Sequence[Item]) -> list[Item]:
    found: list[Item] = []
    for at, item in enumerate(clause):
        if item.has("localiser") and found and _is_noun(found[-1]):
            value = item.sense("localiser").value  # type: ignore[union-attr]
            found.insert(_phrase(found), replace(item, senses=(Entry("relation", value),)))
        elif item.has("particle") and not item.has("move"):
            value = item.sense("particle").value  # type: ignore[union-attr]
            if value == "at":
                if not _localised(clause, at) and (noun := _next_noun(clause, at)) is not None:
                    where = "in" if noun.has("place") else "beside"
                    found.append(replace(item, senses=(Entry("relation", where),)))
            elif value == "with":
                found.append(replace(item, senses=(Entry("conjunction", "and"),)))
            elif value != "of":
                found.append(replace(item, senses=(Entry(value, value),)))
        elif item.has("move") and not item.has(*_VERBS):
            _hoist(item, found)
            if item.text.endswith(("\u5230", "\u5411", "\u81f3")):
                found.append(replace(item, text="", start=item.end, senses=(Entry("to", "to"),)))
        elif item.has(*_VERBS):
            found.append(replace(item, forward=_heads(clause, at)))
            if (
                item.text.endswith("\u5728")
                and not _localised(clause, at)
                and (noun := _next_noun(clause, at)) is not None
            ):
                where = "in" if noun.has("place") and not noun.has("thing") else _spot(noun, item)
                found.append(replace(item, text="", start=item.end, senses=(Entry("relation", where),)))
        else:
            found.append(item)
    return found


def _localised(clause: Sequence[Item], at: int) -> bool:
    """Whether a word of place follows the noun."""
    noun = False
    for item in clause[at + 1 :]:
        if item.has("localiser") and noun:
            return True
        if noun and not item.has("localiser"):
            return False
        if _is_noun(item):
            noun = True
    return False


def _next_noun(clause: Sequence[Item], at: int) -> Item | None:
    for item in clause[at + 1 :]:
        if _is_noun(item) and item.role != UNKNOWN:
            return item
        if not item.has(*_BEFORE_NOUN, "function"):
            return None
    return None


def _heads(clause: Sequence[Item], at: int) -> bool:
    """Whether the verb describes the person after the next 的."""
    for place, item in enumerate(clause[at + 1 :], at + 1):
        if item.has("person"):
            return False
        if item.text == "\u7684":
            for head in clause[place + 1 :]:
                if head.has("person"):
                    return True
                if not head.has(*_BEFORE_NOUN, "function", "particle"):
                    return False
            return False
    return False
