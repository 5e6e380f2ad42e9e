"""Who may read a channel: the kind of a channel by its name, and the facts that its `authorise` decides on."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import UNKNOWN_CHANNEL, Refused
from server.channels.codec import Codec
from server.kernel.clock import Clock
from server.kernel.flights import Flights
from server.kernel.module import SYSTEM, Actor, ChannelKind, UnitOfWork
from server.kernel.tasks import TaskGroup

RECENT_MS = 250
"""How long facts serve subscriptions. When a whole audience returns, four reads a second of each channel are enough for all."""
RECENT_CHANNELS_MAX = 1_000
"""Channels whose facts are kept for that long; the one used longest ago is forgotten."""


@dataclass(frozen=True)
class Admitted:
    """A channel that the actor may read, with the facts it was decided on."""

    codec: Codec
    subject: str
    facts: Any


class Admission:
    """All kinds of channels of the process."""

    def __init__(self, kinds: Sequence[ChannelKind], units: UnitOfWork, clock: Clock, tasks: TaskGroup) -> None:
        self._codecs = {kind.name: Codec(kind) for kind in kinds}
        assert len(self._codecs) == len(kinds), "two channel kinds have one name"
        self._units, self._clock = units, clock
        self._recent: OrderedDict[str, tuple[float, Any]] = OrderedDict()  # of each channel: when its facts came
        self._facts: Flights[str, Any] = Flights(tasks)
        self._era = 0

    def codec(self, channel: str) -> Codec | None:
        """Of the channel's kind; None when there is no such kind."""
        return self._codecs.get(channel.partition(":")[0])

    def known_codec(self, channel: str) -> Codec:
        """The same.

        Raises:
            Refused: there is no such kind.
        """
        codec = self.codec(channel)
        if codec is None:
            raise Refused(UNKNOWN_CHANNEL, f"There is no kind of channel {channel.partition(':')[0]!r}")
        return codec

    def forget_facts(self) -> None:
        """Somebody's rights have changed: facts that are being read at this moment are too old for whoever asks from now on."""
        self._era += 1
        self._recent.clear()

    @property
    def era(self) -> int:
        """Changes whenever somebody's rights do: who was let in before must be looked at again."""
        return self._era

    async def admit_reader(self, actor: Actor, channel: str) -> Admitted:
        """As `admit`, on facts that may be `RECENT_MS` old: for subscriptions, which are looked at again when rights change."""
        codec, recent = self.known_codec(channel), self._recent.get(channel)
        if recent is None or self._clock.monotonic_ms() - recent[0] > RECENT_MS:
            return await self.admit(actor, channel)
        error = codec.kind.authorise(actor, recent[1])
        if error is not None:
            raise Refused(error)
        return Admitted(codec, channel.partition(":")[2], recent[1])

    async def admit(self, actor: Actor, channel: str) -> Admitted:
        """The channel, if the actor may read it.

        Raises:
            Refused: it does not exist, or the actor may not.
            Unavailable: the database cannot be reached.
        """
        codec = self.known_codec(channel)
        kind, subject = codec.kind, channel.partition(":")[2]
        era = self._era
        facts = await self._facts.run(f"{era} {channel}", lambda: self._load(kind, subject))
        if facts is None:
            raise Refused(UNKNOWN_CHANNEL)
        if era == self._era:
            self._keep(channel, facts)
        error = kind.authorise(actor, facts)
        if error is not None:
            raise Refused(error)
        return Admitted(codec, subject, facts)

    async def admit_command(self, actor: Actor, channel: str) -> Admitted:
        """As `admit`, with the facts that a command of the actor is decided on."""
        admitted = await self.admit(actor, channel)
        kind = admitted.codec.kind
        if not kind.personal:
            return admitted
        async with self._units(actor) as ctx:
            facts = await kind.load_own(ctx, admitted.subject, admitted.facts)
        if facts is None:
            raise Refused(UNKNOWN_CHANNEL)
        return Admitted(admitted.codec, admitted.subject, facts)

    def _keep(self, channel: str, facts: Any) -> None:
        self._recent[channel] = self._clock.monotonic_ms(), facts
        self._recent.move_to_end(channel)
        if len(self._recent) > RECENT_CHANNELS_MAX:
            self._recent.popitem(last=False)

    async def _load(self, kind: ChannelKind, subject: str) -> Any | None:
        async with self._units(SYSTEM) as ctx:
            return await kind.load(ctx, subject)
