"""The manifest of a module: all that the rest of the server may know of it, and the context that its functions get."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Event, Request
from schemas.errors import WireError

ReplyT = TypeVar("ReplyT")
KeyT = TypeVar("KeyT", bound=Hashable)
FoundT = TypeVar("FoundT")
ItemT = TypeVar("ItemT")
MadeT = TypeVar("MadeT")
PortT = TypeVar("PortT")
EventT = TypeVar("EventT", bound=Event)
QuestionT = TypeVar("QuestionT", bound=Request[Any])


@dataclass(frozen=True)
class Actor:
    """Who acts. `kind` is `guest` (a nickname), `account` (registered) or `system` (the server itself)."""

    id: str
    kind: Literal["guest", "account", "system"]
    name: str
    locale: str = "en"
    roles: frozenset[str] = frozenset()

    @property
    def is_host(self) -> bool:
        return "host" in self.roles


SYSTEM = Actor(id="sys_" + "0" * 32, kind="system", name="Efir")


ReadMany = Callable[[AsyncConnection, Sequence[KeyT]], Awaitable[Mapping[KeyT, FoundT]]]
"""Reads for many keys at once and answers for each."""
WriteMany = Callable[["Context", Sequence[ItemT]], Awaitable[Sequence[MadeT]]]
"""Writes many items in one unit of work and says what became of each, in their order."""


class Context(Protocol):
    """What a handler, a route, a job or an answer works with; one per unit of work.

    The unit's write transaction opens at the first use of `store` and ends with the unit: commit when it returns, roll back when
    it raises. Nobody calls commit. What `publish` and `push` were given leaves with the commit, or not at all.
    """

    actor: Actor
    now_ms: int

    @property
    def store(self) -> "Store":
        """The write transaction."""

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A short read-only transaction of its own, for reading before an outside call."""

    async def read_together(self, read: "ReadMany[KeyT, FoundT]", key: KeyT) -> FoundT:
        """What `read` finds for a key, by one read-only transaction for all who ask through the same function at the same time: a
        crowd costs a few queries with many keys. `read` (a function of the module's store) must answer for every key it is given.
        The read begins after this call."""

    async def write_together(self, write: "WriteMany[ItemT, MadeT]", item: ItemT) -> MadeT:
        """What `write` makes of an item, by one unit of work for all who write through the same function at the same time: a
        crowd costs a few transactions with many rows. The unit is not this one, belongs to the system, and has committed when
        this returns. When it fails, each of its items gets a unit of its own, so that one cannot spoil the others'.

        Raises:
            AssertionError: the write transaction of this unit is open: the other one would wait for it.
            Unavailable: not in time; the item may have been written all the same.
        """

    def publish(self, event: Event) -> None:
        """Into the outbox of the transaction: reaches every consumer at least once, after the commit."""

    def push(self, channel: str, data: msgspec.Struct, version: int | None = None) -> None:
        """Into the outbox as well: a publication on a channel. A `version` not above the last one is dropped (state channels)."""

    def revoke(self, actor_id: str) -> None:
        """Into the outbox: rights of this actor have shrunk, so every node looks at their open subscriptions again."""

    async def ask(self, request: Request[ReplyT]) -> ReplyT:
        """The answer of the one module that answers this question, within the same transaction."""

    async def gather(self, request: Request[ReplyT]) -> Mapping[str, ReplyT]:
        """What every module that contributes to this question says, by module, within the same transaction."""

    def port(self, kind: type[PortT]) -> PortT:
        """An outside service (the ledger, a payment provider registry) that `server/app.py` chose.

        Raises:
            AssertionError: the write transaction is open: outside calls come first, so that no lock is held while waiting.
        """


class Store(Protocol):
    """A lazily opened write transaction with SQLAlchemy Core's verbs. SQLite: `BEGIN IMMEDIATE`."""

    async def execute(self, statement: Any, parameters: Any = None) -> Any:
        """Run a statement; returns SQLAlchemy's `CursorResult`."""

    async def scalar(self, statement: Any) -> Any:
        """First column of the first row, or None."""


