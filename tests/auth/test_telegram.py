"""Init data of Telegram's Mini Apps: published examples, and everything that somebody could change about them."""

import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from server.auth import telegram
from server.auth.telegram import (
    AGE_MAX_MS,
    AHEAD_MAX_MS,
    Bot,
    Launch,
    actor_name,
    locale_of,
    parse_fields,
    read_launch,
    signed_by_telegram,
    signed_with_token,
)
from tests.fakes.telegram import BOT_ID, BOT_TOKEN, init_data

# Telegram Mini Apps' documentation of `@tma.js/init-data`, and the tests of `init-data-golang`.
DOCUMENTED = (
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc"
    "&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22"
    "vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%7D"
    "&auth_date=1662771648&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"
)
DOCUMENTED_TOKEN = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
DOCUMENTED_MS = 1_662_771_648_000

# `@telegram-apps/init-data-node`, src/entries/node.test.ts: signed by Telegram itself, hash and signature.
_USER = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22Kibenko%22"
    "%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22allows_write_to_pm%22%3A"
    "true%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoL"
    "DRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private"
)
SIGNED = (
    f"{_USER}&auth_date=1733584787"
    "&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ"
    "&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6"
)
SIGNED_MS = 1_733_584_787_000
SIGNED_BOT = Bot(bot_id=7_342_037_359)
# The same package's web.test.ts, and its documentation.
SIGNED_TOO = (
    f"{_USER}&auth_date=1733509682"
    "&signature=TYJxVcisqbWjtodPepiJ6ghziUL94-KNpG8Pau-X7oNNLNBM72APCpi_RKiUlBvcqo5L-LAxIc3dnTzcZX_PDg"
    "&hash=a433d8f9847bd6addcc563bff7cc82c89e97ea0d90c11fe5729cae6796a36d73"
)
# `init-data-node`, src/web.test.ts: many fields, made by its `sign`.
MANY_FIELDS = (
    "auth_date=1&can_send_after=10000&chat=%7B%22id%22%3A1%2C%22type%22%3A%22group%22%2C%22title%22%3A%22chat-title%22%2C%22photo_url"
    "%22%3A%22group%22%2C%22username%22%3A%22my-chat%22%7D&chat_instance=888&chat_type=sender&hash=47cfa22e72b887cba90c9cb833c5ea0f"
    "599975b6ce7193741844b5c4a4228b40&query_id=QUERY&receiver=%7B%22added_to_attachment_menu%22%3Afalse%2C%22allows_write_to_pm%22%3A"
    "true%2C%22first_name%22%3A%22receiver-first-name%22%2C%22id%22%3A991%2C%22is_bot%22%3Afalse%2C%22is_premium%22%3Atrue%2C%22"
    "language_code%22%3A%22ru%22%2C%22last_name%22%3A%22receiver-last-name%22%2C%22photo_url%22%3A%22receiver-photo%22%2C%22username"
    "%22%3A%22receiver-username%22%7D&start_param=debug&user=%7B%22added_to_attachment_menu%22%3Afalse%2C%22allows_write_to_pm%22%3A"
    "false%2C%22first_name%22%3A%22user-first-name%22%2C%22id%22%3A222%2C%22is_bot%22%3Atrue%2C%22is_premium%22%3Afalse%2C%22"
    "language_code%22%3A%22en%22%2C%22last_name%22%3A%22user-last-name%22%2C%22photo_url%22%3A%22user-photo%22%2C%22username%22%3A%22"
    "user-username%22%7D"
)
# aiogram, tests/test_utils/test_web_app.py: spaces as plus signs, an emoji as escaped surrogates.
WITH_PLUS_SIGNS = (
    "auth_date=1650385342&user=%7B%22id%22%3A+%22123456789%22%2C+%22first_name%22%3A+%22PlaceholderFirstName%22%2C+%22last_name%22%3A"
    "+%22PlaceholderLastName+%5Cud83c%5Cuddfa%5Cud83c%5Cudde6%22%2C+%22username%22%3A+%22Latand%22%2C+%22language_code%22%3A+%22en%22"
    "%2C+%22is_premium%22%3A+%22true%22%2C+%22allows_write_to_pm%22%3A+%22true%22%7D&query_id=test"
    "&hash=b3c8b293f14ad0f7f0abcf769aea1209a72295d30a87eb0e74df855d32e53bfe"
)
SHORT = (
    "auth_date=1650385342&user=%7B%22id%22%3A42%2C%22first_name%22%3A%22Test%22%7D&query_id=test"
    "&hash=46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803"
)


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (DOCUMENTED, DOCUMENTED_TOKEN),
        (MANY_FIELDS, DOCUMENTED_TOKEN),
        (SIGNED, "7342037359:AAFZehRPBRs8Seg40oDjTMIW8uTGPuW1zfQ"),
        (SIGNED_TOO, "7342037359:AAHI25ES9xCOMPokpYoz-p8XVrZUdygo2J4"),
        (WITH_PLUS_SIGNS, "42:TEST"),
        (SHORT, "42:TEST"),
    ],
)
def test_published_hashes_hold_with_their_token_and_with_no_other(text: str, token: str) -> None:
    fields = parse_fields(text)
    assert fields is not None
    assert signed_with_token(fields, token)
    assert not signed_with_token(fields, token + "A")
    assert not signed_with_token(fields, "")


