"""What an inbox shows, when a push is tried again, and where nothing is sent."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.http.notifications import INBOX_MAX, InboxRead, InboxState, NotificationView
from server.modules.notifications import rules
from server.modules.notifications.channel import InboxChannel
from tests.channels.proof import assert_law, assert_overlap_is_harmless

EMPTY = InboxState(notifications=[], read_up_to_ms=0)
NOW_MS = 1_800_000_000_000


def item(number: int, at_ms: int | None = None) -> NotificationView:
    return NotificationView(
        notification_id=f"ntf_{number:032x}",
        kind="outbid",
        params={"title": "Lamp"},
        link="/watch/shw_1",
        created_at_ms=number if at_ms is None else at_ms,
    )


def history(reads: list[bool]) -> list[NotificationView | InboxRead]:
    """As the module publishes: ever later notifications, and the mark moves only past something new."""
    told: list[NotificationView | InboxRead] = []
    for number, is_read in enumerate(reads, start=1):
        told.append(item(number))
        if is_read:
            told.append(InboxRead(read_up_to_ms=number))
    return told


@given(reads=st.lists(st.booleans(), min_size=INBOX_MAX + 10, max_size=INBOX_MAX + 20))
def test_an_inbox_converges_however_long_its_log(reads: list[bool]) -> None:
    # The proof takes quadratic time; three shapes of it are enough beside what the search varies.
    kind = InboxChannel()
    state = EMPTY
    for publication in history(reads):
        state = kind.apply(state, publication)
    again = EMPTY
    for publication in history(reads)[-kind.history_length :]:
        again = kind.apply(again, publication)
    assert again == state


@pytest.mark.parametrize("every", [1, 3, 10_000])
def test_an_inbox_keeps_the_law(every: int) -> None:
    publications = history([number % every == 0 for number in range(1, 2 * INBOX_MAX + 10)])
    assert len(publications) > InboxChannel.history_length
    assert_law(InboxChannel(), EMPTY, publications)
    assert_overlap_is_harmless(InboxChannel(), EMPTY, publications)


def test_an_inbox_shows_the_newest_in_order_and_forgets_a_mark_that_says_nothing() -> None:
    shown = rules.inbox([item(number) for number in range(INBOX_MAX + 5, 0, -1)], 3)
    assert [each.created_at_ms for each in shown.notifications] == list(range(6, INBOX_MAX + 6))
    assert shown.read_up_to_ms == 0
    assert rules.inbox([item(1), item(2)], 1).read_up_to_ms == 1


def test_what_comes_after_the_mark_is_unread_even_when_a_clock_is_late() -> None:
    assert rules.after_mark(item(1, at_ms=100), 200).created_at_ms == 201
    assert rules.after_mark(item(1, at_ms=201), 200).created_at_ms == 201


def test_every_refund_of_an_order_is_told_and_each_only_once() -> None:
    ids = {rules.notification_id("order_refunded", refund) for refund in ("rfd_1", "rfd_2", "rfd_1")}
    assert len(ids) == 2
    assert rules.notification_id("order_refunded", "rfd_1") != rules.notification_id("order_shipped", "rfd_1")


@given(
    attempts=st.integers(1, rules.ATTEMPTS_MAX + 3),
    wished_ms=st.integers(0, 10**7),
    worth_ms=st.integers(1, 10**8),
    share=st.floats(0, 1, exclude_max=True),
)
def test_a_push_is_tried_again_neither_too_early_nor_too_late_nor_for_ever(
    attempts: int, wished_ms: int, worth_ms: int, share: float
) -> None:
    at_ms = rules.retry_at_ms(attempts, NOW_MS + wished_ms, NOW_MS + worth_ms, share, NOW_MS)
    if at_ms is None:
        least_ms = max(wished_ms, rules.BACKOFF_MS // 2)
        assert attempts >= rules.ATTEMPTS_MAX or worth_ms <= max(least_ms, rules.BACKOFF_MS_MAX)
    else:
        assert attempts < rules.ATTEMPTS_MAX
        assert NOW_MS + max(wished_ms, rules.BACKOFF_MS // 2) <= at_ms < NOW_MS + worth_ms
        assert at_ms <= NOW_MS + max(wished_ms, rules.BACKOFF_MS_MAX)


def test_pauses_grow() -> None:
    pauses = [rules.retry_at_ms(attempts, 0, NOW_MS * 2, 0.5, NOW_MS) for attempts in range(1, rules.ATTEMPTS_MAX)]
    known = [pause for pause in pauses if pause is not None]
    assert len(known) == len(pauses)
    assert known == sorted(set(known))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://push.example:8443/x",
        "https://user@push.example/x",
        "https:///x",
        "https://push.example/x#y",
        "https://push.example/x y\n",
        "https://push.пример/x",
        "https://[::1/x",
        "https://push.example:99999/x",
    ],
)
def test_nothing_is_sent_to_what_is_no_push_service(endpoint: str) -> None:
    assert rules.endpoint_fault(endpoint, [])


def test_public_push_services_and_those_that_the_operator_names_are_served() -> None:
    assert rules.endpoint_fault("https://fcm.googleapis.com/fcm/send/abc:DEF-_123", []) is None
    assert rules.endpoint_fault("https://updates.push.services.mozilla.com/wpush/v2/gAAA", []) is None
    assert rules.endpoint_fault("http://127.0.0.1:8700/x", ["127.0.0.1:8700"]) is None
    assert rules.endpoint_fault("http://127.0.0.1:8701/x", ["127.0.0.1:8700"])


def test_long_words_of_people_are_cut() -> None:
    assert rules.clip("x" * 200) == "x" * 200
    assert rules.clip("x" * 201) == "x" * 199 + "…"


def test_a_show_that_is_about_to_start_is_not_announced() -> None:
    assert rules.reminder_due_at_ms(NOW_MS + rules.SOON_MS, NOW_MS) is None
    assert rules.reminder_due_at_ms(NOW_MS + rules.SOON_MS + 1, NOW_MS) == NOW_MS + 1


def test_a_notification_does_not_change_when_it_is_encoded() -> None:
    encoded = msgspec.json.encode(item(1))
    assert msgspec.json.decode(encoded, type=NotificationView | InboxRead) == item(1)
