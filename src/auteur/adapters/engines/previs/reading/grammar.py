"""The rules by which pieces of a prompt become a shot: one walk from left to right, phrase by phrase.

Long because the rules lean on each other and on one state: who acts in this clause, what was named last, which move is
open, which relation waits for its end.
"""

from auteur.adapters.engines.previs.reading.camera import Camera
from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft, ShotDraft
from auteur.adapters.engines.previs.reading.headings import read_headings
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.numbers import read_numbers
from auteur.adapters.engines.previs.reading.shot import Focus, PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, Vocabulary, facts

_STOPS = (".", "!", "?", "\n", ";", "...")
_SOFT = (",", ":", "-", "--", "(", ")", "/", '"', "\u201c", "\u201d", "\u2014")
_SIMPLE = ("weather", "season", "light", "light_colour", "style")
_PUT = frozenset({"put", "place", "set down", "lay", "hang", "drop", "arrange", "plant"})
_TEXTS = frozenset(
    {
        "text",
        "caption",
        "subtitle",
        "watermark",
        "logo",
        "title",
        "letters",
        "writing",
        "signature",
        "blur",
        "noise",
        "grain",
        "border",
        "artifact",
        "distortion",
        "number",
        "label",
    }
)
_SOUNDS = frozenset(
    {
        "music",
        "voice",
        "footsteps",
        "siren",
        "gunshot",
        "scream",
        "applause",
        "laughter",
        "birdsong",
        "ringing",
        "barking",
        "thunderclap",
    }
)
_ORDINAL = frozenset({"second", "third", "fourth", "fifth", "sixth"})
_LIKE = frozenset(
    {"like", "as if", "as though", "as still as", "as silent as", "as white as", "as quiet as", "resembling"}
)
_WITHIN = frozenset({"in", "on", "of", "under", "at", "inside", "from"})
_PICTURES = frozenset({"photo", "photograph", "portrait", "picture", "image", "footage", "render"})

_SOURCES = {
    "candle": "candle",
    "lamp": "lamp",
    "lantern": "lamp",
    "window": "window",
    "fire": "fire",
    "campfire": "fire",
    "bonfire": "fire",
    "torch": "torch",
    "flashlight": "torch",
    "moon": "moon",
    "television": "screen",
    "tv": "screen",
    "monitor": "screen",
    "computer": "screen",
    "laptop": "screen",
    "phone": "screen",
    "bulb": "lamp",
    "chandelier": "practical",
    "fireplace": "fire",
    "streetlamp": "lamp",
    "street lamp": "lamp",
    "desk lamp": "lamp",
    "neon sign": "neon",
    "brazier": "fire",
    "stove": "fire",
    "match": "flicker",
    "lighter": "flicker",
    "oil lamp": "lamp",
    "light bulb": "lamp",
    "headlamp": "torch",
    "head torch": "torch",
    "spark": "flicker",
    "firework": "flicker",
}
"""The light that a thing gives."""


