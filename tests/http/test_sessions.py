"""`/api/auth/…` through the application: cookies, tickets, the owner's key."""

import httpx
import pytest

from server.auth.sessions import ABSOLUTE_MS, IDLE_MS
from server.kernel.config import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.telegram import BOT_TOKEN, init_data
from tests.http.conftest import World
from tests.http.fake_media import SECRET
from tests.http.test_api import problem

ACCOUNT = {"email": "ann@example.org", "password": "correct horse", "name": "Ann", "locale": "ru"}


async def test_a_guest_enters_with_a_cookie_that_scripts_cannot_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/guest", json={"name": "Ann"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("efir_session=")
    assert cookie.endswith(f"; Path=/; Max-Age={ABSOLUTE_MS // 1000}; HttpOnly; SameSite=Lax")
    me = await client.get("/api/auth/me")
    assert me.json() == answer.json()
    assert (me.json()["kind"], me.json()["name"], me.json()["roles"], me.json()["locale"]) == ("guest", "Ann", [], "en")


@pytest.mark.parametrize("settings", [Settings(public_url="https://shop.example", internal_secret=SECRET)])
async def test_over_https_the_cookie_is_secure_and_the_browser_is_told_to_stay_there(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/guest", json={"name": "Ann"})
    assert answer.headers["set-cookie"].startswith("__Host-efir_session=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert "max-age" in answer.headers["strict-transport-security"]
    assert (await client.get("/api/auth/me")).status_code == 200


async def test_registering_keeps_the_guests_id_and_changes_the_cookie(client: httpx.AsyncClient) -> None:
    guest = (await client.post("/api/auth/guest", json={"name": "Ann"})).json()
    before = client.cookies["efir_session"]
    account = (await client.post("/api/auth/register", json=ACCOUNT)).json()
    assert account == guest | {"kind": "account", "locale": "ru"}
    assert client.cookies["efir_session"] != before
    problem(await client.get("/api/auth/me", headers={"cookie": f"efir_session={before}"}), 401, "not_signed_in")


async def test_a_taken_email_and_wrong_credentials_are_problems(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/register", json=ACCOUNT)
    assert problem(await client.post("/api/auth/register", json=ACCOUNT), 409, "email_taken")["field"] == "/email"
    wrong = {"email": "ann@example.org", "password": "wrong"}
    problem(await client.post("/api/auth/login", json=wrong), 401, "wrong_credentials")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "short"}, "/password"),
        ({"email": "nobody"}, "/email"),
        ({"name": ""}, "/name"),
        ({"name": "\u200b"}, "/name"),
        ({"locale": "xx"}, "/locale"),
        ({"role": "host"}, "/role"),
    ],
)
async def test_a_bad_field_is_named(client: httpx.AsyncClient, change: dict[str, str], pointer: str) -> None:
    assert problem(await client.post("/api/auth/register", json=ACCOUNT | change), 422, "invalid_field")["field"] == pointer


async def test_too_many_attempts_are_told_when_to_come_back(client: httpx.AsyncClient, clock: FakeClock) -> None:
    wrong = {"email": "ann@example.org", "password": "wrong"}
    for _ in range(6):
        problem(await client.post("/api/auth/login", json=wrong), 401, "wrong_credentials")
    answer = await client.post("/api/auth/login", json=wrong)
    problem(answer, 429, "rate_limited")
    clock.advance(int(answer.headers["retry-after"]) * 1000)
    problem(await client.post("/api/auth/login", json=wrong), 401, "wrong_credentials")


async def test_logging_out_forgets_the_cookie_and_ends_the_session(client: httpx.AsyncClient) -> None:
    await client.post("/api/auth/guest", json={"name": "Ann"})
    token = client.cookies["efir_session"]
    assert (await client.post("/api/auth/logout")).status_code == 204
    assert "efir_session" not in client.cookies
    problem(await client.get("/api/auth/me", headers={"cookie": f"efir_session={token}"}), 401, "not_signed_in")
    assert (await client.post("/api/auth/logout")).status_code == 204


