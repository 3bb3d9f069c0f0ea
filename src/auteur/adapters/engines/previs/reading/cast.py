"""Who and what is in a shot while it is read: each counted once, and pronouns pointing back to them."""

from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft, ShotDraft
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_GENERAL = frozenset({"man", "woman", "figure", "boy", "girl", "person", "child", "kid", "guy", "lady", "couple"})
_SAME = {"kid": "child", "guy": "man", "bloke": "man", "lady": "woman", "human": "person", "lad": "boy", "lass": "girl"}
_SEVERAL = 3
_OF_ONE_SEX = frozenset({"brother", "sister"})
_KIN = frozenset({"mother", "father", "sister", "brother", "husband", "wife", "son", "daughter"})
"""What a plural without a number counts as."""


class Cast:
    """People and things in the order in which they were named."""

    def __init__(self, draft: ShotDraft) -> None:
        self.draft = draft
        self.recent: list[PersonDraft] = []
        self.thing: PropDraft | None = None
        self.things: list[PropDraft] = []
        self.owners: list[str] = []
        """Nouns of people who were named only by what is theirs: her brother's shoelaces."""
        self.together: list[PersonDraft] = []
        """Those who were named in one breath: Ravi and June."""

    one: PersonDraft | None = None
    rest: PersonDraft | None = None
    """Who is left of a group of whom all the others were named apart."""

    def touch(self, person: PersonDraft) -> None:
        """This person was spoken of last."""
        if person in self.recent:
            self.recent.remove(person)
        self.recent.append(person)

    def person(self, phrase: NounPhrase) -> PersonDraft:
        """Whom a phrase speaks of: somebody who is there already, or somebody new."""
        female, male = facts()["female"], facts()["male"]
        who = phrase.value
        gender = "female" if who in female or phrase.role == "name_female" else ""
        gender = "male" if who in male or phrase.role == "name_male" else gender
        person = self._named(who) if phrase.named else self._same(phrase, gender)
        if person is None and phrase.named:
            person = self._meant(who, gender)
        if person is None:
            count = phrase.count or (1 if not phrase.plural else 2 if who in facts()["dual"] else _SEVERAL)
            collective = who in facts()["dual"] and (phrase.plural or who in ("couple", "duo", "pair"))
            if who in ("couple", "duo", "pair") and phrase.count in (None, 1):
                count = 2
            person = PersonDraft(who, count, gender, phrase.named, collective or count == 2)
            self._take_from_group(person, phrase)
            self.draft.people.append(person)
        person.gender = person.gender or gender
        person.traits += [trait for trait in phrase.traits if trait not in person.traits]
        if phrase.body:
            person.traits.append(phrase.body)
        self.touch(person)
        return person

    def _meant(self, who: str, gender: str) -> PersonDraft | None:
        """Of her face, Amira: a pronoun that came before the name."""
        for person in self.draft.people:
            if person.pronoun and person.count == 1 and gender in ("", person.gender):
                person.who, person.named, person.pronoun = who, True, False
                return person
        return None

    def owner(self, phrase: NounPhrase) -> PersonDraft | None:
        """The person whose thing or part of the body a phrase names."""
        if phrase.owner_role == "pronoun":
            return next(iter(self.pronoun(phrase.owner or "", create=False)), None)
        if phrase.owner_role in ("name", "person", "attribute") and phrase.owner:
            inner = NounPhrase(
                phrase.start, role="name" if phrase.owner_role == "name" else "person", value=phrase.owner
            )
            inner.article = phrase.article
            inner.count = phrase.owners
            known = self._named(phrase.owner)
            return known or self.person(inner)
        return None

    def _named(self, who: str) -> PersonDraft | None:
        wanted = who.casefold()
        for person in self.draft.people:
            have = person.who.casefold()
            if have == wanted or (person.named and (have.split()[0] == wanted or wanted.split()[0] == have)):
                return person
        return None

    def _same(self, phrase: NounPhrase, gender: str) -> PersonDraft | None:
        """Somebody with the same noun, or the only one whom a general noun can mean."""
        who = _SAME.get(phrase.value, phrase.value)
        if phrase.article in ("a",) or (phrase.count and phrase.count > 1 and not phrase.definite):
            return None
        for person in reversed(self.recent):
            alike = _SAME.get(person.who, person.who) == who
            if alike and (phrase.definite or (not phrase.plural and person.count == 1 and phrase.article == "owner")):
                if phrase.count and phrase.count != person.count:
                    continue
                if not phrase.plural and person.count > 1 and not person.collective:
                    continue
                return person
        aged = set(phrase.traits) <= {"old", "elderly", "little"}
        if phrase.definite and phrase.value in _GENERAL and not phrase.plural and aged:
            fitting = [one for one in self.recent if one.count == 1 and one.gender in ("", gender) and not one.named]
            fitting = [one for one in fitting if not (one.collective and one.who in facts()["dual"])]
            if len(fitting) > 1 or phrase.traits:
                fitting = [one for one in fitting if self._of_age(one.who, phrase)]
            if gender and len(fitting) == 1 and fitting[0].who not in _GENERAL:
                fitting[0].gender = gender
                return fitting[0]
        return None

    def _of_age(self, who: str, phrase: NounPhrase) -> bool:
        """Whether somebody is as old as a general noun says: the boy is the grandson, the old man his grandfather."""
        if phrase.value in ("boy", "girl", "child", "kid") or "little" in phrase.traits:
            return who in facts()["young"]
        return who in facts()["elders"] or (not phrase.traits and who not in facts()["young"])

    def _take_from_group(self, person: PersonDraft, phrase: NounPhrase) -> None:
        """Of siblings, the sister is one: whoever is named out of a group is no further person."""
        if person.who not in facts()["member"] or (phrase.article == "a" and not phrase.count):
            return
        if phrase.owner == "they":
            return  # the twins and their mother
        for group in self.draft.people:
            if (
                group.collective
                and group.who in facts()["dual"]
                and group.count >= person.count
                and group.who != person.who
                and not (group.who in _OF_ONE_SEX and person.who in _KIN)  # brothers have a mother; she is none of them
            ):
                self._take(group, person)
                return

    def _take(self, group: PersonDraft, person: PersonDraft) -> None:
        group.count -= person.count
        for name in ("side", "depth", "pose", "action", "facing", "look", "looking_at", "relation", "to"):
            if getattr(person, name) is None and getattr(group, name) is not None:
                setattr(person, name, getattr(group, name))
                person.lent.add(name)
        if group.count <= 0:
            self.draft.people.remove(group)
            if group in self.recent:
                self.recent.remove(group)

    def pronoun(self, value: str, *, create: bool = True, others: Sequence[PersonDraft] = ()) -> list[PersonDraft]:
        """Of whom she, he, they, both, one or the other speaks."""
        if value in ("she", "he"):
            return self._she_or_he(value, create, others)
        everyone = self.draft.people
        if value in ("they", "all", "both"):
            if value == "both":
                pair = [one for one in self.recent if one.count == 2][-1:] or self.recent[-2:]
                if sum(one.count for one in pair) == 2:
                    return [one for one in everyone if one in pair]
                return [] if not create else [self._new("person", 2)]
            if everyone:
                several = [one for one in self.recent if one.count > 1][-1:]
                return several if value == "they" and several else list(everyone)
            return [self._new("person", 2, collective=True)] if create else []
        if value in ("one", "other"):
            return self._one_of(value)
        if value == "someone" and create:
            return [self._new("person", 1)]
        if value == "who":
            return self.recent[-1:]
        return []

    def _she_or_he(self, value: str, create: bool, others: Sequence[PersonDraft]) -> list[PersonDraft]:
        gender = "female" if value == "she" else "male"
        single = [one for one in self.recent if one.count == 1 and one not in others]
        found = next((one for one in reversed(single) if one.gender == gender), None)
        seen = self.draft.shoulder_of  # who is seen is meant, rather than whose shoulder it is
        open_ = sorted((one for one in single if not one.gender), key=lambda one: one.who != seen)
        if found is None and open_:
            found = (
                next((one for one in self.together if one in open_), None) if open_[-1] in self.together else open_[-1]
            )
        if found is not None:
            found.gender = gender
            return [found]
        if not create:
            return []
        who = next((one for one in reversed(self.owners) if one in facts()[gender]), None)
        person = PersonDraft(who or ("woman" if value == "she" else "man"), 1, gender, pronoun=who is None)
        group = next((one for one in self.draft.people if one.collective and one.count <= 2), None)
        if group is not None:
            self._take(group, person)
        self.draft.people.append(person)
        self.touch(person)
        return [person]

    def others(self, count: int) -> list[PersonDraft]:
        """The other three: those of a group who are left, or as many who were not named before."""
        group = next((one for one in reversed(self.recent) if one.count == count), None)
        return [group or self._new("person", count)]

    def ranked(self, first: bool) -> list[PersonDraft]:
        """The former or the latter of the two who were named last."""
        single = [one for one in self.draft.people if one.count == 1][-2:]
        return [] if len(single) < 2 else single[:1] if first else single[1:]

    def _one_of(self, value: str) -> list[PersonDraft]:
        group = next((one for one in reversed(self.recent) if one.count > 1), None)
        if group is None and self.rest is not None and self.rest in self.draft.people:
            return [self.rest]
        if group is None:
            pair = self.together if len(self.together) == 2 else []
            if pair and value == "one":
                self.one = pair[0]
                return [pair[0]]
            if pair and self.one in pair:
                return [pair[1] if self.one is pair[0] else pair[0]]
            single = [one for one in self.recent if one.count == 1]
            return single[-2:-1] if value == "other" and len(single) > 1 else []
        if group.count == 2 and value == "other" and not group.collective:
            return [group]
        person = PersonDraft(group.who, 1, group.gender)
        self._take(group, person)
        if group.count == 1:
            self.rest = group
            group.collective = False
        self.draft.people.append(person)
        self.touch(person)
        if group in self.recent:
            self.touch(group)
        return [person]

    def _new(self, who: str, count: int, *, collective: bool = False) -> PersonDraft:
        person = PersonDraft(who, count, collective=collective)
        self.draft.people.append(person)
        self.touch(person)
        return person

    def prop(self, phrase: NounPhrase) -> PropDraft:
        """The thing that a phrase speaks of: one that is there already if it is spoken of again."""
        what = phrase.value
        if phrase.owner and phrase.owner_role == "person":
            self.owners.append(phrase.owner)
        known = next((prop for prop in reversed(self.draft.props) if prop.what == what), None)
        other = known is not None and phrase.traits and known.traits and not set(phrase.traits) & set(known.traits)
        if other and phrase.article in ("a", "") and not phrase.plural and phrase.start >= 0:
            known = None  # a red car and a blue car
        if known is None or (
            phrase.article == "a"
            and phrase.start >= 0
            and known.count == 1
            and phrase.count is None
            and "other" in phrase.text
        ):
            one = what in facts()["mass"] or what in ("stairs", "steps", "curtains")
            count = phrase.count or (_SEVERAL if phrase.plural and not one else 1)
            count = 1 if one and phrase.vague else count
            known = PropDraft(what, count)
            known.role = phrase.role
            self.draft.props.append(known)
        known.traits += [trait for trait in phrase.traits if trait not in known.traits]
        if phrase.content is not None and not any(one.what == phrase.content.value for one in self.draft.props):
            inner = PropDraft(phrase.content.value, phrase.content.count or (_SEVERAL if phrase.content.plural else 1))
            inner.relation, inner.to, inner.role = "in", what, phrase.content.role
            self.draft.props.append(inner)
        self.thing = known
        if known in self.things:
            self.things.remove(known)
        self.things.append(known)
        return known
