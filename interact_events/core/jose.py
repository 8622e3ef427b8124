"""Signs JSON (JWT) with the network's key, and writes its public part as a JWK."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from interact_events.config import SettingError
from interact_events.core import signing
from interact_events.core.errors import DomainError

UNFIT = "The network’s signing key can’t sign badges: that takes a P-256 or an RSA key."
UNREADABLE = "The network’s signing key can’t be read, so nothing can be signed."


@dataclass(frozen=True)
class Key:
    """The network's key as JOSE knows it; `jwk` is the public part alone."""

    thumbprint: str  # RFC 7638: the same key always has the same one
    algorithm: str
    jwk: dict[str, Any]
    private: ECKey | RSAKey

    def sign(self, claims: dict[str, Any], *, kid: str) -> str:
        """A compact JWT; `kid` is the address where the key is published."""
        header = {"alg": self.algorithm, "typ": "JWT", "kid": kid, "jwk": self.jwk}
        return jwt.encode(header, claims, self.private, algorithms=[self.algorithm])


def current_key(*, now: datetime) -> Key:
    """The key that signs now. Refused if it is expired, can't be read, or is of another kind."""
    try:
        seal = signing.usable_seal(now)
    except (SettingError, OSError):
        raise DomainError(UNREADABLE) from None
    assert seal.signer.signing_key  # load() has checked that it fits
    return key_of(seal.signer.signing_key.dump())


def key_of(der: bytes) -> Key:
    """A private key as PKCS #8."""
    held = serialization.load_der_private_key(der, None)
    pem = held.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    private: ECKey | RSAKey
    if isinstance(held, ec.EllipticCurvePrivateKey) and isinstance(held.curve, ec.SECP256R1):
        private, algorithm = ECKey.import_key(pem), "ES256"
    elif isinstance(held, rsa.RSAPrivateKey):
        private, algorithm = RSAKey.import_key(pem), "RS256"
    else:
        raise DomainError(UNFIT)
    return Key(private.thumbprint(), algorithm, _public(private, algorithm), private)


def _public(private: ECKey | RSAKey, algorithm: str) -> dict[str, Any]:
    public: dict[str, Any] = {"alg": algorithm, "use": "sig"}
    numbers = private.as_dict(private=False).items()
    return public | {k: v for k, v in numbers if k in ("kty", "crv", "x", "y", "n", "e")}
