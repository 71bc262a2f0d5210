"""Accounts that sign in with a user name, or with either name."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import jwt
import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.errors import (
    AuthError,
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidLink,
    InvalidName,
    InvalidPassword,
    InvalidUsername,
    NotAllowed,
    Throttled,
    UsernameTaken,
)
from streamlit_persistauth.models import Client, User
from streamlit_persistauth.testing.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[3] / "docs"
WRONG = "wrong-Kettle-93"


@pytest.fixture(params=[LoginBy.USERNAME, LoginBy.EITHER])
def core(request: pytest.FixtureRequest, mailer: FakeMailer) -> CoreApp:
    """An app whose users sign in with a user name, or with either name; it sends mail."""
    return CoreApp(login_by=request.param, mailer=mailer)


@pytest.fixture
def by_username(mailer: FakeMailer) -> CoreApp:
    """An app whose users sign in with a user name."""
    return CoreApp(login_by=LoginBy.USERNAME, mailer=mailer)


@pytest.fixture
def by_either(mailer: FakeMailer) -> CoreApp:
    """An app whose users sign in with either name."""
    return CoreApp(login_by=LoginBy.EITHER, mailer=mailer)


def event_reasons(core: CoreApp) -> list[tuple[str, str | None]]:
    """Return the recorded events with their reasons."""
    return [(event.event_type, event.details.get("reason")) for event in core.events.records]


def guess(core: CoreApp, identifier: str, client: Client = CLIENT) -> str:
    """Try a wrong password; return the message."""
    with pytest.raises((InvalidCredentials, Throttled)) as caught:
        core.accounts.authenticate(identifier, WRONG, client=client)
    return str(caught.value)


# Signing in


@pytest.mark.parametrize("typed", ["ada", " ADA ", "\uff21da"])
def test_username(core: CoreApp, typed: str) -> None:
    """A user name signs in, however it is written."""
    user = core.add_user(EMAIL, "Ada")
    assert (user.email, user.username) == (EMAIL, "ada")
    assert core.accounts.authenticate(typed, PASSWORD).user == user


def test_either_name(by_either: CoreApp) -> None:
    """With `either`, both names sign in to the account."""
    user = by_either.add_user(EMAIL, "ada")
    for typed in ("ada", EMAIL, EMAIL.upper()):
        assert by_either.accounts.authenticate(typed, PASSWORD).user == user


def test_address_is_no_username(by_username: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """With `username`, an address is answered at once: it is not counted and not hashed."""
    by_username.add_user(EMAIL, "ada")
    bcrypt_calls.count = 0
    for _ in range(20):
        with pytest.raises(InvalidUsername) as caught:
            by_username.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
        assert caught.value.message == "Enter your username."
    assert bcrypt_calls.count == 0
    assert event_reasons(by_username)[1:] == []


def test_username_does_not_sign_in_by_email() -> None:
    """With `email`, a user name that an account has signs no user in."""
    core = CoreApp()
    assert core.add_user(EMAIL, "ada").username == "ada"
    with pytest.raises(InvalidEmail):
        core.accounts.authenticate("ada", PASSWORD)


@pytest.mark.parametrize(
    ("login_by", "message"),
    [
        (LoginBy.USERNAME, "Invalid username or password."),
        (LoginBy.EITHER, "Invalid email, username or password."),
    ],
)
@pytest.mark.parametrize(
    "typed", ["ada", "unknown", "no name", "' OR '1'='1' --", "x" * 10_000, ""]
)
def test_refusals_are_alike(
    bcrypt_calls: BcryptCalls, login_by: LoginBy, message: str, typed: str
) -> None:
    """Known, unknown and impossible user names get the same message and the work of one hash."""
    core = CoreApp(login_by=login_by)
    core.add_user(EMAIL, "ada")
    bcrypt_calls.count = 0
    assert guess(core, typed) == message
    assert bcrypt_calls.count == 1
    reason = "wrong password" if typed == "ada" else "unknown username"
    assert event_reasons(core)[1:] == [("login_failed", reason)]


def test_disabled(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """A disabled account is refused like a wrong password, although the password is right."""
    user = core.add_user(EMAIL, "ada")
    core.change_user(user.id, is_active=False)
    bcrypt_calls.count = 0
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate("ada", PASSWORD)
    assert bcrypt_calls.count == 1


def test_one_look_up(core: CoreApp) -> None:
    """A sign-in by user name reads the store as often as one by address."""
    core.add_user(EMAIL, "ada")
    core.users.reset()
    core.accounts.authenticate("ada", PASSWORD)
    assert core.users.calls == ["find_username", "highest_hash_cost", "get"]


# The throttle


@pytest.mark.parametrize("typed", ["ada", "unknown", "no name"])
def test_known_and_unknown_alike(
    by_username: CoreApp, bcrypt_calls: BcryptCalls, typed: str
) -> None:
    """Known and unknown user names are throttled alike, as addresses are, without hashing."""
    by_username.add_user(EMAIL, "ada")
    bcrypt_calls.count = 0
    messages = [guess(by_username, typed) for _ in range(7)]
    assert messages[:5] == ["Invalid username or password."] * 5
    assert messages[5:] == ["Too many attempts. Please try again in 30 seconds."] * 2
    assert bcrypt_calls.count == 5


@pytest.mark.parametrize(
    "names", [("ada", EMAIL), ("unknown", "unknown@example.com")], ids=["known", "unknown"]
)
def test_alternating_reveals_nothing(by_either: CoreApp, names: tuple[str, str]) -> None:
    """The answers do not reveal whether two names belong to one account."""
    by_either.add_user(EMAIL, "ada")
    for name in names:
        messages = [guess(by_either, name) for _ in range(5)]
        assert messages[:3] == ["Invalid email, username or password."] * 3
        assert messages[3:] == ["Too many attempts. Please try again in 1 minute."] * 2


def guesses(core: CoreApp, names: list[str], *, days: int) -> list[int]:
    """Guess whenever one of the names allows it; return the number of guesses a day."""
    start = core.clock()
    networks = (Client(f"10.0.{n // 256}.{n % 256}") for n in range(10_000))
    made = [0] * days
    while (day := (core.clock() - start).days) < days:
        waits = []
        for name in names:
            try:
                core.accounts.authenticate(name, WRONG, client=next(networks))
            except Throttled as refusal:
                waits.append(refusal.retry_after)
            except InvalidCredentials:
                made[day] += 1
        if len(waits) == len(names):
            core.clock.move(seconds=min(waits).total_seconds())
    return made


def test_alternating_gains_nothing(by_either: CoreApp) -> None:
    """Guesses by alternating between two names of an account are not doubled."""
    by_either.add_user(EMAIL, "ada")
    first, *later = guesses(by_either, ["ada", EMAIL], days=4)
    assert first <= 1.25 * 35  # as `test_documented_guesses_a_day` counts for one name
    assert max(later) <= 24
    (page,) = DOCS.rglob("architecture.md")
    documented = page.read_text(encoding="utf-8")
    assert f"{first} guesses on the first day and {max(later)} on each day after it" in documented


def test_another_spelling_is_the_same_name(by_username: CoreApp) -> None:
    """Spellings of one user name share one counter."""
    by_username.add_user(EMAIL, "ada")
    for typed in ("ada", "ADA", " ada", "\uff41da", "Ada"):
        guess(by_username, typed)
    assert guess(by_username, "aDa").startswith("Too many attempts")


# New accounts


@pytest.mark.parametrize(
    ("login_by", "email", "username", "refusal"),
    [
        (LoginBy.EMAIL, EMAIL, "", None),
        (LoginBy.EMAIL, EMAIL, "ada", None),
        (LoginBy.EMAIL, "", "ada", InvalidEmail),
        (LoginBy.EMAIL, EMAIL, "no name", InvalidUsername),
        (LoginBy.USERNAME, "", "ada", None),
        (LoginBy.USERNAME, EMAIL, "ada", None),
        (LoginBy.USERNAME, EMAIL, "", InvalidUsername),
        (LoginBy.USERNAME, "nonsense", "ada", InvalidEmail),
        (LoginBy.EITHER, EMAIL, "ada", None),
        (LoginBy.EITHER, "", "ada", InvalidEmail),
        (LoginBy.EITHER, EMAIL, "", InvalidUsername),
    ],
)
def test_what_registration_needs(
    bcrypt_calls: BcryptCalls,
    login_by: LoginBy,
    email: str,
    username: str,
    refusal: type[AuthError] | None,
) -> None:
    """The names that users sign in with are required; others may be left out."""
    core = CoreApp(login_by=login_by)
    if refusal is None:
        user = core.registrations.register(email, PASSWORD, username=username).user
        assert (user.email, user.username) == (email, username)
        return
    with pytest.raises(refusal):
        core.registrations.register(email, PASSWORD, username=username)
    assert bcrypt_calls.count == 0
    assert core.accounts.is_empty()


@pytest.mark.parametrize("twin", ["ada", "ADA", "\uff41da", "\u0430da", "\u0251da"])
def test_look_alikes_do_not_coexist(core: CoreApp, twin: str) -> None:
    """A user name has one account, and so have user names that look like it."""
    user = core.add_user(EMAIL, "ada")
    with pytest.raises(UsernameTaken):
        core.accounts.register("twin@example.com", PASSWORD, username=twin)
    bob = core.add_user("bob@example.com", "bob")
    with pytest.raises(UsernameTaken):
        core.user_admin.set_username(bob.id, twin)
    with pytest.raises(UsernameTaken):
        core.invitations.create("twin@example.com", username=twin)
    assert core.users.find("twin@example.com") is None
    assert core.users.get(bob.id).user == bob
    assert core.users.find_username("ada").user == user
    assert ("registration_refused", "username taken") in event_reasons(core)


@pytest.mark.parametrize(
    "name", [EMAIL, EMAIL.upper(), "ada\uff20example.com", "ada\ufe6bexample.com"]
)
def test_no_username_equals_an_address(core: CoreApp, name: str) -> None:
    """The address of another account, in any spelling, can't become a user name."""
    ada = core.add_user(EMAIL, "ada")
    eve = core.add_user("eve@example.com", "eve")
    with pytest.raises(InvalidUsername):
        core.accounts.register("twin@example.com", PASSWORD, username=name)
    with pytest.raises(InvalidUsername):
        core.user_admin.set_username(eve.id, name)
    with pytest.raises(InvalidUsername):
        core.invitations.create("twin@example.com", username=name)
    assert core.users.find_username(name) is None
    assert core.user_admin.get(EMAIL) == core.users.get(ada.id)


