"""One function per thing that is read from the network: any bytes in, nothing but the documented errors out.

Every function also asserts that what comes out is bounded by the size of what went in: work is counted, never timed.
"""

import hmac
import zlib
from collections.abc import Callable, Iterator
from struct import Struct
from typing import NamedTuple

import pytest

from media import sdp
from media.rtp import h264, packets, rtcp, sps, twcc, vp8
from media.transport import stun
from media.transport.ice import Credentials, IceLite
from media.transport.srtp import (
    AES_128_CM_SHA1,
    AES_128_GCM,
    Inbound,
    Outbound,
    SrtpError,
    SrtpKeys,
    inbound,
    outbound,
)
from tests.media.fuzz.negotiation import whip

DATAGRAM_MAX = 2048  # what the socket reads; longer inputs are cut
TEXT_MAX = 16_384
_CREDENTIALS = Credentials("ourufrag", "a password of ours")
_ADDRESS = ("192.0.2.1", 40_000)
_STUN = Struct("!HHI12s")
_ARRIVAL = Struct("!HH")


class Target(NamedTuple):
    """A function and the longest input that makes sense for it."""

    one_input: Callable[[bytes], None]
    length_max: int = DATAGRAM_MAX


def one_stun(data: bytes) -> None:
    """A datagram as it came; then its bytes as attributes of a check that is signed and has a right fingerprint."""
    _read_stun(data)
    body = data[20:] + bytes(-len(data[20:]) % 4)
    name = f"{_CREDENTIALS.ufrag}:theirs".encode()
    signed = _attribute(0x0006, name) + body
    head = _STUN.pack(stun.BINDING_REQUEST, len(signed) + 24, stun.COOKIE, data[8:20].ljust(12, b"\0")) + signed
    whole = head + _attribute(0x0008, hmac.digest(_CREDENTIALS.password.encode(), head, "sha1"))
    _read_stun(_with_fingerprint(whole))
    _read_stun(_with_fingerprint(head[:2] + (len(signed) + 8).to_bytes(2, "big") + head[4:]))


def _read_stun(data: bytes) -> None:
    try:
        message = stun.parse(data)
    except stun.StunError:
        return
    assert len(message.attributes) <= 32
    assert sum(map(len, message.attributes.values())) <= len(data)
    assert message.use_candidate in (True, False)
    ice = IceLite(0.0)
    ice.local = _CREDENTIALS
    answer = ice.check(message, _ADDRESS, 1.0)
    if answer is not None:
        reply = stun.parse(answer.reply)
        assert reply.integrity_ok(_CREDENTIALS.password.encode())
        assert reply.transaction == message.transaction
        assert answer.valid is (ice.address == _ADDRESS)


def _attribute(name: int, value: bytes) -> bytes:
    return name.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) & 3)


def _with_fingerprint(data: bytes) -> bytes:
    covered = data[:2] + (len(data) - 12).to_bytes(2, "big") + data[4:]
    return covered + _attribute(0x8028, (zlib.crc32(covered) ^ 0x5354554E).to_bytes(4, "big"))


def one_rtp(data: bytes) -> None:
    """Header, extensions and padding of a packet."""
    try:
        length = packets.header_length(data)
    except packets.RtpError:
        return
    header, payload = data[:length], data[length:]
    assert packets.HEADER_LENGTH <= length <= len(data)
    for name in (0, 1, 3, 4, 14, 15, 16, 255, 4351):
        value = packets.extension(header, name)
        assert value is None or value in header
    try:
        content = packets.without_padding(header, payload)
    except packets.RtpError:
        return
    assert payload.startswith(content)


def one_rtcp(data: bytes) -> None:
    """A compound packet."""
    try:
        messages = rtcp.parse(data)
    except rtcp.RtcpError:
        return
    assert len(messages) <= 64 + len(data) // 8
    numbers = sum(len(message.sequences) for message in messages if isinstance(message, rtcp.Nack))
    assert numbers <= 17 * len(data) // 4
    blocks = sum(len(message.blocks) for message in messages if isinstance(message, rtcp.SenderReport | rtcp.ReceiverReport))
    assert 24 * blocks <= len(data)
    for message in messages:
        if isinstance(message, rtcp.Remb | rtcp.Bye):
            assert 4 * len(message.ssrcs) <= len(data)


