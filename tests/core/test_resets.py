from pathlib import Path

import pytest
from tests.support.failing import FailingStore
from tests.support.hashing import BcryptCalls
from tests.support.house import CLIENT, EMAIL, PASSWORD, House

from streamlit_persistauth.core.passwords import PasswordHasher
from streamlit_persistauth.core.records import TokenType
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.errors import (
    EmailTaken,
    InvalidCredentials,
    InvalidLink,
    InvalidPassword,
    InvalidToken,
    Throttled,
    WrongPassword,
)
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.races import at_once

NEW = "another-Kettle-94"


@pytest.fixture
def user(house: House) -> User:
    """Somebody with an account."""
    return house.add_user()


def is_live(house: House, token: str) -> bool:
    """Return whether a token counts."""
    try:
        house.links.look_up(TokenType.RESET, token)
    except InvalidLink:
        return False
    return True


def asked(house: House) -> str:
    """A reset token."""
    token = house.resets.create(EMAIL, client=CLIENT)
    assert token is not None
    return token


def refused(house: House, token: str, password: str = NEW) -> None:
    """Hold that a token does not count."""
    with pytest.raises(InvalidLink):
        house.resets.reset(token, password)


def test_reset(house: House, user: User) -> None:
    """A token sets a new password; the old one is dead, and so is every sign-in."""
    session_id = house.sign_in(user)
    assert house.resets.reset(asked(house), NEW).id == user.id
    assert house.accounts.authenticate(EMAIL, NEW).user.id == user.id
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, PASSWORD)
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session_id)


def test_only_a_fingerprint_is_stored(tmp_path: Path) -> None:
    """The token is 256 bits, and nothing of it stands in the file of the database."""
    database = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    house = House(
        users=FailingStore(SQLUserStore(database)), tokens=FailingStore(SQLTokenStore(database))
    )
    house.add_user()
    token = asked(house)
    assert len(token) == 43
    database.engine.dispose()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in stored
    assert fingerprint(token).encode() in stored


def test_an_hour(house: House, user: User) -> None:
    """A token counts for an hour."""
    token = asked(house)
    house.clock.move(minutes=59, seconds=59)
    assert is_live(house, token)
    house.clock.move(seconds=1)
    assert not is_live(house, token)
    refused(house, token)


def test_once(house: House, user: User) -> None:
    """A token counts once."""
    token = asked(house)
    house.resets.reset(token, NEW)
    refused(house, token, "third-Kettle-95")
    assert house.events.records[-1].event_type == "link_refused"
    house.accounts.authenticate(EMAIL, NEW)


def test_newer_token(house: House, user: User) -> None:
    """A newer token takes the older one's place."""
    older, newer = asked(house), asked(house)
    refused(house, older)
    house.resets.reset(newer, NEW)


def test_at_once(house: House, user: User) -> None:
    """Twenty threads with one token set one password."""
    token = asked(house)

    def reset(number: int) -> bool:
        try:
            house.resets.reset(token, f"another-Kettle-{number}")
        except InvalidLink:
            return False
        return True

    calls = [lambda number=number: reset(number) for number in range(20)]
    assert at_once(*calls).count(True) == 1


def test_made_at_once(house: House, user: User) -> None:
    """Of tokens that were made at the same moment one counts."""
    owner = house.accounts.find(EMAIL)
    assert owner is not None
    tokens = at_once(*[lambda: house.links.create(TokenType.RESET, owner, email=EMAIL)] * 20)
    assert len([token for token in tokens if is_live(house, token)]) == 1


def test_redeemed_once(house: House, user: User) -> None:
    """A token is spent by redeeming it, whatever becomes of the change."""
    token = asked(house)
    house.links.redeem(TokenType.RESET, token)
    with pytest.raises(InvalidLink):
        house.links.redeem(TokenType.RESET, token)


def test_made_while_the_password_changed(house: House, user: User) -> None:
    """A token that was made from what the account was before a change never counts."""
    before = house.accounts.find(EMAIL)
    assert before is not None
    house.accounts.change_password(user.id, PASSWORD, NEW)
    refused(house, house.links.create(TokenType.RESET, before, email=EMAIL), "third-Kettle-95")


@pytest.mark.parametrize("change", ["password", "disable", "disable and enable", "delete"])
def test_dead_after_a_change(house: House, user: User, change: str) -> None:
    """A token dies with the password, and with the account."""
    token = asked(house)
    if change == "password":
        house.accounts.change_password(user.id, PASSWORD, "third-Kettle-95")
    elif change == "delete":
        house.directory.delete(user.id)
    else:
        house.directory.disable(user.id)
        if "enable" in change:
            house.directory.enable(user.id)
    refused(house, token)


def test_refused_password_spends_nothing(house: House, user: User) -> None:
    """A password that can't be leaves the token as it is."""
    token = asked(house)
    for password in ("short", "password1", "ada-lovelace-1815"):
        with pytest.raises(InvalidPassword):
            house.resets.reset(token, password)
    house.resets.reset(token, NEW)


