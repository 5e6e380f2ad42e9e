"""Facts of the module `flash_sales`."""

from typing import ClassVar

from schemas.base import Event


class FlashSaleRequested(Event, frozen=True, tag="flash_sales.flash_sale_requested.v1"):
    """The host wants a flash sale, which is written down; the ledger has not opened it yet."""

    SUBJECT: ClassVar[str] = "show_id"
    sale_id: str
    show_id: str


class FlashSaleClosing(Event, frozen=True, tag="flash_sales.flash_sale_closing.v1"):
    """The host, or the end of the show, ends a flash sale before its time; the ledger has not closed it yet."""

    SUBJECT: ClassVar[str] = "show_id"
    sale_id: str
    show_id: str


class FlashSaleOpened(Event, frozen=True, tag="flash_sales.flash_sale_opened.v1"):
    """A flash sale is announced, or begins at once."""

    SUBJECT: ClassVar[str] = "show_id"
    sale_id: str
    show_id: str
    skus: list[str]
    starts_at_ms: int
    ends_at_ms: int


class FlashSaleEnded(Event, frozen=True, tag="flash_sales.flash_sale_ended.v1"):
    """The flash sale is over."""

    SUBJECT: ClassVar[str] = "show_id"
    sale_id: str
    show_id: str
    reason: str
