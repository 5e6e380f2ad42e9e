"""Over a real socket: bodies that stream, stop, or never end, and answers that break off."""

import asyncio
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from server.auth.limits import Rate
from server.auth.sessions import SessionCookie
from server.http.decoding import DISCARDED_BYTES_MAX
from server.http.middleware import Guard, Observed, SecurityHeaders, is_cross_site
from server.kernel.metrics import REGISTRY
from tests.fakes.clock import FakeClock
from tests.http.conftest import ORIGIN, World
from tests.http.fake_media import served
from tests.http.test_api import problem

JSON = {"content-type": "application/json"}


@pytest.fixture
async def url(world: World) -> AsyncIterator[str]:
    """The application on a TCP port."""
    async with served(world.app) as address:
        yield address


@pytest.fixture
async def cookie(world: World) -> str:
    """A guest's cookie header."""
    await world.client.post("/api/auth/guest", json={"name": "Ann"})
    return f"efir_session={world.client.cookies['efir_session']}"


async def exchange(url: str, request: bytes) -> bytes:
    """Everything that the server says until it closes."""
    host, _, port = url.removeprefix("http://").partition(":")
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


async def test_a_chunked_body_over_the_limit_is_refused(url: str, cookie: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(20):
            yield b"x" * 16_384
        yield b'"}'

    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.post("/api/notes", content=chunks(), headers=JSON | {"cookie": cookie})
    problem(answer, 413, "too_large")
    assert answer.headers["connection"] == "close"


async def test_an_endless_body_is_cut_off(url: str, cookie: str) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 16_384
            yield b"x" * 16_384

    async with httpx.AsyncClient(base_url=url) as client:
        try:
            answer = await client.post("/api/notes", content=endless(), headers=JSON | {"cookie": cookie})
            assert answer.status_code == 413
        except (httpx.ReadError, httpx.WriteError):
            assert sent > DISCARDED_BYTES_MAX  # the reset overtook the answer
    # What the sockets of both sides buffer comes on top of what the server read.
    assert sent < DISCARDED_BYTES_MAX + 16 * 1024 * 1024


async def test_a_huge_declared_size_is_refused_before_any_byte_of_it(url: str, cookie: str) -> None:
    head = f"POST /api/notes HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    for size in (DISCARDED_BYTES_MAX + 1, 10**12):
        answer = await exchange(url, (head + f"Content-Length: {size}\r\n\r\n").encode())
        assert answer.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_never_ends_is_given_up(url: str, cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.decoding.BODY_DEADLINE_S", 0.1)
    head = (
        f"POST /api/notes HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
    )
    answer = await exchange(url, head.encode() + b'{"text":')
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"/problems#request_timeout" in answer


async def test_a_client_that_goes_away_in_the_middle_of_its_body_leaves_no_trace(
    world: World, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:
    ended = asyncio.Event()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        await world.app(scope, receive, send)
        ended.set()

    async with served(watched) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /api/notes HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
        writer.write(head.encode() + b'Content-Length: 20\r\n\r\n{"text":')
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(5):
            await ended.wait()
    assert (await world.client.get("/api/notes")).json()["notes"] == 0
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_head_has_the_headers_of_get_and_no_body(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        for path in ("/api/notes", "/", "/static/watch/page.js"):
            got, head = await client.get(path), await client.head(path)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == got.headers["content-length"]


async def test_after_a_refusal_the_connection_still_works(url: str, cookie: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"cookie": cookie}) as client:
        problem(await client.post("/api/notes", content=b"{", headers=JSON), 400, "malformed")
        assert (await client.post("/api/notes", json={"text": "a"})).status_code == 201


async def test_an_answer_that_breaks_off_closes_the_connection_and_is_not_patched_up() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def half() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError("broken")

        await StreamingResponse(half(), headers={"content-length": "8"})(scope, receive, send)

    clock = FakeClock()
    async with served(SecurityHeaders(Observed(app, clock), https=False)) as url, httpx.AsyncClient() as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)


async def test_a_flood_from_one_address_is_slowed_down_and_other_addresses_are_not() -> None:
    clock = FakeClock()
    guard = Guard(Response(status_code=204), clock, SessionCookie(secure=False), ORIGIN, {}, Rate(per_s=2, burst=3))
    app = Observed(guard, clock)

    async def send(address: str, method: str = "POST") -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(method, "/api/notes")

    assert [(await send("2001:db8::1")).status_code for _ in range(3)] == [204] * 3
    refused = await send("2001:db8::ffff")
    problem(refused, 429, "rate_limited")
    assert refused.headers["retry-after"] == "1"
    assert (await send("2001:db8::1", "GET")).status_code == 204
    assert (await send("2001:db8:0:1::1")).status_code == 204
    clock.advance(500)
    assert (await send("2001:db8::1")).status_code == 204


async def test_a_redis_that_escapes_is_unavailable_and_not_a_bug() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RedisConnectionError("refused")

    transport = httpx.ASGITransport(app=Observed(app, FakeClock()))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        problem(await client.get("/"), 503, "unavailable")


async def test_websockets_pass_the_middleware_untouched() -> None:
    reached: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    async def never(*_: object) -> None:
        raise AssertionError

    wrapped = SecurityHeaders(Observed(app, FakeClock()), https=False)
    await wrapped({"type": "websocket", "path": "/ws"}, never, never)  # type: ignore[arg-type]
    assert reached == ["websocket"]


async def test_requests_are_counted_by_route_pattern(world: World) -> None:
    before = _requests("/api/notes/{note_id}", "GET", "200")
    unknown = _requests("other", "GET", "404")
    for number in range(3):
        await world.client.get(f"/api/notes/{number}")
        await world.client.get(f"/nothing/{number}")
    assert _requests("/api/notes/{note_id}", "GET", "200") == before + 3
    assert _requests("other", "GET", "404") == unknown + 3


def test_an_old_browsers_origin_is_compared_with_the_host_that_was_asked() -> None:
    def cross(**headers: str) -> bool:
        return is_cross_site(Headers({name.replace("_", "-"): value for name, value in headers.items()}), ORIGIN)

    assert not cross(origin="https://shop.example", host="shop.example")
    assert cross(origin="https://shop.example:444", host="shop.example")
    assert not cross(origin=ORIGIN, host="internal-name", sec_fetch_site="cross-site")


def _requests(route: str, method: str, status: str) -> float:
    labels = {"method": method, "route": route, "status": status}
    return REGISTRY.get_sample_value("efir_http_requests_total", labels) or 0.0
