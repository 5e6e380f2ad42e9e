"""A channel's log in Redis: a stream whose entry ids are the offsets, and one script for the publications of a moment.

Every publication is also sent to whoever follows the channel, by sharded pub/sub on a topic that is named like the log. Keys of a
channel share a hash tag, so they live on one node of a cluster. Entry fields: `t` at_ms, `d` publication, `p` epoch, and `e` the
envelope of the event that the publication records (workers consume it from this very entry).
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, NamedTuple, cast

from redis.asyncio import Redis

from schemas.http.presence import SAMPLE_MAX
from server.channels.figures import PUBLISH_BATCH
from server.redis.connection import DEADLINE_MS, reaching
from server.redis.group_commit import GroupCommit
from server.redis.pipeline import Pipeline
from server.redis.scripts import Argument, Script

RECORDED_KEY = "channels:recorded"
"""Set of the channels whose entries carry events: the bus consumes their streams."""

SEEN_COMMAND_MS = 10 * 60_000
"""How long a retried command finds its first outcome. A client that retries longer than this has been reloaded since."""
SEEN_PUSH_MS = 24 * 3_600_000
"""The same for the outbox, whose relay may have been down between a publication and its note of it."""
RECORDED_LENGTH_MAX = 100_000
"""Entries kept of a channel that records events, so that workers may be away for long: at 50 a second, half an hour."""
MET_KEPT_MS = 7 * 24 * 3_600_000
"""How long it is known who was on a channel, after the last one came: longer than any show."""
PRESENCE_LENGTH = 1
"""Entries of a channel that counts its viewers: each says everything."""

Outcome = Literal["appended", "noted", "duplicate", "conflict", "stale", "guarded"]


class Entry(NamedTuple):
    """One publication as hubs handle it; `data` is its JSON, empty for an entry of the ledger that is nothing to the channel."""

    epoch: str
    offset: int
    at_ms: int
    data: bytes


@dataclass(frozen=True)
class Published:
    """Outcome of `publish`. `noted`: the command is remembered, and published nothing (`offset` 0); `conflict`: another
    command had this id; `stale`: the channel has this version or a newer one; `guarded`: guard number `guard` is held for
    `remaining_ms` more."""

    outcome: Outcome
    epoch: str
    offset: int
    guard: int = 0
    remaining_ms: int = 0


class Append(NamedTuple):
    """A publication on its way; `guards` are names with the milliseconds for which each keeps others out."""

    command_id: str
    at_ms: int
    data: bytes
    fingerprint: str
    seen_ms: int
    version: int | None
    envelope: bytes
    guards: Sequence[tuple[str, int]]
    length_max: int


@dataclass(frozen=True)
class Tally:
    """A command that adds to a channel's counters; `guards` as for `publish`."""

    command_id: str
    fingerprint: str
    counts: Mapping[str, int]
    guards: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class Opened:
    """A channel at one moment: `entries` are the last publications, oldest first, without holes, up to `offset`."""

    epoch: str
    offset: int
    entries: list[Entry]


def log_key(channel: str) -> str:
    """Stream of a channel."""
    return f"ch:{{{channel}}}:log"


def meta_key(channel: str) -> str:
    """Hash of a channel: its position and its version."""
    return f"ch:{{{channel}}}:meta"


def seen_key(channel: str, command_id: str) -> str:
    """Where the outcome of a command is kept."""
    return f"ch:{{{channel}}}:seen:{command_id}"


def guard_key(channel: str, guard: str) -> str:
    """Held while a guard of a command keeps others out."""
    return f"ch:{{{channel}}}:guard:{guard}"


def counts_key(channel: str) -> str:
    """Hash of a channel's counters."""
    return f"ch:{{{channel}}}:counts"


def here_key(channel: str) -> str:
    """Hash of a channel: who is on it in each web process."""
    return f"ch:{{{channel}}}:here"


def met_key(channel: str) -> str:
    """Set of everybody who was ever on a channel that counts its viewers."""
    return f"ch:{{{channel}}}:met"


def decode_message(payload: bytes) -> Entry:
    """What is sent to those who follow a channel: `<epoch> <offset> <at_ms> <publication>`. Hot: once per publication and node.

    Raises:
        ValueError: it is none of ours.
    """
    epoch, offset, at_ms, data = payload.split(b" ", 3)
    return Entry(epoch.decode(), int(offset), int(at_ms), data)


