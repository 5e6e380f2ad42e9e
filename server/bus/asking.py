"""Who answers which question: built from the manifests, checked before anything starts."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from schemas.base import Request
from server.kernel.errors import SetupError
from server.kernel.module import Context, Module

ReplyT = TypeVar("ReplyT")
Handler = Callable[[Any, Context], Awaitable[Any]]


class AskRegistry:
    """Every question has exactly one module that answers it."""

    def __init__(self, modules: Iterable[Module]) -> None:
        """Raises:
        SetupError: two modules answer the same question, or nobody answers one that is asked.
        """
        modules = tuple(modules)
        self._shared: set[type[Request[Any]]] = set()
        self._handlers: dict[type[Request[Any]], Callable[[Any, Context], Awaitable[Any]]] = {}
        answered_by: dict[type[Request[Any]], str] = {}
        for module in modules:
            for entry in module.answers:
                if entry.request in answered_by:
                    raise SetupError(f"{module.name} and {answered_by[entry.request]} both answer {entry.request.__name__}")
                answered_by[entry.request] = module.name
                self._handlers[entry.request] = entry.handler
                if entry.shared:
                    self._shared.add(entry.request)
        self._contributions = _contributions(modules)
        for question in self._contributions.keys() & answered_by.keys():
            raise SetupError(f"{question.__name__} is answered by one module and by all")
        for module in modules:
            for question in module.asks:
                if question not in self._handlers:
                    raise SetupError(f"{module.name} asks {question.__name__}, which no module answers")

    def is_shared(self, request: Request[Any]) -> bool:
        """Whether those who ask this at the same time may have one answer."""
        return type(request) in self._shared

    async def ask(self, request: Request[ReplyT], ctx: Context) -> ReplyT:
        """The answer, given within the asker's unit of work."""
        handler = self._handlers.get(type(request))
        assert handler is not None, f"no module answers {type(request).__name__}"
        reply: ReplyT = await handler(request, ctx)
        return reply

    async def gather(self, request: Request[ReplyT], ctx: Context) -> dict[str, ReplyT]:
        """What each contributing module says, by its name, one after the other within the asker's unit of work."""
        handlers = self._contributions.get(type(request), {})
        return {name: await handler(request, ctx) for name, handler in handlers.items()}


def _contributions(modules: Iterable[Module]) -> dict[type[Request[Any]], dict[str, Handler]]:
    found: dict[type[Request[Any]], dict[str, Handler]] = {}
    for module in modules:
        for entry in module.contributes:
            found.setdefault(entry.request, {})[module.name] = entry.handler
    return found
