"""WHIP and WHEP clients of other people, unmodified, in Chromium, on a page of another site than ours."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from media.node import MediaNode
from media.publisher import Publisher
from media.subscriber import Subscriber
from tests.browser import ARGUMENTS, chromium
from tests.http.conftest import INGEST_TOKEN, SHOW_ID, World
from tests.http.fake_media import served
from tests.media.clients import until

pytestmark = pytest.mark.e2e

PACKAGES = Path(__file__).parents[2] / "static" / "node_modules"

HELPERS = """
const loaded = {};
function read(url) {
  const request = new XMLHttpRequest();
  request.open("GET", url, false);
  request.send();
  return request.status === 200 ? request.responseText : null;
}
function find(name, from) {
  const base = new URL(name.startsWith(".") ? name : `/packages/${name}`, from).href;
  const about = read(`${base}/package.json`);
  const main = about && JSON.parse(about).main;
  const places = main ? [`${base}/${main}`, `${base}/${main}.js`, `${base}/${main}/index.js`] : [base, `${base}.js`];
  return places.find(url => read(url) !== null);
}
function require(name, from = location.href) {  // CommonJS for packages that are not built for browsers
  const url = find(name, from);
  if (!loaded[url]) {
    loaded[url] = {exports: {}};
    const run = new Function("module", "exports", "require", read(url));
    run(loaded[url], loaded[url].exports, other => require(other, url));
  }
  return loaded[url].exports;
}
async function camera() {
  return await navigator.mediaDevices.getUserMedia({video: {width: 640, height: 480}, audio: true});
}
function shown(frames) {
  const video = document.querySelector("video");
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no picture")), 20_000);
    let count = 0;
    const next = () => ++count === frames ? resolve(count) : video.requestVideoFrameCallback(next);
    video.requestVideoFrameCallback(next);
  });
}
"""
PUBLISH = """async () => {
  const {WHIPClient} = await import("/packages/whip-whep/whip.js");
  const media = await camera(), pc = window.published = new RTCPeerConnection();
  for (const track of media.getTracks()) pc.addTransceiver(track, {direction: "sendonly", streams: [media]});
  window.whip = new WHIPClient();
  await whip.publish(pc, `${site}/whip/${show}`, key);
}"""
PLAY = """async () => {
  const {WHEPClient} = await import("/packages/whip-whep/whep.js");
  const pc = window.played = new RTCPeerConnection(), video = document.querySelector("video");
  video.srcObject = new MediaStream();
  pc.ontrack = event => video.srcObject.addTrack(event.track);
  pc.addTransceiver("audio", {direction: "recvonly"});
  pc.addTransceiver("video", {direction: "recvonly"});
  window.whep = new WHEPClient();
  await whep.view(pc, `${site}/whep/${show}`);
  await shown(20);
}"""


@pytest.fixture
async def page(world: World, node: MediaNode) -> AsyncIterator[Page]:
    """A page of another origin that serves the packages; `site`, `show` and `key` say where to go."""

    assert (PACKAGES / "whip-whep").is_dir(), "`npm ci` in static/ installs the clients; `make test` does it"

    async def blank(request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><title>elsewhere</title><video muted autoplay></video><script>{HELPERS}</script>")

    async def package(request: Request) -> Response:
        path = PACKAGES / request.path_params["path"]
        return FileResponse(path) if path.is_file() else Response(status_code=404)

    elsewhere = Starlette(routes=[Route("/", blank), Route("/packages/{path:path}", package)])
    async with served(world.app) as site, served(elsewhere) as other, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = await browser.new_page()
        await page.goto(other)
        where = {"site": site, "show": SHOW_ID, "key": INGEST_TOKEN}
        await page.evaluate(f"Object.assign(window, {json.dumps(where)})")
        yield page
        await browser.close()


async def on_air(node: MediaNode) -> None:
    await until(lambda: SHOW_ID in node.streams and node.streams[SHOW_ID].active)


def open_sessions(node: MediaNode) -> list[object]:
    return [session for session in node.sessions.values() if session.state != "closed"]


async def test_the_authors_own_clients_publish_play_listen_choose_and_restart(page: Page, node: MediaNode) -> None:
    await page.evaluate(PUBLISH)
    await on_air(node)
    await page.evaluate(PLAY)
    publisher, viewer = node.sessions.values()
    assert isinstance(publisher, Publisher)
    assert isinstance(viewer, Subscriber)
    assert await page.evaluate("played.getConfiguration().iceServers.length"), "the ICE servers of the 201 were understood"
    await page.wait_for_function("whep.eventSource && whep.eventSource.readyState === EventSource.OPEN")
    await page.evaluate("() => { whep.eventSource.addEventListener('inactive', event => { window.told = event.data; }); }")
    await page.evaluate("async () => { await whep.selectLayer({mediaId: '1'}); await whep.unselectLayer(); }")
    for client, session in (("whep", viewer), ("whip", publisher)):
        before = session.etag
        await page.evaluate(f"async () => {{ await {client}.restart(); await shown(20); }}")
        assert session.etag != before
        assert await page.evaluate(f"{client}.etag") == session.etag
    assert await page.evaluate("[played.connectionState, published.connectionState]") == ["connected", "connected"]
    await page.evaluate("() => whip.stop()")
    await page.wait_for_function("window.told === '{}'")
    await page.evaluate("() => whep.stop()")
    assert open_sessions(node) == []


async def test_another_publisher_finds_out_that_it_may_trickle_and_does(page: Page, node: MediaNode) -> None:
    patched: list[int] = []
    page.on("response", lambda reply: patched.append(reply.status) if reply.request.method == "PATCH" else None)
    await page.evaluate("""async () => {
      const {WHIPClient} = require("@eyevinn/whip-web-client");
      window.whip = new WHIPClient({endpoint: `${site}/whip/${show}`, opts: {authkey: key, iceServers: []}});
      await whip.ingest(await camera());
    }""")
    await on_air(node)
    await until(lambda: patched)
    assert set(patched) == {204}
    await page.evaluate(PLAY)
    await page.evaluate("async () => { await whep.stop(); await whip.destroy(); }")
    await until(lambda: not open_sessions(node))
