"""Offers of real clients are read, answers of ours are read by aiortc, and any text gives a value or a named error."""

from typing import cast

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media import sdp
from media.negotiation import Kind, LocalEnd, OutgoingSource, answer, choose_played, choose_published, dtls_role
from media.sdp import SdpError
from media.transport.dtls import Fingerprint
from media.transport.ice import Credentials
from schemas.errors import Refused
from tests.media import offers
from tests.media.hands import places_offer

END = LocalEnd(
    credentials=Credentials("ouruf", "ourpassword" * 3),
    fingerprint=Fingerprint("sha-256", ":".join(["AB"] * 32)),
    role="server",
    addresses=["192.0.2.1", "2001:db8::1"],
    port=8081,
)
VIDEO = OutgoingSource(111, 112, "H264", "42c01f")
AUDIO = OutgoingSource(113, 114, "OPUS", "")


def published(text: str) -> str:
    offer = sdp.parse(text)
    return answer(offer, choose_published(offer), END, sends=False)


def played(text: str, video: OutgoingSource = VIDEO) -> str:
    offer = sdp.parse(text)
    chosen = choose_played(offer, {("video", 0): video, ("audio", 0): AUDIO})
    end = LocalEnd(END.credentials, END.fingerprint, "server", END.addresses, END.port)
    end.sources = {item.media.mid: AUDIO if item.media.kind == "audio" else VIDEO for item in chosen if item.codec}
    return answer(offer, chosen, end, sends=True)


@pytest.mark.parametrize("offer", [offers.CHROMIUM_WHIP, offers.OBS, offers.FFMPEG, offers.FIREFOX_WHIP], ids=offers.NAMES_WHIP)
def test_publishers_get_h264_and_opus_and_our_candidates(offer: str) -> None:
    text = published(offer)
    description = SessionDescription.parse(text)
    names = {media.kind: [codec.name for codec in media.rtp.codecs] for media in description.media}
    assert names["video"][0] == "H264"
    assert names["audio"] == ["opus"]
    assert all(media.direction == "recvonly" and media.rtcp_mux for media in description.media)
    assert [(c.ip, c.port) for c in description.media[0].ice_candidates] == [("192.0.2.1", 8081), ("2001:db8::1", 8081)]
    assert "a=ice-lite" in text.splitlines()


def test_obs_keeps_its_payload_types() -> None:
    text = published(offers.OBS)
    assert "m=audio 8081 UDP/TLS/RTP/SAVPF 111" in text
    assert "m=video 8081 UDP/TLS/RTP/SAVPF 96" in text


def test_chromium_gets_constrained_baseline_with_rtx_and_the_feedback_that_we_use() -> None:
    video = SessionDescription.parse(published(offers.CHROMIUM_WHIP)).media[1]
    first, rtx = video.rtp.codecs
    assert first.parameters["profile-level-id"] == "42e01f"
    assert first.parameters["packetization-mode"] == "1"
    assert {(f.type, f.parameter) for f in first.rtcpFeedback} == {
        ("nack", None),
        ("nack", "pli"),
        ("ccm", "fir"),
        ("goog-remb", None),
        ("transport-cc", None),
    }
    assert rtx.parameters["apt"] == first.payloadType
    assert {extension.uri for extension in video.rtp.headerExtensions} == {
        sdp.MID_EXTENSION,
        sdp.RID_EXTENSION,
        sdp.REPAIRED_RID_EXTENSION,
        sdp.TWCC_EXTENSION,
    }


SIMULCAST = (
    offers.CHROMIUM_WHIP.rstrip("\r\n") + "\r\na=rid:l send\r\na=rid:m send\r\na=rid:h send\r\na=simulcast:send l;~m,x;h\r\n"
)


def test_every_layer_of_an_offer_is_accepted() -> None:
    offer = sdp.parse(SIMULCAST)
    assert offer.medias[1].rids == ["l", "m", "h"]
    lines = published(SIMULCAST).splitlines()
    assert "a=simulcast:recv l;m;h" in lines
    assert [line for line in lines if line.startswith("a=rid:")] == ["a=rid:l recv", "a=rid:m recv", "a=rid:h recv"]


