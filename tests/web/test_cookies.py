import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.web.cookies import (
    browser_cookie,
    cookie_values,
    credential_cookie,
    set_cookie,
)


def test_names() -> None:
    """The credential's cookie has the prefix on HTTPS only, and the browser's is another."""
    assert credential_cookie("app", secure=True) == "__Host-app"
    assert credential_cookie("app", secure=False) == "app"
    assert browser_cookie("app") not in {"app", "__Host-app"}


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("", []),
        ("app=1", ["1"]),
        ("a=0; app=1; b=2", ["1"]),
        ("app=1; app=2", ["1", "2"]),
        ("app=1;app=2", ["1", "2"]),
        (" app = 1 ", ["1"]),
        ('app="1"', ['"1"']),
        ("app=", [""]),
        ("app", []),
        ("app=a=b", ["a=b"]),
        ("App=1", []),
        ("xapp=1; app_browser=2; __Host-app=3", []),
        (";;; app=1;", ["1"]),
    ],
)
def test_reading(header: str, values: list[str]) -> None:
    """Every value of exactly this name is found, in order."""
    assert cookie_values(header, "app") == values


@given(st.text(), st.text(min_size=1))
def test_reading_anything(header: str, name: str) -> None:
    """Any header at all is read without an exception."""
    assert isinstance(cookie_values(header, name), list)


def attributes(header: str) -> set[str]:
    """What stands behind the value."""
    return set(header.split("; ")[1:])


def test_writing() -> None:
    """A cookie is HttpOnly, SameSite=Lax, for the whole site, and has no Domain."""
    header = set_cookie("app", "value", secure=False, max_age=60)
    assert header.startswith("app=value; ")
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60"}


def test_writing_on_https() -> None:
    """On HTTPS a cookie is Secure too, as its prefix asks for."""
    header = set_cookie("__Host-app", "value", secure=True, max_age=60)
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60", "Secure"}


def test_deleting() -> None:
    """A cookie is deleted with the attributes it was set with."""
    assert "Max-Age=0" in attributes(set_cookie("app", "", secure=True, max_age=0))


def test_until_the_browser_closes() -> None:
    """Without an age a cookie has none."""
    assert "Max-Age" not in set_cookie("app", "value", secure=True)
