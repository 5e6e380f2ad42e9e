"""The load clients' websocket: they read what our server writes, however it is cut, and our server reads them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from loadtests.channels.wire import Frame, Move, Parser, client_frame, parse, stamp_of, stamped, upgrade
from schemas.frames import Gap, Push, ServerPing
from server.channels.framing import encode_frame


def push(offset: int, text: str = "hello", channel: str = "chat:a") -> bytes:
    data = msgspec.Raw(msgspec.json.encode({"text": text}))
    return encode_frame(Push(channel=channel, epoch="e1", offset=offset, at_ms=1, data=data))


def test_pushes_that_follow_each_other_are_one_move() -> None:
    piece = parse(push(1) + push(2) + push(3, channel="show:a") + push(3) + push(5))
    assert [tuple(step) for step in piece.steps if isinstance(step, Move)] == [
        ("chat:a", "e1", 1, 2),
        ("show:a", "e1", 3, 3),
        ("chat:a", "e1", 3, 3),
        ("chat:a", "e1", 5, 5),
    ]
    assert piece.pushes == 5


@given(sizes=st.lists(st.sampled_from([1, 100, 200, 70_000]), min_size=1, max_size=4), data=st.data())
def test_frames_are_the_same_however_the_bytes_are_cut(sizes: list[int], data: st.DataObject) -> None:
    sent = b"".join(push(number, "x" * size) for number, size in enumerate(sizes, 1))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=5)))
    parser, rest, seen = Parser(), b"", 0
    for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
        piece = parser.parse(rest + sent[start:end])
        rest = (rest + sent[start:end])[piece.used :]
        seen += piece.pushes
    assert seen == len(sizes)
    assert rest == b""


def test_pushes_and_other_frames_keep_their_order() -> None:
    gap = encode_frame(Gap(channel="chat:a", epoch="e1", offset=2, snapshot=msgspec.Raw(b"{}")))
    steps = parse(push(1) + gap + push(3)).steps
    assert [step.last if isinstance(step, Move) else step.op for step in steps] == [1, "gap", 3]


def test_other_frames_and_the_close_code_are_told_apart() -> None:
    gap = encode_frame(Gap(channel="chat:a", epoch="e2", offset=7, snapshot=msgspec.Raw(b"{}")))
    close = bytes([0x88, 2]) + (4503).to_bytes(2, "big")
    piece = parse(encode_frame(ServerPing(server_ms=1)) + gap + close)
    assert [(step.op, step.epoch, step.offset) for step in piece.steps if isinstance(step, Frame)] == [
        ("ping", "", 0),
        ("gap", "e2", 7),
    ]
    assert piece.closed == 4503
    assert parse(bytes([0x88, 0])).closed == 1005
    assert parse(push(1)).closed == 0


@pytest.mark.parametrize("first", [0x01, 0x82, 0xC1, 0x89])
def test_a_frame_that_our_server_never_sends_is_an_error(first: int) -> None:
    with pytest.raises(ValueError, match="no frame of ours"):
        parse(bytes([first, 1]) + b"x")


@given(payload=st.binary(max_size=300))
def test_a_server_reads_our_frames(payload: bytes) -> None:
    server = ServerProtocol(max_size=None)
    server.receive_data(upgrade("127.0.0.1:8080"))
    (request,) = server.events_received()
    assert isinstance(request, Request)
    server.send_response(server.accept(request))
    server.receive_data(client_frame(payload))
    (frame,) = server.events_received()
    assert isinstance(frame, WebSocketFrame)
    assert (frame.opcode, bytes(frame.data)) == (Opcode.TEXT, payload)


@given(number=st.integers(0, 10**6), due_us=st.integers(0, 10**12))
def test_a_line_carries_when_it_was_due(number: int, due_us: int) -> None:
    data = msgspec.json.encode({"text": stamped(number, due_us / 1e6), "posted_at_ms": 5})
    assert stamp_of(msgspec.Raw(data)) == pytest.approx(due_us / 1e6, abs=2e-6)
    assert stamp_of(msgspec.Raw(b'{"text":"nothing of the kind"}')) is None
