"""Facts about a channel: subscriptions share them for a moment, commands never, and nobody after rights have changed."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from schemas.errors import FORBIDDEN, UNKNOWN_CHANNEL, Refused
from server.channels.admission import RECENT_CHANNELS_MAX, RECENT_MS, Admission
from server.kernel.module import Context
from server.kernel.tasks import supervised
from tests.channels.kinds import TalkKind
from tests.channels.site import ANNA, BORIS, Units
from tests.fakes.clock import FakeClock

ROOM = "talk:room"


class CountedKind(TalkKind):
    """Counts how often its facts are read; `facts` is what the next reading gives."""

    def __init__(self) -> None:
        self.readings = 0
        self.facts: Any = "room"

    async def load(self, ctx: Context, subject: str) -> Any | None:
        self.readings += 1
        return self.facts


@pytest.fixture
def kind() -> CountedKind:
    return CountedKind()


@pytest.fixture
async def admission(kind: CountedKind, clock: FakeClock) -> AsyncIterator[Admission]:
    async with supervised("test") as tasks:
        yield Admission([kind], cast(Any, Units()), clock, tasks)


async def test_an_audience_that_returns_at_once_costs_one_reading(
    admission: Admission, kind: CountedKind, clock: FakeClock
) -> None:
    for _ in range(1_000):
        await admission.admit_reader(ANNA, ROOM)
    assert kind.readings == 1
    clock.advance(RECENT_MS + 1)
    await admission.admit_reader(BORIS, ROOM)
    assert kind.readings == 2


async def test_commands_are_decided_on_facts_that_were_read_after_they_came(admission: Admission, kind: CountedKind) -> None:
    await admission.admit_reader(ANNA, ROOM)
    for _ in range(3):
        await admission.admit_command(ANNA, ROOM)
    assert kind.readings == 4


async def test_nobody_is_let_in_on_facts_from_before_rights_changed(admission: Admission, kind: CountedKind) -> None:
    await admission.admit_reader(ANNA, ROOM)
    kind.facts, era = "private", admission.era
    admission.forget_facts()
    assert admission.era != era
    with pytest.raises(Refused) as refusal:
        await admission.admit_reader(ANNA, ROOM)
    assert refusal.value.error == FORBIDDEN


async def test_what_does_not_exist_is_looked_for_each_time(admission: Admission, kind: CountedKind) -> None:
    kind.facts = None
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            await admission.admit_reader(ANNA, ROOM)
        assert refusal.value.error == UNKNOWN_CHANNEL
    kind.facts = "room"
    await admission.admit_reader(ANNA, ROOM)
    assert kind.readings == 3


async def test_facts_of_few_channels_are_kept(admission: Admission, kind: CountedKind) -> None:
    for number in range(RECENT_CHANNELS_MAX + 1):
        await admission.admit_reader(ANNA, f"talk:room{number}")
    await admission.admit_reader(ANNA, "talk:room1")
    assert kind.readings == RECENT_CHANNELS_MAX + 1
    await admission.admit_reader(ANNA, "talk:room0")
    assert kind.readings == RECENT_CHANNELS_MAX + 2
