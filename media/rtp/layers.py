"""Which simulcast layer a viewer gets: down at once when the path is too narrow, up only after a calm time. Pure.

It follows what browsers report once a second: REMB (draft-alvestrand-rmcat-remb-03) and the loss of receiver reports. A browser's
estimate grows only to about 1.5 times of what it receives, and by about 8 % per second; so an estimate below a layer's bitrate is
bad news only when it fell, or stopped growing, and stepping up must be tried before the estimate proves that it will work.
"""

from collections.abc import Sequence
from typing import NamedTuple

START_BPS = 1_500_000
"""The first layer is the largest within this: what a telephone receives nearly everywhere, and a sharp picture from the start."""

LOSS_HIGH = 0.10  # as in draft-ietf-rmcat-gcc-02 §6: above, the path is full
LOSS_LOW = 0.02  # and below, it has room
HOLD_MS = 4_000.0
"""Calm time before a step up. It doubles with every step up that had to be taken back, up to `HOLD_MAX_MS`."""
HOLD_MAX_MS = 64_000.0
FAILED_MS = 30_000.0
"""A step down so soon after a step up takes it back; a step up that lasts longer was right."""

_STALL_MS = 5_000.0  # an estimate that waits for a key frame of the new layer does not grow either: those come within 3 s
_SETTLE_MS = 1_500.0  # reports after a step down still tell of the layer before: one interval of reports and a key frame
_FELL = 0.93  # browsers take an estimate back to 0.85 of what arrives
_GREW = 1.02
_CLEAR_MARGIN = 1.15  # a layer's bitrate swings around its mean
_NEAR = 0.95
_PROBE_SHARE = 1.3
_SMOOTHING_MS = 3_000.0  # a low layer has 20 packets a second: one lost packet alone would be 5 %
_LOSS_CALM = 0.03


class LayerRate(NamedTuple):
    """`bitrate_bps` as measured at the publisher; 0 when its encoder has switched the layer off."""

    bitrate_bps: int


class LayerChooser:
    """One viewer, one track. Layers are numbered from the lowest bitrate, 0."""

    def __init__(self) -> None:
        self.current = 0
        """The layer wanted last."""
        self._started = False
        self._loss = 0.0
        self._updated_ms = 0.0
        self._calm_ms = 0.0
        self._hold_ms = HOLD_MS
        self._up_ms: float | None = None
        self._settled_ms = 0.0
        self._reference_bps: float | None = None
        self._grew_ms = 0.0

    def update(
        self,
        layers: Sequence[LayerRate],
        remb_bps: int | None,
        fraction_lost: float,
        round_trip_ms: float | None,
        now_ms: float,
    ) -> int:
        """Call about once a second, and when the active layers change; returns the index of the layer wanted.

        `remb_bps` is what this track may use (see `share`), None when the viewer sends no estimate. `fraction_lost` is 0 to 1.
        """
        allowed = [index for index, layer in enumerate(layers) if layer.bitrate_bps > 0]
        if not allowed:
            return self.current
        if not self._started:
            self._start(layers, allowed, remb_bps, now_ms)
        elif self.current not in allowed:
            below = [index for index in allowed if index < self.current]
            self._switch(below[-1] if below else allowed[0], remb_bps, now_ms)
        elapsed_ms = max(0.0, now_ms - self._updated_ms)
        self._updated_ms = now_ms
        self._loss += (fraction_lost - self._loss) * elapsed_ms / (elapsed_ms + _SMOOTHING_MS)
        if fraction_lost > LOSS_HIGH or self._loss > _LOSS_CALM:
            self._calm_ms = now_ms
        rate_bps = layers[self.current].bitrate_bps
        if self._too_narrow(rate_bps, remb_bps, fraction_lost, now_ms):
            self._step_down(layers, allowed, remb_bps, round_trip_ms, now_ms)
        else:
            self._step_up(layers, allowed, remb_bps, now_ms)
        return self.current

    def _start(self, layers: Sequence[LayerRate], allowed: list[int], remb_bps: int | None, now_ms: float) -> None:
        limit_bps = START_BPS if remb_bps is None else remb_bps
        self._started = True
        self.current = _best(layers, allowed, limit_bps)
        self._updated_ms = self._calm_ms = self._grew_ms = now_ms

    def _too_narrow(self, rate_bps: int, remb_bps: int | None, fraction_lost: float, now_ms: float) -> bool:
        lossy = fraction_lost > LOSS_HIGH and now_ms >= self._settled_ms
        if remb_bps is None:
            return lossy
        if self._reference_bps is None:  # the first estimate: a browser only tells so early when the path is full
            self._reference_bps = rate_bps
        if remb_bps >= rate_bps or remb_bps > _GREW * self._reference_bps:
            self._reference_bps = remb_bps
            self._grew_ms = now_ms
            return lossy
        fell = remb_bps < _FELL * self._reference_bps
        stalled = now_ms - self._grew_ms >= _STALL_MS
        return lossy or fell or stalled or (fraction_lost > LOSS_LOW and now_ms >= self._settled_ms)

    def _step_down(
        self, layers: Sequence[LayerRate], allowed: list[int], remb_bps: int | None, round_trip_ms: float | None, now_ms: float
    ) -> None:
        self._calm_ms = now_ms
        below = [index for index in allowed if index < self.current]
        if not below:
            return
        taken_back = self._up_ms is not None and now_ms - self._up_ms < FAILED_MS
        self._hold_ms = min(HOLD_MAX_MS, 2 * self._hold_ms) if taken_back else HOLD_MS
        self._up_ms = None
        self._settled_ms = now_ms + _SETTLE_MS + 2 * (round_trip_ms or 0.0)
        target = below[-1] if remb_bps is None else _best(layers, below, remb_bps)
        self._switch(target, remb_bps, now_ms)

    def _step_up(self, layers: Sequence[LayerRate], allowed: list[int], remb_bps: int | None, now_ms: float) -> None:
        above = [index for index in allowed if index > self.current]
        calm_ms = now_ms - self._calm_ms
        if not above or calm_ms < self._hold_ms:
            return
        target = above[0]
        if remb_bps is not None:
            clear = [index for index in above if remb_bps >= _CLEAR_MARGIN * layers[index].bitrate_bps]
            near = remb_bps >= _NEAR * layers[target].bitrate_bps
            worth_a_try = remb_bps >= _PROBE_SHARE * layers[self.current].bitrate_bps and self._loss < LOSS_LOW
            if clear:
                target = clear[-1]
            elif not (near or worth_a_try) or calm_ms < 2 * self._hold_ms:
                return
        if self._up_ms is not None and now_ms - self._up_ms >= FAILED_MS:
            self._hold_ms = HOLD_MS
        self._up_ms = now_ms
        self._switch(target, remb_bps, now_ms)

    def _switch(self, target: int, remb_bps: int | None, now_ms: float) -> None:
        self.current = target
        self._reference_bps = remb_bps
        self._calm_ms = self._grew_ms = now_ms


def share(remb_bps: int | None, rates_bps: Sequence[int], index: int) -> int | None:
    """A viewer's estimate counts its whole transport; the part of one of its tracks, in the proportion of what they get now."""
    total_bps = sum(rates_bps)
    if remb_bps is None or not total_bps:
        return remb_bps
    return remb_bps * rates_bps[index] // total_bps


def _best(layers: Sequence[LayerRate], allowed: Sequence[int], limit_bps: float) -> int:
    fitting = [index for index in allowed if layers[index].bitrate_bps <= limit_bps]
    return fitting[-1] if fitting else allowed[0]
