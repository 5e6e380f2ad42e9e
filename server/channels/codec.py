"""A channel kind with the decoders of its structs, made once."""

from typing import Any

import msgspec

from server.kernel.module import ChannelKind


class Codec:
    """Kind plus decoders. Commands are decoded strictly, publications leniently: an older node reads a newer one's."""

    def __init__(self, kind: ChannelKind) -> None:
        self.kind = kind
        self._publication: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind.publication)
        self._command: msgspec.json.Decoder[Any] | None = msgspec.json.Decoder(kind.command) if kind.command is not None else None

    def command(self, data: bytes) -> Any:
        """The command in a client's frame.

        Raises:
            msgspec.ValidationError: a field is missing, unknown or wrong.
        """
        assert self._command is not None, self.kind.name
        return self._command.decode(data)

    def reduce(self, state: Any, publication: bytes) -> Any:
        """The channel's state after a publication."""
        return self.kind.apply(state, self._publication.decode(publication))
