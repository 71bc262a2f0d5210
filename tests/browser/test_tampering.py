import json

import pytest
from tests.browser.encoding import base64url, segments
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser


@pytest.fixture
def caches() -> str:
    """Where the app keeps its credential."""
    return "cookie"


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The app uses this cache."""
    return with_caches(caches)


def with_another_signature(token: str) -> str:
    """Change one character in the middle of the signature."""
    signed, _, signature = token.rpartition(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{signed}.{signature[:middle]}{other}{signature[middle + 1 :]}"


def with_another_key_id(token: str) -> str:
    """Change one digit of the key's id, so that the header names a key of another app."""
    header = json.loads(segments(token)[0])
    other = "0" if header["kid"][0] != "0" else "1"
    changed = {**header, "kid": other + header["kid"][1:]}
    return f"{base64url(json.dumps(changed).encode())}.{token.partition('.')[2]}"


@pytest.mark.parametrize(
    ("mode", "caches"),
    [
        ("plain", "cookie"),
        ("served", "cookie"),
        pytest.param("plain", "cookies_controller", marks=pytest.mark.slow),
    ],
)
def test_one_changed_character_signs_out(tab: Tab, ada: Account) -> None:
    """A changed credential shows the login page; it is cleared, unless it names another key.

    That one may be valid at another app on the same host.
    """
    tab.sign_in(ada)
    good = tab.jar.stored()
    tab.come_back_with(good, value=with_another_signature(good["value"]))
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    foreign = with_another_key_id(good["value"])
    tab.come_back_with(good, value=foreign)
    tab.expect_login_page()
    assert tab.jar.stored()["value"] == foreign
    tab.come_back_with(good)
    tab.expect_dashboard_of(ada)


@served_first
def test_cut_credential_signs_out(tab: Tab, ada: Account) -> None:
    """A cut credential is refused and cleared, and its owner can sign in again."""
    tab.sign_in(ada)
    good = tab.jar.stored()
    tab.come_back_with(good, value=good["value"][:-1])
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)
