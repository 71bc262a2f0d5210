import pytest
from tests.support.house import CLIENT, EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidLink,
    InvalidName,
    InvalidPassword,
)
from streamlit_persistauth.testing.races import at_once


@pytest.fixture
def house(postman: Postman) -> House:
    """An app that sends mail."""
    return House(mailer=postman)


def invited(house: House, full_name: str = "") -> str:
    """Invite Ada as an editor; return the token."""
    return house.invitations.create(EMAIL, roles=["editor", "editor"], full_name=full_name)


def refused(house: House, token: str, password: str = PASSWORD) -> None:
    """Hold that a token does not count."""
    with pytest.raises(InvalidLink):
        house.invitations.accept(token, password)


def test_whole_way(house: House, postman: Postman) -> None:
    """Who is invited chooses name and password, and has the roles that were meant."""
    token = invited(house)
    assert postman.addressees == [EMAIL]
    assert postman.token == token
    owner = house.invitations.accept(token, PASSWORD, full_name=" Ada ", client=CLIENT)
    assert (owner.user.full_name, owner.user.roles, owner.pending) == ("Ada", ("editor",), None)
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id
    kinds = [event.event_type for event in house.events.records]
    assert kinds == ["invited", "registered"]


def test_without_mail() -> None:
    """Without mail the token is handed over by whoever invites."""
    house = House()
    house.invitations.accept(invited(house), PASSWORD)
    house.accounts.authenticate(EMAIL, PASSWORD)


@pytest.mark.parametrize("password", ["", PASSWORD, "\0"])
def test_nobody_signs_in_before(house: House, password: str) -> None:
    """An account that waits for its owner has no password, and is like none."""
    invited(house)
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, password)
    assert "damaged_hash" not in [event.event_type for event in house.events.records]


def test_no_reset(house: House, postman: Postman) -> None:
    """An invitation that has run out is not prolonged by a reset."""
    invited(house)
    assert house.resets.create(EMAIL) is None
    house.resets.request(EMAIL)
    assert len(postman.sent) == 1


def test_once(house: House) -> None:
    """An invitation counts once."""
    token = invited(house)
    house.invitations.accept(token, PASSWORD)
    refused(house, token, "stranger-Kettle-95")
    assert house.events.records[-1].details == {"purpose": "invitation"}
    house.accounts.authenticate(EMAIL, PASSWORD)


def test_once_at_once(house: House) -> None:
    """Of twenty threads with one invitation, one has the account."""
    token = invited(house)

    def accept(number: int) -> bool:
        try:
            house.invitations.accept(token, f"plum-Kettle-{number}-orbit")
        except InvalidLink:
            return False
        return True

    calls = [lambda number=number: accept(number) for number in range(20)]
    assert at_once(*calls).count(True) == 1


def test_seven_days(house: House) -> None:
    """An invitation counts for seven days."""
    token = invited(house)
    house.clock.move(days=7)
    refused(house, token)


def test_again(house: House) -> None:
    """Invited again, the earlier invitation is void, and the later roles count."""
    first = invited(house)
    second = house.invitations.create(EMAIL, roles=["viewer"])
    refused(house, first)
    assert house.invitations.accept(second, PASSWORD).user.roles == ("viewer",)


def test_taken(house: House) -> None:
    """Who has an account can't be invited, nor who looks like somebody who has."""
    house.add_user()
    house.add_user("paypal@example.com")
    with pytest.raises(EmailTaken):
        invited(house)
    with pytest.raises(EmailTaken):
        house.invitations.create("p\u0430ypal@example.com")
    house.accounts.authenticate(EMAIL, PASSWORD)


def test_accepted_meanwhile(house: House) -> None:
    """An account that is completed while it is invited again stays its owner's."""
    token = invited(house)
    before = house.accounts.find(EMAIL)
    house.invitations.accept(token, PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house.users, "find", lambda _email: before, raising=False)
        with pytest.raises(EmailTaken):
            invited(house)
    house.accounts.authenticate(EMAIL, PASSWORD)


def test_bad_input(house: House) -> None:
    """What is no address or no name invites nobody."""
    with pytest.raises(InvalidEmail):
        house.invitations.create("no address")
    with pytest.raises(InvalidName):
        invited(house, full_name="a\nb")
    assert house.accounts.has_none()


@pytest.mark.parametrize("password", ["short", EMAIL, "password1", "Grace-Hopper"])
def test_policy(house: House, password: str) -> None:
    """What the policy refuses spends no invitation; the new name counts as context."""
    token = invited(house)
    with pytest.raises(InvalidPassword):
        house.invitations.accept(token, password, full_name="Grace Hopper")
    with pytest.raises(InvalidName):
        house.invitations.accept(token, PASSWORD, full_name="a\nb")
    house.invitations.accept(token, PASSWORD)


def test_disabled(house: House) -> None:
    """An invitation can be taken back."""
    token = invited(house)
    owner = house.accounts.find(EMAIL)
    assert owner is not None
    house.directory.disable(owner.user.id)
    refused(house, token)


def test_registers_instead(postman: Postman) -> None:
    """Who was invited and registers instead gets the invitation again, and keeps its roles."""
    house = House(mailer=postman, must_confirm=True)
    lost = invited(house)
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register(EMAIL, "stranger-Kettle-95")
    refused(house, lost)
    assert house.invitations.accept(postman.token, PASSWORD).user.roles == ("editor",)


def test_registered_and_invited(postman: Postman) -> None:
    """Who had registered without a proof and is then invited comes by the invitation."""
    house = House(mailer=postman, must_confirm=True)
    with pytest.raises(ConfirmationNeeded):
        house.registrations.register(EMAIL, "stranger-Kettle-95")
    unproven = postman.token
    token = invited(house)
    with pytest.raises(InvalidLink):
        house.confirmations.confirm(unproven, "stranger-Kettle-95")
    house.invitations.accept(token, PASSWORD)
    house.accounts.authenticate(EMAIL, PASSWORD)
