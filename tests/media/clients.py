"""Publishers and viewers by aiortc: an implementation of ICE, DTLS, SRTP and RTP that is not ours, speaking WHIP and WHEP."""

import asyncio
import time
from collections.abc import Callable

import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from tests.media.clips import ClipTrack

STREAM = "shw_" + "0" * 32
DEADLINE_S = 15.0


class Client:
    """A peer connection and its WHIP or WHEP session."""

    def __init__(self, http: httpx.AsyncClient, name: str, stream: str = STREAM) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.http = http
        self.url = f"/{name}/{stream}"
        self.session_url = ""
        self.etag = ""
        self.answer = ""
        self.video_frames: list[float] = []
        self.timestamps: list[int] = []
        """RTP timestamps of the video frames."""
        self.audio_frames = 0
        self.tracks: list[ClipTrack] = []
        """What a publisher sends."""
        self._readers: list[asyncio.Task[None]] = []
        self.pc.on("track", self._on_track)

    async def connect(self) -> None:
        """Offer, POST, answer, and wait until DTLS is up."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        reply = await self.http.post(self.url, content=self.pc.localDescription.sdp, headers={"content-type": "application/sdp"})
        assert reply.status_code == 201, reply.text
        self.session_url, self.etag, self.answer = reply.headers["location"], reply.headers["etag"], reply.text
        await self.pc.setRemoteDescription(RTCSessionDescription(reply.text, "answer"))
        await until(lambda: self.pc.connectionState == "connected")

    async def close(self) -> None:
        """Close without a word over HTTP; DTLS says goodbye."""
        await self.pc.close()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._readers.append(asyncio.get_running_loop().create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            if track.kind == "video":
                assert isinstance(frame, VideoFrame)
                assert frame.width > 0
                self.video_frames.append(time.monotonic())
                self.timestamps.append(frame.pts or 0)
            else:
                self.audio_frames += 1


class Clients:
    """Makes them and closes them."""

    def __init__(self, http: httpx.AsyncClient, stream: str = STREAM) -> None:
        self._http = http
        self._stream = stream
        self._made: list[Client] = []

    async def publisher(self) -> Client:
        """Sends the clip."""
        client = Client(self._http, "whip", self._stream)
        self._made.append(client)
        for kind in ("video", "audio"):
            client.tracks.append(ClipTrack(kind))
            client.pc.addTransceiver(client.tracks[-1], direction="sendonly")
        prefer(client.pc, "video/H264")
        await client.connect()
        return client

    async def viewer(self) -> Client:
        """Plays the stream."""
        client = Client(self._http, "whep", self._stream)
        self._made.append(client)
        for kind in ("video", "audio"):
            client.pc.addTransceiver(kind, direction="recvonly")
        await client.connect()
        return client

    async def close(self) -> None:
        """All of them."""
        await asyncio.gather(*(client.close() for client in self._made))


def prefer(pc: RTCPeerConnection, mime_type: str) -> None:
    """Offer only this video codec and RTX."""
    for transceiver in pc.getTransceivers():
        if transceiver.kind == "video":
            codecs = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in codecs if c.mimeType in (mime_type, "video/rtx")])


async def until(condition: Callable[[], object], deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition; fail when it does not come true."""
    async with asyncio.timeout(deadline_s):
        while not condition():  # noqa: ASYNC110 - the states of browsers and peers have no event of ours
            await asyncio.sleep(0.01)
