"""The camera's half of the grammar: sizes, kinds, whose shoulder, whose eyes, and moves in the order said.

Verbs are people's, moves are the camera's: a word that both do is a move only where nobody else does it.

Long because a move, a shoulder and a point of view are told from what people do by the same neighbours.
"""

from auteur.adapters.engines.previs.reading.cast import Cast
from auteur.adapters.engines.previs.reading.draft import MoveDraft, PersonDraft, ShotDraft
from auteur.adapters.engines.previs.reading.lexing import Piece
from auteur.adapters.engines.previs.reading.nouns import NounPhrase, NounPhrases
from auteur.adapters.engines.previs.reading.shot import Focus
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry, Vocabulary

_CAMERA_ONLY = frozenset({
    "dolly", "dollies", "dollying", "zoom", "zooms", "zooming", "pan", "pans", "panning", "tilt", "tilts", "tilting",
    "crane", "cranes", "craning", "rack", "racks", "racking", "whip", "swish", "truck", "trucks", "trucking", "crab",
    "slider", "steadicam", "handheld", "hand", "gimbal", "tracking", "camera", "drone", "static", "locked", "jib",
    "ped", "pedestal", "boom", "vertigo", "crash", "snap",
})  # fmt: skip
_FOLLOWING = frozenset({"tracking", "steadicam", "handheld", "truck", "truck_left", "truck_right"})
_BARE_MOVES = frozenset({"hold", "push", "pull", "creep", "track", "drift", "rise", "circle", "orbit", "tilt", "crane"})
_CLOSER = frozenset({"single", "master", "detail", "drone", "reaction", "first person", "subjective"})
_TURNED = {
    ("truck", "left"): "truck_left", ("truck", "right"): "truck_right", ("pan", "left"): "pan_left",
    ("pan", "right"): "pan_right", ("tilt_down", "up"): "tilt_up", ("crane_up", "down"): "crane_down",
    ("tilt_down", "down"): "tilt_down", ("tilt", "up"): "tilt_up", ("tilt", "down"): "tilt_down",
    ("pan", "up"): "tilt_up", ("pan", "down"): "tilt_down",
    ("crane", "up"): "crane_up", ("crane", "down"): "crane_down",
}  # fmt: skip


