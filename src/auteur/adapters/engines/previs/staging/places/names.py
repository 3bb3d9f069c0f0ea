"""Which place is built for a name: itself, another name of it, the nearest of its kind, or neutral ground.

Long because it is a list of names.
"""

from collections.abc import Sequence

from auteur.adapters.engines.previs.staging.places.site import ENTRIES

SAME: dict[str, str] = {
    name: kind
    for kind, names in {
        "living room": (
            "lounge, sitting room, parlour, parlor, drawing room, flat, apartment, house, home, salon, reading nook, "
            "nook, den, penthouse, loft, studio flat, villa, mansion, cottage, tv room, trailer, caravan"
        ),
        "bedroom": (
            "hotel room, motel room, guest room, nursery, children's room, dormitory, motel, bed chamber, boudoir"
        ),
        "kitchen": "farmhouse kitchen, diner kitchen, galley, scullery, farmhouse",
        "bathroom": "toilet, restroom, washroom, shower, wc, public toilet, changing room, locker room, laundry, sauna",
        "hallway": "hall, entrance hall, entry, vestibule, foyer, doorway, porch, landing",
        "corridor": "passage, passageway, hotel corridor, school corridor, aisle, backstage",
        "hospital corridor": "hospital, clinic, ward, emergency room, er",
        "hospital room": "intensive care, sickroom, hospital ward, maternity ward",
        "surgery": (
            "doctor's office, practice, consulting room, dentist, operating room, operating theatre, "
            "examination room, doctor's practice"
        ),
        "stairs": "staircase, stairwell, stairway, steps",
        "office": (
            "open office, newsroom, study, headquarters, bureau, conference room, meeting room, boardroom, "
            "call centre, bank, post office, control room"
        ),
        "police station": "precinct, police office",
        "bar": "pub, tavern, nightclub, club, saloon, inn, jazz club, disco, casino, cocktail bar, brewery",
        "cafe": (
            "café, coffee shop, coffeehouse, bakery, tea room, ice cream parlour, diner, canteen, cafeteria, "
            "snack bar, bistro"
        ),
        "restaurant": "dining hall, banquet hall, noodle bar, trattoria",
        "shop": (
            "store, bookshop, pharmacy, grocery, boutique, barber shop, barbershop, hairdresser, pawnshop, florist, "
            "hardware store, antique shop, jewellery shop, corner shop, newsagent, toy shop, butcher's, butcher shop"
        ),
        "supermarket": "department store, mall, shopping mall, shopping centre",
        "church": "chapel, cathedral, temple, monastery, mosque, synagogue, altar, crypt, nave, confessional, abbey",
        "courtroom": "court, courthouse, tribunal, court room, parliament, senate",
        "theatre": (
            "theater, stage, opera, concert hall, auditorium, cinema, movie theater, circus, tv studio, comedy club, "
            "opera house"
        ),
        "ballroom": "dance hall, palace, great hall, wedding hall, dance studio, banquet",
        "prison cell": "cell, jail, prison, jail cell, dungeon, holding cell",
        "library": "archive, reading room, bookstore",
        "classroom": "school, schoolroom, lecture hall, university, seminar room, lecture theatre, school hall",
        "workshop": (
            "studio, atelier, artist's studio, clockmaker's workshop, forge, smithy, watchmaker's, darkroom, "
            "tool shed, shed, boathouse, potter's studio"
        ),
        "factory": "plant, mill, power plant, foundry, sawmill, production hall, machine hall, shipyard, engine room",
        "warehouse": "depot, storage, hangar, storeroom, barn, stable, storage room",
        "laboratory": "lab, morgue, science lab, mortuary",
        "lobby": "hotel lobby, reception, hotel, hotel reception",
        "gym": "boxing ring, sports hall, fitness studio, boxing gym, dojo, gymnasium, swimming pool, pool",
        "museum": "gallery, art gallery, exhibition",
        "castle hall": (
            "throne room, castle, knights' hall, hall of the castle, keep, fortress, great hall of the castle"
        ),
        "cellar": "basement, wine cellar, bunker, vault, crypt cellar, boiler room, sewer, catacombs",
        "attic": "loft attic, garret, roof space",
        "garage": "car workshop, repair shop",
        "fireside": "cabin, log cabin, hut, lodge, chalet, ski lodge, hunting lodge, mountain hut",
        "interrogation room": "visiting room, interview room",
        "waiting room": "doctor's waiting room, staff room",
        "train compartment": "compartment, sleeper, sleeping car, railway compartment",
        "train carriage": "train, carriage, railway carriage, dining car, tram, high-speed train",
        "subway carriage": "subway train, metro, underground train, subway car",
        "platform": (
            "railway platform, train platform, train station, railway station, station platform, subway station, "
            "subway, metro station, underground station, bus stop, bus station, rail yard"
        ),
        "station concourse": "concourse, station, station hall, central station, ticket hall, bus terminal",
        "airport": "terminal, departure lounge, gate, departure gate, airport terminal, airfield, runway",
        "car interior": (
            "car, taxi, cab, truck cab, limousine, moving car, truck, van, ambulance, back seat, vehicle, jeep, lorry, "
            "pickup, pickup truck, sedan, suv, minivan, tow truck, fire engine, patrol car, squad car, limo, hearse"
        ),
        "police van": "prison van, armoured van, troop carrier, cargo hold, back of a van",
        "bus": "coach, school bus, minibus, night bus",
        "plane cabin": "plane, airplane, aircraft, aeroplane, jet, private jet, cockpit, helicopter",
        "boat deck": (
            "deck, ship, ship's deck, boat, yacht, fishing boat, ferry, trawler, raft, sailing ship, lifeboat, "
            "bridge of a ship"
        ),
        "spaceship": (
            "spacecraft, space station, starship, spaceship interior, space shuttle, spaceship bridge, submarine, "
            "command centre"
        ),
        "elevator": "lift",
        "tunnel": (
            "underpass, subway tunnel, road tunnel, mine shaft, mine tunnel, railway tunnel, parking garage, "
            "underground car park"
        ),
        "city": (
            "street, city street, avenue, boulevard, downtown, metropolis, skyline, pavement, sidewalk, main street, "
            "shopping street, traffic, suburb, town, block, city centre"
        ),
        "crossing": "intersection, crossroads, crosswalk, junction, zebra crossing",
        "alley": "alleyway, back alley, lane, backstreet, backyard, side street, narrow street, back street",
        "market street": (
            "market, bazaar, night market, souk, street market, marketplace, fair, flea market, fairground, "
            "christmas market, fish market"
        ),
        "village square": "square, town square, plaza, piazza, market square, church square, church steps",
        "village": "hamlet, settlement, village street, small town, churchyard, suburbia, ghost town",
        "road": (
            "forest road, woodland road, country road, highway, motorway, lane road, winding road, avenue of trees, "
            "roadside, bus shelter, railway line, railway track, railway crossing, dirt road, cycle path"
        ),
        "desert road": "desert highway, route 66",
        "mountain road": "mountain pass, pass road, serpentine, pass, hairpin",
        "bridge": "stone bridge, footbridge, viaduct, quayside bridge, overpass, railway bridge",
        "rope bridge": "suspension bridge, hanging bridge",
        "harbour": "harbor, port, quay, dock, docks, wharf, marina, quayside, waterfront, fishing port, embankment",
        "pier": "jetty, landing stage, boardwalk",
        "rooftop": "roof, roof terrace, balcony, terrace, flat roof, roof garden, helipad",
        "car park": "parking lot, parking, car lot",
        "petrol station": "gas station, filling station, service station, truck stop",
        "courtyard": "yard, cloister, prison yard, inner courtyard, patio, schoolyard, castle courtyard",
        "arena": "colosseum, bullring, amphitheatre",
        "stadium": (
            "football pitch, sports field, football field, racetrack, football stadium, baseball field, tennis court"
        ),
        "coast": (
            "shore, cliff, cliffs, coastline, seaside, seashore, island, rocky coast, lighthouse, bay, headland, cape"
        ),
        "beach": "sandy beach, dunes by the sea, lagoon, strand, tropical beach",
        "desert": "sahara, wasteland, badlands, canyon, mesa, prairie, outback",
        "dune": "dunes, sand dune, red dune, mars, sand",
        "moon": "planet, lunar surface, moon surface, asteroid, space",
        "forest": (
            "woods, wood, woodland, pine forest, grove, clearing, forest path, forest clearing, birch forest, "
            "autumn forest, orchard"
        ),
        "jungle": "rainforest, swamp, bayou, mangrove, bamboo forest",
        "mountain": (
            "mountains, alps, peak, summit, valley, ridge, gorge, glacier, himalayas, mountain top, rock face, "
            "quarry, volcano, ravine"
        ),
        "cave": "cavern, grotto, den of a bear, ice cave",
        "field": (
            "meadow, pasture, plain, plains, countryside, grassland, steppe, savannah, heath, moor, vineyard, "
            "campagna, country, rice field, farmland, prairie field"
        ),
        "wheat field": "cornfield, corn field, grain field, barley field, sunflower field",
        "farm": "farmyard, ranch, barnyard, homestead, farmhouse yard",
        "park": "city park, avenue park, zoo, public garden, promenade, campus, botanical garden",
        "garden": "back garden, front garden, lawn, flower garden, greenhouse, back yard, allotment",
        "playground": "sandpit, school playground, skate park, amusement park",
        "cemetery": "graveyard, grave, burial ground, grave site, tomb, funeral",
        "lake": "lakeside, lakeshore, pond, reservoir, loch, fjord",
        "frozen lake": "ice, ice rink, frozen river, ice field, frozen sea",
        "snowfield": "arctic, tundra, antarctica, ski slope, snow, snowy plain, north pole, slope",
        "river": "riverbank, stream, creek, riverside, brook, canal, waterfall, ford",
        "sea": "ocean, open sea, open water, at sea, underwater, high seas",
        "hill": "hills, hillside, hilltop, knoll, highlands, moorland",
        "camp": "campsite, campfire, camping site, camping ground, encampment",
        "mine": (
            "pit, pit head, coal mine, colliery, oil field, construction site, building site, junkyard, scrapyard, "
            "landfill"
        ),
        "battlefield": "trench, trenches, front line, ruins, ruin, rubble, war zone",
    }.items()
    for name in names.split(", ")
}  # fmt: skip
"""Other names, and what is near enough to stand for it."""
assert set(SAME.values()) <= ENTRIES.keys(), set(SAME.values()) - ENTRIES.keys()
_NEAR_ENOUGH = frozenset(
    [
        "hospital",
        "clinic",
        "motel",
        "diner",
        "swimming_pool",
        "pool",
        "zoo",
        "volcano",
        "glacier",
        "swamp",
        "underwater",
        "cockpit",
        "helicopter",
        "submarine",
        "circus",
        "cinema",
        "bank",
        "post_office",
        "dentist",
        "construction_site",
        "trailer",
        "caravan",
        "space",
        "mars",
        "planet",
        "canal",
        "waterfall",
        "sewer",
        "stable",
        "barn",
        "runway",
        "airfield",
        "balcony",
        "terrace",
        "amusement_park",
        "fairground",
        "railway_crossing",
        "parking_garage",
        "engine_room",
        "island",
        "palace",
        "dance_studio",
        "porch",
        "tram",
    ]
)
"""Built as something else that is told."""


