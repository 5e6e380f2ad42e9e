"""Session ids name their node."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.media import SESSION_TOKEN_LENGTH, node_of, session_id

tokens = st.text(st.sampled_from("abcXYZ019_-"), min_size=SESSION_TOKEN_LENGTH, max_size=SESSION_TOKEN_LENGTH)


@given(st.text(st.sampled_from("med_09-"), min_size=1, max_size=40), tokens)
def test_a_session_leads_to_its_node_whatever_is_in_the_token(node_id: str, token: str) -> None:
    assert node_of(session_id(node_id, token)) == node_id


@pytest.mark.parametrize("text", ["", "-", "x", "a" * 40, "-" + "t" * SESSION_TOKEN_LENGTH, "t" * SESSION_TOKEN_LENGTH])
def test_what_is_no_session_has_no_node(text: str) -> None:
    assert node_of(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    assert node_of(text) is None or text.startswith(str(node_of(text)))
