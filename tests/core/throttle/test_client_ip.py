from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.core.throttle.client_ip import (
    client_address,
    network_of,
    peer_before_uvicorn,
)

LOCAL = (ip_network("127.0.0.0/8"),)
CHAIN = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8:aa::/48"))


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("203.0.113.7", "1.1.1.1, 2.2.2.2", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1", "127.0.0.1"),
        ("198.51.100.1", "198.51.100.1", "198.51.100.1"),
        ("198.51.100.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("nonsense" * 100, "198.51.100.1", ("nonsense" * 100)[:45]),
    ],
)
def test_nobody_trusted(peer: str, header: str, address: str) -> None:
    """Without trusted proxies the header has no effect."""
    assert client_address(peer, header, ()) == address


@pytest.mark.parametrize(
    ("seen", "header", "peer"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("198.51.100.1", "198.51.100.1", "127.0.0.1"),
        ("198.51.100.1", "6.6.6.6, 198.51.100.1", "127.0.0.1"),
        ("198.51.100.1", "6.6.6.6, 198.51.100.1, 127.0.0.1", "127.0.0.1"),
        ("6.6.6.6", "6.6.6.6, 198.51.100.1", "6.6.6.6"),
    ],
)
def test_peer_that_uvicorn_hides(seen: str, header: str, peer: str) -> None:
    """If only the last entry of the header is known, it came from a proxy on this machine."""
    assert peer_before_uvicorn(seen, header) == peer


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6,", "127.0.0.1"),
        ("127.0.0.1", f"6.6.6.6, {' ' * 100}198.51.100.1", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
    ],
)
def test_local_proxy(peer: str, header: str, address: str) -> None:
    """A trusted proxy on this machine reports its peer; earlier entries are ignored."""
    assert client_address(peer, header, LOCAL) == address


@pytest.mark.parametrize(
    ("peer", "header", "address"),
    [
        ("10.1.1.1", "6.6.6.6, 198.51.100.1, 10.2.2.2", "198.51.100.1"),
        ("10.1.1.1", "198.51.100.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.1.1.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"),
        ("2001:db8:aa::1", "2001:db8:bb::5, 10.2.2.2", "2001:db8:bb::5"),
    ],
)
def test_chain(peer: str, header: str, address: str) -> None:
    """Trusted proxies are skipped from the near end up to the first other address."""
    assert client_address(peer, header, CHAIN) == address


@given(st.text(max_size=60))
def test_spoofed(header: str) -> None:
    """A client cannot change its address by the header."""
    assert client_address("203.0.113.7", header, ()) == "203.0.113.7"


@given(st.text(max_size=60))
def test_spoofed_behind_a_proxy(written: str) -> None:
    """Entries that a client sends to the trusted proxy are ignored."""
    header = f"{written}, 198.51.100.1"
    assert client_address("127.0.0.1", header, LOCAL) == "198.51.100.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "nonsense"),
    ],
)
def test_networks(address: str, network: str) -> None:
    """The network of an IPv4 address is itself, that of an IPv6 address its /64."""
    assert network_of(address) == network
