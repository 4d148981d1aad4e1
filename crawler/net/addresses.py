"""Which network addresses are the open internet's: the rules of the guard, in a crawl and wherever else is fetched."""

import ipaddress
from collections.abc import Callable, Iterable

from archive.facts.addresses import IpAddress, literal

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _inner(address: IpAddress) -> IpAddress:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def is_public(address: IpAddress) -> bool:
    """Return whether an address belongs to the open internet; one that carries an IPv4 address counts as that."""
    found = _inner(address)
    return found.is_global and not found.is_multicast


def is_local(address: IpAddress) -> bool:
    """Return whether an address is this machine's or a private network's own: never link-local, where metadata lies."""
    found = _inner(address)
    odd = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return found.is_loopback or (found.is_private and not odd)


def is_private(host: str) -> bool:
    """Return whether a host is this machine or an address that is not the open internet's, by how it is written."""
    address = literal(host)
    return host == "localhost" or host.endswith(".localhost") or bool(address and not is_public(address))


def forbidden(resolved: Iterable[str], own: Callable[[IpAddress], bool] | None = None) -> str | None:
    """Return the first of a name's addresses that must not be asked, or None where each may be.

    Only the open internet's may be, and besides what `own` lets in. One bad address spoils the name: which of them a
    connection would take is not ours to say. An IPv6 scope (`%2`) is left out.
    """
    for text in resolved:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not (is_public(address) or (own is not None and own(address))):
            return str(address)
    return None
