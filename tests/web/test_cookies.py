import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.web.cookies import MAX_BYTES, Cookies, cookie_values

COOKIES = Cookies("app")


def test_names() -> None:
    """Both cookies have the prefix on HTTPS only, and their names differ."""
    assert COOKIES.credential(secure=True) == "__Host-app"
    assert COOKIES.credential(secure=False) == "app"
    assert COOKIES.browser(secure=True) == "__Host-app_browser"
    assert COOKIES.browser(secure=False) == "app_browser"


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("app_browser=planted; __Host-app_browser=own", ["own"]),
        ("__Host-app_browser=own; app_browser=planted; app_browser=another", ["own"]),
        ("app_browser=own", ["own"]),
        ("app_browser=one; app_browser=two", ["one", "two"]),
        ("app=1", []),
    ],
)
def test_browser_planted_by_a_neighbour(header: str, values: list[str]) -> None:
    """A cookie that a neighbouring host can plant is ignored beside one that it can't."""
    assert COOKIES.browser_values(header) == values


@pytest.mark.parametrize(
    ("path", "name", "called", "kept_below"),
    [
        ("", "persistauth", "persistauth", "/"),
        ("/one", "persistauth", "persistauth-one", "/one"),
        ("/one/two", "persistauth", "persistauth-one-two-eb46f9ae", "/one/two"),
        ("/one-two", "persistauth", "persistauth-one-two", "/one-two"),
        ("/one", "chosen", "chosen-one", "/one"),
    ],
)
def test_below_a_path(path: str, name: str, called: str, kept_below: str) -> None:
    """Apps below different paths have different cookies, whatever their name."""
    cookies = Cookies.below(path, name=name, embedded=False)
    assert cookies == Cookies(called, kept_below)


def test_path() -> None:
    """A cookie is for the app's path; one with the prefix must be for the whole host."""
    cookies = Cookies("app", path="/one")
    assert "Path=/one" in attributes(cookies.set("app", "value", secure=False))
    assert "Path=/one" in attributes(cookies.set("app_browser", "value", secure=False))
    assert "Path=/" in attributes(cookies.set("__Host-app", "value", secure=True))


def test_too_long() -> None:
    """A cookie that is too long for any browser is refused."""
    longest = "v" * (MAX_BYTES - len("app"))
    COOKIES.set("app", longest, secure=False)
    with pytest.raises(ValueError, match="app would be longer than 4096 bytes"):
        COOKIES.set("app", longest + "v", secure=False)


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
    """Every header is read without an exception."""
    assert isinstance(cookie_values(header, name), list)


def attributes(header: str) -> set[str]:
    """The attributes after the value."""
    return set(header.split("; ")[1:])


def test_setting() -> None:
    """A cookie is HttpOnly, SameSite=Lax, for the whole site, and has no Domain."""
    header = COOKIES.set("app", "value", secure=False, max_age=60)
    assert header.startswith("app=value; ")
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60"}


def test_setting_on_https() -> None:
    """On HTTPS a cookie is Secure too, as its prefix requires."""
    header = COOKIES.set("__Host-app", "value", secure=True, max_age=60)
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60", "Secure"}


def test_writing_by_script() -> None:
    """A script writes the same text without HttpOnly, which it can't set."""
    cookie = COOKIES.cookie("__Host-app", "value", secure=True, max_age=60)
    assert attributes(cookie.text) == {"Path=/", "SameSite=Lax", "Max-Age=60", "Secure"}


def test_in_frames_of_other_sites() -> None:
    """On HTTPS a cookie can be for frames too, in a jar for each site; on HTTP it can't."""
    cookies = Cookies("app", embedded=True)
    header = cookies.set("__Host-app", "value", secure=True)
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=None", "Secure", "Partitioned"}
    header = cookies.set("app", "value", secure=False)
    assert attributes(header) == {"Path=/", "HttpOnly", "SameSite=Lax"}


def test_deleting() -> None:
    """A cookie is deleted with the attributes it was set with."""
    kept = attributes(COOKIES.set("app", "value", secure=True))
    assert attributes(COOKIES.set("app", "", secure=True, max_age=0)) == kept | {"Max-Age=0"}


def test_until_the_browser_closes() -> None:
    """Without `max_age` a cookie has none."""
    assert "Max-Age" not in COOKIES.set("app", "value", secure=True)
