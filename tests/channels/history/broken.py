"""Builds of the server that are broken on purpose, switched on in a real run: the checker must see what they do.

Each is a context manager over a running stage, and undoes itself.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unittest.mock import patch

from schemas.errors import MESSAGE_EMPTY, Refused
from schemas.frames import Accepted, Gap, Publication
from server.channels import hub
from server.channels.framing import encode, encode_frame
from server.channels.hub import Channel, Viewer
from server.channels.log import ChannelLog, Entry, Published
from server.channels.session import Command
from server.kernel.module import Actor
from server.redis.pipeline import Pipeline
from tests.channels.history.local import DOOR, ROOM, Stage
from tests.channels.kinds import Said, Sign

NUMBER = 40
"""Offset at which something goes wrong."""


def frames_of(data: bytes) -> Iterator[bytes]:
    """Whole unmasked frames out of one write (RFC 6455 §5.2)."""
    while data:
        length, header = data[1], 2
        if length == 126:
            length, header = int.from_bytes(data[2:4]), 4
        elif length == 127:
            length, header = int.from_bytes(data[2:10]), 10
        yield data[: header + length]
        data = data[header + length :]


def is_push(frame: bytes, offset: int) -> bool:
    """Whether the frame is the publication at this offset of the room."""
    return all(part in frame for part in (b'"op":"push"', f'"channel":"{ROOM}"'.encode(), f'"offset":{offset},'.encode()))


@contextlib.contextmanager
def _rewritten(stage: Stage, rewrite: Callable[[bytes], Iterable[bytes]]) -> Iterator[None]:
    """What one viewer is sent goes through `rewrite`, frame by frame."""
    channel = stage.sites[0].channels._hub.channels[ROOM]
    viewer: Viewer = list(channel.viewers)[1]  # after the writer; those behind it are cut in the run
    write = viewer.write
    viewer.write = lambda data: write(b"".join(new for old in frames_of(data) for new in rewrite(old)))
    yield


def push_dropped(stage: Stage) -> contextlib.AbstractContextManager[None]:
    """One viewer does not get one publication."""
    return _rewritten(stage, lambda frame: [] if is_push(frame, NUMBER) else [frame])


def push_doubled(stage: Stage) -> contextlib.AbstractContextManager[None]:
    """One viewer gets one publication twice."""
    return _rewritten(stage, lambda frame: [frame, frame] if is_push(frame, NUMBER) else [frame])


def pushes_swapped(stage: Stage) -> contextlib.AbstractContextManager[None]:
    """One viewer gets two publications the wrong way round."""
    held: list[bytes] = []

    def swap(frame: bytes) -> list[bytes]:
        if is_push(frame, NUMBER):
            held.append(frame)
            return []
        return [frame, held.pop()] if held and is_push(frame, NUMBER + 1) else [frame]

    return _rewritten(stage, swap)


def gaps_unannounced(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """Nobody is told that the epoch has ended."""
    return patch.object(hub, "encode_frame", lambda frame: b"" if isinstance(frame, Gap) else encode_frame(frame))


@contextlib.contextmanager
def other_bytes_on_one_node(stage: Stage) -> Iterator[None]:
    """One node has another publication at one place."""
    one = stage.sites[1].channels._hub
    append = one.append

    def wrong(channel: Channel, entry: Entry) -> None:
        if channel.name == ROOM and entry.offset == NUMBER:
            entry = entry._replace(data=entry.data.replace(b"gst_a", b"gst_b"))
        append(channel, entry)

    with patch.object(one, "append", wrong):
        yield


@contextlib.contextmanager
def snapshot_without_one(stage: Stage) -> Iterator[None]:
    """The state of one node lacks a publication that its viewers were sent."""
    channel = stage.sites[0].channels._hub.channels[ROOM]
    reduce = channel._reduce
    numbers = itertools.count(1)
    with patch.object(channel, "_reduce", lambda state, data: state if next(numbers) == NUMBER // 2 else reduce(state, data)):
        yield


@contextlib.contextmanager
def node_gone_silent(stage: Stage) -> Iterator[None]:
    """From some publication on one node sends nothing more."""
    one = stage.sites[1].channels._hub
    touch = one.touch

    def sometimes(channel: Channel) -> None:
        if channel.name != ROOM or channel.top < NUMBER:
            touch(channel)

    with patch.object(one, "touch", sometimes):
        yield


def _since(change: Callable[[list[Publication] | None], list[Publication] | None]) -> contextlib.AbstractContextManager[Any]:
    since = Channel.since
    return patch.object(Channel, "since", lambda self, offset: change(since(self, offset)))


def resume_skips_one(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """A reader that comes back is not given the first publication that it missed."""
    return _since(lambda missed: missed[1:] if missed else missed)


def resume_never_recovers(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """Whoever comes back gets a snapshot, however little was missed."""
    return _since(lambda missed: None)


def _publish(change: Callable[..., Any]) -> contextlib.AbstractContextManager[Any]:
    publish = ChannelLog.publish

    async def changed(self: ChannelLog, channel: str, command_id: str, data: bytes, **options: Any) -> Published:
        made: Published = await change(publish, self, channel, command_id, data, **options)
        return made

    return patch.object(ChannelLog, "publish", changed)


def acknowledged_and_not_published(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """Every tenth command is acknowledged with the next place, as if publishing could wait, and then it is forgotten."""
    numbers = itertools.count(1)

    async def hasty(publish: Any, log: ChannelLog, channel: str, command_id: str, data: bytes, **options: Any) -> Published:
        if channel == ROOM and next(numbers) % 10 == 0:
            opened = await log.open(channel, 1)
            return Published("appended", opened.epoch, opened.offset + 1)
        return await publish(log, channel, command_id, data, **options)  # type: ignore[no-any-return]

    return _publish(hasty)


def retry_published_again(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """The same command has an effect each time that it is sent."""
    numbers = itertools.count(1)

    async def again(publish: Any, log: ChannelLog, channel: str, command_id: str, data: bytes, **options: Any) -> Published:
        return await publish(log, channel, f"{command_id}-{next(numbers)}", data, **options)  # type: ignore[no-any-return]

    return _publish(again)


class _Chosen:
    """One command of a run, with all its copies: the twentieth that comes by."""

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def __call__(self, channel: str, command_id: str) -> bool:
        if channel == ROOM:
            self._seen.setdefault(command_id)
        return len(self._seen) >= 20 and list(self._seen)[19] == command_id


def said_differently(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """One publication says what nobody said."""
    chosen = _Chosen()

    async def other(publish: Any, log: ChannelLog, channel: str, command_id: str, data: bytes, **options: Any) -> Published:
        if chosen(channel, command_id):
            data = encode(Said(text="never said", author_id="nobody"))
        return await publish(log, channel, command_id, data, **options)  # type: ignore[no-any-return]

    return _publish(other)


@contextlib.contextmanager
def refused_and_published(stage: Stage) -> Iterator[None]:
    """A command is published and then refused."""
    service = stage.sites[0].channels
    publish, chosen = service.publish, _Chosen()

    async def refuse(actor: Actor, request: Command) -> Accepted:
        accepted = await publish(actor, request)
        if chosen(request.channel, request.command_id):
            raise Refused(MESSAGE_EMPTY)
        return accepted

    with patch.object(service, "publish", refuse):
        yield


def versions_go_back(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """A state channel takes an older version for the newest when it comes late."""

    async def late(publish: Any, log: ChannelLog, channel: str, command_id: str, data: bytes, **options: Any) -> Published:
        published: Published = await publish(log, channel, command_id, data, **options)
        if channel == DOOR and published.outcome == "appended":
            older = encode(Sign(version=1, text="late"))
            await publish(log, channel, f"{command_id}-late", older, **{**options, "version": None})
        return published

    return _publish(late)


def epoch_outlives_redis(stage: Stage) -> contextlib.AbstractContextManager[Any]:
    """Nobody notices that another Redis process answers: its channels keep their epoch, however old its file."""
    script = Pipeline.script

    async def same(self: Pipeline, made: Any, keys: Any, arguments: Any) -> Any:
        return await script(self, made, keys, lambda run_id: arguments("the same for ever"))

    return patch.object(Pipeline, "script", same)
