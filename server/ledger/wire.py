"""How a batch of commands travels to the script and its answer back. The shell and the tests use the same code."""

from collections.abc import Sequence
from importlib.resources import files

import msgspec

from server.ledger.rules import Answer, AnyCommand, AnyOutcome, Pool
from server.redis.scripts import Argument, Script

OPERATIONS = ("fund", "hold", "extend", "commit", "release")
FILES = ("prelude", "sweep", *OPERATIONS, "dispatch")

_encoder = msgspec.json.Encoder()
_outcomes = msgspec.json.Decoder(AnyOutcome)


class Planned(msgspec.Struct, frozen=True):
    """A command on its way; a non-empty `known_epoch` makes it fail with `StaleEpoch` in another life of the show."""

    command: AnyCommand
    known_epoch: str = ""


class PoolsSnapshot(msgspec.Struct, frozen=True):
    """Every pool of a show as of log position (epoch, seq); the epoch is empty before the show's first command."""

    epoch: str
    seq: int
    pools: list[Pool]


def source(name: str) -> str:
    """Text of `scripts/<name>.lua`."""
    return files("server.ledger.scripts").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def bundle() -> Script:
    """The script that runs a batch: all operations in one text, so that one call can mix them."""
    return Script("\n".join(source(name) for name in FILES))


def key(show_id: str, name: str) -> str:
    """A key of the show. One hash tag per show: all its keys live in one slot, so one script may change them together."""
    return f"{{sh:{show_id}}}:{name}"


def batch_keys(show_id: str) -> list[str]:
    """KEYS of the bundle and of pools.lua."""
    return [key(show_id, "meta")]


def batch_args(show_id: str, batch: Sequence[Planned], new_epoch: str) -> list[Argument]:
    """ARGV of the bundle. The encoding of a command is canonical (fields in order), because the script compares its hash."""
    args: list[Argument] = [show_id, new_epoch]
    for planned in batch:
        args += (planned.known_epoch, _encoder.encode(planned.command))
    return args


def read_answer(reply: list[bytes | list[bytes]]) -> Answer:
    """The bundle's reply."""
    epoch, seq, now_ms, swept, outcomes = reply
    assert isinstance(epoch, bytes), reply
    assert isinstance(outcomes, list), reply
    decoded = tuple(_outcomes.decode(outcome) for outcome in outcomes)
    return Answer(epoch.decode(), int(_text(seq)), int(_text(now_ms)), int(_text(swept)), decoded)


def read_pools(reply: list[bytes]) -> PoolsSnapshot:
    """The reply of pools.lua; pools in order of their SKU."""
    epoch, seq, *flat = reply
    rows = sorted(zip(*[iter(flat)] * 5, strict=True))
    pools = [Pool(sku.decode(), *map(int, numbers)) for sku, *numbers in rows]
    return PoolsSnapshot(epoch.decode(), int(seq), pools)


def _text(value: bytes | list[bytes]) -> bytes:
    assert isinstance(value, bytes), value
    return value
