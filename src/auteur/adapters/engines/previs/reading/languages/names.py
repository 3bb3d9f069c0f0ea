"""Which unknown word is somebody's name."""

from collections.abc import Iterable, Sequence

from auteur.adapters.engines.previs.reading.languages.items import MARK, UNKNOWN, Item
from auteur.adapters.engines.previs.reading.lexing import plain_name

_STORY = frozenset({
    "continuous", "later", "same", "später", "spät", "gleich", "fortlaufend", "suite", "plus", "tard", "continu",
    "continua", "continuo", "más", "luego", "continúa", "después", "dopo", "più", "tardi", "contínuo", "depois",
    "mais", "続き", "後", "稍后", "连续",
})  # fmt: skip
_SURNAMES = (
    "\u738b\u674e\u5f20\u5218\u9648\u6768\u8d75\u9ec4\u5468\u5434\u5f90\u5b59\u80e1\u6731\u9ad8\u6797\u4f55\u90ed\u9a6c\u7f57"
    "\u6881\u5b8b\u90d1\u8c22\u97e9\u5510\u51af\u4e8e\u8463\u8427\u7a0b\u66f9\u8881\u9093\u8bb8\u5085\u6c88\u66fe\u5f6d\u5415"
    "\u82cf\u5362\u848b\u8521\u8d3e\u4e01\u9b4f\u859b\u53f6\u960e\u4f59\u6f58\u675c\u6234\u590f\u949f\u6c6a\u7530\u4efb\u59dc"
    "\u8303\u65b9\u77f3\u59da\u8c2d\u5ed6\u90b9\u718a\u91d1\u9646\u90dd\u5b54\u767d\u5d14\u5eb7\u6bdb\u90b1\u79e6\u6c5f\u53f2"
    "\u987e\u4faf\u90b5\u5b5f\u9f99\u4e07\u6bb5\u96f7\u94b1\u6c64\u5c39\u9ece\u6613\u5e38\u6b66\u4e54\u8d3a\u8d56\u9f9a\u6587"
)
_TITLES = ("\u5c0f", "\u8001", "\u963f")
_AFTER_NAME = ("pose", "action", "look", "look_toward", "hold", "wear", "facing", "side", "depth", "particle", "state")


class Names:
    """``given``: given names that are known, of any language; ``told``: names of people in this prompt, a project's
    cast."""

    def __init__(self, language: str, given: frozenset[str], told: Iterable[str] = ()) -> None:
        self.language = language
        self.given = given
        self.told = frozenset("".join(plain_name(name).split()) for name in told)

    def known(self, text: str) -> bool:
        """Whether it is a given name."""
        return self.bare(text) is not None

    def bare(self, text: str) -> str | None:
        """The given name, without the German -s of what is somebody's."""
        if self.told and (known := self._told(text)) is not None:
            return known
        for one in (text, text.capitalize() if text.isupper() else text):
            if one in self.given:
                return one
        if self.language == "de" and text.endswith("s") and text[:-1] in self.given:
            return text[:-1]
        return None

    def _told(self, text: str) -> str | None:
        """The name as it is written here, if it is one that was told."""
        plain = "".join(plain_name(text).split())
        if plain not in self.told:
            if not text.endswith("s") or plain[:-1] not in self.told:
                return None
            text = text[:-1]
        return text.title() if text.isupper() else text

    def is_story(self, text: str) -> bool:
        """Whether it tells story time, as CONTINUOUS."""
        return text.casefold() in _STORY

    def at(self, items: Sequence[Item], at: int, wanted: bool) -> str | None:
        """The name that the phrase at that place is, None if it is none. ``wanted``: somebody must come here."""
        item = items[at]
        if item.role != UNKNOWN or not any(sign.isalpha() for sign in item.text):
            return None
        if self.told and (known := self._told(item.text)) is not None:
            return known
        if self.language == "ja":
            return self._japanese(items, at)
        if self.language == "zh":
            return self._chinese(item, wanted)
        text = item.text
        if not text[:1].isupper():
            return None
        name = text.capitalize() if text.isupper() and len(text) > 1 else text
        if found := self.bare(text):
            return found
        before = items[at - 1] if at else None
        after = items[at + 1] if at + 1 < len(items) else None
        begins = before is None or before.role == MARK
        article = (before is not None and before.has("number", "article", "colour", "trait", "negation")) or (
            before is not None and before.role == "function"
        )
        titled = before is not None and before.has("person")
        acts = after is not None and after.has(*_AFTER_NAME)
        if self.language == "de":
            return name if titled or (not article and (wanted or acts)) else None
        if begins:
            return name if acts or wanted or (after is not None and after.role == MARK and text.isupper()) else None
        return name

    def _japanese(self, items: Sequence[Item], at: int) -> str | None:
        item = items[at]
        after = items[at + 1] if at + 1 < len(items) else None
        short = 1 < len(item.text) <= 8
        if not short:
            return None
        follows = after is not None and (
            (after.has("particle") and after.value in ("subject", "object", "with", "of", "to"))
            or after.text in ("\u3055\u3093", "\u304f\u3093", "\u3061\u3083\u3093")
            or after.has("over_shoulder", "pov", "size")
        )
        return (
            item.text
            if follows and all("\u3400" <= sign <= "\u9fff" or "\u30a0" <= sign <= "\u30ff" for sign in item.text)
            else None
        )

    def _chinese(self, item: Item, wanted: bool) -> str | None:
        text = item.text
        written = 2 <= len(text) <= 4 and all("\u3400" <= sign <= "\u9fff" for sign in text)
        if written and (text[0] in _SURNAMES or text[0] in _TITLES or wanted):
            return text
        return text if text in self.given else None
