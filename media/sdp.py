"""Session descriptions (RFC 8866, RFC 8829): reads the offers of browsers, OBS, FFmpeg and aiortc, and ICE fragments (RFC 8840).

Only what the relay needs is kept. Sizes are limited: an offer comes from anybody.
"""

from dataclasses import dataclass, field
from typing import Literal, cast

from media.transport.dtls import Fingerprint

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

LINES_MAX = 4000  # a Chromium offer of two tracks has about 250
MEDIAS_MAX = 16
SSRCS_MAX = 64  # four layers with their repairs are eight; more are not remembered
FEEDBACKS_MAX = 32  # kinds of feedback per codec
RIDS_MAX = 16  # as read; what a publisher may send is negotiated
MID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID_EXTENSION = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
TWCC_EXTENSION = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


class SdpError(ValueError):
    """The text is not a description that the relay understands; the message says what is wrong."""


@dataclass(slots=True)
class Codec:
    """One payload type with its `rtpmap`, `fmtp` and `rtcp-fb` lines."""

    payload_type: int
    name: str = ""
    clock_rate: int = 0
    channels: int = 1
    parameters: dict[str, str] = field(default_factory=dict)
    feedback: list[str] = field(default_factory=list)

    @property
    def fmtp(self) -> str:
        """Parameters as an `fmtp` line has them."""
        return ";".join(f"{key}={value}" if value else key for key, value in self.parameters.items())


@dataclass(slots=True)
class Media:
    """One m-section."""

    kind: str
    port: int
    protocol: str
    payload_types: list[int]
    mid: str = ""
    direction: Direction = "sendrecv"
    codecs: dict[int, Codec] = field(default_factory=dict)
    extensions: dict[str, int] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    rtx_ssrcs: dict[int, int] = field(default_factory=dict)
    """RTX source -> the source that it repairs (`ssrc-group:FID`, RFC 5576 §4.2)."""
    rids: list[str] = field(default_factory=list)
    """Layers that the offer sends (`a=simulcast:send`, RFC 8853 §5.1), each by its first alternative."""
    ufrag: str = ""
    password: str = ""
    fingerprints: list[Fingerprint] = field(default_factory=list)
    setup: str = ""
    rtcp_mux: bool = False
    rtcp_rsize: bool = False

    @property
    def sends(self) -> bool:
        return self.direction in ("sendrecv", "sendonly")

    @property
    def receives(self) -> bool:
        return self.direction in ("sendrecv", "recvonly")

    def codecs_named(self, name: str) -> list[Codec]:
        """Codecs of this name in the order of preference, for example `H264`."""
        listed = (self.codecs.get(payload_type) for payload_type in self.payload_types)
        return [codec for codec in listed if codec is not None and codec.name.upper() == name]

    def rtx_for(self, payload_type: int) -> Codec | None:
        """The retransmission payload type of another one (RFC 4588 §8.6)."""
        return next((codec for codec in self.codecs_named("RTX") if codec.parameters.get("apt") == str(payload_type)), None)


@dataclass(slots=True)
class Description:
    """A session description."""

    medias: list[Media]
    bundle: list[str]
    extmap_allow_mixed: bool = False


@dataclass(slots=True)
class Fragment:
    """What a PATCH says: credentials (both empty in a fragment that only has candidates) and how many candidates."""

    ufrag: str = ""
    password: str = ""
    candidates: int = 0


def parse(text: str) -> Description:
    """Read an offer.

    Raises:
        SdpError: not SDP, or too large.
    """
    session = Media(kind="session", port=0, protocol="", payload_types=[])
    description = Description(medias=[], bundle=[])
    current = session
    for kind, value in _lines(text):
        if kind == "m":
            if len(description.medias) == MEDIAS_MAX:
                raise SdpError("too many m-lines")
            current = _media_line(value)
            description.medias.append(current)
        elif kind == "a":
            name, _, rest = value.partition(":")
            if current is session and name == "group" and rest.startswith("BUNDLE"):
                description.bundle = rest.split()[1:]
            elif name == "extmap-allow-mixed":
                description.extmap_allow_mixed = True
            else:
                _attribute(current, name, rest)
    if not description.medias:
        raise SdpError("there is no m-line")
    for media in description.medias:
        _inherit(media, session)
    return description


def parse_fragment(text: str) -> Fragment:
    """Read an `application/trickle-ice-sdpfrag` body (RFC 8840 §9).

    Raises:
        SdpError: it has neither credentials nor candidates nor an end of candidates.
    """
    fragment = Fragment()
    known = False
    for kind, value in _lines(text, first=""):
        name, _, rest = value.partition(":")
        if kind != "a":
            continue
        if name == "ice-ufrag":
            fragment.ufrag = _token(rest)
        elif name == "ice-pwd":
            fragment.password = _token(rest)
        elif name == "candidate":
            fragment.candidates += 1
        known = known or name in ("ice-ufrag", "ice-pwd", "candidate", "end-of-candidates")
    if not known:
        raise SdpError("the fragment has neither credentials nor candidates")
    return fragment


