"""The websocket protocol as two tagged unions. Prose and examples: schemas/README.md.

Frames are JSON objects whose `op` says what they are. `id` is chosen by the client, and the reply carries it back. A position
is (epoch, offset): the epoch changes when a channel's history was lost, the offset counts publications from 1 without holes.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import END, CommandId

FRAME_BYTES_MAX = 16 * 1024
CHANNELS_MAX = 32
"""Channels of one connection; a viewer needs about six."""

FrameId = Annotated[int, Meta(ge=1, le=2**53 - 1)]
ChannelName = Annotated[str, Meta(pattern="^[a-z_]{2,24}:[A-Za-z0-9_-]{1,64}" + END, description="kind:subject")]


class Position(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a reader of a channel stands: it has everything up to and including `offset`."""

    epoch: Annotated[str, Meta(max_length=40)]
    offset: Annotated[int, Meta(ge=0)]


class ClientFrame(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="op"):
    """What a browser sends."""


class Connect(ClientFrame, frozen=True, tag="connect"):
    """First frame of a connection, due within five seconds. `ticket` is single-use, from `POST /api/auth/ticket`."""

    id: FrameId
    ticket: Annotated[str, Meta(min_length=16, max_length=128)]


class Subscribe(ClientFrame, frozen=True, tag="subscribe"):
    """Join a channel. With `position` the server sends what came after it, or says `recovered: false` with a snapshot."""

    id: FrameId
    channel: ChannelName
    position: Position | None = None


class Unsubscribe(ClientFrame, frozen=True, tag="unsubscribe"):
    """Leave a channel."""

    id: FrameId
    channel: ChannelName


class Publish(ClientFrame, frozen=True, tag="publish"):
    """A command to a channel. `command_id` is made when the intent arises; a retry sends it again and gets the same outcome."""

    id: FrameId
    channel: ChannelName
    command_id: CommandId
    data: msgspec.Raw


class Ping(ClientFrame, frozen=True, tag="ping"):
    """Clock sample (NTP's four time stamps): `t0_ms` is the client's monotonic clock, echoed in `pong`."""

    id: FrameId
    t0_ms: float


class Pong(ClientFrame, frozen=True, tag="pong"):
    """Answer to the server's `ping`."""


POLL_FRAMES_MAX = 48
"""All channels of a page, and a handful of commands."""
POLL_WAIT_MS_MAX = 25_000
"""Under the 30 s after which some proxies give up on an answer."""


class Poll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /api/channels/poll`, for networks that let no websocket through. The session's cookie says who it is.

    `frames` are client frames as on a websocket (no `connect`), with `subscribe` for every channel of interest at its position;
    the answer is a JSON array of server frames, `connected` first. It comes as soon as there is more in it than `subscribed`
    frames without news, at the latest after `wait_ms`. Nothing is remembered between two polls.
    """

    frames: Annotated[list[msgspec.Raw], Meta(max_length=POLL_FRAMES_MAX)] = []
    wait_ms: Annotated[int, Meta(ge=0, le=POLL_WAIT_MS_MAX)] = POLL_WAIT_MS_MAX


AnyClientFrame = Connect | Subscribe | Unsubscribe | Publish | Ping | Pong


class ServerFrame(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """What the server sends."""


class Connected(ServerFrame, frozen=True, tag="connected"):
    """The connection is authenticated. `ping_ms` is how often the server pings: silence for twice as long means a dead link."""

    id: FrameId
    session_id: str
    actor_id: str
    server_ms: int
    ping_ms: int


class Publication(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a channel's log; `after` as in `Push`."""

    offset: int
    at_ms: int
    data: msgspec.Raw
    after: int | None = None


class Subscribed(ServerFrame, frozen=True, tag="subscribed"):
    """Reply to `subscribe`: exactly one of `publications` (recovered) and `snapshot` (fresh) is the way to (epoch, offset).

    `snapshot` is null when recovered.
    """

    id: FrameId
    channel: str
    epoch: str
    offset: int
    recovered: bool
    snapshot: msgspec.Raw  # not `Raw | None`, which msgspec cannot decode
    publications: list[Publication] = []


class Unsubscribed(ServerFrame, frozen=True, tag="unsubscribed"):
    """Reply to `unsubscribe`, or without `id` when the server removed the subscription (`reason` is an error name)."""

    channel: str
    id: FrameId | None = None
    reason: str | None = None


class Accepted(ServerFrame, frozen=True, tag="accepted"):
    """The command was decided in the client's favour; (`epoch`, `offset`) is its place in the channel.

    Both are null when it made no publication of its own: its effect comes with a later one, or only the sender sees it, as `echo`
    (a publication of this kind to show beside the channel's; null otherwise).
    """

    id: FrameId
    command_id: str
    epoch: str | None
    offset: int | None
    echo: msgspec.Raw  # not `Raw | None`, which msgspec cannot decode


class Failed(ServerFrame, frozen=True, tag="error"):
    """A refusal; the table is `schemas/errors.py`. Without `id` the frame itself could not be read."""

    code: int
    name: str
    detail: str
    temporary: bool
    id: FrameId | None = None
    retry_after_ms: int | None = None
    extra: dict[str, str | int | bool] = {}
    """More that the refusal knows, as the extension members of a problem (RFC 9457 §3.2): `next_minor`, for example."""


class Push(ServerFrame, frozen=True, tag="push", omit_defaults=True):
    """A publication of a channel: the same bytes for every viewer.

    Its place in the epoch is `offset`; whoever has everything up to `after` (when it is not given: up to `offset` - 1) misses
    nothing. The offsets between the two are of the ledger's log and mean nothing to this channel.
    """

    channel: str
    epoch: str
    offset: int
    at_ms: int
    data: msgspec.Raw
    after: int | None = None


class Gap(ServerFrame, frozen=True, tag="gap"):
    """The viewer fell too far behind, or the history was lost: forget the channel's state and take this snapshot."""

    channel: str
    epoch: str
    offset: int
    snapshot: msgspec.Raw


class ServerPing(ServerFrame, frozen=True, tag="ping"):
    """Sign of life; answer with `pong`. `server_ms` is a free clock sample."""

    server_ms: int


class Clock(ServerFrame, frozen=True, tag="pong"):
    """Answer to a client's `ping`: received at `t1_ms`, answered at `t2_ms`, both Unix milliseconds of the server."""

    id: FrameId
    t0_ms: float
    t1_ms: float
    t2_ms: float


AnyServerFrame = Connected | Subscribed | Unsubscribed | Accepted | Failed | Push | Gap | ServerPing | Clock
