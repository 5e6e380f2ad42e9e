"""What a command costs the server does not grow with the show: the same number of calls, however much there is."""

from collections.abc import Callable
from typing import Any

import pytest
import redis

from server.ledger.rules import AnyCommand
from server.ledger.wire import bundle
from tests.ledger.scenarios import A, commit, fund, hold, item, leave, open_coupon, open_sale, release, restock, wait
from tests.ledger.twin import Twin

FEW, MANY = 10, 400


def crowded(blocking: redis.Redis, size: int) -> Twin:
    """A show with so many holds, sales, coupons and people in line; one unit is held as h, another is sold as k."""
    script = bundle()
    blocking.script_load(script.text)
    twin = Twin(blocking, script, f"shw_{size:05}")
    twin.run(fund("f1", A, size + 2, 9), fund("f2", "FREE", 99_999, 9), hold("h", "hugo"), hold("k", "kurt"), commit("ck", "k"))
    twin.run(*(hold(f"h{number}", f"b{number}") for number in range(size)))
    twin.run(*(hold(f"g{number}", f"b{number}", ("FREE", 1)) for number in range(size)))
    twin.run(*(open_sale(f"s{number}", item(A, 9, 9)) for number in range(size)), open_sale("sale", item("FREE", 99, 9)))
    twin.run(*(open_coupon(f"o{number}", f"CODE{number}") for number in range(size)))
    twin.run(*(wait(f"w{number}", f"v{number}") for number in range(size)))
    return twin


def calls(twin: Twin, command: AnyCommand) -> int:
    """Calls that the script makes for one command."""

    def count() -> int:
        stats: dict[str, Any] = twin.client.info("commandstats")
        return sum(stat["calls"] for stat in stats.values())

    idle = -count() + count()
    before = count()
    twin.run(command)
    return count() - before - idle


@pytest.mark.parametrize(
    "make",
    [
        lambda: hold("new", "zoe", ("FREE", 1)),
        lambda: hold("new", "zoe", ("FREE", 1, "sale"), coupon="CODE1"),
        lambda: hold("new", "zoe", (A, 1)),
        lambda: wait("new", "zoe"),
        lambda: wait("new", "zoe", A, 2),
        lambda: leave("new", "w1"),
        lambda: release("new", "h"),
        lambda: commit("new", "h"),
        lambda: restock("new", "k"),
        lambda: open_sale("new"),
        lambda: fund("new", A, 1, 9),
    ],
    ids=[
        "hold",
        "hold_in_sale",
        "sold_out",
        "wait",
        "another_wish",
        "leave",
        "release",
        "commit",
        "restock",
        "open_sale",
        "fund",
    ],
)
def test_a_command_costs_the_same_in_a_crowded_show(blocking: redis.Redis, make: Callable[[], AnyCommand]) -> None:
    few = calls(crowded(blocking, FEW), make())
    assert 3 < few < 60
    assert calls(crowded(blocking, MANY), make()) == few
