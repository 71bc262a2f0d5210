"""The form that asks for the password again."""

from datetime import timedelta

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User


def age_sessions(sql: SQL) -> None:
    """Make every session a day older."""
    sql("UPDATE auth_tokens SET created_at = datetime(created_at, '-1 day')")


@pytest.mark.parametrize("max_age", [3600, 3600.0, timedelta(hours=1)])
def test_fresh(ada: User, sql: SQL, max_age: float | timedelta) -> None:
    """A page with `max_age` opens after a sign-in, and later asks for the password again."""
    page = Page(scripts.fresh, max_age=max_age).sign_in(EMAIL, PASSWORD)
    assert page.texts == ["secret of Ada"]
    before = sql("SELECT session_id FROM auth_tokens")
    age_sessions(sql)
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
    """A callback with `max_age` does not run for an older sign-in."""
    page = Page(scripts.fresh_callback).sign_in("root@example.com", PASSWORD)
    age_sessions(sql)
    assert page.press("Delete").texts == ["deleted: None"]


def test_stolen_page_can_not_guess(ada: User, sql: SQL) -> None:
    """Wrong passwords in the form are throttled by a count of their own."""
    page = Page(scripts.fresh, max_age=60).sign_in(EMAIL, PASSWORD)
    age_sessions(sql)
    page.run()
    for _ in range(6):
        page.fill(Current_password="wrong-Kettle-93").press("Continue")
    assert page.errors == ["Too many attempts. Please try again in 30 seconds."]
