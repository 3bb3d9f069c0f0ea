"""Poses, doings, looks, what is held and worn, and the place in the frame."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.draft import Entity
from auteur.adapters.engines.previs.reading.languages.grammar.things import TOO_BIG, Things
from auteur.adapters.engines.previs.reading.languages.items import Item
from auteur.adapters.engines.previs.reading.shot import Where


class Verbs(Things):
    """What somebody does, and where they stand in the frame."""

    def _on_pose(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_action(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_state(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_look(self, item: Item, at: int) -> None:
        self.clause.looks = True
        self.clause.link = None
        self._verb(item, at)

    def _on_look_toward(self, item: Item, at: int) -> None:
        self._verb(item, at)

    def _on_facing(self, item: Item, at: int) -> None:
        if self.clause.looks and item.value == "camera":
            item = item.only("look_toward", "camera")
            self.clause.looks = False
        self._verb(item, at)

    def _on_wear(self, item: Item, at: int) -> None:
        self.clause.wears = True
        self.took.add(item.start)
        self._take(item, "people")

    def _on_hold(self, item: Item, at: int) -> None:
        self._take(item, "people")
        before = self.items[at - 1] if at else None
        if (
            isinstance(self.last, PropDraft)
            and self.subjects
            and before is not None
            and before.has("thing", "colour", "trait")
            and self.last.what not in TOO_BIG
        ):
            for one in self.subjects:
                if self.last.what not in one.holding:
                    one.holding.append(self.last.what)
            return
        self.clause.holds = True
        self.clause.link = None

    def _verb(self, item: Item, at: int) -> None:
        clause = self.clause
        if clause.negated:
            self._take(item, "without")
            return
        if item.role == "state" and not self._person_ahead(at) and not isinstance(clause.primary, PersonDraft):
            self._take(item, "props")
            return
        has_subject = isinstance(clause.primary, PersonDraft) or (
            not clause.nouns and bool(self.subjects) and not self._person_ahead(at)
        )
        if item.forward or not has_subject:
            if (
                isinstance(clause.primary, PropDraft)
                and not item.forward
                and item.role != "look"
                and not self._person_ahead(at)
            ):
                self._take(item, "props")
                return
            clause.verbs.append(item)
        else:
            self._do(item)
        if clause.link not in ("relation",):
            clause.link = None

    def _do(self, item: Item) -> None:
        role, value = item.role, item.value
        if role == "held":
            for one in self.subjects:
                if value not in one.holding:
                    one.holding.append(value)
            return
        if role == "clothing":
            for one in self.subjects:
                if value not in one.wearing:
                    one.wearing.append(value)
            return
        self._take(item, "people")
        if role == "pose":
            self._set("pose", value)
            for one in self.subjects:
                if value == "lean" and one.where is not None and one.where.relation in ("on", "beside", "in"):
                    one.where = Where(relation="against", to=one.where.to)
            if value in ("sleep", "walk", "run", "jump", "dance", "fight", "embrace", "swim", "climb"):
                self._set("action", value)
        elif role == "action":
            self._set("action", value)
            self.clause.deed = value
        elif role == "look_toward":
            self._set("look", value)
        elif role == "facing":
            self._set("facing", value)
            if value == "camera":
                return

    def _on_side(self, item: Item, at: int) -> None:
        before = self._near(at, -1)
        if (
            self.clause.move is not None
            and not self.clause.nouns
            and (before is None or before.has("move", "speed", "camera", "to"))
            and item.value != "center"
        ):
            self._turn(item, item.value)
            return
        if self.clause.looks and self.subjects and item.value in ("left", "right"):
            self._turn(item, item.value)
            return
        self._placed(item, at)

    def _on_depth(self, item: Item, at: int) -> None:
        before = self.items[at - 1] if at else None
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        tinted = next((one for one in (before, after) if one is not None and one.has("colour")), None)
        led = self._near(at, -1)
        if tinted is before and " " in item.text.strip():
            tinted = None  # a blue bus in the background: no background is blue
        if tinted is not None and item.value == "background" and (led is None or led is tinted):
            first, last = sorted((item, tinted), key=lambda one: one.start)
            self.draft.add("style", self.prompt[first.start : last.end])
            self._take(item, "style")
            self._take(tinted, "style")
            self.clause.traits = [one for one in self.clause.traits if one is not tinted]
            return  # a black background is nobody's place
        self._placed(item, at)

    def _placed(self, item: Item, at: int) -> None:
        before = self._near(at, -1, over=("function", "from", "of", "relation"))
        if item.role == "side" and before is not None and before.has("light", "light_word"):
            self.draft.add("light", "side")
            self._take(item, "light")
            return
        target: Entity | None = self.clause.primary
        if target is None and self.clause.nouns and self.last is not None and not isinstance(self.last, PersonDraft):
            target = self.last
        if target is None and not self._noun_before_pause(at):
            target = self._last_primary or (self.subjects[-1] if self.subjects else None)
            if (
                target is None
                or self._colon_or_noun_after_pause(at)
                or (item.role == "side" and target.side is not None)
            ):
                target = None
        if target is None:
            self.clause.side = item
            return
        self._put(target, item)

    def _put(self, one: Entity, item: Item) -> None:
        group = self.subjects if isinstance(one, PersonDraft) and one in self.subjects else [one]
        for each in group if item.value == "center" or item.role == "depth" else [one]:
            if item.role == "side":
                each.side = each.side or item.value  # type: ignore[assignment]
            else:
                each.depth = each.depth or item.value  # type: ignore[assignment]
        self._take(item, "people" if isinstance(one, PersonDraft) else "props")
