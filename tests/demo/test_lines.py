"""The robots' words fit the contract, fit together, and come in both languages; the host takes the question that most want."""

import re

import msgspec
import pytest

from schemas.http.polls import OpenPoll
from schemas.http.questions import QUESTION_LENGTH_MAX, QuestionStatus, QuestionView
from server.demo.host import next_question
from server.demo.lines import ANSWERS, NO_ANSWER, POLLS, REPLIES, VIEWERS, Choice
from tests.modules.world import SHOW_ID, an_id

CYRILLIC, LATIN = re.compile("[а-яё]", re.IGNORECASE), re.compile("[a-z]", re.IGNORECASE)
BILINGUAL = [NO_ANSWER, *[text for choice in POLLS for text in (choice.question, *choice.options)]]


def asked(number: int, status: QuestionStatus, asked_at_ms: int) -> QuestionView:
    return QuestionView(
        question_id=an_id("qst", number),
        asker_id=an_id("gst", 1),
        asker_name="Maya",
        text="?",
        status=status,
        asked_at_ms=asked_at_ms,
        changed_at_ms=asked_at_ms,
        answered_at_ms=None,
        answered_at_show_ms=None,
        version=1,
    )


def test_the_host_has_an_answer_to_each_question_and_replies_only_to_what_is_said() -> None:
    questions = {text for part in VIEWERS for text in part.questions}
    assert questions == set(ANSWERS)
    assert set(REPLIES) <= {line for part in VIEWERS for line in part.lines}
    assert all(len(text) <= QUESTION_LENGTH_MAX for text in questions)
    assert not set(REPLIES) & {line for line in REPLIES.values()}, "the host would reply to itself"


@pytest.mark.parametrize("words", [REPLIES, ANSWERS])
def test_an_answer_is_in_the_language_of_the_question(words: dict[str, str]) -> None:
    for question, answer in words.items():
        assert bool(CYRILLIC.search(question)) == bool(CYRILLIC.search(answer)), question


def test_half_of_the_robots_speak_each_language_and_in_no_other() -> None:
    assert sorted(part.locale for part in VIEWERS) == ["en", "en", "ru", "ru"]
    for part in VIEWERS:
        assert all(bool(CYRILLIC.search(line)) == (part.locale == "ru") for line in (*part.lines, *part.questions)), part.name


@pytest.mark.parametrize("text", BILINGUAL)
def test_what_everybody_must_understand_is_in_both_languages(text: str) -> None:
    english, _, russian = text.partition(" / ")
    assert LATIN.search(english)
    assert not CYRILLIC.search(english)
    assert CYRILLIC.search(russian)


@pytest.mark.parametrize("choice", POLLS)
def test_a_poll_keeps_the_limits_of_the_contract(choice: Choice) -> None:
    body = {"poll_id": an_id("pol", 1), "show_id": SHOW_ID, "question": choice.question, "options": choice.options}
    assert msgspec.convert(body, OpenPoll).options == list(choice.options)


def test_the_host_takes_the_waiting_question_with_the_most_votes_and_finishes_what_is_on_the_screen() -> None:
    old, new, loved = asked(1, "waiting", 1), asked(2, "waiting", 2), asked(3, "waiting", 3)
    done = [asked(4, "answered", 0), asked(5, "hidden", 0)]
    assert next_question(done, {an_id("qst", 4): 9}) is None
    assert next_question([new, old, *done], {}) is old
    assert next_question([new, old, loved], {loved.question_id: 2, new.question_id: 1}) is loved
    live = asked(6, "live", 6)
    assert next_question([old, live], {old.question_id: 5}) is live
