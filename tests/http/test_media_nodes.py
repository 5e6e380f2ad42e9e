"""Where a viewer goes: to the process that has the stream while it has room, then to others of its machine."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from schemas.media import MediaNodeEntry
from server.http.media_nodes import NODES_MAX, ORIGIN_BUSY, ORIGIN_VIEWERS, MediaNodes, Sent, best_for_viewer
from server.kernel.errors import Unavailable
from tests.http.fake_media import SECRET, FakePlacement, node_entry

SHOW = "shw_" + "0" * 32


def entry(name: str, subscribers: int = 0, *, draining: bool = False, machine: str = "here", busy: float = 0.0) -> MediaNodeEntry:
    return structs.replace(node_entry(name, "http://192.0.2.1:1", subscribers, draining), machine=machine, busy=busy)


def chosen(owner: MediaNodeEntry, *others: MediaNodeEntry) -> str:
    return best_for_viewer(owner, [owner, *others]).node_id


def test_the_origin_takes_viewers_while_it_has_room() -> None:
    assert chosen(entry("origin", ORIGIN_VIEWERS - 1), entry("edge")) == "origin"
    assert chosen(entry("origin", ORIGIN_VIEWERS), entry("edge")) == "edge"
    assert chosen(entry("origin", 1, busy=ORIGIN_BUSY), entry("edge")) == "edge"
    assert chosen(entry("origin", 200), entry("edge", 201), entry("other", 150)) == "other"
    assert chosen(entry("origin", 200), entry("edge", 201)) == "origin"


def test_a_node_that_drains_takes_nobody_unless_it_is_the_last() -> None:
    assert chosen(entry("origin", draining=True), entry("edge", 900)) == "edge"
    assert chosen(entry("origin", 200), entry("edge", draining=True)) == "origin"
    assert chosen(entry("origin", draining=True), entry("edge", draining=True)) == "origin"


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans(), st.floats(0, 1)), min_size=1, max_size=8))
def test_whatever_the_loads_no_other_node_than_the_origin_is_fuller_than_the_one_chosen(
    loads: list[tuple[int, bool, float]],
) -> None:
    nodes = [entry(f"n{i}", count, draining=draining, busy=busy) for i, (count, draining, busy) in enumerate(loads)]
    best = best_for_viewer(nodes[0], nodes)
    ready = [node for node in nodes if not node.draining]
    if ready:
        assert not best.draining
        assert best is nodes[0] or best.subscribers == min(node.subscribers for node in ready)


async def test_a_crowd_is_spread_before_the_nodes_have_counted_it() -> None:
    placement = FakePlacement([entry("edge"), entry("origin")], {SHOW: "origin"})
    nodes = MediaNodes(placement, SECRET)
    sent = Counter([(await nodes.to_play_on(SHOW, participates=False)).node_id for _ in range(ORIGIN_VIEWERS * 4)])
    assert sent == {"origin": 2 * ORIGIN_VIEWERS, "edge": 2 * ORIGIN_VIEWERS}
    placement.entries = [structs.replace(node, renewed_at_ms=1, subscribers=10) for node in placement.entries]
    assert (await nodes.to_play_on(SHOW, participates=False)).node_id == "origin"


async def test_participants_go_to_the_origin_and_viewers_not_to_other_machines() -> None:
    full = entry("origin", 1_000)
    placement = FakePlacement([full, entry("far", machine="there"), entry("edge")], {SHOW: "origin"})
    nodes = MediaNodes(placement, SECRET)
    assert (await nodes.to_play_on(SHOW, participates=True)).node_id == "origin"
    assert (await nodes.to_play_on(SHOW, participates=False)).node_id == "edge"
    placement.entries = [full, entry("far", machine="there")]
    assert (await nodes.to_play_on(SHOW, participates=False)).node_id == "origin"
    placement.entries = [structs.replace(full, machine=""), entry("far", machine="")]
    assert (await nodes.to_play_on(SHOW, participates=False)).node_id == "origin", "without a pipe there are no edges"


async def test_a_stream_that_nobody_has_is_asked_for_where_there_is_most_room() -> None:
    nodes = MediaNodes(FakePlacement([entry("a", 5), entry("b", 3)]), SECRET)
    assert (await nodes.to_play_on(SHOW, participates=False)).node_id == "b"
    with pytest.raises(Unavailable):
        await MediaNodes(FakePlacement(), SECRET).to_play_on(SHOW, participates=False)


def test_the_count_of_viewers_that_were_sent_stays_small() -> None:
    sent = Sent()
    for number in range(3 * NODES_MAX):
        sent.add(entry(f"n{number}"))
    assert len(sent._since) == NODES_MAX
    assert sent.counted(entry(f"n{3 * NODES_MAX - 1}")).subscribers == 1
    assert sent.counted(entry("n0")).subscribers == 0
