"""What a noun is built as: other names of a piece, its kin where nothing nearer is known, and a size for the rest.

Long because it is a list of names.
"""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.pieces import PIECES
from auteur.adapters.engines.previs.staging.props.kinds import ITSELF, NEAR, NOTHING

_OTHERWISE: dict[str, str] = {
    name.replace("-", " "): kind
    for kind, names in {
        "table": (
            "dining table, kitchen table, workbench, picnic table, work table, dinner table, breakfast table, "
            "operating table, tabletop"
        ),
        "round table": "cafe table, bistro table",
        "low table": "coffee table, side table, tea table",
        "desk": "writing desk, reception desk, reception",
        "chair": "kitchen chair, dining chair, seat, wooden chair, folding chair, deck chair, rocking chair, rocker",
        "office chair": "swivel chair, desk chair",
        "stool": "bar stool, barstool",
        "low stool": "footstool, ottoman, milking stool",
        "armchair": "easy chair, wing chair, recliner",
        "sofa": "couch, settee, divan, loveseat, daybed, futon, chaise longue",
        "bench": "park bench, garden bench",
        "pew": "church pew, choir stall",
        "bed": "mattress, double bed, cot, crib, cradle",
        "hospital bed": "sickbed, gurney, operating bed",
        "bunk": "bunk bed, camp bed, prison bed, berth, sleeping bag",
        "bookcase": "bookshelf, bookshelves, bookcases, book shelf",
        "shelf": "shelves, rack of goods, store shelf, cupboard, cabinet, locker",
        "wardrobe": "closet, armoire",
        "chest of drawers": "dresser, sideboard, chest, trunk, commode",
        "counter": "bar, bar counter, shop counter, zinc counter, worktop, kitchen island",
        "sink": "kitchen sink, washstand",
        "stove": "oven, cooker, range, hob",
        "refrigerator": "fridge, freezer",
        "bathtub": "bath, tub",
        "basin": "washbasin, wash basin",
        "piano": "upright piano, organ, harmonium, keyboard",
        "altar": "shrine",
        "lectern": "pulpit, podium, witness stand",
        "curtain": "curtains, drape, drapes, veil, backdrop, shower curtain",
        "rug": "carpet, mat, blanket, picnic blanket, towel",
        "cup": "mug, teacup, coffee cup, coffee, tea, paper cup",
        "glass": "tumbler, whisky glass, whisky, whiskey, beer, beer glass, pint, drink, water glass, jar, vial",
        "wine glass": "goblet, champagne glass, wine, champagne",
        "bottle": "wine bottle, beer bottle, flask, thermos, perfume, pill bottle, medicine",
        "plate": (
            "dish, food, meal, dinner, breakfast, supper, lunch, sandwich, pizza, pancake, steak, cake, "
            "birthday cake, pie, tray"
        ),
        "bowl": "soup bowl, soup, noodles, rice, salad, dog bowl",
        "pot": "saucepan, cauldron, pan, frying pan, kettle, teapot, coffee pot",
        "bread": "loaf, baguette",
        "apple": "fruit, peach, pear, tomato, egg, lemon, potato",
        "orange": "oranges",
        "book": "bible, diary, notebook, novel, album, ledger, hymnal, passport, wallet, script, journal, sketchbook",
        "newspaper": "paper, magazine, newspapers, journal page",
        "letter": (
            "envelope, note, page, card, postcard, document, contract, sheet, leaflet, telegram, menu, "
            "receipt, invitation, bill, file, folder, clipboard"
        ),
        "ticket": "train ticket, boarding pass, lottery ticket, business card, playing card, badge, stamp",
        "key": "keys, keyring, brass key, car key",
        "phone": (
            "mobile, mobile phone, cell phone, cellphone, smartphone, iphone, tablet, remote, "
            "calculator"
        ),
        "telephone": "receiver, landline, red phone, rotary phone, handset",
        "laptop": "notebook computer",
        "candle": "candles, candlestick, match, lighter",
        "lantern": "oil lamp, hurricane lamp, storm lantern, paper lantern",
        "flashlight": "torchlight, pocket torch",
        "umbrella": "parasol, sunshade",
        "flower": "rose, tulip, sunflower, daisy, lily, poppy",
        "bouquet": "flowers, roses, wreath, bunch of flowers",
        "suitcase": "luggage, case, briefcase, trunk case, attache case, baggage, toolbox",
        "bag": "handbag, purse, shopping bag, sports bag, doctor's bag, duffel bag, satchel, tote",
        "backpack": "rucksack, schoolbag, knapsack",
        "gun": "pistol, revolver, handgun, weapon",
        "rifle": "shotgun, machine gun, assault rifle, sniper rifle, musket, crossbow",
        "knife": (
            "dagger, razor, scalpel, kitchen knife, blade, "
            ""
        ),
        "sword": "katana, sabre, saber, rapier, swords, lightsaber",
        "stick": (
            "staff, pole, lance, branch, truncheon, "
            "cue, wand, whip, pipe, crowbar, iron bar, bow, broomstick"
        ),
        "cane": "walking stick, crutch",
        "broom": "mop",
        "hammer": "mallet, gavel, tool",
        "spade": "shovel, hoe",
        "axe": "hatchet, pickaxe, pick, ax",
        "cigarette": "cigar",
        "ball": (
            "football, soccer ball, basketball, beach ball, tennis ball, balloon, globe, crystal ball, "
            "helmet in hand, balloons"
        ),
        "guitar": "",
        "violin": "",
        "microphone": "mic",
        "camera": "film camera, video camera, photo camera",
        "photograph": "photo, picture frame, framed photograph, polaroid, snapshot, portrait",
        "clock": "alarm clock, watch, pocket watch, wristwatch",
        "box": "parcel, package, cardboard box, carton, casket, music box, jewelry box, jewellery box, matchbox",
        "gift": "present, wrapped box",
        "teddy bear": "teddy, doll, stuffed animal, puppet",
        "ring": "wedding ring",
        "map": "blueprint, plan, treasure map, flag in hand",
        "chessboard": "chess, chess set, board game, checkers",
        "shoe": "shoes, boot, boots, sneaker, heels, slippers, sandals, high heels, skates",
        "bucket": "pail, watering can",
        "basket": "fruit bowl, fruit basket, laundry basket, picnic basket, trolley, shopping cart, tray of oranges",
        "cloth": "handkerchief, napkin, towel cloth, scarf in hand, shirt in hand, sheet of cloth, rag, laundry",
        "leash": "lead, rein, reins, chain, cord, rope in hand",
        "trophy": "cup trophy, award, oscar",
        "vase": "pitcher, amphora",
        "radio": "record player, gramophone, stereo, turntable, transistor, tape recorder, boombox",
        "tree": "oak, lone tree, apple tree, elm, willow, olive tree, maple, beech, cherry tree, dead tree, trees",
        "pine": "fir, spruce, christmas tree, pines, pine tree, conifer, cedar",
        "poplar": "cypress, poplars, cypress tree",
        "palm": "palm tree, palms",
        "bush": "shrub, bushes, thicket, reeds, fern, plant bed",
        "potted plant": "plant, house plant, flower pot",
        "rock": (
            "stone, boulder, rocks, stones, boulders, standing stone, monolith, rubble, "
            ""
        ),
        "stump": "tree stump",
        "log": "tree trunk, trunk log, driftwood",
        "gravestone": "tombstone, headstone, graves",
        "coffin": "sarcophagus",
        "lamp post": (
            "lamppost, streetlight, street light, street lamp, lamp-post, streetlamp, lantern post, floodlight, "
            "spotlight"
        ),
        "lamp": "floor lamp, standing lamp, light, reading lamp",
        "table lamp": "desk lamp, bedside lamp, banker's lamp",
        "hanging lamp": "ceiling lamp, pendant, pendant lamp",
        "bulb": "light bulb, bare bulb, lightbulb",
        "steps": "stairs, staircase, stairway, front steps, church steps, doorstep, flight of steps",
        "door": "front door, back door, exit, entrance, trapdoor, elevator, lift, hatch",
        "window": "windows, shop window, porthole, skylight, windowpane, rainy window",
        "gate": "gates, portal, archway, arch, iron gate, turnstile",
        "fence": "picket fence, barbed wire, barrier",
        "railing": "rail, banister, balustrade, parapet, guardrail, handrail",
        "low wall": "stone wall, garden wall",
        "kerb": "curb, curbstone, kerbstone, curbside",
        "barrel": "cask, keg, oil drum",
        "crate": "wooden box, boxes, chest box",
        "tent": "marquee, tepee, teepee, yurt",
        "campfire": "bonfire, camp fire, brazier",
        "fire": "flames, blaze, explosion, burning wreck, wildfire",
        "rope": "coil, hose, nets, fishing net, noose",
        "ladder": "stepladder, fire escape, scaffold",
        "statue": "sculpture, monument, bust, gargoyle, angel statue, buddha",
        "fountain": "water fountain",
        "sign": (
            "street sign, signpost, placard, bus stop, stop sign, noticeboard, "
            "poster board"
        ),
        "neon sign": "neon, neon light, noodle sign",
        "departures board": "departure board, timetable, arrivals board",
        "tv": "television, screen, monitor, tv set, projection screen, cinema screen",
        "computer": "pc, desktop computer, terminal, keyboard and screen, server",
        "mirror": "looking glass, full-length mirror",
        "painting": "canvas, easel, artwork, tapestry, mural, framed picture",
        "wall clock": "station clock, grandfather clock",
        "blackboard": "chalkboard, whiteboard",
        "market stall": "stall, fruit stand, stand, kiosk, booth, food stall, newsstand, vegetable stall, food cart",
        "bin": "trash can, dustbin, rubbish bin, garbage can, wastebasket, ashtray, waste bin",
        "dumpster": "skip, container, garbage bin",
        "mailbox": "postbox, letterbox",
        "phone box": "telephone booth, phone booth, telephone box, ticket booth, sentry box, confessional",
        "cart": "wagon, carriage, handcart",
        "flag": "banner pole, flags",
        "vending machine": "cash machine, atm",
        "hay bale": "hay, haystack, straw, bale",
        "machine": "press",
        "tyre": "tire, wheel",
        "swing": "swings",
        "car": "sedan, convertible, jeep, limousine, limo, suv, sports car, wreck, automobile, hatchback, coupe, cars",
        "taxi": "cab",
        "police car": "patrol car, cruiser",
        "van": "minivan, camper, minibus, delivery van, hearse",
        "ambulance": "",
        "truck": (
            "lorry, pickup, pick-up, semi, "
            "harvester"
        ),
        "bus": "coach, school bus",
        "bicycle": "bike, cycle",
        "motorcycle": "motorbike, scooter, moped, vespa, quad",
        "train": (
            "locomotive, carriage train, freight train, steam train, subway train, metro, wagon train, "
            "railway carriage"
        ),
        "boat": "rowing boat, rowboat, canoe, kayak, dinghy, raft, gondola, punt",
        "sailboat": "yacht, sailing boat, sailing ship, schooner",
        "trawler": "fishing boat, motorboat, ferry, tugboat, barge, speedboat, fishing vessel",
        "ship": "liner, cruise ship, freighter, tanker ship, warship, cargo ship, battleship",
        "helicopter": "chopper",
        "plane": "airplane, aeroplane, aircraft, jet, airliner, biplane, glider, fighter jet",
        "spaceship": "flying saucer, spacecraft, shuttle, space capsule, lander",
        "pram": "stroller, baby carriage, pushchair, buggy",
        "horse": "pony, stallion, mare, foal, horses",
        "dog": "puppy, hound, terrier, poodle, labrador, sheepdog, dogs",
        "wolf": "wolves",
        "cat": "kitten, cats",
        "cow": "bull, ox, calf, buffalo, cattle, bison, cows",
        "sheep": "lamb, ram, flock",
        "goat": "kid goat, goats",
        "pig": "hog, boar, piglet",
        "deer": "stag, moose, elk, reindeer, doe",
        "bear": "polar bear",
        "elephant": "",
        "lion": "",
        "bird": (
            "pigeon, crow, raven, seagull, gull, dove, eagle, hawk, owl, parrot, sparrow, swallow, vulture, birds, "
            ""
        ),
        "chicken": "hen, rooster, cock, turkey, hens",
        "fish": "carp",
        "rabbit": "hare, bunny",
        "rat": "mouse, mice, rats",
        "snake": "cobra",
        "house": "cottage, villa, mansion, farmhouse, bungalow, home, burning house",
        "cabin": "hut, shack, shed, lodge, log cabin, chalet",
        "barn": "stable, warehouse, hangar, factory hall",
        "church": "chapel, cathedral, church spire, spire, monastery, steeple, abbey",
        "tower": "keep, turret, watchtower, bell tower, control tower, minaret",
        "castle": "fortress, palace, ruin, ruins, fort",
        "windmill": "wind turbine, mill",
        "building": (
            "skyscraper, apartment block, tower block, hotel, office building, block of flats, school building, "
            "hospital building, shop building, buildings, factory"
        ),
        "pit head": "mine, mine head, winding tower, derrick, oil rig",
        "child": "baby, infant, toddler, newborn",
        "well": "wishing well", "throne": "royal chair", "wheelchair": "wheel chair", "stretcher": "bier",
    }.items()
    for name in names.split(", ")
    if name
}  # fmt: skip
assert set(_OTHERWISE.values()) <= PIECES.keys(), set(_OTHERWISE.values()) - PIECES.keys()

