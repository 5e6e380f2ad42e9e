"""Credentials for a TURN server are those that coturn computes, soon expire, and always make a well-formed header."""

import base64
import hashlib
import hmac
import re

from hypothesis import given
from hypothesis import strategies as st

from server.http.ice_servers import CREDENTIAL_S, ice_server_links
from server.kernel.config import Settings

NOW_MS = 1_700_000_000_999
SETTINGS = Settings(
    turn_urls="stun:stun.example:3478,turn:turn.example:3478?transport=udp,turns:turn.example", turn_secret="shared"
)
TURN = re.compile(
    r'<(turns?:[^>]+)>; rel="ice-server"; username="([0-9]+:[A-Za-z0-9_.-]+)"; '
    r'credential="([A-Za-z0-9+/=]+)"; credential-type="password"'
)


def test_a_site_without_turn_gives_no_links() -> None:
    assert ice_server_links(Settings(), NOW_MS, "ses_1") == []


def test_each_server_has_its_link_and_only_turn_has_credentials() -> None:
    stun, turn, turns = ice_server_links(SETTINGS, NOW_MS, "ses_1")
    assert stun == '<stun:stun.example:3478>; rel="ice-server"'
    assert turn.startswith('<turn:turn.example:3478?transport=udp>; rel="ice-server"; username="1700021600:ses_1"; credential="')
    assert turns.startswith("<turns:turn.example>")


@given(
    client=st.text(max_size=200),
    now_ms=st.integers(0, 10**14),
    secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_the_turn_server_computes_the_same_credential(client: str, now_ms: int, secret: str) -> None:
    settings = Settings(turn_urls="turn:turn.example", turn_secret=secret)
    (link,) = ice_server_links(settings, now_ms, client)
    match = TURN.fullmatch(link)
    assert match is not None
    _, username, credential = match.groups()
    assert int(username.split(":")[0]) == now_ms // 1000 + CREDENTIAL_S
    assert base64.b64decode(credential) == hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()
