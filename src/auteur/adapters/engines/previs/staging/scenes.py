"""A scene that several shots share: where its people settle, whom a shot has elsewhere, and who looks at whom."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from auteur.adapters.engines.previs.reading.shot import Person, Shot
from auteur.adapters.engines.previs.staging.extras import lay_out
from auteur.adapters.engines.previs.staging.floor import Floor
from auteur.adapters.engines.previs.staging.implied import implied
from auteur.adapters.engines.previs.staging.layout import Layout, Standing, roll_call
from auteur.adapters.engines.previs.staging.marking import FROM_CAMERA
from auteur.adapters.engines.previs.staging.places import Place
from auteur.adapters.engines.previs.staging.stage import CastMember, PropMark


def settle(
    blocked: Sequence[Shot],
    seed: int,
    bare: Callable[[], Floor],
    fixtures: Mapping[str, PropMark],
    cast: Mapping[str, CastMember],
    place: Place,
) -> tuple[list[str], Layout]:
    """The names of a scene's people in the order of their places, and where they and its things are. ``blocked``: who
    has a place and what is said of that, at least that; then who has gone elsewhere since, or left: the others stay.
    ``bare``: a floor on which nobody stands yet; ``seed``, ``fixtures``, ``cast``, ``place``: as `lay_out` takes."""
    first, *later = map(implied, blocked)
    row = [name for name, _ in roll_call(first.people)]
    layout = lay_out(first, seed, bare(), fixtures, cast, place, row)
    for step in later:
        for person in step.people:
            layout.people.pop(person.who, None)
        step = replace(step, people=tuple(one for one in step.people if one.action != "leave"))
        layout = lay_out(step, seed, bare(), fixtures, cast, place, row, layout)
    return row, layout


def fitted(settled: Layout, shot: Shot, whole: Shot, row: Sequence[str]) -> Shot:
    """Takes out of a scene's layout whom the shot has elsewhere, and whom it is without, and answers the whole with
    these as the shot alone says. What could not be met in the scene is told where the shot names it. ``row``: the names
    of all who ever had a place in the scene: who has none now, and whom the shot does not name, has left."""
    own = {person.who: person for person in shot.people}
    left = {name for name in row if name not in settled.people and name not in own}
    whole = replace(whole, people=tuple(one for one in whole.people if one.who not in left))
    known = {standing.entry.who for standing in settled.people.values()}
    moved = {name for name, standing in settled.people.items() if _moves(standing, own.get(standing.entry.who), known)}
    entries, called = {person.who: person for person in whole.people}, dict(roll_call(whole.people))
    for name, standing in list(settled.people.items()):
        who = standing.entry.who
        if name in moved or who not in entries:
            del settled.people[name]
        else:
            settled.people[name] = replace(standing, entry=called.get(name, entries[who]))
    spoken_of = {*own, *(prop.what for prop in shot.props)}
    settled.unmet = [told for told in settled.unmet if any(f" {name}" in told for name in spoken_of)]
    return replace(
        whole, people=tuple(own[each.who] if each.who in own and each.who in moved else each for each in whole.people)
    )


def _moves(standing: Standing, said: Person | None, known: Collection[str]) -> bool:
    """Whether a shot has somebody elsewhere, or otherwise, than the scene. ``known``: who has a place in it: beside
    one of these is no other place."""
    if said is None:
        return False
    where = said.where is not None and said.where != standing.entry.where and said.where.to not in known
    depth = said.depth is not None and said.depth != standing.entry.depth
    return where or depth or (said.pose is not None and said.pose != standing.pose)


def meet(shot: Shot, said: dict[str, Person], layout: Layout) -> None:
    """Has the two of whom a shot of a scene is look at each other, whoever else is there: one past whose shoulder the
    other is seen, two who face each other. What the words say of their looks stays."""
    over = shot.over_shoulder
    wanted = {over.of, over.on} if over else {one.who for one in shot.people if one.facing == "each_other"}
    pair = [name for name, entry in said.items() if entry.who in wanted]
    if len(pair) != 2:
        return
    for name, other in (pair, reversed(pair)):
        entry = said[name]
        if not (entry.looking_at or entry.look or entry.facing in FROM_CAMERA):
            said[name] = replace(entry, looking_at=other)
            layout.people[name] = replace(layout.people[name], partner=other)