BODILESS = frozenset({
    "tear", "tears", "smoke", "steam", "mist", "dust", "shadow", "shadows", "reflection", "reflections", "light",
    "sunlight", "moonlight", "lightning", "glow", "sky", "horizon", "sun", "moon", "star", "stars", "cloud", "clouds",
    "wind", "breath", "blood", "sweat", "silence", "sound", "music", "voice", "rain", "snow", "road", "street",
    "ground", "floor", "water", "sea", "ocean", "waves", "traffic", "view", "landscape", "background", "foreground",
    "distance", "ceiling", "face", "eye", "eyes", "head", "hand", "hands", "arm", "arms", "foot", "feet",
    "windscreen", "windshield", "wiper", "wipers", "forest", "flat", "crowd", "end", "middle", "edge", "side",
    "corner", "room", "wave", "tide", "surf", "foam", "spray", "breaker", "swell", "waterline", "shoreline", "seawater",
}) | NOTHING  # fmt: skip
"""What is no thing that stands somewhere: it is of the place, of the air, of a body, or of a picture."""

_NOTHING = frozenset(_name.replace("-", " ") for _name in NOTHING)
assert {*ITSELF.values(), *NEAR.values()} <= PIECES.keys(), {*ITSELF.values(), *NEAR.values()} - PIECES.keys()

