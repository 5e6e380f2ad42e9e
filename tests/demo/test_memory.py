"""What the house channel remembers."""

import stat
from pathlib import Path

import msgspec

from server.demo.memory import FILE_NAME, keep, remember
from tests.fakes.clock import FakeClock


def test_the_memory_is_the_same_at_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    first = remember(tmp_path, clock)
    clock.advance(1_000)
    assert remember(tmp_path, clock) == first


def test_what_is_kept_is_remembered(tmp_path: Path, clock: FakeClock) -> None:
    changed = msgspec.structs.replace(remember(tmp_path, clock), products={"DEMO-MUG": "prd_1"})
    keep(tmp_path, changed)
    assert remember(tmp_path, clock) == changed


def test_only_the_owner_may_read_the_password(tmp_path: Path, clock: FakeClock) -> None:
    remember(tmp_path, clock)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_two_installations_have_different_passwords(tmp_path: Path, clock: FakeClock) -> None:
    assert remember(tmp_path / "a", clock).password != remember(tmp_path / "b", clock).password
