"""Polls: the host asks everybody, and everybody sees what the others think.

Owns      polls_desks, polls_polls, polls_votes
Decides   open → closed, by the host or a moderator, by the server's clock, or with the show; as many are open as a player shows.
          One vote per person and poll, and it stays.
Promises  the counts are the votes, always; a vote that was accepted is counted before the result is told; hidden results are on
          no viewer's wire before the end.
"""

from schemas.events.polls import PollClosed, PollOpened
from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.moderation import GetDoor
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, every_ms, on
from server.modules.polls import handlers, jobs, routes
from server.modules.polls.channel import PollChannel, PollDeskChannel

MODULE = Module(
    name="polls",
    consumes=(on(ShowEnded, handlers.show_ended),),
    emits=(PollOpened, PollClosed),
    asks=(GetShow, GetDoor),
    channels=(PollChannel(), PollDeskChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
    jobs=(every_ms(jobs.CLOSE_EVERY_MS, jobs.close_due),),
)
