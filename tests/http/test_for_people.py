"""What a browser shows of a refusal, and what programs get instead."""

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from server.http.for_people import ForPeople
from server.http.middleware import Observed
from server.http.pages import Pages
from server.http.static_files import Assets
from server.kernel.errors import Unavailable
from tests.fakes.clock import FakeClock
from tests.http.conftest import World
from tests.http.test_api import problem

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-language": "ru-RU,ru;q=0.9"}


async def test_a_browser_gets_a_page_in_its_language_and_a_program_the_problem(client: httpx.AsyncClient) -> None:
    page = await client.get("/nothing", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["content-language"] == "ru"
    assert page.headers["cache-control"] == "no-store"
    assert "'sha256-" in page.headers["content-security-policy"]
    request_id = page.headers["x-request-id"]
    assert f'<meta name="problem" content="not_found" data-request="{request_id}" />' in page.text
    assert '<meta name="robots" content="noindex" />' in page.text
    for headers in ({}, {"accept": "application/json"}, {"accept": "*/*"}):
        assert problem(await client.get("/nothing", headers=headers), 404, "not_found")["detail"]


@pytest.mark.parametrize("path", ["/api/nothing", "/static/nothing.js", "/combined/start/nothing.css", "/api/notes/away"])
async def test_who_opens_an_address_for_programs_sees_what_they_get(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path, headers=BROWSER)).headers["content-type"] == "application/problem+json"


async def test_what_is_sent_gets_no_page(client: httpx.AsyncClient) -> None:
    answer = await client.post("/nothing", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [(Unavailable("redis at unix:/secret/path is gone"), 503, "unavailable"), (KeyError("bug"), 500, "internal")],
)
async def test_a_failure_is_a_page_as_well(world: World, error: Exception, status: int, name: str) -> None:
    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    clock = FakeClock()
    pages = Pages(Assets(world.static, clock), "http://127.0.0.1:8080", world.faces)
    transport = httpx.ASGITransport(app=ForPeople(Observed(fails, clock), pages.explain))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as browser:
        answer = await browser.get("/orders/", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f'<meta name="problem" content="{name}" data-request="{answer.headers["x-request-id"]}" />' in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "secret" not in answer.text


async def test_without_the_files_of_the_page_the_problem_itself_goes_out(world: World) -> None:
    (world.static / "problem" / "page.json").unlink()
    assert problem(await world.client.get("/nothing", headers=BROWSER), 404, "not_found")


async def test_a_page_that_is_whole_goes_out_as_it_is(client: httpx.AsyncClient) -> None:
    assert 'name="problem"' not in (await client.get("/watch/shw_1", headers=BROWSER)).text
