import logging
import re
import unicodedata
from contextlib import suppress
from dataclasses import replace

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.clock import START
from tests.support.hashing import BcryptCalls
from tests.support.house import CLIENT, EMAIL, PASSWORD, House

from streamlit_persistauth.core.names import MAX_LENGTH as MAX_NAME_LENGTH
from streamlit_persistauth.core.names import clean_name
from streamlit_persistauth.core.passwords import MAX_LENGTH, PasswordHasher
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


def kinds(house: House) -> list[tuple[str, str | None]]:
    """The recorded events with their reasons."""
    return [(event.event_type, event.details.get("reason")) for event in house.events.records]


def refuse(house: House, email: str = EMAIL, password: str = PASSWORD) -> str:
    """Hold that a sign-in is refused, and return what is said."""
    with pytest.raises(InvalidCredentials) as caught:
        house.accounts.authenticate(email, password, client=CLIENT)
    return str(caught.value)


def work_of(house: House, monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> int:
    """Return the iterations of bcrypt that a try takes."""
    work: list[int] = []
    real = bcrypt.hashpw

    def counted(data: bytes, setting: bytes) -> bytes:
        work.append(2 ** int(setting[4:6]))
        return real(data, setting)

    with monkeypatch.context() as patch, suppress(InvalidCredentials):
        patch.setattr(bcrypt, "hashpw", counted)
        house.accounts.authenticate(email, password)
    return sum(work)


def test_equal_work_where_a_hash_is_dearer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of a higher cost makes every refusal as dear, until its owner has signed in."""
    dear = house.add_user("dear@example.com")
    house.change_user(dear.id, password_hash=PasswordHasher(7).hash(PASSWORD))
    house.add_user("cheap@example.com")
    disabled = house.add_user("disabled@example.com")
    house.change_user(disabled.id, is_active=False)
    house.invitations.create("invited@example.com")
    names = ("unknown", "cheap", "dear", "disabled", "invited")
    addresses = [*[f"{name}@example.com" for name in names], "no address"]
    costs = {item: work_of(house, monkeypatch, item, "wrong-Kettle-93") for item in addresses}
    assert costs == dict.fromkeys(addresses, 2**7)
    assert work_of(house, monkeypatch, "disabled@example.com", PASSWORD) == 2**7
    assert work_of(house, monkeypatch, "dear@example.com", PASSWORD) == 2**7 + 2**4
    house.clock.move(minutes=10)
    assert work_of(house, monkeypatch, "unknown@example.com", PASSWORD) == 2**4
    assert work_of(house, monkeypatch, "dear@example.com", "wrong-Kettle-93") == 2**4


def test_dearer_hash_that_comes_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that another process has added makes refusals dearer once it is met, or read."""
    house.add_user()
    unknown = "unknown@example.com"
    assert work_of(house, monkeypatch, unknown, PASSWORD) == 2**4
    for rounds in (6, 7):
        later = house.add_user(f"later{rounds}@example.com")
        house.change_user(later.id, password_hash=PasswordHasher(rounds).hash(PASSWORD))
        if rounds == 6:
            assert work_of(house, monkeypatch, later.email, "wrong-Kettle-93") == 2**6
        else:
            house.clock.move(minutes=10)
        assert work_of(house, monkeypatch, unknown, "wrong-Kettle-93") == 2**rounds


def test_register(house: House) -> None:
    """A new account has its canonical address, its name, a time, and no roles."""
    name = " Ada Lovelace "
    user = house.accounts.register(" ADA@Example.com ", PASSWORD, full_name=name).user
    assert user == User(user.id, EMAIL, "Ada Lovelace", (), True, START, None)  # noqa: FBT003
    assert re.fullmatch(r"[0-9a-f]{32}", user.id)
    assert kinds(house) == [("registered", None)]


def test_register_stores_a_tagged_hash(house: House) -> None:
    """What is stored of a password is a hash with its parameters."""
    user = house.add_user()
    stored = house.users.get(user.id).password_hash
    assert stored.startswith("$bcrypt-sha256$v=2,t=2b,r=4$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    "email", [EMAIL, "ADA@EXAMPLE.COM", " ada@example.com ", "Ada@example.com"]
)
def test_taken(house: House, email: str) -> None:
    """One address makes one account, in whatever case or with spaces."""
    first = house.add_user()
    with pytest.raises(EmailTaken):
        house.accounts.register(email, "another-Kettle-1")
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == first.id


def test_taken_in_another_normal_form(house: House) -> None:
    """Addresses that differ only in Unicode composition can't coexist."""
    house.add_user("zo\u00eb@example.com")
    with pytest.raises(EmailTaken):
        house.accounts.register("zoe\u0308@example.com", PASSWORD)


def test_taken_hashes_like_any(house: House, bcrypt_calls: BcryptCalls) -> None:
    """Registering a taken address is the work of one hash, as registering a new one is."""
    house.add_user()
    assert bcrypt_calls.count == 1
    with pytest.raises(EmailTaken):
        house.accounts.register(EMAIL, PASSWORD)
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
    house: House, bcrypt_calls: BcryptCalls, typed: tuple[str, str, str], error: type[Exception]
) -> None:
    """What can't become an account is refused before anything is hashed or stored."""
    email, password, name = typed
    with pytest.raises(error):
        house.accounts.register(email, password, full_name=name)
    assert bcrypt_calls.count == 0
    assert house.accounts.has_none()
    assert not house.events.records


