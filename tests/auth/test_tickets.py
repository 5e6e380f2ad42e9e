"""Websocket tickets on a real Valkey."""

import asyncio
import socket
from pathlib import Path

import pytest
from redis.asyncio import Redis

from schemas.http.auth import EnterAsGuest
from server.auth.actors import Identity
from server.auth.service import Auth
from server.auth.sessions import token_hash
from server.auth.tickets import TICKET_MS, Tickets
from server.kernel.errors import Unavailable
from server.redis.connection import connect
from tests.fakes.clock import FakeClock


async def test_a_ticket_opens_once(auth: Auth, clock: FakeClock) -> None:
    signed_in = await auth.enter_as_guest(None, EnterAsGuest(name="Ann"))
    assert signed_in.token is not None
    ticket = await auth.issue_ticket(signed_in.token)
    assert ticket.expires_at_ms == clock.now_ms() + TICKET_MS
    outcomes = await asyncio.gather(*(auth.by_ticket(ticket.ticket) for _ in range(10)))
    assert [outcome for outcome in outcomes if outcome is not None] == [Identity(signed_in.actor, token_hash(signed_in.token))]


@pytest.mark.parametrize("ticket", ["", "unknown", "x" * 10_000, "\x00", "я"])
async def test_an_unknown_ticket_opens_nothing(redis: Redis, ticket: str) -> None:
    tickets = Tickets(redis)
    assert await tickets.redeem(ticket) is None
    tickets.close()


async def test_a_ticket_is_not_stored_and_goes_by_itself(redis: Redis) -> None:
    tickets = Tickets(redis)
    ticket = await tickets.issue("somebody")
    tickets.close()
    [key] = await redis.keys("*")
    assert ticket.encode() not in key
    assert 0 < await redis.pttl(key) <= TICKET_MS


async def test_without_redis_tickets_are_unavailable(tmp_path: Path) -> None:
    client = connect(f"unix://{tmp_path / 'nobody.sock'}")
    with pytest.raises(Unavailable):
        await Tickets(client).issue("somebody")
    await client.aclose()


async def test_a_redis_that_does_not_answer_makes_tickets_unavailable_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.auth.tickets.DEADLINE_S", 0.2)
    path = str(tmp_path / "dumb.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        client = connect(f"unix://{path}")
        async with asyncio.timeout(2):
            with pytest.raises(Unavailable):
                await Tickets(client).redeem("a ticket of some length")
        await client.aclose()
