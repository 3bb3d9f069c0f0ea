"""What the words of a shot imply without saying it: what is in whose hand, on what a rider rides, whither one goes who
is followed. The stage's reading, after the words' own; nothing that is said is changed.

Long because it is a list: one thing that goes without saying after another.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from auteur.adapters.engines.previs.reading.shot import Person, Prop, Shot, Where
from auteur.adapters.engines.previs.staging.building import kind_of
from auteur.adapters.engines.previs.staging.props import canonical

HANDS = frozenset({"hand", "finger", "fingertip", "palm", "fist", "thumb", "knuckle", "nail", "wrist"})
"""Parts of a body that stand for a hand."""
_FEET = frozenset({"foot", "toe", "heel", "ankle", "sole"})
_SINGULAR = {"feet": "foot"}
_JOINS = ("on", "of")
_TIGHT = ("close_up", "extreme_close_up")
_READS = frozenset({"newspaper", "book", "letter", "map", "photograph"})
_DRINKS = frozenset({"cup", "glass", "wine glass", "bottle"})
_TAKEN: dict[str, frozenset[str]] = {
    "read": _READS, "drink": _DRINKS, "sip": _DRINKS, "smoke": frozenset({"cigarette"}),
    "play": frozenset({"guitar", "violin"}), "aim": frozenset({"gun", "rifle"}), "load": frozenset({"gun", "rifle"}),
    "sharpen": frozenset({"knife", "sword", "axe"}), "knit": frozenset({"cloth"}), "sweep": frozenset({"broom"}),
    "dig": frozenset({"spade"}), "dial": frozenset({"phone", "telephone"}),
}  # fmt: skip
"""What is done with which things in the hand."""
_ANY = frozenset(
    ["rinse", "wash", "clean", "dry", "peel", "polish", "clutch", "examine", "inspect", "study", "unfold", "tear",
     "fold", "wave", "carry", "throw", "raise", "lift", "hold", "grip", "wipe", "hide", "toss", "juggle", "offer"]
)  # fmt: skip
"""What is done with a thing of any kind in the hand."""
_LEAVES = frozenset({"exit", "leave", "depart"})
_GOES = frozenset({"walk", "run", "ride", "crawl", "swim"})
_RIDES = {
    "cyclist": "bicycle", "biker": "motorcycle", "motorcyclist": "motorcycle", "horseman": "horse", "rider": "horse",
    "horsewoman": "horse", "jockey": "horse",
}  # fmt: skip


def implied(shot: Shot, *, alone: bool = False) -> Shot:
    """The shot with what its words imply of its people. ``alone``: it is none of a scene, whose people have places."""
    shot = _by_trade(_leaving(_touching(_small_fires(_in_a_spotlight(_held_close(shot))))))
    shot = in_hand(_going(_followed(_mounted(_faceless(_at_tables(_games(shot)))))))
    return _across_a_table(shot) if alone else shot


def _held_close(shot: Shot) -> Shot:
    """The shot with those in each other's arms who kiss or hug: a couple, or two of whom one does."""
    two = sum(person.count for person in shot.people if not person.traits or person.traits != ("hand",)) == 2

    def close(person: Person) -> Person:
        kisses = person.action in _EMBRACES and person.pose in (None, "stand")
        if not kisses or not (two or person.facing == "each_other"):
            return person
        return replace(person, pose="embrace", facing="each_other" if person.count == 2 else person.facing)

    return replace(shot, people=tuple(close(person) for person in shot.people))


def _in_a_spotlight(shot: Shot) -> Shot:
    """The shot with light from above for a spotlight that somebody is in: its lamp is out of sight."""
    lit = [person for person in shot.people if person.where and person.where.to in _SPOTS]
    if not lit:
        return shot
    people = [replace(person, where=None) if person in lit else person for person in shot.people]
    props = [prop for prop in shot.props if prop.what not in _SPOTS]
    light = tuple(dict.fromkeys((*shot.light, "top", "low_key")))
    return replace(shot, people=tuple(people), props=tuple(props), light=light)


_EMBRACES = frozenset({"kiss", "hug", "embrace", "cuddle"})
_SPOTS = frozenset({"spotlight", "spot", "limelight", "followspot"})


def _across_a_table(shot: Shot) -> Shot:
    """The shot with two, one of them seen past the other's shoulder, sitting across from each other, where one is at a
    table and the words put the other nowhere."""
    over = shot.over_shoulder
    two = [person for person in shot.people if over and person.who in (over.of, over.on) and person.count == 1]
    at = next((person.where for person in two if person.where and _is_a_table(person.where)), None)
    if len(two) != 2 or at is None or any(person.where not in (None, at) for person in two):
        return shot
    seated = {
        person.who: replace(person, where=at, pose=person.pose or "sit")
        for person in two
        if person.pose in (None, "sit")
    }
    if len(seated) != 2:
        return shot
    return replace(shot, people=tuple(seated.get(person.who, person) for person in shot.people))


