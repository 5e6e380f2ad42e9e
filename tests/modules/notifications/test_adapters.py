"""Pushes as they leave: the vector of RFC 8291, real requests to a push service, and addresses that nothing is sent to."""

import asyncio
import contextlib
import email.utils
import socket
from typing import Any

import httpcore
import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from server.http.application import STATIC_FOLDER
from server.http.guarded import GuardedBackend, is_public
from server.kernel.words import LOCALES
from server.modules.notifications import rules
from server.modules.notifications.adapters import Gone, Later, Push, Rejected, Taken
from server.modules.notifications.adapters.encryption import CURVE, TEXT_BYTES_MAX, decode, encode, encrypt, read_keys
from server.modules.notifications.adapters.http_sender import HttpPushSender, not_before_ms
from server.modules.notifications.adapters.vapid import new_private_key, public_key
from server.modules.notifications.adapters.words import PushWords
from server.modules.notifications.jobs import PushText
from tests.fakes.clock import FakeClock
from tests.fakes.push_service import Browser, FakePushService
from tests.http.fake_media import served

# RFC 8291, appendix A
VECTOR_TEXT = b"When I grow up, I want to be a watermelon"
VECTOR_SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
VECTOR_RECEIVER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
VECTOR_SALT = "DGv6ra1nlYgDCS1FRnbzlw"
VECTOR_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
VECTOR_BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6"
    "cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_standard_is_encrypted_to_the_same_bytes() -> None:
    sender = ec.derive_private_key(int.from_bytes(decode(VECTOR_SENDER), "big"), CURVE)
    body = encrypt(VECTOR_TEXT, VECTOR_RECEIVER, VECTOR_AUTH, key=sender, salt=decode(VECTOR_SALT))
    assert encode(body) == VECTOR_BODY


@given(text=st.binary(max_size=TEXT_BYTES_MAX))
def test_a_browser_reads_what_was_sent_and_nobody_else_does(text: bytes) -> None:
    browser, other = Browser("a", ""), Browser("b", "")
    body = encrypt(text, browser.keys()["p256dh"], browser.keys()["auth"])
    assert len(body) <= 4_096
    assert browser.decrypt(body) == text
    other.secret = browser.secret
    with pytest.raises(InvalidTag):
        other.decrypt(body)


def test_two_pushes_of_one_text_have_nothing_in_common() -> None:
    keys = Browser("a", "").keys()
    first, second = (encrypt(b"x" * 100, keys["p256dh"], keys["auth"]) for _ in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    assert first[86:] != second[86:]


def test_a_text_that_no_record_holds_is_refused() -> None:
    keys = Browser("a", "").keys()
    with pytest.raises(ValueError, match="3993 bytes"):
        encrypt(b"x" * (TEXT_BYTES_MAX + 1), keys["p256dh"], keys["auth"])


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        (encode(b"\x04" + b"\x01" * 64), VECTOR_AUTH),  # not on the curve
        (encode(b"\x04" + b"\x01" * 63), VECTOR_AUTH),
        (VECTOR_RECEIVER, encode(b"short")),
        (VECTOR_RECEIVER, "***"),
        ("ключ", VECTOR_AUTH),
    ],
)
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(ValueError):
        read_keys(p256dh, auth)


def a_push(service: FakePushService, browser: Browser, private_key: str, text: bytes = b'{"title":"t"}') -> Push:
    keys = browser.keys()
    return Push(
        endpoint=service.endpoint(browser),
        p256dh=keys["p256dh"],
        auth=keys["auth"],
        private_key=private_key,
        text=text,
        ttl_s=60,
        urgency="high",
        topic="t" * 32,
    )


def a_sender(clock: FakeClock, *trusted: str, deadline_s: float = 10.0) -> HttpPushSender:
    return HttpPushSender(clock, "mailto:shop@example.org", [each.removeprefix("http://") for each in trusted], deadline_s)


