"""People who talk in the chat: websockets of their own, lines at fixed times, whatever the server does meanwhile.

A line carries the time at which it was due and not that at which it was sent, so that a server (or a load) that stops for a while
pays for every line that was due in that time (no coordinated omission).
"""

import time

from loadtests.channels.bench import TALKERS, Bench
from loadtests.media.relay import NotMeasured

LEAD_S = 0.1
EACH_PER_S = 0.8
"""Less than a person may say in the chat."""
LATE_MS_MAX = 100
"""Lines that were sent later than this were not the load that the figure is about."""
ANSWERS_S = 30.0


async def talk(bench: Bench, *, per_s: float, seconds: float, at_once: int = 1) -> int:
    """Say `per_s` lines a second, `at_once` at a time; returns how many were said. Ends when all were accepted.

    Raises:
        NotMeasured: lines were refused, or sent too late.
    """
    assert per_s <= TALKERS * EACH_PER_S
    crowd = await bench.talkers()
    every_s = at_once / per_s
    count = max(1, round(seconds / every_s)) * at_once
    start_s = time.monotonic() + LEAD_S
    asked = {"channel": bench.chat, "start_s": start_s, "every_s": every_s, "at_once": at_once, "count": count}
    (answer,) = await crowd.ask("talk", deadline_s=seconds + ANSWERS_S, **asked)
    if answer["refusals"]:
        raise NotMeasured(f"lines of chat were refused: {answer['refusals']}")
    if answer["late_ms"] > LATE_MS_MAX:
        raise NotMeasured(f"a line was sent {answer['late_ms']:.0f} ms late: the machine is too busy")
    return count