async def test_a_session_ends_by_itself(client: httpx.AsyncClient, clock: FakeClock) -> None:
    await client.post("/api/auth/guest", json={"name": "Ann"})
    clock.advance(IDLE_MS)
    problem(await client.get("/api/auth/me"), 401, "not_signed_in")


async def test_the_setup_key_is_used_up_by_the_post(world: World) -> None:
    key = await world.auth.setup_key()
    claim = {"key": key, "email": "owner@example.org", "password": "correct horse", "name": "Olga"}
    answer = await world.client.post("/api/auth/claim", json=claim)
    assert answer.json()["roles"] == ["host", "owner"]
    assert (await world.client.post("/api/notes/close")).status_code == 204
    problem(await world.client.post("/api/auth/claim", json=claim | {"email": "b@example.org"}), 410, "invite_invalid")
    assert await world.auth.setup_key() is None


async def test_a_ticket_needs_a_session_and_opens_once(world: World) -> None:
    problem(await world.client.post("/api/auth/ticket"), 401, "not_signed_in")
    me = (await world.client.post("/api/auth/guest", json={"name": "Ann"})).json()
    ticket = (await world.client.post("/api/auth/ticket")).json()["ticket"]
    identity = await world.auth.by_ticket(ticket)
    assert identity is not None
    assert identity.actor.id == me["actor_id"]
    assert await world.auth.by_ticket(ticket) is None


WITH_BOT = Settings(public_url="https://shop.example", internal_secret=SECRET, telegram_bot_token=BOT_TOKEN)


