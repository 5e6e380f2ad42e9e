"""Ids that follow from others: they are part of the contract, because whoever repeats a command must make the same one."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import derived_id


@given(st.text(), st.text())
def test_a_derived_id_is_well_formed_and_follows_from_its_cause_alone(cause: str, purpose: str) -> None:
    made = derived_id(cause, purpose)
    assert made == derived_id(cause, purpose)
    assert len(made) == 36
    assert made != derived_id(cause, purpose + "x")


def test_a_derived_id_stays_what_it_was_when_it_was_stored() -> None:
    """Other versions of the program have stored these ids: a change of the rule would make every repetition a new thing."""
    assert derived_id("ord_1", "release") == "cmd_9fe97ad3aea3a10d2ceca3bfab9d400a"
