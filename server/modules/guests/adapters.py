"""How media nodes hear what the host wants of a guest: the port, and its client of the nodes' private addresses."""

import asyncio
from typing import Protocol

import httpx
import msgspec
from redis.exceptions import RedisError

from schemas.media import HEADER_SECRET, StageOrder
from server.http.media_nodes import NodeClients, Placement
from server.kernel.errors import Unavailable
from server.kernel.log import get_logger

DEADLINE_S = 4
"""Of one order, the look for its node included. A node answers within milliseconds; a dead one leaves the registry after 5 s."""

log = get_logger(__name__)


class StageControl(Protocol):
    """Orders to the media node that has a stream. A stream without a node, or a participant without a session, needs none: who
    connects later is given the state as of then."""

    async def order(self, stream_id: str, participant_id: str, order: StageOrder) -> None:
        """Show a participant to viewers or not, and withhold kinds of media.

        Raises:
            Unavailable: the node could not be asked; whether it has done it is not known. Asking again is harmless.
        """

    async def remove(self, stream_id: str, participant_id: str) -> None:
        """End a participant's publishing session.

        Raises:
            Unavailable: as above.
        """


class UnexpectedAnswer(Exception):
    """A media node that speaks another contract: trying again does not help."""


class NodeStages:
    """`StageControl` over HTTP with `HEADER_SECRET`, as `schemas/media.py` says."""

    def __init__(self, placement: Placement, secret: str) -> None:
        self._placement = placement
        self._secret = secret
        self._clients = NodeClients()

    async def order(self, stream_id: str, participant_id: str, order: StageOrder) -> None:
        await self._send("PUT", stream_id, participant_id, msgspec.json.encode(order))

    async def remove(self, stream_id: str, participant_id: str) -> None:
        await self._send("DELETE", stream_id, participant_id, None)

    async def close(self) -> None:
        """Close every connection."""
        await self._clients.close()

    async def _send(self, method: str, stream_id: str, participant_id: str, body: bytes | None) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                node = await self._placement.owner(stream_id)
                if node is None:
                    return
                client = await self._clients.get(node.control_url)
                headers = {HEADER_SECRET: self._secret, "content-type": "application/json"}
                path = f"/stage/{stream_id}/{participant_id}"
                answer = await client.request(method, path, content=body, headers=headers)
        except (httpx.HTTPError, RedisError, TimeoutError) as error:
            raise Unavailable(f"the media node of {stream_id} cannot be told: {error!r}") from error
        if answer.is_success or answer.status_code == 404:
            return
        if answer.status_code == 403:
            log.error("a media node refuses the internal secret", node=node.node_id)
        if answer.status_code == 403 or answer.is_server_error:
            raise Unavailable(f"media node {node.node_id} answers {answer.status_code} to {method} {path}")
        raise UnexpectedAnswer(f"media node {node.node_id} answers {answer.status_code} to {method} {path}: {answer.text[:200]}")
