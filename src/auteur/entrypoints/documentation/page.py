"""What the pages have in common: the frame, the contents, the style, and the rules that a browser holds it to."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from auteur.entrypoints.documentation.html import Html, element, joined, link

_STYLE = Html(Path(__file__).with_name("documents.css").read_text(encoding="utf-8"))
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The page is one file: nothing may be asked for by it, and no script may run in it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents, with what stands below it."""

    anchor: str
    text: object
    inside: Sequence["Entry"] = ()


def framed(title: str, about: object, contents: Sequence[Entry], *parts: Html, root: str, document: str) -> str:
    """The page. ``document``: the name of the document that it is made of, for programs."""
    documents = element(
        "p",
        link(f"{root}/api/docs", "HTTP"),
        " · ",
        link(f"{root}/api/async", "WebSocket"),
        " · ",
        link(f"{root}/api/{document}", document),
        class_="documents",
    )
    listed = element(
        "nav",
        element("details", element("summary", "Contents"), _listed(contents), open=True),
        aria_label="Contents",
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("style", _STYLE),
    )
    body = element(
        "body",
        element("a", "Skip the contents", href="#content", class_="skip"),
        element("header", element("h1", title), documents),
        element("div", listed, element("main", about, *parts, id="content"), class_="columns"),
    )
    return f"<!doctype html>{element('html', head, body, lang='en')}"


def _listed(entries: Sequence[Entry]) -> Html:
    return element(
        "ul",
        *(
            element("li", link(f"#{entry.anchor}", entry.text), _listed(entry.inside) if entry.inside else "")
            for entry in entries
        ),
    )


def chapter(anchor: str, title: str, *inside: object) -> Html:
    """A part of the page that the contents lead to."""
    return element("section", element("h2", title), joined(inside), id=anchor, class_="chapter")
