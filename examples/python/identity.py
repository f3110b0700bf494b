"""An identity provider in small: it makes keys, publishes their public halves and signs tokens."""

import hmac
import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm
from jwt.utils import base64url_encode

ISSUER = "https://id.example.com"
AUDIENCE = "precinct"
HOUR = 3600


class Provider:
    """It has one key for each of two algorithms."""

    def __init__(self, jwks: Path) -> None:
        """Makes the keys; their public halves go into the file."""
        elliptic, edwards = generate_private_key(SECP256R1()), Ed25519PrivateKey.generate()
        self.keys: dict[str, Any] = {"ES256": elliptic, "EdDSA": edwards}
        public = {
            "ES256": ECAlgorithm.to_jwk(elliptic.public_key(), as_dict=True),
            "EdDSA": OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True),
        }
        published = {"keys": [{**key, "kid": name, "use": "sig"} for name, key in public.items()]}
        jwks.write_text(json.dumps(published), encoding="utf-8")

    def token(self, subject: str, algorithm: str = "ES256", **claims: Any) -> str:
        """A token that is good for an hour, unless the claims say otherwise."""
        return sign(self.keys[algorithm], algorithm, subject, claims)

    def bad_tokens(self, subject: str, **claims: Any) -> dict[str, str]:
        """What somebody might try, by the one thing that is wrong with it."""
        now, public = int(time.time()), self.keys["ES256"].public_key()
        header, payload, _ = sign(b"s" * 32, "HS256", subject, claims, "ES256").split(".")
        known_to_all = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        digest = hmac.digest(known_to_all, f"{header}.{payload}".encode(), "sha256")
        good, other = self.token(subject, **claims).split("."), self.token("somebody-else", **claims).split(".")
        return {
            "that has expired": self.token(subject, **claims, exp=now - HOUR),
            "that is not valid yet": self.token(subject, **claims, nbf=now + HOUR),
            "for another audience": self.token(subject, **claims, aud="billing"),
            "of another issuer": self.token(subject, **claims, iss="https://id.example.net"),
            "of no tenant": self.token(subject),
            "changed after it was signed": f"{good[0]}.{other[1]}.{good[2]}",
            "signed with another key": sign(generate_private_key(SECP256R1()), "ES256", subject, claims),
            "signed with the public key as a secret": f"{header}.{payload}.{base64url_encode(digest).decode()}",
            "not signed at all": sign(None, "none", subject, claims, "ES256"),
        }


def sign(key: Any, algorithm: str, subject: str, claims: dict[str, Any], key_id: str = "") -> str:
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + HOUR}
    return jwt.encode({**usual, **claims}, key, algorithm, headers={"kid": key_id or algorithm})
