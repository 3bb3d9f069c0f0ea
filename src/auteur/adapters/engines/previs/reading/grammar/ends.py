"""What a word of place leads to: a person, a thing, a place, a hand.

Long because a person, a thing, a place and a hand at the end of a relation are told apart by the same words.
"""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.relations import _PUT, Relations
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, facts

_LAIN_IN = frozenset({"bed", "hospital bed", "cot", "crib", "cradle", "stretcher", "wheelchair", "bathtub", "hammock"})
"""What the one who was named last is in, and not who minds them."""
JEWELS = frozenset({"pearl", "diamond", "jewel", "medal", "locket", "crucifix", "spur", "emerald", "ruby", "sapphire"})
"""Things that are worn where somebody is in them or is named with them."""
_FROM_A_PLACE = frozenset({
    "watch", "observe", "listen", "wave", "call", "shout", "smile", "spy", "film", "photograph", "aim", "shoot", "fish",
    "laugh", "cheer", "clap", "applaud", "study", "sketch", "yell", "whistle", "sing", "read", "smoke", "nod", "glare",
})  # fmt: skip
"""What is done from where one is."""


class Ends(Relations):
    """What stands at the end of a relation."""

    def _related(self, index: int, entry: Entry, phrase: NounPhrase) -> int:
        """A relation and the thing, person or place at its end."""
        piece, value = self.p[index], entry.value
        looked = self.verb is not None and self.verb.role == "look" and self.doer and not self.doer[-1].looking_at
        if looked and phrase.role == "body" and phrase.value == "shoulder" and phrase.owner_role == "pronoun":
            self.mark(index, index + 1, "people")
            self._take(phrase, "people")
            return phrase.end  # back over his shoulder
        if (
            looked
            and value != "from"
            and (entry.role == "path" or value in ("at", "on", "in", "above", "around", "beside"))
            and (entry.role == "path" or value == "at" or phrase.role not in ("place",))
            and piece.norm not in ("in", "on", "near", "beside", "by")
        ):
            return self._looked_at(index, phrase)
        if (from_where := self._from_where(entry, phrase)) is not None:
            doer, prop = self.doer[-1], self.cast.prop(phrase)
            doer.relation, doer.to = from_where, prop.what
            self.mark(index, index + 1, "people")
            self._take(phrase, "props")
            self.apply(phrase, prop)
            self.last, self.named = prop, True
            return phrase.end
        if phrase.role == "body" and not (
            phrase.owner_role in ("name", "person", "attribute") and entry.role == "path"
        ):
            return self._in_the_hand(index, phrase)
        if phrase.role == "body" and phrase.owner_role in ("name", "person", "attribute"):
            self.mark(index, index + 1, "people")
            self._body(phrase)
            return phrase.end
        jewels = phrase.value in JEWELS and phrase.role == "thing" and value == "in" and not phrase.article
        if jewels or (phrase.role == "clothing" and value in ("in", "under")):
            person = self.cast.recent[-1] if self.cast.recent and isinstance(self.last, PersonDraft) else None
            if person is None and phrase.owner_role == "pronoun":
                person = self.cast.owner(phrase)  # at the stove in his vest
            if person is not None:
                self._wears(person, phrase)
                self.mark(index, index + 1, "people")
                return phrase.end
        if phrase.is_person:
            if phrase.value in self.denied:
                self._take(phrase, "without")
                return phrase.end
            if piece.norm == "on" and not self.clause and self.verb is None and self._framed_now(index):
                self.mark(index, index + 1, "people")
                self.named_phrase(phrase)
                return phrase.end  # now on Rahel
            if piece.norm == "by" and self.undone is not None:
                return self._done_by(index, phrase)
            if piece.norm == "at" and self._meant_for():
                return self._looked_at(index, phrase)
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
        if phrase.value == "bar" and phrase.role == "place" and piece.norm == "on":
            phrase.role = "thing"  # the counter of one
        if phrase.role in ("place", "part", "event") or self._is_place(phrase, value):
            return self._at_place(index, entry, phrase)
        subject = self.attach(index)
        last = self.clause[-1] if self.clause else None
        if (
            value in ("in", "on")
            and phrase.value in _LAIN_IN
            and isinstance(last, PersonDraft)
            and last.relation is None
        ):
            subject = last  # reads to her child in bed: the child is
        own = phrase.owner_role == "pronoun" and entry.role == "relation" and self.verb is not None and self.doer
        if own and self.doer[-1].relation is None and not self.prop_in_relation and subject in self.clause[-1:]:
            subject = self.doer[-1] if self.verb and self.verb.value not in _PUT else subject  # on her broom
        if phrase.role == "clothing" and entry.role == "path" and phrase.article != "a":
            self._take(phrase, "people")
            return phrase.end
        prop = self.cast.prop(phrase)
        self.apply(phrase, prop)
        self._take(phrase, "props")
        if entry.role == "relation":
            relation = "beside" if value == "at" else value
            if piece.norm == "over" and isinstance(subject, PropDraft) and self._lies(subject):
                relation = "on"
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

    def _from_where(self, entry: Entry, phrase: NounPhrase) -> str | None:
        """How somebody is to the thing from which they look, call or shoot: on a bench, beside a window."""
        if entry.value != "from" or self.verb is None or not self.doer or self.doer[-1].relation is not None:
            return None
        if self.verb.role != "look" and self.verb.value not in _FROM_A_PLACE:
            return None
        if phrase.role in ("thing", "part") and phrase.value in facts()["seats"]:
            return "on"
        return "beside" if phrase.role == "thing" and phrase.value in facts()["openings"] else None

    def _done_by(self, index: int, phrase: NounPhrase) -> int:
        """The coffin is carried down the steps by six men: they carry it."""
        assert self.undone is not None
        deed, thing = self.undone
        person = self._somebody(phrase)
        if deed.role == "hold":
            person.holding.append(thing.what)
        elif deed.role == "look":
            person.looking_at = person.looking_at or thing.what
        else:
            self._do(person, deed)
        self.mark(index, index + 1, "people")
        self.subject = self.doer = [person]
        self.verb, self.undone = deed, None
        self.acting = self.named = True
        self.last = person
        self.clause.append(person)
        return phrase.end

    def _lies(self, prop: PropDraft) -> bool:
        """Whether it lies on what it is over: a coat over a chair."""
        return prop.role == "clothing" or prop.what in facts()["cloth"]

    def _framed_now(self, index: int) -> bool:
        """Whether what is on somebody is the frame: nothing else was named that could be."""
        before = self.at(index - 1)
        return before is None or before.kind in ("mark", "line") or before.norm in ("now", "back", "again", "then")

    def _is_place(self, phrase: NounPhrase, relation: str) -> bool:
        return False

    def _looked_at(self, index: int, phrase: NounPhrase) -> int:
        way = self.p[index].norm.split()[0]
        for person in self.doer:
            person.looking_at = person.looking_at or self.said(phrase)
            if way in ("up", "down"):
                person.look = person.look or ("up" if way == "up" else "down")
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
                if self.doer and (self.verb is not None or not self.acting)
                else self.subject[-1]
                if self.subject
                else self.cast.recent[-1]
                if self.cast.recent
                else None
            )
        last = self.clause[-1] if self.clause else None
        if (
            phrase.value in ("foot", "knee", "leg", "ankle")
            and isinstance(last, PropDraft)
            and last.relation is None
            and person is not None
            and self.p[index].get("relation") is not None
            and last in self.draft.props
        ):
            at = self.p[index].get("relation").value  # type: ignore[union-attr]
            last.relation, last.to = "in_front_of" if at in ("between", "on", "at") else at, person.who
            self.mark(index, index + 1, "props")
            self._take(phrase, "people")
            return phrase.end  # a can between her feet
        if (
            phrase.value in ("hand", "arm", "fist", "palm", "lap", "shoulder", "mouth", "head", "back")
            and isinstance(last, PropDraft)
            and person is not None
            and self.p[index].has("relation")
        ) or (
            phrase.value in ("ear", "lip", "mouth", "chest", "cheek")
            and isinstance(last, PropDraft)
            and person is not None
            and self.p[index].norm == "to"
        ):
            if last.role == "animal" or phrase.value in ("lap", "shoulder", "head", "back"):
                last.relation, last.to = last.relation or "on", last.to or person.who
                self.mark(index, index + 1, "props")
                self._take(phrase, "props")
                return phrase.end
            if last in self.draft.props:
                self.draft.props.remove(last)
            person.holding.append(last.what)
            person.traits += [f"{trait} {last.what}" for trait in last.traits]
            self.clause.pop()
            self.mark(index, index + 1, "people")
            self._take(phrase, "people")
            self.last = person
            return phrase.end
        beast = next((one for one in reversed(self.cast.things) if one.role == "animal"), None)
        if person is None and phrase.owner_role == "pronoun" and beast is not None:
            self._take(phrase, "props")
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

    def _at_place(self, index: int, entry: Entry, phrase: NounPhrase) -> int:
        beside = entry.role == "relation" and entry.value not in ("in", "at", "on")
        beside = beside and self.p[index].norm not in ("at the end of", "at the edge of", "at the head of")
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
                if (
                    self.move is not None
                    and self.open
                    and not self.subject_now()
                    and entry.value in ("above", "past", "across")
                ):
                    self.passed = phrase.value
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
                self.prop_in_relation, self.related = True, subject
            self.last = prop
            self.clause.append(prop)
            return phrase.end
        if phrase.role == "place":
            self._take(phrase, "place")
            subject = self.attach(index) if beside else None
            if subject is not None:
                self.relate(entry.value, phrase.value, index, onto=subject)  # in a bar, behind the bar
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
        led = self.at(index - 1)
        moved = led is not None and led.field == "moves" and piece.norm == "with"
        if self.move is not None and self.open and (moved or not (self.subject_now() or self.named)):
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