def test_has_none(house: House) -> None:
    """The first account is noticed."""
    assert house.accounts.has_none()
    house.add_user()
    assert not house.accounts.has_none()


@pytest.mark.parametrize("email", [EMAIL, "ADA@EXAMPLE.COM", "  ada@example.com  "])
def test_authenticate(house: House, email: str) -> None:
    """The right password signs in, however the address is typed."""
    user = house.add_user()
    assert house.accounts.authenticate(email, PASSWORD).user == user


def test_note_login(house: House) -> None:
    """The time of a sign-in is stored, and nothing else changes."""
    user = house.add_user()
    owner = house.users.get(user.id)
    house.clock.move(hours=1)
    noted = house.accounts.note_login(owner)
    assert noted == replace(owner, user=replace(user, last_login_at=house.clock.now))
    assert house.users.get(user.id) == noted


@pytest.mark.parametrize(
    "changes", [{"password_hash": "new"}, {"security_stamp": "new"}, {"is_active": False}]
)
def test_note_login_of_a_changed_account(house: House, changes: dict[str, object]) -> None:
    """An account that has changed since the password was proven signs no one in."""
    user = house.add_user()
    owner = house.users.get(user.id)
    house.change_user(user.id, **changes)
    with pytest.raises(InvalidCredentials):
        house.accounts.note_login(owner, client=CLIENT)
    assert kinds(house)[1:] == [("login_failed", "changed meanwhile")]


def test_authenticate_hashes_once(house: House, bcrypt_calls: BcryptCalls) -> None:
    """A sign-in is the work of one hash."""
    house.add_user()
    bcrypt_calls.count = 0
    house.accounts.authenticate(EMAIL, PASSWORD)
    assert bcrypt_calls.count == 1


REFUSALS = [
    ("unknown@example.com", PASSWORD, "unknown email"),
    ("no address", PASSWORD, "unknown email"),
    ("", PASSWORD, "unknown email"),
    ("' OR '1'='1' --", PASSWORD, "unknown email"),
    ("\ud800@example.com", PASSWORD, "unknown email"),
    ("x" * 10_000, PASSWORD, "unknown email"),
    (EMAIL, "wrong-Kettle-93", "wrong password"),
    (EMAIL, "", "wrong password"),
    (EMAIL, PASSWORD + "\0", "wrong password"),
    (EMAIL, PASSWORD.lower(), "wrong password"),
    (EMAIL, "x" * MAX_LENGTH, "wrong password"),
]


@pytest.mark.parametrize(("email", "password", "reason"), REFUSALS)
def test_refusals_are_alike(
    house: House, bcrypt_calls: BcryptCalls, email: str, password: str, reason: str
) -> None:
    """Every refusal says the same words after the work of one hash; the event knows the reason."""
    house.add_user()
    bcrypt_calls.count = 0
    assert refuse(house, email, password) == "Invalid email or password."
    assert bcrypt_calls.count == 1
    assert kinds(house)[1:] == [("login_failed", reason)]


