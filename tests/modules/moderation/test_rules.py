"""The chain of the audit log, and the host's words."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.http.moderation import ModerationSettings
from server.modules.moderation import rules
from server.modules.moderation.rules import FIRST_HASH, AuditLine, Restraint


def log(details: list[str]) -> list[tuple[AuditLine, str]]:
    before, made = FIRST_HASH, []
    for number, detail in enumerate(details, start=1):
        line = AuditLine("shw_1", number, number, "acc_1", "Hanna", "mute", "gst_1", detail)
        before = rules.line_hash(before, line)
        made.append((line, before))
    return made


@given(st.lists(st.text(), min_size=1, max_size=8), st.data())
def test_whatever_is_done_to_a_log_is_found(details: list[str], data: st.DataObject) -> None:
    written = log(details)
    assert rules.is_intact(FIRST_HASH, 1, written)
    place = data.draw(st.integers(0, len(written) - 1))
    line, stored = written[place]
    other = AuditLine(
        line.show_id, line.number, line.at_ms, line.by_id, line.by_name, line.action, line.target, line.detail + "x"
    )
    forged = [*written[:place], (other, stored), *written[place + 1 :]]
    assert not rules.is_intact(FIRST_HASH, 1, forged)
    if place < len(written) - 1:
        assert not rules.is_intact(FIRST_HASH, 1, [*written[:place], *written[place + 1 :]])
        again = [*written[:place], (other, rules.line_hash(written[place - 1][1] if place else FIRST_HASH, other))]
        assert not rules.is_intact(FIRST_HASH, 1, [*again, *written[place + 1 :]])


@given(st.integers(0, 100), st.integers(0, 100), st.booleans())
def test_a_sanction_is_in_force_until_its_end_and_never_for_moderators(until_ms: int, now_ms: int, may_moderate: bool) -> None:
    found = rules.standing(
        may_moderate=may_moderate,
        restraint=Restraint("mute", until_ms),
        settings=ModerationSettings(),
        words=(),
        now_ms=now_ms,
    )
    assert (found.sanction == "mute") == (now_ms < until_ms and not may_moderate)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=10))
def test_words_are_kept_once_and_say_something(words: list[str]) -> None:
    kept = rules.clean_words(words)
    assert len(set(kept)) == len(kept)
    assert all(word.strip("*") for word in kept)
    assert rules.clean_words(kept) == kept
    assert rules.changed_words(kept, kept) == ""
