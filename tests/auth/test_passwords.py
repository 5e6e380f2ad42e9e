"""Argon2id with a bounded queue."""

import asyncio
from threading import Event

import pytest
from argon2 import PasswordHasher, Type, extract_parameters

from schemas.errors import RATE_LIMITED, Refused
from server.auth.passwords import THREADS, WAITING_MAX, Passwords
from server.kernel.errors import Unavailable


class SlowHasher(PasswordHasher):
    """A hasher that takes as long as the test wants."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.go_on = Event()

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        assert self.go_on.wait(10)
        return super().hash(password, salt=salt)


async def test_a_password_is_verified_and_another_one_is_not(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert await passwords.verify(stored, "correct horse")
    assert not await passwords.verify(stored, "wrong horse")
    assert not await passwords.verify(None, "correct horse")
    assert not await passwords.verify("not a hash", "correct horse")


async def test_the_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    passwords = Passwords()
    parameters = extract_parameters(await passwords.hash("correct horse"))
    passwords.close()
    assert parameters.type is Type.ID
    assert parameters.memory_cost >= 64 * 1024
    assert parameters.time_cost >= 3


async def test_beyond_the_queue_people_are_asked_to_come_back_and_then_everybody_is_served() -> None:
    hasher = SlowHasher()
    passwords = Passwords(hasher)
    waiting = asyncio.gather(*(passwords.hash("correct horse") for _ in range(THREADS + WAITING_MAX)))
    await asyncio.sleep(0)
    with pytest.raises(Refused) as refusal:
        await passwords.hash("correct horse")
    assert refusal.value.error == RATE_LIMITED
    hasher.go_on.set()
    assert len(await waiting) == THREADS + WAITING_MAX
    assert await passwords.hash("correct horse")
    passwords.close()


async def test_a_hash_that_takes_too_long_is_unavailable_and_keeps_its_place_until_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.auth.passwords.DEADLINE_S", 0.01)
    monkeypatch.setattr("server.auth.passwords.WAITING_MAX", -1)
    hasher = SlowHasher()
    passwords = Passwords(hasher)
    with pytest.raises(Unavailable):
        await passwords.hash("correct horse")
    with pytest.raises(Refused):
        await passwords.hash("correct horse")
    hasher.go_on.set()
    passwords.close()
