import pytest
from playwright.sync_api import BrowserContext
from tests.browser.frames import Frames
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("mode", ["served"], indirect=True)]


def test_credential_is_for_the_server_alone(tab: Tab, ada: Account, app: AppServer) -> None:
    """The cookie is HttpOnly and Lax; its value is in no script, storage, document or log."""
    tab.sign_in(ada)
    cookie = tab.jar.stored()
    assert cookie["httpOnly"] is True
    assert cookie["sameSite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"].startswith(".")
    assert len(cookie["name"] + cookie["value"]) < 4_096
    token = cookie["value"]
    for _ in ("in the page that signed in", "after F5"):
        reachable = tab.page.evaluate(
            "document.cookie + JSON.stringify([localStorage, sessionStorage])"
            " + document.documentElement.outerHTML + location.href"
        )
        assert "persistauth" not in tab.page.evaluate("document.cookie")
        assert token.rpartition(".")[2] not in reachable + app.log
        tab.reload()
        tab.expect_dashboard_of(ada)


@pytest.mark.chromium
def test_websockets_never_carry_the_credential(
    ada: Account, app: AppServer, browser: BrowserContext
) -> None:
    """No WebSocket frame carries the credential: at sign-in, on a click, after F5, at log-out."""
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
    assert not frames.contain(token.rpartition(".")[2])
