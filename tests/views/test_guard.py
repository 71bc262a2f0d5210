"""The guard, by session and by role."""

from functools import partial
from typing import NoReturn

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, InvalidToken, User
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.runtime.streamlit_session import forget_page
from streamlit_persistauth.wiring.services import Services

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
SIGN_IN = ["Email", "Password"]


def test_signed_out(ada: User) -> None:
    """A signed-out user sees the login form and the body does not run."""
    page = Page(scripts.guarded)
    assert page.fields == SIGN_IN
    assert page.texts == []
    assert page.errors == page.exceptions == []
    (keep,) = page.test.checkbox
    assert (keep.label, keep.value) == ("Keep me signed in", True)


def test_record_is_gone(ada: User, sql: SQL) -> None:
    """Deleting the session's record signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("DELETE FROM auth_tokens")
    page.run()
    assert page.fields == SIGN_IN
    assert page.texts == []


def test_disabled_meanwhile(ada: User, sql: SQL) -> None:
    """Disabling an account signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("UPDATE users SET is_active = 0")
    assert page.run().texts == []
    assert page.fields == SIGN_IN


def test_expired(ada: User, sql: SQL) -> None:
    """An expired session is signed out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'")
    assert page.run().texts == []


def test_logged_out_from_elsewhere(ada: User) -> None:
    """`logout_user`, called outside a page, signs out at the next run."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    Authenticator().logout_user(ada.id)
    assert page.run().texts == []


@pytest.mark.runner
def test_thread_after_the_end(ada: User, sql: SQL) -> None:
    """In a thread that the app started, each call of a guarded function checks the store."""
    page = Page(scripts.in_a_thread).sign_in(EMAIL, PASSWORD)
    end = partial(sql, "DELETE FROM auth_tokens")
    page.test.session_state["steps"] = (list, list, end, list)
    answers: list[str] = []
    page.test.session_state["answers"] = answers
    page.run()
    assert page.exceptions == []
    assert answers == ["secret", "secret", "SignInRequired", "SignInRequired"]


def test_another_visitor(ada: User) -> None:
    """A visitor does not share the session of another visitor."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    stranger = Page(scripts.guarded)
    assert stranger.texts == []
    assert stranger.fields == SIGN_IN


def test_visitors_never_mix(services: Services) -> None:
    """Visitors who take turns each see their own name."""
    names = [f"Visitor {number}" for number in range(5)]
    pages = []
    for number, name in enumerate(names):
        services.accounts.register(f"v{number}@example.com", PASSWORD, full_name=name)
        pages.append(Page(scripts.guarded).sign_in(f"v{number}@example.com", PASSWORD))
    for _ in range(2):
        for name, page in zip(names, pages, strict=True):
            assert page.run().texts == [f"secret of {name}"]
    pages[2].press("Log out")
    assert [page.run().texts for page in pages].count([]) == 1


def test_decorator(ada: User) -> None:
    """A decorated function runs for a signed-in user and receives that user by name."""
    page = Page(scripts.decorated)
    assert page.texts == []
    assert page.fields == SIGN_IN
    page.sign_in(EMAIL, PASSWORD)
    assert page.texts == ["hello Ada", "footer"]
    assert page.exceptions == []


def test_swallowed_stop(ada: User) -> None:
    """Code that catches every exception does not run the body."""
    page = Page(scripts.swallowing)
    assert "secret" not in page.texts
    assert page.fields == SIGN_IN


def test_roles_denied(ada: User, sql: SQL) -> None:
    """Without the role a user sees one sentence, no body runs, and an event is recorded."""
    page = Page(scripts.for_admins).sign_in(EMAIL, PASSWORD)
    assert page.errors == ["You are not allowed to see this page."]
    assert page.texts == []
    assert page.exceptions == []
    rows = sql("SELECT user_id, details FROM auth_events WHERE event_type = 'access_denied'")
    assert rows
    assert set(rows) == {(ada.id, '{"needed": "admin, owner"}')}


def test_roles_allowed(root: User) -> None:
    """A user with one of the roles sees the page."""
    page = Page(scripts.for_admins).sign_in("root@example.com", PASSWORD)
    assert page.texts == ["secret of Root", "admin: True"]


@pytest.mark.parametrize(
    ("roles", "texts"),
    [("admin", ["secret of Root", "admin: True"]), ([], []), (["adm", "n"], []), ("dmin", [])],
)
def test_roles_oddly_given(root: User, roles: list[str] | str, texts: list[str]) -> None:
    """A string is one role, not its letters, and an empty list matches no user."""
    page = Page(scripts.for_admins, roles=roles).sign_in("root@example.com", PASSWORD)
    assert page.texts == texts
    assert bool(page.errors) is not bool(texts)


def test_roles_taken_away(root: User, sql: SQL) -> None:
    """Removing a role takes effect at the next run."""
    page = Page(scripts.for_admins).sign_in("root@example.com", PASSWORD)
    sql("UPDATE users SET roles = '[]'")
    assert page.run().errors == ["You are not allowed to see this page."]
    assert page.texts == []


def test_callback(ada: User, root: User) -> None:
    """A guarded callback runs only for a user with the role."""
    page = Page(scripts.with_callback, email=EMAIL)
    assert page.press("Delete").texts == ["deleted: None"]
    page.press("Enter")
    assert page.press("Delete").texts == ["deleted: None"]
    admin = Page(scripts.with_callback, email="root@example.com").press("Enter")
    assert admin.press("Delete").texts == ["deleted: all by Root"]
    assert admin.exceptions == page.exceptions == []


def test_callback_after_the_end(root: User, sql: SQL) -> None:
    """A guarded callback does not run after the session was revoked."""
    page = Page(scripts.with_callback, email="root@example.com").press("Enter")
    sql("DELETE FROM auth_tokens")
    assert page.press("Delete").texts == ["deleted: None"]


def test_store_fails(ada: User, sql: SQL) -> None:
    """While the store fails the page shows one sentence; afterwards the user is still signed in."""
    page = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.run()
    assert page.errors == [UNAVAILABLE]
    assert page.texts == []
    assert page.exceptions == []
    assert "auth_tokens" not in page.words
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert page.run().texts == ["secret of Ada"]


def test_refused_though_overtaken(
    ada: User, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that rejects a credential finishes even if the page requests another run.

    The next one would find ended what this one has ended, and not why.
    """
    page = Page.signed_in(scripts.guarded, EMAIL)
    reasons, overtaken = iter(["two people"]), iter([True])

    def refuse(_session_id: str) -> NoReturn:
        raise InvalidToken(next(reasons, "ended"))

    def forget(kept: str) -> bool:
        context = get_script_run_ctx()
        if next(overtaken, False) and context is not None and context.script_requests:
            context.script_requests.request_rerun(RerunData())
        return forget_page(kept)

    monkeypatch.setitem(vars(services.sessions), "resume_session", refuse)
    monkeypatch.setattr("streamlit_persistauth.request.context.forget_page", forget)
    assert "Sign in" in page.run().buttons
    assert next(overtaken, None) is None
    events = services.event_log.find(EventQuery(types=("token_refused",)))
    assert [event.details for event in events] == [{"reason": "two people"}]
