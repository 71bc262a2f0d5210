from contextlib import suppress

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer

from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidEmail,
    InvalidLink,
    InvalidToken,
    StoreError,
    Throttled,
    WrongPassword,
)
from streamlit_persistauth.models import User
from streamlit_persistauth.testing.races import at_once

NEW = "ada@new.example.com"


@pytest.fixture
def core(mailer: FakeMailer) -> CoreApp:
    """An app that sends mail."""
    return CoreApp(mailer=mailer)


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


def ask(core: CoreApp, user: User, email: str = NEW) -> None:
    """Request another address."""
    assert core.confirmations.change_email(user.id, PASSWORD, email, client=CLIENT) is None


def test_whole_way(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """Confirming the new address changes it, revokes all sessions and notifies the old address."""
    session_id = core.sign_in(user)
    ask(core, user)
    assert mailer.addressees == [NEW]
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    core.sessions.resume_session(session_id)
    changed = core.confirmations.confirm(mailer.token, PASSWORD, client=CLIENT)
    assert (changed.user.id, changed.user.email) == (user.id, NEW)
    assert mailer.addressees == [NEW, EMAIL]
    assert "http" not in str(mailer.sent[-1].get_content())
    assert core.accounts.authenticate(NEW, PASSWORD).user.id == user.id
    assert core.accounts.find(EMAIL) is None
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session_id)
    assert "email_changed" in [event.event_type for event in core.events.records]


def test_stranger_at_the_new_address(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """The recipient of a mistyped address cannot use the link without the password."""
    ask(core, user)
    with pytest.raises(WrongPassword):
        core.confirmations.confirm(mailer.token, "a-guess-Kettle-93")
    assert core.accounts.find(NEW) is None


def test_wrong_password(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An attacker at an open page cannot request another address."""
    with pytest.raises(WrongPassword):
        core.confirmations.change_email(user.id, "wrong-Kettle-93", NEW)
    assert mailer.sent == []


@pytest.mark.parametrize("email", ["no address", "", EMAIL, " ADA@EXAMPLE.COM "])
def test_bad_address(core: CoreApp, user: User, email: str) -> None:
    """An invalid address, or the current one, is rejected."""
    with pytest.raises(InvalidEmail):
        core.confirmations.change_email(user.id, PASSWORD, email)


def test_taken(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """A taken address gets the same answer, and its owner is notified."""
    core.add_user("bob@example.com")
    ask(core, user, "bob@example.com")
    assert mailer.addressees == ["bob@example.com"]
    assert "already" in str(mailer.sent[0]["Subject"])


def test_taken_meanwhile(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An address that another user has registered in the meantime stays theirs."""
    ask(core, user)
    core.add_user(NEW)
    with pytest.raises(EmailTaken):
        core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id


def test_squatted(mailer: FakeMailer) -> None:
    """An account that never confirmed this address is replaced by one that does."""
    core = CoreApp(mailer=mailer, must_confirm=True)
    user = core.add_user()
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(NEW, "squatter-Kettle-95")
    ask(core, user)
    assert core.confirmations.confirm(mailer.token, PASSWORD).user.id == user.id
    assert core.accounts.authenticate(NEW, PASSWORD).user.id == user.id


def test_look_alike(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An address that looks like another user's is rejected."""
    core.add_user("paypal@example.com")
    ask(core, user, "p\u0430ypal@example.com")
    with pytest.raises(EmailTaken):
        core.confirmations.confirm(mailer.token, PASSWORD)


@pytest.mark.parametrize("change", ["password", "newer", "disable", "delete"])
def test_dead_after_a_change(core: CoreApp, mailer: FakeMailer, user: User, change: str) -> None:
    """A new password, a newer link, and disabling or deleting the account revoke a link."""
    ask(core, user)
    token = mailer.token
    if change == "password":
        core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    elif change == "newer":
        ask(core, user, "newer@example.com")
    elif change == "disable":
        core.user_admin.disable(user.id)
    else:
        core.user_admin.delete(user.id)
    with pytest.raises((InvalidLink, WrongPassword)):
        core.confirmations.confirm(token, PASSWORD)
    assert core.accounts.find(NEW) is None


def test_reset_link_dies(core: CoreApp, user: User) -> None:
    """A reset token sent to the old address is revoked by the change."""
    token = core.resets.create(EMAIL)
    ask(core, user)
    mailer = core.mails.mailer
    assert isinstance(mailer, FakeMailer)
    core.confirmations.confirm(mailer.token, PASSWORD)
    with pytest.raises(InvalidLink):
        core.resets.reset(token or "", "another-Kettle-94")


def test_password_changed_between(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """A change of password between the check and the change of address prevails."""
    ask(core, user)
    link = core.links.look_up(TokenType.CONFIRMATION, mailer.token)
    core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    with pytest.raises(InvalidLink):
        core.confirmations._change(link.owner, NEW, CLIENT)
    assert core.accounts.find(NEW) is None


def test_address_changed_between(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """A change of address between a reset link and its use prevails."""
    ask(core, user)
    before = core.accounts.find(EMAIL)
    assert before is not None
    core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.password_changes.set(before, "another-Kettle-94") is None
    core.accounts.authenticate(NEW, PASSWORD)


def test_one_of_two(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """Of two accounts that confirm one address concurrently, one gets it."""
    other = core.add_user("bob@example.com")
    ask(core, user)
    first = mailer.token
    ask(core, other)
    second = mailer.token

    def confirm(token: str) -> bool:
        try:
            core.confirmations.confirm(token, PASSWORD)
        except EmailTaken:
            return False
        return True

    assert sorted(at_once(lambda: confirm(first), lambda: confirm(second))) == [False, True]


def test_without_mail() -> None:
    """Without mail the address changes immediately, and a taken one is reported."""
    core = CoreApp()
    user = core.add_user()
    core.add_user("bob@example.com")
    session_id = core.sign_in(user)
    with pytest.raises(EmailTaken):
        core.confirmations.change_email(user.id, PASSWORD, "bob@example.com")
    core.sessions.resume_session(session_id)
    changed = core.confirmations.change_email(user.id, PASSWORD, NEW)
    assert changed is not None
    assert changed.user.email == NEW
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session_id)


def test_limited(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """The number of mails to one address is limited, whichever user requests them."""
    for _ in range(3):
        ask(core, user)
    with pytest.raises(Throttled):
        core.confirmations.change_email(user.id, PASSWORD, NEW)
    assert len(mailer.sent) == 3


@pytest.mark.parametrize("fail_at", range(8))
@pytest.mark.parametrize("failing", ["users", "tokens"])
def test_store_fails(
    core: CoreApp, mailer: FakeMailer, user: User, failing: str, fail_at: int
) -> None:
    """A failing store changes an address completely or not at all, and restores no session."""
    ask(core, user)
    session_id = core.sign_in(user)
    store = core.users if failing == "users" else core.tokens
    store.reset(fail_at=fail_at)
    with suppress(StoreError):
        core.confirmations.confirm(mailer.token, PASSWORD)
    store.reset()
    there = [email for email in (EMAIL, NEW) if core.accounts.find(email)]
    assert len(there) == 1
    core.accounts.authenticate(there[0], PASSWORD)
    if there == [NEW]:
        with pytest.raises(InvalidToken):
            core.sessions.resume_session(session_id)
