"""Who may ask and vote, and how a question moves: by hand, and as a machine that hypothesis drives."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

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
from schemas.http.moderation import ModerationSettings, SanctionKind
from schemas.http.questions import (
    QUESTION_LENGTH_MAX,
    QUESTIONS_MAX,
    AskQuestion,
    QuestionsState,
    QuestionStatus,
    QuestionVotes,
    QuestionVotesState,
    SetQuestionStatus,
    VoteForQuestion,
)
from schemas.http.shows import ShowView
from schemas.requests.moderation import Standing
from server.modules.questions import rules
from server.modules.questions.channel import QuestionChannel, QuestionVotesChannel
from server.modules.questions.rules import MOVES, WAITING_MAX, Ballot, Facts, Question, Refusal
from tests.channels.proof import assert_converges, assert_law, assert_overlap_is_harmless
from tests.modules.world import SHOW_ID, an_id

START_MS = 1_000_000
STATUSES: tuple[QuestionStatus, ...] = ("waiting", "live", "answered", "hidden")
SHOW = ShowView(
    show_id=SHOW_ID,
    host_id="acc_1",
    host_name="Hanna",
    title="Dresses",
    description="",
    state="live",
    unlisted=False,
    on_air=True,
    scheduled_at_ms=START_MS,
    started_at_ms=START_MS,
    ended_at_ms=None,
    cover_url=None,
)
ENDED = msgspec.structs.replace(SHOW, state="ended", ended_at_ms=START_MS + 9)


def facts(
    sanction: SanctionKind | None = None,
    until_ms: int | None = None,
    show: ShowView = SHOW,
    *,
    moderator: bool = False,
    filters: bool = True,
) -> Facts:
    settings = ModerationSettings(filter_words=filters, filter_links=filters)
    return Facts(show, Standing(moderator, sanction, until_ms, settings, ("shampoo",)))


def ask(
    text: str = "Is it warm?", number: int = 1, known: Question | None = None, waiting: int = 0, given: Facts | None = None
) -> Question | Refusal:
    command = AskQuestion(text=text)
    return rules.new_question(given or facts(), ("gst_1", "Anna"), command, an_id("qst", number), known, waiting, START_MS + 5)


def asked(number: int = 1, status: QuestionStatus = "waiting") -> Question:
    question = ask(number=number)
    assert isinstance(question, Question)
    return msgspec.structs.replace(question, status=status)


def move(question: Question, status: QuestionStatus, now_ms: int, on_screen: Question | None = None) -> list[Question]:
    moved = rules.move(question, on_screen, SetQuestionStatus(status=status), SHOW, now_ms)
    assert isinstance(moved, list), moved
    return moved


def vote(question: Question | None, ballot: Ballot, up: bool, number: int, voter_id: str = "gst_2") -> Ballot | Refusal:
    command = VoteForQuestion(question_id=an_id("qst", 1), up=up)
    return rules.vote(SHOW, question, ballot, voter_id, command, an_id("cmd", number))


def error_of(outcome: object) -> WireError:
    assert isinstance(outcome, Refusal), outcome
    return outcome.error


def test_a_question_is_clean_text_of_1_to_300_visible_characters() -> None:
    question = ask("  Is it\u202e <b>warm</b>?\n")
    assert isinstance(question, Question)
    assert (question.text, question.status, question.asked_at_ms) == ("Is it <b>warm</b>?", "waiting", START_MS + 5)
    assert isinstance(ask("x" * QUESTION_LENGTH_MAX), Question)
    assert error_of(ask("x" * (QUESTION_LENGTH_MAX + 1))) == MESSAGE_TOO_LONG
    for nothing in ("", " \n ", "\u202e", "\u200d \u200c"):
        assert error_of(ask(nothing)) == MESSAGE_EMPTY


def test_the_id_of_a_question_is_the_commands_and_says_so() -> None:
    outcome = rules.new_question(facts(), ("gst_1", "Anna"), AskQuestion(text="?"), an_id("msg", 1), None, 0, START_MS)
    assert error_of(outcome) == INVALID_FIELD


def test_asking_again_with_the_same_id_changes_nothing_whatever_happened_since() -> None:
    known = asked(status="answered")
    assert ask(known=known, waiting=WAITING_MAX, given=facts("mute", show=ENDED)) is known
    assert error_of(ask("Another text", known=known)) == IDEMPOTENCY_CONFLICT
    other = rules.new_question(facts(), ("gst_9", "Boris"), AskQuestion(text=known.text), known.question_id, known, 0, START_MS)
    assert error_of(other) == IDEMPOTENCY_CONFLICT


def test_a_fourth_waiting_question_a_muted_person_and_an_ended_show_are_refused() -> None:
    assert isinstance(ask(waiting=WAITING_MAX - 1), Question)
    assert error_of(ask(waiting=WAITING_MAX)) == TOO_MANY_QUESTIONS
    assert error_of(ask(given=facts(show=ENDED))) == SHOW_ENDED
    assert ask(given=facts("mute", START_MS + 65)) == Refusal(MUTED, retry_after_ms=60)
    assert ask(given=facts("mute")) == Refusal(MUTED)


def test_only_the_asker_is_shown_that_a_shadow_banned_persons_question_waits() -> None:
    question = ask("Buy at example.org", given=facts("shadow"))
    assert isinstance(question, Question)
    assert (question.status, question.held) == ("hidden", True)
    assert rules.own_view(question) == msgspec.structs.replace(rules.desk_view(question), status="waiting")
    public = rules.public_view(question)
    assert (public.text, public.asker_name) == ("", "")
    (shown,) = move(question, "waiting", START_MS + 7)
    assert (shown.status, shown.held, rules.public_view(shown).text) == ("waiting", False, "Buy at example.org")


@pytest.mark.parametrize("text", ["See example.com, is it cheaper?", "Do you sell SHAMP00?"])
def test_a_question_with_a_link_or_a_banned_word_is_held_for_a_moderator(text: str) -> None:
    held = ask(text)
    assert isinstance(held, Question)
    assert (held.status, held.held, rules.own_view(held).status) == ("hidden", True, "waiting")
    for trusted in (facts(filters=False), facts(moderator=True)):
        shown = ask(text, given=trusted)
        assert isinstance(shown, Question)
        assert (shown.status, shown.held) == ("waiting", False)


def test_a_vote_counts_once_is_taken_back_and_survives_late_retries() -> None:
    question = asked()
    first = vote(question, Ballot(), True, 1)
    assert first == Ballot(True, (an_id("cmd", 1),))
    assert vote(question, first, True, 1) is first
    back = vote(question, first, False, 2)
    assert isinstance(back, Ballot)
    assert not back.up
    assert vote(question, back, True, 1) is back, "a retry of the older command does not undo the newer one"
    assert vote(asked(status="answered"), back, False, 2) is back, "a retry hears what the first try would have"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, rules.COMMANDS_KEPT - 1)), max_size=30))
def test_votes_with_retries_mixed_in_are_the_votes_without_them(steps: list[tuple[bool, int]]) -> None:
    question, ballot = asked(), Ballot()
    sent: list[bool] = []
    for up, back in steps:
        outcome = vote(question, ballot, up, len(sent))
        assert isinstance(outcome, Ballot)
        ballot = outcome
        sent.append(up)
        older = max(0, len(sent) - 1 - back)
        assert vote(question, ballot, sent[older], older) is ballot
    assert ballot.up == (sent[-1] if sent else False)
    assert len(ballot.commands) == min(len(sent), rules.COMMANDS_KEPT)


def test_votes_that_cannot_count_are_refused_clearly() -> None:
    assert error_of(vote(None, Ballot(), True, 1)) == NOT_FOUND
    assert error_of(vote(asked(), Ballot(), True, 1, voter_id="gst_1")) == FORBIDDEN
    assert error_of(vote(asked(status="hidden"), Ballot(), True, 1)) == NOT_FOUND
    assert error_of(vote(asked(status="answered"), Ballot(), True, 1)) == QUESTION_CLOSED
    elsewhere = msgspec.structs.replace(asked(), show_id=an_id("shw", 2))
    assert error_of(vote(elsewhere, Ballot(), True, 1)) == NOT_FOUND
    command = VoteForQuestion(question_id=an_id("qst", 1), up=True)
    assert error_of(rules.vote(ENDED, asked(), Ballot(), "gst_2", command, an_id("cmd", 1))) == SHOW_ENDED


def test_an_answer_is_at_the_moment_of_the_show_when_the_question_went_live() -> None:
    (live,) = move(asked(), "live", START_MS + 60_000)
    (answered,) = move(live, "answered", START_MS + 90_000)
    assert (answered.answered_at_ms, answered.answered_at_show_ms) == (START_MS + 60_000, 60_000)
    (without_screen,) = move(asked(), "answered", START_MS + 90_000)
    assert without_screen.answered_at_show_ms == 90_000
    (waiting,) = move(answered, "waiting", START_MS + 95_000)
    assert (waiting.live_at_ms, waiting.answered_at_ms, waiting.answered_at_show_ms) == (None, None, None)
    unstarted = msgspec.structs.replace(SHOW, started_at_ms=None)
    before = rules.move(asked(), None, SetQuestionStatus(status="answered"), unstarted, START_MS)
    assert isinstance(before, list)
    assert (before[0].answered_at_ms, before[0].answered_at_show_ms) == (START_MS, None)


def test_the_next_question_on_the_screen_answers_the_one_before() -> None:
    (first,) = move(asked(1), "live", START_MS + 10)
    answered, second = move(asked(2), "live", START_MS + 20, on_screen=first)
    assert (answered.question_id, answered.status, answered.answered_at_show_ms) == (first.question_id, "answered", 10)
    assert second.status == "live"


def test_nothing_goes_live_when_the_show_is_over_and_what_was_live_is_answered() -> None:
    outcome = rules.move(asked(), None, SetQuestionStatus(status="live"), ENDED, START_MS)
    assert error_of(outcome) == SHOW_ENDED
    (live,) = move(asked(), "live", START_MS + 4)
    assert [(each.status, each.answered_at_show_ms) for each in rules.end(live, ENDED, START_MS + 9)] == [("answered", 4)]
    assert rules.end(None, ENDED, START_MS + 9) == []


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_a_move_is_one_of_the_table_or_is_refused(before: QuestionStatus, after: QuestionStatus) -> None:
    outcome = rules.move(asked(status=before), None, SetQuestionStatus(status=after), SHOW, START_MS + 6)
    if before == after:
        assert outcome == []
    elif after in MOVES[before]:
        assert isinstance(outcome, list)
        assert [each.status for each in outcome] == [after]
    else:
        assert error_of(outcome) == INVALID_FIELD


class Desk(RuleBasedStateMachine):
    """A host who clicks anything in any order while clocks of two processes differ; every screen shows the same in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: dict[str, Question] = {}
        self.log: list[Question] = []
        self.now_ms = START_MS

    @initialize()
    def first(self) -> None:
        self.ask()

    @rule()
    def ask(self) -> None:
        question = msgspec.structs.replace(asked(len(self.questions) + 1), asked_at_ms=self.now_ms, changed_at_ms=self.now_ms)
        self.questions[question.question_id] = question
        self.log.append(question)

    @rule(step_ms=st.integers(-50, 1_000))
    def pass_time(self, step_ms: int) -> None:
        self.now_ms = max(START_MS, self.now_ms + step_ms)

    @precondition(lambda self: self.questions)
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def click(self, data: st.DataObject, status: QuestionStatus) -> None:
        question = self.questions[data.draw(st.sampled_from(sorted(self.questions)))]
        on_screen = next((each for each in self.questions.values() if each.status == "live"), None)
        outcome = rules.move(question, on_screen, SetQuestionStatus(status=status), SHOW, self.now_ms)
        for changed in [] if isinstance(outcome, Refusal) else outcome:
            before = self.questions[changed.question_id]
            assert changed.version == before.version + 1
            assert changed.changed_at_ms >= before.changed_at_ms
            self.questions[changed.question_id] = changed
            self.log.append(changed)

    @invariant()
    def one_question_at_most_is_on_the_screen(self) -> None:
        assert [each.status for each in self.questions.values()].count("live") <= 1

    @invariant()
    def what_is_answered_and_nothing_else_has_a_moment(self) -> None:
        for question in self.questions.values():
            assert (question.status == "answered") == (question.answered_at_ms is not None)
            assert (question.answered_at_show_ms is None) == (question.answered_at_ms is None)
            assert question.answered_at_show_ms is None or question.answered_at_show_ms >= 0

    def teardown(self) -> None:
        kind, pushes = QuestionChannel(), [rules.public_view(each) for each in self.log]
        views = sorted(
            (rules.public_view(each) for each in self.questions.values()), key=lambda v: (v.changed_at_ms, v.question_id)
        )
        for order in (pushes, pushes[::-1]):  # the outbox of another process may be slower
            assert_converges(kind, QuestionsState(questions=[]), order, QuestionsState(questions=views))
        assert_overlap_is_harmless(kind, QuestionsState(questions=[]), pushes)


TestDesk = Desk.TestCase


def test_the_list_keeps_the_law_however_long_its_log() -> None:
    log = [rules.public_view(msgspec.structs.replace(asked(number), changed_at_ms=number)) for number in range(2 * QUESTIONS_MAX)]
    assert_law(QuestionChannel(), QuestionsState(questions=[]), log)
    assert_converges(QuestionChannel(), QuestionsState(questions=[]), log, QuestionsState(questions=log[-QUESTIONS_MAX:]))


def test_the_votes_keep_the_law() -> None:
    log = [
        QuestionVotesState(version=version, votes=[QuestionVotes(question_id=an_id("qst", 1), votes=version)])
        for version in range(1, 25)
    ]
    assert_law(QuestionVotesChannel(), QuestionVotesState(version=0, votes=[]), log)
    assert_overlap_is_harmless(QuestionVotesChannel(), QuestionVotesState(version=0, votes=[]), log)
