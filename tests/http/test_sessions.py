"""`/api/auth/…` through the application: cookies, tickets, the owner's key."""

import httpx
import pytest

from server.auth.sessions import ABSOLUTE_MS, IDLE_MS
from server.kernel.config import Settings
from tests.fakes.clock import FakeClock
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
