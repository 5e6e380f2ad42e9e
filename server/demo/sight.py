"""What robots see of a show: the state of its channels, made from snapshots and publications. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.http.auctions import LIVE_LOTS_MAX, AuctionPublication, AuctionState, LotFinished, LotMoved, LotNow
from schemas.http.catalog import OfferView, PoolView, StockChanged, StockState
from schemas.http.flash_sales import (
    FlashSaleOver,
    FlashSalePublication,
    FlashSalesState,
    FlashSaleUnits,
    FlashSaleView,
    SaleItemView,
    SaleUnits,
)
from schemas.http.giveaways import GiveawayCount, GiveawayLive, GiveawayPublication, GiveawayResult, GiveawaysState
from schemas.http.polls import PollsState, PollView
from schemas.http.questions import QuestionsState, QuestionView
from schemas.http.shows import ShowState

QUESTIONS_KEPT_MAX = 200
"""Waiting questions that robots know of; with more of them a robot's vote changes nothing."""


class Sight:
    """One show as all robots of a crowd see it together. Each of them tells it what its connection says; a publication that
    another one has told already changes nothing."""

    def __init__(self) -> None:
        self.show: ShowState | None = None
        self.pools: dict[str, PoolView] = {}
        self.polls: list[PollView] = []
        self.questions: dict[str, QuestionView] = {}
        self.sales: dict[str, FlashSaleView] = {}
        self.lots: dict[str, LotNow] = {}
        self.giveaways: dict[str, GiveawayLive] = {}
        self._positions: dict[str, tuple[str, int]] = {}

    @property
    def is_over(self) -> bool:
        return self.show is not None and self.show.show.state == "ended"

    @property
    def offers(self) -> list[OfferView]:
        """What can be bought at a fixed price."""
        return [offer for offer in self.show.offers if offer.listed] if self.show is not None else []

    @property
    def pinned(self) -> list[str]:
        return self.show.pinned if self.show is not None else []

    def available(self, sku: str) -> int:
        pool = self.pools.get(sku)
        return pool.available if pool is not None else 0

    def sale_item(self, sku: str, now_ms: int) -> tuple[FlashSaleView, SaleItemView] | None:
        """The flash sale that sells this now."""
        for sale in self.sales.values():
            if sale.starts_at_ms <= now_ms < sale.ends_at_ms:
                for item in sale.items:
                    if item.sku == sku:
                        return sale, item
        return None

    def restart(self, channel: str, epoch: str, offset: int, snapshot: bytes) -> None:
        """A channel's whole state; an older one than what is known of the same epoch is ignored."""
        known_epoch, known_offset = self._positions.get(channel, ("", -1))
        if epoch == known_epoch and offset < known_offset:
            return
        self._positions[channel] = (epoch, offset)
        kind = channel.partition(":")[0]
        if kind in _SNAPSHOTS:
            self._take_state(msgspec.json.decode(snapshot, type=_SNAPSHOTS[kind]))

    def note(self, channel: str, epoch: str, offset: int, data: bytes) -> None:
        """A publication, which counts once."""
        known_epoch, known_offset = self._positions.get(channel, ("", -1))
        if epoch != known_epoch or offset <= known_offset:
            return
        self._positions[channel] = (epoch, offset)
        kind = channel.partition(":")[0]
        if kind in _PUBLICATIONS:
            self._take_news(msgspec.json.decode(data, type=_PUBLICATIONS[kind]))

    def _take_state(self, state: Any) -> None:
        match state:
            case ShowState():
                self.show = state
            case StockState(pools=pools):
                self.pools = {pool.sku: pool for pool in pools}
            case PollsState(polls=polls):
                self.polls = polls
            case QuestionsState(questions=questions):
                self.questions = {each.question_id: each for each in questions if each.status == "waiting"}
            case FlashSalesState(sales=sales):
                self.sales = {sale.sale_id: sale for sale in sales}
            case AuctionState(lots=lots):
                self.lots = {lot.lot_id: lot for lot in lots}
            case GiveawaysState(giveaways=giveaways):
                self.giveaways = {each.giveaway_id: each for each in giveaways}

    def _take_news(self, news: Any) -> None:
        match news:
            case ShowState() | PollsState():
                self._take_state(news)
            case StockChanged(pools=pools):
                self.pools |= {pool.sku: pool for pool in pools}
            case QuestionView():
                self._take_question(news)
            case FlashSaleView() | FlashSaleUnits() | FlashSaleOver():
                self._take_sale(news)
            case LotNow() | LotMoved() | LotFinished():
                self._take_lot(news)
            case GiveawayLive() | GiveawayCount() | GiveawayResult():
                self._take_giveaway(news)

    def _take_question(self, question: QuestionView) -> None:
        self.questions.pop(question.question_id, None)
        if question.status == "waiting" and len(self.questions) < QUESTIONS_KEPT_MAX:
            self.questions[question.question_id] = question

    def _take_sale(self, news: FlashSalePublication) -> None:
        match news:
            case FlashSaleView():
                self.sales[news.sale_id] = news
            case FlashSaleOver():
                self.sales.pop(news.sale_id, None)
            case FlashSaleUnits(changes=changes):
                for change in changes:
                    if (sale := self.sales.get(change.sale_id)) is not None:
                        self.sales[sale.sale_id] = replace(sale, items=[_counted(item, change) for item in sale.items])

    def _take_lot(self, news: AuctionPublication) -> None:
        match news:
            case LotNow():
                self.lots[news.lot_id] = news
                for lot_id in list(self.lots)[:-LIVE_LOTS_MAX]:
                    del self.lots[lot_id]
            case LotMoved() | LotFinished() if (lot := self.lots.get(news.lot_id)) is not None:
                known = {name: getattr(news, name) for name in news.__struct_fields__ if name in lot.__struct_fields__}
                self.lots[lot.lot_id] = replace(lot, **known)
            case _:
                pass

    def _take_giveaway(self, news: GiveawayPublication) -> None:
        match news:
            case GiveawayLive():
                self.giveaways[news.giveaway_id] = news
            case GiveawayResult():
                self.giveaways.pop(news.giveaway_id, None)
            case GiveawayCount() if (known := self.giveaways.get(news.giveaway_id)) is not None:
                self.giveaways[news.giveaway_id] = replace(known, entries=news.entries, ended=news.ended)
            case _:
                pass


def _counted(item: SaleItemView, change: SaleUnits) -> SaleItemView:
    if item.sku != change.sku:
        return item
    return replace(item, available=change.available, held=change.held, sold=change.sold)


_SNAPSHOTS: Mapping[str, Any] = {
    "show": ShowState,
    "stock": StockState,
    "polls": PollsState,
    "questions": QuestionsState,
    "flash_sales": FlashSalesState,
    "auctions": AuctionState,
    "giveaways": GiveawaysState,
}

_PUBLICATIONS: Mapping[str, Any] = {
    "show": ShowState,
    "stock": StockChanged,
    "polls": PollsState,
    "questions": QuestionView,
    "flash_sales": FlashSalePublication,
    "auctions": AuctionPublication,
    "giveaways": GiveawayPublication,
}
