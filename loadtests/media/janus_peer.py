"""A Janus of our own, and viewers of its streaming plugin: the process, its HTTP API, and our end of its offers.

Its settings are Debian's, but for what a run beside others needs: its own folder, ports and transports, no log on a screen; and
ICE-lite, so that our client is the controlling side, as with the relay. Its candidates are the machine's own addresses, Janus
leaves loopback out; what one process sends to another there goes over loopback as well.
"""

import asyncio
import contextlib
import socket
import struct
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from loadtests.media import wire
from loadtests.media.client import Viewer
from loadtests.media.host import Host, Pattern
from loadtests.media.relay import NotMeasured
from loadtests.media.wire import AUDIO_TYPE, VIDEO_TYPE
from media.transport.dtls import Identity

START_S = 15.0
MOUNTPOINT = 1
_EVENT_S = 20.0
_EVENTS, _POLL_S = 10, 60.0
"""Events per long poll; Janus answers an idle one after 30 s."""

_GENERAL = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{library}/plugins"
  transports_folder = "{library}/transports"
  events_folder = "{folder}/none"
  loggers_folder = "{folder}/none"
  log_to_stdout = false
  log_to_file = "{folder}/janus.log"
  debug_level = 3
  interface = "127.0.0.1"
  session_timeout = 0
}}
nat: {{
  ice_lite = true
  ignore_mdns = true
}}
plugins: {{
  disable = "{plugins}"
}}
transports: {{
  disable = "{transports}"
}}
"""
_HTTP = """
general: {{
  json = "compact"
  base_path = "/janus"
  http = true
  port = {port}
  ip = "127.0.0.1"
  https = false
}}
admin: {{
  admin_http = false
}}
"""
_STREAMING = """
load: {{
  type = "rtp"
  id = {mountpoint}
  description = "load"
  audio = true
  audioport = {audio}
  audiopt = {audio_type}
  audiocodec = "opus"
  audioiface = "127.0.0.1"
  video = true
  videoport = {video}
  videopt = {video_type}
  videocodec = "h264"
  videofmtp = "profile-level-id=42e01f;packetization-mode=1"
  videoiface = "127.0.0.1"
}}
"""


class Api:
    """Janus' HTTP API: one session, a handle per viewer, events by long polling."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self._session = ""
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def open(self) -> None:
        """Make the session."""
        self._session = f"/janus/{(await self.post('/janus', {'janus': 'create'}))['data']['id']}"

    async def listen(self) -> None:
        """Until cancelled: hand each handle the event that it waits for."""
        while True:
            reply = await self.http.get(self._session, params={"maxev": _EVENTS}, timeout=_POLL_S)
            for event in reply.json():
                waiting = self._waiting.get(event.get("sender", 0))
                if waiting is not None and event["janus"] == "event" and not waiting.done():
                    waiting.set_result(event)

    async def attach(self) -> int:
        """A handle of the streaming plugin."""
        reply = await self.post(self._session, {"janus": "attach", "plugin": "janus.plugin.streaming"})
        return int(reply["data"]["id"])

    async def ask(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """Send a message and wait for the plugin's event.

        Raises:
            NotMeasured: the plugin refuses.
        """
        waiting = self._waiting[handle] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"janus": "message", "body": body}
        await self.post(f"{self._session}/{handle}", {**message, "jsep": jsep} if jsep else message)
        async with asyncio.timeout(_EVENT_S):
            event: dict[str, Any] = await waiting
        refusal = event["plugindata"]["data"].get("error")
        if refusal:
            raise NotMeasured(f"Janus: {refusal}")
        return event

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A request; a transaction's name means nothing to us."""
        reply: dict[str, Any] = (await self.http.post(path, json={"transaction": "load", **body})).json()
        if reply["janus"] == "error":
            raise NotMeasured(f"Janus: {reply['error']['reason']}")
        return reply


