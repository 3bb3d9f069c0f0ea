"""A token of the identity provider, from its three parts to a principal."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import structlog

from auteur.adapters.access.oidc.keyring import KeyRing
from auteur.adapters.access.oidc.keys import ALGORITHMS
from auteur.domain.access import Grant, Principal
from auteur.domain.errors import InvalidMessageError, UnauthenticatedError
from auteur.protocol.json import read_json

log = structlog.get_logger(__name__)

EVERYBODY = "*"
"""Instead of a group: whoever has a token that counts."""

_JWT = re.compile(r"([A-Za-z0-9_-]{2,2048})\.[A-Za-z0-9_-]{2,8192}\.[A-Za-z0-9_-]{0,2048}")
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_NAMES = ("name", "preferred_username", "email")
_LONGEST_SUBJECT = 255  # as OpenID Connect has it
_LONGEST_NAME = 64
_OPTIONS: Any = {"require": ["exp", "iss", "aud", "sub"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """``issuer`` and ``audience``: as tokens must name them, exactly. ``leeway_s``: how far the provider's clock and
    this one may differ. ``grants``: by group, `EVERYBODY` among them; ``groups_claim``: the claim that lists groups."""

    issuer: str
    audience: str
    leeway_s: float
    groups_claim: str
    grants: Mapping[str, Grant]


class _RefusedError(Exception):
    """Why a token does not count: for the log, without anything of the token."""


class OidcTokenVerifier:
    """`TokenVerifier`: signature, issuer, audience and times of a JWT; its groups decide what its holder may do."""

    def __init__(self, rules: TokenRules, keys: KeyRing) -> None:
        self._rules = rules
        self._keys = keys

    def knows(self, token: str) -> bool:
        """Whether it has the three parts of a JWT; none of auteur's own has."""
        return _JWT.fullmatch(token) is not None

    async def verify(self, token: str) -> Principal:
        """Whoever it was signed for, until it expires. One whose groups were granted nothing is known, and may do
        nothing. Raises `UnauthenticatedError`; the log says why."""
        try:
            return self._principal(await self._claims(token))
        except _RefusedError as refused:
            log.info("a token of the identity provider does not count", reason=str(refused))
            raise UnauthenticatedError("The token is unknown, expired or revoked.") from None

    async def _claims(self, token: str) -> Mapping[str, Any]:
        kid, algorithm = _signed_how(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise _RefusedError("the provider has no such key")
        try:
            return jwt.decode(
                token, key.public, [algorithm], options=_OPTIONS, audience=self._rules.audience,
                issuer=self._rules.issuer, leeway=self._rules.leeway_s,
            )  # fmt: skip
        except jwt.PyJWTError as error:  # by its kind: the words may repeat what a claim says
            raise _RefusedError(_REASONS.get(type(error), "it cannot be read")) from None
        except (ValueError, TypeError, OverflowError, RecursionError, AttributeError):
            raise _RefusedError("it cannot be read") from None

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise _RefusedError("its subject is none")
        for claim in ("exp", "nbf", "iat"):
            if not _is_time(claims.get(claim, 0)):
                raise _RefusedError(f"its {claim} is no time")
        if "events" in claims:  # a logout or security event token: it tells of somebody and lets nobody in
            raise _RefusedError("it tells of an event")
        return Principal(
            id=f"oidc:{subject}",
            name=_name(claims) or subject[:_LONGEST_NAME],
            grants=self._grants(claims.get(self._rules.groups_claim)),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )

    def _grants(self, told: Any) -> tuple[Grant, ...]:
        groups = {told} if isinstance(told, str) else set()
        if isinstance(told, list):
            groups = {group for group in told if isinstance(group, str)}
        return tuple(
            grant for group, grant in self._rules.grants.items() if group == EVERYBODY or group in groups
        )  # fmt: skip


_REASONS: Mapping[type[jwt.PyJWTError], str] = {
    jwt.InvalidSignatureError: "its signature is not the provider's",
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "its time has not come",
    jwt.InvalidAudienceError: "it is for another audience",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.MissingRequiredClaimError: "a claim is missing: exp, iss, aud and sub are needed",
}


def _signed_how(token: str) -> tuple[str, str]:
    """Key id and algorithm, as its header says. A key that it offers, or an address of one, is not looked at."""
    match = _JWT.fullmatch(token)
    if match is None:
        raise _RefusedError("it is no JWT")
    try:
        header = read_json(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, InvalidMessageError):
        header = None
    if not isinstance(header, dict):
        raise _RefusedError("its header cannot be read")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _RefusedError("it is signed in a way that is not taken")
    if "crit" in header or "b64" in header:
        raise _RefusedError("it asks for something that is not understood")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise _RefusedError("it is a token for something else")
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise _RefusedError("it names no key")
    return kid, algorithm


def _is_time(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        datetime.fromtimestamp(value, UTC)  # refuses what is no number, too
    except (OverflowError, ValueError, OSError):
        return False
    return True


def _name(claims: Mapping[str, Any]) -> str:
    """What it is called for people; nothing in it can lead a terminal or a log astray."""
    for claim in _NAMES:
        told = claims.get(claim)
        if isinstance(told, str):
            name = "".join(character for character in told[:1024] if character.isprintable()).strip()
            if name:
                return name[:_LONGEST_NAME]
    return ""