class Camera:
    """State and rules that speak of the camera; `Grammar` adds those of people and things."""

    favoured: str | None = None
    """Who is seen, where a word of favour names them and no shoulder was named yet."""

    def __init__(self, pieces: list[Piece], draft: ShotDraft, vocabulary: Vocabulary) -> None:
        self.p = pieces
        self.draft = draft
        self.vocabulary = vocabulary
        self.nouns = NounPhrases(pieces)
        self.cast = Cast(draft)
        self.move: MoveDraft | None = None
        self.open = False
        self.camera = False
        self.speed: str | None = None
        self.origin: str | None = None
        self.goal: str | None = None
        self.wanted: str | None = None
        self.clause: list[object] = []
        self.denied: set[str] = set()
        self.part_said: str | None = None
        """The part of a body by which the end of a move was named."""

    def at(self, index: int) -> Piece | None:
        return self.p[index] if 0 <= index < len(self.p) else None

    def mark(self, start: int, end: int, field: str) -> None:
        """These pieces were read into the field, as one thing."""
        for piece in self.p[start:end]:
            if piece.field is None and piece.kind != "line":
                piece.field, piece.group = field, self.p[start].start + 1

    # --- sizes, kinds, angles -----------------------------------------------------------------------------------------

    def compound(self, index: int, entry: Entry) -> int:
        for part in entry.value.split():
            role, _, value = part.partition(":")
            self.frame_word(role, value)
        self.mark(index, index + 1, "size")
        return index + 1

    def frame_word(self, role: str, value: str) -> None:
        """A size, kind or angle."""
        if role == "size":
            self.draft.size = self.draft.size or value
        elif role == "angle":
            self.draft.angle = self.draft.angle or value
        elif role == "kind" and value not in self.draft.kind:
            self.draft.kind.append(value)

    def is_bare_size(self, index: int) -> bool:
        """Whether wide, medium, full or close speaks of the frame: alone, before a shot, or where one is kept so."""
        before, after = self.at(index - 1), self.at(index + 1)
        alone = (
            after is None
            or after.kind in ("mark", "line")
            or after.has("shot", "kind", "size", "favour", "int_ext", "camera_height", "angle", "lens_mm")
            or after.field is not None
            or after.norm in ("of", "and", "with")
        )
        piece = self.p[index]
        ends = after is None or after.kind in ("mark", "line")
        where = self.at(index - 2)
        if (
            ends
            and before is not None
            and before.norm in ("the", "a")
            and where is not None
            and where.norm in ("on", "stay on", "to", "in", "hold", "keep", "as", "onto", "from")
            and piece.norm in ("wide", "medium", "close", "tight")
        ):
            return True  # stay on the wide
        if (
            before is not None
            and before.has("article", "trait", "number", "owner")
            and not (after and after.has("shot", "kind"))
        ):
            return False
        kept = (
            before is None
            or before.kind in ("mark", "line")
            or before.field is not None
            or before.norm in ("it", "keep", "stay", "go", "in", "a", "very", "and", "then", "shot")
        )
        if (
            piece.norm == "full"
            and after is not None
            and after.norm == "of"
            and before is not None
            and before.kind not in ("mark", "line")
        ):
            return False  # a street full of people
        return (alone and kept) or (piece.tokens[0].capitals and kept)

    def is_kind(self, index: int) -> bool:
        """Whether a word names a kind of shot here: a single bulb is none."""
        piece, after, before = self.p[index], self.at(index + 1), self.at(index - 1)
        if len(piece.tokens) > 1 or piece.norm not in _CLOSER:
            return True
        if piece.norm == "drone" and before is not None and before.has("article") and self.draft.people:
            return False  # one that they see
        if piece.norm == "drone" and after is not None and (after.has("move_weak", "move") or after.verb is not None):
            self.camera = not (before is not None and before.has("article"))
            return self.camera
        if before is not None and before.has("owner", "number") and not piece.tokens[0].capitals:
            return False
        if after is None or after.kind in ("mark", "line") or after.field is not None:
            return True
        return (
            after.has("shot", "article", "relation", "path", "kind", "size", "favour", "owner")
            or piece.tokens[0].capitals
            or self.nouns.name_at(index + 1)
        )

    def kind(self, index: int, entry: Entry) -> int:
        self.frame_word("kind", entry.value)
        self.mark(index, index + 1, "kind")
        end = index + 1
        if (after := self.at(end)) is not None and after.norm in ("shot", "shots"):
            self.mark(end, end + 1, "kind")
            end += 1
        if entry.value == "over_the_shoulder":
            return self._shoulder(index, end)
        if entry.value == "pov":
            return self._pov(index, end)
        return end

    def on_favour(self, index: int) -> int | None:
        """``favour Lise``: the one who is seen, wherever the shoulder is told of."""
        if self.p[index].norm not in ("favour", "favor", "favouring", "favoring", "favours", "favors"):
            return None
        phrase = self._someone(index + 1)
        if phrase is None or not phrase.is_person or self.draft.shoulder_on is not None:
            return None
        person = self.cast.person(phrase)
        self.favoured = person.who
        if "over_the_shoulder" in self.draft.kind:
            self.draft.shoulder_on = person.who
        self.mark(index, index + 1, "over_shoulder")
        self._take(phrase, "people")
        self.subject_is(person)
        return phrase.end

    def _skip_marks(self, index: int, *marks: str) -> int:
        while (piece := self.at(index)) is not None and piece.norm in marks:
            index += 1
        return index

    def _shoulder(self, index: int, end: int) -> int:
        """``OTS X onto Y``: of X, on Y. ``OTS on Y``: the shoulder is another's."""
        at = self._skip_marks(end, ":", "-", "(", "--")
        piece = self.at(at)
        if piece is not None and piece.has("favour") and piece.norm not in ("->", "to"):
            return self._shoulder_on(at)
        if piece is not None and piece.norm in ("of", "from", "over", "past", "behind"):
            at += 1
            shot = self.p[end - 1].norm in ("shot", "shots") or self.p[index].norm.endswith("shot")
            if piece.norm == "of" and shot:
                return self._shoulder_on(at - 1)
        phrase = self._someone(at)
        if phrase is None:
            return end
        owner = phrase.owner if phrase.role == "body" and phrase.owner_role != "pronoun" else None
        self.draft.shoulder_of = owner or phrase.value
        person = self.cast.owner(phrase) if phrase.role == "body" else self.cast.person(phrase)
        if phrase.role == "body" and person is not None:
            self.draft.shoulder_of = person.who
        self._take(phrase, "over_shoulder")
        return self._shoulder_on(phrase.end)

    def _someone(self, index: int) -> NounPhrase | None:
        phrase = self.nouns.parse(index)
        return (
            phrase
            if phrase is not None
            and (phrase.is_person or phrase.body or phrase.role == "animal" or (phrase.role == "body" and phrase.owner))
            else None
        )

    def _shoulder_on(self, index: int) -> int:
        """What is seen beyond the shoulder, where a word of favour names it."""
        at = self._skip_marks(index, ",", "(", "-")
        piece = self.at(at)
        if piece is not None and piece.norm == "and" and (after := self.at(at + 1)) is not None and after.has("favour"):
            at, piece = at + 1, after
        if piece is None or not (piece.has("favour") or (piece.norm == "of")):
            return index
        if at + 1 < len(self.p) and piece.norm in ("-", ">") and self.p[at + 1].norm == ">":
            at += 1
        phrase = self.nouns.parse(at + 1)
        if phrase is None or phrase.role == "part":
            return index
        self.p[at].field = "over_shoulder"
        if phrase.is_person or phrase.body:
            person = self.cast.owner(phrase) if phrase.body else self.cast.person(phrase)
            self.draft.shoulder_on = person.who if person else phrase.value
            if person is not None:
                self.subject_is(person)
        else:
            self.draft.shoulder_on = phrase.value
            self.cast.prop(phrase)
        self._take(phrase, "over_shoulder")
        return phrase.end

    def _pov(self, index: int, end: int) -> int:
        """Whose eyes: before it with a possessive, after it by name."""
        before = self.at(index - 1)
        if self.draft.pov_of is not None:
            return end
        if before is not None and before.norm == "'s":
            return end  # read with the owner
        if before is not None and before.has("owner") and before.field is None:
            self.draft.pov_of = {"she": "woman", "he": "man"}.get(before.get("owner").value)  # type: ignore[union-attr]
            who = self.cast.pronoun(before.get("owner").value, create=False)  # type: ignore[union-attr]
            if who:
                self.draft.pov_of = who[0].who
                self.draft.people.remove(who[0])
            before.field = "pov_of"
            return end
        at = self._skip_marks(end, ":", "(", "-")
        piece = self.at(at)
        if piece is not None and piece.norm in ("of", "from"):
            at += 1
        phrase = self.nouns.parse(at)
        if phrase is None or not (phrase.is_person or phrase.role == "animal" or phrase.body):
            return end
        after = self.at(phrase.end)
        if (
            at > end
            and piece is not None
            and piece.norm not in ("of", "from")
            and after is not None
            and (after.verb or after.has("be"))
        ):
            return end
        if phrase.body and phrase.body not in ("eye",):
            return end
        self.draft.pov_of = phrase.owner if phrase.body else phrase.value
        self._take(phrase, "pov_of")
        return phrase.end

    def pov_before(self, index: int) -> int | None:
        """``Leo's POV``, ``the killer's point of view``, ``through Anna's eyes``: the end of it, None if it is none."""
        at = index
        while (piece := self.at(at)) is not None and piece.has("article", "trait") and not piece.noun:
            at += 1
        start = at
        while (
            (piece := self.at(at)) is not None
            and (piece.noun is not None or self.nouns.name_at(at))
            and piece.norm != "'s"
        ):
            at += 1
        piece, after = self.at(at), self.at(at + 1)
        if at == start or piece is None or piece.norm != "'s" or after is None:
            return None
        entry = after.get("kind")
        if entry is None or entry.value != "pov":
            return None
        head = self.p[at - 1]
        noun = head.get("person", "animal", "thing") if not self.nouns.name_at(at - 1) else None
        self.draft.pov_of = noun.value if noun else " ".join(self._as_name(one) for one in self.p[start:at])
        for person in list(self.draft.people):
            if person.who == self.draft.pov_of:
                self.draft.people.remove(person)
        self.mark(index, at + 1, "pov_of")
        self.frame_word("kind", "pov")
        self.mark(at + 1, at + 2, "kind")
        return at + 2

    def _as_name(self, piece: Piece) -> str:
        text = piece.tokens[0].text
        return text.title() if text.isupper() or text.islower() else text

    # --- moves --------------------------------------------------------------------------------------------------------

    def is_move(self, index: int, entry: Entry) -> bool:
        """Whether the camera does this here."""
        piece, before, after = self.p[index], self.at(index - 1), self.at(index + 1)
        first = piece.tokens[0].norm
        if before is not None and before.norm in ("nothing", "everything", "something", "nobody", "no one"):
            return False  # nothing moves in the orchard
        dashed = before is not None and before.norm in ("-", "--")
        if piece.has("story") and dashed and (piece.tokens[0].capitals or (after is not None and after.norm == "-")):
            return False  # in a heading it is the car that is moving
        done_by_somebody = bool(self.clause) and not self.camera
        if entry.role == "move":
            if first in _CAMERA_ONLY and len(piece.tokens) > 1:
                return True
            named = before is not None and before.field is None and before.noun is not None
            if len(piece.tokens) == 1 and piece.noun is not None and named:
                return False  # a toast rack
            if piece.noun is not None or piece.has("trait"):
                described = after is not None and (after.noun is not None or after.has("trait"))
                determined = (
                    before is not None and before.field is None and before.has("article", "number", "owner", "trait")
                )
                if determined and (piece.noun is not None or described):
                    return False
                if (
                    after is not None
                    and after.noun is not None
                    and piece.has("trait")
                    and not after.has("shot", "camera")
                ):
                    return False
                if piece.norm in ("truck", "trucks"):
                    return False
            if first in _CAMERA_ONLY:
                return not (done_by_somebody and piece.verb is not None)
            known = self.vocabulary.phrases.get((first,), [])
            verb = any(one.role in ("move_weak", "pose", "hold", "action", "look") for one in known)
            return not (done_by_somebody and (verb or piece.verb is not None))
        if (
            (piece.norm.endswith("ing") or piece.norm in ("spiral", "still", "fixed", "motionless"))
            and after is not None
            and after.noun is not None
            and after.field is None
            and not after.has("article", "owner", "number", "with")
            and not self.nouns.name_at(index + 1)
            and after.noun.role != "person"
        ):
            return False  # a spiral staircase, a revolving door
        series = self.at(index - 2) if before is not None and before.norm in (",", "and") else None
        goes_on = series is not None and (
            (series.verb is not None and series.verb.form == "third" and series.field != "moves")
            or (series.has("move_weak") and series.field is None)
        )
        if goes_on and piece.norm.endswith("s") and not self.camera:
            return False  # the drone tilts, descends
        if self.camera:
            return True
        led = self.at(index - 2) if before is not None and before.has("speed") else before
        alone = (led is None or led.kind in ("mark", "line")) and (after is None or after.kind in ("mark", "line"))
        if alone and piece.norm in _BARE_MOVES:
            return True  # 65mm, slight push
        aside = after is not None and after.has("side_bare", "direction")
        then = self.at(index + 2)
        ends = then is None or then.kind in ("mark", "line")
        if aside and ends and (led is None or led.kind in ("mark", "line")) and entry.value in ("truck", "pan", "tilt"):
            return True  # truck R
        if done_by_somebody or self.subject_now():
            return False
        starts = (
            before is None
            or before.kind in ("mark", "line")
            or before.has("speed", "conjunction", "story")
            or before.field == "moves"
        )
        if piece.norm in ("truck", "trucks"):
            return starts and after is not None and after.has("side_bare", "direction", "path", "relation", "with")
        if entry.value == "static":
            return (
                starts
                and piece.norm not in ("still", "motionless")
                and after is not None
                and after.has("relation", "favour")
            )
        if piece.has("pose", "hold", "action") and piece.norm.endswith(("ing", "s")) and not starts:
            return False
        goes = (
            after is None
            or after.kind in ("mark", "line")
            or after.has(
                "path",
                "relation",
                "direction",
                "speed",
                "side_bare",
                "with",
                "shot",
                "reveal",
                "article",
                "favour",
                "number",
                "quantity",
            )
            or self.nouns.name_at(index + 1)
            or after.noun is not None
        )
        return starts and goes

    def subject_now(self) -> bool:
        """Whether somebody acts in this clause."""
        return False

    def subject_is(self, person: PersonDraft) -> None:
        """The clause speaks of this person."""

    def on_move(self, index: int, entry: Entry) -> int:
        piece = self.p[index]
        kind = entry.value
        move = MoveDraft(kind, speed=self.speed, origin=self.origin, target=self.goal)
        words = set(piece.norm.split())
        if words & {"slow", "slowly", "gently", "creep", "creeps", "creeping", "inch", "ease", "eases"}:
            move.speed = move.speed or "slow"
        if words & {"fast", "quick", "crash", "snap", "rush", "rushes"} and kind != "whip_pan":
            move.speed = move.speed or "fast"
        for side in ("left", "right"):
            if (kind in ("whip_pan", "orbit", "zoom_in") and side in words) or kind.endswith("_" + side):
                move.direction = side
        self.speed = self.origin = self.goal = None
        start = index
        before = self.at(index - 1)
        if before is not None and before.field is None and before.has("camera"):
            start = index - 1
        self.mark(start, index + 1, "moves")
        move.pieces = self.p[start : index + 1]
        known = next((one for one in self.draft.moves if one.kind == kind), None)
        if known is not None:
            move.speed, move.origin = move.speed or known.speed, move.origin or known.origin
            known.speed, known.origin, known.direction = move.speed, move.origin, known.direction or move.direction
            move = known
        else:
            self.draft.moves.append(move)
        self.move, self.open = move, True
        self.wanted = None
        end = self._how(index + 1, move)
        generic = [one for one in self.draft.moves if one.kind in ("tracking", "steadicam", "handheld", "pan", "truck")]
        if (
            entry.role == "move_weak"
            and len(self.draft.moves) > 1
            and move.kind == "tracking"
            and generic[0] is not move
            and not move.direction
        ):
            self.draft.moves.remove(move)
            self.move = move = generic[0]
        after = self.at(end)
        last = piece.norm.split()[-1]
        if (
            after is not None
            and after.field is None
            and (
                after.has("article", "owner", "number", "quantity")
                or self.nouns.name_at(end)
                or (after.noun is not None and not after.has("relation", "path"))
            )
            and after.kind == "word"
        ):
            if last not in ("across", "over", "along", "past", "around") or move.kind == "orbit":
                self.wanted = "follows" if move.kind in _FOLLOWING else "target"
            if entry.role == "move" and move.kind in ("static", "handheld") and last not in ("on",):
                self.wanted = None
        return end

    def _how(self, at: int, move: MoveDraft) -> int:
        """Speed and direction right after a move."""
        while (piece := self.at(at)) is not None and piece.field is None:
            if piece.has("speed") and piece.kind == "word":
                move.speed = move.speed or piece.get("speed").value  # type: ignore[union-attr]
            elif piece.has("direction", "side_bare") and not (piece.norm in ("up", "down") and self._has_way(at)):
                direction = piece.get("direction", "side_bare").value  # type: ignore[union-attr]
                move.direction = direction
                move.kind = _TURNED.get((move.kind, direction), move.kind)
            elif piece.norm in ("shot", "shots", "move", "camera", "the camera", "effect"):
                pass
            else:
                break
            self.mark(at, at + 1, "moves")
            at += 1
        return at

    def _has_way(self, at: int) -> bool:
        """Down the stairs is a way, no direction."""
        after = self.at(at + 1)
        return (
            after is not None
            and after.kind == "word"
            and (after.has("article", "owner") or after.noun is not None)
            and self.move is not None
            and self.move.kind not in ("tilt", "tilt_down", "crane", "crane_up")
        )

    def move_end(self, role: str, name: str) -> None:
        """What a move begins on, ends on or follows."""
        move = self.move
        said, self.part_said = self.part_said or name, None
        if move is not None and role not in move.said:
            move.said[role] = said
        if move is None:
            if role == "origin":
                self.origin = name
            elif role == "target":
                self.goal = name
            return
        if role == "origin":
            move.origin = move.origin or name
        elif role == "follows":
            move.follows = move.follows or name
        elif move.target is None:
            move.target = name

    def focus_word(self, index: int, entry: Entry) -> int:
        on = self.draft.focus.on if self.draft.focus else None
        if self.draft.focus is None or self.draft.focus.depth is None:
            self.draft.focus = Focus(depth=entry.value, on=on)  # type: ignore[arg-type]
        self.mark(index, index + 1, "focus")
        return index + 1

    def _take(self, phrase: NounPhrase, field: str) -> None:
        """The words of a phrase were read into the field, as one thing."""
        first = phrase.used[0].start + 1 if phrase.used else 0
        for piece in phrase.used:
            if piece.field is None:
                piece.field, piece.group = field, first