def _lines(text: str, first: str = "v") -> list[tuple[str, str]]:
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    if len(lines) > LINES_MAX:
        raise SdpError("too many lines")
    pairs = []
    for line in lines:
        if len(line) < 2 or line[1] != "=":
            raise SdpError("a line is not <letter>=<value>")
        pairs.append((line[0], line[2:]))
    if first and (not pairs or pairs[0] != (first, "0")):
        raise SdpError("the first line is not v=0")
    return pairs


def _media_line(value: str) -> Media:
    parts = value.split()
    if len(parts) < 4:
        raise SdpError("an m-line is cut off")
    kind, port, protocol = parts[0], _number(parts[1].partition("/")[0], 65_535), parts[2]
    payload_types = [_number(part, 127) for part in parts[3:]] if "RTP" in protocol else []
    media = Media(kind=kind, port=port, protocol=protocol, payload_types=payload_types)
    media.codecs = {payload_type: Codec(payload_type) for payload_type in payload_types}
    return media


def _attribute(media: Media, name: str, value: str) -> None:
    if name in DIRECTIONS:
        media.direction = cast(Direction, name)
    elif name in _TEXT_ATTRIBUTES:
        setattr(media, _TEXT_ATTRIBUTES[name], _token(value))
    elif name == "fingerprint":
        media.fingerprints.append(_fingerprint(value))
    elif name == "rtcp-mux":
        media.rtcp_mux = True
    elif name == "rtcp-rsize":
        media.rtcp_rsize = True
    elif name in ("rtpmap", "fmtp", "rtcp-fb"):
        _codec_attribute(media, name, value)
    elif name == "extmap":
        _extension(media, value)
    elif name in ("ssrc", "ssrc-group"):
        _source(media, name, value)
    elif name == "simulcast":
        _simulcast(media, value)


_TEXT_ATTRIBUTES = {"mid": "mid", "setup": "setup", "ice-ufrag": "ufrag", "ice-pwd": "password"}


def _codec_attribute(media: Media, name: str, value: str) -> None:
    target, _, rest = value.partition(" ")
    if name == "rtcp-fb" and target == "*":
        for codec in media.codecs.values():
            _feedback(codec, rest)
        return
    found = media.codecs.get(_number(target, 127))
    if found is None:
        return
    if name == "rtpmap":
        parts = rest.strip().split("/")
        found.name = parts[0]
        found.clock_rate = _number(parts[1], 1_000_000) if len(parts) > 1 else 0
        found.channels = _number(parts[2], 255) if len(parts) > 2 else 1
    elif name == "fmtp":
        for item in rest.split(";"):
            key, _, parameter = item.strip().partition("=")
            if key:
                found.parameters[key.strip().lower()] = parameter.strip()
    else:
        _feedback(found, rest)


def _feedback(codec: Codec, kind: str) -> None:
    if len(codec.feedback) < FEEDBACKS_MAX:
        codec.feedback.append(kind.strip())


def _extension(media: Media, value: str) -> None:
    parts = value.split()
    if len(parts) < 2:
        raise SdpError("an extmap line is cut off")
    media.extensions[parts[1]] = _number(parts[0].partition("/")[0], 4351)


def _source(media: Media, name: str, value: str) -> None:
    if name == "ssrc":
        ssrc = _number(value.partition(" ")[0], 0xFFFFFFFF)
        if len(media.ssrcs) < SSRCS_MAX and ssrc not in media.ssrcs:
            media.ssrcs.append(ssrc)
        return
    parts = value.split()
    if len(parts) == 3 and parts[0] == "FID":
        media.rtx_ssrcs[_number(parts[2], 0xFFFFFFFF)] = _number(parts[1], 0xFFFFFFFF)


def _simulcast(media: Media, value: str) -> None:
    """`send l;m;~h recv …`: layers by semicolon, alternatives by comma, a tilde in front of those that are paused now."""
    parts = value.split()
    for direction, layers in zip(parts[::2], parts[1::2], strict=False):
        if direction != "send":
            continue
        rids = [layer.partition(",")[0].removeprefix("~") for layer in layers.split(";")]
        if len(rids) > RIDS_MAX or len(set(rids)) != len(rids) or not all(_is_rid(rid) for rid in rids):
            raise SdpError("a=simulcast names no usable layers")
        media.rids = rids


def _is_rid(text: str) -> bool:
    """RFC 8852 §3.1: letters and digits; the older forms `-` and `_` are still sent by some."""
    return 0 < len(text) <= 32 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _fingerprint(value: str) -> Fingerprint:
    parts = value.split()
    if len(parts) != 2 or len(parts[1]) > 256:
        raise SdpError("a fingerprint is not <algorithm> <digits>")
    return Fingerprint(parts[0].lower(), parts[1].upper())


def _inherit(media: Media, session: Media) -> None:
    """Attributes at session level hold for every m-section that has none of its own (RFC 8839 §5.4, RFC 8842 §4)."""
    media.ufrag = media.ufrag or session.ufrag
    media.password = media.password or session.password
    media.fingerprints = media.fingerprints or session.fingerprints
    media.setup = media.setup or session.setup


def _number(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > most:
        raise SdpError(f"{text[:20]!r} is not a number from 0 to {most}")
    return int(text)


def _token(text: str) -> str:
    value = text.strip()
    if not value or len(value) > 256 or not value.isascii() or not value.isprintable() or " " in value:
        raise SdpError("an attribute has no usable value")
    return value
