"""ICE-lite (RFC 8445 §2.5): the relay has a public address, answers checks and never sends any. Sans I/O."""

import secrets
from typing import NamedTuple, Protocol

from media.transport import stun

Endpoint = tuple[str, int]
"""IP address and port."""


class Connection(Protocol):
    """A path over TCP; equal only to itself."""

    remote: Endpoint
    congested: bool

    def send(self, packets: list[bytes], *, urgent: bool = False) -> int:
        """How many of the packets were taken."""

    def close(self) -> None:
        """End it now."""


Address = Endpoint | Connection
"""Where a peer is: over UDP, or over a connection of its own."""

CONSENT_MS = 8_500.0
"""A peer that has proved nothing for so long is gone (RFC 7675 says 30 s; viewers must not see a frozen host for so long).
Browsers check every 2.5 s, aiortc every 5 s. The node looks once a second, so that even with a loop that lags half of one a dead
viewer is noticed within 10 s."""

_TRANSACTIONS_MAX = 64  # about three minutes of a browser's checks

_REBIND_MS = 3_000.0  # silence on the nominated address after which a valid check from elsewhere moves the session there


class Credentials(NamedTuple):
    """RFC 8445 §5.3: at least 24 bits of ufrag and 128 bits of password; ours have more."""

    ufrag: str
    password: str

    @classmethod
    def generate(cls) -> "Credentials":
        """Fresh ones; letters and digits only, as ice-char wants."""
        return cls(secrets.token_hex(8), secrets.token_hex(16))


class Answer(NamedTuple):
    """What to do after a check: the bytes to send back, and whether its sender is now proved to be the peer."""

    reply: bytes
    valid: bool


class IceLite:
    """One session's end of ICE. `address` is where to send; it follows the nominations of the peer."""

    def __init__(self, now_ms: float) -> None:
        self.local = Credentials.generate()
        self.previous: Credentials | None = None
        """Valid until the first check with the new ones after an ICE restart."""
        self.address: Address | None = None
        self.heard_ms = now_ms
        """When the peer last proved that it is there, on any address."""
        self._nominated = False
        self._address_heard_ms = now_ms
        self._transactions: dict[bytes, Address] = {}

    def restart(self) -> Credentials:
        """New credentials (RFC 8445 §9); media goes on over the old address until a check with the new ones comes."""
        self.previous, self.local = self.local, Credentials.generate()
        self._nominated = False
        return self.local

    def check(self, message: stun.StunMessage, address: Address, now_ms: float) -> Answer | None:
        """Judge a binding request; None when it is not signed by the peer."""
        credentials = self._used(message.username.partition(":")[0])
        if credentials is None or not message.integrity_ok(credentials.password.encode()):
            return None
        if not self._first_hand(message.transaction, address):
            return None
        password = credentials.password.encode()
        if message.controlled:  # RFC 8445 §7.3.1.1: a lite agent stays controlled, so the peer must take the other role
            return Answer(stun.binding_error(message.transaction, stun.ROLE_CONFLICT, "Role Conflict", password), valid=False)
        if credentials == self.local:
            self.previous = None
        self.heard(address, now_ms)
        self._choose(address, message.use_candidate, now_ms)
        return Answer(stun.binding_response(message.transaction, endpoint(address), password), valid=True)

    def heard(self, address: Address, now_ms: float) -> None:
        """The peer proved itself from this address, by a check or by a packet that its keys open."""
        self.heard_ms = now_ms
        if address == self.address:
            self._address_heard_ms = now_ms

    def lost(self, address: Address) -> None:
        """A connection is closed; the next valid check, from wherever it comes, gives the new address."""
        if address == self.address:
            self.address = None
            self._nominated = False

    def expired(self, now_ms: float) -> bool:
        """Whether consent to send has ended (RFC 7675 §5.1)."""
        return now_ms - self.heard_ms > CONSENT_MS

    def _used(self, ufrag: str) -> Credentials | None:
        for credentials in (self.local, self.previous):
            if credentials is not None and credentials.ufrag == ufrag:
                return credentials
        return None

    def _first_hand(self, transaction: bytes, address: Address) -> bool:
        """Whether a check comes from where its transaction began: a client repeats one from the same address only. From another
        one it is a copy, sent by somebody who wants the media to go there (RFC 8445 §19.5.1)."""
        known = self._transactions.setdefault(transaction, address)
        if len(self._transactions) > _TRANSACTIONS_MAX:
            del self._transactions[next(iter(self._transactions))]
        return known == address

    def _choose(self, address: Address, nominates: bool, now_ms: float) -> None:
        silent = now_ms - self._address_heard_ms > _REBIND_MS
        if self.address is None or nominates or silent or not self._nominated:
            self.address = address
            self._address_heard_ms = now_ms
        self._nominated = self._nominated or nominates


def endpoint(address: Address) -> Endpoint:
    """IP address and port of a path."""
    return address if isinstance(address, tuple) else address.remote
