"""The show in a calendar: read back by a parser of the test's own, whatever is in the title."""

import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import NOT_FOUND, SHOW_ENDED
from schemas.http.shows import ScheduleShow
from server.modules.shows.rules import LINE_OCTETS_MAX, calendar, scheduled
from tests.modules.world import BUYER, HOST, SHOW_ID, World, an_id, refused

ORIGIN = "https://shop.example:8443"
STARTS_MS = 1_790_000_000_000  # 2026-09-21T13:33:20Z
NOW_MS = 1_780_000_000_500

text = st.text(st.characters(codec="utf-8"), max_size=200)


def made(title: str = "Autumn", description: str = "", version: int = 1) -> str:
    body = ScheduleShow(show_id=SHOW_ID, title=title, description=description, scheduled_at_ms=STARTS_MS)
    show = msgspec.structs.replace(scheduled(body, "acc_1", "Hanna", NOW_MS), version=version)
    return calendar(show, ORIGIN, NOW_MS)


def unfolded(ics: str) -> list[tuple[str, str]]:
    """Content lines: names and raw values (RFC 5545 §3.1)."""
    assert ics.endswith("\r\n")
    lines = ics.replace("\r\n ", "").split("\r\n")[:-1]
    return [(name, value) for name, _, value in (line.partition(":") for line in lines)]


def text_of(value: str) -> str:
    """The text that a TEXT value stands for (RFC 5545 §3.3.11)."""
    text, letters = "", iter(value)
    for letter in letters:
        assert letter not in ";,", "a separator that is not escaped"
        escaped = next(letters) if letter == "\\" else ""
        text += {"n": "\n", "N": "\n"}.get(escaped, escaped) or letter
    return text


def without_controls(given: str) -> str:
    lines = given.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in "\n\t" or not (ord(each) < 32 or 127 <= ord(each) < 160))


@given(text, text)
def test_any_title_and_description_come_back(title: str, description: str) -> None:
    ics = made(title, description)
    for line in ics.split("\r\n"):
        assert len(line.encode()) <= LINE_OCTETS_MAX
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line)
    fields = unfolded(ics)
    [summary, alarm] = [value for name, value in fields if name == "SUMMARY"] + [fields[-4][1]]
    assert text_of(summary) == text_of(alarm) == without_controls(title)
    [about] = [value for name, value in fields[:-5] if name == "DESCRIPTION"]
    link = f"{ORIGIN}/watch/{SHOW_ID}"
    assert text_of(about) == (without_controls(f"{description}\n\n{link}") if description else link)
    assert [name for name, _ in fields].count("BEGIN") == 3, "no text opens a component"


def test_the_event_has_its_time_in_utc_a_length_and_an_alarm() -> None:
    assert unfolded(made()) == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Efir//Live shopping//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", f"{SHOW_ID}@shop.example"),
        ("DTSTAMP", "20260528T202640Z"),
        ("SEQUENCE", "1"),
        ("DTSTART", "20260921T141320Z"),
        ("DURATION", "PT60M"),
        ("SUMMARY", "Autumn"),
        ("DESCRIPTION", f"{ORIGIN}/watch/{SHOW_ID}"),
        ("URL", f"{ORIGIN}/watch/{SHOW_ID}"),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("TRIGGER", "-PT10M"),
        ("DESCRIPTION", "Autumn"),
        ("END", "VALARM"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]


def test_a_time_beyond_every_calendar_is_its_last() -> None:
    body = ScheduleShow(show_id=SHOW_ID, title="Far", scheduled_at_ms=2**62)
    ics = calendar(scheduled(body, "acc_1", "Hanna", NOW_MS), ORIGIN, NOW_MS)
    assert dict(unfolded(ics))["DTSTART"] == "99991231T235959Z"


def test_a_changed_show_is_the_same_event_in_a_later_sequence() -> None:
    before, after = dict(unfolded(made("Autumn"))), dict(unfolded(made("Winter", version=7)))
    assert before["UID"] == after["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


async def test_anybody_may_fetch_it_until_the_show_has_ended(world: World) -> None:
    body = {"show_id": SHOW_ID, "title": "Dresses; new, ones", "unlisted": True, "scheduled_at_ms": STARTS_MS}
    await world.call(HOST, "POST", "/api/shows", body)
    reply = await world.call(BUYER, "GET", f"/api/shows/{SHOW_ID}/calendar.ics")
    assert reply.content is not None
    assert dict(unfolded(reply.content.decode()))["SUMMARY"] == "Dresses\\; new\\, ones"
    assert reply.headers["content-disposition"] == f'attachment; filename="{SHOW_ID}.ics"'
    await world.call(HOST, "POST", f"/api/shows/{SHOW_ID}/end")
    with refused(SHOW_ENDED):
        await world.call(BUYER, "GET", f"/api/shows/{SHOW_ID}/calendar.ics")
    with refused(NOT_FOUND):
        await world.call(BUYER, "GET", f"/api/shows/{an_id('shw', 9)}/calendar.ics")
