"""What the web role and the media nodes say to each other: registry entries and HTTP headers.

A media node serves WHIP and WHEP on a private address (a unix socket or a TCP port); the web role authorises a client's
request and forwards it there unchanged, with the headers below.
"""

import msgspec

HEADER_SECRET = "x-efir-internal"
"""Shared secret between our own processes; a media node refuses requests without it."""

HEADER_CLIENT = "x-efir-client"
"""Address of the client, for limits per address and logs."""

NODE_LEASE_MS = 5_000
"""A node that has not renewed its registry entry for so long is taken for dead."""


class MediaNodeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A media node as the registry knows it. `control_url` is `http://host:port` or `unix:/path`."""

    node_id: str
    control_url: str
    streams: int
    subscribers: int
    draining: bool
    renewed_at_ms: int
