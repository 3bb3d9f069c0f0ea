"""What is done that no verb of the vocabulary says, and by whom where it is told the other way round."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.people import People
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.english import singular
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_ALL_THINGS = frozenset({"everything", "nothing", "something", "anything"})
_GAZES = frozenset({"look", "gaze", "glance", "stare", "eyes", "eye"})
_MEETS = frozenset({
    "falls", "fall", "rests", "rest", "settles", "settle", "lands", "land", "drifts", "drift", "wanders", "wander",
    "lingers", "linger", "travels", "travel", "goes", "go", "fixed", "fix", "drops", "drop",
})  # fmt: skip
_NOT_DONE = ("relation", "path", "kind", "size", "number")
_OBJECTS = ("thing", "vehicle", "animal", "clothing")


def _infinitive(word: str) -> str | None:
    """Of an unknown word that looks like what somebody does, the form that names it; None where it does not."""
    if word.endswith("thing"):
        return None
    if word.endswith("ing") and len(word) > 5:
        stem = word[:-3]
        if stem[-1] == stem[-2] and stem[-1] not in "lsz":
            return stem[:-1]
        short = len(stem) < 6 and stem[-1] not in "aeiouwxy" and stem[-2] in "aeiou" and stem[-3] not in "aeiou"
        return stem + "e" if short else stem
    return singular(word)


class Deeds(People):
    """Doings by a passive, a look, or a word that the vocabulary has not."""

    def _thing_in(self, piece: Piece) -> NounPhrase | None:
        """The thing that a phrase of doing names: cards that are shuffled, a gun that is drawn."""
        last = piece.tokens[-1].norm
        noun = next((one for one in self.vocabulary.phrases.get((last,), ()) if one.role in _OBJECTS), None)
        first = piece.tokens[-2].norm
        plural = noun is not None and noun.form == "plural"
        if noun is None or last in ("watch", "cover", "line", "guard") or not (plural or first in ("a", "an", "the")):
            return None
        return NounPhrase(-1, role=noun.role, value=noun.value, plural=plural)

    def _passive(self, index: int, entry: Entry) -> int | None:
        """The letter is read by Anne: she is who reads."""
        before, by = self.at(index - 1), self.at(index + 1)
        if by is None or by.norm != "by" or entry.form in ("ing", "third") or entry.role == "exist":
            return None
        be = before is not None and before.has("be")
        if not (be or entry.form == "past") or self.p[index].has("relation"):
            return None
        phrase = self.nouns.parse(index + 2)
        done = self.clause[-1] if self.clause else None
        if (
            be
            and phrase is not None
            and not phrase.is_person
            and phrase.role != "body"
            and isinstance(done, PersonDraft)
        ):
            return index + 1  # followed by a dog: nothing that a person does
        if phrase is None or not phrase.is_person or phrase.body:
            end = self._one_of_them(index + 2)
            if end is None or not isinstance(self.last, PersonDraft):
                return None
            person = self.last
        else:
            person, end = self._somebody(phrase), phrase.end
        if isinstance(done, (PersonDraft, PropDraft)) and entry.role == "hold":
            person.holding.append(done.name)
        elif entry.role == "look" and isinstance(done, (PersonDraft, PropDraft)):
            person.looking_at = person.looking_at or done.name
        elif entry.role != "wear":
            self._do(person, entry)
        self.mark(index, index + 2, "people")
        self.subject = self.doer = [person]
        self.verb = entry
        self.acting = self.named = True
        self.last = person
        self.clause.append(person)
        return end

    def _gaze(self, index: int) -> int | None:
        """Her look falls on the letter: she looks at it."""
        piece, owner, verb, to = self.at(index), self.at(index - 1), self.at(index + 1), self.at(index + 2)
        if piece is None or piece.norm not in _GAZES or owner is None or verb is None or to is None:
            return None
        if verb.norm not in _MEETS or not to.has("relation", "path") or not owner.has("owner"):
            return None
        phrase = self.nouns.parse(index + 3)
        people = self.cast.pronoun(owner.get("owner").value)  # type: ignore[union-attr]
        if phrase is None or not people:
            return None
        self.doer = self.subject = people
        self.acting = self.named = True
        self.mark(index - 1, index + 3, "people")
        return self._looked_at(index + 2, phrase)

    def _of_nature(self, index: int) -> bool:
        """Whether weather, a light, a place or everything there is does this: nobody's doing."""
        before, first = self.p[index - 1], self.at(index - 2)
        if before.norm in _ALL_THINGS or (
            before.norm == "else" and first is not None and first.norm in (*_ALL_THINGS, "everybody", "everyone")
        ):
            return True
        if before.field in ("weather", "light"):
            third = self.at(index - 3)
            return (
                first is not None
                and first.has("article", "conjunction")
                and not (third is not None and third.has("relation", "path"))
            )
        place = self.clause[-1] if self.clause else None
        return before.field == "place" and isinstance(place, NounPhrase) and place.end == index

    def _where_they_are(self, index: int) -> bool:
        """Whether the place before a verb is only where the one who acts is: a man on the bridge lights a cigarette."""
        first = index - 1
        while (one := self.at(first)) is not None and (one.field == "place" or one.has("article", "owner")):
            if one.has("relation", "path"):
                return self.subject_now()
            first -= 1
        return one is not None and one.has("relation", "path") and self.subject_now()

    def _one_does(self, index: int) -> bool:
        """Whether one thing does what looks like several: a biplane taxis past."""
        piece, after, first = self.p[index], self.at(index + 1), index - 1
        while first > 0 and self.p[first].field == "props":
            first -= 1
        several = piece.noun is not None and piece.noun.form == "plural" and piece.verb is None
        goes = after is None or after.kind in ("mark", "line") or after.has("relation", "path", "direction")
        return several and goes and first < index - 1 and self.p[first].norm in ("a", "an")

    def _unknown_verb(self, index: int) -> int | None:
        """A word that the vocabulary has not, or has as a noun alone, where what somebody does stands: she shoulders
        her bag."""
        piece, before, after = self.p[index], self.at(index - 1), self.at(index + 1)
        if piece.kind != "word" or piece.capital or piece.read_as or before is None or not self.clause:
            return None
        doer = self.clause[-1]
        if isinstance(doer, PropDraft) and self._one_does(index):
            doer.traits.append(piece.norm)
            self.mark(index, index + 1, "props")
            return index + 1
        passing = piece.norm.endswith("ing") and not piece.entries and before.field == "people"
        if not isinstance(doer, PersonDraft) or before.kind != "word" or not (passing or doer in self.subject):
            return None
        if before.field != "people" and not before.has("pronoun"):
            return None
        if piece.entries:
            ends = after is not None and (after.has("article", "owner") or after.norm.endswith("thing"))
            if doer.count > 1 or piece.noun is None or piece.noun.form != "plural" or not ends or piece.has(*_NOT_DONE):
                return None
            value = piece.noun.value
        else:
            meant = _infinitive(piece.norm)
            if meant is None or (piece.norm.endswith("s") and doer.count > 1):
                return None
            value = meant
            if after is not None and after.noun is not None and not after.has("relation", "path"):
                return None
        entry = Entry("action", value, "third")
        doers = list(self.subject) if doer in self.subject else [doer]
        for person in doers:
            self._do(person, entry)
        self.doer, self.verb, self.wanted_relation = doers, entry, None
        self.mark(index, index + 1, "people")
        return index + 1
