"""State of `presence:<show_id>`: who is watching just now."""

from schemas.base import View

SAMPLE_MAX = 12


class PersonPresent(View, frozen=True):
    """Somebody with a name of their own."""

    actor_id: str
    name: str


class PresenceState(View, frozen=True):
    """`count` people are on the channel; `sample` names a few of them. Somebody on two web processes counts twice."""

    count: int
    sample: list[PersonPresent]
