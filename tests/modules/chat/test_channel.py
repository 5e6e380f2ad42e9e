"""Talking on the channel: who is heard by whom, the record in SQL, older pages and the host's export."""

import csv
import io
from collections.abc import AsyncIterator

import msgspec
import pytest

from schemas.errors import (
    BLOCKED,
    FOLLOWERS_ONLY,
    FORBIDDEN,
    INVALID_FIELD,
    MESSAGE_EMPTY,
    MUTED,
    NOT_FOUND,
    REPEATED,
    SLOW_MODE,
)
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, ChatHistory, ChatMessage, ChatPublication, ChatRoomState, ChatState, MessageRemoval
from schemas.http.moderation import ModerationState
from server.kernel.module import SYSTEM, Actor
from server.modules.chat import routes
from server.modules.chat.channel import ChatChannel, ChatRoomChannel
from tests.channels.proof import assert_converges
from tests.modules.crowd import appoint, restrain
from tests.modules.talk import MO, ROOM, Talk, web_node
from tests.modules.world import BUYER, HOST, OTHER_BUYER, OTHER_HOST, SHOW_ID, World, an_id, refused

EXPORT = f"/api/chat/{SHOW_ID}/messages"
HISTORY = f"/api/chat/{SHOW_ID}/history"
MODERATION = f"/api/moderation/{SHOW_ID}"


@pytest.fixture
async def talk(world: World) -> AsyncIterator[Talk]:
    """The chat of a live show."""
    await world.open_show()
    async with web_node(world) as made:
        yield made


async def exported(world: World, after: str | None = None) -> list[ChatPublication]:
    view = (await world.call(HOST, "GET", EXPORT, query={"after": after} if after else None)).view
    assert isinstance(view, ChatState)
    return view.entries


async def history(world: World, actor: Actor = BUYER, before: str | None = None) -> ChatHistory:
    view = (await world.call(actor, "GET", HISTORY, query={"before": before} if before else None)).view
    assert isinstance(view, ChatHistory)
    return view


async def moderate(world: World, what: str, body: dict[str, object], actor: Actor = HOST) -> ModerationState:
    view = (await world.call(actor, "POST", f"{MODERATION}/{what}", body)).view
    assert isinstance(view, ModerationState)
    return view


async def room(world: World) -> ChatRoomState:
    """The room as the database has it, which is what the last push said."""
    state = await world.snapshot(ChatRoomChannel(), SHOW_ID)
    assert isinstance(state, ChatRoomState)
    pushes = [msgspec.convert(push, ChatRoomState) for push in world.screens.pushes.get(ROOM, [])]
    none_yet = ChatRoomState(version=0, pinned=None, slow_mode_s=0, followers_only=False, approve_first=False)
    assert_converges(ChatRoomChannel(), none_yet, pushes, state)
    return state


async def assert_database_shows_what_the_channel_shows(talk: Talk) -> None:
    await talk.settle()
    assert await talk.world.snapshot(ChatChannel(), SHOW_ID) == await talk.state()
    async with web_node(talk.world) as other:
        assert await other.state() == await talk.state()


async def test_messages_are_recorded_once_and_exported_in_order(talk: Talk) -> None:
    await talk.world.know(MO)
    await appoint(talk.world, MO)
    for number, actor in enumerate((BUYER, HOST, MO), start=1):
        await talk.say(actor, f"this is {actor.name}", number)
        await talk.say(actor, f"this is {actor.name}", number)  # a retry
    await assert_database_shows_what_the_channel_shows(talk)
    said = await exported(talk.world)
    roles = [(entry.author_role, entry.author_name) for entry in said if isinstance(entry, ChatMessage)]
    assert roles == [("viewer", "Bea"), ("host", "Hanna"), ("moderator", "Mo")]
    assert await exported(talk.world, an_id("msg", 1)) == said[1:]
    assert await exported(talk.world, an_id("msg", 3)) == []


async def test_the_chat_is_exported_as_files_without_what_was_removed_and_without_formulas(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PAGE", 2)
    texts = ["=SUM(A1:A9)", "Привет, мир", "to be removed", "last"]
    for number, text in enumerate(texts, start=1):
        await talk.say((BUYER, OTHER_BUYER)[number % 2], text, number)
    await moderate(talk.world, "remove", {"message_ids": [an_id("msg", 3)]})
    await talk.settle()
    file = (await talk.world.call(HOST, "GET", f"{EXPORT}.csv")).content
    assert file is not None
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))
    assert [row[4] for row in rows[1:]] == [f"'{texts[0]}", texts[1], texts[3]]
    found = (await talk.world.call(HOST, "GET", f"{EXPORT}.json")).content
    assert found is not None
    assert [each["text"] for each in msgspec.json.decode(found)] == [texts[0], texts[1], texts[3]]
    for name in ("csv", "json"):
        with refused(FORBIDDEN):
            await talk.world.call(OTHER_HOST, "GET", f"{EXPORT}.{name}")


