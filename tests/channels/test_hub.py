"""The fan-out as a state machine: whatever happens in whatever order, no viewer loses, repeats or reorders anything unsaid."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.frames import AnyServerFrame, Gap, Push
from server.channels.hub import Channel, Hub, Viewer
from server.channels.limits import HubLimits
from server.channels.log import Entry

LIMITS = HubLimits(ring_length_max=5, segment_bytes_max=200, writes_per_step_max=2)
FRAMES: msgspec.json.Decoder[AnyServerFrame] = msgspec.json.Decoder(AnyServerFrame)


def collect(state: list[int], data: bytes) -> list[int]:
    return [*state, int(data)]


def frames_in(data: bytes) -> list[AnyServerFrame]:
    """The frames in what was written to a socket (RFC 6455 §5.2)."""
    found = []
    while data:
        assert data[0] == 0x81
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(data[2:10], "big"), 10
        found.append(FRAMES.decode(data[start : start + length]))
        data = data[start + length :]
    return found


class Browser:
    """Takes frames as a page does, and complains about a hole or a repetition."""

    def __init__(self, room: int) -> None:
        self.viewer = Viewer(self.write)
        self.room = room
        self.state: dict[str, list[int]] = {}
        self.at: dict[str, tuple[str, int]] = {}
        self.newest_only: set[str] = set()

    def write(self, data: bytes) -> None:
        assert not self.viewer.paused, "nothing is written to a paused socket"
        self.room -= len(data)
        if self.room <= 0:
            self.viewer.paused = True
        for frame in frames_in(data):
            self.take(frame)

    def take(self, frame: AnyServerFrame) -> None:
        assert isinstance(frame, Push | Gap)
        if isinstance(frame, Gap):
            self.state[frame.channel] = msgspec.json.decode(frame.snapshot)
        else:
            epoch, offset = self.at[frame.channel]
            assert frame.epoch == epoch, "another epoch must begin with a gap"
            if frame.channel in self.newest_only:
                assert frame.offset > offset
                self.state[frame.channel] = [int(bytes(frame.data))]
            else:
                after = frame.offset - 1 if frame.after is None else frame.after
                assert after <= offset < frame.offset, "a hole or a repetition"
                assert frame.after is None or frame.channel == "bids"
                self.state[frame.channel] = [*self.state[frame.channel], int(bytes(frame.data))]
        self.at[frame.channel] = (frame.epoch, frame.offset)

    def subscribe(self, hub: Hub, channel: Channel) -> None:
        self.state[channel.name] = msgspec.json.decode(channel.snapshot())
        self.at[channel.name] = (channel.epoch, channel.top)
        if channel.newest_only:
            self.newest_only.add(channel.name)
        hub.join(self.viewer, channel)

    def resume(self, hub: Hub, channel: Channel) -> None:
        """Subscribe with the position that the page has, as after a cut."""
        epoch, offset = self.at[channel.name]
        missed = channel.since(offset) if epoch == channel.epoch else None
        if missed is None:
            self.subscribe(hub, channel)
            return
        for publication in missed:
            self.take(Push(channel=channel.name, epoch=epoch, **msgspec.structs.asdict(publication)))
        self.at[channel.name] = (epoch, channel.top)
        hub.join(self.viewer, channel)


class HubMachine(RuleBasedStateMachine):
    """Channels for events, states, conflated states and urgent ones; any number of browsers that pause, resume and come back."""

    @initialize()
    def start(self) -> None:
        self.hub = Hub(LIMITS)
        self.truth: dict[str, list[int]] = {}
        self.browsers: list[Browser] = []
        self.number = 0
        for name in ("chat", "sign", "hearts", "bids"):
            newest_only = name in ("sign", "hearts")
            reduce = (lambda state, data: [int(data)]) if newest_only else collect
            conflate_ms = 100 if name == "hearts" else 0
            bids = name == "bids"
            channel = Channel(name, reduce, LIMITS, newest_only=newest_only, urgent=bids, conflate_ms=conflate_ms, sparse=bids)
            channel.load("e0", 0, [], [])
            self.hub.add(channel)
            self.truth[name] = []

    names = st.sampled_from(["chat", "sign", "hearts", "bids"])

    @rule(room=st.integers(1, 2_000))
    def connect(self, room: int) -> None:
        self.browsers.append(Browser(room))

    @precondition(lambda self: self.browsers)
    @rule(data=st.data(), name=names)
    def subscribe(self, data: st.DataObject, name: str) -> None:
        browser = data.draw(st.sampled_from(self.browsers))
        browser.subscribe(self.hub, self.hub.channels[name])

    @precondition(lambda self: self.browsers)
    @rule(data=st.data(), name=names)
    def leave(self, data: st.DataObject, name: str) -> None:
        browser = data.draw(st.sampled_from(self.browsers))
        self.hub.leave(browser.viewer, self.hub.channels[name])
        browser.at.pop(name, None)

    @precondition(lambda self: self.browsers)
    @rule(data=st.data())
    def disconnect(self, data: st.DataObject) -> None:
        browser = data.draw(st.sampled_from(self.browsers))
        self.hub.leave_all(browser.viewer)
        self.browsers.remove(browser)

    @rule(name=names, count=st.integers(1, 12))
    def publish(self, name: str, count: int) -> None:
        channel = self.hub.channels[name]
        for _ in range(count):
            self.number += 1
            self.hub.append(channel, Entry(channel.epoch, channel.top + 1, 0, b"%d" % self.number))
            self.truth[name] = [self.number] if channel.newest_only else [*self.truth[name], self.number]

    @rule(count=st.integers(1, 30))
    def entries_that_are_nothing_to_it(self, count: int) -> None:
        channel = self.hub.channels["bids"]
        for _ in range(count):
            self.hub.append(channel, Entry(channel.epoch, channel.top + 1, 0, b""))

    @precondition(lambda self: self.browsers)
    @rule(data=st.data(), room=st.integers(1, 2_000))
    def cut_and_come_back(self, data: st.DataObject, room: int) -> None:
        browser = data.draw(st.sampled_from(self.browsers))
        self.hub.leave_all(browser.viewer)
        browser.viewer = Viewer(browser.write)
        browser.room = room
        for name in list(browser.at):
            browser.resume(self.hub, self.hub.channels[name])

    @rule()
    def conflated_channels_have_rested(self) -> None:
        self.hub.touch(self.hub.channels["hearts"])

    @rule(name=names, kept=st.integers(0, 5))
    def load_anew_in_another_epoch(self, name: str, kept: int) -> None:
        """Another server process answers: it has the state, offsets go on, and the last `kept` publications of the new epoch."""
        channel = self.hub.channels[name]
        self.number += 1
        epoch, top = f"e{self.number}", channel.top + kept
        entries = []
        for offset in range(channel.top + 1, top + 1):
            self.number += 1
            entries.append(Entry(epoch, offset, 0, b"%d" % self.number))
            self.truth[name] = [self.number] if channel.newest_only else [*self.truth[name], self.number]
        channel.load(epoch, top, list(self.truth[name]), entries)
        self.hub.touch(channel)

    @rule(name=names)
    def lose_history(self, name: str) -> None:
        channel = self.hub.channels[name]
        self.number += 1
        self.truth[name] = []
        channel.load(f"e{self.number}", 0, [], [])
        self.hub.touch(channel)

    @rule(urgent=st.booleans())
    def flush_a_step(self, urgent: bool) -> None:
        self.hub.flush(urgent=urgent)

    @precondition(lambda self: self.browsers)
    @rule(data=st.data(), room=st.integers(1, 2_000))
    def resume(self, data: st.DataObject, room: int) -> None:
        browser = data.draw(st.sampled_from(self.browsers))
        if browser.viewer.paused:
            browser.room = room
            self.hub.resumed(browser.viewer)

    @invariant()
    def rings_are_bounded(self) -> None:
        for channel in getattr(self, "hub", Hub(LIMITS)).channels.values():
            assert channel.sparse or channel.top - channel.floor <= LIMITS.ring_length_max
            assert channel.sparse or channel.top == channel.head
            assert channel.floor <= channel.head <= channel.top

    def teardown(self) -> None:
        """Once everybody reads again, everybody shows the truth."""
        if not hasattr(self, "hub"):
            return
        self.conflated_channels_have_rested()
        while self.hub.flush(urgent=True) or self.hub.flush(urgent=False):
            pass
        for browser in self.browsers:
            browser.room = 10**9
            self.hub.resumed(browser.viewer)
            for name in browser.at:
                channel = self.hub.channels[name]
                epoch, offset = browser.at[name]
                assert epoch == channel.epoch
                assert channel.head <= offset <= channel.top
                assert browser.state[name] == self.truth[name], name


TestHub = HubMachine.TestCase
TestHub.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def make_channel(hub: Hub, name: str = "chat") -> Channel:
    channel = Channel(name, collect, LIMITS)
    channel.load("e", 0, [], [])
    hub.add(channel)
    return channel


def drain(hub: Hub) -> None:
    while hub.flush(urgent=False):
        pass


def test_viewers_at_one_cursor_are_given_the_very_same_object() -> None:
    hub = Hub(LIMITS)
    written: list[bytes] = []
    channel = make_channel(hub)
    for _ in range(3):
        hub.join(Viewer(written.append), channel)
    hub.append(channel, Entry("e", 1, 0, b"1"))
    hub.append(channel, Entry("e", 2, 0, b"2"))
    drain(hub)
    assert len(written) == 3
    assert all(data is written[0] for data in written)


def test_news_of_several_channels_leaves_as_one_shared_write() -> None:
    hub = Hub(HubLimits())
    written: list[bytes] = []
    channels = [make_channel(hub, name) for name in ("a", "b")]
    for _ in range(2):
        viewer = Viewer(written.append)
        for channel in channels:
            hub.join(viewer, channel)
    for channel in channels:
        hub.append(channel, Entry("e", 1, 0, b"1"))
    drain(hub)
    assert len(written) == 2
    assert written[0] is written[1]
    assert hub.figures.frames == 4


def test_a_step_writes_to_a_limited_number_of_viewers() -> None:
    hub = Hub(LIMITS)
    written: list[bytes] = []
    channel = make_channel(hub)
    for _ in range(5):
        hub.join(Viewer(written.append), channel)
    hub.append(channel, Entry("e", 1, 0, b"1"))
    steps: list[int] = []
    while True:
        more = hub.flush(urgent=False)
        steps.append(len(written))
        if not more:
            break
    assert steps == [2, 4, 5]


def test_a_ring_is_bounded_by_bytes_too() -> None:
    channel = Channel("chat", lambda state, data: state, HubLimits(ring_bytes_max=10_000))
    channel.load("e", 0, [], [])
    for offset in range(1, 101):
        channel.append(Entry("e", offset, 0, b'"' + b"x" * 998 + b'"'))
    assert 1 <= channel.top - channel.floor <= 5
    assert channel.since(channel.floor - 1) is None
    assert channel.since(channel.floor) is not None
