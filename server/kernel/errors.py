"""Exceptions of our own. Expected refusals are `schemas.errors.Refused`; these here are for broken surroundings."""


class SetupError(Exception):
    """The installation cannot start; the message is one line that says what to do."""


class Unavailable(Exception):
    """A part that we depend on (Redis, the database, a media node, a provider) cannot be reached in time."""
