"""Style, similes and metaphors: what a picture is like, and what something in it is only said to be."""

from auteur.adapters.engines.previs.reading.draft import PersonDraft
from auteur.adapters.engines.previs.reading.grammar.world import World

_LIKE = frozenset(
    {"like", "as if", "as though", "as still as", "as silent as", "as white as", "as quiet as", "resembling"}
)
_LOOKS = frozenset({"look", "feel", "vibe", "vibes", "aesthetic", "feeling"})
_WITHIN = frozenset({"in", "on", "of", "under", "at", "inside", "from"})
_PICTURES = frozenset(
    {
        "photo",
        "photograph",
        "portrait",
        "picture",
        "image",
        "polaroid",
        "mugshot",
        "selfie",
        "snapshot",
        "footage",
        "render",
    }
)


class Likeness(World):
    """What something is only like, and whose picture it is like."""

    def on_style(self, index: int) -> int | None:
        """``shot on Fuji``, ``in the style of``, ``directed by`` and the names after them; a photo or a portrait."""
        piece, after = self.p[index], self.at(index + 1)
        begins = (
            piece.norm in ("shot", "filmed", "photographed")
            and after is not None
            and after.norm in ("on", "with", "by")
        )
        begins = begins or piece.norm in (
            "in the style of",
            "style of",
            "inspired by",
            "directed by",
            "photographed by",
            "like a",
            "lensed by",
        )
        begins = begins or (
            piece.norm == "by"
            and self.nouns.name_at(index + 1)
            and self.p[index + 1].norm not in self.known_names()
            and self.verb is None
            and after is not None
            and not after.entries
        )
        if begins:
            end = index + (1 if after is not None and after.norm not in ("on", "with", "by") else 2)
            start = end
            while (
                (one := self.at(end)) is not None
                and one.field is None
                and (
                    one.has("style", "unit")
                    or one.kind == "number"
                    or (one.capital and not one.has("size", "kind", "move"))
                )
            ):
                end += 1
            if end > start:
                self.draft.style.append(" ".join(one.norm for one in self.p[start:end]))
                self.mark(index, end, "style")
                return end
            return None
        if (look := self._look(index)) is not None:
            self.draft.style.append(" ".join(one.norm for one in self.p[index:look]))
            self.mark(index, look, "style")
            return look
        before = self.at(index - 1)
        shown = before is not None and before.field is None and before.has("article", "owner", "trait", "number")
        first = not self.named and not self.draft.props and not self.draft.people and self.wanted is None
        if piece.noun is not None and shown and not (first and after is not None and after.norm == "of"):
            return None  # the photograph in the sink
        if piece.noun is not None and len(piece.tokens) == 1 and not first and (after is None or after.norm != "of"):
            return None
        if piece.has("shot") and piece.norm.split()[0] in _PICTURES:
            self.draft.style.append(piece.norm.split()[0])
            self.mark(index, index + 1, "style")
            return index + 1
        return None

    def _look(self, index: int) -> int | None:
        """``archive look``, ``summer vibe``: where a style ends that is only named so."""
        before = self.at(index - 1)
        if before is not None and before.kind not in ("mark", "line") and before.field != "style":
            return None
        for at in range(index, min(index + 4, len(self.p))):
            piece, after = self.p[at], self.at(at + 1)
            if piece.field is not None or piece.kind not in ("word", "number"):
                return None
            if piece.norm in _LOOKS and at > index:
                return at + 1 if after is None or after.kind in ("mark", "line") else None
            if piece.has("article", "pronoun", "owner", "be", "person", "relation", "path", "with", "facing", "posed"):
                return None
            if self.nouns.name_at(at) or piece.has("name_female", "name_male", "negation", "number", "conjunction"):
                return None
        return None

    def on_likeness(self, index: int) -> int | None:
        """What something is like, or is said to be, is not there: like a statue, his heart is a fist."""
        piece, after = self.p[index], self.at(index + 1)
        if after is None:
            return None
        if piece.norm in _LIKE:
            phrase = self.nouns.parse(index + 1)
            if phrase is None or phrase.role in ("event", "part") or phrase.named:
                return None
            end = phrase.end
            while (more := self.at(end)) is not None and more.has("relation", "path") and more.norm in _WITHIN:
                inner = self.nouns.parse(end + 1)
                if inner is None:
                    break
                end = inner.end
            return end
        before = self.at(index - 1)
        if piece.norm not in ("is", "are", "was", "were") or before is None or before.kind != "word":
            return None
        if (
            not after.has("article")
            or before.has("be", "pronoun", "camera", "shot")
            or before.norm in ("here", "there")
        ):
            return None
        phrase = self.nouns.parse(index + 1)
        if phrase is None or phrase.role in ("place", "event", "part") or phrase.named:
            return None
        if phrase.is_person and isinstance(self.last, PersonDraft):
            self.last.traits.append(phrase.value)
            self._take(phrase, "people")
        elif phrase.article != "a":
            return None
        return phrase.end
