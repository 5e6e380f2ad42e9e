"""Batches: what is planned, what arrives through real sockets, and what happens when the kernel says no."""

import errno
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.stats import Counters
from media.transport.pacer import BatchSender, Entry, plan
from media.transport.srtp import AES_128_CM_SHA1, AES_128_GCM, SrtpKeys, inbound, outbound


def entry(sequence: int, size: int, slot: int = 0) -> Entry:
    header = b"\x80\x60" + (sequence & 0xFFFF).to_bytes(2, "big") + bytes(4) + b"\x00\x00\x00\x07"
    return Entry(7 << 48 | sequence, header, bytes([sequence & 0xFF]) * size, 12 + size, slot)


@given(st.lists(st.integers(1, 1200), max_size=120))
def test_runs_are_of_equal_size_with_a_shorter_last_and_keep_the_order(sizes: list[int]) -> None:
    entries = [entry(number, size) for number, size in enumerate(sizes)]
    runs = plan(entries)
    assert [item for run in runs for item in run.entries] == entries
    for run in runs:
        first = run.entries[0].size
        assert all(item.size == first for item in run.entries[:-1])
        assert run.entries[-1].size <= first
        assert len(run.entries) <= 32
        assert sum(item.size + 16 for item in run.entries) <= 65_507
        assert bool(run.gcm) is (len(run.entries) > 1)


class Viewer:
    """A receiving socket and the keys for it."""

    def __init__(self, profile: str) -> None:
        salt = bytes(14) if profile == AES_128_CM_SHA1 else bytes(12)
        keys = SrtpKeys(profile, bytes(16), salt, bytes(16), salt)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.settimeout(2)
        self.address: Any = self.sock.getsockname()
        self.outbound = outbound(keys)
        self.opener = inbound(keys)
        self.bases = [0x20000]

    def receive(self, count: int) -> list[tuple[int, int]]:
        """Sequence number and payload length of each packet."""
        opened = [self.opener.open(self.sock.recv(2048)) for _ in range(count)]
        return [(int.from_bytes(header[2:4], "big"), len(payload)) for header, payload in opened]


@pytest.fixture
def viewers() -> Iterator[list[Viewer]]:
    made = [Viewer(AES_128_GCM), Viewer(AES_128_CM_SHA1)]
    yield made
    for viewer in made:
        viewer.sock.close()


class Refusing:
    """A socket whose kernel does not know UDP_SEGMENT."""

    def __init__(self, sock: socket.socket, code: int) -> None:
        self.sock = sock
        self.code = code

    def sendmsg(self, parts: list[bytes], control: list[Any], flags: int, address: Any) -> int:
        if control:
            raise OSError(self.code, "refused")
        return self.sock.sendmsg(parts, control, flags, address)

    def sendto(self, data: bytes, address: Any) -> int:
        return self.sock.sendto(data, address)


SIZES = [900, 900, 900, 400, 120, 1000]
ENTRIES = [entry(0x20001 + number, size) for number, size in enumerate(SIZES)]
EXPECTED = [(1 + number, size) for number, size in enumerate(SIZES)]


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        yield made


def test_every_viewer_gets_every_packet_as_its_own_datagram(viewers: list[Viewer], sock: socket.socket) -> None:
    counters = Counters()
    sender = BatchSender(sock, counters)
    sender.send(viewers, plan(ENTRIES))
    for viewer in viewers:
        assert viewer.receive(len(SIZES)) == EXPECTED
    assert counters.packets_out == 2 * len(SIZES)
    assert counters.batches_out < counters.packets_out


@pytest.mark.parametrize("code", [errno.EINVAL, errno.EIO])
def test_a_kernel_without_segmentation_gets_single_datagrams(viewers: list[Viewer], sock: socket.socket, code: int) -> None:
    sender = BatchSender(Refusing(sock, code), Counters())  # type: ignore[arg-type]
    for round_number in range(8):
        entries = [entry(0x20001 + 6 * round_number + number, size) for number, size in enumerate(SIZES)]
        sender.send(viewers, plan(entries))
        for viewer in viewers:
            assert viewer.receive(len(SIZES)) == [(1 + 6 * round_number + number, size) for number, size in enumerate(SIZES)]
    assert sender.segmentation is False


class Full:
    """A socket whose buffer is full for one address."""

    def __init__(self, sock: socket.socket, address: Any) -> None:
        self.sock = sock
        self.address = address

    def sendmsg(self, parts: list[bytes], control: list[Any], flags: int, address: Any) -> int:
        if address == self.address:
            raise BlockingIOError
        return self.sock.sendmsg(parts, control, flags, address)


def test_a_viewer_that_cannot_take_more_loses_packets_and_the_others_do_not(viewers: list[Viewer], sock: socket.socket) -> None:
    counters = Counters()
    BatchSender(Full(sock, viewers[0].address), counters).send(viewers, plan(ENTRIES))  # type: ignore[arg-type]
    assert viewers[1].receive(len(SIZES)) == EXPECTED
    assert counters.dropped_socket_full == len(SIZES)
    assert counters.packets_out == len(SIZES)


def test_an_unreachable_viewer_is_counted(viewers: list[Viewer], sock: socket.socket) -> None:
    counters = Counters()
    viewers[0].address = ("127.0.0.1", 0)
    BatchSender(sock, counters).send(viewers, plan(ENTRIES))
    assert viewers[1].receive(len(SIZES)) == EXPECTED
    assert counters.dropped_unreachable == len(SIZES)


def test_a_packet_too_large_for_libsrtp_is_left_out_and_counted(viewers: list[Viewer], sock: socket.socket) -> None:
    counters = Counters()
    entries = [entry(0x20001, 1390), entry(0x20002, 1390), entry(0x20003, 50)]
    BatchSender(sock, counters).send(viewers[1:], plan(entries))
    assert viewers[1].receive(1) == [(3, 50)]
    assert counters.dropped_too_large == 2
