from collections.abc import Callable

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.storage.records import Pending
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidLink,
    InvalidPassword,
    Throttled,
    WrongPassword,
)
from streamlit_persistauth.models import Client
from streamlit_persistauth.testing.races import at_once

STRANGERS = "squatter-Kettle-95"


@pytest.fixture
def core(mailer: FakeMailer) -> CoreApp:
    """An app that requires confirmed addresses."""
    return CoreApp(mailer=mailer, must_confirm=True)


def register(
    core: CoreApp, email: str = EMAIL, password: str = PASSWORD, client: Client = CLIENT
) -> None:
    """Register, and assert that the answer is the usual one."""
    with pytest.raises(ConfirmationNeeded) as caught:
        core.registrations.register(email, password, full_name="Ada", client=client)
    assert caught.value.message == (
        "Almost done. Please open the link that we sent to your email address."
    )


def last_event(core: CoreApp) -> tuple[str, str | None]:
    """Return the type and user of the last event."""
    event = core.events.records[-1]
    return event.event_type, event.user_id


def test_whole_way(core: CoreApp, mailer: FakeMailer) -> None:
    """An account can sign in after its link is redeemed with its password."""
    register(core)
    assert mailer.addressees == [EMAIL]
    assert "https://app.example.com/?persistauth_confirm=" in str(mailer.sent[0].get_content())
    with pytest.raises(ConfirmationNeeded):
        core.accounts.authenticate(EMAIL, PASSWORD)
    owner = core.confirmations.confirm(mailer.token, PASSWORD, client=CLIENT)
    assert (owner.user.email, owner.user.full_name, owner.pending) == (EMAIL, "Ada", None)
    assert last_event(core) == ("email_confirmed", owner.user.id)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id


def test_unproven_account_tells_only_its_owner(core: CoreApp) -> None:
    """Only the right password reveals that an address is not confirmed."""
    register(core)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, "wrong-Kettle-93")


def test_taken_address(core: CoreApp, mailer: FakeMailer) -> None:
    """A taken address gets the same answer; its owner gets a mail without a link."""
    user = core.add_user()
    register(core, EMAIL, STRANGERS)
    (mail,) = mailer.sent
    assert mail["To"] == EMAIL
    assert mail["Subject"] == "Orchard: You already have an account"
    assert "http" not in str(mail.get_content())
    assert last_event(core) == ("registration_refused", user.id)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, STRANGERS)


@pytest.mark.parametrize("email", [EMAIL, "free@example.com"])
def test_same_work(core: CoreApp, bcrypt_calls: BcryptCalls, email: str) -> None:
    """A free and a taken address take one hash, and no account is looked up before the answer."""
    core.add_user()
    jobs: list[Callable[[], None]] = []
    core.post = jobs.append
    core.users.reset()
    bcrypt_calls.count = 0
    register(core, email)
    assert bcrypt_calls.count == 1
    assert core.users.calls == []
    assert len(jobs) == 1


def test_look_alike_address(core: CoreApp, mailer: FakeMailer) -> None:
    """An address that looks like another one gets the same answer and no account."""
    core.add_user("paypal@example.com")
    twin = "p\u0430ypal@example.com"
    register(core, twin)
    assert mailer.sent == []
    assert last_event(core) == ("registration_refused", None)
    assert core.accounts.find(twin) is None


def test_squatter(core: CoreApp, mailer: FakeMailer) -> None:
    """An attacker who registers an address first neither gets the account nor blocks it."""
    register(core, EMAIL, STRANGERS)
    unasked = mailer.token
    with pytest.raises(WrongPassword):
        core.confirmations.confirm(unasked, "the-owner-knows-none")
    register(core)
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(unasked, STRANGERS)
    core.confirmations.confirm(mailer.token, PASSWORD)
    core.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, STRANGERS)


def test_squatter_loses_to_a_reset(core: CoreApp, mailer: FakeMailer) -> None:
    """The owner of the address may also set a new password, which confirms it."""
    register(core, EMAIL, STRANGERS)
    unasked = mailer.token
    core.resets.request(EMAIL, client=CLIENT)
    core.resets.reset(mailer.token.strip(), PASSWORD)
    assert core.accounts.authenticate(EMAIL, PASSWORD).pending is None
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(unasked, STRANGERS)


