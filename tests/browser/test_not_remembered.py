import hashlib
import json
from itertools import product

import jwt
import pytest
from playwright.sync_api import expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.page_sockets import PageSockets
from tests.browser.selection import MODES
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser


@pytest.fixture
def caches() -> str:
    """What the app asks for."""
    return "cookie"


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The app uses these caches."""
    return with_caches(caches)


def secrets_in(text: str) -> set[str]:
    """Return what a server could have hashed: the text, its parts and its claims."""
    found = {text, *text.split("."), *text.split("_")}
    if text.count(".") == 2:
        claims = jwt.decode(text, options={"verify_signature": False})
        found |= {value for value in claims.values() if isinstance(value, str)}
    return found


def rows_that_match(tab: Tab, app: AppServer) -> int:
    """Count the rows whose secret this browser has."""
    secrets = set().union(*(secrets_in(text) for text in tab.jar.texts()))
    hashes = {hashlib.sha256(secret.encode()).hexdigest() for secret in secrets}
    return sum(row[0] in hashes for row in app.database.rows("SELECT token_hash FROM auth_tokens"))


def test_nothing_is_left_that_signs_in(tab: Tab, ada: Account, app: AppServer) -> None:
    """Without the checkbox, F5 and a second tab show the login page, and nothing is stored."""
    tab.sign_in(ada, remember=False)
    tab.button("Click me").click()
    tab.expect_dashboard_of(ada)
    tab.another().expect_login_page()
    for _ in ("in the page that signed in", "after F5"):
        assert tab.jar.credential() is None
        texts = json.dumps(tab.jar.storage()).lower()
        assert "persistauth" not in texts
        assert "eyj" not in texts
        assert rows_that_match(tab, app) == 0
        tab.reload()
        tab.expect_login_page()


@pytest.mark.parametrize("mode", ["plain"])
def test_what_a_ticked_box_leaves(tab: Tab, ada: Account, app: AppServer) -> None:
    """With the checkbox exactly one row matches, so the search above can fail."""
    tab.sign_in(ada)
    assert rows_that_match(tab, app) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "caches"),
    [
        *product(MODES, ["session", "local_storage", "query_param"]),
        ("plain", "cookies_controller"),
    ],
)
def test_lost_connection(tab: Tab, ada: Account, caches: str) -> None:
    """Without the checkbox nothing is stored, but a lost connection does not sign out."""
    sockets = PageSockets(tab.page)
    tab.reload()
    with tab.jar.browser_cookie_changes():
        tab.fill_sign_in(ada.email, ada.password, remember=None if caches == "session" else False)
    tab.expect_dashboard_of(ada)
    for turn in (1, 2):
        sockets.lose_and_wait()
        tab.button("Click me").click()
        expect(tab.page.get_by_text(f"Clicks: {turn}", exact=True)).to_be_visible()
        tab.expect_dashboard_of(ada)
        assert BrowserStorage(tab.page).everything() == {}
    tab.reload()
    tab.expect_login_page()
