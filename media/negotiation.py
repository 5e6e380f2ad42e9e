"""Offer and answer (RFC 8829): which m-lines and codecs of an offer the relay takes, and the text of its answer.

House rules: H264 with packetization-mode 1 first, VP8 accepted, Opus. Publishers send transport-cc numbers and get feedback on
them. Viewers get none: it silences REMB, and its ten to twenty reports a second per viewer would cost more than forwarding.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from media.rtp import h264
from media.sdp import MID_EXTENSION, REPAIRED_RID_EXTENSION, RID_EXTENSION, TWCC_EXTENSION, Codec, Description, Media
from media.transport.candidates import candidate_lines
from media.transport.dtls import Fingerprint, Role
from media.transport.ice import Credentials
from schemas.errors import INVALID_FIELD, NOT_ACCEPTABLE, Refused, WireError
from schemas.media import PLACES_MAX

Kind = Literal["audio", "video"]
VIDEO_CODECS = ("H264", "VP8")
AUDIO_CODECS = ("OPUS",)
PREFERRED_PROFILES = ("constrained-baseline", "baseline", "main", "constrained-high", "high")
"""Constrained baseline first: every phone decodes and encodes it."""

LAYERS_MAX = 4  # OBS and browsers send at most so many, and OBS gives up when one of them is refused
_VIDEO_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")
_TWCC = "transport-cc"
_PUBLISHER_EXTENSIONS = (MID_EXTENSION, RID_EXTENSION, REPAIRED_RID_EXTENSION, TWCC_EXTENSION)
_UNSUPPORTED = INVALID_FIELD  # 422: RFC 9725 §4.4 wants 4xx, never half an answer


@dataclass(frozen=True, slots=True)
class Chosen:
    """An m-line of the offer and what was chosen of it. `codec` is None when the m-line stays unused. `place` is the participant
    whose track a viewer's m-line carries."""

    media: Media
    codec: Codec | None = None
    rtx: Codec | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class OutgoingSource:
    """The source that an m-line of a viewer will receive."""

    ssrc: int
    rtx_ssrc: int
    codec_name: str
    profile_level_id: str
    stereo: bool = False
    stream_id: str = "place-0"
    """MediaStream id (`msid`, RFC 8830) by which a page knows whose track it is."""


@dataclass(slots=True)
class LocalEnd:
    """Our end of the transport, the same in every answer but for the credentials."""

    credentials: Credentials
    fingerprint: Fingerprint
    role: Role
    addresses: Sequence[str]
    port: int
    cname: str = "efir"
    sources: dict[str, OutgoingSource] = field(default_factory=dict)
    """Per mid, for viewers."""
    tcp_port: int = 0
    """0: no TCP."""
    over_tcp: bool = False
    """Whether the session's media goes over TCP now."""


def check_transport(offer: Description) -> None:
    """What every offer must have.

    Raises:
        Refused: something is missing; the detail names it.
    """
    live = [media for media in offer.medias if media.port or media.kind == "application"]
    if not live:
        raise _refused(INVALID_FIELD, "every m-line has port 0")
    for media in live:
        if not media.ufrag or not media.password:
            raise _refused(INVALID_FIELD, "ice-ufrag or ice-pwd is missing")
        if not media.fingerprints:
            raise _refused(INVALID_FIELD, "a=fingerprint is missing")
        if not media.rtcp_mux and media.kind != "application":
            raise _refused(INVALID_FIELD, "a=rtcp-mux is missing; RTP and RTCP share a port here")
        if media.setup not in ("", "actpass", "active", "passive"):
            raise _refused(INVALID_FIELD, "a=setup has an unknown value")
    if len(live) > 1 and not {media.mid for media in live} <= set(offer.bundle):
        raise _refused(INVALID_FIELD, "a=group:BUNDLE must name every m-line; there is one transport here")


def dtls_role(offer: Description) -> Role:
    """Server, unless the client insists on being it (`setup:passive`: FFmpeg)."""
    return "client" if offer.medias[0].setup == "passive" else "server"


def choose_published(offer: Description) -> list[Chosen]:
    """The m-lines of a WHIP offer.

    Raises:
        Refused: 422 for what is not a broadcast of one video and one audio, 406 when no codec fits.
    """
    check_transport(offer)
    _check_kinds(offer, 1)
    chosen = []
    for media in offer.medias:
        if not media.sends:
            raise _refused(_UNSUPPORTED, f"the {media.kind} m-line is {media.direction}; a broadcast is sendonly")
        if len(media.rids) > LAYERS_MAX or (media.rids and (media.kind != "video" or RID_EXTENSION not in media.extensions)):
            raise _refused(
                _UNSUPPORTED, f"simulcast is for video, of at most {LAYERS_MAX} layers, with the extension {RID_EXTENSION}"
            )
        chosen.append(Chosen(media, *_with_rtx(media, _choose_codec(media))))
    return chosen


