"""Every refusal and failure as problem+json (RFC 9457): `type` is `/problems#<name>`, and pages translate by that name."""

import html
from collections.abc import Mapping
from math import ceil
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from schemas.errors import (
    ERRORS,
    INTERNAL,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REQUEST_TIMEOUT,
    TOO_LARGE,
    UNAVAILABLE,
    Refused,
    WireError,
)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 1
"""When nothing better is known: our own parts come back within a second or two."""


def problem_response(
    error: WireError, detail: str = "", extra: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response for a row of the error table. `extra` becomes extension members; `retry_after_ms` also gives Retry-After."""
    extra = extra or {}
    body: dict[str, Any] = {
        "type": f"/problems#{error.name}",
        "title": error.title,
        "status": error.status,
        "detail": detail or error.title,
        "code": error.number,
        "name": error.name,
        "temporary": error.temporary,
    }
    body.update({key: value for key, value in extra.items() if key not in body})
    all_headers = {"cache-control": "no-store"} | dict(headers or {})
    if "retry_after_ms" in extra or error.status in (429, 503):
        wait_s = ceil(int(extra.get("retry_after_ms", RETRY_AFTER_S * 1000)) / 1000)
        all_headers.setdefault("retry-after", str(max(1, wait_s)))
    if error in (TOO_LARGE, REQUEST_TIMEOUT):
        # The rest of the body is not read; without this the server would wait for it.
        all_headers["connection"] = "close"
    if error.status == 401:
        # RFC 9110 §15.5.2 wants a challenge. Sessions are a cookie, which is no registered scheme; browsers ignore this one.
        all_headers.setdefault("www-authenticate", 'Session realm="efir"')
    return Response(msgspec.json.encode(body), error.status, headers=all_headers, media_type=CONTENT_TYPE)


def refused_response(refusal: Refused) -> Response:
    """The response for an expected refusal."""
    return problem_response(refusal.error, refusal.detail, refusal.extra)


def unavailable_response() -> Response:
    """The response when a part that we depend on is gone; its name stays in our log."""
    return problem_response(UNAVAILABLE, "Try again in a moment.")


def internal_response(request_id: str) -> Response:
    """The response for a bug; `request_id` finds the traceback in the log."""
    detail = "This was our mistake, and it is in the log. Try again; if it stays, tell us the request id."
    return problem_response(INTERNAL, detail, {"request_id": request_id})


def not_found_response() -> Response:
    """The response for an address where nothing is."""
    return problem_response(NOT_FOUND, "Check the address; the operations are listed at /api/openapi.json.")


def method_not_allowed_response(allowed: str) -> Response:
    """The response for a wrong method; `allowed` is the value of the Allow header (RFC 9110 §15.5.6)."""
    return problem_response(METHOD_NOT_ALLOWED, f"Use one of: {allowed}.", headers={"allow": allowed})


def problems_page() -> Response:
    """What the `type` of every problem points to: the table of errors for people."""
    rows = "".join(
        f'<tr id="{html.escape(error.name)}"><td>{error.number}</td><td><code>{html.escape(error.name)}</code></td>'
        f"<td>{error.status}</td><td>{html.escape(error.title)}</td><td>{'yes' if error.temporary else 'no'}</td></tr>"
        for error in ERRORS
    )
    head = "<tr><th>code</th><th>name</th><th>status</th><th>meaning</th><th>may succeed later</th></tr>"
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Problems</title><h1>Problems</h1><table>{head}{rows}</table></html>\n"
    )
