"""A real identity provider on loopback: real keys, and answers as bad as a test wants them."""

import asyncio
import base64
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.https_server import Answer, body

AUDIENCE = "auteur-studio"
CONFIGURATION = "/realm/.well-known/openid-configuration"
KEYS = "/realm/keys"

RSA_KEY = rsa.generate_private_key(65537, 2048)
"""Made once: this is what takes long."""


def private_key(kind: str) -> Any:
    """A new one, except of RSA. ``kind``: as algorithms are named."""
    match kind:
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ES384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ES512":
            return ec.generate_private_key(ec.SECP521R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return RSA_KEY


def public_pem(key: Any) -> bytes:
    """What anybody may read of it."""
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


def private_pem(key: Any) -> bytes:
    """The key itself."""
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


def jwk(key: Any, kid: str, kind: str, /, **more: Any) -> dict[str, Any]:
    """The public key as a key set lists it; ``more`` with None leaves out."""
    made = jwt.get_algorithm_by_name(kind).to_jwk(key.public_key(), as_dict=True)
    told = {**made, "kid": kid, "use": "sig", "alg": kind, **more}
    return {name: value for name, value in told.items() if value is not None}


def base64url(data: bytes) -> str:
    """Without padding, as a JWT has it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any], signature: bytes = b"") -> str:
    """The three parts as they are given: nothing is checked."""
    return ".".join(base64url(part) for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature))


class IdentityProvider:
    """``answers``: by path, instead of its own. ``heard``: the paths of all requests. ``signing``: its keys by id."""

    def __init__(self) -> None:
        self.signing: dict[str, tuple[str, Any]] = {"first": ("RS256", RSA_KEY)}
        self.answers: dict[str, Answer] = {}
        self.heard: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    @property
    def fetches(self) -> int:
        """How often its keys were fetched."""
        return self.heard.count(KEYS)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; a change to None leaves out."""
        now = int(time.time())
        told = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": "ada", "exp": now + 300, "iat": now, "nbf": now,
            "name": "Ada Lovelace", "groups": ["artists"],
        }  # fmt: skip
        return {name: value for name, value in (told | changes).items() if value is not None}

    def token(self, kid: str = "first", header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """One that it has signed."""
        kind, key = self.signing[kid]
        return jwt.encode(self.claims(**changes), key, kind, {"kid": kid, **(header or {})})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["IdentityProvider"]:
        await self.come_back()
        try:
            yield self
        finally:
            self.go_away()

    async def come_back(self) -> None:
        """At the address that it had."""
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def go_away(self) -> None:
        """Nobody is there from now on."""
        if self._server is not None:
            self._server.close()

    def tells(self, path: str, told: Any) -> None:
        """Answers that JSON from now on."""
        self.answers[path] = body(json.dumps(told).encode(), "Content-Type: application/json", "Connection: close")

    def _own(self, path: str) -> Answer:
        if path == CONFIGURATION:
            told: Any = {"issuer": self.issuer, "jwks_uri": f"http://127.0.0.1:{self.port}{KEYS}"}
        else:
            told = {"keys": [jwk(key, kid, kind) for kid, (kind, key) in self.signing.items()]}
        return body(json.dumps(told).encode(), "Content-Type: application/json", "Connection: close")

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ")[1]
            self.heard.append(path)
            await (self.answers.get(path) or self._own(path))(writer)
        writer.close()
