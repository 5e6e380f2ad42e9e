"""HTTP operations of the auctions."""

from schemas.errors import (
    ALREADY_RUNNING,
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    LOT_HAS_BIDS,
    LOT_NOT_OVER,
    LOT_OVER,
    LOT_SETTLED,
    NOT_ENOUGH_STOCK,
    NOT_FOUND,
    UNKNOWN_LOT,
    Refusal,
    Refused,
)
from schemas.events.auctions import LotOpening
from schemas.http.auctions import (
    BidView,
    LotHistory,
    LotListView,
    LotsState,
    LotView,
    MyBidsView,
    MyLot,
    PrepareLot,
    RerunLot,
    SendBid,
    StartLot,
    TakeLotBack,
)
from schemas.requests.catalog import GetOffers
from schemas.requests.shows import GetShow
from server.auth.actors import OWNER
from server.kernel.module import Call, Context, Endpoint, Reply
from server.ledger.history import LedgerHistory
from server.ledger.ledger import Ledger
from server.ledger.rules import (
    Held,
    IdempotencyConflict,
    LotHasBids,
    LotOver,
    LotSettled,
    LotVoided,
    SoldOut,
    UnknownLot,
    VoidLot,
)
from server.modules.auctions import store
from server.modules.auctions.channel import award_next, barred, check_means, facts_of, lots_state, place_bid, refuse, save
from server.modules.auctions.rules import history, truth
from server.modules.auctions.rules import lot as lots
from server.modules.auctions.rules.bids import Facts
from server.modules.auctions.rules.lot import Lot
from server.modules.auctions.store import Deed

NO_SUCH_LOT = "There is no such lot."


async def prepare_lot(ctx: Context, call: Call) -> Reply:
    """Put a lot into the run of a show. The same id with the same content again is the same answer."""
    body: PrepareLot = call.body
    show = await ctx.ask(GetShow(show_id=body.show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    offers = await ctx.ask(GetOffers(show_id=body.show_id, skus=(body.sku,)))
    made = lots.prepared(body, show, offers[0] if offers else None, ctx.actor.id, ctx.now_ms)
    if isinstance(made, Refusal):
        raise made.refused()
    return await _insert(ctx, made, lambda known: lots.is_repetition(known, body))


async def start_lot(ctx: Context, call: Call) -> Reply:
    """Open a lot for bids. The ledger is asked as soon as this is written; `lots:<show_id>` tells when it has opened."""
    body: StartLot = call.body
    found = await _host_lot(ctx, call)
    show = await ctx.ask(GetShow(show_id=found.show_id))
    assert show is not None, found
    if found.state == "prepared":
        pools = {pool.sku: pool.available for pool in (await ctx.port(Ledger).pools(found.show_id)).pools}
        if (available := pools.get(found.sku, 0)) < found.quantity:
            text = "Bring more units into the show first."
            raise Refused(NOT_ENOUGH_STOCK, text, sku=found.sku, available=available)
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, found.lot_id, lock=True)
    assert before is not None, found
    changed = lots.opening(before, show)
    if isinstance(changed, Refusal):
        raise changed.refused()
    if changed is not None:
        if (other := await store.running(ctx.store, found.show_id)) is not None:
            raise Refused(ALREADY_RUNNING, "One lot at a time: wait for its hammer, or take it back.", lot_id=other)
        event = LotOpening(lot_id=found.lot_id, show_id=found.show_id, starts_in_ms=body.starts_in_ms)
        await save(ctx, version, changed, event=event)
    return Reply(lots.view(changed or before, {}))


async def withdraw_lot(ctx: Context, call: Call) -> Reply:
    """Take a lot out of the run before it was opened."""
    found = await _host_lot(ctx, call)
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, found.lot_id, lock=True)
    assert before is not None, found
    changed = lots.withdrawn(before)
    if isinstance(changed, Refusal):
        raise changed.refused()
    if changed is not None:
        await save(ctx, version, changed)
    return Reply(lots.view(changed or before, {}))


