import pytest

from streamlit_persistauth.models import Client
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies

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