def opened_app(clock: FakeClock, **more: object) -> dict[str, object]:
    return {"init_data": init_data(auth_date=clock.now_ms() // 1000), "locale": "en"} | more


@pytest.mark.parametrize("settings", [WITH_BOT])
async def test_in_a_frame_of_telegram_the_cookie_is_partitioned_and_stays_so(client: httpx.AsyncClient, clock: FakeClock) -> None:
    answer = await client.post("/api/auth/telegram", json=opened_app(clock, framed=True))
    assert answer.json()["name"] == "Ann Lee"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-efir_framed=")
    assert cookie.endswith("; HttpOnly; SameSite=None; Secure; Partitioned")
    assert (await client.get("/api/auth/me")).json() == answer.json()
    # Who logs in or out there gets the same kind of cookie: any other would not be kept.
    registered = await client.post("/api/auth/register", json=ACCOUNT)
    assert registered.headers["set-cookie"].startswith("__Host-efir_framed=")
    left = await client.post("/api/auth/logout")
    assert left.headers["set-cookie"] == "__Host-efir_framed=; Path=/; Max-Age=0; HttpOnly; SameSite=None; Secure; Partitioned"


@pytest.mark.parametrize("settings", [WITH_BOT])
async def test_outside_of_a_frame_the_cookie_stays_on_our_site(client: httpx.AsyncClient, clock: FakeClock) -> None:
    answer = await client.post("/api/auth/telegram", json=opened_app(clock))
    assert answer.headers["set-cookie"].startswith("__Host-efir_session=")
    assert answer.headers["set-cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")


@pytest.mark.parametrize("settings", [WITH_BOT])
async def test_no_other_site_can_use_the_cookie_of_the_frame(client: httpx.AsyncClient, clock: FakeClock) -> None:
    await client.post("/api/auth/telegram", json=opened_app(clock, framed=True))
    for origin in ("https://web.telegram.org", "https://evil.example", "null"):
        for headers in ({"origin": origin}, {"origin": origin, "sec-fetch-site": "cross-site"}):
            for path in ("/api/notes", "/api/auth/telegram", "/whep/shw_" + "1" * 32):
                answer = await client.post(path, json={"text": "x"}, headers=headers)
                problem(answer, 403, "cross_origin")
    read = await client.get("/api/auth/me", headers={"origin": "https://web.telegram.org", "sec-fetch-site": "cross-site"})
    assert "access-control-allow-origin" not in read.headers
    own = {"origin": "https://shop.example", "sec-fetch-site": "same-origin"}
    assert (await client.post("/api/notes", json={"text": "x"}, headers=own)).status_code == 201


@pytest.mark.parametrize("settings", [WITH_BOT])
async def test_what_telegram_did_not_sign_is_a_problem(client: httpx.AsyncClient, clock: FakeClock) -> None:
    old = {"init_data": init_data(auth_date=clock.now_ms() // 1000 - 4_000)}
    problem(await client.post("/api/auth/telegram", json=old), 401, "telegram_data_expired")
    forged = {"init_data": init_data(auth_date=clock.now_ms() // 1000, token="42:TEST")}
    problem(await client.post("/api/auth/telegram", json=forged), 401, "telegram_data_invalid")
    problem(await client.post("/api/auth/telegram", json={"init_data": "x" * 10_000}), 422, "invalid_field")
    assert "set-cookie" not in (await client.post("/api/auth/telegram", json=forged)).headers


async def test_a_shop_without_a_bot_says_so(client: httpx.AsyncClient, clock: FakeClock) -> None:
    assert (await client.get("/api/auth/telegram")).json() == {"enabled": False, "app_url": ""}
    problem(await client.post("/api/auth/telegram", json=opened_app(clock)), 404, "not_found")


@pytest.mark.parametrize(
    "settings",
    [Settings(public_url="https://shop.example", internal_secret=SECRET, telegram_bot_id="42", telegram_app="shop_bot/live")],
)
async def test_the_page_learns_where_the_app_is(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/auth/telegram")).json() == {"enabled": True, "app_url": "https://t.me/shop_bot/live"}


@pytest.mark.parametrize("settings", [Settings(public_url="https://shop.example", internal_secret=SECRET, embed_origins="*")])
class TestInAFrameOnAnotherSite:
    """There browsers keep partitioned cookies only."""

    async def test_a_guest_an_account_and_who_logs_in_get_the_cookie_of_the_frame(self, client: httpx.AsyncClient) -> None:
        guest = await client.post("/api/auth/guest", json={"name": "Ann", "framed": True})
        account = await client.post("/api/auth/register", json=ACCOUNT | {"framed": True})
        assert account.json()["actor_id"] == guest.json()["actor_id"]
        credentials = {"email": ACCOUNT["email"], "password": ACCOUNT["password"]}
        client.cookies.clear()
        entered = await client.post("/api/auth/login", json=credentials | {"framed": True})
        for answer in (guest, account, entered):
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith("__Host-efir_framed=")
            assert cookie.endswith("; Path=/; Max-Age=7776000; HttpOnly; SameSite=None; Secure; Partitioned")
        assert (await client.get("/api/auth/me")).json()["name"] == "Ann"
        left = await client.post("/api/auth/logout")
        assert left.headers["set-cookie"].startswith("__Host-efir_framed=; Path=/; Max-Age=0")

    async def test_no_other_site_can_make_a_browser_use_that_cookie(self, client: httpx.AsyncClient) -> None:
        await client.post("/api/auth/guest", json={"name": "Ann", "framed": True})
        around = "https://blog.example"
        for headers in (
            {"sec-fetch-site": "cross-site", "origin": around},
            {"sec-fetch-site": "same-site", "origin": "https://www.shop.example"},
            {"sec-fetch-site": "cross-site", "origin": "null"},
            {"origin": around},
            {"origin": "null"},
        ):
            for path in ("/api/auth/guest", "/api/auth/logout", "/api/auth/ticket"):
                problem(await client.post(path, json={"name": "Eve"}, headers=headers), 403, "cross_origin")
        assert (await client.get("/api/auth/me")).json()["name"] == "Ann"
        assert "access-control-allow-origin" not in (await client.get("/api/auth/me", headers={"origin": around})).headers
