"""Noun phrases: which words belong to one thing, and which of them is the thing.

A noun before a noun is its attribute: in a train ticket stands no train. A possessive belongs to the next noun.

Long because each rule on what belongs to one thing looks at what the others took.
"""

from dataclasses import dataclass, field

from auteur.adapters.engines.previs.reading.lexing import NOUNS, VERBS, Piece
from auteur.adapters.engines.previs.reading.vocabulary.english import singular
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, facts, load

_MODIFIERS = (
    "trait", "light_colour", "weather", "time_of_day", "season", "style", "depth", "posed", "light", "side_bare",
    "speed", "size_bare", "verb", "kind", "angle", "move", "negation_empty",
)  # fmt: skip
_MASS_WEATHER = frozenset({"rain", "snow", "fog", "mist", "wind", "dust", "storm", "hail", "thunder", "lightning"})
_UNLIKE_NOUNS = ("ish", "ful", "ous", "ive", "less", "able", "ible", "ly", "ed", "ing", "ic", "al", "y", "est")
_BEFORE_A_NOUN = ("article", "owner", "number", "quantity", "relation", "path", "with", "trait")
_ORDER = NOUNS
_TITLED = ("name_female", "name_male")
_AGENTS = ("er", "ers", "ist", "ists", "eer", "eers", "woman", "women", "man", "men")
_WITH_GLASSES = frozenset({
    "polish", "wash", "rinse", "dry", "fill", "refill", "clink", "raise", "stack", "collect", "serve", "carry", "pour",
    "empty", "smash", "gather", "touch", "lift",
})  # fmt: skip
_ROOMS = frozenset(
    {"kitchen", "bathroom", "bedroom", "dining room", "living room", "office", "classroom", "bar", "porch"}
)
_NO_NOUNS = frozenset({
    "there", "here", "again", "above", "below", "beyond", "away", "apart", "together", "ahead", "behind", "inside",
    "aloud", "aghast", "askew", "uphill", "downhill", "upstairs", "downstairs", "abroad", "overboard", "offstage",
    "onstage", "backstage", "home", "twice", "once", "indoors", "outdoors", "overnight", "sideways", "backwards",
    "outside", "nearby", "everywhere", "visible", "only", "alone", "aside", "across", "forth", "still",
})  # fmt: skip
_NOT_NAMED = frozenset({
    "nothing", "everything", "something", "anything", "nowhere", "everywhere", "somewhere", "anywhere", "whatever",
})  # fmt: skip
"""What no capital makes a name of."""
_MEASURES = frozenset({"cup", "glass", "bottle", "bowl", "plate", "mug", "pot", "jar", "jug", "box", "bag", "crate"})


@dataclass(slots=True)
class NounPhrase:
    """``role`` and ``value`` of its head; ``count`` None where nothing says it; ``traits``: words before the head, as
    written; ``terms``: those of them that say something of the shot; ``owner``: whose it is; ``body``: the part of a
    person that was named, where the person is the head; ``unknown``: the vocabulary does not have the head."""

    start: int
    end: int = 0
    role: str = ""
    value: str = ""
    plural: bool = False
    count: int | None = None
    vague: bool = False
    """The count is a guess: lots of, a crowd of."""
    article: str = ""
    traits: list[str] = field(default_factory=list)
    terms: list[Entry] = field(default_factory=list)
    owner: str | None = None
    owner_role: str = ""
    owners: int | None = None
    """How many they are whose it is: the faces of three men."""
    body: str | None = None
    unknown: bool = False
    about: str = ""
    """A person's noun that is only an attribute of the head: the jury of a jury box."""
    within: str = ""
    """What the first words of a place's name say: the hospital of a hospital corridor."""
    content: "NounPhrase | None" = None
    """What is in it: the cherries of a bowl of cherries."""
    used: list[Piece] = field(default_factory=list)
    text: str = ""

    @property
    def definite(self) -> bool:
        return self.article == "the"

    @property
    def named(self) -> bool:
        return self.role in ("name_female", "name_male", "name")

    @property
    def is_person(self) -> bool:
        return self.named or self.role == "person"


