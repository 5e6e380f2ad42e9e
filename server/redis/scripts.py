"""A Lua script, sent by its hash: one operation of the ledger or a channel, atomic inside the server."""

import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from server.redis.connection import DEADLINE_MS, reaching

Argument = bytes | str | int


class Script:
    """Text of a script and its SHA-1. Amounts and times travel as integers or strings, never as floats."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    @classmethod
    def packaged(cls, package: str, name: str) -> "Script":
        """The script in file `name` beside the code of `package`, for example `("server.ledger.scripts", "hold.lua")`."""
        return cls(files(package).joinpath(name).read_text(encoding="utf-8"))

    async def run(self, redis: Redis, keys: Sequence[str], args: Sequence[Argument], deadline_ms: int = DEADLINE_MS) -> Any:
        """The script's reply; bytes where it returned a string.

        A server that restarted has forgotten the script (NOSCRIPT): the text is sent once more, which loads it again.

        Raises:
            Unavailable: the server did not answer in time; whether the script ran is not known, so the caller repeats it
                with the same command id.
        """
        client: Any = redis  # its generic method is not typed
        async with reaching(deadline_ms=deadline_ms):
            try:
                return await client.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)
            except NoScriptError:
                return await client.execute_command("EVAL", self.text, len(keys), *keys, *args)
