"""A show's keys in Redis as the scripts keep them (`scripts/prelude.lua`), from its state: what a restoration writes and an audit
expects. Pure."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from server.ledger.rules import DUE, Sale, ShowState, Waiter
from server.ledger.wire import key

KEEP_MS = 48 * 3_600_000
"""How long the scripts remember an outcome and a hold whose units went back (`KEEP_MS` in prelude.lua)."""
PASSING = ("released", "expired", "restocked")
"""States of holds that the scripts forget after `KEEP_MS`."""

Write = list[str]
"""A Redis command."""


class Hash(msgspec.Struct, frozen=True):
    """Fields and their texts; those in `json` may be written in more than one way."""

    fields: dict[str, str]
    json: tuple[str, ...] = ()


class Members(msgspec.Struct, frozen=True):
    """A set."""

    members: frozenset[str]


class Scores(msgspec.Struct, frozen=True):
    """A sorted set."""

    scores: dict[str, int]


class Items(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple[str, ...]


class Record(msgspec.Struct, frozen=True):
    """A record as JSON. The scripts leave out what is as usual, so two texts may say the same."""

    data: Any


Value = Hash | Members | Scores | Items | Record
Key = tuple[str, Value]
"""Name without the show's tag, and what is in it. An empty value is a key that does not exist."""


def keys(state: ShowState) -> Iterator[Key]:
    """Every key but holds, stored outcomes, streams, the position, and `freed`, which says only where to look."""
    for part in PARTS:
        yield from part(state)


def hold_key(state: ShowState, hold_id: str) -> Key:
    """The key of a hold."""
    return f"hold:{hold_id}", Record(state.holds[hold_id])


def writes(show_id: str, found: Key, left_ms: int | None = None) -> Iterator[Write]:
    """Commands that make a key anew, whatever was there; it lives `left_ms`, when that is given."""
    short, value = found
    name = key(show_id, short)
    if isinstance(value, Record):
        lifetime = [] if left_ms is None else ["PX", str(left_ms)]
        yield ["SET", name, json_text(value.data), *lifetime]
        return
    yield ["DEL", name]
    match value:
        case Hash(fields):
            yield from _in_parts("HSET", name, [word for pair in fields.items() for word in pair])
        case Members(members):
            yield from _in_parts("SADD", name, sorted(members))
        case Scores(scores):
            yield from _in_parts("ZADD", name, [word for member, score in scores.items() for word in (str(score), member)])
        case Items(items):
            yield from _in_parts("RPUSH", name, list(items))
    if left_ms is not None:
        yield ["PEXPIRE", name, str(left_ms)]


def passes_with(state: ShowState, name: str) -> str | None:
    """The thing with whose end a key begins to pass away (after `KEEP_MS`), or None for a key that stays."""
    kind, _, ident = name.partition(":")
    if kind == "hold" and state.holds[ident].state in PASSING:
        return ident
    if kind == "entrants" and state.giveaways[ident].state == "drawn":
        return ident
    return None


def json_text(data: Any) -> str:
    """JSON in one way only, so that it can be compared."""
    return msgspec.json.encode(data, order="sorted").decode()


def look_at_lines(state: ShowState) -> Iterator[Write]:
    """Let the next call look whether somebody in line can be served."""
    for sku in sorted({waiter.sku for waiter in state.waits.values()}):
        yield ["ZADD", key(state.show_id, "freed"), "0", sku]


def _in_parts(command: str, name: str, words: list[str]) -> Iterator[Write]:
    for start in range(0, len(words), 1_000):
        yield [command, name, *words[start : start + 1_000]]


def _texts(**numbers: int | str) -> Hash:
    return Hash({name: str(number) for name, number in numbers.items()})


def _pools(state: ShowState) -> Iterator[Key]:
    yield "skus", Members(frozenset(state.pools))
    bought: dict[str, dict[str, str]] = {sku: {} for sku in state.pools}
    for (sku, buyer_id), units in state.bought.items():
        bought[sku][buyer_id] = str(units)
    for sku, pool in state.pools.items():
        yield f"pool:{sku}", _texts(funded=pool.funded, held=pool.held, sold=pool.sold, per_buyer_max=pool.per_buyer_max)
        yield f"bought:{sku}", Hash(bought[sku])


def _due(state: ShowState) -> Iterator[Key]:
    yield "due", Scores({thing: at_ms for part in DUE for at_ms, thing in part(state)})


