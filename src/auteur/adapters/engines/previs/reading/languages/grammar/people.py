"""People by name, noun or pronoun, their bodies and their clothes."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.grammar.links import Links
from auteur.adapters.engines.previs.reading.languages.items import Item
from auteur.adapters.engines.previs.reading.shot import Where

_AGES = ("old", "young")
"""A word for an old woman says what she is and how old: as in English, she is a woman who is old."""


class People(Links):
    """Who is meant, and whose."""

    def _on_name(self, item: Item, at: int) -> None:
        self._person(item, at, item.text)

    def _on_pronoun(self, item: Item, at: int) -> None:
        if item.value == "third":
            self._one_more(item, at)
            return
        if self.clause.link == "relation" and self.clause.relation and self.draft.people:
            if isinstance(self.clause.primary, PropDraft) and self.clause.primary.relation is None:
                over = "above" if self.clause.relation == "on" else self.clause.relation  # nothing hangs on somebody
                self._relate(self.clause.primary, over, self.draft.people[-1].who)
            else:
                self.waits = Where(relation=self.clause.relation, to=self.draft.people[-1].who)
            self.clause.link = self.clause.relation = None
            return
        if item.value == "they" and len(self.draft.people) >= 2:
            self.subjects = self.draft.people[-2:]
        elif not self.draft.people:
            self.her = item

    def _one_more(self, item: Item, at: int) -> None:
        """A third beside two who go by a noun, another beside one: one more of these."""
        known = next((one for one in reversed(self.draft.people) if not one.who[:1].isupper()), None)
        nouns = self.items[at + 1] if at + 1 < len(self.items) else None
        if known is None or (nouns is not None and nouns.has("person", "thing", "place", "clothing", "body")):
            return  # a third table
        self.clause.definite = False
        self.clause.count = 1
        self._person(item, at, known.who)

    def _on_unknown(self, item: Item, at: int) -> None:
        name = self.names.at(
            self.items, at, bool(self.shoulder or self.pov or self.clause.link in ("frame", "target", "of"))
        )
        if not name:
            self.last_noun = None
            return
        before = self.items[at - 1] if at else None
        if (
            before is not None
            and isinstance(self.last, PersonDraft)
            and self.last_noun is not None
            and self.last_noun[0] == at - 1
        ):
            self.last.traits.append(self.last.who)
            self.last.who = name
            self._take(item, "people")
            self.last_noun = (at, item)
            return
        self._person(item, at, name)

    def _on_person(self, item: Item, at: int) -> None:
        alone = self.clause.lone and self.clause.count is None and not self.clause.definite
        if item.text.casefold() == "personne" and alone and (self._near(at, 1) is None):
            self.draft.add("without", "people")
            self._take(item, "without")
            return
        self._person(item, at, item.value)

    def _person(self, item: Item, at: int, who: str) -> None:
        clause, draft = self.clause, self.draft
        count, again = clause.count, self._again(at)
        clause.count, clause.definite = None, False
        if clause.negated:
            draft.add("without", "people" if who in ("person", "people", "crowd") else who)
            self._take(item, "without")
            return
        if (
            clause.link == "of"
            and self.last is not None
            and self.last_noun is not None
            and not self.last_noun[1].has("body")
            and not who[:1].isupper()
        ):
            self._take(item, self._field_of(self.last_noun[1]))
            if isinstance(self.last, PersonDraft) and self.last.who in ("person", "people", "crowd", "couple"):
                self.last.who = who
                self.last.count = max(self.last.count, count or 1)
            clause.link = None
            return
        if (
            clause.link == "of_the"
            and self.last_noun is not None
            and self.last_noun[1].has("thing", "place", "person")
            and self.last is not None
        ):
            self._take(item, self._field_of(self.last_noun[1]))
            clause.link = None
            return
        age, _, rest = who.partition(" ")
        who = rest if age in _AGES and rest else who
        one = draft.person(who, count, again=again or (count is None and self.language in ("ja", "zh")))
        if rest and age in _AGES:
            one.traits.append(age)
        if count and one.count == 1:
            one.count = count
        if who in ("couple", "twin", "people") and one.count == 1:
            one.count = 2
        for trait in clause.traits:
            one.traits.append(trait.value)
            self._take(trait, "people")
        clause.traits = []
        self._take(item, "people")
        self._person_links(one)
        self.last, self.last_noun = one, (at, item)
        clause.nouns += 1
        clause.link = None

    def _person_links(self, one: PersonDraft) -> None:
        clause, draft = self.clause, self.draft
        if self.pov:
            self.pov = False
            self._eyes_of(one)
            return
        if self.shoulder is not None:
            if self.shoulder == "of" and draft.shoulder_of is None:
                draft.shoulder_of = one.who
            elif draft.shoulder_on is None:
                draft.shoulder_on = one.who
                self.shoulder = None
            self._becomes_subject(one)
            return
        if clause.link in ("target", "origin") and clause.move is not None:
            setattr(clause.move, clause.link, one.who)
        elif (
            clause.move is not None
            and clause.link in ("move", "frame", None)
            and clause.move.kind in ("tracking", "steadicam")
            and not clause.nouns
        ):
            clause.move.follows = one.who
        if clause.looks and self.subjects and one not in self.subjects and clause.link in (None, "toward", "target"):
            self._set("looking_at", one.who)
            clause.looks = False
            return
        if clause.link == "relation" and clause.relation and (clause.primary is not None or self.subjects):
            anchor = clause.primary or self.subjects[-1]
            if anchor is not one:
                self._relate(anchor, clause.relation, one.who)
                clause.relation = None
                return
        if clause.holds and self.subjects and one not in self.subjects:
            for each in self.subjects:
                each.holding.append(one.who)
            clause.holds = False
            return
        if clause.link == "with" and clause.primary is not None:
            return
        self._becomes_subject(one)

    def _becomes_subject(self, one: PersonDraft) -> None:
        clause = self.clause
        together = (
            clause.primary is not None
            and isinstance(clause.primary, PersonDraft)
            and self._joined
            and clause.primary in self.subjects
        )
        self.subjects = [*self.subjects, one] if together and one not in self.subjects else [one]
        if together and isinstance(clause.primary, PersonDraft) and one.where is None:
            one.where = clause.primary.where
        clause.primary = one
        self._joined = False
        for verb in clause.verbs:
            self._do(verb)
        clause.verbs = []
        if self.waits is not None and one.where is None:
            one.where = self.waits
            self.waits = None
        if clause.side is not None:
            self._put(one, clause.side)
            clause.side = None

    def _on_body(self, item: Item, at: int) -> None:
        if self.clause.negated:
            self.draft.add("without", item.value)
            self._take(item, "without")
            return
        if (
            item.value == "shoulder"
            and isinstance(self.last, PersonDraft)
            and self.clause.nouns
            and self.draft.shoulder_of is None
            and self.clause.relation in ("above", "on", None)
            and self._over(at)
        ):
            self.draft.add("kind", "over_the_shoulder")
            self.draft.shoulder_of, self.shoulder = self.last.who, "on"
            self._take(item, "kind")
            return
        self._take(item, "people")
        for trait in self.clause.traits:
            self._take(trait, "people")
        self.clause.traits = []
        self.clause.count = None
        self.last_noun = (at, item)
        if self.clause.link == "relation":
            self.clause.link = self.clause.relation = None

    def _over(self, at: int) -> bool:
        senses = [one.sense("relation") for one in self.items[max(0, at - 4) : at]]
        return any(entry is not None and entry.value == "above" for entry in senses)

    def _on_clothing(self, item: Item, at: int) -> None:
        clause = self.clause
        if (
            not clause.negated
            and not isinstance(clause.primary, PersonDraft)
            and self.language in ("ja", "zh")
            and self._person_ahead(at)
        ):
            self._dress(item, wait=True)
            return
        inside = clause.link == "relation" and clause.relation == "in"
        if (
            clause.negated
            or not self.subjects
            or (clause.link in ("relation", "frame", "target") and not (clause.wears or inside))
        ):
            forward = clause.wears and not clause.negated
            if forward:
                self._dress(item)
                return
            self._on_thing(item, at)
            return
        self._dress(item)
        self.last_noun = (at, item)

    def _dress(self, item: Item, *, wait: bool = False) -> None:
        clause = self.clause
        if self.subjects and not clause.verbs and not wait:
            for one in self.subjects:
                if item.value not in one.wearing:
                    one.wearing.append(item.value)
        else:
            clause.verbs.append(item)
        for trait in clause.traits:
            self._take(trait, "people")
        clause.traits, clause.count, clause.link, clause.relation = [], None, None, None
        self._take(item, "people")
