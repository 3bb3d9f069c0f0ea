"""Verbs: whether a word is one here, and who does it."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.deeds import Deeds
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry

_MAKES = frozenset({
    "makes", "make", "made", "lets", "let", "sees", "see", "watches", "watch", "hears", "hear", "helps",
})  # fmt: skip
_OF_THINGS = frozenset({
    "hang", "dangle", "burn", "glow", "float", "drip", "flicker", "shine", "ring", "steam", "smoulder", "flutter",
    "fly", "crumble", "sparkle", "glitter", "billow", "melt", "boil", "lie", "swing",
})  # fmt: skip


class Verbs(Deeds):
    """What somebody does."""

    def on_verb(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.verb
        before = self.at(index - 1)
        if piece.has("owner") and (end := self._gaze(index + 1)) is not None:
            return end
        if entry is None:
            return self._unknown_verb(index)
        then = self.at(index + 2)
        if piece.norm == "left" and then is not None and then.norm in ("right", "right of"):
            one = self.clause[-1] if self.clause else None
            if isinstance(one, PersonDraft) and one.count == 3:
                one.count = 2  # sons left and right of her
            then.entries = [Entry("relation", "beside")] if then.has("relation") else then.entries
            self.mark(index, index + 2, "people")
            return index + 2
        if piece.norm in ("march", "may") and piece.capital and before is not None and before.kind == "word":
            return index + 1  # the month
        if piece.has("trait") and entry.form == "past" and self._stands_alone(index):
            return None  # he stood, soaked
        if (end := self._passive(index, entry)) is not None:
            return end
        if before is not None and before.kind == "word" and entry.form in ("third", "past") and self._of_nature(index):
            return index + 1  # the wind takes it, the valley burns
        if (
            piece.noun is not None
            and before is not None
            and before.field in ("weather", "place", "light")
            and self.nouns.does(index)
            and not self._where_they_are(index)
        ):
            return index + 1  # what rain or the sea does: no thing, and nobody's doing
        if before is not None and before.kind == "word" and not self.clause:
            first = self.at(index - 2)
            alone = first is None or first.kind in ("mark", "line") or first.has("article")
            if before.field is None and before.has("event") and not before.verb:
                return index + 1  # the party goes on
            led = self.at(index - 3)
            if alone and led is not None and led.has("relation", "path") and before.field == "weather":
                alone = False  # in the rain stands a man
            if alone and (
                before.field in ("weather", "light")
                or (before.field is None and (not before.entries or before.has("unit")))
            ):
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
        if piece.norm == "made" and (of := self.at(index + 1)) is not None and of.norm == "of":
            inner = self.nouns.parse(index + 2)
            if inner is not None and isinstance(self.last, PersonDraft | PropDraft):
                self.last.traits.append(f"of {inner.value}")
                field = "people" if isinstance(self.last, PersonDraft) else "props"
                self.mark(index, index + 1, field)
                self._take(inner, field)
                return inner.end
        doers = self._doers(index, entry)
        if entry.role == "exist":
            if (
                piece.noun is not None
                and self.clause
                and isinstance(self.clause[-1], PropDraft)
                and (self.nouns.does(index) or (entry.form == "" and self.clause[-1].count > 1 and self._ends(index)))
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
            if len(piece.tokens) > 1 and (thing := self._thing_in(piece)) is not None:
                self.cast.prop(thing)
            if entry.role == "look" and piece.norm.split()[-1] in ("up", "down", "back"):
                pass
            self.wanted_relation = None
            if not self.clause:
                self.clause = list(doers)
            return index + 1
        if self.clause and isinstance(self.clause[-1], PropDraft):
            inverted = self.nouns.parse(index + 1) if self.prop_in_relation and self.related is None else None
            if inverted is not None and entry.role in ("pose", "action") and self.waiting:
                if inverted.is_person:
                    self.waiting.append((entry.role, entry.value))
                self.mark(index, index + 1, "people" if inverted.is_person else "props")
                self.new_clause()
                return index + 1  # on the bed lies a parcel
            self.clause[-1].traits.append(piece.norm)
            self.undone = (entry, self.clause[-1]) if entry.form == "past" else None
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
        adjective = piece.has("trait") and entry.form == "" and after is not None and after.field is None
        if adjective and before is not None and before.kind == "mark" and after is not None and after.noun:
            return False  # open grave
        own = before is not None and before.norm in ("her", "his", "their", "its")
        if own and entry.form == "" and not ((maker := self.at(index - 2)) is not None and maker.norm in _MAKES):
            return False  # her laugh
        alone = sum(person.count for person in self.subject) == 1 and before is not None and before.norm == ","
        if entry.form == "" and alone and after is not None and after.field is None and not after.verb:
            several = after.noun is not None and (after.noun.form == "plural" or piece.has("weather"))
        else:
            several = False
        if several:
            return False  # she crouches, bolt cutters beside her
        if (
            piece.noun is not None
            and entry.form in ("", "third")
            and before is not None
            and before.field == "people"
            and before.verb is not None
            and before.noun is None
        ):
            return False  # throws water
        if piece.noun is not None and piece.noun.role == "body" and entry.form != "ing":
            done = before is not None and before.field in ("people", "props") and not before.has("owner")
            done = done or (before is not None and before.norm in ("he", "she", "they", "who", "and", "then"))
            done = done or self._resumes(index, entry) or (bool(self.clause) and self._where_they_are(index))
            return done and after is not None and (after.has("article", "owner") or self.nouns.name_at(index + 1))
        if piece.noun is not None:
            goes_on = (
                entry.form != ""
                and self.acting
                and before is not None
                and before.norm in (",", "and", "then", ")", "-", "--")
                and self._takes_object(index)
            )
            goes_on = goes_on or self._resumes(index, entry)
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

    def _resumes(self, index: int, entry: Entry) -> bool:
        """Whether somebody acts after what was put between commas: a priest, alone, smokes."""
        if entry.form != "third" or self.introduced is None or self.verb is not None or index < 3:
            return False
        person, _, end = self.introduced
        first, before, after = self.at(end), self.p[index - 1], self.at(index + 1)
        if self.subject != [person] or person.count > 1 or first is None or first.norm != "," or before.norm != ",":
            return False
        if not end < index - 1 or any(one.norm in (".", ";", ":", "-", "\n") for one in self.p[end:index]):
            return False
        aside = self.p[index - 2].field in ("people", "place", "time_of_day", "light")
        return aside and (after is None or after.norm not in (",", "and", "&"))

    def _takes_object(self, index: int) -> bool:
        after = self.at(index + 1)
        return (
            after is not None
            and after.kind == "word"
            and (
                after.has("article", "owner", "direction")
                or after.norm in ("him", "her", "it", "them")
                or after.norm in ("up", "down", "at", "to")
            )
        )

    def _doers(self, index: int, entry: Entry) -> list[PersonDraft]:
        if self.camera and not self.clause:
            return []
        if self.clause:
            last = self.clause[-1]
            if isinstance(last, NounPhrase) and last.end == index:
                return []  # the light came in
            before = self.at(index - 1)
            adjacent = before is not None and before.field is not None
            if isinstance(last, PersonDraft):
                if last in self.subject:
                    return list(self.subject)
                if entry.form == "ing" or adjacent or (before is not None and before.has("pronoun", "be")):
                    return [last]
                return list(self.subject) if self.acting else [last]
            if isinstance(last, PropDraft):
                living = last.role in ("animal", "vehicle") or entry.value in _OF_THINGS
                if adjacent and entry.form == "ing" and living and before is not None and before.field == "props":
                    return []  # a spider hanging from the ceiling
                first = index - 1
                while first > 0 and self.p[first].field == "props":
                    first -= 1
                while first > 0 and self.p[first].has("article", "number") and self.p[first].field is None:
                    first -= 1
                if adjacent and entry.form != "ing" and self.p[first].norm in ("while", "as", "when"):
                    return []  # while two mice applaud
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
