"""RFC 9725 and draft-ietf-wish-whep, row by row: the public routes of the web role with a real relay behind them.

Each row is one request to a show that is on air. `whep session` and `whip session` are sessions that are there: the first is new
for every row.
"""

import re
from dataclasses import dataclass, field

import httpx
import pytest

from schemas.media import SESSION_TOKEN_LENGTH, session_id
from tests.http.conftest import ENDED_SHOW_ID, INGEST_TOKEN, SHOW_ID, Broadcast, World
from tests.media import offers

WHIP, WHEP = f"/whip/{SHOW_ID}", f"/whep/{SHOW_ID}"
SDP = {"content-type": "application/sdp"}
KEY = {"authorization": f"Bearer {INGEST_TOKEN}"}
FRAGMENT = {"content-type": "application/trickle-ice-sdpfrag"}
ELSEWHERE = {"origin": "https://blog.example", "sec-fetch-site": "cross-site"}
PREFLIGHT = ELSEWHERE | {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
ANY = {"if-match": "*"}

UFRAG = re.search(r"a=ice-ufrag:(\S+)", offers.CHROMIUM_WHEP)
assert UFRAG is not None
CANDIDATE = (
    f"a=ice-ufrag:{UFRAG[1]}\r\na=ice-pwd:0cBT1UUjTDZ1AKM0Ci2X0d6n\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    "a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n"
)
UNRESOLVABLE = CANDIDATE.replace("192.0.2.1", "0b5c7d2e.local").replace("udp", "sctp")
RESTART = "a=ice-ufrag:ysXw\r\na=ice-pwd:vw5LmwG4y/e6dPP/zAP9Gp5k\r\n"
OPEN: dict[str, str | None] = {
    "access-control-allow-origin": r"\*",
    "access-control-expose-headers": "Location, Link, ETag, Accept-Post, Accept-Patch, Retry-After(, .*)?",
    "access-control-allow-credentials": None,
}
CREATED: dict[str, str | None] = {
    "content-type": "application/sdp",
    "etag": r'"[^"]+"',
    "accept-patch": "application/trickle-ice-sdpfrag",
}


@dataclass(frozen=True)
class Row:
    """A request and its answer. `expect` maps header names to a pattern of the whole value; None: the header is not there."""

    name: str
    method: str
    to: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    problem: str = ""
    expect: dict[str, str | None] = field(default_factory=dict)


ENDPOINTS = [
    Row("a viewer gets a session", "POST", WHEP, 201, SDP, offers.CHROMIUM_WHEP, "", CREATED | {"location": f"{WHEP}/[\\w-]+"}),
    Row("Firefox too", "POST", WHEP, 201, SDP, offers.FIREFOX_WHEP, "", CREATED),
    Row(
        "a content type may have parameters",
        "POST",
        WHEP,
        201,
        {"content-type": "Application/SDP; charset=utf-8"},
        offers.CHROMIUM_WHEP,
    ),
    Row("a player of another site is welcome", "POST", WHEP, 201, SDP | ELSEWHERE, offers.CHROMIUM_WHEP, "", OPEN),
    Row(
        "a player may bring a key that is none of ours",
        "POST",
        WHEP,
        201,
        SDP | {"authorization": "Bearer x"},
        offers.CHROMIUM_WHEP,
    ),
    Row("JSON is no offer", "POST", WHEP, 415, {"content-type": "application/json"}, "{}", "unsupported_media_type"),
    Row("nothing is no offer", "POST", WHEP, 415, {}, "", "unsupported_media_type"),
    Row("an offer that is not SDP", "POST", WHEP, 400, SDP, "hello", "malformed"),
    Row("an empty offer", "POST", WHEP, 400, SDP, "", "malformed"),
    Row(
        "a data channel",
        "POST",
        WHEP,
        422,
        SDP,
        offers.CHROMIUM_WHEP.replace("m=audio", "m=application"),
        "invalid_field",
    ),
    Row("a viewer that sends", "POST", WHEP, 422, SDP, offers.CHROMIUM_WHEP.replace("a=recvonly", "a=sendonly"), "invalid_field"),
    Row("a viewer that cannot decode", "POST", WHEP, 406, SDP, offers.CHROMIUM_WHEP.replace("H264/", "H265/"), "not_acceptable"),
    Row(
        "a show that is over",
        "POST",
        f"/whep/{ENDED_SHOW_ID}",
        409,
        SDP,
        offers.CHROMIUM_WHEP,
        "show_ended",
        {"retry-after": None},
    ),
    Row("a show that never was", "POST", "/whep/shw_" + "9" * 32, 404, SDP, offers.CHROMIUM_WHEP, "not_found", OPEN),
    Row("the show has its publisher", "POST", WHIP, 409, SDP | KEY, offers.OBS, "stream_taken", {"retry-after": r"\d+"}),
    Row("no key", "POST", WHIP, 401, SDP, offers.OBS, "not_signed_in", OPEN | {"www-authenticate": "Bearer .*"}),
    Row("a wrong key", "POST", WHIP, 401, SDP | {"authorization": "Bearer x"}, offers.OBS, "not_signed_in"),
    Row("HEVC", "POST", WHIP, 406, SDP | KEY, offers.OBS.replace("H264", "H265"), "not_acceptable"),
    Row(
        "a publisher that receives", "POST", WHIP, 422, SDP | KEY, offers.OBS.replace("a=sendonly", "a=recvonly"), "invalid_field"
    ),
    Row("no transport", "POST", WHIP, 422, SDP | KEY, offers.OBS.replace("a=ice-ufrag:OBS1\r\n", ""), "invalid_field"),
]
ALLOWED = OPEN | {
    "access-control-allow-methods": ".*POST.*PATCH.*DELETE.*",
    "access-control-allow-headers": "Authorization, Content-Type, If-Match, ETag",
    "accept-post": "application/sdp",
    "link": None,
}
HERE: dict[str, str | None] = {"accept-post": "application/sdp"}
for _path in (WHIP, WHEP):
    ENDPOINTS += [
        Row("GET", "GET", _path, 200, ELSEWHERE, "", "", OPEN | {"content-length": "0"}),
        Row("HEAD discovers it", "HEAD", _path, 200, {}, "", "", HERE | {"content-type": "application/sdp"}),
        Row("OPTIONS", "OPTIONS", _path, 200, {}, "", "", HERE | {"link": '<turn:.*rel="ice-server".*'}),
        Row("a preflight gives no servers away", "OPTIONS", _path, 200, PREFLIGHT, "", "", ALLOWED),
    ]
    for _method in ("PUT", "PATCH", "DELETE", "TRACE"):
        expect: dict[str, str | None] = {"allow": ".*POST.*"}
        ENDPOINTS.append(Row("a wrong method", _method, _path, 405, {}, "", "method_not_allowed", expect))
"""What happens before there is a session."""

SESSIONS = [
    Row("candidates", "PATCH", "whep session", 204, FRAGMENT, CANDIDATE, "", OPEN | {"etag": None, "content-type": None}),
    Row("candidates with If-Match: *", "PATCH", "whep session", 204, FRAGMENT | ANY, CANDIDATE),
    Row("candidates with the tag", "PATCH", "whep session", 204, FRAGMENT | {"if-match": "ETAG"}, CANDIDATE),
    Row("candidates that nobody can use", "PATCH", "whep session", 204, FRAGMENT, UNRESOLVABLE),
    Row("an old tag", "PATCH", "whep session", 412, FRAGMENT | {"if-match": '"old"'}, CANDIDATE, "precondition_failed"),
    Row("a weak tag", "PATCH", "whep session", 412, FRAGMENT | {"if-match": "W/ETAG"}, CANDIDATE, "precondition_failed"),
    Row("a list of tags", "PATCH", "whep session", 204, FRAGMENT | {"if-match": '"old", ETAG'}, CANDIDATE),
    Row(
        "a restart",
        "PATCH",
        "whep session",
        200,
        FRAGMENT | ANY,
        RESTART,
        "",
        {"content-type": FRAGMENT["content-type"], "etag": '"[^"]+"'},
    ),
    Row("a restart as the draft spells it", "PATCH", "whep session", 200, FRAGMENT | {"if-match": '"*"'}, RESTART),
    Row("a restart without If-Match", "PATCH", "whep session", 428, FRAGMENT, RESTART, "precondition_required"),
    Row(
        "a restart of an old session",
        "PATCH",
        "whep session",
        412,
        FRAGMENT | {"if-match": '"old"'},
        RESTART,
        "precondition_failed",
    ),
    Row("a restart without a password", "PATCH", "whep session", 422, FRAGMENT | ANY, "a=ice-ufrag:ysXw\r\n", "invalid_field"),
    Row("a broken fragment", "PATCH", "whep session", 400, FRAGMENT, "hello", "malformed"),
    Row("an answer to no counter-offer", "PATCH", "whep session", 422, SDP, "v=0\r\n", "invalid_field"),
    Row("text", "PATCH", "whep session", 415, {"content-type": "text/plain"}, CANDIDATE, "unsupported_media_type"),
    Row("GET", "GET", "whep session", 200, {}, "", "", {"content-length": "0"}),
    Row("HEAD", "HEAD", "whep session", 200),
    Row(
        "OPTIONS",
        "OPTIONS",
        "whep session",
        200,
        PREFLIGHT,
        "",
        "",
        OPEN | {"accept-patch": FRAGMENT["content-type"], "link": None},
    ),
    Row("POST to a session", "POST", "whep session", 405, SDP, offers.CHROMIUM_WHEP, "method_not_allowed"),
    Row("PUT to a session", "PUT", "whep session", 405, {}, "", "method_not_allowed", {"allow": ".*PATCH.*"}),
    Row("a tag does not hinder DELETE", "DELETE", "whep session", 200, {"if-match": '"old"'}, "", "", OPEN),
    Row("a viewer's session under WHIP", "DELETE", "whip of whep session", 404, {}, "", "not_found"),
    Row("a session of a node that died", "PATCH", "dead session", 404, FRAGMENT, CANDIDATE, "not_found"),
    Row("an id that nobody made", "DELETE", f"{WHEP}/{'x' * 40}", 404, {}, "", "not_found"),
    Row("an odd id", "DELETE", f"{WHEP}/..%2f..%2fstats", 404, {}, "", "not_found"),
    Row("a publisher's candidates", "PATCH", "whip session", 428, FRAGMENT, RESTART, "precondition_required"),
    Row("a publisher ends", "DELETE", "whip session", 200, {"if-match": '"old"'}),
    Row("it ended already", "DELETE", "whip session", 404, {}, "", "not_found"),
    Row("and nothing is live", "POST", WHEP, 409, SDP, offers.CHROMIUM_WHEP, "stream_inactive", OPEN | {"retry-after": r"\d+"}),
]
"""What happens to sessions."""


def check(row: Row, reply: httpx.Response) -> None:
    assert reply.status_code == row.status, (row.name, reply.status_code, reply.text[:200])
    for name, pattern in row.expect.items():
        given = reply.headers.get(name)
        assert given is None if pattern is None else given is not None and re.fullmatch(pattern, given, re.DOTALL), (
            row.name,
            name,
            given,
        )
    if row.problem:
        assert reply.headers["content-type"] == "application/problem+json", row.name
        assert reply.json()["type"] == f"/problems#{row.problem}", row.name
    elif row.status == 204 or row.method == "OPTIONS":
        assert reply.content == b"", row.name


async def viewer(world: World) -> httpx.Response:
    reply = await world.client.post(WHEP, content=offers.CHROMIUM_WHEP, headers=SDP)
    assert reply.status_code == 201, reply.text
    return reply


async def test_every_row_of_the_endpoints_holds(broadcast: Broadcast, subtests: pytest.Subtests) -> None:
    for row in ENDPOINTS:
        with subtests.test(f"{row.name}: {row.method} {row.to[:6]}"):
            before = set(broadcast.node.sessions)
            check(row, await broadcast.world.client.request(row.method, row.to, content=row.body, headers=row.headers))
            made = len(set(broadcast.node.sessions) - before)
            assert made == (row.status == 201), "a session is made whole, or not at all"


async def test_every_row_of_the_sessions_holds(broadcast: Broadcast, subtests: pytest.Subtests) -> None:
    client, dead = broadcast.world.client, session_id("med_" + "8" * 32, "t" * SESSION_TOKEN_LENGTH)
    for row in SESSIONS:
        with subtests.test(f"{row.name}: {row.method}"):
            places = {"whip session": broadcast.publisher.session_url, "dead session": f"{WHEP}/{dead}"}
            etag = ""
            if "whep session" in row.to:
                made = await viewer(broadcast.world)
                places["whep session"], etag = made.headers["location"], made.headers["etag"]
                places["whip of whep session"] = places["whep session"].replace("/whep/", "/whip/")
            headers = {name: value.replace("ETAG", etag) for name, value in row.headers.items()}
            check(row, await client.request(row.method, places.get(row.to, row.to), content=row.body, headers=headers))
            if row.status >= 400 and "whep session" in row.to:
                assert (await client.patch(places["whep session"], content=CANDIDATE, headers=FRAGMENT)).status_code == 204, (
                    "it lives"
                )


async def test_an_answer_has_every_candidate_and_one_direction(broadcast: Broadcast) -> None:
    answer = (await viewer(broadcast.world)).text
    assert answer.count("a=candidate:") >= 1
    assert "a=end-of-candidates" in answer
    assert answer.count("a=sendonly") == answer.count("m=") == 2
    assert "a=group:BUNDLE" in answer
    assert answer.count("a=rtcp-mux") >= 2
    assert "a=recvonly" not in answer
    assert "a=sendrecv" not in answer
    published = broadcast.publisher.answer
    assert published.count("a=recvonly") == published.count("m=") == 2


async def test_a_restart_changes_credentials_and_tag_and_gives_one_candidate(broadcast: Broadcast) -> None:
    made = await viewer(broadcast.world)
    reply = await broadcast.world.client.patch(made.headers["location"], content=RESTART, headers=FRAGMENT | ANY)
    assert reply.headers["etag"] != made.headers["etag"]
    ufrag = re.search(r"a=ice-ufrag:(\S+)", reply.text)
    assert ufrag is not None
    assert ufrag[1] not in made.text
    assert reply.text.count("a=candidate:") == 1  # a player of the field joins several with commas
    old = FRAGMENT | {"if-match": made.headers["etag"]}
    late = await broadcast.world.client.patch(made.headers["location"], content=RESTART, headers=old)
    assert late.status_code == 412


async def test_while_draining_new_sessions_are_asked_to_come_back_and_open_ones_go_on(broadcast: Broadcast) -> None:
    made = await viewer(broadcast.world)
    await broadcast.node.drain()
    for path, headers, offer in ((WHEP, SDP, offers.CHROMIUM_WHEP), (WHIP, SDP | KEY, offers.OBS)):
        reply = await broadcast.world.client.post(path, content=offer, headers=headers)
        check(Row("draining", "POST", path, 503, problem="unavailable", expect=OPEN | {"retry-after": r"\d+"}), reply)
    patched = await broadcast.world.client.patch(made.headers["location"], content=CANDIDATE, headers=FRAGMENT)
    assert patched.status_code == 204


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_an_address_that_asks_too_often_is_told_when_to_come_back(world: World, method: str) -> None:
    path = WHEP if method == "POST" else f"{WHEP}/{'x' * 40}"
    row = Row("flood", method, path, 429, problem="rate_limited", expect=OPEN | {"retry-after": r"\d+"})
    for _ in range(1_000):
        reply = await world.client.request(method, path, content="x", headers={"content-type": "text/plain"})
        if reply.status_code == 429:
            break
    check(row, reply)
    assert (await world.client.get(WHEP)).status_code == 200, "looking is free"


async def test_a_session_names_the_ice_servers_beside_the_extensions(broadcast: Broadcast) -> None:
    links = (await viewer(broadcast.world)).headers.get_list("link")
    assert [link.partition("rel=")[2].split('"')[1] for link in links] == [
        "urn:ietf:params:whep:ext:core:server-sent-events",
        "urn:ietf:params:whep:ext:core:layer",
        "ice-server",
    ]