def test_disabled(house: House, bcrypt_calls: BcryptCalls) -> None:
    """A disabled account is refused like a wrong password, though the password is right."""
    user = house.add_user()
    house.change_user(user.id, is_active=False)
    bcrypt_calls.count = 0
    assert refuse(house) == "Invalid email or password."
    assert bcrypt_calls.count == 1
    assert kinds(house)[1:] == [("login_failed", "disabled")]
    assert house.users.get(user.id).user.last_login_at is None


def test_disabled_with_an_old_hash(house: House, bcrypt_calls: BcryptCalls) -> None:
    """The upgrade of a hash never shows that a disabled account's password was right."""
    user = house.add_user()
    old = PasswordHasher(5).hash(PASSWORD)
    house.change_user(user.id, is_active=False, password_hash=old)
    bcrypt_calls.count = 0
    refuse(house)
    assert bcrypt_calls.count == 1
    assert house.users.get(user.id).password_hash == old


@pytest.mark.parametrize("stored", ["", "nonsense", "$2b$04$" + "z" * 53])
def test_damaged_hash(house: House, bcrypt_calls: BcryptCalls, stored: str) -> None:
    """An account whose stored hash is damaged is refused like a wrong password."""
    user = house.add_user()
    house.change_user(user.id, password_hash=stored)
    bcrypt_calls.count = 0
    assert refuse(house) == "Invalid email or password."
    assert bcrypt_calls.count == 1


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_long_password_costs_nothing(house: House, bcrypt_calls: BcryptCalls, email: str) -> None:
    """A megabyte of password is refused unhashed, for known and unknown accounts alike."""
    house.add_user()
    house.users.reset()
    bcrypt_calls.count = 0
    assert refuse(house, email, "x" * 1_000_000) == "Invalid email or password."
    assert bcrypt_calls.count == 0
    assert house.users.calls == []
    assert kinds(house)[1:] == [("login_failed", "password too long")]


def test_long_password_in_decomposed_characters(house: House) -> None:
    """A password that was accepted signs in, also typed in decomposed characters."""
    password = "caf\u00e9 cr\u00e8me br\u00fbl\u00e9e " * 12
    house.accounts.register(EMAIL, password)
    decomposed = unicodedata.normalize("NFD", password)
    assert house.accounts.authenticate(EMAIL, decomposed).user.email == EMAIL


@pytest.mark.parametrize(
    "stored",
    [
        bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
        PasswordHasher(5).hash(PASSWORD),
    ],
    ids=["plain", "other cost"],
)
def test_upgrade_at_login(house: House, stored: str) -> None:
    """A hash made otherwise is made anew at the next sign-in, and the password stays the same."""
    user = house.add_user()
    house.change_user(user.id, password_hash=stored)
    house.accounts.authenticate(EMAIL, PASSWORD)
    upgraded = house.users.get(user.id).password_hash
    assert upgraded.startswith("$bcrypt-sha256$v=2,t=2b,r=4$")
    assert house.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id
    assert house.users.get(user.id).password_hash == upgraded
    refuse(house, EMAIL, PASSWORD + "x")


def test_wrong_password_upgrades_nothing(house: House) -> None:
    """A refused sign-in changes nothing that is stored."""
    user = house.add_user()
    stored = PasswordHasher(5).hash(PASSWORD)
    house.change_user(user.id, password_hash=stored)
    before = house.users.get(user.id)
    refuse(house, EMAIL, "wrong-Kettle-93")
    assert house.users.get(user.id) == before


@pytest.mark.parametrize("call", [0, 1, 2])
def test_store_that_fails(house: House, call: int) -> None:
    """Nobody signs in by a store that fails at any of its calls."""
    house.add_user()
    house.users.reset(fail_at=call)
    with pytest.raises(StoreError):
        house.accounts.authenticate(EMAIL, PASSWORD)
    house.users.reset()
    house.clock.move(minutes=10)
    house.accounts.authenticate(EMAIL, PASSWORD)
    assert house.users.calls == ["find", "highest_hash_cost", "get"]


def test_register_with_a_store_that_fails(house: House) -> None:
    """A failing store makes no account and records none."""
    house.users.reset(fail_at=0)
    with pytest.raises(StoreError):
        house.add_user()
    assert not house.events.records


