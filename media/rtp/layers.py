from typing import NamedTuple


class LayerRate(NamedTuple):
    bitrate_bps: int
    active: bool


class LayerChooser:
    def update(self, rates, remb, loss, rtt, now_ms, cap):  # type: ignore
        return len(rates) - 1 if cap is None else cap
