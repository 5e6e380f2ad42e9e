"""Sends one tick's packets to each viewer in as few system calls as the kernel allows.

The cost of a relay is its `sendto` calls: 5.7 µs each, against 1.3 µs per packet when ten of equal size leave in one `sendmsg`
with UDP_SEGMENT (generic segmentation offload); encrypting is 2.1 µs. The kernel cuts the buffer into segments of one size, of
which the last may be shorter, so packets are sent in runs of equal size.
"""

import errno
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from media.rtp.rtcp import is_rtcp
from media.stats import Counters
from media.transport.ice import Address, Connection, Endpoint
from media.transport.srtp import GCM_TAG, SHA1_TAG, GcmOutbound, LibsrtpOutbound, SrtpError

UDP_SEGMENT = 103  # <linux/udp.h>; the socket module has no name for it
_RUN_MAX = 32  # segments per call: below the kernel's 64, and a burst that a viewer's socket buffer takes
_RUN_BYTES_MAX = 60_000  # below the 65,507 of a UDP datagram
_REFUSALS_MAX = 8  # one odd route must not switch it off for all; a kernel or card without it refuses every time
_REFUSED = {errno.EINVAL, errno.EIO, errno.EMSGSIZE, errno.EOPNOTSUPP, errno.ENOPROTOOPT}

Control = list[tuple[int, int, bytes]]
_Emit = Callable[[list[bytes], Control, int, Any], None]


class Entry(NamedTuple):
    """A packet ready for every viewer of a cohort. `nonce` is SSRC << 48 | extended sequence number (RFC 7714 §8.1)."""

    nonce: int
    header: bytes
    payload: bytes
    size: int
    slot: int


class Run(NamedTuple):
    """Packets for one call, with the control message for each tag length; none for a single packet: plain sending is cheaper."""

    entries: Sequence[Entry]
    template: list[bytes]
    """Each packet's header, and a place for its sealed payload."""
    gcm: Control
    sha1: Control


class Receiver(Protocol):
    """What the sender needs to know of a viewer."""

    @property
    def address(self) -> Address | None:
        """Where to send, or None while unknown."""

    @property
    def outbound(self) -> GcmOutbound | LibsrtpOutbound | None:
        """Keys, or None before the handshake."""

    @property
    def bases(self) -> list[int]:
        """Per track slot: the sequence number, a multiple of 65536, at which this viewer's roll-over counter is 0."""


def plan(entries: Iterable[Entry]) -> list[Run]:
    """Cut a tick's packets into runs of equal size whose last packet may be shorter. Order is kept."""
    runs: list[Run] = []
    run: list[Entry] = []
    size = total = 0
    for entry in entries:
        if run and (entry.size > size or run[-1].size < size or len(run) == _RUN_MAX or total + entry.size > _RUN_BYTES_MAX):
            runs.append(_run(run, size))
            run = []
        if not run:
            size, total = entry.size, 0
        run.append(entry)
        total += entry.size + GCM_TAG
    if run:
        runs.append(_run(run, size))
    return runs


def _run(entries: list[Entry], size: int) -> Run:
    template = [part for entry in entries for part in (entry.header, b"")]
    if len(entries) == 1:
        return Run(entries, template, [], [])
    return Run(entries, template, _segments(size + GCM_TAG), _segments(size + SHA1_TAG))


def _segments(size: int) -> Control:
    return [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("H", size))]


