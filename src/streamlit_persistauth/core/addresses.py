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

Network = IPv4Network | IPv6Network
LOOPBACK: Final = "127.0.0.1"


def believed_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of a client, which may be behind proxies.

    The header is read from its end, where each proxy has written whom it heard; the first one
    that is no trusted proxy is the client. What a client wrote itself stands before that.

    uvicorn, which serves Streamlit, believes any proxy on its own machine and puts the header's
    last word in the place of the peer. So a peer that is this word is taken for a local proxy.

    Args:
        peer: The address at the other end, as the server tells it.
        forwarded_for: The header `X-Forwarded-For`, all its lines joined by commas.
        trusted: Networks of proxies whose word counts.

    Returns:
        An address, or `peer` where it is none.
    """
    hops = [hop for hop in map(_parse, forwarded_for.split(",")) if hop is not None]
    nearest = _parse(peer)
    if nearest is None:
        return peer
    if nearest == next((hop for hop in reversed(hops) if str(hop) != LOOPBACK), None):
        nearest = ip_address(LOOPBACK)
    while hops and _is_trusted(nearest, trusted):
        nearest = hops.pop()
    return str(nearest)


def network_of(address: str) -> str:
    """Return whom an address stands for: an IPv4 address, or the /64 that a site has of IPv6."""
    parsed = _parse(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address if parsed is None else str(parsed)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address; one of IPv4 in IPv6 clothes as what it is."""
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
