"""Every query of the module `auctions`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite's compiler writes its ON CONFLICT the same way

from schemas.events.accounts import ERASED_NAME
from schemas.http.auctions import LOTS_MAX, HistoryKind, LotStatus
from server.kernel.module import Store
from server.modules.auctions.rules.lot import RUNNING, SHOWN, Lot
from server.modules.auctions.rules.truth import Standing
from server.modules.auctions.tables import BIDDERS, DEEDS, DESKS, LOTS
from server.store.rows import rows_of

HOST_LOTS_MAX = 200
"""Lots of one show in the studio's list: the newest."""
NAMES_MAX = 12
"""Names of bidders that players are told: the leaders, and who bid last."""
MY_LOTS_MAX = 100
"""Lots in one person's own list: the newest."""
ROUND_MAX = 50
"""Lots that one round of a job looks at; the next one comes soon."""

FIELDS = Lot.__struct_fields__


class Outbid(NamedTuple):
    """Somebody who may have to be told that they lead no more."""

    lot_id: str
    bidder_id: str
    outbid_at_ms: int


class Deed(NamedTuple):
    """What happened to a lot outside the ledger. The id makes a repetition one deed."""

    deed_id: str
    kind: HistoryKind
    at_ms: int
    who_id: str = ""
    amount_minor: int = 0
    why: str = ""


async def next_version(store: Store, show_id: str) -> int:
    """The version that the show's lots are about to have. Nobody else changes them until the transaction ends."""
    first = insert(DESKS).values(show_id=show_id, version=1)
    next_one = first.on_conflict_do_update(index_elements=["show_id"], set_={"version": DESKS.c.version + 1})
    version: int | None = await store.scalar(next_one.returning(DESKS.c.version))
    assert version is not None, show_id
    return version


async def version(store: Store, show_id: str) -> int:
    """Version of the show's lots; a show that never had one is at 0."""
    found: int | None = await store.scalar(select(DESKS.c.version).where(DESKS.c.show_id == show_id))
    return found or 0


async def lot(store: Store, lot_id: str, *, lock: bool = False) -> Lot | None:
    """A lot of any show. `lock` keeps others from changing it until the transaction ends."""
    query = select(LOTS).where(LOTS.c.lot_id == lot_id)
    return await _one(store, query.with_for_update() if lock else query)


async def lot_of_hold(store: Store, hold_id: str, order_id: str = "") -> Lot | None:
    """The lot that a hold or an order is about."""
    about: list[ColumnElement[bool]] = []
    if hold_id:
        about.append(LOTS.c.hold_id == hold_id)
    if order_id:
        about.append(LOTS.c.order_id == order_id)
    for which in about:
        if (found := await _one(store, select(LOTS).where(which).limit(1))) is not None:
            return found
    return None


async def lots_of_show(store: Store, show_id: str) -> list[Lot]:
    """The newest lots of a show that were not withdrawn, in the order in which they were prepared."""
    query = select(LOTS).where(LOTS.c.show_id == show_id, LOTS.c.state != "withdrawn")
    newest = query.order_by(LOTS.c.created_at_ms.desc(), LOTS.c.lot_id.desc()).limit(HOST_LOTS_MAX)
    return [_lot(row) for row in await store.execute(newest)][::-1]


async def running(store: Store, show_id: str) -> str | None:
    """The lot of the show that takes bids, or is about to."""
    found: str | None = await store.scalar(select(LOTS.c.lot_id).where(LOTS.c.show_id == show_id, _in(RUNNING)).limit(1))
    return found


async def shown(store: Store, show_id: str) -> list[Lot]:
    """The newest lots that viewers know of, newest first."""
    query = select(LOTS).where(LOTS.c.show_id == show_id, _in(SHOWN))
    newest = query.order_by(LOTS.c.starts_at_ms.desc(), LOTS.c.lot_id.desc()).limit(LOTS_MAX)
    return [_lot(row) for row in await store.execute(newest)]


