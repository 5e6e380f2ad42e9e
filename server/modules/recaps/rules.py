"""What a show comes to, from what was told and counted. Pure; the order in which facts were heard is nothing to it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from schemas.http.catalog import OfferView
from schemas.http.recaps import (
    HighlightKind,
    MomentKind,
    RecapFigures,
    RecapHighlight,
    RecapLot,
    RecapMinute,
    RecapMoment,
    RecapProduct,
)
from schemas.money import Money

MINUTE_MS = 60_000
MINUTES_MAX = 24 * 60
"""Of one report; a show that was left on for longer shows its first day minute by minute, and its figures whole."""
SAMPLE_MS = 5_000
"""How often the audience of a live show is counted."""
GAP_MS_MAX = 6 * SAMPLE_MS
"""Longer than this nobody counted (no worker ran): how many watched meanwhile is not known and not invented."""
AFTER_PIN_MS = 5 * MINUTE_MS

MOMENTS: Mapping[str, MomentKind] = {
    "pin": "pin",
    "unpin": "unpin",
    "flash_sale": "flash_sale",
    "lot_sold": "lot_sold",
    "lot_unsold": "lot_unsold",
    "giveaway": "giveaway",
    "giveaway_won": "giveaway_won",
    "guest": "guest",
    "poll": "poll",
    "answered": "question_answered",
}


class Fact(NamedTuple):
    """Something that happened. `fact_id` is unique among those of its kind in a show; `quantity` counts what it is about."""

    kind: str
    fact_id: str
    at_ms: int
    sku: str = ""
    quantity: int = 1
    currency: str = ""
    amount_minor: int = 0
    reason: str = ""


class Minute(NamedTuple):
    """The audience of one minute."""

    at_ms: int
    viewer_ms: int
    sampled_ms: int
    viewers_peak: int
    reactions: int


class Show(NamedTuple):
    """A show since it began."""

    show_id: str
    host_id: str
    started_at_ms: int
    ended_at_ms: int | None
    sampled_at_ms: int
    viewers_unique: int
    reactions: int


class Pinned(NamedTuple):
    """A product was in the players from `from_ms` to `to_ms`."""

    sku: str
    from_ms: int
    to_ms: int


def minute_of(at_ms: int) -> int:
    """The beginning of its minute."""
    return at_ms - at_ms % MINUTE_MS


def utc_text(at_ms: int) -> str:
    """A time as spreadsheets read it, in UTC: "2026-11-30 18:00"."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"


def sample(show: Show, viewers: int, unique: int, reactions: int, now_ms: int) -> tuple[Show, list[Minute]]:
    """The show after its audience was counted, and what is added to its minutes.

    The time since the last count is watched by as many as are there now; hearts belong to the minute in which they are seen.
    Totals that shrank were lost with Redis and begin again.
    """
    now_ms = now_ms if show.ended_at_ms is None else min(now_ms, show.ended_at_ms)
    now_ms = max(now_ms, show.sampled_at_ms)
    new = reactions - show.reactions if reactions >= show.reactions else reactions
    after = show._replace(sampled_at_ms=now_ms, viewers_unique=max(show.viewers_unique, unique, viewers), reactions=reactions)
    here = minute_of(now_ms)
    added: dict[int, Minute] = {here: Minute(here, 0, 0, viewers, new)}
    if now_ms - show.sampled_at_ms <= GAP_MS_MAX:
        for at_ms, span_ms in _spread(show.sampled_at_ms, now_ms):
            known = added.get(at_ms, Minute(at_ms, 0, 0, viewers, 0))
            added[at_ms] = known._replace(viewer_ms=viewers * span_ms, sampled_ms=span_ms)
    return after, [added[at_ms] for at_ms in sorted(added)]


