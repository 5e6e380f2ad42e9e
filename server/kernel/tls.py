"""TLS of our own clients."""

import functools
import ssl


@functools.cache
def client_context() -> ssl.SSLContext:
    """Trusts whom this machine trusts. Shared by a process's clients: reading the certificates takes fifty milliseconds."""
    return ssl.create_default_context()
