"""The kinds of these tests keep the law, and the proof catches kinds that do not."""

from typing import Any

import pytest

from server.kernel.module import ChannelKind
from tests.channels.kinds import HISTORY, Said, Sign, SignKind, Talk, TalkKind
from tests.channels.proof import assert_converges, assert_law, assert_overlap_is_harmless

MANY = [Said(text=str(number), author_id="a") for number in range(2 * HISTORY + 3)]


class Forgetless(TalkKind):
    """Remembers more than the log does."""

    def apply(self, state: Talk, publication: Said) -> Talk:
        return Talk(said=[*state.said, publication])


class Impure(TalkKind):
    """Changes the state that it is given."""

    def apply(self, state: Talk, publication: Said) -> Talk:
        state.said.append(publication)
        del state.said[:-HISTORY]
        return state


class Partial(SignKind):
    """A state kind whose pushes are not the whole state."""

    def apply(self, state: Sign, publication: Sign) -> Sign:
        return Sign(version=publication.version, text=state.text + publication.text)


def test_an_event_kind_converges_however_long_its_log() -> None:
    assert_law(TalkKind(), Talk(said=[]), MANY)


def test_a_state_kind_converges_by_its_newest_push_alone() -> None:
    assert_law(SignKind(), Sign(version=0, text=""), [Sign(version=number, text="x") for number in range(1, 8)])


@pytest.mark.parametrize(
    ("kind", "initial", "publications"),
    [
        (Forgetless(), Talk(said=[]), MANY),
        (Impure(), Talk(said=[]), MANY),
        (Partial(), Sign(version=0, text=""), [Sign(version=number, text="x") for number in range(1, 8)]),
    ],
)
def test_a_kind_that_breaks_the_law_is_caught(kind: ChannelKind, initial: Any, publications: Any) -> None:
    with pytest.raises(AssertionError):
        assert_law(kind, initial, publications)


def test_pushes_that_lead_elsewhere_are_caught() -> None:
    with pytest.raises(AssertionError):
        assert_converges(TalkKind(), Talk(said=[]), MANY[:2], Talk(said=[MANY[0]]))


def test_a_kind_that_counts_twice_what_the_database_and_the_log_both_tell_is_caught() -> None:
    assert_overlap_is_harmless(SignKind(), Sign(version=0, text=""), [Sign(version=number, text="x") for number in range(1, 8)])
    with pytest.raises(AssertionError):
        assert_overlap_is_harmless(Forgetless(), Talk(said=[]), MANY)
