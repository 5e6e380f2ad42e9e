"""Key frame requests."""

from hypothesis import given
from hypothesis import strategies as st

from media.rtp.keyframes import INTERVAL_MS, KeyframeRequests


@given(st.lists(st.tuples(st.floats(0, 500), st.sampled_from(["request", "key", "look"])), max_size=200))
def test_never_more_than_one_request_per_second(steps: list[tuple[float, str]]) -> None:
    requests = KeyframeRequests()
    now_ms, sent_ms = 0.0, -INTERVAL_MS
    for pause_ms, step in steps:
        now_ms += pause_ms
        if step == "request":
            requests.request()
        elif step == "key":
            requests.arrived()
        if requests.due(now_ms):
            assert now_ms - sent_ms >= INTERVAL_MS
            sent_ms = now_ms


def test_a_request_is_repeated_until_a_key_frame_comes() -> None:
    requests = KeyframeRequests()
    requests.request()
    assert [requests.due(at_ms) for at_ms in (0, 500, 1000, 1500, 2000)] == [True, False, True, False, True]
    requests.arrived()
    assert not requests.due(5000)


def test_many_viewers_make_one_request() -> None:
    requests = KeyframeRequests()
    for _ in range(200):
        requests.request()
    assert requests.due(0)
    assert (requests.sent, requests.suppressed) == (1, 199)