async def test_a_long_export_comes_in_pages(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 6):
        await talk.say(BUYER, f"number {number}", number)
    await talk.settle()
    monkeypatch.setattr(routes, "PAGE", 2)
    first = await exported(talk.world)
    assert first + await exported(talk.world, an_id("msg", 2)) == (await talk.state()).entries[:4]


async def test_only_the_host_exports_the_chat(world: World) -> None:
    await world.open_show()
    with refused(FORBIDDEN):
        await world.call(OTHER_HOST, "GET", EXPORT)
    with refused(NOT_FOUND):
        await world.call(HOST, "GET", f"/api/chat/{an_id('shw', 9)}/messages")
    with refused(INVALID_FIELD):
        await world.call(HOST, "GET", EXPORT, query={"after": an_id("msg", 9)})


async def test_a_refused_text_publishes_nothing(talk: Talk) -> None:
    with refused(MESSAGE_EMPTY):
        await talk.say(BUYER, " \u202e ")
    assert (await talk.state()).entries == []
    async with talk.world.units(SYSTEM) as ctx:
        assert await ChatChannel().load(ctx, an_id("shw", 9)) is None


async def test_a_reply_quotes_what_the_server_knows_and_mentions_find_people(talk: Talk) -> None:
    await talk.say(BUYER, "is it warm? " + "x" * 200, 1)
    await talk.say(HOST, "@Bea very", 2, reply_to=an_id("msg", 1), mentions=[BUYER.id, OTHER_BUYER.id, BUYER.id])
    await assert_database_shows_what_the_channel_shows(talk)
    reply = (await talk.state()).entries[-1]
    assert isinstance(reply, ChatMessage)
    assert reply.reply is not None
    assert (reply.reply.author_name, reply.reply.text) == ("Bea", ("is it warm? " + "x" * 200)[:120])
    assert [(mention.actor_id, mention.name) for mention in reply.mentions] == [(BUYER.id, "Bea")]
    with refused(INVALID_FIELD):
        await talk.say(BUYER, "what?", reply_to=an_id("msg", 99))


async def test_a_removed_message_leaves_every_screen_and_every_later_answer(talk: Talk) -> None:
    await talk.say(BUYER, "you are all fools", 1)
    await talk.say(OTHER_BUYER, "stop it", 2, reply_to=an_id("msg", 1))
    await talk.settle()
    await moderate(talk.world, "pin", {"message_id": an_id("msg", 1)})
    await talk.settle()
    assert (await room(talk.world)).pinned == (await talk.state()).entries[0]
    await moderate(talk.world, "remove", {"message_ids": [an_id("msg", 1)]})
    await assert_database_shows_what_the_channel_shows(talk)
    entries = (await talk.state()).entries
    assert "fools" not in msgspec.json.encode(entries).decode()
    assert [type(entry) for entry in entries] == [ChatMessage, ChatMessage, MessageRemoval]
    assert (await room(talk.world)).pinned is None
    assert [message.message_id for message in (await history(talk.world)).messages] == [an_id("msg", 2)]
    assert "fools" not in msgspec.json.encode(await exported(talk.world)).decode()
    with refused(INVALID_FIELD):
        await talk.say(BUYER, "but", reply_to=an_id("msg", 1))
    with refused(NOT_FOUND):
        await moderate(talk.world, "pin", {"message_id": an_id("msg", 1)})
    await moderate(talk.world, "remove", {"message_ids": [an_id("msg", 1)]})
    await talk.settle()
    assert (await talk.state()).entries == entries, "removed once is removed"


async def test_a_removal_that_is_heard_of_before_the_message_holds(talk: Talk) -> None:
    await talk.say(BUYER, "you are all fools", 1)
    await talk.say(OTHER_BUYER, "stop it", 2, reply_to=an_id("msg", 1))
    # The moderator is quicker than the worker, which has recorded nothing yet.
    await moderate(talk.world, "remove", {"message_ids": [an_id("msg", 1)]})
    await talk.world.relay.relay_once()
    await assert_database_shows_what_the_channel_shows(talk)
    assert await talk.texts() == ["stop it"]
    assert "fools" not in msgspec.json.encode(await talk.state()).decode()


