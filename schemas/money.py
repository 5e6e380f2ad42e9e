"""Money: whole minor units and an ISO 4217 code; never a float."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import END

AMOUNT_MINOR_MAX = 10**13
"""Lua and JavaScript hold integers exactly up to 2**53; cjson writes 1e14 and more in exponents. 10**13 minor units is ample."""

AmountMinor = Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}" + END, description="ISO 4217 code")]


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """An amount of one currency."""

    amount_minor: AmountMinor
    currency: Currency


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """What an order, or a part of it that is given back, consists of, in minor units of `currency`.

    `subtotal_minor` - `discount_minor` + `shipping_minor` = `total_minor`. Prices are gross: `tax_minor` is the part of the total
    that is tax, not added to it.
    """

    currency: Currency
    subtotal_minor: AmountMinor
    discount_minor: AmountMinor
    shipping_minor: AmountMinor
    tax_minor: AmountMinor
    total_minor: AmountMinor
