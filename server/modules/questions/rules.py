"""Decisions of the questions: who may ask and vote, and how a question moves. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from schemas.errors import (
    FORBIDDEN,
    IDEMPOTENCY_CONFLICT,
    INVALID_FIELD,
    MESSAGE_EMPTY,
    MESSAGE_TOO_LONG,
    MUTED,
    NOT_FOUND,
    QUESTION_CLOSED,
    SHOW_ENDED,
    TOO_MANY_QUESTIONS,
    WireError,
)
from schemas.events.accounts import ERASED_NAME
from schemas.http.questions import (
    QUESTION_LENGTH_MAX,
    QUESTIONS_MAX,
    AskQuestion,
    QuestionStatus,
    QuestionView,
    SetQuestionStatus,
    VoteForQuestion,
)
from schemas.http.shows import ShowView
from schemas.requests.moderation import Standing
from server.channels.screening import screen_of
from server.channels.text import KEPT_FORMAT, clean_text

QUESTION_ID_PREFIX = "qst_"
WAITING_MAX = 3
"""Questions of one person that wait at the same time: more would crowd out the others'."""
COMMANDS_KEPT = 8
"""Ids of one person's last votes for a question: a page sends a command again within seconds, not after eight changes of mind."""
OPEN: tuple[QuestionStatus, ...] = ("waiting", "live")
"""These take votes."""

MOVES: Mapping[QuestionStatus, tuple[QuestionStatus, ...]] = {
    "waiting": ("live", "answered", "hidden"),
    "live": ("answered", "hidden", "waiting"),
    "answered": ("waiting", "hidden"),
    "hidden": ("waiting",),
}
"""What the host and moderators may do; asking makes `waiting`. Nothing goes from out of sight straight onto every screen."""


class Facts(NamedTuple):
    """The show, and how somebody stands in it."""

    show: ShowView
    standing: Standing


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A question with what only the server needs. `live_at_ms`: when it was put on every screen, unless it waits again."""

    question_id: str
    show_id: str
    asker_id: str
    asker_name: str
    text: str
    status: QuestionStatus
    held: bool
    asked_at_ms: int
    changed_at_ms: int
    live_at_ms: int | None = None
    answered_at_ms: int | None = None
    answered_at_show_ms: int | None = None
    votes: int = 0
    version: int = 1


class Ballot(msgspec.Struct, frozen=True):
    """One person's vote for one question, and the commands that made it so, newest last."""

    up: bool = False
    commands: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """Why not, and what to do instead."""

    error: WireError
    detail: str = ""
    retry_after_ms: int | None = None


NO_SUCH_QUESTION = Refusal(NOT_FOUND, "There is no such question in this show.")


def new_question(
    facts: Facts,
    asker: tuple[str, str],
    command: AskQuestion,
    question_id: str,
    known: Question | None,
    waiting: int,
    now_ms: int,
) -> Question | Refusal:
    """Whether a text becomes a question of `asker` (id, name), who has `waiting` others. `known` is the one with this id.

    A shadow-banned person's question, and one with a banned word or a link, is hidden from the start until a moderator lets it
    wait; only its asker is shown that it waits already.
    """
    if not question_id.startswith(QUESTION_ID_PREFIX):
        return Refusal(INVALID_FIELD, f"The command_id of a question begins with {QUESTION_ID_PREFIX!r}.")
    text = clean_text(command.text)
    if known is not None:
        same = (known.show_id, known.asker_id, known.text) == (facts.show.show_id, asker[0], text)
        return (
            known if same else Refusal(IDEMPOTENCY_CONFLICT, "A question with this id exists; make a new id for a new question.")
        )
    refusal = _may_ask(facts, waiting, now_ms) or _is_question(text)
    if refusal is not None:
        return refusal
    held = _is_held(facts.standing, text)
    return Question(
        question_id=question_id,
        show_id=facts.show.show_id,
        asker_id=asker[0],
        asker_name=asker[1],
        text=text,
        status="hidden" if held else "waiting",
        held=held,
        asked_at_ms=now_ms,
        changed_at_ms=now_ms,
    )


def vote(
    show: ShowView, question: Question | None, ballot: Ballot, voter_id: str, command: VoteForQuestion, command_id: str
) -> Ballot | Refusal:
    """The voter's ballot after a command. A command that it knows changes nothing, whatever came after it."""
    if question is None or question.show_id != show.show_id:
        return NO_SUCH_QUESTION
    if command_id in ballot.commands:
        return ballot
    if show.state == "ended":
        return Refusal(SHOW_ENDED)
    if question.asker_id == voter_id:
        return Refusal(FORBIDDEN, "This is your own question; others vote for it.")
    if question.status == "hidden":
        return NO_SUCH_QUESTION
    if question.status not in OPEN:
        return Refusal(QUESTION_CLOSED, "The question is answered already.")
    return Ballot(command.up, (*ballot.commands, command_id)[-COMMANDS_KEPT:])


