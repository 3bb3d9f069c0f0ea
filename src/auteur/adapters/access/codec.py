"""Tokens and passes as JSON, readable by every later auteur."""

from pydantic import TypeAdapter

from auteur.domain.access import Pass, Token

TOKEN = TypeAdapter(Token)
PASS = TypeAdapter(Pass)
