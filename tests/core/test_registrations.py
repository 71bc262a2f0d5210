from collections.abc import Callable

import pytest
from tests.support.hashing import BcryptCalls
from tests.support.house import CLIENT, EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.core.records import Pending
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
def house(postman: Postman) -> House:
    """An app that has addresses proven."""
    return House(mailer=postman, must_confirm=True)


def register(
    house: House, email: str = EMAIL, password: str = PASSWORD, client: Client = CLIENT
) -> None:
    """Register, and hold that the answer is what it always is."""
    with pytest.raises(ConfirmationNeeded) as caught:
        house.registrations.register(email, password, full_name="Ada", client=client)
    assert caught.value.message == (
        "Almost done: please open the link that we have sent to your address."
    )


def last_event(house: House) -> tuple[str, str | None]:
    """What happened last, and to whom."""
    event = house.events.records[-1]
    return event.event_type, event.user_id


def test_whole_way(house: House, postman: Postman) -> None:
    """An account counts once its link is taken back with its password."""
    register(house)
    assert postman.addressees == [EMAIL]
    assert "https://app.example.com/?persistauth_confirm=" in str(postman.sent[0].get_content())
    with pytest.raises(ConfirmationNeeded):
        house.accounts.authenticate(EMAIL, PASSWORD)
    owner = house.confirmations.confirm(postman.token, PASSWORD, client=CLIENT)
    assert (owner.user.email, owner.user.full_name, owner.pending) == (EMAIL, "Ada", None)
    assert last_event(house) == ("email_confirmed", owner.user.id)
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id


def test_unproven_account_tells_only_its_owner(house: House) -> None:
    """That an address is not proven yet is told to nobody without the password."""
    register(house)
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, "wrong-Kettle-93")


def test_taken_address(house: House, postman: Postman) -> None:
    """An address that is taken gets the same answer; its owner gets a letter without a link."""
    user = house.add_user()
    register(house, EMAIL, STRANGERS)
    (letter,) = postman.sent
    assert letter["To"] == EMAIL
    assert letter["Subject"] == "Orchard: You have an account already"
    assert "http" not in str(letter.get_content())
    assert last_event(house) == ("registration_refused", user.id)
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, STRANGERS)


@pytest.mark.parametrize("email", [EMAIL, "free@example.com"])
def test_same_work(house: House, bcrypt_calls: BcryptCalls, email: str) -> None:
    """A free address and a taken one: one hash, and nobody is looked up before the answer."""
    house.add_user()
    jobs: list[Callable[[], None]] = []
    house.letters._post = jobs.append
    house.users.reset()
    bcrypt_calls.count = 0
    register(house, email)
    assert bcrypt_calls.count == 1
    assert house.users.calls == []
    assert len(jobs) == 1


def test_look_alike_address(house: House, postman: Postman) -> None:
    """An address that looks like somebody's gets the same answer, and no account."""
    house.add_user("paypal@example.com")
    twin = "p\u0430ypal@example.com"
    register(house, twin)
    assert postman.sent == []
    assert last_event(house) == ("registration_refused", None)
    assert house.accounts.find(twin) is None


def test_squatter(house: House, postman: Postman) -> None:
    """Whoever registers somebody else's address first gets neither account nor keeps it away."""
    register(house, EMAIL, STRANGERS)
    unasked = postman.token
    with pytest.raises(WrongPassword):
        house.confirmations.confirm(unasked, "the-owner-knows-none")
    register(house)
    with pytest.raises(InvalidLink):
        house.confirmations.confirm(unasked, STRANGERS)
    house.confirmations.confirm(postman.token, PASSWORD)
    house.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, STRANGERS)


def test_squatter_loses_to_a_reset(house: House, postman: Postman) -> None:
    """The owner of the address may also set a new password, which proves it, too."""
    register(house, EMAIL, STRANGERS)
    unasked = postman.token
    house.resets.request(EMAIL, client=CLIENT)
    house.resets.reset(postman.token.strip(), PASSWORD)
    assert house.accounts.authenticate(EMAIL, PASSWORD).pending is None
    with pytest.raises(InvalidLink):
        house.confirmations.confirm(unasked, STRANGERS)