def move(
    question: Question | None, on_screen: Question | None, body: SetQuestionStatus, show: ShowView, now_ms: int
) -> list[Question] | Refusal:
    """What changes, in the order of writing, when the host moves a question; `on_screen` is the show's live one.

    One question is live at a time. The host who puts the next one on the screen has answered the one before.
    """
    if question is None or question.show_id != show.show_id:
        return NO_SUCH_QUESTION
    if body.status == question.status:
        return []
    if body.status not in MOVES[question.status]:
        steps = " or ".join(MOVES[question.status])
        return Refusal(INVALID_FIELD, f"This question is {question.status}; it can become {steps}.")
    if body.status == "live" and show.state == "ended":
        return Refusal(SHOW_ENDED)
    moved = _moved(question, body.status, show, now_ms)
    if body.status == "live" and on_screen is not None:
        return [_moved(on_screen, "answered", show, now_ms), moved]
    return [moved]


def end(on_screen: Question | None, show: ShowView, ended_at_ms: int) -> list[Question]:
    """The show is over: what is on the screen has been answered."""
    return [] if on_screen is None else [_moved(on_screen, "answered", show, ended_at_ms)]


def public_view(question: Question) -> QuestionView:
    """What everybody sees. A hidden question keeps its place in the list, or lists of different age would end differently, but
    nothing of what was written."""
    if question.status != "hidden":
        return desk_view(question)
    return msgspec.structs.replace(desk_view(question), asker_name="", text="")


def own_view(question: Question) -> QuestionView:
    """What its asker sees: no sign of a shadow ban."""
    return msgspec.structs.replace(desk_view(question), status="waiting" if question.held else question.status)


def desk_view(question: Question) -> QuestionView:
    """What the host and moderators see."""
    return QuestionView(**{name: getattr(question, name) for name in QuestionView.__struct_fields__})


def with_question(questions: Sequence[QuestionView], new: QuestionView) -> list[QuestionView]:
    """The questions that changed last, oldest change first. News older than what is known of a question changes nothing: the
    database and the channel's log overlap."""
    known = next((each for each in questions if each.question_id == new.question_id), None)
    if known is not None and known.version >= new.version:
        return list(questions)
    rest = [each for each in questions if each is not known]
    return sorted([*rest, new], key=_place)[-QUESTIONS_MAX:]


def _may_ask(facts: Facts, waiting: int, now_ms: int) -> Refusal | None:
    if facts.show.state == "ended":
        return Refusal(SHOW_ENDED)
    if facts.standing.sanction == "mute":
        until_ms = facts.standing.until_ms
        return Refusal(MUTED, retry_after_ms=None if until_ms is None else max(0, until_ms - now_ms))
    if waiting >= WAITING_MAX:
        return Refusal(TOO_MANY_QUESTIONS, f"{WAITING_MAX} of your questions wait; ask again when one of them is answered.")
    return None


def _is_question(text: str) -> Refusal | None:
    if not set(text) - KEPT_FORMAT - {" "}:  # joiners alone show nothing
        return Refusal(MESSAGE_EMPTY)
    if len(text) > QUESTION_LENGTH_MAX:
        return Refusal(MESSAGE_TOO_LONG, f"Ask in {QUESTION_LENGTH_MAX} characters; these are {len(text)}.")
    return None


def _is_held(standing: Standing, text: str) -> bool:
    if standing.may_moderate:
        return False
    settings = standing.settings
    found = screen_of(standing.words).verdict(text, filter_words=settings.filter_words, filter_links=settings.filter_links)
    return standing.sanction == "shadow" or found is not None


def _moved(question: Question, status: QuestionStatus, show: ShowView, now_ms: int) -> Question:
    """`answered_at_ms` is when the answer began, where a replay should start: when the question went live, if it did."""
    live_at_ms = answered_at_ms = None
    if status == "live":
        live_at_ms = now_ms
    if status == "answered":
        live_at_ms = question.live_at_ms
        answered_at_ms = now_ms if live_at_ms is None else live_at_ms
    return msgspec.structs.replace(
        question,
        status=status,
        held=False,
        # Clocks of two processes differ; without this a question could fall behind others that it has overtaken.
        changed_at_ms=max(now_ms, question.changed_at_ms),
        live_at_ms=live_at_ms,
        answered_at_ms=answered_at_ms,
        answered_at_show_ms=_since_start(show, answered_at_ms),
        version=question.version + 1,
    )


def _since_start(show: ShowView, at_ms: int | None) -> int | None:
    """Milliseconds from the start of the show; None before it has one."""
    return None if at_ms is None or show.started_at_ms is None else max(0, at_ms - show.started_at_ms)


def _place(question: QuestionView) -> tuple[int, str]:
    return question.changed_at_ms, question.question_id


def erased(question: Question, now_ms: int) -> Question:
    """A question whose asker is forgotten: on nobody's screen, without words and name."""
    return msgspec.structs.replace(
        question,
        asker_name=ERASED_NAME,
        text="",
        status="hidden",
        changed_at_ms=max(now_ms, question.changed_at_ms),
        version=question.version + 1,
    )
