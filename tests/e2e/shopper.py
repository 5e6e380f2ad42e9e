"""Clients over plain HTTP: a host who fills the shop and buyers who buy, with retries of the same ids as a browser does them."""

import asyncio
from typing import Any

import httpx

from server.kernel.clock import SystemClock
from server.kernel.ids import new_id
from server.kernel.tls import client_context

CLOCK = SystemClock()
PRICE = {"amount_minor": 1990, "currency": "USD"}
OWNER = {"email": "owner@example.test", "password": "correct horse battery", "name": "Olga"}


class Client:
    """One person with a cookie jar. A connection that breaks is tried again until `patience_ms` is over."""

    def __init__(self, url: str, patience_ms: int = 0) -> None:
        self.http = httpx.AsyncClient(
            base_url=url, timeout=10.0, headers={"origin": url}, trust_env=False, verify=client_context()
        )
        self.patience_ms = patience_ms

    async def close(self) -> None:
        await self.http.aclose()

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer; temporary failures (no connection, 503) are retried while there is patience."""
        end_ms = CLOCK.monotonic_ms() + self.patience_ms
        while True:
            try:
                response = await self.http.request(method, path, json=body)
                if response.status_code not in (500, 502, 503) or CLOCK.monotonic_ms() > end_ms:
                    return response
            except httpx.TransportError:
                if CLOCK.monotonic_ms() > end_ms:
                    raise
            await asyncio.sleep(0.1)

    async def must(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a successful answer."""
        response = await self.call(method, path, body)
        assert response.is_success, (method, path, response.status_code, response.text)
        return response.json() if response.content else None


async def open_shop(site_url: str, key: str, units: int, *, patience_ms: int = 0) -> tuple[Client, str]:
    """An owner with one product and a live show that sells `units` of it; returns the owner and the show's id."""
    owner = Client(site_url, patience_ms)
    await owner.must("POST", "/api/auth/claim", {"key": key, **OWNER})
    show_id, product_id = new_id("shw", CLOCK), new_id("prd", CLOCK)
    variant = {"sku": "MUG", "price": PRICE, "on_hand": units}
    await owner.must("POST", "/api/catalog/products", {"product_id": product_id, "title": "Mug", "variants": [variant]})
    await owner.must("POST", "/api/shows", {"show_id": show_id, "title": "Mugs"})
    pool = {"move_id": new_id("mov", CLOCK), "show_id": show_id, "sku": "MUG", "quantity": units, "per_buyer_max": 1_000_000}
    await owner.must("POST", "/api/catalog/pools", pool)
    await owner.must("POST", f"/api/shows/{show_id}/start")
    return owner, show_id


async def enter(site_url: str, name: str, *, patience_ms: int = 0) -> Client:
    """A guest."""
    client = Client(site_url, patience_ms)
    await client.must("POST", "/api/auth/guest", {"name": name})
    return client


def order_body(show_id: str, quantity: int = 1) -> dict[str, Any]:
    """An order of mugs with a fresh id."""
    line = {"sku": "MUG", "quantity": quantity, "unit_price": PRICE}
    return {"order_id": new_id("ord", CLOCK), "show_id": show_id, "lines": [line]}


async def pool_ready(client: Client, show_id: str, units: int) -> None:
    """Wait until the ledger has the units: a probe order for more than there is names what is available."""
    async with asyncio.timeout(20):
        while True:
            answer = await client.call("POST", "/api/orders", order_body(show_id, 100_000))
            problem = answer.json()
            if problem.get("available") == units:
                return
            await asyncio.sleep(0.05)


async def settle(client: Client, order_id: str, deadline_ms: int = 20_000) -> Any:
    """The order when nothing more happens to it by itself: captured, failed or cancelled."""
    end_ms = CLOCK.monotonic_ms() + deadline_ms
    while True:
        order = await client.must("GET", f"/api/orders/{order_id}")
        if order["payment"] in ("captured", "failed", "voided") or order["state"] == "cancelled":
            return order
        assert CLOCK.monotonic_ms() < end_ms, order
        await asyncio.sleep(0.1)
