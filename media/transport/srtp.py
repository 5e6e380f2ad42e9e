"""SRTP and SRTCP (RFC 3711) with AES-GCM (RFC 7714) by `cryptography`; AES-CM with SHA-1 by libsrtp for old peers.

Cost of one packet of 1100 bytes: about 2 µs with AESGCM, 5 µs with pylibsrtp. The batch sender (`pacer.py`) builds nonces itself
and calls `encrypt` directly; `protect` here is for single packets.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import pylibsrtp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from media.rtp.packets import RtpError, extend, header_length

AES_128_GCM = "SRTP_AEAD_AES_128_GCM"
AES_256_GCM = "SRTP_AEAD_AES_256_GCM"
AES_128_CM_SHA1 = "SRTP_AES128_CM_SHA1_80"
GCM_TAG = 16
SHA1_TAG = 10

_RTP_KEY, _RTP_SALT, _RTCP_KEY, _RTCP_SALT = 0, 2, 3, 5  # labels of RFC 3711 §4.3.2
_WINDOW = 1024  # replay window: about one second of video, so that repairs by plain retransmission are let in
_SSRCS_MAX = 32  # sources per peer: a simulcast publisher has eight
_E_FLAG = 0x80000000
_REPLAYS = {"replay check failed (bad index)", "replay check failed (index too old)"}  # libsrtp's words


class SrtpError(ValueError):
    """The packet cannot be opened: not ours, damaged, or seen before (`Replayed`)."""


class Replayed(SrtpError):
    """The packet was seen before, or is too old to tell (RFC 3711 §3.3.2)."""


class SrtpKeys(NamedTuple):
    """Outcome of a DTLS handshake (RFC 5764 §4.2): profile, then master key and salt for each direction."""

    profile: str
    send_key: bytes
    send_salt: bytes
    receive_key: bytes
    receive_salt: bytes


class Outbound(Protocol):
    """Protects what goes to one peer."""

    tag_length: int

    def protect(self, index: int, header: bytes, payload: bytes) -> bytes:
        """One RTP packet; `index` is roll-over counter and sequence number as one number, 0 ≤ index < 2^48."""

    def protect_rtcp(self, data: bytes) -> bytes:
        """One RTCP packet."""


class Inbound(Protocol):
    """Opens what comes from one peer."""

    def open(self, data: bytes) -> tuple[bytes, bytes]:
        """Header (extensions included) and payload of an RTP packet.

        Raises:
            SrtpError: it is not from the peer, or a replay.
        """

    def open_rtcp(self, data: bytes) -> bytes:
        """Plain RTCP.

        Raises:
            SrtpError: it is not from the peer, or a replay.
        """


def outbound(keys: SrtpKeys) -> "GcmOutbound | LibsrtpOutbound":
    """The sending side for the negotiated profile."""
    return LibsrtpOutbound(keys) if keys.profile == AES_128_CM_SHA1 else GcmOutbound(keys.send_key, keys.send_salt)


def inbound(keys: SrtpKeys) -> "GcmInbound | LibsrtpInbound":
    """The receiving side for the negotiated profile."""
    return LibsrtpInbound(keys) if keys.profile == AES_128_CM_SHA1 else GcmInbound(keys.receive_key, keys.receive_salt)


def derive(key: bytes, salt: bytes, label: int, length: int) -> bytes:
    """RFC 3711 §4.3.1 with a key derivation rate of 0; the 96-bit salt of RFC 7714 §12 is padded to 112 bits."""
    block = bytearray(salt.ljust(14, b"\0"))
    block[7] ^= label
    return Cipher(algorithms.AES(key), modes.CTR(bytes(block) + b"\0\0")).encryptor().update(bytes(length))


class ReplayWindow:
    """RFC 3711 §3.3.2 over the last `_WINDOW` indexes."""

    __slots__ = ("_seen", "highest")

    def __init__(self) -> None:
        self.highest = -1
        self._seen = [-1] * _WINDOW

    def check(self, index: int) -> None:
        """Raises:
        Replayed: seen before or too old.
        """
        if index <= self.highest - _WINDOW or index < 0 or self._seen[index & _WINDOW - 1] == index:
            raise Replayed("seen before")

    def accept(self, index: int) -> None:
        """Remember an index whose packet was authentic."""
        self._seen[index & _WINDOW - 1] = index
        if index > self.highest:
            self.highest = index


class GcmOutbound:
    """AES-GCM, 128 or 256 bit by the key's length. `encrypt` and `salt` are for the batch sender."""

    tag_length = GCM_TAG

    def __init__(self, key: bytes, salt: bytes) -> None:
        self.encrypt = AESGCM(derive(key, salt, _RTP_KEY, len(key))).encrypt
        self.salt = int.from_bytes(derive(key, salt, _RTP_SALT, 12), "big")
        self._encrypt_rtcp = AESGCM(derive(key, salt, _RTCP_KEY, len(key))).encrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, _RTCP_SALT, 12), "big")
        self._rtcp_index = 0

    def protect(self, index: int, header: bytes, payload: bytes) -> bytes:
        """RFC 7714 §8: the nonce is SSRC, roll-over counter and sequence number, XOR salt; the header is only authenticated."""
        nonce = int.from_bytes(header[8:12], "big") << 48 | index
        return header + self.encrypt((nonce ^ self.salt).to_bytes(12, "big"), payload, header)

    def protect_rtcp(self, data: bytes) -> bytes:
        """RFC 7714 §9: the first 8 bytes and the E-flagged index are authenticated, the rest is encrypted."""
        index = self._rtcp_index
        self._rtcp_index = index + 1 & 0x7FFFFFFF
        trailer = (_E_FLAG | index).to_bytes(4, "big")
        nonce = _rtcp_nonce(data, index) ^ self._rtcp_salt
        return data[:8] + self._encrypt_rtcp(nonce.to_bytes(12, "big"), data[8:], data[:8] + trailer) + trailer


