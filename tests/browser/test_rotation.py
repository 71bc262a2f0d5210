import pytest
from playwright.sync_api import Browser, expect
from tests.browser.polling import until
from tests.browser.selection import plain_first
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> dict[str, str]:
    """An app whose credentials are due for renewal at every visit."""
    return {"PERSISTAUTH_RENEWAL": "on", "TOKEN_EXPIRY_HOURS": "0.00001"}


def expect_renewed(tab: Tab, old: str) -> str:
    """Wait until the browser keeps another credential, and return it."""
    until(tab.page, lambda: tab.jar.stored()["value"] != old, "a new credential is kept")
    return tab.jar.stored()["value"]


@plain_first
def test_renewed_and_stolen(tab: Tab, ada: Account, app: AppServer, engine: Browser) -> None:
    """F5 renews without a form; the old cookie in another browser revokes the session for both."""
    tab.sign_in(ada)
    old = tab.jar.stored()
    open_tab = tab.another()
    open_tab.expect_dashboard_of(ada)
    kept = expect_renewed(tab, old["value"])
    for _ in range(3):
        tab.reload()
        tab.expect_dashboard_of(ada)
        kept = expect_renewed(tab, kept)
        assert not login_form_was_drawn(tab.page)
    until(
        tab.page,
        lambda: app.database.events().count("session_renewed") >= 2,
        "the new one came back",
    )
    assert app.database.rows("SELECT count(*) FROM auth_tokens") == [(1,)]
    open_tab.button("Click me").click()
    expect(open_tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    open_tab.expect_dashboard_of(ada)
    assert "reuse_detected" not in app.database.events()

    app.database.execute("UPDATE auth_tokens SET rotated_at = datetime(rotated_at, '-1 hour')")
    thief = Tab(engine.new_context().new_page(), app.url)
    thief.jar.put(old)
    thief.open()
    thief.expect_login_page()
    assert "reuse_detected" in app.database.events()
    for robbed in (tab, open_tab):
        robbed.reload()
        robbed.expect_login_page()
    thief.page.context.close()


@pytest.mark.slow
def test_log_out_in_an_old_tab(tab: Tab, ada: Account, app: AppServer) -> None:
    """A tab from before some renewals can log out, and no theft is reported."""
    tab.sign_in(ada)
    kept = tab.jar.stored()["value"]
    other = tab.another()
    kept = expect_renewed(other, kept)
    for _ in range(3):
        other.reload()
        other.expect_dashboard_of(ada)
        kept = expect_renewed(other, kept)
    app.database.execute("UPDATE auth_tokens SET rotated_at = datetime(rotated_at, '-1 hour')")
    tab.button("Log out").click()
    tab.expect_login_page()
    other.reload()
    other.expect_login_page()
    assert "reuse_detected" not in app.database.events()