def test_one_username_at_once(core: CoreApp) -> None:
    """Twenty threads that register one user name or its look-alike create one account."""

    def register(username: str) -> bool:
        try:
            core.accounts.register(f"{new_id()}@example.com", PASSWORD, username=username)
        except UsernameTaken:
            return False
        return True

    calls = [lambda: register("ada"), lambda: register("\u0430da")] * 10
    assert at_once(*calls).count(True) == 1


def test_many_without_an_address(by_username: CoreApp) -> None:
    """Many accounts can have no address, and each signs in."""
    users = [by_username.add_user("", name) for name in ("ada", "bob", "cleo")]
    for user in users:
        assert by_username.accounts.authenticate(user.username, PASSWORD).user == user
    assert by_username.accounts.find("") is None
    with pytest.raises(InvalidUsername):
        by_username.accounts.authenticate("@", PASSWORD)


@pytest.mark.parametrize("password", ["lovelace-ada", "LOVELACE-ADA-1815"])
def test_password_of_own_username(core: CoreApp, password: str) -> None:
    """A password must not consist of the user name."""
    with pytest.raises(InvalidPassword):
        core.accounts.register(EMAIL, password, username="lovelace-ada")
    ada = core.add_user(EMAIL, "lovelace-ada")
    with pytest.raises(InvalidPassword):
        core.password_changes.change(ada.id, PASSWORD, password)