async def test_all_that_somebody_has_said_is_removed_recorded_or_not(talk: Talk) -> None:
    for number in range(1, 4):
        await talk.say(BUYER, f"buy at my place {number}", number)
    await talk.say(OTHER_BUYER, "no", 4)
    await talk.settle()
    late = await talk.say(BUYER, "buy at my place 5", 5)
    assert late.offset is not None
    await moderate(talk.world, "remove", {"author_id": BUYER.id})
    # The removal arrives while the last message is not recorded yet.
    await talk.world.relay.relay_once()
    await talk.world.consumers["chat"].step()
    await assert_database_shows_what_the_channel_shows(talk)
    assert await talk.texts() == ["no"]
    await talk.say(BUYER, "sorry", 6)
    await assert_database_shows_what_the_channel_shows(talk)
    assert await talk.texts() == ["no", "sorry"], "what is said later is said"


async def test_a_message_dated_after_its_removal_by_a_clock_that_is_ahead_is_removed_all_the_same(talk: Talk) -> None:
    world = talk.world
    await moderate(world, "remove", {"message_ids": [an_id("msg", 1)]})
    await world.settle()
    await talk.say(BUYER, "fools", 1)
    assert await talk.texts() == ["fools"]
    await assert_database_shows_what_the_channel_shows(talk)
    assert await talk.texts() == []


async def test_a_message_of_another_show_is_not_this_moderators_to_remove(talk: Talk) -> None:
    await talk.say(BUYER, "hello", 1)
    other = an_id("shw", 2)
    await talk.world.call(OTHER_HOST, "POST", "/api/shows", {"show_id": other, "title": "Shoes"})
    await talk.settle()
    body = {"message_ids": [an_id("msg", 1)]}
    await talk.world.call(OTHER_HOST, "POST", f"/api/moderation/{other}/remove", body)
    await assert_database_shows_what_the_channel_shows(talk)
    assert await talk.texts() == ["hello"]


