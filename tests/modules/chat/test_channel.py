"""Talking on the channel, the record in SQL, and the host's export."""

import pytest

from schemas.errors import FORBIDDEN, INVALID_FIELD, MESSAGE_EMPTY, NOT_FOUND
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, ChatMessage, ChatPublication, ChatState, PostMessage
from server.kernel.module import SYSTEM, Actor
from server.modules.chat import routes
from server.modules.chat.channel import ChatChannel
from tests.modules.world import BUYER, HOST, OTHER_HOST, SHOW_ID, World, an_id, refused

PATH = f"/api/chat/{SHOW_ID}/messages"


async def say(world: World, actor: Actor, number: int, text: str = "hello") -> ChatMessage:
    """Post and record a message, as the channel's log and its consumer do."""
    kind = ChatChannel()
    async with world.units(SYSTEM) as ctx:
        facts = await kind.load(ctx, SHOW_ID)
    decision = kind.decide(
        actor, facts, ChatState(entries=[]), PostMessage(text=text), an_id("msg", number), world.clock.now_ms()
    )
    assert isinstance(decision.data, ChatMessage)
    assert isinstance(decision.event, MessagePosted)
    for _ in range(2):  # at least once is twice
        await world.handle("chat", decision.event)
    world.clock.advance(1)
    return decision.data


async def exported(world: World, after: str | None = None) -> list[ChatPublication]:
    view = (await world.call(HOST, "GET", PATH, query={"after": after} if after else None)).view
    assert isinstance(view, ChatState)
    return view.entries


async def test_messages_are_recorded_once_and_exported_in_order(world: World) -> None:
    await world.open_show()
    said = [await say(world, actor, number) for number, actor in enumerate((BUYER, HOST, BUYER), start=1)]
    assert [message.author_role for message in said] == ["viewer", "host", "viewer"]
    assert await exported(world) == said
    assert await exported(world, said[0].message_id) == said[1:]
    assert await exported(world, said[-1].message_id) == []


async def test_a_long_export_comes_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.open_show()
    said = [await say(world, BUYER, number) for number in range(1, 6)]
    monkeypatch.setattr(routes, "PAGE", 2)
    first = await exported(world)
    second = await exported(world, said[1].message_id)
    assert first + second == said[:4]


async def test_only_the_host_exports_the_chat(world: World) -> None:
    await world.open_show()
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", PATH)
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/chat/{an_id('shw', 9)}/messages")
    with refused(INVALID_FIELD):
        await world.call(HOST, "GET", PATH, query={"after": an_id("msg", 9)})


async def test_a_refused_text_publishes_nothing(world: World) -> None:
    await world.open_show()
    kind = ChatChannel()
    async with world.units(SYSTEM) as ctx:
        facts = await kind.load(ctx, SHOW_ID)
        assert await kind.load(ctx, an_id("shw", 9)) is None
    assert kind.authorise(BUYER, facts) is None
    decision = kind.decide(BUYER, facts, ChatState(entries=[]), PostMessage(text=" "), an_id("msg", 1), 1)
    assert (decision.error, decision.data, decision.event) == (MESSAGE_EMPTY, None, None)


async def test_a_snapshot_and_the_messages_after_it_are_the_later_snapshot(world: World) -> None:
    await world.open_show()
    kind = ChatChannel()
    said: list[ChatPublication] = [await say(world, BUYER, number) for number in range(1, 4)]
    state = await world.snapshot(kind, SHOW_ID)
    assert state == ChatState(entries=said)
    said += [await say(world, HOST, number) for number in range(4, HISTORY_MAX + 10)]
    for message in said:  # the log tells some of what the snapshot has already
        state = kind.apply(state, message)
    assert state == await world.snapshot(kind, SHOW_ID) == ChatState(entries=said[-HISTORY_MAX:])
