"""Message encryption for web push (RFC 8291): only the browser can read what the push service carries."""

import base64
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
RECORD_SIZE = 4_096
"""One record holds the whole message (RFC 8291 §4); a push service takes at least this much (RFC 8030 §7.2)."""
SALT_BYTES = 16
AUTH_BYTES = 16
TEXT_BYTES_MAX = RECORD_SIZE - (SALT_BYTES + 4 + 1 + 65) - 16 - 1
"""3,993: what is left beside the header, the tag and the delimiter."""


def encrypt(
    text: bytes, p256dh: str, auth: str, *, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes | None = None
) -> bytes:
    """Body of the request to the push service, content coding `aes128gcm` (RFC 8188 §2). `key` and `salt` are fresh for each
    message; tests give those of the RFC.

    Raises:
        ValueError: the browser's keys are none, or the text is longer than `TEXT_BYTES_MAX`.
    """
    if len(text) > TEXT_BYTES_MAX:
        raise ValueError(f"a push takes {TEXT_BYTES_MAX} bytes, and this has {len(text)}")
    receiver, secret = read_keys(p256dh, auth)
    key = key or ec.generate_private_key(CURVE)
    salt = salt or os.urandom(SALT_BYTES)
    content_key, nonce = derive(key.exchange(ec.ECDH(), receiver), secret, salt, point(receiver), point(key.public_key()))
    # The delimiter 2 says that this record is the last one (RFC 8188 §2).
    record = AESGCM(content_key).encrypt(nonce, text + b"\x02", None)
    sender = point(key.public_key())
    return salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(sender)]) + sender + record


def derive(shared: bytes, secret: bytes, salt: bytes, receiver: bytes, sender: bytes) -> tuple[bytes, bytes]:
    """Content encryption key and nonce (RFC 8291 §3.4). `shared` is the ECDH secret, `secret` the browser's; `receiver` and
    `sender` are public points."""
    material = _hkdf(shared, secret, b"WebPush: info\x00" + receiver + sender, 32)
    key = _hkdf(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    return key, _hkdf(material, salt, b"Content-Encoding: nonce\x00", 12)


def read_keys(p256dh: str, auth: str) -> tuple[ec.EllipticCurvePublicKey, bytes]:
    """The browser's public key and secret.

    Raises:
        ValueError: not base64url, not on the curve, or not of this length.
    """
    secret = decode(auth)
    if len(secret) != AUTH_BYTES:
        raise ValueError(f"auth has {AUTH_BYTES} bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(p256dh)), secret


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """65 bytes, uncompressed (SEC 1 §2.3.3)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encode(data: bytes) -> str:
    """base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """From base64url without padding.

    Raises:
        ValueError: it is something else.
    """
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(material)
