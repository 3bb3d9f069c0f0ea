"""Noun phrases by themselves: people, bodies, clothes, places and things.

Long because each kind of noun is placed by looking at what the others have taken.
"""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.ends import JEWELS, Ends
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.shot import Focus
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, facts

_COLOURS = frozenset({"red", "blue", "green", "yellow", "pink", "purple", "white", "warm", "cold"})
_WORN = frozenset({"mask", "glasses", "sunglasses", "goggles", "veil", "hood", "visor", "crown", "surgical mask"})
"""What is where its owner is: the surgeon's mask."""
_DWELLINGS = frozenset({"tent", "houseboat", "caravan", "igloo", "yurt"})
_EXPRESSIONS = frozenset({
    "smile", "gaze", "stare", "glance", "frown", "expression", "gesture", "posture", "stance", "pose", "grin", "laugh",
    "breath", "reflection", "shadow",
})  # fmt: skip
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


class Things(Ends):
    """Noun phrases that no relation governs."""

    def on_phrase(self, index: int) -> int | None:
        phrase = self.nouns.parse(index)
        if phrase is None:
            return None
        told = self.at(index - 1)
        if phrase.value == "audience" and told is not None and told.norm in ("want", "make", "let", "need", "remind"):
            return phrase.end  # what those who watch shall feel
        first, after = self.p[index].tokens[0], self.at(phrase.end)
        label = first.capitals and after is not None and after.norm == ":" and self.nouns.begins_sentence(index)
        if label and phrase.role in ("thing", "vehicle"):
            return phrase.end  # PICKUP: what a shot is for
        self.named_phrase(phrase)
        return phrase.end

    def named_phrase(self, phrase: NounPhrase) -> None:
        """A phrase that no relation governs."""
        self.about = phrase.about
        if self.heard or (phrase.value in _SOUNDS and not phrase.is_person):
            if phrase.value not in self.draft.off_screen:
                self.draft.off_screen.append(phrase.value)
            self._take(phrase, "off_screen")
            return
        shown = phrase.owner_role in ("person", "name") and phrase.role in ("part", "thing")
        if shown and phrase.value in _EXPRESSIONS:
            phrase.role, phrase.body = "body", phrase.value
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
            kin = phrase.value in facts()["member"] or phrase.value in facts()["dual"]
            if kin and phrase.plural and phrase.article == "the" and self.nouns.name_at(phrase.end):
                self._take(phrase, "people")
                return  # the brothers Amin, Tarek and Sami
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
        worn = phrase.role == "thing" and phrase.value in JEWELS and self.introduced is not None
        if worn and not phrase.article and self.introduced is not None and self.introduced[2] == phrase.start - 1:
            after = self.at(phrase.end)
            if after is None or after.kind in ("mark", "line"):
                self._wears(self.introduced[0], phrase)  # Lady Agnes, pearls
                return
        if phrase.role == "clothing":
            self._clothing(phrase)
            return
        if phrase.role == "place":
            self._bare_place(phrase)
            return
        bare = not phrase.article and not phrase.plural and self.verb is None and self.wanted is None
        bare = bare and phrase.end == phrase.start + 1 and self._stands_alone(phrase.start)
        if bare and self.draft.people and self.draft.place is None and phrase.value in _DWELLINGS:
            self._place(phrase)  # a soldier, candle light, tent, night
            return
        prop = self.cast.prop(phrase)
        self.apply(phrase, prop)
        self._take(phrase, "props")
        if phrase.end == phrase.start + 1 and self._stands_alone(phrase.start) and self.verb is None:
            self.lone_light(phrase)
        self.named_thing(prop, phrase)

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
        if phrase.owner is None and phrase.value == "body" and phrase.body is None:
            prop = self.cast.prop(phrase)  # a dead one
            self.apply(phrase, prop)
            self._take(phrase, "props")
            self.named_thing(prop, phrase)
            return
        picture = next((one for one in reversed(self.cast.things) if one.what in facts()["likenesses"]), None)
        if phrase.owner is None and phrase.article == "the" and picture is not None and not self.draft.people:
            picture.traits.append(phrase.value)
            self._take(phrase, "props")
            self.wanted = None
            return
        near = self.clause[-1] if self.clause else None
        if phrase.owner is None and phrase.article == "the" and isinstance(near, PropDraft) and not self.doer:
            before = self.at(phrase.start - 1)
            if before is not None and before.field == "props" and before.verb is not None:
                return  # waves hammer the legs: of whatever they are
        if phrase.owner:
            person = self.cast.owner(phrase)
            beast = next((one for one in reversed(self.cast.things) if one.role == "animal"), None)
            if person is None and phrase.owner_role == "pronoun" and beast is not None:
                self._take(phrase, "props")
                return  # the mare, and her back
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
            person.part = True
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
        if phrase.owner_role in ("person", "name") and phrase.value in _WORN and self.verb is None:
            owner = self.cast.owner(phrase)
            if owner is not None:
                self._wears(owner, phrase)
                self.named_people([owner], phrase.start)
                return
        person = self.doer[-1] if self.doer and self.verb else self.subject[-1] if self.subject and self.named else None
        if person is None and isinstance(self.last, PersonDraft) and self.named:
            person = self.last
        if person is None or self._lies_there(phrase):
            prop = self.cast.prop(phrase)
            self.apply(phrase, prop)
            self._take(phrase, "props")
            self.verb = None if self.verb is not None and self.verb.role in ("pose", "look") else self.verb
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

    def _lies_there(self, phrase: NounPhrase) -> bool:
        """Whether clothes are where nobody wears them: her shoes beside her, a coat on the floor."""
        at, before = self.at(phrase.end), self.at(phrase.start - 1)
        where = at.get("relation") if at is not None else None
        if where is None or (before is not None and before.kind == "word" and before.field == "people"):
            return False
        if where.value in ("beside", "under", "behind", "in_front_of"):
            return True
        end = self.nouns.parse(phrase.end + 1)
        return where.value == "on" and end is not None and end.role == "thing" and end.article == "the"

    def _bare_place(self, phrase: NounPhrase) -> None:
        place = self.draft.place
        if self.wanted == "target" and place is not None and place.name == self.passed != phrase.value:
            self.draft.place = None  # over the roofs to a courtyard
            self.draft.props.append(PropDraft(place.name))
        seen = phrase.article and phrase.value in facts()["landmark"]
        if self.draft.place is None and (seen or phrase.value in ("sky", "horizon")):
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

    def on_trait(self, index: int) -> int | None:
        """An adjective after what it speaks of."""
        piece = self.p[index]
        if not piece.has("trait") or self.last is None:
            return None
        after = self.at(index + 1)
        before = self.at(index - 1)
        if before is not None and before.field is None and before.has("article", "owner") and not before.has("pronoun"):
            return None  # of a thing that the vocabulary has not
        if after is not None and piece.capital and after.norm in facts()["towns"]:
            return None  # New York
        if after is not None and after.field is None and after.has("light") and after.kind == "word":
            if piece.has("light_colour") or piece.norm in _COLOURS:
                self.world("light", piece.norm, "")
            self.mark(index, index + 1, "light")
            return index + 1  # green fluorescent light
        if after is not None and after.field is None and after.has("weather") and after.kind == "word":
            self.mark(index, index + 1, "weather")
            return index + 1  # red dust
        if after is not None and after.has("depth") and after.norm in ("background", "foreground", "bg", "fg"):
            return None  # black background
        near = self.clause[-1] if self.clause else self.last if self.named else None
        if isinstance(near, PropDraft) and self.acting and self.subject and piece.norm in facts()["human"]:
            near = self.subject[-1]  # at the altar, alone
        if not isinstance(near, (PersonDraft, PropDraft)):
            return None
        near.traits.append(piece.norm)
        self.mark(index, index + 1, "people" if isinstance(near, PersonDraft) else "props")
        return index + 1
