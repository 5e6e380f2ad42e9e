"""RFC 6455: the reader against the document and against `wsproto`, and the real endpoint over raw sockets."""

import asyncio
import base64
import contextlib
import hashlib
import itertools
import os
import struct
from collections.abc import AsyncIterator
from typing import cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode, ParseFailed

from schemas.frames import FRAME_BYTES_MAX
from server.channels.limits import SessionLimits
from server.channels.rfc6455 import (
    Fragment,
    FrameReader,
    Message,
    PeerClosed,
    Ping,
    Pong,
    Request,
    Violation,
    check_handshake,
    close_frame,
)
from server.channels.transport import MESSAGE_BYTES_MAX
from tests.channels.site import PATIENCE_S, Site, running_site

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA
KEY = base64.b64encode(bytes(16)).decode()
HELLO = "Привет, 🌍".encode()


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes | None = b"\x01\xfe\x33\x80", width: int = 0
) -> bytes:
    """A client's frame; `width` is the number of bytes of its extended length, 0 for the shortest."""
    size = len(payload)
    width = width or (0 if size < 126 else 2 if size < 1 << 16 else 8)
    short = {0: size, 2: 126, 8: 127}[width]
    extended = size.to_bytes(width, "big") if width else b""
    head = bytes(((0x80 if fin else 0) | rsv << 4 | opcode, (0 if mask is None else 0x80) | short)) + extended
    if mask is None:
        return head + payload
    return head + mask + bytes(byte ^ key for byte, key in zip(payload, itertools.cycle(mask), strict=False))


def short(value: object) -> str | None:
    """A name for a case."""
    return value[:14].hex() if isinstance(value, bytes) else None


def read(*chunks: bytes, bytes_max: int = 1 << 20) -> list[object]:
    """Everything that the reader makes of these bytes; a violation is the last."""
    reader, events = FrameReader(bytes_max), []
    try:
        for chunk in chunks:
            reader.feed(chunk)
            while (event := reader.next()) is not None:
                events.append(event)
                if isinstance(event, PeerClosed):
                    return list(events)  # whatever comes after it is not read
    except Violation as violation:
        return [*events, violation.code]
    return list(events)


# The reader against the document


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_every_length_is_read_however_the_bytes_are_cut(size: int) -> None:
    data = frame(BINARY, os.urandom(size)) + frame(TEXT, HELLO)
    whole = read(data)
    assert [len(event.data) if isinstance(event, Message) else None for event in whole] == [size, len(HELLO.decode())]
    for cut in {1, 2, 3, 5, 9, 13, 14, 15, len(data) - 1, *range(0, len(data), 4_999)}:
        assert read(data[:cut], data[cut:]) == whole
    if size < 200:
        assert read(*(bytes((byte,)) for byte in data)) == whole


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (frame(TEXT, b"hi", mask=None), 1002),
        *((frame(TEXT, b"hi", rsv=rsv), 1002) for rsv in (1, 2, 4)),
        *((frame(opcode), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
        (frame(PING, bytes(126)), 1002),
        (frame(PING, b"", fin=False), 1002),
        (frame(CLOSE, b"", fin=False), 1002),
        (frame(CONTINUATION, b"x"), 1002),
        (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
        (frame(TEXT, b"hi", width=2), 1002),
        (frame(TEXT, b"hi", width=8), 1002),
        (frame(TEXT, bytes(1_000), width=8), 1002),
        (b"\x81\xff" + (1 << 63).to_bytes(8, "big"), 1002),
        (b"\x81\xff" + (1 << 40).to_bytes(8, "big"), 1009),
        (frame(TEXT, bytes(101)), 1009),
        (frame(TEXT, bytes(60), fin=False) + frame(CONTINUATION, bytes(41)), 1009),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"\xed\xa0\x80"), 1007),
        (frame(TEXT, b"\xc0\xaf"), 1007),
        (frame(TEXT, HELLO[:3], fin=False) + frame(CONTINUATION, b"x"), 1007),
        (frame(TEXT, HELLO[:3]), 1007),
        (frame(CLOSE, b"\x03"), 1002),
        *((frame(CLOSE, struct.pack("!H", code)), 1002) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)),
        (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
    ],
    ids=short,
)
def test_what_breaks_the_protocol_has_its_close_code(wrong: bytes, code: int) -> None:
    before = frame(TEXT, b"before")
    told = [event for event in read(before + wrong, bytes_max=100) if not isinstance(event, Fragment)]
    assert told == [Message("before"), code]
    assert read(*(bytes((byte,)) for byte in before + wrong), bytes_max=100)[-1] == code


