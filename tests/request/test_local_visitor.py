from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from pydantic import HttpUrl
from streamlit.runtime.context import StreamlitHeaders

from streamlit_persistauth.request import handshake
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.request.local_visitor import is_direct, is_published
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.web.peer import UNIX_SOCKET

CHROMIUM = {
    "Host": "localhost:8501",
    "Connection": "Upgrade",
    "Pragma": "no-cache",
    "Cache-Control": "no-cache",
    "User-Agent": "Mozilla/5.0",
    "Upgrade": "websocket",
    "Origin": "http://localhost:8501",
    "Sec-WebSocket-Version": "13",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en",
    "Cookie": "_streamlit_xsrf=2|0|0|0",
    "Sec-WebSocket-Key": "a2V5",
    "Sec-WebSocket-Protocol": "streamlit, x",
}
FIREFOX = CHROMIUM | {
    "Accept": "*/*",
    "Connection": "keep-alive, Upgrade",
    "DNT": "1",
    "Sec-GPC": "1",
    "Sec-Fetch-Site": "same-origin",
}


def direct(peer: str | None = "127.0.0.1", **changes: str) -> bool:
    """Return whether a connection of Chromium with these headers changed is direct."""
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    return is_direct(peer, StreamlitHeaders((CHROMIUM | changed).items()))


@pytest.mark.parametrize("headers", [CHROMIUM, FIREFOX, {"Host": "127.0.0.1"}])
def test_browser_on_this_machine(headers: dict[str, str]) -> None:
    """Browsers, and programs that send no origin, are direct."""
    assert is_direct("127.0.0.1", StreamlitHeaders(headers.items()))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_loopback(peer: str) -> None:
    """Every loopback address is this machine."""
    assert direct(peer)


@pytest.mark.parametrize(
    "peer",
    [None, "", UNIX_SOCKET, "192.168.0.2", "172.17.0.1", "203.0.113.7", "fe80::1", "x"],
)
def test_other_peers(peer: str | None) -> None:
    """Another machine, the host of a container, a Unix socket and an unknown peer are not."""
    assert not direct(peer)


@pytest.mark.parametrize(
    "name",
    [
        *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via"),
        *("X-Real-IP", "CF-Connecting-IP", "CF-Ray", "True-Client-IP", "Fly-Client-IP"),
        *("X-Request-Id", "X-Amzn-Trace-Id", "X-ProxyContextPath", "Tailscale-User-Login"),
        *("Authorization", "Remote-User", "CDN-Loop", "Traceparent", "x-forwarded-for"),
    ],
)
def test_header_of_a_proxy(name: str) -> None:
    """A header that browsers do not send is that of a proxy, even if its value is loopback."""
    assert not direct(**{name: "127.0.0.1"})
    assert not direct(**{name: ""})


@pytest.mark.parametrize(
    "host",
    [
        *("app.example.com", "app.example.com:8501", "203.0.113.7", "192.168.0.2:8501", ""),
        *("localhost.example.com", "127.0.0.1.example.com", "localhost@example.com"),
        *("[::2]", "[", "localhost:8501:8501.example.com/"),
    ],
)
def test_public_name(host: str) -> None:
    """A public name in `Host` or `Origin` shows a proxy on this machine that adds no header."""
    assert not direct(Host=host)
    assert not direct(Origin=f"https://{host}")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "app.localhost", "[::1]:8501"])
def test_local_name(host: str) -> None:
    """Names and addresses of loopback are this machine."""
    assert direct(Host=host, Origin=f"http://{host}")


def test_page_without_an_origin() -> None:
    """A page in a sandboxed frame has no origin that shows where it is from."""
    assert not direct(Origin="null")


@pytest.mark.parametrize("name", ["Host", "Origin"])
def test_two_values(name: str) -> None:
    """Of two hosts or origins, one may not be loopback."""
    twice = [*CHROMIUM.items(), (name, "http://app.example.com")]
    assert not is_direct("127.0.0.1", StreamlitHeaders(twice))


def test_no_host() -> None:
    """A client that names no host is not taken for a browser on this machine."""
    headers = [item for item in CHROMIUM.items() if item[0] != "Host"]
    assert not is_direct("127.0.0.1", StreamlitHeaders(headers))


def test_program_by_the_agent_api(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that drives the app without a WebSocket is not direct."""
    headers = StreamlitHeaders([("Host", "localhost")])
    context = SimpleNamespace(ip_address=None, locale="en", headers=headers)
    protocol = SimpleNamespace(client=("127.0.0.1", 4711))
    receive = SimpleNamespace(__self__=protocol)
    monkeypatch.setattr(handshake, "st", SimpleNamespace(context=context))
    monkeypatch.setattr(handshake, "in_script_run", lambda: True)
    monkeypatch.setattr(handshake, "connection_client", lambda: None)
    monkeypatch.setattr(handshake, "page_receive", lambda: receive)
    assert not Handshake.current(language="en").direct
    context.headers = StreamlitHeaders(CHROMIUM.items())
    assert Handshake.current(language="en").direct


@pytest.mark.parametrize(
    ("settings", "options", "published"),
    [
        ({}, {}, False),
        ({"public_url": HttpUrl("http://localhost:8501")}, {}, False),
        ({"public_url": HttpUrl("https://app.example.com")}, {}, True),
        ({"trusted_proxies": "127.0.0.1"}, {}, True),
        ({}, {"server.enableCORS": False}, True),
        ({}, {"server.corsAllowedOrigins": ["https://app.example.com"]}, True),
        ({}, {"server.corsAllowedOrigins": ["http://localhost:3000"]}, False),
        ({}, {"browser.serverAddress": "app.example.com"}, True),
        ({}, {"browser.serverAddress": "127.0.0.1"}, False),
    ],
)
def test_published(
    clean_machine: object,
    settings: dict[str, Any],
    options: dict[str, object],
    published: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """A public address in settings or options, or a proxy, is that of a published app."""
    made = AuthSettings(**settings)
    assert is_published(made, lambda name: options.get(name, st.get_option(name))) is published