async def take_lot_back(ctx: Context, call: Call) -> Reply:
    """Void a lot: the host before the first bid, the owner of the shop until it is paid, with a reason."""
    body: TakeLotBack = call.body
    owner = OWNER in ctx.actor.roles
    found = await _lot(ctx, call)
    if found.seller_id != ctx.actor.id and not owner:
        raise Refused(FORBIDDEN, "Only the host of the show, or the owner of the shop, may do this.")
    if found.state in ("prepared", "withdrawn"):
        raise Refused(LOT_OVER, "This lot was never opened; take it out of the run.", state=found.state)
    if found.state in ("paid", "unsold", "void"):
        raise Refused(LOT_SETTLED if found.state == "paid" else LOT_OVER, "", state=found.state)
    forced = owner and bool(body.reason.strip())
    command = VoidLot(command_id=body.command_id, lot_id=found.lot_id, reason=body.reason.strip(), force=forced)
    match await ctx.port(Ledger).submit(found.show_id, command):
        case LotVoided():
            return Reply(lots.view(lots.taken_back(found, body.reason.strip()) or found, {}))
        case LotHasBids():
            text = "Say why: the owner of the shop may void it with a reason." if owner else "The owner of the shop may void it."
            raise Refused(LOT_HAS_BIDS, text)
        case LotSettled():
            raise Refused(LOT_SETTLED)
        case LotOver(state=state):
            raise Refused(LOT_OVER, "", state=state)
        case UnknownLot():
            return await _never_opened(ctx, found, body.reason.strip())
        case IdempotencyConflict():
            raise Refused(IDEMPOTENCY_CONFLICT, "Make a new id for each command.")
        case outcome:
            raise AssertionError(f"no answer to taking a lot back: {outcome}")


async def rerun_lot(ctx: Context, call: Call) -> Reply:
    """Prepare a lot again that was not sold."""
    body: RerunLot = call.body
    found = await _host_lot(ctx, call)
    show = await ctx.ask(GetShow(show_id=found.show_id))
    assert show is not None, found
    async with ctx.reading() as connection:
        known = await store.lot(connection, body.lot_id)
    if known is not None and known.rerun_of == found.lot_id:
        return Reply(lots.view(known, {}), 201)
    made = lots.again(found, body.lot_id, show, ctx.actor.id, ctx.now_ms)
    if isinstance(made, Refusal):
        raise made.refused()
    return await _insert(ctx, made, lambda known: known.rerun_of == found.lot_id)


async def offer_lot(ctx: Context, call: Call) -> Reply:
    """Ask the runner-up, who may take it or leave it."""
    found = await _host_lot(ctx, call)
    if found.state == "offered":
        return Reply(await _view(ctx, found))
    refuse(lots.may_offer(found))
    match await award_next(ctx.port(LedgerHistory), ctx.port(Ledger), found):
        case Held():
            return Reply(await _view(ctx, found))
        case SoldOut(available=available):
            raise Refused(NOT_ENOUGH_STOCK, "Its units were sold meanwhile; bring more into the show.", available=available)
        case LotSettled():
            raise Refused(LOT_SETTLED)
        case None:
            raise Refused(LOT_OVER, "Everybody who bid was asked already; run it again.", state=found.state)


async def give_lot_up(ctx: Context, call: Call) -> Reply:
    """Leave an unpaid lot unsold."""
    found = await _host_lot(ctx, call)
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, found.lot_id, lock=True)
    assert before is not None, found
    changed = lots.given_up(before)
    if isinstance(changed, Refusal):
        raise changed.refused()
    if changed is not None:
        event = lots.unsold(changed, changed.reason)
        await save(ctx, version, changed, Deed("given up", "given_up", ctx.now_ms, ctx.actor.id), event)
    return Reply(lots.view(changed or before, {}))


