"""`signed_in` on pages of Streamlit's `AppTest`."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from tests.support import scripts
from tests.support.page import kept_main

from streamlit_persistauth import Authenticator, AuthSettings, ConfigError, InvalidEmail, User
from streamlit_persistauth.testing import signed_in

ADA = User("1", "ada@example.org", "Ada Lovelace", ("admin", "editor"))
BOB = User("2", "bob@example.org", "Bob")


@pytest.fixture(autouse=True)
def home(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Each test has its own database."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", f"sqlite:///{clean_machine / 'test.db'}")
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    with kept_main():
        yield clean_machine


def page(script: object, **kwargs: object) -> AppTest:
    """A page that has not run yet."""
    return AppTest.from_function(script, default_timeout=30, kwargs=kwargs)  # type: ignore[arg-type]


def texts(at: AppTest) -> list[str]:
    """Return what the app wrote."""
    assert not at.exception
    return [item.value for item in at.text]


def press(at: AppTest, label: str) -> AppTest:
    """Press a button and run the page."""
    (button,) = [item for item in at.button if item.label == label]
    return button.click().run()


def test_address() -> None:
    """An address is enough: the account is created, and no greeting is shown."""
    at = signed_in(page(scripts.showing_state), "Ada@Example.org").run()
    assert "ada@example.org" in texts(at)[0]
    assert not at.toast


def test_user() -> None:
    """The account gets the name and the roles of a `User`, also in later calls."""
    at = signed_in(page(scripts.for_admins), ADA).run()
    assert texts(at) == ["secret of Ada Lovelace", "admin: True"]
    assert texts(signed_in(page(scripts.for_admins), "ada@example.org").run()) == texts(at)
    demoted = User("9", "ada@example.org", "Ada L.", ("owner",))
    assert texts(signed_in(page(scripts.for_admins), demoted).run()) == [
        "secret of Ada L.",
        "admin: False",
    ]


def test_without_the_role() -> None:
    """A guard with a role applies to the user."""
    at = signed_in(page(scripts.for_admins), BOB).run()
    assert [item.value for item in at.error] == ["You are not allowed to see this page."]
    assert texts(at) == []


def test_log_out() -> None:
    """The user can log out."""
    at = press(signed_in(page(scripts.guarded), ADA).run(), "Log out")
    assert texts(at) == []
    assert "Sign in" in [item.label for item in at.button]
    assert texts(at.run()) == []
    assert texts(signed_in(at, BOB).run()) == ["secret of Bob"]


def test_one_after_another() -> None:
    """The next user of a page does not see the state of the previous one."""
    at = signed_in(page(scripts.guarded), ADA)
    at.session_state["mine"] = "before"
    at.run()
    at.session_state["mine"] = "draft of Ada"
    signed_in(at, BOB).run()
    assert texts(at) == ["secret of Bob"]
    assert "mine" not in at.session_state
    assert at.session_state["user"].email == "bob@example.org"


def test_two_at_once() -> None:
    """Several pages can have different users or the same user."""
    ada, bob, again = (signed_in(page(scripts.guarded), user).run() for user in (ADA, BOB, ADA))
    assert texts(ada.run()) == texts(again.run()) == ["secret of Ada Lovelace"]
    assert texts(bob.run()) == ["secret of Bob"]


def test_max_age() -> None:
    """A page with `max_age` opens, or asks for the password if `proven_ago` is longer."""
    assert texts(signed_in(page(scripts.fresh, max_age=60), ADA).run()) != []
    at = signed_in(
        page(scripts.fresh, max_age=60),
        ADA,
        password="plum-Kettle-93-orbit",
        proven_ago=timedelta(minutes=2),
    ).run()
    assert texts(at) == []
    at.text_input[0].input("plum-Kettle-93-orbit")
    assert texts(press(at, "Continue")) == ["secret of Ada Lovelace"]


def test_no_password_is_right() -> None:
    """Without `password`, no password is valid for a new account."""
    signed_in(page(scripts.guarded), ADA)
    for password in ("", "x", "plum-Kettle-93-orbit"):
        assert not Authenticator().login("ada@example.org", password).ok


def test_disabled() -> None:
    """A disabled user is not signed in."""
    at = signed_in(page(scripts.guarded), User("3", "eve@example.org", "Eve", is_active=False))
    assert texts(at.run()) == []


def test_own_authenticator(home: Path) -> None:
    """`auth` passes the `Authenticator` of an app with arguments."""
    settings = AuthSettings(cookie_name="two", bcrypt_rounds=4)
    at = page(scripts.two_apps)
    signed_in(at, ADA, auth=Authenticator("sqlite:///two.db", settings=settings)).run()
    assert texts(at) == ["one: None", "two: Ada Lovelace"]


def test_needs_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Without PERSISTAUTH_DATABASE_URL, no account is created in the default database."""
    monkeypatch.delenv("PERSISTAUTH_DATABASE_URL")
    (home / ".env").write_text("PERSISTAUTH_DATABASE_URL=sqlite:///real.db\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="PERSISTAUTH_DATABASE_URL: a test needs a database"):
        signed_in(page(scripts.guarded), ADA)
    assert [path.name for path in home.iterdir()] == [".env"]


def test_no_address() -> None:
    """An invalid address is refused."""
    with pytest.raises(InvalidEmail):
        signed_in(page(scripts.guarded), "ada")


def test_nothing_but_a_test() -> None:
    """An object that is not an `AppTest` is refused."""
    with pytest.raises(TypeError, match="AppTest"):
        signed_in(object(), ADA)  # type: ignore[type-var]


def inside() -> None:
    """A script that calls `signed_in`."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from streamlit_persistauth.testing import signed_in

    try:
        signed_in(AppTest.from_string(""), "ada@example.org")
    except RuntimeError as refusal:
        st.text(str(refusal))


def test_refused_where_a_page_is_run() -> None:
    """`signed_in` raises in a served app."""
    at = page(inside).run()
    assert texts(at) == ["signed_in is for tests; here a Streamlit app is being served."]


def test_not_loaded_with_the_library() -> None:
    """The library does not import `streamlit_persistauth.testing`."""
    code = (
        "import sys, streamlit_persistauth;"
        "print('streamlit_persistauth.testing' in sys.modules, 'pytest' in sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stdout.strip() == "False False"


def other_database() -> None:
    """An app that names its database itself."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    st.text(f"secret of {Authenticator('sqlite:///own.db').guard().full_name}")


def other_cookie() -> None:
    """An app with another cookie."""
    from streamlit_persistauth import Authenticator, AuthSettings

    Authenticator(settings=AuthSettings(cookie_name="other", bcrypt_rounds=4)).guard()


def test_app_with_another_database(home: Path) -> None:
    """If the app uses another database, the run raises one sentence that names both."""
    at = signed_in(page(other_database), ADA)
    with pytest.raises(ConfigError) as caught:
        at.run()
    assert str(caught.value) == (
        f"auth: signed_in used the database sqlite:///{home / 'test.db'}, and the app uses "
        "sqlite:///own.db. Pass the Authenticator of the app: signed_in(at, user, auth=auth)."
    )
    signed_in(at, ADA, auth=Authenticator("sqlite:///own.db")).run()
    assert texts(at) == ["secret of Ada Lovelace"]


def test_app_with_another_cookie() -> None:
    """If the app uses another cookie, the run raises a sentence too."""
    with pytest.raises(ConfigError, match="the app uses other stores or cookies in sqlite"):
        signed_in(page(other_cookie), ADA).run()


def test_app_without_accounts() -> None:
    """A page that does not use the library runs as it is."""
    assert not signed_in(page(no_accounts), ADA).run().exception


def no_accounts() -> None:
    """A page without sign-in, which clears its state."""
    import streamlit as st

    st.session_state.clear()
    st.text("public")


def test_password_of_the_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence shows no password."""
    auth = Authenticator()
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "postgresql://ada:canary@db.invalid/test")
    with pytest.raises(ConfigError, match="postgresql") as caught:
        signed_in(page(scripts.guarded), ADA, auth=auth)
    assert "canary" not in str(caught.value)


def test_module_that_was_imported_before(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """An `auth` that was made before the test set its database gets no accounts there."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///project.db")
    auth = Authenticator()
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///test.db")
    with pytest.raises(ConfigError) as caught:
        signed_in(page(scripts.guarded), ADA, auth=auth)
    assert str(caught.value) == (
        "auth: it was made while PERSISTAUTH_DATABASE_URL was sqlite:///project.db, which is "
        "sqlite:///test.db now. Import the app after the test has set its database."
    )
    assert not (home / "project.db").exists()
    assert not (home / "test.db").exists()


def test_checked_once() -> None:
    """Only the first run is checked: a user who signs out later is no error."""
    at = signed_in(page(scripts.guarded), ADA).run()
    assert texts(press(at, "Log out").run()) == []
