"""Topics: which streams carry which events, and when their entries may go."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from redis.asyncio import Redis

from schemas.base import event_topic, event_type
from server.kernel.module import Module
from server.redis.connection import reaching

LEDGER_TOPIC = "ledger"
LEDGER_SHOWS_KEY = "ledger:shows"
CHANNELS_KEY = "channels:recorded"
UNREAD_MAX = 10_000
"""Entries kept of a topic that no module consumes: enough to look at, and for a module that starts to consume it now."""


def stream_of_topic(topic: str) -> str:
    """Redis key of a static topic."""
    return f"bus:{topic}"


def replay_topic(module: str) -> str:
    """Topic that only this module reads: dead letters that were sent again."""
    return f"replay:{module}"


def ledger_stream(show_id: str) -> str:
    """Redis key of a show's ledger log."""
    return f"{{sh:{show_id}}}:log"


def channel_stream(channel: str) -> str:
    """Redis key of a channel's log."""
    return f"ch:{{{channel}}}:log"


@dataclass(frozen=True)
class Source:
    """One static stream, or a family: a Redis set of members, each with its stream."""

    redis: Redis
    stream: str = ""
    members_key: str = ""
    stream_of: Callable[[str], str] = str
    prefixes: tuple[str, ...] = ()  # members of interest, by the start of their names; empty: all
    sparse: bool = False  # not every entry carries an event

    async def streams(self) -> list[str]:
        """Keys of its streams at this moment.

        Raises:
            Unavailable: Redis is away.
        """
        if self.stream:
            return [self.stream]
        async with reaching():
            members = await self.redis.smembers(self.members_key)
        names = sorted(str(member, "utf-8") for member in members if isinstance(member, bytes))
        return [self.stream_of(name) for name in names if not self.prefixes or name.startswith(self.prefixes)]


class Sources:
    """Knows from the manifests where each event type travels.

    An event that a channel kind records (`ChannelKind.emits`) travels in the logs of that kind's channels, a fact of the ledger
    in the logs of the shows, everything else in the static topic of the module that emits it.
    """

    def __init__(self, modules: Iterable[Module], bus_redis: Redis, channels_redis: Redis) -> None:
        self._modules = tuple(modules)
        self._bus_redis = bus_redis
        self._channels_redis = channels_redis
        self._kinds: dict[str, list[str]] = {}
        for module in self._modules:
            for kind in module.channels:
                for emitted in kind.emits:
                    self._kinds.setdefault(event_type(emitted), []).append(kind.name)

    @property
    def topics(self) -> list[str]:
        """Every static topic: what modules emit or consume by way of the outbox, and their replay topics."""
        emitted = {event_topic(event) for module in self._modules for event in module.emits}
        consumed = {event_topic(entry.event) for module in self._modules for entry in module.consumes}
        replays = {replay_topic(module.name) for module in self._modules}
        return sorted((emitted | consumed | replays) - {LEDGER_TOPIC})

    def of(self, module: Module) -> list[Source]:
        """Where the module's events come from."""
        topics: set[str] = set()
        kinds: set[str] = set()
        for entry in module.consumes:
            recorded = self._kinds.get(event_type(entry.event))
            if recorded:
                kinds.update(recorded)
            else:
                topics.add(event_topic(entry.event))
        sources = [Source(self._bus_redis, stream=stream_of_topic(replay_topic(module.name)))]
        sources += [Source(self._bus_redis, stream=stream_of_topic(topic)) for topic in sorted(topics - {LEDGER_TOPIC})]
        if LEDGER_TOPIC in topics:
            sources.append(Source(self._bus_redis, members_key=LEDGER_SHOWS_KEY, stream_of=ledger_stream))
        if kinds:
            prefixes = tuple(sorted(f"{kind}:" for kind in kinds))
            recorded_channels = Source(
                self._channels_redis, members_key=CHANNELS_KEY, stream_of=channel_stream, prefixes=prefixes, sparse=True
            )
            sources.append(recorded_channels)
        return sources


async def trim(redis: Redis, topic: str) -> int:
    """Remove the entries of a static topic that every group has acknowledged; returns how many.

    Raises:
        Unavailable: Redis is away.
    """
    stream = stream_of_topic(topic)
    async with reaching():
        if not await redis.exists(stream):
            return 0
        groups = await redis.xinfo_groups(stream)
        if not groups:
            return int(await redis.xtrim(stream, maxlen=UNREAD_MAX, approximate=True))
        oldest: list[tuple[int, int]] = []
        for group in groups:
            if group["pending"]:
                summary = await redis.xpending(stream, group["name"])
                # What was pending may have been acknowledged since: then the next round trims.
                oldest.append(_parse(summary["min"]) if summary["min"] else (0, 0))
            else:
                milliseconds, number = _parse(group["last-delivered-id"])
                oldest.append((milliseconds, number + 1))
        return int(await redis.xtrim(stream, minid="{}-{}".format(*min(oldest)), approximate=False))


def _parse(entry_id: bytes) -> tuple[int, int]:
    milliseconds, _, number = entry_id.decode().partition("-")
    return int(milliseconds), int(number or 0)
