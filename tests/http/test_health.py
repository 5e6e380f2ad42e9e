"""`/healthz` and `/metrics`."""

import asyncio

import httpx
import pytest

from server.http.health import Health
from tests.http.conftest import World
from tests.http.fake_media import SECRET
from tests.http.test_api import problem


async def test_healthy_when_every_part_answers(world: World) -> None:
    answer = await world.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"database": "ok"}})
    assert answer.headers["cache-control"] == "no-store"


async def test_a_part_that_fails_or_hangs_is_named_and_its_reason_stays_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def well() -> None:
        return None

    async def broken() -> None:
        raise ConnectionError("redis://secret")

    async def stuck() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("server.http.health.CHECK_DEADLINE_S", 0.05)
    health = Health({"well": well, "broken": broken, "stuck": stuck})
    answer = await health(None)  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert bytes(answer.body) == b'{"status":"failed","checks":{"well":"ok","broken":"failed","stuck":"failed"}}'
    assert "redis://secret" in caplog.text


async def test_what_needs_attention_is_shown_and_takes_no_server_away() -> None:
    async def well() -> None:
        return None

    async def stopped() -> None:
        raise ConnectionError("a show is stopped")

    answer = await Health({"well": well}, {"shows": stopped})(None)  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert bytes(answer.body) == b'{"status":"ok","checks":{"well":"ok","shows":"attention"}}'


async def test_metrics_are_for_this_machine_and_for_who_knows_the_secret(world: World) -> None:
    problem(await world.client.get("/metrics"), 403, "forbidden")
    wrong = {"authorization": "Bearer guess"}
    problem(await world.client.get("/metrics", headers=wrong), 403, "forbidden")
    answer = await world.client.get("/metrics", headers={"authorization": f"Bearer {SECRET}"})
    assert answer.status_code == 200
    assert "efir_http_requests_total" in answer.text
    transport = httpx.ASGITransport(app=world.app, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as local:
        assert (await local.get("/metrics")).headers["content-type"].startswith("text/plain")
