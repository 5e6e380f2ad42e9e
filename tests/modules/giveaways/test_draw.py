"""The draw: a function of what is published, fair, and the same for everybody who computes it."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.http.giveaways import GiveawayLive, GiveawayResult, GiveawaysState
from server.modules.giveaways import rules
from server.modules.giveaways.rules import commitment_of, draw, list_digest, rounded

PEOPLE = st.lists(st.integers(0, 10**6).map(lambda number: f"acc_{number:032x}"), unique=True, max_size=30)


def test_a_draw_that_was_computed_by_hand() -> None:
    """With `printf 'acc_1\\nacc_3' | sha256sum`, then `printf 'seed:<digest>:acc_1' | sha256sum`: a8afa511…, and for acc_3
    726001f8…, which is smaller."""
    assert list_digest(["acc_1", "acc_3"]) == "9309e4f9f2632ee28854b2fce0bda4ab7010f4794b883b6a2807f1cb1b1ec50e"
    assert draw("seed", ["acc_1", "acc_2", "acc_3"], {"acc_3", "acc_1"}, 5) == ["acc_3", "acc_1"]
    assert commitment_of("seed") == "19b25856e1c150ca834cffc8b59b23adbd0ec0389e58eb22b3b64768098d002b"


@given(seed=st.text(min_size=1, max_size=40), entrants=PEOPLE, most=st.integers(1, 40), data=st.data())
def test_winners_are_there_once_as_many_as_can_be_and_the_same_again(
    seed: str, entrants: list[str], most: int, data: st.DataObject
) -> None:
    present = set(data.draw(st.lists(st.sampled_from(entrants)))) if entrants else set()
    winners = draw(seed, entrants, present, most)
    assert set(winners) <= present & set(entrants)
    assert len(set(winners)) == len(winners) == min(most, len(present))
    assert draw(seed, entrants, present, most) == winners
    assert draw(seed, [each for each in entrants if each in present], present, most) == winners, "who is absent changes nothing"
    fewer = draw(seed, entrants, present, max(1, most - 1))
    assert winners[: len(fewer)] == fewer


def test_every_entrant_wins_about_as_often() -> None:
    entrants = [f"acc_{number:032x}" for number in range(8)]
    wins = Counter(winner for number in range(4_000) for winner in draw(f"seed {number}", entrants, entrants, 2))
    # 1,000 each; the standard deviation is 27, and six of them would be a wonder.
    assert all(abs(wins[entrant] - 1_000) < 170 for entrant in entrants), wins


def test_one_more_on_the_list_changes_everybodys_number() -> None:
    """So whoever knows the seed early does not know the winner: the last entry is part of every number."""
    entrants = [f"acc_{number:032x}" for number in range(6)]
    orders = {tuple(draw("seed", entrants[:count], entrants, 5)[:5]) for count in range(5, 7)}
    assert len(orders) == 2
    assert list_digest(entrants[:5]) != list_digest(entrants)
    assert list_digest(["a", "b"]) != list_digest(["b", "a"])


@pytest.mark.parametrize(("entries", "shown"), [(0, 0), (19, 19), (20, 20), (29, 20), (999, 990), (1_000, 1_000), (1_099, 1_000)])
def test_counts_are_rounded_down(entries: int, shown: int) -> None:
    assert rounded(entries) == shown


def test_of_ten_thousand_entries_few_are_told() -> None:
    assert sum(rounded(entries) == entries for entries in range(1, 10_001)) < 250
    assert [e for e in range(1, 3_000) if rounded(e) != rounded(e - 1)] == [e for e in range(1, 3_000) if rounded(e) == e]


def test_a_state_later_than_the_news_stays() -> None:
    fields: dict[str, Any] = {"winners_max": 1, "lasts_ms": 1, "seed": "s", "commitment": "c", "reason": "", "entries": 0}
    fields |= {"ends_at_ms": 0, "drawn_at_ms": 0, "asked_at_ms": 0, "sku": "A"}
    drawn = rules.Giveaway(giveaway_id="g", show_id="s", host_id="h", state="drawn", **fields)
    assert rules.moved(drawn, "ended", entries=3).state == "drawn"
    assert rules.moved(drawn, "ended", entries=3).entries == 3
    assert rules.refused(drawn, "sold_out").state == "drawn"
    assert not rules.running(drawn)


def test_the_screen_forgets_what_is_drawn() -> None:
    fields: dict[str, Any] = {"sku": "A", "winners_max": 1, "commitment": "c", "ends_at_ms": 1, "entries": 0, "ended": False}
    state = GiveawaysState(giveaways=[GiveawayLive(giveaway_id="g", **fields)])
    assert rules.applied(state, GiveawayResult(giveaway_id="g", winners=[])).giveaways == []
    assert rules.applied(state, GiveawayResult(giveaway_id="h", winners=[])) == state
