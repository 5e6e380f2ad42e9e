"""The ledger's log as others read it: a stream per show whose entries are the facts of `schemas/events/ledger.py`, gap-free."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from redis.asyncio import Redis

from schemas.base import Envelope
from schemas.events.ledger import AnyLedgerEvent
from server.ledger.wire import key
from server.redis.connection import reaching

SHOWS_KEY = "ledger:shows"
"""SET of the ids of all shows that have a log."""
FENCED_KEY = "ledger:fenced"
"""HASH of the shows that take no commands, with the reasons, as of the last audit."""
PAGE = 500
"""Entries per read: some 200 kB, and the server is not held up."""

_envelopes = msgspec.json.Decoder(Envelope)
_events: msgspec.json.Decoder[AnyLedgerEvent] = msgspec.json.Decoder(AnyLedgerEvent)


def log_key(show_id: str) -> str:
    """Stream of the show; entry ids are `<seq>-0`."""
    return key(show_id, "log")


def refused_key(show_id: str) -> str:
    """Stream of the commands that the show refused; entry ids are the server's time."""
    return key(show_id, "refused")


def decode_entry(fields: Mapping[bytes, bytes]) -> AnyLedgerEvent:
    """The event of an entry.

    Raises:
        msgspec.ValidationError: the entry is not one of ours.
    """
    return _events.decode(_envelopes.decode(fields[b"e"]).data)


async def read_log(redis: Redis, show_id: str, after_seq: int = 0) -> AsyncIterator[AnyLedgerEvent]:
    """Events with a `seq` above `after_seq`, in order, up to the present end.

    Raises:
        Unavailable: Redis cannot be reached.
    """
    while True:
        async with reaching("the ledger"):
            entries: Any = await redis.xrange(log_key(show_id), min=f"({after_seq}-0", max="+", count=PAGE)
        for _, fields in entries:
            event = decode_entry(fields)
            after_seq = event.seq
            yield event
        if len(entries) < PAGE:
            return
