"""The app behind nginx: with TLS, below a path, and on IPv6."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.browser.selection import MODES, cases
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.nginx import Nginx
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Front:
    """How the proxy is reached."""

    address: str
    tls: bool
    path: str = ""


FRONTS = {
    "https": Front("127.0.0.1", tls=True),
    "https below a path": Front("127.0.0.1", tls=True, path="team/app"),
    "ipv6": Front("[::1]", tls=False),
    "https on ipv6": Front("[::1]", tls=True),
}


@pytest.fixture
def front(way: str) -> Front:
    """One of these."""
    return FRONTS[way]


@pytest.fixture
def settings(front: Front) -> dict[str, str]:
    """The app is served below the path."""
    return {"STREAMLIT_SERVER_BASE_URL_PATH": front.path} if front.path else {}


@pytest.fixture
def tab(app: AppServer, front: Front, engine: Browser, tmp_path: Path) -> Iterator[Tab]:
    """A tab with the app open in it, through the proxy."""
    proxy = Nginx(tmp_path / "nginx", app.port, address=front.address, tls=front.tls)
    proxy.start()
    context = engine.new_context(ignore_https_errors=True)
    tab = Tab(context.new_page(), proxy.url + front.path)
    tab.open()
    yield tab
    context.close()
    proxy.stop()


@pytest.mark.parametrize(
    ("mode", "way"),
    cases(MODES, FRONTS, quick=[("served", "https below a path")]),
)
def test_main_way(tab: Tab, ada: Account, app: AppServer, front: Front, mode: str) -> None:
    """Sign-in, F5, restart, second tab and log-out work; the cookie is as strict as possible."""
    tab.sign_in(ada)
    cookie = tab.jar.stored()
    name = "persistauth-team-app-e46f7d74" if front.path else "persistauth"
    assert cookie["name"] == ("__Host-" + name if front.tls else name)
    assert cookie["secure"] is front.tls
    assert cookie["httpOnly"] is (mode == "served")
    assert cookie["path"] == "/"
    tab.reload()
    tab.expect_dashboard_of(ada)
    app.restart()
    tab.reload()
    tab.expect_dashboard_of(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    other.expect_notified()
    tab.button("Log out").click()
    tab.expect_login_page()
    other.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()
