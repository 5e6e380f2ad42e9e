"""A simulated buyer: comes in, watches, and carries out what was decided, as a player's page would."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import msgspec
from websockets.exceptions import WebSocketException

from schemas.base import Body
from schemas.errors import NOT_SIGNED_IN, RATE_LIMITED
from schemas.frames import Failed, Gap, Push
from schemas.http.auctions import PlaceBid, SendBid
from schemas.http.auth import MeView, Register
from schemas.http.chat import PostMessage
from schemas.http.giveaways import EnterGiveaway
from schemas.http.orders import SaveAddress, ShippingListView, ShippingView
from schemas.http.payments import SaveCard
from schemas.http.polls import CastVote
from schemas.http.questions import AskQuestion, VoteForQuestion
from schemas.http.reactions import React
from server.demo.cast import Person, home_for
from server.demo.client import TEMPORARY, ApiRefused, LiveConnection, ShopClient
from server.demo.deeds import Ask, Bid, Buy, Cheer, Deed, Enter, Pace, Say, SayHere, Span, StandInLine, StepOut, Upvote, Vote
from server.demo.sight import Sight
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.tasks import supervised

log = get_logger(__name__)

CHANNELS = (
    *("show", "stock", "chat", "questions", "polls", "reactions", "presence"),
    *("flash_sales", "auctions", "lots", "giveaways"),
)
COMES_BACK_S = (1.0, 2.0, 5.0, 10.0, 20.0)
"""Pauses before a robot that was cut off comes back; the last one again and again."""
REGISTRATIONS_MAX = 3
"""Attempts at an account, of which the server takes one a second from an address. Without one a robot does not bid."""
COMPLAINTS_MAX = 100
"""Kinds of refusals that a crowd tells the log, each once."""

MISHAPS = (*TEMPORARY, httpx.InvalidURL, WebSocketException, msgspec.MsgspecError)
"""What a robot meets at a server that refuses, restarts, or is another one. It goes on."""


@dataclass
class Scene:
    """What the robots of a crowd share. `over` is set when they have to leave."""

    base_url: str
    show_id: str
    clock: Clock
    pace: Pace
    dice: random.Random
    sight: Sight = field(default_factory=Sight)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    complaints: set[str] = field(default_factory=set)

    def complain(self, error: BaseException) -> None:
        """Tell the log, once per kind: a robot that is refused is refused again."""
        kind = error.name if isinstance(error, ApiRefused) else type(error).__name__
        if kind not in self.complaints and len(self.complaints) < COMPLAINTS_MAX:
            self.complaints.add(kind)
            log.info("a robot was refused; others of this kind are not told", show=self.show_id, kind=kind, error=str(error))

    async def rest(self, seconds: float) -> bool:
        """Wait; False, and at once, when it is over."""
        try:
            async with asyncio.timeout(seconds):
                await self.over.wait()
        except TimeoutError:
            return True
        return False

    async def think(self, span: Span) -> bool:
        """Wait as long as somebody would; False when it is over."""
        return await self.rest(self.dice.uniform(*span))


class Buyer:
    """One robot in one show."""

    def __init__(self, number: int, person: Person, scene: Scene) -> None:
        self.number, self.person, self.scene = number, person, scene
        self.client = ShopClient(scene.base_url)
        self.actor_id = ""
        self.address_id: str | None = None
        self.connection: LiveConnection | None = None
        self.is_busy = False
        """Whether it is at the checkout."""
        self.delivery: list[ShippingView] = []
        self._leave = asyncio.Event()
        self._away_s = 0.0

    @property
    def is_here(self) -> bool:
        return self.connection is not None

    async def stay(self) -> None:
        """Be in the show until it is over, with pauses; come back when cut off."""
        scene, failures = self.scene, 0
        await scene.think(scene.pace.arrival_s)
        while not scene.over.is_set():
            try:
                await self._watch()
                failures = 0
                await scene.rest(self._away_s)
            except MISHAPS as error:
                scene.complain(error)
                if isinstance(error, ApiRefused) and error.name == NOT_SIGNED_IN.name:
                    self.actor_id = ""  # the guest is gone: somebody else comes instead
                await scene.rest(COMES_BACK_S[min(failures, len(COMES_BACK_S) - 1)])
                failures += 1

    async def do(self, deed: Deed) -> None:
        """Carry out anything but a purchase."""
        show_id = self.scene.show_id
        match deed:
            case Say(text=text):
                await self._publish("chat", "msg", PostMessage(text=text))
            case Ask(text=text):
                await self._publish("questions", "qst", AskQuestion(text=text))
            case Upvote(question_id=question_id):
                await self._publish("questions", "vot", VoteForQuestion(question_id=question_id, up=True))
            case Vote(poll_id=poll_id, option=option):
                await self._publish("polls", "vot", CastVote(poll_id=poll_id, option=option))
            case Cheer(kind=kind, count=count):
                await self._publish("reactions", "rct", React(kind=kind, count=count))
            case Bid(lot_id=lot_id, amount=amount, exact=exact):
                bid = PlaceBid(lot_id=lot_id, amount=amount, exact=exact, confirmed=True)
                await self.client.post("/api/auctions/bids", SendBid(bid_id=self.new_id("bid"), show_id=show_id, bid=bid))
            case Enter(giveaway_id=giveaway_id):
                entry = EnterGiveaway(entry_id=self.new_id("ent"))
                await self.client.post(f"/api/giveaways/{giveaway_id}/entries", entry)
            case SayHere(giveaway_id=giveaway_id):
                await self.client.post(f"/api/giveaways/{giveaway_id}/here")
            case StepOut(away_s=away_s):
                self._away_s = away_s
                self._leave.set()
            case _:
                assert not isinstance(deed, Buy | StandInLine), deed

    def new_id(self, prefix: str) -> str:
        return new_id(prefix, self.scene.clock)

    async def _watch(self) -> None:
        """Come in, watch until it is time to leave or over."""
        self._leave.clear()
        self._away_s = 0.0
        if not self.actor_id:
            await self._come_in()
        async with self.client.live() as connection, supervised("robot") as tasks:
            for kind in CHANNELS:
                channel = f"{kind}:{self.scene.show_id}"
                joined = await connection.subscribe(channel)
                self.scene.sight.restart(channel, joined.epoch, joined.offset, bytes(joined.snapshot))
            try:
                self.connection = connection
                listening = tasks.start(self._listen(connection), "listen")
                reasons = [tasks.start(event.wait(), "leave") for event in (self._leave, self.scene.over)]
                done, _ = await asyncio.wait([listening, *reasons], return_when=asyncio.FIRST_COMPLETED)
            finally:
                self.connection = None
            if listening in done:
                listening.result()

    async def _come_in(self) -> None:
        """As a guest; with an account, a card and an address where bids ask for them."""
        part = self.person.part
        entered = await self.client.post("/api/auth/guest", part.entrance)
        if self.person.has_account:
            await self._try(self._register)
            await self._try(
                lambda: self.client.post("/api/payments/cards", SaveCard(card_id=self.new_id("crd"), method="tok_visa"))
            )
        self.delivery = (await self.client.get("/api/orders/shipping", ShippingListView)).options
        home = home_for(part.locale, self.delivery)
        address = SaveAddress(
            address_id=self.new_id("adr"),
            name=part.name,
            country=home.country,
            city=home.city,
            street=home.street.format(flat=self.number + 1),
            postal_code=home.postal_code,
        )
        await self.client.post("/api/orders/addresses", address)
        self.address_id = address.address_id
        self.actor_id = msgspec.json.decode(entered, type=MeView).actor_id

    async def _register(self) -> None:
        """A guest who registers stays the same actor."""
        part = self.person.part
        email = f"robot-{secrets.token_hex(8)}@efir.invalid"
        body = Register(email=email, password=secrets.token_urlsafe(24), name=part.name, locale=part.locale)
        for attempt in range(REGISTRATIONS_MAX):
            try:
                await self.client.post("/api/auth/register", body)
                return
            except ApiRefused as refusal:
                if refusal.name != RATE_LIMITED.name or attempt == REGISTRATIONS_MAX - 1:
                    raise
                await self.scene.rest(COMES_BACK_S[attempt])

    async def _listen(self, connection: LiveConnection) -> None:
        sight = self.scene.sight
        async for frame in connection.frames():
            match frame:
                case Push():
                    sight.note(frame.channel, frame.epoch, frame.offset, bytes(frame.data))
                case Gap():
                    sight.restart(frame.channel, frame.epoch, frame.offset, bytes(frame.snapshot))
                case Failed():
                    self.scene.complain(ApiRefused(frame.code, frame.name, frame.detail))
                case _:
                    pass

    async def _publish(self, kind: str, prefix: str, command: Body) -> None:
        if self.connection is not None:
            await self.connection.publish(f"{kind}:{self.scene.show_id}", self.new_id(prefix), command)

    async def _try(self, step: Callable[[], Awaitable[object]]) -> None:
        """A step without which a robot is still of use."""
        try:
            await step()
        except ApiRefused as refusal:
            self.scene.complain(refusal)
