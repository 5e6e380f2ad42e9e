"""Orders reach the media node that has the stream, over real sockets, or fail with a reason."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.control import control_app
from schemas.media import HOST, StageOrder
from server.kernel.errors import Unavailable
from server.modules.guests import adapters
from server.modules.guests.adapters import NodeStages, UnexpectedAnswer
from tests.fakes.stage_node import FakeStageNode
from tests.http.fake_media import FakePlacement, node_entry, served
from tests.media.clients import STREAM
from tests.media.conftest import Relay
from tests.media.hands import HandPublisher, role

SECRET = "the-internal-secret"
GUEST = "pas_" + "1" * 32
LIVE = StageOrder(on_stage=True, muted=("audio",))


@pytest.fixture
def placement() -> FakePlacement:
    return FakePlacement()


@pytest.fixture
async def stages(placement: FakePlacement) -> AsyncIterator[NodeStages]:
    made = NodeStages(placement, SECRET)
    yield made
    await made.close()


@pytest.fixture(params=["unix", "tcp"])
async def node(request: pytest.FixtureRequest, placement: FakePlacement, tmp_path: Path) -> AsyncIterator[FakeStageNode]:
    """A node that has the stream; a second one has nothing to do with it."""
    made, other = FakeStageNode(SECRET), FakeStageNode(SECRET, status=500)
    uds = tmp_path / "node.sock" if request.param == "unix" else None
    async with served(made.app(), uds) as url, served(other.app()) as other_url:
        placement.entries = [node_entry("med_1", other_url), node_entry("med_2", url)]
        placement.owners[STREAM] = "med_2"
        yield made


async def test_an_order_reaches_the_node_that_has_the_stream(stages: NodeStages, node: FakeStageNode) -> None:
    node.connect(STREAM, GUEST)
    await stages.order(STREAM, GUEST, LIVE)
    place = node.places[STREAM][GUEST]
    assert (place.on_stage, place.muted) == (True, ("audio",))
    await stages.remove(STREAM, GUEST)
    assert node.places[STREAM] == {}
    await stages.remove(STREAM, GUEST)


async def test_a_real_node_does_what_it_is_told(
    stages: NodeStages, placement: FakePlacement, relay: Relay, tmp_path: Path
) -> None:
    await HandPublisher.start(relay)
    guest = await HandPublisher.start(relay, headers=role("guest", GUEST, "waiting"))
    stream = guest.session.stream

    def standing() -> list[tuple[str, bool, tuple[str, ...]]]:
        return [(place.participant_id, place.on_stage, place.muted) for place in stream.view().places]

    async with served(control_app(relay.node, SECRET), tmp_path / "node.sock") as url:
        placement.entries = [node_entry("node-1", url)]
        placement.owners[STREAM] = "node-1"
        await stages.order(STREAM, "pas_" + "2" * 32, LIVE)
        assert standing() == [(HOST, True, ()), (GUEST, False, ())]
        await stages.order(STREAM, GUEST, LIVE)
        assert standing() == [(HOST, True, ()), (GUEST, True, ("audio",))]
        for _ in range(2):
            await stages.remove(STREAM, GUEST)
            assert standing() == [(HOST, True, ())]
        stranger = NodeStages(placement, "another secret")
        with pytest.raises(Unavailable, match="403"):
            await stranger.order(STREAM, GUEST, LIVE)
        await stranger.close()


async def test_who_has_no_session_needs_no_order(stages: NodeStages, node: FakeStageNode) -> None:
    await stages.order(STREAM, GUEST, LIVE)
    assert STREAM not in node.places


async def test_a_stream_without_a_node_needs_no_order(stages: NodeStages) -> None:
    await stages.order(STREAM, GUEST, LIVE)
    await stages.remove(STREAM, GUEST)


@pytest.mark.parametrize("status", [500, 503, 403])
async def test_a_node_in_trouble_is_asked_again_later(stages: NodeStages, node: FakeStageNode, status: int) -> None:
    node.status = status
    with pytest.raises(Unavailable, match=str(status)):
        await stages.order(STREAM, GUEST, LIVE)


async def test_another_secret_is_a_node_in_trouble(placement: FakePlacement, node: FakeStageNode) -> None:
    stages = NodeStages(placement, "another secret")
    with pytest.raises(Unavailable, match="403"):
        await stages.remove(STREAM, GUEST)
    await stages.close()


async def test_a_node_of_another_contract_is_not_asked_for_ever(stages: NodeStages, node: FakeStageNode) -> None:
    node.status = 422
    with pytest.raises(UnexpectedAnswer, match="422"):
        await stages.order(STREAM, GUEST, LIVE)


async def test_a_silent_node_ends_at_the_deadline(
    stages: NodeStages, node: FakeStageNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "DEADLINE_S", 0.05)
    node.stuck = True
    with pytest.raises(Unavailable, match="TimeoutError"):
        await stages.order(STREAM, GUEST, LIVE)


async def test_a_node_that_is_gone_is_unavailable(stages: NodeStages, placement: FakePlacement) -> None:
    placement.entries = [node_entry("med_1", "unix:/nowhere/at/all.sock")]
    placement.owners[STREAM] = "med_1"
    with pytest.raises(Unavailable):
        await stages.order(STREAM, GUEST, LIVE)
