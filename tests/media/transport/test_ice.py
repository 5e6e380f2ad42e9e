"""ICE-lite: who is believed, where media goes, when consent ends."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from media.transport import stun
from media.transport.ice import CONSENT_MS, Address, Answer, Credentials, IceLite

HOME, AWAY = ("192.0.2.1", 1000), ("198.51.100.9", 2000)


V4, V6, MAPPED = ("192.0.2.1", 1), ("2001:db8::1", 1), ("::ffff:192.0.2.1", 1)
TRANSACTIONS = (number.to_bytes(12, "big") for number in itertools.count())


def check(ice: IceLite, address: Address, now_ms: float, *, nominate: bool = False, credentials: Credentials | None = None,
          transaction: bytes | None = None) -> Answer | None:  # fmt: skip
    used = credentials or ice.local
    request = stun.binding_request(
        transaction or next(TRANSACTIONS), f"{used.ufrag}:them", used.password.encode(), use_candidate=nominate
    )
    return ice.check(stun.parse(request), address, now_ms)


def path(ice: IceLite) -> object:
    """Where media goes now."""
    return ice.address


def test_the_first_valid_check_gives_the_address() -> None:
    ice = IceLite(0)
    answer = check(ice, HOME, 10)
    assert answer is not None
    assert answer.valid
    assert ice.address == HOME


def test_a_check_with_another_password_changes_nothing() -> None:
    ice = IceLite(0)
    assert check(ice, HOME, 10, credentials=Credentials(ice.local.ufrag, "x" * 32)) is None
    assert check(ice, HOME, 10, credentials=Credentials("other", ice.local.password)) is None
    assert ice.address is None
    assert ice.expired(CONSENT_MS + 1)


def test_a_nomination_moves_the_session() -> None:
    ice = IceLite(0)
    check(ice, HOME, 0, nominate=True)
    check(ice, AWAY, 100)
    assert ice.address == HOME
    check(ice, AWAY, 200, nominate=True)
    assert ice.address == AWAY


def test_a_silent_address_is_left_for_one_that_checks() -> None:
    ice = IceLite(0)
    check(ice, HOME, 0, nominate=True)
    for now_ms in (500.0, 1000.0, 2900.0):
        check(ice, AWAY, now_ms)
        assert ice.address == HOME
    check(ice, AWAY, 3100)
    assert ice.address == AWAY


def test_an_address_that_sends_media_is_not_silent() -> None:
    ice = IceLite(0)
    check(ice, HOME, 0, nominate=True)
    ice.heard(HOME, 3000)
    check(ice, AWAY, 3500)
    assert ice.address == HOME


def test_consent_ends_after_nine_seconds_of_silence() -> None:
    ice = IceLite(0)
    check(ice, HOME, 1000)
    assert not ice.expired(1000 + CONSENT_MS)
    assert ice.expired(1001 + CONSENT_MS)


def test_after_a_restart_the_old_credentials_hold_until_the_new_ones_are_used() -> None:
    ice = IceLite(0)
    old = ice.local
    check(ice, HOME, 0, nominate=True)
    new = ice.restart()
    assert check(ice, HOME, 10, credentials=old) is not None
    assert ice.address == HOME
    assert check(ice, AWAY, 20, credentials=new) is not None
    assert ice.address == AWAY
    assert check(ice, HOME, 30, credentials=old) is None


def test_a_peer_in_the_wrong_role_is_told() -> None:
    ice = IceLite(0)
    message = stun.parse(stun.binding_request(bytes(12), f"{ice.local.ufrag}:x", ice.local.password.encode()))
    message.attributes[0x8029] = bytes(8)
    answer = ice.check(message, HOME, 0)
    assert answer is not None
    assert not answer.valid
    assert stun.parse(answer.reply).kind == stun.BINDING_ERROR


def test_a_copied_check_from_another_address_moves_nothing_but_its_sender_may_repeat_it() -> None:
    ice = IceLite(0)
    check(ice, HOME, 0, nominate=True, transaction=b"transaction1")
    assert check(ice, AWAY, 5_000, nominate=True, transaction=b"transaction1") is None
    assert ice.address == HOME
    assert ice.expired(CONSENT_MS + 1)  # a copy proves nothing
    assert check(ice, HOME, 5_000, nominate=True, transaction=b"transaction1") is not None


def test_what_is_remembered_of_transactions_has_a_limit() -> None:
    ice = IceLite(0)
    for number in range(1000):
        check(ice, HOME, number)
    assert len(ice._transactions) == 64


class Connection:
    """A path over TCP."""

    def __init__(self, remote: tuple[str, int]) -> None:
        self.remote = remote
        self.congested = False

    def send(self, packets: list[bytes], *, urgent: bool = False) -> int:
        return len(packets)

    def close(self) -> None:
        return


def test_a_connection_is_another_path_than_udp_from_the_same_address_and_port() -> None:
    ice, connection = IceLite(0), Connection(HOME)
    check(ice, HOME, 0, nominate=True)
    check(ice, connection, 10, nominate=True)
    assert path(ice) is connection
    check(ice, HOME, 20, nominate=True)
    assert path(ice) == HOME


def test_a_lost_connection_leaves_the_session_to_the_next_check() -> None:
    ice, connection = IceLite(0), Connection(HOME)
    check(ice, connection, 0, nominate=True)
    ice.lost(Connection(HOME))
    assert path(ice) is connection
    ice.lost(connection)
    assert path(ice) is None
    check(ice, AWAY, 10)
    assert path(ice) == AWAY


def test_the_path_of_a_check_is_in_its_answer() -> None:
    for address in (HOME, Connection(HOME)):
        ice = IceLite(0)
        answer = check(ice, address, 0)
        assert answer is not None
        assert ice.address is address
        value = stun.parse(answer.reply).attributes[0x0020]
        assert int.from_bytes(value[2:4], "big") ^ stun.COOKIE >> 16 == HOME[1]


@given(
    theirs=st.text("abcdefgh0123456789+/", min_size=4, max_size=256),
    controlled=st.booleans(),
    over=st.sampled_from([V4, V6, MAPPED]),
)
def test_an_answer_is_never_longer_than_its_request(theirs: str, controlled: bool, over: tuple[str, int]) -> None:
    ice = IceLite(0)
    request = stun.binding_request(bytes(12), f"{ice.local.ufrag}:{theirs}", ice.local.password.encode())
    message = stun.parse(request)
    if controlled:
        message.attributes[0x8029] = bytes(8)
        request += bytes(12)  # as long as the attribute would have made it
    answer = ice.check(message, over, 0)
    assert answer is not None
    assert len(answer.reply) <= len(request)
