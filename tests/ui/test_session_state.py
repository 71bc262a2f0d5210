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
def test_written_back_while_signed_out(root: User, where: str, how: str) -> None:
    """An app that writes its state back, above or below the guard, can be signed in to."""
    page = Page(scripts.copying, where=where, how=how)
    assert page.sign_in(ROOT, "wrong").errors == ["Invalid email or password."]
    assert page.exceptions == []
    assert set(shown(page)) == {"mine", "user"}


@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("how", ["loop", "update"])
def test_written_back_while_signed_in(root: User, where: str, how: str) -> None:
    """Such an app can draw every form and panel, which are used as in any other."""
    page = Page.signed_in(scripts.copying, ROOT, where=where, how=how)
    assert page.run().texts == ["secret of Root"]
    page.press_first("Manage")
    assert page.exceptions == []
    assert set(shown(page)) == {"mine", "user"}
    page.run().press_first("Log out")
    assert page.exceptions == []
    assert "Sign in" in page.buttons


def test_cleared(ada: User) -> None:
    """An app that clears its state does not sign anybody out."""
    page = Page.signed_in(scripts.clearing, EMAIL)
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
