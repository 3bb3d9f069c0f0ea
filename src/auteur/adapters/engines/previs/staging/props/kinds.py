"""More names: what is drawn as itself, and what is drawn as something near to it, which is said of the picture.

Long because it is a list of names.
"""

from collections.abc import Mapping

_ITSELF: Mapping[str, str] = {
    "accordion": "bagpipes accordion, concertina",
    "airship": "blimp, zeppelin",
    "awning": "canopy, sun sail",
    "bag": "bin bag, carrier bag, evidence bag, hamper bag, holdall, kitbag",
    "barricade": "crowd barrier, finish line, hurdle, police tape, roadblock, starting line, ticket barrier",
    "bell": "bell push, church bell, church bells, cowbell, handbell, school bell, ship's bell",
    "bird": (
        "albatross, blackbird, budgerigar, buzzard, canary, cockatoo, cormorant, cuckoo, falcon, falcon bird, "
        "finch, hummingbird, kestrel, kingfisher, kite bird, macaw, magpie, nightingale, osprey, puffin, robin, "
        "sparrowhawk, starling, thrush, woodpecker"
    ),
    "birdcage": "bird cage, cage",
    "boat": "gravy boat boat, landing craft, longboat, pedalo",
    "bone": "bones, wishbone",
    "book": (
        "atlas, comic, comic book, dictionary, guest book, hymn book, logbook, manuscript, paperback, photo "
        "album, prayer book, register, telephone directory, visitors' book"
    ),
    "bottle": "carafe, decanter, gin, hot water bottle, oil bottle, phial, rum, soda, vodka",
    "bowl": "colander, noodle, pasta, popcorn, porridge, sauce, spaghetti, stew",
    "box": "cash box, crate box, fuse box, hatbox, jewel case, lunchbox, snuffbox, tackle box",
    "bread": "dough, sausage roll, toast",
    "building": "structure, tower block building",
    "bun": "biscuit, burger, cookie, croissant, doughnut, hamburger, muffin, scone",
    "bus": "double-decker",
    "bush": (
        "bamboo, bramble, bulrush, corn, crops, hedgerow, holly, ivy, lavender, nettle, reed, rosebush, thistle, "
        "topiary, vine, weeds"
    ),
    "butterfly": "moth",
    "cabbage": "cauliflower, lettuce, vegetable",
    "camel": "alpaca, dromedary, llama",
    "cane": "mace, sceptre",
    "car": "estate car, four-by-four, people carrier, racing car, roadster, squad car, station wagon",
    "carousel": "merry-go-round",
    "carrot": "turnip",
    "cart": (
        "brougham, donkey cart, goods wagon, hansom cab, hay cart, horse-drawn carriage, landau, milk cart, ox "
        "cart, palanquin, pony and trap, sedan chair"
    ),
    "cat": "tabby, tomcat",
    "cello": "bass, contrabass, double bass",
    "chair": "deckchair, director's chair, driver's seat, headrest, high chair, highchair",
    "cheese": "butter",
    "chest of drawers": "coffer, drawer, tea chest, treasure chest",
    "chicken": "chick, cockerel, grouse, partridge, quail",
    "church": "pagoda",
    "cigarette": "cigarette butt, joint",
    "clarinet": "bassoon, oboe, recorder",
    "cloth": (
        "bandage, bedspread, bunting, doily, dust sheet, duster, duvet, eiderdown, groundsheet, knitting, "
        "pillowcase, quilt, streamer, tablecloth, tarp, tarpaulin, washing, wool"
    ),
    "clothes": (
        "apron, ball gown, blouse, cape, cardigan, cloak, coat, costume, dress, dressing gown, fur coat, garment, "
        "gown, hoodie, jacket, jeans, jumper, kimono, lab coat, life jacket, nightgown, overcoat, pullover, "
        "pyjamas, raincoat, robe, sari, shirt, skirt, suit, sweater, trench coat, trousers, tunic, uniform, vest, "
        "waistcoat, wedding dress"
    ),
    "cog": "cogwheel, gear, gear wheel, valve",
    "computer": "console, control console, control panel, dashboard, switchboard, telegraph",
    "cooler": "ice box",
    "cow": "bullock, heifer, herd, livestock, yak",
    "crab": "crayfish, lobster, prawn, scorpion",
    "crown": "coronet, crown jewels, diadem, tiara",
    "cup": "beer mug, cappuccino, enamel mug, espresso, latte, milkshake, saucer, tankard",
    "curtain": "blinds, mosquito net, shutter, stage curtain, theatre curtain, venetian blind",
    "cushion": "pillow",
    "cylinder": "fire extinguisher, gas bottle, gas cylinder, oxygen bottle, oxygen tank",
    "debris": (
        "broken glass, garbage, glass shard, litter, remains, rubbish, rubbish heap, scrap, shard, trash, "
        "wreckage"
    ),
    "deer": "fawn, wildebeest",
    "desk": "dressing table, workstation",
    "digger": "bulldozer, excavator, forklift, road roller, snowplough, steamroller",
    "dog": (
        "alsatian, bulldog, collie, dachshund, dingo, greyhound, husky, lapdog, mastiff, mongrel, retriever, sled "
        "dog, spaniel, whippet"
    ),
    "door": "door frame, doorframe, elevator door, gateway, lift door, threshold",
    "drum": "drums, snare drum, tambourine, timpani",
    "duck": "drake, duckling, geese, goose, mallard",
    "fan": "ceiling fan, propeller, rotor, ventilator",
    "fence": "fence panel, pergola, stocks, trellis",
    "ferris wheel": "big wheel",
    "fire": "ember, embers, firewood fire, flame, furnace, torch flame",
    "fish": "eel, goldfish, piranha, salmon, trout",
    "flag": "flagpole, pennant",
    "flower": "blossom, bluebell, buttercup, carnation, clover, daffodil, dandelion, foxglove, marigold, primrose, "
    "wildflower, flower arrangement, lotus, orchid, petal, rose petal, water lily",
    "flute": "penny whistle, piccolo, whistle",
    "fountain": "birdbath, font, sprinkler",
    "frog": "toad",
    "gallows": "guillotine frame, scaffold gallows",
    "gift": "parcel ribbon, pinata",
    "glass": (
        "ale, beaker, brandy, cider, cocktail, cognac, glass jar, honey, jam, juice, lemonade, milk, pint glass, "
        "sherry, shot glass, test tube"
    ),
    "goat": "billy goat, nanny goat, ram goat",
    "gorilla": "ape, baboon, chimp, chimpanzee, orangutan, silverback",
    "grape": "berries, berry, bunch of grapes, cherries, cherry, grapes, raspberry",
    "grenade": "bomb grenade, hand grenade",
    "guitar": "lute, mandolin",
    "hammer": "chisel, jack, sledgehammer, wrench set",
    "handcuffs": "handcuff, manacles, shackle, shackles",
    "hat": (
        "beret, boater, bonnet, bowler, bowler hat, cap, cowboy hat, fedora, fez, stetson, straw hat, top hat, "
        "trilby, turban, woolly hat"
    ),
    "helmet": "crash helmet, hard hat, pith helmet, space helmet, tin hat",
    "horse": "carthorse, racehorse, shire horse",
    "hot air balloon": "balloon basket, hot-air balloon",
    "ice": "ice cube, iceberg block",
    "ice cream": "candy floss, ice cream cone, ice lolly, lollipop",
    "insect": (
        "ant, bee, beetle, bug, cockroach, cricket, dragonfly, firefly, fly, grasshopper, hornet, ladybird, "
        "locust, mosquito, wasp"
    ),
    "knife": (
        "cleaver, cutlery, flick knife, ladle, letter opener, penknife, pocketknife, silverware, spatula, "
        "switchblade"
    ),
    "ladder": "climbing frame, rope ladder",
    "lamp": "lampshade, light fixture, searchlight, stage light, standard lamp",
    "lamp post": "light stand, spotlight rig",
    "leaf": "dead leaf, fallen leaf",
    "letter": (
        "birth certificate, calendar, cheque, credit card, deed, drawing, id card, jigsaw, label, love letter, "
        "message, paper sheet, parchment, puzzle, scroll, sheet music, shopping list, tarot card, visa, warrant, "
        "x-ray"
    ),
    "lion": "cheetah, jaguar, lynx",
    "machine": (
        "air conditioner, boiler, dryer, equipment, kiln, machinery, photocopier, printer, samovar, tumble dryer, "
        "turbine"
    ),
    "mailbox": "post box",
    "map": "chart, scroll map",
    "mast": "aerial mast, antenna, radio mast, ship's mast, telegraph pole, telephone pole, totem, totem pole",
    "meat": "bacon, ham, roast, sausage, steak cut",
    "melon": "watermelon",
    "mirror": "hand mirror, rear-view mirror, wing mirror",
    "monkey": "gibbon, lemur, marmoset",
    "motorcycle": "go-kart, police motorcycle, quad bike, sidecar",
    "music stand": "camera tripod, drip stand, iv drip, mic stand, microphone stand, tripod legs",
    "octopus": "jellyfish, squid",
    "ostrich": "emu",
    "painting": "photo frame, picture",
    "peacock": "pheasant, phoenix",
    "phone": "cassette, remote control, tape measure, walkie-talkie",
    "pig": "warthog",
    "pillar": "column, pillars",
    "plane": "bomber, hang glider, jumbo jet, microlight, private jet, propeller plane, seaplane",
    "plank": (
        "board, breadboard, chopping board, cutting board, floorboards, gangplank, gangway, girder, ironing "
        "board, panel, rafter, ramp, surf plank"
    ),
    "plate": "cake stand, chips, crisps, dessert, feast, leftovers, wedding cake",
    "plinth": "display case, pedestal, rostrum, showcase, sundial",
    "pond": "ford, lagoon, lake, moat, oasis, pond, pool, reservoir, rock pool, swimming pool, water hole",
    "post": "fence post, fencepost, gatepost, goalpost, signpost post, starting block",
    "pot": "cistern, crucible, flowerpot, milk churn, paint, paint pot, percolator, pottery, washtub, wok",
    "potted plant": "herbs, houseplant, plant pot, window box",
    "pump": "fuel pump, gas pump, petrol pump, water pump",
    "pylon": "electricity pylon, power line, power lines, telecom tower, transmission tower",
    "rack": (
        "clothes horse, clothes rail, coat rack, coat stand, costume rack, costume rail, hanger rack, hat stand, "
        "shoe rack, umbrella stand"
    ),
    "radio": "amplifier, intercom, loudspeaker, siren horn, speaker",
    "rat": "dormouse, gerbil, guinea pig, hamster, mole, shrew, vole",
    "refrigerator": "ice maker",
    "ring": "brooch, engagement ring, gem, gold ring, jewel, jewellery, jewelry, locket",
    "rock": "bank of earth, brick, charcoal, cliff, gravel, heap, mound, pebble, pile, stalactite, stalagmite",
    "rocket": "fireworks, missile, rocket ship, torpedo",
    "rope": (
        "clothes line, clothesline, hosepipe, lace, lasso, laundry line, ribbon, shoelace, string, thread, "
        "tightrope, tripwire, washing line, wire, yarn"
    ),
    "rug": "bearskin, doormat, persian rug, place mat, prayer mat",
    "sack": "bundle, flour, grain, sandbag, swag",
    "sailboat": "catamaran, clipper, dhow, galleon, junk, longship, pirate ship, sampan, tall ship, trimaran",
    "saxophone": "french horn, sax, tuba",
    "scales": "balance, weights",
    "seal": "otter, sea lion, walrus",
    "shark": "dolphin, orca, porpoise, stingray",
    "sheep": "ewe",
    "shell": "mussel, oyster, seashell",
    "shield": "coat of arms",
    "ship": "aircraft carrier, container ship, destroyer, frigate, paddle steamer, steamer, steamship",
    "shoe": (
        "clog, high heel, ice skate, ice skates, roller skates, sandal, skate, slipper, trainer, trainers, "
        "wellies, wellingtons"
    ),
    "sign": "bus sign, licence plate, notice board, number plate, road sign, shop sign",
    "skis": "ski, snowboard",
    "sled": "dog sled, sledge, sleigh, toboggan",
    "snake": "lizard snake, python, rattlesnake, viper",
    "spaceship": "lunar module, rover, space shuttle, starship",
    "spade": "trowel",
    "spectacles": "eyeglasses, glasses, goggles, monocle, opera glasses, pince-nez, sunglasses",
    "spider": "tarantula",
    "spill": "bloodstain, pool of blood",
    "stain": "coffee stain, ink stain, mud, mud puddle, oil stain, patch of mud, tea stain, wine stain",
    "statue": (
        "buddha statue, dress form, dummy, figurehead, figurine, garden gnome, goddess statue, ornament, shop "
        "dummy"
    ),
    "stick": (
        "arrow, baton, bayonet, chalk, chopsticks, crayon, fireworks rocket, halberd, harpoon, lever, lipstick, "
        "matchstick, pool cue, post stick, quill, riding crop, sparkler, spindle, twig"
    ),
    "stool": "piano stool",
    "stove": "barbecue, grill",
    "stream": "brook, canal, creek, ditch, rapids, river, stream",
    "stump": "anvil stump",
    "submarine": "u-boat",
    "swan": "crane bird, egret, flamingo, heron, ibis, pelican, stork",
    "sword": "cutlass, scimitar",
    "table": "nightstand",
    "teddy bear": "cuddly toy, marionette, rag doll, robot toy",
    "telephone": "payphone, phone receiver",
    "tin can": "can, fuel can, jerrycan, oil can, paint tin, petrol can, tin",
    "torch": "burning torch",
    "tracks": "footprint, footprints, footstep marks, hoofprint, skid marks, tire tracks, tyre tracks",
    "tractor": "combine, combine harvester, plough tractor",
    "train": "boxcar, funicular, monorail",
    "trawler": "cutter, lifeboat, tug",
    "tree": "almond blossom, apple blossom, ash tree, cherry blossom, "
    "chestnut tree, fig tree, lemon tree, oak tree, orange tree, root, sapling, tree of life",
    "truck": "articulated lorry, cement mixer, dumper, fire tender, snow plough truck",
    "trumpet": "bugle, cornet, foghorn, horn, megaphone, trombone",
    "turtle": "terrapin, tortoise",
    "tv": "television set",
    "van": "camper van, ice cream van, milk float, motorhome, rv",
    "violin": "fiddle, viola",
    "wall": "brick wall, bulkhead, facade, moat wall, parapet wall, sea wall",
    "web": "cobweb, spider web, spiderweb",
    "well": "drain, grave hole, hole, manhole",
    "whale": "humpback, sperm whale",
    "window": "keyhole window, pane, window frame, window pane, window sill, windowsill",
    "wine glass": "champagne flute, wineglass",
    "wood pile": "firewood, logs, stack of wood, woodpile",
}  # fmt: skip
_NEAR: Mapping[str, str] = {
    "ambulance": "fire engine, fire truck",
    "ball": (
        "acorn, ball of wool, buoy, cannonball, chestnut, chip, coconut, conker, dice, globe lamp, "
        "jack-o'-lantern, mirrorball, nut, orange ball, orb, poker chip, pumpkin, roulette ball, snow globe, "
        "snowball, volleyball, walnut, yo-yo"
    ),
    "barrel": "drum barrel, dustbin barrel, washing barrel",
    "basket": "bird's nest, hamper, lobster pot, nest, trolley basket",
    "bear": "animal, anteater, beast, creature, koala, monster, panda, sloth, wombat",
    "bed": "carrycot, cot bed, playpen",
    "bench": "church stall, judge's bench, jury box",
    "bicycle": "treadmill, tricycle, unicycle",
    "bird": "bat animal, griffin, kiwi",
    "boat": "gondola boat, houseboat, hovercraft, hydrofoil, narrowboat, paper boat, powerboat, shipwreck, toy boat",
    "bookcase": "filing cabinet",
    "bottle": (
        "cocktail shaker, ink, inkwell, ketchup bottle, mustard pot, nail polish, pepper, pepper mill, perfume "
        "bottle, salt, salt cellar, salt shaker, shaving foam"
    ),
    "box": (
        "accordion box, capsule, dog kennel, fish tank, fishbowl, harmonica, hive, hutch, kennel box, metronome, "
        "pod, radiator box, safe box, signal box, soap box, terrarium, toaster, toy box, battery, router, sandbox, "
        "mousetrap, charger"
    ),
    "broom": "hoover, pitchfork, rake, scythe, sickle, vacuum cleaner",
    "bucket": "coal scuttle, dustpan, plunger, trough, washboard",
    "bun": "pudding, tart, waffle",
    "bunk": "hammock bed",
    "bus": "caravan, tractor trailer, trailer, tram, trolleybus",
    "bush": "grass, moss, seaweed, wheat",
    "cabin": "beach hut, cable car cabin, greenhouse, shower cabin",
    "camera": (
        "binoculars, camcorder, detonator, film projector, microscope, periscope, projector, scanner, searchlight "
        "camera, sextant, slide projector, spyglass, telescope"
    ),
    "candle": "candelabra, candle stub, censer, incense, incense burner, menorah, sconce, wax",
    "car": (
        "armoured car, cable car, chairlift, convoy, dodgem, half-track, roller coaster, ski lift, sleigh car, "
        "tuk-tuk, vehicle"
    ),
    "carrot": "corn cob, cucumber",
    "cart": "chariot, plough, rickshaw, stagecoach, wheelbarrow",
    "chest of drawers": "ark chest, bedside cabinet, mummy coffin, strongbox",
    "church": "mosque, synagogue, temple",
    "clock": (
        "barometer, bomb, chess clock, compass, dartboard, egg timer, gauge, hourglass, stopwatch, thermometer, "
        "timer"
    ),
    "cloth": "hammock, parachute, safety net, sail, sponge, wallpaper",
    "counter": "cash register, till",
    "crate": "beehive, pallet",
    "crocodile": "alligator, chameleon, dinosaur, gecko, iguana, lizard, newt, salamander",
    "debris": "ash, coal, dust heap, sandcastle, sandpit, spices, sugar",
    "dog": (
        "armadillo, badger, beaver, ferret, hyena, jackal, mink, opossum, possum, raccoon, skunk, stoat, wallaby, "
        "weasel"
    ),
    "door": "car door, cell door, drawbridge, escalator, hatch door, revolving door, trap door, vault door",
    "drum kit": "xylophone",
    "elephant": "hippo, hippopotamus, mammoth, rhino, rhinoceros",
    "fence": "assembly line, cell bars, conveyor, conveyor belt, grate, iron bars, scaffolding",
    "fireplace": "hearth, mantelpiece",
    "fish": "seahorse, starfish, tadpole",
    "flashlight": "laser, torpedo torch",
    "gallows": "crane, crane hook, guillotine, hoist, winch",
    "gift": (
        "building blocks, kaleidoscope, party popper, piñata, puzzle box, spinning top, toy, toy car, toy soldier, "
        "toys"
    ),
    "glass": "glass eye, lens, magnifying glass, petri dish, prism, vase glass, shaker",
    "goat": "antelope, gazelle, ibex",
    "gong": "cymbal",
    "gravestone": "cross, crucifix",
    "guitar": "banjo, sitar, ukulele",
    "gun": "drill, flare gun, hairdryer, joystick, water pistol",
    "hammer": (
        "axe handle, bottle opener, can opener, chainsaw, corkscrew, drill hammer, pliers, saw, spanner, tin "
        "opener, tongs, wrench"
    ),
    "helicopter": "cherry picker, gyrocopter",
    "horse": "donkey, hobby horse, mule, rocking horse, unicorn, vaulting horse, zebra",
    "house": "doll's house, dollhouse, toy house",
    "key": "door handle, doorknob, hinge, hook, latch, lock, padlock, safety pin, drawing pin, tweezers",
    "knife": (
        "brush, comb, faucet, fork, fountain pen, hairbrush, knitting needles, needle, paintbrush, pen, pencil, "
        "scissors, screwdriver, scrubbing brush, shaving brush, spoon, switch, syringe, tap, toothbrush"
    ),
    "lamp": "beacon, headlamp, hologram, lamp of stars, signal lamp, string of lights, tail light, taillight",
    "leash": "tape, oxygen tube",
    "letter": "banknote, candy, cash, chocolate, money, name tag, price tag, slate, sweets, tile, wad of notes",
    "lion": "cougar, leopard, lioness, panther, puma, tiger",
    "low wall": "breakwater, gutter, hedge wall, ridge",
    "machine": (
        "engine, fax machine, furnace machine, generator, jet engine, lathe, loom, motor, piston, printing press, "
        "pulley, robot arm, sewing machine, ticket machine"
    ),
    "mailbox": "fire hydrant, hydrant, parking meter",
    "market stall": "bandstand, gazebo",
    "mast": "basketball hoop, goal, weathercock, weathervane, wind chime, wind chimes, windsock",
    "meat": "seafood",
    "motorcycle": "jet ski, lawnmower, snowmobile",
    "mushroom": "garlic, onion",
    "orange": "fig, lime, olive, plum, pomegranate, strawberry",
    "phone": "gamepad",
    "photograph": "album page, hologram card, oil portrait",
    "piano": "church organ, harpsichord",
    "plane": "model aeroplane, paper plane",
    "plank": "car bonnet, hull, picnic, skis plank, strip, windscreen wiper",
    "plate": (
        "cd, discus, film reel, palette, petri plate, record, satellite dish, serving dish, vinyl record, lid, "
        "teapot lid"
    ),
    "post": "bowling pin, chess pawn, parking post, sparkplug, starting post, traffic post",
    "rabbit": "chinchilla, hedgehog, mole rabbit, platypus, porcupine, squirrel",
    "rack": "clothes hanger, coat hanger, hanger",
    "rat": "bat, computer mouse",
    "ring": (
        "badge ring, bracelet, bullet, button, cartridge, casing, coin, diamond, earring, gold, gold bar, "
        "horseshoe, ingot, magnet, medal, nail, napkin ring, necklace, pearl, pearl necklace, pill, prayer beads, "
        "red button, rosary, thimble, treasure, amulet"
    ),
    "rock": "coal heap, dirt, pile of leaves, salt flats, stalactite rock, termite hill",
    "rope": "bridle, cable, drip, harness, ladder of rope, net, power cable, seat belt",
    "rug": "mosaic",
    "sailboat": "kitesurfer, windmill sail, windsurfer",
    "school desk": "drawing board",
    "ship": "ark, model ship, oil rig ship",
    "shoe": "boxing glove, glove, mitten, opera glove, ski boot, sock, stocking, wooden leg",
    "sign": "banner, billboard, clapperboard, graffiti, plaque, poster, scoreboard",
    "sink": "urinal",
    "sled": "luggage trolley, mobility scooter, stretcher sled",
    "snake": "caterpillar, centipede, eel snake, slug, worm",
    "spaceship": "drone, satellite, ufo",
    "statue": "dead body, idol, mannequin, mummy case, robot, scarecrow statue, skeleton statue, snow queen",
    "stick": (
        "badminton racket, baseball bat, butterfly net, club, conductor's baton, cricket bat, curtain rail, dart, "
        "drumstick, dynamite, fishing rod, flare, golf club, hockey stick, javelin, metal bar, oar, paddle, "
        "racket, rod, rolling pin, ski pole, spear, tennis racket, thermometer stick, torpedo stick, trident, "
        "umbrella stick, boomerang, skewer, slingshot, whisk, handle"
    ),
    "stool": "ottoman stool, pommel horse, pouffe, trampoline",
    "stove": "dishwasher, dishwasher machine, microwave, washing machine",
    "stump": "anvil",
    "suitcase": "defibrillator, first aid kit, medical kit, money belt, sewing kit, vanity case, violin case",
    "swing": "hammock swing, playground, punchbag, punching bag, seesaw, slide, slide chute, trapeze, tyre swing",
    "table": "billiard table, mangle, ping pong table, pool table, snooker table",
    "tent": "igloo, parasol tent, wigwam",
    "tower": "belfry, chimney, chimney stack, grain silo, silo, smokestack, water tank, water tower",
    "traffic cone": "cone",
    "train": "model railway, toy train",
    "trophy": "chalice, egg cup, holy grail, lamp of genie, urn",
    "truck": "garbage truck, oil tanker, petrol tanker, tanker",
    "typewriter": "abacus, cash machine typewriter, hole punch, paper shredder, stapler",
    "tyre": (
        "capstan, hoop, hubcap, inner tube, life ring, lifebelt, lifebuoy, mill wheel, roulette wheel, ship's "
        "wheel, spinning wheel, steering wheel, wheel hub, wheel of fortune"
    ),
    "umbrella": "windbreak",
    "vase": "beaker vase, hookah, jug",
    "vending machine": "arcade machine, jukebox, pinball machine, slot machine",
    "whale": "narwhal",
    "wolf": "coyote, fox cub, werewolf",
}  # fmt: skip


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("-", " "): kind for kind, said in names.items() for name in said.split(", ") if name}