async def in_states(store: Store, *states: LotStatus) -> list[Lot]:
    """Lots of all shows that a job has to look at. In the order of their shows: who locks several desks locks them so."""
    query = select(LOTS).where(_in(frozenset(states))).order_by(LOTS.c.show_id, LOTS.c.lot_id).limit(ROUND_MAX)
    return [_lot(row) for row in await store.execute(query)]


async def insert_lot(store: Store, made: Lot) -> bool:
    """Store a new lot; False when there is one with this id already."""
    return bool((await store.execute(insert(LOTS).values(_row(made)).on_conflict_do_nothing())).rowcount)


async def update_lot(store: Store, changed: Lot) -> None:
    """Write a lot that was read with its lock."""
    await store.execute(update(LOTS).where(LOTS.c.lot_id == changed.lot_id).values(_row(changed)))


async def set_folded(store: Store, lot_id: str, before_seq: int, seq: int) -> bool:
    """Note up to where the bidders of a lot are known; False when somebody else was faster."""
    which = (LOTS.c.lot_id == lot_id) & (LOTS.c.folded_seq == before_seq)
    return bool((await store.execute(update(LOTS).where(which).values(folded_seq=seq))).rowcount)


async def add_deed(store: Store, lot_id: str, deed: Deed) -> None:
    """Note a deed, once."""
    values = {"lot_id": lot_id, **deed._asdict(), "why": deed.why[:200]}
    await store.execute(insert(DEEDS).values(values).on_conflict_do_nothing())


async def deeds(store: Store, lot_id: str) -> list[Deed]:
    """What happened to a lot outside the ledger, oldest first."""
    query = select(DEEDS).where(DEEDS.c.lot_id == lot_id).order_by(DEEDS.c.at_ms, DEEDS.c.deed_id)
    return [Deed(**{name: getattr(row, name) for name in Deed._fields}) for row in await store.execute(query)]


async def bidder(store: Store, lot_id: str, bidder_id: str) -> Standing | None:
    """How somebody stands in a lot, as of `folded_seq`."""
    found = await bidders(store, lot_id, [bidder_id])
    return found.get(bidder_id)


async def bidders(store: Store, lot_id: str, only: Iterable[str] | None = None) -> dict[str, Standing]:
    """Bidders of a lot by id: all, or the given ones and whoever leads."""
    query = select(BIDDERS).where(BIDDERS.c.lot_id == lot_id)
    if only is not None:
        query = query.where(BIDDERS.c.bidder_id.in_(list(only)) | BIDDERS.c.leads)
    return {row.bidder_id: _standing(row) for row in await store.execute(query)}


async def named(store: Store, lot_id: str, bidder_ids: Sequence[str]) -> set[str]:
    """Which of these have a row, and so a name."""
    which = (BIDDERS.c.lot_id == lot_id) & BIDDERS.c.bidder_id.in_(bidder_ids)
    return set((await store.execute(select(BIDDERS.c.bidder_id).where(which))).scalars())


async def save_bidders(store: Store, lot_id: str, changed: Iterable[Standing], names: Mapping[str, str]) -> None:
    """Write how bidders stand; a row that is new gets its name and keeps it."""
    for each in changed:
        row = each._asdict()
        known = insert(BIDDERS).values(lot_id=lot_id, name=names.get(each.bidder_id, ""), told_at_ms=0, **row)
        fresh = {name: value for name, value in row.items() if name != "bidder_id"}
        await store.execute(known.on_conflict_do_update(index_elements=["lot_id", "bidder_id"], set_=fresh))


async def outbid(store: Store, lot_id: str, told_before_ms: int, limit: int) -> list[Outbid]:
    """Bidders of a lot who lost the lead and were not told since then, nor lately."""
    which = (BIDDERS.c.lot_id == lot_id) & (BIDDERS.c.outbid_at_ms > 0) & (BIDDERS.c.told_at_ms < told_before_ms)
    columns = (BIDDERS.c.lot_id, BIDDERS.c.bidder_id, BIDDERS.c.outbid_at_ms)
    query = select(*columns).where(which).order_by(BIDDERS.c.outbid_at_ms).limit(limit)
    return [Outbid(*row) for row in await store.execute(query)]