class BatchSender:
    """Encrypts and sends runs. A full socket buffer drops the packet for that viewer and counts it; nobody waits."""

    def __init__(self, sock: socket.socket, counters: Counters) -> None:
        self._sock = sock
        self._counters = counters
        self._batches = counters.distributions.batch_packets
        self.segmentation = True
        """False after the kernel or the network card kept refusing UDP_SEGMENT; then each packet is its own call."""
        self._refusals = 0

    def send(self, receivers: Iterable[Receiver], runs: Sequence[Run]) -> None:
        """Send all runs to each receiver, one receiver after the other."""
        # The hot loop: what is not AES-GCM or the system call costs 0.25 µs per packet and 1 µs per receiver. Slices and
        # comprehensions, because each `append` would cost as much as making the nonce; figures are added up at the end. A packet
        # from before the viewer's base gets a nonce that no other packet has, and cannot be opened: the viewer drops it, as it
        # would a packet from before its start.
        sendmsg, segmentation = self._sock.sendmsg, self.segmentation
        served = size = 0
        for receiver in receivers:
            outbound, address = receiver.outbound, receiver.address
            if type(outbound) is not GcmOutbound or type(address) is not tuple or not segmentation:
                self._send_otherwise(receiver, runs)
                continue
            served += 1
            encrypt, salt, bases = outbound.encrypt, outbound.salt, receiver.bases
            for entries, template, gcm, _ in runs:
                parts = template.copy()
                parts[1::2] = [
                    encrypt((nonce - bases[slot] ^ salt).to_bytes(12, "big"), payload, header)
                    for nonce, header, payload, _, slot in entries
                ]
                try:
                    size += sendmsg(parts, gcm, 0, address)
                except OSError as error:
                    self._count(len(entries), -1)
                    self._refused(error, parts, gcm, len(entries), address)
        self._counters.bytes_out += size
        for run in runs:
            self._count(len(run.entries), served)

    def _send_otherwise(self, receiver: Receiver, runs: Sequence[Run]) -> None:
        """Receivers with old ciphers or over TCP, and all when the network takes no batches."""
        outbound, address = receiver.outbound, receiver.address
        if address is None or outbound is None:
            return
        emit: _Emit
        if isinstance(address, tuple):
            emit = self._emit
        elif address.congested:  # spare the encryption
            self._counters.dropped_socket_full += sum(len(run.entries) for run in runs)
            return
        else:
            emit = self._emit_tcp
        if isinstance(outbound, GcmOutbound):
            self._send_gcm(outbound, address, receiver.bases, runs, emit)
        else:
            self._send_libsrtp(outbound, address, runs, emit)

    def _send_gcm(self, outbound: GcmOutbound, address: Address, bases: list[int], runs: Sequence[Run], emit: _Emit) -> None:
        for entries, template, gcm, _ in runs:
            parts = template.copy()
            parts[1::2] = [
                outbound.encrypt((nonce - bases[slot] ^ outbound.salt).to_bytes(12, "big"), payload, header)
                for nonce, header, payload, _, slot in entries
            ]
            emit(parts, gcm, len(entries), address)

    def _send_libsrtp(self, outbound: LibsrtpOutbound, address: Address, runs: Sequence[Run], emit: _Emit) -> None:
        for run in runs:
            parts: list[bytes] = []
            for nonce, header, payload, _, _ in run.entries:
                try:
                    parts.append(outbound.protect(nonce, header, payload))
                except SrtpError:
                    self._counters.dropped_too_large += 1
            if len(parts) == len(run.entries):
                emit(parts, run.sha1, len(parts), address)
            else:
                self._emit_singly(parts, address)

    def _emit(self, parts: list[bytes], control: Control, count: int, address: Endpoint) -> None:
        if control and not self.segmentation:
            self._emit_singly(_joined(parts, count), address)
            return
        try:
            self._counters.bytes_out += self._sock.sendmsg(parts, control, 0, address)
            self._count(count, 1)
        except OSError as error:
            self._refused(error, parts, control, count, address)

    def _count(self, packets: int, batches: int) -> None:
        """Batches of so many packets each."""
        self._counters.packets_out += packets * batches
        self._counters.batches_out += batches
        self._batches[packets] += batches

    def _refused(self, error: OSError, parts: list[bytes], control: Control, count: int, address: Endpoint) -> None:
        if isinstance(error, BlockingIOError):
            self._counters.dropped_socket_full += count
        elif control and error.errno in _REFUSED:
            self._refusals += 1
            self.segmentation = self._refusals < _REFUSALS_MAX
            self._emit_singly(_joined(parts, count), address)
        else:
            self._counters.dropped_unreachable += count

    def _emit_tcp(self, parts: list[bytes], control: Control, count: int, connection: Connection) -> None:
        self._count_tcp(connection.send(_joined(parts, count)), count, sum(map(len, parts)))

    def _count_tcp(self, taken: int, count: int, size: int) -> None:
        counters = self._counters
        if taken:
            counters.packets_out += count
            counters.bytes_out += size
            counters.batches_out += 1
        else:
            counters.dropped_socket_full += count

    def _emit_singly(self, packets: Iterable[bytes], address: Address) -> None:
        for packet in packets:
            self.emit_one(packet, address)

    def emit_one(self, packet: bytes, address: Address) -> None:
        """Send one ready packet; drops and counts like the rest. Over TCP all but media goes before media."""
        counters = self._counters
        if not isinstance(address, tuple):
            media = packet[0] > 127 and not is_rtcp(packet)
            self._count_tcp(address.send([packet], urgent=not media), 1, len(packet))
            return
        try:
            counters.bytes_out += self._sock.sendto(packet, address)
            self._count(1, 1)
        except BlockingIOError:
            counters.dropped_socket_full += 1
        except OSError:
            counters.dropped_unreachable += 1


def _joined(parts: list[bytes], count: int) -> list[bytes]:
    """One datagram per packet: with AES-GCM two parts, header and sealed payload, make one."""
    if len(parts) == count:
        return parts
    return [parts[index] + parts[index + 1] for index in range(0, len(parts), 2)]
