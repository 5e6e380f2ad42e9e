"""One contract for every provider: the same promises, whatever its service does to requests, answers and webhooks."""

import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from redis.asyncio import Redis

from schemas.errors import MALFORMED, SIGNATURE_INVALID, Refused
from schemas.money import Money
from server.modules.payments.adapters import (
    Authorised,
    Captured,
    CardSaved,
    CardSetup,
    Charge,
    Declined,
    PaymentProvider,
    Providers,
    ReceiptLine,
    Refunded,
    RefundWish,
    RequiresAction,
    Result,
    Unknown,
    Unseen,
    Voided,
)
from server.modules.payments.adapters.sandbox import Sandbox
from server.modules.payments.adapters.stripe import Stripe
from server.modules.payments.adapters.yookassa import YooKassa
from tests.fakes import stripe_api, yookassa_api
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.payment_faults import FAULTS, Fault
from tests.fakes.stripe_api import FakeStripe
from tests.fakes.yookassa_api import FakeYooKassa
from tests.http.fake_media import served

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")
"""Stripe's library hands its bodies to httpx in a way that httpx wants to give up."""

AMOUNT = Money(amount_minor=1_999, currency="EUR")
PART = Money(amount_minor=500, currency="EUR")
PATIENT_MS = 20_000
IMPATIENT_MS = 400
"""Only where the service is silent on purpose."""
ASKED_MAX = 6

Fake = FakeStripe | FakeYooKassa


@dataclass
class Desk:
    """A provider, the service behind it, and the tokens by which that behaves."""

    name: str
    provider: PaymentProvider
    fake: Any
    pays: str
    declines: str
    asks: str
    url: str = ""

    def __post_init__(self) -> None:
        self.providers = Providers({self.name: self.provider})

    async def authorise(self, charge: Charge) -> Result:
        return await self.providers.authorise(self.name, charge)

    async def get(self, charge: Charge) -> Result:
        return await self.providers.get(self.name, charge)

    async def capture(self, charge: Charge, amount: Money = AMOUNT) -> Result:
        return await self.providers.capture(self.name, charge, amount)

    async def void(self, charge: Charge) -> Result:
        return await self.providers.void(self.name, charge)

    async def paid(self, charge: Charge) -> Charge:
        """Authorised and captured; the charge with its reference."""
        result = await self.authorise(charge)
        assert isinstance(result, Authorised), result
        known = replace(charge, reference=result.reference)
        assert isinstance(await self.capture(known), Captured)
        return known

    async def confirm(self, key: str, approve: bool) -> None:
        confirmed = self.fake.confirm(key, approve)
        if confirmed is not None:
            await confirmed


@pytest.fixture(params=["sandbox", "stripe", "yookassa"])
async def desk(request: pytest.FixtureRequest, redis: Redis) -> AsyncIterator[Desk]:
    """Each provider in turn."""
    async with make(request.param, redis) as made:
        yield made


@pytest.fixture(params=["stripe", "yookassa"])
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """Those that are reached over a network."""
    async with make(request.param, None) as made:
        yield made


@contextlib.asynccontextmanager
async def make(name: str, redis: Redis | None) -> AsyncIterator[Desk]:
    if redis is not None and name == "sandbox":
        sandbox = Sandbox(redis, FakeClock(), deadline_ms=PATIENT_MS, slow_ms=5)
        yield Desk(name, sandbox, sandbox, "tok_visa", "tok_declined", "tok_3ds")
        return
    fake: Fake = FakeStripe() if name == "stripe" else FakeYooKassa()
    async with served(fake.app()) as url:
        if isinstance(fake, FakeStripe):
            stripe = Stripe(stripe_api.API_KEY, stripe_api.WEBHOOK_SECRET, api_url=url, deadline_ms=PATIENT_MS)
            yield Desk(name, stripe, fake, "pm_visa", "pm_declined", "pm_3ds", url)
            await stripe.close()
        else:
            yookassa = a_yookassa(url)
            yield Desk(name, yookassa, fake, "pt_visa", "pt_declined", "pt_3ds", url)
            await yookassa.close()


def a_yookassa(url: str, **options: Any) -> YooKassa:
    return YooKassa(yookassa_api.SHOP_ID, yookassa_api.SECRET_KEY, api_url=f"{url}/v3", deadline_ms=PATIENT_MS, **options)


