"""Facts of the module `questions`."""

from typing import ClassVar

from schemas.base import Event


class QuestionAsked(Event, frozen=True, tag="questions.question_asked.v1"):
    """A viewer asked the host."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    question_id: str
    asker_id: str
    text: str
    asked_at_ms: int


class QuestionAnswered(Event, frozen=True, tag="questions.question_answered.v1"):
    """The host answered on air, `answered_at_show_ms` after the start of the show (None when it had no start)."""

    SUBJECT: ClassVar[str] = "show_id"
    show_id: str
    question_id: str
    asker_id: str
    text: str
    answered_at_ms: int
    answered_at_show_ms: int | None
