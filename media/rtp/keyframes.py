"""Key frame requests towards a publisher (PLI, RFC 4585 §6.3.1): many viewers ask, the publisher hears one."""

INTERVAL_MS = 1000.0  # an encoder that is asked more often spends its bitrate on key frames


class KeyframeRequests:
    """Joins requests to at most one per second, and repeats it until a key frame comes: a PLI may be lost."""

    def __init__(self) -> None:
        self._wanted = False
        self._sent_ms: float | None = None
        self.sent = 0
        self.suppressed = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits."""
        return self._wanted

    def request(self) -> None:
        """Somebody needs a key frame."""
        if self._wanted:
            self.suppressed += 1
        self._wanted = True

    def due(self, now_ms: float) -> bool:
        """Whether to send a request now; counts it as sent when so."""
        if not self._wanted or (self._sent_ms is not None and now_ms - self._sent_ms < INTERVAL_MS):
            return False
        self._sent_ms = now_ms
        self.sent += 1
        return True

    def arrived(self) -> None:
        """A key frame came."""
        self._wanted = False
