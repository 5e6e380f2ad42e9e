"""What the browser will need of a page: the modules and style sheets that its first module leads to.

The source says it all: static and dynamic imports (ECMA-262 §16.2, §13.3.10), and for style sheets a line `// @css name.css` in
the head of the module that needs one. A page lists nothing, so nothing is forgotten when one more page uses a component.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname, join, normpath

_STATIC = re.compile(r'(?:^|(?<=;))(?:import|export)\b(?:[^;"()]*?\bfrom)?\s*"([^"]+)"', re.MULTILINE)
_DYNAMIC = re.compile(r'\bimport\("([^"]+)"\)')
_SHEET = re.compile(r"^// @css (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """One module's needs, as addresses."""

    imports: tuple[str, ...]
    later: tuple[str, ...]
    """Fetched when it first asks for them."""
    sheets: tuple[str, ...]


class ModuleGraph:
    """The modules of a folder. `names` is the import map; an address that is not there leads nowhere, and the browser says so."""

    def __init__(self, sources: Mapping[str, str], names: Mapping[str, str]) -> None:
        self._sources = sources
        self._names = names

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """Every module by its address."""
        return {address: self._module(address, source) for address, source in self._sources.items()}

    def at_once(self, *entries: str) -> list[str]:
        """The entries and what they import, in the order of a walk in depth: a module before those that it imports."""
        return self._walk(entries, with_later=False)

    def ever(self, *entries: str) -> list[str]:
        """`at_once`, and what is fetched later."""
        return self._walk(entries, with_later=True)

    def sheets(self, addresses: Iterable[str]) -> list[str]:
        """Style sheets of these modules: components first, pages after them, so that a page may bend what it uses."""
        found = {sheet for address in addresses for sheet in self.modules[address].sheets}
        return sorted(found, key=lambda sheet: ("/components/" not in sheet, sheet))

    def _walk(self, entries: Iterable[str], *, with_later: bool) -> list[str]:
        found: dict[str, None] = {}
        left = [entry for entry in reversed(list(entries)) if entry in self.modules]
        while left:
            address = left.pop()
            if address in found:
                continue
            found[address] = None
            module = self.modules[address]
            targets = module.imports + (module.later if with_later else ())
            left += [target for target in reversed(targets) if target in self.modules]
        return list(found)

    def _module(self, address: str, source: str) -> Module:
        def resolve(targets: Iterable[str]) -> tuple[str, ...]:
            return tuple(self.resolve(address, target) for target in targets)

        sheets = tuple(normpath(join(dirname(address), sheet)) for sheet in _SHEET.findall(source))
        return Module(resolve(_STATIC.findall(source)), resolve(_DYNAMIC.findall(source)), sheets)

    def resolve(self, address: str, target: str) -> str:
        """Where an import in the module at this address leads."""
        if target.startswith("."):
            return normpath(join(dirname(address), target))
        return self._names.get(target, target)
