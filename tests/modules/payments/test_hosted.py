"""Cards that a provider asks for on its own page: the same promises for each of them, and an order that is paid that way."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from schemas.errors import NOT_FOUND, PAYMENT_IN_PROGRESS
from schemas.http.payments import CardListView, CardView
from schemas.money import Money
from server.modules.payments import store
from server.modules.payments.adapters import (
    Authorised,
    Captured,
    CardSaved,
    CardSetup,
    Declined,
    Providers,
    RefundWish,
    RequiresAction,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.rules import ACTION_MAX_MS
from tests.fakes.clock import START_MS
from tests.fakes.payment_faults import FAULTS, Fault
from tests.fakes.stripe_api import NOW_S
from tests.modules.payments.hooks import hook
from tests.modules.payments.test_contract import AMOUNT, IMPATIENT_MS, PART, PATIENT_MS, Desk, a_charge, make, resolved
from tests.modules.world import BUYER, OTHER_BUYER, World, an_id, refused

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")


@pytest.fixture(params=["stripe", "yookassa"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Each provider that has such a page."""
    async with make(request.param, None) as made:
        assert made.provider.capabilities.hosted_entry
        made.fake.now_s = START_MS // 1_000
        yield made


def known(result: Result, **fields: Any) -> Any:
    """The charge as it is asked about once there was an answer."""
    return a_charge("", reference=getattr(result, "reference", ""), **fields)


async def test_a_page_asks_for_the_card_and_the_payment_is_captured_once(desk: Desk) -> None:
    opened = await desk.authorise(a_charge(""))
    assert isinstance(opened, RequiresAction)
    assert opened.url.startswith("https://")
    assert await desk.get(known(opened)) == opened
    assert not isinstance(await desk.capture(known(opened)), Captured)
    desk.fake.enter_card("pay_1", desk.pays)
    authorised = await desk.get(known(opened))
    assert isinstance(authorised, Authorised)
    assert (authorised.amount, authorised.card) == (AMOUNT, None)
    for charge in (known(opened), known(authorised)):
        assert await desk.get(charge) == authorised
    captured = await desk.capture(known(authorised))
    assert isinstance(captured, Captured)
    assert await desk.capture(known(opened)) == await desk.void(known(opened)) == captured
    assert desk.fake.captured_minor("pay_1") == AMOUNT.amount_minor
    assert desk.fake.charges("pay_1") == 1
    assert not isinstance(await desk.provider.refund(known(authorised), RefundWish("rfd_1", PART, START_MS)), Declined)


async def test_a_card_that_declines_on_the_page_leaves_it_open_for_another(desk: Desk) -> None:
    opened = await desk.authorise(a_charge(""))
    desk.fake.enter_card("pay_1", desk.declines)
    assert await desk.get(known(opened)) == opened
    desk.fake.enter_card("pay_1", desk.pays)
    assert isinstance(await desk.get(known(opened)), Authorised)


async def test_a_page_that_nobody_uses_ends_by_itself(desk: Desk) -> None:
    opened = await desk.authorise(a_charge(""))
    desk.fake.pages_end()
    assert isinstance(await desk.get(known(opened)), Declined | Voided)
    assert isinstance(await desk.void(known(opened)), Declined | Voided)
    wish = RefundWish("rfd_1", PART, START_MS)
    assert not isinstance(await desk.capture(known(opened)), Captured)
    assert isinstance(await desk.provider.refund(known(opened), wish), Declined)


async def test_what_was_paid_before_the_void_is_given_back_by_it(desk: Desk) -> None:
    opened = await desk.authorise(a_charge(""))
    desk.fake.enter_card("pay_1", desk.pays)
    assert await desk.void(known(opened)) == Voided()
    assert desk.fake.captured_minor("pay_1") == 0


async def test_the_same_key_is_the_same_page_and_another_amount_is_refused(desk: Desk) -> None:
    opened = await desk.authorise(a_charge(""))
    assert await desk.authorise(a_charge("")) == opened
    assert isinstance(await desk.authorise(a_charge("", amount=PART)), Declined)
    assert desk.fake.charges("pay_1") == 1


async def test_another_amount_than_asked_for_is_seen(desk: Desk) -> None:
    desk.fake.amount_off = -1
    opened = await desk.authorise(a_charge(""))
    desk.fake.enter_card("pay_1", desk.pays)
    authorised = await desk.get(known(opened))
    assert isinstance(authorised, Authorised)
    assert authorised.amount == Money(amount_minor=1_998, currency="EUR")


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_page_whose_address_is_lost_is_opened_once(desk: Desk, fault: Fault) -> None:
    desk.fake.line.faults.append(fault)
    desk.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await desk.authorise(a_charge("")) == Unknown()
    desk.provider.deadline_ms = PATIENT_MS
    opened = await resolved(desk, a_charge(""))
    assert isinstance(opened, RequiresAction)
    assert desk.fake.charges("pay_1") == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_void_whose_answer_is_lost_is_repeated(desk: Desk, fault: Fault) -> None:
    opened = await desk.authorise(a_charge(""))
    if desk.name == "yookassa":  # which can only void what is paid
        desk.fake.enter_card("pay_1", desk.pays)
    desk.fake.line.faults.append(fault)
    desk.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await desk.void(known(opened)) == Unknown()
    desk.provider.deadline_ms = PATIENT_MS
    assert await desk.void(known(opened)) == Voided()
    assert desk.fake.captured_minor("pay_1") == 0


