"""ICE-lite: who is believed, where media goes, when consent ends."""

from media.transport import stun
from media.transport.ice import CONSENT_MS, Answer, Credentials, IceLite

HOME, AWAY = ("192.0.2.1", 1000), ("198.51.100.9", 2000)


def check(ice: IceLite, address: tuple[str, int], now_ms: float, *, nominate: bool = False, credentials: Credentials | None = None
) -> Answer | None:  # fmt: skip
    used = credentials or ice.local
    request = stun.binding_request(bytes(12), f"{used.ufrag}:them", used.password.encode(), use_candidate=nominate)
    return ice.check(stun.parse(request), address, now_ms)


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
