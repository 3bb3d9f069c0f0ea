"""The provider's public keys, as a JSON Web Key Set (RFC 7517) tells them; only those fit to verify a signature."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

_OF_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_OF_CURVES = {
    ("EC", "P-256"): frozenset({"ES256"}),
    ("EC", "P-384"): frozenset({"ES384"}),
    ("EC", "P-521"): frozenset({"ES512"}),
    ("OKP", "Ed25519"): frozenset({"EdDSA"}),
}
ALGORITHMS = _OF_RSA.union(*_OF_CURVES.values())
"""What a token may be signed with: whoever can check a signature of these cannot make one."""

_MOST_KEYS = 64
_LONGEST_KID = 256
_RSA_BITS = range(2048, 8192 + 1)
_LONGEST_MODULUS = 8192 // 6 + 4  # in characters of base64: none longer is even read


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, and what may be verified with it."""

    algorithms: frozenset[str]
    public: PublicKey


Keys = Mapping[tuple[str, str], VerifyingKey]
"""By key id and algorithm."""


class KeySetError(ValueError):
    """What is no key set; the text says why and shows nothing of it."""


def read_key_set(document: Any) -> Keys:
    """The keys of a JWKS document; what is for something else, or weak, or not understood, is left out. Of two keys for
    the same id and algorithm the first counts. Raises `KeySetError`."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise KeySetError("it has no list of keys")
    if len(listed) > _MOST_KEYS:
        raise KeySetError(f"it has more than {_MOST_KEYS} keys")
    found: dict[tuple[str, str], VerifyingKey] = {}
    for kid, key in _usable(listed):
        for algorithm in key.algorithms:
            found.setdefault((kid, algorithm), key)
    return found


def _usable(listed: list[Any]) -> Iterator[tuple[str, VerifyingKey]]:
    for told in listed:
        if not isinstance(told, dict):
            continue
        kid, algorithms = told.get("kid"), _algorithms(told)
        if not algorithms or not isinstance(kid, str) or not 1 <= len(kid) <= _LONGEST_KID:
            continue
        try:
            public = jwt.PyJWK(told, algorithm=min(algorithms)).key
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
            continue
        # a private key is left out: everybody can read it here, so everybody could sign with it
        if isinstance(public, RSAPublicKey):
            if public.key_size in _RSA_BITS:
                yield kid, VerifyingKey(algorithms, public)
        elif isinstance(public, EllipticCurvePublicKey | Ed25519PublicKey):
            yield kid, VerifyingKey(algorithms, public)


def _algorithms(told: Mapping[str, Any]) -> frozenset[str]:
    """What this key may be used for: what its kind and curve allow, and of that only what it says itself."""
    operations = told.get("key_ops", ["verify"])
    if told.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return frozenset()
    if told.get("kty") == "RSA":
        modulus = told.get("n")
        allowed = _OF_RSA if isinstance(modulus, str) and len(modulus) <= _LONGEST_MODULUS else frozenset()
    else:
        allowed = _OF_CURVES.get((str(told.get("kty")), str(told.get("crv"))), frozenset())
    return allowed if "alg" not in told else frozenset(name for name in allowed if name == told["alg"])
