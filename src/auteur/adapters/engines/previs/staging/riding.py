"""Who rides: in a car, on a bus, at the wheel, in the back seat. What encloses them is where the shot is."""

from collections.abc import Iterator
from dataclasses import replace

from auteur.adapters.engines.previs.reading.shot import PlaceRead, Prop, Shot, Where
from auteur.adapters.engines.previs.staging import places
from auteur.adapters.engines.previs.staging.props import canonical

_FROM_AFAR = ("wide", "extreme_wide")
_CABINS = {"car interior": ("in",), "bus": ("in", "on"), "train carriage": ("in", "on"), "plane cabin": ("in", "on")}
"""What has a roof over who rides, and how it is said."""
_SEATS = frozenset({"back", "front", "rear", "passenger", "driver's", "driving"})
_WHEELS = frozenset({"wheel", "steering wheel"})
_AT = frozenset({"behind", "beside", "on"})


def boarded_together(shot: Shot, scene: Shot | None) -> tuple[Shot, Shot | None]:
    """The shot and its scene, of which both are on board, or neither."""
    if scene is None:
        return boarded(shot), None
    aboard = boarded(scene)
    if aboard.int_ext == scene.int_ext and aboard.place == scene.place:
        return _in_the_vehicle(shot), aboard
    return boarded(shot), aboard


def boarded(shot: Shot) -> Shot:
    """The shot with a vehicle for its place where all who are told of ride in it and nothing is told of what is around:
    a man in a car is seen within. From afar, or with a street around it, it is a thing, and who is in it sits."""
    shot = _in_the_vehicle(shot)
    riders = [person for person in shot.people if person.where and _rides(person.where)]
    if not riders:
        return _dozing(shot)
    vehicles = {person.where.to for person in riders if person.where}
    vehicle = riders[0].where.to if riders[0].where else None
    away = shot.int_ext == "EXT" or shot.size in _FROM_AFAR or "aerial" in shot.kind or "establishing" in shot.kind
    around = [prop for prop in shot.props if prop.to == vehicle and prop.relation not in ("in", "on")]
    others = [person for person in shot.people if person not in riders and person.where]
    if len(vehicles) != 1 or vehicle is None or away or around or others or not _is_place(shot.place, vehicle):
        people = [
            replace(one, pose="sit") if one in riders and one.pose in (None, "stand") else one for one in shot.people
        ]
        return replace(shot, people=tuple(people))
    named = shot.place if shot.place is not None else PlaceRead(name=vehicle, words=(vehicle,))
    people = [replace(person, where=None) if person in riders else person for person in shot.people]
    props = [
        replace(prop, relation=None, to=None) if prop.to == vehicle else prop
        for prop in shot.props
        if prop.what != vehicle
    ]
    return _dozing(replace(shot, place=named, int_ext="INT", people=tuple(people), props=tuple(props)))


def _dozing(shot: Shot) -> Shot:
    """Who sleeps in a cabin sits there."""
    place = shot.place
    if place is None or shot.int_ext == "EXT" or places.resolve(place.name, place.within, "INT")[0] not in _CABINS:
        return shot
    people = [
        replace(person, pose="sit", action="sleep") if person.pose == "sleep" and person.where is None else person
        for person in shot.people
    ]
    return replace(shot, people=tuple(people))


def _rides(where: Where) -> bool:
    built, _ = places.resolve(where.to, None, "INT")
    return where.relation in _CABINS.get(built, ()) and where.to is not None and _cabin(where.to)


def _is_place(place: PlaceRead | None, vehicle: str) -> bool:
    return place is None or (place.name == vehicle and place.within is None)


def _in_the_vehicle(shot: Shot) -> Shot:
    """Seats and wheels are a vehicle's: who is in the back seat, or behind the wheel, is in the car, which is there
    whether the words name it or not; an engine that runs, and a wheel at which nobody is, are no things of their
    own."""
    vehicles = [prop.what for prop in shot.props if _cabin(prop.what)]
    props, people = list(shot.props), list(shot.people)
    for prop in shot.props:
        users = [one for one in people if one.where and one.where.to == prop.what]
        vehicle = next(_owners(prop, vehicles, shot), None)
        if prop.what in _WHEELS:
            drives = any(one.who == "driver" or one.action == "drive" for one in users)
            if not (vehicle and (users or "people" in shot.without)) and not (drives and vehicle is None):
                continue
            if any(one.where is not None and one.where.relation not in _AT for one in users):
                continue
        elif prop.what == "engine":
            if not vehicles or prop.relation or users:
                continue
        elif prop.what != "backseat" and not (prop.what == "seat" and _SEATS & set(prop.traits)):
            continue
        props.remove(prop)
        vehicle = vehicle or "car"
        if users and vehicle not in vehicles and not (shot.place and shot.place.name == vehicle):
            vehicles.append(vehicle)
            props.append(Prop(what=vehicle))
        if users and shot.place and shot.place.name == vehicle:
            people = [replace(one, where=None) if one in users else one for one in people]
        else:
            ridden = Where(relation="in", to=vehicle)
            people = [replace(one, where=ridden) if one in users else one for one in people]
    return replace(shot, props=tuple(props), people=tuple(people))


def _owners(prop: Prop, vehicles: list[str], shot: Shot) -> Iterator[str]:
    """Of which vehicle a seat or a wheel is: by its own words, or by what else is there."""
    for trait in prop.traits:
        owner = trait.removeprefix("of ").removeprefix("the ")
        if trait.startswith("of ") and _cabin(owner):
            yield owner
    yield from vehicles
    if shot.place is not None and _cabin(shot.place.name):
        yield shot.place.name


def _cabin(what: str) -> bool:
    built, _ = places.resolve(what, None, "INT")
    return built in _CABINS and canonical(what) is not None