class Grammar(Camera):
    """Reads the pieces into the draft."""

    def __init__(self, pieces: list[Piece], draft: ShotDraft, vocabulary: Vocabulary) -> None:
        super().__init__(pieces, draft, vocabulary)
        self.subject: list[PersonDraft] = []
        self.acting = False
        """The subject was named in this sentence."""
        self.last: PersonDraft | PropDraft | None = None
        self.verb: Entry | None = None
        self.doer: list[PersonDraft] = []
        self.waiting: list[tuple[str, str]] = []
        """Frame words and verbs that wait for the one of whom they speak."""
        self.emptied: Piece | None = None
        self.named = False
        """Something was named in this sentence."""
        self.heard = False
        self.focus_wanted = False

    def read(self) -> None:
        """Reads everything."""
        read_headings(self.p, self.draft)
        read_numbers(self.p, self.draft)
        index = 0
        while index < len(self.p):
            after = self.step(index)
            index = max(after, index + 1)
        self.end_sentence()
        self.finish()

    def finish(self) -> None:
        """What can only be said at the end."""
        draft = self.draft
        if self.emptied is not None:
            what = "extra" if draft.people else "people"
            if what not in draft.without:
                draft.without.append(what)
            self.emptied.field = "without"
        if draft.people and "people" in draft.without:
            draft.without[draft.without.index("people")] = "extra"
        if draft.pov_of is not None:
            draft.people = [one for one in draft.people if one.who.casefold() != draft.pov_of.casefold()]
        if draft.place is None:
            self._place_from_props()
        self._which_way()
        told = {one.what for one in draft.props} | {one.who for one in draft.people}
        held = dict.fromkeys(thing for person in draft.people for thing in person.holding)
        draft.props += [PropDraft(thing) for thing in held if thing not in told]
        for prop in draft.props:
            if prop.what in ("sun", "light", "moon") and prop.relation == "behind" and "backlit" not in draft.light:
                draft.light.append("backlit")
        if (
            "over_the_shoulder" in draft.kind
            and len(draft.people) == 2
            and (draft.shoulder_of is None) != (draft.shoulder_on is None)
        ):
            of, on = draft.shoulder_of, draft.shoulder_on
            other = next((one.who for one in draft.people if one.who != (of or on)), None)
            draft.shoulder_of, draft.shoulder_on = of or other, on or other

    def _which_way(self) -> None:
        """A tilt or a crane without a direction goes where its ends lie; where they say nothing, it is given back."""
        low, high = facts()["low"], facts()["high"]

        def height(name: str | None) -> int | None:
            return None if name is None else 0 if name in low else 2 if name in high else 1

        for move in [one for one in self.draft.moves if one.kind in ("tilt", "crane")]:
            start = height(move.said.get("origin", move.origin))
            end = height(move.said.get("target", move.target))
            up: bool | None = None
            if start is not None and end is not None and start != end:
                up = end > start
            elif start in (0, 2) and end is None:
                up = start == 0
            elif end in (0, 2) and start is None:
                up = end == 2
            if up is None and move.kind == "crane" and move.way in ("over", "above", "away", "back", "off", "out"):
                up = True
            if up is None:
                self.draft.moves.remove(move)
                for piece in move.pieces:
                    piece.field = None
            else:
                move.kind += "_up" if up else "_down"

    def _place_from_props(self) -> None:
        """Somebody in a car, a thing in a house: they are the place where no other is named."""
        for prop in self.draft.people:
            if prop.relation == "in" and prop.to in self.inside:
                self.draft.place = PlaceRead(name=prop.to, words=(prop.to,))
                return
        land = next((one.what for one in self.draft.props if one.role == "place" and one.what in facts()["land"]), None)
        if land is not None:
            self.draft.place = PlaceRead(name=land, words=(land,))

    inside: set[str]

    # --- the walk -----------------------------------------------------------------------------------------------------

    def step(self, index: int) -> int:
        piece = self.p[index]
        if piece.field is not None:
            if piece.field in ("lens_mm", "stop", "aspect", "int_ext", "place", "time_of_day"):
                self.new_clause()
            return index + 1
        if piece.kind in ("mark", "line") and not piece.entries:
            return self.on_mark(index)
        for rule in (
            self.on_negation,
            self.on_sound,
            self.on_style,
            self.on_likeness,
            self.on_pov,
            self.on_shoulder,
            self.on_terms,
            self.on_camera,
            self.on_reveal,
            self.on_move_word,
            self.on_pronoun,
            self.on_frame,
            self.on_verb,
            self.on_light_source,
            self.on_relation,
            self.on_with,
            self.on_phrase,
            self.on_trait,
        ):
            end = rule(index)
            if end is not None and end > index:
                return end
        return index + 1

    def on_mark(self, index: int) -> int:
        norm = self.p[index].norm
        if norm in _STOPS:
            before = self.at(index - 1)
            if norm == "." and before is not None and before.has("title"):
                return index + 1
            if norm == "\n" and index + 1 < len(self.p) and self.p[index + 1].tokens[0].text.islower():
                return index + 1
            self.end_sentence()
        elif norm in _SOFT or norm == "\u2014":
            self.settle()
            self.new_clause()
            self.heard = False
            self.focus_wanted = False
            if norm != "(":
                self.wanted = None
            self.verb = None
            if norm in (":", "-", "--"):
                self.camera = False
        return index + 1

    def new_clause(self) -> None:
        self.clause = []
        self.prop_in_relation = False
        self.related = None

    def settle(self) -> None:
        """At a comma: frame words that stood after what they speak of."""
        if self.waiting and self.named and not self.clause and self.last is not None:
            for role, value in self.waiting:
                self.place_in_frame(self._spoken_of(), role, value)
            self.waiting = []

    def _spoken_of(self) -> PersonDraft | PropDraft:
        """Of whom words speak that stand after a comma: Beatrix at the piano, camera right."""
        one = self.subject[-1] if self.subject and self.acting else None
        if one is not None and isinstance(self.last, PropDraft) and one.to == self.last.what:
            return one
        assert self.last is not None
        return self.last

    def end_sentence(self) -> None:
        if self.waiting and self.last is not None:
            for role, value in self.waiting:
                self.place_in_frame(self._spoken_of(), role, value)
        self.waiting = []
        self.new_clause()
        self.acting = self.open = self.camera = self.named = self.heard = self.focus_wanted = False
        self.wanted = None
        self.verb = None
        self.speed = None
        self.move = None

    def subject_now(self) -> bool:
        return self.acting and not self.camera

    def subject_is(self, person: PersonDraft) -> None:
        self.subject = [person]
        self.acting, self.named = True, True
        self.last = person
        self.clause.append(person)

    # --- negation -----------------------------------------------------------------------------------------------------

    def on_negation(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("negation")
        if entry is None:
            return None
        after = self.at(index + 1)
        if entry.value == "else":
            return index + 1
        if entry.value == "nobody":
            if after is not None and (after.norm == "else" or self._nobody_does(index + 1)):
                return index + 2
            where = self.nouns.parse(index + 2) if after is not None and after.has("relation") else None
            if where is not None and self._nobody_does(where.end):
                return index + 1  # nobody at the table speaks
            then = self.at(index + 2)
            if (
                after is not None
                and after.has("be")
                and then is not None
                and then.kind == "word"
                and not then.has("relation", "be")
            ):
                return index + 3
            self._without("people", index, index + 1)
            return index + 1
        if entry.value == "empty":
            return self._empty(index)
        return self._no(index)

    def _nobody_does(self, index: int) -> bool:
        """Whether a verb stands here: no one speaks takes nobody away."""
        piece = self.at(index)
        if piece is None or piece.kind != "word":
            return False
        if piece.verb is not None and (piece.noun is None or piece.verb.form == "third"):
            return True
        return not piece.entries and not piece.capital and piece.norm.endswith("s")

    def _empty(self, index: int) -> int | None:
        phrase = self.nouns.parse(index)
        if phrase is not None:
            return None
        piece = self.p[index]
        if isinstance(self.last, PropDraft) and self.clause:
            about = self.about
            if about:
                self._without(about, index, index + 1)
            else:
                self.last.traits.append(piece.norm)
                self.mark(index, index + 1, "props")
        else:
            self.emptied = piece
        return index + 1

    about = ""

    def _without(self, what: str, start: int, end: int) -> None:
        if what not in self.draft.without:
            self.draft.without.append(what)
        self.mark(start, end, "without")

    def _no(self, index: int) -> int:
        """Takes what is named up to the end of the list; places and doings after it stand."""
        at = index + 1
        while (
            (piece := self.at(at)) is not None
            and piece.has("article", "owner", "be")
            and piece.kind == "word"
            and not piece.noun
        ):
            if self.nouns.parse(at) is not None:
                break
            at += 1
        phrase = self.nouns.parse(at)
        piece = self.at(at)
        if phrase is None:
            if piece is None or piece.kind in ("mark", "line"):
                return index + 1
            if piece.has("kind", "size", "compound", "angle", "move", "move_weak", "dutch", "focus") and (
                not piece.has("light", "weather", "style") and not piece.noun
            ):
                return at + 1  # a size, an angle, a move that is not wanted: no thing that could be missing
            if piece.has("light", "weather", "style", "silence", "heard") and not (
                piece.verb and piece.has("move_weak")
            ):
                weather = piece.get("weather")
                self._without(weather.value if weather else piece.norm, index, index + 1)
                self.mark(at, at + 1, "without")
                return at + 1
            if piece.norm.isalpha() and not piece.entries and self.p[index].norm in ("no", "without"):
                self._without(piece.norm, index, at + 1)
                return at + 1
            return at + 1
        if (
            piece is not None
            and self.p[index].norm.endswith(("not", "n't"))
            and piece.verb is not None
            and at == index + 1
            and (then := self.at(at + 1)) is not None
            and (then.has("article", "owner", "pronoun", "relation", "path", "toward") or then.kind in ("mark", "line"))
        ):
            return at + 1  # what somebody does not do
        self.mark(index, index + 1, "without")
        self._deny(phrase)
        at = phrase.end
        while (piece := self.at(at)) is not None:
            after = self.at(at + 1)
            if piece.norm in ("or", "and", "nor", "/", "&") or (piece.norm == "," and self._list_goes_on(at)):
                start = at + 2 if after is not None and after.norm in ("or", "and", "nor") else at + 1
                more = self.nouns.parse(start)
                if more is None or (piece.norm == "and" and more.article == "a"):
                    break
                if self.at(more.end) is not None and self.p[more.end].verb and not self.p[more.end].noun:
                    break
                self._deny(more)
                at = more.end
            elif piece.norm in ("in sight", "anywhere", "around", "visible"):
                at += 1
            else:
                break
        return at

    def _list_goes_on(self, comma: int) -> bool:
        """Whether what stands after the comma belongs to the same no: up to an or, or of what no picture wants."""
        phrase = self.nouns.parse(comma + 1)
        if phrase is None:
            after = self.at(comma + 1)
            return after is not None and after.norm in ("or", "nor") and self.nouns.parse(comma + 2) is not None
        if phrase.article or phrase.count:
            return False
        if phrase.value in _TEXTS:
            return True
        after = self.at(phrase.end)
        if after is None or after.norm not in ("or", "nor", ","):
            return False
        return after.norm in ("or", "nor") or self._list_goes_on(phrase.end)

    def _deny(self, phrase: NounPhrase) -> None:
        what = phrase.body or phrase.value
        if phrase.role == "person" and what in ("person", "human", "figure"):
            what = "people"
        if phrase.named:
            self.denied.add(what)
        if what not in self.draft.without:
            self.draft.without.append(what)
        self._take(phrase, "without")

    # --- sound --------------------------------------------------------------------------------------------------------

    def on_sound(self, index: int) -> int | None:
        piece = self.p[index]
        if piece.has("heard") and not (piece.verb and self.subject_now()):
            self.heard = True
            self.mark(index, index + 1, "off_screen")
            return index + 1
        if piece.has("silence") and not self.nouns.parse(index):
            self.mark(index, index + 1, "style")
            self.draft.style.append(piece.norm)
            return index + 1
        if not piece.has("sound"):
            return None
        before = self.at(index - 1)
        if before is not None and before.noun is not None and before.noun.role == "body" and before.field == "people":
            self._unseen(before, index)
            return index + 1
        entries = [one for one in self.clause if isinstance(one, (PersonDraft, PropDraft))]
        if self.verb is not None and self.verb.role == "look":
            return None
        target = entries[-1] if entries else self.last if self.named else None
        if target is None:
            after = self.at(index + 1)
            if piece.norm in ("o.s", "o.s.") or after is None or after.kind != "word":
                return None
            self.heard = True
            self.mark(index, index + 1, "off_screen")
            return index + 1
        if isinstance(target, PersonDraft) and target.look is not None:
            self.mark(index, index + 1, "people")
            return index + 1
        self._off(target)
        self.mark(index, index + 1, "off_screen")
        return index + 1

    def _unseen(self, piece: Piece, index: int) -> None:
        """Hands out of frame: not there, though the person is."""
        part = piece.noun.value if piece.noun else piece.norm
        for person in self.draft.people:
            person.traits = [one for one in person.traits if one != part]
        piece.field = None
        self.mark(index - 1, index + 1, "without")
        if part not in self.draft.without:
            self.draft.without.append(part)

    def _off(self, target: PersonDraft | PropDraft) -> None:
        if target.name not in self.draft.off_screen:
            self.draft.off_screen.append(target.name)
        if isinstance(target, PersonDraft):
            if target in self.draft.people:
                self.draft.people.remove(target)
            if target in self.cast.recent:
                self.cast.recent.remove(target)
            self.subject = [one for one in self.subject if one is not target]
        elif target in self.draft.props:
            self.draft.props.remove(target)
        self.last = None

    # --- camera -------------------------------------------------------------------------------------------------------

    def on_pov(self, index: int) -> int | None:
        return self.pov_before(index)

    def on_shoulder(self, index: int) -> int | None:
        """``over Ben's shoulder``."""
        piece = self.p[index]
        if piece.norm not in ("over", "past", "from over", "from behind", "through"):
            return None
        phrase = self.nouns.parse(index + 1)
        if phrase is not None and phrase.is_person and piece.norm == "over" and self._over_somebody(phrase):
            person = self._somebody(phrase)
            self.frame_word("kind", "over_the_shoulder")
            self.draft.shoulder_of = person.who
            self.mark(index, phrase.end, "over_shoulder")
            self.last, self.named = person, True
            return self._shoulder_on(phrase.end)
        if phrase is None or phrase.role != "body":
            return None
        if phrase.value == "eye" and phrase.owner_role in ("name", "person", "attribute") and piece.norm == "through":
            self.draft.pov_of = phrase.owner
            self.frame_word("kind", "pov")
            self._take(phrase, "pov_of")
            self.mark(index, index + 1, "kind")
            return phrase.end
        if phrase.value != "shoulder" or phrase.owner is None or piece.norm == "through":
            return None
        if self.subject_now() and phrase.owner_role == "pronoun":
            return None
        owner = self.cast.owner(phrase) or next(iter(self.cast.pronoun(phrase.owner)), None)
        if owner is None:
            return None
        person = owner
        self.frame_word("kind", "over_the_shoulder")
        self.draft.shoulder_of = person.who
        self._take(phrase, "over_shoulder")
        self.mark(index, phrase.end, "over_shoulder")
        self.named = True
        self.last = person
        return self._shoulder_on(phrase.end)

    def _over_somebody(self, phrase: NounPhrase) -> bool:
        """``over X onto Y`` in a shot list is over the shoulder."""
        after = self.at(phrase.end)
        if self.verb is not None or self.move is not None:
            return False
        if "over_the_shoulder" in self.draft.kind:
            return self.draft.shoulder_of is None
        return (
            not self.subject_now()
            and after is not None
            and after.has("favour")
            and after.norm in ("onto", "to", "->", "on")
        )

    def on_terms(self, index: int) -> int | None:
        piece = self.p[index]
        if (entry := piece.get("compound")) is not None:
            return self.compound(index, entry)
        if (entry := piece.get("size")) is not None:
            self.frame_word("size", entry.value)
            self.mark(index, index + 1, "size")
            return index + 1
        if piece.has("size_bare") and self.is_bare_size(index):
            self.frame_word("size", piece.get("size_bare").value)  # type: ignore[union-attr]
            self.mark(index, index + 1, "size")
            return index + 1
        if (entry := piece.get("dutch")) is not None:
            self.draft.dutch = True
            self.mark(index, index + 1, "dutch")
            return index + 1
        if (entry := piece.get("camera_height")) is not None:
            self.draft.camera_height = self.draft.camera_height or entry.value
            self.camera = self.camera or piece.norm.split()[0] in ("camera", "lens")
            self.mark(index, index + 1, "camera_height")
            return index + 1
        if (entry := piece.get("kind")) is not None and self.is_kind(index):
            return self.kind(index, entry)
        if (entry := piece.get("angle")) is not None and self._is_angle(index):
            self.frame_word("angle", entry.value)
            self.mark(index, index + 1, "angle")
            return index + 1
        if (entry := piece.get("focus")) is not None and not self._before_noun(index):
            return self.focus_word(index, entry)
        if piece.has("focus_on") and not piece.has("move"):
            self.focus_wanted = True
            self.mark(index, index + 1, "focus")
            if piece.norm == "in focus" and self.last is not None:
                self.focus_wanted = False
                self.draft.focus = Focus(depth=self.draft.focus.depth if self.draft.focus else None, on=self.last.name)
            return index + 1
        return self.on_world(index)

    def _before_noun(self, index: int) -> bool:
        after = self.at(index + 1)
        return (
            after is not None
            and after.field is None
            and after.noun is not None
            and after.noun.role != "part"
            and not self.p[index].tokens[1:]
        )

    def _is_angle(self, index: int) -> bool:
        piece, after, before = self.p[index], self.at(index + 1), self.at(index - 1)
        if (
            self.subject_now()
            and (self.clause or self.verb is not None)
            and piece.norm
            in (
                "looking straight up",
                "straight up",
                "straight down",
                "from above",
                "from below",
                "overhead",
                "directly above",
            )
        ):
            return self.verb is None or self.verb.role != "look"
        if (
            len(piece.tokens) == 1
            and after is not None
            and after.field is None
            and after.noun is not None
            and after.noun.role in ("thing", "vehicle")
        ):
            return False
        return not (
            before is not None
            and before.has("article")
            and len(piece.tokens) == 1
            and after is not None
            and after.noun is not None
        )

    def on_style(self, index: int) -> int | None:
        """``shot on Fuji``, ``in the style of``, ``directed by`` and the names after them; a photo or a portrait."""
        piece, after = self.p[index], self.at(index + 1)
        begins = (
            piece.norm in ("shot", "filmed", "photographed")
            and after is not None
            and after.norm in ("on", "with", "by")
        )
        begins = begins or piece.norm in (
            "in the style of",
            "style of",
            "inspired by",
            "directed by",
            "photographed by",
            "like a",
            "lensed by",
        )
        begins = begins or (
            piece.norm == "by"
            and self.nouns.name_at(index + 1)
            and self.p[index + 1].norm not in self.known_names()
            and self.verb is None
            and after is not None
            and not after.entries
        )
        if begins:
            end = index + (1 if after is not None and after.norm not in ("on", "with", "by") else 2)
            start = end
            while (
                (one := self.at(end)) is not None
                and one.field is None
                and (
                    one.has("style", "unit")
                    or one.kind == "number"
                    or (one.capital and not one.has("size", "kind", "move"))
                )
            ):
                end += 1
            if end > start:
                self.draft.style.append(" ".join(one.norm for one in self.p[start:end]))
                self.mark(index, end, "style")
                return end
            return None
        if piece.has("shot") and piece.norm.split()[0] in _PICTURES:
            self.draft.style.append(piece.norm.split()[0])
            self.mark(index, index + 1, "style")
            return index + 1
        return None

    def on_likeness(self, index: int) -> int | None:
        """What something is like, or is said to be, is not there: like a statue, his heart is a fist."""
        piece, after = self.p[index], self.at(index + 1)
        if after is None:
            return None
        if piece.norm in _LIKE:
            phrase = self.nouns.parse(index + 1)
            if phrase is None or phrase.role in ("event", "part") or phrase.named:
                return None
            end = phrase.end
            while (more := self.at(end)) is not None and more.has("relation", "path") and more.norm in _WITHIN:
                inner = self.nouns.parse(end + 1)
                if inner is None:
                    break
                end = inner.end
            return end
        before = self.at(index - 1)
        if piece.norm not in ("is", "are", "was", "were") or before is None or before.kind != "word":
            return None
        if (
            not after.has("article")
            or before.has("be", "pronoun", "camera", "shot")
            or before.norm in ("here", "there")
        ):
            return None
        phrase = self.nouns.parse(index + 1)
        if phrase is None or phrase.role in ("place", "event", "part") or phrase.named:
            return None
        if phrase.is_person and isinstance(self.last, PersonDraft):
            self.last.traits.append(phrase.value)
            self._take(phrase, "people")
        elif phrase.article != "a":
            return None
        return phrase.end

    def known_names(self) -> set[str]:
        return {one.who.casefold() for one in self.draft.people if one.named}

    def on_world(self, index: int) -> int | None:
        """Weather, season, time, light and style, where they are no part of a noun phrase."""
        piece = self.p[index]
        entry = piece.get("time_of_day")
        if entry is not None and self._is_time(index):
            if self.draft.time_of_day is None or self._better_time(entry.value):
                self.draft.time_of_day = entry.value
            self.mark(index, index + 1, "time_of_day")
            return index + 1
        entry = piece.get(*_SIMPLE)
        if entry is None and (entry := piece.get("light_adjective")) is not None:
            after = self.at(index + 1)
            if after is None or not after.has("light") or after.field is not None:
                return None
            self.world("light", entry.value, "")
            self.mark(index, index + 1, "light")
            return index + 1
        if entry is None:
            return None
        single = len(piece.tokens) == 1
        if single and (piece.noun is not None or piece.verb is not None or piece.has("trait")):
            before, after = self.at(index - 1), self.at(index + 1)
            if (
                before is not None
                and before.field is None
                and before.has("article", "number", "owner")
                and (piece.noun is not None or (after is not None and after.noun))
            ):
                return None
            if piece.verb is not None and self.subject_now() and self.clause and entry.role != "light":
                return None
        phrase = self.nouns.parse(index)
        if phrase is not None and phrase.end > index + 1 and single and entry.role != "style":
            return None
        if single and phrase is not None and entry.role == "style" and piece.has("trait"):
            return None
        if entry.role == "light_colour" and single and not self._stands_alone(index):
            return None
        if entry.role == "light" and entry.value == "silhouette" and not self.draft.people:
            before, after = self.at(index - 1), self.at(index + 1)
            if (
                before is not None
                and before.has("article")
                and after is not None
                and (after.verb or after.has("relation"))
            ):
                self.subject_is(self.cast._new("figure", 1))
        self.world(entry.role, entry.value, piece.norm)
        self.mark(index, index + 1, "light" if entry.role == "light_colour" else entry.role)
        if entry.role == "light":
            words = piece.norm.split()
            for at in range(1, len(words)):  # soft window light is both
                for one in self.vocabulary.phrases.get(tuple(words[at:]), ()):
                    if one.role == "light":
                        self.world("light", one.value, "")
            source = next((word for word in ("lamp", "lantern", "lamps", "candles") if word in words), None)
            if source is not None and not {"lit", "light"} & set(words[1:2]):
                self.cast.prop(NounPhrase(index, role="thing", value=source.removesuffix("s")))
            after = self.at(index + 1)
            if (
                after is not None
                and after.has("direction", "side")
                and after.norm.startswith(("from", "on", "camera", "frame"))
            ):
                self.world("light", "side", "")
                self.mark(index + 1, index + 2, "light")
                return index + 2
        return index + 1

    def _stands_alone(self, index: int) -> bool:
        before, after = self.at(index - 1), self.at(index + 1)
        return (before is None or before.kind in ("mark", "line")) and (after is None or after.kind in ("mark", "line"))

    def _better_time(self, value: str) -> bool:
        return self.draft.time_of_day == "day" and value != "day"

    def _is_time(self, index: int) -> bool:
        piece, before, after = self.p[index], self.at(index - 1), self.at(index + 1)
        if piece.norm in ("day", "days", "nights", "mornings", "evenings"):
            if after is not None and after.norm == "of":
                return False
            if before is not None and before.has("trait", "number", "quantity", "owner") and before.field is None:
                return False
        phrase = self.nouns.parse(index)
        return phrase is None or phrase.end == index + 1

    def world(self, role: str, value: str, said: str) -> None:
        draft = self.draft
        if role == "weather" and value not in draft.weather:
            draft.weather.append(value)
        elif role == "season":
            draft.season = draft.season or value
        elif role in ("light", "light_colour") and value not in draft.light:
            draft.light.append(value)
        elif role == "style" and said not in draft.style:
            draft.style.append(said)
        elif role == "time_of_day":
            draft.time_of_day = draft.time_of_day or value

    def on_camera(self, index: int) -> int | None:
        piece = self.p[index]
        if piece.has("camera") or (piece.has("we") and piece.norm == "we" and not self.clause):
            after = self.at(index + 1)
            self.camera = True
            self.acting = False
            if piece.has("camera"):
                near = list(self.p[index + 1 : index + 4])
                if any(one.has("move", "move_weak", "relation", "camera_height", "angle", "side") for one in near) or (
                    after is not None and after.kind == "mark"
                ):
                    self.mark(index, index + 1, "moves")
                elif self.verb is None:
                    return index + 1
            return index + 1
        return None

    def on_reveal(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("reveal")
        if entry is None or (self.subject_now() and self.clause and not self.camera and self.move is None):
            return None
        if self.subject_now() and piece.verb is not None and not self.open:
            return None
        phrase = self.nouns.parse(index + 1)
        after = self.at(index + 1)
        if phrase is None and not (after is not None and (after.has("pronoun", "size", "kind", "compound"))):
            return None
        if entry.value == "from":
            self.move = None
            self.wanted = "origin"
            self.mark(index, index + 1, "moves")
            return index + 1
        if self.move is None and self.draft.moves:
            self.move = self.draft.moves[-1]
        if self.move is None and not piece.norm.endswith("on"):
            return None
        self.wanted = "target"
        self.camera = False
        self.mark(index, index + 1, "moves")
        return index + 1

    def on_move_word(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("move", "move_weak")
        if entry is not None and self.is_move(index, entry):
            return self.on_move(index, entry)
        if piece.has("speed"):
            return self._speed(index)
        if (
            self.move is not None
            and piece.has("direction")
            and (len(piece.tokens) > 1 or piece.norm.endswith(("wise", "cw")))
            and not (self.verb is not None and self.doer)
        ):
            return self._how(index, self.move)
        if (
            self.open
            and self.move is not None
            and not self.subject_now()
            and piece.has("direction")
            and (len(piece.tokens) > 1 or not self._has_way(index))
        ):
            return self._how(index, self.move)
        if (
            piece.kind == "number"
            and (after := self.at(index + 1)) is not None
            and after.norm in ("degree", "degrees", "\u00b0")
            and self.move is not None
        ):
            return index + 2
        return None

    def _speed(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("speed")
        if entry is None:
            return None
        for at in range(index + 1, min(index + 5, len(self.p))):
            one = self.p[at]
            if one.kind in ("mark", "line") and one.norm != ",":
                break
            move = one.get("move", "move_weak")
            weak = one.has("move_weak") and not self.subject_now() and self.p[at - 1].has("kind")
            if move is not None and (weak or self.is_move(at, move)):
                self.speed = entry.value
                self.mark(index, index + 1, "moves")
                return index + 1
            if one.noun is not None and not one.has("speed", "trait", "article", "kind", "size", "number"):
                break
        if self.move is not None and (self._stands_alone(index) or (self.open and not self.subject_now())):
            self.move.speed = self.move.speed or entry.value
            self.mark(index, index + 1, "moves")
            return index + 1
        if self.doer and self.verb is not None:
            for person in self.doer:
                person.traits.append(piece.norm)
            self.mark(index, index + 1, "people")
            return index + 1
        return None

    # --- people and frame ---------------------------------------------------------------------------------------------

    def on_pronoun(self, index: int) -> int | None:
        piece = self.p[index]
        if (end := self._one_of_them(index)) is not None:
            return end
        entry = piece.get("pronoun")
        if entry is None:
            return None
        if piece.has("article", "owner", "number", "article") and self.nouns.parse(index) is not None:
            return None
        if (
            piece.norm
            in ("both", "the two", "these two", "those two", "all", "the three", "all three", "the four", "all four")
            and self.nouns.parse(index) is not None
        ):
            return None
        if (
            entry.value in ("one", "other")
            and (piece.has("number") or piece.has("article"))
            and self.nouns.parse(index) is not None
        ):
            return None
        if piece.norm in ("that", "which", "whose", "other", "who", "whom") and entry.value != "who":
            return None
        if entry.value == "it":
            if self.cast.thing is not None and self.wanted_relation:
                self.relate(self.wanted_relation, self.cast.thing.what, index)
            return index + 1
        if entry.value == "who" and piece.norm in ("that", "which", "whose"):
            return None
        pov = self.draft.pov_of is not None and not self.draft.people
        people = self.cast.pronoun(entry.value, create=not pov and not (entry.value in ("someone",) and self.camera))
        if not people:
            return index + 1
        if entry.value in ("both", "someone", "one", "other", "they", "all"):
            self.mark(index, index + 1, "people")
        for person in people:
            self.cast.touch(person)
        self.named_people(people, index)
        return index + 1

    def _one_of_them(self, index: int) -> int | None:
        """The elder, the other three, the former and the latter: of those who were named."""
        piece, after, then = self.p[index], self.at(index + 1), self.at(index + 2)
        if after is None or not (piece.has("article") or piece.has("pronoun")):
            return None

        def acts(one: Piece | None) -> bool:
            return one is None or one.kind in ("mark", "line") or one.verb is not None or one.has("be", "relation")

        people: list[PersonDraft] = []
        end = index + 1
        if piece.norm == "the" and after.norm in facts()["comparative"] and acts(then):
            people, end = self.cast.pronoun("one"), index + 2
        elif piece.norm in ("the other", "other", "the others") and (then is None or not then.noun):
            number = after.get("number")
            count = int(number.value) if number else int(after.norm) if after.norm.isdecimal() else 0
            if 1 < count < 50:
                people, end = self.cast.others(count), index + 2
        elif piece.norm in ("a", "another") and after.norm in _ORDINAL and acts(then) and self.cast.recent:
            known = self.cast.recent[-1]
            people, end = [self.cast._new(known.who, 1)], index + 2
        elif piece.norm in ("the former", "the latter", "the first", "the second") and acts(after):
            people = self.cast.ranked(piece.norm in ("the former", "the first"))
        if not people:
            return None
        self.mark(index, end, "people")
        for person in people:
            self.cast.touch(person)
        self.named_people(people, index)
        return end

    wanted_relation: str | None = None

    def named_people(self, people: list[PersonDraft], index: int) -> None:
        """People were named: they end a relation, a move or a verb, or begin to act."""
        name = people[0].who
        if self.wanted_relation is not None:
            relation, self.wanted_relation = self.wanted_relation, None
            if relation not in ("to", "from", "through"):
                self.relate(relation, name, index)
            return
        if self.focus_wanted:
            self.focus_wanted = False
            self.draft.focus = Focus(depth=self.draft.focus.depth if self.draft.focus else None, on=name)
        if self.wanted is not None:
            self.move_end(self.wanted, name)
            self.wanted = None
            self.subject, self.acting = people, True
            self.camera = False
        elif self.verb is not None and self.doer and self.clause:
            if self.verb.role == "look":
                for person in self.doer:
                    person.looking_at = person.looking_at or name
            elif self.verb.role == "hold":
                for person in self.doer:
                    person.holding.append(name)
        else:
            before = self.at(index - 1)
            if (
                before is not None
                and before.norm in ("and", "&")
                and self.clause
                and isinstance(self.clause[-1], PersonDraft)
            ):
                self.subject = [*self.subject, *[one for one in people if one not in self.subject]]
                self.cast.together = list(self.subject)
            else:
                self.subject = list(people)
            self.acting = True
            self.camera = False
        for role, value in self.waiting:
            for person in people:
                self.place_in_frame(person, role, value)
        self.waiting = []
        self.last = people[-1]
        self.named = True
        self.clause += people
        self.prop_in_relation, self.related = False, None

    def on_frame(self, index: int) -> int | None:
        """Side, depth, where somebody faces and looks, and a pose that no verb says."""
        piece = self.p[index]
        before = self.at(index - 1)
        if (
            piece.has("toward", "side_bare")
            and before is not None
            and before.field == "people"
            and before.noun is not None
            and before.noun.value in ("eye", "face", "head")
            and isinstance(self.last, PersonDraft)
        ):
            self.last.look = self.last.look or piece.get("toward", "side_bare").value  # type: ignore[union-attr]
            self.mark(index, index + 1, "people")
            return index + 1  # eyes down
        if self.verb is not None and self.verb.role == "look" and self.doer:
            entry = piece.get("toward")
            if entry is None and (side := piece.get("side_bare")):
                entry = Entry("toward", side.value)
            if entry is not None:
                for person in self.doer:
                    person.look = person.look or entry.value
                self.mark(index, index + 1, "people")
                return index + 1
            exchange = piece.get("exchange")
            if exchange is not None:
                for person in self.doer:
                    person.facing = person.facing or "each_other"
                    person.looking_at = person.looking_at or "each other"
                self.mark(index, index + 1, "people")
                return index + 1
        if piece.norm == "away" and self.doer and self.verb is not None and self.verb.role == "pose":
            return self._frame(index, "facing", "away")
        beside = piece.has("side") and self.verb is None
        if (
            piece.has("direction")
            and self.move is None
            and not beside
            and (len(piece.tokens) > 2 or self.verb is not None)
        ):
            moving = self.clause[-1] if self.clause else None
            if isinstance(moving, (PersonDraft, PropDraft)) and len(piece.tokens) > 1:
                moving.direction = piece.get("direction").value  # type: ignore[union-attr]
                self.mark(index, index + 1, "people" if isinstance(moving, PersonDraft) else "props")
                return index + 1
        for role in ("facing", "side", "depth", "posed", "exchange"):
            entry = piece.get(role)
            if entry is None:
                continue
            if role == "posed" and self.nouns.parse(index) is not None:
                continue
            if role == "depth" and self._depth_of_noun(index):
                continue
            return self._frame(index, role, entry.value)
        if ((entry := piece.get("side_bare")) is not None and not piece.has("direction")) or (
            entry is not None and self.clause
        ):
            if self.doer and self.verb is not None and self.verb.value in ("walk", "run", "turn", "face"):
                for person in self.doer:
                    person.facing = person.facing or entry.value
                self.mark(index, index + 1, "people")
                return index + 1
            if self._stands_alone(index) or (self.clause and self._ends(index)):
                return self._frame(index, "side", entry.value)
        return None

    def _ends(self, index: int) -> bool:
        after = self.at(index + 1)
        return after is None or after.kind in ("mark", "line") or after.verb is not None

    def _depth_of_noun(self, index: int) -> bool:
        return (
            len(self.p[index].tokens) == 1
            and self.p[index].norm in ("distant", "faraway")
            and self.nouns.parse(index) is not None
        )

    def _frame(self, index: int, role: str, value: str) -> int:
        self.mark(index, index + 1, "people" if role not in ("side", "depth") else role)
        target: PersonDraft | PropDraft | None = None
        if self.clause and self.prop_in_relation and self.related is not None and role in ("side", "depth"):
            target = self.related
        elif self.clause:
            target = self.clause[-1] if isinstance(self.clause[-1], (PersonDraft, PropDraft)) else None
        elif self.doer and self.verb is not None:
            target = self.doer[-1]
        elif role in ("facing", "posed", "exchange") and self.subject:
            target = self.subject[-1]
        if role == "posed" and isinstance(target, PropDraft):
            target.traits.append(self.p[index].norm)
            self.p[index].field = "props"
            return index + 1
        if (
            role == "depth"
            and (before := self.at(index - 1)) is not None
            and before.has("trait")
            and before.field is None
        ):
            self.draft.style.append(f"{before.norm} {self.p[index].norm}")
            self.p[index].field = before.field = "style"
            return index + 1
        if role in ("side", "depth") and self.clause and isinstance(self.clause[-1], NounPhrase):
            self.p[index].field = "place"
            return index + 1
        if role in ("facing", "posed", "exchange") and not isinstance(target, PersonDraft):
            target = self.subject[-1] if self.subject and (self.acting or self.named) else None
        if target is None:
            self.waiting.append((role, value))
            if role in ("facing", "exchange") and not self.named and self.subject:
                self.waiting.pop()
                self.place_in_frame(self.subject[-1], role, value)
        elif target in self.subject and len(self.subject) > 1 and role in ("facing", "exchange", "posed"):
            for person in self.subject:
                self.place_in_frame(person, role, value)
        else:
            self.place_in_frame(target, role, value)
        field = "props" if isinstance(target, PropDraft) else "people"
        self.p[index].field = field
        return index + 1

    def place_in_frame(self, target: PersonDraft | PropDraft, role: str, value: str) -> None:
        if role == "side":
            target.side = target.side or value  # type: ignore[assignment]
        elif role == "depth":
            target.depth = target.depth or value  # type: ignore[assignment]
        elif isinstance(target, PersonDraft):
            if role in ("facing", "exchange"):
                target.facing = target.facing or value
            elif role == "posed":
                self._pose(target, value)
            elif role in ("pose", "action", "hold", "look", "wear"):
                self._do(target, Entry(role, value))
            elif role == "relation" and not value.endswith(f":{target.name}"):
                relation, _, to = value.partition(":")
                target.relation, target.to = target.relation or relation, target.to or to
        elif role == "relation" and not value.endswith(f":{target.name}"):
            relation, _, to = value.partition(":")
            target.relation, target.to = target.relation or relation, target.to or to
        elif role in ("pose", "action"):
            target.traits.append(value)

    def _pose(self, person: PersonDraft, value: str) -> None:
        if person.pose is None:
            person.pose = value
        elif person.pose != value and person.action is None:
            person.action = value
        if value == "sleep":
            person.action = "sleep"
            if person.pose not in ("sit", "lie", "lean", "kneel"):
                person.pose = "sleep"

    def _do(self, person: PersonDraft, entry: Entry) -> None:
        if entry.role == "look" and person.action is None and entry.value.split()[0] not in ("look", "see", "face"):
            person.action = entry.value.split()[0]
        if entry.role == "pose":
            self._pose(person, entry.value)
            if entry.verb and person.action in (None, entry.value):
                person.action = entry.verb
        elif entry.role == "action":
            if person.action is None or person.action == person.pose:
                person.action = entry.value
            elif person.action != entry.value:
                person.traits.append(entry.value)

    # --- verbs --------------------------------------------------------------------------------------------------------

    def on_verb(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.verb
        if entry is None:
            return None
        before = self.at(index - 1)
        if (
            piece.noun is not None
            and before is not None
            and before.field in ("weather", "place", "light")
            and self.nouns.does(index)
        ):
            return index + 1  # what rain or the sea does: no thing, and nobody's doing
        if before is not None and before.kind == "word" and not self.clause:
            first = self.at(index - 2)
            alone = first is None or first.kind in ("mark", "line") or first.has("article")
            if alone and (before.field in ("weather", "light") or (before.field is None and not before.entries)):
                return index + 1  # rain dripping, mascara running
        if (
            entry.form == "past"
            and before is not None
            and before.field == "people"
            and before.noun is not None
            and before.noun.role == "body"
            and isinstance(self.last, PersonDraft)
        ):
            self.last.traits.append(f"{before.norm} {piece.norm}")
            self.mark(index, index + 1, "people")
            return index + 1  # arms crossed
        if not self._is_verb(index, entry):
            return None
        doers = self._doers(index, entry)
        if entry.role == "exist":
            if (
                piece.noun is not None
                and self.clause
                and isinstance(self.clause[-1], PropDraft)
                and self.nouns.does(index)
            ):
                self.clause[-1].traits.append(piece.norm)
                self.mark(index, index + 1, "props")
                return index + 1
            return None
        if doers:
            for person in doers:
                self._do(person, entry)
            self.doer, self.verb = doers, entry
            self.mark(index, index + 1, "people")
            if entry.role == "look" and piece.norm.split()[-1] in ("up", "down", "back"):
                pass
            self.wanted_relation = None
            if not self.clause:
                self.clause = list(doers)
            return index + 1
        if self.clause and isinstance(self.clause[-1], PropDraft):
            self.clause[-1].traits.append(piece.norm)
            self.verb, self.doer = None, []
            self.mark(index, index + 1, "props")
            return index + 1
        if self.draft.pov_of is not None and not self.draft.people:
            return None
        phrase = self.nouns.parse(index + 1)
        if (
            phrase is not None
            and phrase.is_person
            and entry.role in ("pose", "action", "look")
            and not self.camera
            and phrase.article != "the"
        ):
            self.waiting.append((entry.role, entry.value))
            self.mark(index, index + 1, "people")
            return index + 1
        return None

    def _is_verb(self, index: int, entry: Entry) -> bool:
        """Whether a word that may be a noun or an adjective is a verb here."""
        piece, before, after = self.p[index], self.at(index - 1), self.at(index + 1)
        if (
            before is not None
            and before.field is None
            and before.has("article", "owner", "number", "with")
            and not before.has("pronoun")
            and before.norm not in ("each", "that")
        ):
            return False
        if piece.noun is not None and piece.noun.role == "body" and entry.form != "ing":
            done = before is not None and before.field == "people" and not before.has("owner")
            return done and after is not None and (after.has("article", "owner") or self.nouns.name_at(index + 1))
        if piece.noun is not None:
            goes_on = (
                entry.form != ""
                and self.acting
                and before is not None
                and before.norm in (",", "and", "then")
                and self._takes_object(index)
            )
            if not self.clause and not goes_on and not (before is not None and before.has("be", "pronoun")):
                return False
            if before is not None and before.has("relation", "path") and before.field is None:
                return False
            if (
                self.clause
                and isinstance(self.clause[-1], PropDraft)
                and not (before is not None and before.field == "props")
            ):
                return False
        if piece.norm == "left" and not self.clause:
            return False
        if (
            piece.has("trait", "side_bare")
            and entry.form == "past"
            and after is not None
            and after.noun is not None
            and not self.clause
        ):
            return False
        return not (
            entry.form in ("ing", "past")
            and self.nouns.parse(index) is not None
            and self.nouns._modifies(index, False, ())
        )

    def _takes_object(self, index: int) -> bool:
        after = self.at(index + 1)
        return (
            after is not None
            and after.kind == "word"
            and (after.has("article", "owner", "direction") or after.norm in ("up", "down", "at", "to"))
        )

    def _doers(self, index: int, entry: Entry) -> list[PersonDraft]:
        if self.camera and not self.clause:
            return []
        if self.clause:
            last = self.clause[-1]
            before = self.at(index - 1)
            adjacent = before is not None and before.field is not None
            if isinstance(last, PersonDraft):
                if last in self.subject:
                    return list(self.subject)
                if entry.form == "ing" or adjacent or (before is not None and before.has("pronoun", "be")):
                    return [last]
                return list(self.subject) if self.acting else [last]
            if isinstance(last, PropDraft):
                joined = before is not None and before.norm in ("and", "then", "while", "as")
                if self.acting and ((entry.form == "ing" and not adjacent) or joined or self.verb is not None):
                    return list(self.subject)
                people = [one for one in self.clause if isinstance(one, PersonDraft)]
                if people and self.acting and not adjacent:
                    return list(self.subject)
                if people and self.acting and self.prop_in_relation:
                    return list(self.subject)
                return []
        if self.acting and self.subject:
            return list(self.subject)
        if self.named or self.camera:
            return list(self.subject) if isinstance(self.last, PersonDraft) and self.subject else []
        return list(self.subject) if self.subject and not self._subject_follows(index) else []

    prop_in_relation = False
    related: PersonDraft | PropDraft | None = None

    def _subject_follows(self, index: int) -> bool:
        phrase = self.nouns.parse(index + 1)
        return phrase is not None and phrase.is_person and phrase.article == "a"

    # --- relations ----------------------------------------------------------------------------------------------------

    def on_light_source(self, index: int) -> int | None:
        """``lit by two candles``: the thing stands there, and its light falls."""
        piece = self.p[index]
        if piece.has("as_light"):
            near = next((one for one in reversed(self.clause) if isinstance(one, PropDraft)), None)
            near = near or (self.last if isinstance(self.last, PropDraft) else None)
            if near is None or (source := _SOURCES.get(near.what)) is None:
                return None
            self.world("light", source, "")
            self.mark(index, index + 1, "light")
            return index + 1
        if not piece.has("by_light"):
            return None
        phrase = self.nouns.parse(index + 1)
        if phrase is None:
            return None
        source = _SOURCES.get(phrase.value)
        if source is None:
            return None
        self.world("light", source, "")
        self.mark(index, index + 1, "light")
        if phrase.role == "thing" and phrase.value != "moon":
            self.cast.prop(phrase)
        self._take(phrase, "light")
        return phrase.end

    def on_relation(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("relation", "path")
        if entry is None or piece.has("pronoun"):
            return None
        after = self.at(index + 1)
        if after is None or after.kind in ("mark", "line"):
            return self._hanging_relation(index, entry)
        if entry.value == "of":
            return None
        if after.field is not None or (
            after.has("time_of_day", "weather", "season", "light", "style") and self.nouns.parse(index + 1) is None
        ):
            return index + 1
        if entry.value == "from" and after.has("relation") and not after.noun:
            return index + 1
        role = self._camera_end(piece, entry)
        if self.move is not None and self.open and not self.move.way:
            self.move.way = piece.norm.split()[0]
        framed = self.at(index + 2) if after.has("article") else after
        if role is not None and framed is not None and framed.has("size", "compound"):
            self.wanted = role
            self.mark(index, index + 1, "moves")
            return index + 1  # from a close-up of somebody
        before = self.at(index - 1)
        if entry.value == "above" and before is not None and before.field == "kind" and "aerial" in self.draft.kind:
            self.mark(index, index + 1, "kind")
            if (below := self.nouns.parse(index + 1, ("place",))) is not None:
                self.named_phrase(below)
                return below.end
            return index + 1
        if after.norm in ("the other", "the others") and (end := self._one_of_them(index + 1)) is not None:
            return end
        if (pronoun := after.get("pronoun")) is not None and self.nouns.parse(index + 1) is None:
            return self._to_pronoun(index, entry, pronoun.value, role)
        if after.norm in ("frame", "shot", "view") and piece.norm in ("into", "out of", "in", "to"):
            self.mark(index, index + 2, "people")
            return index + 2
        prefer = (
            ("place",)
            if entry.value in ("in", "at", "through", "along", "across", "into", "on") and self.draft.place is None
            else ()
        )
        phrase = self.nouns.parse(index + 1, prefer)
        if phrase is None:
            return self._place_name(index, entry)
        if (
            phrase.named
            and entry.value in ("in", "at")
            and phrase.role == "name"
            and self.draft.place is None
            and not phrase.owner
        ):
            self.draft.place = PlaceRead(name=phrase.value, words=(phrase.value,))
            self._take(phrase, "place")
            return phrase.end
        if role is not None:
            self.wanted = role
            self.open = True
            self.mark(index, index + 1, "moves")
            self.named_phrase(phrase)
            return phrase.end
        return self._related(index, entry, phrase)

    def _hanging_relation(self, index: int, entry: Entry) -> int | None:
        """``a park behind``, ``candles around``."""
        near = self.clause[-1] if self.clause else None
        if entry.value not in ("behind", "around", "beside", "above", "under") or near is None:
            return None
        if isinstance(near, PropDraft):
            near.depth = near.depth or ("background" if entry.value == "behind" else None)
            self.mark(index, index + 1, "props")
        elif isinstance(near, NounPhrase):
            self.mark(index, index + 1, "place")
        return index + 1

    def _place_name(self, index: int, entry: Entry) -> int | None:
        piece, after = self.p[index], self.at(index + 1)
        if (
            after is not None
            and not after.entries
            and after.capital
            and after.kind == "word"
            and entry.value in ("in", "at", "to", "through", "from")
        ):
            end = index + 2
            while (more := self.at(end)) is not None and not more.entries and more.capital and more.kind == "word":
                end += 1
            name = " ".join(token.text for one in self.p[index + 1 : end] for token in one.tokens)
            if self.draft.place is None:
                self.draft.place = PlaceRead(name=name, words=(name,))
                self.mark(index + 1, end, "place")
                return end
        del piece
        return None

    def _camera_end(self, piece: Piece, entry: Entry) -> str | None:
        """Whether a relation is that of a move to what is named next."""
        if self.move is None or not self.open or (self.subject_now() and self.verb is not None):
            return None
        if self.subject_now() and entry.value not in ("to", "onto"):
            return None
        if self.subject_now() and self.move.origin is None and self.move.target is not None:
            return None
        kind, value = self.move.kind, entry.value
        if value == "from" and piece.norm in ("from", "off"):
            return "origin" if self.move.origin is None else None
        if value in ("to", "onto") or (value == "into" and kind in ("push_in", "zoom_in")):
            return "target" if self.move.target is None else None
        if (
            value in ("on", "at")
            and kind not in ("handheld", "steadicam")
            and self.move.target is None
            and (not self.named or (not self.acting and self._is_somebody(piece)))
        ):
            return "target"
        if value == "around" and kind in ("orbit", "tracking"):
            return "target"
        if (
            kind in _FOLLOWS
            and piece.norm
            in ("with", "alongside", "beside", "behind", "in front of", "ahead of", "after", "along with", "next to")
            and self.move.follows is None
            and not self.named
        ):
            return "follows"
        return None

    def _is_somebody(self, relation: Piece) -> bool:
        phrase = self.nouns.parse(self.p.index(relation) + 1)
        return phrase is not None and phrase.is_person

    def _to_pronoun(self, index: int, entry: Entry, value: str, role: str | None) -> int:
        if value == "it":
            told = self.attach(index)
            thing = next((one for one in reversed(self.cast.things) if one is not told), None)
            if thing is not None and entry.role == "relation":
                self.relate(entry.value, thing.what, index, onto=told, thing=thing)
            self.mark(index, index + 1, "people" if isinstance(self.last, PersonDraft) else "props")
            return index + 2
        others = self.doer if self.verb is not None and self.doer else self.subject if self.acting else []
        people = self.cast.pronoun(value, create=False, others=others if value in ("she", "he") else ())
        if not people and self.draft.pov_of is None and value in ("she", "he", "they"):
            people = self.cast.pronoun(value)
        if not people:
            return index + 2
        name = people[0].who
        if role is not None:
            self.wanted = role
            self.mark(index, index + 1, "moves")
            self.move_end(role, name)
            self.wanted = None
            self.last = people[0]
            return index + 2
        if self.verb is not None and self.verb.role == "look" and entry.value in ("at", "to", "into", "on"):
            for person in self.doer:
                person.looking_at = person.looking_at or name
            self.mark(index, index + 2, "people")
            return index + 2
        if entry.role == "relation":
            self.relate("beside" if entry.value == "at" else entry.value, name, index, avoid=people)
        return index + 2

    def _related(self, index: int, entry: Entry, phrase: NounPhrase) -> int:
        """A relation and the thing, person or place at its end."""
        piece, value = self.p[index], entry.value
        looked = self.verb is not None and self.verb.role == "look" and self.doer and not self.doer[-1].looking_at
        if (
            looked
            and (entry.role == "path" or value in ("at", "on", "in", "above", "around", "beside"))
            and (entry.role == "path" or value == "at" or phrase.role not in ("place",))
            and piece.norm not in ("in", "on", "near", "beside", "by")
        ):
            return self._looked_at(index, phrase)
        if phrase.role == "body" and not (
            phrase.owner_role in ("name", "person", "attribute") and entry.role == "path"
        ):
            return self._in_the_hand(index, phrase)
        if phrase.role == "body" and phrase.owner_role in ("name", "person", "attribute"):
            self.mark(index, index + 1, "people")
            self._body(phrase)
            return phrase.end
        if phrase.role == "clothing" and value in ("in", "under"):
            person = self.cast.recent[-1] if self.cast.recent and isinstance(self.last, PersonDraft) else None
            if person is not None:
                self._wears(person, phrase)
                self.mark(index, index + 1, "people")
                return phrase.end
        if phrase.is_person:
            if phrase.value in self.denied:
                self._take(phrase, "without")
                return phrase.end
            subject = self.attach(index)
            person = self._somebody(phrase)
            if entry.role == "relation" and subject is not None and subject is not person:
                self.relate("beside" if value == "at" else value, person.who, index, onto=subject)
            elif entry.role == "relation" and subject is None and self.move is None:
                self.waiting.append(("relation", f"{'beside' if value == 'at' else value}:{person.who}"))
            self.mark(index, index + 1, "people")
            self.clause.append(person)
            self.last = person
            if entry.role == "path":
                self.named = True
            return phrase.end
        if phrase.role in ("place", "part", "event") or self._is_place(phrase, value):
            return self._at_place(index, entry, phrase)
        subject = self.attach(index)
        if phrase.role == "clothing" and entry.role == "path":
            self._take(phrase, "people")
            return phrase.end
        prop = self.cast.prop(phrase)
        self.apply(phrase, prop)
        self._take(phrase, "props")
        if entry.role == "relation":
            relation = "beside" if value == "at" else value
            if subject is not None and subject is not prop:
                self.relate(relation, prop.what, index, onto=subject)
            elif self.move is None and not ("pov" in self.draft.kind and not self.draft.people):
                self.waiting.append(("relation", f"{relation}:{prop.what}"))
                self.mark(index, index + 1, "props")
            else:
                self.mark(index, index + 1, "moves" if self.move is not None else "kind")
            if value == "in" and phrase.role in ("vehicle", "thing"):
                self.inside.add(prop.what) if phrase.role == "vehicle" else None
        self.clause.append(prop)
        self.prop_in_relation = True
        self.related = subject
        self.last = prop
        self.named = True
        return phrase.end

    def _is_place(self, phrase: NounPhrase, relation: str) -> bool:
        return False

    def attach(self, index: int) -> PersonDraft | PropDraft | None:
        """Whom a relation speaks of: the one who acts, else what was named last in this clause."""
        if self.verb is not None and self.doer:
            if self.verb.value in _PUT and self.clause and isinstance(self.clause[-1], PropDraft):
                return self.clause[-1]
            doer = self.doer[-1]
            last = self.clause[-1] if self.clause else None
            if isinstance(last, PropDraft) and (doer.relation is not None or self.prop_in_relation):
                return last
            return doer
        if self.clause:
            last = self.clause[-1]
            return last if isinstance(last, (PersonDraft, PropDraft)) else None
        if self.acting and self.subject and self.named:
            return self.subject[-1]
        return None

    def relate(
        self,
        relation: str,
        to: str,
        index: int,
        *,
        onto: PersonDraft | PropDraft | None = None,
        avoid: list[PersonDraft] | None = None,
        thing: PropDraft | None = None,
    ) -> None:
        """What was named stands so to something."""
        target = onto or self.attach(index)
        if target is not None and (target is thing or (avoid and target in avoid)):
            target = self.last if self.last is not thing and not (avoid and self.last in avoid) else None
        if target is None:
            if self.clause and isinstance(self.clause[-1], NounPhrase):
                self.mark(index, index + 1, "place")  # a park behind them is where they are
            elif self.move is not None and avoid:
                self.mark(index, index + 1, "moves")
            else:
                self.waiting.append(("relation", f"{relation}:{to}"))
                self.mark(index, index + 1, "props")
            return
        group = self.subject if target in self.subject and isinstance(target, PersonDraft) else [target]
        for one in group:
            if one.relation is None and one.name != to:
                one.relation, one.to = relation, to
        self.mark(index, index + 1, "people" if isinstance(target, PersonDraft) else "props")

    def said(self, phrase: NounPhrase) -> str:
        """The noun as it was said, where it was a plural."""
        return phrase.used[-1].norm.split()[-1] if phrase.plural and phrase.used else phrase.value

    def _looked_at(self, index: int, phrase: NounPhrase) -> int:
        for person in self.doer:
            person.looking_at = person.looking_at or self.said(phrase)
        self.mark(index, index + 1, "people")
        if phrase.is_person:
            person = self._somebody(phrase)
            for one in self.doer:
                one.looking_at = person.who
            self.last = person
        elif phrase.role in ("thing", "animal", "vehicle"):
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self.last = prop
            self.clause.append(prop)
        self._take(phrase, "people")
        self.verb = Entry("looked", "")
        return phrase.end

    def _in_the_hand(self, index: int, phrase: NounPhrase) -> int:
        """``shoes in hand``, ``the leash in his hand``: held; else a part of somebody, told as a trait."""
        person = self.cast.owner(phrase) if phrase.owner else None
        if person is None and phrase.owner_role != "pronoun":
            person = (
                self.doer[-1]
                if self.doer
                else self.subject[-1]
                if self.subject
                else self.cast.recent[-1]
                if self.cast.recent
                else None
            )
        last = self.clause[-1] if self.clause else None
        if (
            phrase.value in ("hand", "arm", "fist", "palm", "lap", "shoulder", "mouth", "head", "back")
            and isinstance(last, PropDraft)
            and person is not None
            and self.p[index].has("relation")
        ):
            if last.role == "animal" or phrase.value in ("lap", "shoulder", "head", "back"):
                last.relation, last.to = last.relation or "on", last.to or person.who
                self.mark(index, index + 1, "props")
                self._take(phrase, "props")
                return phrase.end
            if last in self.draft.props:
                self.draft.props.remove(last)
            person.holding.append(last.what)
            self.clause.pop()
            self.mark(index, index + 1, "people")
            self._take(phrase, "people")
            self.last = person
            return phrase.end
        if person is None:
            if phrase.owner_role == "pronoun" and self.draft.pov_of is None:
                person = next(iter(self.cast.pronoun(phrase.owner or "")), None)
            if person is None:
                if not self.draft.people and self.draft.pov_of is None:
                    self._body(phrase)
                return phrase.end
        if phrase.value in ("hand", "arm", "fist") and self.worn is not None and self.worn in person.wearing:
            person.wearing.remove(self.worn)
            person.holding.append(self.worn)
        else:
            person.traits.append(" ".join([*phrase.traits, phrase.value]))
        self.worn = None
        self.mark(index, index + 1, "people")
        self._take(phrase, "people")
        if self.wanted is not None:
            self.move_end(self.wanted, person.who)
            self.wanted = None
        return phrase.end

    worn: str | None = None

    def _at_place(self, index: int, entry: Entry, phrase: NounPhrase) -> int:
        beside = entry.role == "relation" and entry.value not in ("in", "at", "on")
        if phrase.role == "place" and self.draft.place is None and beside and phrase.value in facts()["structure"]:
            subject = self.attach(index)
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self._take(phrase, "props")
            if subject is not None:
                self.relate(entry.value, prop.what, index, onto=subject)
            elif self.move is None:
                self.waiting.append(("relation", f"{entry.value}:{prop.what}"))
                self.mark(index, index + 1, "props")
            self.last = prop
            self.clause.append(prop)
            self.named = True
            return phrase.end
        if phrase.role == "place" and (self.draft.place is None or phrase.value != self.draft.place.name):
            if self.draft.place is None:
                self._place(phrase)
                self.mark(index, index + 1, "place") if entry.role == "relation" else None
                return phrase.end
            if phrase.value == self.draft.place.within:
                self._take(phrase, "place")
                return phrase.end
            whole = not self.clause or (isinstance(self.clause[-1], NounPhrase) and self.clause[-1].role == "place")
            if whole and entry.value == "in" and self.draft.place.within is None and entry.role == "relation":
                self.draft.place = PlaceRead(
                    name=self.draft.place.name, within=phrase.value, words=self.draft.place.words
                )
                self._take(phrase, "place")
                return phrase.end
            subject = self.attach(index)
            prop = self.cast.prop(phrase)
            self._take(phrase, "props")
            if entry.role == "relation" and subject is not None:
                self.relate("beside" if entry.value == "at" else entry.value, prop.what, index, onto=subject)
            self.last = prop
            self.clause.append(prop)
            return phrase.end
        if phrase.role == "place":
            self._take(phrase, "place")
            return phrase.end
        if phrase.role == "event":
            self.apply(phrase, None)
            return phrase.end
        return phrase.end

    def _place(self, phrase: NounPhrase) -> None:
        words = " ".join(" ".join(token.text for token in piece.tokens) for piece in phrase.used if piece.norm != "'s")
        self.apply(phrase, None)
        self._take(phrase, "place")
        attribute = next(
            (
                e
                for piece in phrase.used
                if not piece.norm.endswith(phrase.value) and (e := piece.get("place")) and e.value != phrase.value
            ),
            None,
        )
        self.draft.place = PlaceRead(
            name=phrase.value, within=phrase.within or (attribute.value if attribute else None), words=(words,)
        )

    def on_with(self, index: int) -> int | None:
        piece = self.p[index]
        if not piece.has("with") or (piece.verb is not None and piece.norm != "with"):
            return None
        after = self.at(index + 1)
        if after is None:
            return None
        if self.move is not None and self.open and not self.subject_now() and not self.named:
            self.wanted = "follows"
            self.mark(index, index + 1, "moves")
            return index + 1
        phrase = self.nouns.parse(index + 1)
        holder = (
            self.doer[-1] if self.doer and self.verb is not None else self.last if self.named or self.clause else None
        )
        if phrase is not None and phrase.is_person and self.move is not None and not self.subject_now():
            self.wanted = "follows"
            self.mark(index, index + 1, "moves")
            return index + 1
        if phrase is None or not isinstance(holder, PersonDraft):
            return None
        if phrase.is_person or phrase.role in ("place", "part", "event"):
            return None
        self.mark(index, index + 1, "people")
        if phrase.role == "clothing":
            self._wears(holder, phrase)
        elif phrase.role == "body":
            holder.traits.append(" ".join([*phrase.traits, phrase.value]))
            self._take(phrase, "people")
        elif phrase.role in ("animal", "vehicle"):
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            prop.relation, prop.to = prop.relation or "beside", prop.to or holder.who
            self._take(phrase, "props")
            self.clause.append(prop)
            self.last = prop
        else:
            holder.holding.append(phrase.value)
            holder.traits += [f"{trait} {phrase.value}" for trait in phrase.traits]
            self._take(phrase, "people")
        at = phrase.end
        then, hand = self.at(at), self.at(at + 1)
        if then is not None and then.has("relation") and hand is not None:
            body = self.nouns.parse(at + 1)
            if body is not None and body.role == "body":
                self._take(body, "people")
                return body.end
        return at

    def _wears(self, person: PersonDraft, phrase: NounPhrase) -> None:
        person.wearing.append(phrase.value)
        person.traits += [f"{' '.join(phrase.traits)} {phrase.value}"] if phrase.traits else []
        self.worn = phrase.value
        self._take(phrase, "people")

    # --- noun phrases -------------------------------------------------------------------------------------------------

    def on_phrase(self, index: int) -> int | None:
        phrase = self.nouns.parse(index)
        if phrase is None:
            return None
        self.named_phrase(phrase)
        return phrase.end

    def _somebody(self, phrase: NounPhrase) -> PersonDraft:
        person = self.cast.person(phrase)
        self.apply(phrase, person)
        if phrase.owner_role in ("name", "person") and not phrase.body and phrase.owner:
            pass
        self._take(phrase, "people")
        return person

    def named_phrase(self, phrase: NounPhrase) -> None:
        """A phrase that no relation governs."""
        self.about = phrase.about
        if self.heard or (phrase.value in _SOUNDS and not phrase.is_person):
            if phrase.value not in self.draft.off_screen:
                self.draft.off_screen.append(phrase.value)
            self._take(phrase, "off_screen")
            return
        if phrase.role == "part":
            self.clause.append(phrase)
            self.wanted = None if self.wanted == "target" else self.wanted
            return
        if phrase.role == "body":
            self._body(phrase)
            return
        if phrase.is_person:
            if phrase.value in self.denied:
                self._take(phrase, "without")
                return
            if self.draft.pov_of is not None and phrase.value.casefold() == self.draft.pov_of.casefold():
                self._take(phrase, "pov_of")
                return
            if phrase.value in facts()["collective"] and phrase.count is None and phrase.plural is False:
                phrase.count = 1
            if self._is_apposition(phrase) and self.introduced is not None:
                self.introduced[0].traits += [*phrase.traits, phrase.value]
                self._take(phrase, "people")
                return
            person = self._somebody(phrase)
            self.introduced = (person, phrase.article, phrase.end)
            self.part_said = phrase.body
            self.named_people([person], phrase.start)
            return
        if phrase.role == "event":
            self.apply(phrase, None)
            if self.wanted is not None:
                self.move_end(self.wanted, phrase.value)
                self.wanted = None
                self._take(phrase, "moves")
            elif phrase.about:
                pass
            return
        if phrase.role == "clothing":
            self._clothing(phrase)
            return
        if phrase.role == "place":
            self._bare_place(phrase)
            return
        prop = self.cast.prop(phrase)
        self.apply(phrase, prop)
        self._take(phrase, "props")
        self.named_thing(prop, phrase)

    introduced: tuple[PersonDraft, str, int] | None = None
    """Who was named last, with which article, and where the words ended."""

    def _is_apposition(self, phrase: NounPhrase) -> bool:
        """His cellmate, a bald giant, snores: no further person."""
        after, then = self.at(phrase.end), self.at(phrase.end + 1)
        if self.introduced is None or phrase.article != "a" or phrase.named or self.wanted is not None:
            return False
        person, article, end = self.introduced
        if article == "a" or person.count > 1 or end != phrase.start - 1 or self.p[end].norm != ",":
            return False
        if after is None or after.norm != "," or then is None or then.has("article"):
            return False
        return then.verb is not None or then.has("relation", "side", "posed")

    def named_thing(self, prop: PropDraft, phrase: NounPhrase) -> None:
        if self.focus_wanted:
            self.focus_wanted = False
            self.draft.focus = Focus(depth=self.draft.focus.depth if self.draft.focus else None, on=prop.what)
        if self.wanted is not None:
            self.move_end(self.wanted, prop.what)
            self.wanted = None
        elif self.verb is not None and self.doer and self.clause:
            if self.verb.role == "hold" or (self.verb.role == "wear"):
                for person in self.doer:
                    (person.holding if self.verb.role == "hold" else person.wearing).append(prop.what)
                    person.traits += [f"{trait} {prop.what}" for trait in prop.traits]
                if prop in self.draft.props:
                    self.draft.props.remove(prop)
                for piece in phrase.used:
                    piece.field = "people"
                self.verb = (
                    Entry("held", self.verb.value)
                    if self.p[min(phrase.end, len(self.p) - 1)].norm not in ("and", ",")
                    else self.verb
                )
                self.last = self.doer[-1]
                self.clause = [*self.doer]
                return
            if self.verb.role == "look":
                for person in self.doer:
                    person.looking_at = person.looking_at or prop.what
        for role, value in self.waiting:
            self.place_in_frame(prop, role, value)
        self.waiting = []
        self.last = prop
        self.named = True
        self.prop_in_relation = False
        self.clause.append(prop)

    def _whose(self, phrase: NounPhrase) -> PersonDraft | None:
        person = self.cast.owner(phrase)
        if person is None and phrase.owner_role == "pronoun" and self.draft.pov_of is None:
            person = next(iter(self.cast.pronoun(phrase.owner or "")), None)
        return person

    def _body(self, phrase: NounPhrase) -> None:
        """A part of somebody: told as a trait of whose it is; whose is not said, somebody's."""
        person: PersonDraft | None = None
        if phrase.owner:
            person = self.cast.owner(phrase)
            if person is None and phrase.owner_role == "pronoun" and self.draft.pov_of is None and not self.camera:
                person = next(iter(self.cast.pronoun(phrase.owner)), None)
            if phrase.owner_role == "animal":
                self.cast.prop(NounPhrase(phrase.start, role="animal", value=phrase.owner))
                self._take(phrase, "props")
                return
        elif self.draft.people:
            person = self.doer[-1] if self.doer else self.cast.recent[-1] if self.cast.recent else None
        elif self.draft.pov_of is None:
            person = self.cast._new("person", 1)
        if person is None:
            if self.draft.pov_of is not None:
                self._take(phrase, "pov_of")
            return
        trait = " ".join([*phrase.traits, phrase.value])
        if phrase.value not in person.traits:
            person.traits.append(trait)
        new = person not in self.clause
        self.apply(phrase, person)
        self._take(phrase, "people")
        if self.wanted is not None:
            self.part_said = phrase.value
            self.move_end(self.wanted, person.who)
            self.wanted = None
        if self.focus_wanted:
            self.focus_wanted = False
            self.draft.focus = Focus(depth=self.draft.focus.depth if self.draft.focus else None, on=person.who)
        if not self.acting and new:
            self.subject = [person]
            self.acting = True
        self.named = True
        self.last = person
        for role, value in self.waiting:
            self.place_in_frame(person, role, value)
        self.waiting = []
        self.clause.append(person)

    def _clothing(self, phrase: NounPhrase) -> None:
        if phrase.owner and self.wanted is not None and (owner := self._whose(phrase)) is not None:
            self._wears(owner, phrase)
            self.move_end(self.wanted, self.said(phrase))
            self.wanted = None
            return
        person = self.doer[-1] if self.doer and self.verb else self.subject[-1] if self.subject and self.named else None
        if person is None and isinstance(self.last, PersonDraft) and self.named:
            person = self.last
        if person is None:
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self._take(phrase, "props")
            self.named_thing(prop, phrase)
            return
        if self.verb is not None and self.verb.role == "hold":
            person.holding.append(phrase.value)
            person.traits += [f"{trait} {phrase.value}" for trait in phrase.traits]
            self._take(phrase, "people")
        elif self.verb is not None and self.verb.role == "look":
            person.looking_at = person.looking_at or self.said(phrase)
            self._take(phrase, "people")
        elif self.verb is not None and self.verb.role == "action":
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self._take(phrase, "props")
            self.named_thing(prop, phrase)
        else:
            self._wears(person, phrase)

    def _bare_place(self, phrase: NounPhrase) -> None:
        if self.draft.place is None and phrase.article and phrase.value in facts()["landmark"]:
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self._take(phrase, "props")
            self.named_thing(prop, phrase)
            return
        if self.draft.place is None and not (
            self.verb is not None
            and (self.verb.role == "look" or (self.verb.role == "action" and phrase.value in facts()["structure"]))
            and self.clause
        ):
            self._place(phrase)
            if self.wanted is not None:
                self.move_end(self.wanted, phrase.value)
                self.wanted = None
            self.clause.append(phrase)
            self.named = True
            return
        if self.verb is not None and self.verb.role == "look" and self.doer:
            for person in self.doer:
                person.looking_at = person.looking_at or self.said(phrase)
            self._take(phrase, "people")
            return
        if self.draft.place is not None and phrase.value in (self.draft.place.name, self.draft.place.within):
            self.apply(phrase, None)
            self._take(phrase, "place")
            if self.wanted is not None:
                self.move_end(self.wanted, phrase.value)
                self.wanted = None
            return
        prop = self.cast.prop(phrase)
        self.apply(phrase, prop)
        self._take(phrase, "props")
        self.named_thing(prop, phrase)

    def apply(self, phrase: NounPhrase, target: PersonDraft | PropDraft | None) -> None:
        """What the words before a noun say of the shot: a night market, a rainy window, a sleeping child."""
        for term in phrase.terms:
            if term.role == "negation":
                if target is None or phrase.role == "place":
                    self.emptied = next((piece for piece in phrase.used if piece.has("negation")), self.emptied)
            elif term.role == "place":
                if self.draft.place is None:
                    self.draft.place = PlaceRead(name=term.value, words=(term.value,))
            elif term.role == "depth" and target is not None:
                self.place_in_frame(target, "depth", term.value)
            elif term.role == "posed":
                if isinstance(target, PersonDraft):
                    self._pose(target, term.value)
            else:
                self.world(term.role, term.value, term.value)

    def on_trait(self, index: int) -> int | None:
        """An adjective after what it speaks of."""
        piece = self.p[index]
        if not piece.has("trait") or self.last is None:
            return None
        near = self.clause[-1] if self.clause else self.last if self.named else None
        if isinstance(near, PropDraft) and self.acting and self.subject and piece.norm in facts()["human"]:
            near = self.subject[-1]  # at the altar, alone
        if not isinstance(near, (PersonDraft, PropDraft)):
            return None
        near.traits.append(piece.norm)
        self.mark(index, index + 1, "people" if isinstance(near, PersonDraft) else "props")
        return index + 1


_FOLLOWS = frozenset({"tracking", "steadicam", "handheld", "truck", "truck_left", "truck_right"})
