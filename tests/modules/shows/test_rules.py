"""The life of a show, its pins, its stream."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import SHOW_ENDED, UNKNOWN_SKU
from schemas.http.catalog import OfferView
from schemas.http.shows import PINNED_MAX, ScheduleShow, ShowView
from schemas.money import Money
from server.modules.shows import rules
from server.modules.shows.rules import Show

BODY = ScheduleShow(show_id="shw_" + "1" * 32, title="Dresses")
SKUS = "ABCDE"


def a_show(**fields: object) -> Show:
    show = rules.scheduled(BODY, "acc_1", "Hanna", 1_000)
    return msgspec.structs.replace(show, view=msgspec.structs.replace(show.view, **fields))


def offers(skus: str = SKUS) -> list[OfferView]:
    price = Money(amount_minor=1, currency="EUR")
    return [
        OfferView(sku=sku, product_id="prd", title=sku, label="", image_url=f"/{sku}.svg", price=price, per_buyer_max=1)
        for sku in skus
    ]


def test_a_show_goes_live_once_and_ends_for_good() -> None:
    live = rules.start(a_show(), 2_000)
    assert isinstance(live, Show)
    assert (live.view.state, live.view.started_at_ms, live.version) == ("live", 2_000, 2)
    assert rules.start(live, 3_000) == live
    ended = rules.end(msgspec.structs.replace(live, view=msgspec.structs.replace(live.view, on_air=True)), 4_000)
    assert (ended.view.state, ended.view.ended_at_ms, ended.view.on_air, ended.version) == ("ended", 4_000, False, 3)
    assert rules.end(ended, 5_000) == ended
    assert rules.start(ended, 5_000) == SHOW_ENDED
    assert rules.pin(ended, "A", offers()) == SHOW_ENDED


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(SKUS)), max_size=40))
def test_the_last_three_pins_are_shown_oldest_first(steps: list[tuple[bool, str]]) -> None:
    show = a_show()
    expected: list[str] = []
    for pin, sku in steps:
        after = rules.pin(show, sku, offers()) if pin else rules.unpin(show, sku)
        assert isinstance(after, Show)
        expected = [other for other in expected if other != sku] + [sku] * pin
        expected = expected[-PINNED_MAX:]
        assert list(after.pinned) == expected
        assert after.version == show.version + (after.pinned != show.pinned)
        show = after


def test_only_what_the_show_sells_can_be_pinned() -> None:
    assert rules.pin(a_show(), "X", offers()) == UNKNOWN_SKU


def test_a_host_who_moves_to_another_node_stays_on_air() -> None:
    show = rules.stream_started(a_show(state="live"), "node_1", 10)
    assert show.view.on_air
    moved = rules.stream_started(show, "node_2", 20)
    assert moved.version == show.version, "players need not hear of it"
    late = rules.stream_ended(moved, "node_1", 25)
    assert late == moved
    gone = rules.stream_ended(moved, "node_2", 30)
    assert (gone.view.on_air, gone.view.state, gone.version) == (False, "live", show.version + 1)


def test_old_news_of_the_stream_is_dropped() -> None:
    show = rules.stream_started(a_show(state="live"), "node_1", 10)
    assert rules.stream_ended(show, "node_1", 9) == show
    gone = rules.stream_ended(show, "node_1", 20)
    assert rules.stream_started(gone, "node_1", 15) == gone
    ended = rules.end(show, 30)
    assert rules.stream_started(ended, "node_1", 40) == ended


def test_the_first_picture_becomes_the_cover_and_stays_it() -> None:
    show = rules.offers_changed(a_show(), offers("BA"))
    assert (show.view.cover_url, show.version) == ("/B.svg", 2)
    assert rules.offers_changed(show, offers("CB")).view.cover_url == "/B.svg"


@pytest.mark.parametrize(
    ("state", "stored", "given_token", "expected"),
    [
        ("scheduled", "secret", "secret", True),
        ("live", "secret", "secret", True),
        ("live", "secret", "Secret", False),
        ("live", "secret", "", False),
        ("live", "secret", "sécret", False),
        ("ended", "secret", "secret", False),
        ("live", None, "secret", False),
    ],
)
def test_a_stream_token_opens_its_own_show_until_it_is_over(
    state: str, stored: str | None, given_token: str, expected: bool
) -> None:
    assert rules.may_publish(a_show(state=state), stored, given_token) is expected
    assert not rules.may_publish(None, stored, given_token)


@pytest.mark.parametrize(
    ("change", "same"),
    [({}, True), ({"title": "Hats"}, False), ({"unlisted": True}, False), ({"scheduled_at_ms": 5}, False)],
)
def test_the_same_command_is_recognised(change: dict[str, object], same: bool) -> None:
    assert rules.is_repetition(a_show(), msgspec.structs.replace(BODY, **change), "acc_1") is same
    assert not rules.is_repetition(a_show(), BODY, "acc_2")


def test_live_shows_come_first_then_the_next_then_the_last() -> None:
    def view(name: str, state: str, at_ms: int) -> ShowView:
        times = {"live": "started_at_ms", "scheduled": "scheduled_at_ms", "ended": "ended_at_ms"}
        return a_show(title=name, state=state, **{times[state]: at_ms}).view

    shows = [
        view("ended early", "ended", 1),
        view("later", "scheduled", 9),
        view("live long", "live", 1),
        view("soon", "scheduled", 5),
        view("just live", "live", 3),
        view("ended late", "ended", 2),
    ]
    listed = [show.title for show in rules.listing_order(shows)]
    assert listed == ["just live", "live long", "soon", "later", "ended late", "ended early"]
