"""Sounds and voices: heard, not seen."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.denial import Denial
from auteur.adapters.engines.previs.reading.lexing import Piece


class Sound(Denial):
    """What is only heard."""

    def on_sound(self, index: int) -> int | None:
        piece = self.p[index]
        if piece.has("heard") and not (piece.verb and self.subject_now()):
            self.heard = True
            self.mark(index, index + 1, "off_screen")
            return index + 1
        if piece.has("silence") and not self.nouns.parse(index):
            self.mark(index, index + 1, "style")
            self.draft.style.append(piece.norm)
            return index + 1
        if not piece.has("sound"):
            return None
        before = self.at(index - 1)
        if before is not None and before.noun is not None and before.noun.role == "body" and before.field == "people":
            self._unseen(before, index)
            return index + 1
        opened = self.at(index - 2) if before is not None and before.norm in ("(", ",") else before
        if opened is not None and opened.field == "off_screen":
            self.mark(index, index + 1, "off_screen")
            return index + 1  # siren (O.S.): heard already
        entries = [one for one in self.clause if isinstance(one, (PersonDraft, PropDraft))]
        if self.verb is not None and self.verb.role == "look":
            return None
        target = entries[-1] if entries else self.last if self.named else None
        if target is None:
            after = self.at(index + 1)
            if piece.norm in ("o.s", "o.s.") or after is None or after.kind != "word":
                return None
            self.heard = True
            self.mark(index, index + 1, "off_screen")
            return index + 1
        if isinstance(target, PersonDraft) and target.look is not None:
            self.mark(index, index + 1, "people")
            return index + 1
        self._off(target)
        self.mark(index, index + 1, "off_screen")
        return index + 1

    def _unseen(self, piece: Piece, index: int) -> None:
        """Hands out of frame: not there, though the person is."""
        part = piece.noun.value if piece.noun else piece.norm
        for person in self.draft.people:
            person.traits = [one for one in person.traits if one != part]
        piece.field = None
        self.mark(index - 1, index + 1, "without")
        if part not in self.draft.without:
            self.draft.without.append(part)

    def _off(self, target: PersonDraft | PropDraft) -> None:
        if target.name not in self.draft.off_screen:
            self.draft.off_screen.append(target.name)
        if isinstance(target, PersonDraft):
            if target in self.draft.people:
                self.draft.people.remove(target)
            if target in self.cast.recent:
                self.cast.recent.remove(target)
            self.subject = [one for one in self.subject if one is not target]
        elif target in self.draft.props:
            self.draft.props.remove(target)
        self.last = None
