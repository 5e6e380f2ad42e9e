"""An auction house in one process: the world of the modules, the real ledger with its projection, and people who may bid."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from sqlalchemy import text

from schemas.base import Event
from schemas.errors import Refused
from schemas.events.auctions import LotOffered, LotSold, LotUnsold
from schemas.events.ledger import AnyLedgerEvent
from schemas.http.auctions import AuctionState, BidView, LotHistory, LotView, MyLot, PlaceBid
from server.kernel.module import SYSTEM, Actor, Context, Module, on
from server.ledger.log import read_log
from server.ledger.projection import Projection
from server.modules.auctions.channel import AuctionChannel
from server.modules.auctions.module import MODULE as AUCTIONS
from tests.modules.world import HOST, MODULES, SHOW_ID, World, an_id

ANNA = Actor("acc_" + "1" * 32, "account", "Anna")
BORIS = Actor("acc_" + "2" * 32, "account", "Boris")
CLARA = Actor("acc_" + "3" * 32, "account", "Clara")
GUEST = Actor("gst_" + "4" * 32, "guest", "Gast")
OWNER = Actor("acc_" + "5" * 32, "account", "Olga", roles=frozenset({"owner", "host"}))
PEOPLE = (ANNA, BORIS, CLARA)

LOT = an_id("lot", 1)
SKU = "VASE"
EventT = TypeVar("EventT", bound=Event)


def modules(heard: list[Event]) -> tuple[Module, ...]:
    """With somebody who hears what auctions tell."""

    async def hear(event: Event, ctx: Context) -> None:
        heard.append(event)

    listener = Module(name="listener", consumes=tuple(on(kind, hear) for kind in (LotSold, LotOffered, LotUnsold)))
    known = tuple(module for module in MODULES if module.name != "auctions")
    return (*known, AUCTIONS, listener)


class House:
    """What a test of auctions does."""

    def __init__(self, world: World, heard: list[Event]) -> None:
        self.world = world
        self.heard = heard
        self.kind = AuctionChannel()
        self._bids = 0
        self._ids = 0
        self._projection = Projection(world.redis, world.database, world.clock, lease=_always, examine=_always)

    async def close(self) -> None:
        await self._projection.aclose()

    async def open(self, stock: int = 20, funded: int = 10) -> None:
        """A live show with vases in it; Anna, Boris and Clara have a card and an address."""
        await self.world.know(HOST, OWNER, GUEST, *PEOPLE)
        await self.world.open_show(stock=stock, funded=funded, sku=SKU)
        for number, person in enumerate(PEOPLE, start=1):
            await self.save_card(person, number)
            await self.save_address(person, f"Street {number}")

    async def save_card(self, person: Actor, number: int) -> None:
        body = {"card_id": an_id("crd", number), "method": "tok_visa"}
        await self.world.call(person, "POST", "/api/payments/cards", body)

    async def drop_cards(self) -> None:
        """Nobody has a card any more: who wins has to pay by hand, or does not."""
        for person in PEOPLE:
            for card in (await self.host("GET", "/api/payments/cards", actor=person)).cards:
                await self.world.call(person, "DELETE", f"/api/payments/cards/{card.card_id}")

    async def save_address(self, person: Actor, street: str) -> None:
        self._ids += 1
        body = {"name": person.name, "country": "DE", "city": "Berlin", "street": street, "postal_code": "10115"}
        await self.world.call(person, "POST", "/api/orders/addresses", {**body, "address_id": an_id("adr", self._ids)})

    async def prepare(self, lot_id: str = LOT, **fields: Any) -> LotView:
        body = {"lot_id": lot_id, "show_id": SHOW_ID, "sku": SKU, "start_minor": 1_000, "currency": "EUR"}
        view = await self.host("POST", "/api/auctions/lots", {**body, **fields})
        assert isinstance(view, LotView)
        return view

    async def start(self, lot_id: str = LOT, starts_in_ms: int = 0) -> None:
        await self.host("POST", f"/api/auctions/lots/{lot_id}/start", {"starts_in_ms": starts_in_ms})
        await self.world.settle()

    async def auction(self, lot_id: str = LOT, starts_in_ms: int = 0, **fields: Any) -> None:
        """A lot that takes bids (or secret maxima)."""
        await self.prepare(lot_id, **fields)
        await self.start(lot_id, starts_in_ms)

    async def host(self, method: str, path: str, body: Mapping[str, Any] | None = None, actor: Actor = HOST) -> Any:
        return (await self.world.call(actor, method, path, body)).view

    async def bid(
        self,
        person: Actor,
        amount_minor: int,
        *,
        lot_id: str = LOT,
        exact: bool = False,
        confirmed: bool = True,
        bid_id: str | None = None,
        currency: str = "EUR",
        epoch: str = "",
        show_id: str = SHOW_ID,
    ) -> BidView:
        """Over the channel, as its service does it: facts, right, carry out."""
        self._bids += 1
        raw = {
            "lot_id": lot_id,
            "amount": {"amount_minor": amount_minor, "currency": currency},
            "exact": exact,
            "confirmed": confirmed,
            "epoch": epoch,
        }
        command = msgspec.json.decode(msgspec.json.encode(raw), type=PlaceBid)
        async with self.world.units(SYSTEM) as ctx:
            facts = await self.kind.load(ctx, show_id)
        assert facts is not None
        if (error := self.kind.authorise(person, facts)) is not None:
            raise Refused(error)
        async with self.world.units(person) as ctx:
            return await self.kind.carry_out(ctx, show_id, facts, command, bid_id or an_id("bid", self._bids))

    async def record(self) -> None:
        """SQL gets everything that the ledger has."""
        while await self._projection.step():
            pass

    async def jobs(self) -> None:
        """One round of everything that is timed."""
        await self.record()
        for name in ("follow_bids", "settle", "offer_to_runners_up"):
            await self.world.run_job("auctions", name)

    async def hammer(self, ms: int = 61_000) -> None:
        """The time of the lot passes, and everybody hears of it; nothing is settled yet."""
        await self.world.pass_time(ms)
        await self.world.ledger.sweep(SHOW_ID)
        await self.world.settle()

    async def sell(self, ms: int = 61_000) -> None:
        """The hammer, and the comparison with the record."""
        await self.hammer(ms)
        await self.jobs()

    async def lot(self, lot_id: str = LOT, actor: Actor = HOST) -> LotView:
        lots = (await self.host("GET", f"/api/auctions/shows/{SHOW_ID}/desk", actor=actor)).lots
        (found,) = [lot for lot in lots if lot.lot_id == lot_id]
        assert isinstance(found, LotView)
        return found

    async def mine(self, person: Actor, lot_id: str = LOT) -> MyLot:
        view = (await self.world.call(person, "GET", f"/api/auctions/lots/{lot_id}/mine")).view
        assert isinstance(view, MyLot)
        return view

    async def history(self, person: Actor, lot_id: str = LOT) -> LotHistory:
        view = (await self.world.call(person, "GET", f"/api/auctions/lots/{lot_id}/history")).view
        assert isinstance(view, LotHistory)
        return view

    async def live(self) -> AuctionState:
        state = await self.world.snapshot(self.kind, SHOW_ID)
        assert isinstance(state, AuctionState)
        return state

    async def inbox(self, person: Actor) -> list[str]:
        """Kinds of what somebody was told, oldest first."""
        query = text("SELECT kind FROM notifications_items WHERE actor_id = :who ORDER BY created_at_ms, notification_id")
        async with self.world.database.reading() as connection:
            return [row.kind for row in await connection.execute(query, {"who": person.id})]

    def told(self, kind: type[EventT]) -> list[EventT]:
        """Facts of one type that the bus brought to everybody, in order."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def log(self) -> list[AnyLedgerEvent]:
        """The ledger's log of the show."""
        return [event async for event in read_log(self.world.redis, SHOW_ID)]


async def _always() -> bool:
    return True
