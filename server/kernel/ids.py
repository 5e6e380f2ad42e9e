"""Makes identifiers: a prefix and a UUIDv7 (RFC 9562 §5.7), so that ids made later sort later."""

import secrets

from server.kernel.clock import Clock


def new_id(prefix: str, clock: Clock) -> str:
    """`<prefix>_<32 hexadecimal digits>`; `prefix` has three letters and is listed in `schemas/ids.py`."""
    return f"{prefix}_{uuid7_hex(clock.now_ms(), secrets.randbits(74))}"


def uuid7_hex(unix_ms: int, random_74_bits: int) -> str:
    """Digits of a UUIDv7 without dashes: 48 bits of time, version 7, 12 random bits, variant 2, 62 random bits."""
    high = (unix_ms & (1 << 48) - 1) << 16 | 0x7 << 12 | random_74_bits >> 62
    low = 0b10 << 62 | random_74_bits & (1 << 62) - 1
    return f"{high << 64 | low:032x}"


def new_secret() -> str:
    """256 random bits, safe in URLs: tokens of invitations, tickets, stream keys."""
    return secrets.token_urlsafe(32)
