"""The admin panel's sessions."""

from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.admin import captions, opened, show

from streamlit_persistauth import User


def test_live_sessions(root: User, ada: User) -> None:
    """The sessions of all users are listed, with a mark at the current one."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), "sessions")
    assert "2 active sessions" in captions(page)
    assert page.buttons.count("Sign out") == 2
    assert [item.value for item in page.test.markdown].count(":green-badge[You]") == 1
