"""A receiver of webhooks that checks signatures by itself, and misbehaves as told: errors, silence, redirects, no end."""

import asyncio
import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Message:
    """What arrived."""

    id: str
    timestamp: int
    signatures: list[str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """Standard Webhooks, written down once more: HMAC-SHA256 of `id.timestamp.body` under the decoded secret."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = hmac.new(key, f"{self.id}.{self.timestamp}.{self.body}".encode(), hashlib.sha256).digest()
        return f"v1,{base64.b64encode(signed).decode()}" in self.signatures


@dataclass
class Inbox:
    """One endpoint. `answers` are given first, each once: a status, or `silent`, `redirect`, `endless`."""

    answers: deque[int | str] = field(default_factory=deque)
    always: int | str = 200
    got: list[Message] = field(default_factory=list)
    waiting: int = 0
    most_waiting: int = 0


@dataclass
class WebhookReceiver:
    """Endpoints at `/hooks/<name>`. `release` lets everything that is silent answer."""

    origin: str = ""
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/hooks/{name}", self.receive, methods=["GET", "POST"])])

    def inbox(self, name: str) -> Inbox:
        return self.inboxes.setdefault(name, Inbox())

    def url(self, name: str) -> str:
        return f"{self.origin}/hooks/{name}"

    async def receive(self, request: Request) -> Response:
        inbox = self.inbox(request.path_params["name"])
        headers = request.headers
        inbox.got.append(
            Message(
                id=headers["webhook-id"],
                timestamp=int(headers["webhook-timestamp"]),
                signatures=headers["webhook-signature"].split(" "),
                body=(await request.body()).decode(),
            )
        )
        answer = inbox.answers.popleft() if inbox.answers else inbox.always
        if answer == "silent":
            inbox.waiting += 1
            inbox.most_waiting = max(inbox.most_waiting, inbox.waiting)
            try:
                await self.release.wait()
            finally:
                inbox.waiting -= 1
            return Response("at last")
        if answer == "redirect":
            return Response(status_code=307, headers={"location": self.url("elsewhere")})
        if answer == "endless":
            return StreamingResponse(_endless())
        assert isinstance(answer, int)
        return Response(f"answer {answer}\x00", status_code=answer)


async def _endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 65_536
        await asyncio.sleep(0)


@contextlib.contextmanager
def self_signed(folder: Path) -> Iterator[ssl.SSLContext]:
    """TLS with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.timedelta(days=1)
    noon = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(noon - day)
        .not_valid_after(noon + 10_000 * day)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "self-signed.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "self-signed.pem")
    yield context