def test_registered_again_after_the_proof(house: House, postman: Postman) -> None:
    """Once the address is proven, registering it again changes nothing, from whenever it was."""
    register(house)
    late: list[Callable[[], None]] = []
    house.letters._post = late.append
    register(house, EMAIL, STRANGERS)
    token = postman.token
    stale = house.accounts.find(EMAIL)
    assert stale is not None
    house.letters._post = lambda job: job()
    house.confirmations.confirm(token, PASSWORD)
    late[0]()
    house.accounts.authenticate(EMAIL, PASSWORD)
    draft = house.accounts.draft(EMAIL, STRANGERS)
    house.registrations._replace(stale, draft, CLIENT)
    house.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, STRANGERS)


def test_link_again(house: House, postman: Postman) -> None:
    """A lost link can be had again; the former one stops counting."""
    register(house)
    lost = postman.token
    house.confirmations.request(EMAIL, client=CLIENT)
    assert postman.token != lost
    with pytest.raises(InvalidLink):
        house.confirmations.confirm(lost, PASSWORD)
    house.confirmations.confirm(postman.token, PASSWORD)


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com", "no address"])
def test_no_link_for_others(house: House, postman: Postman, email: str) -> None:
    """An account that is complete, or is not there, gets no link."""
    house.add_user()
    house.confirmations.request(email, client=CLIENT)
    assert postman.sent == []


def test_a_day(house: House, postman: Postman) -> None:
    """A link counts for a day."""
    register(house)
    house.clock.move(hours=24)
    with pytest.raises(InvalidLink):
        house.confirmations.confirm(postman.token, PASSWORD)
    assert house.events.records[-1].details == {"purpose": "confirmation"}


def test_wrong_password_spends_no_link(house: House, postman: Postman) -> None:
    """Who mistypes the password can try again; guesses are limited."""
    register(house)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            house.confirmations.confirm(postman.token, "wrong-Kettle-93")
    with pytest.raises(Throttled):
        house.confirmations.confirm(postman.token, PASSWORD)
    house.clock.move(seconds=31)
    house.confirmations.confirm(postman.token, PASSWORD)


def test_taken_back_once(house: House, postman: Postman) -> None:
    """Of twenty threads with one link, one completes the account."""
    register(house)
    token = postman.token
    house.throttle.take = lambda *_buckets, **_more: None  # type: ignore[method-assign]

    def confirm() -> bool:
        try:
            house.confirmations.confirm(token, PASSWORD)
        except InvalidLink:
            return False
        return True

    assert at_once(*[confirm] * 20).count(True) == 1


def test_registered_at_once(house: House, postman: Postman) -> None:
    """Of twenty registrations of one address at once, the link that was sent last works."""
    house.throttle.take = lambda *_buckets, **_more: None  # type: ignore[method-assign]

    def call(number: int) -> Callable[[], None]:
        client = Client(f"198.51.100.{number}")  # one network has no room for twenty
        return lambda: register(house, EMAIL, f"plum-Kettle-{number}-orbit", client)

    at_once(*map(call, range(20)))
    owner = house.accounts.find(EMAIL)
    assert owner is not None
    assert owner.pending is Pending.CONFIRMATION


def test_limited(house: House, postman: Postman) -> None:
    """Nobody has a mailbox flooded by registering it, from wherever."""
    for number in range(3):
        client = Client(f"198.51.100.{number}", "Mozilla/5.0")
        with pytest.raises(ConfirmationNeeded):
            house.registrations.register(EMAIL, PASSWORD, client=client)
    with pytest.raises(Throttled):
        house.registrations.register(EMAIL, PASSWORD)
    assert len(postman.sent) == 3


def test_bad_input_is_told_first(house: House, postman: Postman) -> None:
    """What the policy refuses is refused before anything else."""
    with pytest.raises(InvalidPassword):
        house.registrations.register(EMAIL, "short")
    assert postman.sent == []


def test_without_proofs(postman: Postman) -> None:
    """Where no address has to be proven, an account counts at once, and a taken one is told."""
    house = House(mailer=postman)
    owner = house.registrations.register(EMAIL, PASSWORD, full_name="Ada", client=CLIENT)
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == owner.user.id
    with pytest.raises(EmailTaken):
        house.registrations.register(EMAIL, PASSWORD)
    assert postman.sent == []


def test_session_of_an_unproven_account(house: House, postman: Postman) -> None:
    """A sign-in that began before the proof ends with it."""
    register(house)
    owner = house.accounts.find(EMAIL)
    assert owner is not None
    session_id = house.sign_in(owner.user)
    house.confirmations.confirm(postman.token, PASSWORD)
    assert house.tokens.find_session(session_id) is None
