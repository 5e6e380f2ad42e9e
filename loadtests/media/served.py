"""The measured process: a media node alone, on uvloop as in production, and its HTTP on a free loopback port.

The HTTP adds the internal secret to every request, as the web role does after it has authorised a client, so that a browser can
publish and play; it listens on loopback only and lives as long as the measurement. `relay.py` starts it.
"""

import secrets
import socket
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from media.control import control_app
from media.node import MediaNode
from schemas.media import HEADER_SECRET
from server.kernel.clock import SystemClock
from server.kernel.process import die_with_parent
from server.kernel.tasks import supervised

PAGE = Path(__file__).with_name("page.js")
_HTML = b'<!doctype html><meta charset="utf-8"><title>load</title><script src="/page.js"></script>'


async def serve(listener: socket.socket) -> None:
    """Until SIGTERM."""
    secret = secrets.token_hex(16)
    async with supervised("relay") as tasks:
        node = MediaNode(
            node_id="load",
            udp_host="127.0.0.1",
            udp_port=0,
            announced=["127.0.0.1"],
            clock=SystemClock(),
            tasks=tasks,
            on_event=lambda event: None,
        )
        await node.start()
        inner = control_app(node, secret)
        header = (HEADER_SECRET.encode(), secret.encode())
        files = {"/": (b"text/html", _HTML), "/page.js": (b"text/javascript", PAGE.read_bytes())}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] in files:
                kind, body = files[scope["path"]]
                await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
                await send({"type": "http.response.body", "body": body})
                return
            await inner({**scope, "headers": [*scope["headers"], header]}, receive, send)

        config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", access_log=False)
        await uvicorn.Server(config).serve(sockets=[listener])
        await node.close()


def main() -> None:
    """Listen, say on which port, serve until SIGTERM."""
    die_with_parent(int(sys.argv[1]))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        uvloop.run(serve(listener))


if __name__ == "__main__":
    main()
