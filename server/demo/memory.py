"""What the house channel remembers from one start to the next: who its host is, and which show and products are its own."""

import os
import secrets
from pathlib import Path

import msgspec

from server.kernel.clock import Clock
from server.kernel.ids import new_id

FILE_NAME = "house-channel.json"


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Ids are made once and sent again at each start, so that seeding twice is harmless. `products` maps SKU to product id."""

    email: str
    password: str
    show_id: str
    products: dict[str, str] = {}
    moves: dict[str, str] = {}


def remember(folder: Path, clock: Clock) -> Memory:
    """The memory in `folder`; a new one, kept there, at the first start."""
    path = folder / FILE_NAME
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=Memory)
    memory = Memory(email="robot@efir.invalid", password=secrets.token_urlsafe(24), show_id=new_id("shw", clock))
    keep(folder, memory)
    return memory


def keep(folder: Path, memory: Memory) -> None:
    """Replace what is remembered. It holds a password, so that only the owner may read the file."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{FILE_NAME}.part"
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(memory)))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / FILE_NAME)