def _is_a_table(where: Where) -> bool:
    kind = kind_of(where.to or "")
    high = kind.top_m is not None and 0.6 < kind.top_m < 0.95
    return (
        high and kind.bed_m is None and kind.seat_m is None and where.relation in ("beside", "around", "behind", "on")
    )


_SITS_AND = frozenset(
    ["eat", "drink", "sip", "read", "write", "play", "smoke", "talk", "argue", "whisper", "study", "count", "type",
     "sew", "knit", "wait", "stare", "look", "watch", "think", "listen", "laugh", "sketch", "draw", "gamble", "chat",
     "work", "cry", "weep", "dine", "sulk", "doze", "pray", "negotiate", "discuss", "toast", "gossip", "correct"]
)  # fmt: skip
"""What is done at a table while one sits."""
_ON_THEIR_FEET = frozenset(
    ["waiter", "waitress", "butler", "footman", "cook", "chef", "servant", "maid", "barman", "bartender", "barmaid",
     "surgeon", "carpenter", "butcher", "baker", "guard", "croupier", "seamstress"]
)  # fmt: skip
_AT = frozenset({"at", "around", "round", "behind", "over"})


def _at_tables(shot: Shot) -> Shot:
    """The shot with those sitting who are said to be at a table or a desk and do nothing for which one stands. Beside
    one, by one, one stands."""
    people = (
        replace(person, pose="sit") if _sits(person) and _at_it(shot, person.where) else person  # type: ignore[arg-type]
        for person in shot.people
    )
    return replace(shot, people=tuple(people))


_GAMES = frozenset(
    {"card", "playing card", "domino", "chess", "chessboard", "chess board", "dice", "poker", "board game"}
)

_BOARD = frozenset({"chess", "checkers", "draughts", "backgammon", "schach", "échecs", "ajedrez", "scacchi", "xadrez"})


def _plays(person: Person) -> bool:
    """Whether somebody plays a game, by what they do or by what they are called: chess players."""
    called = person.who.lower().split()
    by_name = len(called) == 2 and called[1] == "player" and called[0] in _GAMES and person.action is None
    return by_name or person.action in ("play", "deal", "gamble")


def _games(shot: Shot) -> Shot:
    """The shot with those who play cards, chess or dominoes at a table, and what they play with on it, where the words
    put neither anywhere."""
    players = [one for one in shot.people if _plays(one) and one.pose in (None, "sit")]
    if not players or any(one.where for one in players):
        return shot
    if all(prop.what not in _GAMES for prop in shot.props):
        what = {word for span in shot.reads for word in span.text.lower().split()}
        game = "chessboard" if what & _BOARD else "card" if "card" in players[0].who or "poker" in what else None
        if game is None:
            return shot
        shot = replace(shot, props=(*shot.props, Prop(what=game)))
    played = [prop for prop in shot.props if prop.what in _GAMES]
    table = next((prop.what for prop in shot.props if _is_a_table(Where(relation="beside", to=prop.what))), "table")
    people = tuple(
        replace(one, where=Where(relation="around", to=table), pose="sit") if one in players else one
        for one in shot.people
    )
    props = [
        replace(prop, relation="on", to=table) if prop in played and prop.relation is None else prop
        for prop in shot.props
    ]
    if all(prop.what != table for prop in props):
        props.append(Prop(what=table))
    return replace(shot, people=people, props=tuple(props))


_HOLLOW = frozenset(
    {"barrel", "drum", "oil drum", "bin", "bucket", "fireplace", "stove", "brazier", "can", "trash can"}
)


def _small_fires(shot: Shot) -> Shot:
    """The shot with a fire that is in a drum or a fireplace as large as these hold."""
    props = (
        replace(prop, traits=(*prop.traits, "camp")) if _is_in_a_drum(prop) else prop  # built as a camp fire
        for prop in shot.props
    )
    return replace(shot, props=tuple(props))


def _is_in_a_drum(prop: Prop) -> bool:
    return prop.what == "fire" and prop.relation == "in" and (prop.to or "") in _HOLLOW


_TRADES = {
    "wrestler": "fight", "boxer": "fight", "fencer": "fight", "duellist": "fight", "swordsman": "fight",
    "ballroom dancer": "dance", "tango dancer": "dance", "runner": "run", "jogger": "run", "sprinter": "run",
}  # fmt: skip
_ALONE = frozenset({"run"})


