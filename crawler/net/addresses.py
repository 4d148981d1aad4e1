"""Which network addresses are the open internet's: the rules of the guard, in a crawl and wherever else is fetched."""

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def literal(host: str) -> Address | None:
    """Return the address that a host is written as, short, decimal, octal and hex forms included; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def is_public(address: Address) -> bool:
    """Return whether an address belongs to the open internet; one that carries an IPv4 address counts as that."""
    found = _inner(address)
    return found.is_global and not found.is_multicast


def is_local(address: Address) -> bool:
    """Return whether an address is this machine's or a private network's own: never link-local, where metadata lies."""
    found = _inner(address)
    odd = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return found.is_loopback or (found.is_private and not odd)
