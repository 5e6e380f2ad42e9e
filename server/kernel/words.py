"""What the server itself says to people, from the catalogues of the pages: pushes and link previews say the same as they do."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource

LOCALES = ("en", "ru")

_MESSAGE = re.compile(r"^(?=[a-z])", re.MULTILINE)
"""Where a message begins (Fluent syntax 1.0): its name in the first column."""
_NAME = re.compile(r"[a-z][\w-]*")


class Words:
    """Texts in every language. Catalogues are read at the first use, and a message is parsed when it is first said: to parse all
    of them would hold up everybody for a second."""

    def __init__(self, folder: Path) -> None:
        """`folder` has a folder of catalogues for each language. A message stands for itself, without terms or references."""
        self._folder = folder

    def text(self, locale: str, message_id: str, params: Mapping[str, Any] | None = None) -> str:
        """A message. A parameter that is missing shows as its name: better than no text.

        Raises:
            KeyError: the catalogues have no such message, or there is no such language.
        """
        return self._languages[locale].text(message_id, params or {})

    @cached_property
    def _languages(self) -> dict[str, "_Language"]:
        return {locale: _Language(locale, self._folder / locale) for locale in LOCALES}


class _Language:
    """One language's messages: parsed or still to be parsed."""

    def __init__(self, locale: str, folder: Path) -> None:
        # Without isolating marks (UAX 9): a notification is no page, and some systems show them as boxes.
        self._bundle = FluentBundle([locale], use_isolating=False)
        texts = (catalogue.read_text(encoding="utf-8") for catalogue in sorted(folder.glob("*.ftl")))
        messages = (message for text in texts for message in _MESSAGE.split(text))
        self._unread = {name[0]: message for message in messages if (name := _NAME.match(message))}

    def text(self, message_id: str, params: Mapping[str, Any]) -> str:
        """Raises `KeyError`."""
        if unread := self._unread.pop(message_id, None):
            self._bundle.add_resource(FluentResource(unread))
        pattern = self._bundle.get_message(message_id).value if self._bundle.has_message(message_id) else None
        if pattern is None:
            raise KeyError(message_id)
        text, _ = self._bundle.format_pattern(pattern, dict(params))
        return str(text)