def _by_trade(shot: Shot) -> Shot:
    """The shot with those doing what they are named for, where the words say nothing else of them: two boxers box,
    and who jogs runs."""
    people = []
    for person in shot.people:
        pose = _TRADES.get(person.who.lower())
        free = person == Person(who=person.who, count=person.count, side=person.side, depth=person.depth)
        if pose is not None and free and (person.count == 2 or pose in _ALONE):
            person = replace(person, pose=pose)
        people.append(person)
    return replace(shot, people=tuple(people))


def _sits(person: Person) -> bool:
    where = person.where
    return (
        where is not None
        and where.relation in ("beside", "around")
        and _is_a_table(where)
        and person.pose is None
        and person.action in (None, *_SITS_AND)
        and person.who.split()[-1].lower() not in _ON_THEIR_FEET
    )


def _at_it(shot: Shot, where: Where) -> bool:
    """Whether the words say *at* it: the word before its noun does; in other languages than English none does."""
    if shot.language != "en":
        return True
    spans = sorted(shot.reads, key=lambda span: span.start)
    noun = (where.to or "").split()[-1:]
    for before, span in pairwise(spans):
        if span.field == "props" and (span.read_as or span.text).lower().split()[-1:] == noun:
            return before.text.lower() in _AT
    return False


def _leaving(shot: Shot) -> Shot:
    """Who goes out by a side of the frame goes to it; who goes out by a door is before it, and seen from behind."""
    doors = [prop.what for prop in shot.props if canonical(prop.what) == "door" and prop.relation is None]
    people = []
    for person in shot.people:
        turned = person.facing or person.look or person.looking_at
        if person.action in _LEAVES and person.pose in (None, "walk", "run"):
            if person.side in ("left", "right") and not turned:
                person = replace(person, facing=person.side, pose=person.pose or "walk")
            elif doors and person.where is None and person.count == 1 and not turned:
                person = replace(
                    person, where=Where(relation="in_front_of", to=doors[0]), facing="away",
                    pose=person.pose or "walk",
                )  # fmt: skip
        people.append(person)
    return replace(shot, people=tuple(people))


_UPON = frozenset({"on", "over", "in", "against", "to", "under", "at", "across"})


def _touching(shot: Shot) -> Shot:
    """The shot with what the words say of a hand on another part of the body as one trait: a hand on a cheek."""
    spans = sorted(shot.reads, key=lambda span: span.start)
    people = list(shot.people)
    for one, upon, other in zip(spans, spans[1:], spans[2:], strict=False):
        if upon.text.lower() not in _UPON or {one.field, other.field} != {"people"}:
            continue
        parts = _part(one.text), _part(other.text)
        for index, person in enumerate(people):
            own = {_part(trait) for trait in person.traits}
            if "hand" in parts and parts[0] != parts[1] and set(parts) <= own:
                said = next(part for part in parts if part != "hand")
                people[index] = replace(person, traits=(*person.traits, f"hand on {said}"))
                break
    return replace(shot, people=tuple(people))


def _part(text: str) -> str:
    """The part of a body that words name last, in the singular."""
    word = text.lower().split()[-1]
    return word if word in ("hips", "face") else _SINGULAR.get(word, word.removesuffix("s"))


def told_by_itself(first: Person, other: Person) -> bool:
    """Whether the words tell of the other in a clause of its own: what ``first`` does, they do not do, and they are
    named neither beside ``first`` nor as whom ``first`` minds. A size that is named is then not theirs."""
    if other is first or "each_other" in (first.facing, other.facing) or first.looking_at == other.who:
        return False
    if first.side or other.side:
        return False
    if other.where is not None and other.where.to == first.who:
        return other.where.relation == "behind"
    own = (other.pose, other.action, other.where)
    return any(own) and own != (first.pose, first.action, first.where)


def part_shown(shot: Shot) -> tuple[Person, Literal["hand", "foot"]] | None:
    """Whose hand or foot the frame is about, if the words say that rather than a face: in an extreme close-up or an
    insert, in a close-up that is said to be of it, and in one where a hand does something with a thing."""
    if shot.size not in _TIGHT and "insert" not in shot.kind:
        return None
    said = _of_a_part(shot)
    closest = said or shot.size == "extreme_close_up" or "insert" in shot.kind
    for person in shot.people:
        parts = set(person.traits)
        if any(trait.startswith("hand on ") for trait in parts) and shot.size != "extreme_close_up":
            continue  # a hand on a cheek is seen with the face
        busy = person.action is not None and bool(person.holding or _small(shot))
        if HANDS & parts and (closest or (busy and not (person.look or person.looking_at))):
            return person, "hand"
        if _FEET & parts and closest:
            return person, "foot"
    return None


