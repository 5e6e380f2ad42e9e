"""HTTP operations of the books."""

from schemas.errors import FORBIDDEN, INVALID_FIELD, NOT_FOUND, Refused
from schemas.http.books import AuditView, BalancesView, BookEntryView, OrderBooksView, StatementView, TransferView
from schemas.requests.orders import GetOrder
from server.auth.actors import OWNER
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.books import rules, store
from server.modules.books.rules import Booked
from server.modules.books.store import Period, Position


async def get_statement(ctx: Context, call: Call) -> Reply:
    """What the caller has sold, and what is left of it."""
    period = _period(ctx, call)
    after = _position(call.query.get("after", ""))
    async with ctx.reading() as connection:
        found = await store.page(connection, period, after)
        shown = found[: rules.LINES_MAX]
        booked = await store.of_orders(connection, [each.order_id for each in shown], period) if shown else []
        totals = await store.totals(connection, period)
        audit = await store.newest_audit(connection)
    more = len(found) > len(shown)
    view = StatementView(
        from_ms=period.from_ms,
        to_ms=period.to_ms,
        lines=rules.lines(booked),
        totals=totals,
        after=f"{shown[-1].at_ms}.{shown[-1].order_id}" if more else None,
        audit=None if audit is None else audit.view,
    )
    return Reply(view)


async def get_order(ctx: Context, call: Call) -> Reply:
    """The money of one order: the receipt for its buyer, the entries for its seller too."""
    order_id = call.path["order_id"]
    order = await ctx.ask(GetOrder(order_id=order_id))
    async with ctx.reading() as connection:
        booked = await store.of_order(connection, order_id)
    sells = bool(booked) and booked[0].transfer.seller_id == ctx.actor.id
    if order is not None and not sells and order.buyer_id != ctx.actor.id:
        raise Refused(FORBIDDEN, "This is somebody else's order.")
    if not booked or (order is None and not sells):
        raise Refused(NOT_FOUND, "No money of such an order has moved yet.")
    return Reply(_with_entries(booked) if sells else rules.receipt(booked))


async def get_balances(ctx: Context, call: Call) -> Reply:
    """The trial balance of the caller's sales; with `all=1`, for the shop's owner, of everybody's."""
    everybody = call.query.get("all", "0")
    if everybody not in ("0", "1"):
        raise Refused(INVALID_FIELD, "Send all=1 for the whole shop, or leave it out.", field="/all")
    if everybody == "1":
        _require_owner(ctx)
    async with ctx.reading() as connection:
        return Reply(BalancesView(balances=await store.balances(connection, None if everybody == "1" else ctx.actor.id)))


async def begin_audit(ctx: Context, call: Call) -> Reply:
    """Compare the books now rather than at night. One that is under way goes on."""
    _require_owner(ctx)
    newest = await store.newest_audit(ctx.store)
    if newest is None or newest.view.ended_at_ms is not None:
        audit_id = rules.new_audit_id(ctx.now_ms)
        if newest is not None and newest.view.audit_id == audit_id:
            return Reply(newest.view, 202)
        await store.begin_audit(ctx.store, audit_id, ctx.now_ms)
        newest = await store.newest_audit(ctx.store)
    assert newest is not None
    return Reply(newest.view, 202)


async def get_audit(ctx: Context, call: Call) -> Reply:
    """The newest audit."""
    _require_owner(ctx)
    async with ctx.reading() as connection:
        newest = await store.newest_audit(connection)
    if newest is None:
        raise Refused(NOT_FOUND, "The books have not been audited yet; POST here to begin.")
    return Reply(newest.view)


def _with_entries(booked: list[Booked]) -> OrderBooksView:
    view = rules.receipt(booked)
    transfers = [
        TransferView(
            transfer_id=transfer.transfer_id,
            kind=transfer.kind,
            at_ms=transfer.at_ms,
            entries=[
                BookEntryView(
                    account=entry.account,
                    currency=transfer.currency,
                    debit_minor=entry.debit_minor,
                    credit_minor=entry.credit_minor,
                )
                for entry in entries
            ],
        )
        for transfer, entries in booked
    ]
    fields = {name: getattr(view, name) for name in OrderBooksView.__struct_fields__}
    return OrderBooksView(**fields | {"figures": rules.figures_of(booked), "transfers": transfers})


def _require_owner(ctx: Context) -> None:
    if OWNER not in ctx.actor.roles:
        raise Refused(FORBIDDEN, "Only the owner of the shop may do this.")


def _period(ctx: Context, call: Call) -> Period:
    from_ms, to_ms = _moment(call, "from"), _moment(call, "to")
    if from_ms >= to_ms:
        raise Refused(INVALID_FIELD, "The period must end after it begins.", field="/to")
    if to_ms - from_ms > rules.PERIOD_MS_MAX:
        raise Refused(INVALID_FIELD, "Ask for at most 400 days at a time.", field="/to")
    return Period(ctx.actor.id, from_ms, to_ms)


def _moment(call: Call, name: str) -> int:
    text = call.query.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 14 and int(text) <= rules.TIME_MS_MAX):
        raise Refused(INVALID_FIELD, f"Send {name} as Unix time in milliseconds.", field=f"/{name}")
    return int(text)


def _position(text: str) -> Position | None:
    if not text:
        return None
    at_ms, _, order_id = text.partition(".")
    if not (at_ms.isascii() and at_ms.isdigit() and len(at_ms) <= 14 and order_id):
        raise Refused(INVALID_FIELD, "Send the after of the page before, as it is.", field="/after")
    return Position(int(at_ms), order_id)


ROUTES = (
    Endpoint(
        "GET",
        "/api/books/statement",
        get_statement,
        "host",
        "The caller's sales, fees and refunds: query from, to (Unix time in ms) and after",
        view=StatementView,
    ),
    Endpoint("GET", "/api/books/orders/{order_id}", get_order, "guest", "The money of an order", view=OrderBooksView),
    Endpoint("GET", "/api/books/balances", get_balances, "host", "Trial balance; all=1: of the whole shop", view=BalancesView),
    Endpoint("POST", "/api/books/audits", begin_audit, "host", "Audit the books now", view=AuditView, status=202),
    Endpoint("GET", "/api/books/audits", get_audit, "host", "The newest audit of the books", view=AuditView),
)