def a_charge(method: str, key: str = "pay_1", **fields: Any) -> Charge:
    made = Charge(
        key=key,
        amount=AMOUNT,
        method=method,
        order_id="ord_1",
        owner_id="gst_1",
        created_at_ms=START_MS,
        return_url="https://shop.example/watch/shw_1",
    )
    return replace(made, **fields)


async def resolved(desk: Desk, charge: Charge) -> Result:
    """What the job does with a payment that was left open: look, and send again under the same key what never arrived."""
    for _ in range(ASKED_MAX):
        result = await desk.get(charge)
        if isinstance(result, Unseen):
            result = await desk.authorise(charge)
        if not isinstance(result, Unknown | Unseen):
            return result
    return Unknown()


async def test_a_card_pays_and_is_captured_once(desk: Desk) -> None:
    charge = a_charge(desk.pays)
    assert await desk.get(charge) == Unseen()
    authorised = await desk.authorise(charge)
    assert isinstance(authorised, Authorised)
    assert authorised.amount == AMOUNT
    assert authorised.capture_before_ms is not None
    assert authorised.capture_before_ms >= START_MS + 4 * 24 * 3_600_000
    for known in (charge, replace(charge, reference=authorised.reference)):
        assert await desk.get(known) == authorised
    known = replace(charge, reference=authorised.reference)
    captured = await desk.capture(known)
    assert isinstance(captured, Captured)
    assert captured.amount == AMOUNT
    assert captured.fee is not None
    assert 0 < captured.fee.amount_minor < 100
    for answer in (await desk.capture(known), await desk.void(known), await desk.get(known), await desk.get(charge)):
        assert answer == captured


async def test_a_declined_card_stays_declined(desk: Desk) -> None:
    charge = a_charge(desk.declines)
    declined = await desk.authorise(charge)
    assert isinstance(declined, Declined)
    assert declined.reason in ("card_declined", "general_decline")
    again = await desk.get(charge)
    assert isinstance(again, Declined)
    assert again.reason == declined.reason
    assert isinstance(await desk.capture(charge), Declined)


@pytest.mark.parametrize("approve", [True, False])
async def test_a_bank_that_asks_is_answered_on_its_page(desk: Desk, approve: bool) -> None:
    charge = a_charge(desk.asks)
    asked = await desk.authorise(charge)
    assert isinstance(asked, RequiresAction)
    assert asked.url
    assert await desk.get(charge) == asked
    assert not isinstance(await desk.capture(charge), Captured)
    await desk.confirm(charge.key, approve)
    assert isinstance(await desk.get(charge), Authorised if approve else Declined)


async def test_a_voided_authorisation_is_never_captured(desk: Desk) -> None:
    charge = a_charge(desk.pays)
    await desk.authorise(charge)
    for answer in (await desk.void(charge), await desk.void(charge), await desk.capture(charge), await desk.get(charge)):
        assert answer == Voided()
    assert await desk.void(a_charge(desk.pays, "pay_unheard_of")) == Unseen()


async def test_less_than_authorised_may_be_captured_and_more_may_not(desk: Desk) -> None:
    await desk.authorise(a_charge(desk.pays, "pay_1"))
    part = await desk.capture(a_charge(desk.pays, "pay_1"), PART)
    assert isinstance(part, Captured)
    assert part.amount == PART
    await desk.authorise(a_charge(desk.pays, "pay_2"))
    assert isinstance(await desk.capture(a_charge(desk.pays, "pay_2"), Money(amount_minor=2_000, currency="EUR")), Declined)
    assert isinstance(await desk.get(a_charge(desk.pays, "pay_2")), Authorised)


async def test_a_key_stands_for_one_request(desk: Desk) -> None:
    first = await desk.authorise(a_charge(desk.pays))
    assert await desk.authorise(a_charge(desk.pays)) == first
    assert isinstance(await desk.authorise(a_charge(desk.pays, amount=PART)), Declined)
    assert await desk.get(a_charge(desk.pays)) == first


