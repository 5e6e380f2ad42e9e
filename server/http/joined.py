"""The modules that a page needs at once, as one file: a file for each costs a slow phone time of its only thread.

Nothing is compiled, shortened or left out. Each module becomes a function that runs once, in the order in which browsers run
modules (ECMA-262 §16.2.1.5), and the file exports what they all export. The import map leads each of their addresses to the file,
so whoever imports one, now or later, finds the same instance. A module that a function cannot hold stays a file of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.http.comments import without_comments
from server.http.module_graph import ModuleGraph

VENDORED = "/static/vendor/"
"""Others' files keep their comments: their licences stand there."""
ENOUGH = 2
"""A file for a single module would be no better than the module's own."""

_SOURCE_MAP = re.compile(r"//# sourceMappingURL=.*$", re.MULTILINE)
_PASSED_ON = re.compile(r'(?:^|(?<=;))export\s*\{([^}]*)\}\s*from\s*"([^"]+)";?', re.MULTILINE)
_IMPORT = re.compile(r'(?:^|(?<=;))import\s*(?:(\w+)|\{([^}]*)\})\s*from\s*"([^"]+)";?', re.MULTILINE)
_LATER = re.compile(r'\bimport\("([^"]+)"\)')
_LISTED = re.compile(r"(?:^|(?<=[;}]))export\s*\{([^}]*)\};?", re.MULTILINE)
_DECLARED = re.compile(r"^export (?=(?:async )?(?:const|class|function) (\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"(?:^|(?<=;))export default (?=function\()", re.MULTILINE)
_NOT_TAKEN = re.compile(
    r"^(?:import|export)\b(?!\()|[;}](?:import|export)[{ ]|\bimport\.meta\b|^(?!.*\basync\b)(?=\S).*\bawait\b", re.MULTILINE
)
"""Imports and exports of other kinds than the above, and a wait that is in no function."""


@dataclass(frozen=True)
class Joined:
    """One file, and the addresses of the modules that it holds."""

    modules: frozenset[str] = frozenset()
    text: str = ""


def join(graph: ModuleGraph, sources: Mapping[str, str], addresses: Sequence[str]) -> Joined:
    """Those of the addresses, importers first, that one file can hold; nothing where that is not worth a file."""
    piece = _Piece(graph, sources, addresses)
    for address in addresses:
        piece.visit(address)
    return piece.made()


class _NotTaken(Exception):
    """The module has to stay a file of its own."""


class _Piece:
    """A file in the making."""

    def __init__(self, graph: ModuleGraph, sources: Mapping[str, str], addresses: Sequence[str]) -> None:
        self.graph = graph
        self.held: dict[str, dict[str, str]] = {}
        """Of each module that the file holds: its exports, by the names that the file has for them."""
        self.elsewhere: dict[str, dict[str, str]] = {}
        """What the file imports from others, in the same way."""
        self._sources = sources
        self._left = set(addresses)
        self._parts: list[str] = []
        self._exports: dict[str, str] = {}

    def visit(self, address: str) -> None:
        """A module after those that it imports."""
        if address not in self._left:
            return
        self._left.remove(address)
        for target in self.graph.modules[address].imports:
            self.visit(target)
        try:
            self._take(_Taken(self, address, self._sources[address]))
        except _NotTaken:
            return

    def made(self) -> Joined:
        """The file as it stands."""
        if len(self.held) < ENOUGH:
            return Joined()
        imports = [f'import {{ {_pairs(names, " as ")} }} from "{target}";' for target, names in self.elsewhere.items()]
        exports = ", ".join(f"{known} as {outer}" for outer, known in self._exports.items())
        return Joined(frozenset(self.held), "\n".join([*imports, *self._parts, f"export {{ {exports} }};", ""]))

    def _take(self, module: "_Taken") -> None:
        own = {outer: f"{outer}_{len(self.held)}" for outer in module.inner}
        exports = {**own, **module.passed_on}
        if any(self._exports.get(outer, known) != known for outer, known in exports.items()):
            raise _NotTaken  # one file cannot export two things under one name
        self.held[module.address] = exports
        self._exports |= exports
        for target, names in module.imported.items():
            self.elsewhere.setdefault(target, {}).update(names)
        head = f"const {{ {_pairs(own, ': ')} }} = (() => {{"
        self._parts += [f"// {module.address}", head, module.body, f"return {{ {_pairs(module.inner, ': ')} }};", "})();"]


class _Taken:
    """One module, taken apart, with the names of the file for what it imports."""

    def __init__(self, piece: _Piece, address: str, source: str) -> None:
        """Raises `_NotTaken`."""
        self.address = address
        self.inner: dict[str, str] = {}
        """Its own exports, by their names within the module."""
        self.passed_on: dict[str, str] = {}
        self.imported: dict[str, dict[str, str]] = {}
        """What comes from other files."""
        self._piece = piece
        body = source if address.startswith(VENDORED) else without_comments(source.encode()).decode()
        for pattern, replace in (
            (_SOURCE_MAP, lambda found: ""),
            (_PASSED_ON, self._pass_on),
            (_IMPORT, self._import),
            (_LATER, self._later),
            (_LISTED, self._list),
            (_DECLARED, self._declare),
            (_DEFAULT, self._default),
        ):
            body = pattern.sub(replace, body)
        if _NOT_TAKEN.search(body):
            raise _NotTaken
        self.body = body.strip()

    def _import(self, found: re.Match[str]) -> str:
        pairs = [("default", found[1])] if found[1] else _listed(found[2])
        return " ".join(f"const {local} = {self._name(found[3], outer)};" for outer, local in pairs)

    def _later(self, found: re.Match[str]) -> str:
        # Relative to the module, which is not where the file is.
        return f'import("{self._piece.graph.resolve(self.address, found[1])}")'

    def _pass_on(self, found: re.Match[str]) -> str:
        self.passed_on |= {outer: self._name(found[2], given) for given, outer in _listed(found[1])}
        return ""

    def _list(self, found: re.Match[str]) -> str:
        self.inner |= {outer: local for local, outer in _listed(found[1])}
        return ""

    def _declare(self, found: re.Match[str]) -> str:
        self.inner[found[1]] = found[1]
        return ""

    def _default(self, found: re.Match[str]) -> str:
        self.inner["default"] = "default_"
        return "const default_ = "

    def _name(self, target: str, outer: str) -> str:
        """What the file calls an export of the module that is imported as `target`."""
        resolved = self._piece.graph.resolve(self.address, target)
        held = self._piece.held.get(resolved)
        if held is None:
            return self._name_elsewhere(resolved, outer)
        if outer not in held:
            raise _NotTaken
        return held[outer]

    def _name_elsewhere(self, target: str, outer: str) -> str:
        # Another file runs as a whole before this one, so it must not wait for anything that is held here.
        behind = self._piece.graph.at_once(target)
        if self.address in behind or not self._piece.held.keys().isdisjoint(behind):
            raise _NotTaken
        names = self.imported.setdefault(target, {})
        known = self._piece.elsewhere.get(target, {}).get(outer)
        return names.setdefault(outer, known or f"{outer}_{len(self._piece.held)}_{len(self.imported)}")


def _listed(names: str) -> list[tuple[str, str]]:
    """Pairs of what stands between braces, for example `a, b as c`; a name without another one is both."""
    found = [part.split() for part in names.split(",") if part.strip()]
    return [(words[0], words[-1]) for words in found]


def _pairs(names: Mapping[str, str], between: str) -> str:
    return ", ".join(f"{outer}{between}{inner}" for outer, inner in names.items())
