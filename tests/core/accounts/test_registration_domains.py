"""Only addresses of the listed mail domains may register."""

from functools import partial

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.text.mail_domains import MailDomains
from streamlit_persistauth.errors import ConfirmationNeeded, DomainNotAllowed

OURS = MailDomains(("example.com",))
OUTSIDE = "ada@example.org"
TAKEN = "bob@example.org"


@pytest.fixture(params=[False, True], ids=["immediate", "confirmed"])
def core(request: pytest.FixtureRequest, mailer: FakeMailer) -> CoreApp:
    """An app for one mail domain, which confirms addresses or does not."""
    return CoreApp(mailer=mailer, must_confirm=request.param, domains=OURS)


@pytest.mark.parametrize("first", [False, True])
def test_refused(
    core: CoreApp, mailer: FakeMailer, bcrypt_calls: BcryptCalls, *, first: bool
) -> None:
    """An address of another domain gets no account and no mail; the refusal is recorded."""
    bcrypt_calls.count = 0
    register = core.registrations.register
    if first:
        register = partial(core.registrations.register_first, setup_code=None)
    with pytest.raises(DomainNotAllowed) as caught:
        register(OUTSIDE, PASSWORD, client=CLIENT)
    assert caught.value.message == "Email addresses of this domain can't be used here."
    assert core.accounts.is_empty()
    assert mailer.sent == []
    assert bcrypt_calls.count == 0
    (event,) = core.events.records
    assert event.event_type == "registration_refused"
    assert event.details == {"reason": "domain not allowed"}
    assert event.ip_address == CLIENT.ip_address


def test_says_nothing_of_accounts(core: CoreApp) -> None:
    """The answer for an address with an account is the same, and no account is looked up."""
    core.add_user(TAKEN)
    core.users.reset()
    answers = set()
    for email in (TAKEN, OUTSIDE):
        with pytest.raises(DomainNotAllowed) as caught:
            core.registrations.register(email, PASSWORD)
        answers.add(caught.value.message)
    assert len(answers) == 1
    assert core.users.calls == []


def test_allowed(mailer: FakeMailer) -> None:
    """An address of the domain registers, also as the first one."""
    core = CoreApp(mailer=mailer, domains=OURS)
    assert core.registrations.register_first(EMAIL, PASSWORD, setup_code=None).user.email == EMAIL
    core.registrations.register("bob@example.com", PASSWORD)


def test_invited(core: CoreApp) -> None:
    """An administrator can invite an address of any domain, and add it."""
    token = core.invitations.create(OUTSIDE)
    assert core.invitations.accept(token, PASSWORD).user.email == OUTSIDE
    assert core.accounts.register(TAKEN, PASSWORD).user.email == TAKEN


@pytest.mark.parametrize("has_mail", [False, True])
def test_change_of_address(mailer: FakeMailer, *, has_mail: bool) -> None:
    """A user cannot change to an address of another domain, whether or not it has an account."""
    core = CoreApp(mailer=mailer if has_mail else None, domains=OURS)
    user = core.add_user()
    core.add_user(TAKEN)
    core.users.reset()
    for email in (OUTSIDE, TAKEN):
        with pytest.raises(DomainNotAllowed):
            core.confirmations.change_email(user.id, PASSWORD, email, client=CLIENT)
    assert "find" not in str(core.users.calls)
    assert mailer.sent == []
    event = core.events.records[-1]
    assert (event.event_type, event.user_id) == ("email_change_refused", user.id)
    assert event.details == {"reason": "domain not allowed"}
    core.confirmations.change_email(user.id, PASSWORD, "new@example.com", client=CLIENT)


def test_address_of_an_invited_user_stays() -> None:
    """A user whose address is of another domain keeps it, and can sign in."""
    core = CoreApp(domains=OURS)
    core.add_user(OUTSIDE)
    assert core.accounts.authenticate(OUTSIDE, PASSWORD).user.email == OUTSIDE


def register(core: CoreApp, roles: tuple[str, ...]) -> None:
    """Register `EMAIL`, and assert that a link was sent."""
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(EMAIL, PASSWORD, roles=roles)


@pytest.mark.parametrize("roles", [(), ("editor",)])
def test_last_registration_decides_the_roles(mailer: FakeMailer, roles: tuple[str, ...]) -> None:
    """A visitor who registers an unconfirmed address again gets no role of the earlier account."""
    core = CoreApp(mailer=mailer, must_confirm=True)
    register(core, ("admin",))
    register(core, roles)
    owner = core.confirmations.confirm(mailer.token, PASSWORD)
    assert owner.user.roles == roles
