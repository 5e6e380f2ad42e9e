"""The OpenAPI document: complete, resolvable, the same every time."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from schemas.base import Body
from server.http.openapi import openapi_document
from server.http.routing import endpoint_routes
from server.http.sessions import SESSION_ENDPOINTS
from server.kernel.module import Endpoint, Module
from tests.http.conftest import World, notes_module, nothing


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in the document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_endpoint_is_described_and_every_reference_resolves() -> None:
    document = openapi_document([notes_module()])
    assert document["openapi"].startswith("3.1")
    described = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    endpoints = {(endpoint.method, endpoint.path) for endpoint in notes_module().routes}
    endpoints |= {(endpoint.method, endpoint.path) for endpoint in SESSION_ENDPOINTS}
    assert described == endpoints
    for reference in set(references(document)):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference


def test_an_operation_tells_body_answer_problem_and_permission() -> None:
    operation = openapi_document([notes_module()])["paths"]["/api/notes"]["post"]
    assert operation["operationId"] == "post_notes"
    assert operation["x-permission"] == "guest"
    assert operation["security"] == [{"session": []}]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewNote"}
    assert operation["responses"]["201"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NoteView"}
    assert "application/problem+json" in operation["responses"]["default"]["content"]
    deleted = openapi_document([notes_module()])["paths"]["/api/notes/{note_id}"]["delete"]
    assert [parameter["name"] for parameter in deleted["parameters"]] == ["note_id"]
    assert "204" in deleted["responses"]


def test_an_answer_that_is_no_json_is_described_by_its_media_type() -> None:
    operation = openapi_document([notes_module()])["paths"]["/api/notes/{note_id}/note.txt"]["get"]
    assert operation["responses"]["200"]["content"] == {"text/plain": {"schema": {"type": "string"}}}


def test_operation_ids_are_unique() -> None:
    document = openapi_document([notes_module()])
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


def test_the_document_does_not_depend_on_the_order_of_modules() -> None:
    other = Module(name="other", routes=(Endpoint("GET", "/api/other", nothing, "anyone", "Other"),))
    one, two = openapi_document([notes_module(), other]), openapi_document([other, notes_module()])
    assert json.dumps(one) == json.dumps(two)


async def test_the_server_serves_it(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == msgspec.json.encode(openapi_document([notes_module()]))


async def test_two_claims_on_one_operation_stop_the_start(world: World) -> None:
    class Empty(Body, frozen=True):
        """Nothing."""

    endpoint = Endpoint("POST", "/api/twice", nothing, "anyone", "Twice", Empty)
    with pytest.raises(ValueError, match="POST /api/twice is claimed twice"):
        endpoint_routes([endpoint, endpoint], world.auth, None)  # type: ignore[arg-type]