@dataclass(frozen=True)
class Call:
    """An HTTP request, decoded and authorised. `body` is an instance of the endpoint's `body` type."""

    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    client_address: str = ""
    raw: bytes = b""
    """The body as it came, for an endpoint that is `raw`."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; `view` is encoded as JSON, `content` goes out as it is, as what the endpoint `produces`."""

    view: msgspec.Struct | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None


Permission = Literal["anyone", "guest", "account", "packer", "host", "owner"]
"""Least that the caller must be: `guest` means any session; `packer`, `host` and `owner` an account with that role, and a host
may do what a packer may."""


@dataclass(frozen=True)
class RawBody:
    """A body that the handler gets undecoded: a signature covers the bytes, or they are a file.

    It is refused while it streams when it is longer than `bytes_max`, and when it has not come within `deadline_s`.
    """

    content_types: tuple[str, ...] = ("application/json",)
    bytes_max: int = 256 * 1024
    """Webhooks carry whole objects: a payment with its charges and metadata has some ten KiB."""
    deadline_s: float | None = None
    """None: as long as any other body may take."""


@dataclass(frozen=True)
class Endpoint:
    """One HTTP operation of a module: `path` starts with `/api/<module>`, parameters in braces. Bodies are JSON, but for those
    that are `raw`."""

    method: Literal["GET", "POST", "PATCH", "DELETE"]
    path: str
    handler: Callable[[Context, Call], Awaitable[Reply]]
    permission: Permission
    summary: str
    body: type[msgspec.Struct] | None = None
    view: type[msgspec.Struct] | None = None
    status: int = 200
    raw: RawBody | None = None
    produces: str = ""
    """Media type of an answer that is no JSON."""


@dataclass(frozen=True)
class Guard:
    """Refuse a command with `error` while another one with this `key` was accepted on the channel less than `ttl_ms` ago.

    Decided in the script that publishes, so it holds over all nodes: slow mode, repeats.
    """

    key: str
    ttl_ms: int
    error: WireError


@dataclass(frozen=True)
class Decision:
    """Outcome of a command: refuse with `error`, or accept.

    Accepted, it publishes `data` (and records `event` in the same log entry). Without `data` nothing is published here: `echo` is
    what the sender alone sees, `tally` adds to the channel's counters, whose totals are published together with others'.
    `aside` is a fact that goes by the outbox, once per command. `guards` come before everything.
    """

    data: msgspec.Struct | None = None
    event: Event | None = None
    error: WireError | None = None
    detail: str = ""
    retry_after_ms: int | None = None
    guards: tuple[Guard, ...] = ()
    echo: msgspec.Struct | None = None
    aside: Event | None = None
    tally: Mapping[str, int] = field(default_factory=dict)


