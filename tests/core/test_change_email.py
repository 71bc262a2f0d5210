from contextlib import suppress

import pytest
from tests.support.house import CLIENT, EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.core.records import TokenType
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
def house(postman: Postman) -> House:
    """An app that sends mail."""
    return House(mailer=postman)


@pytest.fixture
def user(house: House) -> User:
    """Somebody with an account."""
    return house.add_user()


def ask(house: House, user: User, email: str = NEW) -> None:
    """Ask for another address."""
    assert house.confirmations.change_email(user.id, PASSWORD, email, client=CLIENT) is None


def test_whole_way(house: House, postman: Postman, user: User) -> None:
    """The address changes when the new one is proven; every sign-in ends; the old one is told."""
    session_id = house.sign_in(user)
    ask(house, user)
    assert postman.addressees == [NEW]
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    house.sessions.resume_session(session_id)
    changed = house.confirmations.confirm(postman.token, PASSWORD, client=CLIENT)
    assert (changed.user.id, changed.user.email) == (user.id, NEW)
    assert postman.addressees == [NEW, EMAIL]
    assert "http" not in str(postman.sent[-1].get_content())
    assert house.accounts.authenticate(NEW, PASSWORD).user.id == user.id
    assert house.accounts.find(EMAIL) is None
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session_id)
    assert "email_changed" in [event.event_type for event in house.events.records]


def test_stranger_at_the_new_address(house: House, postman: Postman, user: User) -> None:
    """Who gets the link by a slip of the pen has nothing by it without the password."""
    ask(house, user)
    with pytest.raises(WrongPassword):
        house.confirmations.confirm(postman.token, "a-guess-Kettle-93")
    assert house.accounts.find(NEW) is None


def test_wrong_password(house: House, postman: Postman, user: User) -> None:
    """Who sits at an open page can't ask for another address."""
    with pytest.raises(WrongPassword):
        house.confirmations.change_email(user.id, "wrong-Kettle-93", NEW)
    assert postman.sent == []


@pytest.mark.parametrize("email", ["no address", "", EMAIL, " ADA@EXAMPLE.COM "])
def test_bad_address(house: House, user: User, email: str) -> None:
    """What is no address, or the one that the account has, is refused."""
    with pytest.raises(InvalidEmail):
        house.confirmations.change_email(user.id, PASSWORD, email)


def test_taken(house: House, postman: Postman, user: User) -> None:
    """An address that is taken gets the same answer; its owner is told."""
    house.add_user("bob@example.com")
    ask(house, user, "bob@example.com")
    assert postman.addressees == ["bob@example.com"]
    assert "already" in str(postman.sent[0]["Subject"])


def test_taken_meanwhile(house: House, postman: Postman, user: User) -> None:
    """An address that somebody else has got meanwhile stays theirs."""
    ask(house, user)
    house.add_user(NEW)
    with pytest.raises(EmailTaken):
        house.confirmations.confirm(postman.token, PASSWORD)
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id


def test_squatted(postman: Postman) -> None:
    """An account that never proved this address makes room for one that does."""
    house = House(mailer=postman, must_confirm=True)
    user = house.add_user()
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register(NEW, "squatter-Kettle-95")
    ask(house, user)
    assert house.confirmations.confirm(postman.token, PASSWORD).user.id == user.id
    assert house.accounts.authenticate(NEW, PASSWORD).user.id == user.id


def test_look_alike(house: House, postman: Postman, user: User) -> None:
    """An address that looks like somebody else's can't be had."""
    house.add_user("paypal@example.com")
    ask(house, user, "p\u0430ypal@example.com")
    with pytest.raises(EmailTaken):
        house.confirmations.confirm(postman.token, PASSWORD)