def decode_entry(entry_id: str, fields: Mapping[bytes, bytes]) -> Entry:
    """Entry of a stream of ours."""
    return Entry(fields[b"p"].decode(), entry_offset(entry_id), int(fields[b"t"]), fields[b"d"])


def entry_offset(entry_id: str) -> int:
    """Offset of an entry: its id is `<offset>-0`."""
    return int(entry_id.partition("-")[0])


class ChannelLog:
    """Logs of channels on one Redis. Close it with `close`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._pipeline = Pipeline(redis)
        self._batches = GroupCommit[Append, Published](self.append_all, what="Redis", deadline_s=DEADLINE_MS / 1000)
        self._publish = _script("publish.lua")
        self._tally = _script("tally.lua")
        self._present = _script("presence.lua")
        self._open = _script("open.lua")
        self._recorded: dict[str, str] = {}  # channel -> epoch in which it was put into the set; at most one per live channel

    async def close(self) -> None:
        """Let what was asked be answered, within its deadline, and close the connection."""
        await self._batches.close()
        self._pipeline.close()

    async def publish(
        self,
        channel: str,
        command_id: str,
        data: bytes,
        *,
        at_ms: int,
        length_max: int,
        fingerprint: str = "",
        version: int | None = None,
        envelope: bytes | None = None,
        seen_ms: int = SEEN_COMMAND_MS,
        guards: Sequence[tuple[str, int]] = (),
    ) -> Published:
        """Append a publication, once per command id; a retry gives the first position again. Empty `data`: only note the command.

        `guards` are names with the milliseconds for which each keeps other commands with the same guard out. What is published on
        the channel while a call for it is under way leaves together in the next one.

        Raises:
            Unavailable: Redis did not answer in time; whether the publication is in the log is not known, so retry with the
                same `command_id`.
        """
        if envelope is not None and channel not in self._recorded:
            await self._record(channel, "")  # before the first entry: a crash in between must not hide it from the bus
        item = Append(command_id, at_ms, data, fingerprint, seen_ms, version, envelope or b"", guards, length_max)
        published = await self._batches.submit(channel, item)
        if envelope is not None and self._recorded.get(channel) != published.epoch:
            await self._record(channel, published.epoch)  # another epoch: this Redis may have lost the set as well
        return published

    async def append_all(self, channel: str, items: Sequence[Append]) -> list[Published]:
        """Append publications in order, in one script; an outcome for each. Raises as `publish`."""
        keys = [log_key(channel), meta_key(channel)]
        args: list[Argument] = []
        for item in items:
            keys += [seen_key(channel, item.command_id), *(guard_key(channel, name) for name, _ in item.guards)]
            version = "" if item.version is None else item.version
            args += [item.at_ms, item.data, item.fingerprint, item.seen_ms, version, item.envelope, len(item.guards)]
            args += [ttl_ms for _, ttl_ms in item.guards]
        answers = await self._run(self._publish, keys, max(item.length_max for item in items), *args)
        PUBLISH_BATCH.observe(len(items))
        return [_published(answer) for answer in answers]

    async def _run(self, script: Script, keys: Sequence[str], *args: Argument) -> Any:
        """Every script begins with the server process that runs it and an epoch for a channel that needs a new one."""
        return await self._pipeline.script(script, keys, lambda run_id: (run_id, _new_epoch(), *args))

    async def tally(self, channel: str, commands: Sequence[Tally], *, at_ms: int, length_max: int) -> list[Published]:
        """Add commands to the channel's counters, each once, and publish all totals together; an outcome for each, in order.

        Raises:
            Unavailable: as `publish`; retry with the same command ids.
        """
        keys = [log_key(channel), meta_key(channel), counts_key(channel)]
        args: list[Argument] = [length_max, at_ms, SEEN_COMMAND_MS]
        for command in commands:
            keys += [seen_key(channel, command.command_id), *(guard_key(channel, name) for name, _ in command.guards)]
            args += [command.fingerprint, len(command.guards), *(ttl_ms for _, ttl_ms in command.guards)]
            args += [len(command.counts), *(part for count in command.counts.items() for part in count)]
        return [_published(answer) for answer in await self._run(self._tally, keys, *args)]

    async def present(
        self,
        channel: str,
        process: str,
        count: int,
        people: Sequence[bytes],
        *,
        met: Sequence[str] = (),
        expires_ms: int,
        rest_ms: int,
    ) -> int:
        """Note that a process serves `count` people on the channel, a few of whom are `people` (JSON), and publish who is there
        in all processes if that has changed; at most once in `rest_ms`. The milliseconds after which to ask again, or 0.
        `met` are the ids of those who have come since the process told last.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        keys = [log_key(channel), meta_key(channel), here_key(channel), met_key(channel)]
        args: list[Argument] = [process, count, b"\n".join(people), expires_ms, rest_ms, SAMPLE_MAX, MET_KEPT_MS, *met]
        _, wait_ms = await self._run(self._present, keys, PRESENCE_LENGTH, *args)
        return int(wait_ms)

    async def outcome(self, channel: str, command_id: str, fingerprint: str) -> Published | None:
        """What became of a command that was published before; None when it was not, or not with this fingerprint."""
        async with reaching():
            seen = cast(bytes | None, await self._redis.get(seen_key(channel, command_id)))
        if seen is None:
            return None
        epoch, offset, known = seen.decode().split(" ", 2)
        return Published("duplicate", epoch, int(offset)) if known == fingerprint else None

    async def open(self, channel: str, count: int) -> Opened:
        """Position and last publications of a channel, read at one moment.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        keys = [log_key(channel), meta_key(channel)]
        epoch, offset, raw = await self._run(self._open, keys, count)
        newest_first = [decode_entry(key.decode(), _fields(fields)) for key, fields in raw]
        return Opened(epoch.decode(), offset, _without_holes(newest_first, offset))

    async def positions(self, channels: Sequence[str]) -> list[tuple[str, int]]:
        """Epoch and offset of each channel, ("", 0) of one that has none; read in one write.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        replies = await asyncio.gather(*(self._pipeline.command("HMGET", meta_key(name), "e", "o") for name in channels))
        return [(epoch.decode(), int(offset)) if epoch else ("", 0) for epoch, offset in replies]

    async def between(self, channel: str, first: int, last: int) -> list[Entry]:
        """Publications `first`..`last` as far as the log still has them, oldest first.

        Raises:
            Unavailable: Redis did not answer in time.
        """
        found = await read_range(self._redis, log_key(channel), first, last)
        return [decode_entry(entry_id, fields) for entry_id, fields in found]

    async def _record(self, channel: str, epoch: str) -> None:
        async with reaching():
            await self._redis.sadd(RECORDED_KEY, channel)
        self._recorded[channel] = epoch