class ChannelKind:
    """A kind of channel; `name:subject` names one channel. Subclasses are pure but for `load`, `initial` and `carry_out`.

    `source="log"`: publications live in the channel's own Redis log, and the snapshot is `apply` folded over what the log holds.
    `source="ledger"`: the log is the ledger's log of the show (offset = seq); `project` makes publications of those of its
    entries that matter here, and the snapshot is `initial`. `delivery="event"` sends every publication in order, `"state"` only
    the newest.
    """

    name: str
    source: Literal["log", "ledger"] = "log"
    delivery: Literal["event", "state"] = "event"
    command: Any = None
    """Struct of its commands, or a union of tagged ones; None: nobody may publish here."""
    publication: Any
    """Struct of its publications, or a union of tagged ones."""
    snapshot: type[msgspec.Struct]
    history_length: int = 100
    emits: tuple[type[Event], ...] = ()
    commands_per_s: float = 1.0
    commands_burst: int = 5
    personal: bool = False
    """Commands are decided on facts about their sender as well: `load_own` gives them."""
    transactional: bool = False
    """Commands are carried out by `carry_out` in a unit of work, not by `decide`."""
    conflate_ms: int = 0
    """`delivery="state"`: least time between two flushes to viewers; the first after a rest goes at once. Also how long
    `Decision.tally` gathers."""
    counts_viewers: bool = False
    """The service itself publishes `schemas.http.presence.PresenceState` here: who is on the channel."""

    async def load(self, ctx: Context, subject: str) -> Any | None:
        """Facts for `authorise` and, unless `personal`, for `decide`; None when the subject does not exist. Those who come
        at the same time share them, so that an audience that returns at once costs a few reads: they must not depend on
        `ctx.actor`."""
        raise NotImplementedError

    async def load_own(self, ctx: Context, subject: str, facts: Any) -> Any | None:
        """`personal`: facts for `decide` and `carry_out`, about `ctx.actor` too; None when the subject does not exist.
        `facts` are those of `load`, read after the command came."""
        raise NotImplementedError

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        """Why the actor may not read the channel, or None."""
        raise NotImplementedError

    def decide(self, actor: Actor, facts: Any, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        """Outcome of a command, which is an instance of `command`. `state` is the channel's as this node knows it just now."""
        raise NotImplementedError

    async def carry_out(self, ctx: Context, subject: str, facts: Any, command: Any, command_id: str) -> msgspec.Struct | None:
        """`transactional`: do what the command wants, with all of it in the unit's transaction, and return what the sender alone
        sees. The same `command_id` again must change nothing and have the same outcome. The actor is `ctx.actor`.

        Raises:
            Refused: nothing is done.
        """
        raise NotImplementedError

    async def initial(self, ctx: Context, subject: str) -> tuple[str, int, msgspec.Struct] | msgspec.Struct:
        """State before the first publication. `source="ledger"`: (epoch, offset, state), read atomically."""
        raise NotImplementedError

    def apply(self, state: Any, publication: Any) -> Any:
        """Pure reducer: the snapshot after a publication. Browsers do the same; `tests/channels` prove that both agree."""
        raise NotImplementedError

    def project(self, event: Any) -> msgspec.Struct | None:
        """`source="ledger"`: what viewers see of a ledger event, or None when it is nothing to them: then nobody is sent
        anything, and the snapshot before and after it is the same."""
        raise NotImplementedError


@dataclass(frozen=True)
class Consumes:
    """The module handles every event of this type, once in effect."""

    event: type[Event]
    handler: Callable[[Any, Context], Awaitable[None]]


@dataclass(frozen=True)
class Answers:
    """The module answers this question. `shared`: the answer depends on the question alone, not on who asks, and nobody
    changes what they are given; so all who ask the same at the same time, outside of a write transaction, get one answer."""

    request: type[Request[Any]]
    handler: Callable[[Any, Context], Awaitable[Any]]
    shared: bool = False


@dataclass(frozen=True)
class Job:
    """Timed work: one worker at a time runs it, about every `every_ms`."""

    name: str
    every_ms: int
    run: Callable[[Context], Awaitable[None]]


@dataclass(frozen=True)
class Module:
    """A feature of the product. `server/app.py` lists the manifests; `tests/test_modules.py` checks them."""

    name: str
    consumes: tuple[Consumes, ...] = ()
    emits: tuple[type[Event], ...] = ()
    answers: tuple[Answers, ...] = ()
    contributes: tuple[Answers, ...] = ()
    """Questions that go to every module that has something to say (`ctx.gather`)."""
    asks: tuple[type[Request[Any]], ...] = ()
    channels: tuple[ChannelKind, ...] = ()
    routes: tuple[Endpoint, ...] = ()
    jobs: tuple[Job, ...] = ()
    ports: tuple[type[Any], ...] = ()


def on(event: type[EventT], handler: Callable[[EventT, Context], Awaitable[None]]) -> Consumes:
    """`consumes` entry whose handler is checked against the event's type."""
    return Consumes(event, handler)


def answer(request: type[QuestionT], handler: Callable[[QuestionT, Context], Awaitable[Any]], *, shared: bool = False) -> Answers:
    """`answers` entry whose handler is checked against the question's type."""
    return Answers(request, handler, shared)


def every_ms(period_ms: int, run: Callable[[Context], Awaitable[None]]) -> Job:
    """Timed work named after its function."""
    return Job(run.__name__, period_ms, run)


UnitOfWork = Callable[[Actor], AbstractAsyncContextManager[Context]]
"""Opens a context: `async with unit_of_work(actor) as ctx`. Built by `server/app.py`, used by http, channels and bus."""