def test_registered_again_after_the_confirmation(core: CoreApp, mailer: FakeMailer) -> None:
    """Registering a confirmed address again changes nothing, even by a job that started before."""
    register(core)
    late: list[Callable[[], None]] = []
    core.post = late.append
    register(core, EMAIL, STRANGERS)
    token = mailer.token
    stale = core.accounts.find(EMAIL)
    assert stale is not None
    core.post = lambda job: job()
    core.confirmations.confirm(token, PASSWORD)
    late[0]()
    core.accounts.authenticate(EMAIL, PASSWORD)
    draft = core.accounts.draft(EMAIL, STRANGERS)
    core.registrations._replace(stale, draft, CLIENT)
    core.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, STRANGERS)


def test_link_again(core: CoreApp, mailer: FakeMailer) -> None:
    """A lost link can be requested again, which revokes the former one."""
    register(core)
    lost = mailer.token
    core.confirmations.request(EMAIL, client=CLIENT)
    assert mailer.token != lost
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(lost, PASSWORD)
    core.confirmations.confirm(mailer.token, PASSWORD)


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com", "no address@"])
def test_no_link_for_others(core: CoreApp, mailer: FakeMailer, email: str) -> None:
    """A complete or unknown account gets no link."""
    core.add_user()
    core.confirmations.request(email, client=CLIENT)
    assert mailer.sent == []


def test_a_day(core: CoreApp, mailer: FakeMailer) -> None:
    """A link is valid for a day."""
    register(core)
    core.clock.move(hours=24)
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.events.records[-1].details == {"purpose": "confirmation"}


def test_wrong_password_spends_no_link(core: CoreApp, mailer: FakeMailer) -> None:
    """A mistyped password does not use up the link; guesses are limited."""
    register(core)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            core.confirmations.confirm(mailer.token, "wrong-Kettle-93")
    with pytest.raises(Throttled):
        core.confirmations.confirm(mailer.token, PASSWORD)
    core.clock.move(seconds=31)
    core.confirmations.confirm(mailer.token, PASSWORD)


def test_taken_back_once(core: CoreApp, mailer: FakeMailer) -> None:
    """Of twenty threads with one link, one completes the account."""
    register(core)
    token = mailer.token
    vars(core.throttle)["take"] = lambda *_buckets, **_more: None

    def confirm() -> bool:
        try:
            core.confirmations.confirm(token, PASSWORD)
        except InvalidLink:
            return False
        return True

    assert at_once(*[confirm] * 20).count(True) == 1


def test_registered_at_once(core: CoreApp, mailer: FakeMailer) -> None:
    """Of twenty concurrent registrations of one address, the link that was sent last is valid."""
    vars(core.throttle)["take"] = lambda *_buckets, **_more: None

    def call(number: int) -> Callable[[], None]:
        client = Client(f"198.51.100.{number}")  # one network has no room for twenty
        return lambda: register(core, EMAIL, f"plum-Kettle-{number}-orbit", client)

    at_once(*map(call, range(20)))
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    assert owner.pending is Pending.CONFIRMATION


def test_limited(core: CoreApp, mailer: FakeMailer) -> None:
    """The number of mails to one address is limited, from any network."""
    for number in range(3):
        client = Client(f"198.51.100.{number}", "Mozilla/5.0")
        with pytest.raises(ConfirmationNeeded):
            core.registrations.register(EMAIL, PASSWORD, client=client)
    with pytest.raises(Throttled):
        core.registrations.register(EMAIL, PASSWORD)
    assert len(mailer.sent) == 3


def test_bad_input_is_told_first(core: CoreApp, mailer: FakeMailer) -> None:
    """A password that the policy rejects is reported before anything else."""
    with pytest.raises(InvalidPassword):
        core.registrations.register(EMAIL, "short")
    assert mailer.sent == []


def test_without_confirmation(mailer: FakeMailer) -> None:
    """Without confirmation an account can sign in immediately, and a taken address is reported."""
    core = CoreApp(mailer=mailer)
    owner = core.registrations.register(EMAIL, PASSWORD, full_name="Ada", client=CLIENT)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id
    with pytest.raises(EmailTaken):
        core.registrations.register(EMAIL, PASSWORD)
    assert mailer.sent == []


def test_session_of_an_unproven_account(core: CoreApp, mailer: FakeMailer) -> None:
    """Confirming the address revokes a session that started before."""
    register(core)
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    session_id = core.sign_in(owner.user)
    core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.tokens.find_session(session_id) is None
