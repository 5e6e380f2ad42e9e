"""The stage of a stream over HTTP, as web nodes ask for it (contract: `schemas.media`)."""

import httpx
import msgspec
import pytest

from schemas.media import HOST, StageView
from tests.media.clients import STREAM, Clients, until
from tests.media.conftest import Relay
from tests.media.test_control import problem

STAGE = f"/stage/{STREAM}"
JSON = {"content-type": "application/json"}


@pytest.fixture
async def on_air(relay: Relay, clients: Clients) -> Relay:
    """The host publishes."""
    await clients.publisher()
    await until(lambda: relay.events)
    return relay


def stage(reply: httpx.Response) -> StageView:
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"] == "application/json"
    return msgspec.json.decode(reply.content, type=StageView)


async def test_the_host_has_place_0(on_air: Relay) -> None:
    view = stage(await on_air.http.get(STAGE))
    assert view.stream_id == STREAM
    assert [(place.place, place.participant_id, place.on_stage, place.publishing) for place in view.places] == [
        (0, HOST, True, True)
    ]


async def test_an_order_is_answered_by_the_stage_after_it(on_air: Relay) -> None:
    order = {"on_stage": True, "muted": []}
    assert stage(await on_air.http.put(f"{STAGE}/{HOST}", json=order)).places[0].on_stage


async def test_an_order_for_nobody_is_not_found(on_air: Relay) -> None:
    reply = await on_air.http.put(f"{STAGE}/gst_nobody", json={"on_stage": True})
    problem(reply, "not_found", 404)


@pytest.mark.parametrize(
    ("headers", "body", "name", "status"),
    [
        (JSON, "{", "malformed", 400),
        (JSON, "{}", "invalid_field", 422),
        (JSON, '{"on_stage": "yes"}', "invalid_field", 422),
        (JSON, '{"on_stage": true, "muted": ["smell"]}', "invalid_field", 422),
        ({"content-type": "text/plain"}, "{}", "unsupported_media_type", 415),
    ],
)
async def test_a_bad_order_is_refused(on_air: Relay, headers: dict[str, str], body: str, name: str, status: int) -> None:
    problem(await on_air.http.put(f"{STAGE}/{HOST}", content=body, headers=headers), name, status)


async def test_removing_ends_what_the_participant_publishes_and_may_be_repeated(on_air: Relay) -> None:
    for _ in range(2):
        reply = await on_air.http.delete(f"{STAGE}/{HOST}")
        assert (reply.status_code, reply.content) == (204, b"")
    assert on_air.node.stats().publishers == 0
    assert (await on_air.http.delete("/stage/other/gst_nobody")).status_code == 204


@pytest.mark.parametrize(("method", "path"), [("GET", STAGE), ("PUT", f"{STAGE}/{HOST}"), ("DELETE", f"{STAGE}/{HOST}")])
async def test_the_stage_is_for_web_nodes_only(on_air: Relay, method: str, path: str) -> None:
    reply = await on_air.http.request(method, path, headers={"x-efir-internal": "guess"})
    problem(reply, "forbidden", 403)
