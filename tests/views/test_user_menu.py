"""The menu of the current user."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.wiring.services import Services


@pytest.mark.parametrize("location", ["main", "sidebar", "container"])
def test_menu(ada: User, location: str) -> None:
    """The menu is drawn at the given location, for a signed-in user."""
    page = Page(scripts.with_menu, location=location)
    assert page.buttons == ["Sign in"]
    page = Page.signed_in(scripts.with_menu, EMAIL, location=location)
    assert page.exceptions == []
    assert page.buttons == ["Account", "Log out"]
    in_sidebar = [item.label for item in page.test.sidebar.button]
    assert in_sidebar == (["Account", "Log out"] if location == "sidebar" else [])


def test_log_out(ada: User, services: Services) -> None:
    """The menu's log-out button revokes the session."""
    page = Page.signed_in(scripts.with_menu, EMAIL).press("Log out")
    assert page.texts == []
    assert page.fields == ["Email", "Password"]
    assert services.sessions.live(ada.id) == []


def test_account(ada: User) -> None:
    """The account dialog stays open after a change and shows the answer."""
    page = Page.signed_in(scripts.with_menu, EMAIL).press("Account")
    assert page.fields == ["Full name"]
    page.fill(Full_name="Ada King").press("Change name")
    assert page.exceptions == []
    assert [item.value for item in page.test.success] == ["Your name was changed."]
    assert page.texts == ["signed in: Ada King"]


def test_account_closes_with_the_sign_in(ada: User) -> None:
    """The dialog is closed for the next user on the page."""
    page = Page.signed_in(scripts.with_menu, EMAIL).press("Account").press("Log out")
    page.sign_in(EMAIL, PASSWORD)
    assert page.texts == ["signed in: Ada"]
    assert page.fields == []


@pytest.mark.parametrize(
    "name", ["</style><script>alert(1)</script>", '"} body { display: none } {', "*b* :smile: $x$"]
)
def test_names_are_text(services: Services, name: str) -> None:
    """A name is neither markup nor style."""
    services.accounts.register(EMAIL, PASSWORD, full_name=name)
    page = Page.signed_in(scripts.with_menu, EMAIL)
    (style,) = [found for found in page.test.get("html") if "content:" in found.proto.body]
    assert page.exceptions == []
    assert 'content: "\\0' in style.proto.body
    assert style.proto.body.count("<") == 2  # the style begins and ends
    for piece in ("script", "display: none", "*b*"):
        assert piece not in style.proto.body
    (popover,) = page.test.get("popover")
    assert popover.proto.popover.label == plain(name)
    assert page.test.markdown[0].value == f"**{plain(name)}**"