_SMALL: Vector = (0.25, 0.2, 0.2)
_MIDDLE: Vector = (0.6, 0.7, 0.5)


def canonical(what: str) -> str | None:
    """The piece that the noun is built as: itself, another name of it, its last word, or without a plural's s. None for
    what nobody knows how to build."""
    noun = _plain(what)
    for name in _forms(noun):
        if name in NEAR:
            return NEAR[name]
        if name in PIECES:
            return name
        if name in ITSELF:
            return ITSELF[name]
        if name in _OTHERWISE:
            return _OTHERWISE[name]
    head, _, rest = noun.partition(" of ")
    if rest and head in (
        "bunch",
        "pile",
        "row",
        "piece",
        "slice",
        "cup",
        "glass",
        "bottle",
        "bowl",
        "stack",
        "pair",
        "basket",
        "box",
    ):
        return canonical(head) or canonical(rest)
    words = noun.split()
    return canonical(" ".join(words[1:])) if len(words) > 1 else None


def kin(what: str) -> str | None:
    """The piece that stands for a noun which it is not, only near to: a bear for a gorilla. None where it is that."""
    words = _plain(what).split()
    for start in range(len(words)):
        for name in _forms(" ".join(words[start:])):
            if name in NEAR:
                return NEAR[name]
            if name in PIECES or name in ITSELF or name in _OTHERWISE:
                return None
    return None


