"""HTML as values: what is no HTML yet is escaped, once, and what is stays as it is."""

import html
import json
import re
from collections.abc import Iterable
from typing import Any

_WORDS = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*")
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=:)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)'
)
_EMPTY = frozenset({"link", "meta", "br"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def escaped(text: object) -> Html:
    """The text as HTML; HTML as it is."""
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def joined(parts: Iterable[object], between: str = "") -> Html:
    """All of them, one after the other."""
    return Html(between.join(escaped(part) for part in parts))


def element(tag: str, *inside: object, **attributes: object) -> Html:
    """An element. An attribute that is None or False is left out; ``class_`` is ``class``."""
    given = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(str(value))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{tag}{given}>" + ("" if tag in _EMPTY else f"{joined(inside)}</{tag}>"))


def code(text: object, **attributes: object) -> Html:
    """A word of a program."""
    return element("code", text, **attributes)


def link(target: str, text: object) -> Html:
    """A link within the service's own documents."""
    return element("a", text, href=target)


def words(text: str, root: str | None = None) -> Html:
    """A line of a description, with its `` `words of programs` `` and its **words that matter**. ``root``: where a
    browser finds the service, if addresses of documents shall be links."""
    parts: list[object] = []
    end = 0
    for found in _WORDS.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found["strong"]:
            parts.append(element("strong", found["strong"]))
        elif root is not None and re.fullmatch(r"/api/(docs|async)", found["code"]):
            parts.append(link(root + found["code"], code(found["code"])))
        else:
            parts.append(code(found["code"]))
    return joined([*parts, text[end:]])


def prose(text: str, root: str | None = None) -> Html:
    """A description: paragraphs, and lists of lines that begin with a dash."""
    parts: list[Html] = []
    for block in re.split(r"\n\s*\n", text.replace("``", "`").strip()):
        if block.startswith("- "):
            items = re.split(r"^- ", block, flags=re.MULTILINE)[1:]
            parts.append(element("ul", *(element("li", words(" ".join(item.split()), root)) for item in items)))
        elif block:
            parts.append(element("p", words(" ".join(block.split()), root)))
    return joined(parts)


def shown_json(value: Any) -> Html:
    """JSON as it is read best, its kinds of words told apart."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    parts: list[object] = []
    end = 0
    for found in _JSON.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(element("span", found[0], class_=f"json-{found.lastgroup}"))
        end = found.end()
    return element("pre", element("code", *parts, text[end:]), tabindex="0")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]], caption: str) -> Html:
    """A table that scrolls by itself where there is no room for it. ``caption``: what it is called to who hears it."""
    head = element("tr", *(element("th", text, scope="col") for text in heads))
    body = [
        element("tr", element("th", first, scope="row"), *(element("td", cell) for cell in rest))
        for first, *rest in rows
    ]
    whole = element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", head),
        element("tbody", *body),
    )
    return element("div", whole, class_="table", tabindex="0", role="region", aria_label=caption)


def folded(summary: object, *inside: object) -> Html:
    """What is opened by who wants it."""
    return element("details", element("summary", summary), *inside)
