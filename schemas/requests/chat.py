"""Questions that the module `chat` answers."""

from dataclasses import dataclass

from schemas.base import Request
from schemas.http.chat import ChatMessage


@dataclass(frozen=True)
class GetMessage(Request[ChatMessage | None]):
    """A recorded message of a show that is on the screens; None when there is none (any longer)."""

    show_id: str
    message_id: str