@pytest.mark.parametrize("text", [SIGNED, SIGNED_TOO])
def test_published_signatures_hold_for_their_bot_and_for_no_other(text: str) -> None:
    fields = parse_fields(text)
    assert fields is not None
    assert signed_by_telegram(fields, SIGNED_BOT)
    assert not signed_by_telegram(fields, Bot(bot_id=SIGNED_BOT.bot_id + 1))
    assert not signed_by_telegram(fields, Bot(bot_id=SIGNED_BOT.bot_id, environment="test"))


def test_a_launch_names_the_person() -> None:
    launch = read_launch(DOCUMENTED, Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS)
    assert launch == Launch(279058397, "Vladislav Kibenko", "ru", "")
    assert read_launch(SIGNED, SIGNED_BOT, SIGNED_MS) == Launch(279058397, "Vladislav + - ? / Kibenko", "ru", "")


@pytest.mark.parametrize(
    ("age_ms", "taken"),
    [(0, True), (AGE_MAX_MS, True), (AGE_MAX_MS + 1, False), (-AHEAD_MAX_MS, True), (-AHEAD_MAX_MS - 1, False)],
)
def test_init_data_has_its_time(age_ms: int, taken: bool) -> None:
    launch = read_launch(DOCUMENTED, Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS + age_ms)
    assert isinstance(launch, Launch) if taken else launch == "expired"


@pytest.mark.parametrize(
    ("text", "bot", "at_ms"), [(DOCUMENTED, Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS), (SIGNED, SIGNED_BOT, SIGNED_MS)]
)
def test_no_byte_that_matters_can_be_changed(text: str, bot: Bot, at_ms: int) -> None:
    original = parse_fields(text)
    unsigned = set() if bot.token else {"hash"}
    changed = 0
    for position, byte in enumerate(text):
        for other in ("A", "b", "0", "&", "=", "%", "+", "\n"):
            mutated = text[:position] + other + text[position + 1 :]
            fields = parse_fields(mutated)
            if byte == other or fields is None:
                continue
            same = {key: value for key, value in fields.items() if key not in unsigned}
            if same == {key: value for key, value in (original or {}).items() if key not in unsigned}:
                continue  # another spelling of the same fields: %2C for %2c
            changed += 1
            assert read_launch(mutated, bot, at_ms) == "forged", mutated
    assert changed > 1_500


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "&user=" + quote('{"id":1,"first_name":"Eve"}'),
        lambda text: "user=" + quote('{"id":1,"first_name":"Eve"}') + "&" + text,
        lambda text: text + "&hash=" + "0" * 64,
        lambda text: text + "&start_param=shw_1",
        lambda text: text + "&new_field=",
        lambda text: text + "&",
        lambda text: text.replace("&query_id=", "%0Aquery_id="),
        lambda text: text.replace("hash=", "hush="),
        lambda text: text.split("&hash=")[0],
        lambda text: text.replace("hash=", "hash=%C3%A9"),
        lambda text: text.upper(),
        lambda text: text.replace("hash=c5", "hash=C5"),
        lambda text: "%" + text,
        lambda text: text.replace("Vladislav", "%ff%fe"),
        lambda text: "&".join([text, *(f"a{number}=" for number in range(100))]),
        lambda text: "",
        lambda text: "x",
        lambda text: "hash=",
    ],
)
def test_what_telegram_did_not_write_is_forged(change: object) -> None:
    assert callable(change)
    text = "query_id=" + DOCUMENTED.removeprefix("query_id=")
    text = "auth_date=1662771648&" + text.replace("&auth_date=1662771648", "")
    assert isinstance(read_launch(text, Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS), Launch)
    assert read_launch(change(text), Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS) == "forged"


def test_two_fields_cannot_be_merged_into_one_that_looks_like_them() -> None:
    """`a=1⏎b=2` has the same check string as the fields `a` and `b`, so the hash would hold."""
    assert isinstance(read_launch(DOCUMENTED, Bot(DOCUMENTED_TOKEN), DOCUMENTED_MS), Launch)
    user = DOCUMENTED.split("&")[1]
    moved = DOCUMENTED.replace(f"&{user}", "").replace("query_id=AAHdF6IQAAAAAN0XohDhrOrc", "")
    merged = f"{moved.lstrip('&')}&query_id=AAHdF6IQAAAAAN0XohDhrOrc%0A{user.replace('=', '%3D', 1)}"
    assert parse_fields(merged) is None
    # A key with `=` in it moves the border within a line.
    assert parse_fields("a%3Db=c&d=e") is None