def is_known(what: str) -> bool:
    """Whether the noun as a whole, not its last word alone, is the name of a piece."""
    return any(name in NEAR or name in PIECES or name in ITSELF or name in _OTHERWISE for name in _forms(_plain(what)))


def is_nothing(what: str) -> bool:
    """Whether it has no body, and neither place nor light draws it: a sound, a spark, a title."""
    return _plain(what) in _NOTHING


def sized(what: str, traits: tuple[str, ...] = ()) -> Vector:
    """A size for a noun that nobody knows: of what a hand takes if it was called small, of furniture else."""
    said = {word for trait in traits for word in trait.split()}
    if said & {"tiny", "small", "little"}:
        return _SMALL
    if said & {"huge", "giant", "enormous", "big", "large", "tall"}:
        return (1.6, 2.2, 1.4)
    return _MIDDLE


def _plain(what: str) -> str:
    return " ".join(what.lower().replace("_", " ").replace("-", " ").split())


def _forms(noun: str) -> list[str]:
    forms = [noun]
    if noun.endswith("ies"):
        forms.append(noun[:-3] + "y")
    if noun.endswith("es"):
        forms.append(noun[:-2])
    if noun.endswith("s"):
        forms.append(noun[:-1])
    if noun.endswith("men"):
        forms.append(noun[:-3] + "man")
    return forms
