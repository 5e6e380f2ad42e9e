"""How a batch of commands travels to the script and its answer back. The shell and the tests use the same code."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import msgspec

from server.ledger.rules import Answer, AnyCommand, AnyOutcome, GiveawayRecord, LotRecord, Pool
from server.redis.scripts import Argument, Script

OPERATIONS = ("coupons", "sales", "fund", "hold", "extend", "commit", "release", "restock")
LOT_OPERATIONS = ("lots", "open_lot", "bid", "close_lot", "void_lot", "award", "giveaways")
FILES = ("prelude", *OPERATIONS, *LOT_OPERATIONS, "waitlist", "sweep", "dispatch")
"""Parts of the script that runs a batch, in this order: Lua sees only what stands above."""
SNAPSHOT_FILES = ("snapshot", "snapshot_lots", "snapshot_end")

_encoder = msgspec.json.Encoder()
_outcomes = msgspec.json.Decoder(AnyOutcome)


class Planned(msgspec.Struct, frozen=True):
    """A command on its way; a non-empty `known_epoch` makes it fail with `StaleEpoch` in another life of the show."""

    command: AnyCommand
    known_epoch: str = ""


class OfferSnapshot(msgspec.Struct, frozen=True):
    """One SKU of a flash sale."""

    sku: str
    quantity_max: int
    per_buyer_max: int
    price_minor: int
    held: int
    sold: int

    @property
    def available(self) -> int:
        """Units that the sale has left; the pool may have less."""
        return self.quantity_max - self.held - self.sold


class SaleSnapshot(msgspec.Struct, frozen=True):
    """A flash sale. An `open` one sells from `starts_at_ms` to `ends_at_ms`; it stays `open` a moment longer, until a call ends
    it."""

    sale_id: str
    state: Literal["open", "over"]
    currency: str
    starts_at_ms: int
    ends_at_ms: int
    offers: list[OfferSnapshot]


class CouponSnapshot(msgspec.Struct, frozen=True):
    """A coupon that can be used."""

    code: str
    uses_max: int
    per_buyer_max: int
    used: int


class LotSnapshot(msgspec.Struct, frozen=True):
    """A lot with its secrets (maximum of the leader, reserve); `lot.standing()` is what everybody may see."""

    lot_id: str
    lot: LotRecord


class GiveawaySnapshot(msgspec.Struct, frozen=True):
    """A giveaway; its seed is empty until it is drawn."""

    giveaway_id: str
    giveaway: GiveawayRecord


class ShowSnapshot(msgspec.Struct, frozen=True):
    """How a show stands at log position (epoch, seq); the epoch is empty before its first command. Of each
    kind at most `OPEN_MAX` that are announced or open, lots in order of their start and the others of their ids or codes; then at
    most `ENDED_MAX` that ended last, the latest first."""

    epoch: str
    seq: int
    now_ms: int
    pools: list[Pool]
    sales: list[SaleSnapshot]
    coupons: list[CouponSnapshot]
    lots: list[LotSnapshot]
    giveaways: list[GiveawaySnapshot]


class PoolsSnapshot(msgspec.Struct, frozen=True):
    """Every pool of a show as of log position (epoch, seq); the epoch is empty before the show's first command."""

    epoch: str
    seq: int
    pools: list[Pool]


_snapshots = msgspec.json.Decoder(ShowSnapshot)


def source(name: str) -> str:
    """Text of `scripts/<name>.lua`."""
    return files("server.ledger.scripts").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def bundle() -> Script:
    """The script that runs a batch: all operations in one text, so that one call can mix them."""
    return Script("\n".join(source(name) for name in FILES))


def snapshot() -> Script:
    """The script that reads how a show stands."""
    return Script("\n".join(source(name) for name in SNAPSHOT_FILES))


def key(show_id: str, name: str) -> str:
    """A key of the show. One hash tag per show: all its keys live in one slot, so one script may change them together."""
    return f"{{sh:{show_id}}}:{name}"


def batch_keys(show_id: str) -> list[str]:
    """KEYS of both scripts."""
    return [key(show_id, "meta")]


def batch_args(show_id: str, batch: Sequence[Planned], new_epoch: str) -> list[Argument]:
    """ARGV of the bundle. The encoding of a command is canonical (fields in order), because the script compares its hash."""
    args: list[Argument] = [show_id, new_epoch]
    for planned in batch:
        text = _encoder.encode(planned.command)
        args.append(planned.known_epoch.encode() + text if planned.known_epoch else text)
    return args


def read_answer(reply: list[bytes | list[bytes]]) -> Answer:
    """The bundle's reply."""
    epoch, seq, now_ms, swept, outcomes = reply
    assert isinstance(epoch, bytes), reply
    assert isinstance(outcomes, list), reply
    decoded = tuple(_outcomes.decode(outcome) for outcome in outcomes)
    return Answer(epoch.decode(), int(_text(seq)), int(_text(now_ms)), int(_text(swept)), decoded)


def read_snapshot(reply: bytes) -> ShowSnapshot:
    """The snapshot's reply."""
    return _snapshots.decode(reply)


def _text(value: bytes | list[bytes]) -> bytes:
    assert isinstance(value, bytes), value
    return value