def resolve(
    name: str | None, within: str | None = None, int_ext: str | None = None, words: Sequence[str] = ()
) -> tuple[str, str | None]:
    """The place that is built, and, if another than was named, a sentence that says so.

    A frozen lake is no lake: where all the ``words`` that name it, or what contains it and itself, are the name of a
    set, it is that. Else of a name of several words its last ones count; then what contains the place; then neutral
    ground, indoors or out.
    """
    indoors = int_ext == "INT"
    for phrase in (*words, f"{within} {name}"):
        key = _key(phrase)
        if name and " " in key and key.endswith(_key(name)) and (whole := _called(key)):
            return _side_of(whole, int_ext), None
    if not name:
        return ("stage" if indoors else "studio" if int_ext is None else "field"), None
    for said in (name, within):
        found = _found(said, int_ext) if said else None
        if found is None:
            continue
        exact = said == name and (found in FRONTS or _key(name).replace(" ", "_") not in _NEAR_ENOUGH)
        return found, None if exact else f"There is no set of a {name}; a {found} stands for it."
    ground = "stage" if indoors else "field"
    return ground, f"There is no set of a {name}; {'plain walls stand' if indoors else 'open ground stands'} for it."


_OUTSIDE = {
    "church": "village square",
    "castle hall": "courtyard",
    "kitchen": "farm",
    "living room": "garden",
    "shop": "storefront",
    "warehouse": "harbour",
    "classroom": "entrance",
    "car interior": "road",
    "train carriage": "platform",
    "fireside": "forest",
    "bus": "city",
    "plane cabin": "airport",
    "spaceship": "moon",
    "theatre": "portico",
    "hospital corridor": "entrance",
    "lobby": "entrance",
    "bar": "storefront",
    "cafe": "storefront",
    "restaurant": "storefront",
    "station concourse": "platform",
    "factory": "mine",
    "prison cell": "courtyard",
    "library": "portico",
    "office": "entrance",
    "courtroom": "portico",
    "museum": "portico",
    "gym": "stadium",
    "garage": "petrol station",
    "bedroom": "garden",
    "police station": "entrance",
    "supermarket": "car park",
    "workshop": "courtyard",
    "hospital room": "entrance",
    "surgery": "entrance",
    "laboratory": "entrance",
    "interrogation room": "entrance",
    "waiting room": "entrance",
    "ballroom": "portico",
}
"""What an exterior of it is set before."""
assert set(_OUTSIDE.values()) <= ENTRIES.keys(), set(_OUTSIDE.values()) - ENTRIES.keys()
FRONTS = frozenset({"storefront", "entrance", "portico"})
"""Buildings from the street, whatever is behind their doors."""
_INSIDE = {
    "farm": "kitchen",
    "village": "living room",
    "boat deck": "cellar",
    "mine": "tunnel",
    "camp": "fireside",
    "city": "office",
}


