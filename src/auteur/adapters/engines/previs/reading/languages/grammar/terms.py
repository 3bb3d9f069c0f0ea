"""Sizes, kinds, angles, whose eyes and whose shoulder, and the moves of the camera."""

from auteur.adapters.engines.previs.reading.draft import MoveDraft, PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.grammar.state import State
from auteur.adapters.engines.previs.reading.languages.items import MARK, Item
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load

_SIDEWAYS = {
    ("truck", "left"): "truck_left", ("truck", "right"): "truck_right", ("pan", "left"): "pan_left",
    ("pan", "right"): "pan_right", ("pan", "up"): "tilt_up", ("pan", "down"): "tilt_down",
    ("crane", "up"): "crane_up", ("crane", "down"): "crane_down", ("tilt", "up"): "tilt_up",
    ("tilt", "down"): "tilt_down", ("push_in", "forward"): "push_in",
}  # fmt: skip


_FOLLOWS = frozenset({
    "segue", "seguindo", "seguendo", "acompanha", "sigue", "siguiendo", "folgt", "folgend", "folgen",
})  # fmt: skip


class Terms(State):
    """What the frame and the camera are said to be."""

    def _frame_value(self, role: str, value: str) -> None:
        draft = self.draft
        if role == "compound":
            for part in value.split():
                self._frame_value(*part.split(":", 1))
        elif role in ("lens_mm", "stop"):
            draft.first(role, float(value))
        elif role == "dutch":
            draft.dutch = True
        elif role in ("size", "angle"):
            draft.first(role, value)
        elif role in ("kind", "weather", "light", "style"):
            draft.add(role, value)
        else:
            draft.first(role, value)

    def _on_size(self, item: Item, at: int) -> None:
        self._frame_value("size", item.value)
        self._take(item, "size")
        self.clause.link = "frame"

    def _on_kind(self, item: Item, at: int) -> None:
        if item.value == "over_the_shoulder":
            self._on_over_shoulder(item, at)
            return
        if item.value == "pov":
            self._on_pov(item, at)
            return
        if self.clause.negated:
            self._take(item, "without")
            return
        self._frame_value("kind", item.value)
        self._take(item, "kind")
        self.clause.link = "frame"

    def _on_angle(self, item: Item, at: int) -> None:
        before = self.items[at - 1] if at else None
        if before is not None and before.has("light", "light_word") and item.value in ("high", "overhead"):
            self.draft.add("light", "top")
            self._take(item, "light")
            return  # light from above
        self._frame_value("angle", item.value)
        self._take(item, "angle")
        self.clause.link = "frame"

    def _on_over_shoulder(self, item: Item, at: int) -> None:
        self.draft.add("kind", "over_the_shoulder")
        self._take(item, "kind")
        before = self._near(at, -1, over=("function", "of", "particle"))
        if (
            self.draft.shoulder_of is None
            and self.language in ("ja", "zh", "fr", "it")
            and before is not None
            and isinstance(self.last, PersonDraft)
            and self.clause.nouns
        ):
            self.draft.shoulder_of = self.last.who
            self.shoulder = "on"
        else:
            self.shoulder = "of"

    def _on_pov(self, item: Item, at: int) -> None:
        self.draft.add("kind", "pov")
        self._take(item, "kind")
        if self.language in ("ja", "zh") and isinstance(self.last, PersonDraft) and self.clause.nouns:
            self._eyes_of(self.last)
        else:
            self.pov = True

    def _eyes_of(self, one: PersonDraft) -> None:
        self.draft.pov_of = one.who
        if one in self.draft.people:
            self.draft.people.remove(one)
        self.subjects = [each for each in self.subjects if each is not one]
        self.last = None

    def _on_move(self, item: Item, at: int) -> None:
        if self.clause.negated:
            self._take(item, "without")
            return
        kind = item.value
        kind = {"zoom": "zoom_in", "tilt_weak": "tilt"}.get(kind, kind)
        move = MoveDraft(kind, speed=self.speed)
        if kind in ("crane", "tilt"):
            self.undirected.append((move, item))
        for end in ("left", "right", "up", "down"):
            if kind in (f"truck_{end}", f"pan_{end}"):
                move.direction = end
        said = load(self.language).phrases
        for word in item.text.casefold().split():  # die Kamera fährt langsam zurück
            speeds = [entry.value for entry in said.get((word,), ()) if entry.role == "speed"]
            move.speed = move.speed or (speeds[0] if speeds else None)
        self.speed = None
        self.draft.moves.append(move)
        self.clause.move = move
        self.clause.link = "move"
        self._take(item, "moves")

    def _on_camera(self, item: Item, at: int) -> None:
        """``Câmera na mão segue a menina``: what follows somebody is the camera."""
        ahead = self._near(at, 1, over=("function", "article", "number", "object", "to"))
        move = self.clause.move
        if item.text.casefold() not in _FOLLOWS or move is None or self.clause.nouns or ahead is None:
            return
        if not (ahead.has("person") or ahead.role == "unknown") or move.kind in ("tracking", "steadicam"):
            return
        self.clause.move = MoveDraft("tracking")
        self.draft.moves.append(self.clause.move)
        self.clause.link = "move"
        self._take(item, "moves")

    def _on_speed(self, item: Item, at: int) -> None:
        after = self._near(at, 1, over=("function", "camera", "side", "direction", "particle"))
        if (after is not None and after.has("move")) or (self.clause.move is None and self._move_ahead(at)):
            self.speed = item.value
        elif (self.clause.move is not None and not self.clause.nouns) or (
            self.clause.move and self.clause.move.speed is None
        ):
            self.clause.move.speed = item.value
        elif self.draft.moves and self.clause.lone and self.draft.moves[-1].speed is None and self._near(at, 1) is None:
            self.draft.moves[-1].speed = item.value
        else:
            return
        self._take(item, "moves")

    def _move_ahead(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK or item.has("pose", "action"):
                return False
            if item.has("move"):
                return True
        return False

    def _on_direction(self, item: Item, at: int) -> None:
        self._turn(item, item.value)

    def _turn(self, item: Item, value: str) -> None:
        """A direction: of the move, of a look, or of who or what goes there."""
        move = self.clause.move or (
            self.draft.moves[-1]
            if self.draft.moves and self.clause.lone and not self.clause.nouns and not self.clause.verbs
            else None
        )
        if move is not None and move.direction is None and not self.clause.looks:
            move.direction = value
            move.kind = _SIDEWAYS.get((move.kind, value), move.kind)
            self._take(item, "moves")
        elif self.clause.looks and self.subjects and value in ("left", "right", "up", "down"):
            self._set("look", value)
            self.clause.looks = False
            self._take(item, "people")
        elif isinstance(self.last, PropDraft) and self.clause.primary is self.last:
            self.last.direction = value
            self._take(item, "props")
        elif self.subjects and value in ("left", "right"):
            self._set("direction", value)
            self._take(item, "people")
