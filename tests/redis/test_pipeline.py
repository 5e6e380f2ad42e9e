"""Commands of many callers over one connection: one write, an answer for each, and a server that goes away or hangs."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hiredis
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from server.kernel.errors import Unavailable
from server.redis import pipeline as pipeline_module
from server.redis.connection import connect
from server.redis.link import Link
from server.redis.pipeline import Pipeline
from server.redis.scripts import Script
from tests.redis.servers import hung, kill, own_valkey

COUNT = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
WHO = Script("return ARGV[1]")


async def test_what_is_asked_in_one_tick_leaves_in_one_write_and_each_gets_its_own_answer(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(redis)
    await pipeline.command("LPUSH", "list", 1)
    writes: list[int] = []
    write = Link._write

    def noted(link: Link) -> None:
        writes.append(link.in_flight)
        write(link)

    monkeypatch.setattr(Link, "_write", noted)
    asked = [pipeline.command("INCRBY", "n", number) for number in range(1, 5)]
    results = await asyncio.gather(
        *asked, pipeline.command("INCR", "list"), pipeline.script(COUNT, ["m"], [7]), return_exceptions=True
    )
    assert results[:4] == [1, 3, 6, 10]
    assert isinstance(results[4], hiredis.ReplyError)
    assert results[5] == 7
    assert writes[0] == 6, "the script was not known, so it was sent again afterwards"
    pipeline.close()


async def test_a_connection_that_was_killed_is_made_anew_and_nobody_notices(redis: Redis) -> None:
    pipeline = Pipeline(redis)
    for number in range(20):
        await redis.client_kill_filter(_type="normal", skipme=True)
        assert await pipeline.command("SET", "n", number) == b"OK"
    pipeline.close()


async def test_arguments_name_the_process_that_answers(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, client):
        pipeline = Pipeline(client)
        names: list[tuple[bytes, str]] = []
        for _ in range(2):
            told = await pipeline.script(WHO, [], lambda run_id: [run_id])
            names.append((told, (await client.info("server"))["run_id"]))
            await kill(server)
            await server.start()
        assert [told.decode() for told, _ in names] == [run_id for _, run_id in names]
        assert names[0] != names[1]
        pipeline.close()


async def test_while_the_server_is_away_commands_fail_in_time_and_then_work_again(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, client):
        pipeline = Pipeline(client)
        await pipeline.command("PING")
        await server.stop()
        async with asyncio.timeout(3):
            with pytest.raises(Unavailable):
                await pipeline.command("PING")
        await server.start()
        assert await pipeline.command("PING") == b"PONG"
        pipeline.close()


async def test_a_server_that_hangs_is_given_up_in_time_and_its_late_answers_are_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline_module, "COMMAND_TIMEOUT_S", 0.2)
    async with own_valkey(tmp_path) as (server, client):
        pipeline = Pipeline(client)
        await pipeline.command("SET", "n", 0)
        with hung(server):
            results = await asyncio.gather(*(pipeline.command("INCR", "n") for _ in range(5)), return_exceptions=True)
            assert {type(result) for result in results} == {Unavailable}
        assert await pipeline.command("ECHO", "mine") == b"mine"
        pipeline.close()


async def test_beyond_the_limit_commands_are_refused_at_once(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "IN_FLIGHT_MAX", 3)
    monkeypatch.setattr(pipeline_module, "ATTEMPTS", 1)
    pipeline = Pipeline(redis)
    await pipeline.command("PING")
    results = await asyncio.gather(*(pipeline.command("PING") for _ in range(5)), return_exceptions=True)
    assert results[:3] == [b"PONG"] * 3
    assert {type(result) for result in results[3:]} == {Unavailable}
    pipeline.close()


async def test_who_waits_when_the_pipeline_is_closed_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "COMMAND_TIMEOUT_S", 60.0)
    async with own_valkey(tmp_path) as (server, client), asyncio.timeout(10):
        pipeline = Pipeline(client)
        await pipeline.command("PING")
        with hung(server):
            waiting = asyncio.gather(pipeline.command("PING"), return_exceptions=True)
            await asyncio.sleep(0)
            pipeline.close()
            assert [type(result) for result in await waiting] == [Unavailable]


async def test_user_password_and_database_of_the_url_are_used(tmp_path: Path) -> None:
    async with own_valkey(tmp_path) as (server, client):
        await client.acl_setuser("shop", enabled=True, passwords=["+secret"], keys=["*"], commands=["+@all"])
        for url in (f"unix://shop:secret@{server.socket}?db=3", f"unix://shop:wrong@{server.socket}?db=3"):
            other = connect(url)
            pipeline = Pipeline(other)
            if "wrong" in url:
                with pytest.raises(Unavailable, match="WRONGPASS"):
                    await pipeline.command("PING")
            else:
                assert await pipeline.command("ACL", "WHOAMI") == b"shop"
                assert b" db=3 " in await pipeline.command("CLIENT", "INFO")
            pipeline.close()
            await other.aclose()


async def test_a_rediss_url_is_encrypted_and_its_certificate_checked(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    async with own_valkey(folder) as (server, _):
        certificate, key = self_signed(tmp_path)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_unix_connection(str(server.socket))
            await asyncio.gather(copy(reader, back), copy(there, writer))

        front = await asyncio.start_server(forward, "127.0.0.1", 0, ssl=context)
        port = front.sockets[0].getsockname()[1]
        good = connect(f"rediss://localhost:{port}?ssl_ca_certs={certificate}")
        bad = connect(f"rediss://localhost:{port}")
        pipeline, other = Pipeline(good), Pipeline(bad)
        assert await pipeline.command("PING") == b"PONG"
        with pytest.raises(Unavailable, match=r"(?i)certificate"):
            await other.command("PING")
        pipeline.close()
        other.close()
        front.close()
        await asyncio.gather(good.aclose(), bad.aclose())


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # one side was dropped, as tests do
    finally:
        writer.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Files of a certificate for `localhost`, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@given(payloads=st.lists(st.binary(max_size=40), max_size=8), cuts=st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_replies_and_messages_are_told_apart_wherever_the_bytes_are_cut(payloads: list[bytes], cuts: list[int]) -> None:
    async def scenario() -> None:
        messages: list[tuple[bytes, bytes]] = []
        link = Link(lambda topic, payload: messages.append((topic, payload)))
        answers = [link.ask("PING", str(number)) for number in range(len(payloads))]
        data = b""
        for number, payload in enumerate(payloads):
            data += b"*3\r\n$8\r\nsmessage\r\n$1\r\nt\r\n$%d\r\n%b\r\n" % (len(payload), payload) + b"$%d\r\n%d\r\n" % (
                len(b"%d" % number),
                number,
            )
        position = index = 0
        while position < len(data):
            size = cuts[index % len(cuts)]
            link.data_received(data[position : position + size])
            position, index = position + size, index + 1
        assert messages == [(b"t", payload) for payload in payloads]
        assert [answer.result() for answer in answers] == [b"%d" % number for number in range(len(payloads))]

    asyncio.run(scenario())
