"""HTTP operations of the recaps."""

from typing import NamedTuple

from schemas.errors import FORBIDDEN, NOT_FOUND, Refused
from schemas.http.catalog import OfferView
from schemas.http.recaps import PreviousRecap, RecapView
from schemas.http.shows import ShowView
from schemas.ids import is_rehearsal
from schemas.money import Money, digits_of
from schemas.requests.catalog import GetOffers
from schemas.requests.shows import GetShow
from server.auth.actors import OWNER
from server.http.spreadsheet import CSV_TYPE, Cell, attachment, csv_file
from server.kernel.module import Call, Context, Endpoint, Reply
from server.modules.recaps import rules, store
from server.modules.recaps.rules import Fact, Minute, Show

MINUTE_HEAD = (
    *("minute", "viewers_peak", "viewers_average", "messages", "questions", "reactions", "orders", "units"),
    *("currency", "revenue"),
)
PRODUCT_HEAD = ("sku", "title", "variant", "pins", "pinned_minutes", "orders", "units", "units_after_pin", "currency", "revenue")


class _Known(NamedTuple):
    """All that is known of a show."""

    view: ShowView
    show: Show | None
    audience: list[Minute]
    facts: list[Fact]
    offers: dict[str, OfferView]


async def get_recap(ctx: Context, call: Call) -> Reply:
    """The report of the caller's own show; while it is live, as it stands now."""
    known = await _known(ctx, call)
    _, show, audience, facts, offers = known
    told = rules.minutes(show, audience, facts, ctx.now_ms)
    end_ms = ctx.now_ms if show is None or show.ended_at_ms is None else show.ended_at_ms
    view = RecapView(
        show_id=known.view.show_id,
        title=known.view.title,
        state=known.view.state,
        started_at_ms=known.view.started_at_ms,
        ended_at_ms=known.view.ended_at_ms,
        figures=rules.figures(show, audience, facts, ctx.now_ms),
        previous=await _previous(ctx, show),
        minutes=told,
        moments=rules.moments(facts, offers),
        highlights=rules.highlights(told, facts, offers, end_ms),
        products=rules.products(show, facts, offers, ctx.now_ms),
        lots=rules.lots(facts, offers),
    )
    return Reply(view, headers={"cache-control": "no-store"})


async def export_minutes(ctx: Context, call: Call) -> Reply:
    """The minutes as a file. A minute with sales in two currencies has a row for each; its other figures stand in the first."""
    known = await _known(ctx, call)
    rows: list[list[Cell]] = []
    for minute in rules.minutes(known.show, known.audience, known.facts, ctx.now_ms):
        figures: list[Cell] = [getattr(minute, name) for name in MINUTE_HEAD[1:8]]
        rows += _rows([rules.utc_text(minute.at_ms)], figures, minute.revenue)
    return _file(MINUTE_HEAD, rows, f"{known.view.show_id}_minutes.csv")


async def export_products(ctx: Context, call: Call) -> Reply:
    """What was sold of each product, as a file; a row for each currency."""
    known = await _known(ctx, call)
    rows: list[list[Cell]] = []
    for each in rules.products(known.show, known.facts, known.offers, ctx.now_ms):
        name: list[Cell] = [each.sku, each.title, each.label]
        pinned_minutes = round(each.pinned_ms / rules.MINUTE_MS, 1)
        figures: list[Cell] = [each.pins, pinned_minutes, each.orders, each.units, each.units_after_pin]
        rows += _rows(name, figures, each.revenue)
    return _file(PRODUCT_HEAD, rows, f"{known.view.show_id}_products.csv")


async def _known(ctx: Context, call: Call) -> _Known:
    view = await ctx.ask(GetShow(show_id=call.path["show_id"]))
    if view is None:
        raise Refused(NOT_FOUND, "There is no such show.")
    if view.host_id != ctx.actor.id and OWNER not in ctx.actor.roles:
        raise Refused(FORBIDDEN, "Only the host of the show and the owner of the shop may see its report.")
    offers = {offer.sku: offer for offer in await ctx.ask(GetOffers(show_id=view.show_id))}
    async with ctx.reading() as connection:
        show = await store.show(connection, view.show_id)
        audience = await store.audience(connection, view.show_id)
        return _Known(view, show, audience, await store.facts(connection, view.show_id), offers)


async def _previous(ctx: Context, show: Show | None) -> PreviousRecap | None:
    if show is None or is_rehearsal(show.show_id):
        return None  # what robots buy says nothing beside what people bought
    async with ctx.reading() as connection:
        before = await store.previous(connection, show)
        if before is None:
            return None
        audience = await store.audience(connection, before.show_id)
        facts = await store.facts(connection, before.show_id)
    view = await ctx.ask(GetShow(show_id=before.show_id))
    title = "" if view is None else view.title
    figures = rules.figures(before, audience, facts, ctx.now_ms)
    return PreviousRecap(show_id=before.show_id, title=title, started_at_ms=before.started_at_ms, figures=figures)


def _file(head: tuple[str, ...], rows: list[list[Cell]], name: str) -> Reply:
    return Reply(content=csv_file(head, rows), headers=attachment(name))


def _rows(name: list[Cell], figures: list[Cell], revenue: list[Money]) -> list[list[Cell]]:
    """One row for each currency; only the first has the other figures, so that a column can be summed."""
    first, *others = [_money(money) for money in revenue] or [_money(None)]
    return [[*name, *figures, *first], *([*name, *([0] * len(figures)), *other] for other in others)]


def _money(money: Money | None) -> tuple[Cell, Cell]:
    if money is None:
        return "", 0
    digits = digits_of(money.currency)
    whole, rest = divmod(money.amount_minor, 10**digits)
    return money.currency, f"{whole}.{rest:0{digits}}" if digits else whole


RECAP = "/api/recaps/{show_id}"

ROUTES = (
    Endpoint("GET", RECAP, get_recap, "host", "The report of a show", view=RecapView),
    Endpoint("GET", f"{RECAP}/minutes.csv", export_minutes, "host", "The minutes of a show as a file", produces=CSV_TYPE),
    Endpoint("GET", f"{RECAP}/products.csv", export_products, "host", "The products of a show as a file", produces=CSV_TYPE),
)
