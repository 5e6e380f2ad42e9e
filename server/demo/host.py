"""The robot host: shows one product after another, refills the show, replies in the chat, answers questions, and opens polls."""

import asyncio
from collections.abc import Sequence

import msgspec

from schemas.errors import NOT_ENOUGH_STOCK, TOO_MANY_POLLS
from schemas.frames import Failed, Gap, Push
from schemas.http.catalog import PoolView, StockChanged, StockState
from schemas.http.chat import ChatMessage, ChatPublication, PostMessage
from schemas.http.polls import OpenPoll
from schemas.http.questions import QuestionsState, QuestionStatus, QuestionView, QuestionVotesState, SetQuestionStatus
from server.demo import shop
from server.demo.client import ApiRefused, LiveConnection, ShopClient, first_failure
from server.demo.lines import ANSWERS, NO_ANSWER, POLLS, REPLIES
from server.demo.memory import Memory
from server.kernel.clock import Clock
from server.kernel.ids import new_id
from server.kernel.log import get_logger
from server.kernel.tasks import supervised

log = get_logger(__name__)

PIN_PERIOD_S = 40.0
REPLY_PAUSE_S = 4.0
REPLIES_WAITING_MAX = 8
"""Lines of the chat that the host has yet to reply to; what comes then stays without a reply, as with any host."""
QUESTION_FIRST_S, QUESTION_PERIOD_S = 25.0, 50.0
"""The host answers faster than the robots ask, so that nobody's three questions wait for ever."""
ANSWER_S = 15.0
"""How long a question is on the screen."""
POLL_FIRST_S, POLL_PERIOD_S, POLL_MS = 10.0, 240.0, 60_000


async def host_show(client: ShopClient, memory: Memory, clock: Clock) -> None:
    """Host until the connection or the server is lost; the caller tries again."""
    async with client.live() as connection, supervised("host") as tasks:
        host = Host(client, connection, memory, clock)
        await host.subscribe()
        await first_failure(
            tasks.start(host.listen(), "listen"),
            tasks.start(host.show_products(), "show"),
            tasks.start(host.reply(), "reply"),
            tasks.start(host.answer_questions(), "answer"),
            tasks.start(host.ask_everybody(), "polls"),
        )


