"""The roles one by one, as the Procfile starts them, on PostgreSQL and a Redis of one's own: the same code as `up`."""

import asyncio
import contextlib
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from server.redis.embedded import EmbeddedValkey
from server.store.database import Database
from tests.e2e.shopper import enter, open_shop, order_body, pool_ready, settle
from tests.e2e.site import ROOT, free_media_port, free_port

DEADLINE_S = 60


@pytest.fixture
async def empty_postgresql(postgresql_url: str) -> AsyncIterator[str]:
    """URL of a database of its own: other tests leave their tables in the common one."""
    common = create_async_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    async with common.connect() as connection:
        await connection.execute(text("CREATE DATABASE single_roles"))
        yield make_url(postgresql_url).set(database="single_roles").render_as_string(hide_password=False)
        await connection.execute(text("DROP DATABASE single_roles WITH (FORCE)"))
    await common.dispose()


async def test_a_purchase_works_with_single_roles_on_postgresql(folder: Path, empty_postgresql: str) -> None:
    valkey = EmbeddedValkey(folder / "valkey")
    await valkey.start()
    port = free_port(socket.SOCK_STREAM)
    environment = {
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": empty_postgresql,
        "REDIS_URL": valkey.url,
        "HTTP_PORT": str(port),
        "UDP_PORT": str(free_media_port()),
    }
    try:
        await command("migrate", environment)
        async with roles(environment):
            url = f"http://127.0.0.1:{port}"
            await ready(url)
            link = await command("owner", environment)
            owner, show_id = await open_shop(url, link.strip().partition("?key=")[2], 3)
            await pool_ready(owner, show_id, 3)
            buyer = await enter(url, "Vera")
            order = await buyer.must("POST", "/api/orders", order_body(show_id))
            payment = {
                "payment_id": order["order_id"].replace("ord_", "pay_"),
                "order_id": order["order_id"],
                "method": "tok_visa",
            }
            await buyer.must("POST", "/api/payments", payment)
            settled = await settle(buyer, order["order_id"])
            assert (settled["state"], settled["payment"]) == ("confirmed", "captured")
            await owner.close()
            await buyer.close()
        assert await paid_orders(empty_postgresql) == [("confirmed", "captured")]
    finally:
        await valkey.stop()


@contextlib.asynccontextmanager
async def roles(environment: dict[str, str]) -> AsyncIterator[None]:
    """Every line of the Procfile as a process; at the end each drains on SIGTERM."""
    lines = [line.partition(": ")[2] for line in (ROOT / "Procfile").read_text().splitlines()]
    words = [[sys.executable, *shlex.split(line)[1:]] for line in lines]
    running = [
        await asyncio.create_subprocess_exec(*each, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL)
        for each in words
    ]
    try:
        yield
    finally:
        for process in running:
            if process.returncode is None:
                process.terminate()
        async with asyncio.timeout(DEADLINE_S):
            statuses = [await process.wait() for process in running]
    assert statuses == [0, 0, 0]


async def command(name: str, environment: dict[str, str]) -> str:
    """Standard output of `python -m server <name>`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", name, cwd=ROOT, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def ready(url: str) -> None:
    """Wait until every part is well."""
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(DEADLINE_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get(f"{url}/healthz")).is_success:
                    return
            await asyncio.sleep(0.1)


async def paid_orders(url: str) -> list[tuple[str, str]]:
    database = Database(url)
    try:
        async with database.reading() as connection:
            rows = await connection.execute(text("SELECT state, payment FROM orders_orders"))
            return [(row[0], row[1]) for row in rows]
    finally:
        await database.dispose()
