"""What the contract accepts as an id, a code or a name."""

from typing import Any

import msgspec
import pytest

from schemas.frames import ChannelName
from schemas.http.auth import Email, Locale
from schemas.ids import ActorId, CommandId, InviteId, MessageId, OrderId, PassId, PaymentId, ProductId, ShowId, Sku
from schemas.money import Currency

HEX = "0123456789abcdef" * 2
GOOD = [
    (ShowId, f"shw_{HEX}"),
    (ProductId, f"prd_{HEX}"),
    (OrderId, f"ord_{HEX}"),
    (PaymentId, f"pay_{HEX}"),
    (MessageId, f"msg_{HEX}"),
    (InviteId, f"inv_{HEX}"),
    (PassId, f"pas_{HEX}"),
    (CommandId, f"mov_{HEX}"),
    (ActorId, f"gst_{HEX}"),
    (Sku, "MUG-350.A_1"),
    (Currency, "RUB"),
    (ChannelName, f"chat:shw_{HEX}"),
    (Email, "vera@example.test"),
    (Locale, "ru"),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_a_good_value_is_taken_and_one_with_anything_after_it_is_not(kind: Any, text: str) -> None:
    assert msgspec.convert(text, kind) == text
    for spoiled in (text + "\n", text + " ", text + "\u0000", "\n" + text, text + "\n" + text):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(spoiled, kind)


@pytest.mark.parametrize("text", [f"shw_{HEX.upper()}", f"shw_{HEX[1:]}", f"ord_{HEX}", "", "shw_"])
def test_another_id_is_not_a_show_id(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, ShowId)
