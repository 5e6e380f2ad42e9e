"""What `questions:<show_id>` and `question_votes:<show_id>` carry, and bodies of `/api/questions/…`."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.base import Body, View
from schemas.ids import QuestionId

QUESTION_LENGTH_MAX = 300
QUESTIONS_MAX = 100
"""Questions on the screen: the ones that changed last."""

QuestionStatus = Literal["waiting", "live", "answered", "hidden"]


class AskQuestion(Body, frozen=True, tag_field="type", tag="ask"):
    """Ask the host. The frame's `command_id` (`qst_…`) becomes the question's id."""

    text: Annotated[str, Meta(max_length=4 * QUESTION_LENGTH_MAX)]


class VoteForQuestion(Body, frozen=True, tag_field="type", tag="vote"):
    """One vote per person and question; `up: false` takes it back."""

    question_id: QuestionId
    up: bool


QuestionCommand = AskQuestion | VoteForQuestion


class SetQuestionStatus(Body, frozen=True):
    """Host or moderator: `live` puts the question on every screen (one at a time), `answered` stores when it was answered."""

    status: QuestionStatus


class QuestionView(View, frozen=True):
    """A question. `answered_at_show_ms` counts from the start of the show, and links to the replay; `version` only grows."""

    question_id: str
    asker_id: str
    asker_name: str
    text: str
    status: QuestionStatus
    asked_at_ms: int
    changed_at_ms: int
    answered_at_ms: int | None
    answered_at_show_ms: int | None
    version: int


class QuestionsState(View, frozen=True):
    """Snapshot of `questions:<show_id>`: the `QUESTIONS_MAX` that changed last, by `changed_at_ms`, oldest first.

    Its publications are `QuestionView`: one that was added or changed.
    """

    questions: list[QuestionView]


class QuestionVotes(View, frozen=True):
    """Votes of one question."""

    question_id: str
    votes: int


class QuestionVotesState(View, frozen=True):
    """What `question_votes:<show_id>` carries, whole: open questions that have a vote, most votes first."""

    version: int
    votes: list[QuestionVotes]


class MyQuestionVotes(View, frozen=True):
    """Questions of a show that the caller has voted for; and their own ones, oldest first, to show beside the channel's."""

    question_ids: list[str]
    own: list[QuestionView]
