"""When the hub writes: at once while there is little to do, at most every 20 ms under load, so that frames share writes."""

import asyncio

from server.channels.hub import Channel, Hub
from server.kernel.clock import Clock

LIGHT_ROUND_MS = 2.0
"""A round of writes shorter than this leaves the loop idle most of the time: nothing to gain from waiting."""


class Flusher:
    """Runs `hub.flush` in steps on the loop. Urgent channels never wait; the others rest as long as the last round took."""

    def __init__(self, hub: Hub, clock: Clock, delay_ms_max: int) -> None:
        self._hub = hub
        self._clock = clock
        self._delay_ms_max = delay_ms_max
        self._scheduled = False
        self._scheduled_urgent = False
        self._round_ms = 0.0
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
        began_ms = self._clock.monotonic_ms()
        more = self._hub.flush(urgent=False)
        now_ms = self._clock.monotonic_ms()
        self._round_ms += now_ms - began_ms
        if more:
            asyncio.get_running_loop().call_soon(self._step)
            return
        if self._round_ms > LIGHT_ROUND_MS:
            self._not_before_ms = now_ms + min(self._round_ms, self._delay_ms_max)
        self._round_ms = 0.0
        self._scheduled = False
