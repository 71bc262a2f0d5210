import logging
import re
import unicodedata
from contextlib import suppress
from dataclasses import replace

import bcrypt
import pytest
from tests.support.clock import START
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.passwords.hasher import MAX_LENGTH, PasswordHasher
from streamlit_persistauth.core.text.names import MAX_LENGTH as MAX_NAME_LENGTH
from streamlit_persistauth.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidName,
    InvalidPassword,
    StoreError,
)
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.memory import MemoryEventStore
from streamlit_persistauth.testing.races import at_once


def event_reasons(core: CoreApp) -> list[tuple[str, str | None]]:
    """Return the recorded events with their reasons."""
    return [(event.event_type, event.details.get("reason")) for event in core.events.records]


def refuse(core: CoreApp, email: str = EMAIL, password: str = PASSWORD) -> str:
    """Assert that a sign-in is rejected, and return the message."""
    with pytest.raises(InvalidCredentials) as caught:
        core.accounts.authenticate(email, password, client=CLIENT)
    return str(caught.value)


def work_of(core: CoreApp, monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> int:
    """Return the bcrypt iterations of an attempt."""
    work: list[int] = []
    real = bcrypt.hashpw

    def counted(data: bytes, setting: bytes) -> bytes:
        work.append(2 ** int(setting[4:6]))
        return real(data, setting)

    with monkeypatch.context() as patch, suppress(InvalidCredentials):
        patch.setattr(bcrypt, "hashpw", counted)
        core.accounts.authenticate(email, password)
    return sum(work)


def test_equal_work_where_a_hash_is_dearer(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of higher cost raises the work of every rejection, until its user has signed in."""
    dear = core.add_user("dear@example.com")
    core.change_user(dear.id, password_hash=PasswordHasher(7).hash(PASSWORD))
    core.add_user("cheap@example.com")
    disabled = core.add_user("disabled@example.com")
    core.change_user(disabled.id, is_active=False)
    core.invitations.create("invited@example.com")
    names = ("unknown", "cheap", "dear", "disabled", "invited")
    addresses = [*[f"{name}@example.com" for name in names], "no address@"]
    costs = {item: work_of(core, monkeypatch, item, "wrong-Kettle-93") for item in addresses}
    assert costs == dict.fromkeys(addresses, 2**7)
    assert work_of(core, monkeypatch, "disabled@example.com", PASSWORD) == 2**7
    assert work_of(core, monkeypatch, "dear@example.com", PASSWORD) == 2**7 + 2**4
    core.clock.move(minutes=10)
    assert work_of(core, monkeypatch, "unknown@example.com", PASSWORD) == 2**4
    assert work_of(core, monkeypatch, "dear@example.com", "wrong-Kettle-93") == 2**4


def test_dearer_hash_that_comes_later(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash that another process added raises the work once it is met or the cost is reread."""
    core.add_user()
    unknown = "unknown@example.com"
    assert work_of(core, monkeypatch, unknown, PASSWORD) == 2**4
    for rounds in (6, 7):
        later = core.add_user(f"later{rounds}@example.com")
        core.change_user(later.id, password_hash=PasswordHasher(rounds).hash(PASSWORD))
        if rounds == 6:
            assert work_of(core, monkeypatch, later.email, "wrong-Kettle-93") == 2**6
        else:
            core.clock.move(minutes=10)
        assert work_of(core, monkeypatch, unknown, "wrong-Kettle-93") == 2**rounds


def test_register(core: CoreApp) -> None:
    """A new account has a canonical address, a name, a time of creation and no roles."""
    name = " Ada Lovelace "
    user = core.accounts.register(" ADA@Example.com ", PASSWORD, full_name=name).user
    assert user == User(user.id, EMAIL, "Ada Lovelace", (), True, START, None)  # noqa: FBT003
    assert re.fullmatch(r"[0-9a-f]{32}", user.id)
    assert event_reasons(core) == [("registered", None)]


def test_register_stores_a_tagged_hash(core: CoreApp) -> None:
    """The store gets a hash with its parameters, not the password."""
    user = core.add_user()
    stored = core.users.get(user.id).password_hash
    assert stored.startswith("$bcrypt-sha256$v=2,t=2b,r=4$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    "email", [EMAIL, "ADA@EXAMPLE.COM", " ada@example.com ", "Ada@example.com"]
)
def test_taken(core: CoreApp, email: str) -> None:
    """One address has one account, regardless of case and surrounding whitespace."""
    first = core.add_user()
    with pytest.raises(EmailTaken):
        core.accounts.register(email, "another-Kettle-1")
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == first.id


def test_taken_in_another_normal_form(core: CoreApp) -> None:
    """Addresses that differ only in Unicode composition cannot coexist."""
    core.add_user("zo\u00eb@example.com")
    with pytest.raises(EmailTaken):
        core.accounts.register("zoe\u0308@example.com", PASSWORD)


def test_taken_hashes_like_any(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """Registering a taken address takes one hash, as registering a new one does."""
    core.add_user()
    assert bcrypt_calls.count == 1
    with pytest.raises(EmailTaken):
        core.accounts.register(EMAIL, PASSWORD)
    assert bcrypt_calls.count == 2


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (("nonsense", PASSWORD, ""), InvalidEmail),
        (("", PASSWORD, ""), InvalidEmail),
        ((EMAIL, "short", ""), InvalidPassword),
        ((EMAIL, "", ""), InvalidPassword),
        ((EMAIL, "x" * (MAX_LENGTH + 1), ""), InvalidPassword),
        ((EMAIL, "x" * 1_000_000, ""), InvalidPassword),
        ((EMAIL, "ADA@example.com", ""), InvalidPassword),
        ((EMAIL, PASSWORD, "x" * (MAX_NAME_LENGTH + 1)), InvalidName),
        ((EMAIL, PASSWORD, "Ada\nLovelace"), InvalidName),
    ],
)
def test_register_refuses_unhashed(
    core: CoreApp, bcrypt_calls: BcryptCalls, typed: tuple[str, str, str], error: type[Exception]
) -> None:
    """Invalid input is rejected before anything is hashed or stored."""
    email, password, name = typed
    with pytest.raises(error):
        core.accounts.register(email, password, full_name=name)
    assert bcrypt_calls.count == 0
    assert core.accounts.is_empty()
    assert not core.events.records


def test_is_empty(core: CoreApp) -> None:
    """A store is empty until the first account is created."""
    assert core.accounts.is_empty()
    core.add_user()
    assert not core.accounts.is_empty()


@pytest.mark.parametrize("email", [EMAIL, "ADA@EXAMPLE.COM", "  ada@example.com  "])
def test_authenticate(core: CoreApp, email: str) -> None:
    """The right password signs in, however the address is written."""
    user = core.add_user()
    assert core.accounts.authenticate(email, PASSWORD).user == user


def test_record_login(core: CoreApp) -> None:
    """The time of a sign-in is stored, and nothing else changes."""
    user = core.add_user()
    owner = core.users.get(user.id)
    core.clock.move(hours=1)
    stored = core.accounts.record_login(owner)
    assert stored == replace(owner, user=replace(user, last_login_at=core.clock.now))
    assert core.users.get(user.id) == stored


@pytest.mark.parametrize(
    "changes", [{"password_hash": "new"}, {"security_stamp": "new"}, {"is_active": False}]
)
def test_record_login_of_a_changed_account(core: CoreApp, changes: dict[str, object]) -> None:
    """An account that changed after the password check is not signed in."""
    user = core.add_user()
    owner = core.users.get(user.id)
    core.change_user(user.id, **changes)
    with pytest.raises(InvalidCredentials):
        core.accounts.record_login(owner, client=CLIENT)
    assert event_reasons(core)[1:] == [("login_failed", "changed meanwhile")]


def test_authenticate_hashes_once(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """A sign-in computes one hash."""
    core.add_user()
    bcrypt_calls.count = 0
    core.accounts.authenticate(EMAIL, PASSWORD)
    assert bcrypt_calls.count == 1


REFUSALS = [
    ("unknown@example.com", PASSWORD, "unknown email"),
    ("no address@", PASSWORD, "unknown email"),
    ("@", PASSWORD, "unknown email"),
    ("' OR '1'='1' --@", PASSWORD, "unknown email"),
    ("\ud800@example.com", PASSWORD, "unknown email"),
    ("x@" * 5_000, PASSWORD, "unknown email"),
    (EMAIL, "wrong-Kettle-93", "wrong password"),
    (EMAIL, "", "wrong password"),
    (EMAIL, PASSWORD + "\0", "wrong password"),
    (EMAIL, PASSWORD.lower(), "wrong password"),
    (EMAIL, "x" * MAX_LENGTH, "wrong password"),
]


@pytest.mark.parametrize(("email", "password", "reason"), REFUSALS)
def test_refusals_are_alike(
    core: CoreApp, bcrypt_calls: BcryptCalls, email: str, password: str, reason: str
) -> None:
    """Every rejection has the same message and the work of one hash; the event has the reason."""
    core.add_user()
    bcrypt_calls.count = 0
    assert refuse(core, email, password) == "Invalid email or password."
    assert bcrypt_calls.count == 1
    assert event_reasons(core)[1:] == [("login_failed", reason)]


@pytest.mark.parametrize("typed", ["ada", "", " ", "' OR '1'='1' --", "x" * 10_000])
def test_not_an_address(core: CoreApp, bcrypt_calls: BcryptCalls, typed: str) -> None:
    """A text without `@` is answered at once: it is not counted and not hashed."""
    core.add_user(username="ada")
    bcrypt_calls.count = 0
    core.users.reset()
    for _ in range(20):
        with pytest.raises(InvalidEmail) as caught:
            core.accounts.authenticate(typed, PASSWORD, client=CLIENT)
        assert caught.value.message == "Enter your email address."
    assert (bcrypt_calls.count, core.users.calls) == (0, [])
    assert event_reasons(core)[1:] == []


def test_disabled(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """A disabled account is rejected like a wrong password, although the password is right."""
    user = core.add_user()
    core.change_user(user.id, is_active=False)
    bcrypt_calls.count = 0
    assert refuse(core) == "Invalid email or password."
    assert bcrypt_calls.count == 1
    assert event_reasons(core)[1:] == [("login_failed", "disabled")]
    assert core.users.get(user.id).user.last_login_at is None


def test_disabled_with_an_old_hash(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """The upgrade of a hash does not reveal that the password of a disabled account was right."""
    user = core.add_user()
    old = PasswordHasher(5).hash(PASSWORD)
    core.change_user(user.id, is_active=False, password_hash=old)
    bcrypt_calls.count = 0
    refuse(core)
    assert bcrypt_calls.count == 1
    assert core.users.get(user.id).password_hash == old


@pytest.mark.parametrize("stored", ["", "nonsense", "$2b$04$" + "z" * 53])
def test_damaged_hash(core: CoreApp, bcrypt_calls: BcryptCalls, stored: str) -> None:
    """An account with an unreadable hash is rejected like a wrong password."""
    user = core.add_user()
    core.change_user(user.id, password_hash=stored)
    bcrypt_calls.count = 0
    assert refuse(core) == "Invalid email or password."
    assert bcrypt_calls.count == 1


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_long_password_costs_nothing(core: CoreApp, bcrypt_calls: BcryptCalls, email: str) -> None:
    """A megabyte of password is rejected without hashing, for known and unknown accounts."""
    core.add_user()
    core.users.reset()
    bcrypt_calls.count = 0
    assert refuse(core, email, "x" * 1_000_000) == "Invalid email or password."
    assert bcrypt_calls.count == 0
    assert core.users.calls == []
    assert event_reasons(core)[1:] == [("login_failed", "password too long")]


def test_long_password_in_decomposed_characters(core: CoreApp) -> None:
    """An accepted password also signs in when typed in decomposed characters."""
    password = "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e " * 12
    core.accounts.register(EMAIL, password)
    decomposed = unicodedata.normalize("NFD", password)
    assert core.accounts.authenticate(EMAIL, decomposed).user.email == EMAIL


@pytest.mark.parametrize(
    "stored",
    [
        bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
        PasswordHasher(5).hash(PASSWORD),
    ],
    ids=["plain", "other cost"],
)
def test_upgrade_at_login(core: CoreApp, stored: str) -> None:
    """An outdated hash is replaced at the next sign-in, and the password stays the same."""
    user = core.add_user()
    core.change_user(user.id, password_hash=stored)
    core.accounts.authenticate(EMAIL, PASSWORD)
    upgraded = core.users.get(user.id).password_hash
    assert upgraded.startswith("$bcrypt-sha256$v=2,t=2b,r=4$")
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    assert core.users.get(user.id).password_hash == upgraded
    refuse(core, EMAIL, PASSWORD + "x")


def test_wrong_password_upgrades_nothing(core: CoreApp) -> None:
    """A rejected sign-in does not change the store."""
    user = core.add_user()
    stored = PasswordHasher(5).hash(PASSWORD)
    core.change_user(user.id, password_hash=stored)
    before = core.users.get(user.id)
    refuse(core, EMAIL, "wrong-Kettle-93")
    assert core.users.get(user.id) == before


@pytest.mark.parametrize("call", [0, 1, 2])
def test_store_that_fails(core: CoreApp, call: int) -> None:
    """A failing store signs no user in, whichever call fails."""
    core.add_user()
    core.users.reset(fail_at=call)
    with pytest.raises(StoreError):
        core.accounts.authenticate(EMAIL, PASSWORD)
    core.users.reset()
    core.clock.move(minutes=10)
    core.accounts.authenticate(EMAIL, PASSWORD)
    assert core.users.calls == ["find", "highest_hash_cost", "get"]


def test_register_with_a_store_that_fails(core: CoreApp) -> None:
    """A failing store creates no account and records none."""
    core.users.reset(fail_at=0)
    with pytest.raises(StoreError):
        core.add_user()
    assert not core.events.records


def test_disabled_at_this_moment(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is disabled during the password check does not sign in."""
    user = core.add_user()
    real = core.hasher.needs_upgrade

    def disable_meanwhile(stored: str) -> bool:
        core.change_user(user.id, is_active=False)
        return real(stored)

    monkeypatch.setattr(core.hasher, "needs_upgrade", disable_meanwhile)
    refuse(core)


def test_nothing_secret_in_events_or_log(caplog: pytest.LogCaptureFixture) -> None:
    """Events and the log contain neither passwords nor addresses."""
    caplog.set_level(logging.DEBUG)
    events = MemoryEventStore()
    core = CoreApp(events=events)
    core.add_user()
    core.accounts.authenticate(EMAIL, PASSWORD)
    refuse(core, EMAIL, "canary-of-a-password")
    refuse(core, "canary@example.com", "canary-of-a-password")
    refuse(core, "canary-of-a-password@", "canary-of-a-password")
    refuse(core, EMAIL, "canary-of-a-password" * 50)
    with pytest.raises(EmailTaken):
        core.accounts.register(EMAIL, "canary-of-a-password")
    told = caplog.text + repr(list(events.records))
    assert "login_failed" in told
    for canary in ("canary", PASSWORD, EMAIL, "$bcrypt"):
        assert canary not in told


def test_event_says_where_from(core: CoreApp) -> None:
    """The event of a failed sign-in has its network address and the account."""
    user = core.add_user()
    refuse(core, EMAIL, "wrong-Kettle-93")
    event = core.events.records[-1]
    assert (event.user_id, event.ip_address, event.user_agent) == (
        user.id,
        CLIENT.ip_address,
        CLIENT.user_agent,
    )


@pytest.mark.parametrize(
    "twin",
    [
        "\u0430da@example.com",  # Cyrillic a
        "\uff41da@example.com",  # full width a
        "ad\u0430@example.com",
    ],
)
def test_twins(core: CoreApp, twin: str) -> None:
    """An address that looks like another one cannot have its own account."""
    core.add_user()
    with pytest.raises(EmailTaken):
        core.accounts.register(twin, "plum-Kettle-94-orbit")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bill@example.com", "bil1@example.com"),
        ("arnold@example.com", "amold@example.com"),
        ("zoe@example.com", "zo\u00eb@example.com"),
    ],
)
def test_no_twins(core: CoreApp, one: str, other: str) -> None:
    """Addresses that merely resemble each other are different accounts."""
    core.add_user(one)
    core.add_user(other)


def test_one_address_at_once(core: CoreApp) -> None:
    """Twenty threads that register one address or its look-alike create one account."""

    def register(email: str) -> bool:
        try:
            core.accounts.register(email, "plum-Kettle-94-orbit")
        except EmailTaken:
            return False
        return True

    calls = [lambda: register(EMAIL), lambda: register("\u0430da@example.com")] * 10
    assert at_once(*calls).count(True) == 1


def test_change_name(core: CoreApp) -> None:
    """A new name is stored in its clean form, recorded as an event, and revokes no session."""
    user = core.add_user()
    session_id = core.sign_in(user)
    assert core.accounts.change_name(user.id, "  Ada  King ", client=CLIENT)
    signed_in = core.sessions.resume_session(session_id)
    assert signed_in.user.full_name == "Ada  King"
    event = core.events.records[-1]
    assert (event.event_type, event.user_id) == ("profile_changed", user.id)
    assert event.ip_address == CLIENT.ip_address
    assert "King" not in repr(event)


def test_change_name_refused(core: CoreApp) -> None:
    """An invalid name, or an unknown user, changes nothing."""
    user = core.add_user()
    with pytest.raises(InvalidName):
        core.accounts.change_name(user.id, "Ada\nLovelace")
    assert core.users.get(user.id).user == user
    assert not core.accounts.change_name("nobody", "Ada")
    assert core.events.records[-1].event_type != "profile_changed"


def test_change_name_that_is_not_kept(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a store without names, such as an app's own table, the result is False."""
    user = core.add_user()
    monkeypatch.setattr(core.users, "update", lambda *_: True, raising=False)
    assert not core.accounts.change_name(user.id, "Ada King")
    assert core.events.records[-1].event_type != "profile_changed"