class Host:
    """Somebody with a studio."""

    def __init__(self, client: ShopClient, connection: LiveConnection, memory: Memory, clock: Clock) -> None:
        self._client, self._connection, self._memory, self._clock = client, connection, memory, clock
        self._pools: dict[str, PoolView] = {}
        self._questions: dict[str, QuestionView] = {}
        self._votes: dict[str, int] = {}
        self._lines: asyncio.Queue[ChatMessage] = asyncio.Queue(REPLIES_WAITING_MAX)

    async def subscribe(self) -> None:
        """Join the channels; their snapshots are where the host begins."""
        for kind in ("chat", "stock", "questions", "question_votes", "presence"):
            channel = f"{kind}:{self._memory.show_id}"
            self._restart(channel, (await self._connection.subscribe(channel)).snapshot)

    async def listen(self) -> None:
        """Keep what the channels say."""
        async for frame in self._connection.frames():
            match frame:
                case Push(channel=channel, data=data):
                    self._note(channel, data)
                case Gap(channel=channel, snapshot=snapshot):
                    self._restart(channel, snapshot)
                case Failed(name=name, detail=detail):
                    log.info("a line of the robot host was refused", error=name, detail=detail)
                case _:
                    pass

    async def show_products(self) -> None:
        """Pin the next product, say a word about it, refill what is nearly sold out."""
        turn = 0
        while True:
            product = shop.PRODUCTS[turn % len(shop.PRODUCTS)]
            await self._refill()
            await shop.pin(self._client, self._memory, product)
            # One language a round, the other in the next: both kinds of viewers understand at least every other sentence.
            await self._say(product.pitch[turn // len(shop.PRODUCTS) % 2])
            turn += 1
            await asyncio.sleep(PIN_PERIOD_S)

    async def reply(self) -> None:
        """Reply to lines of the chat that the host has something to say to, one after another."""
        while True:
            message = await self._lines.get()
            await asyncio.sleep(REPLY_PAUSE_S)
            await self._say(REPLIES[message.text], reply_to=message.message_id)

    async def answer_questions(self) -> None:
        """Put the question with the most votes on the screen, answer it in the chat, and take the next one."""
        await asyncio.sleep(QUESTION_FIRST_S)
        while True:
            question = next_question(list(self._questions.values()), self._votes)
            if question is not None:
                await self._move(question, "live")
                await self._say(ANSWERS.get(question.text, NO_ANSWER))
                await asyncio.sleep(ANSWER_S)
                await self._move(question, "answered")
            await asyncio.sleep(QUESTION_PERIOD_S - ANSWER_S)

    async def ask_everybody(self) -> None:
        """Open a poll now and then; it closes by itself."""
        await asyncio.sleep(POLL_FIRST_S)
        turn = 0
        while True:
            choice = POLLS[turn % len(POLLS)]
            body = OpenPoll(
                poll_id=new_id("pol", self._clock),
                show_id=self._memory.show_id,
                question=choice.question,
                options=list(choice.options),
                duration_ms=POLL_MS,
                hide_results=choice.hide_results,
            )
            try:
                await self._client.post("/api/polls", body)
            except ApiRefused as refusal:
                if refusal.name != TOO_MANY_POLLS.name:
                    raise
                log.info("other polls are open", question=choice.question)
            turn += 1
            await asyncio.sleep(POLL_PERIOD_S)

    def _note(self, channel: str, data: bytes) -> None:
        match channel.partition(":")[0]:
            case "stock":
                self._take_pools(msgspec.json.decode(data, type=StockChanged).pools)
            case "questions":
                question = msgspec.json.decode(data, type=QuestionView)
                self._questions[question.question_id] = question
            case "question_votes":
                self._take_votes(msgspec.json.decode(data, type=QuestionVotesState))
            case "chat":
                message = msgspec.json.decode(data, type=ChatPublication)
                if isinstance(message, ChatMessage) and message.text in REPLIES and not self._lines.full():
                    self._lines.put_nowait(message)
            case _:
                pass

    def _restart(self, channel: str, snapshot: bytes) -> None:
        match channel.partition(":")[0]:
            case "stock":
                self._pools.clear()
                self._take_pools(msgspec.json.decode(snapshot, type=StockState).pools)
            case "questions":
                questions = msgspec.json.decode(snapshot, type=QuestionsState).questions
                self._questions = {question.question_id: question for question in questions}
            case "question_votes":
                self._take_votes(msgspec.json.decode(snapshot, type=QuestionVotesState))
            case _:
                pass

    def _take_pools(self, pools: Sequence[PoolView]) -> None:
        self._pools.update({pool.sku: pool for pool in pools})

    def _take_votes(self, state: QuestionVotesState) -> None:
        self._votes = {each.question_id: each.votes for each in state.votes}

    async def _refill(self) -> None:
        for pool in list(self._pools.values()):
            if pool.available + pool.held < shop.LOW_UNITS and pool.sku in self._memory.products:
                try:
                    await shop.fund(self._client, self._memory, pool.sku, new_id("mov", self._clock))
                except ApiRefused as refusal:
                    if refusal.name != NOT_ENOUGH_STOCK.name:
                        raise
                    log.info("the demo's warehouse is empty", sku=pool.sku)

    async def _move(self, question: QuestionView, status: QuestionStatus) -> None:
        path = f"/api/questions/{self._memory.show_id}/{question.question_id}/status"
        try:
            await self._client.post(path, SetQuestionStatus(status=status))
        except ApiRefused as refusal:
            # Somebody else moderates the house channel too, and was faster.
            log.info("a question could not be moved", question=question.question_id, status=status, error=refusal.name)

    async def _say(self, text: str, reply_to: str | None = None) -> None:
        message = PostMessage(text=text, reply_to=reply_to)
        await self._connection.publish(f"chat:{self._memory.show_id}", new_id("msg", self._clock), message)


def next_question(questions: Sequence[QuestionView], votes: dict[str, int]) -> QuestionView | None:
    """The waiting question with the most votes, the oldest of them; one that is on the screen already is finished first."""
    open_ones = [question for question in questions if question.status in ("waiting", "live")]
    return min(
        open_ones,
        key=lambda each: (each.status != "live", -votes.get(each.question_id, 0), each.asked_at_ms, each.question_id),
        default=None,
    )
