"""Questions that the module `pictures` answers."""

from dataclasses import dataclass

from schemas.base import Request


@dataclass(frozen=True)
class UsePictures(Request[list[str]]):
    """Keep these pictures for good, with the transaction of the caller. The answer are those that cannot be used: they do not
    exist (any more), or belong to somebody else."""

    owner_id: str
    picture_ids: tuple[str, ...]