def _of_a_part(shot: Shot) -> bool:
    """Whether a hand or a foot is named right beside the size: *close-up of her hands*, *hands in close-up*."""
    spans = [span for span in sorted(shot.reads, key=lambda span: span.start) if span.text.lower() not in _JOINS]
    at = next((k for k, span in enumerate(spans) if span.field == "size"), None)
    if at is None:
        return False
    for span in (*spans[at + 1 : at + 2], *spans[max(at - 1, 0) : at]):
        word = span.text.lower().split()[-1]
        if span.field == "people" and ({word, word.removesuffix("s"), _SINGULAR.get(word)} & (HANDS | _FEET)):
            return True
    return False


def hands_shown(shot: Shot) -> Person | None:
    """Whose hand the frame is about."""
    shown = part_shown(shot)
    return shown[0] if shown is not None and shown[1] == "hand" else None


def in_hand(shot: Shot) -> Shot:
    """The shot with the things in the hands that handle them, where the words put them nowhere else: in the hand that
    the frame is about; and in that of who rinses, reads or smokes them."""
    free = [prop.what for prop in _small(shot)]
    shown = hands_shown(shot)
    people = []
    for person in shot.people:
        if not person.holding and person.count == 1 and free:
            handled = (what for what in free if person is shown or _handles(person.action, what))
            takes = next(handled, "")
            if takes:
                free.remove(takes)
                person = replace(person, holding=(takes,))
        people.append(person)
    return replace(shot, people=tuple(people))


def _handles(action: str | None, what: str) -> bool:
    return action in _ANY or (canonical(what) or what) in _TAKEN.get(action or "", ())


def _small(shot: Shot) -> list[Prop]:
    """The things that fit a hand, of which there is one, and that stand nowhere."""
    return [prop for prop in shot.props if prop.relation is None and prop.count == 1 and kind_of(prop.what).is_small]


def _mounted(shot: Shot) -> Shot:
    """A cyclist has a bicycle."""
    people, props = [], list(shot.props)
    for person in shot.people:
        mount = _RIDES.get(person.who.lower())
        if mount and person.pose in (None, "ride", "walk", "run") and not _is_on(person, mount):
            at, aside = person.where, person.pose in ("walk", "run") and person.action not in ("cross", "charge", None)
            if aside or (at is not None and at.relation in ("on", "in") and kind_of(at.to or "").known):
                people.append(person)
                continue  # who walks beside it, who sits on something else
            if all(canonical(prop.what) != mount for prop in props):
                where = (at.relation, at.to) if at is not None and person.count == 1 else (None, None)
                props.append(Prop(what=mount, count=person.count, relation=where[0], to=where[1]))
            named = next(prop.what for prop in props if canonical(prop.what) == mount)
            person = replace(person, pose="ride", where=Where(relation="on", to=named))
        people.append(person)
    return replace(shot, people=tuple(people), props=tuple(props))


def _is_on(person: Person, mount: str) -> bool:
    return person.where is not None and canonical(person.where.to or "") == mount


def _faceless(shot: Shot) -> Shot:
    """Whose face must not be shown turns away."""
    if not {"face", "faces", "his face", "her face", "their faces"} & {word.lower() for word in shot.without}:
        return shot
    turned = (person if person.facing or person.look else replace(person, facing="away") for person in shot.people)
    return replace(shot, people=tuple(turned))


def _going(shot: Shot) -> Shot:
    """Who goes to a side of the frame faces it."""
    people = (
        replace(person, facing=person.direction)
        if person.direction in ("left", "right") and person.pose in _GOES and not (person.facing or person.look)
        else person
        for person in shot.people
    )
    return replace(shot, people=tuple(people))


def _followed(shot: Shot) -> Shot:
    """Whom the camera follows goes: away from it, or to the side to which it travels along with them."""
    moves = [move for move in shot.moves if move.kind in ("tracking", "steadicam") and move.follows]
    if not moves:
        return shot
    move = moves[0]
    people: Sequence[Person] = [
        replace(
            person,
            pose=person.pose or "walk",
            facing=move.direction if move.direction in ("left", "right") else "away",
        )
        if person.who == move.follows
        and not (person.facing or person.look or person.looking_at)
        and person.pose in (None, "walk", "run", "ride")
        else person
        for person in shot.people
    ]
    return replace(shot, people=tuple(people))
