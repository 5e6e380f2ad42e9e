"""Passwords: Argon2id (RFC 9106) in threads of their own, a bounded number at a time.

One hash takes 64 MiB and tens of milliseconds on purpose. Two at a time keep the event loop and the memory free; the queue in
front is short, and who does not fit is asked to come back rather than kept waiting.
"""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import BoundedSemaphore
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from schemas.errors import RATE_LIMITED, Refused
from server.kernel.errors import Unavailable

T = TypeVar("T")

THREADS = 2
WAITING_MAX = 32
DEADLINE_S = 15


class Passwords:
    """Hashes and checks passwords; `close` ends its threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._places = BoundedSemaphore(THREADS + WAITING_MAX)

    @cached_property
    def _nobody(self) -> str:
        """Checked when an e-mail is unknown, so that the answer takes as long as for a known one."""
        return self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """The encoded hash (parameters and salt included).

        Raises:
            Refused: too many people sign in at once.
            Unavailable: the machine did not manage it in time.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is right; for None (no such account) it takes as long and says no."""
        right = await self._run(lambda: self._check(stored or self._nobody, password))
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's, so that it should be made anew."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """End the threads; a hash under way is finished first."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Refused(RATE_LIMITED, "Many people sign in just now; try again in a few seconds.", retry_after_ms=3_000)
        future = self._threads.submit(work)
        # The place is free when the thread is done, not when the caller stopped waiting for it.
        future.add_done_callback(lambda _: self._places.release())
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise Unavailable("the password could not be checked in time") from error
