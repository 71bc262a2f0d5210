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
    """An app that has addresses proven."""
    return CoreApp(mailer=mailer, must_confirm=True)


def register(
    core: CoreApp, email: str = EMAIL, password: str = PASSWORD, client: Client = CLIENT
) -> None:
    """Register, and hold that the answer is what it always is."""
    with pytest.raises(ConfirmationNeeded) as caught:
        core.registrations.register(email, password, full_name="Ada", client=client)
    assert caught.value.message == (
        "Almost done. Please open the link that we sent to your email address."
    )


def last_event(core: CoreApp) -> tuple[str, str | None]:
    """What happened last, and to whom."""
    event = core.events.records[-1]
    return event.event_type, event.user_id


def test_whole_way(core: CoreApp, mailer: FakeMailer) -> None:
    """An account counts once its link is taken back with its password."""
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
    """That an address is not proven yet is told to nobody without the password."""
    register(core)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, "wrong-Kettle-93")


def test_taken_address(core: CoreApp, mailer: FakeMailer) -> None:
    """An address that is taken gets the same answer; its owner gets a letter without a link."""
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
    """A free address and a taken one: one hash, and nobody is looked up before the answer."""
    core.add_user()
    jobs: list[Callable[[], None]] = []
    core.mails._post = jobs.append
    core.users.reset()
    bcrypt_calls.count = 0
    register(core, email)
    assert bcrypt_calls.count == 1
    assert core.users.calls == []
    assert len(jobs) == 1


def test_look_alike_address(core: CoreApp, mailer: FakeMailer) -> None:
    """An address that looks like somebody's gets the same answer, and no account."""
    core.add_user("paypal@example.com")
    twin = "p\u0430ypal@example.com"
    register(core, twin)
    assert mailer.sent == []
    assert last_event(core) == ("registration_refused", None)
    assert core.accounts.find(twin) is None


def test_squatter(core: CoreApp, mailer: FakeMailer) -> None:
    """Whoever registers somebody else's address first gets neither account nor keeps it away."""
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
    """The owner of the address may also set a new password, which proves it, too."""
    register(core, EMAIL, STRANGERS)
    unasked = mailer.token
    core.resets.request(EMAIL, client=CLIENT)
    core.resets.reset(mailer.token.strip(), PASSWORD)
    assert core.accounts.authenticate(EMAIL, PASSWORD).pending is None
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(unasked, STRANGERS)


def test_registered_again_after_the_proof(core: CoreApp, mailer: FakeMailer) -> None:
    """Once the address is proven, registering it again changes nothing, from whenever it was."""
    register(core)
    late: list[Callable[[], None]] = []
    core.mails._post = late.append
    register(core, EMAIL, STRANGERS)
    token = mailer.token
    stale = core.accounts.find(EMAIL)
    assert stale is not None
    core.mails._post = lambda job: job()
    core.confirmations.confirm(token, PASSWORD)
    late[0]()
    core.accounts.authenticate(EMAIL, PASSWORD)
    draft = core.accounts.draft(EMAIL, STRANGERS)
    core.registrations._replace(stale, draft, CLIENT)
    core.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, STRANGERS)


def test_link_again(core: CoreApp, mailer: FakeMailer) -> None:
    """A lost link can be had again; the former one stops counting."""
    register(core)
    lost = mailer.token
    core.confirmations.request(EMAIL, client=CLIENT)
    assert mailer.token != lost
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(lost, PASSWORD)
    core.confirmations.confirm(mailer.token, PASSWORD)


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com", "no address"])
def test_no_link_for_others(core: CoreApp, mailer: FakeMailer, email: str) -> None:
    """An account that is complete, or is not there, gets no link."""
    core.add_user()
    core.confirmations.request(email, client=CLIENT)
    assert mailer.sent == []


def test_a_day(core: CoreApp, mailer: FakeMailer) -> None:
    """A link counts for a day."""
    register(core)
    core.clock.move(hours=24)
    with pytest.raises(InvalidLink):
        core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.events.records[-1].details == {"purpose": "confirmation"}


def test_wrong_password_spends_no_link(core: CoreApp, mailer: FakeMailer) -> None:
    """Who mistypes the password can try again; guesses are limited."""
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
    core.throttle.take = lambda *_buckets, **_more: None  # type: ignore[method-assign]

    def confirm() -> bool:
        try:
            core.confirmations.confirm(token, PASSWORD)
        except InvalidLink:
            return False
        return True

    assert at_once(*[confirm] * 20).count(True) == 1


def test_registered_at_once(core: CoreApp, mailer: FakeMailer) -> None:
    """Of twenty registrations of one address at once, the link that was sent last works."""
    core.throttle.take = lambda *_buckets, **_more: None  # type: ignore[method-assign]

    def call(number: int) -> Callable[[], None]:
        client = Client(f"198.51.100.{number}")  # one network has no room for twenty
        return lambda: register(core, EMAIL, f"plum-Kettle-{number}-orbit", client)

    at_once(*map(call, range(20)))
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    assert owner.pending is Pending.CONFIRMATION


def test_limited(core: CoreApp, mailer: FakeMailer) -> None:
    """Nobody has a mailbox flooded by registering it, from wherever."""
    for number in range(3):
        client = Client(f"198.51.100.{number}", "Mozilla/5.0")
        with pytest.raises(ConfirmationNeeded):
            core.registrations.register(EMAIL, PASSWORD, client=client)
    with pytest.raises(Throttled):
        core.registrations.register(EMAIL, PASSWORD)
    assert len(mailer.sent) == 3


def test_bad_input_is_told_first(core: CoreApp, mailer: FakeMailer) -> None:
    """What the policy refuses is refused before anything else."""
    with pytest.raises(InvalidPassword):
        core.registrations.register(EMAIL, "short")
    assert mailer.sent == []


def test_without_proofs(mailer: FakeMailer) -> None:
    """Where no address has to be proven, an account counts at once, and a taken one is told."""
    core = CoreApp(mailer=mailer)
    owner = core.registrations.register(EMAIL, PASSWORD, full_name="Ada", client=CLIENT)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id
    with pytest.raises(EmailTaken):
        core.registrations.register(EMAIL, PASSWORD)
    assert mailer.sent == []


def test_session_of_an_unproven_account(core: CoreApp, mailer: FakeMailer) -> None:
    """A sign-in that began before the proof ends with it."""
    register(core)
    owner = core.accounts.find(EMAIL)
    assert owner is not None
    session_id = core.sign_in(owner.user)
    core.confirmations.confirm(mailer.token, PASSWORD)
    assert core.tokens.find_session(session_id) is None
