"""A push service (RFC 8030) with its browsers: it checks who sends, and the browsers really decrypt what it takes."""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.modules.notifications.adapters.encryption import CURVE, decode, derive, encode, point

BODY_BYTES_MAX = 4_096
"""What a push service must take at least, and many take at most (RFC 8030 §7.2)."""


@dataclass
class Browser:
    """A browser that is subscribed at `/push/<name>`. `answers` are given first, each once: a status, or a status and headers;
    `silent` lets every request wait for ever."""

    name: str
    application_key: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = b"sixteen bytes..!"
    answers: deque[int | tuple[int, Mapping[str, str]]] = field(default_factory=deque)
    silent: bool = False
    shown: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    asked: int = 0

    def keys(self) -> dict[str, str]:
        """As `PushSubscription.toJSON()` has them."""
        return {"p256dh": encode(point(self.key.public_key())), "auth": encode(self.secret)}

    def decrypt(self, body: bytes) -> bytes:
        """RFC 8291 §3.4 from the other side, RFC 8188 §2."""
        salt, record_size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= record_size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))
        content_key, nonce = derive(shared, self.secret, salt, point(self.key.public_key()), sender)
        text, delimiter, padding = AESGCM(content_key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert delimiter, "the last record ends with 2"
        assert not padding.strip(b"\x00")
        return text


@dataclass
class FakePushService:
    """`now_s` is its clock: a note that has expired, or lasts longer than a day, is refused."""

    now_s: int
    origin: str = ""
    browsers: dict[str, Browser] = field(default_factory=dict)

    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route("/push/{name}", self.push, methods=["POST"])])

    def subscribe(self, name: str, application_key: str) -> Browser:
        """A person allows notifications in a new browser."""
        self.browsers[name] = Browser(name, application_key)
        return self.browsers[name]

    def endpoint(self, browser: Browser) -> str:
        return f"{self.origin}/push/{browser.name}"

    async def push(self, request: Request) -> Response:
        browser = self.browsers.get(request.path_params["name"])
        if browser is None:
            return Response(status_code=404)
        browser.asked += 1
        if browser.silent:
            await asyncio.Event().wait()
        if browser.answers:
            given = browser.answers.popleft()
            status, headers = (given, {}) if isinstance(given, int) else given
            if status >= 300:
                return Response(status_code=status, headers=dict(headers))
        if not self._knows(request.headers.get("authorization", ""), browser):
            return Response(status_code=403)
        body = await request.body()
        if len(body) > BODY_BYTES_MAX:
            return Response(status_code=413)
        if request.headers.get("content-encoding") != "aes128gcm" or not request.headers.get("ttl", "").isdigit():
            return Response(status_code=400)
        browser.headers.append(dict(request.headers))
        browser.shown.append(json.loads(browser.decrypt(body)))
        return Response(status_code=201, headers={"location": f"{self.origin}/message/1"})

    def _knows(self, authorization: str, browser: Browser) -> bool:
        """RFC 8292 §4: the note is signed with the key that the browser was subscribed with, is for us, and is still good."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        if scheme != "vapid" or parts.get("k") != browser.application_key:
            return False
        head, claims, signature = parts["t"].split(".")
        raw = decode(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(parts["k"]))
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        told = json.loads(decode(claims))
        fresh = self.now_s < told["exp"] <= self.now_s + 24 * 3_600
        return bool(fresh and told["aud"] == self.origin and told["sub"].startswith(("mailto:", "https:")))
