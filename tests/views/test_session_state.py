"""What an app sees of the library in `st.session_state`, and what it can do to it."""

from pathlib import Path
from typing import Any

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, ConfigError, User
from streamlit_persistauth.runtime import user_mirror
from streamlit_persistauth.wiring.services import Services

SIGN_IN = ["Email", "Password"]


def test_session_state_is_not_believed(ada: User) -> None:
    """A user that is written to `st.session_state` is not signed in."""
    page = Page(scripts.believing)
    assert page.texts == ["user: None", "admin: False"]
    assert page.fields == SIGN_IN
    page.test.session_state["user"] = User("1", "x@example.com", "Mallory", ("admin",))
    assert page.run().texts == ["user: None", "admin: False"]


def test_session_state_is_mirrored(ada: User, sql: SQL) -> None:
    """`st.session_state` shows the current user."""
    page = Page(scripts.mirrored)
    assert page.texts == ["mirror: None", "same: True"]
    page.sign_in(EMAIL, PASSWORD)
    assert "Ada" in page.texts[0]
    assert page.texts[1] == "same: True"
    page.press("Log out")
    assert page.texts == ["mirror: None", "same: True"]


def test_mirror_while_the_store_fails(ada: User, app: Path, sql: SQL) -> None:
    """While the store does not answer `st.session_state` shows no user."""
    page = Page(scripts.mirrored).sign_in(EMAIL, PASSWORD)
    sql("ALTER TABLE auth_tokens RENAME TO away")
    page.run()
    assert page.texts == ["mirror: None", "same: True"]
    sql("ALTER TABLE away RENAME TO auth_tokens")
    assert "Ada" in page.run().texts[0]


ROOT = "root@example.com"


def shown(page: Page) -> dict[str, Any]:
    """Return what an app sees in the Streamlit session."""
    return page.state.filtered_state


@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("how", ["loop", "update"])
def test_written_back_while_signed_out(root: User, where: str, how: str) -> None:
    """Signing in works in an app that writes its state back, above or below the guard."""
    page = Page(scripts.copying, where=where, how=how)
    assert page.sign_in(ROOT, "wrong").errors == ["Invalid email or password."]
    assert page.exceptions == []
    assert set(shown(page)) == {"mine", "user"}


@pytest.mark.parametrize("where", ["above", "below"])
@pytest.mark.parametrize("how", ["loop", "update"])
def test_written_back_while_signed_in(root: User, where: str, how: str) -> None:
    """Forms and panels work in such an app."""
    page = Page.signed_in(scripts.copying, ROOT, where=where, how=how)
    assert page.run().texts == ["secret of Root"]
    page.press_first("Manage")
    assert page.exceptions == []
    assert set(shown(page)) == {"mine", "user"}
    page.run().press_first("Log out")
    assert page.exceptions == []
    assert "Sign in" in page.buttons


def test_cleared(ada: User) -> None:
    """An app that clears its state stays signed in, and reads the user there again."""
    page = Page.signed_in(scripts.clearing, EMAIL)
    page.press("Begin again")
    assert page.texts == ["secret of Ada"]
    assert shown(page)["user"].full_name == "Ada"


def test_next_user_finds_nothing(services: Services, root: User) -> None:
    """Nothing that one user typed or opened is left for the next user."""
    other = "other@example.com"
    services.accounts.register(other, PASSWORD, full_name="Other", roles=("admin",))
    page = Page.signed_in(scripts.administration, ROOT).fill(Search="lovelace").run()
    assert "lovelace" in repr(page.state)
    page.as_user(other)
    assert page.texts == ["signed in: Other"]
    assert "lovelace" not in repr(page.state)


def test_next_user_finds_nothing_open(ada: User, root: User) -> None:
    """A dialog that one user opened is closed for the next user."""
    page = Page.signed_in(scripts.with_menu, ROOT).press("Account")
    assert "Change name" in page.buttons
    page.as_user(EMAIL)
    assert page.texts == ["signed in: Ada"]
    assert "Change name" not in page.buttons


OWN = {"dictionary": {"id": 7}, "text": "Grace", "number": 0, "another user": User("1", "g@h.i")}


@pytest.mark.parametrize("value", OWN.values(), ids=OWN)
def test_own_value_under_the_key(ada: User, value: object) -> None:
    """The app's own value under the key of the current user is not overwritten."""
    page = Page.signed_in(scripts.with_own_user, EMAIL, value=value)
    assert page.run().texts == [f"own: {value!r}"]


def test_none_under_the_key(ada: User) -> None:
    """An app that initializes the key with None reads the user."""
    page = Page.signed_in(scripts.with_own_user, EMAIL, value=None)
    assert "Ada" in page.run().texts[0]


def test_widget_under_the_key(ada: User, caplog: pytest.LogCaptureFixture) -> None:
    """A widget with this key works once it is known, for all users."""
    Page.signed_in(scripts.with_user_field, EMAIL, key="user").run()
    page = Page.signed_in(scripts.with_user_field, EMAIL, key="user")
    page.fill(Customer="Grace").run()
    page.run()
    assert page.exceptions == []
    assert page.texts == ["typed: Grace"]
    assert caplog.text.count("a widget of the app has the key 'user'") == 1


@pytest.mark.parametrize("key", ["signed_in", None])
def test_widget_beside_another_key(ada: User, key: str | None) -> None:
    """With another key, or none, such a widget works from the first run on."""
    page = Page.signed_in(scripts.with_user_field, EMAIL, key=key)
    assert page.exceptions == []
    assert page.fill(Customer="Grace").run().texts == ["typed: Grace"]


@pytest.mark.parametrize(
    ("key", "expected"), [("user", {"user": "Ada"}), ("who", {"who": "Ada"}), (None, {})]
)
def test_other_key(ada: User, key: str | None, expected: dict[str, str]) -> None:
    """The user is shown under the configured key, or under no key."""
    page = Page.signed_in(scripts.mirrored_as, EMAIL, key=key)
    assert page.texts == [str(expected)]


@pytest.mark.parametrize("key", ["", "$$ID-x"])
def test_impossible_key(app: Path, key: str) -> None:
    """A key that Streamlit refuses is refused when the app starts."""
    with pytest.raises(ConfigError, match="session_state_key"):
        Authenticator(session_state_key=key)


@pytest.fixture(autouse=True)
def unknown_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No widget is known, as after a start."""
    monkeypatch.setattr(user_mirror, "_widgets", set())
