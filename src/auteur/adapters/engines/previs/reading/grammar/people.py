"""Pronouns and people who are named: each is counted once."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.sound import Sound
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.shot import Focus
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_SO_MANY = {"three": 3, "four": 4, "five": 5}
_ORDINAL = frozenset({"second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "last"})


class People(Sound):
    """Who is meant."""

    def on_pronoun(self, index: int) -> int | None:
        piece = self.p[index]
        if (end := self._one_of_them(index)) is not None:
            return end
        entry = piece.get("pronoun")
        if entry is None:
            return None
        doing = piece.norm in ("one", "the other", "another") and self._one_is_doing(index)
        if piece.has("article", "owner", "number", "article") and self.nouns.parse(index) is not None and not doing:
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
            and not doing
        ):
            return None
        if piece.norm in ("that", "which", "whose", "other", "who", "whom") and entry.value != "who":
            return None
        after = self.at(index + 1)
        if (
            piece.norm == "all"
            and after is not None
            and after.kind == "word"
            and not after.verb
            and not after.has("be", "relation", "posed", "facing", "trait", "path", "side", "depth")
        ):
            return index + 1  # all morning
        if entry.value == "it" and self.wanted is not None and self.cast.thing is not None:
            self.move_end(self.wanted, self.cast.thing.what)
            self.wanted = None
            self.mark(index, index + 1, "moves")
            return index + 1
        if entry.value == "it" and after is not None and after.verb is not None and self.cast.thing is not None:
            self.clause, self.last = [self.cast.thing], self.cast.thing
            return index + 1
        if entry.value == "it":
            if self.cast.thing is not None and self.wanted_relation:
                self.relate(self.wanted_relation, self.cast.thing.what, index)
            return index + 1
        if entry.value == "who" and piece.norm in ("that", "which", "whose"):
            return None
        beast = self.cast.thing if self.cast.thing is not None and self.cast.thing.role == "animal" else None
        if beast is not None and entry.value in ("she", "he") and not self.draft.people:
            self.clause, self.last = [beast], beast
            return index + 1
        pov = self.draft.pov_of is not None and not self.draft.people
        if piece.norm in ("the others", "the rest"):
            group = next((one for one in reversed(self.cast.recent) if one.count > 1), None)
            rest = [one for one in self.draft.people if one not in self.subject]
            everyone = [group] if group is not None else rest if len(self.draft.people) > 2 else []
            self.named_people(everyone or [self.cast._new("person", 2)], index)
            self.mark(index, index + 1, "people")
            return index + 1
        several = next((n for word, n in _SO_MANY.items() if word in piece.norm.split()), None)
        if several is not None and not self.draft.people and not pov:
            self.cast._new("person", several)
        people = self.cast.pronoun(entry.value, create=not pov and not (entry.value in ("someone",) and self.camera))
        if not people:
            return index + 1
        if entry.value in ("both", "someone", "one", "other", "they", "all"):
            self.mark(index, index + 1, "people")
        for person in people:
            self.cast.touch(person)
        self.named_people(people, index)
        return index + 1

    def _one_is_doing(self, index: int) -> bool:
        """Whether it is one of several who does what may be a noun, too: two widows, one knitting."""
        after, then = self.at(index + 1), self.at(index + 2)
        doing = after is not None and after.verb is not None and after.verb.form == "ing"
        ends = then is None or then.kind in ("mark", "line") or then.has("article", "owner", "relation")
        return doing and ends and any(one.count > 1 for one in self.cast.recent[-1:])

    def _one_of_them(self, index: int) -> int | None:
        """The elder, the other three, the former and the latter: of those who were named."""
        piece, after, then = self.p[index], self.at(index + 1), self.at(index + 2)
        if (after is None and piece.norm != "another") or not (piece.has("article") or piece.has("pronoun")):
            return None
        after = after or piece

        def acts(one: Piece | None) -> bool:
            return one is None or one.kind in ("mark", "line") or one.verb is not None or one.has("be", "relation")

        people: list[PersonDraft] = []
        end = index + 1
        if piece.norm.endswith("of the two") and after.noun is not None and after.noun.role == "person":
            phrase = self.nouns.parse(index + 1)
            if phrase is None:
                return None
            phrase.count = 2
            group = self._somebody(phrase)
            group.collective = True
            people, end = self.cast.pronoun("one"), phrase.end
        elif piece.norm == "the" and after.norm in facts()["comparative"] and then is not None and then.norm == "of":
            phrase = self.nouns.parse(index + 3)
            if phrase is None or not phrase.is_person:
                return None
            group = self._somebody(phrase)
            group.collective = True
            people, end = self.cast.pronoun("one"), phrase.end
        elif piece.norm == "the" and after.norm in facts()["comparative"] and acts(then):
            people, end = self.cast.pronoun("one"), index + 2
        elif piece.norm in ("the other", "other", "the others") and (then is None or not then.noun):
            number = after.get("number")
            count = int(number.value) if number else int(after.norm) if after.norm.isdecimal() else 0
            if 1 < count < 50:
                people, end = self.cast.others(count), index + 2
        elif piece.norm == "another" and acts(after) and isinstance(self.last, PersonDraft | PropDraft):
            same = self.cast.recent[-1] if self.cast.recent and isinstance(self.last, PersonDraft) else self.last
            if isinstance(same, PropDraft) and same.role != "animal" and self.cast.recent:
                same = self.cast.recent[-1]
            if isinstance(same, PropDraft):
                same.count += 1
                self.mark(index, end, "props")
                return end
            people = [self.cast._new(same.who, 1)]
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