@pytest.mark.parametrize("layers", ["a;b;c;d;e", ";".join("abcdefghijklmnopq"), "a;a", "a;", "ä"])
def test_layers_that_cannot_be_are_refused(layers: str) -> None:
    with pytest.raises((SdpError, Refused)):
        published(SIMULCAST.replace("l;~m,x;h", layers))


def test_viewers_get_no_transport_wide_feedback() -> None:
    assert "transport-cc" not in played(offers.CHROMIUM_WHEP)


def test_the_k_th_m_line_of_a_kind_carries_the_k_th_place() -> None:
    offer = sdp.parse(places_offer(3))
    kinds: tuple[Kind, Kind] = ("video", "audio")
    sources = {
        (kind, place): OutgoingSource(100 * place + number, 0, ("H264", "OPUS")[number], "42e01f", stream_id=f"place-{place}")
        for place in (0, 2)
        for number, kind in enumerate(kinds)
    }
    chosen = choose_played(offer, sources)
    assert [(item.media.kind, item.place, item.codec is None) for item in chosen] == [
        ("video", 0, False),
        ("audio", 0, False),
        ("video", 0, True),
        ("audio", 0, True),
        ("video", 2, False),
        ("audio", 2, False),
    ]
    end = LocalEnd(END.credentials, END.fingerprint, "server", END.addresses, END.port)
    end.sources = {item.media.mid: sources[cast(Kind, item.media.kind), item.place] for item in chosen if item.codec}
    description = SessionDescription.parse(answer(offer, chosen, end, sends=True))
    assert [media.direction for media in description.media] == ["sendonly"] * 2 + ["inactive"] * 2 + ["sendonly"] * 2
    assert [(media.msid or "").split()[0] for media in description.media if media.direction == "sendonly"] == [
        "place-0", "place-0", "place-2", "place-2",
    ]  # fmt: skip


def test_more_places_than_there_are_are_refused() -> None:
    with pytest.raises(Refused):
        choose_played(sdp.parse(places_offer(5)), {("video", 0): VIDEO})


def test_vp8_alone_is_accepted() -> None:
    assert "VP8/90000" in published(offers.without_h264(offers.CHROMIUM_WHIP))


def test_the_dtls_role_follows_the_offer() -> None:
    assert dtls_role(sdp.parse(offers.CHROMIUM_WHIP)) == "server"
    assert dtls_role(sdp.parse(offers.FFMPEG)) == "client"


@pytest.mark.parametrize("offer", [offers.CHROMIUM_WHEP, offers.FIREFOX_WHEP], ids=["chromium", "firefox"])
def test_viewers_get_the_sources_of_the_stream(offer: str) -> None:
    description = SessionDescription.parse(played(offer))
    by_kind = {media.kind: media for media in description.media}
    assert {media.direction for media in description.media} == {"sendonly"}
    assert [source.ssrc for source in by_kind["video"].ssrc] == [111, 112]
    assert [source.ssrc for source in by_kind["audio"].ssrc] == [113]
    assert {source.cname for source in by_kind["video"].ssrc} == {"efir"}
    assert len({(media.msid or "").split()[0] for media in description.media}) == 1


@pytest.mark.parametrize(
    ("stream", "expected"), [("42c01f", "42e01f"), ("420028", "42001f"), ("4d0028", "4d001f"), ("4d8028", "42e01f")]
)
def test_a_viewer_gets_the_payload_type_whose_profile_the_stream_has(stream: str, expected: str) -> None:
    text = played(offers.CHROMIUM_WHEP, video=OutgoingSource(111, 112, "H264", stream))
    assert f"profile-level-id={expected}" in text


def test_a_high_profile_stream_is_high_in_the_answer_when_offered_and_h264_all_the_same_when_not() -> None:
    high = OutgoingSource(111, 112, "H264", "64003e")
    offered = offers.CHROMIUM_WHEP.replace("=4d001f", "=64001f")
    assert "profile-level-id=64001f" in played(offered, video=high)
    assert "H264/90000" in played(offers.CHROMIUM_WHEP, video=high)


def test_an_m_line_that_the_stream_cannot_fill_stays_inactive() -> None:
    offer = sdp.parse(offers.CHROMIUM_WHEP)
    chosen = choose_played(offer, {("video", 0): VIDEO})
    end = LocalEnd(END.credentials, END.fingerprint, "server", END.addresses, END.port, sources={"0": VIDEO})
    description = SessionDescription.parse(answer(offer, chosen, end, sends=True))
    assert [(media.kind, media.direction) for media in description.media] == [("video", "sendonly"), ("audio", "inactive")]


