"""The words of a push, from the catalogues of the pages: the inbox and the push say the same."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from fluent.runtime.types import fluent_number

from schemas.money import digits_of
from server.kernel.words import Words


class PushWords:
    """Title and body of each kind of notification, in every language."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the pages' `locales`."""
        self._words = Words(folder)

    def of(self, kind: str, params: Mapping[str, str], locale: str) -> tuple[str, str]:
        """Title and body.

        Raises:
            KeyError: the catalogues have no such kind, or no such language.
        """
        name, arguments = kind.replace("_", "-"), _arguments(params)
        title = self._words.text(locale, f"notification-{name}-title", arguments)
        return title, self._words.text(locale, f"notification-{name}-body", arguments)


def _arguments(params: Mapping[str, str]) -> dict[str, Any]:
    """The parameters, and `amount` where they tell of money: the language says how it is written."""
    if "amount_minor" not in params or "currency" not in params:
        return dict(params)
    currency = params["currency"]
    amount = Decimal(params["amount_minor"]).scaleb(-digits_of(currency))
    return {**params, "amount": fluent_number(amount, style="currency", currency=currency)}
