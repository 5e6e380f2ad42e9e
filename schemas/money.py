"""Money: whole minor units and an ISO 4217 code; never a float."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.ids import END

AMOUNT_MINOR_MAX = 10**13
"""Lua and JavaScript hold integers exactly up to 2**53; cjson writes 1e14 and more in exponents. 10**13 minor units is ample."""

AmountMinor = Annotated[int, Meta(ge=0, le=AMOUNT_MINOR_MAX)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}" + END, description="ISO 4217 code")]

_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
DIGITS = dict.fromkeys(_NONE, 0) | dict.fromkeys(_THREE, 3) | dict.fromkeys(_FOUR, 4)
"""Digits after the point (ISO 4217), where they are not two. `static/lib/money.js` has the same table: what browsers know is how
people write prices today, which differs between browsers and years."""


def digits_of(currency: str) -> int:
    """How many digits of an amount in minor units stand after the point."""
    return DIGITS.get(currency, 2)


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
