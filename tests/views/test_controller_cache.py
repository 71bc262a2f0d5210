from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User


def test_without_a_browser(ada: User) -> None:
    """Streamlit's test runner runs an app with `cache="cookies_controller"`."""
    page = Page(scripts.cached, cache="cookies_controller")
    assert page.sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]
    assert page.run().texts == ["secret of Ada"]