async def test_older_messages_come_in_pages_to_everybody_who_may_read(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HISTORY_PAGE", 2)
    for number in range(1, 6):
        await talk.say(BUYER, f"number {number}", number)
    await talk.settle()
    newest = await history(talk.world)
    assert [message.text for message in newest.messages] == ["number 4", "number 5"]
    assert newest.before == an_id("msg", 4)
    middle = await history(talk.world, before=newest.before)
    oldest = await history(talk.world, before=middle.before)
    assert [message.text for message in oldest.messages] == ["number 1"]
    assert oldest.before is None
    with refused(INVALID_FIELD):
        await history(talk.world, before=an_id("msg", 9))
    await restrain(talk.world, OTHER_BUYER, "block")
    with refused(BLOCKED):
        await history(talk.world, OTHER_BUYER)


async def test_a_blocked_person_is_shown_out_and_a_muted_one_is_silent_until_the_clock_says(talk: Talk) -> None:
    await restrain(talk.world, BUYER, "mute", 60_000)
    with refused(MUTED) as refusal:
        await talk.say(BUYER, "hello")
    assert refusal.extra["retry_after_ms"] == 55_000
    talk.world.clock.advance(55_000)
    await talk.say(BUYER, "hello")
    await restrain(talk.world, BUYER, "block")
    kind = ChatChannel()
    async with talk.world.units(BUYER) as ctx:
        assert kind.authorise(BUYER, await kind.load(ctx, SHOW_ID)) == BLOCKED  # type: ignore[arg-type]
    with refused(BLOCKED):
        await talk.say(BUYER, "let me in")
    await moderate(talk.world, "lift", {"actor_id": BUYER.id})
    await talk.say(BUYER, "thank you")


async def test_only_the_shadowed_person_sees_what_they_say(talk: Talk) -> None:
    await restrain(talk.world, BUYER, "shadow")
    accepted = await talk.say(BUYER, "you are all fools")
    echo = msgspec.json.decode(accepted.echo, type=ChatMessage)
    assert (echo.text, echo.waiting, accepted.offset) == ("you are all fools", False, None)
    await talk.settle()
    assert (await talk.state()).entries == []
    assert (await history(talk.world)).messages == []


async def test_followers_only_and_slow_mode_hold_for_viewers_and_not_for_moderators(talk: Talk) -> None:
    world = talk.world
    await appoint(world, MO)
    await moderate(world, "settings", {"followers_only": True, "slow_mode_s": 30})
    await talk.settle()
    state = await room(world)
    assert (state.followers_only, state.slow_mode_s, state.approve_first) == (True, 30, False)
    with refused(FOLLOWERS_ONLY):
        await talk.say(BUYER, "hello")
    await world.call(BUYER, "POST", "/api/notifications/follow", {"host_id": HOST.id, "following": True})
    await talk.say(BUYER, "hello")
    with refused(SLOW_MODE) as refusal:
        await talk.say(BUYER, "hello again")
    assert 0 < refusal.extra["retry_after_ms"] <= 30_000
    for actor in (HOST, MO):
        await talk.say(actor, "one")
        await talk.say(actor, "one")


async def test_nobody_says_the_same_twice_in_a_row_and_others_may(talk: Talk) -> None:
    await talk.say(BUYER, "Hello!", 1)
    with refused(REPEATED):
        await talk.say(BUYER, "h e l l o o o")
    await talk.say(BUYER, "Hello!", 1)  # the same intent again is no repetition
    await talk.say(OTHER_BUYER, "hello")
    await talk.say(BUYER, "hello you")
    assert await talk.texts() == ["Hello!", "hello", "hello you"]


@pytest.mark.parametrize(
    ("text", "settings", "reason"),
    [
        ("пи3дец", {}, "banned_word"),
        ("это подделкааа", {}, "banned_word"),
        ("look at my-shop.ru", {}, "link"),
        ("hello", {"approve_first": True}, "approve_first"),
        ("my-shop.ru", {"approve_first": True}, "link"),
    ],
)
async def test_a_held_message_is_seen_by_its_author_alone_until_it_is_approved(
    talk: Talk, text: str, settings: dict[str, object], reason: str
) -> None:
    await talk.say(OTHER_BUYER, "welcome", 1)
    await moderate(talk.world, "words", {"words": ["подделк*"]})
    await moderate(talk.world, "settings", {**settings, "slow_mode_s": 1})
    for _ in range(2):  # a retry
        accepted = await talk.say(BUYER, text, 2, reply_to=an_id("msg", 1), mentions=[OTHER_BUYER.id])
        assert accepted.offset is None
        echo = msgspec.json.decode(accepted.echo, type=ChatMessage)
        assert (echo.text, echo.waiting) == (text, True)
    await talk.settle()
    state = (await talk.world.call(HOST, "GET", MODERATION)).view
    assert isinstance(state, ModerationState)
    assert [(held.text, held.reason) for held in state.held] == [(text, reason)]
    assert await talk.texts() == ["welcome"]
    for _ in range(2):  # said once
        await moderate(talk.world, "held/review", {"message_id": an_id("msg", 2), "approve": True})
        await assert_database_shows_what_the_channel_shows(talk)
    first, said = (await talk.state()).entries
    assert isinstance(said, ChatMessage)
    assert isinstance(first, ChatMessage)
    assert (said.message_id, said.text, said.author_name) == (an_id("msg", 2), text, "Bea")
    assert said.posted_at_ms > first.posted_at_ms
    assert said.reply is not None
    assert (said.reply.text, said.mentions[0].name) == ("welcome", "Ben")


async def test_what_is_not_filtered_is_said_and_moderators_say_what_they_want(talk: Talk) -> None:
    await talk.say(HOST, "buy at my-shop.ru")
    await moderate(talk.world, "settings", {"filter_links": False, "filter_words": False})
    await talk.say(BUYER, "or at other-shop.ru, сука")
    assert await talk.texts() == ["buy at my-shop.ru", "or at other-shop.ru, сука"]


async def test_a_long_chat_is_the_same_in_the_database_and_on_the_channel(talk: Talk) -> None:
    for number in range(1, HISTORY_MAX + 10):
        await talk.say(HOST, f"number {number}", number)
        if number % 20 == 0:
            await talk.world.settle()
            await moderate(talk.world, "remove", {"message_ids": [an_id("msg", number), an_id("msg", number - 5)]})
    await assert_database_shows_what_the_channel_shows(talk)
    entries = (await talk.state()).entries
    assert len(entries) == HISTORY_MAX
    assert sum(isinstance(entry, MessageRemoval) for entry in entries) == 5
    assert len([entry for entry in entries if isinstance(entry, ChatMessage) and entry.removed]) == 10


async def test_a_message_that_the_inbox_has_forgotten_is_recorded_once(talk: Talk) -> None:
    event = MessagePosted(
        show_id=SHOW_ID,
        message_id=an_id("msg", 7),
        author_id=BUYER.id,
        author_name="Bea",
        author_role="viewer",
        text="hello",
        posted_at_ms=1,
        reply_to=an_id("msg", 6),
    )
    for _ in range(2):
        await talk.world.handle("chat", event)
    (recorded,) = await exported(talk.world)
    assert isinstance(recorded, ChatMessage)
    assert recorded.reply is None, "what it quotes is not recorded"
