"""Small words that join nouns: of, with, to, from, relations, negation."""

from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.draft import PersonDraft, PropDraft
from auteur.adapters.engines.previs.reading.languages.draft import Entity
from auteur.adapters.engines.previs.reading.languages.grammar.state import NOUNS
from auteur.adapters.engines.previs.reading.languages.grammar.terms import Terms
from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.shot import Where

FRAME = ("size", "kind", "angle", "over_shoulder", "pov")
_FLAT = frozenset({"floor", "sofa", "bench", "chair", "armchair", "table", "stairs", "bicycle", "sand"})
"""What nobody is in, whatever the language says: Spanish *en el sofá* is on it."""
ARTICLES = frozenset({
    "la", "le", "les", "l'", "el", "los", "las", "der", "die", "das", "dem", "den", "il", "lo", "i", "gli", "o", "a",
    "os", "as", "un", "une", "una", "uno", "um", "uma", "ein", "einem", "einer", "eines",
})  # fmt: skip
_DEFINITE = frozenset({
    "la", "le", "les", "l'", "l\u2019", "el", "los", "las", "der", "die", "das", "dem", "den", "des", "il", "lo", "i",
    "gli", "o", "a", "os", "as", "do", "da", "no", "na", "ao", "del", "al", "della", "dello", "dell'", "alla", "nel",
    "nella", "sul", "sulla", "du", "au", "aux", "im", "am", "zum", "zur", "vom", "beim", "su", "sa", "son", "ses",
    "seu", "sua", "seine", "ihre", "sein", "ihr", "seinen", "ihren", "seinem", "ihrem",
})  # fmt: skip


