"""The map of the modules, from their manifests: who owns which facts, questions and channels. The README includes it."""

from collections.abc import Iterable, Sequence

from schemas.base import event_type
from server.kernel.module import Module

MARK_BEGIN = "<!-- map: python -m server map -->"
MARK_END = "<!-- end of map -->"


def render_map(modules: Sequence[Module]) -> str:
    """A Markdown table, one row a module."""
    rows = ["| module | hears | tells | answers | asks | channels |", "|---|---|---|---|---|---|"]
    for module in modules:
        cells = (
            module.name,
            _list(event_type(entry.event) for entry in module.consumes),
            _list(event_type(event) for event in module.emits),
            _list(entry.request.__name__ for entry in module.answers),
            _list(request.__name__ for request in module.asks),
            _list(f"{kind.name}:…" for kind in module.channels),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _list(names: Iterable[str]) -> str:
    return "<br>".join(f"`{name}`" for name in names) or "—"
