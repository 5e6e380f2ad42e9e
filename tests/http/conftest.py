"""The web application over a real SQLite and a real Valkey, with a small module of the tests' own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from starlette.applications import Starlette

from media.control import control_app
from media.node import MediaNode
from schemas.base import Body, View
from schemas.errors import SOLD_OUT, Refused
from schemas.http.catalog import OfferView
from schemas.http.shows import ShowView
from schemas.requests.catalog import GetOffers
from schemas.requests.guests import CheckPass, PassView
from schemas.requests.shows import CheckIngestToken, GetListedShows, GetShow
from server.auth.passwords import Passwords
from server.auth.service import Auth
from server.bus.asking import AskRegistry
from server.bus.unit_of_work import UnitsOfWork
from server.http.application import STATIC_FOLDER, build_app
from server.http.faces import Faces
from server.kernel.clock import SystemClock
from server.kernel.config import Settings
from server.kernel.errors import Unavailable
from server.kernel.module import Call, Context, Endpoint, Module, Reply, answer
from server.kernel.tasks import supervised
from server.kernel.words import Words
from server.store.database import Database
from tests.fakes.clock import FakeClock
from tests.http.fake_media import SECRET, FakePlacement, node_entry, served
from tests.media.clients import Client, Clients, until

ORIGIN = "http://127.0.0.1:8080"
ADDRESS = "203.0.113.9"
SHOW_ID = "shw_" + "1" * 32
ENDED_SHOW_ID = "shw_" + "2" * 32
INGEST_TOKEN = "the-ingest-token"
LIVE_PASS, WAITING_PASS = "the-pass-on-stage", "the-pass-in-the-waiting-room"
ICE_LINKS = ['<turn:127.0.0.1:9?transport=udp>; rel="ice-server"; username="1:a"; credential="b"; credential-type="password"']
PARTICIPANT = "gst_" + "5" * 32
HOST_EMAIL, HOST_PASSWORD = "host@example.org", "correct horse"

NOTES = Table("notes", MetaData(), Column("number", Integer, primary_key=True), Column("text", String), Column("by", String))


class Line(Body, frozen=True):
    """Nested, to see pointers."""

    quantity: Annotated[int, msgspec.Meta(ge=1)]


class NewNote(Body, frozen=True):
    """A body."""

    text: Annotated[str, msgspec.Meta(max_length=100_000)]
    lines: tuple[Line, ...] = ()


class NoteView(View, frozen=True):
    """A view."""

    text: str
    by: str
    notes: int


async def add_note(ctx: Context, call: Call) -> Reply:
    await ctx.store.execute(insert(NOTES).values(text=call.body.text, by=ctx.actor.id))
    if call.query.get("then") == "refuse":
        raise Refused(SOLD_OUT, "Take another one.", available=0)
    if call.query.get("then") == "fail":
        raise RuntimeError("a bug with a secret in it")
    count = await ctx.store.scalar(select(func.count()).select_from(NOTES))
    return Reply(NoteView(text=call.body.text, by=ctx.actor.id, notes=count), 201, {"Location": "/api/notes/1"})


async def count_notes(ctx: Context, call: Call) -> Reply:
    async with ctx.reading() as connection:
        count = (await connection.execute(select(func.count()).select_from(NOTES))).scalar_one()
    return Reply(NoteView(text=call.query.get("q", ""), by=ctx.actor.id, notes=count))


async def echo(ctx: Context, call: Call) -> Reply:
    return Reply(NoteView(text=call.path["note_id"], by=call.client_address, notes=0))


async def nothing(ctx: Context, call: Call) -> Reply:
    return Reply()


async def as_text(ctx: Context, call: Call) -> Reply:
    return Reply(headers={"Content-Disposition": "attachment"}, content="Привет".encode())


async def away(ctx: Context, call: Call) -> Reply:
    raise Unavailable("redis at unix:/secret/path is gone")


@dataclass(frozen=True)
class World:
    """What a test may touch."""

    app: Starlette
    auth: Auth
    placement: FakePlacement
    client: httpx.AsyncClient
    static: Path
    checks: dict[str, Callable[[], Awaitable[object]]]
    faces: Faces


def notes_module() -> Module:
    """Endpoints of every permission and outcome."""
    return Module(
        name="notes",
        routes=(
            Endpoint("POST", "/api/notes", add_note, "guest", "Add a note", NewNote, NoteView, 201),
            Endpoint("GET", "/api/notes", count_notes, "anyone", "Count", view=NoteView),
            Endpoint("GET", "/api/notes/{note_id}", echo, "anyone", "Echo", view=NoteView),
            Endpoint("GET", "/api/notes/mine", count_notes, "guest", "Mine", view=NoteView),
            Endpoint("DELETE", "/api/notes/{note_id}", nothing, "account", "Delete"),
            Endpoint("POST", "/api/notes/close", nothing, "host", "Close"),
            Endpoint("GET", "/api/notes/{note_id}/note.txt", as_text, "anyone", "As text", produces="text/plain; charset=utf-8"),
            Endpoint("GET", "/api/notes/away", away, "anyone", "Away", view=NoteView),
        ),
    )


def shows_module(host_id: Callable[[], str]) -> Module:
    """Answers the questions of the WHIP/WHEP proxy for one live and one ended show, and for one guest."""

    async def get_show(request: GetShow, ctx: Context) -> ShowView | None:
        if request.show_id not in (SHOW_ID, ENDED_SHOW_ID):
            return None
        return ShowView(
            show_id=request.show_id,
            host_id=host_id(),
            host_name="Host",
            title="A show",
            description="",
            state="live" if request.show_id == SHOW_ID else "ended",
            unlisted=False,
            on_air=False,
            scheduled_at_ms=0,
            started_at_ms=0,
            ended_at_ms=None,
            cover_url=None,
        )

    async def check(request: CheckIngestToken, ctx: Context) -> bool:
        return (request.show_id, request.token) == (SHOW_ID, INGEST_TOKEN)

    async def check_pass(request: CheckPass, ctx: Context) -> PassView | None:
        if request.show_id != SHOW_ID or request.token not in (LIVE_PASS, WAITING_PASS):
            return None
        return PassView(participant_id=PARTICIPANT, name="Ann", on_stage=request.token == LIVE_PASS, muted=())

    async def get_offers(request: GetOffers, ctx: Context) -> list[OfferView]:
        return []

    async def get_listed(request: GetListedShows, ctx: Context) -> list[ShowView]:
        found = [await get_show(GetShow(show_id), ctx) for show_id in (SHOW_ID, ENDED_SHOW_ID)]
        return [show for show in found if show is not None]

    answers = (
        answer(GetShow, get_show),
        answer(GetOffers, get_offers),
        answer(GetListedShows, get_listed),
        answer(CheckIngestToken, check),
        answer(CheckPass, check_pass),
    )
    return Module(name="shows", answers=answers)


@pytest.fixture
def settings() -> Settings:
    """Settings of the tests; override to test https."""
    return Settings(public_url=ORIGIN, internal_secret=SECRET)


@pytest.fixture
async def world(
    sqlite_database: Database, redis: Redis, clock: FakeClock, tmp_path: Path, settings: Settings
) -> AsyncIterator[World]:
    """The application with a client; the demo host exists."""
    async with sqlite_database.begin() as connection:
        await connection.run_sync(NOTES.metadata.create_all)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    auth = Auth(sqlite_database, redis, clock, settings, passwords)
    host = await auth.ensure_host(HOST_EMAIL, HOST_PASSWORD, "Host")
    modules = (notes_module(), shows_module(lambda: host.id))
    units = UnitsOfWork(sqlite_database, clock, AskRegistry(modules), {})
    static = tmp_path / "static"
    make_static(static)
    placement = FakePlacement()
    checks: dict[str, Callable[[], Awaitable[object]]] = {"database": sqlite_database.check}
    app = build_app(
        modules=modules,
        units=units,
        auth=auth,
        settings=settings,
        placement=placement,
        checks=checks,
        clock=clock,
        static_folder=static,
        ice_servers=lambda client: ICE_LINKS,
    )
    transport = httpx.ASGITransport(app=app, client=(ADDRESS, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=settings.origin) as client, app.router.lifespan_context(app):
        yield World(app, auth, placement, client, static, checks, Faces(units, Words(static / "locales"), settings.origin))
    await auth.close()


@pytest.fixture
def client(world: World) -> httpx.AsyncClient:
    """A client without a session."""
    return world.client


@pytest.fixture
async def guest(world: World) -> httpx.AsyncClient:
    """The same client, entered as a guest."""
    answer = await world.client.post("/api/auth/guest", json={"name": "Ann"})
    assert answer.status_code == 200, answer.text
    return world.client


@dataclass(frozen=True)
class Broadcast:
    """A relay behind the web role, with a publisher (aiortc) whose packets flow."""

    world: World
    node: MediaNode
    publisher: Client
    clients: Clients


@pytest.fixture
async def node(world: World, tmp_path: Path) -> AsyncIterator[MediaNode]:
    """A real media node on a free UDP port, served on a unix socket and registered."""
    async with supervised("relay of the test") as tasks:
        made = MediaNode(
            node_id="med_" + "7" * 32,
            udp_host="127.0.0.1",
            udp_port=0,
            announced=["127.0.0.1"],
            clock=SystemClock(),
            tasks=tasks,
            on_event=lambda event: None,
        )
        await made.start()
        async with served(control_app(made, SECRET), tmp_path / "relay.sock") as url:
            world.placement.entries.append(node_entry(made.node_id, url))
            yield made
        await made.close()


@pytest.fixture
async def broadcast(world: World, node: MediaNode) -> AsyncIterator[Broadcast]:
    """The show on air."""
    transport = httpx.ASGITransport(app=world.app, client=("203.0.113.77", 40_000))
    headers = {"authorization": f"Bearer {INGEST_TOKEN}"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as http:
        clients = Clients(http, SHOW_ID)
        publisher = await clients.publisher()
        await until(lambda: node.streams[SHOW_ID].active)
        yield Broadcast(world, node, publisher, clients)
        await clients.close()


SHELL = (
    """{"imports": {"preact": "/static/vendor/preact.js", "gone": "/static/vendor/gone.js"}, "sheets": ["/static/base.css"]}"""
)
PAGE = """{"words": ["common"]}"""


def make_static(folder: Path) -> None:
    """A small folder of browser files, with what must not be served beside it."""
    files = {
        "start/page.json": PAGE,
        "watch/page.json": PAGE.replace("}", ', "in_telegram": true, "embedded": true}'),
        "studio/page.json": PAGE,
        "guest/page.json": PAGE,
        "moderate/page.json": PAGE,
        "problem/page.json": PAGE,
        "shell.json": SHELL,
        "base.css": "body {}",
        "watch/page.js": '// @css page.css\nimport { h } from "preact";\nexport { h };',
        "watch/page.css": ".watch {}",
        "service_worker.js": "addEventListener('push', () => {});",
        "vendor/preact.js": "export const h = 1;",
        "vendor/icons/x.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "brand/mark.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "package.json": "{}",
        "vendor.mjs": "//",
        "node_modules/x/x.js": "//",
        ".hidden/x.js": "//",
        "watch/.secret.js": "//",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copytree(STATIC_FOLDER / "locales", folder / "locales")
    (folder.parent / "outside.js").write_text("secret", encoding="utf-8")
    (folder / "link.js").symlink_to(folder.parent / "outside.js")
