"""The walk from left to right: each phrase to the first rule that takes it, and what can only be said at the end."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.sides import read_rings, read_sides
from auteur.adapters.engines.previs.reading.grammar.things import Things
from auteur.adapters.engines.previs.reading.headings import read_headings
from auteur.adapters.engines.previs.reading.numbers import read_clocks, read_numbers
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts

_STOPS = (".", "!", "?", "\n", ";", "...")
_PARTS = frozenset({
    "armrest", "backrest", "headboard", "handle", "lid", "rim", "drawer", "windowsill", "sill", "doorknob",
    "door handle", "table leg", "mantelpiece", "pillow", "cushion",
})  # fmt: skip
"""Parts of other things: it is not they of which a pronoun speaks."""
_SOFT = (",", ":", "-", "--", "(", ")", "/", '"', "\u201c", "\u201d", "\u2014")


class Grammar(Things):
    """Reads the pieces into the draft."""

    def read(self) -> None:
        """Reads everything."""
        read_clocks(self.p, self.draft)
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
        read_rings(draft)
        draft.place = draft.place or self.hinted
        if draft.place is None:
            self._place_from_props()
        read_sides(self.p, draft)
        self._mounts()
        self._which_way()
        self._named_apart()
        self._whose_part()
        told = {one.what for one in draft.props} | {one.who for one in draft.people}
        held = dict.fromkeys(thing for person in draft.people for thing in person.holding)
        draft.props += [PropDraft(thing) for thing in held if thing not in told]
        for prop in draft.props:
            if prop.what in ("sun", "light", "moon") and prop.relation == "behind" and "backlit" not in draft.light:
                draft.light.append("backlit")
        if "over_the_shoulder" in draft.kind and self.favoured != draft.shoulder_of:
            draft.shoulder_on = draft.shoulder_on or self.favoured
        if (
            "over_the_shoulder" in draft.kind
            and len(draft.people) == 2
            and (draft.shoulder_of is None) != (draft.shoulder_on is None)
        ):
            of, on = draft.shoulder_of, draft.shoulder_on
            other = next((one.who for one in draft.people if one.who != (of or on)), None)
            draft.shoulder_of, draft.shoulder_on = of or other, on or other
        near = [one for one in draft.people if one.depth == "foreground"]
        far = [one for one in draft.people if one.depth != "foreground"]
        unsaid = "over_the_shoulder" in draft.kind and draft.shoulder_of is None
        if unsaid and len(near) == len(far) == 1 and draft.shoulder_on in (None, far[0].who):
            draft.shoulder_of, draft.shoulder_on = near[0].who, far[0].who

    def _mounts(self) -> None:
        """On horseback, on camelback: each of them has one."""
        for piece in self.p:
            beast = next((word.removesuffix("back") for word in piece.norm.split() if word.endswith("back")), "")
            if beast not in ("horse", "camel", "mule", "donkey", "elephant") or piece.field is None:
                continue
            riders = [one for one in self.draft.people if one.pose == "ride" and one.relation is None]
            if riders and not any(one.what == beast for one in self.draft.props):
                self.draft.props.append(PropDraft(beast, sum(one.count for one in riders)))
                for one in riders:
                    one.relation, one.to = "on", beast

    def _named_apart(self) -> None:
        """Twins on the swings, Ada right, Bea left: they are the twins."""
        people = self.draft.people
        group = next((one for one in people if one.count == 2 and not one.named and one.who in facts()["dual"]), None)
        if group is None:
            return
        apart = [one for one in people[people.index(group) + 1 :] if one.named and one.count == 1]
        if len(apart) == 2 and len(people) == 3 and {one.side for one in apart} == {"left", "right"}:
            for one in apart:
                self.cast._take(group, one)

    def _whose_part(self) -> None:
        """From the bandaged hand to Roux: it is his."""
        people = self.draft.people
        if len(people) != 2 or not people[0].part or people[1].count != 1:
            return
        part, owner = people
        for move in self.draft.moves:
            if move.origin == part.who and move.target == owner.who:
                owner.traits += part.traits
                move.origin = part.traits[-1].split()[-1] if part.traits else None
                people.remove(part)
                return

    def _place_from_props(self) -> None:
        """Somebody in a car, a thing in a house: they are the place where no other is named."""
        for prop in self.draft.people:
            if prop.relation == "in" and prop.to in self.inside:
                self.draft.place = PlaceRead(name=prop.to, words=(prop.to,))
                return
        land = next((one.what for one in self.draft.props if one.role == "place" and one.what in facts()["land"]), None)
        if land is not None:
            self.draft.place = PlaceRead(name=land, words=(land,))

    def step(self, index: int) -> int:
        piece = self.p[index]
        if piece.field is not None:
            if piece.field in ("lens_mm", "stop", "aspect", "int_ext", "place", "time_of_day"):
                self.new_clause()
            return index + 1
        if piece.kind in ("mark", "line") and not piece.entries:
            return self.on_mark(index)
        if piece.norm == "than":  # older than I remember
            past = index + 1
            while (more := self.at(past)) is not None and more.kind not in ("mark", "line") and more.field is None:
                past += 1
            return past
        for rule in (
            self.on_negation,
            self.on_sound,
            self.on_style,
            self.on_likeness,
            self.on_pov,
            self.on_shoulder,
            self.on_favour,
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
            if not (norm == ":" and self.labelled):
                self.settle()
            self.labelled = False
            self.new_clause()
            self.heard = False
            self.focus_wanted = False
            if norm != "(":
                self.wanted = None
            self.verb = None
            if norm in (":", "-", "--"):
                self.camera = False
        return index + 1

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
        new = [one for one in self.draft.props if one not in self.before]
        if new:
            ends = {one.to for one in self.draft.props} | {one.to for one in self.draft.people}
            whole = [one for one in new if one.what not in _PARTS] or new
            self.topic = next((one for one in whole if one.what not in ends), whole[0])
            self.before = tuple(self.draft.props)
        self.new_clause()
        self.acting = self.open = self.camera = self.named = self.heard = self.focus_wanted = False
        self.wanted = None
        self.verb = None
        self.speed = None
        self.move = None
