"""What a cart costs: prices, flash sales, a coupon, delivery and the tax within. Whole minor units throughout, so that every sum
adds up to the cent. Pure."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from schemas.errors import (
    COUPON_INVALID,
    INVALID_FIELD,
    NO_ADDRESS_ON_FILE,
    NOT_LISTED,
    PRICE_CHANGED,
    SALE_NOT_OPEN,
    SHIPPING_UNAVAILABLE,
    UNKNOWN_SKU,
    Refusal,
)
from schemas.http.catalog import OfferView
from schemas.http.orders import LineView, NewLine, ShippingView, TaxView
from schemas.money import AMOUNT_MINOR_MAX, Amounts, Money
from schemas.requests.coupons import CouponTerms
from schemas.requests.flash_sales import SaleTerms
from server.ledger.rules import HoldLine

WHOLE_BP = 10_000
"""A hundred percent in hundredths of a percent."""


class Cart(NamedTuple):
    """A cart whose prices are right."""

    lines: list[LineView]
    currency: str
    demand: tuple[HoldLine, ...]
    coupon: str | None = None
    shipping: ShippingView | None = None

    @property
    def goods_minor(self) -> int:
        """Value of the goods after the discount."""
        return sum(line.total.amount_minor - line.discount_minor for line in self.lines)

    @property
    def amounts(self) -> Amounts:
        """What the whole consists of."""
        subtotal = sum(line.total.amount_minor for line in self.lines)
        discount = sum(line.discount_minor for line in self.lines)
        shipping = self.shipping.price.amount_minor if self.shipping else 0
        tax = sum(line.tax_minor for line in self.lines) + self.shipping_tax_minor
        return Amounts(
            currency=self.currency,
            subtotal_minor=subtotal,
            discount_minor=discount,
            shipping_minor=shipping,
            tax_minor=tax,
            total_minor=subtotal - discount + shipping,
        )

    @property
    def shipping_tax_minor(self) -> int:
        """Tax within the price of the delivery."""
        return tax_within(self.shipping.price.amount_minor, self.shipping.tax_rate_bp) if self.shipping else 0

    @property
    def total(self) -> Money:
        """What the buyer pays."""
        return Money(amount_minor=self.amounts.total_minor, currency=self.currency)


def price_cart(lines: Sequence[NewLine], offers: Sequence[OfferView], sales: Sequence[SaleTerms] = ()) -> Cart | Refusal:
    """Price the goods by the offers and flash sales of now. Demand is summed per SKU and sale: two lines of one SKU must not pass
    a check one by one."""
    by_sku = {offer.sku: offer for offer in offers}
    terms = {sale.sale_id: sale for sale in sales}
    demand: dict[tuple[str, str], int] = {}
    views = []
    for line in lines:
        offer = by_sku.get(line.sku)
        price = _price(line, offer, terms)
        if isinstance(price, Refusal):
            return price
        assert offer is not None
        key = (line.sku, line.sale_id or "")
        demand[key] = demand.get(key, 0) + line.quantity
        views.append(line_view(offer, line.quantity, price, line.quantity * price.amount_minor, line.sale_id))
    currencies = {view.unit_price.currency for view in views}
    if len(currencies) > 1:
        return Refusal(INVALID_FIELD, f"One order has one currency; this cart has {', '.join(sorted(currencies))}.")
    if sum(view.total.amount_minor for view in views) > AMOUNT_MINOR_MAX:
        return Refusal(INVALID_FIELD, "The order is too large; split it.")
    return Cart(views, currencies.pop(), tuple(HoldLine(sku, quantity, sale) for (sku, sale), quantity in demand.items()))


def with_coupon(
    cart: Cart, code: str, coupon: CouponTerms | None, sales: Sequence[SaleTerms], *, new_buyer: bool
) -> Cart | Refusal:
    """The cart with a coupon's discount, spread over the lines by their value."""
    if coupon is None:
        return _invalid("unknown", "There is no such code in this show.")
    if any(not sale.coupons_allowed for sale in sales):
        return _invalid("sale", "This flash sale takes no codes; leave the code out or order its products on their own.")
    if coupon.new_buyers_only and not new_buyer:
        return _invalid("new_buyers", "This code is for a first order with this shop.")
    amounts = [money for money in (coupon.amount, coupon.cap, coupon.minimum) if money is not None]
    if any(money.currency != cart.currency for money in amounts):
        return _invalid("currency", f"This code is for orders in {amounts[0].currency}.")
    goods = cart.goods_minor
    if coupon.minimum is not None and goods < coupon.minimum.amount_minor:
        minimum = coupon.minimum.amount_minor
        return _invalid("minimum", "The goods cost too little for this code.", minimum_minor=minimum, currency=cart.currency)
    discount = _discount(coupon, goods)
    shares = allocate(discount, [line.total.amount_minor for line in cart.lines])
    lines = [_discounted(line, share) for line, share in zip(cart.lines, shares, strict=True)]
    return cart._replace(lines=lines, coupon=code)


def offered_shipping(
    cart: Cart, options: Collection[ShippingView], country: str, bundled: Collection[str] = ()
) -> list[ShippingView]:
    """The ways of delivery to a country, each with its price for this cart, the cheapest first. `bundled` are those by which a
    parcel for the same buyer and address waits already: there the cart travels for nothing."""
    fitting = [
        option
        for option in options
        if (not option.countries or country in option.countries) and option.price.currency == cart.currency
    ]
    priced = [_priced(cart, option, option.option_id in bundled) for option in fitting]
    return sorted(priced, key=lambda option: (option.price.amount_minor, option.option_id))


