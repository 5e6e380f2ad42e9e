"""What the clients of the load tests write and read by themselves: checks, RTCP, and the few lines of an SDP that they need.

Nothing of the relay's own code: a mistake that both sides share would go unnoticed.
"""

import hmac
import re
import secrets
import socket
import struct
import zlib
from dataclasses import dataclass
from typing import NamedTuple

VIDEO_TYPE, RTX_TYPE, AUDIO_TYPE = 96, 97, 111
"""Payload types that our offers use."""

_COOKIE = 0x2112A442
_NTP_EPOCH_S = 2_208_988_800


# Checks (RFC 8445 §7.2.2, RFC 8489)


def check(username: str, password: str) -> bytes:
    """A binding request of a controlling agent that nominates."""
    attributes = _attribute(0x0006, username.encode())  # USERNAME
    attributes += _attribute(0x0024, struct.pack("!I", 110 << 24 | 65_535 << 8 | 255))  # PRIORITY of a peer-reflexive candidate
    attributes += _attribute(0x802A, secrets.token_bytes(8))  # ICE-CONTROLLING
    attributes += _attribute(0x0025, b"")  # USE-CANDIDATE
    return _signed(0x0001, secrets.token_bytes(12), attributes, password)


def is_check(data: bytes) -> bool:
    """Whether a STUN message is a binding request of the other end, who is a full agent."""
    return data[:2] == b"\0\x01" and len(data) >= 20


def check_answer(request: bytes, address: tuple[str, int], password: str) -> bytes:
    """Success, with the address that the request came from."""
    host = int.from_bytes(socket.inet_aton(address[0]), "big") ^ _COOKIE
    mapped = struct.pack("!BBHI", 0, 1, address[1] ^ _COOKIE >> 16, host)
    return _signed(0x0101, request[8:20], _attribute(0x0020, mapped), password)  # XOR-MAPPED-ADDRESS


def _signed(kind: int, transaction: bytes, attributes: bytes, password: str) -> bytes:
    signed = struct.pack("!HHI12s", kind, len(attributes) + 24, _COOKIE, transaction) + attributes
    signed += _attribute(0x0008, hmac.digest(password.encode(), signed, "sha1"))  # MESSAGE-INTEGRITY
    covered = signed[:2] + struct.pack("!H", len(signed) - 20 + 8) + signed[4:]
    return covered + _attribute(0x8028, struct.pack("!I", zlib.crc32(covered) ^ 0x5354554E))  # FINGERPRINT


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) & 3)


# RTCP (RFC 3550 §6, RFC 4585, REMB)


def receiver_report(ssrc: int, sources: list[tuple[int, int]], bitrate_bps: int) -> bytes:
    """Receiver report and REMB of a viewer without loss; `sources` are SSRC and highest sequence number."""
    blocks = b"".join(struct.pack("!IIIIII", source, 0, highest, 0, 0, 0) for source, highest in sources)
    report = struct.pack("!BBHI", 0x80 | len(sources), 201, 1 + 6 * len(sources), ssrc) + blocks
    exponent = max(0, bitrate_bps.bit_length() - 18)
    head = struct.pack("!II4sI", ssrc, 0, b"REMB", len(sources) << 24 | exponent << 18 | bitrate_bps >> exponent)
    body = head + b"".join(struct.pack("!I", source) for source, _ in sources)
    return report + struct.pack("!BBH", 0x80 | 15, 206, len(body) // 4) + body


def sender_report(ssrc: int, unix_s: float, timestamp: int, packets: int, octets: int) -> bytes:
    """Which RTP timestamp belongs to which moment."""
    ntp = int((unix_s + _NTP_EPOCH_S) * 2**32)
    return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, ntp, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)


def nack(ssrc: int, media_ssrc: int, sequences: list[int], mask: int = 0) -> bytes:
    """Asks for packets again; a pair for each number, and by `mask` for some of the 16 that follow it (RFC 4585 §6.2.1)."""
    pairs = b"".join(struct.pack("!HH", number & 0xFFFF, mask) for number in sequences)
    return struct.pack("!BBHII", 0x81, 205, 2 + len(sequences), ssrc, media_ssrc) + pairs


