"""A bid costs the same on a young lot and on an old one, in a show with few lots and in one with many."""

from collections.abc import Callable

import pytest
import redis

from server.ledger.rules import AnyCommand
from server.ledger.wire import bundle, key
from tests.ledger.lot_scenarios import award, bid, close, draw, enter, maximum, open_giveaway, open_lot, void
from tests.ledger.scenarios import A, fund
from tests.ledger.test_cost import FEW, MANY, calls
from tests.ledger.twin import Twin

BATCH = 100


def busy(blocking: redis.Redis, size: int) -> Twin:
    """A show with so many open and ended lots, so many bids on lot `hot`, and as many entries for the giveaway `big`."""
    blocking.script_load(bundle().text)
    twin = Twin(blocking, bundle(), f"shw_{size:05}")
    twin.run(fund("f1", A, 10 * size + 20, 9), *(open_lot(f"e{number}", lasts_ms=5) for number in range(size)))
    twin.run(open_giveaway("old", lasts_ms=5), enter("e", "ann", "old"), open_lot("won", lasts_ms=5, window_ms=0))
    twin.run(bid("w", 100, lot="won"))
    twin.tick(5)
    for _ in range(size // 100 + 1):
        twin.run()
    twin.run(*(open_lot(f"l{number}") for number in range(size)), open_lot("hot"), open_lot("cold"), open_giveaway("big"))
    twin.run(*(bid(f"b{number}", 100 + 60 * number, ["ann", "bob"][number % 2], "hot") for number in range(size)))
    twin.run(*(enter(f"n{number}", f"v{number}", "big") for number in range(size)))
    return twin


@pytest.mark.parametrize(
    "make",
    [
        lambda: bid("new", 100_000, "eve", "hot", confirmed=True),
        lambda: maximum("new", 100_000, "eve", "hot", confirmed=True),
        lambda: bid("new", 1, "eve", "hot"),
        lambda: bid("new", 100, "eve", "cold"),
        lambda: open_lot("new"),
        lambda: close("new", "hot"),
        lambda: void("new", "cold"),
        lambda: award("new", lot="won"),
        lambda: open_giveaway("new"),
        lambda: enter("new", "zoe", "big"),
        lambda: draw("new", "ann", giveaway="old"),
    ],
    ids=["bid", "maximum", "low", "first", "open_lot", "close", "void", "award", "open_giveaway", "enter", "draw"],
)
def test_a_command_costs_the_same_in_a_busy_show(blocking: redis.Redis, make: Callable[[], AnyCommand]) -> None:
    few = calls(busy(blocking, FEW), make())
    assert 3 < few < 30
    assert calls(busy(blocking, MANY), make()) == few


def test_what_is_kept_of_a_lot_does_not_grow_with_its_bids(blocking: redis.Redis) -> None:
    sizes = []
    for size in (FEW, MANY):
        twin = busy(blocking, size)
        fields = twin.client.hgetall(key(twin.show_id, "lot:hot"))
        sizes.append(sum(len(name) + len(value) for name, value in fields.items()))
    assert sizes[1] - sizes[0] <= 8, "but for a few digits more"


def test_a_bid_more_in_a_batch_is_three_calls_more(blocking: redis.Redis) -> None:
    twin = busy(blocking, FEW)
    one = calls(twin, bid("x", 9000, "eve", "hot", confirmed=True))
    before = sum(stat["calls"] for stat in twin.client.info("commandstats").values())
    twin.run(*(bid(f"y{number}", 9100 + 60 * number, ["ann", "bob"][number % 2], "hot") for number in range(BATCH + 1)))
    batch = sum(stat["calls"] for stat in twin.client.info("commandstats").values()) - before - 1
    assert batch - one == 3 * BATCH
