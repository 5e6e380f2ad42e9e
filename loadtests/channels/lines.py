"""A child process that is asked in lines of JSON on its standard input and answers on its standard output."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from loadtests.media.relay import NotMeasured, cpu_s
from server.kernel.tasks import TaskGroup

ANSWER_BYTES_MAX = 64 * 1024 * 1024
"""A report of ten thousand clients."""
START_S = 60.0
"""Deadline of a start: most of it is importing."""
END_S = 20.0


class Child:
    """One process; every question has a deadline. Its first line says that it is ready."""

    def __init__(self, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._command = list(command)
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._tasks = TaskGroup("child")
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._last_id = 0

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def cpu_s(self) -> float:
        """CPU of the whole process so far, user and system."""
        return cpu_s(self.pid)

    def resident_bytes(self) -> int:
        """Memory of the process (RSS); what the kernel keeps for its sockets is not in it."""
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def start(self) -> dict[str, Any]:
        """Start, and wait until it is ready; returns what it says of itself.

        Raises:
            NotMeasured: it does not come up.
        """
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=ANSWER_BYTES_MAX,
        )
        assert self._process.stdout is not None
        async with asyncio.timeout(START_S):
            line = await self._process.stdout.readline()
        if not line:
            raise NotMeasured(f"{' '.join(self._command[1:3])} did not start; its error is above")
        self._tasks.start(self._listen(self._process.stdout), "answers")
        ready: dict[str, Any] = json.loads(line)
        return ready

    async def ask(self, do: str, *, deadline_s: float = 30.0, **what: Any) -> dict[str, Any]:
        """The answer to a question.

        Raises:
            NotMeasured: the process has ended, or says what it could not do.
            TimeoutError: there is no answer in time.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        self._last_id += 1
        number = self._last_id
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._process.stdin.write(json.dumps({"id": number, "do": do, **what}).encode() + b"\n")
        try:
            async with asyncio.timeout(deadline_s):
                answer = await self._waiting[number]
        finally:
            del self._waiting[number]
        if "error" in answer:
            raise NotMeasured(f"{do}: {answer['error']}")
        return answer

    async def kill(self) -> None:
        """`kill -9`, as the machine's end would."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def close(self) -> None:
        """End it. Closing its standard input is a hint, SIGKILL after `END_S` none."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(END_S):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()
        await self._tasks.close()

    async def _listen(self, answers: asyncio.StreamReader) -> None:
        while line := await answers.readline():
            answer = json.loads(line)
            waiting = self._waiting.get(answer["id"])
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(NotMeasured(f"{' '.join(self._command[1:3])} has ended; its error is above"))


def python(module: str, *arguments: str) -> list[str]:
    """The command of one of our modules as a child of this process."""
    return [sys.executable, "-m", module, "--parent", str(os.getpid()), *arguments]
