"""Counters, gauges and histograms in Prometheus' text format, through the official client library."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
"""Our own registry: tests can read it, and nothing that a library registers slips in."""

CONTENT_TYPE = CONTENT_TYPE_LATEST


def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
    """Something that only grows; the name ends in `_total`."""
    return Counter(name, text, labels, registry=REGISTRY)


def gauge(name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
    """Something that goes up and down."""
    return Gauge(name, text, labels, registry=REGISTRY)


def histogram(name: str, text: str, buckets: tuple[float, ...], labels: tuple[str, ...] = ()) -> Histogram:
    """A distribution; the name ends in its unit, for example `_seconds`."""
    return Histogram(name, text, labels, buckets=buckets, registry=REGISTRY)


def render() -> bytes:
    """The whole registry in Prometheus' text format."""
    return generate_latest(REGISTRY)
