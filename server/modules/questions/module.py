"""Questions: what viewers want to hear, and which of it the host has answered.

Owns      questions_desks, questions_questions, questions_votes
Decides   waiting → live → answered | hidden | waiting, by the host and moderators; one is live at a time, and putting the next
          one on the screen answers the one before. Everybody asks until the show ends, three waiting questions each; one with
          a banned word or a link is held for a moderator.
Promises  one vote per person and question, never for one's own; the count is the number of votes, always; an answer is recorded
          with the moment of the show when it began; what is hidden is on nobody's wire.
"""

from schemas.events.accounts import ActorErased
from schemas.events.questions import QuestionAnswered, QuestionAsked
from schemas.events.shows import ShowEnded
from schemas.requests.accounts import CollectPersonalData
from schemas.requests.moderation import GetDoor, GetStanding
from schemas.requests.shows import GetShow
from server.kernel.module import Module, answer, on
from server.modules.questions import handlers, routes
from server.modules.questions.channel import QuestionChannel, QuestionVotesChannel

MODULE = Module(
    name="questions",
    consumes=(on(ShowEnded, handlers.show_ended), on(ActorErased, handlers.erase)),
    emits=(QuestionAsked, QuestionAnswered),
    asks=(GetShow, GetDoor, GetStanding),
    channels=(QuestionChannel(), QuestionVotesChannel()),
    contributes=(answer(CollectPersonalData, handlers.collect),),
    routes=routes.ROUTES,
)
