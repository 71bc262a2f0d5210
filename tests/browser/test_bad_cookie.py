import json

import pytest
from tests.browser.account import Account
from tests.browser.encoding import base64url, parts
from tests.browser.handshake import first_page
from tests.browser.jar import NAMES
from tests.browser.server import AppServer
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser


def without_algorithm(token: str) -> str:
    """Spell a credential with the algorithm "none" and no signature."""
    header, payload, _ = parts(token)
    forged = json.dumps({**json.loads(header), "alg": "none"}).encode()
    return f"{base64url(forged)}.{base64url(payload)}."


def garbage(token: str) -> dict[str, str]:
    """Name the values that a browser can be made to keep as our cookie."""
    header, payload, signature = token.split(".")
    return {
        "one letter": "x",
        "as long as a cookie can be": "x" * 4_080,
        "dots": "..",
        "three words": "a.b.c",
        "alg none": without_algorithm(token),
        "escapes": "%00%0d%0a%F0%9F%92%A9%zz%",
        "unicode": "ключ-\u00e9-\u202e",
        "json": '{"sub":1}',
        "quoted": f'"{token}"',
        "escaped dots": f"{header}%2E{payload}%2E{signature}",
    }


def test_garbage_is_a_first_visit(tab: Tab, ada: Account) -> None:
    """Whatever stands in our cookie, the page is the login page, and the garbage is cleared."""
    tab.sign_in(ada)
    good = tab.jar.stored()
    for value in garbage(good["value"]).values():
        tab.jar.put(good, value=value)
        tab.reload()
        tab.expect_login_page()
        tab.jar.wait_until_empty()


def test_garbage_does_not_hinder_a_sign_in(tab: Tab, ada: Account) -> None:
    """Who finds garbage in our cookie on a first visit can sign in and stays so."""
    tab.jar.plant("x")
    tab.reload()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)


@pytest.mark.parametrize("planted", ["garbage", "another person's"])
def test_two_cookies_of_our_name_are_refused(
    tab: Tab, ada: Account, bob: Account, app: AppServer, planted: str
) -> None:
    """A second cookie of our name, sent before or after the good one, signs nobody in."""
    tab.sign_in(bob)
    other = "x" if planted == "garbage" else tab.jar.stored()["value"]
    tab.page.context.clear_cookies()
    tab.open()
    tab.sign_in(ada)
    good = tab.jar.stored()["value"]
    for root, deep in ((good, other), (other, good)):
        tab.page.context.clear_cookies()
        tab.jar.plant(root)
        tab.jar.plant(deep, path="/_stcore")
        tab.reload()
        tab.expect_login_page()


def test_headers_that_no_browser_sends(tab: Tab, ada: Account, app: AppServer) -> None:
    """A raw handshake with an over-long, doubled or broken Cookie header gets the login form."""
    tab.sign_in(ada)
    good = tab.jar.stored()["value"]
    name = NAMES[0]
    assert b"Dashboard" in first_page(app.url, f"{name}={good}")
    for header in (
        f"{name}={'x' * 5_000}",
        f"{name}={good}{'A' * 5_000}",
        f"{name}={good}; {name}=x",
        f"{name}=x; {name}={good}",
        f"{name}=; {name}={good}",
        f"{name}; {name}=",
        f"{name}={good}, {name}={good}",
        f"={name}; ;;{name}=\x80\xff",
    ):
        page = first_page(app.url, header)
        assert b"Password" in page
        assert b"Dashboard" not in page
        assert b"Traceback" not in page
