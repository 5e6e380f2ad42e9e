"""Writes the record: events and refusals of the log into SQL, each once, together with the checkpoint that says how far it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler writes its ON CONFLICT the same way
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.base import Envelope
from schemas.events.ledger import AnyLedgerEvent, ShowRestored
from server.ledger.rules import AnyCommand
from server.ledger.subjects import links_of, subject_of, subject_of_command
from server.ledger.tables import CHECKPOINTS, EVENTS, LINKS, REFUSALS

_envelopes = msgspec.json.Decoder(Envelope)
_events: msgspec.json.Decoder[AnyLedgerEvent] = msgspec.json.Decoder(AnyLedgerEvent)
_commands: msgspec.json.Decoder[AnyCommand] = msgspec.json.Decoder(AnyCommand)


class Overtaken(Exception):
    """Somebody else has written the record since this checkpoint was read; nothing was written."""


class Contradiction(Exception):
    """The log does not go on where the record ends: it has a hole, or another life of the show."""


class Checkpoint(msgspec.Struct, frozen=True):
    """How far a show is recorded; epoch "" and `seq` 0 before its first event."""

    show_id: str
    epoch: str = ""
    seq: int = 0
    refused_id: str = "0-0"


class Logged(msgspec.Struct, frozen=True):
    """An entry of the log; `payload` is the event as the script wrote it, `outcome` fingerprint and answer or empty."""

    event: AnyLedgerEvent
    payload: bytes
    outcome: bytes


class Refused(msgspec.Struct, frozen=True):
    """An entry of the stream of refusals."""

    entry_id: str
    at_ms: int
    seq: int
    command: AnyCommand
    text: str
    outcome: str


def read_logged(fields: Mapping[bytes, bytes]) -> Logged:
    """An entry of the log.

    Raises:
        msgspec.ValidationError: the entry is not one of ours.
    """
    payload = bytes(_envelopes.decode(fields[b"e"]).data)
    return Logged(_events.decode(payload), payload, fields.get(b"o", b""))


def read_refused(entry_id: bytes, fields: Mapping[bytes, bytes]) -> Refused:
    """An entry of the stream of refusals.

    Raises:
        msgspec.ValidationError: the entry is not one of ours.
    """
    command = _commands.decode(fields[b"c"])
    text, outcome = fields[b"c"].decode(), fields[b"o"].decode()
    return Refused(entry_id.decode(), int(fields[b"t"]), int(fields[b"s"]), command, text, outcome)


async def read_checkpoints(connection: AsyncConnection, show_ids: Sequence[str]) -> dict[str, Checkpoint]:
    """Where the record of each show ends."""
    query = select(CHECKPOINTS).where(CHECKPOINTS.c.show_id.in_(show_ids))
    found = {row.show_id: _checkpoint(row) for row in await connection.execute(query)}
    return {show_id: found.get(show_id) or Checkpoint(show_id) for show_id in show_ids}


async def write(
    connection: AsyncConnection, before: Checkpoint, entries: Sequence[Logged], refusals: Sequence[Refused], now_ms: int
) -> Checkpoint:
    """Record what follows `before`; returns where the record ends then.

    Raises:
        Overtaken: the record does not end at `before`.
        Contradiction: the entries do not follow it.
    """
    after = _follow(before, entries)
    if refusals:
        after = msgspec.structs.replace(after, refused_id=refusals[-1].entry_id)
    await _advance(connection, before, after, now_ms)
    if entries:
        await connection.execute(insert(EVENTS), [_event_row(entry) for entry in entries])
    if links := list(_link_rows(entries)):
        await connection.execute(insert(LINKS), links)
    if refusals:
        rows = [_refusal_row(before.show_id, refused) for refused in refusals]
        await connection.execute(upsert(REFUSALS).on_conflict_do_nothing(), rows)
    return after


def _follow(before: Checkpoint, entries: Sequence[Logged]) -> Checkpoint:
    epoch, seq = before.epoch, before.seq
    for entry in entries:
        event = entry.event
        restored = isinstance(event, ShowRestored) and event.previous_epoch == epoch
        if event.seq != seq + 1 or (event.epoch != epoch and epoch and not restored):
            raise Contradiction(f"the record of {before.show_id} ends at {epoch}/{seq}, the log goes on with {event}")
        epoch, seq = event.epoch, event.seq
    return msgspec.structs.replace(before, epoch=epoch, seq=seq)


async def _advance(connection: AsyncConnection, before: Checkpoint, after: Checkpoint, now_ms: int) -> None:
    # First statement: of two that write at once one gets past this, and the other has written nothing.
    values = {"epoch": after.epoch, "seq": after.seq, "refused_id": after.refused_id, "changed_at_ms": now_ms}
    same = CHECKPOINTS.c.show_id == before.show_id
    same &= (CHECKPOINTS.c.seq == before.seq) & (CHECKPOINTS.c.epoch == before.epoch)
    same &= CHECKPOINTS.c.refused_id == before.refused_id
    done = await connection.execute(update(CHECKPOINTS).where(same).values(values))
    if not done.rowcount and before == Checkpoint(before.show_id):
        first = upsert(CHECKPOINTS).values(show_id=before.show_id, **values).on_conflict_do_nothing()
        done = await connection.execute(first)
    if not done.rowcount:
        raise Overtaken(before.show_id)


def _checkpoint(row: Any) -> Checkpoint:
    return Checkpoint(row.show_id, row.epoch, row.seq, row.refused_id)


def _event_row(entry: Logged) -> dict[str, Any]:
    event = entry.event
    return {
        "show_id": event.show_id,
        "seq": event.seq,
        "epoch": event.epoch,
        "at_ms": event.at_ms,
        "type": event.__struct_config__.tag,
        "command_id": event.command_id,
        "subject": subject_of(event),
        "payload": entry.payload,
        "outcome": entry.outcome,
    }


def _link_rows(entries: Iterable[Logged]) -> Iterable[dict[str, Any]]:
    for entry in entries:
        for subject in links_of(entry.event):
            yield {"show_id": entry.event.show_id, "subject": subject, "seq": entry.event.seq}


def _refusal_row(show_id: str, refused: Refused) -> dict[str, Any]:
    return {
        "show_id": show_id,
        "entry_id": refused.entry_id,
        "at_ms": refused.at_ms,
        "seq": refused.seq,
        "command_id": refused.command.command_id,
        "subject": subject_of_command(refused.command),
        "command": refused.text,
        "outcome": refused.outcome,
    }
