"""The system's Firefox, spoken to in WebDriver BiDi (W3C): the protocol is built into it."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from server.kernel.clock import SystemClock
from tests.browser import AT_REST

START_MS = 60_000
ANSWER_MS = 60_000
STEP_MS = 100
PREFERENCES = {
    # Tests stay on this machine, where everything is behind the loopback address.
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    # Firefox looks for its vendor's hosts at every start.
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "data:,",
    "intl.accept_languages": "en-GB",
}


def firefox() -> str:
    """Path of Firefox; without one the test is skipped. The set-up installs it wherever the system has a package of it."""
    for name in ("firefox-esr", "firefox"):
        if path := shutil.which(name):
            return path
    pytest.skip(
        "no Firefox here: `make test` installs it where the system has a package of it and it may use the package manager"
    )


class FirefoxPage:
    """One tab. Elements are named by their test id; what is pressed and typed takes the way of real input."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._next_id = 0
        self._context = ""

    async def open(self) -> None:
        """Begin a session and take its first tab."""
        await self._command("session.new", {"capabilities": {}})
        tree = await self._command("browsingContext.getTree", {})
        self._context = tree["contexts"][0]["context"]

    async def goto(self, url: str) -> None:
        """Load an address, up to its `load` event."""
        await self._command("browsingContext.navigate", {"context": self._context, "url": url, "wait": "complete"})

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression, or of what it promises."""
        wrapped = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self._context}
        answer = await self._command("script.evaluate", {"expression": wrapped, "target": target, "awaitPromise": True})
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, patience_ms: int) -> None:
        """Wait until the expression is true.

        Raises:
            AssertionError: it is not within `patience_ms`.
        """
        clock = SystemClock()
        end_ms = clock.monotonic_ms() + patience_ms
        while not await self.evaluate(expression):
            assert clock.monotonic_ms() < end_ms, f"not within {patience_ms} ms: {expression}"
            await asyncio.sleep(STEP_MS / 1000)

    async def click(self, testid: str, patience_ms: int) -> None:
        """Press the first element of this name, once it is there and can be pressed."""
        found = f"document.querySelector('[data-testid=\"{testid}\"]:not([disabled])')"
        await self.until(f"{found} !== null", patience_ms)
        where = f"""(() => {{
          const element = {found};
          element.scrollIntoView({{ block: "center", behavior: "instant" }});
          const {{ x, y, width, height }} = element.getBoundingClientRect();
          return [Math.round(x + width / 2), Math.round(y + height / 2)];
        }})()"""
        await self.evaluate(f"({AT_REST})().then(() => 0)")
        x, y = await self.evaluate(where)
        press = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._act({"type": "pointer", "id": "mouse", "actions": press})

    async def type(self, testid: str, text: str, patience_ms: int) -> None:
        """Press the field and type."""
        await self.click(testid, patience_ms)
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        await self._act({"type": "key", "id": "keyboard", "actions": keys})

    async def _act(self, source: dict[str, Any]) -> None:
        await self._command("input.performActions", {"context": self._context, "actions": [source]})

    async def _command(self, method: str, params: dict[str, Any]) -> Any:
        self._next_id += 1
        await self._socket.send(json.dumps({"id": self._next_id, "method": method, "params": params}))
        async with asyncio.timeout(ANSWER_MS / 1000):
            while True:
                answer = json.loads(await self._socket.recv())
                if answer.get("id") == self._next_id:
                    assert answer["type"] == "success", (method, answer)
                    return answer["result"]


@contextlib.asynccontextmanager
async def firefox_page(folder: Path, origin: str) -> AsyncIterator[FirefoxPage]:
    """A headless Firefox with a new profile in `folder`, until the end of the block; `origin` is the site that it will open."""
    profile = folder / "firefox"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    _let_gather(profile, origin)
    words = [firefox(), "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank"]
    environment = {**os.environ, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
    process = await asyncio.create_subprocess_exec(
        *words,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        address = await _address(process)
        # It writes on and on; a pipe that nobody reads would stop it.
        assert process.stderr is not None
        reading = asyncio.create_task(process.stderr.read())
        async with connect(f"{address}/session", proxy=None, max_size=None) as socket:
            page = FirefoxPage(socket)
            await page.open()
            yield page
        process.terminate()
        await reading
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


def _let_gather(profile: Path, origin: str) -> None:
    """A page that may use the microphone gathers ICE candidates of every address; any other only that of the default route
    (RFC 8828 §5.2), from which a relay at the loopback address is not tried. The permission is the one a person would give."""
    with contextlib.closing(sqlite3.connect(profile / "permissions.sqlite")) as database, database:
        database.execute("PRAGMA user_version = 12")
        database.execute(
            "CREATE TABLE moz_perms (id INTEGER PRIMARY KEY, origin TEXT, type TEXT, permission INTEGER, expireType INTEGER, "
            "expireTime INTEGER, modificationTime INTEGER)"
        )
        database.execute("INSERT INTO moz_perms VALUES (1, ?, 'microphone', 1, 0, 0, 0)", (origin,))


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(START_MS / 1000):
        while line := (await process.stderr.readline()).decode(errors="replace"):
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
    raise AssertionError("Firefox ended before it listened")
