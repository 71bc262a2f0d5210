"""Network addresses: which one to believe, and which ones belong together."""

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
"""Entries of `X-Forwarded-For` that are read, from its end."""
MAX_ENTRY: Final = 100
"""Characters of one entry: an address with its zone and port, and space around it."""


def believed_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of a client, which may be behind proxies.

    Each proxy appends the address of its peer to the header. So the header is read from its end as
    long as the address before was a trusted proxy's; the first address that is not is the client.
    What the client itself wrote stands before that and is never read. An entry that is no address
    ends the search.

    Args:
        peer: The address at the other end of the connection.
        forwarded_for: The header `X-Forwarded-For`, all its lines joined by commas.
        trusted: Networks of proxies whose entries are believed.

    Returns:
        An address; the beginning of `peer` where that is no address.
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
    """Return the peer of a connection where only what uvicorn made of it is known.

    uvicorn believes proxies on its own machine and puts the last entry of the header in the place
    of the peer. So a peer that is this entry is taken for a proxy on this machine. That is wrong
    for a client that writes its own address there; `transport_peer` knows better where it can be
    asked.

    Args:
        seen: The address that the application gets.
        forwarded_for: The header `X-Forwarded-For`, all its lines joined by commas.
    """
    hops = map(_parse, reversed(forwarded_for.rsplit(",", MAX_HOPS)[-MAX_HOPS:]))
    last = next((hop for hop in hops if hop is not None and str(hop) != LOOPBACK), None)
    return LOOPBACK if last is not None and last == _parse(seen) else seen


def network_of(address: str) -> str:
    """Return whom an address stands for: an IPv4 address, or the /64 that a site has of IPv6."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return shorten(address, MAX_ADDRESS) if parsed is None else str(parsed)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address or None; an IPv4-mapped IPv6 address is returned as IPv4."""
    if not fits(text, MAX_ENTRY):
        return None
    try:
        address = ip_address(_without_port(text.strip()))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        return IPv6Address(int(address))  # without the zone, which a client may vary at will
    return address


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_trusted(address: IPv4Address | IPv6Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
