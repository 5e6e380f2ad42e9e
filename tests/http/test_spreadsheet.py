"""Files for spreadsheets say what was said, and run nothing."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.http.spreadsheet import csv_file


def read(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), strict=True))


def test_the_file_has_its_mark_and_crlf_and_quotes_what_needs_it() -> None:
    file = csv_file(("a", "b"), [("x, y", 'says "hi"\nand goes'), (None, 1.5)])
    assert file == b'\xef\xbb\xbfa,b\r\n"x, y","says ""hi""\nand goes"\r\n,1.5\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=cmd|'/C calc'!A0"])
def test_a_formula_is_text(text: str) -> None:
    assert read(csv_file(("a",), [(text,)]))[1] == [f"'{text}"]


def test_numbers_stay_numbers() -> None:
    assert read(csv_file(("a",), [(-5,)]))[1] == ["-5"]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_whatever_was_said_comes_back(cells: list[str]) -> None:
    (row,) = read(csv_file([f"c{n}" for n in range(len(cells))], [cells]))[1:]
    for cell, said in zip(row, cells, strict=True):
        assert cell in (said, f"'{said}")
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
