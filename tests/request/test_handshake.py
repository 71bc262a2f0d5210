import pytest

from streamlit_persistauth.models import Client
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies

COOKIES = Cookies("app")


def browser(header: str, *, served: bool = False) -> str | None:
    """Return what a browser with these cookies is known by."""
    connection = connections.open(base_path="") if served else None
    handshake = Handshake("connection", connection, header, secure=False, client=Client())
    return handshake.browser(COOKIES)


def test_masked_anew() -> None:
    """Streamlit masks its token anew each time, and yet the browser is the same one."""
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
    """Whatever is not masked like that is taken as it is."""
    assert browser(f"_streamlit_xsrf={value}") == value


@pytest.mark.parametrize(
    "header", ["", "_streamlit_xsrf=", "_streamlit_xsrf=a; _streamlit_xsrf=b", "app_browser=a"]
)
def test_unknown(header: str) -> None:
    """Without one cookie of that name a browser is unknown."""
    assert browser(header) is None


def test_served() -> None:
    """Under our middleware only its own cookie counts."""
    assert browser("_streamlit_xsrf=a; app_browser=b", served=True) == "b"
    assert browser("_streamlit_xsrf=a", served=True) is None
