"""The log-out button, and logging out by program."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import User

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
SIGN_IN = ["Email", "Password"]


def test_log_out(ada: User, sql: SQL) -> None:
    """Logging out shows the form, deletes the session's record and is an event."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    assert sql("SELECT count(*) FROM auth_tokens") == [(1,)]
    page.press("Log out")
    assert page.fields == SIGN_IN
    assert page.texts == []
    assert sql("SELECT count(*) FROM auth_tokens") == [(0,)]
    assert page.run().texts == []
    events = [row[0] for row in sql("SELECT event_type FROM auth_events ORDER BY id")]
    assert events == ["registered", "login", "logout"]


@pytest.mark.runner
def test_next_visitor_on_the_same_page(ada: User, root: User) -> None:
    """The next user on a page sees nothing of the previous one."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD).press("Log out")
    page.sign_in("root@example.com", PASSWORD)
    assert page.texts == ["secret of Root"]
    assert "Ada" not in page.words


def test_store_fails_at_log_out(ada: User, sql: SQL) -> None:
    """If the session can't be revoked, the page shows an error and the user stays signed in."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("CREATE TRIGGER no BEFORE DELETE ON auth_tokens BEGIN SELECT RAISE(ABORT, 'canary'); END")
    page.press("Log out")
    assert UNAVAILABLE in page.errors
    assert "canary" not in page.words
    assert page.exceptions == []
    sql("DROP TRIGGER no")
    page.press("Log out")
    assert page.fields == SIGN_IN


def test_logout_scopes(ada: User) -> None:
    """`others` revokes all sessions except the current one; `global` revokes all."""
    here, there = Page(scripts.programmatic), Page(scripts.programmatic)
    here.press("in")
    there.press("in")
    assert here.run().texts == ["user: Ada", "sessions: 2"]
    assert here.press("others").texts == ["user: Ada", "sessions: 1"]
    assert there.run().texts == ["user: None", "sessions: 0"]
    there.press("in")
    here.press("global")
    assert here.run().texts == there.run().texts == ["user: None", "sessions: 0"]
