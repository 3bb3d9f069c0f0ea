"""A script that changed: which of its shots are those of before, and keep their names.

A shot is known by its words, wherever it stands now; one whose words changed, by how many of them are the same in the
same scene. Scenes are known by their shots, then by heading, then by label. What is inserted is named after what it
follows: ``12-3A`` after ``12-3``, scene ``4A`` after scene ``4``. No name is used twice, not even that of a shot that
was removed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from string import ascii_uppercase

from auteur.domain.film import FilmShot
from auteur.domain.film_blocking import blockings

_ALIKE = 0.5
_MOST_COMPARED = 200
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmUpdate:
    """``shots``: as they are now, in order, with the names that they keep or are given. By name, which of them look as
    before (``kept``), look otherwise (``changed``), or are new (``added``); ``removed``: those that are no more."""

    shots: tuple[FilmShot, ...]
    kept: tuple[str, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


def updated(
    before: Sequence[FilmShot], now: Sequence[FilmShot], used: Collection[str] = (), *, named: bool = False
) -> FilmUpdate:
    """Compares. ``used``: names of shots that were removed earlier; ``named``: the shots have names of their own, as in
    a shot list, and are known by these."""
    if named:
        by_name = {shot.name: shot for shot in before}
        pairs: dict[int, FilmShot] = {
            place: by_name[shot.name] for place, shot in enumerate(now) if shot.name in by_name
        }
        shots = list(now)
    else:
        scenes = _scenes(before, now)
        pairs = _pairs(before, now, scenes)
        shots = _named(before, now, used, scenes, pairs)
    result = []
    stood = dict(zip((shot.name for shot in before), blockings(before), strict=True))
    kept: list[str] = []
    changed: list[str] = []
    added: list[str] = []
    for place, (shot, stands) in enumerate(zip(shots, blockings(shots), strict=True)):
        old = pairs.get(place)
        if old is not None and old.by_hand and not shot.by_hand:
            shot = replace(shot, frames=old.frames, dissolve_frames=old.dissolve_frames, by_hand=True)
        is_alike = old is not None and _looks(old) == _looks(shot) and stood[old.name] == stands
        (added if old is None else kept if is_alike else changed).append(shot.name)
        result.append(shot)
    there = {old.name for old in pairs.values()}
    return FilmUpdate(
        shots=tuple(result), kept=tuple(kept), changed=tuple(changed), added=tuple(added),
        removed=tuple(shot.name for shot in before if shot.name not in there),
    )  # fmt: skip


def _looks(shot: FilmShot) -> tuple[object, ...]:
    """What its picture depends on."""
    return shot.prompt, shot.set_name, shot.cast


def _words(shot: FilmShot) -> tuple[str, ...]:
    """What is done and said in it, and how it is framed, but not where: a heading may change for a whole scene."""
    framed = shot.prompt.removesuffix(".").removesuffix((shot.heading or "").rstrip("."))
    return tuple(" ".join((framed, *(f"{each.character} {each.text}" for each in shot.speeches))).casefold().split())


# --- scenes -------------------------------------------------------------------------------------------------------


def _scenes(before: Sequence[FilmShot], now: Sequence[FilmShot]) -> dict[str | None, str | None]:
    """By label of a scene now, the label of before."""
    old, new = _by_scene(before), _by_scene(now)
    where = defaultdict(set)
    for label, shots in old.items():
        for shot in shots:
            where[_words(shot)].add(label)
    found: dict[str | None, str | None] = {}
    left = dict.fromkeys(old)
    order = {label: place for place, label in enumerate(old)}
    votes = {
        label: Counter(there for shot in shots for there in where.get(_words(shot), ()))
        for label, shots in new.items()
    }  # fmt: skip
    for label in sorted(new, key=lambda label: -max(votes[label].values(), default=0)):
        for there, _ in sorted(votes[label].items(), key=lambda vote: (-vote[1], order[vote[0]])):
            if there in left:
                found[label] = there
                del left[there]
                break
    headings = defaultdict(list)
    for label in left:
        headings[_heading(old[label])].append(label)
    for label, shots in new.items():
        same = [there for there in headings[_heading(shots)] if there in left] if label not in found else []
        if same:
            found[label] = same[0]
            del left[found[label]]
    for label in new:
        if label not in found and label in left:
            found[label] = label
            del left[label]
    return found


def _by_scene(shots: Sequence[FilmShot]) -> dict[str | None, list[FilmShot]]:
    scenes: dict[str | None, list[FilmShot]] = {}
    for shot in shots:
        scenes.setdefault(shot.scene, []).append(shot)
    return scenes


def _heading(shots: Sequence[FilmShot]) -> str:
    return " ".join((shots[0].heading or "").casefold().split())


# --- shots --------------------------------------------------------------------------------------------------------


def _pairs(
    before: Sequence[FilmShot], now: Sequence[FilmShot], scenes: dict[str | None, str | None]
) -> dict[int, FilmShot]:
    """By place of a shot now, the one of before that it is."""
    pairs: dict[int, FilmShot] = {}
    left = dict.fromkeys(range(len(before)))
    same = defaultdict(list)
    for place, shot in enumerate(before):
        same[_words(shot)].append(place)

    def pair(here: int, there: int) -> None:
        pairs[here] = before[there]
        del left[there]

    for in_scene in (True, False):
        for here, shot in enumerate(now):
            if here in pairs:
                continue
            for there in same[_words(shot)]:
                if there in left and (not in_scene or before[there].scene == scenes.get(shot.scene, shot)):
                    pair(here, there)
                    break
    open_now, open_before = defaultdict(list), defaultdict(list)
    for here, shot in enumerate(now):
        if here not in pairs and shot.scene in scenes:
            open_now[scenes[shot.scene]].append(here)
    for there in left:
        open_before[before[there].scene].append(there)
    for label, places in open_now.items():
        looks = defaultdict(list)
        for there in open_before[label]:
            looks[_looks(before[there])].append(there)
        for here in places:
            for there in looks[_looks(now[here])][:1]:  # only what is said in it is another
                pair(here, there)
                looks[_looks(now[here])].remove(there)
        for alike, here, there in sorted(_likenesses(now, before, places, open_before[label])):
            if -alike >= _ALIKE and here not in pairs and there in left:
                pair(here, there)
    return pairs


def _likenesses(
    now: Sequence[FilmShot], before: Sequence[FilmShot], here: Sequence[int], there: Sequence[int]
) -> list[tuple[float, int, int]]:
    """How alike each pair is, negative, the likest first: the share of words that both have (Dice's coefficient)."""
    counted = {place: Counter(_words(before[place])) for place in there[:_MOST_COMPARED]}
    found = []
    for place in here[:_MOST_COMPARED]:
        words = Counter(_words(now[place]))
        for other, known in counted.items():
            total = words.total() + known.total()
            found.append((-2 * (words & known).total() / total if total else 0.0, place, other))
    return found


# --- names --------------------------------------------------------------------------------------------------------


def _named(
    before: Sequence[FilmShot],
    now: Sequence[FilmShot],
    used: Collection[str],
    scenes: dict[str | None, str | None],
    pairs: dict[int, FilmShot],
) -> list[FilmShot]:
    """The shots with the labels of their scenes and their own names."""
    labels: dict[str | None, str | None] = {}
    taken_labels = {shot.scene for shot in before}
    last: str | None = None
    for label in dict.fromkeys(shot.scene for shot in now):
        if label in scenes:
            labels[label] = scenes[label]
        elif label is None or label not in taken_labels:
            labels[label] = label
        else:
            labels[label] = _lettered(last or "0", taken_labels)
        last = labels[label]
        taken_labels.add(last)
    taken = {*used, *(shot.name for shot in before)}
    last_known = {shot.scene: place for place, shot in enumerate(now) if place in pairs}
    follows: dict[str | None, str] = {}
    shots: list[FilmShot] = []
    counts: Counter[str | None] = Counter()
    for place, shot in enumerate(now):
        label = labels[shot.scene]
        is_inserted = place not in pairs and place < last_known.get(shot.scene, 0)
        counts[label] += not is_inserted
        if place in pairs:
            name = follows[label] = pairs[place].name
        elif is_inserted:
            name = _lettered(follows.get(label, f"{label or '0'}-0"), taken)
        else:
            numbered = (f"{label or '0'}-{number}" for number in count(counts[label]))
            name = next(name for name in numbered if name not in taken)
        taken.add(name)
        shots.append(replace(shot, name=name, scene=label))
    return shots


def _lettered(name: str, taken: Collection[str | None]) -> str:
    """The name with the first letter, or then number, that makes it another."""
    name = name[:_LONGEST_NAME]
    for added in chain(ascii_uppercase, map("Z{}".format, count(1))):
        if f"{name}{added}" not in taken:
            return f"{name}{added}"
    raise AssertionError("numbers do not end")
