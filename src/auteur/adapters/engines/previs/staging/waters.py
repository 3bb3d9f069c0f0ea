"""Water is a place and no thing: which words mean it, and on which shore one is who is by it."""

from collections.abc import Mapping

from auteur.adapters.engines.previs.reading.shot import Shot

SHORES: Mapping[str, str] = {
    word: shore
    for shore, words in {
        "coast": "sea, ocean, wave, waves, tide, surf, foam, spray, breaker, breakers, swell, waterline, shoreline, "
        "seawater, sea water, bay, cove",
        "lake": "lake, pond, water, ripple, ripples, loch, reservoir, lagoon",
        "river": "river, stream, creek, brook, canal, rapids, riverbank",
    }.items()
    for word in words.split(", ")
}
"""By word, the place where one stands on land and sees it."""
_WET = frozenset({
    "bay", "beach", "canal", "coast", "coastline", "creek", "harbor", "harbour", "jetty", "lagoon", "lake",
    "lakeshore", "lakeside", "ocean", "pier", "pond", "quay", "river", "riverbank", "riverside", "sea", "seashore",
    "seaside", "shore", "shoreline", "stream", "waterfront",
})  # fmt: skip
"""Places whose name says that there is water."""
_AFLOAT = frozenset({
    "barge", "boat", "buoy", "canoe", "dinghy", "ferry", "gondola", "kayak", "lifeboat", "liner", "raft", "rowboat",
    "sailboat", "ship", "steamer", "submarine", "surfboard", "trawler", "tug", "yacht",
})  # fmt: skip


def spoken(shot: Shot) -> list[str]:
    """The words of the shot that mean water, in its order; of the place only where it is the water itself."""
    words = [prop.what for prop in shot.props] + [prop.to or "" for prop in shot.props]
    words += [person.where.to or "" for person in shot.people if person.where]
    words += [person.looking_at or "" for person in shot.people]
    place = shot.place.name.lower().split() if shot.place else []
    return list(dict.fromkeys([word for word in words if word in SHORES] + [word for word in place if word in _WET]))


def asked(shot: Shot) -> list[str]:
    """The words for water that is to be seen: not that of a room, nor what somebody only looks at."""
    if shot.int_ext == "INT":
        return []
    looked_at = {person.looking_at for person in shot.people}
    said = {prop.what for prop in shot.props} | {prop.to for prop in shot.props}
    said |= {person.where.to for person in shot.people if person.where}
    return [word for word in spoken(shot) if word in said or word not in looked_at]


def shore(shot: Shot) -> str | None:
    """Where a shot is that names water and no place."""
    looked_at = {person.looking_at for person in shot.people}
    return next((SHORES[word] for word in spoken(shot) if word in SHORES and word not in looked_at), None)


def stands_on_water(shot: Shot) -> bool:
    """Whether the place is open water and somebody is on foot there: neither aboard nor swimming."""
    afoot = [person for person in shot.people if person.pose not in ("swim", "fall", "jump")]
    return any(not (person.where and _AFLOAT & set((person.where.to or "").split())) for person in afoot)