def test_a_character_may_be_split_over_frames() -> None:
    for cut in range(len(HELLO) + 1):
        data = frame(TEXT, HELLO[:cut], fin=False) + frame(CONTINUATION, b"", fin=False) + frame(CONTINUATION, HELLO[cut:])
        assert read(data) == [Fragment(), Fragment(), Message(HELLO.decode())]


def test_control_frames_may_come_between_fragments() -> None:
    parts = [frame(BINARY, b"a", fin=False), frame(PING, b"?"), frame(CONTINUATION, b"b", fin=False), frame(PONG)]
    events = read(b"".join(parts) + frame(CONTINUATION, b"c") + frame(CLOSE))
    assert events == [Fragment(), Ping(b"?"), Fragment(), Pong(), Message(b"abc"), PeerClosed(None, "")]


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999])
def test_a_good_close_code_is_told(code: int) -> None:
    assert read(frame(CLOSE, struct.pack("!H", code) + HELLO)) == [PeerClosed(code, HELLO.decode())]


def test_a_reader_keeps_nothing_of_what_was_read() -> None:
    reader = FrameReader(100)
    reader.feed(frame(TEXT, b"a" * 90) + frame(TEXT, b"b" * 90)[:50])
    assert reader.next() == Message("a" * 90)
    assert reader.next() is None
    assert len(reader._buffer) == 50


def test_empty_fragments_without_end_are_not_kept() -> None:
    reader = FrameReader(100)
    reader.feed(frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 1_000)
    while reader.next() is not None:
        pass
    assert reader._parts == []


def test_our_close_frame_is_never_too_long_and_always_text() -> None:
    data = close_frame(4500, "слово" * 40)
    assert len(data) <= 127
    data[4:].decode()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sec-websocket-version": "8"}, 426),
        ({"sec-websocket-version": None}, 426),
        ({"sec-websocket-key": None}, 400),
        ({"sec-websocket-key": "short"}, 400),
        ({"sec-websocket-key": base64.b64encode(bytes(15)).decode()}, 400),
        ({"sec-websocket-key": f"{KEY}, {KEY}"}, 400),
        ({"host": None}, 400),
    ],
)
def test_a_handshake_that_is_not_one_is_refused(change: dict[str, str | None], status: int) -> None:
    headers = {"host": "x", "sec-websocket-version": "13", "sec-websocket-key": KEY}
    assert check_handshake(Request("GET", "/ws", list(headers.items()))) is None
    refusal = check_handshake(Request("GET", "/ws", [(k, v) for k, v in {**headers, **change}.items() if v is not None]))
    assert refusal is not None
    assert refusal.status == status
    assert refusal.encode().startswith(f"HTTP/1.1 {status} ".encode())
    posted = check_handshake(Request("POST", "/ws", list(headers.items())))
    assert posted is not None
    assert posted.status == 405


# The reader against wsproto

FRAMES = st.builds(
    frame,
    st.sampled_from([TEXT, TEXT, BINARY, CONTINUATION, CONTINUATION, PING, PONG, CLOSE]),
    st.one_of(st.binary(max_size=8), st.text(max_size=6).map(str.encode), st.integers(0, 300).map(bytes), st.sampled_from(
        [b"\x03\xe8", b"\x03\xe8bye", b"\x0b\xb8", b"\x03", b"\x03\xed", b"\x13\x88", HELLO[:3], HELLO[3:]])),
    fin=st.booleans(),
    rsv=st.sampled_from([0] * 20 + [1, 2, 4]),
    mask=st.one_of(st.binary(min_size=4, max_size=4), st.just(bytes(4))),
    width=st.just(0),
)  # fmt: skip
MESSAGES = st.one_of(
    FRAMES,
    st.text(max_size=20).map(lambda text: frame(TEXT, text.encode())),
    st.tuples(st.text(min_size=1, max_size=20), st.integers(0, 80)).map(
        lambda drawn: frame(TEXT, drawn[0].encode()[: drawn[1]], fin=False) + frame(CONTINUATION, drawn[0].encode()[drawn[1] :])
    ),
    st.sampled_from([0, 1, 125, 126, 65_535, 65_536]).map(lambda size: frame(BINARY, bytes(size))),
)