class Links(Terms):
    """What waits for the next noun."""

    def _preposition(self, item: Item, at: int, roles: Sequence[str]) -> str:
        if (
            self.clause.link in ("relation", "with", "origin", "target")
            and item.has("function")
            and item.text.casefold() in ARTICLES
        ):
            return "function"
        before = self._near(at, -1)
        after = self._noun_after(at)
        touching = self.items[at - 1] if at else None
        if (
            before is not None
            and before.has("move", "speed", "direction")
            and self.clause.move is not None
            and not self.clause.nouns
        ):
            for role in ("from", "to", "through", "of", "relation", "with"):
                if role in roles and not (role == "from" and after is None):
                    if role == "from" and "of" in roles and not self._to_follows(at):
                        return "of"
                    return role
        moving = self.clause.move
        if moving is not None and "to" in roles and moving.origin and not moving.target:
            return "to"
        if (self.shoulder == "of" and "relation" in roles) or self.shoulder == "on":
            return next((role for role in ("to", "relation", "of") if role in roles), roles[0])
        if (
            "of" in roles
            and touching is not None
            and (touching.has(*NOUNS, "light_word", *FRAME) or touching.role == UNKNOWN)
        ):
            return "of"
        if (
            "with" in roles
            and after is not None
            and (after.has("clothing") or len(set(roles) - {"with", "to", "function"}) == 0)
        ):
            return "with"
        if "from" in roles and self.clause.move is not None and self._to_follows(at):
            return "from"
        if "relation" in roles:
            return "relation"
        return roles[0]

    def _to_follows(self, at: int) -> bool:
        for item in self.items[at + 1 :]:
            if item.role == MARK:
                return False
            if item.has("to"):
                return True
        return False

    def _on_of(self, item: Item, at: int) -> None:
        if (self.clause.link in ("frame", "move") and not self.clause.nouns) or self.shoulder or self.pov:
            return
        before = self.items[at - 1] if at else None
        if before is not None and (before.has(*NOUNS, "light_word", "colour", "trait") or before.role == UNKNOWN):
            bare = item.text.casefold().rstrip("'\u2019") in ("de", "di", "d", "von")
            article = self.items[at + 1] if at + 1 < len(self.items) else None
            bare = bare and not (
                (article is not None and article.has("number", "article"))
                or (article is not None and article.text.casefold() in ARTICLES)
            )
            self.clause.link = "of" if bare else "of_the"
            if before.role == "light_word" or (self.last_noun is not None and self.last_noun[1].role == "light_word"):
                self.clause.link = "glow"

    def _on_object(self, item: Item, at: int) -> None:
        self.clause.link = "object"

    def _on_with(self, item: Item, at: int) -> None:
        self.clause.link = "with"

    def _on_to(self, item: Item, at: int) -> None:
        if self.shoulder is not None and (self.draft.shoulder_of or self.shoulder == "on"):
            self.shoulder = "on"
        elif self.clause.move is not None and self.clause.link in ("move", "origin", "frame", None):
            followed = self.clause.move.kind in ("tracking", "steadicam") and item.text.casefold() in ("a", "al")
            self.clause.link = "move" if followed else "target"
        elif self.clause.looks:
            self.clause.link = None
        else:
            self.clause.link = "toward"

    def _on_from(self, item: Item, at: int) -> None:
        if self.clause.move is None and self.draft.moves and self.clause.lone and self._to_follows(at):
            self.clause.move = self.draft.moves[-1]
        if self.clause.move is not None:
            self.clause.link = "origin"

    def _on_through(self, item: Item, at: int) -> None:
        self.clause.link = "along"

    def _on_relation(self, item: Item, at: int) -> None:
        if self.shoulder is not None:
            if self.draft.shoulder_of is not None:
                self.shoulder = "on"
            return
        if (
            self.clause.link in ("frame", "move")
            and not self.clause.nouns
            and item.value in ("on", "in_front_of", "above", "in")
        ):
            after = self._noun_after(at)
            if after is not None and not (after.has("place") and item.value in ("in", "in_front_of")):
                self.clause.link = "target" if self.clause.move is not None and self.clause.link == "move" else "frame"
                return
        if self.clause.looks and item.value in ("on", "in", "against"):
            return
        self.clause.relation = item.value
        self.clause.link = "relation"

    def _on_negation(self, item: Item, at: int) -> None:
        after = self.items[at + 1] if at + 1 < len(self.items) else None
        alone = after is None or not after.has(*NOUNS, "trait", "function") or after.has("relation")
        if item.value == "no" and alone and any(e.role == "negation" and e.value == "nobody" for e in item.senses):
            item = item.only("negation", "nobody")
        if item.value == "no":
            self.clause.negated = True
            self._take(item, "without")
        elif item.value == "nobody":
            speaks = self._near(at, 1)
            if speaks is not None and speaks.has("action", "look", "pose") and self.language not in ("ja", "zh"):
                self.clause.negated = True  # nobody speaks: that takes nobody away
                return
            self.draft.add("without", "people")
            self._take(item, "without")
        else:
            before = self.items[at - 1] if at else None
            after = self._noun_after(at)
            if self.last is not None and before is not None and before.has("thing") and self.last_noun is not None:
                self.last.traits.append("empty")
                self._take(item, "props")
            elif after is not None and after.has("thing") and not after.has("place"):
                self.clause.traits.append(item.only("negation", "empty"))
            else:
                self.emptied.append(item)

    def _on_own_relation(self, item: Item, at: int) -> None:
        if not self.draft.people:
            return
        to = self.draft.people[-1].who
        if isinstance(self.last, PropDraft) and self.clause.primary is self.last:
            self._relate(self.last, item.value, to)
            self._take(item, "props")
        elif isinstance(self.clause.primary, PersonDraft) and len(self.draft.people) > 1:
            self._relate(self.clause.primary, item.value, self.draft.people[-2].who)
            self._take(item, "people")
        else:
            self.waits = Where(relation=item.value, to=to)
            self._take(item, "people")

    def _on_opposite(self, item: Item, at: int) -> None:
        if sum(one.count for one in self.subjects) >= 2 and self._noun_after(at) is None:
            self._do(item.only("facing", "each_other"))
        else:
            self._on_relation(item.only("relation", "in_front_of"), at)

    def _on_contrast(self, item: Item, at: int) -> None:
        self._end_clause()

    def _on_conjunction(self, item: Item, at: int) -> None:
        before = self.items[at - 1] if at else None
        self._joined = before is not None and (before.has("person") or before.role == UNKNOWN)

    def _again(self, at: int) -> bool:
        """Whether an article says that it is one that was spoken of."""
        before = self.items[at - 1] if at else None
        return before is not None and before.text.casefold() in _DEFINITE

    def _relate_or_wait(self, relation: str, to: str) -> None:
        clause = self.clause
        anchor: Entity | None = clause.primary
        if clause.object is not None and clause.deed in ("put", "cut", "drop"):
            anchor = clause.object
        elif (
            isinstance(anchor, PropDraft)
            and anchor.relation
            and isinstance(self.last, PropDraft)
            and self.last is not anchor
            and self.last.relation is None
            and self.last.what != to
        ):
            anchor = self.last
        after = self._near(self._here, 1)
        laid = self.language in ("ja", "zh") and clause.nouns < 2 and after is not None and after.has("thing")
        if anchor is None and (((clause.verbs or not clause.nouns) and self._subject_ahead()) or laid):
            anchor = None
        elif anchor is None and self.subjects:
            anchor = self.subjects[-1]
            if (
                isinstance(self.last, PropDraft)
                and self.last.relation is None
                and self.last.what not in (one for each in self.subjects for one in each.holding)
                and not clause.verbs
                and self.last is self.draft.props[-1]
                and self._last_primary is self.last
            ):
                anchor = self.last
        if anchor is None:
            self.waits = Where(relation="on" if relation == "in" and to in _FLAT else relation, to=to)
        else:
            self._relate(anchor, relation, to)
        clause.relation = None

    def _relate(self, one: Entity, relation: str, to: str) -> None:
        relation = "on" if relation == "in" and to in _FLAT else relation
        if isinstance(one, PersonDraft):
            members = self.subjects if one in self.subjects else [one]
            for each in members:
                leans = each.pose == "lean" and relation in ("on", "beside", "in")
                each.where = each.where or Where(relation="against" if leans else relation, to=to)
        elif one.relation is None and one.what != to:
            one.relation, one.to = relation, to
