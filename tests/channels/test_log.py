"""The log's scripts on a real Valkey."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from server.channels.log import Append, ChannelLog, Entry, Published, decode_message, log_key, meta_key
from server.redis.connection import connect

CHANNEL = "talk:room"


async def publish(log: ChannelLog, command_id: str, data: bytes = b"{}", **more: object) -> Published:
    return await log.publish(CHANNEL, command_id, data, at_ms=5, length_max=100, **more)  # type: ignore[arg-type]


async def test_offsets_count_from_one_without_holes(log: ChannelLog, redis: Redis) -> None:
    published = await asyncio.gather(*(publish(log, f"c{number}") for number in range(50)))
    assert sorted(one.offset for one in published) == list(range(1, 51))
    assert len({one.epoch for one in published}) == 1
    opened = await log.open(CHANNEL, 10)
    assert (opened.epoch, opened.offset) == (published[0].epoch, 50)
    assert [entry.offset for entry in opened.entries] == list(range(41, 51))


async def test_one_command_is_appended_once_however_often_it_comes(log: ChannelLog, redis: Redis) -> None:
    outcomes = await asyncio.gather(*(publish(log, "same") for _ in range(20)))
    assert sorted(one.outcome for one in outcomes) == ["appended"] + ["duplicate"] * 19
    assert {one.offset for one in outcomes} == {1}
    assert await redis.xlen(log_key(CHANNEL)) == 1


async def test_another_command_with_a_used_id_is_a_conflict_and_appends_nothing(log: ChannelLog, redis: Redis) -> None:
    await publish(log, "same", fingerprint="one")
    assert (await publish(log, "same", fingerprint="two")).outcome == "conflict"
    assert await redis.xlen(log_key(CHANNEL)) == 1
    assert await log.outcome(CHANNEL, "same", "one") is not None
    assert await log.outcome(CHANNEL, "same", "two") is None
    assert await log.outcome(CHANNEL, "other", "one") is None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(versions=st.lists(st.integers(0, 12), max_size=12))
def test_a_version_not_above_the_last_one_is_dropped(valkey_url: str, versions: list[int]) -> None:
    async def scenario() -> None:
        redis = connect(valkey_url)
        await redis.flushall()
        log = ChannelLog(redis)  # of this loop
        taken = []
        for number, version in enumerate(versions):
            if (await publish(log, f"c{number}", version=version)).outcome == "appended":
                taken.append(version)
        newest: list[int] = []
        for version in versions:
            if not newest or version > newest[-1]:
                newest.append(version)
        assert taken == newest
        await log.close()
        await redis.aclose()

    asyncio.run(scenario())


async def test_reader_and_writer_agree_on_a_channels_epoch_whoever_comes_first(log: ChannelLog, redis: Redis) -> None:
    empty = await log.open(CHANNEL, 10)
    published = await publish(log, "c1")
    assert (empty.offset, empty.entries) == (0, [])
    assert published.epoch == empty.epoch


async def test_when_the_position_is_lost_offsets_go_on_above_the_log_in_a_new_epoch(log: ChannelLog, redis: Redis) -> None:
    before = [await publish(log, f"c{number}") for number in range(3)]
    await redis.delete(meta_key(CHANNEL))
    after = await publish(log, "c9")
    assert after.epoch != before[0].epoch
    assert after.offset == 4
    opened = await log.open(CHANNEL, 10)
    assert [entry.epoch for entry in opened.entries] == [before[0].epoch] * 3 + [after.epoch]


async def test_a_log_with_a_hole_is_read_from_behind_the_hole(log: ChannelLog, redis: Redis) -> None:
    for number in range(5):
        await publish(log, f"c{number}")
    await redis.xdel(log_key(CHANNEL), "3-0")
    assert [entry.offset for entry in (await log.open(CHANNEL, 10)).entries] == [4, 5]


async def test_a_log_keeps_about_as_many_entries_as_asked(log: ChannelLog, redis: Redis) -> None:
    for number in range(400):
        await publish(log, f"c{number}")
    assert 100 <= await redis.xlen(log_key(CHANNEL)) < 300, "whole nodes of the stream go at once"


async def test_outcomes_are_forgotten_in_the_end(log: ChannelLog, redis: Redis) -> None:
    await publish(log, "c1", seen_ms=60_000)
    lifetimes = [await redis.pttl(key) for key in await redis.keys("ch:{*}:seen:*")]
    assert len(lifetimes) == 1
    assert 0 < lifetimes[0] <= 60_000


commands = st.builds(
    Append,
    command_id=st.sampled_from(["c1", "c2", "c3", "c4", "c5", "c6"]),
    at_ms=st.just(5),
    data=st.sampled_from([b"1", b"2", b""]),
    fingerprint=st.sampled_from(["anna", "anna", "boris"]),
    seen_ms=st.just(60_000),
    version=st.none() | st.integers(1, 4),
    envelope=st.just(b""),
    guards=st.lists(st.tuples(st.sampled_from(["slow", "repeat"]), st.just(60_000)), max_size=2, unique=True),
    length_max=st.just(1_000),
)


class Model:
    """What the script does, one command after the other."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, int]] = {}
        self.guards: set[str] = set()
        self.version = 0
        self.published: list[bytes] = []

    def carry_out(self, command: Append) -> tuple[str, int]:
        if command.command_id in self.seen:
            fingerprint, offset = self.seen[command.command_id]
            return ("duplicate" if fingerprint == command.fingerprint else "conflict"), offset
        held = [index for index, (name, _) in enumerate(command.guards) if name in self.guards]
        if held:
            return "guarded", held[0]
        if command.version is not None:
            if command.version <= self.version:
                return "stale", len(self.published)
            self.version = command.version
        self.guards.update(name for name, _ in command.guards)
        if command.data:
            self.published.append(command.data)
        offset = len(self.published) if command.data else 0
        self.seen[command.command_id] = (command.fingerprint, offset)
        return ("appended" if command.data else "noted"), offset


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(commands, min_size=1, max_size=8), max_size=4))
def test_a_batch_is_as_if_its_commands_had_come_one_after_the_other(valkey_url: str, batches: list[list[Append]]) -> None:
    async def scenario() -> None:
        redis = connect(valkey_url)
        await redis.flushall()
        log, model = ChannelLog(redis), Model()
        for batch in batches:
            answers = await log.append_all(CHANNEL, batch)
            told = [(one.outcome, one.guard if one.outcome == "guarded" else one.offset) for one in answers]
            assert told == [model.carry_out(command) for command in batch]
        opened = await log.open(CHANNEL, 100)
        assert [entry.data for entry in opened.entries] == model.published
        await log.close()
        await redis.aclose()

    asyncio.run(scenario())


