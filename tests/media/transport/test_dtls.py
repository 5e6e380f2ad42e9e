"""DTLS-SRTP through aiortc's transport: its private seams exist, every profile gives working keys, impostors fail."""

import asyncio
import inspect

import pytest
from aiortc import rtcdtlstransport
from aiortc.rtcdtlstransport import RTCDtlsTransport, SRTPProtectionProfile

from media.transport import dtls
from media.transport.dtls import DtlsSession, Fingerprint, HandshakeFailed, Identity, Role
from media.transport.srtp import AES_128_CM_SHA1, AES_128_GCM, AES_256_GCM, SrtpKeys, inbound, outbound
from tests.media.clients import until


class Pair:
    """A client and a server whose datagrams go to each other."""

    def __init__(self, server_profiles: list[SRTPProtectionProfile], *, client_trusts: Fingerprint | None = None) -> None:
        ours, theirs = Identity(), Identity()
        self.closed: list[str] = []
        self.client: DtlsSession
        self.server = self._end(ours, "server", theirs.fingerprint, lambda data: self.client.receive(data))
        self.client = self._end(theirs, "client", client_trusts or ours.fingerprint, lambda data: self.server.receive(data))
        self.server._dtls._srtp_profiles = server_profiles

    def _end(self, identity: Identity, role: Role, peer: Fingerprint, send: object) -> DtlsSession:
        return DtlsSession(identity, role, [peer], send, lambda: self.closed.append(role))  # type: ignore[arg-type]

    async def handshake(self) -> tuple[SrtpKeys, SrtpKeys]:
        return await asyncio.gather(self.server.handshake(), self.client.handshake())

    async def close(self) -> None:
        await asyncio.gather(self.server.close(), self.client.close())


def test_the_private_names_that_we_use_exist_in_the_pinned_version() -> None:
    transport = RTCDtlsTransport(object(), [Identity().certificate])  # type: ignore[arg-type]
    assert transport._srtp_profiles == rtcdtlstransport.SRTP_PROFILES
    assert transport._ssl is None
    transport._set_role("server")
    assert transport._role == "server"
    source = inspect.getsource(RTCDtlsTransport)
    used = {word for word in ("self.transport._recv(", "self.transport._send(", "self.transport.role") if word in source}
    assert len(used) == 3
    assert source.count("self.transport.") == source.count("self.transport._") + source.count("self.transport.role")


@pytest.mark.parametrize("name", [AES_128_GCM, AES_256_GCM, AES_128_CM_SHA1])
async def test_every_profile_gives_keys_that_open_what_the_other_sealed(name: str) -> None:
    pair = Pair([profile for profile in dtls.PROFILES if profile.openssl_profile.decode() == name])
    server, client = await pair.handshake()
    assert server.profile == client.profile == name
    header = b"\x80\x60\x00\x01" + bytes(4) + b"\x00\x00\x00\x07"
    assert inbound(client).open(outbound(server).protect(1, header, b"down")) == (header, b"down")
    assert inbound(server).open(outbound(client).protect(1, header, b"up")) == (header, b"up")
    await pair.close()


async def test_the_cheapest_profile_wins_when_all_are_offered() -> None:
    pair = Pair(list(dtls.PROFILES))
    server, _ = await pair.handshake()
    assert server.profile == AES_128_GCM
    await pair.close()


async def test_another_certificate_than_the_offers_is_refused() -> None:
    pair = Pair(list(dtls.PROFILES), client_trusts=Identity().fingerprint)
    _, client = await asyncio.gather(pair.server.handshake(), pair.client.handshake(), return_exceptions=True)
    assert isinstance(client, HandshakeFailed)
    await pair.close()


async def test_the_closing_alert_is_heard() -> None:
    pair = Pair(list(dtls.PROFILES))
    await pair.handshake()
    await pair.client.close()
    await until(lambda: "server" in pair.closed)
    await pair.close()


async def test_no_answer_ends_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls, "HANDSHAKE_S", 0.05)
    pair = Pair(list(dtls.PROFILES))
    with pytest.raises(HandshakeFailed, match="in time"):
        await pair.server.handshake()
    await pair.close()


async def test_garbage_in_the_handshake_does_not_end_it() -> None:
    pair = Pair(list(dtls.PROFILES))
    for datagram in (b"\x16", b"\x16\xfe\xfd" + bytes(40), b"\x3f" * 1200):
        pair.server.receive(datagram)
    server, _ = await pair.handshake()
    assert server.profile == AES_128_GCM
    await pair.close()