@pytest.mark.parametrize("change", ["password", "newer", "disable", "delete"])
def test_dead_after_a_change(house: House, postman: Postman, user: User, change: str) -> None:
    """A link dies with the password, with a newer link, and with the account."""
    ask(house, user)
    token = postman.token
    if change == "password":
        house.accounts.change_password(user.id, PASSWORD, "another-Kettle-94")
    elif change == "newer":
        ask(house, user, "newer@example.com")
    elif change == "disable":
        house.directory.disable(user.id)
    else:
        house.directory.delete(user.id)
    with pytest.raises((InvalidLink, WrongPassword)):
        house.confirmations.confirm(token, PASSWORD)
    assert house.accounts.find(NEW) is None


def test_reset_link_dies(house: House, user: User) -> None:
    """A reset token that went to the old address counts no more after the change."""
    token = house.resets.create(EMAIL)
    ask(house, user)
    postman = house.letters._mailer
    assert isinstance(postman, Postman)
    house.confirmations.confirm(postman.token, PASSWORD)
    with pytest.raises(InvalidLink):
        house.resets.reset(token or "", "another-Kettle-94")


def test_password_changed_between(house: House, postman: Postman, user: User) -> None:
    """A change of password that comes between proof and change wins."""
    ask(house, user)
    link = house.links.look_up(TokenType.CONFIRMATION, postman.token)
    house.accounts.change_password(user.id, PASSWORD, "another-Kettle-94")
    with pytest.raises(InvalidLink):
        house.confirmations._change(link.owner, NEW, CLIENT)
    assert house.accounts.find(NEW) is None


def test_address_changed_between(house: House, postman: Postman, user: User) -> None:
    """A change of address that comes between a reset link and its new password wins."""
    ask(house, user)
    before = house.accounts.find(EMAIL)
    assert before is not None
    house.confirmations.confirm(postman.token, PASSWORD)
    assert house.accounts.set_password(before, "another-Kettle-94") is None
    house.accounts.authenticate(NEW, PASSWORD)


def test_one_of_two(house: House, postman: Postman, user: User) -> None:
    """Of two accounts that prove one address at once, one gets it."""
    other = house.add_user("bob@example.com")
    ask(house, user)
    first = postman.token
    ask(house, other)
    second = postman.token

    def confirm(token: str) -> bool:
        try:
            house.confirmations.confirm(token, PASSWORD)
        except EmailTaken:
            return False
        return True

    assert sorted(at_once(lambda: confirm(first), lambda: confirm(second))) == [False, True]


def test_without_mail() -> None:
    """Where no mail can be sent the address changes at once, and a taken one is told."""
    house = House()
    user = house.add_user()
    house.add_user("bob@example.com")
    session_id = house.sign_in(user)
    with pytest.raises(EmailTaken):
        house.confirmations.change_email(user.id, PASSWORD, "bob@example.com")
    house.sessions.resume_session(session_id)
    changed = house.confirmations.change_email(user.id, PASSWORD, NEW)
    assert changed is not None
    assert changed.user.email == NEW
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session_id)


def test_limited(house: House, postman: Postman, user: User) -> None:
    """Nobody's mailbox is flooded by somebody's changes of address."""
    for _ in range(3):
        ask(house, user)
    with pytest.raises(Throttled):
        house.confirmations.change_email(user.id, PASSWORD, NEW)
    assert len(postman.sent) == 3


@pytest.mark.parametrize("fail_at", range(8))
@pytest.mark.parametrize("failing", ["users", "tokens"])
def test_store_fails(
    house: House, postman: Postman, user: User, failing: str, fail_at: int
) -> None:
    """A store that fails changes no address by halves, and nothing counts that had ended."""
    ask(house, user)
    session_id = house.sign_in(user)
    store = house.users if failing == "users" else house.tokens
    store.reset(fail_at=fail_at)
    with suppress(StoreError):
        house.confirmations.confirm(postman.token, PASSWORD)
    store.reset()
    there = [email for email in (EMAIL, NEW) if house.accounts.find(email)]
    assert len(there) == 1
    house.accounts.authenticate(there[0], PASSWORD)
    if there == [NEW]:
        with pytest.raises(InvalidToken):
            house.sessions.resume_session(session_id)
