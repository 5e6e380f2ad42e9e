"""One seeded run: buyers order, pay, change their minds and confirm with banks while the provider, the ledger's answers and our
own processes fail by the dice; then everything is let come to rest, and the books of all sides are compared.

Real: the rules, handlers, routes and jobs of orders, payments and catalog, the unit of work, SQLite. The ledger: its pure rules.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any

import msgspec
from sqlalchemy import delete, select

from schemas.base import Envelope, Event, event_topic, event_type
from schemas.errors import Refused
from schemas.events.ledger import AnyLedgerEvent
from schemas.ids import derived_id
from server.auth.actors import NOBODY
from server.bus.asking import AskRegistry
from server.bus.tables import OUTBOX
from server.bus.unit_of_work import UnitsOfWork
from server.kernel.config import Settings
from server.kernel.errors import Unavailable
from server.kernel.module import SYSTEM, Actor, Call, Consumes, Context
from server.ledger.ledger import Ledger
from server.ledger.rules import violations
from server.modules.orders.handlers import payments as order_handlers
from server.modules.orders.tables import LINES, ORDERS
from server.modules.payments import handlers as payment_handlers
from server.modules.payments.adapters import Charge, Providers
from server.modules.payments.routes import take_webhook
from server.modules.payments.rules import OPEN
from server.modules.payments.tables import PAYMENTS, REFUNDS
from server.store.database import Database
from server.store.metadata import METADATA
from tests.fakes.clock import FakeClock
from tests.modules.world import BUYER, HOLD_MS, HOST, MODULES, OTHER_BUYER, SHOW_ID, _endpoint, a_payment, an_id, an_order
from tests.sim.ledger import PureLedger
from tests.sim.provider import UnreliableProvider

SKU = "DRESS-M"
STEPS = 70
ROUNDS_MAX = 40
"""More than half an hour of virtual time in quiet: longer than every pause and deadline of ours."""
ATTEMPTS_MAX = 8
"""As the real consumer: then an event is a dead letter."""
ACTING = ("catalog", "orders", "payments")
OUT_OF_ORDER = (order_handlers.OutOfOrder, payment_handlers.OutOfOrder)


class Crash(Exception):
    """The process dies just before its commit."""


class Shop:
    """One installation and its buyers, all of whose chance comes from one seed."""

    def __init__(self, database: Database, seed: int) -> None:
        self.dice = Random(seed)
        self.database = database
        self.clock = FakeClock()
        self.story: list[str] = []
        self.complaints: list[str] = []
        self._queues: dict[tuple[str, str], deque[tuple[Consumes, Event]]] = {}
        self._attempts: dict[tuple[str, str], int] = {}
        self._outbox_id = 0
        self._published = False
        self._crashes = 0.0
        self.ledger = PureLedger(self.dice, self.clock, self._enqueue)
        self.provider = UnreliableProvider(self.dice, self.clock, self._may_capture)
        ports: dict[type, object] = {
            Ledger: self.ledger,
            Providers: Providers({"sandbox": self.provider}),
            Settings: Settings(hold_ms=str(HOLD_MS)),
        }
        self.units = UnitsOfWork(database, self.clock, AskRegistry(MODULES), ports)
        self.units.on_commit(self._note_outbox)
        self._orders: dict[int, tuple[Actor, dict[str, Any]]] = {}
        self._payments: dict[int, tuple[Actor, dict[str, Any]]] = {}
        self._placed: list[int] = []
        self._refunds = 0

    async def run(self) -> list[str]:
        """Everything that is wrong in the end; empty when the shop kept its promises."""
        await self._empty()
        await self._open()
        self._crashes, self.ledger.faults, self.provider.faults = 0.06, 0.04, self.dice.choice((0.0, 0.15, 0.4))
        for _ in range(STEPS):
            await self._step()
        self._crashes = self.ledger.faults = self.provider.faults = 0.0
        await self._rest()
        return [*self.complaints, *self.provider.complaints, *await self._differences()]

    async def _empty(self) -> None:
        async with self.database.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                if table.name.startswith(("catalog_", "shows_", "bus_", "orders_", "payments_")):
                    await connection.execute(delete(table))

    async def _open(self) -> None:
        price = {"amount_minor": 1_999, "currency": "EUR"}
        units = self.dice.randint(1, 3)
        variants = [{"sku": SKU, "price": price, "on_hand": 9, "label": "M"}]
        product = {"product_id": an_id("prd", 1), "title": "Dress", "image_url": f"/static/{SKU}.svg", "variants": variants}
        pool = {"move_id": an_id("mov", 1), "show_id": SHOW_ID, "sku": SKU, "quantity": units, "per_buyer_max": 2}
        for path, body in (
            ("/api/shows", {"show_id": SHOW_ID, "title": "Dresses"}),
            ("/api/catalog/products", product),
            ("/api/catalog/pools", pool),
            (f"/api/shows/{SHOW_ID}/start", None),
        ):
            await self._call(HOST, "POST", path, body)
        await self._deliver_all()
        assert SHOW_ID in self.ledger.books, self.complaints

    async def _step(self) -> None:
        await self.dice.choices(
            (
                self._deliver_one,
                self._order,
                self._pay,
                self._cancel,
                self._wait,
                self._job,
                self._webhook,
                self._bank,
                self._refund,
            ),
            (34, 9, 12, 2, 12, 14, 9, 5, 3),
        )[0]()

    # What people do.

    async def _order(self) -> None:
        if self._orders and (self.dice.random() < 0.2 or len(self._orders) == 4):
            actor, body = self.dice.choice(list(self._orders.values()))  # the answer was lost: the same again
        else:
            number = len(self._orders) + 1
            actor, body = self.dice.choice((BUYER, OTHER_BUYER)), an_order(number, [(SKU, self.dice.randint(1, 2))])
            self._orders[number] = (actor, body)
        if await self._call(actor, "POST", "/api/orders", body) == "done":
            self._placed.append(int(body["order_id"][-2:]))

    async def _pay(self) -> None:
        if not self._placed:
            await self._order()
            return
        if self._payments and self.dice.random() < 0.3:
            actor, body = self.dice.choice(list(self._payments.values()))
        else:
            number = self.dice.choice(self._placed)
            actor, body = self._orders[number][0], a_payment(number, len(self._payments) + 1)
            self._payments[len(self._payments) + 1] = (actor, body)
        await self._call(actor, "POST", "/api/payments", body)

    async def _cancel(self) -> None:
        if self._placed:
            number = self.dice.choice(self._placed)
            await self._call(self._orders[number][0], "POST", f"/api/orders/{an_id('ord', number)}/cancel", None)

    async def _bank(self) -> None:
        if self.provider.deals:
            key = self.dice.choice(list(self.provider.deals))
            self._say(f"the buyer answers the bank about {key[-2:]}")
            self.provider.confirm(key, self.dice.random() < 0.7)

    async def _refund(self) -> None:
        taken = [deal for deal in self.provider.deals.values() if deal.captured_minor]
        if not taken:
            return
        deal, total_minor = self.dice.choice(taken), self.dice.choice((1, 700, 1_999, 3_998))
        self._refunds += 1
        body = {"refund_id": an_id("rfd", self._refunds), "reason": "sorry", "amount": total_minor, "currency": "EUR"}
        await self._call(HOST, "POST", f"/api/orders/{deal.order_id}/refunds", body)

    # What time and the machinery do.

    async def _wait(self) -> None:
        ms = self.dice.choice((50, 1_000, 1_000, 10_000, 61_000))
        self._say(f"{ms} ms pass")
        await self._pass(ms)

    async def _pass(self, ms: int) -> None:
        self.clock.advance(ms)
        await self.ledger.sweep(SHOW_ID)

    async def _job(self) -> None:
        await self._run_job(*self.dice.choice((("payments", "resolve"), ("payments", "give_back"), ("orders", "cancel_overdue"))))

    async def _run_job(self, module: str, name: str) -> None:
        (job,) = [job for made in MODULES if made.name == module for job in made.jobs if job.name == name]
        self._say(f"job {name}")
        await self._unit(SYSTEM, job.run)

    async def _webhook(self) -> None:
        for raw in self.provider.due_webhooks():
            self._say(f"webhook {raw.decode()[-8:]}")
            call = Call(path={"provider": "sandbox"}, headers={"signature": "good"}, raw=raw)
            if await self._unit(NOBODY, partial(flipped, call)) != "done":
                self.provider.webhooks.append((self.clock.now_ms() + 5_000, raw))

    async def _deliver_one(self) -> None:
        waiting = [key for key, queue in self._queues.items() if queue]
        if waiting:
            await self._deliver(self.dice.choice(sorted(waiting)))

    async def _deliver(self, key: tuple[str, str]) -> None:
        """Head of one stream, as the real consumer: in order, again after a failure, a dead letter after eight."""
        entry, event = self._queues[key][0]
        self._say(f"{key[0]} hears {type(event).__name__}")
        outcome = await self._unit(SYSTEM, lambda ctx: entry.handler(event, ctx))
        if outcome == "done":
            self._queues[key].popleft()
            self._attempts.pop(key, None)
        elif outcome == "out of order":
            self._attempts[key] = self._attempts.get(key, 0) + 1

    async def _deliver_all(self) -> bool:
        moved = False
        for _ in range(ATTEMPTS_MAX):
            for key in sorted(key for key, queue in self._queues.items() if queue):
                moved = True
                for _ in range(len(self._queues[key])):
                    if self._queues[key]:
                        await self._deliver(key)
        return moved

    async def _rest(self) -> None:
        """Faults are over: everything that is still to come comes."""
        for number in range(ROUNDS_MAX):
            await self._pass(min(1_000 << number, 60_000))
            await self._webhook()
            for module, name in (("payments", "resolve"), ("payments", "give_back"), ("orders", "cancel_overdue")):
                await self._run_job(module, name)
            moved = await self._deliver_all()
            if not moved and not self.provider.webhooks and not await self._open_questions():
                return
        self.complaints.append(f"no rest: {[(key, queue[0][1]) for key, queue in self._queues.items() if queue]}")

    async def _open_questions(self) -> bool:
        async with self.database.reading() as connection:
            asked = await connection.scalar(select(PAYMENTS.c.payment_id).where(PAYMENTS.c.ask_at_ms.is_not(None)).limit(1))
            refunds = await connection.scalar(select(REFUNDS.c.refund_id).where(REFUNDS.c.ask_at_ms.is_not(None)).limit(1))
            placed = await connection.scalar(select(ORDERS.c.order_id).where(ORDERS.c.state == "placed").limit(1))
        return bool(asked or refunds or placed) or 0 in self.ledger.endings().values()

    async def _call(self, actor: Actor, method: str, path: str, body: Mapping[str, Any] | None) -> str:
        endpoint, values = _endpoint(MODULES, method, path)
        decoded = msgspec.json.decode(msgspec.json.encode(body), type=endpoint.body) if endpoint.body else None
        named = [part[-2:] for part in (body or {}).values() if isinstance(part, str) and "_" in part]
        self._say(f"{actor.name}: {path} {' '.join(named)}")
        return await self._unit(actor, lambda ctx: endpoint.handler(ctx, Call(decoded, values)))

    async def _unit(self, actor: Actor, work: Any) -> str:
        """One unit of work, which may die just before its commit; what others must see of it is put into their queues."""
        outcome = "done"
        try:
            async with self.units(actor) as ctx:
                await work(ctx)
                if self.dice.random() < self._crashes:
                    raise Crash
        except Refused as refusal:
            outcome = "refused"
            self._say(f"  refused: {refusal.error.name}")
        except (Crash, Unavailable) as error:
            outcome = "lost"
            self._say(f"  {type(error).__name__} {error}")
        except OUT_OF_ORDER:
            outcome = "out of order"
            self._say("  too early")
        except Exception as error:  # noqa: BLE001 - whatever it is, the story that led to it is worth more than the traceback
            outcome = "failed"
            self.complaints.append(f"{type(error).__name__}: {error}")
        if self._published:
            await self._relay()
        return outcome

    def _note_outbox(self) -> None:
        self._published = True

    async def _relay(self) -> None:
        self._published = False
        async with self.database.reading() as connection:
            query = (
                select(OUTBOX.c.id, OUTBOX.c.kind, OUTBOX.c.payload).where(OUTBOX.c.id > self._outbox_id).order_by(OUTBOX.c.id)
            )
            rows = list(await connection.execute(query))
        for row in rows:
            self._outbox_id = row.id
            if row.kind == "event":
                envelope = msgspec.json.decode(row.payload, type=Envelope)
                for key, entry in self._listeners(envelope.type, envelope.source):
                    self._queues.setdefault(key, deque()).append((entry, msgspec.json.decode(envelope.data, type=entry.event)))

    def _enqueue(self, event: Event | AnyLedgerEvent) -> None:
        for key, entry in self._listeners(event_type(event), event_topic(event)):
            self._queues.setdefault(key, deque()).append((entry, event))

    def _listeners(self, name: str, topic: str) -> list[tuple[tuple[str, str], Consumes]]:
        made = [module for module in MODULES if module.name in ACTING]
        return [((module.name, topic), entry) for module in made for entry in module.consumes if event_type(entry.event) == name]

    def _may_capture(self, charge: Charge) -> bool:
        return bool(self.ledger.committed() & {charge.order_id, derived_id(charge.key, "hold")})

    def _say(self, line: str) -> None:
        self.story.append(line)

    # What must be true in the end.

    async def _differences(self) -> list[str]:
        async with self.database.reading() as connection:
            orders = list(await connection.execute(select(ORDERS)))
            payments = {row.payment_id: row for row in await connection.execute(select(PAYMENTS))}
            lines = list(await connection.execute(select(LINES)))
        wrong = list(violations(self.ledger.books[SHOW_ID].state))
        wrong += [f"the hold {hold[-2:]} has ended {times} times" for hold, times in self.ledger.endings().items() if times != 1]
        sold = sum(pool.sold for pool in self.ledger.books[SHOW_ID].state.pools.values())
        confirmed = {row.order_id for row in orders if row.state == "confirmed"}
        owed = sum(line.quantity for line in lines if line.order_id in confirmed)
        if sold != owed:
            wrong.append(f"{sold} units are sold, {owed} are promised")
        for order in orders:
            wrong += self._wrong_of_order(order, [row for row in payments.values() if row.order_id == order.order_id])
        for deal in self.provider.deals.values():
            if deal.key in payments:
                wrong += self._wrong_of_deal(deal, payments[deal.key])
            else:
                wrong.append(f"the provider was asked under a key that is none of ours: {deal.key}")
        wrong += [f"payment {row.payment_id[-2:]} is {row.state}" for row in payments.values() if row.state in OPEN or row.wanted]
        return wrong

    def _wrong_of_order(self, order: Any, payments: list[Any]) -> list[str]:
        name, wrong = f"order {order.order_id[-2:]}", []
        deals = [self.provider.deals[row.payment_id] for row in payments if row.payment_id in self.provider.deals]
        taken = [
            deal for deal in deals if deal.captured_minor and deal.key in {p.payment_id for p in payments if p.captured_minor}
        ]
        charged = [deal for deal in deals if deal.kept_minor]
        if len(charged) > 1:
            wrong.append(f"{name} is charged {len(charged)} times")
        if order.state == "confirmed" and [deal.captured_minor for deal in taken] != [order.total_minor]:
            wrong.append(f"{name} is confirmed, but captured is {[deal.captured_minor for deal in taken]}")
        if order.state == "cancelled" and charged:
            wrong.append(f"{name} is cancelled, but its buyer is charged")
        if order.state == "placed":
            wrong.append(f"{name} waits for ever")
        return wrong

    def _wrong_of_deal(self, deal: Any, payment: Any) -> list[str]:
        name = f"payment {deal.key[-2:]}"
        if not deal.closing and self.provider._pays(deal):
            return [f"{name}: the provider keeps money that nobody wants ({payment.state})"]
        ours = sum(amount for key, amount in deal.refunds.items() if key in {an_id("rfd", n) for n in range(self._refunds + 1)})
        if payment.captured_minor and (payment.captured_minor, payment.refunded_minor) != (deal.captured_minor, ours):
            return [f"{name}: we say {payment.captured_minor}-{payment.refunded_minor}, it is {deal.captured_minor}-{ours}"]
        if not payment.captured_minor and deal.kept_minor:
            return [f"{name} is {payment.state}, but {deal.kept_minor} are taken"]
        return []


async def flipped(call: Call, ctx: Context) -> None:
    """The webhook's route with its arguments the other way round."""
    await take_webhook(ctx, call)


async def play(database: Database, seed: int) -> None:
    """One run.

    Raises:
        AssertionError: a promise is broken; with the seed and the whole story.
    """
    shop = Shop(database, seed)
    async with asyncio.timeout(60):
        wrong = await shop.run()
    assert not wrong, "\n".join([f"seed {seed}:", *wrong, "the story:", *shop.story])
