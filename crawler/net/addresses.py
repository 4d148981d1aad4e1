"""Which network addresses are the open internet's: the rules of the guard, in a crawl and wherever else is fetched."""

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache

from archive.facts.addresses import IpAddress, literal

# What IANA gives out to the internet; all else is special (RFC 4291, section 2.4), whatever a library knows of it.
_UNICAST = ipaddress.ip_network("2000::/3")
# Special ones that Python 3.11 takes for global, and a provider's own within the internet's.
_SPECIAL = [
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocols (RFC 6890); 192.0.0.192 gives out metadata in one cloud
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "168.63.129.16/32",  # the machine under the machine in another cloud
        "3fff::/20",  # documentation (RFC 9637)
    )
]
_ENDING_IN_IPV4 = [
    ipaddress.ip_network(text)
    for text in (
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "::ffff:0:0/96",  # mapped (RFC 4291, section 2.5.5.2)
        "::ffff:0:0:0/96",  # translated (RFC 2765)
        "::/96",  # compatible (RFC 4291, section 2.5.5.1)
    )
]
_ISATAP = 0x0000_5EFE  # RFC 5214, section 6.1; 0200:5efe says that the IPv4 address is unique


def _inner(address: IpAddress) -> IpAddress:
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    isatap = address in _UNICAST and int(address) >> 32 & 0xFDFF_FFFF == _ISATAP
    if isatap or any(address in network for network in _ENDING_IN_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.teredo:
        # Its server is asked, too: one that may not be is as bad as a client that may not be.
        return next((part for part in address.teredo if not is_public(part)), address.teredo[1])
    return address.sixtofour or address


def is_public(address: IpAddress) -> bool:
    """Return whether an address belongs to the open internet; one that carries an IPv4 address counts as that."""
    found = _inner(address)
    special = found.is_multicast or any(found in network for network in _SPECIAL)
    return found.is_global and not special and (found.version == 4 or found in _UNICAST)


def is_local(address: IpAddress) -> bool:
    """Return whether an address is this machine's or a private network's own: never link-local, where metadata lies."""
    found = _inner(address)
    odd = found.is_link_local or found.is_multicast or found.is_unspecified or found.is_reserved
    return found.is_loopback or (found.is_private and not odd)


@lru_cache(maxsize=1024)
def is_private(host: str) -> bool:
    """Return whether a host is this machine or an address that is not the open internet's, by how it is written."""
    name = host.lower().rstrip(".")
    address = literal(name)
    return name == "localhost" or name.endswith(".localhost") or bool(address and not is_public(address))


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
