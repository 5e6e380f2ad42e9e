"""The ledger by its pure rules, which the scripts agree with on every outcome: fast, and under the simulation's clock."""

from collections.abc import Callable
from random import Random

from schemas.events.ledger import AnyLedgerEvent, HoldCommitted, HoldExpired, HoldReleased, StockHeld
from server.kernel.errors import Unavailable
from server.ledger.ledger import Ledger
from server.ledger.rules import AnyCommand, AnyOutcome, Show, ShowState, check
from tests.fakes.clock import FakeClock


class PureLedger(Ledger):
    """`faults` is how often a command loses its way or its answer."""

    def __init__(self, dice: Random, clock: FakeClock, tell: Callable[[AnyLedgerEvent], None]) -> None:
        self.books: dict[str, Show] = {}
        self.events: list[AnyLedgerEvent] = []
        self.faults = 0.0
        self._dice = dice
        self._time = clock
        self._tell = tell

    async def submit(self, show_id: str, command: AnyCommand, known_epoch: str = "") -> AnyOutcome:
        check(command)
        self._lose()
        show = self.books.setdefault(show_id, Show(ShowState(show_id, "epoch")))
        answer = show.call([(known_epoch, command)], self._time.now_ms())
        self._note(answer.events)
        self._lose()
        (outcome,) = answer.outcomes
        return outcome

    async def sweep(self, show_id: str) -> int:
        show = self.books[show_id]
        answer = show.call([], self._time.now_ms())
        self._note(answer.events)
        return answer.swept

    def committed(self) -> set[str]:
        """Ids of the holds whose units are sold."""
        return {event.hold_id for event in self.events if isinstance(event, HoldCommitted)}

    def endings(self) -> dict[str, int]:
        """How often each hold has ended."""
        ended = {event.hold_id: 0 for event in self.events if isinstance(event, StockHeld)}
        for event in self.events:
            if isinstance(event, HoldCommitted | HoldReleased | HoldExpired):
                ended[event.hold_id] += 1
        return ended

    def _note(self, events: tuple[AnyLedgerEvent, ...]) -> None:
        self.events += events
        for event in events:
            self._tell(event)

    def _lose(self) -> None:
        if self._dice.random() < self.faults:
            raise Unavailable("the ledger does not answer")
