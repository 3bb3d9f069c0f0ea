"""Words of place, and of whom they speak."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.verbs import Verbs
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_PUT = frozenset({
    "put", "place", "set down", "lay", "hang", "drop", "arrange", "plant", "throw", "pour", "spill", "toss", "hurl",
    "spread", "stack", "pile", "sprinkle", "splash", "spray", "nail", "pin", "fling", "slide", "load",
})  # fmt: skip
_BEFORE_TOWNS = frozenset(
    {"new", "los", "san", "hong", "las", "buenos", "saint", "st", "el", "old", "east", "west", "north", "south"}
)
"""First words of towns and countries that mean something else alone."""
_AT_SOMEBODY = frozenset({
    "smile", "grin", "frown", "scowl", "wink", "laugh", "shout", "yell", "scream", "wave", "nod", "snarl", "growl",
    "sneer", "hiss", "swear", "spit", "smirk", "bark", "jeer", "simper", "snigger", "giggle", "pout", "grimace",
    "beam", "gesture",
})  # fmt: skip
_FOLLOWS = frozenset({"tracking", "steadicam", "handheld", "truck", "truck_left", "truck_right"})


class Relations(Verbs):
    """Where something is, from the word of place on."""

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
        framed_by = before.field if before is not None and before.field in ("size", "kind", "angle", "dutch") else None
        if entry.value == "on" and framed_by is not None and not self.subject_now() and self.move is None:
            subject = self.nouns.parse(index + 1)
            if subject is not None and subject.is_person:
                self.mark(index, index + 1, framed_by)
                self.named_phrase(subject)
                return subject.end  # low angle on the conductor
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
        if entry.value == "in" and self.p[index].norm == "inside" and isinstance(near, PropDraft):
            around = next((one for one in reversed(self.draft.props) if one is not near), None)
            if around is not None and near.relation is None and near.role == "thing":
                near.relation, near.to = "in", around.what
                self.mark(index, index + 1, "props")
                return index + 1  # an oil drum, fire inside
        if entry.value not in ("behind", "around", "beside", "above", "under") or near is None:
            return None
        if isinstance(near, PropDraft):
            near.depth = near.depth or ("background" if entry.value == "behind" else None)
            self.mark(index, index + 1, "props")
        elif isinstance(near, NounPhrase):
            self.mark(index, index + 1, "place")
        return index + 1

    def _place_name(self, index: int, entry: Entry) -> int | None:
        piece, after, more = self.p[index], self.at(index + 1), self.at(index + 2)
        double = after is not None and after.norm in _BEFORE_TOWNS and more is not None and not more.entries
        if (
            after is not None
            and (not after.entries or (double and more is not None and more.capital))
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
        before = self.at(self.p.index(piece) - 1)
        if value in ("on", "at") and before is not None and before.field in ("weather", "light"):
            return None  # from the raindrops on the glass
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
            if thing in self.before and self.topic is not None and self.topic is not told:
                thing = self.topic
            if thing is not None and entry.role == "relation":
                self.relate(entry.value, thing.what, index, onto=told, thing=thing)
            self.mark(index, index + 1, "people" if isinstance(self.last, PersonDraft) else "props")
            return index + 2
        if value == "they" and not self.draft.people and any(one.count > 1 for one in self.cast.things):
            several = next(one for one in reversed(self.cast.things) if one.count > 1)
            if entry.role == "relation":
                self.relate(entry.value, several.what, index, thing=several)
            return index + 2
        if value in ("they", "both", "all") and len(self.p[index + 1].tokens) > 1:
            self.mark(index + 1, index + 2, "people")
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
        looks = self.verb is not None and self.verb.role == "look" and entry.value in ("at", "to", "into", "on")
        if looks or (self.p[index].norm == "at" and self._meant_for()):
            for person in self.doer:
                person.looking_at = person.looking_at or name
            self.mark(index, index + 2, "people")
            return index + 2
        if entry.role == "relation":
            self.relate("beside" if entry.value == "at" else entry.value, name, index, avoid=people)
        return index + 2

    def _meant_for(self) -> bool:
        """Whether what is done at somebody is meant for them and says nothing of where one stands: smiles at him."""
        return self.verb is not None and bool(self.doer) and self.verb.value in _AT_SOMEBODY

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