async def set_told(store: Store, lot_id: str, bidder_id: str, now_ms: int) -> None:
    """Somebody was told that they lead no more."""
    which = (BIDDERS.c.lot_id == lot_id) & (BIDDERS.c.bidder_id == bidder_id)
    await store.execute(update(BIDDERS).where(which).values(outbid_at_ms=0, told_at_ms=now_ms))


async def names_of(store: Store, lots: Sequence[Lot]) -> dict[str, str]:
    """Names of whoever leads these lots, won them or owes for them, and of who bid last in the newest."""
    if not lots:
        return {}
    people = {each for lot in lots for each in (lot.winner_id, lot.buyer_id) if each}
    ids = [lot.lot_id for lot in lots]
    which = BIDDERS.c.lot_id.in_(ids) & (BIDDERS.c.leads | BIDDERS.c.bidder_id.in_(people))
    last = BIDDERS.c.lot_id == lots[0].lot_id
    columns = (BIDDERS.c.bidder_id, BIDDERS.c.name)
    named = await store.execute(select(*columns).where(which))
    newest = await store.execute(select(*columns).where(last).order_by(BIDDERS.c.last_seq.desc()).limit(NAMES_MAX))
    return {row.bidder_id: row.name for row in [*named, *newest]}


async def all_names(store: Store, lot_id: str, only: Iterable[str]) -> dict[str, str]:
    """Names of these bidders of a lot."""
    which = (BIDDERS.c.lot_id == lot_id) & BIDDERS.c.bidder_id.in_(list(only))
    query = select(BIDDERS.c.bidder_id, BIDDERS.c.name).where(which)
    return {row.bidder_id: row.name for row in await store.execute(query)}


async def count_bidders(store: Store, lot_id: str) -> int:
    """How many people have bid for a lot."""
    return int(await store.scalar(select(func.count()).select_from(BIDDERS).where(BIDDERS.c.lot_id == lot_id)) or 0)


def _in(states: frozenset[LotStatus]) -> ColumnElement[bool]:
    return LOTS.c.state.in_(sorted(states))


async def _one(store: Store, query: Any) -> Lot | None:
    row = (await store.execute(query)).one_or_none()
    return None if row is None else _lot(row)


def _lot(row: Any) -> Lot:
    fields = {name: getattr(row, name) for name in FIELDS}
    return Lot(**{**fields, "increments": tuple((start, step) for start, step in row.increments)})


def _row(lot: Lot) -> dict[str, Any]:
    fields = {name: getattr(lot, name) for name in FIELDS}
    return {**fields, "increments": [list(step) for step in lot.increments]}


def _standing(row: Any) -> Standing:
    return Standing(**{name: getattr(row, name) for name in Standing._fields})


async def forget_person(store: Store, actor_id: str) -> None:
    """Somebody's bids have no name any more."""
    await store.execute(update(BIDDERS).where(BIDDERS.c.bidder_id == actor_id).values(name=ERASED_NAME))


async def of_person(store: Store, actor_id: str) -> dict[str, list[dict[str, Any]]]:
    """For what somebody bid, and how much at most."""
    return {"bids": await rows_of(store, BIDDERS, BIDDERS.c.bidder_id == actor_id)}


async def bid_on(store: Store, bidder_id: str) -> list[tuple[Lot, Standing]]:
    """The newest lots that somebody has bid for, the newest first, each with how they stand."""
    query = select(LOTS, *(BIDDERS.c[name].label(f"own_{name}") for name in Standing._fields))
    query = query.join(BIDDERS, BIDDERS.c.lot_id == LOTS.c.lot_id).where(BIDDERS.c.bidder_id == bidder_id)
    newest = query.order_by(LOTS.c.starts_at_ms.desc(), LOTS.c.lot_id.desc()).limit(MY_LOTS_MAX)
    return [
        (_lot(row), Standing(**{name: getattr(row, f"own_{name}") for name in Standing._fields}))
        for row in await store.execute(newest)
    ]
