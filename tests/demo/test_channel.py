"""The house channel in a whole running site: on air by itself, once, and again after anything."""

import asyncio
import re
from pathlib import Path

import pytest

from schemas.frames import Push
from schemas.http.auth import EnterAsGuest
from schemas.http.catalog import OfferListView
from schemas.http.shows import ShowListView, ShowView
from server.demo import shop
from server.demo.client import ApiRefused, ShopClient
from tests.e2e.site import Site

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 90.0


async def on_air_show(client: ShopClient) -> ShowView:
    """The house channel's show, once its packets arrive."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            shows = (await client.get("/api/shows", ShowListView)).shows
            if shows and shows[0].on_air and shows[0].state == "live":
                return shows[0]
            await asyncio.sleep(0.1)


async def test_a_newcomer_finds_a_live_show_that_sells_and_talks_also_after_a_restart(site_folder: Path) -> None:
    site = Site(site_folder, demo=True)
    await site.start()
    client = ShopClient(site.url)
    show = await on_air_show(client)
    offers = (await client.get(f"/api/catalog/offers/{show.show_id}", OfferListView)).offers
    assert {offer.sku for offer in offers} == {product.sku for product in shop.PRODUCTS}
    await client.post("/api/auth/guest", EnterAsGuest(name="Newcomer"))
    assert await host_is_heard(client, show.show_id)

    site.kill("media")
    site.kill("demo")
    await site.kill_everything()
    await site.start()
    again = await on_air_show(client)
    assert again.show_id == show.show_id
    assert site.sql("SELECT count(*) FROM shows_shows") == [(1,)]
    assert site.sql("SELECT count(*) FROM catalog_products") == [(len(shop.PRODUCTS),)]
    await client.close()
    assert await site.stop() == 0


@pytest.mark.reference
async def test_robots_ask_choose_and_applaud_and_the_host_answers(site_folder: Path) -> None:
    site = Site(site_folder, demo=True)
    await site.start()
    client = ShopClient(site.url)
    show = await on_air_show(client)
    await client.post("/api/auth/guest", EnterAsGuest(name="Newcomer"))
    await something_is_asked_chosen_and_applauded(client, show.show_id)
    await client.close()
    assert await site.stop() == 0


async def host_is_heard(client: ShopClient, show_id: str) -> bool:
    """Whether the robot host says something in the chat, now or soon."""
    async with asyncio.timeout(DEADLINE_S), client.live() as connection:
        subscribed = await connection.subscribe(f"chat:{show_id}")
        if b"host" in bytes(subscribed.snapshot):
            return True
        async for frame in connection.frames():
            if isinstance(frame, Push) and b'"host"' in bytes(frame.data):
                return True
    return False


async def something_is_asked_chosen_and_applauded(client: ShopClient, show_id: str) -> None:
    """Wait until a question was answered, another has votes, a poll too, hearts have flown, and the robots are counted."""
    wanted = {
        "questions": rb'"status":"answered"',
        "question_votes": rb'"votes":[1-9]',
        "polls": rb'"total":[1-9]',
        "reactions": rb'"heart":[1-9]',
        "presence": rb"Maya",
    }
    async with asyncio.timeout(DEADLINE_S), client.live() as connection:
        for kind, pattern in list(wanted.items()):
            if re.search(pattern, bytes((await connection.subscribe(f"{kind}:{show_id}")).snapshot)):
                del wanted[kind]
        async for frame in connection.frames():
            if isinstance(frame, Push):
                kind = frame.channel.partition(":")[0]
                if kind in wanted and re.search(wanted[kind], bytes(frame.data)):
                    del wanted[kind]
            if not wanted:
                return


async def test_a_stranger_cannot_run_the_demo_shop(site_folder: Path) -> None:
    site = Site(site_folder)
    await site.start()
    client = ShopClient(site.url)
    await client.post("/api/auth/guest", EnterAsGuest(name="Stranger"))
    with pytest.raises(ApiRefused, match="forbidden"):
        await client.post("/api/shows/shw_" + "0" * 32 + "/start")
    await client.close()
    await site.stop()


def test_every_product_of_the_demo_has_its_picture() -> None:
    for product in shop.PRODUCTS:
        picture = ROOT / "static" / "demo" / f"{product.picture}.svg"
        assert picture.read_text().startswith("<svg xmlns="), picture