def test_the_order_of_the_fields_means_nothing() -> None:
    reordered = "&".join(reversed(SIGNED.split("&")))
    assert isinstance(read_launch(reordered, SIGNED_BOT, SIGNED_MS), Launch)


def test_a_signature_has_one_spelling() -> None:
    fields = parse_fields(SIGNED)
    assert fields is not None
    assert fields["signature"].endswith("DQ")  # R to Z would decode to the same bytes
    for other in ("DR", "DQ==", "DQ="):
        assert not signed_by_telegram(fields | {"signature": fields["signature"][:-2] + other}, SIGNED_BOT)
    for other in ("", "AAAA", "я", fields["signature"].replace("-", "+")):
        assert not signed_by_telegram(fields | {"signature": other}, SIGNED_BOT)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\n="), min_size=1, max_size=12).filter(
            lambda key: key not in ("hash", "user", "auth_date")
        ),
        st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30),
        max_size=8,
    ),
    st.booleans(),
)
def test_unknown_fields_of_any_text_are_part_of_what_is_signed(extra: dict[str, str], plus: bool) -> None:
    text = init_data(auth_date=1_000, extra=extra, plus=plus)
    assert isinstance(read_launch(text, Bot(BOT_TOKEN), 1_000_000), Launch)
    for key in extra:
        without = {name: value for name, value in extra.items() if name != key}
        signed_hash = (parse_fields(text) or {})["hash"]
        fields = (parse_fields(init_data(auth_date=1_000, extra=without)) or {}) | {"hash": signed_hash}
        assert not signed_with_token(fields, BOT_TOKEN)


@pytest.mark.parametrize(
    "user",
    [
        None,
        "",
        "[]",
        "{",
        '{"id":1}',
        '{"first_name":"A"}',
        '{"id":"1","first_name":"A"}',
        '{"id":0,"first_name":"A"}',
        '{"id":-5,"first_name":"A"}',
        '{"id":9007199254740992,"first_name":"A"}',
        '{"id":1,"first_name":"A","is_bot":true}',
    ],
)
def test_without_a_person_there_is_nobody_to_sign_in(user: str | None) -> None:
    assert read_launch(init_data(auth_date=1_000, user=user), Bot(BOT_TOKEN), 1_000_000) == "forged"


@pytest.mark.parametrize("auth_date", ["", "x", "-1", "1e3", "１０００", "1" * 30, " 1000"])
def test_a_time_that_is_none_is_forged(auth_date: str) -> None:
    assert read_launch(init_data(auth_date=auth_date), Bot(BOT_TOKEN), 1_000_000) == "forged"


def test_a_bot_of_the_test_servers_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key of ours in the place of Telegram's, because only Telegram can sign with its own."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    monkeypatch.setattr(telegram, "PUBLIC_KEYS", {"test": public, "production": telegram.PUBLIC_KEYS["production"]})
    text = init_data(auth_date=1_000, key=key)
    assert isinstance(read_launch(text, Bot(bot_id=BOT_ID, environment="test"), 1_000_000), Launch)
    assert read_launch(text, Bot(bot_id=BOT_ID), 1_000_000) == "forged"
    unsigned = urlencode([pair for pair in (parse_fields(text) or {}).items() if pair[0] != "signature"])
    assert read_launch(unsigned, Bot(bot_id=BOT_ID, environment="test"), 1_000_000) == "forged"


@pytest.mark.parametrize(
    ("language", "locale"), [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("en", "en"), ("de", "en"), ("run", "en"), ("", "ru")]
)
def test_telegrams_language_becomes_one_of_ours(language: str, locale: str) -> None:
    assert locale_of(language, "ru") == locale


@pytest.mark.parametrize(("name", "shown"), [("Ann\u202e Lee ", "Ann Lee"), ("\u200b", "Telegram 0042")])
def test_a_name_is_fit_for_the_chat(name: str, shown: str) -> None:
    assert actor_name(Launch(70_042, name, "", "")) == shown


def test_our_own_hash_is_telegrams() -> None:
    """The fake that other tests sign with, against the documentation's definition."""
    key = hmac.new(b"WebAppData", BOT_TOKEN.encode(), hashlib.sha256).digest()
    user = json.dumps({"id": 5, "first_name": "Ann"}, separators=(",", ":"))
    expected = hmac.new(key, f"auth_date=1000\nuser={user}".encode(), hashlib.sha256).hexdigest()
    assert init_data(auth_date=1_000, user=user).endswith(f"hash={expected}")
