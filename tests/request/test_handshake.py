import gc
from types import SimpleNamespace

import pytest
from streamlit.runtime.context import StreamlitHeaders

from streamlit_persistauth.models import Client
from streamlit_persistauth.request import handshake
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.web.connections import HEADER, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.peer import UNIX_SOCKET

COOKIES = Cookies("app")


def browser(header: str, *, served: bool = False) -> str | None:
    """Return the secret that identifies a browser with these cookies."""
    connection = connections.open(base_path="") if served else None
    handshake = Handshake("connection", connection, header, secure=False, client=Client())
    return handshake.browser(COOKIES)


def test_masked_anew() -> None:
    """Streamlit masks its token differently each time; the browser is the same."""
    first, second, another = (
        browser(f"_streamlit_xsrf=2|{masked}|1795520106")
        for masked in ("00000000|0102030405", "ff00ff00|fe02fc04fa", "ff00ff00|fe02fc04fb")
    )
    assert first == second == "0102030405"
    assert another != first


@pytest.mark.parametrize(
    "value", ["secret", "2|0|1|2", "2||ab|1", "2|00||1", "3|00|00|1", "2|x|y|1"]
)
def test_as_it_is(value: str) -> None:
    """A cookie that is not masked is used unchanged."""
    assert browser(f"_streamlit_xsrf={value}") == value


@pytest.mark.parametrize(
    "header", ["", "_streamlit_xsrf=", "_streamlit_xsrf=a; _streamlit_xsrf=b", "app_browser=a"]
)
def test_unknown(header: str) -> None:
    """Without exactly one cookie of that name, a browser is not identified."""
    assert browser(header) is None


def test_served() -> None:
    """Under our middleware only its own cookie identifies a browser."""
    assert browser("_streamlit_xsrf=a; app_browser=b", served=True) == "b"
    assert browser("_streamlit_xsrf=a", served=True) is None


class Opened:
    """A connection of Streamlit's, whose headers are counted when they are read."""

    ip_address = "192.0.2.1"
    locale = "en"

    def __init__(self, key: str) -> None:
        self.key = key
        self.reads = 0

    @property
    def headers(self) -> StreamlitHeaders:
        """The headers of the handshake."""
        self.reads += 1
        upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
        return StreamlitHeaders([*upgrade, ("Sec-Websocket-Key", self.key), ("Cookie", self.key)])


def in_run_of(
    connection: Opened, monkeypatch: pytest.MonkeyPatch, language: str = "en"
) -> Handshake:
    """Return the handshake that a run on a connection sees."""
    monkeypatch.setattr(handshake, "in_script_run", lambda: True)
    monkeypatch.setattr(handshake, "connection_client", lambda: connection)
    monkeypatch.setattr(handshake, "st", SimpleNamespace(context=connection))
    return Handshake.current(language=language)


def test_read_once_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Later runs of a connection read no headers."""
    connection = Opened("one")
    first = in_run_of(connection, monkeypatch)
    reads = connection.reads
    assert in_run_of(connection, monkeypatch) is first
    assert connection.reads == reads
    assert in_run_of(connection, monkeypatch, "de").client.language == "de"


def test_another_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another connection, also of the same Streamlit session, has its own handshake."""
    one, other = (in_run_of(Opened(key), monkeypatch) for key in ("one", "other"))
    assert (one.connection_id, one.cookie_header) == ("one", "one")
    assert (other.connection_id, other.cookie_header) == ("other", "other")


def test_closed_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handshake of a connection is dropped with the connection."""
    gc.collect()
    known = len(handshake._known)
    in_run_of(Opened("one"), monkeypatch)
    monkeypatch.undo()
    gc.collect()
    assert len(handshake._known) == known


def test_unix_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that connects by a Unix socket has the address of this machine, and is no visitor."""
    served = connections.open(base_path="", peer=UNIX_SOCKET)
    upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-Websocket-Key", "key")]
    headers = StreamlitHeaders([*upgrade, ("Host", "localhost"), (HEADER, served.id)])
    connection = SimpleNamespace(ip_address=None, locale="en", headers=headers)
    monkeypatch.setattr(handshake, "in_script_run", lambda: True)
    monkeypatch.setattr(handshake, "connection_client", lambda: None)
    monkeypatch.setattr(handshake, "st", SimpleNamespace(context=connection))
    found = Handshake.current(language="en")
    assert (found.client.ip_address, found.direct) == ("127.0.0.1", False)
    served.peer = "127.0.0.1"
    assert Handshake.current(language="en").direct
    connections.close(served)
