"""STUN binding requests and answers (RFC 8489) as ICE uses them (RFC 8445 §7). Pure."""

import hmac
import ipaddress
import zlib
from dataclasses import dataclass, field
from struct import Struct

COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_RESPONSE, BINDING_ERROR = 0x0001, 0x0101, 0x0111
ROLE_CONFLICT = 487

_USERNAME, _MESSAGE_INTEGRITY, _ERROR_CODE, _XOR_MAPPED_ADDRESS = 0x0006, 0x0008, 0x0009, 0x0020
_USE_CANDIDATE, _FINGERPRINT, _ICE_CONTROLLED = 0x0025, 0x8028, 0x8029
_FINGERPRINT_XOR = 0x5354554E
_HEADER = Struct("!HHI12s")
_ATTRIBUTE = Struct("!HH")
_ATTRIBUTES_MAX = 32  # a check has about eight


class StunError(ValueError):
    """The bytes are not a STUN message that ICE could have sent."""


@dataclass(slots=True)
class StunMessage:
    """A message, read. `integrity_ok` needs the password, so it is a method."""

    kind: int
    transaction: bytes
    attributes: dict[int, bytes] = field(default_factory=dict)
    signed: bytes = b""

    @property
    def username(self) -> str:
        """`<our ufrag>:<their ufrag>`; empty when absent."""
        return self.attributes.get(_USERNAME, b"").decode("utf-8", "replace")

    @property
    def use_candidate(self) -> bool:
        """The controlling side nominates this pair (RFC 8445 §7.1.2)."""
        return _USE_CANDIDATE in self.attributes

    @property
    def controlled(self) -> bool:
        """The sender believes to be the controlled side, which an ICE-lite server always is."""
        return _ICE_CONTROLLED in self.attributes

    def integrity_ok(self, password: bytes) -> bool:
        """Whether MESSAGE-INTEGRITY is there and was made with this password (RFC 8489 §14.5)."""
        given = self.attributes.get(_MESSAGE_INTEGRITY, b"")
        return bool(self.signed) and hmac.compare_digest(given, hmac.digest(password, self.signed, "sha1"))


def parse(data: bytes) -> StunMessage:
    """Read a message. FINGERPRINT must be there and right, as RFC 8445 §7.1.1 demands of ICE.

    Raises:
        StunError: anything else.
    """
    if len(data) < 20:
        raise StunError("shorter than a header")
    kind, length, cookie, transaction = _HEADER.unpack_from(data)
    if cookie != COOKIE or length != len(data) - 20 or length % 4:
        raise StunError("wrong cookie or length")
    message = StunMessage(kind, transaction)
    position = 20
    for _ in range(_ATTRIBUTES_MAX):
        if position + 4 > len(data):
            break
        name, size = _ATTRIBUTE.unpack_from(data, position)
        value = data[position + 4 : position + 4 + size]
        if len(value) != size:
            raise StunError("an attribute is cut off")
        if name == _FINGERPRINT:
            if value != _fingerprint(data[:position]):
                raise StunError("wrong fingerprint")
            return message
        _keep(message, name, value, data, position)
        position += 4 + size + (-size & 3)
    raise StunError("no fingerprint")


def _keep(message: StunMessage, name: int, value: bytes, data: bytes, position: int) -> None:
    if message.signed:  # RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is not protected by it
        return
    if name == _MESSAGE_INTEGRITY:
        message.signed = _with_length(data[:position], position - 20 + 24)
    message.attributes[name] = value


def binding_response(transaction: bytes, address: tuple[str, int], password: bytes) -> bytes:
    """The answer to a valid check: the address it came from, signed."""
    ip = ipaddress.ip_address(address[0].partition("%")[0])
    if ip.version == 6 and ip.ipv4_mapped is not None:  # an IPv4 peer of a dual-stack socket knows itself by its IPv4 address
        ip = ip.ipv4_mapped
    mask = COOKIE.to_bytes(4, "big") + transaction
    xored = bytes(a ^ b for a, b in zip(ip.packed, mask, strict=False))
    value = bytes([0, 1 if ip.version == 4 else 2]) + (address[1] ^ COOKIE >> 16).to_bytes(2, "big") + xored
    return _signed(BINDING_RESPONSE, transaction, _attribute(_XOR_MAPPED_ADDRESS, value), password)


def binding_error(transaction: bytes, code: int, reason: str, password: bytes) -> bytes:
    """An error answer, signed."""
    value = bytes([0, 0, code // 100, code % 100]) + reason.encode()
    return _signed(BINDING_ERROR, transaction, _attribute(_ERROR_CODE, value), password)


def binding_request(transaction: bytes, username: str, password: bytes, *, use_candidate: bool = False) -> bytes:
    """A check as a controlling client sends it; the relay itself, being ICE-lite, sends none."""
    attributes = _attribute(_USERNAME, username.encode())
    if use_candidate:
        attributes += _attribute(_USE_CANDIDATE, b"")
    return _signed(BINDING_REQUEST, transaction, attributes, password)


def _signed(kind: int, transaction: bytes, attributes: bytes, password: bytes) -> bytes:
    head = _HEADER.pack(kind, len(attributes) + 24, COOKIE, transaction) + attributes
    whole = head + _attribute(_MESSAGE_INTEGRITY, hmac.digest(password, head, "sha1"))
    return _with_length(whole, len(whole) - 20 + 8) + _attribute(_FINGERPRINT, _fingerprint(whole))


def _fingerprint(before: bytes) -> bytes:
    """CRC-32 of all before it, with the length as if the attribute were there (RFC 8489 §14.7)."""
    covered = _with_length(before, len(before) - 20 + 8)
    return (zlib.crc32(covered) ^ _FINGERPRINT_XOR).to_bytes(4, "big")


def _with_length(data: bytes, length: int) -> bytes:
    return data[:2] + length.to_bytes(2, "big") + data[4:]


def _attribute(name: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(name, len(value)) + value + bytes(-len(value) & 3)
