"""What an app sees of the library in `st.session_state`, and what it can do to it."""

from typing import Any

import pytest
from tests.support import scripts
from tests.support.house import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.parts import Parts

ROOT = "root@example.com"


def shown(page: Page) -> dict[str, Any]:
    """Return what an app sees in the Streamlit session."""
    return page.state.filtered_state


@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("how", ["loop", "update"])
def test_written_back(root: User, where: str, how: str) -> None:
    """An app that writes its state back can be signed in to, used and left."""
    page = Page(scripts.copying, where=where, how=how)
    page.sign_in(ROOT, "wrong")
    assert page.errors == ["Invalid email or password."]
    page.sign_in(ROOT, PASSWORD)
    assert page.exceptions == []
    assert page.texts == ["secret of Root"]
    page.press_first("Manage")
    assert page.exceptions == []
    assert set(shown(page)) == {"mine", "user"}
    page.run().press_first("Log out")
    assert page.exceptions == []
    assert "Sign in" in page.buttons
    assert set(shown(page)) == {"mine", "user"}


def test_cleared(ada: User) -> None:
    """An app that clears its state does not sign anybody out."""
    page = Page(scripts.clearing).sign_in(EMAIL, PASSWORD)
    page.press("Begin again")
    assert page.texts == ["secret of Ada"]


def test_next_user_finds_nothing(parts: Parts, root: User) -> None:
    """What one user has typed and opened, which the app does not see, is gone for the next."""
    other = "other@example.com"
    parts.accounts.register(other, PASSWORD, full_name="Other", roles=("admin",))
    page = Page.signed_in(scripts.administration, ROOT).fill(Search="lovelace").run()
    assert "lovelace" in repr(page.state)
    page.as_user(other)
    assert page.texts == ["signed in: Other"]
    assert "lovelace" not in repr(page.state)


def test_next_user_finds_nothing_open(ada: User, root: User) -> None:
    """The account that one user has opened over the page is not open for the next."""
    page = Page.signed_in(scripts.with_menu, ROOT).press("Account")
    assert "Change name" in page.buttons
    page.as_user(EMAIL)
    assert page.texts == ["signed in: Ada"]
    assert "Change name" not in page.buttons
