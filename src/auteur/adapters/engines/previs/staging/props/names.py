"""What a noun is built as: other names of a piece, its kin where nothing nearer is known, and a size for the rest.

Long because it is a list of names.
"""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.pieces import PIECES

_OTHERWISE: dict[str, str] = {
    name: kind
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
        "bunk": "bunk bed, camp bed, prison bed, berth, hammock, sleeping bag",
        "bookcase": "bookshelf, bookshelves, bookcases, book shelf",
        "shelf": "shelves, rack of goods, store shelf, cupboard, cabinet, locker",
        "wardrobe": "closet, armoire",
        "chest of drawers": "dresser, sideboard, chest, trunk, treasure chest, commode",
        "counter": "bar, bar counter, shop counter, zinc counter, worktop, kitchen island, till, cash register",
        "sink": "kitchen sink, washstand",
        "stove": "oven, cooker, range, hob, microwave, washing machine, dishwasher",
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
        "wine glass": "goblet, champagne glass, wine, champagne, chalice",
        "bottle": "wine bottle, beer bottle, flask, thermos, perfume, pill bottle, medicine",
        "plate": (
            "dish, food, meal, dinner, breakfast, supper, lunch, sandwich, pizza, pancake, steak, cake, "
            "birthday cake, pie, tray"
        ),
        "bowl": "soup bowl, soup, noodles, rice, salad, dog bowl",
        "pot": "saucepan, cauldron, pan, frying pan, kettle, teapot, coffee pot",
        "bread": "loaf, baguette, bun",
        "apple": "fruit, peach, pear, tomato, egg, lemon, potato",
        "orange": "oranges",
        "book": "bible, diary, notebook, novel, album, ledger, hymnal, passport, wallet, script, journal, sketchbook",
        "newspaper": "paper, magazine, newspapers, journal page",
        "letter": (
            "envelope, note, page, card, postcard, document, contract, paper sheet, sheet, leaflet, telegram, menu, "
            "receipt, invitation, bill, file, folder, clipboard, banknote, money, cash"
        ),
        "ticket": "train ticket, boarding pass, lottery ticket, business card, playing card, badge, stamp",
        "key": "keys, keyring, brass key, car key",
        "phone": (
            "mobile, mobile phone, cell phone, cellphone, smartphone, iphone, tablet, remote, walkie-talkie, "
            "calculator"
        ),
        "telephone": "receiver, landline, red phone, rotary phone, handset",
        "laptop": "notebook computer",
        "candle": "candles, candlestick, candelabra, match, lighter",
        "lantern": "oil lamp, hurricane lamp, storm lantern, paper lantern",
        "flashlight": "torchlight, pocket torch",
        "umbrella": "parasol, sunshade",
        "flower": "rose, tulip, sunflower, daisy, lily, poppy",
        "bouquet": "flowers, roses, wreath, bunch of flowers",
        "suitcase": "luggage, case, briefcase, trunk case, attache case, baggage, toolbox",
        "bag": "handbag, purse, shopping bag, sack, sports bag, doctor's bag, duffel bag, satchel, tote",
        "backpack": "rucksack, schoolbag, knapsack",
        "gun": "pistol, revolver, handgun, weapon",
        "rifle": "shotgun, machine gun, assault rifle, sniper rifle, musket, crossbow",
        "knife": (
            "dagger, razor, scalpel, scissors, screwdriver, kitchen knife, blade, fork, spoon, pen, pencil, brush, "
            "paintbrush, needle, syringe, comb, toothbrush"
        ),
        "sword": "katana, sabre, saber, rapier, swords, lightsaber",
        "stick": (
            "staff, spear, pole, lance, branch, bat, baseball bat, baton, truncheon, paddle, oar, fishing rod, rod, "
            "cue, wand, whip, pipe, crowbar, iron bar, ski pole, golf club, hockey stick, bow, broomstick"
        ),
        "cane": "walking stick, crutch",
        "broom": "mop, rake, pitchfork, scythe",
        "hammer": "wrench, spanner, mallet, gavel, tool, drill, saw, pliers, tongs",
        "spade": "shovel, hoe",
        "axe": "hatchet, pickaxe, pick, ax",
        "cigarette": "cigar, joint",
        "ball": (
            "football, soccer ball, basketball, beach ball, tennis ball, balloon, globe, crystal ball, skull, "
            "pumpkin, helmet in hand, balloons"
        ),
        "guitar": "banjo, ukulele, lute, cello, double bass, bass",
        "violin": "fiddle, viola",
        "microphone": "mic",
        "camera": "film camera, video camera, binoculars, photo camera, telescope, microscope, projector",
        "photograph": "photo, picture frame, framed photograph, polaroid, snapshot, picture, portrait",
        "clock": "alarm clock, watch, pocket watch, wristwatch, compass, timer, hourglass, bomb",
        "box": "parcel, package, cardboard box, carton, casket, music box, jewelry box, jewellery box, matchbox",
        "gift": "present, wrapped box",
        "teddy bear": "teddy, doll, toy, stuffed animal, puppet, toys",
        "ring": "wedding ring, coin, bracelet, earring, necklace, pill, button, bullet, diamond, pearl, medal",
        "map": "blueprint, chart, plan, poster, treasure map, flag in hand",
        "chessboard": "chess, chess set, board game, checkers",
        "shoe": "shoes, boot, boots, sneaker, heels, slippers, sandals, high heels, skates",
        "bucket": "pail, watering can",
        "basket": "fruit bowl, fruit basket, laundry basket, picnic basket, trolley, shopping cart, tray of oranges",
        "cloth": "handkerchief, napkin, towel cloth, scarf in hand, shirt in hand, sheet of cloth, rag, laundry",
        "leash": "lead, rein, reins, chain, cord, cable, rope in hand",
        "trophy": "cup trophy, award, oscar, urn",
        "vase": "jug, pitcher, amphora",
        "radio": "record player, gramophone, stereo, turntable, speaker, transistor, tape recorder, boombox",
        "tree": "oak, lone tree, apple tree, elm, willow, olive tree, maple, beech, cherry tree, dead tree, trees",
        "pine": "fir, spruce, christmas tree, pines, pine tree, conifer, cedar",
        "poplar": "cypress, poplars, cypress tree",
        "palm": "palm tree, palms",
        "bush": "shrub, bushes, thicket, reeds, grass, fern, plant bed, wheat",
        "potted plant": "plant, house plant, flower pot, flowerpot",
        "rock": (
            "stone, boulder, rocks, stones, boulders, standing stone, monolith, cliff, rubble, pile, snowman, heap, "
            "mound"
        ),
        "stump": "tree stump, anvil",
        "log": "tree trunk, trunk log, driftwood",
        "gravestone": "tombstone, headstone, cross, crucifix, graves",
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
        "door": "doorway, front door, back door, exit, entrance, trapdoor, elevator, lift, hatch",
        "window": "windows, shop window, porthole, skylight, windowpane, rainy window",
        "gate": "gates, portal, archway, arch, iron gate, turnstile",
        "fence": "picket fence, barbed wire, barrier, breakwater",
        "railing": "rail, banister, balustrade, parapet, guardrail, handrail",
        "low wall": "stone wall, garden wall, parapet wall",
        "barrel": "cask, keg, oil drum, drum, drums",
        "crate": "wooden box, boxes, chest box, pallet, cage, beehive",
        "tent": "marquee, tepee, teepee, yurt",
        "campfire": "bonfire, camp fire, brazier",
        "fire": "flames, blaze, explosion, burning wreck, wildfire",
        "rope": "coil, hose, net, nets, fishing net, noose",
        "ladder": "stepladder, fire escape, scaffolding, scaffold",
        "statue": "sculpture, monument, bust, mannequin, idol, gargoyle, angel statue, buddha",
        "fountain": "water fountain, pool",
        "sign": (
            "road sign, street sign, signpost, billboard, placard, bus stop, stop sign, banner, noticeboard, "
            "poster board, plaque"
        ),
        "neon sign": "neon, neon light, noodle sign",
        "departures board": "departure board, scoreboard, timetable, arrivals board",
        "tv": "television, screen, monitor, tv set, projection screen, cinema screen",
        "computer": "pc, desktop computer, terminal, console, control panel, keyboard and screen, server",
        "mirror": "looking glass, full-length mirror",
        "painting": "canvas, easel, artwork, tapestry, mural, framed picture",
        "wall clock": "station clock, grandfather clock",
        "blackboard": "chalkboard, whiteboard",
        "market stall": "stall, fruit stand, stand, kiosk, booth, food stall, newsstand, vegetable stall, food cart",
        "bin": "trash can, dustbin, rubbish bin, garbage can, wastebasket, ashtray, waste bin",
        "dumpster": "skip, container, garbage bin",
        "mailbox": "postbox, letterbox, hydrant, fire hydrant, parking meter",
        "phone box": "telephone booth, phone booth, telephone box, ticket booth, sentry box, confessional",
        "cart": "wagon, carriage, wheelbarrow, handcart, rickshaw, stagecoach, chariot, plough, sled, sleigh",
        "flag": "banner pole, pennant, flags",
        "vending machine": "slot machine, arcade machine, jukebox, pinball machine, cash machine, atm",
        "hay bale": "hay, haystack, straw, bale",
        "machine": "lathe, engine, generator, press, robot arm, loom, printing press, motor",
        "tyre": "tire, wheel",
        "swing": "swings, slide, seesaw, playground, carousel, trampoline",
        "car": "sedan, convertible, jeep, limousine, limo, suv, sports car, wreck, automobile, hatchback, coupe, cars",
        "taxi": "cab",
        "police car": "patrol car, cruiser",
        "van": "minivan, camper, minibus, delivery van, camper van, hearse",
        "ambulance": "fire engine, fire truck",
        "truck": (
            "lorry, pickup, pick-up, semi, tractor, bulldozer, tank, digger, excavator, combine, garbage truck, "
            "tanker, harvester, crane"
        ),
        "bus": "coach, school bus, tram, trolleybus, trailer, caravan",
        "bicycle": "bike, cycle, tricycle, unicycle",
        "motorcycle": "motorbike, scooter, moped, vespa, snowmobile, quad, jet ski, lawnmower",
        "train": (
            "locomotive, carriage train, freight train, steam train, subway train, metro, wagon train, "
            "railway carriage"
        ),
        "boat": "rowing boat, rowboat, canoe, kayak, dinghy, raft, gondola, lifeboat, punt",
        "sailboat": "yacht, sailing boat, sail, sailing ship, schooner",
        "trawler": "fishing boat, motorboat, ferry, tug, tugboat, barge, speedboat, submarine, fishing vessel",
        "ship": "liner, steamer, cruise ship, freighter, tanker ship, warship, cargo ship, battleship",
        "helicopter": "chopper, drone",
        "plane": "airplane, aeroplane, aircraft, jet, airliner, biplane, glider, fighter jet",
        "spaceship": "ufo, rocket, flying saucer, spacecraft, shuttle, space capsule, lander",
        "pram": "stroller, baby carriage, pushchair, buggy",
        "horse": "pony, stallion, mare, foal, donkey, mule, camel, unicorn, zebra, horses",
        "dog": "puppy, hound, terrier, poodle, labrador, sheepdog, dogs",
        "wolf": "coyote, hyena, wolves, jackal",
        "cat": "kitten, cats",
        "cow": "bull, ox, calf, buffalo, cattle, bison, cows",
        "sheep": "lamb, ram, flock",
        "goat": "kid goat, ibex, antelope, gazelle, goats",
        "pig": "hog, boar, piglet",
        "deer": "stag, moose, elk, reindeer, doe",
        "bear": "polar bear, gorilla, ape, panda, monster, beast",
        "elephant": "rhino, rhinoceros, hippo, mammoth, dinosaur, giraffe",
        "lion": "tiger, leopard, panther, lioness, puma, cougar",
        "bird": (
            "pigeon, crow, raven, seagull, gull, dove, eagle, hawk, owl, parrot, sparrow, swallow, vulture, birds, "
            "bat animal, butterfly, heron, stork, swan"
        ),
        "chicken": "hen, rooster, cock, duck, goose, turkey, geese, hens, penguin",
        "fish": "shark, dolphin, whale, salmon, trout, carp",
        "rabbit": "hare, bunny, squirrel, hedgehog, badger, beaver, tortoise, turtle, frog, monkey, guinea pig",
        "rat": "mouse, mice, rats, lizard, beetle, spider, insect, fly, bee, crab, scorpion",
        "snake": "worm, cobra, crocodile, alligator",
        "house": "cottage, villa, mansion, farmhouse, bungalow, home, burning house",
        "cabin": "hut, shack, shed, lodge, log cabin, chalet",
        "barn": "stable, warehouse, hangar, silo, factory hall",
        "church": "chapel, cathedral, church spire, spire, temple, mosque, synagogue, monastery, steeple, abbey",
        "tower": "water tower, keep, turret, chimney, watchtower, bell tower, control tower, minaret",
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
    "corner", "room",
})  # fmt: skip
"""What is no thing that stands somewhere: it is of the place, of the air, of a body, or of a picture."""

_SMALL: Vector = (0.25, 0.2, 0.2)
_MIDDLE: Vector = (0.6, 0.7, 0.5)


def canonical(what: str) -> str | None:
    """The piece that the noun is built as: itself, another name of it, its last word, or without a plural's s. None for
    what nobody knows how to build."""
    noun = " ".join(what.lower().replace("_", " ").replace("-", " ").split())
    for name in _forms(noun):
        if name in PIECES:
            return name
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


def sized(what: str, traits: tuple[str, ...] = ()) -> Vector:
    """A size for a noun that nobody knows: of what a hand takes if it was called small, of furniture else."""
    said = {word for trait in traits for word in trait.split()}
    if said & {"tiny", "small", "little"}:
        return _SMALL
    if said & {"huge", "giant", "enormous", "big", "large", "tall"}:
        return (1.6, 2.2, 1.4)
    return _MIDDLE


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