async def test_refunds_never_give_more_than_was_taken(desk: Desk) -> None:
    charge = await desk.paid(a_charge(desk.pays))
    provider = desk.provider
    wishes = [RefundWish(f"rfd_{number}", Money(amount_minor=minor, currency="EUR"), START_MS) for number, minor in WISHES]
    assert await provider.get_refund(charge, wishes[0]) == Unseen()
    first = await provider.refund(charge, wishes[0])
    assert isinstance(first, Refunded)
    assert await provider.refund(charge, wishes[0]) == await provider.get_refund(charge, wishes[0]) == first
    assert isinstance(await provider.refund(charge, wishes[1]), Declined)
    assert isinstance(await provider.refund(charge, wishes[2]), Refunded)
    assert isinstance(await provider.refund(charge, wishes[3]), Declined)


WISHES = ((1, 999), (2, 1_001), (3, 1_000), (4, 1))


async def test_nothing_is_given_back_of_what_was_not_taken(desk: Desk) -> None:
    charge = a_charge(desk.pays)
    await desk.authorise(charge)
    assert isinstance(await desk.provider.refund(charge, RefundWish("rfd_1", PART, START_MS)), Declined)
    unheard_of = a_charge(desk.pays, "pay_2")
    assert isinstance(await desk.provider.refund(unheard_of, RefundWish("rfd_2", PART, START_MS)), Declined)


@pytest.mark.parametrize(("status", "expected"), [("pending", Unknown), ("failed", Declined), ("succeeded", Refunded)])
async def test_a_refund_that_takes_its_time_is_not_yet_known(remote: Desk, status: str, expected: type) -> None:
    charge = await remote.paid(a_charge(remote.pays))
    wish = RefundWish("rfd_1", PART, START_MS)
    remote.fake.refund_status = "pending"
    assert isinstance(await remote.provider.refund(charge, wish), Unknown)
    (refund,) = remote.fake.refunds.values()
    refund["status"] = {"failed": "canceled"}.get(status, status)
    assert isinstance(await remote.provider.get_refund(charge, wish), expected)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_payment_whose_answer_is_lost_is_unknown_and_made_once(remote: Desk, fault: Fault) -> None:
    charge = a_charge(remote.pays)
    remote.fake.line.faults.append(fault)
    remote.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await remote.authorise(charge) == Unknown()
    remote.provider.deadline_ms = PATIENT_MS
    remote.fake.searches_lag = 1  # what was made a moment ago is not found yet
    assert isinstance(await resolved(remote, charge), Authorised)
    assert remote.fake.charges(charge.key) == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_capture_whose_answer_is_lost_takes_the_money_once(remote: Desk, fault: Fault) -> None:
    charge = a_charge(remote.pays)
    await remote.authorise(charge)
    remote.fake.line.faults.append(fault)
    remote.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await remote.capture(charge) == Unknown()
    remote.provider.deadline_ms = PATIENT_MS
    assert isinstance(await remote.capture(charge), Captured)
    assert remote.fake.captured_minor(charge.key) == AMOUNT.amount_minor


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_void_whose_answer_is_lost_is_repeated(remote: Desk, fault: Fault) -> None:
    charge = a_charge(remote.pays)
    await remote.authorise(charge)
    remote.fake.line.faults.append(fault)
    remote.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await remote.void(charge) == Unknown()
    remote.provider.deadline_ms = PATIENT_MS
    assert await remote.void(charge) == Voided()


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_refund_whose_answer_is_lost_is_given_once(remote: Desk, fault: Fault) -> None:
    charge, wish = await remote.paid(a_charge(remote.pays)), RefundWish("rfd_1", PART, START_MS)
    remote.fake.line.faults.append(fault)
    remote.provider.deadline_ms = IMPATIENT_MS if fault == "silent_after" else PATIENT_MS
    assert await remote.providers.refund(remote.name, charge, wish) == Unknown()
    remote.provider.deadline_ms = PATIENT_MS
    result = await remote.providers.get_refund(remote.name, charge, wish)
    if isinstance(result, Unseen):
        result = await remote.providers.refund(remote.name, charge, wish)
    assert isinstance(result, Refunded)
    assert remote.fake.refunded_minor() == PART.amount_minor