async def list_lots(ctx: Context, call: Call) -> Reply:
    """Every lot of a show, for its host."""
    show_id = call.path["show_id"]
    show = await ctx.ask(GetShow(show_id=show_id))
    if show is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if show.host_id != ctx.actor.id and OWNER not in ctx.actor.roles:
        raise Refused(FORBIDDEN, "Only the host of the show sees this.")
    async with ctx.reading() as connection:
        found = await store.lots_of_show(connection, show_id)
        names = await store.names_of(connection, found[::-1])
    return Reply(LotListView(lots=[lots.view(each, names) for each in found]))


async def shown_lots(ctx: Context, call: Call) -> Reply:
    """The lots of a show that everybody knows of, as `lots:<show_id>` has them."""
    show_id = call.path["show_id"]
    if await ctx.ask(GetShow(show_id=show_id)) is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    async with ctx.reading() as connection:
        return Reply(await lots_state(connection, show_id, await store.version(connection, show_id)))


async def send_bid(ctx: Context, call: Call) -> Reply:
    """Bid without a websocket."""
    body: SendBid = call.body
    facts = await _facts(ctx, body.show_id)
    if facts.door.turns_away(ctx.actor.id):
        refuse(barred(ctx, facts))
    return Reply(await place_bid(ctx, facts, body.bid, body.bid_id))


async def my_lot(ctx: Context, call: Call) -> Reply:
    """What the caller bids for a lot, and whether they may."""
    found = await _opened_lot(ctx, call)
    facts = await _facts(ctx, found.show_id)
    refusal = barred(ctx, facts)
    name = refusal.error.name if refusal is not None else ""
    if not name:
        try:
            await check_means(ctx, facts)
        except Refused as refused:
            name = refused.error.name
    log = ctx.port(LedgerHistory)
    async with ctx.reading() as connection:
        standing = await store.bidder(connection, found.lot_id, ctx.actor.id)
    newer = await log.events(found.show_id, found.lot_id, found.folded_seq)
    known = {standing.bidder_id: standing} if standing is not None else {}
    mine = truth.fold(known, newer, found.lot_id).get(ctx.actor.id) or standing or truth.Standing(ctx.actor.id)
    return Reply(history.mine(found, mine, name))


async def my_bids(ctx: Context, call: Call) -> Reply:
    """The lots that the caller has bid for, the newest first. While a lot runs this is as of a moment ago; the player knows it
    exactly."""
    async with ctx.reading() as connection:
        found = await store.bid_on(connection, ctx.actor.id)
    return Reply(MyBidsView(bids=[history.my_bid(lot, standing) for lot, standing in found]))


async def lot_history(ctx: Context, call: Call) -> Reply:
    """A lot's truth, as far as the caller may know it: the host and the owner of the shop all of it once the lot is over,
    everybody the ladder of prices then, and own bids in full at any time."""
    found = await _opened_lot(ctx, call)
    after = _number(call.query.get("after", "0"))
    full = found.seller_id == ctx.actor.id or OWNER in ctx.actor.roles
    reader = history.Reader(ctx.actor.id, full=full, over=found.state not in ("opening", "open", "ended"))
    log = ctx.port(LedgerHistory)
    events = await log.events(found.show_id, found.lot_id, after, history.PAGE)
    refusals = await log.refusals(found.show_id, found.lot_id, history.PAGE) if not after else []
    people = history.people(found, events, refusals)
    async with ctx.reading() as connection:
        names = await store.all_names(connection, found.lot_id, people)
        deeds = await store.deeds(connection, found.lot_id) if not after else []
    return Reply(history.compose(found, reader, events, refusals, deeds, names))


async def _insert(ctx: Context, made: Lot, repeats: "history.Same") -> Reply:
    version = await store.next_version(ctx.store, made.show_id)
    if await store.insert_lot(ctx.store, made):
        deed = Deed("prepared", "rerun" if made.rerun_of else "prepared", ctx.now_ms, ctx.actor.id)
        await save(ctx, version, made, deed)
        return Reply(lots.view(made, {}), 201)
    known = await store.lot(ctx.store, made.lot_id)
    if known is None or not repeats(known):
        raise Refused(IDEMPOTENCY_CONFLICT, "A lot with this id exists; make a new id for a new lot.")
    return Reply(lots.view(known, {}), 201)


