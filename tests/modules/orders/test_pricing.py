"""What carts cost with flash sales, coupons, delivery and tax: to the cent, always."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import (
    COUPON_INVALID,
    NO_ADDRESS_ON_FILE,
    NOT_LISTED,
    PRICE_CHANGED,
    SALE_NOT_OPEN,
    SHIPPING_UNAVAILABLE,
    UNKNOWN_SKU,
    Refusal,
    WireError,
)
from schemas.http.catalog import OfferView
from schemas.http.orders import NewLine, ShippingView
from schemas.money import Money
from schemas.requests.coupons import CouponTerms
from schemas.requests.flash_sales import SaleTerms
from server.ledger.rules import HoldLine
from server.modules.orders import rules
from server.modules.orders.rules import Cart

SALE = "sal_" + "1" * 32


def eur(minor: int) -> Money:
    return Money(amount_minor=minor, currency="EUR")


def offer(sku: str, minor: int, *, tax_rate_bp: int = 0, listed: bool = True) -> OfferView:
    return OfferView(
        sku=sku,
        product_id="prd",
        title=sku,
        label="",
        image_url=None,
        price=eur(minor),
        per_buyer_max=99,
        listed=listed,
        tax_rate_bp=tax_rate_bp,
    )


def line(sku: str, minor: int, quantity: int = 1, sale_id: str | None = None) -> NewLine:
    return NewLine(sku=sku, quantity=quantity, unit_price=eur(minor), sale_id=sale_id)


def option(option_id: str, minor: int, *countries: str, free_from: int | None = None, tax: int = 0) -> ShippingView:
    return ShippingView(
        option_id=option_id,
        name_en=option_id,
        name_ru=option_id,
        price=eur(minor),
        countries=list(countries),
        free_from=None if free_from is None else eur(free_from),
        tax_rate_bp=tax,
    )


def coupon(
    *, percent: int = 0, amount: Money | None = None, cap: Money | None = None, minimum: Money | None = None, new: bool = False
) -> CouponTerms:
    return CouponTerms("SPRING", percent, amount, cap, minimum, new)


def a_cart(*prices: tuple[int, int], tax_rate_bp: int = 2_000) -> Cart:
    """A cart of (price, quantity)."""
    offers = [offer(f"S{place}", minor, tax_rate_bp=tax_rate_bp) for place, (minor, _) in enumerate(prices)]
    cart = rules.price_cart([line(f"S{place}", minor, units) for place, (minor, units) in enumerate(prices)], offers)
    assert isinstance(cart, Cart)
    return cart


PRICES = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 50)), min_size=1, max_size=20)


@given(
    prices=PRICES,
    rate=st.integers(0, 10_000),
    percent=st.integers(1, 100),
    cap=st.none() | st.integers(0, 10**6),
    fixed=st.none() | st.integers(1, 10**7),
    shipping=st.none() | st.tuples(st.integers(0, 10**5), st.integers(0, 10_000)),
)
def test_amounts_add_up_to_the_cent(
    prices: list[tuple[int, int]],
    rate: int,
    percent: int,
    cap: int | None,
    fixed: int | None,
    shipping: tuple[int, int] | None,
) -> None:
    cart = a_cart(*prices, tax_rate_bp=rate)
    terms = coupon(percent=0 if fixed else percent, amount=eur(fixed) if fixed else None, cap=None if cap is None else eur(cap))
    reduced = rules.with_coupon(cart, "SPRING", terms, [], new_buyer=True)
    assert isinstance(reduced, Cart)
    options = [] if shipping is None else [option("post", shipping[0], tax=shipping[1])]
    whole = rules.with_shipping(reduced, None, options, "DE")
    assert isinstance(whole, Cart)
    amounts = whole.amounts
    assert amounts.subtotal_minor == sum(minor * units for minor, units in prices)
    assert amounts.subtotal_minor - amounts.discount_minor + amounts.shipping_minor == amounts.total_minor
    assert sum(each.discount_minor for each in whole.lines) == amounts.discount_minor
    assert all(0 <= each.discount_minor <= each.total.amount_minor for each in whole.lines)
    assert 0 <= amounts.tax_minor <= amounts.total_minor
    assert amounts.tax_minor == sum(each.tax_minor for each in whole.lines) + whole.shipping_tax_minor
    taxes = rules.taxes_of(whole.lines, whole.shipping, whole.shipping_tax_minor)
    assert sum(tax.gross_minor for tax in taxes) == amounts.total_minor
    assert sum(tax.tax_minor for tax in taxes) == amounts.tax_minor


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_tax_is_the_part_of_the_gross_rounded_half_up(gross: int, rate: int) -> None:
    exact = Fraction(gross * rate, 10_000 + rate)
    assert rules.tax_within(gross, rate) == (2 * exact + 1) // 2


@pytest.mark.parametrize(
    ("gross", "rate", "tax"), [(1_200, 2_000, 200), (119, 1_900, 19), (3, 2_000, 1), (2, 2_000, 0), (1_999, 0, 0), (0, 2_000, 0)]
)
def test_the_tax_of_a_price(gross: int, rate: int, tax: int) -> None:
    assert rules.tax_within(gross, rate) == tax


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=20), st.integers(0, 100))
def test_shares_add_up_and_none_is_a_cent_from_its_due(weights: list[int], percent: int) -> None:
    total = sum(weights) * percent // 100
    shares = rules.allocate(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share <= weight
        assert abs(share - Fraction(total * weight, sum(weights) or 1)) < 1


def test_the_largest_remainders_get_the_cents() -> None:
    assert rules.allocate(100, [1, 1, 1]) == [34, 33, 33]
    assert rules.allocate(10, [5, 3, 2]) == [5, 3, 2]
    assert rules.allocate(1, [1, 2]) == [0, 1]


@pytest.mark.parametrize(
    ("terms", "discount"),
    [
        (coupon(percent=10), 150),
        (coupon(percent=15, cap=eur(100)), 100),
        (coupon(amount=eur(400)), 400),
        (coupon(amount=eur(9_999)), 1_500),
        (coupon(percent=33), 495),
        (coupon(percent=10, minimum=eur(1_500)), 150),
        (coupon(percent=10, new=True), 150),
    ],
)
def test_what_a_coupon_is_worth(terms: CouponTerms, discount: int) -> None:
    cart = rules.with_coupon(a_cart((1_000, 1), (500, 1)), "SPRING", terms, [], new_buyer=True)
    assert isinstance(cart, Cart)
    assert (cart.amounts.discount_minor, cart.coupon) == (discount, "SPRING")


@pytest.mark.parametrize(
    ("terms", "sales", "new_buyer", "reason"),
    [
        (None, [], True, "unknown"),
        (coupon(percent=10, minimum=eur(1_501)), [], True, "minimum"),
        (coupon(amount=Money(amount_minor=1, currency="USD")), [], True, "currency"),
        (coupon(percent=10, cap=Money(amount_minor=1, currency="USD")), [], True, "currency"),
        (coupon(percent=10, new=True), [], False, "new_buyers"),
        (coupon(percent=10), [SaleTerms(SALE, {}, False)], True, "sale"),
    ],
)
def test_a_coupon_that_does_not_fit_says_why(
    terms: CouponTerms | None, sales: list[SaleTerms], new_buyer: bool, reason: str
) -> None:
    refusal = rules.with_coupon(a_cart((1_500, 1)), "SPRING", terms, sales, new_buyer=new_buyer)
    assert isinstance(refusal, Refusal)
    assert (refusal.error, refusal.extra["reason"]) == (COUPON_INVALID, reason)


def test_a_coupon_is_taken_with_a_sale_that_allows_it() -> None:
    sales = [SaleTerms(SALE, {"A": eur(700)}, True)]
    cart = rules.price_cart([line("A", 700, 2, SALE)], [offer("A", 1_000, listed=False)], sales)
    assert isinstance(cart, Cart)
    assert cart.demand == (HoldLine("A", 2, SALE),)
    reduced = rules.with_coupon(cart, "SPRING", coupon(percent=50), sales, new_buyer=False)
    assert isinstance(reduced, Cart)
    assert reduced.total == eur(700)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (line("A", 1_000, sale_id="sal_" + "2" * 32), SALE_NOT_OPEN),
        (line("B", 1_000, sale_id=SALE), UNKNOWN_SKU),
        (line("A", 1_000, sale_id=SALE), PRICE_CHANGED),
        (line("U", 500), NOT_LISTED),
        (line("A", 700), PRICE_CHANGED),
    ],
)
def test_a_line_at_the_wrong_price_is_refused(wanted: NewLine, error: WireError) -> None:
    offers = [offer("A", 1_000), offer("B", 1_000), offer("U", 500, listed=False)]
    refusal = rules.price_cart([wanted], offers, [SaleTerms(SALE, {"A": eur(700)}, True)])
    assert isinstance(refusal, Refusal)
    assert refusal.error == error


def test_one_sku_at_two_prices_is_two_demands() -> None:
    cart = rules.price_cart(
        [line("A", 700, 1, SALE), line("A", 1_000, 2), line("A", 700, 1, SALE)],
        [offer("A", 1_000)],
        [SaleTerms(SALE, {"A": eur(700)}, True)],
    )
    assert isinstance(cart, Cart)
    assert set(cart.demand) == {HoldLine("A", 2, SALE), HoldLine("A", 2)}


def test_the_cheapest_way_is_chosen_unless_another_is_wished() -> None:
    options = [option("courier", 900, "DE"), option("post", 500, "DE", free_from=2_000), option("sea", 100, "NZ")]
    cart = a_cart((1_000, 1))
    for wished, minor in ((None, 500), ("post", 500), ("courier", 900)):
        chosen = rules.with_shipping(cart, wished, options, "DE")
        assert isinstance(chosen, Cart)
        assert chosen.amounts.shipping_minor == minor
    free = rules.with_shipping(a_cart((1_000, 2)), None, options, "DE")
    assert isinstance(free, Cart)
    assert (free.amounts.shipping_minor, free.total) == (0, eur(2_000))
    together = rules.with_shipping(cart, "courier", options, "DE", ["courier"])
    assert isinstance(together, Cart)
    assert together.amounts.shipping_minor == 0


@pytest.mark.parametrize(
    ("options", "wished", "country", "error"),
    [
        ([], "post", "DE", SHIPPING_UNAVAILABLE),
        ([option("post", 1, "DE")], None, None, NO_ADDRESS_ON_FILE),
        ([option("post", 1, "DE")], None, "FR", SHIPPING_UNAVAILABLE),
        ([option("post", 1, "DE")], "air", "DE", SHIPPING_UNAVAILABLE),
    ],
)
def test_a_delivery_that_is_not_offered_is_refused(
    options: list[ShippingView], wished: str | None, country: str | None, error: WireError
) -> None:
    refusal = rules.with_shipping(a_cart((1_000, 1)), wished, options, country)
    assert isinstance(refusal, Refusal)
    assert refusal.error == error


def test_a_shop_that_delivers_nothing_asks_for_no_address() -> None:
    cart = a_cart((1_000, 1))
    assert rules.with_shipping(cart, None, [], None) == cart
