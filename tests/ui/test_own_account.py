from datetime import timedelta

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import User

NEW = "another-Kettle-94"
DONE = "Your password was changed. All other devices were signed out."


def change(page: Page, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> Page:
    """Fill in the form that changes the password, and send it."""
    page.fill(Current_password=current, New_password=new, Confirm_new_password=again or new)
    return page.press("Change password")


def grow_old(sql: SQL) -> None:
    """Put the proof of every password a day back."""
    sql("UPDATE auth_tokens SET created_at = datetime(created_at, '-1 day')")


def test_change(ada: User, sql: SQL) -> None:
    """A changed password signs every other page out, and this one goes on."""
    page = Page(scripts.changing).sign_in(EMAIL, PASSWORD)
    other = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    change(page)
    assert [item.value for item in page.test.success] == [DONE]
    assert page.exceptions == []
    assert page.run().texts == ["signed in: Ada"]
    assert other.run().texts == []
    assert sql("SELECT count(*) FROM auth_tokens WHERE token_type = 'session'") == [(1,)]
    assert other.sign_in(EMAIL, PASSWORD).errors == ["Invalid email or password."]
    assert other.sign_in(EMAIL, NEW).texts == ["secret of Ada"]


@pytest.mark.parametrize(
    ("current", "new", "again", "message"),
    [
        ("wrong-Kettle-93", NEW, None, "The password is incorrect."),
        (PASSWORD, NEW, "something-else", "The passwords don't match."),
        ("", NEW, None, "Please enter your current password."),
        (PASSWORD, "short", None, "The password must be at least 8 characters long."),
        (PASSWORD, PASSWORD, None, "The new password must be different from the current one."),
    ],
)
def test_refused(ada: User, current: str, new: str, again: str | None, message: str) -> None:
    """What can't be is said in one sentence, and nothing has changed."""
    page = change(Page(scripts.changing).sign_in(EMAIL, PASSWORD), current, new, again)
    assert page.errors == [message]
    assert page.texts == ["signed in: Ada"]
    assert Page(scripts.guarded).sign_in(EMAIL, PASSWORD).texts == ["secret of Ada"]


def test_nothing_typed_stays(ada: User) -> None:
    """What was typed as a password comes back in no field, and stays in no state."""
    page = change(Page(scripts.changing).sign_in(EMAIL, PASSWORD), "wrong-Kettle-93")
    assert {item.value for item in page.test.text_input} == {""}
    assert NEW not in repr(page.state)


def test_signed_out(ada: User) -> None:
    """Who is not signed in sees no such form."""
    assert Page(scripts.own_forms).buttons == []


@pytest.mark.parametrize("max_age", [3600, 3600.0, timedelta(hours=1)])
def test_fresh(ada: User, sql: SQL, max_age: float | timedelta) -> None:
    """A page for fresh proofs opens after a sign-in, and asks again when that is long ago."""
    page = Page(scripts.fresh, max_age=max_age).sign_in(EMAIL, PASSWORD)
    assert page.texts == ["secret of Ada"]
    before = sql("SELECT session_id FROM auth_tokens")
    grow_old(sql)
    page.run()
    assert page.texts == []
    assert page.fields == ["Current password"]
    page.fill(Current_password="wrong-Kettle-93").press("Continue")
    assert page.errors == ["The password is incorrect."]
    assert page.texts == []
    page.fill(Current_password=PASSWORD).press("Continue")
    assert page.texts == ["secret of Ada"]
    after = sql("SELECT session_id FROM auth_tokens")
    assert len(after) == 1
    assert after != before


def test_stale_callback(root: User, sql: SQL) -> None:
    """A callback for fresh proofs does not run when the proof is old."""
    page = Page(scripts.fresh_callback).sign_in("root@example.com", PASSWORD)
    grow_old(sql)
    assert page.press("Delete").texts == ["deleted: None"]


def test_stolen_page_can_not_guess(ada: User, sql: SQL) -> None:
    """The proof is limited like a sign-in, by a count of its own."""
    page = Page(scripts.fresh, max_age=60).sign_in(EMAIL, PASSWORD)
    grow_old(sql)
    page.run()
    for _ in range(6):
        page.fill(Current_password="wrong-Kettle-93").press("Continue")
    assert page.errors == ["Too many attempts. Please try again in 30 seconds."]


def test_throttled_form(ada: User, sql: SQL) -> None:
    """After five wrong passwords the form says how long to wait, and to unknown ones the same."""
    inside = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    for email in (EMAIL, "unknown@example.com"):
        page = Page(scripts.guarded)
        for _ in range(6):
            page.sign_in(email, "wrong-Kettle-93")
        assert page.errors == ["Too many attempts. Please try again in 30 seconds."]
    assert inside.run().texts == ["secret of Ada"]
    stored = repr(sql("SELECT * FROM auth_throttle"))
    assert "example" not in stored
