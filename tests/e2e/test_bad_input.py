"""What people and programs get wrong, against a whole running site: every answer says what to do, and nothing is half done."""

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import connect

from server.kernel.ids import new_id
from tests.e2e.shopper import CLOCK, PRICE, Client, enter, open_shop, order_body, pool_ready
from tests.e2e.site import Site

SDP = {"content-type": "application/sdp"}
UNKNOWN_SHOW = f"shw_{'0' * 32}"


async def test_every_wrong_request_gets_a_problem_that_says_what_to_do(site: Site) -> None:
    owner, show_id = await open_shop(site.url, site.key, 5)
    await pool_ready(owner, show_id, 5)
    vera, boris = await enter(site.url, "Vera"), await enter(site.url, "Boris")
    order = await vera.must("POST", "/api/orders", order_body(show_id))
    order_path = f"/api/orders/{order['order_id']}"
    payment = {"payment_id": new_id("pay", CLOCK), "order_id": order["order_id"], "method": "tok_visa"}
    bearer = {"authorization": f"Bearer {(await owner.must('GET', f'/api/shows/{show_id}/ingest'))['token']}"}
    try:
        await expect(vera, "POST", f"/whip/{show_id}", 400, "malformed", content="not SDP", headers={**SDP, **bearer})
        await expect(vera, "POST", f"/whip/{show_id}", 415, "unsupported_media_type", json={}, headers=bearer)
        await expect(
            vera, "POST", f"/whip/{show_id}", 401, "not_signed_in", content="v=0", headers={**SDP, "authorization": "Bearer x"}
        )
        await expect(vera, "POST", f"/whep/{UNKNOWN_SHOW}", 404, "not_found", content="v=0\r\n", headers=SDP)
        await expect(vera, "GET", f"/api/shows/{UNKNOWN_SHOW}", 404, "not_found")
        await expect(
            vera, "POST", "/api/orders", 415, "unsupported_media_type", content="{}", headers={"content-type": "text/plain"}
        )
        await expect(vera, "POST", "/api/orders", 400, "malformed", content="{", headers={"content-type": "application/json"})
        await expect(vera, "POST", "/api/orders", 422, "invalid_field", json={**order_body(show_id), "discount": 1})
        await expect(vera, "POST", "/api/orders", 422, "invalid_field", json=order_body(show_id, -1))
        await expect(vera, "POST", "/api/orders", 413, "too_large", json={"order_id": "x" * 100_000})
        await expect(vera, "POST", "/api/orders", 409, "price_changed", json=cheaper(order_body(show_id)))
        await expect(vera, "POST", "/api/orders", 422, "unknown_sku", json=of_another_product(order_body(show_id)))
        await expect(boris, "GET", order_path, 403, "forbidden")
        await expect(boris, "POST", "/api/payments", 403, "forbidden", json=payment)
        await expect(boris, "POST", f"{order_path}/cancel", 403, "forbidden")
        await expect(boris, "POST", f"/api/shows/{show_id}/end", 403, "forbidden")
        await expect(boris, "POST", "/api/orders", 403, "cross_origin", json={}, headers={"origin": "https://evil.example"})
        assert site.sql("select count(*) from orders_orders") == [(1,)]
        assert site.sql("select count(*) from payments_payments") == [(0,)]
        await pool_ready(owner, show_id, 4)
    finally:
        for client in (owner, vera, boris):
            await client.close()


async def expect(client: Client, method: str, path: str, status: int, name: str, **options: Any) -> None:
    """The request is refused with this problem (RFC 9457), in words."""
    response: httpx.Response = await client.http.request(method, path, **options)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), response.text
    problem = response.json()
    assert problem["type"] == f"/problems#{name}", problem
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]


def cheaper(order: dict[str, Any]) -> dict[str, Any]:
    """The same order at a price that the buyer wishes."""
    return {**order, "lines": [{**line, "unit_price": {**PRICE, "amount_minor": 1}} for line in order["lines"]]}


def of_another_product(order: dict[str, Any]) -> dict[str, Any]:
    """An order of something that the show does not sell."""
    return {**order, "lines": [{**line, "sku": "TEAPOT"} for line in order["lines"]]}


async def test_every_wrong_frame_gets_a_numbered_error_and_the_worst_end_the_connection(site: Site) -> None:
    vera = await enter(site.url, "Vera")
    address = site.url.replace("http", "ws") + "/ws"
    ticket = (await vera.must("POST", "/api/auth/ticket"))["ticket"]
    await vera.close()
    async with connect(address, origin=site.url, proxy=None) as socket:  # type: ignore[arg-type]
        await say(socket, op="connect", id=1, ticket=ticket)
        assert (await hear(socket))["op"] == "connected"
        await say(socket, op="subscribe", id=2, channel=f"chat:{UNKNOWN_SHOW}")
        assert_error(await hear(socket), 2, 3005)
        await say(socket, op="subscribe", id=3, channel="chat:x", colour="red")
        assert_error(await hear(socket), 3, 1001)
        await socket.send("x" * 20_000)
        assert_error(await hear(socket), None, 1003)
    async with connect(address, origin=site.url, proxy=None) as socket:  # type: ignore[arg-type]
        await say(socket, op="connect", id=1, ticket=ticket)
        assert_error(await hear(socket), 1, 2002)
        code = await end_of(socket)
    assert code == 4003, "a used ticket: get a new one and connect again"


async def say(socket: Any, **frame: Any) -> None:
    await socket.send(json.dumps(frame))


async def hear(socket: Any) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    return frame


def assert_error(frame: dict[str, Any], frame_id: int | None, code: int) -> None:
    assert (frame["op"], frame.get("id"), frame["code"]) == ("error", frame_id, code), frame
    assert frame["detail"]


async def end_of(socket: Any) -> int:
    """Close code of a connection that the server ends."""
    async with asyncio.timeout(10):
        await socket.wait_closed()
    code: int = socket.close_code
    return code