def edited(*changes: tuple[str, str], text: str = offers.OBS) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("invalid_field", [("a=rtcp-mux\r\n", "")]),
        ("invalid_field", [("a=group:BUNDLE 0 1", "a=group:BUNDLE 0")]),
        ("invalid_field", [("a=ice-pwd:", "a=x:")]),
        ("invalid_field", [("a=fingerprint:", "a=x:")]),
        ("invalid_field", [("a=sendonly", "a=recvonly")]),
        ("invalid_field", [("m=audio 9", "m=video 9")]),
        ("invalid_field", [("m=audio 9", "m=text 9")]),
        ("invalid_field", [("m=audio 9", "m=audio 0"), ("m=video 9", "m=video 0")]),
        ("not_acceptable", [("H264/90000", "H265/90000")]),
        ("not_acceptable", [("opus/48000/2", "PCMU/8000")]),
        ("not_acceptable", [("packetization-mode=1", "packetization-mode=0")]),
    ],
)
def test_an_offer_that_does_not_fit_is_refused_by_name(name: str, changes: list[tuple[str, str]]) -> None:
    with pytest.raises(Refused) as caught:
        published(edited(*changes))
    assert caught.value.error.name == name
    assert caught.value.error.status in (406, 422)


def test_a_viewer_that_cannot_decode_the_stream_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        played(offers.without_h264(offers.CHROMIUM_WHEP))
    assert caught.value.error.status == 406


@pytest.mark.parametrize(
    "text",
    ["", "hello", "v=1\r\n",
     "v=0\r\n", "v=0\r\nm=video\r\n", "v=0\r\nm=video x RTP 96\r\n", "v=0\r\nm=video 9 RTP/AVP 300\r\n",
     "v=0\r\nm=video 9 RTP/AVP 96\r\na=fmtp:999999999999 x\r\n", "v=0\r\n" + "a=x\r\n" * 5000,
     "v=0\r\n" + "m=audio 9 X 0\r\n" * 17,
     "v=0\r\nm=video 9 RTP/AVP 96\r\na=ice-ufrag:\r\n", "v=0\r\nm=video 9 RTP/AVP 96\r\na=fingerprint:sha-256\r\n"],
)  # fmt: skip
def test_what_is_no_description_is_an_sdp_error(text: str) -> None:
    with pytest.raises(SdpError):
        sdp.parse(text)


def test_what_an_offer_repeats_without_end_is_kept_in_part() -> None:
    sources = "".join(f"a=ssrc:{number} cname:x\r\n" for number in range(3000))
    feedback = "a=rtcp-fb:* nack\r\n" * 500
    video = sdp.parse(offers.OBS.rstrip("\r\n") + "\r\n" + sources + feedback).medias[1]
    assert len(video.ssrcs) == sdp.SSRCS_MAX
    assert all(len(codec.feedback) <= sdp.FEEDBACKS_MAX for codec in video.codecs.values())


LINES = st.sampled_from(offers.CHROMIUM_WHIP.split("\r\n") + offers.OBS.split("\r\n")) | st.text(max_size=30)


@given(st.lists(LINES, max_size=40), st.booleans())
def test_any_lines_give_an_answer_or_a_named_error(lines: list[str], start: bool) -> None:
    text = "\r\n".join((["v=0"] if start else []) + lines)
    try:
        published(text)
    except (SdpError, Refused):
        return
    assert "m=" in text


@given(st.integers(0, len(offers.CHROMIUM_WHIP) - 1), st.text(max_size=3))
def test_a_damaged_offer_gives_an_answer_or_a_named_error(position: int, inserted: str) -> None:
    text = offers.CHROMIUM_WHIP
    try:
        reply = published(text[:position] + inserted + text[position + 1 :])
    except (SdpError, Refused):
        return
    assert reply.startswith("v=0\r\n")


@given(st.text(max_size=200))
def test_any_fragment_is_read_or_an_sdp_error(text: str) -> None:
    try:
        fragment = sdp.parse_fragment(text)
    except SdpError:
        return
    assert "a=" in text
    assert fragment.candidates >= 0
