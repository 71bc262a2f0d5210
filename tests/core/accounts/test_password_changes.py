import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.errors import (
    InvalidCredentials,
    InvalidPassword,
    InvalidToken,
    WrongPassword,
)
from streamlit_persistauth.models import User

NEW = "another-Kettle-94"


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


def test_change(core: CoreApp, user: User) -> None:
    """A user who knows the current password changes it, which revokes all sessions."""
    session_id = core.sign_in(user)
    changed = core.password_changes.change(user.id, PASSWORD, NEW)
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session_id)
    session = core.sessions.start(changed, remember=True, client=CLIENT)
    assert core.sessions.resume_session(session.id).user.id == user.id
    core.accounts.authenticate(EMAIL, NEW)


def test_change_with_a_wrong_password(core: CoreApp, user: User, bcrypt_calls: BcryptCalls) -> None:
    """A wrong current password changes nothing and takes one hash."""
    session_id = core.sign_in(user)
    bcrypt_calls.count = 0
    with pytest.raises(WrongPassword):
        core.password_changes.change(user.id, "wrong-Kettle-93", NEW)
    assert bcrypt_calls.count == 1
    core.accounts.authenticate(EMAIL, PASSWORD)
    core.sessions.resume_session(session_id)


@pytest.mark.parametrize("new", [PASSWORD, "short", "password1"])
def test_change_refused(core: CoreApp, user: User, new: str) -> None:
    """A new password that equals the old one or is easy to guess changes nothing."""
    session_id = core.sign_in(user)
    with pytest.raises(InvalidPassword):
        core.password_changes.change(user.id, PASSWORD, new)
    core.sessions.resume_session(session_id)


def test_change_during_a_login(core: CoreApp, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in during a change of password neither succeeds nor reverts the change."""
    real = core.hasher.needs_upgrade

    def change_meanwhile(stored: str) -> bool:
        monkeypatch.setattr(core.hasher, "needs_upgrade", real)
        core.password_changes.change(user.id, PASSWORD, NEW)
        return True

    monkeypatch.setattr(core.hasher, "needs_upgrade", change_meanwhile)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, PASSWORD)
    core.accounts.authenticate(EMAIL, NEW)


def test_upgrade_ends_nothing(core: CoreApp, user: User) -> None:
    """The upgrade of a hash revokes no session."""
    session_id = core.sign_in(user)
    core.change_user(user.id, password_hash=PasswordHasher(5).hash(PASSWORD))
    core.accounts.authenticate(EMAIL, PASSWORD)
    assert core.sessions.resume_session(session_id).user.id == user.id
