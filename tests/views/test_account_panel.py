"""The tabs of the account panel."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User
from streamlit_persistauth.testing import widget_key


def opened(tab: str) -> Page:
    """Return Ada's account with one of its tabs chosen."""
    page = Page.signed_in(scripts.account, EMAIL)
    page.test.session_state[widget_key("persistauth:tabs")] = tab
    return page.run()


def said(test: AppTest) -> str:
    """Return all Markdown texts of a page."""
    return "\n".join([item.value for item in (*test.markdown, *test.caption)])


def test_name(ada: User, sql: SQL) -> None:
    """A new name is shown at once and recorded as an event."""
    page = opened("Profile")
    assert [field.value for field in page.test.text_input] == ["Ada"]
    page.fill(Full_name="Ada King").press("Change name")
    assert [item.value for item in page.test.success] == ["Your name was changed."]
    assert page.texts == ["signed in: Ada King"]
    assert sql("SELECT count(*) FROM auth_events WHERE event_type = 'profile_changed'") == [(1,)]


def test_refused_name(ada: User) -> None:
    """An invalid name is rejected with one sentence, and the typed text stays in the field."""
    page = opened("Profile").fill(Full_name="A" * 201).press("Change name")
    assert page.errors == ["The name can be at most 200 characters long."]
    assert [field.value for field in page.test.text_input] == ["A" * 201]
    assert page.texts == ["signed in: Ada"]


@pytest.mark.runner
def test_email(ada: User) -> None:
    """The address is shown, and the current password is needed to change it."""
    page = opened("Email")
    page.fill(New_email="king@example.com", Current_password=PASSWORD).press("Change email")
    assert page.errors == page.exceptions == []
    assert "king" in said(page.test)


def test_password(ada: User) -> None:
    """The password is changed, and the user stays signed in."""
    page = opened("Password")
    new = "another-Kettle-94"
    page.fill(Current_password=PASSWORD, New_password=new, Confirm_new_password=new)
    page.press("Change password")
    assert page.errors == page.exceptions == []
    assert page.texts == ["signed in: Ada"]


def test_only_the_chosen_tab(ada: User) -> None:
    """Only the open tab is drawn."""
    assert opened("Devices").fields == []
    assert "Sign out" not in opened("Email").buttons