def _sales(state: ShowState) -> Iterator[Key]:
    in_sale: dict[str, dict[str, str]] = {}
    for (sale_id, sku, buyer_id), units in state.bought_in_sale.items():
        in_sale.setdefault(f"{sale_id}:{sku}", {})[buyer_id] = str(units)
    for sale_id, sale in state.sales.items():
        yield from _sale(sale_id, sale)
        for sku in sale.offers:
            yield f"insale:{sale_id}:{sku}", Hash(in_sale.get(f"{sale_id}:{sku}", {}))
    yield from _kind(state, "sale", {sale_id: 0 for sale_id, sale in state.sales.items() if not sale.over})


def _sale(sale_id: str, sale: Sale) -> Iterator[Key]:
    fields = _texts(state="over" if sale.over else "open", starts_at_ms=sale.starts_at_ms, ends_at_ms=sale.ends_at_ms).fields
    yield f"sale:{sale_id}", Hash(fields | {"currency": sale.currency, "skus": json_text(list(sale.offers))}, ("skus",))
    for offer in sale.offers.values():
        yield (
            f"offer:{sale_id}:{offer.sku}",
            _texts(
                quantity_max=offer.quantity_max,
                per_buyer_max=offer.per_buyer_max,
                price_minor=offer.price_minor,
                held=offer.held,
                sold=offer.sold,
            ),
        )


def _coupons(state: ShowState) -> Iterator[Key]:
    uses: dict[str, dict[str, str]] = {code: {} for code in state.coupons}
    for (code, buyer_id), times in state.coupon_uses.items():
        uses[code][buyer_id] = str(times)
    for code, coupon in state.coupons.items():
        limits = {"uses_max": coupon.uses_max, "per_buyer_max": coupon.per_buyer_max}
        yield f"coupon:{code}", _texts(state="shut" if coupon.shut else "open", used=coupon.used, **limits)
        yield f"uses:{code}", Hash(uses[code])
    yield "open:coupon", Scores({code: 0 for code, coupon in state.coupons.items() if not coupon.shut})


def _line(state: ShowState) -> Iterator[Key]:
    queues: dict[str, dict[str, int]] = {}
    firsts: dict[str, dict[str, int]] = {sku: {} for sku in state.pools}
    for wait_id, waiter in state.waits.items():
        yield f"waiter:{wait_id}", Record(waiter)
        wish = _wish(waiter)
        queues.setdefault(f"{wish}|{waiter.sku}", {})[wait_id] = waiter.seq
        of_sku = firsts[waiter.sku]
        of_sku[wish] = min(waiter.seq, of_sku.get(wish, waiter.seq))
    for name, members in queues.items():
        yield f"queue:{name}", Scores(members)
    for sku, wishes in firsts.items():
        yield f"firsts:{sku}", Scores(wishes)


def _wish(waiter: Waiter) -> str:
    return f"{waiter.quantity}|{waiter.sale_id}"


def _lots(state: ShowState) -> Iterator[Key]:
    for lot_id, lot in state.lots.items():
        fields = {name: str(value) for name, value in vars(lot).items()}
        yield f"lot:{lot_id}", Hash(fields | {"terms": json_text(lot.terms)}, ("terms",))
    starts = {lot_id: lot.starts_at_ms for lot_id, lot in state.lots.items() if lot.state in ("announced", "open")}
    yield from _kind(state, "lot", starts)


def _giveaways(state: ShowState) -> Iterator[Key]:
    entrants: dict[str, dict[str, str]] = {giveaway_id: {} for giveaway_id in state.giveaways}
    for (giveaway_id, entrant_id), number in state.entrants.items():
        entrants[giveaway_id][entrant_id] = str(number)
    for giveaway_id, giveaway in state.giveaways.items():
        fields = {name: str(value) for name, value in vars(giveaway).items()}
        yield f"giveaway:{giveaway_id}", Hash(fields | {"winners": json_text(giveaway.winners)}, ("winners",))
        yield f"entrants:{giveaway_id}", Hash(entrants[giveaway_id])
    yield from _kind(state, "giveaway", {ident: 0 for ident, giveaway in state.giveaways.items() if giveaway.state != "drawn"})


def _kind(state: ShowState, kind: str, open_: dict[str, int]) -> Iterator[Key]:
    yield f"open:{kind}", Scores(open_)
    yield f"ended:{kind}", Items(state.ended.get(kind, ()))


PARTS: tuple[Callable[[ShowState], Iterator[Key]], ...] = (_pools, _due, _sales, _coupons, _line, _lots, _giveaways)
