"""What the web role and the media nodes say to each other: registry entries and HTTP headers.

A media node serves WHIP and WHEP on a private address (a unix socket or a TCP port); the web role authorises a client's
request and forwards it there unchanged, with the headers below.
"""

from typing import Literal

import msgspec

HEADER_SECRET = "x-efir-internal"
"""Shared secret between our own processes; a media node refuses requests without it."""

HEADER_CLIENT = "x-efir-client"
"""Address of the client, for limits per address and logs."""

HEADER_PARTICIPANT = "x-efir-participant"
"""Who publishes or watches: `host`, or the id of a guest's pass; absent for viewers. Nobody gets his own tracks back."""

HEADER_ROLE = "x-efir-role"
"""`Role` of the client. The host sees who waits; viewers see the stage."""

HEADER_STAGE = "x-efir-stage"
"""For a guest's WHIP request: `live` or `waiting`, where the guest begins."""

ROLE_PARAMETER = "role"
"""`POST /whep/<show>?role=host` by the host's session: the studio, which sees who waits and not itself. Without it the host is a
viewer like everybody, on the show's page. For the public; media nodes get HEADER_ROLE."""

HOST = "host"
"""Participant id of the show's host."""

PLACES_MAX = 4
"""The host and three guests: what a phone can decode and a vertical picture can show."""

Role = Literal["host", "guest", "viewer"]
MediaKind = Literal["audio", "video"]


class StageOrder(msgspec.Struct, frozen=True, kw_only=True):
    """`PUT /stage/<stream>/<participant>` of a media node: what the host wants of a participant."""

    on_stage: bool
    muted: tuple[MediaKind, ...] = ()


class StagePlace(msgspec.Struct, frozen=True, kw_only=True):
    """A participant with a place. Place 0 is the host's; the k-th audio and video m-line of a viewer carry place k."""

    place: int
    participant_id: str
    on_stage: bool
    muted: tuple[MediaKind, ...]
    publishing: bool


class StageView(msgspec.Struct, frozen=True, kw_only=True):
    """`GET /stage/<stream>` of a media node."""

    stream_id: str
    places: tuple[StagePlace, ...]


class LayerView(msgspec.Struct, frozen=True, kw_only=True):
    """A simulcast layer as players see it; `rid` is what they choose it by."""

    place: int
    rid: str
    width: int
    height: int
    bitrate_bps: int
    active: bool


SESSION_TOKEN_LENGTH = 32
"""24 random bytes as base64url: whoever knows it may change or end the session."""

_SEPARATOR = "-"


def session_id(node_id: str, token: str) -> str:
    """`<node>-<token>`: requests to a session find their node without a look-up by stream, whose viewers may be on several."""
    assert len(token) == SESSION_TOKEN_LENGTH, len(token)
    return f"{node_id}{_SEPARATOR}{token}"


def node_of(session: str) -> str | None:
    """Id of the node that has the session; nothing when it is not one of our ids."""
    cut = len(session) - SESSION_TOKEN_LENGTH - 1
    return session[:cut] if cut > 0 and session[cut] == _SEPARATOR else None


NODE_LEASE_MS = 5_000
"""A node that has not renewed its registry entry for so long is taken for dead."""


class MediaNodeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A media node as the registry knows it. `control_url` is `http://host:port` or `unix:/path`.

    Nodes with the same `machine` share streams: there, `pipe` is the name of this one's socket. `busy` is the share of a core
    that the process used lately, 0 to 1.
    """

    node_id: str
    control_url: str
    streams: int
    subscribers: int
    draining: bool
    renewed_at_ms: int
    machine: str = ""
    pipe: str = ""
    busy: float = 0.0
