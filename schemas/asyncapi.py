"""Describes the websocket and the bus as an AsyncAPI 3.0.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0)."""

import inspect
import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from schemas.base import Event, event_topic, event_type
from schemas.errors import CLOSE_CODES, WireError

REFERENCE = "#/components/schemas/{name}"


def document(
    *,
    client: Sequence[type[msgspec.Struct]],
    server: Sequence[type[msgspec.Struct]],
    events: Sequence[type[Event]],
    payloads: Sequence[type[msgspec.Struct]],
    errors: Sequence[WireError],
) -> str:
    """JSON text; the same structs always give the same text.

    Websocket messages are named `client.<op>` and `server.<op>`, because `ping` and `pong` go both ways; bus messages are named
    by their event type. `payloads` are the structs that channels carry inside `data` and `snapshot`.
    """
    _, schemas = msgspec.json.schema_components([*client, *server, *events, *payloads], ref_template=REFERENCE)
    frames = {f"client.{_op(frame)}": frame for frame in client} | {f"server.{_op(frame)}": frame for frame in server}
    topics = sorted({event_topic(event) for event in events})
    described = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Efir",
            "version": "1",
            "description": "One websocket per viewer with many channels, and the event bus. In prose: schemas/README.md.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "websocket": {"address": "/ws", "messages": {name: _message_reference(name) for name in frames}},
            **{f"bus.{topic}": _topic(topic, events) for topic in topics},
        },
        "operations": {
            "receiveFromClient": _operation("receive", "websocket", [name for name in frames if name.startswith("client.")]),
            "sendToClient": _operation("send", "websocket", [name for name in frames if name.startswith("server.")]),
            **{f"emit.{topic}": _operation("send", f"bus.{topic}", _types(topic, events)) for topic in topics},
        },
        "components": {
            "messages": {name: _message(struct) for name, struct in [*frames.items(), *_by_type(events)]},
            "schemas": dict(sorted(schemas.items())),
        },
        "x-errors": [error._asdict() for error in errors],
        "x-close-codes": [code._asdict() for code in CLOSE_CODES],
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _op(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _by_type(events: Iterable[type[Event]]) -> list[tuple[str, type[Event]]]:
    return [(event_type(event), event) for event in events]


def _types(topic: str, events: Iterable[type[Event]]) -> list[str]:
    return [event_type(event) for event in events if event_topic(event) == topic]


def _topic(topic: str, events: Iterable[type[Event]]) -> dict[str, Any]:
    return {"address": f"bus:{topic}", "messages": {name: _message_reference(name) for name in _types(topic, events)}}


def _operation(action: str, channel: str, names: Iterable[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def _message_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/messages/{name}"}


def _message(struct: type[msgspec.Struct]) -> dict[str, Any]:
    return {
        "title": struct.__name__,
        "summary": inspect.cleandoc(struct.__doc__ or ""),
        "payload": {"$ref": REFERENCE.format(name=struct.__name__)},
    }
