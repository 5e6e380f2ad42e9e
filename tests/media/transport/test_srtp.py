"""SRTP and SRTCP, bit for bit against libsrtp, through roll-overs and losses; replays and forgeries are refused."""

import pylibsrtp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import rtcp
from media.transport.srtp import (
    AES_128_CM_SHA1,
    AES_128_GCM,
    AES_256_GCM,
    Replayed,
    ReplayWindow,
    SrtpError,
    SrtpKeys,
    inbound,
    outbound,
)

PROFILES = {
    AES_128_GCM: (16, 12, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM),
    AES_256_GCM: (32, 12, pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_256_GCM),
    AES_128_CM_SHA1: (16, 14, pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80),
}
INBOUND, OUTBOUND = pylibsrtp.Policy.SSRC_ANY_INBOUND, pylibsrtp.Policy.SSRC_ANY_OUTBOUND
names = pytest.mark.parametrize("name", PROFILES)
gcm = pytest.mark.parametrize("name", [AES_128_GCM, AES_256_GCM])


def keys(name: str) -> SrtpKeys:
    """Both directions with the same key, so that what is sent can be opened."""
    key_length, salt_length, _ = PROFILES[name]
    key, salt = bytes(range(key_length)), bytes(range(100, 100 + salt_length))
    return SrtpKeys(name, key, salt, key, salt)


def libsrtp(name: str, ssrc_type: int) -> pylibsrtp.Session:
    given_keys = keys(name)
    policy = pylibsrtp.Policy(key=given_keys.send_key + given_keys.send_salt, ssrc_type=ssrc_type, srtp_profile=PROFILES[name][2])
    policy.allow_repeat_tx = True
    policy.window_size = 1024
    return pylibsrtp.Session(policy)


def header(sequence: int, ssrc: int = 77, *, extended: bool = False) -> bytes:
    first = b"\x90\x60" if extended else b"\x80\x60"
    fixed = first + (sequence & 0xFFFF).to_bytes(2, "big") + bytes(4) + ssrc.to_bytes(4, "big")
    return fixed + b"\xbe\xde\x00\x01\x10A\x00\x00" if extended else fixed


