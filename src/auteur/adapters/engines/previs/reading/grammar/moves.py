"""The camera among the rest: its moves, their speed and direction, what they reveal."""

from auteur.adapters.engines.previs.reading.grammar.terms import Terms
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import rises


class Moves(Terms):
    """What the camera does."""

    def on_camera(self, index: int) -> int | None:
        piece = self.p[index]
        if piece.has("camera") or (piece.has("we") and piece.norm == "we" and not self.clause):
            after = self.at(index + 1)
            self.camera = True
            self.acting = False
            if piece.has("camera"):
                near = list(self.p[index + 1 : index + 4])
                if any(one.has("move", "move_weak", "relation", "camera_height", "angle", "side") for one in near) or (
                    after is not None and after.kind == "mark"
                ):
                    self.mark(index, index + 1, "moves")
                elif self.verb is None:
                    return index + 1
            return index + 1
        return None

    def on_reveal(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("reveal")
        if entry is None or (self.subject_now() and self.clause and not self.camera and self.move is None):
            return None
        if self.subject_now() and piece.verb is not None and not self.open:
            return None
        phrase = self.nouns.parse(index + 1)
        after = self.at(index + 1)
        if phrase is None and not (after is not None and (after.has("pronoun", "size", "kind", "compound"))):
            return None
        if entry.value == "from":
            self.move = None
            self.wanted = "origin"
            self.mark(index, index + 1, "moves")
            return index + 1
        if self.move is None and self.draft.moves:
            self.move = self.draft.moves[-1]
        if self.move is None and not piece.norm.endswith("on"):
            return None
        self.wanted = "target"
        self.camera = False
        self.mark(index, index + 1, "moves")
        return index + 1

    def on_move_word(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("move", "move_weak")
        turn = piece.get("direction") if piece.norm.endswith(("wise", "cw", "widdershins")) else None
        after = self.at(index + 1)
        move = after.get("move", "move_weak") if after is not None else None
        if turn is not None and move is not None and self.is_move(index + 1, move):
            end = self.on_move(index + 1, move)  # a clockwise arc
            if self.move is not None:
                self.move.direction = self.move.direction or turn.value
            self.mark(index, index + 1, "moves")
            return end
        if entry is not None and self.is_move(index, entry):
            return self.on_move(index, entry)
        if piece.has("speed"):
            return self._speed(index)
        if (
            self.move is not None
            and piece.has("direction")
            and (len(piece.tokens) > 1 or piece.norm.endswith(("wise", "cw")))
            and not (self.verb is not None and self.doer)
        ):
            return self._how(index, self.move)
        if (
            self.open
            and self.move is not None
            and not self.subject_now()
            and piece.has("direction")
            and (len(piece.tokens) > 1 or not self._has_way(index))
        ):
            return self._how(index, self.move)
        if (
            piece.kind == "number"
            and (after := self.at(index + 1)) is not None
            and after.norm in ("degree", "degrees", "\u00b0")
            and self.move is not None
        ):
            return index + 2
        return None

    def _speed(self, index: int) -> int | None:
        piece = self.p[index]
        entry = piece.get("speed")
        if entry is None:
            return None
        for at in range(index + 1, min(index + 5, len(self.p))):
            one = self.p[at]
            if one.kind in ("mark", "line") and one.norm != ",":
                break
            move = one.get("move", "move_weak")
            weak = one.has("move_weak") and not self.subject_now() and self.p[at - 1].has("kind")
            if move is not None and (weak or self.is_move(at, move)):
                self.speed = entry.value
                self.mark(index, index + 1, "moves")
                return index + 1
            if one.noun is not None and not one.has("speed", "trait", "article", "kind", "size", "number"):
                break
        if self.move is not None and (self._stands_alone(index) or (self.open and not self.subject_now())):
            self.move.speed = self.move.speed or entry.value
            self.mark(index, index + 1, "moves")
            return index + 1
        if self.move is not None and self.verb is None and self.last is not None and self.move.target == self.last.name:
            self.move.speed = self.move.speed or entry.value
            self.mark(index, index + 1, "moves")
            return index + 1  # circle the wrestlers slowly
        if self.doer and self.verb is not None:
            for person in self.doer:
                person.traits.append(piece.norm)
            self.mark(index, index + 1, "people")
            return index + 1
        return None

    def _which_way(self) -> None:
        """A tilt or a crane without a direction goes where its ends lie; where they say nothing, it is given back."""
        for move in [one for one in self.draft.moves if one.kind in ("crane", "tilt")]:
            up = rises(move.said.get("origin", move.origin), move.said.get("target", move.target))
            if up is None and move.kind == "crane" and move.way in ("over", "above", "away", "back", "off", "out"):
                up = True
            if up is None:
                self.draft.moves.remove(move)
                for piece in move.pieces:
                    piece.field = None
            else:
                move.kind += "_up" if up else "_down"
