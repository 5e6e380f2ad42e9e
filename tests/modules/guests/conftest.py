"""A real media node for the tests of the adapter."""

from tests.media.conftest import make_relay, relay

__all__ = ["make_relay", "relay"]
