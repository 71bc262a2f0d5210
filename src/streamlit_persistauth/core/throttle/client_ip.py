"""The address of a client behind proxies, and the network of an address."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_ADDRESS, fits, shorten

Network = IPv4Network | IPv6Network
LOOPBACK: Final = "127.0.0.1"
MAX_HOPS: Final = 32
"""Entries of `X-Forwarded-For` to read, starting at the end."""
MAX_ENTRY: Final = 100
"""Characters of one entry: an address with zone, port and surrounding whitespace."""


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of a client that may be behind trusted proxies.

    Each proxy appends the address of its peer to the header. The header is read from the end while
    the previous address is a trusted proxy; the first other address is the client. The client
    could have written the entries before that one, so they are not read. Reading stops at an entry
    that is not an address.

    Args:
        peer: The address at the other end of the connection.
        forwarded_for: The `X-Forwarded-For` header, with its lines joined by commas.
        trusted: The networks of proxies whose entries are trusted.

    Returns:
        An address, or the beginning of `peer` if that is not an address.
    """
    nearest = _parse(peer)
    if nearest is None:
        return shorten(peer, MAX_ADDRESS)
    for hop in reversed(forwarded_for.rsplit(",", MAX_HOPS)[-MAX_HOPS:]):
        address = _parse(hop) if _is_trusted(nearest, trusted) else None
        if address is None:
            break
        nearest = address
    return str(nearest)


def peer_before_uvicorn(seen: str, forwarded_for: str) -> str:
    """Return the peer of a connection from the address that uvicorn reports.

    uvicorn trusts proxies on its own machine and replaces the peer by the last entry of the header.
    A peer equal to that entry is therefore taken for a proxy on this machine. This is wrong for a
    direct client that sends its own address in the header; `transport_peer` reads the real peer
    where the server makes it available.

    Args:
        seen: The address that uvicorn reports.
        forwarded_for: The `X-Forwarded-For` header, with its lines joined by commas.
    """
    hops = map(_parse, reversed(forwarded_for.rsplit(",", MAX_HOPS)[-MAX_HOPS:]))
    last = next((hop for hop in hops if hop is not None and str(hop) != LOOPBACK), None)
    return LOOPBACK if last is not None and last == _parse(seen) else seen


def network_of(address: str) -> str:
    """Return the network that rate limits apply to: an IPv4 address, or the /64 of an IPv6 one."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return shorten(address, MAX_ADDRESS) if parsed is None else str(parsed)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, or None. An IPv4-mapped IPv6 address is returned as IPv4."""
    if not fits(text, MAX_ENTRY):
        return None
    try:
        address = ip_address(_without_port(text.strip()))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return IPv6Address(int(address))  # without the zone, which a client can choose freely
    return address


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_trusted(address: IPv4Address | IPv6Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
