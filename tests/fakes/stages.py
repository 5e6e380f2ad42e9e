"""Media nodes' stages as `StageControl` reaches them: sessions that come and go, orders that are kept or refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from schemas.media import StageOrder
from server.kernel.errors import Unavailable


@dataclass
class FakeStages:
    """`sessions` are the publishing participants with what viewers get of each; orders for others are nothing, as on a node."""

    sessions: dict[str, StageOrder] = field(default_factory=dict)
    orders: list[tuple[str, str, StageOrder | None]] = field(default_factory=list)
    away: bool = False
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """Happens once while a node takes an order."""

    def connect(self, participant_id: str, *, on_stage: bool = False) -> None:
        """A guest's first packets, with the state that the web role gave."""
        self.sessions[participant_id] = StageOrder(on_stage=on_stage)

    async def order(self, stream_id: str, participant_id: str, order: StageOrder) -> None:
        await self._reach(stream_id, participant_id, order)
        if participant_id in self.sessions:
            self.sessions[participant_id] = order

    async def remove(self, stream_id: str, participant_id: str) -> None:
        await self._reach(stream_id, participant_id, None)
        self.sessions.pop(participant_id, None)

    async def _reach(self, stream_id: str, participant_id: str, order: StageOrder | None) -> None:
        if self.away:
            raise Unavailable("the media node is away")
        self.orders.append((stream_id, participant_id, order))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
