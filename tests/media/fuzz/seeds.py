"""Writes the seeds of the corpus anew: packets of aiortc, of a browser's offers and of our own builders, whole and broken.

`python -m tests.media.fuzz.seeds`. Files named otherwise than `seed-…` are left alone: findings, and `chromium-…`, which are
checks, opened packets and payloads of Chromium 150 publishing H264 and VP8 to the relay, cut after 260 and 160 bytes.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from aioice import stun as aioice_stun
from aiortc import rtp as theirs
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import VpxPayloadDescriptor
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

from media.rtp import rtcp, twcc
from media.transport import stun
from tests.media import offers
from tests.media.clips import audio_packets, video_packets

CORPUS = Path(__file__).with_name("corpus")
_LONGEST = 600  # of a media payload: what is behind is noise


def main() -> None:
    """Replace the seeds of every target."""
    for name, make in SEEDS.items():
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("seed-*"):
            old.unlink()
        for data in make():
            (folder / f"seed-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)


def broken(data: bytes) -> Iterator[bytes]:
    """The packet, cut off, with a wrong length, and doubled."""
    yield data
    yield data[: len(data) // 2]
    yield data[:-1]
    yield data[:2] + b"\xff\xff" + data[4:]
    yield data + data


def stun_seeds() -> Iterator[bytes]:
    message = aioice_stun.Message(aioice_stun.Method.BINDING, aioice_stun.Class.REQUEST, transaction_id=bytes(range(12)))
    message.attributes |= {"USERNAME": "ourufrag:theirs", "PRIORITY": 1_853_693_695, "ICE-CONTROLLING": 7}
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(b"a password of ours")
    message.add_fingerprint()
    yield from broken(bytes(message))
    ours = stun.binding_request(bytes(12), "ourufrag:theirs", b"a password of ours", use_candidate=True)
    yield from broken(ours)
    yield stun.binding_response(bytes(12), ("2001:db8::1", 3478), b"secret")
    yield stun.binding_error(bytes(12), 487, "Role Conflict", b"secret")
    yield ours[:20] + b"\x00\x06\xff\xff"


def rtp_seeds() -> Iterator[bytes]:
    extensions = theirs.HeaderExtensionsMap()
    extensions.configure(_extension_parameters())
    for payload in _h264_payloads()[:4]:
        packet = theirs.RtpPacket(
            payload_type=97, marker=1, sequence_number=65_535, timestamp=1 << 31, ssrc=3002, payload=payload
        )
        yield from broken(packet.serialize(extensions))
        packet.extensions.mid, packet.extensions.abs_send_time = "1", 0x123456
        packet.extensions.transport_sequence_number = 7
        yield from broken(packet.serialize(extensions))
        packet.padding_size = 5
        yield packet.serialize(extensions)
        packet.csrc = [1, 2, 3]
        yield packet.serialize(extensions)
        packet.extensions.rtp_stream_id = "a layer with a name longer than sixteen"  # makes it the two-byte form
        yield packet.serialize(extensions)
    yield theirs.RtpPacket(payload_type=96, ssrc=3001, payload=audio_packets()[0]).serialize()
    yield b"\x90\x60\x00\x01" + bytes(8) + b"\xbe\xde\xff\xff"
    yield b"\x90\x60\x00\x01" + bytes(8) + b"\xbe\xde\x00\x01\xf0\x00\x00\x00"


def _extension_parameters() -> RTCRtpParameters:
    uris = [
        "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
        "urn:ietf:params:rtp-hdrext:sdes:mid",
        "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    ]
    headers = [RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in enumerate(uris, 2)]
    return RTCRtpParameters(headerExtensions=headers)


def rtcp_seeds() -> Iterator[bytes]:
    block = theirs.RtcpReceiverInfo(ssrc=3002, fraction_lost=9, packets_lost=-2, highest_sequence=70_000, jitter=9, lsr=1, dlsr=2)
    info = theirs.RtcpSenderInfo(ntp_timestamp=1 << 63, rtp_timestamp=9, packet_count=3, octet_count=4)
    made: list[theirs.AnyRtcpPacket] = [
        theirs.RtcpSrPacket(ssrc=1, sender_info=info, reports=[block] * 3),
        theirs.RtcpRrPacket(ssrc=1, reports=[block]),
        theirs.RtcpSdesPacket(chunks=[theirs.RtcpSourceInfo(ssrc=1, items=[(1, b"name")])]),
        theirs.RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=3002, lost=[1, 2, 18, 65_535]),
        theirs.RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=3002),
        theirs.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=theirs.pack_remb_fci(2_500_000, [3001, 3002])),
        theirs.RtcpByePacket(sources=[3001, 3002]),
    ]
    for packet in made:
        yield from broken(bytes(packet))
    yield b"".join(map(bytes, made))
    yield rtcp.fir(1, 3002, 7) + rtcp.remb(1, (1 << 63) + 5, range(20))
    yield rtcp.receiver_report(1, [rtcp.ReportBlock(2, 255, -1, 3, 4, 5, 6)] * 31)
    yield b"\x80\xcc\x00\x00" * 65
    yield b"\xa0\xc9\x00\x01\x00\x00\x00\x04" + b"\xa0\xc9\x00\x00"


def twcc_seeds() -> Iterator[bytes]:
    log = twcc.ArrivalLog()
    for number in range(65_400, 65_900):
        if number % 7:
            log.receive(number & 0xFFFF, number * 3.1 + (9000 if number % 90 == 0 else 0))
    for packet in log.feedback(1, 2):
        yield from broken(packet)
    yield bytes.fromhex("afcd0006 00000001 00000002 00050003 00000207 20032804 01000003")
    yield bytes.fromhex("8fcd0004 00000001 00000002 0005ffff 00000207") + b"\x1f\xff" * 8
    yield b"".join(number.to_bytes(2, "big") + b"\x20\x00" for number in range(0, 65_000, 900))


def srtp_seeds() -> Iterator[bytes]:
    plain = [packet for packet in rtp_seeds() if 12 <= len(packet) < 256]
    yield b"".join(bytes([len(packet)]) + packet for packet in plain[:6])
    packet = theirs.RtpPacket(payload_type=96, ssrc=3001, sequence_number=65_000, payload=b"opus").serialize()
    yield (bytes([len(packet)]) + packet) * 3
    for number in (1, 65_535, 2, 64_000, 1000):
        packet = theirs.RtpPacket(payload_type=96, ssrc=number, sequence_number=number, payload=b"opus").serialize()
        yield bytes([len(packet)]) + packet + bytes([len(packet)]) + packet
    yield from broken(packet + bytes(26))


def offer_seeds() -> Iterator[bytes]:
    for name in ("CHROMIUM_WHIP", "CHROMIUM_WHEP", "OBS", "FFMPEG", "FIREFOX_WHIP", "FIREFOX_WHEP"):
        text: str = getattr(offers, name)
        yield text.encode()
        yield text.replace("\r\n", "\n").encode()[: len(text) // 2]
        yield text.replace("recvonly", "sendonly").replace("a=rtcp-mux\r\n", "").encode()
    layers = (
        "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=rid:0 send\r\na=rid:1 send\r\na=simulcast:send 0;~1,2\r\n"
    )
    yield (offers.OBS.rstrip("\r\n") + "\r\n" + layers).encode()
    yield offers.OBS.replace("m=video 9", "m=video 0").encode()
    yield b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"


def fragment_seeds() -> Iterator[bytes]:
    yield b"a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
    yield b"a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw\r\na=end-of-candidates\r\n"
    yield b"a=ice-ufrag:\r\n"
    yield b"m=audio 9 RTP/AVP 0\r\n"


def _h264_payloads() -> list[bytes]:
    units = [unit for unit, _ in video_packets()[:2]]
    return [payload[:_LONGEST] for unit in units for payload in H264Encoder._packetize(H264Encoder._split_bitstream(unit))]


def h264_seeds() -> Iterator[bytes]:
    for payload in _h264_payloads():
        yield from broken(payload[:200])
    yield bytes.fromhex("6764001facd9405005bb016a02020280000003008000001e478c18cb")
    yield bytes.fromhex("67f4000d919b28283f6022000003000200000300641e28532c")
    yield bytes.fromhex("68ebe3cb22c0")
    yield b"\x78\x00\x04\x67\x42\xc0\x0d\xff\xff\x68"


def vp8_seeds() -> Iterator[bytes]:
    key = b"\x50\x42\x00\x9d\x01\x2a\x40\x01\xf0\x00" + bytes(20)
    for picture in (None, 7, 0x7FFF):
        for tl0 in (None, 3):
            head = VpxPayloadDescriptor(partition_start=1, partition_id=0, picture_id=picture, tl0picidx=tl0)
            yield bytes(head) + key
            yield bytes(head) + b"\x51" + key[1:]
            yield bytes(head)
    yield b"\xff\xff\xff"


SEEDS = {
    "stun": stun_seeds,
    "rtp": rtp_seeds,
    "rtcp": rtcp_seeds,
    "twcc": twcc_seeds,
    "srtp": srtp_seeds,
    "sdp": offer_seeds,
    "fragment": fragment_seeds,
    "h264": h264_seeds,
    "vp8": vp8_seeds,
    "whip": offer_seeds,
}

if __name__ == "__main__":
    main()
