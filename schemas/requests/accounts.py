"""Questions of the module `accounts` to all modules at once (`ctx.gather`): each answers for what it keeps of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.base import Request
from schemas.http.accounts import Obstacle


@dataclass(frozen=True)
class CollectPersonalData(Request[Mapping[str, Sequence[Mapping[str, Any]]]]):
    """All that a module keeps of somebody, by kind, as JSON would have it. Secrets and what belongs to others stay out."""

    actor_id: str


@dataclass(frozen=True)
class FindObstacles(Request[Sequence[Obstacle]]):
    """Why somebody's data cannot be erased now: money or goods are under way, or others wait for them."""

    actor_id: str
