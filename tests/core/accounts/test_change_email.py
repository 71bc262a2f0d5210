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
    """Somebody with an account."""
    return core.add_user()


def ask(core: CoreApp, user: User, email: str = NEW) -> None:
    """Ask for another address."""
    assert core.confirmations.change_email(user.id, PASSWORD, email, client=CLIENT) is None


def test_whole_way(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """The address changes when the new one is proven; every sign-in ends; the old one is told."""
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
    """Who gets the link by a slip of the pen has nothing by it without the password."""
    ask(core, user)
    with pytest.raises(WrongPassword):
        core.confirmations.confirm(mailer.token, "a-guess-Kettle-93")
    assert core.accounts.find(NEW) is None


def test_wrong_password(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """Who sits at an open page can't ask for another address."""
    with pytest.raises(WrongPassword):
        core.confirmations.change_email(user.id, "wrong-Kettle-93", NEW)
    assert mailer.sent == []


@pytest.mark.parametrize("email", ["no address", "", EMAIL, " ADA@EXAMPLE.COM "])
def test_bad_address(core: CoreApp, user: User, email: str) -> None:
    """What is no address, or the one that the account has, is refused."""
    with pytest.raises(InvalidEmail):
        core.confirmations.change_email(user.id, PASSWORD, email)


def test_taken(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An address that is taken gets the same answer; its owner is told."""
    core.add_user("bob@example.com")
    ask(core, user, "bob@example.com")
    assert mailer.addressees == ["bob@example.com"]
    assert "already" in str(mailer.sent[0]["Subject"])


def test_taken_meanwhile(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An address that somebody else has got meanwhile stays theirs."""
    ask(core, user)
    core.add_user(NEW)
    with pytest.raises(EmailTaken):
        core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id


def test_squatted(mailer: FakeMailer) -> None:
    """An account that never proved this address makes room for one that does."""
    core = CoreApp(mailer=mailer, must_confirm=True)
    user = core.add_user()
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(NEW, "squatter-Kettle-95")
    ask(core, user)
    assert core.confirmations.confirm(mailer.token, PASSWORD).user.id == user.id
    assert core.accounts.authenticate(NEW, PASSWORD).user.id == user.id


def test_look_alike(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """An address that looks like somebody else's can't be had."""
    core.add_user("paypal@example.com")
    ask(core, user, "p\u0430ypal@example.com")
    with pytest.raises(EmailTaken):
        core.confirmations.confirm(mailer.token, PASSWORD)


@pytest.mark.parametrize("change", ["password", "newer", "disable", "delete"])
def test_dead_after_a_change(core: CoreApp, mailer: FakeMailer, user: User, change: str) -> None:
    """A link dies with the password, with a newer link, and with the account."""
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
    """A reset token that went to the old address counts no more after the change."""
    token = core.resets.create(EMAIL)
    ask(core, user)
    mailer = core.mails.mailer
    assert isinstance(mailer, FakeMailer)
    core.confirmations.confirm(mailer.token, PASSWORD)
    with pytest.raises(InvalidLink):
        core.resets.reset(token or "", "another-Kettle-94")


def test_password_changed_between(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """A change of password that comes between proof and change wins."""
    ask(core, user)
    link = core.links.look_up(TokenType.CONFIRMATION, mailer.token)
    core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    with pytest.raises(InvalidLink):
        core.confirmations._change(link.owner, NEW, CLIENT)
    assert core.accounts.find(NEW) is None


def test_address_changed_between(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """A change of address that comes between a reset link and its new password wins."""
    ask(core, user)
    before = core.accounts.find(EMAIL)
    assert before is not None
    core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.password_changes.set(before, "another-Kettle-94") is None
    core.accounts.authenticate(NEW, PASSWORD)


def test_one_of_two(core: CoreApp, mailer: FakeMailer, user: User) -> None:
    """Of two accounts that prove one address at once, one gets it."""
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
    """Where no mail can be sent the address changes at once, and a taken one is told."""
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
    """Nobody's mailbox is flooded by somebody's changes of address."""
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
    """A store that fails changes no address by halves, and nothing counts that had ended."""
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
