"""Which layer a viewer gets, as stories of reports, and on simulated links that behave as browsers do."""

import itertools
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.layers import FAILED_MS, HOLD_MAX_MS, HOLD_MS, LayerChooser, LayerRate, share

LOW, MIDDLE, HIGH = 150_000, 500_000, 1_500_000
LAYERS = [LayerRate(LOW), LayerRate(MIDDLE), LayerRate(HIGH)]


class Viewer:
    """Sends a report per second."""

    def __init__(self) -> None:
        self.chooser = LayerChooser()
        self.now_ms = 1_000_000.0

    def report(self, remb_bps: float | None, loss: float = 0.0, *, times: int = 1, layers: Sequence[LayerRate] = LAYERS) -> int:
        for _ in range(times):
            self.now_ms += 1000
            remb = None if remb_bps is None else int(remb_bps)
            layer = self.chooser.update(layers, remb, loss, 40.0, self.now_ms)
        return layer

    def seconds_until(self, layer: int, remb_bps: float | None, loss: float = 0.0, limit: int = 300) -> int:
        for second in range(1, limit):
            if self.report(remb_bps, loss) == layer:
                return second
        raise AssertionError(f"not in layer {layer} after {limit} s")


def test_without_an_estimate_a_viewer_starts_with_the_largest_ordinary_layer() -> None:
    assert Viewer().report(None) == 2
    assert Viewer().report(None, layers=[LayerRate(400_000), LayerRate(4_000_000)]) == 0
    assert Viewer().report(None, layers=[LayerRate(3_000_000), LayerRate(6_000_000)]) == 0


def test_an_estimate_at_the_start_decides() -> None:
    assert Viewer().report(600_000) == 1
    assert Viewer().report(20_000) == 0


def test_a_first_estimate_below_the_layer_leads_down_at_once_past_layers_that_do_not_fit() -> None:
    viewer = Viewer()
    viewer.report(None)
    assert viewer.report(300_000) == 0


def test_an_estimate_that_falls_below_the_layer_leads_down_at_once() -> None:
    viewer = Viewer()
    viewer.report(2_000_000, times=10)
    assert viewer.report(1_200_000) == 1


def test_an_estimate_above_the_layer_may_fall() -> None:
    viewer = Viewer()
    viewer.report(6_000_000, times=10)
    assert viewer.report(1_600_000) == 2


def test_loss_above_a_tenth_leads_down_and_the_next_reports_may_still_tell_of_the_old_layer() -> None:
    viewer = Viewer()
    viewer.report(None, times=3)
    assert viewer.report(None, 0.15) == 1
    assert viewer.report(None, 0.15) == 1
    assert viewer.report(None, 0.15) == 0
    assert viewer.report(None, 0.5) == 0


def test_some_loss_keeps_the_layer_and_forbids_to_go_up() -> None:
    viewer = Viewer()
    viewer.report(600_000)
    assert viewer.report(5_000_000, 0.06, times=200) == 1


def test_a_clear_estimate_leads_up_after_the_calm_time_over_several_layers() -> None:
    viewer = Viewer()
    viewer.report(160_000)
    assert viewer.seconds_until(2, 3_000_000) == HOLD_MS // 1000


def test_an_estimate_of_a_browser_that_cannot_grow_further_still_leads_up() -> None:
    viewer = Viewer()
    viewer.report(160_000)
    assert viewer.seconds_until(1, 1.4 * LOW) <= 2 * HOLD_MS / 1000 + 1


def test_after_a_try_the_estimate_may_take_its_time_while_it_grows() -> None:
    viewer = Viewer()
    viewer.report(MIDDLE)
    viewer.seconds_until(2, 1.4 * MIDDLE)
    estimate = 1.4 * MIDDLE
    while estimate < HIGH:
        estimate *= 1.08
        assert viewer.report(estimate) == 2
    assert viewer.report(estimate, times=60) == 2


def test_after_a_try_an_estimate_that_stops_growing_leads_back() -> None:
    viewer = Viewer()
    viewer.report(MIDDLE)
    viewer.seconds_until(2, 1.4 * MIDDLE)
    assert viewer.report(1.4 * MIDDLE, times=4) == 2
    assert viewer.seconds_until(1, 1.4 * MIDDLE) <= 2


def test_every_step_up_that_had_to_be_taken_back_doubles_the_wait_up_to_a_limit() -> None:
    viewer = Viewer()
    viewer.report(600_000)
    waits = []
    for _ in range(7):
        waits.append(viewer.seconds_until(2, 2_000_000))
        assert viewer.report(700_000) == 1
    assert waits == [4, 8, 16, 32, 64, 64, 64]
    assert max(waits) * 1000 == HOLD_MAX_MS


def test_a_step_up_that_lasted_makes_the_next_wait_short_again() -> None:
    viewer = Viewer()
    viewer.report(600_000)
    for _ in range(4):
        viewer.seconds_until(2, 2_000_000)
        viewer.report(700_000)
    viewer.seconds_until(2, 2_000_000)
    viewer.report(2_000_000, times=int(FAILED_MS / 1000))
    viewer.report(700_000)
    assert viewer.seconds_until(2, 2_000_000) == HOLD_MS / 1000


