"""The first administrator on a public address: behind nginx, with the code from the log."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import ADA
from tests.support.nginx import Nginx
from tests.support.server import AppServer
from tests.support.setup_code import WRONG, logged_codes

pytestmark = pytest.mark.browser


@pytest.fixture
def tab(app: AppServer, engine: Browser, tmp_path: Path) -> Iterator[Tab]:
    """A tab with the app open in it, through the proxy."""
    proxy = Nginx(tmp_path / "nginx", app.port, tls=True)
    proxy.start()
    context = engine.new_context(ignore_https_errors=True)
    tab = Tab(context.new_page(), proxy.url)
    tab.open()
    yield tab
    context.close()
    proxy.stop()


@served_first
def test_with_the_code(tab: Tab, app: AppServer) -> None:
    """A wrong code keeps what was typed but the passwords; the right one makes an administrator."""
    expect(tab.page.get_by_role("heading", name="Create the first account")).to_be_visible()
    tab.type("Set-up code", WRONG)
    tab.fill_register(ADA, ADA.password)
    expect(tab.page.get_by_text("This set-up code is wrong or has expired.")).to_be_visible()
    expect(tab.field("Set-up code")).to_be_focused()
    expect(tab.field("Email")).to_have_value(ADA.email)
    expect(tab.field("Password")).to_have_value("")
    (code,) = logged_codes(app.log)
    tab.type("Set-up code", code)
    tab.fill_register(ADA, ADA.password)
    tab.expect_dashboard_of(ADA)
    ((roles,),) = app.database.rows("SELECT roles FROM users")
    assert json.loads(str(roles)) == ["admin"]
    tab.button("Log out").click()
    tab.expect_login_page()
    expect(tab.button("Create the first account")).to_have_count(0)
