"""The channel `chat:<show_id>`: everybody in the show talks and listens. Each message is recorded on the bus as well."""

from typing import Any

from schemas.errors import WireError
from schemas.events.chat import MessagePosted
from schemas.http.chat import HISTORY_MAX, ChatPublication, ChatState, PostMessage
from schemas.requests.shows import GetShow
from server.kernel.module import Actor, ChannelKind, Context, Decision
from server.modules.chat import rules, store


class ChatChannel(ChannelKind):
    """Whoever has the link may read and, with a nickname, talk: one message a second, five at once."""

    name = "chat"
    command = PostMessage
    publication = ChatPublication
    snapshot = ChatState
    history_length = HISTORY_MAX
    emits = (MessagePosted,)
    commands_per_s = 1.0
    commands_burst = 5

    async def load(self, ctx: Context, subject: str) -> Any | None:
        return await ctx.ask(GetShow(show_id=subject))

    def authorise(self, actor: Actor, facts: Any) -> WireError | None:
        return None

    def decide(self, actor: Actor, facts: Any, state: Any, command: Any, command_id: str, now_ms: int) -> Decision:
        outcome = rules.post(facts, actor.id, actor.name, command, command_id, now_ms)
        if isinstance(outcome, rules.Refusal):
            return Decision(error=outcome.error, detail=outcome.detail)
        return Decision(data=outcome, event=rules.posted(facts.show_id, outcome))

    async def initial(self, ctx: Context, subject: str) -> ChatState:
        async with ctx.reading() as connection:
            return ChatState(entries=[*await store.last_messages(connection, subject, HISTORY_MAX)])

    def apply(self, state: ChatState, publication: ChatPublication) -> ChatState:
        return ChatState(entries=rules.with_publication(state.entries, publication))
