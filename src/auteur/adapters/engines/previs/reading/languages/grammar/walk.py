"""The walk over the phrases of a prompt, its headings, and what was left at the end."""

from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.draft import PersonDraft
from auteur.adapters.engines.previs.reading.languages.grammar.links import FRAME
from auteur.adapters.engines.previs.reading.languages.grammar.state import ENDS, NOUNS, Clause
from auteur.adapters.engines.previs.reading.languages.grammar.verbs import Verbs
from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import facts, rises

_SINGLE = ("time_of_day", "season", "camera_height", "aspect", "lens_mm", "stop")
SILENT = frozenset({
    "function", "camera", "conjunction", "contrast", "of", "with", "to", "from", "through", "relation", "number",
    "pronoun", "object", "light_word", "localiser", "particle", "article", "we", "shot",
})  # fmt: skip
"""Words that carry no picture of their own: that no field took them is no news."""
_PAUSES = frozenset({",", ":", "(", ")", "-", "--"})
_FIELD = {"compound": "size"}
_CLITICS = frozenset({"se", "si", "sich", "s'"})


class Walk(Verbs):
    """One walk over the phrases of a prompt."""

    def read(self) -> Shot:
        """The shot that the phrases say."""
        at = 0
        while at < len(self.items):
            at = self._step(at)
        self._end_clause()
        self._finish()
        return self.draft.shot(self.language, self._not_understood())

    def _step(self, at: int) -> int:
        item = self.items[at]
        role = self._role(item, at)
        if role == MARK:
            self._mark(item.value)
            return at + 1
        if role == "int_ext":
            return self._heading(at)
        handler = getattr(self, f"_on_{role}", None)
        if handler is not None:
            handler(item.only(role), at)
        elif role not in SILENT and role != UNKNOWN:
            if self.clause.negated and role in ("light", "weather", "style"):
                self.draft.add("without", item.sense(role).value)  # type: ignore[union-attr]
                self._take(item, "without")
            elif role in (*_SINGLE, "weather", "light", "style", "kind", "dutch", "focus", "compound"):
                self._frame_value(role, item.sense(role).value)  # type: ignore[union-attr]
                self._take(item, _FIELD.get(role, role))
        if role in SILENT:
            self.took.add(item.start)
        if role not in ("function", "conjunction"):
            self.clause.lone = False
        return at + 1

    def _role(self, item: Item, at: int) -> str:
        """Which of its senses counts here."""
        if len(item.senses) == 1 and item.role not in ("size", "int_ext"):
            return item.role
        before = self.items[at - 1] if at else None
        if (
            item.has("int_ext")
            and len(item.text) == 1
            and before is not None
            and not (before.role == MARK and before.value in ENDS)
        ):
            return next((e.role for e in item.senses if e.role != "int_ext"), "localiser")
        if item.has("size") and (
            item.has("trait", "thing", "place", "side") or (item.text.islower() and item.value in ("extreme_close_up",))
        ):
            alone = self.clause.lone or (before is not None and before.has(*FRAME, "move"))
            after = self.items[at + 1] if at + 1 < len(self.items) else None
            follows = (
                after is None or after.role == MARK or after.has("of", "relation", "to", "person") or after.has(*FRAME)
            )
            if not (alone and follows):
                return next((e.role for e in item.senses if e.role != "size"), "size")
            return "size"
        if item.has("place") and item.has("negation"):
            noun = before is not None and before.has("place")
            return (
                "negation"
                if noun or ((self._noun_after(at) or item).has("place") and self._noun_after(at) is not None)
                else "place"
            )
        if item.has("place") and item.has("thing"):
            listed = before is None or before.role == MARK or before.has(*FRAME, "of", "time_of_day", "weather")
            inside = self.clause.relation == "in" or (self.clause.link is None and listed and not self.clause.count)
            return "place" if inside and (self.draft.place_name is None or self.clause.relation == "in") else "thing"
        if item.has("side") and item.has("direction", "relation"):
            return item.role
        if item.has("number") and item.has("function"):
            return "number"
        if item.has("person") and item.has("trait"):
            following = self._noun_after(at)
            if following is not None and following.has(*NOUNS):
                return "trait"
            if before is not None and before.has("person", "thing", "place"):
                return "trait"
            return "person"
        if item.has("thing") and item.has("action", "pose", "state", "move", "look"):
            article = before is not None and before.has("number", "article", "of", "colour", "function", "with")
            article = article or (before is not None and before.has("relation") and item.has("action"))
            article = article and not (before is not None and before.has("pronoun"))  # elle lit
            return (
                "thing"
                if article and not (before and before.text.casefold() in _CLITICS)
                else next(e.role for e in item.senses if e.role != "thing")
            )
        prepositions = [e.role for e in item.senses if e.role in ("of", "with", "relation", "to", "from", "through")]
        if prepositions:
            return self._preposition(item, at, prepositions)
        return item.role

    def _mark(self, value: str) -> None:
        if value in ENDS:
            self._end_clause()
            self.waits = None
            self.shoulder = None
        elif value in _PAUSES or value in ("/", "\u2014", "\u3001"):
            move = self.clause.move if value == ":" else None
            self._end_clause()
            if move is not None and move.kind in ("tracking", "steadicam"):
                self.clause.move, self.clause.link = move, "move"

    def _end_clause(self) -> None:
        clause = self.clause
        if self.her is not None and (clause.verbs or clause.holds) and not self.draft.people:
            who = self.her.value
            self.draft.span(self.her.start, self.her.end, self.her.text, "people")
            one = self.draft.person(who, 2 if who == "they" else 1, again=False)
            self.subjects = [one]
            self.her = None
        if clause.verbs and not self.subjects and self.draft.people:
            self.subjects = [self.draft.people[-1]]
        if clause.verbs and self.subjects:
            for verb in clause.verbs:
                self._do(verb)
        if self.draft.pov_of is not None:
            for verb in clause.verbs:
                if verb.role in ("look", "look_toward"):
                    self._take(verb, "pov_of")
        for trait in clause.traits:
            if self.last is not None:
                self.last.traits.append(trait.value)
                self._take(trait, "people" if isinstance(self.last, PersonDraft) else "props")
        if clause.primary is not None:
            self._last_primary = clause.primary
        side = clause.side
        self.clause = Clause(side=side)
        self.last_noun = None

    def _heading(self, at: int) -> int:
        """``INT. PLACE - TIME``: to the next stop, comma or word of the camera."""
        item = self.items[at]
        self.draft.first("int_ext", item.sense("int_ext").value)  # type: ignore[union-attr]
        self._take(item, "int_ext")
        at += 1
        dotted = (
            at < len(self.items) and self.items[at].role == MARK and self.items[at].value in (".", "-", ":", "\u00b7")
        )
        written = item.text.isupper() or dotted or self.language in ("zh", "ja")
        if not written:
            return at
        while (
            at < len(self.items) and self.items[at].role == MARK and self.items[at].value in (".", "-", ":", "\u00b7")
        ):
            at += 1
        part: list[Item] = []
        while at < len(self.items):
            each = self.items[at]
            if each.role == MARK and each.value != "-" and each.value != "/":
                break
            if each.role == MARK:
                self._heading_part(part)
                part = []
            elif each.has("size", "kind", "move", "over_shoulder", "lens_mm") and not each.has("place", "time_of_day"):
                break
            else:
                part.append(each)
            at += 1
        self._heading_part(part)
        self._end_clause()
        return at

    def _heading_part(self, part: Sequence[Item]) -> None:
        rest: list[Item] = []
        for item in part:
            if item.has("time_of_day") and not (item.has("place")):
                self.draft.first("time_of_day", item.sense("time_of_day").value)  # type: ignore[union-attr]
                self._take(item, "time_of_day")
            elif item.has("weather", "season") and not item.has("place", "thing"):
                entry = item.sense("weather", "season")
                self._frame_value(entry.role, entry.value)  # type: ignore[union-attr]
                self._take(item, entry.role)  # type: ignore[union-attr]
            else:
                rest.append(item)
        named = next((item for item in rest if item.has("place")), None) or next(
            (i for i in rest if i.has("thing")), None
        )
        meant = [
            item for item in rest if item.role not in ("function", "of", "relation", "number", "camera", "conjunction")
        ]
        if named is None and not (meant and any(item.role == UNKNOWN for item in meant)):
            return
        if named is None and all(self.names.is_story(item.text) for item in meant):
            return
        words = self.prompt[rest[0].start : rest[-1].end]
        name = named.sense("place", "thing").value if named is not None else words.casefold()  # type: ignore[union-attr]
        if self.draft.place_name is not None and name != self.draft.place_name:
            self.draft.place_in = self.draft.place_name if self.headed else None
            if not self.headed:
                self.draft.place_words.clear()
        self.headed = True
        self.draft.place_name = name
        self.draft.place_words.append(words)
        self.draft.span(rest[0].start, rest[-1].end, words, "place", value=name)
        for item in rest:
            self.took.add(item.start)

    def _finish(self) -> None:
        draft = self.draft
        for move, item in self.undirected:  # which way it goes is told by nothing, so it is given back
            up = rises(move.origin, move.target)
            if move.kind in ("crane", "tilt") and up is not None:
                move.kind += "_up" if up else "_down"
            elif move.kind in ("crane", "tilt"):
                draft.moves.remove(move)
                draft.reads[:] = [span for span in draft.reads if (span.start, span.end) != (item.start, item.end)]
                self.took.discard(item.start)
        for at in self.sides:
            self._which_side(at)
        for item in self.emptied:
            if not draft.people and (draft.place_name is not None or not draft.props):
                draft.add("without", "people")
                self._take(item, "without")
        if draft.place_name is None and draft.props and self.language in ("ja", "zh"):
            return

    def _on_indoors(self, item: Item, at: int) -> None:
        self.sides.append(at)  # which side the shot is on, when all else is known

    def _which_side(self, at: int) -> None:
        """Indoors or outdoors without a heading: weather that is outside says nothing of where the shot is."""
        item, draft = self.items[at], self.draft
        side = item.sense("indoors").value  # type: ignore[union-attr]
        over = ("function", "of", "article", "particle", "relation")
        beside = [one for step in (-1, 1) if (one := self._near(at, step, over=over)) is not None]
        weather = next((one for one in beside if one.has("weather", "light", "light_word")), None)
        shut = any(prop.what in facts()["seen_through"] for prop in draft.props)
        places = [entry.value for one in beside if (entry := one.sense("place")) is not None]
        unplaced = draft.place_name is None and not shut and not (side == "INT" and draft.props)
        is_it = unplaced or (side == "EXT" and draft.place_name in places)
        if weather is not None and (shut or draft.people or draft.place_name is not None):
            self._take(item, "weather" if weather.has("weather") else "light")
        elif side == draft.int_ext or (draft.int_ext is None and is_it):
            draft.first("int_ext", side)
            self._take(item, "int_ext")

    def _not_understood(self) -> list[str]:
        spans = self.draft.reads
        return [
            item.text
            for item in self.items
            if item.role != MARK
            and item.role not in SILENT
            and item.start not in self.took
            and not any(span.start <= item.start and item.end <= span.end for span in spans)
            and any(sign.isalnum() for sign in item.text)
        ]