# Registration with a confirmed address


@pytest.fixture
def confirming(core: CoreApp) -> CoreApp:
    """An app that requires confirmed addresses."""
    core.must_confirm = True
    return core


def register(core: CoreApp, email: str, username: str, password: str = PASSWORD) -> None:
    """Register, and assert that a link is promised."""
    with pytest.raises(ConfirmationNeeded):
        core.registrations.register(email, password, username=username)


def test_confirmed(confirming: CoreApp, mailer: FakeMailer) -> None:
    """An account signs in by its user name after the address is confirmed."""
    register(confirming, EMAIL, "ada")
    with pytest.raises(ConfirmationNeeded):
        confirming.accounts.authenticate("ada", PASSWORD)
    confirming.confirmations.request("ada")
    assert mailer.addressees == [EMAIL] * 2
    confirming.confirmations.confirm(mailer.token, PASSWORD)
    assert confirming.accounts.authenticate("ada", PASSWORD).user.email == EMAIL


def test_confirmation_needs_an_address(confirming: CoreApp) -> None:
    """Where addresses must be confirmed, an account needs one."""
    with pytest.raises(InvalidEmail):
        confirming.registrations.register("", PASSWORD, username="ada")


@pytest.mark.parametrize("email", [EMAIL, "free@example.com"])
def test_taken_username_does_not_reveal_the_address(
    confirming: CoreApp, mailer: FakeMailer, email: str
) -> None:
    """A user name that is taken is refused, whether or not the address is that of its account."""
    confirming.add_user(EMAIL, "ada")
    with pytest.raises(UsernameTaken):
        confirming.registrations.register(email, PASSWORD, username="ada")
    assert mailer.sent == []


