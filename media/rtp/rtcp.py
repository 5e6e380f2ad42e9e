"""RTCP (RFC 3550 §6, RFC 4585, RFC 5104, REMB): reading what comes in, writing what the relay sends.

Reduced-size packets (RFC 5506) are read too. Types that the relay does not use are skipped.
"""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

from media.rtp.nack import pack_sequences

SR, RR, SDES, BYE, RTPFB, PSFB = 200, 201, 202, 203, 205, 206
_RTPFB_NACK = 1
_PSFB_PLI, _PSFB_FIR, _PSFB_APP = 1, 4, 15
_CNAME = 1
_BLOCKS_MAX = 31  # the count has five bits
_REMB_SSRCS_MAX = 255
_FEEDBACKS_MAX = 64  # packets in one datagram; a compound packet of a browser has fewer than ten

_HEADER = Struct("!BBH")
_SENDER = Struct("!IQIII")
_BLOCK = Struct("!IIIIII")


class RtcpError(ValueError):
    """The bytes are not RTCP."""


class ReportBlock(NamedTuple):
    """RFC 3550 §6.4.1; `delay_since_last_report` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_report: int
    delay_since_last_report: int


class SenderReport(NamedTuple):
    """`ntp` is the 64-bit fixed-point time of RFC 3550 §4."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(NamedTuple):
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


class Nack(NamedTuple):
    """Numbers modulo 2^16 that the sender of the report misses."""

    media_ssrc: int
    sequences: tuple[int, ...]


class KeyframeRequest(NamedTuple):
    """PLI or FIR."""

    media_ssrc: int


class Remb(NamedTuple):
    bitrate_bps: int
    ssrcs: tuple[int, ...]


class Bye(NamedTuple):
    ssrcs: tuple[int, ...]


Message = SenderReport | ReceiverReport | Nack | KeyframeRequest | Remb | Bye


def is_rtcp(data: bytes) -> bool:
    """Tells RTCP from RTP on one port (RFC 5761 §4)."""
    return len(data) > 1 and 192 <= data[1] <= 223


def parse(data: bytes) -> list[Message]:
    """Messages of a compound or reduced-size packet.

    Raises:
        RtcpError: a length does not fit, or the version is wrong.
    """
    messages: list[Message] = []
    position = 0
    for _ in range(_FEEDBACKS_MAX):
        if position == len(data):
            return messages
        if len(data) - position < 4 or data[position] >> 6 != 2:
            raise RtcpError("not RTCP version 2")
        first, kind, words = _HEADER.unpack_from(data, position)
        end = position + 4 + 4 * words
        if end > len(data):
            raise RtcpError("the packet is cut off")
        _read(messages, kind, first & 0x1F, _body(data, position, end, first))
        position = end
    raise RtcpError("too many packets in one datagram")


def _body(data: bytes, position: int, end: int, first: int) -> bytes:
    if first & 0x20:
        count = data[end - 1]
        if count == 0 or count > end - position - 4:
            raise RtcpError("the padding is longer than the packet")
        end -= count
    return data[position + 4 : end]


def _read(messages: list[Message], kind: int, count: int, body: bytes) -> None:
    if kind == SR:
        if len(body) < 24:
            raise RtcpError("the sender report is cut off")
        ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
        messages.append(SenderReport(ssrc, ntp, timestamp, packets, octets, _blocks(body, 24, count)))
    elif kind == RR:
        messages.append(ReceiverReport(_ssrc(body, 0), _blocks(body, 4, count)))
    elif kind == BYE:
        messages.append(Bye(tuple(_ssrc(body, 4 * index) for index in range(count))))
    elif kind == RTPFB and count == _RTPFB_NACK:
        messages.append(Nack(_ssrc(body, 4), _lost(body)))
    elif kind == PSFB:
        _read_payload_feedback(messages, count, body)


def _read_payload_feedback(messages: list[Message], count: int, body: bytes) -> None:
    if count == _PSFB_PLI:
        messages.append(KeyframeRequest(_ssrc(body, 4)))
    elif count == _PSFB_FIR:  # RFC 5104 §4.3.1: the SSRC is in the entries
        messages.extend(KeyframeRequest(_ssrc(body, start)) for start in range(8, len(body) - 7, 8))
    elif count == _PSFB_APP and body[8:12] == b"REMB":
        messages.append(_remb(body))


def _ssrc(body: bytes, start: int) -> int:
    if len(body) < start + 4:
        raise RtcpError("an SSRC is cut off")
    return int.from_bytes(body[start : start + 4], "big")


