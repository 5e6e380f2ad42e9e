"""Channel kinds for the tests of this folder: one of each sort."""

from typing import Annotated, Any, ClassVar

import msgspec

from schemas.base import Body, Event, View
from schemas.errors import FORBIDDEN, MESSAGE_EMPTY, RATE_LIMITED, WireError
from schemas.events.ledger import AnyLedgerEvent, StockFunded
from schemas.http.presence import PresenceState
from server.kernel.module import Actor, ChannelKind, Context, Decision, Guard

HISTORY = 20
LONG_HISTORY = 2_000


class Say(Body, frozen=True):
    """Command of `talk`."""

    text: Annotated[str, msgspec.Meta(max_length=5_000)]


class Said(View, frozen=True):
    """Publication of `talk`."""

    text: str
    author_id: str


class Talk(View, frozen=True):
    """Snapshot of `talk`."""

    said: list[Said]


class TalkSaid(Event, frozen=True, tag="talk.said.v1"):
    """Recorded event of `talk`."""

    SUBJECT: ClassVar[str] = "room_id"
    room_id: str
    text: str


class TalkKind(ChannelKind):
    """Events in order, made by commands and recorded."""

    name = "talk"
    command = Say
    publication = Said
    snapshot = Talk
    history_length = HISTORY
    emits = (TalkSaid,)
    commands_per_s = 1000.0
    commands_burst = 1000
    closed: ClassVar[set[str]] = set()

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return None if subject == "nowhere" else subject

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return FORBIDDEN if facts == "private" and not actor.is_host else None

    def decide(self, actor: Actor, facts: Any, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        if not command.text or facts in self.closed:
            return Decision(error=MESSAGE_EMPTY, detail="Say something")
        if command.text == "crash":
            raise RuntimeError("a bug in a kind")
        return Decision(Said(text=command.text, author_id=actor.id), TalkSaid(room_id=facts, text=command.text))

    async def initial(self, ctx: Context, subject: str) -> msgspec.Struct:
        return Talk(said=[])

    def apply(self, state: Talk, publication: Said) -> Talk:
        if publication.text == "poison":
            raise ValueError("a publication that cannot be applied")
        return Talk(said=[*state.said, publication][-HISTORY:])


class SlowTalkKind(TalkKind):
    """The same, two commands at once and one every ten seconds."""

    name = "slow_talk"
    commands_per_s = 0.1
    commands_burst = 2
    emits = (TalkSaid,)


class LongTalkKind(TalkKind):
    """The same with a long memory, so that runs of a history have everything in their last state."""

    name = "long_talk"
    history_length = LONG_HISTORY

    def apply(self, state: Talk, publication: Said) -> Talk:
        return Talk(said=[*state.said, publication][-LONG_HISTORY:])


class Sign(View, frozen=True):
    """Publication and snapshot of `sign`."""

    version: int
    text: str


class SignKind(ChannelKind):
    """The newest state only, made by the server."""

    name = "sign"
    delivery = "state"
    publication = Sign
    snapshot = Sign

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return subject

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None

    async def initial(self, ctx: Context, subject: str) -> msgspec.Struct:
        return Sign(version=0, text="")

    def apply(self, state: Sign, publication: Sign) -> Sign:
        return publication


class Tap(Body, frozen=True):
    """Command of `hearts`."""

    counts: dict[str, int]
    once_per: str = ""


class Hearts(View, frozen=True):
    """Publication and snapshot of `hearts`."""

    counts: dict[str, int]


class HeartsKind(ChannelKind):
    """Totals that commands add to, conflated."""

    name = "hearts"
    delivery = "state"
    command = Tap
    publication = Hearts
    snapshot = Hearts
    history_length = 1
    conflate_ms = 50
    commands_per_s = 1000.0
    commands_burst = 1000

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return subject

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None

    def decide(self, actor: Actor, facts: Any, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        guards = (Guard(command.once_per, 60_000, RATE_LIMITED),) if command.once_per else ()
        return Decision(tally=command.counts, guards=guards)

    async def initial(self, ctx: Context, subject: str) -> msgspec.Struct:
        return Hearts(counts={})

    def apply(self, state: Hearts, publication: Hearts) -> Hearts:
        return publication


class RareHeartsKind(HeartsKind):
    """The same, gathered for longer than any test lasts."""

    name = "rare_hearts"
    conflate_ms = 60_000


class CrowdKind(ChannelKind):
    """Who is here."""

    name = "crowd"
    delivery = "state"
    publication = PresenceState
    snapshot = PresenceState
    history_length = 1
    counts_viewers = True

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return subject

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None

    async def initial(self, ctx: Context, subject: str) -> msgspec.Struct:
        return PresenceState(count=0, sample=[])

    def apply(self, state: PresenceState, publication: PresenceState) -> PresenceState:
        return publication


class Counted(View, frozen=True):
    """Publication of `count`."""

    total: int


class CountKind(ChannelKind):
    """From the ledger's log; `initial` is what the test says the ledger holds."""

    name = "count"
    source = "ledger"
    publication = Counted
    snapshot = Counted
    ledger: ClassVar[tuple[str, int, int]] = ("e1", 0, 0)

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return subject

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, msgspec.Struct]:
        epoch, offset, total = self.ledger
        return epoch, offset, Counted(total=total)

    def apply(self, state: Counted, publication: Counted) -> Counted:
        return publication

    def project(self, event: AnyLedgerEvent) -> msgspec.Struct | None:
        if not isinstance(event, StockFunded):
            return None
        return Counted(total=event.lines[0].available)


class TallyKind(CountKind):
    """A second kind on the same log of the ledger."""

    name = "tally"


KINDS: tuple[ChannelKind, ...] = (
    TalkKind(),
    SlowTalkKind(),
    LongTalkKind(),
    SignKind(),
    HeartsKind(),
    RareHeartsKind(),
    CrowdKind(),
    CountKind(),
    TallyKind(),
)
