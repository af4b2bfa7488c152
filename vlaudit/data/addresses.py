"""Which network addresses may be connected to: those of the public internet, unless allowed."""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

Resolve = Callable[[str, int], list[str]]
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(Exception):
    """Raised instead of connecting to an address that is not public."""


def resolve(host: str, port: int) -> list[str]:
    """Return the numeric addresses of a host, as the system resolves it.

    Raises:
        OSError: the name cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Tell whether a numeric address, and an IPv4 address inside of it, is globally reachable."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner: list[ipaddress.IPv4Address | None] = []
    if isinstance(number, ipaddress.IPv6Address):
        inner = [number.ipv4_mapped, number.sixtofour, *(number.teredo or ())]
        if number in NAT64:
            inner.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
        if number.ipv4_mapped:
            return number.ipv4_mapped.is_global and not number.ipv4_mapped.is_multicast
    return all(item.is_global and not item.is_multicast for item in (number, *filter(None, inner)))


class ScreenedNetwork(httpcore.NetworkBackend):
    """Connects to the very address that was screened, so that DNS cannot answer differently later.

    Every connection is made here, so a redirection is screened like the first address.
    """

    def __init__(self, *, private: bool, resolve: Resolve = resolve) -> None:
        """Refuse addresses that are not public unless `private`; names come from `resolve`."""
        self._private = private
        self._resolve = resolve
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers.

        Raises:
            Refused: the name stands for an address that is not public, be it one of several.
            httpcore.ConnectError: the name is unknown, or no address answers.
        """
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved") from error
        if not self._private and not all(map(is_public, addresses)):
            raise Refused
        problem: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem
