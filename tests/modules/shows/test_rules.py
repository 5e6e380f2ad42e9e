"""The life of a show, its pins, its run, its stream."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import INVALID_FIELD, RUN_CHANGED, SHOW_ENDED, UNKNOWN_RUN_ITEM, UNKNOWN_SKU, Refusal, WireError
from schemas.http.catalog import OfferView
from schemas.http.shows import PINNED_MAX, RunItem, ScheduleShow, SetRunOfShow, ShowView
from schemas.money import Money
from server.modules.shows import rules
from server.modules.shows.rules import Run, Show

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


SEGMENTS = ["seg_" + digit * 32 for digit in "123"]
STEPS = [RunItem(item_id=sku, sku=sku, planned_minutes=5) for sku in SKUS] + [
    RunItem(item_id=segment, title="Intro", note="say hello") for segment in SEGMENTS
]
orders = st.lists(st.sampled_from(STEPS), unique=True)


def ordered(run: Run, items: list[RunItem], version: int | None = None) -> Run | Refusal:
    return rules.set_run(run, SetRunOfShow(version=run.version if version is None else version, items=items), offers())


@given(st.lists(st.tuples(orders, st.integers(0, 3)), max_size=12))
def test_an_order_from_an_old_version_never_undoes_a_newer_one(writes: list[tuple[list[RunItem], int]]) -> None:
    run = Run()
    for items, behind in writes:
        version = max(0, run.version - behind)
        after = ordered(run, items, version)
        if tuple(items) == run.items:
            assert after == run, "a retry is not a conflict"
        elif version < run.version:
            assert after == Refusal(RUN_CHANGED, extra={"version": run.version})
        else:
            assert after == Run(items=tuple(items), version=run.version + 1)
        run = run if isinstance(after, Refusal) else after


@given(orders, st.lists(st.tuples(st.booleans(), st.sampled_from(STEPS)), max_size=30))
def test_going_on_pins_the_step_and_unpins_the_one_before_and_nothing_else(
    items: list[RunItem], steps: list[tuple[bool, RunItem]]
) -> None:
    show, run = a_show(state="live"), Run(items=tuple(items), version=1)
    for now_ms, (by_hand, item) in enumerate(steps):
        if by_hand and item.sku is not None:
            pinned = rules.pin(show, item.sku, offers())
            assert isinstance(pinned, Show)
            show = pinned
            continue
        moved = rules.go_to(show, run, item.item_id, offers(), now_ms)
        if item.sku is None and item not in items and item.item_id != run.current_id:
            assert moved == UNKNOWN_RUN_ITEM
            continue
        assert not isinstance(moved, WireError)
        if item.item_id == run.current_id:
            assert moved == (show, run)
            continue
        after, run_after = moved
        others = [sku for sku in show.pinned if sku not in (run.current_id, item.sku)]
        assert list(after.pinned) == (others + ([item.sku] if item.sku else []))[-PINNED_MAX:]
        assert (run_after.current_id, run_after.current_since_ms) == (item.item_id, now_ms)
        assert run_after.version == run.version + 1
        assert run_after.items == run.items
        show, run = after, run_after


def test_a_product_that_nobody_has_put_in_order_can_be_on_and_an_ended_show_goes_nowhere() -> None:
    moved = rules.go_to(a_show(), Run(), "A", offers(), 7)
    assert not isinstance(moved, WireError)
    assert (moved[0].pinned, moved[1]) == (("A",), Run(current_id="A", current_since_ms=7, version=1))
    assert rules.go_to(rules.end(a_show(), 1), Run(), "A", offers(), 7) == SHOW_ENDED


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([STEPS[0], STEPS[0]], INVALID_FIELD),
        ([RunItem(item_id="X", sku="X")], UNKNOWN_SKU),
        ([RunItem(item_id="B", sku="A")], INVALID_FIELD),
        ([RunItem(item_id="A", sku="A", title="A dress")], INVALID_FIELD),
        ([RunItem(item_id="A", sku="A", title=" ")], INVALID_FIELD),
        ([RunItem(item_id="A", title="Intro")], INVALID_FIELD),
        ([RunItem(item_id=SEGMENTS[0], title=" ")], INVALID_FIELD),
        ([RunItem(item_id=SEGMENTS[0], sku=SEGMENTS[0])], INVALID_FIELD),
    ],
)
def test_a_step_is_a_product_of_the_show_or_a_segment_with_a_title(items: list[RunItem], error: WireError) -> None:
    refusal = ordered(Run(), items)
    assert isinstance(refusal, Refusal)
    assert refusal.error == error


def test_a_segment_that_is_taken_out_is_not_on_any_more_and_a_product_that_has_left_the_stock_keeps_its_place() -> None:
    run = Run(items=(STEPS[0], STEPS[-1]), current_id=SEGMENTS[2], current_since_ms=5, version=3)
    assert ordered(run, [STEPS[0]]) == Run(items=(STEPS[0],), version=4)
    on_a = msgspec.structs.replace(run, current_id="A")
    assert ordered(on_a, []) == msgspec.structs.replace(on_a, items=(), version=4)
    gone = rules.set_run(run, SetRunOfShow(version=3, items=[STEPS[-1], STEPS[0]]), offers("B"))
    assert isinstance(gone, Run)
