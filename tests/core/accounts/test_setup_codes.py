import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.support import setup_code
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.failing import FailingStore
from tests.support.hashing import BcryptCalls
from tests.support.setup_code import WRONG

from streamlit_persistauth.core.accounts.imports import ImportedAccount
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.errors import (
    AuthError,
    InvalidEmail,
    InvalidSetupCode,
    RegistrationClosed,
    Throttled,
)
from streamlit_persistauth.models import Client
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.races import at_once

FORM = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b")


def register(
    core: CoreApp, code: str | None, *, email: str = EMAIL, client: Client = CLIENT
) -> UserRecord:
    """Create the first account with a code."""
    return core.registrations.register_first(email, PASSWORD, setup_code=code, client=client)


def logged_codes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the codes in the log."""
    return setup_code.logged_codes("\n".join(caplog.messages))


@pytest.mark.parametrize("needs_code", [True, False])
def test_first_account(core: CoreApp, *, needs_code: bool) -> None:
    """The first account is an administrator, with a code or for a visitor who needs none."""
    made = register(core, core.setup_codes.create().text if needs_code else None)
    assert made.user.roles == ("admin",)
    assert core.accounts.authenticate(EMAIL, PASSWORD).user == made.user
    assert core.events.records[-1].event_type == "registered"


def test_account_that_is_deleted_meanwhile(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong code is refused, also if the only account is deleted while it is checked."""
    answers = iter([False, True, True])
    monkeypatch.setattr(core.users, "is_empty", lambda: next(answers))
    with pytest.raises(RegistrationClosed):
        register(core, WRONG)
    assert core.users.find(EMAIL) is None


def test_form_of_a_code(core: CoreApp) -> None:
    """A code has sixteen characters of 32, so 80 random bits, none of which look alike."""
    codes = {core.setup_codes.create().text for _ in range(50)}
    assert len(codes) == 50
    assert all(map(FORM.fullmatch, codes))


def test_as_typed(core: CoreApp) -> None:
    """Case, spaces, hyphens and look-alike letters in a typed code do not matter."""
    code = core.setup_codes.create().text
    for typed in (
        code.lower(),
        code.replace("-", ""),
        f" {code.replace('-', ' ')} ",
        code.replace("0", "o").replace("1", "l"),
    ):
        core.setup_codes.check(typed)


@pytest.mark.parametrize("code", ["", WRONG, "x" * 1_000_000, "\ud800", "\u0000"])
def test_wrong_code(core: CoreApp, bcrypt_calls: BcryptCalls, code: str) -> None:
    """A wrong code creates no account, hashes no password, and is recorded without the code."""
    core.setup_codes.create()
    with pytest.raises(InvalidSetupCode):
        register(core, code)
    assert core.accounts.is_empty()
    assert bcrypt_calls.count == 0
    (event,) = core.events.records
    assert (event.event_type, event.ip_address) == ("setup_code_refused", CLIENT.ip_address)
    assert event.details == {}


def test_no_code_was_made(core: CoreApp) -> None:
    """Without any code every text is refused."""
    with pytest.raises(InvalidSetupCode):
        register(core, WRONG)


def test_expired(core: CoreApp) -> None:
    """A code is valid for an hour."""
    code = core.setup_codes.create()
    assert code.expires_at - core.clock() == timedelta(hours=1)
    core.clock.move(minutes=59)
    core.setup_codes.check(code.text)
    later = core.setup_codes.create()
    core.clock.move(minutes=1)
    with pytest.raises(InvalidSetupCode):
        register(core, code.text)
    register(core, later.text)


def test_several_codes(core: CoreApp) -> None:
    """Every code that was made and has not expired is valid."""
    codes = [core.setup_codes.create().text for _ in range(3)]
    for code in codes:
        core.setup_codes.check(code)


def test_refused_address_spends_no_code(core: CoreApp) -> None:
    """A code stays valid when something else is refused."""
    code = core.setup_codes.create().text
    for _ in range(10):
        with pytest.raises(InvalidEmail):
            register(core, code, email="nonsense")
    register(core, code)


def test_used_code(core: CoreApp) -> None:
    """A used code creates no second account."""
    code = core.setup_codes.create().text
    register(core, code)
    with pytest.raises(RegistrationClosed):
        register(core, code, email="bob@example.com")


WAYS: dict[str, Callable[[CoreApp], object]] = {
    "added": lambda core: core.add_user(),
    "invited": lambda core: core.invitations.create(EMAIL),
    "imported": lambda core: list(
        core.imports.import_accounts([ImportedAccount("x", EMAIL, password=PASSWORD)], source="x")
    ),
    "registered locally": lambda core: register(core, None),
}