@gcm
@given(payload=st.binary(max_size=1200), ssrc=st.integers(1, 0xFFFFFFFF), start=st.integers(0, 0xFFFF), extended=st.booleans())
def test_packets_are_those_of_libsrtp_through_a_roll_over(
    name: str, payload: bytes, ssrc: int, start: int, extended: bool
) -> None:
    ours = outbound(keys(name))
    theirs = libsrtp(name, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    for step in (0, 20_000, 40_000, 60_000, 80_000):
        index = start + step
        head = header(index, ssrc, extended=extended)
        assert ours.protect(index, head, payload) == theirs.protect(head + payload)


@gcm
@given(body=st.binary(max_size=400).map(lambda data: data + bytes(-len(data) % 4)))
def test_rtcp_is_that_of_libsrtp(name: str, body: bytes) -> None:
    ours = outbound(keys(name))
    theirs = libsrtp(name, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    data = b"\x80\xc9" + (1 + len(body) // 4).to_bytes(2, "big") + b"\x00\x00\x00\x09" + body
    opener = inbound(keys(name))
    # libsrtp counts SRTCP from 1, we from 0; both are allowed, so the first of ours is only read, by us.
    assert opener.open_rtcp(ours.protect_rtcp(data)) == data
    for _ in range(3):
        sealed = ours.protect_rtcp(data)
        assert sealed == theirs.protect_rtcp(data)
        assert opener.open_rtcp(sealed) == data


@names
def test_what_libsrtp_sealed_is_opened_through_roll_overs_and_losses(name: str) -> None:
    theirs = libsrtp(name, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)
    opener = inbound(keys(name))
    for sequence in range(60_000, 60_000 + 3 * 65_536, 4_999):
        head = header(sequence, extended=True)
        assert opener.open(theirs.protect(head + b"content")) == (head, b"content")


@names
@given(near=st.integers(-500, 0), order=st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_reordered_packets_around_a_roll_over_are_opened_as_libsrtp_opens_them(name: str, near: int, order: list[int]) -> None:
    seal, ours, theirs = libsrtp(name, OUTBOUND), inbound(keys(name)), libsrtp(name, INBOUND)
    start = 0x10000 + near
    sealed = {index: seal.protect(header(index) + index.to_bytes(4, "big")) for index in range(start - 600, start + 501)}
    for index in (start - 600, *(start + step for step in order)):
        expected: bytes | None
        try:
            expected = theirs.unprotect(sealed[index])
        except pylibsrtp.Error:
            expected = None
        try:
            opened = b"".join(ours.open(sealed[index]))
        except Replayed:
            assert expected is None
        else:
            assert opened == expected == header(index) + index.to_bytes(4, "big")


@names
def test_what_we_sealed_is_opened_by_libsrtp(name: str) -> None:
    sealer = outbound(keys(name))
    theirs = libsrtp(name, pylibsrtp.Policy.SSRC_ANY_INBOUND)
    for index in range(65_000, 66_000, 37):
        sealed = sealer.protect(index, header(index), b"content")
        assert len(sealed) == 12 + 7 + sealer.tag_length
        assert theirs.unprotect(sealed) == header(index) + b"content"
    assert theirs.unprotect_rtcp(sealer.protect_rtcp(rtcp.pli(1, 2))) == rtcp.pli(1, 2)


@names
def test_a_replay_is_refused(name: str) -> None:
    sealer, opener = outbound(keys(name)), inbound(keys(name))
    packet = sealer.protect(5, header(5), b"content")
    feedback = sealer.protect_rtcp(rtcp.pli(1, 2))
    opener.open(packet)
    opener.open_rtcp(feedback)
    with pytest.raises(Replayed):
        opener.open(packet)
    with pytest.raises(Replayed):
        opener.open_rtcp(feedback)


@names
def test_rtcp_that_libsrtp_sealed_is_opened_in_any_order_once(name: str) -> None:
    seal, opener = libsrtp(name, OUTBOUND), inbound(keys(name))
    sealed = [seal.protect_rtcp(rtcp.pli(1, number)) for number in range(10)]
    for number in (3, 1, 9, 0):
        assert opener.open_rtcp(sealed[number]) == rtcp.pli(1, number)
    with pytest.raises(Replayed):
        opener.open_rtcp(sealed[1])


@names
def test_sources_have_roll_over_counters_of_their_own(name: str) -> None:
    seal, opener = libsrtp(name, OUTBOUND), inbound(keys(name))
    for sequence in range(65_000, 65_000 + 3_000, 100):
        for ssrc, shift in ((1, 0), (2, 30_000), (3, 64_000)):
            head = header(sequence + shift, ssrc)
            assert opener.open(seal.protect(head + b"content")) == (head, b"content")


@names
def test_a_late_packet_is_opened_once(name: str) -> None:
    sealer, opener = outbound(keys(name)), inbound(keys(name))
    late = sealer.protect(100, header(100), b"late")
    for index in (99, 101, 600):
        opener.open(sealer.protect(index, header(index), b"content"))
    assert opener.open(late)[1] == b"late"
    with pytest.raises(SrtpError):
        opener.open(late)


@gcm
@given(position=st.integers(0, 10_000), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed_and_leaves_no_trace(name: str, position: int, change: int) -> None:
    sealer, opener = outbound(keys(name)), inbound(keys(name))
    sealed = sealer.protect(5, header(5), b"content")
    forged = bytearray(sealed)
    forged[position % len(sealed)] ^= change
    with pytest.raises(SrtpError):
        opener.open(bytes(forged))
    assert opener.open(sealed)[1] == b"content"


@names
@given(data=st.binary(max_size=100) | st.binary(max_size=80).map(lambda tail: b"\x80\xc9" + tail))
def test_any_bytes_are_refused_by_name(name: str, data: bytes) -> None:
    opener = inbound(keys(name))
    with pytest.raises(SrtpError):
        opener.open(data)
    with pytest.raises(SrtpError):
        opener.open_rtcp(data)


@names
def test_a_peer_cannot_open_more_sources_than_the_limit(name: str) -> None:
    ours, theirs = inbound(keys(name)), libsrtp(name, OUTBOUND)
    opened = 0
    for ssrc in range(1, 200):
        try:
            ours.open(theirs.protect(header(1, ssrc) + b"x"))
            opened += 1
        except SrtpError:
            assert opened == 32
    assert opened == 32
    assert ours.open(theirs.protect(header(2, 1) + b"y"))[1] == b"y", "those that are known go on"


def test_a_packet_too_large_for_libsrtp_is_an_srtp_error() -> None:
    with pytest.raises(SrtpError):
        outbound(keys(AES_128_CM_SHA1)).protect(1, header(1), bytes(1400))


@given(st.lists(st.integers(0, 3000), max_size=300))
def test_the_replay_window_lets_every_index_in_once(indexes: list[int]) -> None:
    window, seen = ReplayWindow(), set[int]()
    for index in indexes:
        try:
            window.check(index)
        except Replayed:
            assert index in seen or index <= max(seen) - 1024
        else:
            assert index not in seen
            window.accept(index)
            seen.add(index)
