"""Who may read a channel: the kind of a channel by its name, and the facts that its `authorise` decides on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import UNKNOWN_CHANNEL, Refused
from server.channels.codec import Codec
from server.channels.flights import Flights
from server.kernel.module import SYSTEM, Actor, ChannelKind, UnitOfWork
from server.kernel.tasks import TaskGroup


@dataclass(frozen=True)
class Admitted:
    """A channel that the actor may read, with the facts it was decided on."""

    codec: Codec
    subject: str
    facts: Any


class Admission:
    """All kinds of channels of the process."""

    def __init__(self, kinds: Sequence[ChannelKind], units: UnitOfWork, tasks: TaskGroup) -> None:
        self._codecs = {kind.name: Codec(kind) for kind in kinds}
        assert len(self._codecs) == len(kinds), "two channel kinds have one name"
        self._units = units
        self._facts: Flights[Any] = Flights(tasks)
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

    async def admit(self, actor: Actor, channel: str) -> Admitted:
        """The channel, if the actor may read it.

        Raises:
            Refused: it does not exist, or the actor may not.
            Unavailable: the database cannot be reached.
        """
        codec = self.known_codec(channel)
        kind, subject = codec.kind, channel.partition(":")[2]
        facts = await self._facts.run(f"{self._era} {channel}", lambda: self._load(kind, subject))
        if facts is None:
            raise Refused(UNKNOWN_CHANNEL)
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
            facts = await kind.load_own(ctx, admitted.subject)
        if facts is None:
            raise Refused(UNKNOWN_CHANNEL)
        return Admitted(admitted.codec, admitted.subject, facts)

    async def _load(self, kind: ChannelKind, subject: str) -> Any | None:
        async with self._units(SYSTEM) as ctx:
            return await kind.load(ctx, subject)
