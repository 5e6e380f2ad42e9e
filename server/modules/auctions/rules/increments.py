"""Tables of increments: how much more the next bid must be, by the price. Pure.

A lot keeps the table that it was prepared with, and the table's version, whatever becomes of this file later.
"""

from schemas.money import digits_of

VERSION = "2026-1"

STEPS = ((0, 1), (30, 2), (50, 3), (100, 5), (300, 10), (1_000, 20), (2_000, 50))
"""(price from, step) in whole units of a currency like the euro. Steps never fall, so that one bid above another also asks for
more than it (`truth.hammer` counts on that)."""

SCALES = {
    "RUB": 50,
    "JPY": 100,
    "KRW": 1_000,
    "KZT": 500,
    "UAH": 40,
    "INR": 50,
    "CNY": 5,
    "TRY": 20,
    "PLN": 4,
    "CZK": 20,
    "HUF": 400,
}
"""How many whole units buy about as much as one of `STEPS`; currencies that are not here count like the euro."""


def table_of(currency: str) -> tuple[tuple[int, int], ...]:
    """Increments in minor units of a currency: (price from, step), the first from 0."""
    unit = SCALES.get(currency, 1) * 10 ** digits_of(currency)
    return tuple((price * unit, step * unit) for price, step in STEPS)


def step_at(table: tuple[tuple[int, int], ...], price_minor: int) -> int:
    """The step from a price on."""
    return next(step for start, step in reversed(table) if start <= price_minor)
