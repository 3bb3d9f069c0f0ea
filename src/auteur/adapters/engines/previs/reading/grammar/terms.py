"""Terms of the frame: sizes, kinds, angles, focus, whose eyes and whose shoulder."""

from auteur.adapters.engines.previs.reading.grammar.likeness import Likeness
from auteur.adapters.engines.previs.reading.nouns import NounPhrase
from auteur.adapters.engines.previs.reading.shot import Focus


class Terms(Likeness):
    """Words of the frame: sizes, angles, whose eyes, whose shoulder."""

    def on_pov(self, index: int) -> int | None:
        return self.pov_before(index)

    def on_shoulder(self, index: int) -> int | None:
        """``over Ben's shoulder``."""
        piece = self.p[index]
        if piece.norm not in ("over", "past", "from over", "from behind", "through"):
            return None
        after = self.at(index + 1)
        if (
            piece.norm == "over"
            and after is not None
            and after.norm in ("him", "her", "them")
            and "over_the_shoulder" in self.draft.kind
            and self.draft.shoulder_of is None
        ):
            others = [one for one in self.cast.recent if one.who == self.favoured]
            whose = self.cast.pronoun(after.get("pronoun").value, others=others)  # type: ignore[union-attr]
            self.draft.shoulder_of = whose[0].who if whose else None
            self.mark(index, index + 2, "over_shoulder")
            return index + 2  # dirty single over him
        phrase = self.nouns.parse(index + 1)
        if phrase is not None and phrase.is_person and piece.norm == "over" and self._over_somebody(phrase):
            person = self._somebody(phrase)
            self.frame_word("kind", "over_the_shoulder")
            self.draft.shoulder_of = person.who
            self.mark(index, phrase.end, "over_shoulder")
            self.last, self.named = person, True
            return self._shoulder_on(phrase.end)
        if phrase is None or phrase.role != "body":
            return None
        if phrase.value == "eye" and phrase.owner_role in ("name", "person", "attribute") and piece.norm == "through":
            self.draft.pov_of = phrase.owner
            self.frame_word("kind", "pov")
            self._take(phrase, "pov_of")
            self.mark(index, index + 1, "kind")
            return phrase.end
        if phrase.value != "shoulder" or phrase.owner is None or piece.norm == "through":
            return None
        if self.subject_now() and phrase.owner_role == "pronoun":
            return None
        owner = self.cast.owner(phrase) or next(iter(self.cast.pronoun(phrase.owner)), None)
        if owner is None:
            return None
        person = owner
        self.frame_word("kind", "over_the_shoulder")
        self.draft.shoulder_of = person.who
        self._take(phrase, "over_shoulder")
        self.mark(index, phrase.end, "over_shoulder")
        self.named = True
        self.last = person
        return self._shoulder_on(phrase.end)

    def _over_somebody(self, phrase: NounPhrase) -> bool:
        """``over X onto Y`` in a shot list is over the shoulder."""
        after = self.at(phrase.end)
        if self.verb is not None or self.move is not None:
            return False
        if "over_the_shoulder" in self.draft.kind:
            return self.draft.shoulder_of is None
        then = self.at(phrase.end + 1)
        if after is not None and after.norm == "," and then is not None and then.has("favour"):
            return then.norm.startswith(("fav", "feat"))
        return (
            not self.subject_now()
            and after is not None
            and after.has("favour")
            and after.norm in ("onto", "to", "->", "on")
        )

    def on_terms(self, index: int) -> int | None:
        piece = self.p[index]
        if (entry := piece.get("compound")) is not None:
            return self.compound(index, entry)
        if (entry := piece.get("size")) is not None:
            self.frame_word("size", entry.value)
            self.mark(index, index + 1, "size")
            return index + 1
        then = self.at(index + 1)
        if (
            piece.has("size_bare")
            and then is not None
            and then.field is None
            and then.has("size")
            and (piece.norm in ("tight", "close", "wide", "long", "tighter", "wider"))
        ):
            self.mark(index, index + 1, "size")
            return index + 1  # a tight MCU is an MCU
        if piece.has("size_bare") and self.is_bare_size(index):
            self.frame_word("size", piece.get("size_bare").value)  # type: ignore[union-attr]
            self.mark(index, index + 1, "size")
            return index + 1
        if piece.norm in ("low", "high") and self._stands_alone(index):
            self.frame_word("angle", piece.norm)
            self.mark(index, index + 1, "angle")
            return index + 1
        if (entry := piece.get("dutch")) is not None:
            self.draft.dutch = True
            self.mark(index, index + 1, "dutch")
            return index + 1
        if (entry := piece.get("camera_height")) is not None:
            self.draft.camera_height = self.draft.camera_height or entry.value
            self.camera = self.camera or piece.norm.split()[0] in ("camera", "lens")
            self.mark(index, index + 1, "camera_height")
            return index + 1
        if (entry := piece.get("kind")) is not None and self.is_kind(index):
            return self.kind(index, entry)
        before = self.at(index - 1)
        if piece.norm in ("from above", "from below", "overhead") and before is not None and before.field == "light":
            if piece.norm != "from below":
                self.world("light", "top", "")
            self.mark(index, index + 1, "light")
            return index + 1  # hard light from above
        if (entry := piece.get("angle")) is not None and self._is_angle(index):
            self.frame_word("angle", entry.value)
            self.mark(index, index + 1, "angle")
            return index + 1
        if (entry := piece.get("focus")) is not None and not self._before_noun(index):
            return self.focus_word(index, entry)
        if piece.has("focus_on") and not piece.has("move"):
            self.focus_wanted = True
            self.mark(index, index + 1, "focus")
            if piece.norm == "in focus" and self.last is not None:
                self.focus_wanted = False
                self.draft.focus = Focus(depth=self.draft.focus.depth if self.draft.focus else None, on=self.last.name)
            return index + 1
        return self.on_world(index)

    def _before_noun(self, index: int) -> bool:
        after = self.at(index + 1)
        return (
            after is not None
            and after.field is None
            and after.noun is not None
            and after.noun.role != "part"
            and not self.p[index].tokens[1:]
        )

    def _is_angle(self, index: int) -> bool:
        piece, after, before = self.p[index], self.at(index + 1), self.at(index - 1)
        if piece.norm == "overhead" and before is not None and before.field == "props" and before.verb is not None:
            return False  # a crane swings overhead
        hangs = before is not None and before.kind == "word" and before.field in ("props", "people", "light", "place")
        if piece.norm in ("overhead", "directly above") and hangs:
            return False  # a lamp overhead
        if piece.norm == "overhead" and (index == 0 or (before is not None and before.field in ("size", "kind"))):
            return True
        if (
            self.subject_now()
            and (self.clause or self.verb is not None)
            and piece.norm
            in (
                "looking straight up",
                "straight up",
                "straight down",
                "from above",
                "from below",
                "overhead",
                "directly above",
            )
        ):
            return self.verb is None or self.verb.role != "look"
        if (
            len(piece.tokens) == 1
            and after is not None
            and after.field is None
            and after.noun is not None
            and after.noun.role in ("thing", "vehicle")
        ):
            return False
        return not (
            before is not None
            and before.has("article")
            and len(piece.tokens) == 1
            and after is not None
            and after.noun is not None
        )
