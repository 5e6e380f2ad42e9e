"""STUN against aioice's implementation, and against any bytes."""

import pytest
from aioice import stun as theirs
from hypothesis import given
from hypothesis import strategies as st

from media.transport import stun
from media.transport.stun import StunError

PASSWORD = b"p" * 32
TRANSACTION = bytes(range(12))


def check(username: str = "ours:theirs", password: bytes = PASSWORD, **attributes: object) -> bytes:
    message = theirs.Message(theirs.Method.BINDING, theirs.Class.REQUEST, TRANSACTION)
    message.attributes["USERNAME"] = username
    message.attributes.update({name.replace("_", "-"): value for name, value in attributes.items()})
    message.add_message_integrity(password)
    return bytes(message)


def test_a_check_by_aioice_is_read() -> None:
    message = stun.parse(check(PRIORITY=1, ICE_CONTROLLING=5, USE_CANDIDATE=None))
    assert (message.kind, message.transaction, message.username) == (stun.BINDING_REQUEST, TRANSACTION, "ours:theirs")
    assert message.use_candidate
    assert not message.controlled
    assert message.integrity_ok(PASSWORD)
    assert not message.integrity_ok(b"q" * 32)


@pytest.mark.parametrize("address", [("192.0.2.7", 40_000), ("2001:db8::7", 5)])
def test_aioice_reads_our_answer(address: tuple[str, int]) -> None:
    message = theirs.parse_message(stun.binding_response(TRANSACTION, address, PASSWORD))
    assert message.check_message_integrity(PASSWORD)
    assert message.attributes["XOR-MAPPED-ADDRESS"] == address
    assert message.message_class == theirs.Class.RESPONSE


@pytest.mark.parametrize(
    ("seen", "told"), [("::ffff:192.0.2.7", "192.0.2.7"), ("fe80::7%2", "fe80::7"), ("2001:db8::7", "2001:db8::7")]
)
def test_a_peer_is_told_its_address_as_it_knows_it(seen: str, told: str) -> None:
    message = theirs.parse_message(stun.binding_response(TRANSACTION, (seen, 7), PASSWORD))
    assert message.attributes["XOR-MAPPED-ADDRESS"] == (told, 7)


def test_aioice_reads_our_error() -> None:
    message = theirs.parse_message(stun.binding_error(TRANSACTION, 487, "Role Conflict", PASSWORD))
    assert message.check_message_integrity(PASSWORD)
    assert message.error_code == 487


def test_our_request_is_read_by_both() -> None:
    data = stun.binding_request(TRANSACTION, "a:b", PASSWORD, use_candidate=True)
    assert stun.parse(data).integrity_ok(PASSWORD)
    assert theirs.parse_message(data).check_message_integrity(PASSWORD)


@given(st.integers(0, 79), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, change: int) -> None:
    data = bytearray(check())
    data[position % len(data)] ^= change
    with pytest.raises(StunError):
        stun.parse(bytes(data))


@given(st.binary(max_size=120) | st.binary(max_size=100).map(lambda tail: check()[:20] + tail))
def test_any_bytes_are_a_message_or_a_stun_error(data: bytes) -> None:
    with pytest.raises(StunError):
        stun.parse(data)


def test_attributes_behind_the_signature_do_not_count() -> None:
    signed = theirs.Message(theirs.Method.BINDING, theirs.Class.REQUEST, TRANSACTION)
    signed.attributes["USERNAME"] = "ours:theirs"
    signed.add_message_integrity(PASSWORD)
    del signed.attributes["FINGERPRINT"]
    signed.attributes["USE-CANDIDATE"] = None
    signed.add_fingerprint()
    message = stun.parse(bytes(signed))
    assert message.integrity_ok(PASSWORD)
    assert not message.use_candidate


def test_a_message_without_a_signature_is_not_the_peers() -> None:
    bare = theirs.Message(theirs.Method.BINDING, theirs.Class.REQUEST, TRANSACTION, {"USERNAME": "ours:theirs"})
    bare.add_fingerprint()
    assert not stun.parse(bytes(bare)).integrity_ok(PASSWORD)
