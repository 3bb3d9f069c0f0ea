"""A shot while it is read in another language than English: the same draft, with what its walk asks of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft, ShotDraft
from auteur.adapters.engines.previs.reading.shot import Focus, PlaceRead, Shot, Span

Entity = PersonDraft | PropDraft


@dataclass(slots=True, eq=False)
class Draft(ShotDraft):
    """What was read so far. ``place_name``, ``place_in`` and ``place_words`` become the place at the end."""

    place_name: str | None = None
    place_in: str | None = None
    place_words: list[str] = field(default_factory=list)
    reads: list[Span] = field(default_factory=list)

    def span(
        self, start: int, end: int, text: str, name: str, read_as: str | None = None, value: str | None = None
    ) -> None:
        """Words that went into a field."""
        one = Span(start=start, end=end, text=text, field=name, read_as=read_as, value=value)
        if text and not any((each.start, each.end, each.field) == (start, end, name) for each in self.reads):
            self.reads.append(one)

    def first(self, name: str, value: Any) -> None:
        """Of a field with one value, what is said first."""
        if name == "focus":
            self.focus = self.focus or Focus(depth=value)
        elif getattr(self, name) is None:
            setattr(self, name, value)

    def add(self, name: str, value: str) -> None:
        """One of many values, each once."""
        values: list[str] = getattr(self, name)
        if value not in values:
            values.append(value)

    def person(self, who: str, count: int | None, *, again: bool) -> PersonDraft:
        """The person of that name, or a new one. ``again``: it may be one that was spoken of before."""
        known = next((one for one in self.people if one.who == who), None)
        if known is not None and (again or who[:1].isupper()):
            return known
        one = PersonDraft(who, count or 1)
        self.people.append(one)
        return one

    def prop(self, what: str, count: int | None, *, again: bool) -> PropDraft:
        """The thing, or a new one."""
        known = next((one for one in self.props if one.what == what), None)
        if known is not None and again:
            known.count = max(known.count, count or 1)
            return known
        one = PropDraft(what, count or 1)
        self.props.append(one)
        return one

    def at(self, name: str, words: str) -> bool:
        """The place, unless there is one already; whether it was taken."""
        if self.place_name is not None and self.place_name != name:
            return False
        self.place_name = name
        if words and words not in self.place_words:
            self.place_words.append(words)
        return True

    def shot(self, language: str, not_understood: Sequence[str]) -> Shot:
        """As it stands."""
        if self.pov_of is not None:
            self.add("kind", "pov")
        if self.place_name is not None:
            self.place = PlaceRead(name=self.place_name, within=self.place_in, words=tuple(self.place_words))
        return self.frozen(language, not_understood, sorted(self.reads, key=lambda span: (span.start, span.end)))
