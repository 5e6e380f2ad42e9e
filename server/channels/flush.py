"""When the hub writes: at once while there is little to do, seldomer the more there is, so that frames share writes."""

import asyncio
import math

from server.channels.hub import Channel, Hub
from server.kernel.clock import Clock

WINDOW_MS = 50.0
"""How far back work is remembered; it fades with this time constant."""
LIGHT_MS = 1.0
"""Less work than this in a window leaves the loop idle: nothing to gain from waiting."""


class Flusher:
    """Runs `hub.flush` in steps on the loop. Urgent channels (stock, bids) never wait, and others give way to them.

    After a round of writes the others rest twice as long as the loop has written in the last 50 ms, at most `delay_ms_max`. So a
    lone message goes at once, writing takes a third of the loop while there is a choice, and the busier it is the more messages
    share a write.
    """

    def __init__(self, hub: Hub, clock: Clock, delay_ms_max: int) -> None:
        self._hub = hub
        self._clock = clock
        self._delay_ms_max = delay_ms_max
        self._scheduled = False
        self._scheduled_urgent = False
        self._gave_way = False
        self._round_ms = 0.0
        self._busy_ms = 0.0
        self._busy_at_ms = 0.0
        self._not_before_ms = 0.0
        self._resting: dict[Channel, bool] = {}  # conflated channels that were flushed a moment ago; whether they have news since

    def appended(self, channel: Channel) -> None:
        """The channel has a new publication. A conflated one rests `conflate_ms` after each flush, and what comes meanwhile is
        flushed at the end of the rest, so the newest state always arrives."""
        if channel.conflate_ms:
            if channel in self._resting:
                self._resting[channel] = True
                return
            self._flush_and_rest(channel)
        else:
            self.touch(urgent=channel.urgent)

    def _flush_and_rest(self, channel: Channel) -> None:
        self._resting[channel] = False
        asyncio.get_running_loop().call_later(channel.conflate_ms / 1000, self._rested, channel)
        self._hub.touch(channel)
        self.touch(urgent=channel.urgent)

    def _rested(self, channel: Channel) -> None:
        news = self._resting.pop(channel)
        if news and self._hub.channels.get(channel.name) is channel:
            self._flush_and_rest(channel)

    def touch(self, *, urgent: bool) -> None:
        """Some channel has something new that must not wait."""
        loop = asyncio.get_running_loop()
        if urgent:
            if not self._scheduled_urgent:
                self._scheduled_urgent = True
                loop.call_soon(self._step_urgent)
        elif not self._scheduled:
            self._scheduled = True
            delay_ms = self._not_before_ms - self._clock.monotonic_ms()
            if delay_ms > 0:
                loop.call_later(delay_ms / 1000, self._step)
            else:
                loop.call_soon(self._step)

    def _step_urgent(self) -> None:
        if self._hub.flush(urgent=True):
            asyncio.get_running_loop().call_soon(self._step_urgent)
        else:
            self._scheduled_urgent = False

    def _step(self) -> None:
        loop = asyncio.get_running_loop()
        if self._scheduled_urgent and not self._gave_way:
            self._gave_way = True  # once: urgent channels that never stop must not silence the others
            loop.call_soon(self._step)
            return
        self._gave_way = False
        began_ms = self._clock.monotonic_ms()
        more = self._hub.flush(urgent=False)
        now_ms = self._clock.monotonic_ms()
        self._round_ms += now_ms - began_ms
        if self._hub.is_in_round:
            loop.call_soon(self._step)
            return
        self._not_before_ms = now_ms + self._rest_ms(now_ms)
        self._scheduled = False
        if more:  # it came during the round
            self.touch(urgent=False)

    def _rest_ms(self, now_ms: float) -> float:
        """After a round that has just ended."""
        faded = self._busy_ms * math.exp((self._busy_at_ms - now_ms) / WINDOW_MS)
        self._busy_ms, self._busy_at_ms = faded + self._round_ms, now_ms
        self._round_ms = 0.0
        return min(2 * self._busy_ms, self._delay_ms_max) if self._busy_ms > LIGHT_MS else 0.0