def _check_kinds(offer: Description, most: int) -> None:
    kinds = [media.kind for media in offer.medias]
    if any(kind not in ("audio", "video") for kind in kinds):
        raise _refused(_UNSUPPORTED, "only audio and video m-lines are taken")
    if max(kinds.count("audio"), kinds.count("video")) > most:
        raise _refused(_UNSUPPORTED, f"at most {most} audio and {most} video m-lines are taken")


def _choose_codec(media: Media) -> Codec:
    names = VIDEO_CODECS if media.kind == "video" else AUDIO_CODECS
    for name in names:
        candidates = media.codecs_named(name)
        if name == "H264":
            candidates = sorted((codec for codec in candidates if _mode_1(codec)), key=_profile_rank)
        if candidates:
            return candidates[0]
    raise _refused(NOT_ACCEPTABLE, f"offer {' or '.join(names)} for {media.kind} (H264 with packetization-mode=1)")


def _with_rtx(media: Media, codec: Codec) -> tuple[Codec, Codec | None]:
    return codec, media.rtx_for(codec.payload_type) if media.kind == "video" else None


def choose_played(offer: Description, sources: Mapping[tuple[Kind, int], OutgoingSource]) -> list[Chosen]:
    """The m-lines of a WHEP offer, matched with what the stream has: the k-th m-line of a kind gets place k.

    Raises:
        Refused: 422 for an m-line that cannot be, 406 when the viewer cannot decode the stream.
    """
    check_transport(offer)
    _check_kinds(offer, PLACES_MAX)
    chosen = []
    places = {"audio": 0, "video": 0}
    for media in offer.medias:
        if not media.receives:
            raise _refused(_UNSUPPORTED, f"the {media.kind} m-line is {media.direction}; a viewer is recvonly")
        place = places[media.kind]
        places[media.kind] += 1
        source = sources.get(("video" if media.kind == "video" else "audio", place))
        if source is None:
            chosen.append(Chosen(media))
        else:
            chosen.append(Chosen(media, *_with_rtx(media, _decodable(media, source)), place))
    if all(item.codec is None for item in chosen):
        raise _refused(NOT_ACCEPTABLE, "the stream has nothing for the m-lines offered")
    return chosen


def _decodable(media: Media, source: OutgoingSource) -> Codec:
    candidates = media.codecs_named(source.codec_name)
    if source.codec_name == "H264":
        # The payload type whose profile is that of the stream; else the nearest: real decoders read more than they offer.
        candidates = sorted(
            (codec for codec in candidates if _mode_1(codec)), key=lambda codec: _profile_distance(codec, source.profile_level_id)
        )
    if not candidates:
        raise _refused(NOT_ACCEPTABLE, f"the stream is {source.codec_name}; the offer has no such {media.kind} codec")
    return candidates[0]


def _mode_1(codec: Codec) -> bool:
    return codec.parameters.get("packetization-mode") == "1"


def _profile(codec: Codec) -> str:
    return h264.profile(codec.parameters.get("profile-level-id", "42000a"))  # the default of RFC 6184 §8.1


def _profile_rank(codec: Codec) -> int:
    profile = _profile(codec)
    return PREFERRED_PROFILES.index(profile) if profile in PREFERRED_PROFILES else len(PREFERRED_PROFILES)


def _profile_distance(codec: Codec, wanted: str) -> int:
    mine, needed = _profile(codec), h264.profile(wanted)
    if mine == needed:
        return 0
    same_family = mine.removeprefix("constrained-") == needed.removeprefix("constrained-")
    return 1 if same_family else 2 + _profile_rank(codec)


def answer(offer: Description, chosen: Sequence[Chosen], end: LocalEnd, *, sends: bool) -> str:
    """The answer's text. `sends` is for viewers: our m-lines are sendonly, else recvonly."""
    mids = " ".join(item.media.mid for item in chosen)
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=ice-lite"]
    if offer.bundle:
        lines.append(f"a=group:BUNDLE {mids}")
    if offer.extmap_allow_mixed:
        lines.append("a=extmap-allow-mixed")
    lines.append("a=msid-semantic: WMS *")
    for position, item in enumerate(chosen):
        lines += _section(item, end, sends=sends)
        if position == 0:  # of bundled m-lines only the first carries candidates (RFC 9143 §7.1.3)
            lines += candidate_lines(end.addresses, end.port, end.tcp_port)
    return "\r\n".join([*lines, ""])


