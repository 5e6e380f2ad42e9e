"""The demo shop: six products with drawn pictures, and a show that sells them. Seeded through the public API."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from schemas.errors import IDEMPOTENCY_CONFLICT, NOT_FOUND, NOT_SIGNED_IN
from schemas.http.auth import LogIn, MeView
from schemas.http.catalog import FundPool, NewVariant, PublishProduct
from schemas.http.shows import PinProduct, ScheduleShow, ShowState
from schemas.money import Money
from server.demo.client import ApiRefused, ShopClient
from server.demo.memory import Memory, keep
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.log import get_logger

log = get_logger(__name__)

WAREHOUSE_UNITS = 5_000
POOL_UNITS = 40
PER_BUYER_MAX = 5
LOW_UNITS = 8
"""With fewer units than this left in the show, the host brings `POOL_UNITS` more from the warehouse."""


@dataclass(frozen=True)
class DemoProduct:
    """A product of the demo shop; `pitch` is what the host says when it is pinned, in English and in Russian."""

    sku: str
    picture: str
    title: str
    description: str
    price_minor: int
    pitch: tuple[str, str]


PRODUCTS = (
    DemoProduct(
        "DEMO-MUG",
        "mug",
        "Stoneware mug “Evening” / Кружка «Вечер»",
        "Holds 350 ml and keeps tea warm for longer than the film lasts. / 350 мл, чай остынет позже, чем кончится фильм.",
        1_800,
        ("This is the mug from the picture: stoneware, 350 ml.", "Та самая кружка из кадра: каменная керамика, 350 мл."),
    ),
    DemoProduct(
        "DEMO-LAMP",
        "lamp",
        "Pendant lamp “Coral” / Лампа «Коралл»",
        "Spun steel, a warm bulb, three metres of cord. / Сталь, тёплая лампочка, три метра провода.",
        6_400,
        ("The lamp above me is for sale too.", "Лампа надо мной тоже продаётся."),
    ),
    DemoProduct(
        "DEMO-CANDLE",
        "candle",
        "Soy candle “Fig” / Соевая свеча «Инжир»",
        "Forty hours of fig and cedar. / Сорок часов инжира и кедра.",
        1_450,
        ("Fig and cedar, forty hours. It smells better than it looks, and it looks good.", "Инжир и кедр, сорок часов тепла."),
    ),
    DemoProduct(
        "DEMO-SCARF",
        "scarf",
        "Merino scarf “Plum” / Шарф «Слива»",
        "Two metres of merino wool, woven, not printed. / Два метра мериноса, узор выткан, а не напечатан.",
        5_200,
        ("Two metres of merino. The pattern is woven, not printed.", "Два метра мериноса, узор выткан."),
    ),
    DemoProduct(
        "DEMO-TEAPOT",
        "teapot",
        "Glass teapot “Clear” / Чайник «Ясность»",
        "Borosilicate glass, 800 ml, with a strainer. / Боросиликатное стекло, 800 мл, с ситечком.",
        3_900,
        ("Goes with the mug: 800 ml, with a strainer.", "К кружке в пару: 800 мл, с ситечком."),
    ),
    DemoProduct(
        "DEMO-NOTEBOOK",
        "notebook",
        "Notebook “Sketch” / Блокнот «Эскиз»",
        "120 pages, 120 g/m², opens flat. / 120 страниц, 120 г/м², раскрывается полностью.",
        1_200,
        ("Opens flat, 120 pages, takes ink well.", "Раскрывается полностью, 120 страниц, чернила не проступают."),
    ),
)


async def seed(client: ShopClient, folder: Path, memory: Memory, clock: Clock) -> Memory:
    """Products, a show and its pools; returns what to remember. A second call changes nothing.

    The caller has made the host's account; here the host only signs in.

    Raises:
        ApiRefused: the server refuses for another reason than "that exists already".
    """
    await sign_in(client, memory)
    memory = await _own_show(client, folder, memory, clock)
    for product in PRODUCTS:
        memory = await _own_product(client, folder, memory, product, clock)
    return memory


async def sign_in(client: ShopClient, memory: Memory) -> None:
    """Make sure that the client's session is the host's; a session that still works is kept."""
    try:
        await client.get("/api/auth/me", MeView)
    except ApiRefused as refusal:
        if refusal.status != NOT_SIGNED_IN.status:
            raise
        await client.post("/api/auth/login", LogIn(email=memory.email, password=memory.password))


async def start_show(client: ShopClient, memory: Memory) -> None:
    """Go live, with the first product pinned."""
    await client.post(f"/api/shows/{memory.show_id}/start")
    await pin(client, memory, PRODUCTS[0])


async def pin(client: ShopClient, memory: Memory, product: DemoProduct) -> None:
    """Put the product into every player, alone."""
    state = await client.get(f"/api/shows/{memory.show_id}", ShowState)
    for sku in state.pinned:
        if sku != product.sku:
            await client.post(f"/api/shows/{memory.show_id}/unpin", PinProduct(sku=sku))
    if product.sku not in state.pinned:
        await client.post(f"/api/shows/{memory.show_id}/pin", PinProduct(sku=product.sku))


async def fund(client: ShopClient, memory: Memory, sku: str, move_id: str) -> None:
    """Bring units into the show; the same `move_id` again is harmless."""
    body = FundPool(move_id=move_id, show_id=memory.show_id, sku=sku, quantity=POOL_UNITS, per_buyer_max=PER_BUYER_MAX)
    await client.post("/api/catalog/pools", body)


async def _own_show(client: ShopClient, folder: Path, memory: Memory, clock: Clock) -> Memory:
    """The remembered show, or a new one when somebody has ended it."""
    try:
        state = await client.get(f"/api/shows/{memory.show_id}", ShowState)
        if state.show.state != "ended":
            return memory
        # Units that went into the ended show stay there; the new one gets its own.
        memory = msgspec.structs.replace(memory, show_id=new_id("shw", clock), moves={})
    except ApiRefused as refusal:
        if refusal.status != NOT_FOUND.status:
            raise
    keep(folder, memory)
    await client.post(
        "/api/shows",
        ScheduleShow(
            show_id=memory.show_id,
            title="House channel / Домашний канал",
            description="A robot host shows what this server can do. Say something, buy something: no money moves. / "
            "Робот-ведущий показывает, что умеет этот сервер. Пишите, покупайте: деньги ненастоящие.",
        ),
    )
    return memory


async def _own_product(client: ShopClient, folder: Path, memory: Memory, product: DemoProduct, clock: Clock) -> Memory:
    """Publish the product and bring units into the show. Ids are kept before they are used: a repetition is seen as one."""
    memory = msgspec.structs.replace(
        memory,
        products={product.sku: new_id("prd", clock)} | memory.products,
        moves={product.sku: new_id("mov", clock)} | memory.moves,
    )
    keep(folder, memory)
    price = Money(amount_minor=product.price_minor, currency="USD")
    body = PublishProduct(
        product_id=memory.products[product.sku],
        title=product.title,
        description=product.description,
        image_url=f"/static/demo/{product.picture}.svg",
        variants=[NewVariant(sku=product.sku, price=price, on_hand=WAREHOUSE_UNITS)],
    )
    try:
        await client.post("/api/catalog/products", body)
    except ApiRefused as refusal:
        if refusal.name != IDEMPOTENCY_CONFLICT.name:
            raise
        log.info("a product keeps the text of an older version of the demo", sku=product.sku)
    await fund(client, memory, product.sku, memory.moves[product.sku])
    return memory