def test_disabled_at_this_moment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is disabled while its password is checked does not sign in."""
    user = house.add_user()
    real = house.hasher.needs_upgrade

    def disable_meanwhile(stored: str) -> bool:
        house.change_user(user.id, is_active=False)
        return real(stored)

    monkeypatch.setattr(house.hasher, "needs_upgrade", disable_meanwhile)
    refuse(house)


def test_nothing_secret_in_events_or_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither a password nor an address ever stands in an event or in the log."""
    caplog.set_level(logging.DEBUG)
    events = MemoryEventStore()
    house = House(events=events)
    house.add_user()
    house.accounts.authenticate(EMAIL, PASSWORD)
    refuse(house, EMAIL, "canary-of-a-password")
    refuse(house, "canary@example.com", "canary-of-a-password")
    refuse(house, "canary-of-a-password", "canary-of-a-password")
    refuse(house, EMAIL, "canary-of-a-password" * 50)
    with pytest.raises(EmailTaken):
        house.accounts.register(EMAIL, "canary-of-a-password")
    told = caplog.text + repr(list(events.records))
    assert "login_failed" in told
    for canary in ("canary", PASSWORD, EMAIL, "$bcrypt"):
        assert canary not in told


def test_event_says_where_from(house: House) -> None:
    """A failed sign-in says where it came from and whose account it was."""
    user = house.add_user()
    refuse(house, EMAIL, "wrong-Kettle-93")
    event = house.events.records[-1]
    assert (event.user_id, event.ip_address, event.user_agent) == (
        user.id,
        CLIENT.ip_address,
        CLIENT.user_agent,
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "Søren Å. Ødegård",
        "山田太郎",
        "O'Brien-Smith",
        "<b>Ada</b>",
        "**Ada**",
        "x" * 200,
    ],
)
def test_names(name: str) -> None:
    """Any text that can be shown is a name; markup is text."""
    assert clean_name(name) == name


def test_names_are_normalised() -> None:
    """A name is kept in NFC without surrounding space."""
    assert clean_name(" Zoe\u0308\t") == "Zo\u00eb"


@given(st.text(max_size=220))
def test_any_name(text: str) -> None:
    """Any text is a name that stays as it is, or is refused."""
    try:
        name = clean_name(text)
    except InvalidName:
        return
    assert clean_name(name) == name
    assert len(name) <= MAX_NAME_LENGTH
    kinds = {unicodedata.category(character) for character in name}
    assert kinds.isdisjoint({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


@pytest.mark.parametrize(
    "name", ["x" * 201, "x" * 10_000, "a\nb", "a\0b", "a\x1bb", "a\ud800b", "a\u2028b", "a\ue000b"]
)
def test_names_refused(name: str) -> None:
    """A name that is too long or has control characters is refused without repeating it."""
    with pytest.raises(InvalidName) as caught:
        clean_name(name)
    assert name not in str(caught.value)


def test_change_name(house: House) -> None:
    """A new name is stored in its clean form, is an event, and ends no sign-in."""
    user = house.add_user()
    session_id = house.sign_in(user)
    assert house.accounts.change_name(user.id, "  Ada  King ", client=CLIENT)
    found = house.sessions.resume_session(session_id)
    assert found.user.full_name == "Ada  King"
    event = house.events.records[-1]
    assert (event.event_type, event.user_id) == ("profile_changed", user.id)
    assert event.ip_address == CLIENT.ip_address
    assert "King" not in repr(event)


def test_change_name_refused(house: House) -> None:
    """A name that can't be shown changes nothing, and nobody's name none."""
    user = house.add_user()
    with pytest.raises(InvalidName):
        house.accounts.change_name(user.id, "Ada\nLovelace")
    assert house.users.get(user.id).user == user
    assert not house.accounts.change_name("nobody", "Ada")
    assert house.events.records[-1].event_type != "profile_changed"


def test_change_name_that_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where accounts have no names, as in an app's own table, none is said to be changed."""
    user = house.add_user()
    monkeypatch.setattr(house.users, "update", lambda *_: True, raising=False)
    assert not house.accounts.change_name(user.id, "Ada King")
    assert house.events.records[-1].event_type != "profile_changed"