def figures(show: Show | None, audience: Sequence[Minute], facts: Sequence[Fact], now_ms: int) -> RecapFigures:
    """A whole show in numbers."""
    counts: Counter[str] = Counter()
    for fact in facts:
        counts[fact.kind] += fact.quantity
    watch_ms, sampled_ms = sum(each.viewer_ms for each in audience), sum(each.sampled_ms for each in audience)
    return RecapFigures(
        duration_ms=0 if show is None else max(0, (show.ended_at_ms or now_ms) - show.started_at_ms),
        viewers_unique=0 if show is None else show.viewers_unique,
        viewers_peak=max((each.viewers_peak for each in audience), default=0),
        viewers_average=_average(watch_ms, sampled_ms),
        watch_ms=watch_ms,
        messages=counts["message"],
        questions=counts["question"],
        questions_answered=counts["answered"],
        votes=counts["poll"],
        reactions=sum(each.reactions for each in audience),
        waits=counts["wait"],
        orders_placed=counts["placed"],
        orders_paid=counts["paid"],
        units=counts["unit"],
        revenue=_money(fact for fact in facts if fact.kind == "paid"),
        refunded=_money(fact for fact in facts if fact.kind == "refunded"),
        pins=counts["pin"],
        flash_sales=counts["flash_sale"],
        lots_sold=sum(lot.sold for lot in lots(facts, {})),
        giveaways=counts["giveaway"],
        guests=counts["guest"],
    )


def minutes(show: Show | None, audience: Sequence[Minute], facts: Sequence[Fact], now_ms: int) -> list[RecapMinute]:
    """Every minute of the show, those in which nothing happened too."""
    if show is None:
        return []
    watched = {each.at_ms: each for each in audience}
    happened: dict[int, list[Fact]] = {}
    for fact in facts:
        happened.setdefault(minute_of(fact.at_ms), []).append(fact)
    first, last = minute_of(show.started_at_ms), minute_of(max(show.started_at_ms, show.ended_at_ms or now_ms))
    last = min(last, first + (MINUTES_MAX - 1) * MINUTE_MS)
    return [
        _minute(watched.get(at_ms, Minute(at_ms, 0, 0, 0, 0)), happened.get(at_ms, []))
        for at_ms in range(first, last + 1, MINUTE_MS)
    ]


def moments(facts: Sequence[Fact], offers: Mapping[str, OfferView]) -> list[RecapMoment]:
    """What happened, in the order of time. A hammer that fell for nobody who paid is no sale."""
    unsold = {fact.fact_id for fact in facts if fact.kind == "lot_unsold"}
    told = [fact for fact in facts if fact.kind in MOMENTS and not (fact.kind == "lot_sold" and fact.fact_id in unsold)]
    found = sorted(told, key=lambda fact: (fact.at_ms, fact.kind, fact.fact_id))
    return [
        RecapMoment(
            at_ms=fact.at_ms,
            kind=MOMENTS[fact.kind],
            sku=fact.sku,
            title=_title(offers, fact.sku),
            count=fact.quantity,
            amount=Money(amount_minor=fact.amount_minor, currency=fact.currency) if fact.currency else None,
        )
        for fact in found
    ]


def pinned(facts: Sequence[Fact], end_ms: int) -> list[Pinned]:
    """When which product was in the players; what was never taken away was there until the end."""
    open_since: dict[str, int] = {}
    found: list[Pinned] = []
    moves = sorted((fact.at_ms, fact.kind == "pin", fact.sku) for fact in facts if fact.kind in ("pin", "unpin"))
    for at_ms, is_pin, sku in moves:
        if is_pin:
            open_since.setdefault(sku, at_ms)
        elif sku in open_since:
            found.append(Pinned(sku, open_since.pop(sku), at_ms))
    found += [Pinned(sku, since_ms, max(since_ms, end_ms)) for sku, since_ms in open_since.items()]
    return sorted(found, key=lambda each: (each.from_ms, each.sku))


def products(show: Show | None, facts: Sequence[Fact], offers: Mapping[str, OfferView], now_ms: int) -> list[RecapProduct]:
    """What the show did for each product: those that sold most first."""
    end_ms = now_ms if show is None or show.ended_at_ms is None else show.ended_at_ms
    spans = pinned(facts, end_ms)
    pins = [fact for fact in facts if fact.kind == "pin"]
    sold = [fact for fact in facts if fact.kind == "unit"]
    skus = {*(sku for sku, offer in offers.items() if offer.listed), *(fact.sku for fact in (*pins, *sold))}
    found = [
        _product(
            offers.get(sku),
            sku,
            [each for each in spans if each.sku == sku],
            [fact.at_ms for fact in pins if fact.sku == sku],
            [fact for fact in sold if fact.sku == sku],
        )
        for sku in skus
    ]
    return sorted(found, key=lambda each: (-each.units, -each.pinned_ms, each.title, each.sku))