class NounPhrases:
    """Finds them in a list of pieces."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.p = pieces

    def at(self, index: int) -> Piece | None:
        return self.p[index] if 0 <= index < len(self.p) else None

    def begins_sentence(self, index: int) -> bool:
        before = self.at(index - 1)
        return before is None or before.norm in (".", "!", "?", "\n", ":", "-", "--", "(", '"', "\u201c", "...")

    def name_at(self, index: int) -> bool:
        """Whether a name stands here: capitalised and unknown, or a known first name."""
        piece = self.at(index)
        if piece is None or piece.kind != "word" or piece.field is not None:
            return False
        if piece.norm in _NOT_NAMED or (piece.norm in facts()["towns"] and not piece.told and self._is_told(index)):
            return False
        town = self.at(index + 1)
        if town is not None and town.norm in facts()["towns"] and piece.norm in ("hong", "los", "buenos"):
            return False
        listed = piece.get(*_TITLED)
        age, number = self.at(index + 1), self.at(index + 2)
        aged = age is not None and age.norm == "(" and number is not None and number.kind == "number"
        if aged and piece.tokens[0].capitals and self.begins_sentence(index) and not piece.has("int_ext", "kind"):
            return True  # PEARL (17)
        if not piece.entries:
            if not piece.capital or len(piece.norm) < 2:
                return False
            if self.begins_sentence(index) and self.plain_plural(index):
                return False
            return not self.begins_sentence(index) or self._acts(index + 1) or self._called(index)
        if listed is None:
            return self._named_like_a_thing(index)
        if len(piece.entries) == 1:
            return piece.capital or piece.norm not in facts()["words"]
        if not piece.capital:
            return False
        return not self.begins_sentence(index) or self._acts(index + 1)

    def _is_told(self, index: int) -> bool:
        """Whether a town stands by itself: New York, 1981."""
        before, after = self.at(index - 1), self.at(index + 1)
        if before is not None and before.norm in ("new", "los", "san", "hong", "buenos"):
            return True
        alone = before is None or before.norm in (",", ".", "\n")
        return alone and (after is None or after.kind in ("mark", "line") or after.kind == "number")

    def _named_like_a_thing(self, index: int) -> bool:
        """Whether a capital makes a name of a word that means a thing: 2-shot, Fern frame right."""
        piece, before = self.p[index], self.at(index - 1)
        if not piece.text_is_title or len(piece.tokens) > 1 or before is None or before.norm != ",":
            return False
        if {entry.role for entry in piece.entries} - {"thing", "animal"} or piece.noun is None or piece.noun.form:
            return False
        after = self.at(index + 1)
        words = [one for one in self.p if one.kind == "word"]
        titled = sum(one.text_is_title for one in words)
        acts = after is not None and (after.has("side", "depth", "facing", "posed") or after.norm == "and")
        return acts and titled < 0.35 * len(words)

    def plain_plural(self, index: int) -> bool:
        """Whether an unknown word that begins a sentence is the plural of a common one: pins in his mouth."""
        piece, after = self.p[index], self.at(index + 1)
        one = singular(piece.norm)
        if one is None or piece.entries or not piece.capital or after is None or not after.has("relation", "be"):
            return False
        english = load("en")
        return one in english.plain or one in english.common or (one,) in english.phrases

    def _called(self, index: int) -> bool:
        """Whether somebody is named as scripts do it: DELIA, pencil behind her ear."""
        piece, after, then = self.p[index], self.at(index + 1), self.at(index + 2)
        if not piece.tokens[0].capitals or len(piece.norm) < 3 or after is None or then is None:
            return False
        return after.norm == "," and then.kind == "word" and then.tokens[0].text.islower()

    @staticmethod
    def agrees(subject: Piece, verb: Piece) -> bool:
        """Whether an unknown word that looks like a plural stands before a verb as a plural does: nobody's name."""
        forms = {entry.form for entry in verb.entries if entry.role in VERBS}
        return singular(subject.norm) is not None and not subject.entries and forms == {""}

    def _acts(self, index: int) -> bool:
        """Whether what stands here is what stands after a name."""
        after = self.at(index)
        if after is None:
            return False
        name = self.at(index - 1)
        if name is not None and after.verb is not None and self.agrees(name, after):
            return False  # dryers spin
        if (
            after.norm in ("'s", "(")
            or after.verb
            or after.has("relation", "posed", "facing", "side", "depth", "be", "with")
            or after.norm in facts()["human"]
        ):
            return True
        if after.norm == "," and (then := self.at(index + 1)) is not None:
            follows = then.has("posed", "side", "facing", "trait", "number", "depth") or then.kind == "number"
            worn, does = self.at(index + 2), self.at(index + 3)
            if then.has("thing", "clothing") and worn is not None and worn.norm == "," and does is not None:
                follows = follows or (does.verb is not None and does.verb.form == "third")  # Bea, pearls, pours tea
            return bool(then.verb or follows)
        if after.norm == "and":
            return (then := self.at(index + 1)) is not None and then.capital and self.name_at(index + 1)
        return not after.entries and after.capital and after.kind == "word"

    def parse(self, index: int, prefer: tuple[str, ...] = ()) -> NounPhrase | None:
        """The noun phrase that begins here, None if none does."""
        phrase = NounPhrase(index)
        at = self._determiners(phrase, index)
        determined = at > index
        head: Entry | None = None
        traits: list[Piece] = []
        while (piece := self.at(at)) is not None and piece.field is None:
            if self._title(at):
                traits.append(piece)
                at += 1
                if not self.name_at(at):
                    head = Entry("name", "")
                    phrase.role, phrase.value = "name", self._name(at, at + 1)
                    phrase.used.append(self.p[at])
                    at += 1
                    break
                continue
            if self.name_at(at) and not (
                piece.noun and piece.noun.role not in _TITLED and determined and phrase.owner is None
            ):
                end = at + 1
                while self.name_at(end) and self.p[end].capital and not self.p[end].has(*NOUNS[3:]):
                    end += 1
                after = self.at(end)
                if after is not None and after.norm == "'s":
                    if self._is_short_for_is(end + 1):
                        phrase.role, phrase.value = (piece.get(*_TITLED) or Entry("name", "")).role, self._name(at, end)
                        head = Entry(phrase.role, phrase.value)
                        phrase.used += self.p[at:end]
                        at = end + 1
                        break
                    phrase.owner, phrase.owner_role = self._name(at, end), "name"
                    phrase.used += self.p[at : end + 1]
                    at = end + 1
                    continue
                if (
                    traits
                    and not determined
                    and not all(self._title(self.p.index(one)) or one.has("trait") for one in traits)
                ):
                    pass
                follows = self._noun(end, prefer)
                if (
                    follows is not None
                    and not self._verb_here(end, person=True)
                    and not self.made_verb(end, person=True)
                ):
                    phrase.owner, phrase.owner_role = self._name(at, end), "name"
                    phrase.used += self.p[at:end]
                    at = end
                    continue
                listed = piece.get(*_TITLED)
                head = listed or Entry("name", "")
                phrase.role, phrase.value = head.role, self._name(at, end)
                if listed is None and phrase.count is not None and not piece.entries and not traits:
                    phrase.role, phrase.value, phrase.unknown = "thing", piece.norm, True  # one Zamboni
                phrase.used += self.p[at:end]
                at = end
                break
            noun = self._noun(at, prefer)
            if noun is not None and phrase.count == 1 and noun.form == "plural" and piece.verb and not traits:
                return None  # one smokes
            then = self.at(at + 1)
            if (
                noun is not None
                and phrase.count == 1
                and piece.norm == "saw"
                and then is not None
                and then.has("article")
            ):
                return None  # one saw the procession
            if noun is not None:
                after = self.at(at + 1)
                quoted = after is not None and after.norm in ("'", "\u2019") and noun.form == "plural"
                if quoted and noun.role == "person" and self._noun(at + 2, prefer) is not None:
                    phrase.owner, phrase.owner_role = noun.value, "person"  # the knights' duel
                    traits.append(piece)
                    phrase.used += self.p[at : at + 2]
                    at += 2
                    continue
                if after is not None and after.norm == "'s" and noun.role == "person" and self._is_short_for_is(at + 2):
                    head = noun
                    phrase.role, phrase.value = noun.role, noun.value
                    phrase.used.append(piece)
                    at += 2
                    break
                if after is not None and after.norm == "'s":
                    if noun.role == "person" or noun.role == "animal":
                        phrase.owner, phrase.owner_role = noun.value, noun.role
                    traits.append(piece)
                    phrase.used += [piece, after]
                    at += 2
                    continue
                if self._goes_on(at + 1, prefer, noun, determined):
                    traits.append(piece)
                    if noun.role == "person" and phrase.owner is None:
                        phrase.owner, phrase.owner_role = noun.value, "attribute"
                    at += 1
                    continue
                if noun.role in ("person", "animal") and self._trade(at + 1):
                    head = Entry("person", "")
                    several = self.p[at + 1].norm.endswith("s")
                    trade = self.p[at + 1].norm.removesuffix("s")
                    phrase.role, phrase.value, phrase.plural = "person", f"{piece.norm} {trade}", several
                    phrase.used += self.p[at : at + 2]
                    at += 2
                    break
                if noun.role in ("thing", "vehicle", "animal", "place") and self._unknown_head(at + 1):
                    traits.append(piece)
                    at += 1
                    head = Entry("thing", self.p[at].norm)
                    phrase.role, phrase.value, phrase.unknown = "thing", head.value, True
                    phrase.used += self.p[at - 1 : at + 1]
                    at += 1
                    break
                head = noun
                phrase.role, phrase.value, phrase.plural = noun.role, noun.value, noun.form == "plural"
                if noun.role == "person" and phrase.plural and self.p[at - 1].norm in ("a", "an") and at > index:
                    phrase.plural = singular(piece.norm) is not None and phrase.plural  # a women, mistyped
                if noun.role == "body" and (light := piece.get("light")) is not None:
                    phrase.terms.append(light)
                phrase.used.append(piece)
                at += 1
                break
            if self._lookers(at, phrase):
                break
            if self._modifies(at, determined or bool(traits), prefer):
                traits.append(piece)
                at += 1
                continue
            whose = self.at(at + 1)
            if determined and not piece.entries and piece.kind == "word" and whose is not None and whose.norm == "'s":
                phrase.owner, phrase.owner_role = piece.norm, "person"  # the chandler's widow
                phrase.used += [piece, whose]
                at += 2
                continue
            if (
                piece.norm == ","
                and traits
                and determined
                and self._modifies(at + 1, True, prefer)
                and self.p[at + 1].has("trait")
            ):
                at += 1
                continue
            if piece.norm == "and" and traits and self._modifies(at + 1, True, prefer) and self.p[at + 1].has("trait"):
                at += 1
                continue
            break
        if head is None and (self._agent(at, determined) or self._lookers(at, phrase)):
            piece = self.p[at]
            head = Entry("person", piece.norm)
            phrase.role, phrase.unknown = "person", True
            phrase.plural = piece.norm.endswith("s") and not piece.norm.endswith("ss")
            phrase.value = piece.norm.removesuffix("s") if phrase.plural else piece.norm
            phrase.used.append(piece)
            at += 1
        if head is None:
            unknown = self.at(at)
            bare = unknown is not None and at == index and self.begins_sentence(at) and self.plain_plural(at)
            led = self.at(at - 1)
            acts = led is not None and at == index and led.field == "people" and led.verb is not None and not led.noun
            done = acts and unknown is not None and self._done_to(at, led)
            seen = self.at(index - 1)
            deed = unknown is not None and phrase.article in ("the", "a") and self._deed_as_thing(at)
            bare = bare or (deed and seen is not None and (seen.field == "moves" or seen.has("relation")))
            if unknown is None or not (bare or done or (determined and self._unknown_noun(at, phrase))):
                return None
            phrase.role, phrase.value, phrase.unknown = "thing", unknown.norm, True
            if phrase.article != "a" and (one := singular(unknown.norm)) is not None:
                phrase.value, phrase.plural = one, True
            phrase.used.append(unknown)
            at += 1
        self._attributes(phrase, traits)
        self._shorten(phrase)
        phrase.end = at
        self._of(phrase, prefer)
        first, last = self.p[index], self.p[phrase.end - 1]
        phrase.used = [piece for piece in self.p[index : phrase.end] if piece in phrase.used or piece in traits]
        phrase.text = " ".join(piece.norm for piece in self.p[index : phrase.end]) if first is not last else first.norm
        return phrase

    def _is_short_for_is(self, index: int) -> bool:
        """Whether ``'s`` is a verb: Maria's waiting."""
        piece = self.at(index)
        if piece is None or piece.noun is not None or self.name_at(index):
            return False
        ing = piece.verb is not None and piece.verb.form == "ing"
        return (
            ing or piece.has("posed", "relation", "facing", "depth") or piece.norm == "alone"
        ) and not self._modifies(index, True, ())

    def _determiners(self, phrase: NounPhrase, index: int) -> int:
        at = index
        while (piece := self.at(at)) is not None and piece.field is None:
            after = self.at(at + 1)
            if piece.has("owner") and at == index and after is not None and (after.kind != "mark"):
                if (
                    self._noun(at + 1, ()) is None
                    and not self._modifies(at + 1, True, ())
                    and not after.has("number", "quantity")
                ):
                    break
                phrase.owner, phrase.owner_role, phrase.article = piece.get("owner").value, "pronoun", "owner"  # type: ignore[union-attr]
            elif piece.has("number") and piece.kind != "number":
                number = int(piece.get("number").value)  # type: ignore[union-attr]
                tens = phrase.count is not None and phrase.count >= 20 and number < 10
                phrase.count = number + (phrase.count or 0) if tens else number
                phrase.used.append(piece)
            elif piece.has("quantity"):
                phrase.count = int(piece.get("quantity").value)  # type: ignore[union-attr]
                phrase.plural = phrase.vague = True
                phrase.used.append(piece)
            elif piece.kind == "number" and piece.norm.isdecimal() and 0 < int(piece.norm) < 1000:
                if after is None or after.kind != "word" or after.tokens[0].glued or after.has("unit", "angle_degrees"):
                    break
                if self._noun(at + 1, ()) is None and not self._modifies(at + 1, True, ()):
                    break
                phrase.count = int(piece.norm)
                phrase.used.append(piece)
            elif piece.has("article"):
                if len(piece.tokens) > 1:
                    phrase.used.append(piece)
                phrase.article = phrase.article or piece.get("article").value  # type: ignore[union-attr]
            elif (
                piece.has("pronoun")
                and piece.norm
                in (
                    "both",
                    "the two",
                    "these two",
                    "those two",
                    "all",
                    "all three",
                    "the three",
                    "all four",
                    "the four",
                )
                and self._noun(at + 1, ())
            ):
                phrase.article = "the"
                phrase.count = {"b": 2, "t": 2}.get(piece.norm[0]) if "t" not in piece.norm[4:5] else None
                phrase.count = (
                    2
                    if "two" in piece.norm or piece.norm == "both"
                    else 3
                    if "three" in piece.norm
                    else 4
                    if "four" in piece.norm
                    else None
                )
                phrase.used.append(piece)
            else:
                break
            at += 1
        return at

    def _noun(self, index: int, prefer: tuple[str, ...]) -> Entry | None:
        """What the noun here means, None if no noun stands here."""
        piece = self.at(index)
        if piece is None or piece.field is not None or piece.kind != "word" or piece.has("relation", "path"):
            return None
        before, after = self.at(index - 1), self.at(index + 1)
        if piece.norm in ("plain", "flat") and after is not None and (after.has("trait", "style") or after.noun):
            return None
        if piece.norm == "wood" and not any(
            one is not None and one.has("article", "relation", "path") for one in (before, self.at(index - 2))
        ):
            return Entry("thing", "wood")
        if piece.has("thing") and piece.has("body") and self._of_somebody(index):
            return piece.get("body")
        if piece.norm == "will" and not (before is not None and before.has("article", "owner")):
            return None  # the will; she will
        if piece.norm == "fans" and (after is None or after.verb is None):
            return piece.get("thing")
        if piece.norm == "glasses" and self._drinking(index):
            return Entry("thing", "glass", "plural")
        return piece.get(*prefer, *(role for role in _ORDER if role not in _TITLED))

    def _of_somebody(self, index: int) -> bool:
        """Whether somebody's stands before it: a girl's bitten nails."""
        for at in range(index - 1, max(index - 4, -1), -1):
            one = self.p[at]
            if one.has("owner") or one.norm == "'s":
                return True
            if one.kind != "word" or one.noun is not None:
                return False
        return False

    def _drinking(self, index: int) -> bool:
        """Whether glasses are such as one drinks from: counted, empty, polished."""
        before, after = self.at(index - 1), self.at(index + 1)
        if after is not None and after.norm == "of":
            return True
        if before is None:
            return False
        if before.has("number", "quantity") and before.norm not in ("a pair of", "pair of"):
            return True
        words = {"empty", "full", "dirty", "tall", "clean", "crystal", "beer", "champagne", "shot"}
        return before.norm in words or (before.verb is not None and before.verb.value in _WITH_GLASSES)

    def _goes_on(self, index: int, prefer: tuple[str, ...], before: Entry, determined: bool) -> bool:
        """Whether the noun before is only an attribute of what stands here."""
        piece = self.at(index)
        if piece is None or piece.field is not None:
            return False
        noun = self._noun(index, prefer)
        if noun is None:
            return False
        if self.name_at(index) and piece.capital:
            return False
        single = self.at(index - 2)
        if single is not None and single.norm in ("a", "an") and noun.form == "plural" and piece.verb is None:
            return False  # a biplane taxis
        if before.form != "plural" and self.made_verb(index, person=before.role == "person"):
            return False
        if before.role not in ("person", "animal") and piece.verb is not None and piece.verb.form == "third":
            after = self.at(index + 1)
            ends = after is None or after.kind in ("mark", "line") or after.has("relation", "be", "path")
            if ends and noun.value in facts()["rather"]:
                return True  # pizza boxes
        if before.role == "place" and determined and piece.norm == "steps":
            return True  # a place does not step
        if self._verb_here(index, person=before.role == "person", plural=before.form == "plural"):
            return False
        if piece.verb is not None and piece.verb.form == "third" and determined:
            after = self.at(index + 1)
            if (
                after is None
                or after.kind in ("mark", "line")
                or after.has("article", "owner", "relation", "path", "number")
                or after.norm == "overhead"
            ):
                return False
        if piece.verb is not None and piece.verb.form == "third" and self.does(index, object_only=True):
            return False
        shows = piece.verb is not None and piece.verb.form == "" and before.form == "plural" and noun.form != "plural"
        if shows and noun.role != "body":
            return False  # fence posts show
        return not (noun.role in ("part",) and piece.norm in ("line", "row") and before.role == "person")

    def made_verb(self, index: int, *, person: bool) -> bool:
        """Whether a noun is a verb here, because one thing does it: the ferryman poles his raft, the river steams."""
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or piece.verb is not None or piece.noun is None or piece.noun.form != "plural":
            return False
        if piece.noun.role not in ("thing", "body", "weather", "part", "place", "vehicle"):
            return False
        if not piece.norm.endswith("s") or len(piece.tokens) > 1:
            return False
        return person and after is not None and (after.has("article", "owner") or after.norm.endswith("thing"))

    def does(self, index: int, *, object_only: bool = False) -> bool:
        """Whether a word that may be a plural noun is what the noun before it does: rain hammers the roof.

        ``object_only``: only where an object follows.
        """
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or piece.verb is None or piece.verb.form != "third":
            return False
        if after is not None and (after.has("article", "owner") or self.name_at(index + 1)):
            return True
        if object_only:
            return False
        return (
            after is None
            or after.kind in ("mark", "line")
            or after.has("relation", "path", "number", "pronoun", "direction", "speed", "with")
        )

    def _verb_here(self, index: int, *, person: bool, plural: bool = False) -> bool:
        """Whether a piece that may be a noun is a verb after a noun."""
        piece = self.at(index)
        if piece is None or piece.verb is None:
            return False
        noun, verb = piece.noun, piece.verb
        if noun is None or verb.form == "ing":
            return True
        after = self.at(index + 1)
        if person and plural and noun.role == "body" and (after is None or after.kind in ("mark", "line")):
            return False  # a girls face, without its apostrophe
        if person:
            joined = index - 2
            while joined > 0 and self.p[joined].has("article", "trait", "owner"):
                joined -= 1
            several = joined > 0 and self.p[joined].norm in ("and", "&")
            if noun.role == "event" and verb.form == "" and not plural and not several:
                return False
            return not (noun.role == "body" and noun.form != "plural" and verb.role != "look") or plural
        return noun.form == "plural" and not plural

    def _modifies(self, index: int, sure: bool, prefer: tuple[str, ...]) -> bool:
        """Whether a word that is no noun stands before one that it describes. ``sure``: the phrase has begun."""
        for at in range(index, min(index + 5, len(self.p))):
            piece = self.p[at]
            if piece.field is not None or piece.kind not in ("word", "mark"):
                return False
            noun = self._noun(at, prefer)
            if noun is not None and at == index + 1 and self.p[index].has("weather") and self.does(at):
                return False
            if at == index + 1 and self.p[index].has("weather") and piece.verb is not None and piece.verb.form == "ing":
                return False  # lying in the snow making angels
            if noun is not None and at > index and not (piece.verb and piece.verb.form and not piece.noun):
                return True
            if at > index and self.name_at(at) and piece.capital:
                return self.p[index].has("trait")
            if (
                piece.norm in (",", "and")
                and sure
                and at > index
                and self.p[at - 1].has("trait")
                and (after := self.at(at + 1)) is not None
                and after.has("trait")
            ):
                continue
            if piece.kind == "mark":
                return False
            if piece.has("trait"):
                continue
            if piece.has(
                "light_colour",
                "weather",
                "time_of_day",
                "season",
                "style",
                "light",
                "posed",
                "depth",
                "side_bare",
                "negation",
            ) and (not piece.has("negation") or piece.get("negation").value == "empty"):  # type: ignore[union-attr]
                continue
            if sure and piece.has("size_bare", "speed", "move_weak", "story", "number") and not piece.has("article"):
                continue
            verb = piece.verb
            if verb is not None and (verb.form in ("ing", "past")) and sure:
                continue
            if sure and not piece.entries and not piece.capital:
                continue
            return False
        return False

    def _unknown_noun(self, index: int, phrase: NounPhrase) -> bool:
        """Whether a word that the vocabulary does not have is named like a thing: after an article, by a relation."""
        piece = self.at(index)
        if piece is None or piece.entries or piece.kind != "word" or piece.field is not None or piece.capital:
            return False
        if piece.norm.endswith(_UNLIKE_NOUNS) or len(piece.norm) < 3 or not piece.norm.isalpha():
            return False
        before, after = self.at(phrase.start - 1), self.at(index + 1)
        placed = before is not None and (
            before.has("relation", "with", "path") or before.verb is not None or before.field == "moves"
        )
        return placed or (after is not None and after.has("relation", "side", "depth", "path"))

    def _deed_as_thing(self, index: int) -> bool:
        """Whether a verb is named as a thing: zoom in on the crack in the dam."""
        piece, after = self.p[index], self.at(index + 1)
        if not piece.entries or piece.field is not None or len(piece.tokens) > 1:
            return False
        deeds = all(entry.role in ("action", "exist") and entry.form == "" for entry in piece.entries)
        return deeds and (after is None or after.kind in ("mark", "line") or after.has("relation"))

    def _done_to(self, index: int, verb: Piece | None) -> bool:
        """Whether an unknown word is what somebody does something with: pours brandy."""
        piece, after = self.p[index], self.at(index + 1)
        if piece.entries or piece.kind != "word" or piece.field is not None or piece.capital or verb is None:
            return False
        if piece.norm.endswith(_UNLIKE_NOUNS) and not piece.norm.endswith(("y", "al", "ic")):
            return False
        if (
            piece.norm.endswith("ly")
            or len(piece.norm) < 3
            or piece.norm in _NO_NOUNS
            or piece.norm in load("en").plain
        ):
            return False
        if verb.verb is None or verb.verb.role not in ("action", "hold"):
            return False
        return after is None or after.kind in ("mark", "line") or after.has("relation", "path", "with")

    def _agent(self, index: int, determined: bool) -> bool:
        """Whether an unknown word is made like those of people, and does something: the pickers run."""
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or piece.entries or piece.kind != "word" or piece.field is not None:
            return False
        if piece.capital and not (self.begins_sentence(index) and piece.norm.endswith("s")):
            return False
        if (
            piece.norm in facts()["comparative"]
            or not piece.norm.endswith(_AGENTS)
            or len(piece.norm) < 6
            or after is None
        ):
            return False
        before = self.at(index - 1)
        if not determined and before is not None and before.kind not in ("mark", "line") and before.field is None:
            return False
        return after.verb is not None and after.noun is None and after.verb.role != "exist"

    def _lookers(self, index: int, phrase: NounPhrase) -> bool:
        """Whether an unknown plural is of people, because it is counted and looks: two ratings watch the dials."""
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or after is None or piece.entries or piece.kind != "word" or piece.field is not None:
            return False
        if not piece.norm.isalpha() or not (phrase.count or 0) > 1 or singular(piece.norm) is None:
            return False
        then = self.at(index + 2)
        looks = after.verb is not None and after.verb.form == "" and after.verb.role == "look"
        return looks and (after.noun is None or (then is not None and then.has("article", "owner")))

    def _unknown_head(self, index: int) -> bool:
        """Whether an unknown word is what the noun before it only describes: an instrument panel."""
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or piece.entries or piece.kind != "word" or piece.field is not None or piece.capital:
            return False
        if piece.norm.endswith((*_UNLIKE_NOUNS, "s")) or len(piece.norm) < 4 or not piece.norm.isalpha():
            return False
        if piece.norm in load("en").plain or piece.norm in _NO_NOUNS:
            return False
        return after is None or after.kind in ("mark", "line") or after.has("relation", "be", "path")

    def _trade(self, index: int) -> bool:
        """Whether an unknown word names by what somebody does whom the noun before it is told of: a horse trader."""
        piece = self.at(index)
        if piece is None or piece.entries or piece.kind != "word" or piece.field is not None or piece.capital:
            return False
        if piece.norm in facts()["comparative"]:
            return False
        return piece.norm.endswith(("er", "ers", "eer", "eers")) and len(piece.norm) > 4

    def _title(self, index: int) -> bool:
        piece, after = self.at(index), self.at(index + 1)
        if piece is None or after is None or not piece.has("title") or not piece.capital or not after.capital:
            return False
        if after.kind != "word" or (
            after.tokens[0].capitals != piece.tokens[0].capitals and not self.name_at(index + 1)
        ):
            return False
        if not after.entries or after.has(*_TITLED):
            return True
        return after.text_is_title and not after.has("person", "kind", "size", "move", "angle", "place")

    def _name(self, start: int, end: int) -> str:
        words = []
        for piece in self.p[start:end]:
            text = "".join(f"{'-' if t.hyphen else ' '}{t.text}" for t in piece.tokens)[1:]
            words.append(text.title() if text.isupper() or text.islower() else text)
        return " ".join(words)

    def _attributes(self, phrase: NounPhrase, traits: list[Piece]) -> None:
        for piece in traits:
            term = piece.get("weather", "time_of_day", "season", "light", "depth", "posed", "style", "negation")
            if term and term.role == "weather" and piece.norm in _MASS_WEATHER and phrase.value not in ("sky", "sea"):
                term = None
            if term and phrase.role == "clothing":
                term = None
            if term and piece.norm.startswith("snow") and phrase.value in facts()["high_land"] and phrase.plural:
                term = None  # snow-covered mountains: it lies there
            if term and piece.has("trait") and term.role not in ("posed",):
                term = None
            verb = piece.verb
            if (
                term is None
                and phrase.role == "person"
                and verb is not None
                and verb.form == "ing"
                and verb.role == "pose"
            ):
                term = Entry("posed", verb.value)  # a running boy
            if term is not None:
                phrase.terms.append(term)
                if term.role in ("negation", "style"):
                    phrase.traits.append(piece.norm)
            elif phrase.role == "body" and piece.has("person", "animal") and not piece.has("trait"):
                pass
            elif piece.entries or self._title(self.p.index(piece)):
                phrase.traits.append(piece.norm.removesuffix(" ."))
            if piece.entries or piece.capital:
                phrase.used.append(piece)
        if phrase.role == "thing" and phrase.value in facts()["fixtures"]:
            rooms = [room for piece in traits if (room := piece.get("place")) is not None and not piece.has("trait")]
            phrase.terms += [Entry("place_hint", rooms[-1].value)] if rooms else []
        things = [piece for piece in traits if piece.get("thing", "vehicle") and not piece.has("trait", "person")]
        if phrase.role == "body" and phrase.owner is None and things:
            thing = things[-1].get("thing", "vehicle")  # a watch's face is the watch
            phrase.traits = [one for one in phrase.traits if one != things[-1].norm] + [phrase.value]
            phrase.role, phrase.value = "thing", thing.value  # type: ignore[union-attr]
        if phrase.role == "body":
            if phrase.owner_role == "attribute" or phrase.owner_role in ("person", "name"):
                phrase.body = phrase.value
        elif phrase.owner_role == "attribute":
            phrase.about = phrase.owner or ""
            phrase.owner, phrase.owner_role = None, ""

    def _shorten(self, phrase: NounPhrase) -> None:
        """A kitchen table is a table, a market street a street; an ice cream is no cream."""
        before, blank, head = phrase.value.rpartition(" ")
        if " of " in phrase.value and phrase.role == "thing" and phrase.value not in facts()["compounds"]:
            head, blank, before = phrase.value.partition(" of ")  # a mask of wood
            before = f"of {before}"
        if not blank or phrase.unknown or phrase.role not in ("thing", "vehicle", "clothing", "place"):
            return
        if phrase.role == "thing" and before in _ROOMS and head in (*facts()["fixtures"], "island", "swing"):
            phrase.terms.append(Entry("place_hint", before))
        if phrase.role == "thing" and any(one.role == "body" for one in load("en").phrases.get((head,), ())):
            return  # a shower head is no head
        if phrase.value in facts()["compounds"] or (phrase.role == "place" and head not in facts()["heads"]):
            return
        phrase.value = head
        phrase.traits.append(before)
        if before == "neon":
            phrase.terms.append(Entry("light", "neon"))
        phrase.within = before if phrase.role == "place" and before in facts()["containers"] else ""

    def _of(self, phrase: NounPhrase, prefer: tuple[str, ...]) -> None:
        """The edge of a bed is about the bed; a cup of coffee is a cup."""
        of = self.at(phrase.end)
        if of is None or of.norm != "of" or of.field is not None or phrase.named:
            return
        inner = self.parse(phrase.end + 1, prefer)
        then = self.at(phrase.end + 2)
        if phrase.role == "person" and then is not None and then.verb is not None and then.verb.form == "ing":
            inner = None if self.p[phrase.end + 1].has("number") else inner  # a family of four eating
        if inner is None:
            number = self.at(phrase.end + 1)
            if number is not None and (number.has("number") or number.norm.isdecimal()) and phrase.role == "person":
                entry = number.get("number")
                phrase.count = int(entry.value) if entry else int(number.norm)
                phrase.used.append(number)
                phrase.end += 2
            return
        shape = phrase.value == "silhouette"
        if phrase.role == "part" or (
            phrase.role == "body" and not inner.is_person and (inner.role != "animal" or shape)
        ):
            before = phrase.traits + ([] if phrase.role == "part" else [phrase.value])
            phrase.role, phrase.value, phrase.plural = inner.role, inner.value, inner.plural
            phrase.traits = before + inner.traits
            phrase.count, phrase.body, phrase.unknown = inner.count, inner.body, inner.unknown
            phrase.owner, phrase.owner_role, phrase.article = inner.owner, inner.owner_role, inner.article
        elif phrase.role == "body":
            phrase.owner, phrase.owner_role, phrase.body = (
                inner.value,
                "name" if inner.named else "person",
                phrase.value,
            )
            phrase.article = inner.article
            phrase.owners = inner.count or (3 if inner.plural else None)
        elif phrase.role == "clothing" and inner.is_person and phrase.owner is None:
            phrase.owner, phrase.owner_role = inner.value, "name" if inner.named else "person"
        elif (
            inner.role == "vehicle"
            and phrase.role in ("thing", "clothing")
            and phrase.value in facts()["vehicle_parts"]
        ):
            part = [*phrase.traits, phrase.value]  # on the bonnet of a pickup
            phrase.role, phrase.value, phrase.plural = inner.role, inner.value, inner.plural
            phrase.traits, phrase.count, phrase.article = [*part, *inner.traits], inner.count, inner.article
        elif phrase.value in facts()["heaps"] and inner.plural and not inner.is_person and inner.role != "place":
            before = phrase.traits
            phrase.traits = [*before, phrase.value, *inner.traits]
            phrase.role, phrase.value, phrase.plural, phrase.count = inner.role, inner.value, True, inner.count
        else:
            if phrase.value in _MEASURES and inner.role in ("thing", "animal"):
                phrase.content = inner
            phrase.traits += [f"of {inner.value}"] if phrase.value not in _MEASURES else [inner.value]
            if inner.role == "place" and phrase.role != "place":
                phrase.terms.append(Entry("place", inner.value))
        phrase.terms += inner.terms
        phrase.used += [piece for piece in inner.used if piece not in phrase.used]
        phrase.end = inner.end
