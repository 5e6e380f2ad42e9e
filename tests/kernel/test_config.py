"""Settings are read once, checked, and handed on."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.kernel.config import Settings, read_settings, with_secret
from server.kernel.errors import SetupError


def test_what_is_not_given_has_its_default_and_an_empty_value_counts_as_not_given() -> None:
    settings = read_settings({"HTTP_PORT": "9000", "UDP_PORT": "", "HOME": "/nowhere"})
    assert (settings.http_port_number, settings.udp_port_number) == (9000, 8081)
    assert settings.origin == "http://127.0.0.1:9000"


WRONG_NUMBERS = [
    ("HTTP_PORT", "0"),
    ("UDP_PORT", "70000"),
    ("HTTP_PORT", "٨٠"),
    ("HOLD_MS", "1.5"),
    ("PLATFORM_FEE_BPS", "-1"),
    ("PLATFORM_FEE_BPS", "10001"),
    ("MEDIA_PROCESSES", "0"),
    ("MEDIA_PROCESSES", "65"),
]


@pytest.mark.parametrize(("name", "text"), WRONG_NUMBERS)
def test_a_wrong_number_is_refused_by_the_name_of_its_variable(name: str, text: str) -> None:
    with pytest.raises(SetupError, match=name):
        read_settings({name: text})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TELEGRAM_BOT_TOKEN", "secret"),
        ("TELEGRAM_BOT_TOKEN", "42:short"),
        ("TELEGRAM_BOT_ID", "@shop_bot"),
        ("TELEGRAM_ENVIRONMENT", "prod"),
        ("TELEGRAM_APP", "https://t.me/shop_bot/shows"),
        ("TELEGRAM_APP", "shop_bot"),
    ],
)
def test_what_is_not_like_telegrams_is_refused(name: str, text: str) -> None:
    with pytest.raises(SetupError, match=name):
        read_settings({name: text})


def test_the_bots_number_comes_from_its_token_or_stands_alone() -> None:
    token = "5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8"
    assert read_settings({"TELEGRAM_BOT_TOKEN": token}).telegram_bot == (token, 5_768_337_691)
    assert read_settings({"TELEGRAM_BOT_ID": "42"}).telegram_bot == ("", 42)
    assert read_settings({}).telegram_bot is None
    with pytest.raises(SetupError, match="TELEGRAM_BOT_ID"):
        read_settings({"TELEGRAM_BOT_TOKEN": token, "TELEGRAM_BOT_ID": "42"})


def test_a_child_reads_the_same_settings() -> None:
    settings = Settings(data_dir="elsewhere", http_port="9000", media_addresses="192.0.2.1, 192.0.2.2")
    child = read_settings(settings.child_environment())
    assert child == settings
    assert child.announced_addresses == ["192.0.2.1", "192.0.2.2"]


def test_without_a_redis_a_single_role_says_what_to_do() -> None:
    with pytest.raises(SetupError, match="set REDIS_URL"):
        _ = Settings().channels_redis_url


def test_roles_that_start_at_once_agree_on_one_secret_that_only_the_owner_can_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path / "data"))
    with ThreadPoolExecutor(8) as pool:
        secrets = {each.internal_secret for each in pool.map(lambda _: with_secret(settings), range(32))}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 32
    files = list((tmp_path / "data").iterdir())
    assert [file.name for file in files] == ["internal-secret"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_a_given_secret_is_kept(tmp_path: Path) -> None:
    assert with_secret(Settings(data_dir=str(tmp_path), internal_secret="given")).internal_secret == "given"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="set DATA_DIR"):
        with_secret(Settings(data_dir=str(tmp_path / "file" / "data")))


def test_the_tcp_port_of_the_media_role_is_that_of_udp_unless_given() -> None:
    assert read_settings({"UDP_PORT": "9001"}).media_tcp_port_number == 9001
    assert read_settings({"MEDIA_TCP_PORT": "443"}).media_tcp_port_number == 443
    assert read_settings({"MEDIA_TCP_PORT": "0"}).media_tcp_port_number == 0


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "fe80::1", "fe80::1%eth0", "shop.example", "192.0.2.1,", "224.0.0.1"])
def test_an_address_that_no_browser_can_send_to_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="set MEDIA_ADDRESSES"):
        read_settings({"MEDIA_ADDRESSES": text})


def test_addresses_of_both_families_are_announced_and_a_wildcard_needs_them() -> None:
    settings = read_settings({"UDP_HOST": "::", "MEDIA_ADDRESSES": "2001:DB8:0::1, 192.0.2.1"})
    assert settings.announced_addresses == ["2001:db8::1", "192.0.2.1"]
    with pytest.raises(SetupError, match="set MEDIA_ADDRESSES"):
        read_settings({"UDP_HOST": "::"})


def test_stun_and_turn_servers_are_listed() -> None:
    urls = "stun:stun.example, turn:turn.example:3478?transport=udp,turns:[2001:db8::1]:443?transport=tcp"
    settings = read_settings({"TURN_URLS": urls, "TURN_SECRET": "shared"})
    assert settings.turn_url_list == [
        "stun:stun.example",
        "turn:turn.example:3478?transport=udp",
        "turns:[2001:db8::1]:443?transport=tcp",
    ]
    assert read_settings({}).turn_url_list == []


@pytest.mark.parametrize(
    "text",
    [
        "turn.example",
        "http://turn.example",
        "turn:a b",
        'turn:x"y',
        "turn:h:port",
        "stun:h?transport=udp",
        "turn:h?transport=sctp",
    ],
)
def test_a_wrong_turn_url_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="TURN_URLS"):
        read_settings({"TURN_URLS": text, "TURN_SECRET": "shared"})


def test_a_turn_server_without_its_secret_is_refused() -> None:
    with pytest.raises(SetupError, match="set TURN_SECRET"):
        read_settings({"TURN_URLS": "turn:turn.example"})


def test_media_processes_of_one_machine_have_ports_and_sockets_of_their_own() -> None:
    settings = read_settings({"UDP_PORT": "9000", "MEDIA_PROCESSES": "3", "DATA_DIR": "/d"})
    assert list(settings.udp_ports) == [9000, 9001, 9002]
    parts = [settings.of_media_process(number) for number in (1, 2, 3)]
    assert [part.udp_port_number for part in parts] == [9000, 9001, 9002]
    assert [part.media_tcp_port_number for part in parts] == list(settings.tcp_ports) == [9000, 9001, 9002]
    named = read_settings({"MEDIA_TCP_PORT": "443", "MEDIA_PROCESSES": "2"})
    assert [named.of_media_process(number).media_tcp_port_number for number in (1, 2)] == list(named.tcp_ports) == [443, 444]
    assert list(read_settings({"MEDIA_TCP_PORT": "0", "MEDIA_PROCESSES": "2"}).tcp_ports) == []
    assert [part.control_url for part in parts] == [f"unix:/d/media-{number}.sock" for number in (1, 2, 3)]
    assert [str(part.pipe_path) for part in parts] == [f"/d/media-{port}.pipe" for port in (9000, 9001, 9002)]
    assert all(read_settings(part.child_environment()) == part for part in parts)


def test_a_given_control_address_is_counted_up_for_further_processes() -> None:
    tcp, unix = (Settings(media_control_url=url) for url in ("http://10.0.0.7:8082", "unix:/run/media"))
    assert [tcp.of_media_process(number).control_url for number in (1, 2)] == ["http://10.0.0.7:8082", "http://10.0.0.7:8083"]
    assert [unix.of_media_process(number).control_url for number in (1, 2)] == ["unix:/run/media", "unix:/run/media-2"]
    with pytest.raises(SetupError, match="MEDIA_CONTROL_URL"):
        Settings(media_control_url="http://media").of_media_process(2)


def test_media_processes_that_would_have_no_port_are_refused_at_once() -> None:
    with pytest.raises(SetupError, match="UDP_PORT"):
        read_settings({"UDP_PORT": "65535", "MEDIA_PROCESSES": "2"})


@pytest.mark.parametrize(("cores", "processes"), [(None, 1), (1, 1), (2, 1), (4, 2), (8, 4), (64, 4)])
def test_by_default_half_of_the_cores_serve_media(cores: int | None, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert Settings().media_process_count == processes


@pytest.mark.parametrize(("cores", "processes"), [(1, 1), (2, 2), (3, 2), (4, 2), (16, 8)])
def test_half_of_the_cores_serve_the_web_but_two_of_two(monkeypatch: pytest.MonkeyPatch, cores: int, processes: int) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert Settings().web_process_count == processes
    assert Settings(web_processes="3").web_process_count == 3


def test_a_wrong_number_of_web_processes_is_named() -> None:
    for text in ("0", "65", "many"):
        with pytest.raises(SetupError, match="WEB_PROCESSES"):
            read_settings({"WEB_PROCESSES": text})


def test_push_services_hear_from_the_site_s_own_address_or_from_the_one_that_is_set() -> None:
    assert read_settings({"PUBLIC_URL": "https://shop.example/"}).push_contact_uri == "https://shop.example"
    assert read_settings({"PUSH_CONTACT": "mailto:me@shop.example"}).push_contact_uri == "mailto:me@shop.example"
    assert read_settings({}).push_contact_uri.startswith("mailto:")
    with pytest.raises(SetupError, match="PUSH_CONTACT"):
        read_settings({"PUSH_CONTACT": "me@shop.example"})


@pytest.mark.parametrize("name", ["PUSH_HOSTS", "WEBHOOK_HOSTS"])
def test_outside_services_of_one_s_own_are_named_with_their_port(name: str) -> None:
    assert getattr(read_settings({}), f"{name.lower().removesuffix('s')}_list") == []
    settings = read_settings({name: "Push.internal:8443, 127.0.0.1:8700"})
    assert getattr(settings, f"{name.lower().removesuffix('s')}_list") == ["push.internal:8443", "127.0.0.1:8700"]
    for text in ("push.internal", ":8443", "push.internal:https"):
        with pytest.raises(SetupError, match=name):
            read_settings({name: text})


def test_the_platform_takes_nothing_unless_told() -> None:
    assert read_settings({}).platform_fee_share == 0
    assert read_settings({"PLATFORM_FEE_BPS": "250"}).platform_fee_share == 250


def test_sites_that_may_show_the_player_are_origins() -> None:
    given = " https://Blog.example, http://localhost:3000,https://[::1]:8443 ,"
    assert read_settings({"EMBED_ORIGINS": given}).embed_origin_list == [
        "https://blog.example",
        "http://localhost:3000",
        "https://[::1]:8443",
    ]
    assert read_settings({"EMBED_ORIGINS": "*"}).embed_origin_list == ["*"]
    assert read_settings({}).embed_origin_list == []


@pytest.mark.parametrize(
    "text",
    [
        "blog.example",
        "https://blog.example/",
        "https://blog.example/page",
        "https://*.example",
        "https://a.example; script-src *",
        "https://a.example https://b.example",
        "'self'",
        "data:",
        "*, https://blog.example",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(SetupError, match="EMBED_ORIGINS"):
        read_settings({"EMBED_ORIGINS": text})
