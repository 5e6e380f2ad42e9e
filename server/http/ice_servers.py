"""Relay servers for viewers and hosts behind strict networks: `Link` headers with credentials that soon expire (RFC 9725 §4.6).

The server itself is coturn or another that takes `use-auth-secret`: it shares TURN_SECRET with us and keeps no list of users
(draft-uberti-behave-turn-rest-00 §2.2). Pure.
"""

import base64
import hmac
import re

from server.kernel.config import Settings

CREDENTIAL_S = 6 * 3600
"""A TURN server asks for valid credentials at every new allocation, so a network change in the middle of a long show needs them
still; a copied credential is worthless the next day."""

_UNNAMED = re.compile(r"[^A-Za-z0-9_.-]+")
_CLIENT_MAX = 64


def ice_server_links(settings: Settings, now_ms: int, client_id: str) -> list[str]:
    """Values for one `Link` header each; none when TURN_URLS is empty.

    `client_id` names the client in the TURN server's log and quota, for example a user's id; what a header or a user
    name cannot carry is left out.
    """
    username, credential = turn_credentials(settings.turn_secret, now_ms, client_id)
    links = []
    for url in settings.turn_url_list:
        if url.startswith("stun"):  # RFC 8489: binding requests of strangers need no credentials
            links.append(f'<{url}>; rel="ice-server"')
        else:
            links.append(
                f'<{url}>; rel="ice-server"; username="{username}"; credential="{credential}"; credential-type="password"'
            )
    return links


def turn_credentials(secret: str, now_ms: int, client_id: str) -> tuple[str, str]:
    """User name and password: `<expiry, Unix seconds>:<client>` and the base64 of its HMAC-SHA1."""
    expires_s = now_ms // 1000 + CREDENTIAL_S
    username = f"{expires_s}:{_UNNAMED.sub('', client_id)[:_CLIENT_MAX] or 'guest'}"
    return username, base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()
