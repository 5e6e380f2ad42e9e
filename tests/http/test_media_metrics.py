"""`/metrics/media`: every node's figures on one page."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.http.media_metrics import merged
from tests.http.conftest import Broadcast, World
from tests.http.fake_media import SECRET, FakeMedia, node_entry, served
from tests.http.test_api import problem

PAGE = """# HELP efir_relay_packets_total Packets
# TYPE efir_relay_packets_total counter
efir_relay_packets_total{direction="in"} %d
# HELP efir_relay_round_trip_seconds Round trip
# TYPE efir_relay_round_trip_seconds histogram
efir_relay_round_trip_seconds_bucket{le="0.1"} 2.0
efir_relay_round_trip_seconds_bucket{le="+Inf"} 3.0
efir_relay_round_trip_seconds_count 3.0
efir_relay_round_trip_seconds_sum 1.5
"""


def test_pages_are_merged_by_family_with_the_node_as_label() -> None:
    text = merged({"a": PAGE % 1, "b": PAGE % 2, "c": None}).decode()
    assert text.count("# TYPE efir_relay_packets_total counter") == 1
    assert 'efir_relay_packets_total{direction="in",node="a"} 1.0' in text
    assert 'efir_relay_packets_total{direction="in",node="b"} 2.0' in text
    assert 'efir_relay_round_trip_seconds_bucket{le="+Inf",node="b"} 3.0' in text
    for node, up in (("a", 1.0), ("b", 1.0), ("c", 0.0)):
        assert f'efir_relay_up{{node="{node}"}} {up}' in text
    again = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert len(again) == 2 * 5 + 3


async def test_a_real_node_is_on_the_page_and_one_that_died_is_told(broadcast: Broadcast) -> None:
    broadcast.world.placement.entries.append(node_entry("dead", "unix:/nowhere/media.sock"))
    reply = await broadcast.world.client.get("/metrics/media", headers={"authorization": f"Bearer {SECRET}"})
    assert reply.status_code == 200
    node = broadcast.node.node_id
    assert f'efir_relay_sessions{{kind="publisher",node="{node}",state="connected"}} 1.0' in reply.text
    assert f'efir_relay_up{{node="{node}"}} 1.0' in reply.text
    assert 'efir_relay_up{node="dead"} 0.0' in reply.text


async def test_a_node_that_hangs_does_not_hold_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.http.media_metrics.DEADLINE_S", 0.1)
    stuck = FakeMedia(stuck=True)
    async with served(stuck.app()) as url:
        world.placement.entries.append(node_entry("stuck", url))
        reply = await world.client.get("/metrics/media", headers={"authorization": f"Bearer {SECRET}"})
    assert 'efir_relay_up{node="stuck"} 0.0' in reply.text


async def test_the_page_is_not_for_everybody(client: httpx.AsyncClient) -> None:
    problem(await client.get("/metrics/media"), 403, "forbidden")
    problem(await client.get("/metrics/media", headers={"authorization": "Bearer guess"}), 403, "forbidden")
