"""What bitrate a publisher may send, from the loss that we see: sent as REMB (draft-alvestrand-rmcat-remb-03)."""

_LOSS_HIGH = 0.10
_LOSS_LOW = 0.02
_UP = 1.08
_LEAST_BPS = 150_000


class UplinkEstimate:
    """Loss-driven like draft-ietf-rmcat-gcc-02 §6: less above 10 % loss, more below 2 %, between a floor and a ceiling.

    It starts at the ceiling: a browser then begins with a sharp picture, and loss brings it down within a second.
    """

    def __init__(self, ceiling_bps: int) -> None:
        self._ceiling_bps = ceiling_bps
        self.bitrate_bps = ceiling_bps

    def update(self, fraction_lost: float) -> int:
        """Call once per second with the share of packets lost, 0 to 1; returns the bitrate to ask for."""
        if fraction_lost > _LOSS_HIGH:
            self.bitrate_bps = int(self.bitrate_bps * (1 - 0.5 * fraction_lost))
        elif fraction_lost < _LOSS_LOW:
            self.bitrate_bps = int(self.bitrate_bps * _UP)
        self.bitrate_bps = max(_LEAST_BPS, min(self._ceiling_bps, self.bitrate_bps))
        return self.bitrate_bps