def with_shipping(
    cart: Cart,
    wished: str | None,
    options: Collection[ShippingView],
    country: str | None,
    bundled: Collection[str] = (),
) -> Cart | Refusal:
    """The cart with the wished way of delivery, or the cheapest. A shop without any delivers nothing, or settles it otherwise."""
    if not options:
        gone = Refusal(SHIPPING_UNAVAILABLE, "This shop has no ways of delivery; leave `shipping` out.")
        return gone if wished is not None else cart
    if country is None:
        return Refusal(NO_ADDRESS_ON_FILE, "Save an address first (POST /api/orders/addresses), then order again.")
    offered = offered_shipping(cart, options, country, bundled)
    chosen = [option for option in offered if wished in (None, option.option_id)]
    if not chosen:
        ids = ", ".join(option.option_id for option in offered) or "none"
        return Refusal(SHIPPING_UNAVAILABLE, f"To {country} there are these ways of delivery: {ids}.", {"country": country})
    whole = cart._replace(shipping=chosen[0])
    if cart.goods_minor + chosen[0].price.amount_minor > AMOUNT_MINOR_MAX:
        return Refusal(INVALID_FIELD, "The order is too large; split it.")
    return whole


def line_view(offer: OfferView, quantity: int, unit: Money, total_minor: int, sale_id: str | None = None) -> LineView:
    """A line before any discount."""
    return LineView(
        sku=offer.sku,
        title=offer.title,
        label=offer.label,
        image_url=offer.image_url,
        quantity=quantity,
        unit_price=unit,
        total=Money(amount_minor=total_minor, currency=unit.currency),
        sale_id=sale_id,
        tax_minor=tax_within(total_minor, offer.tax_rate_bp),
        tax_rate_bp=offer.tax_rate_bp,
    )


def tax_within(gross_minor: int, rate_bp: int) -> int:
    """The tax that a gross amount contains, rounded half up."""
    return (2 * gross_minor * rate_bp + WHOLE_BP + rate_bp) // (2 * (WHOLE_BP + rate_bp))


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` by weight that add up to it exactly: the largest remainders get the cents left over, the first first."""
    whole = sum(weights)
    if whole == 0:
        assert total == 0, (total, weights)
        return [0 for _ in weights]
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def taxes_of(lines: Sequence[LineView], shipping: ShippingView | None, shipping_tax_minor: int) -> list[TaxView]:
    """The tax of an order by rate."""
    found: dict[int, tuple[int, int]] = {}
    parts = [(line.tax_rate_bp, line.total.amount_minor - line.discount_minor, line.tax_minor) for line in lines]
    if shipping is not None:
        parts.append((shipping.tax_rate_bp, shipping.price.amount_minor, shipping_tax_minor))
    for rate_bp, gross, tax in parts:
        known = found.get(rate_bp, (0, 0))
        found[rate_bp] = (known[0] + gross, known[1] + tax)
    return [TaxView(rate_bp=rate, gross_minor=gross, tax_minor=tax) for rate, (gross, tax) in sorted(found.items())]


def _price(line: NewLine, offer: OfferView | None, terms: dict[str, SaleTerms]) -> Money | Refusal:
    """What one unit of a line costs now, when it can be bought and costs what the buyer saw."""
    if offer is None:
        return Refusal(UNKNOWN_SKU, "", {"sku": line.sku})
    price: Money | None = offer.price
    if line.sale_id is not None:
        sale = terms.get(line.sale_id)
        if sale is None:
            return Refusal(SALE_NOT_OPEN, "There is no such flash sale; order at the usual price.", {"sale_id": line.sale_id})
        price = sale.prices.get(line.sku)
        if price is None:
            return Refusal(UNKNOWN_SKU, "This flash sale does not sell it.", {"sku": line.sku, "sale_id": line.sale_id})
    elif not offer.listed:
        return Refusal(NOT_LISTED, "It can only be won, or bought in a flash sale.", {"sku": line.sku})
    assert price is not None
    if price != line.unit_price:
        told: dict[str, str | int | bool] = {"sku": line.sku, "amount_minor": price.amount_minor, "currency": price.currency}
        return Refusal(PRICE_CHANGED, "", told)
    if line.quantity * price.amount_minor > AMOUNT_MINOR_MAX:
        return Refusal(INVALID_FIELD, "The order is too large; split it.")
    return price


def _discount(coupon: CouponTerms, goods_minor: int) -> int:
    percent_minor = (goods_minor * coupon.percent + 50) // 100
    wanted = coupon.amount.amount_minor if coupon.amount is not None else percent_minor
    most = coupon.cap.amount_minor if coupon.cap is not None else wanted
    return min(wanted, most, goods_minor)


def _discounted(line: LineView, share: int) -> LineView:
    tax = tax_within(line.total.amount_minor - share, line.tax_rate_bp)
    return msgspec.structs.replace(line, discount_minor=share, tax_minor=tax)


def _priced(cart: Cart, option: ShippingView, bundled: bool) -> ShippingView:
    enough = option.free_from is not None and (
        option.free_from.currency == cart.currency and cart.goods_minor >= option.free_from.amount_minor
    )
    if not (bundled or enough):
        return option
    return msgspec.structs.replace(option, price=Money(amount_minor=0, currency=cart.currency))


def _invalid(reason: str, detail: str, **extra: str | int | bool) -> Refusal:
    return Refusal(COUPON_INVALID, detail, {"reason": reason, **extra})
