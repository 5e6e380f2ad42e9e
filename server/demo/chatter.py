"""The robots that talk: four viewers who chat a little, and the host who shows one product after another and refills the show."""

import asyncio
import random
from collections.abc import Sequence

import msgspec

from schemas.errors import NOT_ENOUGH_STOCK
from schemas.frames import Failed, Gap, Push
from schemas.http.auth import EnterAsGuest
from schemas.http.catalog import PoolView, StockChanged, StockState
from schemas.http.chat import PostMessage
from server.demo import shop
from server.demo.client import ApiRefused, LiveConnection, ShopClient
from server.demo.memory import Memory
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.tasks import supervised

log = get_logger(__name__)

PIN_PERIOD_S = 40.0
PAUSE_MIN_S, PAUSE_MAX_S = 25.0, 70.0
"""Between two lines of one robot; with four of them somebody says something about every twelve seconds."""

VIEWERS = (
    (
        "Maya",
        "en",
        (
            "Hi everyone!",
            "Love the light in this studio",
            "Does the mug survive a dishwasher?",
            "How long is the cord of the lamp?",
            "The picture is so quick, I can see the steam move",
            "Bought the candle last week, it is lovely",
            "Do you ship abroad?",
            "Greetings from a rainy evening",
        ),
    ),
    (
        "Тимур",
        "ru",
        (
            "Всем привет!",
            "А кружку можно в микроволновку?",
            "Какая музыка приятная",
            "Лампа — огонь, беру на дачу",
            "Сколько осталось чайников?",
            "Задержки почти нет, здорово",
            "Покажите шарф поближе, пожалуйста",
        ),
    ),
    (
        "Jonas",
        "en",
        (
            "Just joined, what did I miss?",
            "Is the notebook dotted or plain?",
            "That red band looks great",
            "Ordered one, thank you!",
            "Which tea is in the mug?",
            "Will you show the scarf again?",
        ),
    ),
    (
        "Алиса",
        "ru",
        (
            "Добрый вечер из Казани",
            "Свеча правда пахнет инжиром?",
            "Взяла две кружки, маме и себе",
            "Как уютно у вас",
            "Блокнот подойдёт для акварели?",
            "Спасибо за эфир!",
        ),
    ),
)


async def chat_as(base_url: str, viewer: int, memory: Memory, clock: Clock, dice: random.Random) -> None:
    """One robot viewer: comes in as a guest, subscribes, and says a line now and then; ends with an error when it is cut off."""
    name, locale, lines = VIEWERS[viewer]
    client = ShopClient(base_url)
    try:
        await client.post("/api/auth/guest", EnterAsGuest(name=name, locale=locale))
        async with client.live() as connection, supervised("viewer") as tasks:
            await connection.subscribe(f"chat:{memory.show_id}")
            reading = tasks.start(_listen(connection, {}), "listen")
            talking = tasks.start(_talk(connection, memory.show_id, lines, clock, dice), "talk")
            await _first_failure(reading, talking)
    finally:
        await client.close()


async def host_show(client: ShopClient, memory: Memory, clock: Clock) -> None:
    """The robot host: pins the next product every `PIN_PERIOD_S`, says a word about it, refills what is nearly sold out."""
    pools: dict[str, PoolView] = {}
    async with client.live() as connection, supervised("host") as tasks:
        await connection.subscribe(f"chat:{memory.show_id}")
        subscribed = await connection.subscribe(f"stock:{memory.show_id}")
        _note(pools, msgspec.json.decode(subscribed.snapshot, type=StockState).pools)
        reading = tasks.start(_listen(connection, pools), "listen")
        showing = tasks.start(_show_products(client, connection, memory, clock, pools), "show")
        await _first_failure(reading, showing)


async def _listen(connection: LiveConnection, pools: dict[str, PoolView]) -> None:
    async for frame in connection.frames():
        match frame:
            case Push(channel=channel, data=data) if channel.startswith("stock:"):
                _note(pools, msgspec.json.decode(data, type=StockChanged).pools)
            case Gap(channel=channel, snapshot=snapshot) if channel.startswith("stock:"):
                pools.clear()
                _note(pools, msgspec.json.decode(snapshot, type=StockState).pools)
            case Failed(name=name, detail=detail):
                log.info("a robot's line was refused", error=name, detail=detail)
            case _:
                pass


async def _talk(connection: LiveConnection, show_id: str, lines: Sequence[str], clock: Clock, dice: random.Random) -> None:
    """Say every line once in a random order, then again in another: nobody repeats themselves at once."""
    while True:
        for line in dice.sample(lines, len(lines)):
            await asyncio.sleep(dice.uniform(PAUSE_MIN_S, PAUSE_MAX_S))
            await _say(connection, show_id, line, clock)


async def _show_products(
    client: ShopClient, connection: LiveConnection, memory: Memory, clock: Clock, pools: dict[str, PoolView]
) -> None:
    turn = 0
    while True:
        product = shop.PRODUCTS[turn % len(shop.PRODUCTS)]
        await _refill(client, memory, clock, list(pools.values()))
        await shop.pin(client, memory, product)
        # One language a round, the other in the next: both kinds of viewers understand at least every other sentence.
        await _say(connection, memory.show_id, product.pitch[turn // len(shop.PRODUCTS) % 2], clock)
        turn += 1
        await asyncio.sleep(PIN_PERIOD_S)


async def _refill(client: ShopClient, memory: Memory, clock: Clock, pools: Sequence[PoolView]) -> None:
    for pool in pools:
        if pool.available + pool.held < shop.LOW_UNITS and pool.sku in memory.products:
            try:
                await shop.fund(client, memory, pool.sku, new_id("mov", clock))
            except ApiRefused as refusal:
                if refusal.name != NOT_ENOUGH_STOCK.name:
                    raise
                log.info("the demo's warehouse is empty", sku=pool.sku)


async def _say(connection: LiveConnection, show_id: str, text: str, clock: Clock) -> None:
    await connection.publish(f"chat:{show_id}", new_id("msg", clock), PostMessage(text=text))


async def _first_failure(*tasks: asyncio.Task[object]) -> None:
    """Wait until one of the tasks ends, and raise what it ended with."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def _note(pools: dict[str, PoolView], changes: Sequence[PoolView]) -> None:
    pools.update({pool.sku: pool for pool in changes})