def test_a_layer_that_is_off_is_never_chosen() -> None:
    viewer = Viewer()
    viewer.report(None)
    assert viewer.report(3_000_000, layers=[LayerRate(LOW), LayerRate(MIDDLE), LayerRate(0)]) == 1
    assert viewer.report(3_000_000, layers=[LayerRate(0), LayerRate(0), LayerRate(HIGH)]) == 2
    assert viewer.report(3_000_000, layers=[LayerRate(0)] * 3) == 2
    assert viewer.report(3_000_000, layers=[LayerRate(LOW), LayerRate(0), LayerRate(HIGH)], times=10) == 2
    assert viewer.report(600_000, 0.3, layers=[LayerRate(LOW), LayerRate(0), LayerRate(HIGH)]) == 0


def test_a_viewer_without_estimates_comes_back_up_by_loss_alone() -> None:
    viewer = Viewer()
    viewer.report(None)
    viewer.report(None, 0.3)
    assert viewer.seconds_until(2, None) < 30


def test_tracks_share_an_estimate_in_proportion() -> None:
    assert share(1_000_000, [300_000, 100_000], 1) == 250_000
    assert share(None, [1, 1], 0) is None
    assert share(1_000_000, [0, 0], 0) == 1_000_000


class Link:
    """A path with a bottleneck, and the estimate of the browser behind it (AIMD as in draft-ietf-rmcat-gcc-02 §5.5)."""

    def __init__(self, capacity_bps: Callable[[int], float], random_loss: float, seed: int) -> None:
        self._capacity_bps = capacity_bps
        self._random_loss = random_loss
        self._random = random.Random(seed)
        self._remb_bps: float | None = None

    def second(self, number: int, sent_bps: float) -> tuple[int | None, float]:
        """REMB and loss after a second in which so much was sent."""
        capacity = self._capacity_bps(number)
        packets = max(10, int(sent_bps / 9600))
        lost = sum(self._random.random() < self._random_loss for _ in range(packets)) / packets
        passed = min(sent_bps, capacity)
        overuse = max(0.0, 1 - capacity / sent_bps)
        if overuse:
            self._remb_bps = 0.85 * passed
        elif self._remb_bps is None:
            self._remb_bps = passed if number >= 5 else None
        else:
            self._remb_bps = max(self._remb_bps, min(1.08 * self._remb_bps, 1.5 * passed + 10_000))
        return None if self._remb_bps is None else int(self._remb_bps), min(1.0, lost + max(0.0, overuse - 0.1))


def watch(link: Link, seconds: int, seed: int = 1) -> list[int]:
    """The layer in each second; the layers' bitrates swing by a tenth."""
    noise = random.Random(seed)
    chooser = LayerChooser()
    remb_bps, loss = None, 0.0
    layers = []
    for second in range(seconds):
        rates = [LayerRate(int(layer.bitrate_bps * noise.uniform(0.9, 1.1))) for layer in LAYERS]
        layers.append(chooser.update(rates, remb_bps, loss, 50.0, second * 1000.0))
        remb_bps, loss = link.second(second, rates[layers[-1]].bitrate_bps)
    return layers


def switches(layers: list[int]) -> int:
    return sum(before != after for before, after in itertools.pairwise(layers))


@pytest.mark.parametrize("random_loss", [0.0, 0.01])
@pytest.mark.parametrize(("capacity_bps", "best"), [(10_000_000, 2), (2_000_000, 2), (1_000_000, 1), (650_000, 1), (300_000, 0)])
def test_a_viewer_is_in_the_best_layer_of_a_steady_link_nearly_always(capacity_bps: int, best: int, random_loss: float) -> None:
    for seed in range(5):
        layers = watch(Link(lambda _: capacity_bps, random_loss, seed), 600, seed)
        assert sum(layer == best for layer in layers[60:]) >= 0.9 * len(layers[60:])
        assert switches(layers[60:]) <= 2 * 9  # a try a minute and its end


def test_a_viewer_follows_a_link_that_narrows_within_seconds_and_one_that_widens_within_a_minute_or_two() -> None:
    layers = watch(Link(lambda second: 5_000_000 if not 60 <= second < 180 else 700_000, 0.0, 1), 400)
    assert set(layers[20:60]) == {2}
    assert layers[64] <= 1
    assert max(layers[300:]) == min(layers[300:]) == 2


@pytest.mark.parametrize("seed", range(10))
def test_a_noisy_link_makes_few_switches(seed: int) -> None:
    noise = random.Random(seed)
    capacity = [noise.uniform(400_000, 2_500_000) for _ in range(900)]
    layers = watch(Link(lambda second: capacity[second // 3], 0.02, seed), 900, seed)
    minutes = [switches(layers[start : start + 60]) for start in range(60, 900, 60)]
    assert max(minutes) <= 8
    assert sum(minutes) / len(minutes) <= 4


REPORTS = st.tuples(
    st.lists(st.integers(0, 3_000_000), max_size=4), st.none() | st.integers(0, 1 << 40), st.floats(0, 1), st.integers(0, 5000)
)


@given(st.lists(REPORTS, max_size=60))
def test_whatever_is_reported_the_choice_is_an_active_layer_if_there_is_one(
    reports: list[tuple[list[int], int | None, float, int]],
) -> None:
    chooser, now_ms = LayerChooser(), 0.0
    for rates, remb_bps, loss, pause_ms in reports:
        now_ms += pause_ms
        before = chooser.current
        layers = [LayerRate(rate) for rate in rates]
        chosen = chooser.update(layers, remb_bps, loss, None, now_ms)
        active = [index for index, rate in enumerate(rates) if rate]
        assert chosen in active or (not active and chosen == before)
