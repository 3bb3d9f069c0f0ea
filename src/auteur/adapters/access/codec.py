"""Tokens and passes as JSON, readable by every later auteur."""

from auteur.domain.access import Pass, Token
from auteur.protocol.model import Adapter

TOKEN = Adapter(Token)
PASS = Adapter(Pass)
