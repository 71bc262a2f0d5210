"""Checks of the trusted proxies, which report the addresses of visitors."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from streamlit_persistauth.core.throttle.client_ip import Network
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, warning

WIDEST: Final = {4: 8, 6: 7}
"""The shortest prefixes of a private network: 10.0.0.0/8 and fc00::/7."""


def check_proxies(deployment: Deployment) -> Iterator[Finding]:
    """Find a proxy that is not trusted, and networks that are too wide."""
    settings = deployment.settings
    url = settings.public_url
    is_proxied = url is not None and url.scheme == "https" and not deployment.options["tls"]
    if is_proxied and not settings.trusted_proxies:
        yield warning(
            "proxies-unset",
            "The app is behind an HTTPS proxy that is not trusted: all visitors share one limit "
            "on attempts, so an attacker can lock out all users.",
            "Set PERSISTAUTH_TRUSTED_PROXIES to the proxy's network, such as 127.0.0.1.",
        )
    for network in settings.trusted_proxies:
        if _is_wide(network):
            yield error(
                "proxies-everybody",
                f"PERSISTAUTH_TRUSTED_PROXIES contains {network}: visitors can forge their "
                "address, and guess passwords without limit.",
                "Name only the network of the proxy.",
            )
    yield from _check_uvicorn(deployment)


def _check_uvicorn(deployment: Deployment) -> Iterator[Finding]:
    """Find a uvicorn, which serves Streamlit, that trusts every client as a proxy."""
    allowed = deployment.environment.get("FORWARDED_ALLOW_IPS", "")
    if any(map(_matches_all, allowed.split(","))):
        yield warning(
            "proxies-uvicorn",
            f"FORWARDED_ALLOW_IPS={allowed} lets every client forge its address for uvicorn. The "
            "library uses PERSISTAUTH_TRUSTED_PROXIES instead, but other code of the app may read "
            "the forged address.",
            "Set it to the address of the proxy, or unset it.",
        )


def _matches_all(text: str) -> bool:
    """Return whether an entry of FORWARDED_ALLOW_IPS matches all or nearly all clients."""
    try:
        return text.strip() == "*" or _is_wide(ip_network(text.strip()))
    except ValueError:
        return False


def _is_wide(network: Network) -> bool:
    return network.prefixlen < WIDEST[network.version]
