"""Changes of user names."""

from dataclasses import replace

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.errors import (
    InvalidUsername,
    Throttled,
    UsernameTaken,
    WrongPassword,
)
from streamlit_persistauth.models import User


@pytest.fixture
def core(mailer: FakeMailer) -> CoreApp:
    """An app whose users sign in with their user name."""
    return CoreApp(login_by=LoginBy.USERNAME, mailer=mailer)


@pytest.fixture
def ada(core: CoreApp) -> User:
    """A user with both names."""
    return core.add_user(EMAIL, "ada")


def test_change(core: CoreApp, mailer: FakeMailer, ada: User) -> None:
    """A user changes the user name with the password; sessions stay, and the user gets a notice."""
    session_id = core.sign_in(ada)
    core.username_changes.change(ada.id, PASSWORD, " King ", client=CLIENT)
    assert core.sessions.resume_session(session_id).user == replace(ada, username="king")
    assert core.accounts.authenticate("KING", PASSWORD).user.id == ada.id
    event = next(item for item in core.events.records if item.event_type == "username_changed")
    assert (event.user_id, event.ip_address, event.details) == (ada.id, CLIENT.ip_address, {})
    assert [(sent["To"], sent["Subject"]) for sent in mailer.sent] == [
        (EMAIL, "Orchard: Your username was changed")
    ]


@pytest.mark.parametrize(
    ("password", "username", "error"),
    [
        ("wrong-Kettle-93", "king", WrongPassword),
        (PASSWORD, "a b", InvalidUsername),
        (PASSWORD, "", InvalidUsername),
        (PASSWORD, "ADA", InvalidUsername),
        (PASSWORD, "BOB", UsernameTaken),
    ],
)
def test_refused(
    core: CoreApp, ada: User, password: str, username: str, error: type[Exception]
) -> None:
    """A wrong password, and an invalid or taken user name, change nothing."""
    core.add_user("", "bob")
    with pytest.raises(error):
        core.username_changes.change(ada.id, password, username)
    assert core.users.get(ada.id).user == ada


def test_guesses_are_limited(core: CoreApp, ada: User) -> None:
    """Wrong passwords are limited, whichever user name is entered."""
    for number in range(5):
        with pytest.raises(WrongPassword):
            core.username_changes.change(ada.id, "wrong-Kettle-93", f"king{number}")
    with pytest.raises(Throttled):
        core.username_changes.change(ada.id, PASSWORD, "king")


def test_changed_meanwhile(core: CoreApp, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that was changed since it was checked changes no user name."""
    owner = core.users.get(ada.id)

    def reauthenticate(*_: object, **__: object) -> object:
        core.password_changes.set(owner, "another-Kettle-94")
        return owner

    monkeypatch.setitem(vars(core.accounts), "reauthenticate", reauthenticate)
    with pytest.raises(WrongPassword):
        core.username_changes.change(ada.id, PASSWORD, "king")
    assert core.users.get(ada.id).user.username == "ada"


def test_notice_of_an_administrator(core: CoreApp, mailer: FakeMailer, ada: User) -> None:
    """A user gets a notice of a change by an administrator, unless the user name stays the same."""
    admin = core.add_user("", "root", roles=("admin",))
    assert core.user_admin.set_username(ada.id, "Ada", by=admin.id)
    assert mailer.sent == []
    assert core.user_admin.set_username(ada.id, "king", by=admin.id)
    assert mailer.addressees == [EMAIL]


def test_no_address(core: CoreApp, mailer: FakeMailer) -> None:
    """A user without an address changes the user name, without a notice."""
    bob = core.add_user("", "bob")
    core.username_changes.change(bob.id, PASSWORD, "robert")
    assert core.users.get(bob.id).user.username == "robert"
    assert mailer.sent == []
