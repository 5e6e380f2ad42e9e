"""An event loop on which waiting costs nothing."""

import asyncio
import selectors


class JumpingSelector(selectors.DefaultSelector):
    """Does not wait: time jumps to the next timer."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "the loop would wait for ever"
        self.now_s += max(0.0, timeout)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop, and a clock, on which an hour of timers passes in milliseconds and exactly in time."""

    def __init__(self) -> None:
        self.selector = JumpingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now_s

    def monotonic_ms(self) -> float:
        return self.selector.now_s * 1000

    def now_ms(self) -> int:
        return int(self.selector.now_s * 1000)
