"""Two sites with https on this machine: the shop behind a proxy that ends TLS, and other people's pages."""

import asyncio
import contextlib
import datetime as dt
import ipaddress
import re
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.site import Site, free_port

TRUSTING = ["--ignore-certificate-errors", "--test-third-party-cookie-phaseout"]
"""Chromium takes our own certificate, and keeps no third-party cookie that is not partitioned."""


def tls(folder: Path) -> ssl.SSLContext:
    """A certificate of our own for this machine's names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin, begin.replace(year=2120))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "tls.pem"
    file.write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class SecureSite(Site):
    """A shop at `https://localhost:…`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.https_port = free_port(socket.SOCK_STREAM)
        self.blog = Blog(self.url)
        self.environment["PUBLIC_URL"] = self.url

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    @contextlib.asynccontextmanager
    async def in_front(self, context: ssl.SSLContext) -> AsyncIterator[None]:
        """The proxy that ends TLS, while the shop is used."""
        server = await asyncio.start_server(self._pass_on, "localhost", self.https_port, ssl=context)
        try:
            yield
        finally:
            server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.http_port)
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # A browser that leaves in the middle breaks its connection; that ends this copy and nothing else.
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


class Blog:
    """Other people's site at `https://127.0.0.1:…`: one page, under a policy that lets in the shop's script and frames alone."""

    def __init__(self, shop: str) -> None:
        self.shop = shop
        self.port = free_port(socket.SOCK_STREAM)
        self.body = ""

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @contextlib.asynccontextmanager
    async def served(self, context: ssl.SSLContext) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", self.port, ssl=context)
        try:
            yield
        finally:
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            request = await reader.readuntil(b"\r\n\r\n")
            found = re.match(rb"GET / ", request) is not None
            body = f"<!doctype html><html lang=en><title>Blog</title><body>{self.body}".encode() if found else b""
            head = [
                f"HTTP/1.1 {'200 OK' if found else '404 Not Found'}",
                "Content-Type: text/html; charset=utf-8",
                f"Content-Security-Policy: default-src 'none'; script-src {self.shop}; frame-src {self.shop}; base-uri 'none'",
                f"Content-Length: {len(body)}",
                "Connection: close",
            ]
            writer.write("\r\n".join([*head, "", ""]).encode() + body)
            await writer.drain()
        writer.close()