def _blocks(body: bytes, start: int, count: int) -> tuple[ReportBlock, ...]:
    if len(body) < start + 24 * count:
        raise RtcpError("a report block is cut off")
    blocks = []
    for index in range(count):
        ssrc, loss, highest, jitter, last, delay = _BLOCK.unpack_from(body, start + 24 * index)
        lost = loss & 0xFFFFFF
        blocks.append(ReportBlock(ssrc, loss >> 24, lost - ((lost & 0x800000) << 1), highest, jitter, last, delay))
    return tuple(blocks)


def _lost(body: bytes) -> tuple[int, ...]:
    sequences: list[int] = []
    for start in range(8, len(body) - 3, 4):
        first = int.from_bytes(body[start : start + 2], "big")
        mask = int.from_bytes(body[start + 2 : start + 4], "big")
        sequences.append(first)
        sequences.extend((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)
    return tuple(sequences)


def _remb(body: bytes) -> Remb:
    if len(body) < 16 or len(body) < 16 + 4 * body[12]:
        raise RtcpError("the REMB is cut off")
    exponent = body[13] >> 2
    mantissa = (body[13] & 0x03) << 16 | body[14] << 8 | body[15]
    return Remb(mantissa << exponent, tuple(_ssrc(body, 16 + 4 * index) for index in range(body[12])))


def sender_report(report: SenderReport) -> bytes:
    """An SR without report blocks."""
    return _HEADER.pack(0x80, SR, 6) + _SENDER.pack(*report[:5])


def receiver_report(ssrc: int, blocks: Iterable[ReportBlock]) -> bytes:
    """An RR, and further ones for more sources than fit into one (RFC 3550 §6.1)."""
    packed = [
        _BLOCK.pack(b.ssrc, b.fraction_lost << 24 | b.packets_lost & 0xFFFFFF, b.highest_sequence, b.jitter, b.last_report,
                    b.delay_since_last_report)
        for b in blocks
    ]  # fmt: skip
    parts = [packed[start : start + _BLOCKS_MAX] for start in range(0, len(packed), _BLOCKS_MAX)] or [[]]
    return b"".join(_packet(RR, len(part), ssrc.to_bytes(4, "big") + b"".join(part)) for part in parts)


def source_description(ssrcs: Iterable[int], cname: str) -> bytes:
    """An SDES with the canonical name of every source (RFC 3550 §6.5.1)."""
    item = bytes([_CNAME, len(cname)]) + cname.encode()
    item += bytes(4 - len(item) % 4)  # at least one zero ends the list
    chunks = [ssrc.to_bytes(4, "big") + item for ssrc in ssrcs]
    return _packet(SDES, len(chunks), b"".join(chunks))


def nack(sender_ssrc: int, media_ssrc: int, sequences: Iterable[int]) -> bytes:
    """A generic NACK (RFC 4585 §6.2.1) of extended numbers."""
    pairs = b"".join(_HEADER_PAIR.pack(first, mask) for first, mask in pack_sequences(sequences))
    return _packet(RTPFB, _RTPFB_NACK, _feedback(sender_ssrc, media_ssrc) + pairs)


def pli(sender_ssrc: int, media_ssrc: int) -> bytes:
    """A picture loss indication (RFC 4585 §6.3.1)."""
    return _packet(PSFB, _PSFB_PLI, _feedback(sender_ssrc, media_ssrc))


def fir(sender_ssrc: int, media_ssrc: int, number: int) -> bytes:
    """A full intra request (RFC 5104 §4.3.1); `number` grows with every new request."""
    entry = media_ssrc.to_bytes(4, "big") + bytes([number & 0xFF, 0, 0, 0])
    return _packet(PSFB, _PSFB_FIR, _feedback(sender_ssrc, 0) + entry)


def remb(sender_ssrc: int, bitrate_bps: int, ssrcs: Iterable[int]) -> bytes:
    """Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2); of many sources it names the first 255."""
    packed = [ssrc.to_bytes(4, "big") for ssrc in ssrcs][:_REMB_SSRCS_MAX]
    exponent = max(0, bitrate_bps.bit_length() - 18)
    mantissa = bitrate_bps >> exponent
    rate = bytes([len(packed), exponent << 2 | mantissa >> 16, mantissa >> 8 & 0xFF, mantissa & 0xFF])
    return _packet(PSFB, _PSFB_APP, _feedback(sender_ssrc, 0) + b"REMB" + rate + b"".join(packed))


def bye(ssrcs: Iterable[int]) -> bytes:
    """The sources end (RFC 3550 §6.6)."""
    packed = [ssrc.to_bytes(4, "big") for ssrc in ssrcs]
    return _packet(BYE, len(packed), b"".join(packed))


_HEADER_PAIR = Struct("!HH")


def _feedback(sender_ssrc: int, media_ssrc: int) -> bytes:
    return sender_ssrc.to_bytes(4, "big") + media_ssrc.to_bytes(4, "big")


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body
