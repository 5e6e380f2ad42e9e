"""The target `whip`: any text as an offer to a real node, as a publisher's and as a viewer's."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from media import negotiation, sdp
from media import whip as protocol
from media.negotiation import OutgoingSource
from media.node import MediaNode
from media.peer import Who
from schemas.errors import Refused
from server.kernel.clock import SystemClock

STREAM = "shw_" + "0" * 32
_CLIENT = "192.0.2.1"


class _Tasks:
    """Keeps the node's tasks alive."""

    def __init__(self) -> None:
        self._kept: list[asyncio.Task[object]] = []

    def start(self, coroutine: Coroutine[Any, Any, object], name: str = "", /) -> "asyncio.Task[object]":
        self._kept.append(asyncio.get_running_loop().create_task(coroutine, name=name))
        return self._kept[-1]

    async def close(self) -> None:
        for task in self._kept:
            task.cancel()
        await asyncio.gather(*self._kept, return_exceptions=True)


class Whip:
    """Its node starts with the first input, on free ports of the loopback; `close` ends it."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._tasks = _Tasks()
        self._node: MediaNode | None = None

    def one_input(self, data: bytes) -> None:
        """Negotiate; an answer must be a description that fits the offer, and a closed session must leave nothing behind."""
        text = data.decode("utf-8", "replace")
        _play(text)
        node = self._started()
        try:
            session, answer = protocol.open_session(node, STREAM, text, _CLIENT, Who("host", "host"))
        except Refused as refused:
            _check_refusal(refused)
            if node.sessions:
                raise AssertionError("a refused offer left a session") from refused
            return
        offer = sdp.parse(text)
        _check_answer(offer, answer)
        assert session.remote_ufrag
        assert all(media.fingerprints for media in offer.medias if media.port)
        session.close()
        node._forget_closed()
        assert not node.sessions
        assert not node.streams
        assert not node.transport.by_ufrag

    def close(self) -> None:
        """End the node."""
        if self._runner is not None and self._node is not None:
            self._runner.run(self._node.close())
            self._runner.run(self._tasks.close())
            self._runner.close()
        self._runner = self._node = None

    def _started(self) -> MediaNode:
        if self._node is None:
            self._runner = asyncio.Runner()
            self._node = MediaNode(
                node_id="node-1",
                udp_host="127.0.0.1",
                udp_port=0,
                announced=["127.0.0.1"],
                clock=SystemClock(),
                tasks=self._tasks,
                on_event=lambda event: None,
            )
            self._runner.run(self._node.start())
        return self._node


def _play(text: str) -> None:
    """The same text as a viewer's offer, for a stream of H264 and for one of VP8."""
    try:
        offer = sdp.parse(text)
    except sdp.SdpError:
        return
    for codec in ("H264", "VP8"):
        sources = {
            ("video", 0): OutgoingSource(1, 2, codec, "42c01f"),
            ("video", 1): OutgoingSource(5, 6, codec, "640c1f"),
            ("audio", 0): OutgoingSource(3, 4, "OPUS", "", stereo=True),
        }
        try:
            chosen = negotiation.choose_played(offer, sources)  # type: ignore[arg-type]
        except Refused as refused:
            _check_refusal(refused)
            continue
        assert len(chosen) == len(offer.medias)


def _check_refusal(refused: Refused) -> None:
    assert 400 <= refused.error.status < 500, refused
    assert len(refused.detail) < 1000


def _check_answer(offer: sdp.Description, text: str) -> None:
    answer = sdp.parse(text)
    assert [media.kind for media in answer.medias] == [media.kind for media in offer.medias]
    assert [media.mid for media in answer.medias] == [media.mid for media in offer.medias]
    for theirs, ours in zip(offer.medias, answer.medias, strict=True):
        assert ours.direction in ("recvonly", "inactive")
        assert set(ours.payload_types) <= set(theirs.payload_types)
        assert ours.fingerprints
        assert ours.ufrag


whip = Whip()