async def read_range(redis: Redis, stream: str, first: int, last: int) -> list[tuple[str, dict[bytes, bytes]]]:
    """Entries `first`..`last` of a stream whose ids are `<offset>-0`, as far as it still has them.

    Raises:
        Unavailable: Redis did not answer in time.
    """
    async with reaching():
        raw = await redis.xrange(stream, f"{first}-0", f"{last}-0", count=last - first + 1)
    return [(key.decode(), fields) for key, fields in cast(list[tuple[bytes, dict[bytes, bytes]]], raw)]


async def read_ends(redis: Redis, streams: Sequence[str]) -> list[int]:
    """Offsets of the newest entries of these streams; 0 for one that is empty or missing.

    Raises:
        Unavailable: Redis did not answer in time.
    """
    if not streams:
        return []
    async with reaching(), redis.pipeline(transaction=False) as pipeline:
        for stream in streams:
            pipeline.xrevrange(stream, "+", "-", count=1)
        replies = await pipeline.execute()
    return [entry_offset(reply[0][0].decode()) if reply else 0 for reply in replies]


def _script(name: str) -> Script:
    folder = files("server.channels.scripts")
    return Script("\n".join(folder.joinpath(part).read_text("utf-8") for part in ("position.lua", "answers.lua", name)))


def _published(answer: list[Any]) -> Published:
    if answer[0] == b"guarded":
        _, which, remaining_ms = answer
        return Published("guarded", "", 0, guard=which - 1, remaining_ms=max(1, remaining_ms))
    outcome, epoch, offset = answer
    return Published(cast(Outcome, outcome.decode()), epoch.decode(), offset)


def _new_epoch() -> str:
    return secrets.token_hex(6)


def _fields(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _without_holes(newest_first: list[Entry], top: int) -> list[Entry]:
    kept: list[Entry] = []
    for entry in newest_first:
        if entry.offset != top - len(kept):
            break
        kept.append(entry)
    return kept[::-1]