AROUND: dict[str, str] = {
    kind: place
    for place, kinds in {
        "coast": "lighthouse",
        "wheat field": "windmill, scarecrow",
        "field": "hay bale, barn, cow, sheep, goat, horse, well, fence, cart",
        "hill": "castle, tower",
        "forest": "cabin, tent, campfire, stump, log, bear, deer, wolf, fox",
        "village": "church",
        "garden": "house, hedge, swing",
        "cemetery": "grave, gravestone",
        "desert": "cactus",
        "beach": "palm",
        "sea": "ship, sailboat",
        "harbour": "trawler, boat",
        "road": "car, truck, motorcycle, bicycle, bus, poplar",
        "city": "taxi, police car, ambulance, building, traffic light, lamp post, phone box, mailbox, dumpster",
        "platform": "train",
        "airport": "plane",
        "mine": "pit head",
        "park": "fountain, statue",
        "market street": "market stall",
        "moon": "spaceship",
        "plain": "elephant, lion",
    }.items()
    for kind in kinds.split(", ")
}  # fmt: skip
"""Where a piece is seen, if nobody says where it is: by kind of piece, a place."""
SEATED = frozenset({"car interior", "police van", "plane cabin", "train compartment"})
"""Where one sits, unless something else is said."""
ROOMS: dict[str, str] = {
    kind: place
    for place, kinds in {
        "kitchen": "sink, stove, refrigerator",
        "bedroom": "bed, wardrobe",
        "bathroom": "bathtub, basin",
        "living room": "sofa, armchair, piano, tv, bookcase",
        "office": "desk, office chair, computer",
        "bar": "counter, stool",
        "church": "altar, pew",
        "classroom": "blackboard",
        "hospital room": "hospital bed",
        "stairs": "steps",
        "hallway": "door, doorway",
        "castle hall": "throne",
    }.items()
    for kind in kinds.split(", ")
}  # fmt: skip
"""Of which room a piece of furniture is, if nobody says where it is."""
SOME_ROOM: dict[str, str] = {"table": "kitchen"} | dict.fromkeys(("chair", "window", "lamp", "curtain"), "living room")
"""The same of what many rooms have: it counts where nothing else does."""
LIT_FROM: dict[str, str] = dict.fromkeys(("window", "lamp", "candle", "screen"), "living room")
"""Where a light is indoors, if nobody says where it is and nothing else does."""
LOOKED_AT: dict[str, str] = {
    "sea": "beach", "ocean": "beach", "wave": "beach", "waves": "beach", "surf": "beach", "lake": "lake",
    "river": "river", "harbour": "harbour",
}  # fmt: skip
"""Where one is who looks at it."""


def is_set(name: str) -> bool:
    """Whether a set goes by exactly this name."""
    return _called(_key(name)) is not None


def outdoors(name: str) -> str | None:
    """The set under the sky that goes by exactly this name; None where none does."""
    found = _called(_key(name)) or _called(_key(name).removesuffix("s"))
    return found if found is not None and not ENTRIES[found].interior else None


def _found(name: str, int_ext: str | None) -> str | None:
    key = _key(name)
    words = key.split()
    for start in range(len(words)):
        tail = " ".join(words[start:])
        for form in (tail, tail.removesuffix("s"), tail.removesuffix("es")):
            if (found := _called(form)) is not None:
                return _side_of(found, int_ext)
    return None


def _called(key: str) -> str | None:
    """The set of exactly that name."""
    return key if key in ENTRIES else SAME.get(key)


def _side_of(found: str, int_ext: str | None) -> str:
    """The set, or what it is seen from outside or within."""
    if int_ext == "EXT" and ENTRIES[found].interior and found in _OUTSIDE:
        return _OUTSIDE[found]
    if int_ext == "INT" and not ENTRIES[found].interior and found in _INSIDE:
        return _INSIDE[found]
    return found


def _key(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