async def test_an_id_of_a_page_that_the_service_does_not_know_is_unseen(desk: Desk) -> None:
    assert await desk.get(a_charge("", reference="cs_gone")) == Unseen()


async def test_a_card_is_kept_while_it_pays_on_the_page(desk: Desk) -> None:
    opened = await desk.authorise(a_charge("", save_card=True))
    desk.fake.enter_card("pay_1", desk.pays)
    authorised = await desk.get(known(opened, save_card=True))
    assert isinstance(authorised, Authorised)
    assert authorised.card is not None
    again = await desk.authorise(a_charge(authorised.card.method, "pay_2", off_session=True))
    assert isinstance(again, Authorised)


@pytest.mark.parametrize("fault", [None, *FAULTS])
async def test_a_card_is_saved_on_the_page_without_paying(desk: Desk, fault: Fault | None) -> None:
    setup = CardSetup("crd_1", "", "gst_1", "https://shop.example/cards/")
    if fault is not None:
        desk.fake.line.faults.append(fault)
        desk.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
        assert await desk.providers.save_card(desk.name, setup) == Unknown()
        desk.provider.deadline_ms = PATIENT_MS
    opened = await desk.provider.save_card(setup)
    assert isinstance(opened, RequiresAction)
    assert await desk.provider.save_card(setup) == opened
    desk.fake.enter_card("crd_1", desk.pays)
    saved = await desk.provider.save_card(setup)
    assert isinstance(saved, CardSaved)
    assert saved.card.label.endswith(("4242", "2204"))
    assert isinstance(await desk.authorise(a_charge(saved.card.method, off_session=True)), Authorised)


async def test_a_page_for_a_card_that_nobody_uses_saves_none(desk: Desk) -> None:
    setup = CardSetup("crd_1", "", "gst_1", "https://shop.example/cards/")
    await desk.provider.save_card(setup)
    desk.fake.pages_end()
    assert isinstance(await desk.provider.save_card(setup), Declined)


async def test_stripe_closes_a_page_and_refuses_one_that_would_close_too_soon() -> None:
    async with make("stripe", None) as desk:
        late = START_MS + 31 * 60_000
        desk.fake.now_s = late // 1_000
        assert isinstance(await desk.authorise(a_charge("")), Declined)
        desk.fake.now_s = NOW_S
        opened = await desk.authorise(a_charge("", "pay_2", created_at_ms=NOW_S * 1_000))
        charge = replace(known(opened), key="pay_2")
        desk.fake.keeps_pages = True
        assert await desk.void(charge) == Unknown(), "the page is open: nothing is decided"
        desk.fake.keeps_pages = False
        assert await desk.void(charge) == await desk.void(charge) == await desk.get(charge) == Voided()


@pytest.fixture
async def shop(world: World, desk: Desk) -> Desk:
    """A shop with a live show that takes payments by this provider, and one order."""
    providers = world.units._ports[Providers]
    assert isinstance(providers, Providers)
    world.units._ports[Providers] = Providers({**providers._providers, desk.name: desk.provider}, providers.bank)
    desk.fake.now_s = world.clock.now_ms() // 1_000
    await world.open_show()
    await world.order(BUYER, 1)
    return desk


def a_payment(desk: Desk, number: int = 1, **fields: Any) -> dict[str, Any]:
    return {"payment_id": an_id("pay", number), "order_id": an_id("ord", 1), "provider": desk.name, **fields}


async def begin(world: World, desk: Desk, number: int = 1, **fields: Any) -> str:
    """A payment whose card is asked for on the provider's page; returns the page's address."""
    await world.call(BUYER, "POST", "/api/payments", a_payment(desk, number, **fields))
    await world.settle()
    order = await world.order_now(BUYER, 1)
    assert order.payment == "in_progress"
    assert order.action_url
    return order.action_url


async def tell(world: World, desk: Desk, moment: int) -> None:
    """Webhooks about a payment: out of order and twice."""
    about = {"id": "cs_1", "object": "checkout.session", "metadata": {"payment_id": an_id("pay", 1)}}
    for kind in ("checkout.session.completed", "payment_intent.amount_capturable_updated") * 2:
        if desk.name == "stripe":
            raw, headers = desk.fake.webhook(kind, about, int(time.time()), event_id=f"evt_{moment}_{kind}")
        else:
            raw, headers = desk.fake.webhook("payment.waiting_for_capture", {**about, "id": "payment-1"})
        await hook(world, raw, headers, desk.name)
    await world.settle()


