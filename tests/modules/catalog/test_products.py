"""Products are edited, get pictures and variants, are archived and restored; shows that sell them hear of it."""

from typing import Any

import msgspec
import pytest

from schemas.errors import (
    INVALID_FIELD,
    NOT_FOUND,
    PRODUCT_ARCHIVED,
    UNKNOWN_PICTURE,
    WRONG_CURRENCY,
)
from schemas.http.catalog import ProductListView, ProductView
from schemas.http.pictures import PictureView, picture_url
from server.kernel.module import Actor
from tests.modules.pictures import files
from tests.modules.world import HOST, OTHER_HOST, PRICE, SHOW_ID, World, an_id, refused

PRODUCT = f"/api/catalog/products/{an_id('prd', 1)}"


async def picture(world: World, number: int = 0, actor: Actor = HOST) -> str:
    view = (await world.call(actor, "POST", "/api/pictures", raw=files.encoded(files.halves(60 + number, 40)))).view
    assert isinstance(view, PictureView)
    return view.picture_id


async def edit(world: World, actor: Actor = HOST, **changes: Any) -> ProductView:
    view = (await world.call(actor, "PATCH", PRODUCT, changes)).view
    assert isinstance(view, ProductView)
    return view


async def listed(world: World, **query: str) -> list[str]:
    view = (await world.call(HOST, "GET", "/api/catalog/products", query=query)).view
    assert isinstance(view, ProductListView)
    return [product.title for product in view.products]


def a_variant(sku: str = "DRESS-L", **changes: Any) -> dict[str, Any]:
    return {"sku": sku, "label": "L", "price": PRICE, "on_hand": 4} | changes


async def test_a_product_is_published_with_pictures_and_the_first_one_is_the_main_one(world: World) -> None:
    first, second = await picture(world), await picture(world, 1)
    body = {"product_id": an_id("prd", 5), "title": "Cup", "pictures": [first, second], "variants": [a_variant("CUP")]}
    view = (await world.call(HOST, "POST", "/api/catalog/products", body)).view
    assert isinstance(view, ProductView)
    assert (view.pictures, view.image_url) == ([first, second], picture_url(first))
    assert (await world.call(HOST, "POST", "/api/catalog/products", body)).view == view
    again = {**body, "product_id": an_id("prd", 6), "variants": [a_variant("CUP-2")], "pictures": [first, first]}
    with refused(INVALID_FIELD):
        await world.call(HOST, "POST", "/api/catalog/products", again)


@pytest.mark.parametrize(
    "url",
    ["//evil.example/x.png", "https://evil.example/x.png", "/static/../etc/passwd", "/x.png", "/static/x.png\n", "javascript:1"],
)
async def test_only_own_addresses_are_pictures(world: World, url: str) -> None:
    body = {"product_id": an_id("prd", 5), "title": "Cup", "image_url": url, "variants": [a_variant("CUP")]}
    with pytest.raises(msgspec.ValidationError):
        await world.call(HOST, "POST", "/api/catalog/products", body)


async def test_an_edit_changes_what_it_names_and_every_player_hears_of_it_once(world: World) -> None:
    await world.open_show()
    channel = f"show:{SHOW_ID}"
    pushed = len(world.screens.pushes[channel])
    one, two = await picture(world), await picture(world, 1)
    for _ in range(2):
        view = await edit(world, title="Evening dress", pictures=[two, one])
        await world.settle()
    assert (view.title, view.description, view.pictures, view.image_url) == ("Evening dress", "", [two, one], picture_url(two))
    news = world.screens.pushes[channel][pushed:]
    assert [state["offers"][0]["title"] for state in news] == ["Evening dress"]
    assert news[0]["offers"][0]["image_url"] == picture_url(two)
    assert (await edit(world, description="Long")).pictures == [two, one]
    assert (await edit(world, pictures=[])).image_url is None


async def test_pictures_of_others_are_refused_but_those_of_the_product_may_stay(world: World) -> None:
    await world.publish("DRESS-M", 5)
    own, foreign = await picture(world), await picture(world, 1, OTHER_HOST)
    with refused(UNKNOWN_PICTURE):
        await edit(world, pictures=[own, foreign])
    await edit(world, pictures=[own])
    await edit(world, OTHER_HOST, pictures=[foreign, own])
    with refused(UNKNOWN_PICTURE):
        await edit(world, pictures=["pic_" + "0" * 32])
    with refused(INVALID_FIELD):
        await edit(world, pictures=[own, own])
    with refused(NOT_FOUND):
        await world.call(HOST, "PATCH", f"/api/catalog/products/{an_id('prd', 9)}", {"title": "x"})


async def test_a_variant_is_added_once_and_can_be_sold(world: World) -> None:
    await world.publish("DRESS-M", 5)
    for _ in range(2):
        view = (await world.call(HOST, "POST", f"{PRODUCT}/variants", a_variant())).view
        assert isinstance(view, ProductView)
        assert [variant.sku for variant in view.variants] == ["DRESS-M", "DRESS-L"]
    with refused(INVALID_FIELD) as refusal:
        await world.call(HOST, "POST", f"{PRODUCT}/variants", a_variant(label="XL"))
    assert refusal.extra["field"] == "/sku"
    with refused(WRONG_CURRENCY):
        await world.call(HOST, "POST", f"{PRODUCT}/variants", a_variant("DRESS-S", price={"amount_minor": 1, "currency": "USD"}))
    await world.call(HOST, "POST", "/api/shows", {"show_id": SHOW_ID, "title": "Dresses"})
    await world.fund("DRESS-L", 4)
    await world.settle()
    assert await world.pool("DRESS-L") == (4, 0, 0)


async def test_an_archived_product_goes_into_no_further_show_and_stays_in_those_that_have_it(world: World) -> None:
    await world.open_show()
    for _ in range(2):
        view = (await world.call(HOST, "POST", f"{PRODUCT}/archive")).view
        assert isinstance(view, ProductView)
        assert view.archived
    await world.settle()
    assert (await listed(world), await listed(world, archived="1")) == ([], ["Dress"])
    with refused(PRODUCT_ARCHIVED):
        await world.fund("DRESS-M", 1, number=2)
    await world.fund("DRESS-M", 5)  # the move that was made before, told again
    with refused(PRODUCT_ARCHIVED):
        await world.call(HOST, "POST", f"{PRODUCT}/variants", a_variant())
    assert await world.pool() == (5, 0, 0)
    await world.call(HOST, "POST", f"{PRODUCT}/restore")
    await world.fund("DRESS-M", 1, number=2)
    assert (await listed(world), await listed(world, archived="1")) == (["Dress"], [])
    assert await world.dead_letters() == 0
