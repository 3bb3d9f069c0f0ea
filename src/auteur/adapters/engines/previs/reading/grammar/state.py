"""What the rules share: who acts in this clause, what was named last, which relation waits for its end."""

from auteur.adapters.engines.previs.reading.camera import Camera
from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft, ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.shot import PlaceRead
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, Vocabulary


class State(Camera):
    """What a walk knows: who acts, what was named last, what waits."""

    inside: set[str]
    passed = ""
    """The place that a move only passes."""
    undone: tuple[Entry, PropDraft] | None = None
    """What was done to a thing in this clause by somebody who may yet be named."""
    labelled = False
    """A word of the frame stood before a colon: it speaks of what comes."""
    topic: PropDraft | None = None
    """The thing that the sentence before spoke of."""
    before: tuple[PropDraft, ...] = ()
    """All things that were named before this sentence."""
    about = ""
    wanted_relation: str | None = None
    prop_in_relation = False
    related: PersonDraft | PropDraft | None = None
    worn: str | None = None
    hinted: PlaceRead | None = None
    """The room that a part of one is named by, which is the place where no other is: a bathroom floor."""
    introduced: tuple[PersonDraft, str, int] | None = None
    """Who was named last, with which article, and where the words ended."""

    def __init__(self, pieces: list[Piece], draft: ShotDraft, vocabulary: Vocabulary) -> None:
        super().__init__(pieces, draft, vocabulary)
        self.subject: list[PersonDraft] = []
        self.acting = False
        """The subject was named in this sentence."""
        self.last: PersonDraft | PropDraft | None = None
        self.verb: Entry | None = None
        self.doer: list[PersonDraft] = []
        self.waiting: list[tuple[str, str]] = []
        """Frame words and verbs that wait for the one of whom they speak."""
        self.emptied: Piece | None = None
        self.named = False
        """Something was named in this sentence."""
        self.heard = False
        self.focus_wanted = False

    def new_clause(self) -> None:
        self.clause = []
        self.undone = None
        self.prop_in_relation = False
        self.related = None

    def subject_now(self) -> bool:
        return self.acting and not self.camera

    def subject_is(self, person: PersonDraft) -> None:
        self.subject = [person]
        self.acting, self.named = True, True
        self.last = person
        self.clause.append(person)

    def _stands_alone(self, index: int) -> bool:
        before, after = self.at(index - 1), self.at(index + 1)
        return (before is None or before.kind in ("mark", "line")) and (after is None or after.kind in ("mark", "line"))

    def _subject_follows(self, index: int) -> bool:
        phrase = self.nouns.parse(index + 1)
        return phrase is not None and phrase.is_person and phrase.article == "a"

    def said(self, phrase: NounPhrase) -> str:
        """The noun as it was said, where it was a plural."""
        return phrase.used[-1].norm.split()[-1] if phrase.plural and phrase.used else phrase.value

    def _somebody(self, phrase: NounPhrase) -> PersonDraft:
        person = self.cast.person(phrase)
        self.apply(phrase, person)
        if phrase.owner_role == "person" and not phrase.body and phrase.owner:
            self.cast.owners.append(phrase.owner)
        self._take(phrase, "people")
        return person

    def apply(self, phrase: NounPhrase, target: PersonDraft | PropDraft | None) -> None:
        """What the words before a noun say of the shot: a night market, a rainy window, a sleeping child."""
        for term in phrase.terms:
            if term.role == "negation":
                if target is None or phrase.role == "place":
                    self.emptied = next((piece for piece in phrase.used if piece.has("negation")), self.emptied)
            elif term.role == "place":
                if self.draft.place is None:
                    self.draft.place = PlaceRead(name=term.value, words=(term.value,))
            elif term.role == "place_hint":
                self.hinted = self.hinted or PlaceRead(name=term.value, words=(term.value,))
            elif term.role == "depth" and target is not None:
                self.place_in_frame(target, "depth", term.value)
            elif term.role == "posed":
                if isinstance(target, PersonDraft):
                    self._pose(target, term.value)
            else:
                self.world(term.role, term.value, term.value)

    def known_names(self) -> set[str]:
        return {one.who.casefold() for one in self.draft.people if one.named}

    # --- rules of the modules above that those below ask for ---

    def relate(
        self,
        relation: str,
        to: str,
        index: int,
        *,
        onto: PersonDraft | PropDraft | None = None,
        avoid: list[PersonDraft] | None = None,
        thing: PropDraft | None = None,
    ) -> None:
        raise NotImplementedError

    def _related(self, index: int, entry: Entry, phrase: NounPhrase) -> int:
        raise NotImplementedError

    def named_phrase(self, phrase: NounPhrase) -> None:
        raise NotImplementedError

    def _do(self, person: PersonDraft, entry: Entry) -> None:
        raise NotImplementedError

    def settle(self) -> None:
        raise NotImplementedError

    def _looked_at(self, index: int, phrase: NounPhrase) -> int:
        raise NotImplementedError

    def _body(self, phrase: NounPhrase) -> None:
        raise NotImplementedError

    def place_in_frame(self, target: PersonDraft | PropDraft, role: str, value: str) -> None:
        raise NotImplementedError

    def world(self, role: str, value: str, said: str) -> None:
        raise NotImplementedError

    def _pose(self, person: PersonDraft, value: str) -> None:
        raise NotImplementedError
