"""Strict decoding of request bodies: content type, size while it streams, JSON, fields. Each refusal says what to do."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from starlette.requests import Request

from schemas.errors import INVALID_FIELD, MALFORMED, REQUEST_TIMEOUT, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, Refused

JSON_BYTES_MAX = 64 * 1024
SDP_BYTES_MAX = 128 * 1024
DISCARDED_BYTES_MAX = 1024 * 1024
"""A body over its limit is read to its end and thrown away up to this size (a file: up to its limit and this much more): closing
earlier resets the connection, and then the client sees a network error instead of our answer. Whoever sends more does not mean
well."""
BODY_DEADLINE_S = 15
"""A body of at most 128 KiB arrives within this even over a bad mobile link; who is slower holds a connection for nothing."""

_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")
_FIELD = re.compile(r"(?:missing required|contains unknown) field `(?P<field>[^`]*)`")
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


def accepted_bytes_max(bytes_max: int) -> int:
    """How long a body may say it is, to be read at all, where `bytes_max` are taken."""
    return DISCARDED_BYTES_MAX if bytes_max <= DISCARDED_BYTES_MAX else bytes_max + DISCARDED_BYTES_MAX


async def read_body(request: Request, content_types: Sequence[str], bytes_max: int, deadline_s: float | None = None) -> bytes:
    """The whole body, of one of the media types and not longer than `bytes_max`, within `deadline_s` or `BODY_DEADLINE_S`.

    Raises:
        Refused: another media type, too large (noticed while it streams), or too slow.
    """
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given not in content_types:
        wanted = " or ".join(content_types)
        raise Refused(UNSUPPORTED_MEDIA_TYPE, f"Send the header Content-Type: {wanted}.", accepted=wanted)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise Refused(UNSUPPORTED_MEDIA_TYPE, "Send the body without Content-Encoding.")
    deadline_s = BODY_DEADLINE_S if deadline_s is None else deadline_s
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(deadline_s):
            async for chunk in request.stream():
                size += len(chunk)
                if size > accepted_bytes_max(bytes_max):
                    break
                if size <= bytes_max:
                    chunks.append(chunk)
                else:
                    chunks.clear()
    except TimeoutError as error:
        raise Refused(REQUEST_TIMEOUT, f"Send the whole body within {deadline_s} seconds.") from error
    if size > bytes_max:
        raise too_large(bytes_max)
    return b"".join(chunks)


def too_large(bytes_max: int) -> Refused:
    """The refusal of a body over the limit."""
    return Refused(TOO_LARGE, f"Send at most {bytes_max} bytes.", bytes_max=bytes_max)


def decode_json(body: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """The value that the body spells, checked against the decoder's type.

    Raises:
        Refused: not JSON (`malformed`), or a wrong field (`invalid_field`, with its JSON Pointer, RFC 6901, in `field`).
    """
    try:
        value = decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_field(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(MALFORMED, f"Send one JSON value in UTF-8 ({error}).") from error
    # PostgreSQL cannot store U+0000 in text, and nobody means it. Looked at only when the escape occurs at all.
    if rb"\u0000" in body and any("\x00" in text for text in _texts(msgspec.to_builtins(value))):
        raise Refused(INVALID_FIELD, "Leave out the character U+0000.")
    return value


def invalid_field(message: str) -> Refused:
    """The refusal for what msgspec says of a value, e.g. ``Expected `int` >= 1 - at `$.lines[0].quantity` ``."""
    found = _PATH.search(message)
    path = found["path"] if found else "$"
    pointer = "".join("/" + _escaped(step["name"] or step["index"] or "*") for step in _STEP.finditer(path))
    field = _FIELD.search(message)
    if field:
        pointer += "/" + _escaped(field["field"])
    text = _PATH.sub("", message)
    remedy = {"m": "Add it.", "c": "Remove it or correct its name."}.get(field[0][0], "") if field else "Correct the value."
    return Refused(INVALID_FIELD, f"{pointer or 'body'}: {text}. {remedy}", field=pointer)


def parse_query(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The query's parameters; the last of several with one name counts.

    Raises:
        Refused: a character that cannot be stored.
    """
    if any("\x00" in part for pair in pairs for part in pair):
        raise Refused(MALFORMED, "Leave the character U+0000 out of the address.")
    return dict(pairs)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
