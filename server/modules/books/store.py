"""Every query of the module `books`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, func, insert, or_, select, update

from schemas.http.books import AuditView, BalanceView, FiguresView
from server.kernel.module import Store
from server.modules.books import rules
from server.modules.books.rules import Booked, Entry, Sums, Transfer
from server.modules.books.tables import AUDITS, ENTRIES, TRANSFERS

FIELDS = Transfer.__struct_fields__


class Period(NamedTuple):
    """A seller's transfers from `from_ms` up to, not including, `to_ms`."""

    seller_id: str
    from_ms: int
    to_ms: int


class Position(NamedTuple):
    """Behind which line of a statement the next page begins."""

    at_ms: int
    order_id: str


async def record(store: Store, transfer: Transfer, now_ms: int) -> bool:
    """Write a transfer with its entries; False when it is written already. Of two at the same time for one order, the database
    lets one through, and the other fact is handled again."""
    known = select(TRANSFERS).where(TRANSFERS.c.order_id == transfer.order_id).order_by(TRANSFERS.c.number)
    rows = (await store.execute(known)).all()
    before = [_transfer(row) for row in rows]
    if any(each.transfer_id == transfer.transfer_id for each in before):
        return False
    sides = rules.entries(transfer, before)
    if sides:
        values = [
            {
                "transfer_id": transfer.transfer_id,
                "position": position,
                "currency": transfer.currency,
                **entry._asdict(),
            }
            for position, entry in enumerate(sides)
        ]
        await store.execute(insert(ENTRIES), values)
    row = {name: getattr(transfer, name) for name in FIELDS}
    row |= {"number": len(before) + 1, "recorded_at_ms": now_ms, "entries": len(sides)}
    await store.execute(insert(TRANSFERS).values(row))
    return True


async def of_order(store: Store, order_id: str) -> list[Booked]:
    """All transfers of an order, in the order in which they were recorded."""
    return await of_orders(store, [order_id])


async def of_orders(store: Store, order_ids: Sequence[str], period: Period | None = None) -> list[Booked]:
    """Transfers of some orders, within a seller's period or all."""
    wanted = TRANSFERS.c.order_id.in_(order_ids)
    if period is not None:
        wanted &= _within(period)
    transfers = select(TRANSFERS).where(wanted).order_by(TRANSFERS.c.order_id, TRANSFERS.c.number)
    rows = (await store.execute(transfers)).all()
    sides = (
        select(ENTRIES)
        .join(TRANSFERS, TRANSFERS.c.transfer_id == ENTRIES.c.transfer_id)
        .where(wanted)
        .order_by(ENTRIES.c.transfer_id, ENTRIES.c.position)
    )
    by_transfer: dict[str, list[Entry]] = {}
    for row in await store.execute(sides):
        by_transfer.setdefault(row.transfer_id, []).append(Entry(row.account, row.debit_minor, row.credit_minor))
    return [Booked(_transfer(row), by_transfer.get(row.transfer_id, [])) for row in rows]


async def page(store: Store, period: Period, after: Position | None) -> list[Position]:
    """Orders of a statement, the newest first; one more than a page when there are more."""
    last = func.max(TRANSFERS.c.at_ms)
    query = select(TRANSFERS.c.order_id, last.label("at_ms")).where(_within(period)).group_by(TRANSFERS.c.order_id)
    if after is not None:
        query = query.having(or_(last < after.at_ms, and_(last == after.at_ms, TRANSFERS.c.order_id < after.order_id)))
    query = query.order_by(last.desc(), TRANSFERS.c.order_id.desc()).limit(rules.LINES_MAX + 1)
    return [Position(row.at_ms, row.order_id) for row in await store.execute(query)]


async def totals(store: Store, period: Period) -> list[FiguresView]:
    """Of a whole period, one per currency."""
    columns = [func.sum(TRANSFERS.c[name]).label(name) for name in Sums._fields]
    group = (TRANSFERS.c.currency, TRANSFERS.c.kind)
    facts: dict[str, dict[str, Sums]] = {}
    for row in await store.execute(select(*group, *columns).where(_within(period)).group_by(*group)):
        facts.setdefault(row.currency, {})[row.kind] = Sums(*(int(getattr(row, name)) for name in Sums._fields))
    balances: dict[str, dict[str, int]] = {}
    for each in await _balances(store, _within(period)):
        balances.setdefault(each.currency, {})[each.account] = each.credit_minor - each.debit_minor
    return [rules.figures(currency, facts[currency], balances.get(currency, {})) for currency in sorted(facts)]


async def balances(store: Store, seller_id: str | None) -> list[BalanceView]:
    """Every account of a seller, or of all."""
    return await _balances(store, TRANSFERS.c.seller_id == seller_id if seller_id is not None else TRANSFERS.c.number > 0)


async def orders_after(store: Store, cursor: str) -> list[str]:
    """The next orders of an audit, by their ids."""
    query = select(TRANSFERS.c.order_id).where(TRANSFERS.c.order_id > cursor).distinct()
    found = await store.execute(query.order_by(TRANSFERS.c.order_id).limit(rules.AUDIT_ORDERS_MAX))
    return [row.order_id for row in found]


class Audit(NamedTuple):
    """An audit as it stands."""

    view: AuditView
    cursor: str


async def newest_audit(store: Store) -> Audit | None:
    """The last one that was begun."""
    newest = select(AUDITS).order_by(AUDITS.c.started_at_ms.desc(), AUDITS.c.audit_id.desc()).limit(1)
    row = (await store.execute(newest)).one_or_none()
    if row is None:
        return None
    return Audit(AuditView(**{name: getattr(row, name) for name in AuditView.__struct_fields__}), row.cursor)


async def begin_audit(store: Store, audit_id: str, now_ms: int) -> None:
    """Nothing is looked at yet."""
    row = {"audit_id": audit_id, "started_at_ms": now_ms, "cursor": "", "orders": 0, "transfers": 0, "problems": []}
    await store.execute(insert(AUDITS).values(row))


async def save_audit(store: Store, audit: Audit) -> None:
    """It has come further."""
    view = audit.view
    values = {name: getattr(view, name) for name in ("ended_at_ms", "orders", "transfers", "problems")}
    await store.execute(update(AUDITS).where(AUDITS.c.audit_id == view.audit_id).values(cursor=audit.cursor, **values))


async def _balances(store: Store, wanted: Any) -> list[BalanceView]:
    debit, credit = func.sum(ENTRIES.c.debit_minor), func.sum(ENTRIES.c.credit_minor)
    query = (
        select(ENTRIES.c.account, ENTRIES.c.currency, debit.label("debit"), credit.label("credit"))
        .join(TRANSFERS, TRANSFERS.c.transfer_id == ENTRIES.c.transfer_id)
        .where(wanted)
        .group_by(ENTRIES.c.currency, ENTRIES.c.account)
        .order_by(ENTRIES.c.currency, ENTRIES.c.account)
    )
    # PostgreSQL sums BIGINT to NUMERIC.
    return [
        BalanceView(account=row.account, currency=row.currency, debit_minor=int(row.debit), credit_minor=int(row.credit))
        for row in await store.execute(query)
    ]


def _within(period: Period) -> Any:
    at_ms = TRANSFERS.c.at_ms
    return and_(TRANSFERS.c.seller_id == period.seller_id, at_ms >= period.from_ms, at_ms < period.to_ms)


def _transfer(row: Any) -> Transfer:
    return Transfer(**{name: getattr(row, name) for name in FIELDS})
