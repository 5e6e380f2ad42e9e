"""The relay's figures as Prometheus reads them."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from media.control import control_app
from media.stats import Counters, Histogram
from tests.media.clients import Clients, until
from tests.media.conftest import SECRET, Relay

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parsed(text: str) -> Figures:
    return {
        (sample.name.removeprefix("efir_relay_"), tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def scrape(relay: Relay) -> Figures:
    reply = await relay.http.get("/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain")
    return parsed(reply.text)


async def test_a_broadcast_shows_in_the_figures(relay: Relay, clients: Clients) -> None:
    await clients.publisher()
    await until(lambda: relay.events)
    viewer = await clients.viewer()
    await until(lambda: len(viewer.video_frames) > 5)
    await until(lambda: relay.node.counters.distributions.loss_ratio.counts[0])  # the first sample of a second
    figures = await scrape(relay)
    counters = relay.node.counters
    assert figures["packets_total", (("direction", "out"),)] > 5
    assert figures["packets_total", (("direction", "in"),)] > 5
    assert figures["joins_total", ()] == counters.joins == 1
    assert figures["sessions", (("kind", "publisher"), ("state", "connected"))] == 1
    assert figures["sessions", (("kind", "subscriber"), ("state", "connected"))] == 1
    assert figures["streams", (("active", "true"),)] == 1
    assert figures["pictures", (("rid", ""),)] == 1
    assert figures["handshake_seconds_count", ()] == 2
    assert figures["first_packet_seconds_count", ()] == 1
    assert 0 < figures["first_packet_seconds_sum", ()] < 15
    assert figures["loop_lag_seconds_count", ()] > 0
    assert figures["reported_loss_ratio_count", ()] >= 1
    assert figures["batch_packets_sum", ()] <= counters.packets_out
    assert figures["batch_packets_count", ()] <= counters.batches_out
    assert figures["batch_packets_bucket", (("le", "+Inf"),)] == figures["batch_packets_count", ()]


async def test_every_counter_is_told_once(relay: Relay) -> None:
    for number, name in enumerate(relay.node.counters.as_dict(), 1):
        setattr(relay.node.counters, name, 1_000_000 + number)
    values = [value for value in (await scrape(relay)).values() if value > 1_000_000]
    assert len(values) == len(set(values)) >= len(Counters().as_dict()) - 2  # packets in and out may move meanwhile
    figures = await scrape(relay)
    assert figures["dropped_total", (("reason", "replayed"),)] > 1_000_000
    assert figures["repairs_total", (("outcome", "sent"),)] == relay.node.counters.cache_hits
    assert figures["keyframe_requests_total", (("outcome", "suppressed"),)] == relay.node.counters.plis_suppressed


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        (("127.0.0.1", 1), {}, 200),
        (("::1", 1), {}, 200),
        (("10.0.0.9", 1), {}, 403),
        (("10.0.0.9", 1), {"authorization": "Bearer guess"}, 403),
        (("10.0.0.9", 1), {"authorization": f"Bearer {SECRET}"}, 200),
        (("10.0.0.9", 1), {"x-efir-internal": SECRET}, 200),
    ],
)
async def test_figures_are_for_this_machine_and_for_who_has_the_secret(
    relay: Relay, client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(app=control_app(relay.node, SECRET), client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://relay") as http:
        assert (await http.get("/metrics", headers=headers)).status_code == status


async def test_an_empty_secret_opens_nothing(relay: Relay) -> None:
    transport = httpx.ASGITransport(app=control_app(relay.node, ""), client=("10.0.0.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://relay") as http:
        for path in ("/metrics", "/stats"):
            assert (await http.get(path, headers={"x-efir-internal": ""})).status_code == 403


@given(st.lists(st.floats(min_value=0, max_value=10, allow_nan=False)), st.sets(st.floats(min_value=0, max_value=9), min_size=1))
def test_a_histogram_counts_every_value_at_and_below_its_bound(values: list[float], bounds: set[float]) -> None:
    histogram = Histogram(*sorted(bounds))
    for value in values:
        histogram.observe(value)
    for index, bound in enumerate(histogram.bounds):
        assert sum(histogram.counts[: index + 1]) == sum(value <= bound for value in values)
    assert sum(histogram.counts) == len(values)
    assert histogram.total == pytest.approx(sum(values))
