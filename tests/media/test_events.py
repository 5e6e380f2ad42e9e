"""Listeners of the relay's events: what they keep, in which pace they are woken, when they end."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from types import SimpleNamespace

import pytest

from media.events import LISTENERS_PER_SESSION_MAX, WAKES_PER_TICK, EventHub, EventKind, Listener
from schemas.errors import Refused
from schemas.events.media import StreamEnded, StreamStarted
from schemas.media import LayerView

STARTED = StreamStarted(stream_id="show", node_id="n", started_at_ms=0)
ENDED = StreamEnded(stream_id="show", node_id="n", ended_at_ms=0)


class Show:
    """A stream as the hub sees it."""

    def __init__(self) -> None:
        self.active = True
        self.viewers = 1
        self.views = [LayerView(place=0, rid="h", width=1280, height=720, bitrate_bps=900_000, active=True)]

    def layers(self) -> Mapping[int, Sequence[LayerView]]:
        return {0: self.views}


@pytest.fixture
def show() -> Show:
    return Show()


@pytest.fixture
def hub(show: Show) -> EventHub:
    return EventHub({"show": show})


def listen(hub: EventHub, session_id: str = "a", kinds: tuple[EventKind, ...] = ("active", "inactive")) -> Listener:
    return hub.open(session_id, "show", kinds, [(1, 0)])


async def take(stream: AsyncIterator[bytes]) -> str:
    async with asyncio.timeout(5):
        return (await anext(stream)).decode()


async def rest(stream: AsyncIterator[bytes]) -> list[bytes]:
    """What comes until the stream ends, which it must."""
    async with asyncio.timeout(5):
        return [chunk async for chunk in stream]


async def begun(hub: EventHub, listener: Listener) -> AsyncIterator[bytes]:
    """A reader that has read the state of the moment."""
    stream = hub.read(listener)
    assert await take(stream) == ":\n\n"
    if listener.kinds & {"active", "viewercount", "layers"}:
        await take(stream)
    return stream


def pump(hub: EventHub) -> None:
    for _ in range(100):
        hub.pump()


async def test_of_several_states_only_the_last_is_told(hub: EventHub, show: Show) -> None:
    stream = await begun(hub, listen(hub))
    for event in (ENDED, STARTED, ENDED):
        hub.told(event)
    pump(hub)
    assert await take(stream) == "event: inactive\ndata: {}\n\n"


async def test_inactive_is_never_told_first_but_again_after_a_lost_connection(hub: EventHub, show: Show) -> None:
    show.active = False
    listener = listen(hub)
    first = hub.read(listener)
    assert await take(first) == ":\n\n"
    hub.told(STARTED)
    pump(hub)
    assert "active" in await take(first)
    second = hub.read(listener)
    assert [await take(second), await take(second)] == [":\n\n", "event: inactive\ndata: {}\n\n"]


async def test_the_newest_reader_ends_the_one_before(hub: EventHub) -> None:
    listener = listen(hub)
    old = await begun(hub, listener)
    waiting = asyncio.ensure_future(anext(old, b"ended"))
    new = await begun(hub, listener)
    assert await asyncio.wait_for(waiting, 5) == b"ended"
    hub.told(ENDED)
    pump(hub)
    assert "inactive" in await take(new)


async def test_a_quiet_stream_is_kept_open_by_comments(hub: EventHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.events.HEARTBEAT_S", 0.01)
    stream = await begun(hub, listen(hub))
    assert [await take(stream), await take(stream)] == [":\n\n", ":\n\n"]


async def test_listeners_are_woken_in_slices_and_each_once(hub: EventHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.events.TICK_S", 3600)  # so that only this test pumps
    streams = [await begun(hub, listen(hub, f"s{number}")) for number in range(WAKES_PER_TICK + 3)]
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await asyncio.sleep(0)
    hub.told(ENDED)
    hub.told(STARTED)
    hub.pump()
    done, rest = await asyncio.wait(waiting, timeout=0.05)
    assert (len(done), len(rest)) == (WAKES_PER_TICK, 3)
    hub.pump()
    await asyncio.wait_for(asyncio.gather(*rest), 5)
    hub.pump()  # nobody is left


async def test_the_hub_wakes_everybody_by_itself(hub: EventHub) -> None:
    streams = [await begun(hub, listen(hub, f"s{number}")) for number in range(2 * WAKES_PER_TICK + 1)]
    waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
    hub.told(ENDED)
    await asyncio.wait_for(asyncio.gather(*waiting), 5)


async def test_a_slow_listener_keeps_one_frame_per_kind(hub: EventHub, show: Show) -> None:
    listener = listen(hub, kinds=("active", "inactive", "viewercount", "layers"))
    stream = await begun(hub, listener)
    for number in range(50):
        show.viewers += 1
        show.views = [LayerView(place=0, rid=str(number), width=0, height=0, bitrate_bps=0, active=False)]
        hub.told(ENDED if number % 2 else STARTED)
        hub.look({"a": None})
    pump(hub)
    text = await take(stream)
    assert text.count("event: ") == 3
    assert '{"viewercount":51}' in text
    assert 'event: layers\ndata: {"1":[{"rid":"49"}]}\n\n' in text


async def test_changes_are_told_and_sameness_is_not(hub: EventHub, show: Show) -> None:
    listener = listen(hub, kinds=("viewercount", "layers"))
    hub.look({"a": None})
    stream = await begun(hub, listener)
    show.views = [LayerView(place=0, rid="h", width=1280, height=720, bitrate_bps=1, active=True)]  # only the bitrate
    hub.look({"a": None})
    show.viewers += 1
    hub.look({"a": None})
    pump(hub)
    assert await take(stream) == 'event: viewercount\ndata: {"viewercount":2}\n\n'


async def test_layers_without_a_rid_or_size_are_told_as_the_draft_wants(hub: EventHub, show: Show) -> None:
    show.views = [LayerView(place=0, rid="", width=0, height=0, bitrate_bps=5, active=True)]
    stream = hub.read(listen(hub, kinds=("layers",)))
    assert await take(stream) == ":\n\n"
    assert await take(stream) == 'event: layers\ndata: {"1":[{"spatialLayerId":0,"bitrate":5}]}\n\n'


async def test_one_listener_too_many_ends_the_oldest(hub: EventHub) -> None:
    listeners = [listen(hub) for _ in range(LISTENERS_PER_SESSION_MAX + 1)]
    assert len(hub) == LISTENERS_PER_SESSION_MAX
    assert [listener.ended for listener in listeners] == [True] + [False] * LISTENERS_PER_SESSION_MAX
    with pytest.raises(Refused):
        hub.find("a", listeners[0].id)
    assert hub.find("a", listeners[1].id) is listeners[1]


async def test_listeners_of_sessions_that_are_gone_are_ended(hub: EventHub) -> None:
    stream = await begun(hub, listen(hub))
    listen(hub, "b")
    hub.look({"b": None})
    assert len(hub) == 1
    assert await rest(stream) == []
    hub.look({})
    assert len(hub) == 0
    hub.told(STARTED)  # nobody listens


async def test_draining_asks_everybody_in_slices_and_takes_nobody(hub: EventHub) -> None:
    streams = [await begun(hub, listen(hub, f"s{number}", ("reconnect",))) for number in range(2 * WAKES_PER_TICK)]
    async with asyncio.timeout(10):
        await hub.drain()
        for stream in streams:
            assert await rest(stream) == [b"event: reconnect\ndata: {}\n\n"]
    with pytest.raises(Refused):
        listen(hub, "late")


async def test_the_hub_tells_by_itself(hub: EventHub, show: Show) -> None:
    stream = await begun(hub, listen(hub, kinds=("viewercount",)))
    running = asyncio.ensure_future(hub.run({"a": SimpleNamespace()}))
    show.viewers += 1
    assert '"viewercount":2' in await take(stream)
    running.cancel()
