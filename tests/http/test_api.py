"""Endpoints from outside: permissions, bad input, refusals, transactions."""

import json
import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from schemas.errors import ERRORS
from server.http.routing import by_path_first
from tests.http.conftest import ADDRESS, HOST_EMAIL, HOST_PASSWORD, ORIGIN, World

NOTE = {"text": "hello"}


def problem(answer: httpx.Response, status: int, name: str) -> dict[str, object]:
    """The body of a problem, which must be this one and well formed (RFC 9457)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, object] = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"/problems#{name}"), body
    row = next(row for row in ERRORS if row.name == name)
    assert (body["status"], body["code"], body["title"], body["name"]) == (row.status, row.number, row.title, row.name)
    assert body["temporary"] is row.temporary
    assert isinstance(body["detail"], str)
    assert len(body["detail"]) > 5
    assert answer.headers["cache-control"] == "no-store"
    return body


async def count(client: httpx.AsyncClient) -> int:
    """How many notes are committed."""
    return int((await client.get("/api/notes")).json()["notes"])


async def test_a_guest_posts_and_the_answer_is_json(guest: httpx.AsyncClient) -> None:
    answer = await guest.post("/api/notes", json=NOTE)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["location"] == "/api/notes/1"
    assert answer.headers["cache-control"] == "no-store"
    me = (await guest.get("/api/auth/me")).json()
    assert me["name"] == "Ann"
    assert answer.json() == {"text": "hello", "by": me["actor_id"], "notes": 1}
    assert await count(guest) == 1


BAD_BODIES = [
    (b"", 400, "malformed", None),
    (b"{", 400, "malformed", None),
    (b'{"text": "\xff"}', 400, "malformed", None),
    (b'{"text": "\\ud800"}', 400, "malformed", None),
    (b"\xef\xbb\xbf{}", 400, "malformed", None),
    (b'{"text": "a"} {}', 400, "malformed", None),
    (b"{text: 1}", 400, "malformed", None),
    (b"[]", 422, "invalid_field", ""),
    (b"null", 422, "invalid_field", ""),
    (b"{}", 422, "invalid_field", "/text"),
    (b'{"text": 1}', 422, "invalid_field", "/text"),
    (b'{"text": "a", "extra": 1}', 422, "invalid_field", "/extra"),
    (b'{"text": "a", "a/b~c": 1}', 422, "invalid_field", "/a~1b~0c"),
    (b'{"text": "a", "lines": [{"quantity": 1}, {"quantity": -1}]}', 422, "invalid_field", "/lines/1/quantity"),
    (b'{"text": "a", "lines": [{"quantity": 1.5}]}', 422, "invalid_field", "/lines/0/quantity"),
    (b'{"text": "a", "lines": [{"quantity": "1"}]}', 422, "invalid_field", "/lines/0/quantity"),
    (b'{"text": "a", "lines": [{"quantity": 1e999}]}', 422, "invalid_field", "/lines/0/quantity"),
    (b'{"text": "a", "lines": [{"quantity": 1, "sku": 2}]}', 422, "invalid_field", "/lines/0/sku"),
    (b'{"text": "a", "lines": [{}]}', 422, "invalid_field", "/lines/0/quantity"),
    (b'{"text": "a\\u0000b"}', 422, "invalid_field", None),
    (b"[" * 60_000, 422, "invalid_field", ""),
    (b'{"text": "a", "lines": [' + b'{"quantity":' * 4_000, 422, "invalid_field", "/lines/0/quantity"),
]


@pytest.mark.parametrize(("body", "status", "name", "pointer"), BAD_BODIES)
async def test_a_bad_body_is_refused_with_what_to_do_and_nothing_is_half_done(
    guest: httpx.AsyncClient, body: bytes, status: int, name: str, pointer: str | None
) -> None:
    answer = await guest.post("/api/notes", content=body, headers={"content-type": "application/json"})
    told = problem(answer, status, name)
    if pointer is not None:
        assert told["field"] == pointer
    assert await count(guest) == 0


async def test_text_that_only_looks_like_a_nul_is_accepted(guest: httpx.AsyncClient) -> None:
    body = b'{"text": "a backslash: \\\\u0000"}'
    answer = await guest.post("/api/notes", content=body, headers={"content-type": "application/json; charset=utf-8"})
    assert answer.json()["text"] == "a backslash: \\u0000"


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"])
async def test_another_content_type_is_refused(guest: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await guest.post("/api/notes", content=json.dumps(NOTE), headers=headers)
    assert "application/json" in str(problem(answer, 415, "unsupported_media_type")["detail"])


async def test_a_compressed_body_is_refused(guest: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    problem(await guest.post("/api/notes", content=b"\x1f\x8b", headers=headers), 415, "unsupported_media_type")


async def test_a_body_just_within_the_limit_passes_and_one_byte_more_does_not(guest: httpx.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    frame = len(b'{"text":""}')
    fits = await guest.post("/api/notes", content=b'{"text":"%s"}' % (b"x" * (65_536 - frame)), headers=headers)
    assert fits.status_code == 201
    answer = await guest.post("/api/notes", content=b'{"text":"%s"}' % (b"x" * (65_537 - frame)), headers=headers)
    assert problem(answer, 413, "too_large")["bytes_max"] == 65_536
    assert await count(guest) == 1


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/notes", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/api/notes", "GET, HEAD, OPTIONS, POST"),
        ("TEAPOT", "/api/notes", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/static/watch/page.js", "GET, HEAD, OPTIONS"),
        ("GET", "/api/auth/login", "OPTIONS, POST"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient, method: str, path: str, allow: str) -> None:
    answer = await client.request(method, path)
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/api",
        "/api/notes/",
        "/nothing/",
        "/static/",
        "/static/x.js",
        "/api/notes/a/b",
        "/a%00b",
        "/api/notes/%00",
    ],
)
async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404, "not_found")


async def test_a_query_with_a_nul_is_refused(client: httpx.AsyncClient) -> None:
    problem(await client.get("/api/notes?q=%00"), 400, "malformed")


async def test_head_and_options_work_where_get_does(client: httpx.AsyncClient) -> None:
    head = await client.head("/api/notes")
    assert head.status_code == 200
    options = await client.options("/api/notes")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_a_fixed_path_wins_over_a_pattern(guest: httpx.AsyncClient) -> None:
    assert (await guest.get("/api/notes/mine")).json()["text"] == ""
    assert (await guest.get("/api/notes/other")).json()["text"] == "other"


async def test_a_route_without_parameters_keeps_its_methods() -> None:
    """Also one that is not ours: the poll of the channels takes POST only."""

    async def answer(_: Request) -> PlainTextResponse:
        return PlainTextResponse("here")

    routes = by_path_first([Route("/polls/{name}", answer), Route("/poll", answer, methods=["POST"])])
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        assert [(await client.post(path)).status_code for path in ("/poll", "/polls/1")] == [200, 405]
        assert [(await client.get(path)).status_code for path in ("/poll", "/polls/1")] == [405, 200]


async def test_the_handler_hears_the_clients_address(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/notes/1")).json()["by"] == ADDRESS


async def test_permissions_ask_for_a_session_then_for_rights(world: World) -> None:
    client = world.client
    challenge = await client.post("/api/notes", json=NOTE)
    problem(challenge, 401, "not_signed_in")
    assert challenge.headers["www-authenticate"]
    await client.post("/api/auth/guest", json={"name": "Ann"})
    problem(await client.delete("/api/notes/1"), 403, "forbidden")
    await client.post("/api/auth/register", json={"email": "ann@example.org", "password": "correct horse", "name": "Ann"})
    assert (await client.delete("/api/notes/1")).status_code == 204
    problem(await client.post("/api/notes/close"), 403, "forbidden")
    await client.post("/api/auth/login", json={"email": HOST_EMAIL, "password": HOST_PASSWORD})
    answer = await client.post("/api/notes/close")
    assert (answer.status_code, answer.content) == (204, b"")


async def test_without_a_session_the_body_is_not_even_read(client: httpx.AsyncClient) -> None:
    problem(await client.post("/api/notes", content=b"{", headers={"content-type": "text/plain"}), 401, "not_signed_in")


@pytest.mark.parametrize("token", ["unknown", "x" * 128, "x" * 5_000, "%00", "a b"])
async def test_an_unknown_session_is_no_session(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get("/api/auth/me", headers={"cookie": f"efir_session={token}"})
    problem(answer, 401, "not_signed_in")


async def test_a_refusal_rolls_back_and_carries_its_members(guest: httpx.AsyncClient) -> None:
    told = problem(await guest.post("/api/notes?then=refuse", json=NOTE), 409, "sold_out")
    assert (told["detail"], told["available"]) == ("Take another one.", 0)
    assert await count(guest) == 0


async def test_a_bug_rolls_back_and_tells_only_an_id_that_the_log_knows(
    guest: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = await guest.post("/api/notes?then=fail", json=NOTE)
    told = problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert told["request_id"] == answer.headers["x-request-id"]
    [record] = [record for record in caplog.records if str(told["request_id"]) in record.getMessage()]
    assert record.exc_info is not None
    assert await count(guest) == 0


async def test_a_broken_part_is_unavailable_for_a_moment_and_its_address_stays_inside(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/notes/away")
    problem(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    assert "secret" not in answer.text


async def test_every_error_has_its_row_on_the_page_that_types_point_to(client: httpx.AsyncClient) -> None:
    page = (await client.get("/problems")).text
    assert all(f'id="{error.name}"' in page for error in ERRORS)


CROSS_SITE = [
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:9090"},
    {"sec-fetch-site": "cross-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "file://127.0.0.1:8080"},
]
SAME_SITE = [
    {},
    {"sec-fetch-site": "same-origin", "origin": ORIGIN},
    {"sec-fetch-site": "none"},
    {"origin": ORIGIN},
    {"origin": "http://other-name:8080", "host": "other-name:8080"},
]


@pytest.mark.parametrize("headers", CROSS_SITE)
async def test_another_sites_request_is_refused(guest: httpx.AsyncClient, headers: dict[str, str]) -> None:
    problem(await guest.post("/api/notes", json=NOTE, headers=headers), 403, "cross_origin")
    assert await count(guest) == 0


@pytest.mark.parametrize("headers", SAME_SITE)
async def test_our_own_pages_and_programs_are_served(guest: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await guest.post("/api/notes", json=NOTE, headers=headers)).status_code == 201


async def test_reading_from_another_site_is_not_refused(guest: httpx.AsyncClient) -> None:
    assert (await guest.get("/api/notes", headers=CROSS_SITE[0])).status_code == 200


async def test_an_answer_that_is_no_json_goes_out_as_it_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/notes/1/note.txt")
    assert answer.text == "Привет"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert (answer.headers["content-disposition"], answer.headers["cache-control"]) == ("attachment", "no-store")
