"""Proxies, whose word about a visitor's address is believed or not."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from streamlit_persistauth.core.throttle.client_ip import Network
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, warning

WIDEST: Final = {4: 8, 6: 7}
"""The shortest prefixes that a network of one's own may have: 10.0.0.0/8 and fc00::/7."""


def check_proxies(deployment: Deployment) -> Iterator[Finding]:
    """Find a proxy that is not known, and networks that are too wide."""
    settings = deployment.settings
    url = settings.public_url
    behind = url is not None and url.scheme == "https" and not deployment.options["tls"]
    if behind and not settings.trusted_proxies:
        yield warning(
            "proxies-unset",
            "The app is HTTPS by a proxy, whose word is not believed: all visitors share one "
            "limit on guesses, so a stranger can lock everybody out.",
            "Set PERSISTAUTH_TRUSTED_PROXIES to the proxy's network, such as 127.0.0.1.",
        )
    for network in settings.trusted_proxies:
        if _is_wide(network):
            yield error(
                "proxies-everybody",
                f"PERSISTAUTH_TRUSTED_PROXIES has {network}: visitors can write their own "
                "address, and guess without limit.",
                "Name the proxy's own network.",
            )
    yield from _check_uvicorn(deployment)


def _check_uvicorn(deployment: Deployment) -> Iterator[Finding]:
    """Find what uvicorn, which serves Streamlit, is told of proxies."""
    allowed = deployment.environment.get("FORWARDED_ALLOW_IPS", "")
    if any(map(_is_everybody, allowed.split(","))):
        yield warning(
            "proxies-uvicorn",
            f"FORWARDED_ALLOW_IPS={allowed} lets every client write its own address for uvicorn. "
            "PERSISTAUTH_TRUSTED_PROXIES decides what is believed here; other code of the app may "
            "read the address that was made up.",
            "Name the proxy's own address in it, or leave it unset.",
        )


def _is_everybody(text: str) -> bool:
    """Return whether an entry of FORWARDED_ALLOW_IPS is every client, or nearly every."""
    try:
        return text.strip() == "*" or _is_wide(ip_network(text.strip()))
    except ValueError:
        return False


def _is_wide(network: Network) -> bool:
    return network.prefixlen < WIDEST[network.version]