@pytest.mark.parametrize("stored", [EMAIL, "another@example.com"])
def test_unconfirmed_username_does_not_reveal_the_address(
    confirming: CoreApp, mailer: FakeMailer, stored: str
) -> None:
    """A username that was registered for another address tells nothing about that address."""
    confirming.add_user(stored, "ada")
    register(confirming, EMAIL, "zebra")
    register(confirming, "mine@example.net", "zebra")
    first = mailer.token
    register(confirming, EMAIL, "zebra")
    with pytest.raises(InvalidLink):
        confirming.confirmations.confirm(first, PASSWORD)
    register(confirming, "mine@example.net", "zebra")
    confirming.confirmations.confirm(mailer.token, PASSWORD)
    mine = confirming.accounts.authenticate("zebra", PASSWORD)
    assert mine.user.email == "mine@example.net"


def test_confirmed_while_registered_again(
    confirming: CoreApp, mailer: FakeMailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registration deletes no account that is confirmed at this moment."""
    register(confirming, EMAIL, "zebra")
    jobs: list[Callable[[], None]] = []
    confirming.post = jobs.append
    register(confirming, "mine@example.net", "zebra")
    find = confirming.users.find_username

    def find_and_confirm(username: str) -> object:
        found = find(username)
        confirming.confirmations.confirm(mailer.token, PASSWORD)
        return found

    monkeypatch.setattr(confirming.users, "find_username", find_and_confirm, raising=False)
    jobs[0]()
    assert find("zebra").user.email == EMAIL
    assert confirming.users.find("mine@example.net") is None


def test_taken_address(confirming: CoreApp, mailer: FakeMailer) -> None:
    """A taken address gets the usual answer, and its owner a mail; nothing changes."""
    user = confirming.add_user(EMAIL, "ada")
    register(confirming, EMAIL, "other")
    assert mailer.sent[-1]["Subject"] == "Orchard: You already have an account"
    assert confirming.users.get(user.id).user == user
    assert confirming.users.find_username("other") is None


def test_registered_again(confirming: CoreApp, mailer: FakeMailer) -> None:
    """A second registration of an unconfirmed address replaces the user name too."""
    register(confirming, EMAIL, "stranger")
    register(confirming, EMAIL, "ada")
    register(confirming, EMAIL, "ada")
    confirming.confirmations.confirm(mailer.token, PASSWORD)
    assert confirming.accounts.authenticate("ada", PASSWORD).user.email == EMAIL
    assert confirming.users.find_username("stranger") is None


@pytest.mark.parametrize("username", ["paypal", "p\u0430ypal"])
def test_look_alike_of_a_username(
    confirming: CoreApp, mailer: FakeMailer, bcrypt_calls: BcryptCalls, username: str
) -> None:
    """A user name that looks like another one is refused as an equal one is."""
    owner = confirming.add_user(EMAIL, "paypal")
    register(confirming, "free@example.com", "free")
    sent = len(mailer.sent)
    for email in ("twin@example.com", "free@example.com", EMAIL):
        bcrypt_calls.count = 0
        confirming.users.reset()
        with pytest.raises(UsernameTaken) as caught:
            confirming.registrations.register(email, PASSWORD, username=username)
        assert caught.value.message == "An account with this username already exists."
        assert bcrypt_calls.count == 1
        assert confirming.users.calls == ["find_username", "find_username_key"]
        event = confirming.events.records[-1]
        assert (event.event_type, event.user_id) == ("registration_refused", owner.id)
    assert len(mailer.sent) == sent
    assert confirming.users.find("twin@example.com") is None


@pytest.mark.parametrize("stored", [EMAIL, "another@example.com"])
@pytest.mark.parametrize("username", ["paypal", "p\u0430ypal"])
def test_unconfirmed_look_alike_does_not_reveal_the_address(
    confirming: CoreApp, mailer: FakeMailer, stored: str, username: str
) -> None:
    """A user name that was registered for another address leaves its look-alikes free."""
    confirming.add_user(stored, "ada")
    register(confirming, EMAIL, "paypal")
    register(confirming, "mine@example.net", username)
    assert mailer.addressees[-1] == "mine@example.net"
    confirming.confirmations.confirm(mailer.token, PASSWORD)
    assert confirming.accounts.authenticate(username, PASSWORD).user.email == "mine@example.net"


@pytest.mark.parametrize("stored", [EMAIL, "another@example.com"])
@pytest.mark.parametrize("username", ["zebra", "z\u0435bra"])
def test_unconfirmed_username_is_free_for_users(
    confirming: CoreApp, stored: str, username: str
) -> None:
    """Users who change or choose a user name do not learn who has registered it."""
    confirming.add_user(stored, "ada")
    bob = confirming.add_user("bob@example.com", "bob")
    register(confirming, EMAIL, "zebra")
    confirming.username_changes.change(bob.id, PASSWORD, username)
    assert confirming.users.find_username(username).user.id == bob.id
    confirming.username_changes.change(bob.id, PASSWORD, "bob")
    register(confirming, EMAIL, "zebra")
    token = confirming.invitations.create("cleo@example.com")
    cleo = confirming.invitations.accept(token, PASSWORD, username=username)
    assert confirming.users.find_username(username).user.id == cleo.user.id


@pytest.mark.parametrize("username", ["zebra", "z\u0435bra"])
def test_unconfirmed_username_is_free_for_invitations(confirming: CoreApp, username: str) -> None:
    """A visitor who confirms nothing keeps no username from an invited user."""
    register(confirming, EMAIL, "zebra")
    confirming.invitations.create("cleo@example.com", username=username)
    assert confirming.users.find_username(username).user.email == "cleo@example.com"
    assert confirming.users.find(EMAIL) is None


@pytest.mark.parametrize("email", [EMAIL, "free@example.com"])
def test_invited_username_does_not_reveal_the_address(
    confirming: CoreApp, mailer: FakeMailer, email: str
) -> None:
    """A user name of an invitation is refused, whether or not the address is the invited one."""
    confirming.invitations.create(EMAIL, username="ada")
    mailer.sent.clear()
    with pytest.raises(UsernameTaken):
        confirming.registrations.register(email, PASSWORD, username="ada")
    assert mailer.sent == []
    register(confirming, EMAIL, "other")
    assert mailer.addressees == [EMAIL]


# Invitations


def test_invited_with_an_address(core: CoreApp, mailer: FakeMailer) -> None:
    """An invited user chooses a user name; one that is invalid or taken keeps the link valid."""
    core.add_user("bob@example.com", "bob")
    token = core.invitations.create(EMAIL)
    for username, refusal in (
        ("", InvalidUsername),
        ("a b", InvalidUsername),
        ("bob", UsernameTaken),
    ):
        with pytest.raises(refusal):
            core.invitations.accept(token, PASSWORD, username=username)
    core.invitations.accept(token, PASSWORD, username="Ada")
    assert core.accounts.authenticate("ada", PASSWORD).user.email == EMAIL


def test_invited_without_an_address(core: CoreApp, mailer: FakeMailer) -> None:
    """A user name is enough for an invitation, whose link the administrator passes on."""
    first = core.invitations.create("", username="ada")
    token = core.invitations.create("", username="ada", roles=["editor"])
    assert mailer.sent == []
    with pytest.raises(AuthError):
        core.invitations.accept(first, PASSWORD)
    owner = core.invitations.accept(token, PASSWORD)
    assert (owner.user.username, owner.user.email, owner.user.roles) == ("ada", "", ("editor",))
    core.accounts.authenticate("ada", PASSWORD)
    with pytest.raises(UsernameTaken):
        core.invitations.create("", username="ada")


def test_invitation_does_not_take_an_account(core: CoreApp) -> None:
    """An invitation by user name does not replace a pending one that has an address."""
    core.invitations.create(EMAIL, username="ada")
    with pytest.raises(UsernameTaken):
        core.invitations.create("", username="ada")
    assert core.users.find(EMAIL).user.username == "ada"


def test_invited_over_a_registration(confirming: CoreApp) -> None:
    """An invitation replaces the user name that a stranger registered with the address."""
    register(confirming, EMAIL, "stranger")
    token = confirming.invitations.create(EMAIL)
    with pytest.raises(InvalidUsername):
        confirming.invitations.accept(token, PASSWORD)
    confirming.invitations.accept(token, PASSWORD, username="ada")
    assert confirming.users.find_username("stranger") is None


# Mails


def test_reset_by_username(core: CoreApp, mailer: FakeMailer) -> None:
    """A reset that is requested by the user name, or the address, is sent to the address."""
    core.add_user(EMAIL, "ada")
    for typed in ("ada", EMAIL):
        core.resets.request(typed, client=CLIENT)
    assert mailer.addressees == [EMAIL] * 2
    core.resets.reset(mailer.token, "another-Kettle-94")
    core.accounts.authenticate("ada", "another-Kettle-94")


def test_reset_with_email_needs_an_address(mailer: FakeMailer) -> None:
    """With `email`, a text without `@` is answered at once."""
    core = CoreApp(mailer=mailer)
    core.add_user(EMAIL, "ada")
    for _ in range(10):
        with pytest.raises(InvalidEmail, match="Enter your email address"):
            core.resets.request("ada", client=CLIENT)
    assert mailer.sent == []


def test_mails_per_account(core: CoreApp, mailer: FakeMailer) -> None:
    """An address gets no more mails if they are requested by both names."""
    core.add_user(EMAIL, "ada")
    for request in (core.resets.request, core.username_reminders.request):
        for typed in ("ada", EMAIL):
            for _ in range(4):
                with suppress(Throttled, InvalidEmail):
                    request(typed, client=CLIENT)
    assert mailer.addressees == [EMAIL] * 3


def test_a_mail_does_not_replace_another(core: CoreApp, mailer: FakeMailer) -> None:
    """Mails of one kind, or requests that send none, do not use up those of another kind."""
    core.add_user(EMAIL, "ada")
    for _ in range(3):
        core.username_reminders.request(EMAIL, client=CLIENT)
    core.resets.request("ada", client=CLIENT)
    assert mailer.sent[-1]["Subject"] == "Orchard: Set a new password"
    core.clock.move(days=2)
    for _ in range(3):
        core.confirmations.request("ada", client=CLIENT)
    core.username_reminders.request(EMAIL, client=CLIENT)
    core.resets.request(EMAIL, client=CLIENT)
    subjects = [mail["Subject"] for mail in mailer.sent[-2:]]
    assert subjects == ["Orchard: Your username", "Orchard: Set a new password"]


@pytest.mark.parametrize("typed", ["ada", "unknown"])
def test_requests_are_limited(core: CoreApp, typed: str) -> None:
    """Three resets of a user name are free, then a wait follows, with and without an account."""
    core.add_user(EMAIL, "ada")
    for _ in range(3):
        core.resets.request(typed, client=CLIENT)
    with pytest.raises(Throttled):
        core.resets.request(typed, client=CLIENT)


def test_reminder(core: CoreApp, mailer: FakeMailer) -> None:
    """A forgotten user name is sent to the address of the account, and to no other."""
    user = core.add_user(EMAIL, "ada")
    for email in (EMAIL.upper(), "unknown@example.com"):
        core.username_reminders.request(email, client=CLIENT)
    (mail,) = mailer.sent
    assert (mail["To"], mail["Subject"]) == (EMAIL, "Orchard: Your username")
    assert "Your username: ada" in mail.get_content()
    event = core.events.records[-1]
    assert (event.event_type, event.user_id) == ("username_requested", user.id)
    with pytest.raises(InvalidEmail):
        core.username_reminders.request("ada", client=CLIENT)


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_reminders_reveal_nothing(core: CoreApp, email: str) -> None:
    """The account is looked up after the answer, and requests are limited alike."""
    core.add_user(EMAIL, "ada")
    jobs: list[Callable[[], None]] = []
    core.post = jobs.append
    core.users.reset()
    for _ in range(3):
        core.username_reminders.request(email, client=CLIENT)
    with pytest.raises(Throttled):
        core.username_reminders.request(email, client=CLIENT)
    assert core.users.calls == []
    assert len(jobs) == 3


def test_no_reminder(confirming: CoreApp, mailer: FakeMailer) -> None:
    """A disabled account, a pending one and one without a user name get no reminder."""
    register(confirming, "pending@example.com", "pending")
    disabled = confirming.add_user("disabled@example.com", "disabled")
    confirming.user_admin.disable(disabled.id)
    nameless = confirming.add_user("nameless@example.com", "nameless")
    confirming.users.update(nameless.id, {"username": "", "username_key": None})
    mailer.sent.clear()
    for name in ("pending", "disabled", "nameless"):
        confirming.username_reminders.request(f"{name}@example.com")
    assert mailer.sent == []


def test_without_an_address(by_username: CoreApp, mailer: FakeMailer) -> None:
    """An account without an address gets no mail, and everything else works."""
    core = by_username
    admin = core.add_user("", "admin", roles=("admin",))
    user = core.add_user("", "ada")
    core.resets.request("ada", client=CLIENT)
    assert "password_reset_requested" not in [event.event_type for event in core.events.records]
    core.password_changes.change(user.id, PASSWORD, "another-Kettle-94")
    started = core.user_admin.start_reset(user.id, by=admin.id)
    assert started is not None
    assert started.link is not None
    core.resets.reset(started.token or "", "third-Kettle-95")
    session_id = core.sign_in(core.accounts.authenticate("ada", "third-Kettle-95").user)
    assert core.sessions.resume_session(session_id).user.email == ""
    assert core.confirmations.change_email(user.id, "third-Kettle-95", EMAIL) is None
    assert mailer.addressees == [EMAIL]
    core.confirmations.confirm(mailer.token, "third-Kettle-95")
    assert core.users.find(EMAIL).user.username == "ada"
    assert mailer.addressees == [EMAIL]
    assert core.user_admin.delete(user.id, by=admin.id)


def test_claim_without_an_address() -> None:
    """A credential of an account without an address has no claim `email`."""
    core = CoreApp(login_by=LoginBy.USERNAME, email_claim=True)
    text = core.sessions.issue(core.sign_in(core.add_user("", "ada"))).text
    assert core.signer.verify(text).subject
    assert "email" not in jwt.decode(text, options={"verify_signature": False})


def test_store_without_addresses(mailer: FakeMailer) -> None:
    """Where the app's table has no addresses, one is refused instead of lost."""
    core = CoreApp(login_by=LoginBy.USERNAME, has_emails=False, mailer=mailer)
    user = core.add_user("", "ada")
    with pytest.raises(InvalidEmail):
        core.accounts.register(EMAIL, PASSWORD, username="bob")
    with pytest.raises(InvalidEmail):
        core.confirmations.change_email(user.id, PASSWORD, EMAIL)


@pytest.mark.parametrize("must_confirm", [False, True])
@pytest.mark.parametrize(
    ("field", "names", "refusal"),
    [
        ("email", ("j\u00f6rg@example.com", "joerg", ""), InvalidEmail),
        ("username", ("joerg@example.com", "j\u00f6rg", ""), InvalidUsername),
        ("full_name", ("joerg@example.com", "joerg", "J\u00f6rg"), InvalidName),
    ],
)
def test_what_the_store_cannot_hold(
    mailer: FakeMailer,
    field: str,
    names: tuple[str, str, str],
    refusal: type[AuthError],
    *,
    must_confirm: bool,
) -> None:
    """A name that the store can't hold is refused at every way in, and nothing is stored."""
    core = CoreApp(
        login_by=LoginBy.EITHER,
        mailer=mailer,
        must_confirm=must_confirm,
        can_hold=lambda name, text: name != field or text.isascii(),
    )
    email, username, full_name = names
    token = core.invitations.create("bob@example.com")
    calls: list[Callable[[], object]] = [
        lambda: core.registrations.register(
            email, PASSWORD, username=username, full_name=full_name
        ),
        lambda: core.invitations.create(email, username=username, full_name=full_name),
    ]
    if field != "email":
        calls.append(
            lambda: core.invitations.accept(token, PASSWORD, username=username, full_name=full_name)
        )
    for call in calls:
        with pytest.raises(refusal, match="characters that this app can't store"):
            call()
    assert core.users.page(UserQuery()).total == 1
    assert core.invitations.accept(token, PASSWORD, username="bob").user.username == "bob"


# Administration


def test_set_username(core: CoreApp) -> None:
    """An administrator changes a user name; sessions stay valid, and the old name is free."""
    admin = core.add_user("admin@example.com", "admin", roles=("admin",))
    user = core.add_user(EMAIL, "ada")
    session_id = core.sign_in(user)
    assert core.user_admin.set_username(user.id, " Lovelace ", by=admin.id)
    assert core.sessions.resume_session(session_id).user == replace(user, username="lovelace")
    event = core.events.records[-1]
    assert (event.event_type, event.user_id) == ("username_changed", user.id)
    assert event.details == {"by": admin.id}
    core.accounts.authenticate("lovelace", PASSWORD)
    guess(core, "ada")
    core.add_user("other@example.com", "ada")


def test_set_username_refused(core: CoreApp) -> None:
    """Users without the role, unknown accounts and invalid names change nothing."""
    admin = core.add_user("admin@example.com", "admin", roles=("admin",))
    user = core.add_user(EMAIL, "ada")
    with pytest.raises(NotAllowed):
        core.user_admin.set_username(admin.id, "evil", by=user.id)
    with pytest.raises(InvalidUsername):
        core.user_admin.set_username(user.id, "a b", by=admin.id)
    assert not core.user_admin.set_username("unknown", "x", by=admin.id)
    assert core.user_admin.set_username(user.id, "ADA", by=admin.id)
    assert core.users.get(user.id).user == user


def test_remove_username(by_username: CoreApp, by_either: CoreApp) -> None:
    """A user name can be removed if the account can still sign in."""
    lost = by_username.add_user(EMAIL, "ada")
    with pytest.raises(InvalidUsername):
        by_username.user_admin.set_username(lost.id, "")
    kept = by_either.add_user("bob@example.com", "bob")
    assert by_either.user_admin.set_username(kept.id, " ")
    assert by_either.users.get(kept.id).user == replace(kept, username="")
    assert by_either.users.get(kept.id).username_key is None


def test_find(core: CoreApp) -> None:
    """An account is found by id, address and user name, and by a part of the user name."""
    user = core.add_user(EMAIL, "countess")
    for text in (user.id, EMAIL.upper(), " Countess"):
        assert core.user_admin.get(text) == core.users.get(user.id)
    assert core.user_admin.get("unknown") is None
    page = core.user_admin.find(UserQuery("NTESS"))
    assert [record.user for record in page.users] == [user]


def test_username_that_equals_an_id(core: CoreApp) -> None:
    """An id finds its account, also if a table of the app has it as the user name of another."""
    ada = core.add_user(EMAIL, "ada")
    eve = core.add_user("eve@example.com", "eve")
    core.change_user(eve.id, username=ada.id, username_key=None)
    assert core.user_admin.get(ada.id) == core.users.find_username("ada")
    assert core.accounts.authenticate(ada.id, PASSWORD).user.id == eve.id


@pytest.mark.parametrize("spell", [str, str.upper, lambda text: str(UUID(text))])
def test_no_username_of_a_deleted_id(core: CoreApp, spell: "Callable[[str], str]") -> None:
    """The id of a deleted account can't become a user name, so it finds no other account."""
    ada = core.add_user(EMAIL, "ada")
    eve = core.add_user("eve@example.com", "eve")
    core.user_admin.delete(ada.id)
    name = spell(ada.id)
    token = core.invitations.create("free@example.com")
    for give in (
        lambda: core.accounts.register("free@example.com", PASSWORD, username=name),
        lambda: core.registrations.register("free@example.com", PASSWORD, username=name),
        lambda: core.invitations.create("free@example.com", username=name),
        lambda: core.invitations.accept(token, PASSWORD, username=name),
        lambda: core.user_admin.set_username(eve.id, name),
        lambda: core.username_changes.change(eve.id, PASSWORD, name),
    ):
        with pytest.raises(InvalidUsername, match="looks like an id"):
            give()
    assert core.user_admin.get(name) is None


@pytest.mark.parametrize(
    ("login_by", "names"),
    [
        (LoginBy.EMAIL, [EMAIL, EMAIL, "ada", "1"]),
        (LoginBy.USERNAME, ["ada", EMAIL, "ada", "1"]),
        (LoginBy.EITHER, [EMAIL, EMAIL, "ada", "1"]),
    ],
)
def test_name_in_lists(login_by: LoginBy, names: list[str]) -> None:
    """A list shows the name that users sign in with, or the other one, or the id."""
    core = CoreApp(login_by=login_by)
    users = [
        User("1", EMAIL, username="ada"),
        User("1", EMAIL),
        User("1", "", username="ada"),
        User("1", ""),
    ]
    assert [core.login_names.name_of(user) for user in users] == names


def test_waiting_time(by_either: CoreApp) -> None:
    """After a wait, the right password signs in by either name."""
    by_either.add_user(EMAIL, "ada")
    for name in ("ada", EMAIL):
        for _ in range(3):
            guess(by_either, name)
    by_either.clock.now += timedelta(minutes=1)
    for name in ("ada", EMAIL):
        by_either.accounts.authenticate(name, PASSWORD, client=CLIENT)


def test_taken_address_by_username(core: CoreApp) -> None:
    """Names of different kinds are separate: a taken address is refused by its own error."""
    core.add_user(EMAIL, "ada")
    with pytest.raises(EmailTaken):
        core.accounts.register(EMAIL, PASSWORD, username="other")


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.9", "198.51.100.9"), ("2001:db8::7", "2001:db8::/64")],
)
def test_name_of_a_network(core: CoreApp, address: str, network: str) -> None:
    """A login name that is written like a network blocks neither its sign-ins nor its mails."""
    ada, neighbour = core.add_user(EMAIL, "ada"), Client(address, "Mozilla/5.0")
    for _ in range(3):
        guess(core, network)
    for _ in range(3):
        core.resets.request(network, client=CLIENT)
    assert core.accounts.authenticate("ada", PASSWORD, client=neighbour).user.id == ada.id
    core.resets.request("ada", client=neighbour)
