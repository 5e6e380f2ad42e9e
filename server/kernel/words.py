"""What the server itself says to people, from the catalogues of the pages: pushes and link previews say the same as they do."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource

LOCALES = ("en", "ru")


class Words:
    """Texts in every language. Read at the first use, once per process."""

    def __init__(self, folder: Path) -> None:
        """`folder` has a folder of catalogues for each language."""
        self._folder = folder

    def text(self, locale: str, message_id: str, params: Mapping[str, Any] | None = None) -> str:
        """A message. A parameter that is missing shows as its name: better than no text.

        Raises:
            KeyError: the catalogues have no such message, or there is no such language.
        """
        bundle = self._bundles[locale]
        pattern = bundle.get_message(message_id).value if bundle.has_message(message_id) else None
        if pattern is None:
            raise KeyError(message_id)
        text, _ = bundle.format_pattern(pattern, dict(params or {}))
        return str(text)

    @cached_property
    def _bundles(self) -> dict[str, FluentBundle]:
        return {locale: _bundle(locale, self._folder / locale) for locale in LOCALES}


def _bundle(locale: str, folder: Path) -> FluentBundle:
    # Without isolating marks (UAX 9): a notification is no page, and some systems show them as boxes.
    bundle = FluentBundle([locale], use_isolating=False)
    for catalogue in sorted(folder.glob("*.ftl")):
        bundle.add_resource(FluentResource(catalogue.read_text(encoding="utf-8")))
    return bundle