async def test_publications_of_one_moment_share_a_few_scripts_and_each_caller_is_told_its_own_outcome(
    log: ChannelLog, redis: Redis
) -> None:
    await publish(log, "first")
    before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    published = await asyncio.gather(*(publish(log, f"c{number // 2}") for number in range(200)))
    after = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    assert after - before <= 3
    assert [one.outcome for one in published] == ["appended", "duplicate"] * 100
    assert [one.offset for one in published[::2]] == list(range(2, 102))


async def test_whoever_follows_a_channel_is_sent_each_publication_once(log: ChannelLog, redis: Redis) -> None:
    listener = redis.pubsub()
    await listener.execute_command("SSUBSCRIBE", log_key(CHANNEL))
    await listener.parse_response(block=True, timeout=5)
    for number in range(3):
        await publish(log, f"c{number}", b'{"text":"a b"}')
        await publish(log, f"c{number}", b'{"text":"a b"}')
    epoch = (await log.open(CHANNEL, 1)).epoch
    heard = [await listener.parse_response(block=True, timeout=5) for _ in range(3)]
    assert [decode_message(message[2]) for message in heard] == [
        Entry(epoch, offset, 5, b'{"text":"a b"}') for offset in (1, 2, 3)
    ]
    await listener.aclose()  # type: ignore[no-untyped-call]
