"""A flash sale in the world, and what tests ask of it."""

from typing import Any

from schemas.http.flash_sales import SaleRecord, WaitView
from server.kernel.module import Actor
from server.ledger.rules import Held, HoldLine, Outcome
from server.ledger.rules import Hold as HoldCommand
from tests.modules.world import HOST, SHOW_ID, World, an_id

SKU = "DRESS-M"
FLASH = {"amount_minor": 999, "currency": "EUR"}
MINUTE_MS = 60_000


def body(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Body of `POST /api/flash_sales`."""
    made = {"sku": SKU, "price": FLASH, "quantity_max": 3, "per_buyer_max": 2}
    return {"sale_id": an_id("sal", number), "show_id": SHOW_ID, "items": [made], "lasts_ms": 5 * MINUTE_MS, **fields}


async def start(world: World, number: int = 1, actor: Actor = HOST, **fields: Any) -> SaleRecord:
    """The host starts a sale, and everybody hears of it."""
    view = (await world.call(actor, "POST", "/api/flash_sales", body(number, **fields))).view
    assert isinstance(view, SaleRecord)
    await world.settle()
    return view


async def now(world: World, number: int = 1) -> SaleRecord:
    """The sale as the host sees it."""
    view: Any = (await world.call(HOST, "GET", f"/api/flash_sales/{SHOW_ID}")).view
    (found,) = [sale for sale in view.sales if sale.sale_id == an_id("sal", number)]
    assert isinstance(found, SaleRecord)
    return found


async def hold(
    world: World, buyer: Actor, number: int, quantity: int = 1, sale: int | None = 1, hold_ms: int = 60_000
) -> Outcome:
    """Units as an order would hold them."""
    line = HoldLine(SKU, quantity, an_id("sal", sale) if sale else "")
    command = HoldCommand(command_id=an_id("ord", number), buyer_id=buyer.id, lines=(line,), hold_ms=hold_ms)
    outcome = await world.ledger.submit(SHOW_ID, command)
    await world.settle()
    assert isinstance(outcome, Outcome)
    return outcome


async def holds(world: World, buyer: Actor, number: int, quantity: int = 1, sale: int | None = 1) -> None:
    assert isinstance(await hold(world, buyer, number, quantity, sale), Held)


async def wait(world: World, buyer: Actor, number: int = 1, **fields: Any) -> WaitView:
    """Somebody stands in line."""
    wish = {"wait_id": an_id("wai", number), "show_id": SHOW_ID, "sku": SKU, **fields}
    view = (await world.call(buyer, "POST", "/api/flash_sales/waits", wish)).view
    assert isinstance(view, WaitView)
    await world.settle()
    return view


async def waits(world: World, buyer: Actor) -> list[WaitView]:
    view: Any = (await world.call(buyer, "GET", f"/api/flash_sales/{SHOW_ID}/waits")).view
    found: list[WaitView] = view.waits
    return found
