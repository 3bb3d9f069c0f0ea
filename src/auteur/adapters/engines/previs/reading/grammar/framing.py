"""Side, depth, facing, look and pose: how somebody or something stands in the frame."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.grammar.state import State
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import Entry


class Framing(State):
    """Where somebody stands in the frame, and how."""

    def on_frame(self, index: int) -> int | None:
        """Side, depth, where somebody faces and looks, and a pose that no verb says."""
        piece = self.p[index]
        before = self.at(index - 1)
        if (
            piece.has("toward", "side_bare")
            and before is not None
            and before.field == "people"
            and before.noun is not None
            and before.noun.value in ("eye", "face", "head")
            and isinstance(self.last, PersonDraft)
        ):
            self.last.look = self.last.look or piece.get("toward", "side_bare").value  # type: ignore[union-attr]
            self.mark(index, index + 1, "people")
            return index + 1  # eyes down
        after = self.at(index + 1)
        if piece.norm in ("eyeline", "eye line", "eye-line", "lookline") and after is not None:
            aside = after.get("toward", "side", "side_bare")
            whose = self.subject[-1] if self.subject else self.cast.recent[-1] if self.cast.recent else None
            if aside is not None and whose is not None:
                whose.look = whose.look or aside.value
                self.mark(index, index + 2, "people")
                return index + 2
        if self.verb is not None and self.verb.role == "look" and self.doer:
            entry = piece.get("toward")
            if entry is None and (side := piece.get("side_bare")):
                entry = Entry("toward", side.value)
            if entry is not None:
                for person in self.doer:
                    person.look = person.look or entry.value
                self.mark(index, index + 1, "people")
                return index + 1
            exchange = piece.get("exchange")
            if exchange is not None:
                for person in self.doer:
                    person.facing = person.facing or "each_other"
                    person.looking_at = person.looking_at or "each other"
                self.mark(index, index + 1, "people")
                return index + 1
        if piece.norm == "away" and self.doer and self.verb is not None and self.verb.role == "pose":
            return self._frame(index, "facing", "away")
        beside = piece.has("side") and self.verb is None
        if (
            piece.has("direction")
            and self.move is None
            and not beside
            and (len(piece.tokens) > 1 or self.verb is not None)
        ):
            moving = self.clause[-1] if self.clause else None
            if not isinstance(moving, (PersonDraft, PropDraft)) and self.doer and self.verb is not None:
                moving = self.doer[-1]
            if isinstance(moving, (PersonDraft, PropDraft)) and len(piece.tokens) > 1:
                moving.direction = piece.get("direction").value  # type: ignore[union-attr]
                self.mark(index, index + 1, "people" if isinstance(moving, PersonDraft) else "props")
                return index + 1
        for role in ("facing", "side", "depth", "posed", "exchange"):
            entry = piece.get(role)
            if entry is None:
                continue
            if role == "posed" and self.nouns.parse(index) is not None:
                continue
            if role == "depth" and self._depth_of_noun(index):
                continue
            return self._frame(index, role, entry.value)
        if ((entry := piece.get("side_bare")) is not None and not piece.has("direction")) or (
            entry is not None and self.clause
        ):
            if self.doer and self.verb is not None and self.verb.value in ("walk", "run", "turn", "face"):
                for person in self.doer:
                    person.facing = person.facing or entry.value
                self.mark(index, index + 1, "people")
                return index + 1
            if self._stands_alone(index) or (self.clause and self._ends(index)):
                return self._frame(index, "side", entry.value)
        return None

    def _ends(self, index: int) -> bool:
        after = self.at(index + 1)
        return after is None or after.kind in ("mark", "line") or after.verb is not None

    def _depth_of_noun(self, index: int) -> bool:
        return (
            len(self.p[index].tokens) == 1
            and self.p[index].norm in ("distant", "faraway")
            and self.nouns.parse(index) is not None
        )

    def _frame(self, index: int, role: str, value: str) -> int:
        self.mark(index, index + 1, "people" if role not in ("side", "depth") else role)
        after = self.at(index + 1)
        if role in ("side", "depth") and after is not None and after.norm == ":":
            self.settle()
            self.new_clause()
            self.waiting.append((role, value))
            self.labelled = True
            return index + 1  # cam L: the pram
        if role == "depth" and (aside := set(self.p[index].norm.split()) & {"left", "right"}):
            self._frame(index, "side", aside.pop())  # foreground left
        target: PersonDraft | PropDraft | None = None
        if self.clause and self.prop_in_relation and self.related is not None and role in ("side", "depth"):
            target = self.related
        elif role in ("side", "depth") and self._acts_on(self.clause[-1] if self.clause else None):
            target = self.doer[-1]  # the cook chops onions in the foreground
        elif self.clause:
            target = self.clause[-1] if isinstance(self.clause[-1], (PersonDraft, PropDraft)) else None
        elif self.doer and self.verb is not None:
            target = self.doer[-1]
        elif role in ("facing", "posed", "exchange") and self.subject:
            target = self.subject[-1]
        if role == "posed" and isinstance(target, PropDraft) and target.role != "animal" and self.verb and self.doer:
            target = self.doer[-1]  # eats noodles standing up
        if role == "posed" and isinstance(target, PropDraft):
            target.traits.append(self.p[index].norm)
            self.p[index].field = "props"
            return index + 1
        if (
            role == "depth"
            and (before := self.at(index - 1)) is not None
            and before.has("trait")
            and before.field is None
        ):
            self.draft.style.append(f"{before.norm} {self.p[index].norm}")
            self.p[index].field = before.field = "style"
            return index + 1
        if role in ("side", "depth") and self.clause and isinstance(self.clause[-1], NounPhrase):
            self.p[index].field = "place"
            return index + 1
        if role in ("facing", "posed", "exchange") and not isinstance(target, PersonDraft):
            target = self.subject[-1] if self.subject and (self.acting or self.named) else None
        if target is None:
            self.waiting.append((role, value))
            if role in ("facing", "exchange") and not self.named and self.subject:
                self.waiting.pop()
                self.place_in_frame(self.subject[-1], role, value)
        elif target in self.subject and len(self.subject) > 1 and role in ("facing", "exchange", "posed"):
            for person in self.subject:
                self.place_in_frame(person, role, value)
        else:
            self.place_in_frame(target, role, value)
        field = "props" if isinstance(target, PropDraft) else "people"
        self.p[index].field = field
        return index + 1

    def _acts_on(self, last: object) -> bool:
        """Whether what was named last is only what somebody does something with."""
        doing = self.verb is not None and self.verb.role in ("action", "hold") and len(self.doer) == 1
        one = self.doer[-1] if doing else None
        small = isinstance(last, PropDraft) and last.role == "thing" and last.relation is None
        return one is not None and small and not self.prop_in_relation and one.side is None and one.depth is None

    def place_in_frame(self, target: PersonDraft | PropDraft, role: str, value: str) -> None:
        if role == "side":
            target.side = target.side or value  # type: ignore[assignment]
        elif role == "depth":
            target.depth = target.depth or value  # type: ignore[assignment]
        elif isinstance(target, PersonDraft):
            if role in ("facing", "exchange"):
                target.facing = target.facing or value
            elif role == "posed":
                self._pose(target, value)
            elif role in ("pose", "action", "hold", "look", "wear"):
                self._do(target, Entry(role, value))
            elif role == "relation" and not value.endswith(f":{target.name}"):
                relation, _, to = value.partition(":")
                target.relation, target.to = target.relation or relation, target.to or to
        elif role == "relation" and not value.endswith(f":{target.name}"):
            relation, _, to = value.partition(":")
            target.relation, target.to = target.relation or relation, target.to or to
        elif role in ("pose", "action"):
            target.traits.append(value)

    def _pose(self, person: PersonDraft, value: str) -> None:
        if person.pose is None:
            person.pose = value
        elif person.pose != value and person.action is None:
            person.action = value
        if value == "sleep":
            person.action = "sleep"
            if person.pose not in ("sit", "lie", "lean", "kneel"):
                person.pose = "sleep"

    def _do(self, person: PersonDraft, entry: Entry) -> None:
        if entry.role in ("pose", "action") and person.lent & {"pose", "action"}:
            person.action = None if "action" in person.lent else person.action
            person.pose = None if "pose" in person.lent and entry.role == "pose" else person.pose
            person.lent -= {"pose", "action"}
        if entry.role == "look" and person.action is None and entry.value.split()[0] not in ("look", "see", "face"):
            person.action = entry.value.split()[0]
        if entry.role == "pose":
            self._pose(person, entry.value)
            if entry.verb and person.action in (None, entry.value):
                person.action = entry.verb
        elif entry.role == "action":
            if person.action is None or person.action == person.pose:
                person.action = entry.value
            elif person.action != entry.value:
                person.traits.append(entry.value)