async def test_a_wrong_key_of_the_shop_is_an_outage_and_no_decline(remote: Desk) -> None:
    with_wrong_key: PaymentProvider = YooKassa("100500", "wrong", api_url=f"{remote.url}/v3")
    if remote.name == "stripe":
        with_wrong_key = Stripe("sk_wrong", "whsec", api_url=remote.url)
    assert await Providers({"it": with_wrong_key}).authorise("it", a_charge(remote.pays)) == Unknown()
    assert remote.fake.charges("pay_1") == 0
    await with_wrong_key.close()


async def test_a_service_that_cannot_be_reached_is_an_outage(remote: Desk) -> None:
    nowhere = "http://127.0.0.1:9"
    gone: PaymentProvider = a_yookassa(nowhere) if remote.name == "yookassa" else Stripe("sk", "whsec", api_url=nowhere)
    providers = Providers({"it": gone})
    charge = a_charge(remote.pays, reference="it_1")
    assert await providers.authorise("it", charge) == Unknown()
    assert await providers.get("it", charge) == Unknown()
    assert await providers.refund("it", charge, RefundWish("rfd_1", PART, START_MS)) == Unknown()
    await gone.close()


async def test_another_amount_than_asked_for_is_seen(remote: Desk) -> None:
    remote.fake.amount_off = -1
    authorised = await remote.authorise(a_charge(remote.pays))
    assert isinstance(authorised, Authorised)
    assert authorised.amount == Money(amount_minor=1_998, currency="EUR")


async def test_an_id_that_the_service_does_not_know_is_unseen(remote: Desk) -> None:
    assert await remote.get(a_charge(remote.pays, reference="no_such_payment")) == Unseen()
    wish = RefundWish("rfd_9", PART, START_MS)
    assert await remote.provider.get_refund(a_charge(remote.pays, reference="no_such_payment"), wish) == Unseen()


async def test_a_payment_is_found_among_others(remote: Desk) -> None:
    for number in range(5):
        await remote.authorise(a_charge(remote.pays, f"pay_{number}"))
    found = [await remote.get(a_charge(remote.pays, f"pay_{number}")) for number in range(5)]
    assert all(isinstance(result, Authorised) for result in found)
    assert len({result.reference for result in found if isinstance(result, Authorised)}) == 5


async def test_a_card_that_is_kept_while_paying_pays_again_without_its_owner(desk: Desk) -> None:
    authorised = await desk.authorise(a_charge(desk.pays, save_card=True))
    assert isinstance(authorised, Authorised)
    assert authorised.card is not None
    assert authorised.card.label.endswith(("4242", "2204"))
    again = await desk.authorise(a_charge(authorised.card.method, "pay_2", off_session=True))
    assert isinstance(again, Authorised)
    assert again.card is None


async def test_a_card_whose_bank_asks_does_not_pay_without_its_owner(desk: Desk) -> None:
    setup = CardSetup("crd_1", desk.asks, "gst_1", "https://shop.example/")
    asked = await desk.provider.save_card(setup)
    assert isinstance(asked, RequiresAction)
    assert await desk.provider.save_card(setup) == asked
    await desk.confirm("crd_1", True)
    saved = await desk.provider.save_card(setup)
    assert isinstance(saved, CardSaved)
    method = {"stripe": saved.card.method, "sandbox": saved.card.method, "yookassa": "saved/method-of-pt_3ds"}[desk.name]
    assert isinstance(await desk.authorise(a_charge(method, off_session=True)), Declined)


async def test_a_forgotten_card_may_be_forgotten_again(desk: Desk) -> None:
    await desk.provider.forget_card(desk.pays)
    await desk.provider.forget_card(desk.pays)


async def test_stripe_signs_its_webhooks_and_each_copy_has_the_same_name() -> None:
    fake, now_s = FakeStripe(), int(time.time())
    provider = Stripe(stripe_api.API_KEY, stripe_api.WEBHOOK_SECRET)
    about = {"id": "pi_1", "object": "payment_intent", "metadata": {"payment_id": "pay_1"}}
    kind = "payment_intent.amount_capturable_updated"
    notices = [provider.read_webhook(*fake.webhook(kind, about, now_s - age_s), now_s * 1_000) for age_s in (0, 0, 290)]
    assert {(notice.event_id, notice.about, notice.key, notice.reference) for notice in notices} == {
        ("evt_1", "payment", "pay_1", "pi_1")
    }
    raw, headers = fake.webhook(kind, about, now_s)
    for wrong_raw, wrong_headers in (
        (raw + b" ", headers),
        (raw.replace(b"pay_1", b"pay_2"), headers),
        (raw, {}),
        (raw, {"stripe-signature": "nonsense"}),
        (raw, {"stripe-signature": headers["stripe-signature"].replace("v1=", "v0=")}),
        fake.webhook(kind, about, now_s, secret="whsec_other"),
        fake.webhook(kind, about, now_s - 301),
        (b"\xff", headers),
    ):
        with pytest.raises(Refused) as refusal:
            provider.read_webhook(wrong_raw, wrong_headers, now_s * 1_000)
        assert refusal.value.error == SIGNATURE_INVALID, wrong_headers
    await provider.close()


