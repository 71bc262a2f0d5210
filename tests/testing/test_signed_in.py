"""Pages of Streamlit's AppTest that run as somebody."""

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
    """A database of its own for each test."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", f"sqlite:///{clean_machine / 'test.db'}")
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    with kept_main():
        yield clean_machine


def page(script: object, **kwargs: object) -> AppTest:
    """A page that has not run yet."""
    return AppTest.from_function(script, default_timeout=30, kwargs=kwargs)  # type: ignore[arg-type]


def texts(at: AppTest) -> list[str]:
    """What the app wrote."""
    assert not at.exception
    return [item.value for item in at.text]


def press(at: AppTest, label: str) -> AppTest:
    """Press a button."""
    (button,) = [item for item in at.button if item.label == label]
    return button.click().run()


def test_address() -> None:
    """An address is enough: there need be no account, and nobody is greeted."""
    at = signed_in(page(scripts.showing_state), "Ada@Example.org").run()
    assert "ada@example.org" in texts(at)[0]
    assert not at.toast


def test_user() -> None:
    """A user has the name and the roles that they are given, now and later."""
    at = signed_in(page(scripts.for_admins), ADA).run()
    assert texts(at) == ["secret of Ada Lovelace", "admin: True"]
    assert texts(signed_in(page(scripts.for_admins), "ada@example.org").run()) == texts(at)
    demoted = User("9", "ada@example.org", "Ada L.", ("owner",))
    assert texts(signed_in(page(scripts.for_admins), demoted).run()) == [
        "secret of Ada L.",
        "admin: False",
    ]


def test_without_the_role() -> None:
    """A guard for a role is one for this user too."""
    at = signed_in(page(scripts.for_admins), BOB).run()
    assert [item.value for item in at.error] == ["You are not allowed to see this page."]
    assert texts(at) == []


def test_log_out() -> None:
    """Who logs out in a test is out."""
    at = press(signed_in(page(scripts.guarded), ADA).run(), "Log out")
    assert texts(at) == []
    assert "Sign in" in [item.label for item in at.button]
    assert texts(at.run()) == []
    assert texts(signed_in(at, BOB).run()) == ["secret of Bob"]


def test_one_after_another() -> None:
    """The next user of a page finds nothing of the one before."""
    at = signed_in(page(scripts.guarded), ADA)
    at.session_state["mine"] = "before"
    at.run()
    at.session_state["mine"] = "draft of Ada"
    signed_in(at, BOB).run()
    assert texts(at) == ["secret of Bob"]
    assert "mine" not in at.session_state
    assert at.session_state["user"].email == "bob@example.org"


def test_two_at_once() -> None:
    """Two pages have each their own user, and two of one user don't disturb each other."""
    ada, bob, again = (signed_in(page(scripts.guarded), user).run() for user in (ADA, BOB, ADA))
    assert texts(ada.run()) == texts(again.run()) == ["secret of Ada Lovelace"]
    assert texts(bob.run()) == ["secret of Bob"]


def test_max_age() -> None:
    """A page for a fresh proof opens, or asks again where the proof is old."""
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
    """Without a password none signs in."""
    signed_in(page(scripts.guarded), ADA)
    for password in ("", "x", "plum-Kettle-93-orbit"):
        assert not Authenticator().login("ada@example.org", password).ok


def test_disabled() -> None:
    """A disabled user is not in."""
    at = signed_in(page(scripts.guarded), User("3", "eve@example.org", "Eve", is_active=False))
    assert texts(at.run()) == []


def test_own_authenticator(home: Path) -> None:
    """An app's own arguments are those of its `Authenticator`."""
    settings = AuthSettings(cookie_name="two", bcrypt_rounds=4)
    at = page(scripts.two_apps)
    signed_in(at, ADA, auth=Authenticator("sqlite:///two.db", settings=settings)).run()
    assert texts(at) == ["one: None", "two: Ada Lovelace"]


def test_needs_a_database_of_its_own(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No account of a test gets into what may be the real database."""
    monkeypatch.delenv("PERSISTAUTH_DATABASE_URL")
    (home / ".env").write_text("PERSISTAUTH_DATABASE_URL=sqlite:///real.db\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="PERSISTAUTH_DATABASE_URL: a test needs a database"):
        signed_in(page(scripts.guarded), ADA)
    assert [path.name for path in home.iterdir()] == [".env"]


def test_no_address() -> None:
    """What is no address is nobody's."""
    with pytest.raises(InvalidEmail):
        signed_in(page(scripts.guarded), "ada")


def test_nothing_but_a_test() -> None:
    """Whatever else is given as a page is refused."""
    with pytest.raises(TypeError, match="AppTest"):
        signed_in(object(), ADA)  # type: ignore[type-var]


def inside() -> None:
    """A script that would sign somebody in by the helper for tests."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    from streamlit_persistauth.testing import signed_in

    try:
        signed_in(AppTest.from_string(""), "ada@example.org")
    except RuntimeError as refusal:
        st.text(str(refusal))


def test_refused_where_a_page_is_run() -> None:
    """No script of an app can use it."""
    at = page(inside).run()
    assert texts(at) == ["signed_in is for tests; here a Streamlit app is being served."]


def test_not_loaded_with_the_library() -> None:
    """The library itself knows nothing of it."""
    code = (
        "import sys, streamlit_persistauth;"
        "print('streamlit_persistauth.testing' in sys.modules, 'pytest' in sys.modules)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stdout.strip() == "False False"