class JanusViewer(Viewer):
    """Janus offers, we answer; from there on it is the viewer of the other measurements."""

    def __init__(self, api: Api, identity: Identity) -> None:
        super().__init__(api.http, identity)
        self._api = api

    async def watch(self, stream: str, port: int | None = None) -> None:
        """Join the mountpoint."""
        handle = await self._api.attach()
        offer = (await self._api.ask(handle, {"request": "watch", "id": MOUNTPOINT}))["jsep"]["sdp"]
        connecting = asyncio.ensure_future(self.establish(wire.read(offer), port))
        answer = self.describe("recvonly").replace("BUNDLE 0 1", "BUNDLE a v")
        answer = answer.replace("a=mid:0", "a=mid:a").replace("a=mid:1", "a=mid:v")
        try:
            await self._api.ask(handle, {"request": "start"}, {"type": "answer", "sdp": answer})
            await connecting
        finally:
            connecting.cancel()


class PlainHost(Host):
    """The host's packets without SRTP, to two UDP ports (sound, picture)."""

    def __init__(self, http: httpx.AsyncClient, identity: Identity, programme: Pattern, ports: tuple[int, int]) -> None:
        super().__init__(http, identity, programme)
        self._targets = {AUDIO_TYPE: ports[0], VIDEO_TYPE: ports[1]}

    def _packet(self, kind: int, timestamp: int, marker: bool, payload: bytes) -> None:
        index = self._indexes[kind]
        self._indexes[kind] = index + 1
        second = kind | (0x80 if marker and kind == VIDEO_TYPE else 0)
        header = struct.pack("!BBHII", 0x80, second, index & 0xFFFF, timestamp & 0xFFFFFFFF, self._ssrcs[kind])
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self.sock.sendto(header + payload, ("127.0.0.1", self._targets[kind]))
        self.packets += 1

    def close_ports(self) -> None:
        """There is no session to end."""
        self.sock.close()


@contextlib.asynccontextmanager
async def running_janus(program: str) -> AsyncIterator[tuple[int, httpx.AsyncClient, tuple[int, int]]]:
    """A Janus for the block: pid, HTTP client, ports of sound and picture."""
    with tempfile.TemporaryDirectory(prefix="load-janus-") as folder:
        audio, video, port = _free_ports(3)
        _configure(Path(folder), audio, video, port)
        command = [program, "-F", folder, "-C", f"{folder}/janus.jcfg"]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_EVENT_S) as http:
                await _until_up(http, process, Path(folder) / "janus.log")
                yield process.pid, http, (audio, video)
        finally:
            if process.returncode is None:
                process.kill()  # it has nothing to save, and takes seconds to say goodbye to every viewer
            await process.wait()


def _configure(folder: Path, audio: int, video: int, port: int) -> None:
    """Settings for one mountpoint, the streaming plugin alone, and the HTTP interface alone."""
    plugin = next(iter(Path("/usr/lib").glob("*/janus/plugins/libjanus_streaming.so")), None)
    if plugin is None:
        raise NotMeasured("Janus has no streaming plugin here")
    library = plugin.parent.parent
    plugins = ",".join(path.name for path in plugin.parent.glob("*.so") if path.name != plugin.name)
    transports = ",".join(path.name for path in (library / "transports").glob("*.so") if "_http" not in path.name)
    (folder / "none").mkdir()
    janus = _GENERAL.format(folder=folder, library=library, plugins=plugins, transports=transports)
    (folder / "janus.jcfg").write_text(janus)
    (folder / "janus.transport.http.jcfg").write_text(_HTTP.format(port=port))
    types = {"audio_type": AUDIO_TYPE, "video_type": VIDEO_TYPE}
    streaming = _STREAMING.format(mountpoint=MOUNTPOINT, audio=audio, video=video, **types)
    (folder / "janus.plugin.streaming.jcfg").write_text(streaming)


async def _until_up(http: httpx.AsyncClient, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(START_S):
        while True:
            if process.returncode is not None:
                raise NotMeasured(f"Janus ended with status {process.returncode}: {_last_line(log)}")
            try:
                (await http.get("/janus/info")).raise_for_status()
                return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


def _last_line(log: Path) -> str:
    return (log.read_text().strip().splitlines() or [""])[-1] if log.exists() else "no log"


def _free_ports(count: int) -> list[int]:
    """Ports that nobody used a moment ago, UDP and TCP."""
    with contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for sock in socks:
            sock.bind(("127.0.0.1", 0))
        return [int(sock.getsockname()[1]) for sock in socks]