ITSELF = _turned(_ITSELF)
"""By name, the piece that it looks like."""
NEAR = _turned(_NEAR)
"""By name, the piece that stands for it, and is not it."""
NOTHING = frozenset({
    "alarm", "applause", "artifact", "asphalt", "aurora", "barking", "beam", "beat", "birdsong", "blood", "blur",
    "border", "breath", "breeze", "bubble", "caption", "chalk outline", "cigarette smoke", "cobblestones", "comet",
    "confetti", "crew member", "crowd noise", "dew", "distortion", "doorbell", "drain water", "dream catcher",
    "drip of wax", "drop of water", "droplet", "dust", "echo", "equipment noise", "exhaust fumes", "fingerprint",
    "flicker", "fog bank", "footlight", "footstep", "footsteps", "frost", "gunshot", "gunshots", "hologram image",
    "holy water", "hum", "icicle", "item", "keyhole", "knock", "knocking", "laughter", "light switch", "lightning",
    "lightning bolt", "logo", "make-up", "makeup", "marble", "message tone", "milky way", "noise", "number",
    "object", "parquet", "planet disc", "plaster cast", "rain noise", "rainbow", "raindrop", "reflection",
    "reflections", "ringing", "sand", "scream", "shadow", "shadows", "shaving cream", "signal", "signature",
    "siren", "smell", "smoke", "snowflake", "soap bubble", "spark", "spotlight beam", "steam", "subtitle", "sweat",
    "tarmac", "tattoo", "tear", "tears", "text", "thunder", "thunderclap", "title", "water drop", "watermark",
    "whisper", "writing",
})  # fmt: skip
"""What has no body that could stand somewhere: nothing of its own is drawn, and that is said."""