def pli(ssrc: int, media_ssrc: int) -> bytes:
    """Asks for a key frame."""
    return struct.pack("!BBHII", 0x81, 206, 2, ssrc, media_ssrc)


def keyframe_requests(data: bytes) -> int:
    """How many PLI and FIR are in a plain RTCP packet."""
    count, position = 0, 0
    while position + 4 <= len(data):
        first, kind, words = struct.unpack_from("!BBH", data, position)
        count += kind == 206 and first & 0x1F in (1, 4)
        position += 4 + 4 * words
    return count


# SDP


class Source(NamedTuple):
    """What an m-line sends: its SSRC and that of its retransmissions, 0 when there is none."""

    ssrc: int
    rtx_ssrc: int


@dataclass(frozen=True)
class Remote:
    """The other end of a transport, and what it sends."""

    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    host: str
    port: int
    sources: dict[str, Source]
    """By kind, the first m-line of each."""


def read(text: str) -> Remote:
    """Our reading of an answer, or of an offer of Janus.

    Raises:
        ValueError: an attribute that every description has is missing.
    """
    found = [re.search(pattern, text, re.MULTILINE) for pattern in (r"^a=ice-ufrag:(\S+)", r"^a=ice-pwd:(\S+)")]
    algorithm = re.search(r"^a=fingerprint:(\S+) (\S+)", text, re.MULTILINE)
    candidate = re.search(r"^a=candidate:\S+ 1 udp \d+ ([\d.]+) (\d+) typ host", text, re.MULTILINE | re.IGNORECASE)
    if found[0] is None or found[1] is None or algorithm is None or candidate is None:
        raise ValueError(f"not a description with a candidate for us: {text[:300]}")
    sources: dict[str, Source] = {}
    for section in re.split(r"^(?=m=)", text, flags=re.MULTILINE)[1:]:
        pair = re.search(r"^a=ssrc-group:FID (\d+) (\d+)", section, re.MULTILINE)
        single = re.search(r"^a=ssrc:(\d+)", section, re.MULTILINE)
        kind = section[2:].partition(" ")[0]
        if (pair or single) and kind not in sources:
            sources[kind] = Source(int(pair[1]), int(pair[2])) if pair else Source(int(single[1]), 0)  # type: ignore[index]
    return Remote(found[0][1], found[1][1], (algorithm[1], algorithm[2]), candidate[1], int(candidate[2]), sources)


def describe(direction: str, fingerprint: tuple[str, str], ufrag: str, password: str, *, profile: str = "42e01f") -> str:
    """Our offer (or answer to Janus): Opus and H264 with NACK, PLI, REMB and RTX in one bundle; we are the DTLS client."""
    transport = [
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        f"a=fingerprint:{fingerprint[0]} {fingerprint[1]}",
        "a=setup:active",
        "a=rtcp-mux",
        f"a={direction}",
    ]
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"]
    lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {AUDIO_TYPE}", "c=IN IP4 127.0.0.1", "a=mid:0", *transport]
    lines += [f"a=rtpmap:{AUDIO_TYPE} opus/48000/2"]
    lines += [f"m=video 9 UDP/TLS/RTP/SAVPF {VIDEO_TYPE} {RTX_TYPE}", "c=IN IP4 127.0.0.1", "a=mid:1", *transport]
    lines += [f"a=rtpmap:{VIDEO_TYPE} H264/90000"]
    lines += [f"a=fmtp:{VIDEO_TYPE} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}"]
    lines += [f"a=rtcp-fb:{VIDEO_TYPE} {kind}" for kind in ("nack", "nack pli", "ccm fir", "goog-remb")]
    lines += [f"a=rtpmap:{RTX_TYPE} rtx/90000", f"a=fmtp:{RTX_TYPE} apt={VIDEO_TYPE}", ""]
    return "\r\n".join(lines)
