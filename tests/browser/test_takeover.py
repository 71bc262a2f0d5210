import pytest
from tests.browser.frames import Frames
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.raw import opened
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium]


@pytest.fixture
def settings() -> dict[str, str]:
    """Who takes over has no page that could say what is kept, so the form comes at once."""
    return {"PERSISTAUTH_ANSWER_SECONDS": "0"}


@pytest.mark.parametrize("remember", [True, False])
def test_another_connection_gets_nothing(
    tab: Tab, ada: Account, app: AppServer, *, remember: bool
) -> None:
    """Who takes over a Streamlit session just signed in sees the login form and no credential."""
    frames = Frames(tab.page)
    tab.reload()
    tab.sign_in(ada, remember=remember)
    with opened(app.url, session_id=frames.session_id()) as client:
        page = client.run().raw
    assert b"Password" in page
    assert b"Dashboard" not in page
    assert ada.full_name.encode() not in page
    assert b"eyJ" not in page
    assert b"handoff" not in page
