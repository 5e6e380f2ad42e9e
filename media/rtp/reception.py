"""What a receiver tells a sender about one source (RFC 3550 §6.4.1 and appendix A): loss, jitter, the last sender report."""

from typing import NamedTuple

from media.rtp.rtcp import ReportBlock, SenderReport


class Mapping(NamedTuple):
    """A moment on two clocks: the source's NTP time (64-bit fixed point) and its RTP timestamp, and when we heard of it."""

    ntp: int
    timestamp: int
    arrived_ms: float


class Reception:
    """Statistics of one incoming source."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.clock_rate = clock_rate
        self.highest = -1
        self.received = 0
        self.jitter = 0.0
        self.mapping: Mapping | None = None
        self._base = 0
        self._transit: float | None = None
        self._expected_before = 0
        self._received_before = 0
        self.fraction_lost = 0.0
        """Share of packets lost between the last two reports, 0 to 1."""

    def receive(self, sequence: int, timestamp: int, now_ms: float) -> None:
        """Count a packet. `sequence` is extended."""
        if self.received == 0:
            self._base = sequence
        self.received += 1
        if sequence <= self.highest:
            return
        self.highest = sequence
        transit = now_ms * self.clock_rate / 1000.0 - timestamp
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < 5 * self.clock_rate:  # a jump of the timestamp (wrap, new encoder) is not jitter
                self.jitter += (difference - self.jitter) / 16.0
        self._transit = transit

    def sender_report(self, report: SenderReport, now_ms: float) -> None:
        """Remember the sender's clocks."""
        self.mapping = Mapping(report.ntp, report.timestamp, now_ms)

    def report(self, now_ms: float) -> ReportBlock:
        """The block for a receiver report; starts the next interval of `fraction_lost`."""
        expected = self.highest - self._base + 1 if self.received else 0
        interval = expected - self._expected_before
        lost_now = interval - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        self.fraction_lost = max(0, lost_now) / interval if interval > 0 else 0.0
        last, delay = 0, 0
        if self.mapping is not None:
            last = self.mapping.ntp >> 16 & 0xFFFFFFFF
            delay = int((now_ms - self.mapping.arrived_ms) * 65.536) & 0xFFFFFFFF
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, int(self.fraction_lost * 256)),
            packets_lost=max(-0x800000, min(0x7FFFFF, expected - self.received)),
            highest_sequence=self.highest & 0xFFFFFFFF,
            jitter=int(self.jitter),
            last_report=last,
            delay_since_last_report=delay,
        )