def lots(facts: Sequence[Fact], offers: Mapping[str, OfferView]) -> list[RecapLot]:
    """The lots of auctions. The hammer may have fallen for somebody who did not pay: then the lot is unsold after all."""
    sold = {fact.fact_id: fact for fact in facts if fact.kind == "lot_sold"}
    unsold = {fact.fact_id: fact for fact in facts if fact.kind == "lot_unsold"}
    found = []
    for lot_id in sorted({*sold, *unsold}, key=lambda each: ((sold.get(each) or unsold[each]).at_ms, each)):
        fact = sold.get(lot_id) or unsold[lot_id]
        found.append(
            RecapLot(
                lot_id=lot_id,
                sku=fact.sku,
                title=_title(offers, fact.sku),
                price=Money(amount_minor=fact.amount_minor, currency=fact.currency) if fact.currency else None,
                sold=lot_id not in unsold,
                reason=unsold[lot_id].reason if lot_id in unsold else "",
            )
        )
    return found


def highlights(
    told: Sequence[RecapMinute], facts: Sequence[Fact], offers: Mapping[str, OfferView], end_ms: int
) -> list[RecapHighlight]:
    """The best minute by each measure, the earlier of equals; none by a measure that never rose above zero."""
    measures: dict[HighlightKind, list[int]] = {
        "viewers": [each.viewers_peak for each in told],
        "orders": [each.orders for each in told],
        "messages": [each.messages for each in told],
        "reactions": [each.reactions for each in told],
    }
    spans = pinned(facts, end_ms)
    found = []
    for kind, values in measures.items():
        best = max(values, default=0)
        if best == 0:
            continue
        at_ms = told[values.index(best)].at_ms
        there = {each.sku for each in spans if each.from_ms < at_ms + MINUTE_MS and each.to_ms > at_ms}
        titles = sorted({_title(offers, sku) or sku for sku in there})
        found.append(RecapHighlight(kind=kind, at_ms=at_ms, value=best, titles=titles))
    return found


def _spread(from_ms: int, to_ms: int) -> list[tuple[int, int]]:
    found = []
    while from_ms < to_ms:
        end_ms = min(to_ms, minute_of(from_ms) + MINUTE_MS)
        found.append((minute_of(from_ms), end_ms - from_ms))
        from_ms = end_ms
    return found


def _minute(watched: Minute, happened: Sequence[Fact]) -> RecapMinute:
    counts: Counter[str] = Counter()
    for fact in happened:
        counts[fact.kind] += fact.quantity
    return RecapMinute(
        at_ms=watched.at_ms,
        viewers_peak=watched.viewers_peak,
        viewers_average=_average(watched.viewer_ms, watched.sampled_ms),
        messages=counts["message"],
        questions=counts["question"],
        reactions=watched.reactions,
        orders=counts["paid"],
        units=counts["unit"],
        revenue=_money(fact for fact in happened if fact.kind == "paid"),
    )


def _product(
    offer: OfferView | None, sku: str, spans: Sequence[Pinned], pins_ms: Sequence[int], sold: Sequence[Fact]
) -> RecapProduct:
    after = [fact for fact in sold if any(at_ms <= fact.at_ms < at_ms + AFTER_PIN_MS for at_ms in pins_ms)]
    return RecapProduct(
        sku=sku,
        title=offer.title if offer else "",
        label=offer.label if offer else "",
        image_url=offer.image_url if offer else None,
        pins=len(pins_ms),
        pinned_ms=sum(each.to_ms - each.from_ms for each in spans),
        orders=len(sold),
        units=sum(fact.quantity for fact in sold),
        units_after_pin=sum(fact.quantity for fact in after),
        revenue=_money(sold),
    )


def _title(offers: Mapping[str, OfferView], sku: str) -> str:
    return offers[sku].title if sku in offers else ""


def _average(viewer_ms: int, sampled_ms: int) -> float:
    return round(viewer_ms / sampled_ms, 1) if sampled_ms else 0.0


def _money(facts: Iterable[Fact]) -> list[Money]:
    totals: Counter[str] = Counter()
    for fact in facts:
        totals[fact.currency] += fact.amount_minor
    return [Money(amount_minor=totals[currency], currency=currency) for currency in sorted(totals)]
