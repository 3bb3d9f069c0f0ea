"""Japanese and Chinese in the order that the grammar walks: what a noun is marked with goes before it.

Japanese marks a noun after it (desk の上に, umbrella を さす) and puts verbs at the end; a verb before a noun describes it.
Chinese puts the place of a relation after the noun (在 table 下面), and what describes a noun before 的.
"""

from collections.abc import Sequence
from dataclasses import replace

from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_VERBS = ("pose", "action", "state", "look", "look_toward", "hold", "wear")
_BEFORE_NOUN = ("colour", "trait", "number")


def ordered(items: Sequence[Item], language: str) -> list[Item]:
    """The phrases in walking order, clause by clause."""
    found: list[Item] = []
    clause: list[Item] = []
    for item in [*items, Item("", 0, 0, (Entry(MARK, ""),))]:
        if item.role == MARK:
            found += _japanese(clause) if language == "ja" else _chinese(clause)
            if item.text:
                found.append(item)
            clause = []
        else:
            clause.append(item)
    return found


def _is_noun(item: Item) -> bool:
    return item.has("person", "thing", "clothing", "place", "body") or item.role == UNKNOWN


def _phrase(found: list[Item]) -> int:
    """Where the noun phrase at the end of the list begins."""
    at = len(found) - 1
    while at > 0 and found[at - 1].has(*_BEFORE_NOUN):
        at -= 1
    return at


def _japanese(clause: Sequence[Item]) -> list[Item]:
    found: list[Item] = []
    for at, item in enumerate(clause):
        after = clause[at + 1] if at + 1 < len(clause) else None
        if item.has("relation") and found and _is_noun(found[-1]):
            found.insert(_phrase(found), item.only("relation"))
        elif item.has("particle"):
            value = item.sense("particle").value  # type: ignore[union-attr]
            if value == "at" and found and _is_noun(found[-1]) and not found[-1].has("person"):
                verb = _next_verb(clause, at)
                if verb is not None and verb.has("look"):
                    continue
                onto = verb is not None and verb.has("pose") and verb.value in ("sit", "lie", "sleep", "lean", "ride")
                relation = "against" if onto and verb is not None and verb.value == "lean" else "on" if onto else "in"
                if not found[-1].has("place") or onto:
                    spot = "beside" if found[-1].value in ("window", "door", "sink", "counter", "stove") else relation
                    mark = replace(
                        item, senses=(Entry("relation", spot if not onto or spot == "beside" else relation),)
                    )
                    found.insert(_phrase(found), mark)
            elif value == "with" and found and _is_noun(found[-1]):
                found.append(replace(item, senses=(Entry("conjunction", "and"),)))
            elif value == "from" and found and _is_noun(found[-1]):
                found.insert(_phrase(found), replace(item, senses=(Entry("from", "from"),)))
            elif value == "to" and found and _is_noun(found[-1]):
                found.insert(_phrase(found), replace(item, senses=(Entry("to", "to"),)))
            elif value == "object" and found and _is_noun(found[-1]):
                verb = _next_verb(clause, at)
                if verb is not None and verb.has("look", "hold", "wear"):
                    begin = _phrase(found)
                    moved = verb.only(
                        "look"
                        if verb.has("look")
                        else "hold"
                        if verb.has("hold") and not found[-1].has("clothing")
                        else "wear"
                        if verb.has("wear")
                        else "hold"
                    )
                    found.insert(begin, replace(moved, forward=_describes(clause, clause.index(verb))))
            continue
        elif item.has("negation") and item.sense("negation").value == "no" and found and _is_noun(found[-1]):  # type: ignore[union-attr]
            found.insert(_phrase(found), item.only("negation"))
            found.append(replace(item, text="", senses=(Entry("contrast", "but"),)))
        elif item.has(*_VERBS):
            if any(one.start == item.start for one in found):
                continue  # it went before its object
            found.append(replace(item, forward=_describes(clause, at)))
        elif item.has("move") and item.has("pose"):
            found.append(item)
        else:
            found.append(item)
        del after
    return found


def _next_verb(clause: Sequence[Item], at: int) -> Item | None:
    for item in clause[at + 1 :]:
        if item.has(*_VERBS):
            return item
        if item.has("person", "move") or item.has("particle") and item.sense("particle").value == "subject":  # type: ignore[union-attr]
            return None
    return None


def _describes(clause: Sequence[Item], at: int) -> bool:
    """Whether the verb stands before a noun that it describes."""
    for item in clause[at + 1 :]:
        if item.has("person") or item.role == UNKNOWN:
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
        elif item.has("particle"):
            value = item.sense("particle").value  # type: ignore[union-attr]
            if value == "at":
                if not _localised(clause, at) and (noun := _next_noun(clause, at)) is not None:
                    where = "in" if noun.has("place") else "beside"
                    found.append(replace(item, senses=(Entry("relation", where),)))
            elif value in ("from", "to", "through"):
                found.append(replace(item, senses=(Entry(value, value),)))
            elif value == "with":
                found.append(replace(item, senses=(Entry("conjunction", "and"),)))
        elif item.has(*_VERBS):
            forward = _heads(clause, at)
            found.append(replace(item, forward=forward))
            ends = item.text.endswith(("\u5728", "\u7740")) or item.has("pose")
            if (
                item.text.endswith("\u5728")
                and not _localised(clause, at)
                and (noun := _next_noun(clause, at)) is not None
            ):
                onto = (
                    "against"
                    if item.value == "lean"
                    else "on"
                    if item.value in ("sit", "lie", "sleep", "ride")
                    else "beside"
                )
                near = "beside" if noun.value in ("window", "door", "sink", "counter", "stove") else onto
                where = "in" if noun.has("place") and not noun.has("thing") else near
                found.append(replace(item, text="", start=item.end, senses=(Entry("relation", where),)))
            del ends
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
        if item.text == "\u7684" or item.text.endswith("\u7684") and item.has("colour", "trait") and False:
            for head in clause[place + 1 :]:
                if head.has("person"):
                    return True
                if not head.has(*_BEFORE_NOUN, "function", "particle"):
                    return False
            return False
    return False
