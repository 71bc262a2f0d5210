import json

import pytest
from playwright.sync_api import Browser
from tests.browser.encoding import base64url, services
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.raw import opened
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


def without_algorithm(token: str) -> str:
    """Spell a credential with the algorithm "none" and no signature."""
    header, payload, _ = services(token)
    forged = json.dumps({**json.loads(header), "alg": "none"}).encode()
    return f"{base64url(forged)}.{base64url(payload)}."


def garbage(token: str) -> dict[str, str]:
    """Name the values that a browser can be made to keep as our cookie."""
    return {
        "one letter": "x",
        "as long as a cookie can be": "x" * 4_080,
        "dots": "..",
        "three words": "a.b.c",
        "alg none": without_algorithm(token),
        "escapes": "%00%0d%0a%F0%9F%92%A9%zz%",
        "unicode": "ключ-\u00e9-\u202e",
        "json": '{"sub":1}',
    }


def test_garbage_is_a_first_visit(tab: Tab, ada: Account) -> None:
    """Whatever stands in our cookie is cleared without a word, and hinders no sign-in."""
    tab.sign_in(ada)
    good = tab.jar.stored()
    for value in garbage(good["value"]).values():
        tab.come_back_with(good, value=value)
        tab.expect_login_page()
        tab.jar.wait_until_empty()
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)


def first_page(app: AppServer, cookie: str) -> bytes:
    """Visit an app with a Cookie header, as it is, and return all that its first run sent."""
    with opened(app.url, cookie=cookie) as client:
        return client.run().raw


def credential_of(account: Account, engine: Browser, url: str) -> str:
    """Sign somebody in with a browser of their own and return what it keeps."""
    with engine.new_context() as context:
        tab = Tab(context.new_page(), url)
        tab.open()
        tab.sign_in(account)
        return tab.jar.stored()["value"]


@pytest.mark.parametrize("planted", ["garbage", "another person's"])
def test_two_cookies_of_our_name_are_refused(
    tab: Tab, ada: Account, bob: Account, engine: Browser, planted: str
) -> None:
    """A second cookie of our name, sent before or after the good one, signs nobody in."""
    tab.sign_in(ada)
    good = tab.jar.stored()["value"]
    other = "x" if planted == "garbage" else credential_of(bob, engine, tab.url)
    for root, deep in ((good, other), (other, good)):
        with engine.new_context() as context:
            victim = Tab(context.new_page(), tab.url)
            victim.jar.plant(victim.url, root)
            victim.jar.plant(victim.url, deep, path="/_stcore")
            victim.open()
            victim.expect_login_page()


def test_headers_that_no_browser_sends(tab: Tab, ada: Account, app: AppServer) -> None:
    """A raw handshake with an over-long, doubled or broken Cookie header gets the login form."""
    tab.sign_in(ada)
    good = tab.jar.stored()["value"]
    name = "persistauth"
    headers = {
        "over-long": f"{name}={'x' * 5_000}",
        "good with a tail": f"{name}={good}{'A' * 5_000}",
        "good, then bad": f"{name}={good}; {name}=x",
        "bad, then good": f"{name}=x; {name}={good}",
        "empty, then good": f"{name}=; {name}={good}",
        "twice the same": f"{name}={good}; {name}={good}",
        "twice with a comma": f"{name}={good}, {name}={good}",
        "no value": f"{name}; {name}=",
        "no name": f"={good}; ;;{name}=\x80\xff",
    }
    pages = {kind: first_page(app, header) for kind, header in headers.items()}
    assert [kind for kind, page in pages.items() if b"Dashboard" in page] == []
    assert [kind for kind, page in pages.items() if b"Password" not in page] == []
    assert [kind for kind, page in pages.items() if b"Traceback" in page] == []
    assert b"Dashboard" in first_page(app, f"{name}={good}")
