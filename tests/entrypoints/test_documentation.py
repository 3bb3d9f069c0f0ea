"""The pages of the documents: what they are made of stays text, and their links stay where the service is."""

import re
from pathlib import Path
from typing import Any

import pytest

from auteur.entrypoints import asyncapi
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build
from auteur.entrypoints.documentation.html import Html, code, element, prose, shown_json, table, words
from auteur.entrypoints.documentation.http_page import http_page
from auteur.entrypoints.documentation.schemas import fields_of, kind_of
from auteur.entrypoints.documentation.socket_page import socket_page
from auteur.entrypoints.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(
        workspace_root=tmp_path, backend="memory", engines="storyboard", app_name="<script>alert(1)</script>",
        public_url="https://films.example/studio",
    )  # fmt: skip


def test_what_is_no_html_is_escaped_once() -> None:
    assert element("p", "<b>", Html("<i></i>"), "&", class_='a"b') == '<p class="a&quot;b">&lt;b&gt;<i></i>&amp;</p>'
    assert element("details", open=True, hidden=False, id=None) == "<details open></details>"
    assert element("link", rel="icon") == '<link rel="icon">'
    assert code(code("<")) == "<code><code>&lt;</code></code>"
    assert shown_json({"<": "</code>"}).count("<code>") == 1


def test_a_description_has_its_words_lists_and_paragraphs() -> None:
    assert words("a `b` **c** `/api/docs` <", "/x") == (
        'a <code>b</code> <strong>c</strong> <a href="/x/api/docs"><code>/api/docs</code></a> &lt;'
    )
    assert prose("one\ntwo\n\n- a\n  b\n- c") == "<p>one two</p><ul><li>a b</li><li>c</li></ul>"
    assert prose("``a``") == "<p><code>a</code></p>"


def test_a_type_is_said_in_a_word() -> None:
    for schema, said in (
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["a", "b"]}, "<code>&quot;a&quot;</code> or <code>&quot;b&quot;</code>"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({"$ref": "#/components/schemas/X"}, '<a href="#schema-X"><code>X</code></a>'),
        ({}, "anything"),
    ):
        assert kind_of(schema) == said
    shown = fields_of(
        {
            "required": ["a"],
            "properties": {"a": {"type": "string", "minLength": 1, "maxLength": 8}, "b": {"default": 3}},
        },
        "X",
    )
    assert "<code>1</code> to <code>8</code> characters." in shown
    assert shown.count("optional</span>") == 1
    assert "Where it is left out: <code>3</code>." in shown


def test_a_table_is_named_and_can_be_reached_by_the_keyboard() -> None:
    shown = table(("a",), [("b",)], "What it is")
    assert 'tabindex="0" role="region" aria-label="What it is"' in shown
    assert '<th scope="row">b</th>' in shown


def test_the_pages_stay_text_and_lead_to_where_the_service_is(settings: Settings) -> None:
    app = create_app(build(settings))
    document: dict[str, Any] = app.openapi()
    pages = [
        http_page(document, root=settings.service_path, base_url="https://films.example/studio"),
        socket_page(asyncapi.document(settings), root=settings.service_path),
    ]
    for page in pages:
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)" in page
        links = {link for link in re.findall(r'href="([^"#]+)"', page) if link != "data:,"}
        assert all(link.startswith("/studio/api/") for link in links), links
    assert "curl https://films.example/studio/api/v1/projects/film/tasks" in pages[0]
    assert "wss://films.example/studio" in pages[1]


def test_the_servers_of_the_socket_are_where_it_is_served(settings: Settings, tmp_path: Path) -> None:
    assert asyncapi.document(settings)["servers"]["socket"]["host"] == "films.example"
    assert asyncapi.document(settings)["servers"]["socket"]["pathname"] == "/studio"
    plain = asyncapi.document(load_settings(workspace_root=tmp_path, host="::1", port=9, backend="memory"))
    assert plain["servers"]["http"]["host"] == "[::1]:9"
    assert plain["servers"]["socket"]["protocol"] == "ws"