async def test_stripe_tells_of_disputes_and_refunds() -> None:
    fake, now_s = FakeStripe(), int(time.time())
    provider = Stripe(stripe_api.API_KEY, stripe_api.WEBHOOK_SECRET)
    dispute = {"id": "dp_1", "object": "dispute", "amount": 500, "currency": "eur", "reason": "fraudulent"}
    told = []
    for status in ("needs_response", "under_review", "won", "lost", "warning_needs_response"):
        about = {**dispute, "payment_intent": "pi_1", "status": status}
        notice = provider.read_webhook(*fake.webhook("charge.dispute.updated", about, now_s), now_s * 1_000)
        told.append((notice.reference, notice.dispute.state if notice.dispute else None))
    assert told == [("pi_1", "open"), ("pi_1", "open"), ("pi_1", "won"), ("pi_1", "lost"), ("", None)]
    about = {"id": "re_1", "object": "refund", "payment_intent": "pi_1", "metadata": {"refund_id": "rfd_1"}}
    notice = provider.read_webhook(*fake.webhook("refund.updated", about, now_s), now_s * 1_000)
    assert (notice.about, notice.key) == ("refund", "rfd_1")
    await provider.close()


async def test_notifications_of_yookassa_are_hints_and_nonsense_is_refused() -> None:
    fake, provider = FakeYooKassa(), a_yookassa("http://127.0.0.1:9")
    about = {"id": "payment-1", "status": "succeeded", "metadata": {"payment_id": "pay_1"}, "amount": {"value": "0.01"}}
    raw, headers = fake.webhook("payment.succeeded", about)
    notice = provider.read_webhook(raw, headers, START_MS)
    assert (notice.about, notice.key, notice.reference) == ("payment", "pay_1", "payment-1")
    assert provider.read_webhook(raw, headers, START_MS) == notice
    raw, headers = fake.webhook("refund.succeeded", {"id": "refund-1", "payment_id": "payment-1"})
    assert provider.read_webhook(raw, headers, START_MS).about == "refund"
    raw, headers = fake.webhook("payout.succeeded", {"id": "payout-1"})
    assert provider.read_webhook(raw, headers, START_MS).about == "nothing"
    for nonsense in (b"", b"{}", b"[]", b'{"event": 1}', b"\xff", b'{"event": "payment.succeeded", "object": null}'):
        with pytest.raises(Refused) as refusal:
            provider.read_webhook(nonsense, {}, START_MS)
        assert refusal.value.error == MALFORMED
    await provider.close()


async def test_a_fiscal_receipt_adds_up_to_what_is_paid() -> None:
    fake = FakeYooKassa()
    lines = (ReceiptLine("Dress", 3, 1_000), ReceiptLine("Delivery", 1, 999))
    async with served(fake.app()) as url:
        provider = a_yookassa(url, vat_code=1, contact="shop@example.ru")
        await provider.authorise(a_charge("pt_visa", lines=lines))
        await provider.authorise(a_charge("pt_visa", "pay_2", contact="+79990000000"))
        await provider.close()
    first, second = (body["receipt"] for body in fake.bodies)
    assert (first["customer"], second["customer"]) == ({"email": "shop@example.ru"}, {"phone": "79990000000"})
    for receipt in (first, second):
        total = sum(round(float(item["quantity"]) * float(item["amount"]["value"]) * 100) for item in receipt["items"])
        assert total == AMOUNT.amount_minor
    assert [item["quantity"] for item in first["items"]] == ["2.00", "1.00", "1.00"]
