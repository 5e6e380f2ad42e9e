"""Settings: read once from the environment, checked, and handed on. The README's table is made from `FIELDS`."""

import contextlib
import ipaddress
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from server.kernel.errors import SetupError

MEDIA_PROCESSES_MAX = 64
WEB_PROCESSES_MAX = 64


def setting(default: str, text: str) -> str:
    """A field of `Settings` with its line for the README."""
    return field(default=default, metadata={"text": text})


_ICE_HOST = r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
_ICE_SERVER = re.compile(rf"stuns?:{_ICE_HOST}|turns?:{_ICE_HOST}(?:\?transport=(?:udp|tcp))?")  # RFC 7064 §3.1, RFC 7065 §3.1

_BOT_TOKEN = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]{20,100}")
_WEB_ROLE = re.compile(r"https?://[^\s/?#@]+/?")
_MINI_APP = re.compile(r"[A-Za-z0-9_]{4,32}/[A-Za-z0-9_]{3,30}")

# Scheme, host and port; a `;` or a space would end the source within the policy (CSP 3 §2.3.1).
_ORIGIN = re.compile(r"https?://(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Settings:
    """Every value is the text of its environment variable (upper case); the properties parse."""

    data_dir: str = setting("data", "Folder for everything that must survive a restart")
    http_host: str = setting("127.0.0.1", "Address that the web role listens on")
    http_port: str = setting("8080", "TCP port of the web role")
    web_processes: str = setting(
        "", "Web processes that `up` starts on that port; default half of the cores, but two where there are two"
    )
    public_url: str = setting("", "Address that people type; default `http://<http_host>:<http_port>`")
    udp_host: str = setting("127.0.0.1", "Address that the media role listens on; `0.0.0.0` for IPv4, `::` for IPv4 and IPv6")
    udp_port: str = setting("8081", "UDP port of the media role; further media processes of `up` take the ports after it")
    media_tcp_port: str = setting("", "TCP port of the media role for networks without UDP; default `udp_port`; `0` for none")
    media_processes: str = setting("", "Media processes that `up` starts; default one per two cores, at most 4")
    media_addresses: str = setting("", "IP addresses announced to browsers, comma-separated; default `udp_host`")
    media_control_url: str = setting("", "Where a media node takes WHIP/WHEP from web nodes; default a unix socket in `data_dir`")
    turn_urls: str = setting("", "STUN and TURN servers for browsers, comma-separated: `turn:turn.example:3478?transport=udp`")
    turn_secret: str = setting("", "Secret shared with the TURN server (coturn: `static-auth-secret`)")
    database_url: str = setting("", "SQLAlchemy URL; default SQLite in `data_dir`; for PostgreSQL `postgresql+asyncpg://…`")
    redis_url: str = setting("", "Redis or Valkey ≥ 7.2 for channels and cache; default a server that `up` embeds")
    ledger_redis_url: str = setting("", "Redis or Valkey for the ledger and the bus, `appendfsync always`; default `redis_url`")
    internal_secret: str = setting("", "Shared secret of the processes; default made once in `data_dir`")
    hold_ms: str = setting("180000", "How long units are held for a buyer who has not paid yet")
    platform_fee_bps: str = setting("0", "Share of the platform in every sale of goods, in hundredths of a percent")
    push_contact: str = setting("", "`mailto:` or `https:` address that push services may write to; default `public_url`")
    push_hosts: str = setting("", "Push services `host:port` that may be private or without TLS, comma-separated")
    webhook_hosts: str = setting("", "Receivers of webhooks `host:port` that may be private or without TLS, comma-separated")
    payment_providers: str = setting(
        "", "`stripe`, `yookassa`, `sandbox`, comma-separated; default those with keys, else `sandbox`"
    )
    stripe_api_key: str = setting("", "Secret key of a Stripe account; needs `pip install efir[stripe]`")
    stripe_webhook_secret: str = setting(
        "",
        "Signing secret of Stripe's webhook `<public_url>/api/payments/webhooks/stripe`; events `payment_intent.*`, "
        "`checkout.session.*`, `refund.*`, `charge.dispute.*`",
    )
    stripe_api_url: str = setting("", "Another address of Stripe's API, for tests")
    yookassa_shop_id: str = setting(
        "", "Shop id at YooKassa; its notifications go to `<public_url>/api/payments/webhooks/yookassa`"
    )
    yookassa_secret_key: str = setting("", "Secret key of that shop")
    yookassa_api_url: str = setting("https://api.yookassa.ru/v3", "Address of YooKassa's API")
    yookassa_vat_code: str = setting("", "VAT code 1–12 of fiscal receipts (54-FZ) that YooKassa makes; none without it")
    yookassa_receipt_contact: str = setting("", "Phone or e-mail that receives a receipt when the buyer's is not known")
    telegram_bot_token: str = setting(
        "", "Token of the bot whose Mini App is the player (`<public_url>/watch/`); who opens it is signed in"
    )
    telegram_bot_id: str = setting("", "Number of that bot, instead of its token: then Telegram's own signature is checked")
    telegram_environment: str = setting("production", "`production`, or `test` for a bot of Telegram's test servers")
    telegram_app: str = setting(
        "", "`<bot>/<app>` of the Mini App, as in `https://t.me/<bot>/<app>`; links that viewers share lead there"
    )
    embed_origins: str = setting(
        "", "Sites that may show the player in a frame, comma-separated: `https://blog.example`; `*` for every site; default none"
    )
    trusted_proxies: str = setting("127.0.0.1", "Reverse proxies whose `X-Forwarded-For` is believed, comma-separated")
    robots_url: str = setting("", "Where the robots of a rehearsal find the web role, for a worker on another machine")
    process_name: str = setting("", "Unique name of this process, the same after a restart; default host and pid")
    log_level: str = setting("INFO", "DEBUG, INFO, WARNING or ERROR")

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir).resolve()

    @property
    def http_port_number(self) -> int:
        return _port("HTTP_PORT", self.http_port)

    @property
    def udp_port_number(self) -> int:
        return _port("UDP_PORT", self.udp_port)

    @property
    def media_tcp_port_number(self) -> int:
        """0: no TCP."""
        return _whole("MEDIA_TCP_PORT", self.media_tcp_port, 0, 65_535) if self.media_tcp_port else self.udp_port_number

    @property
    def tcp_ports(self) -> range:
        """Of all media processes that `up` starts; none without TCP."""
        first = self.media_tcp_port_number
        return range(first, first + self.media_process_count) if first else range(0)

    @property
    def udp_ports(self) -> range:
        """Of all media processes that `up` starts."""
        return range(self.udp_port_number, self.udp_port_number + self.media_process_count)

    @property
    def media_process_count(self) -> int:
        """Half of the cores at most by default: web, worker, ledger and the kernel's part of the network need the others."""
        if self.media_processes:
            return _whole("MEDIA_PROCESSES", self.media_processes, 1, MEDIA_PROCESSES_MAX)
        return max(1, min(4, (os.cpu_count() or 1) // 2))

    @property
    def web_process_count(self) -> int:
        """Half of the cores by default: the database, the ledger and the media need the others. Two where there are two: in a
        flash sale everybody has an answer in half the time, and one serves while the other starts again."""
        if self.web_processes:
            return _whole("WEB_PROCESSES", self.web_processes, 1, WEB_PROCESSES_MAX)
        cores = os.cpu_count() or 1
        return min(cores, max(2, cores // 2))

    @property
    def web_socket(self) -> Path:
        """Where a web process that `up` has named answers for itself alone; its TCP port it shares with the others."""
        return self.data_path / f"{self.process_name}.sock"

    def of_media_process(self, number: int) -> "Settings":
        """The settings of one of several media processes on this machine, counted from 1.

        Raises:
            SetupError: it would have a port that does not exist.
        """
        port = _whole("UDP_PORT", str(self.udp_port_number + number - 1), 1, 65_535)
        control_url = self.media_control_url or f"unix:{self.data_path / f'media-{number}.sock'}"
        if self.media_control_url and number > 1:
            start, separator, end = control_url.rpartition(":")
            if control_url.startswith("unix:"):
                control_url += f"-{number}"
            elif separator and end.isdigit():
                control_url = f"{start}:{_whole('MEDIA_CONTROL_URL', str(int(end) + number - 1), 1, 65_535)}"
            else:
                raise SetupError(f"MEDIA_CONTROL_URL={control_url!r}: with several media processes it needs a port")
        tcp_port = self.media_tcp_port
        if tcp_port and int(tcp_port):
            tcp_port = str(_whole("MEDIA_TCP_PORT", str(int(tcp_port) + number - 1), 1, 65_535))
        return replace(
            self,
            udp_port=str(port),
            media_tcp_port=tcp_port,
            media_processes="1",
            media_control_url=control_url,
            process_name=f"media-{number}",
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port that browsers use, without a slash at the end."""
        return self.public_url.rstrip("/") or f"http://{self.http_host}:{self.http_port}"

    @property
    def local_url(self) -> str:
        """The web role as its own machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.http_host, self.http_host)
        return f"http://{host}:{self.http_port}"

    @property
    def robots_address(self) -> str:
        """The web role as robots of a worker reach it.

        Raises:
            SetupError: not an address.
        """
        if self.robots_url and not _WEB_ROLE.fullmatch(self.robots_url):
            raise SetupError(f"ROBOTS_URL={self.robots_url!r} is not like http://10.0.0.5:8080")
        return self.robots_url or self.local_url

    @property
    def valkey_folder(self) -> Path:
        """Data folder of the embedded Valkey."""
        return self.data_path / "valkey"

    @property
    def announced_addresses(self) -> list[str]:
        """Raises SetupError: not an address, or none that a browser could send to."""
        name, text = ("MEDIA_ADDRESSES", self.media_addresses) if self.media_addresses else ("UDP_HOST", self.udp_host)
        return [_announced(name, part.strip()) for part in text.split(",")]

    @property
    def turn_url_list(self) -> list[str]:
        """Raises SetupError: a URL is not one of RFC 7064 or RFC 7065, or TURN without a secret."""
        urls = [part.strip() for part in self.turn_urls.split(",") if part.strip()]
        for url in urls:
            if not _ICE_SERVER.fullmatch(url):
                raise SetupError(f"TURN_URLS: {url!r} is not like stun:host:3478 or turn:host:3478?transport=udp")
            if url.startswith("turn") and not self.turn_secret:
                raise SetupError("TURN_URLS names a TURN server: set TURN_SECRET to the secret shared with it")
        return urls

    @property
    def control_url(self) -> str:
        return self.media_control_url or f"unix:{self.data_path / 'media.sock'}"

    @property
    def pipe_path(self) -> Path:
        """Socket by which a media process shares its streams with others of this machine."""
        return self.data_path / f"media-{self.udp_port}.pipe"

    @property
    def sql_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_path / 'efir.sqlite3'}"

    @property
    def channels_redis_url(self) -> str:
        """Raises SetupError: only `up` starts a server of its own, and gives its address to the roles."""
        if not self.redis_url:
            raise SetupError("set REDIS_URL to a Redis or Valkey, or start everything on this machine with `python -m server up`")
        return self.redis_url

    @property
    def durable_redis_url(self) -> str:
        return self.ledger_redis_url or self.channels_redis_url

    @property
    def process(self) -> str:
        """Name under which this process reads the bus; one that keeps its name finds its unfinished work at once."""
        return self.process_name or f"{socket.gethostname()}-{os.getpid()}"

    @property
    def embedded(self) -> bool:
        """Whether the supervisor starts its own Valkey."""
        return not self.redis_url

    @property
    def hold_duration_ms(self) -> int:
        return _whole("HOLD_MS", self.hold_ms, 1_000, 3_600_000)

    @property
    def push_contact_uri(self) -> str:
        """RFC 8292 §2.1 allows `mailto:` and `https:` only. Without either, as on a developer's machine, push services of some
        vendors refuse.

        Raises:
            SetupError: it is something else.
        """
        if self.push_contact and not self.push_contact.startswith(("mailto:", "https://")):
            raise SetupError(f"PUSH_CONTACT={self.push_contact!r} is not like mailto:admin@shop.example or https://shop.example")
        return self.push_contact or (self.origin if self.origin.startswith("https://") else "mailto:nobody@invalid")

    @property
    def push_host_list(self) -> list[str]:
        """Raises SetupError: not `host:port`."""
        return _hosts("PUSH_HOSTS", self.push_hosts)

    @property
    def webhook_host_list(self) -> list[str]:
        """Raises SetupError: not `host:port`."""
        return _hosts("WEBHOOK_HOSTS", self.webhook_hosts)

    @property
    def platform_fee_share(self) -> int:
        """In hundredths of a percent (basis points)."""
        return _whole("PLATFORM_FEE_BPS", self.platform_fee_bps, 0, 10_000)

    @property
    def payment_provider_list(self) -> list[str]:
        """Raises SetupError: an unknown provider, or one without its keys."""
        with_keys = {"stripe": self.stripe_api_key, "yookassa": self.yookassa_shop_id, "sandbox": "built in"}
        if not self.payment_providers:
            return [name for name in ("stripe", "yookassa") if with_keys[name]] or ["sandbox"]
        names = [part.strip() for part in self.payment_providers.split(",") if part.strip()]
        for name in names:
            if name not in with_keys:
                raise SetupError(f"PAYMENT_PROVIDERS: {name!r} is none of {', '.join(with_keys)}")
            if not with_keys[name]:
                raise SetupError(f"PAYMENT_PROVIDERS names {name}: set its keys (STRIPE_API_KEY, YOOKASSA_SHOP_ID …) too")
        return names

    @property
    def receipt_vat_code(self) -> int | None:
        """None: no fiscal receipts."""
        return _whole("YOOKASSA_VAT_CODE", self.yookassa_vat_code, 1, 12) if self.yookassa_vat_code else None

    @property
    def telegram_bot(self) -> tuple[str, int] | None:
        """Token, or empty, and number of the bot; None without one.

        Raises:
            SetupError: they are not like Telegram's, or contradict each other.
        """
        if self.telegram_bot_token and not _BOT_TOKEN.fullmatch(self.telegram_bot_token):
            raise SetupError("TELEGRAM_BOT_TOKEN is not like 123456:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8")
        by_token = self.telegram_bot_token.partition(":")[0]
        if self.telegram_bot_id and by_token and self.telegram_bot_id != by_token:
            raise SetupError(f"TELEGRAM_BOT_ID={self.telegram_bot_id!r} is not the bot of TELEGRAM_BOT_TOKEN")
        number = self.telegram_bot_id or by_token
        return (self.telegram_bot_token, _whole("TELEGRAM_BOT_ID", number, 1, 2**52)) if number else None

    @property
    def telegram_test(self) -> bool:
        """Raises SetupError: there is no such environment."""
        if self.telegram_environment not in ("production", "test"):
            raise SetupError(f"TELEGRAM_ENVIRONMENT={self.telegram_environment!r} is neither production nor test")
        return self.telegram_environment == "test"

    @property
    def telegram_app_url(self) -> str:
        """Empty without a Mini App.

        Raises:
            SetupError: not `<bot>/<app>`.
        """
        if self.telegram_app and not _MINI_APP.fullmatch(self.telegram_app):
            raise SetupError(f"TELEGRAM_APP={self.telegram_app!r} is not like shop_bot/shows")
        return f"https://t.me/{self.telegram_app}" if self.telegram_app else ""

    @property
    def embed_origin_list(self) -> list[str]:
        """As they stand in a policy (`frame-ancestors`). Empty: no other site may.

        Raises:
            SetupError: not an origin, or `*` beside others.
        """
        origins = [part.strip().lower() for part in self.embed_origins.split(",") if part.strip()]
        for origin in origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise SetupError(
                    f"EMBED_ORIGINS: {origin!r} is not like https://blog.example or http://localhost:3000, without a path"
                )
        if "*" in origins and len(origins) > 1:
            raise SetupError("EMBED_ORIGINS: `*` is every site; name no other one beside it")
        return origins

    def child_environment(self) -> dict[str, str]:
        """The environment of a child process that reads the same settings."""
        return {**os.environ, **{item.name.upper(): getattr(self, item.name) for item in fields(self)}}


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of this process.

    Raises:
        SetupError: a value is unusable; the message names the variable.
    """
    names = {item.name for item in fields(Settings)}
    given = {name: environment[name.upper()] for name in names if environment.get(name.upper())}
    settings = Settings(**given)
    for check in (
        "http_port_number",
        "udp_port_number",
        "media_tcp_port_number",
        "announced_addresses",
        "turn_url_list",
        "robots_address",
        "hold_duration_ms",
        "push_contact_uri",
        "push_host_list",
        "webhook_host_list",
        "platform_fee_share",
        "payment_provider_list",
        "receipt_vat_code",
        "media_process_count",
        "web_process_count",
        "telegram_bot",
        "telegram_test",
        "telegram_app_url",
        "embed_origin_list",
    ):
        getattr(settings, check)
    settings.of_media_process(settings.media_process_count)
    return settings


def with_secret(settings: Settings) -> Settings:
    """The settings with an internal secret: the given one, or one made once in the data folder, which is made too.

    Raises:
        SetupError: the folder cannot be used.
    """
    if settings.internal_secret:
        return settings
    file = settings.data_path / "internal-secret"
    try:
        settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            _write_once(file, secrets.token_urlsafe(32))
        return replace(settings, internal_secret=file.read_text())
    except OSError as error:
        raise SetupError(f"cannot use {settings.data_path} ({error.strerror}); set DATA_DIR or mend its rights") from error


def _write_once(file: Path, text: str) -> None:
    """Several roles may start at once: the first one's text stays, and nobody reads half of it."""
    with tempfile.NamedTemporaryFile("w", dir=file.parent) as own:  # readable by the owner only
        own.write(text)
        own.flush()
        with contextlib.suppress(FileExistsError):
            os.link(own.name, file)


def _announced(name: str, text: str) -> str:
    """An address that goes into answers; browsers look up no names there."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise SetupError(f"{name}: {text!r} is not an IP address; set MEDIA_ADDRESSES") from None
    if address.is_unspecified or address.is_link_local or address.is_multicast:
        raise SetupError(f"{name}: browsers cannot send to {text}; set MEDIA_ADDRESSES to the addresses that they reach")
    return str(address)


def _hosts(name: str, text: str) -> list[str]:
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    for host in hosts:
        host_name, _, port = host.rpartition(":")
        if not host_name or not port.isdigit():
            raise SetupError(f"{name}: {host!r} is not like hooks.internal:8443")
    return hosts


def _port(name: str, text: str) -> int:
    return _whole(name, text, 1, 65_535)


def _whole(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SetupError(f"{name}={text!r}: give a whole number from {least} to {most}")
    return int(text)