@pytest.mark.parametrize("email", ["unknown@example.com", "no address", "", "x" * 10_000])
def test_unknown(house: House, user: User, email: str) -> None:
    """Without an account there is no token, and no event that tells of it."""
    before = len(house.events.records)
    assert house.resets.create(email, client=CLIENT) is None
    assert len(house.events.records) == before


def test_disabled(house: House, user: User) -> None:
    """A disabled account gets none."""
    house.directory.disable(user.id)
    assert house.resets.create(EMAIL) is None


@pytest.mark.parametrize("email", [EMAIL, "unknown@example.com"])
def test_limited(house: House, user: User, email: str) -> None:
    """Three tokens, then a wait, whether there is an account or not."""
    for _ in range(3):
        house.resets.create(email, client=CLIENT)
    with pytest.raises(Throttled):
        house.resets.create(email, client=CLIENT)


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 100_000, "\ud800", "' OR 1=1 --"])
def test_nonsense(house: House, user: User, token: str) -> None:
    """What is no token is refused like any."""
    refused(house, token)


def test_session_secret_is_no_reset_token(house: House, user: User) -> None:
    """A secret of another kind of record does not reset, and is not spent by trying."""
    credential = house.sessions.issue(house.sign_in(user))
    refused(house, house.signer.verify(credential.text).token_id)
    house.sessions.resume(credential.text)


# Changes by who is signed in


def test_change(house: House, user: User) -> None:
    """Who knows the present password changes it; all sign-ins end."""
    session_id = house.sign_in(user)
    changed = house.accounts.change_password(user.id, PASSWORD, NEW)
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session_id)
    fresh = house.sessions.start(changed, remember=True, client=CLIENT)
    assert house.sessions.resume_session(fresh.id).user.id == user.id
    house.accounts.authenticate(EMAIL, NEW)


def test_change_with_a_wrong_password(house: House, user: User, bcrypt_calls: BcryptCalls) -> None:
    """A wrong present password changes nothing, after the work of one hash."""
    session_id = house.sign_in(user)
    bcrypt_calls.count = 0
    with pytest.raises(WrongPassword):
        house.accounts.change_password(user.id, "wrong-Kettle-93", NEW)
    assert bcrypt_calls.count == 1
    house.accounts.authenticate(EMAIL, PASSWORD)
    house.sessions.resume_session(session_id)


@pytest.mark.parametrize("new", [PASSWORD, "short", "password1"])
def test_change_refused(house: House, user: User, new: str) -> None:
    """A new password that is the old one or too easy changes nothing."""
    session_id = house.sign_in(user)
    with pytest.raises(InvalidPassword):
        house.accounts.change_password(user.id, PASSWORD, new)
    house.sessions.resume_session(session_id)


def test_change_during_a_login(house: House, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A login that was being checked while the password changed neither counts nor undoes it."""
    real = house.hasher.needs_upgrade

    def change_meanwhile(stored: str) -> bool:
        monkeypatch.setattr(house.hasher, "needs_upgrade", real)
        house.accounts.change_password(user.id, PASSWORD, NEW)
        return True

    monkeypatch.setattr(house.hasher, "needs_upgrade", change_meanwhile)
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, PASSWORD)
    house.accounts.authenticate(EMAIL, NEW)


def test_upgrade_ends_nothing(house: House, user: User) -> None:
    """A hash that is made anew at a login ends no sign-in."""
    session_id = house.sign_in(user)
    house.change_user(user.id, password_hash=PasswordHasher(5).hash(PASSWORD))
    house.accounts.authenticate(EMAIL, PASSWORD)
    assert house.sessions.resume_session(session_id).user.id == user.id


# Addresses that look alike


@pytest.mark.parametrize(
    "twin",
    [
        "\u0430da@example.com",  # Cyrillic a
        "\uff41da@example.com",  # full width a
        "ad\u0430@example.com",
    ],
)
def test_twins(house: House, user: User, twin: str) -> None:
    """An address that looks like another one can't have an account beside it."""
    with pytest.raises(EmailTaken):
        house.accounts.register(twin, "plum-Kettle-94-orbit")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bill@example.com", "bil1@example.com"),
        ("arnold@example.com", "amold@example.com"),
        ("zoe@example.com", "zo\u00eb@example.com"),
    ],
)
def test_no_twins(house: House, one: str, other: str) -> None:
    """Plain addresses that merely resemble each other are two people's."""
    house.add_user(one)
    house.add_user(other)


def test_one_address_at_once(house: House) -> None:
    """Twenty threads that register one address, or its twin, make one account."""

    def register(email: str) -> bool:
        try:
            house.accounts.register(email, "plum-Kettle-94-orbit")
        except EmailTaken:
            return False
        return True

    calls = [lambda: register(EMAIL), lambda: register("\u0430da@example.com")] * 10
    assert at_once(*calls).count(True) == 1
