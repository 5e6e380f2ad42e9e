"""How a push service knows who sends (VAPID, RFC 8292): a key pair of this server, and a signed note with each push."""

import json
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from server.modules.notifications.adapters.encryption import CURVE, encode, point

VALID_S = 12 * 3_600
"""Of a note: at most 24 hours (RFC 8292 §2); the server's clock may be wrong by some."""


def new_private_key() -> str:
    """A private key of P-256 as it is stored: hexadecimal."""
    return f"{ec.generate_private_key(CURVE).private_numbers().private_value:064x}"


def public_key(private_key: str) -> str:
    """`applicationServerKey` of the browsers: the public point, base64url."""
    return encode(point(_load(private_key).public_key()))


def authorization(private_key: str, endpoint: str, contact: str, now_ms: int) -> str:
    """Header `Authorization` (RFC 8292 §3). `contact` is a `mailto:` or `https:` URI for the push service's people."""
    parsed = urlsplit(endpoint)
    claims = {"aud": f"{parsed.scheme}://{parsed.netloc}", "exp": now_ms // 1_000 + VALID_S, "sub": contact}
    key = _load(private_key)
    signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    # RFC 7518 §3.4: the two numbers one after the other, not in DER.
    signature = encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={encode(point(key.public_key()))}"


def _load(private_key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int(private_key, 16), CURVE)


def _part(content: dict[str, object]) -> str:
    return encode(json.dumps(content, separators=(",", ":")).encode())