async def _never_opened(ctx: Context, found: Lot, reason: str) -> Reply:
    """The ledger does not know the lot: it is on its way there, or was lost with the end of a log."""
    if found.state == "opening":
        raise Refused(LOT_NOT_OVER, "The lot is just being opened; try again in a moment.")
    version = await store.next_version(ctx.store, found.show_id)
    before = await store.lot(ctx.store, found.lot_id, lock=True)
    changed = None if before is None else lots.taken_back(before, reason)
    if changed is not None:
        event = lots.unsold(changed, "void")
        await save(ctx, version, changed, event=event)
    return Reply(lots.view(changed or found, {}))


async def _view(ctx: Context, lot: Lot) -> LotView:
    async with ctx.reading() as connection:
        return lots.view(lot, await store.names_of(connection, [lot]))


async def _lot(ctx: Context, call: Call) -> Lot:
    async with ctx.reading() as connection:
        found = await store.lot(connection, call.path["lot_id"])
    if found is None:
        raise Refused(NOT_FOUND, NO_SUCH_LOT)
    return found


async def _host_lot(ctx: Context, call: Call) -> Lot:
    found = await _lot(ctx, call)
    if found.seller_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "Only the host of the show decides about its lots.")
    return found


async def _opened_lot(ctx: Context, call: Call) -> Lot:
    """A lot that the caller may know of."""
    found = await _lot(ctx, call)
    hidden = found.state in ("prepared", "withdrawn") and found.seller_id != ctx.actor.id
    if hidden:
        raise Refused(UNKNOWN_LOT, NO_SUCH_LOT)
    return found


async def _facts(ctx: Context, show_id: str) -> Facts:
    facts = await facts_of(ctx, show_id)
    if facts is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    return facts


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(INVALID_FIELD, "`after` is a sequence number.")
    return int(text)


ROUTES = (
    Endpoint("POST", "/api/auctions/lots", prepare_lot, "host", "Prepare a lot in the run of a show", PrepareLot, LotView, 201),
    Endpoint("POST", "/api/auctions/lots/{lot_id}/start", start_lot, "host", "Open a lot for bids", StartLot, LotView),
    Endpoint(
        "POST", "/api/auctions/lots/{lot_id}/withdraw", withdraw_lot, "host", "Take out a lot that was not opened", None, LotView
    ),
    Endpoint("POST", "/api/auctions/lots/{lot_id}/void", take_lot_back, "host", "Take an opened lot back", TakeLotBack, LotView),
    Endpoint(
        "POST", "/api/auctions/lots/{lot_id}/rerun", rerun_lot, "host", "Prepare an unsold lot again", RerunLot, LotView, 201
    ),
    Endpoint(
        "POST", "/api/auctions/lots/{lot_id}/offer", offer_lot, "host", "Offer an unpaid lot to the runner-up", None, LotView
    ),
    Endpoint("POST", "/api/auctions/lots/{lot_id}/give-up", give_lot_up, "host", "Leave an unpaid lot unsold", None, LotView),
    Endpoint(
        "GET", "/api/auctions/shows/{show_id}/desk", list_lots, "host", "All lots of a show, for its host", None, LotListView
    ),
    Endpoint("GET", "/api/auctions/shows/{show_id}/lots", shown_lots, "anyone", "The opened lots of a show", None, LotsState),
    Endpoint("POST", "/api/auctions/bids", send_bid, "guest", "Bid for a lot", SendBid, BidView),
    Endpoint("GET", "/api/auctions/mine", my_bids, "guest", "List the lots that one has bid for", None, MyBidsView),
    Endpoint("GET", "/api/auctions/lots/{lot_id}/mine", my_lot, "guest", "What the caller bids for a lot", None, MyLot),
    Endpoint(
        "GET", "/api/auctions/lots/{lot_id}/history", lot_history, "anyone", "Everything that happened to a lot", None, LotHistory
    ),
)
