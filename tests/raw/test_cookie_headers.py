"""Cookie headers that no browser sends, and values that a browser can be made to keep."""

import pytest
from tests.raw.conftest import Cases
from tests.support.account import ADA
from tests.support.forgery import HEADER, encode, to_json
from tests.support.raw import opened

SECRET = "secret of the house"
NAME = "persistauth"
BROWSER = "_streamlit_xsrf=2|0123|4567|1; persistauth_browser=a-browser"
FORGETTING = (b'"removeCookie"', b"/persistauth/clear")
HEADERS = {
    "over-long": f"{NAME}={'x' * 5_000}",
    "good with a tail": f"{NAME}={{good}}{'A' * 5_000}",
    "good, then bad": f"{NAME}={{good}}; {NAME}=x",
    "bad, then good": f"{NAME}=x; {NAME}={{good}}",
    "empty, then good": f"{NAME}=; {NAME}={{good}}",
    "twice the same": f"{NAME}={{good}}; {NAME}={{good}}",
    "twice with a comma": f"{NAME}={{good}}, {NAME}={{good}}",
    "no value": f"{NAME}; {NAME}=",
    "no name": f"={{good}}; ;;{NAME}=\x80\xff",
}
GARBAGE = {
    "one letter": "x",
    "as long as a cookie can be": "x" * 4_080,
    "dots": "..",
    "three words": "a.b.c",
    "alg none": f"{encode(to_json({**HEADER, 'alg': 'none'}))}.{encode(b'{}')}.",
    "escapes": "%00%0d%0a%F0%9F%92%A9%zz%",
    "json": '{"sub":1}',
    "cut": "{cut}",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_header_that_no_browser_sends(cases: Cases, kind: str) -> None:
    """A doubled, over-long or broken Cookie header gets the form; the credential itself gets in."""
    good = ADA.credential(cases.server.settings)
    with opened(cases.url, cookie=HEADERS[kind].format(good=good)) as client:
        page = client.run("case=decorated")
        assert "Sign in" in page.buttons
        assert SECRET not in page.texts
        assert b"Traceback" not in page.raw
    assert cases.witnessed() == []
    with opened(cases.url, cookie=f"{NAME}={good}") as client:
        assert SECRET in client.run("case=decorated").texts


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_cleared(cases: Cases, kind: str) -> None:
    """A value that is no credential of another app shows the form and is cleared without a word."""
    value = GARBAGE[kind].replace("{cut}", ADA.credential(cases.server.settings)[:-1])
    with opened(cases.url, cookie=f"{NAME}={value}; {BROWSER}") as client:
        first = client.run("case=decorated")
        assert "Sign in" in first.buttons
        assert SECRET not in first.texts
        sent = first.raw + client.run("case=decorated").raw
    assert b"Traceback" not in sent
    assert any(word in sent for word in FORGETTING)
