import pytest
from tests.browser.frames import Frames
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.raw import opened
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium]


@pytest.fixture
def settings() -> dict[str, str]:
    """The form comes at once: the second connection has no page that could answer."""
    return {"PERSISTAUTH_ANSWER_SECONDS": "0"}


def test_another_connection_gets_nothing(tab: Tab, ada: Account, app: AppServer) -> None:
    """A connection that names a signed-in Streamlit session gets the form and no credential."""
    frames = Frames(tab.page)
    tab.reload()
    tab.sign_in(ada)
    with opened(app.url, session_id=frames.session_id()) as client:
        page = client.run().raw
    assert b"Password" in page
    assert b"Dashboard" not in page
    assert ada.full_name.encode() not in page
    assert b"eyJ" not in page
    assert b"handoff" not in page