async def test_a_push_is_taken_with_its_time_to_live_urgency_and_topic(service: FakePushService, clock: FakeClock) -> None:
    service.now_s = clock.now_ms() // 1_000
    key = new_private_key()
    browser = service.subscribe("a", public_key(key))
    sender = a_sender(clock, service.origin)
    assert await sender.send(a_push(service, browser, key)) == Taken()
    assert browser.shown == [{"title": "t"}]
    (headers,) = browser.headers
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("60", "high", "t" * 32)
    await sender.close()


async def test_a_key_that_the_browser_does_not_know_is_rejected(service: FakePushService, clock: FakeClock) -> None:
    service.now_s = clock.now_ms() // 1_000
    browser = service.subscribe("a", public_key(new_private_key()))
    sender = a_sender(clock, service.origin)
    assert await sender.send(a_push(service, browser, new_private_key())) == Rejected("HTTP 403")
    await sender.close()


async def test_what_a_push_service_says_becomes_an_answer(service: FakePushService, clock: FakeClock) -> None:
    service.now_s = clock.now_ms() // 1_000
    key = new_private_key()
    browser = service.subscribe("a", public_key(key))
    sender = a_sender(clock, service.origin)
    moved = (301, {"location": service.endpoint(browser)})
    browser.answers.extend([404, 410, 500, 503, (429, {"retry-after": "17"}), 400, moved])
    answers = [await sender.send(a_push(service, browser, key)) for _ in range(7)]
    assert answers == [
        Gone(),
        Gone(),
        Later("HTTP 500"),
        Later("HTTP 503"),
        Later("HTTP 429", clock.now_ms() + 17_000),
        Rejected("HTTP 400"),
        Rejected("HTTP 301"),
    ]
    assert browser.shown == []
    assert browser.asked == 7, "a redirection is not followed"
    await sender.close()


async def test_silence_and_a_closed_door_are_for_later(service: FakePushService, clock: FakeClock) -> None:
    key = new_private_key()
    browser = service.subscribe("a", public_key(key))
    browser.silent = True
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        sender = a_sender(clock, service.origin, closed, deadline_s=0.2)
        answer = await sender.send(a_push(service, browser, key))
        assert isinstance(answer, Later), answer
        service.origin = closed
        answer = await sender.send(a_push(service, browser, key))
        assert isinstance(answer, Later), answer
    await sender.close()


async def test_an_answer_without_end_is_cut_off(clock: FakeClock) -> None:
    async def endless(scope: object, receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": []})
        for _ in range(10_000):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})

    async with served(endless) as url:
        service = FakePushService(0, url)
        sender = a_sender(clock, url)
        async with asyncio.timeout(10):
            assert await sender.send(a_push(service, Browser("a", ""), new_private_key())) == Taken()
        await sender.close()


async def test_an_answer_that_arrives_drop_by_drop_has_the_same_deadline(clock: FakeClock) -> None:
    hung_up = asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(b"HTTP/1.1 201 Created\r\nx-slow: ")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        hung_up.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server, asyncio.timeout(20):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        sender = a_sender(clock, url, deadline_s=0.3)
        answer = await sender.send(a_push(FakePushService(0, url), Browser("a", ""), new_private_key()))
        assert isinstance(answer, Later), answer
        await sender.close()
        await hung_up.wait()


