"""Identifiers: `<prefix>_<32 hexadecimal digits of a UUIDv7>` (RFC 9562), made by whoever has the intent.

A client makes the ids of its own commands (an order, a chat message), and a retry sends the same id again.
"""

import hashlib
from typing import Annotated

from msgspec import Meta

END = r"$(?!\n)"
"""End of a pattern: in Python a bare `$` also matches before a line break at the end, in ECMAScript it does not."""

_HEX = "[0-9a-f]{32}" + END

REHEARSAL_PREFIX = "reh_"
"""For queries; whoever has an id asks `is_rehearsal`."""

ShowId = Annotated[str, Meta(pattern="^(shw|reh)_" + _HEX, description="A show, or a rehearsal of one")]
RealShowId = Annotated[str, Meta(pattern="^shw_" + _HEX)]
RehearsalId = Annotated[str, Meta(pattern="^reh_" + _HEX, description="Made of random digits: who has it may watch")]
ProductId = Annotated[str, Meta(pattern="^prd_" + _HEX)]
OrderId = Annotated[str, Meta(pattern="^ord_" + _HEX)]
PaymentId = Annotated[str, Meta(pattern="^pay_" + _HEX)]
MessageId = Annotated[str, Meta(pattern="^msg_" + _HEX)]
QuestionId = Annotated[str, Meta(pattern="^qst_" + _HEX)]
PollId = Annotated[str, Meta(pattern="^pol_" + _HEX)]
InviteId = Annotated[str, Meta(pattern="^inv_" + _HEX)]
PassId = Annotated[str, Meta(pattern="^pas_" + _HEX)]
LotId = Annotated[str, Meta(pattern="^lot_" + _HEX)]
SaleId = Annotated[str, Meta(pattern="^sal_" + _HEX)]
GiveawayId = Annotated[str, Meta(pattern="^gvw_" + _HEX)]
AddressId = Annotated[str, Meta(pattern="^adr_" + _HEX)]
CardId = Annotated[str, Meta(pattern="^crd_" + _HEX)]
RefundId = Annotated[str, Meta(pattern="^rfd_" + _HEX)]
ReturnId = Annotated[str, Meta(pattern="^rtn_" + _HEX)]
WaitId = Annotated[str, Meta(pattern="^wai_" + _HEX)]
PictureId = Annotated[str, Meta(pattern="^pic_" + _HEX)]
HookId = Annotated[str, Meta(pattern="^whk_" + _HEX)]
DeliveryId = Annotated[str, Meta(pattern="^dlv_" + _HEX)]
CommandId = Annotated[str, Meta(pattern="^[a-z]{3}_" + _HEX)]
ActorId = Annotated[str, Meta(pattern="^(gst|acc|sys)_" + _HEX)]

CouponCode = Annotated[str, Meta(pattern="^[A-Z0-9]{4,15}" + END, description="What a buyer types to pay less")]
Sku = Annotated[str, Meta(pattern="^[A-Z0-9][A-Z0-9._-]{0,31}" + END, description="Stock-keeping unit")]


def is_rehearsal(show_id: str) -> bool:
    """Whether this is a rehearsal: nothing of it is charged, counted, sent or told. Its id says so, so nobody needs to ask."""
    return show_id.startswith(REHEARSAL_PREFIX)


def derived_id(cause_id: str, purpose: str, prefix: str = "cmd") -> str:
    """Id of what follows from another thing: the same cause gives the same id, so a repetition is recognised."""
    return f"{prefix}_" + hashlib.sha256(f"{cause_id}:{purpose}".encode()).hexdigest()[:32]
