"""Whether the page of a request is HTTPS."""

import pytest

from streamlit_persistauth.web.request_cookies import is_https


@pytest.mark.parametrize(
    ("origin", "scheme", "forwarded", "expected"),
    [
        ("https://app.example", "http", "http", True),
        ("http://app.example", "https", "https", False),
        ("", "https", "", True),
        ("", "http", "https", True),
        ("", "http", "https, http", True),
        ("", "http", "http, https", False),
        ("null", "http", "https", True),
        ("null", "http", "", False),
        ("", "ws", "", False),
    ],
)
def test_https(origin: str, scheme: str, forwarded: str, *, expected: bool) -> None:
    """The origin decides; without one, the scheme and `X-Forwarded-Proto`."""
    headers = {"Origin": origin, "X-Forwarded-Proto": forwarded}
    assert is_https(headers, scheme) is expected