def one_twcc(data: bytes) -> None:
    """A feedback as it came; then its bytes as a script of arrivals, each of which must be reported once."""
    try:
        feedback = twcc.parse(data)
        assert len(feedback.arrivals) <= min(len(data), feedback.covered)
    except twcc.TwccError:
        pass
    log, sent, reported, now_ms = twcc.ArrivalLog(), set[int](), list[int](), 0.0
    for sequence, step in _ARRIVAL.iter_unpack(data[: len(data) // 4 * 4]):
        now_ms += (step & 0x7FFF) / 8 - 1000
        if sequence not in sent:
            sent.add(sequence)
            log.receive(sequence, now_ms)
        if step & 0x8000:
            reported += _reported(log)
    reported += _reported(log)
    assert sorted(reported) == sorted(sent)


def _reported(log: twcc.ArrivalLog) -> list[int]:
    made = log.feedback(1, 2)
    assert all(len(packet) <= 1200 for packet in made)
    return [number for packet in made for number, _ in twcc.parse(packet).arrivals]


def one_srtp(data: bytes) -> None:
    """A datagram of a stranger, which nothing opens; then its bytes as packets of an authentic client, which open once."""
    for profile, key, salt in ((AES_128_GCM, 16, 12), (AES_128_CM_SHA1, 16, 14)):
        keys = SrtpKeys(profile, bytes(key), bytes(salt), bytes(key), bytes(salt))
        opener, sealer = inbound(keys), outbound(keys)
        for read in (opener.open, opener.open_rtcp):
            try:
                read(data)
            except SrtpError:
                continue
            raise AssertionError("a stranger's packet was opened")
        seen: set[bytes] = set()
        for plain in _cut(data):
            _seal_and_open(opener, sealer, plain, seen)


def _seal_and_open(opener: Inbound, sealer: Outbound, plain: bytes, seen: set[bytes]) -> None:
    try:
        length = packets.header_length(plain)
    except packets.RtpError:
        return
    try:
        sealed = sealer.protect(int.from_bytes(plain[2:4], "big"), plain[:length], plain[length:])
    except SrtpError:  # libsrtp does not send what it takes for too old
        return
    try:
        opened = opener.open(sealed)
    except SrtpError:
        return
    assert opened == (plain[:length], plain[length:])
    assert sealed not in seen
    seen.add(sealed)
    with pytest.raises(SrtpError, match=r"seen before|replay"):  # ours, and libsrtp's own words
        opener.open(sealed)


def _cut(data: bytes) -> Iterator[bytes]:
    """Pieces of the data, each behind a byte with its length; at most 40."""
    position = 0
    for _ in range(40):
        if position >= len(data):
            return
        size = data[position]
        yield data[position + 1 : position + 1 + size]
        position += 1 + size


def one_sdp(data: bytes) -> None:
    """An offer."""
    try:
        offer = sdp.parse(data.decode("utf-8", "replace"))
    except sdp.SdpError:
        return
    assert 0 < len(offer.medias) <= sdp.MEDIAS_MAX
    for media in offer.medias:
        assert len(media.codecs) <= 128
        assert len(media.payload_types) + len(media.ssrcs) + len(media.extensions) + len(media.fingerprints) <= len(data)
        for codec in media.codecs.values():
            assert len(codec.fmtp) <= len(data)
            assert media.rtx_for(codec.payload_type) is None or media.codecs_named("rtx".upper())


def one_fragment(data: bytes) -> None:
    """The body of a PATCH."""
    try:
        fragment = sdp.parse_fragment(data.decode("utf-8", "replace"))
    except sdp.SdpError:
        return
    assert len(fragment.ufrag) <= 256
    assert len(fragment.password) <= 256
    assert fragment.candidates <= len(data) // 11  # a=candidate


def one_h264(data: bytes) -> None:
    """A payload; then its pieces as payloads of a stream."""
    units = list(h264.units(data))
    assert sum(map(len, units)) <= len(data)
    assert h264.is_key(data) in (True, False)
    profile = h264.profile_level_id(data)
    assert profile is None or h264.profile(profile)
    for size in (h264.resolution(data), sps.resolution(b"\x67" + data)):
        assert size is None or all(0 < side <= 16_384 for side in size)
    sets = h264.ParameterSets()
    for payload in [data, *_cut(data)]:
        sets.receive(payload)
        injected = sets.missing_before(payload)
        assert injected is None or (len(injected) <= 1100 and h264.is_key(injected))


def one_vp8(data: bytes) -> None:
    """A payload."""
    size = vp8.resolution(data)
    assert size is None or vp8.is_key(data)
    assert size is None or all(0 < side < 16_384 for side in size)


TARGETS = {
    "stun": Target(one_stun),
    "rtp": Target(one_rtp),
    "rtcp": Target(one_rtcp),
    "twcc": Target(one_twcc),
    "srtp": Target(one_srtp),
    "sdp": Target(one_sdp, TEXT_MAX),
    "fragment": Target(one_fragment, TEXT_MAX),
    "h264": Target(one_h264),
    "vp8": Target(one_vp8),
    "whip": Target(whip.one_input, TEXT_MAX),
}
