"""Questions that the module `payments` answers."""

from dataclasses import dataclass

from schemas.base import Request


@dataclass(frozen=True)
class SavedCard:
    """A card that its owner lets the shop charge later. `method` is the provider's token, never the card."""

    card_id: str
    provider: str
    method: str
    label: str


@dataclass(frozen=True)
class GetSavedCard(Request[SavedCard | None]):
    """The card that somebody pays with when they are not asked, or None."""

    actor_id: str
