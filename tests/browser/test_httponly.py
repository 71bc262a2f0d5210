import pytest
from playwright.sync_api import BrowserContext
from tests.browser.account import Account
from tests.browser.frames import Frames
from tests.browser.server import AppServer
from tests.browser.tab import Tab

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("mode", ["served"], indirect=True)]


def test_attributes(tab: Tab, ada: Account) -> None:
    """The credential cookie is HttpOnly, SameSite=Lax, for the whole site, for this host only."""
    tab.sign_in(ada)
    cookie = tab.jar.stored()
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"].startswith(".")
    assert len(cookie["name"] + cookie["value"]) < 4_096


def test_scripts_never_see_the_credential(tab: Tab, ada: Account) -> None:
    """No script can read the credential: not in document.cookie, in storage or in the document."""
    tab.sign_in(ada)
    token = tab.jar.stored()["value"]
    for _ in ("in the page that signed in", "after F5"):
        reachable = tab.page.evaluate(
            "document.cookie + JSON.stringify([localStorage, sessionStorage])"
            " + document.documentElement.outerHTML + location.href"
        )
        assert token not in reachable
        assert token.rpartition(".")[2] not in reachable
        tab.reload()
        tab.expect_dashboard_of(ada)


def test_websockets_never_carry_the_credential(
    ada: Account, app: AppServer, browser: BrowserContext
) -> None:
    """No WebSocket frame carries the credential: at sign-in, on a click, after F5, at logout."""
    tab = Tab(browser.new_page(), app.url)
    frames = Frames(tab.page)
    tab.open()
    tab.sign_in(ada)
    token = tab.jar.stored()["value"]
    tab.button("Click me").click()
    tab.reload()
    tab.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    assert frames.contain("Dashboard")
    assert not frames.contain(token)
    assert not frames.contain(token.rpartition(".")[2])


def test_the_log_never_carries_the_credential(tab: Tab, ada: Account, app: AppServer) -> None:
    """The server's log holds neither the credential nor its signature."""
    tab.sign_in(ada)
    token = tab.jar.stored()["value"]
    tab.reload()
    tab.expect_dashboard_of(ada)
    assert token.rpartition(".")[2] not in app.log
