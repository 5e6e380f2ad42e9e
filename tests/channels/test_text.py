"""Texts of people are shown to people, and cannot do more than be read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels.text import clean_text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  hello \n\t world\r\n", "hello world"),
        ("Привет, мир!", "Привет, мир!"),
        ("pay\u202emoc.live\u202c here", "paymoc.live here"),
        ("\u2066left\u2069 \u061cright\u200e\u200f", "left right"),
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("👩\u200d👩\u200d👧 👍🏽", "👩\u200d👩\u200d👧 👍🏽"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("e\u0301", "é"),
        ("\u202e\u200b", ""),
        ("non\u00a0breaking\u2003wide", "non breaking wide"),
    ],
)
def test_examples(typed: str, shown: str) -> None:
    assert clean_text(typed) == shown


@given(st.text())
def test_no_text_comes_out_unsafe_and_cleaning_twice_changes_nothing(typed: str) -> None:
    shown = clean_text(typed)
    kept = [char for char in shown if char not in "\u200c\u200d"]
    assert not {unicodedata.category(char) for char in kept} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert all(
        unicodedata.bidirectional(char) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"} for char in kept
    )
    assert clean_text(shown) == shown