def wsproto_reads(data: bytes) -> tuple[list[object], int | None]:
    """The same through wsproto: events, and the close code of a violation."""
    protocol = FrameProtocol(client=False, extensions=[])
    events: list[object] = []
    parts: list[bytes | str] = []
    try:
        protocol.receive_bytes(data)
        for got in protocol.received_frames():
            if got.opcode is Opcode.CLOSE:
                code, reason = cast("tuple[int, str | None]", got.payload)
                events.append(PeerClosed(None if code == 1005 else int(code), str(reason or "")))
            elif got.opcode is Opcode.PING:
                events.append(Ping(bytes(got.payload)))  # type: ignore[arg-type]
            elif got.opcode is Opcode.PONG:
                events.append(Pong())
            else:
                parts.append(got.payload if isinstance(got.payload, str) else bytes(got.payload))  # type: ignore[arg-type]
                if got.message_finished:
                    empty = "" if got.opcode is Opcode.TEXT else b""
                    events.append(Message(empty.join(parts)))  # type: ignore[arg-type]
                    parts = []
    except ParseFailed as failed:
        return events, int(failed.code)
    return events, None


@settings(max_examples=400)
@given(st.lists(MESSAGES, min_size=1, max_size=6), st.data())
def test_wsproto_reads_the_same(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    if data.draw(st.booleans(), "mutate"):
        place = data.draw(st.integers(0, min(len(stream), 200) - 1))
        stream = stream[:place] + bytes((data.draw(st.integers(0, 255)),)) + stream[place + 1 :]
    events, failure = wsproto_reads(stream)
    ours = read(stream, bytes_max=1 << 62)
    failed = ours.pop() if ours and isinstance(ours[-1], int) else None
    heard = [event for event in ours if not isinstance(event, Fragment)]
    if any(event == PeerClosed(1014, event.reason) for event in heard if isinstance(event, PeerClosed)):
        return  # registered with IANA after wsproto was written, which refuses it
    assert heard == events
    # It looks into a text frame that is not whole yet; we find the wrong byte when the frame is there.
    assert failed == failure or (failed is None and failure == CloseReason.INVALID_FRAME_PAYLOAD_DATA)
    for cut in range(min(len(stream), 64)):
        assert read(stream[:cut], stream[cut:], bytes_max=1 << 62) == [*ours, *([] if failed is None else [failed])]


# The real endpoint, over a raw socket


class Raw:
    """A client that sends what it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def frame(self) -> tuple[int, bytes]:
        """The server's next frame: opcode and payload. It must be whole, final and unmasked."""
        async with asyncio.timeout(PATIENCE_S):
            first, second = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80
            assert second < 0x80
            length = second
            if second >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if second == 126 else 8), "big")
            return first & 0x0F, await self.reader.readexactly(length)

    async def closed(self) -> int | None:
        """The code of the server's close frame, after which it sends nothing and ends the connection."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                break
        async with asyncio.timeout(PATIENCE_S):
            assert await self.reader.read() == b""
        return int.from_bytes(payload[:2], "big") if payload else None


@contextlib.asynccontextmanager
async def dial(site: Site) -> AsyncIterator[Raw]:
    """An open websocket, authenticated."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = f"GET /ws HTTP/1.1\r\nHost: {site.address}\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101 ")
    digest = hashlib.sha1(KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    assert b"Sec-WebSocket-Accept: " + base64.b64encode(digest) in answer
    raw = Raw(reader, writer)
    writer.write(frame(TEXT, msgspec.json.encode({"op": "connect", "id": 1, "ticket": site.ticket()})))
    assert b'"connected"' in (await raw.frame())[1]
    try:
        yield raw
    finally:
        writer.close()


PING_FRAME = msgspec.json.encode({"op": "ping", "id": 7, "t0_ms": 1.5})


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(TEXT, PING_FRAME, mask=None), 1002),
        (frame(TEXT, PING_FRAME, rsv=4), 1002),
        (frame(3), 1002),
        (frame(PING, bytes(126)), 1002),
        (frame(PING, b"x", fin=False), 1002),
        (frame(CONTINUATION, b"x"), 1002),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"hi", width=8), 1002),
        (b"\x81\xff" + b"\xff" * 8, 1002),
        (frame(TEXT, bytes(MESSAGE_BYTES_MAX + 1)), 1009),
        (frame(TEXT, b"x" * (FRAME_BYTES_MAX + 1)), 4503),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, struct.pack("!H", 1005)), 1002),
        (frame(CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
        (frame(CLOSE, struct.pack("!H", 1000) + b"bye"), 1000),
        (frame(CLOSE, struct.pack("!H", 4321)), 4321),
        (frame(CLOSE), None),
    ],
    ids=short,
)
async def test_the_endpoint_closes_with_the_code_of_the_document(site: Site, sent: bytes, code: int | None) -> None:
    async with dial(site) as raw:
        raw.writer.write(sent)
        if code == 4503:  # an orderly close: the server waits for the peer's close frame
            while (await raw.frame())[0] != CLOSE:
                pass
            raw.writer.write(frame(CLOSE, struct.pack("!H", 4503)))
            assert await asyncio.wait_for(raw.reader.read(), PATIENCE_S) == b""
        else:
            raw.writer.write_eof()
            assert await raw.closed() == code
    assert (await (await site.enter()).ask(op="ping", t0_ms=0))["op"] == "pong", "others are not touched"


