import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer

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
def core(mailer: FakeMailer) -> CoreApp:
    """An app that sends mail."""
    return CoreApp(mailer=mailer)


def invited(core: CoreApp, full_name: str = "") -> str:
    """Invite Ada as an editor; return the token."""
    return core.invitations.create(EMAIL, roles=["editor", "editor"], full_name=full_name)


def refused(core: CoreApp, token: str, password: str = PASSWORD) -> None:
    """Assert that a token is not valid."""
    with pytest.raises(InvalidLink):
        core.invitations.accept(token, password)


def test_whole_way(core: CoreApp, mailer: FakeMailer) -> None:
    """An invited user chooses a name and a password, and has the intended roles."""
    token = invited(core)
    assert mailer.addressees == [EMAIL]
    assert mailer.token == token
    owner = core.invitations.accept(token, PASSWORD, full_name=" Ada ", client=CLIENT)
    assert (owner.user.full_name, owner.user.roles, owner.pending) == ("Ada", ("editor",), None)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id
    event_types = [event.event_type for event in core.events.records]
    assert event_types == ["invited", "registered"]


def test_without_mail() -> None:
    """Without mail the administrator gets the token."""
    core = CoreApp()
    core.invitations.accept(invited(core), PASSWORD)
    core.accounts.authenticate(EMAIL, PASSWORD)


@pytest.mark.parametrize("password", ["", PASSWORD, "\0"])
def test_nobody_signs_in_before(core: CoreApp, password: str) -> None:
    """A pending account has no password and cannot be told from an unknown one."""
    invited(core)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, password)
    assert "damaged_hash" not in [event.event_type for event in core.events.records]


def test_no_reset(core: CoreApp, mailer: FakeMailer) -> None:
    """A reset does not extend an expired invitation."""
    invited(core)
    assert core.resets.create(EMAIL) is None
    core.resets.request(EMAIL)
    assert len(mailer.sent) == 1


def test_once(core: CoreApp) -> None:
    """An invitation is valid once."""
    token = invited(core)
    core.invitations.accept(token, PASSWORD)
    refused(core, token, "stranger-Kettle-95")
    assert core.events.records[-1].details == {"purpose": "invitation"}
    core.accounts.authenticate(EMAIL, PASSWORD)


def test_once_at_once(core: CoreApp) -> None:
    """Of twenty threads with one invitation, one gets the account."""
    token = invited(core)

    def accept(number: int) -> bool:
        try:
            core.invitations.accept(token, f"plum-Kettle-{number}-orbit")
        except InvalidLink:
            return False
        return True

    calls = [lambda number=number: accept(number) for number in range(20)]
    assert at_once(*calls).count(True) == 1


def test_seven_days(core: CoreApp) -> None:
    """An invitation is valid for seven days."""
    token = invited(core)
    core.clock.move(days=7)
    refused(core, token)


def test_again(core: CoreApp) -> None:
    """A second invitation revokes the first one, and its roles apply."""
    first = invited(core)
    second = core.invitations.create(EMAIL, roles=["viewer"])
    refused(core, first)
    assert core.invitations.accept(second, PASSWORD).user.roles == ("viewer",)


def test_taken(core: CoreApp) -> None:
    """An address with an account cannot be invited, nor one that looks like it."""
    core.add_user()
    core.add_user("paypal@example.com")
    with pytest.raises(EmailTaken):
        invited(core)
    with pytest.raises(EmailTaken):
        core.invitations.create("p\u0430ypal@example.com")
    core.accounts.authenticate(EMAIL, PASSWORD)


def test_accepted_meanwhile(core: CoreApp) -> None:
    """An account that is completed during a second invitation keeps its owner."""
    token = invited(core)
    before = core.accounts.find(EMAIL)
    core.invitations.accept(token, PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.users, "find", lambda _email: before, raising=False)
        with pytest.raises(EmailTaken):
            invited(core)
    core.accounts.authenticate(EMAIL, PASSWORD)


def test_bad_input(core: CoreApp) -> None:
    """An invalid address or name is rejected."""
    with pytest.raises(InvalidEmail):
        core.invitations.create("no address")
    with pytest.raises(InvalidName):
        invited(core, full_name="a\nb")
    assert core.accounts.is_empty()


@pytest.mark.parametrize("password", ["short", EMAIL, "password1", "Grace-Hopper"])
def test_policy(core: CoreApp, password: str) -> None:
    """A rejected password does not use up the invitation; the new name is part of the context."""
    token = invited(core)
    with pytest.raises(InvalidPassword):
        core.invitations.accept(token, password, full_name="Grace Hopper")
    with pytest.raises(InvalidName):
        core.invitations.accept(token, PASSWORD, full_name="a\nb")
    core.invitations.accept(token, PASSWORD)


def test_disabled(core: CoreApp) -> None:
    """Disabling the account revokes the invitation."""
    token = invited(core)
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    core.user_admin.disable(owner.user.id)
    refused(core, token)


def test_registers_instead(mailer: FakeMailer) -> None:
    """An invited user who registers instead gets the invitation again and keeps the roles."""
    core = CoreApp(mailer=mailer, must_confirm=True)
    lost = invited(core)
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(EMAIL, "stranger-Kettle-95")
    refused(core, lost)
    assert core.invitations.accept(mailer.token, PASSWORD).user.roles == ("editor",)


def test_registered_and_invited(mailer: FakeMailer) -> None:
    """A user with an unconfirmed registration who is then invited uses the invitation."""
    core = CoreApp(mailer=mailer, must_confirm=True)
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(EMAIL, "stranger-Kettle-95")
    unproven = mailer.token
    token = invited(core)
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(unproven, "stranger-Kettle-95")
    core.invitations.accept(token, PASSWORD)
    core.accounts.authenticate(EMAIL, PASSWORD)
