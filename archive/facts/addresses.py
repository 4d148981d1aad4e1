"""Addresses as text: the host that one names, and the network address that a host may be written as."""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=4096)
def host_of(url: str) -> str:
    """Return an address's host, lower case, with its port where one is named; empty where there is none.

    The host ends where RFC 3986 (section 3.2) says: at a slash, a question mark, a number sign or the end.
    """
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def hostname_of(url: str) -> str:
    """Return an address's host as it is looked up: lower case, without port and brackets; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def literal(host: str) -> IpAddress | None:
    """Return the address that a host is written as, short, decimal, octal and hex forms included; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its name or by any form of a loopback address; nothing is looked up."""
    address = literal(host)
    return address.is_loopback if address is not None else host.lower() == "localhost"
