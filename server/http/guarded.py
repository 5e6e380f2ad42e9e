"""Connections to addresses that strangers name: never to this machine or the network behind it (request forgery)."""

import asyncio
import ipaddress
import socket
from collections.abc import Collection, Iterable

import httpcore

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: an IPv4 address in its last 32 bits


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Looks a name up, checks every address, and connects to one that was checked: a second look-up could have another answer."""

    def __init__(self, trusted: Collection[str]) -> None:
        """`trusted` are `host:port` that may have any address."""
        self._trusted = frozenset(trusted)
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await _look_up(host, port, timeout)
        if f"{host}:{port}" not in self._trusted and not all(is_public(address) for address in addresses):
            raise httpcore.ConnectError(f"{host} leads to an address that is not public: {', '.join(addresses)}")
        # One address only: a push that does not get through is tried again, and names of push services have many.
        return await self._network.connect_tcp(addresses[0], port, timeout, local_address, socket_options)


def is_public(address: str) -> bool:
    """Whether everybody on the internet reaches this address; what is translated to IPv4 counts as that."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


async def _look_up(host: str, port: int, timeout: float | None) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} cannot be looked up: {error!r}") from error
    return [str(sockaddr[0]) for _, _, _, _, sockaddr in found]
