"""Negation, from its word to where it ends."""

from auteur.adapters.engines.previs.reading.draft import PropDraft
from auteur.adapters.engines.previs.reading.grammar.moves import Moves
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.english import singular

_TEXTS = frozenset(
    {
        "text",
        "caption",
        "subtitle",
        "watermark",
        "logo",
        "title",
        "letters",
        "writing",
        "signature",
        "blur",
        "noise",
        "grain",
        "border",
        "artifact",
        "distortion",
        "number",
        "label",
    }
)

_GONE = frozenset(
    {"gone", "missing", "nowhere to be seen", "nowhere in sight", "no longer there", "nowhere to be found"}
)
_STATES = ("clear", "overcast")
"""Weathers that are named by an adjective."""


class Denial(Moves):
    """What is not there."""

    def on_negation(self, index: int) -> int | None:
        piece = self.p[index]
        if piece.norm in _GONE and (end := self._gone(index)) is not None:
            return end
        entry = piece.get("negation")
        if entry is None:
            return None
        after = self.at(index + 1)
        if entry.value == "else":
            return index + 1
        if entry.value == "nobody":
            if after is not None and (after.norm == "else" or self._nobody_does(index + 1)):
                return index + 2
            where = self.nouns.parse(index + 2) if after is not None and after.has("relation") else None
            if where is not None and self._nobody_does(where.end):
                return index + 1  # nobody at the table speaks
            then = self.at(index + 2)
            if (
                after is not None
                and after.has("be")
                and then is not None
                and then.kind == "word"
                and not then.has("relation", "be")
            ):
                return index + 3
            self._without("people", index, index + 1)
            then = self.at(index + 2)
            inside = after is not None and after.has("relation") and then is not None and then.norm in ("it", "them")
            return index + (3 if inside else 1)  # nobody in it
        if entry.value == "empty":
            return self._empty(index)
        return self._no(index)

    def _gone(self, index: int) -> int | None:
        """Helmet gone, the train already gone: what was named just before is not there."""
        after, at = self.at(index + 1), index - 1
        if after is not None and after.kind not in ("mark", "line") and after.norm not in ("from", "again", "now"):
            return None
        while (one := self.at(at)) is not None and (one.has("be") or one.norm in ("already", "long", "now", "all")):
            at -= 1
        if one is None or one.field not in ("props", "people") or one.noun is None:
            return None
        what = one.noun.value
        thing = next((prop for prop in reversed(self.draft.props) if prop.what == what), None)
        wearer = next((person for person in self.draft.people if what in person.wearing), None)
        if thing is not None and one.field == "props":
            self.draft.props.remove(thing)
            if thing in self.cast.things:
                self.cast.things.remove(thing)
            self.clause = [other for other in self.clause if other is not thing]
            self.last = None if self.last is thing else self.last
        elif wearer is not None:
            wearer.wearing.remove(what)
        else:
            return None
        self._without(what, at, index + 1)
        return index + 1

    def _nobody_does(self, index: int) -> bool:
        """Whether a verb stands here: no one speaks takes nobody away."""
        piece = self.at(index)
        if piece is None or piece.kind != "word":
            return False
        if piece.verb is not None and (piece.noun is None or piece.verb.form == "third"):
            return True
        return not piece.entries and not piece.capital and piece.norm.endswith("s")

    def _empty(self, index: int) -> int | None:
        phrase = self.nouns.parse(index)
        if phrase is not None:
            return None
        piece = self.p[index]
        be, it = self.at(index - 1), self.at(index - 2)
        told = it is not None and it.norm in ("it", "they") and be is not None and (be.has("be") or be.norm == "'s")
        if isinstance(self.last, PropDraft) and (told or (be is not None and be.norm in ("it's", "they're"))):
            self.last.traits.append(piece.norm)
            self.mark(index, index + 1, "props")
            return index + 1
        if isinstance(self.last, PropDraft) and self.last in self.clause[-1:]:
            about = self.about
            if about:
                self._without(about, index, index + 1)
            else:
                self.last.traits.append(piece.norm)
                self.mark(index, index + 1, "props")
        else:
            self.emptied = piece
        return index + 1

    def _without(self, what: str, start: int, end: int) -> None:
        if what not in self.draft.without:
            self.draft.without.append(what)
        self.mark(start, end, "without")

    def _no(self, index: int) -> int:
        """Takes what is named up to the end of the list; places and doings after it stand."""
        at = index + 1
        while (
            (piece := self.at(at)) is not None
            and piece.has("article", "owner", "be")
            and piece.kind == "word"
            and not piece.noun
        ):
            if self.nouns.parse(at) is not None:
                break
            at += 1
        phrase = self.nouns.parse(at)
        piece = self.at(at)
        then = self.at(at + 1)
        if piece is not None and then is not None and then.norm == "than":
            return at + 2  # no older than nine
        if (
            self.p[index].norm.endswith(("not", "n't"))
            and piece is not None
            and piece.verb is not None
            and then is not None
            and then.has("exchange", "facing", "toward", "posed")
        ):
            return at + 2  # they don't look at each other
        if phrase is None:
            if piece is None or piece.kind in ("mark", "line"):
                return index + 1
            if piece.has("kind", "size", "compound", "angle", "move", "move_weak", "dutch", "focus") and (
                not piece.has("light", "weather", "style") and not piece.noun
            ):
                return at + 1  # a size, an angle, a move that is not wanted: no thing that could be missing
            if piece.has("light", "weather", "style", "silence", "heard") and not (
                piece.verb and piece.has("move_weak")
            ):
                weather = piece.get("weather")
                state = weather is None or weather.value in _STATES  # no clouds: nothing overcast is missing
                self._without(
                    (singular(piece.norm) or piece.norm) if weather is None or state else weather.value,
                    index,
                    index + 1,
                )
                self.mark(at, at + 1, "without")
                return at + 1
            if piece.norm.isalpha() and not piece.entries and self.p[index].norm in ("no", "without"):
                self._without(piece.norm, index, at + 1)
                return at + 1
            return at + 1
        if (
            piece is not None
            and self.p[index].norm.endswith(("not", "n't"))
            and piece.verb is not None
            and at == index + 1
            and (then := self.at(at + 1)) is not None
            and (then.has("article", "owner", "pronoun", "relation", "path", "toward") or then.kind in ("mark", "line"))
        ):
            return at + 1  # what somebody does not do
        if self.p[index].norm == "neither" and phrase.is_person and self._nobody_does(phrase.end):
            return index + 1  # neither man speaks: both are there
        self.mark(index, index + 1, "without")
        self._deny(phrase)
        at = phrase.end
        while (piece := self.at(at)) is not None:
            after = self.at(at + 1)
            if piece.norm in ("or", "and", "nor", "/", "&") or (piece.norm == "," and self._list_goes_on(at)):
                start = at + 2 if after is not None and after.norm in ("or", "and", "nor") else at + 1
                more = self.nouns.parse(start)
                if more is None or (piece.norm == "and" and more.article == "a"):
                    break
                if self.at(more.end) is not None and self.p[more.end].verb and not self.p[more.end].noun:
                    break
                self._deny(more)
                at = more.end
            elif piece.norm in ("in sight", "anywhere", "around", "visible"):
                at += 1
            else:
                break
        return at

    def _list_goes_on(self, comma: int) -> bool:
        """Whether what stands after the comma belongs to the same no: up to an or, or of what no picture wants."""
        phrase = self.nouns.parse(comma + 1)
        if phrase is None:
            after = self.at(comma + 1)
            return after is not None and after.norm in ("or", "nor") and self.nouns.parse(comma + 2) is not None
        if phrase.article or phrase.count:
            return False
        if phrase.value in _TEXTS:
            return True
        after = self.at(phrase.end)
        if after is None or after.norm not in ("or", "nor", ","):
            return False
        return after.norm in ("or", "nor") or self._list_goes_on(phrase.end)

    def _deny(self, phrase: NounPhrase) -> None:
        what = phrase.body or phrase.value
        if phrase.role == "person" and what in ("person", "human", "figure"):
            what = "people"
        if (phrase.plural or what == "tracks") and phrase.role in ("place", "thing") and what.endswith("s"):
            what = singular(what) or what
        if phrase.named:
            self.denied.add(what)
        if what not in self.draft.without:
            self.draft.without.append(what)
        self._take(phrase, "without")
