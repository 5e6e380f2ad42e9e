"""The OpenAPI 3.1 document, made from the manifests and the contract's structs: it can say nothing else than the code does."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from server.http.problem import CONTENT_TYPE as PROBLEM_JSON
from server.http.sessions import SESSION_ENDPOINTS
from server.kernel.module import Module, Permission

_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+)\}")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal or failure (RFC 9457). `type` is `/problems#<name>`; some problems have further members, for example `field`."""

    type: str
    title: str
    status: int
    detail: str
    code: int
    name: str
    temporary: bool


class Operation(Protocol):
    """What the document needs of an endpoint."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def permission(self) -> Permission: ...
    @property
    def summary(self) -> str: ...
    @property
    def body(self) -> type[msgspec.Struct] | None: ...
    @property
    def view(self) -> type[msgspec.Struct] | None: ...
    @property
    def status(self) -> int: ...


def openapi_document(modules: Sequence[Module]) -> dict[str, Any]:
    """The document for these modules and `/api/auth`; the same input gives the same document, keys in a fixed order."""
    operations: list[Operation] = [*SESSION_ENDPOINTS, *(endpoint for module in modules for endpoint in module.routes)]
    operations.sort(key=lambda operation: (operation.path, operation.method))
    used = [kind for operation in operations for kind in (operation.body, operation.view) if kind is not None]
    references, components = msgspec.json.schema_components(_unique([*used, Problem]), ref_template=_REFERENCE)
    by_type = dict(zip(_unique([*used, Problem]), references, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Efir", "version": "1", "description": "HTTP interface of a live-shopping server."},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "efir_session"}},
        },
    }


def _operation(operation: Operation, by_type: dict[type, dict[str, Any]]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": _operation_id(operation),
        "summary": operation.summary,
        "tags": [operation.path.split("/")[2]],
        "x-permission": operation.permission,
        "security": [] if operation.permission == "anyone" else [{"session": []}],
    }
    names = _PARAMETER.findall(operation.path)
    if names:
        described["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]
    if (raw := getattr(operation, "raw", None)) is not None:
        described["requestBody"] = {"required": True, "content": {kind: {"schema": {}} for kind in raw.content_types}}
    if operation.body is not None:
        content = {"application/json": {"schema": by_type[operation.body]}}
        described["requestBody"] = {"required": True, "content": content}
    answer: dict[str, Any] = {"description": "Done"}
    if operation.view is not None:
        answer["content"] = {"application/json": {"schema": by_type[operation.view]}}
    produces = getattr(operation, "produces", "")
    if produces:
        answer["content"] = {produces.partition(";")[0]: {"schema": {"type": "string"}}}
    status = 204 if operation.view is None and operation.status == 200 and not produces else operation.status
    problem = {"description": "A problem", "content": {PROBLEM_JSON: {"schema": by_type[Problem]}}}
    described["responses"] = {str(status): answer, "default": problem}
    return described


def _operation_id(operation: Operation) -> str:
    words = [operation.method.lower(), *re.findall(r"\w+", operation.path.removeprefix("/api"))]
    return "_".join(words)


def _unique(kinds: Iterable[type]) -> list[type]:
    return list(dict.fromkeys(kinds))