class GcmInbound:
    """The other direction of `GcmOutbound`, with a replay window per source."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        self._decrypt = AESGCM(derive(key, salt, _RTP_KEY, len(key))).decrypt
        self._salt = int.from_bytes(derive(key, salt, _RTP_SALT, 12), "big")
        self._decrypt_rtcp = AESGCM(derive(key, salt, _RTCP_KEY, len(key))).decrypt
        self._rtcp_salt = int.from_bytes(derive(key, salt, _RTCP_SALT, 12), "big")
        self._windows: dict[bytes, ReplayWindow] = {}
        self._rtcp_windows: dict[bytes, ReplayWindow] = {}

    def open(self, data: bytes) -> tuple[bytes, bytes]:
        """See `Inbound`."""
        try:
            length = header_length(data)
        except RtpError as error:
            raise SrtpError(str(error)) from error
        source = data[8:12]
        window = self._windows.get(source) or ReplayWindow()
        sequence = data[2] << 8 | data[3]
        index = extend(sequence, window.highest) if window.highest >= 0 else sequence
        window.check(index)
        nonce = int.from_bytes(source, "big") << 48 | index
        header = data[:length]
        payload = _opened(self._decrypt, nonce ^ self._salt, data[length:], header)
        _keep_window(self._windows, source, window, index)
        return header, payload

    def open_rtcp(self, data: bytes) -> bytes:
        """See `Inbound`."""
        if len(data) < 8 + GCM_TAG + 4:
            raise SrtpError("too short for SRTCP")
        trailer = data[-4:]
        word = int.from_bytes(trailer, "big")
        if not word & _E_FLAG:  # RFC 7714 §9.2 allows authentication alone; no WebRTC peer sends it
            raise SrtpError("SRTCP without encryption")
        index = word & ~_E_FLAG
        source = data[4:8]
        window = self._rtcp_windows.get(source) or ReplayWindow()
        window.check(index)
        nonce = _rtcp_nonce(data, index) ^ self._rtcp_salt
        body = _opened(self._decrypt_rtcp, nonce, data[8:-4], data[:8] + trailer)
        _keep_window(self._rtcp_windows, source, window, index)
        return data[:8] + body


def _rtcp_nonce(data: bytes, index: int) -> int:
    return int.from_bytes(data[4:8], "big") << 48 | index


def _opened(decrypt: "_Decrypt", nonce: int, sealed: bytes, associated: bytes) -> bytes:
    if len(sealed) < GCM_TAG or nonce < 0:
        raise SrtpError("too short for SRTP")
    try:
        return decrypt(nonce.to_bytes(12, "big"), sealed, associated)
    except InvalidTag:
        raise SrtpError("not authentic") from None


def _keep_window(windows: dict[bytes, ReplayWindow], source: bytes, window: ReplayWindow, index: int) -> None:
    """State is kept for authentic packets only, and for a limited number of sources."""
    if source not in windows and len(windows) >= _SSRCS_MAX:
        raise SrtpError("too many sources")
    windows[source] = window
    window.accept(index)


class _Decrypt(Protocol):
    def __call__(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


class LibsrtpOutbound:
    """AES-CM with SHA-1 through libsrtp, which counts roll-overs itself."""

    tag_length = SHA1_TAG

    def __init__(self, keys: SrtpKeys) -> None:
        self._session = _session(keys.send_key + keys.send_salt, pylibsrtp.Policy.SSRC_ANY_OUTBOUND)

    def protect(self, index: int, header: bytes, payload: bytes) -> bytes:
        """See `Outbound`; libsrtp refuses packets above 1356 bytes: those raise SrtpError."""
        try:
            protected: bytes = self._session.protect(header + payload)
        except (pylibsrtp.Error, TypeError, ValueError) as error:
            raise SrtpError(str(error)) from error
        return protected

    def protect_rtcp(self, data: bytes) -> bytes:
        """See `Outbound`."""
        protected: bytes = self._session.protect_rtcp(data)
        return protected


class LibsrtpInbound:
    """The other direction of `LibsrtpOutbound`. libsrtp keeps every source for ever and searches them one by one: here they are
    limited."""

    def __init__(self, keys: SrtpKeys) -> None:
        self._session = _session(keys.receive_key + keys.receive_salt, pylibsrtp.Policy.SSRC_ANY_INBOUND)
        self._sources: set[bytes] = set()

    def open(self, data: bytes) -> tuple[bytes, bytes]:
        """See `Inbound`."""
        plain = self._opened(self._session.unprotect, data, data[8:12])
        try:
            length = header_length(plain)
        except RtpError as error:
            raise SrtpError(str(error)) from error
        return plain[:length], plain[length:]

    def open_rtcp(self, data: bytes) -> bytes:
        """See `Inbound`."""
        return self._opened(self._session.unprotect_rtcp, data, data[4:8])

    def _opened(self, unprotect: Callable[[bytes], bytes], data: bytes, source: bytes) -> bytes:
        if source not in self._sources and len(self._sources) >= _SSRCS_MAX:
            raise SrtpError("too many sources")
        try:
            plain = unprotect(data)
        except (pylibsrtp.Error, TypeError, ValueError) as error:
            raise _refusal(error) from error
        self._sources.add(source)
        return plain


def _refusal(error: Exception) -> SrtpError:
    text = str(error)
    return Replayed(text) if text in _REPLAYS else SrtpError(text)


def _session(master: bytes, ssrc_type: int) -> pylibsrtp.Session:
    policy = pylibsrtp.Policy(key=master, ssrc_type=ssrc_type, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
    policy.allow_repeat_tx = True  # a NACK of a viewer without RTX is answered by the same packet again
    policy.window_size = _WINDOW
    return pylibsrtp.Session(policy)
