"""One transaction, opened late, and what leaves with its commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Request
from server.bus.asking import AskRegistry
from server.bus.tables import OUTBOX
from server.kernel.errors import SetupError
from server.kernel.module import SYSTEM, Answers, Context, Module, answer
from server.store.database import Database
from tests.bus.conftest import MakeWorld
from tests.bus.shop import EFFECTS, GetNumber, OtherHappened, StateView, ThingHappened, Warehouse, World, entries, modules
from tests.redis.servers import until


async def outbox_rows(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(OUTBOX)) or 0)


async def test_rolling_back_publishes_nothing(world: World) -> None:
    woken: list[bool] = []
    world.units.on_commit(lambda: woken.append(True))

    async def fail() -> None:
        async with world.units(SYSTEM) as ctx:
            ctx.publish(ThingHappened(thing_id="one"))
            ctx.push("show:1", StateView(1))
            await ctx.store.execute(insert(EFFECTS).values(thing_id="one", number=1))
            raise RuntimeError("changed its mind")

    with pytest.raises(RuntimeError, match="changed its mind"):
        await fail()
    await world.drain()
    assert (await world.effects(), await entries(world.redis, "bus:alpha"), world.pushed.seen, woken) == ([], [], {}, [])


async def test_the_commit_wakes_the_relay_and_writes_rows_in_the_order_of_publishing(world: World) -> None:
    woken: list[bool] = []
    world.units.on_commit(lambda: woken.append(True))
    async with world.units(SYSTEM) as ctx:
        ctx.publish(ThingHappened(thing_id="one", number=1))
        ctx.push("show:1", StateView(7), version=3)
        ctx.publish(ThingHappened(thing_id="one", number=2))
    assert woken == [True]
    await world.drain()
    found = await entries(world.redis, "bus:alpha")
    assert [bytes(envelope.data) for envelope in found] == [
        b'{"type":"alpha.thing_happened.v1","thing_id":"one","number":1}',
        b'{"type":"alpha.thing_happened.v1","thing_id":"one","number":2}',
    ]
    assert {(envelope.source, envelope.type, envelope.subject, envelope.time_ms) for envelope in found} == {
        ("alpha", "alpha.thing_happened.v1", "one", world.clock.now_ms())
    }
    assert list(world.pushed.seen.values()) == [("show:1", b'{"number":7}', 3)]


async def test_the_transaction_opens_at_the_first_use_only(world: World) -> None:
    async with world.units(SYSTEM) as idle, world.database.begin() as other:  # SQLite has one writer: idle must not be it
        assert idle.now_ms == world.clock.now_ms()
        await other.execute(insert(EFFECTS).values(thing_id="other", number=1))
    assert await world.effects() == ["other"]


async def test_reading_before_an_outside_call_holds_no_lock(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        async with ctx.reading() as connection:
            assert await connection.scalar(select(func.count()).select_from(EFFECTS)) == 0
        async with world.database.begin() as other:
            await other.execute(insert(EFFECTS).values(thing_id="other", number=1))


async def test_an_outside_call_under_an_open_transaction_is_a_bug(make_world: MakeWorld) -> None:
    warehouse = Warehouse()
    world = make_world(ports={Warehouse: warehouse})
    async with world.units(SYSTEM) as ctx:
        assert ctx.port(Warehouse) is warehouse
        with pytest.raises(SetupError, match="no adapter"):
            ctx.port(dict)
        assert await ctx.store.scalar(select(func.count()).select_from(EFFECTS)) == 0
        with pytest.raises(AssertionError, match="before the first use"):
            ctx.port(Warehouse)


async def test_units_cannot_be_nested_but_run_side_by_side(world: World) -> None:
    async with world.units(SYSTEM):
        with pytest.raises(AssertionError, match="nested"):
            await world.units(SYSTEM).__aenter__()

    async def record_one(name: str) -> None:
        async with world.units(SYSTEM) as ctx:
            await ctx.store.execute(insert(EFFECTS).values(thing_id=name, number=1))

    await asyncio.gather(*(record_one(str(number)) for number in range(10)))
    assert sorted(await world.effects()) == sorted(str(number) for number in range(10))


async def test_a_unit_that_has_ended_cannot_be_used(world: World) -> None:
    async with world.units(SYSTEM) as ctx:
        pass
    with pytest.raises(AssertionError, match="has ended"):
        ctx.publish(OtherHappened(thing_id="late"))
    with pytest.raises(AssertionError, match="has ended"):
        await ctx.store.scalar(select(func.count()).select_from(EFFECTS))


async def test_an_answer_sees_what_its_asker_has_written(make_world: MakeWorld) -> None:
    async def count_effects(_question: GetNumber, ctx: Context) -> int:
        return int(await ctx.store.scalar(select(func.count()).select_from(EFFECTS)))

    world = make_world(manifests=modules(answers=(Answers(GetNumber, count_effects),)))
    async with world.units(SYSTEM) as ctx:
        await ctx.store.execute(insert(EFFECTS).values(thing_id="one", number=1))
        assert await ctx.ask(GetNumber()) == 1


async def test_modules_that_ask_in_circles_are_stopped(make_world: MakeWorld) -> None:
    async def ask_back(question: GetNumber, ctx: Context) -> int:
        return await ctx.ask(question)

    world = make_world(manifests=modules(answers=(Answers(GetNumber, ask_back),)))
    async with world.units(SYSTEM) as ctx:
        with pytest.raises(AssertionError, match="circles"):
            await ctx.ask(GetNumber())


@dataclass(frozen=True)
class GetSum(Request[int]):
    """A question whose answer does not depend on who asks."""

    number: int


async def test_those_who_ask_the_same_at_the_same_time_share_one_answer_that_is_read_after_they_asked(
    make_world: MakeWorld,
) -> None:
    reads: list[int] = []
    contexts: list[Context] = []
    gate = asyncio.Event()

    async def count_effects(question: GetSum, ctx: Context) -> int:
        reads.append(question.number)
        contexts.append(ctx)
        await gate.wait()
        async with ctx.reading() as connection:
            return question.number + int(await connection.scalar(select(func.count()).select_from(EFFECTS)) or 0)

    world = make_world(manifests=modules(answers=(answer(GetSum, count_effects, shared=True),)))

    async def ask(number: int) -> int:
        async with world.units(SYSTEM) as ctx:
            return await ctx.ask(GetSum(number))

    first = [asyncio.ensure_future(ask(1)) for _ in range(20)]
    other = asyncio.ensure_future(ask(5))
    await until(lambda: len(reads) == 2)
    late = [asyncio.ensure_future(ask(1)) for _ in range(20)]
    async with world.database.begin() as connection:
        await connection.execute(insert(EFFECTS).values(thing_id="one", number=1))
    gate.set()
    await asyncio.gather(*first, other)
    assert set(await asyncio.gather(*late)) == {2}, "an answer that was begun before the question is not good enough"
    assert sorted(reads) == [1, 1, 5]
    async with world.units(SYSTEM) as ctx:
        await ctx.store.execute(insert(EFFECTS).values(thing_id="two", number=1))
        await ctx.ask(GetSum(1))
        assert contexts[-1] is ctx, "within a transaction the answer belongs to it"


async def test_keys_that_are_read_at_the_same_time_are_read_by_one_transaction(world: World) -> None:
    asked: list[list[int]] = []
    gate = asyncio.Event()

    async def count(connection: AsyncConnection, keys: Sequence[int]) -> dict[int, int]:
        asked.append(list(keys))
        await gate.wait()
        stored = int(await connection.scalar(select(func.count()).select_from(EFFECTS)) or 0)
        return {key: key + stored for key in keys}

    async def read(key: int) -> int:
        async with world.units(SYSTEM) as ctx:
            return await ctx.read_together(count, key)

    first = asyncio.ensure_future(read(10))
    await until(lambda: len(asked) == 1)
    rest = [asyncio.ensure_future(read(key)) for key in (20, 30, 20)]
    async with world.database.begin() as connection:
        await connection.execute(insert(EFFECTS).values(thing_id="one", number=1))
    gate.set()
    assert await asyncio.gather(*rest) == [21, 31, 21], "what is read was read after it was asked for"
    await first
    assert asked == [[10], [20, 30]]


async def test_items_that_are_written_at_the_same_time_are_written_by_one_unit_that_has_committed(world: World) -> None:
    written: list[list[str]] = []
    gate = asyncio.Event()
    woken: list[bool] = []
    world.units.on_commit(lambda: woken.append(True))

    async def record(ctx: Context, names: Sequence[str]) -> list[str]:
        written.append(list(names))
        assert ctx.actor is SYSTEM
        await gate.wait()
        await ctx.store.execute(insert(EFFECTS), [{"thing_id": name, "number": 1} for name in names])
        for name in names:
            ctx.publish(ThingHappened(thing_id=name))
        return [name.upper() for name in names]

    async def write(name: str) -> str:
        async with world.units(SYSTEM) as ctx:
            made = await ctx.write_together(record, name)
            async with ctx.reading() as connection:
                stored = set((await connection.execute(select(EFFECTS.c.thing_id))).scalars())
            assert name in stored, "committed when it returns"
            return made

    first = asyncio.ensure_future(write("a"))
    await until(lambda: len(written) == 1)
    rest = [asyncio.ensure_future(write(name)) for name in "bcd"]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(first, *rest) == ["A", "B", "C", "D"]
    assert (written, woken) == ([["a"], ["b", "c", "d"]], [True, True])
    await world.drain()
    assert [envelope.subject for envelope in await entries(world.redis, "bus:alpha")] == ["a", "b", "c", "d"]


async def test_an_item_that_cannot_be_written_does_not_spoil_the_others(world: World) -> None:
    gate = asyncio.Event()

    async def record(ctx: Context, names: Sequence[str]) -> list[str]:
        await gate.wait()
        await ctx.store.execute(insert(EFFECTS), [{"thing_id": name, "number": 1} for name in names])
        if "bad" in names:
            raise RuntimeError("cannot be written")
        return list(names)

    async def write(name: str) -> str:
        async with world.units(SYSTEM) as ctx:
            return await ctx.write_together(record, name)

    tasks = [asyncio.ensure_future(write(name)) for name in ("a", "b", "bad", "c")]
    await asyncio.sleep(0)
    gate.set()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(outcome) for outcome in outcomes] == ["a", "b", "cannot be written", "c"]
    assert sorted(await world.effects()) == ["a", "b", "c"]


async def test_writing_together_under_an_open_transaction_is_a_bug(world: World) -> None:
    async def record(ctx: Context, names: Sequence[str]) -> list[str]:
        return list(names)

    async with world.units(SYSTEM) as ctx:
        assert await ctx.store.scalar(select(func.count()).select_from(EFFECTS)) == 0
        with pytest.raises(AssertionError, match="before the first use"):
            await ctx.write_together(record, "a")


async def test_shared_questions_that_go_round_in_circles_are_stopped(make_world: MakeWorld) -> None:
    async def ask_back(question: GetSum, ctx: Context) -> int:
        return await ctx.ask(GetSum((question.number + 1) % 3))

    world = make_world(manifests=modules(answers=(answer(GetSum, ask_back, shared=True),)))
    async with world.units(SYSTEM) as ctx:
        with pytest.raises(AssertionError, match="circles"):
            await ctx.ask(GetSum(0))


def test_a_question_has_exactly_one_module_that_answers() -> None:
    async def seven(_question: GetNumber, _ctx: Context) -> int:
        return 7

    both = [Module(name, answers=(Answers(GetNumber, seven),)) for name in ("one", "two")]
    with pytest.raises(SetupError, match="two and one both answer GetNumber"):
        AskRegistry(both)
    with pytest.raises(SetupError, match="asks GetNumber, which no module answers"):
        AskRegistry([Module("one", asks=(GetNumber,))])


@dataclass(frozen=True)
class WhatDoYouKeep(Request[str]):
    """Everybody answers."""

    of: str


async def keeps(request: WhatDoYouKeep, ctx: Context) -> str:
    return f"something of {request.of}"


async def test_a_question_to_all_is_answered_by_every_module_that_has_something_to_say(world: World) -> None:
    one = Module(name="one", contributes=(answer(WhatDoYouKeep, keeps),))
    two = Module(name="two", contributes=(answer(WhatDoYouKeep, keeps),))
    registry = AskRegistry([one, Module(name="silent"), two])
    async with world.units(SYSTEM) as ctx:
        assert await registry.gather(WhatDoYouKeep("Zoe"), ctx) == {"one": "something of Zoe", "two": "something of Zoe"}
        assert await AskRegistry([]).gather(WhatDoYouKeep("Zoe"), ctx) == {}


def test_a_question_is_for_one_module_or_for_all() -> None:
    both = Module(name="one", answers=(answer(WhatDoYouKeep, keeps),), contributes=(answer(WhatDoYouKeep, keeps),))
    with pytest.raises(SetupError, match="WhatDoYouKeep is answered by one module and by all"):
        AskRegistry([both])
