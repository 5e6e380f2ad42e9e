"""The words of a push, from the catalogues of the pages: the inbox and the push say the same."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number

from schemas.money import digits_of

LOCALES = ("en", "ru")


class PushWords:
    """Title and body of each kind of notification, in every language. Read at the first use, once per process."""

    def __init__(self, folder: Path) -> None:
        """`folder` has a catalogue `<locale>/inbox.ftl` for each language."""
        self._folder = folder

    def of(self, kind: str, params: Mapping[str, str], locale: str) -> tuple[str, str]:
        """Title and body.

        Raises:
            KeyError: the catalogues have no such kind, or no such language.
        """
        name = kind.replace("_", "-")
        return self._text(locale, f"notification-{name}-title", params), self._text(locale, f"notification-{name}-body", params)

    def _text(self, locale: str, message_id: str, params: Mapping[str, str]) -> str:
        bundle = self._bundles[locale]
        pattern = bundle.get_message(message_id).value if bundle.has_message(message_id) else None
        if pattern is None:
            raise KeyError(message_id)
        # A parameter that is missing shows as its name: better than no push.
        text, _ = bundle.format_pattern(pattern, _arguments(params))
        return str(text)

    @cached_property
    def _bundles(self) -> dict[str, FluentBundle]:
        return {locale: _bundle(locale, (self._folder / locale / "inbox.ftl").read_text(encoding="utf-8")) for locale in LOCALES}


def _arguments(params: Mapping[str, str]) -> dict[str, Any]:
    """The parameters, and `amount` where they tell of money: the language says how it is written."""
    if "amount_minor" not in params or "currency" not in params:
        return dict(params)
    currency = params["currency"]
    amount = Decimal(params["amount_minor"]).scaleb(-digits_of(currency))
    return {**params, "amount": fluent_number(amount, style="currency", currency=currency)}


def _bundle(locale: str, text: str) -> FluentBundle:
    # Without isolating marks (UAX 9): a notification is no page, and some systems show them as boxes.
    bundle = FluentBundle([locale], use_isolating=False)
    bundle.add_resource(FluentResource(text))
    return bundle