async def test_what_was_taken_is_not_sent_again_because_the_answer_s_body_hangs(clock: FakeClock) -> None:
    async def hang(scope: object, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    async with served(hang) as url:
        sender = a_sender(clock, url, deadline_s=4.0)
        assert await sender.send(a_push(FakePushService(0, url), Browser("a", ""), new_private_key())) == Taken()
        await sender.close()


async def test_nothing_is_sent_to_an_address_that_is_not_public(service: FakePushService, clock: FakeClock) -> None:
    browser = service.subscribe("a", "")
    sender = a_sender(clock)
    answer = await sender.send(a_push(service, browser, new_private_key()))
    assert isinstance(answer, Later)
    assert "not public" in answer.reason
    assert browser.asked == 0
    await sender.close()


async def test_a_name_is_looked_up_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    async def answer(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        address = "93.184.215.14" if len(looked_up) == 1 else "127.0.0.1"  # DNS rebinding
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer)
    connected: list[str] = []

    async def connect(self: object, host: str, *_: object) -> httpcore.AsyncNetworkStream:
        connected.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(httpcore.ConnectError, match="far away"):
        await GuardedBackend(()).connect_tcp("push.example", 443)
    assert (looked_up, connected) == (["push.example"], ["93.184.215.14"])
    with pytest.raises(httpcore.ConnectError, match="not public"):
        await GuardedBackend(()).connect_tcp("push.example", 443)
    assert connected == ["93.184.215.14"]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.31.255.255", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:7f00:1::", False),
    ],
)
def test_private_addresses_are_told_from_public_ones(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_a_pause_is_read_in_both_of_its_forms() -> None:
    now_ms = 1_800_000_000_000
    assert not_before_ms("120", now_ms) == now_ms + 120_000
    assert not_before_ms(email.utils.formatdate(now_ms / 1_000 + 60, usegmt=True), now_ms) == now_ms + 60_000
    assert [not_before_ms(text, now_ms) for text in ("", "soon", "-5", "1.5", "９")] == [0] * 5


PARAMS = {
    **{"title": "Dresses", "host": "Hanna", "text": "Is it wool?", "reason": "sold_out"},
    **{"carrier": "DHL", "tracking": "00340", "tracked": "yes", "amount_minor": "1990", "currency": "EUR"},
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", sorted(rules.POSTS))
def test_every_kind_of_notification_has_words_that_are_complete(kind: str, locale: str) -> None:
    title, body = PushWords(STATIC_FOLDER / "locales").of(kind, PARAMS, locale)
    assert title
    assert body
    assert "{" not in title + body
    assert any(each in title + body for each in ("Dresses", "Hanna", "Is it wool?"))


def test_the_longest_words_fit_into_one_push() -> None:
    words = PushWords(STATIC_FOLDER / "locales")
    # A control character is the longest in JSON.
    lengths = dict.fromkeys(("title", "host", "text", "reason"), rules.TEXT_LENGTH_MAX)
    lengths |= dict.fromkeys(("carrier", "tracking"), rules.PARCEL_LENGTH_MAX)
    params = PARAMS | {name: "\x01" * length for name, length in lengths.items()}
    for kind in rules.POSTS:
        for locale in LOCALES:
            title, body = words.of(kind, params, locale)
            text = PushText(title=title, body=body, link="/" * 300, tag="t" * 40, locale=locale, at_ms=10**13)
            assert len(msgspec.json.encode(text)) <= TEXT_BYTES_MAX, kind


@pytest.mark.parametrize(
    ("amount_minor", "currency", "locale", "text"),
    [
        ("1990", "EUR", "en", "€19.90"),
        ("1990", "JPY", "en", "¥1,990"),
        ("1990", "KWD", "en", "KWD1.990"),
        ("123450", "RUB", "ru", "1 234,50 ₽"),
    ],
)
def test_a_push_names_an_amount_with_the_digits_of_its_currency(amount_minor: str, currency: str, locale: str, text: str) -> None:
    params = {"title": "Dress", "amount_minor": amount_minor, "currency": currency}
    title, body = PushWords(STATIC_FOLDER / "locales").of("order_refunded", params, locale)
    assert text in " ".join((title + body).split())


def test_a_parcel_without_a_number_is_named_by_its_carrier_alone() -> None:
    words = PushWords(STATIC_FOLDER / "locales")
    params = {"title": "Dress", "carrier": "DHL", "tracking": "", "tracked": "no"}
    assert words.of("order_shipped", params, "en")[1] == "“Dress” travels with DHL."
    assert (
        words.of("order_shipped", {**params, "tracking": "00340", "tracked": "yes"}, "en")[1]
        == "“Dress” travels with DHL, 00340."
    )


def test_a_parameter_that_is_missing_does_not_cost_the_push() -> None:
    title, body = PushWords(STATIC_FOLDER / "locales").of("outbid", {}, "en")
    assert title
    assert body
    with pytest.raises(KeyError):
        PushWords(STATIC_FOLDER / "locales").of("unheard_of", {}, "en")
