"""Our frames are byte for byte those of `websockets`."""

import pytest
from websockets.frames import Frame, Opcode

from server.channels.framing import text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
def test_the_same_bytes_as_the_library_at_every_length_class(length: int) -> None:
    payload = b"x" * length
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