@pytest.mark.parametrize("way", WAYS)
def test_after_an_account(core: CoreApp, way: str) -> None:
    """An account made in any way revokes all codes, also if it is deleted later."""
    codes = [core.setup_codes.create().text for _ in range(2)]
    WAYS[way](core)
    with pytest.raises(RegistrationClosed):
        register(core, codes[0], email="bob@example.com")
    with pytest.raises(RegistrationClosed):
        core.setup_codes.create()
    (record,) = core.user_admin.find(UserQuery()).users
    core.users.delete(record.user.id)
    for code in codes:
        with pytest.raises(InvalidSetupCode):
            register(core, code)
    register(core, core.setup_codes.create().text)


def test_racers(core: CoreApp) -> None:
    """Of ten visitors with valid codes, one gets an account, the only administrator."""
    codes = [core.setup_codes.create().text for _ in range(10)]

    def race(number: int) -> str:
        client = Client(f"198.51.100.{number}")
        try:
            register(core, codes[number], email=f"u{number}@example.com", client=client)
        except AuthError as refusal:
            return refusal.code
        return "done"

    answers = at_once(*(partial(race, number) for number in range(10)))
    assert sorted(answers) == ["done", *["registration_closed"] * 9]
    assert core.user_admin.find(UserQuery(role="admin")).total == 1
    assert core.user_admin.find(UserQuery()).total == 1


def test_guessing(core: CoreApp) -> None:
    """After five wrong codes a network waits, even with a right one; others do not."""
    code = core.setup_codes.create().text
    for _ in range(5):
        with pytest.raises(InvalidSetupCode):
            register(core, WRONG)
    with pytest.raises(Throttled):
        register(core, code)
    core.setup_codes.check(code, client=Client("198.51.100.9"))
    core.clock.move(seconds=30)
    register(core, code)


def test_guessing_from_everywhere(core: CoreApp) -> None:
    """Guesses from many networks are limited together, with a wait of a minute at most."""
    code = core.setup_codes.create().text
    for number in range(limits.SETUP_CODES.free):
        with pytest.raises(InvalidSetupCode):
            core.setup_codes.check(WRONG, client=Client(f"198.51.100.{number}"))
    with pytest.raises(Throttled) as caught:
        core.setup_codes.check(WRONG, client=Client("203.0.113.1"))
    assert caught.value.retry_after <= timedelta(minutes=1)
    core.clock.move(minutes=1)
    core.setup_codes.check(code, client=CLIENT)


def test_announced_once(core: CoreApp, caplog: pytest.LogCaptureFixture) -> None:
    """The log gets one line with a valid code, however often the page is opened."""
    at_once(*[core.setup_codes.announce] * 5)
    core.clock.move(minutes=59)
    core.setup_codes.announce()
    (code,) = logged_codes(caplog)
    (record,) = caplog.records
    assert (record.levelno, record.getMessage().count("\n")) == (logging.WARNING, 0)
    assert "valid until 2" in record.getMessage()
    core.setup_codes.check(code)


def test_announced_again(core: CoreApp, caplog: pytest.LogCaptureFixture) -> None:
    """After the code has expired or was revoked, the next visit logs another one."""
    core.setup_codes.announce()
    core.clock.move(hours=1)
    core.setup_codes.announce()
    user = core.add_user()
    core.setup_codes.announce()
    assert len(logged_codes(caplog)) == 2
    core.users.delete(user.id)
    core.setup_codes.announce()
    assert len(set(logged_codes(caplog))) == 3
    register(core, logged_codes(caplog)[-1])


def test_announced_by_each_process(core: CoreApp, caplog: pytest.LogCaptureFixture) -> None:
    """Each process logs a code of its own, and each of these is valid in all processes."""
    other = CoreApp(clock=core.clock, users=core.users, tokens=core.tokens)
    core.setup_codes.announce()
    other.setup_codes.announce()
    first, second = logged_codes(caplog)
    core.setup_codes.check(second)
    other.setup_codes.check(first)


def test_store_fails(core: CoreApp, caplog: pytest.LogCaptureFixture) -> None:
    """A failing store does not break the page, and no code is logged."""
    core.tokens.reset(fail_at=0)
    core.setup_codes.announce()
    core.users.reset(fail_at=0)
    core.setup_codes.announce()
    assert logged_codes(caplog) == []


def test_kept_as_a_hash(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A code is in the one line of the log that announces it: in no table, event or other line."""
    database = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    core = CoreApp(
        users=FailingStore(SQLUserStore(database)),
        tokens=FailingStore(SQLTokenStore(database)),
        event_store=SQLEventStore(database),
    )
    caplog.set_level(logging.DEBUG)
    heard: list[object] = []
    core.recorder.connect(heard.append)
    core.setup_codes.announce()
    (code,) = logged_codes(caplog)
    made = core.setup_codes.create()
    with pytest.raises(InvalidSetupCode) as caught:
        register(core, code[:-1] + "U")
    register(core, code)
    database.engine.dispose()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    told = (
        repr(heard) + core.tokens.given + core.users.given + repr(made) + repr(vars(caught.value))
    )
    for secret in (code, code.replace("-", ""), made.text, code[:-1] + "U"):
        assert secret.encode() not in kept
        assert secret not in told
        assert caplog.text.count(secret) == (secret == code)
