"""What all requests to a media node have in common: the secret, the body, and refusals as problem+json."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from schemas.errors import FORBIDDEN, INVALID_FIELD, MALFORMED, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refused
from schemas.media import HEADER_SECRET

SDP_TYPE = "application/sdp"
FRAGMENT_TYPE = "application/trickle-ice-sdpfrag"
JSON_TYPE = "application/json"
_BODY_MAX = 128 * 1024  # an offer of a browser has 5 to 20 KiB
_RETRY_AFTER_S = "2"

Handler = Callable[[Request], Awaitable[Response]]
encode = msgspec.json.Encoder().encode


def guarded(handler: Handler, secret: str) -> Handler:
    """Check the secret; turn refusals into problem+json (RFC 9457)."""

    async def checked(request: Request) -> Response:
        try:
            if not knows(secret, request.headers.get(HEADER_SECRET, "")):
                raise Refused(FORBIDDEN, "This address is for the web nodes only")
            return await handler(request)
        except Refused as refused:
            return problem(refused)

    return checked


def knows(secret: str, given: str) -> bool:
    """Compares in constant time."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())


def problem(refused: Refused) -> Response:
    """The response for an expected refusal, with the members that every problem of ours has."""
    error = refused.error
    body = {
        "type": f"/problems#{error.name}",
        "title": error.title,
        "status": error.status,
        "detail": refused.detail,
        "code": error.number,
        "name": error.name,
        "temporary": error.temporary,
        **refused.extra,
    }
    headers = {"Retry-After": _RETRY_AFTER_S} if error.temporary else {}
    return Response(encode(body), error.status, headers, media_type="application/problem+json")


async def text_body(request: Request, expected: str) -> str:
    """The text of the request.

    Raises:
        Refused: another content type, too long, or not text.
    """
    try:
        return (await body(request, expected)).decode()
    except UnicodeDecodeError as error:
        raise Refused(MALFORMED, "The body is not UTF-8 text") from error


async def body(request: Request, expected: str) -> bytes:
    """The body of the request.

    Raises:
        Refused: another content type, or too long.
    """
    given = content_type(request)
    if given != expected:
        raise Refused(UNSUPPORTED_MEDIA_TYPE, f"Send {expected}")
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > _BODY_MAX:
                raise Refused(TOO_LARGE, f"At most {_BODY_MAX} bytes")
            chunks.append(chunk)
    except ClientDisconnect as error:
        raise Refused(MALFORMED, "The body broke off") from error
    return b"".join(chunks)


def content_type(request: Request) -> str:
    """The media type without its parameters; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def decoded(data: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """The value that the body spells.

    Raises:
        Refused: not JSON, or of another type.
    """
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        raise Refused(INVALID_FIELD, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(MALFORMED, f"Send one JSON value in UTF-8 ({error})") from error