async def test_an_order_is_paid_on_the_page_of_the_provider_and_its_card_kept(world: World, shop: Desk) -> None:
    await begin(world, shop, save_card=True)
    await tell(world, shop, 1)
    assert (await world.order_now(BUYER, 1)).payment == "in_progress"
    shop.fake.enter_card(an_id("pay", 1), shop.pays)
    await world.call(BUYER, "POST", "/api/payments/check", {"order_id": an_id("ord", 1)})
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    await tell(world, shop, 2)
    assert shop.fake.charges(an_id("pay", 1)) == 1
    view = (await world.call(BUYER, "GET", "/api/payments/cards")).view
    assert isinstance(view, CardListView)
    assert [(card.provider, card.state, card.is_default) for card in view.cards] == [(shop.name, "ready", True)]
    assert await world.dead_letters() == 0


async def test_a_webhook_alone_tells_that_the_page_was_used(world: World, shop: Desk) -> None:
    await begin(world, shop)
    shop.fake.enter_card(an_id("pay", 1), shop.pays)
    await tell(world, shop, 3)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    if shop.name == "stripe":  # its disputes name the PaymentIntent, which the page did not have yet
        dispute = {"id": "dp_1", "amount": 500, "currency": "eur", "reason": "fraudulent", "payment_intent": "pi_1"}
        raw, headers = shop.fake.webhook("charge.dispute.created", {**dispute, "status": "needs_response"}, int(time.time()))
        await hook(world, raw, headers, "stripe")
        await world.settle()
        assert (await world.payment_now(BUYER, 1)).state == "disputed"


async def test_a_buyer_may_give_the_page_up_and_pay_another_way_and_what_is_paid_late_goes_back(world: World, shop: Desk) -> None:
    await begin(world, shop)
    body = {"order_id": an_id("ord", 1)}
    with refused(NOT_FOUND):
        await world.call(OTHER_BUYER, "POST", "/api/payments/abandon", body)
    await world.call(BUYER, "POST", "/api/payments/abandon", body)
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "failed"
    with refused(NOT_FOUND):
        await world.call(BUYER, "POST", "/api/payments/abandon", body)
    await world.pay(BUYER, 1, 2)
    assert (await world.order_now(BUYER, 1)).payment == "captured"
    if shop.name == "yookassa":  # the page cannot be closed, and somebody pays there all the same
        world.clock.advance(60_000)
        await world.run_job("payments", "resolve")
        shop.fake.enter_card(an_id("pay", 1), shop.pays)
        world.clock.advance(120_000)
        await world.run_job("payments", "resolve")
    assert [each["status"] for each in (getattr(shop.fake, "sessions", None) or shop.fake.payments).values()] in (
        ["expired"],
        ["canceled"],
    )
    assert shop.fake.captured_minor(an_id("pay", 1)) == 0
    assert (await world.payment_now(BUYER, 1)).state == "failed"
    assert await world.dead_letters() == 0


async def test_who_has_paid_cannot_give_up_and_a_silent_service_decides_nothing(world: World, shop: Desk) -> None:
    await world.call(BUYER, "POST", "/api/payments", a_payment(shop))
    with refused(PAYMENT_IN_PROGRESS):
        await world.call(BUYER, "POST", "/api/payments/abandon", {"order_id": an_id("ord", 1)})
    await world.settle()
    shop.fake.enter_card(an_id("pay", 1), shop.pays)
    await world.call(BUYER, "POST", "/api/payments/abandon", {"order_id": an_id("ord", 1)})
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "captured"


async def test_an_order_waits_a_quarter_of_an_hour_for_the_page_and_its_units_are_free_then(world: World, shop: Desk) -> None:
    await begin(world, shop)
    await world.pass_time(ACTION_MAX_MS - 60_000)
    await world.run_job("payments", "resolve")
    assert (await world.payment_now(BUYER, 1)).state == "requires_action"
    await world.pass_time(120_000)
    await world.run_job("payments", "resolve")
    await world.settle()
    assert (await world.payment_now(BUYER, 1)).state == "failed"
    order = await world.order_now(BUYER, 1)
    assert (order.state, order.reason) == ("cancelled", "hold_expired")
    shop.fake.pages_end()
    world.clock.advance(120_000)
    await world.run_job("payments", "resolve")
    async with world.database.reading() as connection:
        assert await store.due(connection, world.clock.now_ms() + 10**9) == []


async def test_a_card_is_saved_on_the_page_and_ready_when_its_owner_is_back(world: World, shop: Desk) -> None:
    body = {"card_id": an_id("crd", 1), "provider": shop.name, "return_path": "/cards/"}
    made = (await world.call(BUYER, "POST", "/api/payments/cards", body)).view
    assert isinstance(made, CardView)
    assert made.state == "requires_action"
    assert (await world.call(BUYER, "POST", "/api/payments/cards", body)).view == made
    shop.fake.enter_card(an_id("crd", 1), shop.pays)
    ready = (await world.call(BUYER, "POST", f"/api/payments/cards/{an_id('crd', 1)}/check")).view
    assert isinstance(ready, CardView)
    assert (ready.state, ready.is_default) == ("ready", True)
    pay = {"payment_id": an_id("pay", 1), "order_id": an_id("ord", 1), "card_id": an_id("crd", 1)}
    await world.call(BUYER, "POST", "/api/payments", pay)
    await world.settle()
    assert (await world.order_now(BUYER, 1)).payment == "captured"
