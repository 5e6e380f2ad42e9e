"""The text filter finds what is disguised, leaves alone what only looks so, and takes time in proportion to the text."""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.channels import screening
from server.channels.screening import SCREENS_MAX, Screen, normalised, same_text_key, screen_of
from server.channels.text import clean_text

SCREEN = Screen()

BANNED = """
сука|СУКА|с у к а|С У К А!|с.у.к.а|су-ка|сууууука|cyka|cуkа|су́ка|с\u200bука|х.у.й|xуй|xyй|хуёвый|нахуй|иди на х у й|пиздец|пи3дец
п1здец|пиzдец|ПИЗДЕЦ!!!|п и з д а|распиздяй|3аебал|заёбал|ебать-копать|объебал|долбоёб|бл\u200bять
6лядь|БЛЯТЬ|говно|гoBно|пидорас|сучка
шлюха
fuck|FUCK|f u c k|f-u-c-k|f.u.c.k|fuсk|fuuuuuck|ｆｕｃｋ|𝒇𝒖𝒄𝒌|motherfucker|sh1t|$hit|s.h.i.t|bullshit|a$$|@ss
@sshole|assssss|b1tch|nigg3r
suka blyat|nahui|mudak
"""

INNOCENT = """
страховать|застрахуй|страхуйте|подстрахуй|психуй|потребляют|употреблять|требовать|хлебный|хлеб|погреб|оскорблять|колебать|небо|ребёнок
бляха|бляшка|рубля|корабля|сабля|сопля|сукно|сук|сукин|мудрый|мудрец|мандарин|команда|Херсон|херувим|жидкий|скипидар|педаль|учебник
Евгений|Глеб|мебель|себе|лебедь|дебют|обеспечивать|сумка|худой|похудеть|Хуан|Екатеринбург|Ебург|от тебя|у себя|и с утра к августу
Scunthorpe|assassin|assess|class|passion|cocktail|Dickens|grape|therapist|shiitake|Essex|bass|analysis|Hancock|Penistone|psychology
ebay|eBay|fuchsia|shuttle|Massachusetts|pass|as|as as as|xylophone|title
размер XS|цена 1000|100% хлопок|👍👍👍|Ура!!!|Hi, @Mia
"""

LINKS = """
https://a.b|hxxp://x|www.site|site.ru|SITE.RU|сайт.рф|t.me/abc|t.me/@abc|bit.ly/3x|youtu.be/abc|site точка ру|site dot com|vk.соm
site (.) ru|site[.]com|site .ru|site (dot) com|1.2.3.4:80|1.2.3.4/x|ｓｉｔｅ．ｃｏｍ|site。ru|write to me@shop.com
"""

NO_LINKS = """
hello.how are you|и т.д. и т.п.|цена 19.99|привет.как дела|I love it. Top quality|т.е. да|node.js|photo.jpg|это точка. Ру
и/или|24/7|@mia привет|Размер M/L|12.30-13.00|great.me too|ОК.|v1.2.3.4|А.С. Пушкин|connect the dots|точка зрения
"""


def cases(listed: str) -> list[str]:
    return [case for line in listed.strip().splitlines() for case in line.split("|")]


@pytest.mark.parametrize("text", cases(BANNED))
def test_a_disguised_word_is_found_alone_and_in_a_sentence(text: str) -> None:
    assert SCREEN.verdict(text) == "banned_word"
    assert SCREEN.verdict(f"well, {text}, ну да") == "banned_word"
    assert SCREEN.verdict(text, filter_words=False) is None


@pytest.mark.parametrize("text", cases(INNOCENT))
def test_an_innocent_word_is_left_alone(text: str) -> None:
    assert SCREEN.verdict(text) is None
    assert SCREEN.verdict(text.upper()) is None
    assert SCREEN.verdict(f"well, {text}, ну да") is None


@pytest.mark.parametrize("text", cases(LINKS))
def test_a_link_is_found(text: str) -> None:
    assert SCREEN.verdict(text) == "link"
    assert SCREEN.verdict(f"look here: {text} !") == "link"
    assert SCREEN.verdict(text, filter_links=False) is None


@pytest.mark.parametrize("text", cases(NO_LINKS))
def test_what_only_has_dots_is_no_link(text: str) -> None:
    assert SCREEN.verdict(text) is None


@pytest.mark.parametrize(
    ("word", "found", "left"),
    [
        ("fake", ["FAKE", "f a k e", "f@ke", "fаке"], ["faker", "snowflake"]),
        ("подделк*", ["подделка", "П0дделкой", "поддeлки"], ["делка"]),
        ("ёж", ["Еж", "ЁЖ"], ["ежовый"]),
        ("buy now", ["Buy NOW!", "please buy  now"], ["buy it now", "buy nowhere"]),
        ("*", [], ["anything"]),
    ],
)
def test_the_hosts_words_are_found_as_they_are_meant(word: str, found: list[str], left: list[str]) -> None:
    screen = screen_of((word,))
    assert [text for text in found if screen.verdict(text) != "banned_word"] == []
    assert [text for text in left if screen.verdict(text) is not None] == []


def test_word_lists_are_compiled_once_and_not_kept_for_ever() -> None:
    assert screen_of(("one",)) is screen_of(("one",))
    for number in range(SCREENS_MAX + 10):
        screen_of((f"word{number}",))
    assert screen_of.cache_info().currsize == SCREENS_MAX


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hello!", "hello"),
        ("привееет", "ПРИВЕТ..."),
        ("сор", "cop"),
        ("ёлка", "елка"),
        ("h e l l o", "hello"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_what_people_take_for_the_same_has_one_key(one: str, other: str) -> None:
    assert same_text_key(one) == same_text_key(other)


@pytest.mark.parametrize(("one", "other"), [("100", "1000"), ("👍", "👎"), ("+1", "+2"), ("yes", "no"), ("!", "?")])
def test_what_says_something_else_has_another_key(one: str, other: str) -> None:
    assert same_text_key(one) != same_text_key(other)


@given(st.text())
def test_any_text_has_a_normal_form_that_is_its_own(text: str) -> None:
    plain = normalised(text)
    assert normalised(plain) == plain
    assert SCREEN.verdict(text) in (None, "banned_word", "link")
    assert len(same_text_key(text)) == 24


@given(st.text(), st.lists(st.text(min_size=1, max_size=60), max_size=20))
def test_any_words_make_a_screen_and_find_themselves(text: str, words: list[str]) -> None:
    screen = Screen(words)
    screen.verdict(text)
    for word in words:
        if word.isalpha() and word.isascii():
            assert screen.verdict(word, filter_links=False) == "banned_word"


def operations(text: str) -> int:
    """Bytecode instructions of the filter's own code that screening the text takes."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != screening.__file__:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        SCREEN.verdict(text)
        same_text_key(text)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "unit", ["x", "с у к ", "a.", "сук", "http", "é\u0301", "@$", "точка ", "1.2.", "ab cd", "\ufdfa", "хл", "@", "x!@"]
)
def test_the_work_grows_in_proportion_to_the_text(unit: str) -> None:
    small, large = ((unit * 1_280)[:length] for length in (640, 1_280))
    assert operations(clean_text(large)) < 2.2 * operations(clean_text(small)) + 1_000


def test_a_text_of_ten_kilobytes_takes_a_bounded_number_of_operations() -> None:
    for unit in ("x", "с у к ", "a.", "ab cd "):
        text = (unit * 10_240)[: 10_240 // len(unit[0].encode())]
        assert operations(text) < 6_000_000, unit