async def test_a_message_in_fragments_with_a_ping_between_them_is_answered(site: Site) -> None:
    async with dial(site) as raw:
        raw.writer.write(frame(TEXT, PING_FRAME[:5], fin=False) + frame(PING, b"there?"))
        assert await raw.frame() == (PONG, b"there?")
        raw.writer.write(frame(PONG, b"unasked") + frame(CONTINUATION, PING_FRAME[5:]))
        opcode, payload = await raw.frame()
        assert (opcode, msgspec.json.decode(payload)["id"]) == (TEXT, 7)


async def test_a_frame_cut_at_every_byte_is_the_same_frame(site: Site) -> None:
    data = frame(TEXT, PING_FRAME)
    async with dial(site) as raw:
        for cut in range(1, len(data)):
            raw.writer.write(data[:cut])
            await asyncio.sleep(0)
            raw.writer.write(data[cut:])
            assert (await raw.frame())[0] == TEXT


async def test_data_after_a_close_frame_has_no_effect(site: Site) -> None:
    watcher = await site.enter()
    await watcher.subscribe("talk:room")
    say = {"op": "publish", "id": 9, "channel": "talk:room", "command_id": "msg_" + "9" * 32, "data": {"text": "late"}}
    async with dial(site) as raw:
        raw.writer.write(frame(TEXT, msgspec.json.encode({"op": "subscribe", "id": 8, "channel": "talk:room"})))
        assert b'"subscribed"' in (await raw.frame())[1]
        raw.writer.write(frame(CLOSE, struct.pack("!H", 1000)) + frame(TEXT, msgspec.json.encode(say)))
        assert await raw.closed() == 1000
    assert (await watcher.subscribe("talk:room"))["offset"] == 0


async def test_a_flood_of_pings_ends_as_a_flood_of_frames_does(redis: Redis) -> None:
    limits = SessionLimits(frames_per_s=0.01, frames_burst=50, refused_in_a_row_max=20)
    async with running_site(redis, session_limits=limits) as site, dial(site) as raw:
        raw.writer.write(frame(PING) * 100)
        pongs = 0
        while (got := await raw.frame())[0] == PONG:
            pongs += 1
        assert got == (CLOSE, struct.pack("!H", 4504) + b"flooding")
        assert pongs == 49, "one token was for `connect`"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n", 426),
        ("GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 400),
        ("GET /elsewhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 404),
        ("POST /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n", 405),
        ("GET /ws HTTP/1.1\r\nHost: x\r\n", 404),
    ],
)
async def test_the_endpoint_refuses_what_is_no_handshake(site: Site, head: str, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head.encode() + b"\r\n")
    line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
    assert line.startswith(f"HTTP/1.1 {status} ".encode())
    if status == 426:
        assert b"Sec-WebSocket-Version: 13" in await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    assert site.channels.stats().connections == 0
