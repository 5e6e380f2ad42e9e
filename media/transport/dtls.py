"""DTLS-SRTP (RFC 5763, RFC 5764) by aiortc's `RTCDtlsTransport` over our own socket.

The only file that uses private names of aiortc; `tests/media/transport/test_dtls.py` checks that the pinned version has them.
aiortc needs `role`, `_recv` and `_send` of what it takes for an ICE transport. After the handshake it stays to hear the closing
alert; media never passes through it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)

from media.transport.srtp import AES_128_CM_SHA1, AES_128_GCM, AES_256_GCM, SrtpKeys

PROFILES: tuple[SRTPProtectionProfile, ...] = (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80)
"""In our order: AES-128-GCM is the cheapest to encrypt."""

HANDSHAKE_S = 10.0
"""Deadline of a handshake; OpenSSL repeats a lost flight after 1, 2 and 4 seconds."""

_INBOX_MAX = 32  # records of two flights; more is a flood, and DTLS repeats what it misses
_CLOSE_S = 1.0
_NAMES = {
    b"SRTP_AEAD_AES_128_GCM": AES_128_GCM,
    b"SRTP_AEAD_AES_256_GCM": AES_256_GCM,
    b"SRTP_AES128_CM_SHA1_80": AES_128_CM_SHA1,
}

Role = Literal["server", "client"]


class HandshakeFailed(Exception):
    """No keys: wrong certificate, no common profile, or no answer in time."""


class Fingerprint(NamedTuple):
    """Hash of a certificate as SDP writes it (RFC 8122 §5): `sha-256`, `AB:CD:…`."""

    algorithm: str
    value: str


class Identity:
    """The certificate of this process (ECDSA P-256), one for all sessions: making one per session costs a millisecond."""

    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        self.fingerprint = next(
            Fingerprint(item.algorithm, item.value) for item in self.certificate.getFingerprints() if item.algorithm == "sha-256"
        )


class DtlsSession:
    """One peer's DTLS association."""

    role = "controlled"  # what aiortc asks of an ICE transport; the DTLS role is given below

    def __init__(
        self,
        identity: Identity,
        role: Role,
        fingerprints: Sequence[Fingerprint],
        send: Callable[[bytes], None],
        on_closed: Callable[[], None],
    ) -> None:
        self._send_datagram = send
        self._on_closed = on_closed
        self._inbox: asyncio.Queue[bytes] = asyncio.Queue(maxsize=_INBOX_MAX)
        self._peer = RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(f.algorithm, f.value) for f in fingerprints])
        self._dtls = RTCDtlsTransport(self, [identity.certificate])  # type: ignore[arg-type]
        self._dtls._srtp_profiles = list(PROFILES)
        self._dtls._set_role(role)
        self._dtls_role = role

    def receive(self, datagram: bytes) -> None:
        """Hand in a datagram whose first byte is 20 to 63 (RFC 7983 §7). Full inbox: dropped, DTLS repeats it."""
        if not self._inbox.full():
            self._inbox.put_nowait(datagram)

    async def handshake(self) -> SrtpKeys:
        """Run the handshake and export the keys.

        Raises:
            HandshakeFailed: no keys within `HANDSHAKE_S`.
        """
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                await self._dtls.start(self._peer)
        except TimeoutError:
            raise HandshakeFailed("no answer in time") from None
        if self._dtls.state != "connected":
            raise HandshakeFailed("refused: wrong certificate or no common SRTP profile")
        self._dtls.on("statechange", self._state_changed)
        return self._keys()

    async def close(self) -> None:
        """Send the closing alert."""
        self._dtls.remove_all_listeners()
        async with asyncio.timeout(_CLOSE_S):
            await self._dtls.stop()

    def _state_changed(self) -> None:
        if self._dtls.state in ("closed", "failed"):
            self._on_closed()

    def _keys(self) -> SrtpKeys:
        """RFC 5764 §4.2: client key, server key, client salt, server salt."""
        ssl = self._dtls._ssl
        assert ssl is not None
        chosen = ssl.get_selected_srtp_profile()
        profile = next(item for item in PROFILES if item.openssl_profile == chosen)
        material = ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", 2 * (profile.key_length + profile.salt_length))
        ours = 1 if self._dtls_role == "server" else 0
        send, receive = profile.get_key_and_salt(material, ours), profile.get_key_and_salt(material, 1 - ours)
        cut = profile.key_length
        return SrtpKeys(_NAMES[chosen], send[:cut], send[cut:], receive[:cut], receive[cut:])

    async def _recv(self) -> bytes:
        return await self._inbox.get()

    async def _send(self, data: bytes) -> None:
        self._send_datagram(data)
