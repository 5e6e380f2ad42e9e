"""`/metrics/media`: the figures of every living media node on one page, for installations whose nodes listen on a unix socket.

Not part of `/metrics`: several web processes are scraped, and each would tell the same figures again.
"""

import asyncio
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from schemas.media import MediaNodeEntry
from server.http.health import Metrics
from server.http.media_nodes import MediaNodes
from server.kernel.errors import Unavailable

DEADLINE_S = 2.0
"""Prometheus gives up after 10 s; a node that needs so long is told as down."""


class MediaMetrics:
    """Asks every node at once. A node that does not answer is `efir_relay_up` 0, and does not cost the others' figures."""

    def __init__(self, guard: Metrics, nodes: MediaNodes) -> None:
        self._guard = guard
        self._nodes = nodes

    async def __call__(self, request: Request) -> Response:
        if not self._guard.allows(request):
            return self._guard.refusal()
        nodes = await self._nodes.every()
        pages = await asyncio.gather(*(self._page(node) for node in nodes))
        return self._guard.page(merged({node.node_id: page for node, page in zip(nodes, pages, strict=True)}))

    async def _page(self, node: MediaNodeEntry) -> str | None:
        try:
            answer = await self._nodes.ask(node, "GET", "/metrics", {}, deadline_s=DEADLINE_S)
        except Unavailable:
            return None
        return answer.text if answer.status_code == 200 else None


def merged(pages: Mapping[str, str | None], label: str = "node", up: str = "efir_relay_up") -> bytes:
    """One page of several processes' pages; `label` says which one told a figure, and the gauge `up` whether it answered."""
    answered = GaugeMetricFamily(up, f"1 when the {label} answered", labels=(label,))
    families: dict[str, Metric] = {up: answered}
    for name, page in pages.items():
        answered.add_metric((name,), int(page is not None))
        for family in text_string_to_metric_families(page or ""):
            into = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                into.add_sample(sample.name, {label: name, **sample.labels}, sample.value)
    registry = CollectorRegistry()
    registry.register(_Given(families.values()))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