def restart_fragment(end: LocalEnd) -> str:
    """Body of the answer to an ICE restart (RFC 9725 §4.3.3).

    TCP is named only to a session that needs it: npm's whip-whep reads a fragment with one candidate only.
    """
    candidates = candidate_lines(end.addresses, end.port, end.tcp_port if end.over_tcp else 0)
    lines = ["a=ice-lite", *_credential_lines(end.credentials), *candidates]
    return "\r\n".join([*lines, ""])


def _credential_lines(credentials: Credentials) -> list[str]:
    return [f"a=ice-ufrag:{credentials.ufrag}", f"a=ice-pwd:{credentials.password}"]


def _section(item: Chosen, end: LocalEnd, *, sends: bool) -> list[str]:
    media, codec = item.media, item.codec
    listed = [found for found in (codec, item.rtx) if found is not None]
    payload_types = " ".join(str(found.payload_type) for found in listed) or " ".join(map(str, media.payload_types))
    family = "IP6" if ":" in end.addresses[0] else "IP4"
    lines = [f"m={media.kind} {end.port} {media.protocol} {payload_types}", f"c=IN {family} {end.addresses[0]}"]
    if media.mid:
        lines.append(f"a=mid:{media.mid}")
    lines += _credential_lines(end.credentials)
    lines.append(f"a=fingerprint:{end.fingerprint.algorithm} {end.fingerprint.value}")
    lines.append("a=setup:active" if end.role == "client" else "a=setup:passive")
    lines.append("a=rtcp-mux")
    if media.rtcp_rsize:
        lines.append("a=rtcp-rsize")
    if codec is None:
        return [*lines, "a=inactive", *(f"a=rtpmap:{found}" for found in _maps(media))]
    lines.append("a=sendonly" if sends else "a=recvonly")
    lines += _codec_lines(media, codec, item.rtx, end, sends=sends)
    return lines + (_source_lines(end, media, item.rtx) if sends else _publisher_lines(media))


def _publisher_lines(media: Media) -> list[str]:
    """Header extensions that we read, and every layer that was offered (RFC 8853 §5.3)."""
    lines = [f"a=extmap:{media.extensions[name]} {name}" for name in _PUBLISHER_EXTENSIONS if name in media.extensions]
    lines += [f"a=rid:{rid} recv" for rid in media.rids]
    return [*lines, f"a=simulcast:recv {';'.join(media.rids)}"] if media.rids else lines


def _maps(media: Media) -> list[str]:
    known = [codec for codec in media.codecs.values() if codec.name]
    return [f"{codec.payload_type} {_rtpmap(codec)}" for codec in known]


def _rtpmap(codec: Codec) -> str:
    return f"{codec.name}/{codec.clock_rate}" + (f"/{codec.channels}" if codec.channels > 1 else "")


def _codec_lines(media: Media, codec: Codec, rtx: Codec | None, end: LocalEnd, *, sends: bool) -> list[str]:
    number = codec.payload_type
    lines = [f"a=rtpmap:{number} {_rtpmap(codec)}"]
    fmtp = codec.fmtp
    source = end.sources.get(media.mid)
    if sends and source is not None and source.stereo:
        fmtp += ";stereo=1;sprop-stereo=1"
    if fmtp:
        lines.append(f"a=fmtp:{number} {fmtp}")
    if media.kind == "video":
        lines += [f"a=rtcp-fb:{number} {kind}" for kind in _VIDEO_FEEDBACK if kind in codec.feedback]
    if not sends and _TWCC in codec.feedback and TWCC_EXTENSION in media.extensions:
        lines.append(f"a=rtcp-fb:{number} {_TWCC}")
    if rtx is not None:
        lines += [f"a=rtpmap:{rtx.payload_type} rtx/{codec.clock_rate}", f"a=fmtp:{rtx.payload_type} apt={number}"]
    return lines


def _source_lines(end: LocalEnd, media: Media, rtx: Codec | None) -> list[str]:
    source = end.sources[media.mid]
    ssrcs = [source.ssrc] + ([source.rtx_ssrc] if rtx is not None else [])
    msid = f"{source.stream_id} {source.stream_id}-{media.kind}"
    lines = [f"a=msid:{msid}"]
    if rtx is not None:
        lines.append(f"a=ssrc-group:FID {source.ssrc} {source.rtx_ssrc}")
    for ssrc in ssrcs:
        lines += [f"a=ssrc:{ssrc} cname:{end.cname}", f"a=ssrc:{ssrc} msid:{msid}"]
    return lines


def _refused(error: WireError, detail: str) -> Refused:
    return Refused(error, detail)
