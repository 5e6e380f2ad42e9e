"""Who somebody is: names as we store them, and the actor of a request.

An actor's id is for life. A guest (`gst_…`) who registers becomes an account under the same id, so orders, holds and the limit
per buyer stay theirs without moving a row; the prefix only tells how the person first came, `kind` what they are now.
"""

import unicodedata
from collections.abc import Iterable
from typing import Literal, NamedTuple

from schemas.errors import INVALID_FIELD, Refused
from server.kernel.module import Actor

NAME_LENGTH_MAX = 40
OWNER = "owner"
HOST = "host"
MODERATOR = "moderator"
"""Keeps the chat of every show in order, without being appointed by each host."""
PACKER = "packer"
"""Sees and moves what is to be sent, for the whole shop, and no money."""

NOBODY = Actor(id="gst_" + "0" * 32, kind="guest", name="")
"""Actor of a request without a session; endpoints with the permission `anyone` can meet it."""

Kind = Literal["guest", "account"]


class Identity(NamedTuple):
    """Who somebody is, and by which session: what ends with the session knows it by this hash."""

    actor: Actor
    session_hash: str


def make_actor(actor_id: str, kind: str, name: str, locale: str, roles: Iterable[str]) -> Actor:
    """An actor from what the tables hold."""
    return Actor(id=actor_id, kind="account" if kind == "account" else "guest", name=name, locale=locale, roles=frozenset(roles))


def clean_name(text: str) -> str:
    """A nickname fit for a chat: composed (NFC), one line, without control, bidirectional and invisible characters.

    Those could make a name look like somebody else's, or turn the text around it (Unicode UAX #9, UTS #39).

    Raises:
        Refused: nothing visible is left.
    """
    spaced = "".join(" " if character.isspace() else character for character in unicodedata.normalize("NFC", text))
    visible = "".join(character for character in spaced if unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cn", "Cs"})
    name = " ".join(visible.split())[:NAME_LENGTH_MAX].strip()
    if not name:
        raise Refused(INVALID_FIELD, "Give a name with at least one visible character.", field="/name")
    return name


def clean_email(text: str) -> str:
    """An address in the one form under which it is stored and looked up."""
    return unicodedata.normalize("NFC", text).strip().lower()
