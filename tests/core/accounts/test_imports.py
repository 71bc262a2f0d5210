"""The import of accounts from another system."""

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial

import bcrypt
import pytest
from tests.support.core_app import EMAIL, PASSWORD, CoreApp

from streamlit_persistauth.core.accounts.display_names import DisplayNames
from streamlit_persistauth.core.accounts.imports import ImportedAccount, ImportResult, Imports
from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.storage.charsets import can_hold_all
from streamlit_persistauth.core.storage.queries import UserQuery

HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
ImportAccounts = Callable[..., list[ImportResult]]


@pytest.fixture
def import_accounts(core: CoreApp) -> ImportAccounts:
    """Imports accounts, and returns the results."""
    return partial(import_into, core)


def import_into(
    core: CoreApp, *accounts: ImportedAccount, dry_run: bool = False
) -> list[ImportResult]:
    """Import accounts; return the results."""
    imports = Imports(
        core.users,
        login_names=core.login_names,
        display_names=DisplayNames(can_hold_all),
        hasher=PasswordHasher(4),
        events=core.recorder,
        clock=core.clock,
    )
    return list(imports.import_accounts(accounts, source="test", dry_run=dry_run))


def ada(**changes: object) -> ImportedAccount:
    """Return a valid account."""
    fields: dict[str, object] = {"label": "ada", "email": EMAIL, "password_hash": HASH}
    return ImportedAccount(**(fields | changes))  # type: ignore[arg-type]


def test_everything_is_kept(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """Password, name, roles and date are kept; the hash is upgraded at the next sign-in."""
    made = datetime(2020, 1, 2, tzinfo=timezone.utc)
    account = ada(full_name="Ada Lovelace", roles=("b", " a ", "b"), created_at=made)
    assert import_accounts(account) == [ImportResult("ada", EMAIL, roles=("a", "b"))]
    user = core.accounts.authenticate(EMAIL, PASSWORD).user
    assert (user.full_name, user.roles, user.created_at) == ("Ada Lovelace", ("a", "b"), made)
    stored = core.users.find(EMAIL)
    assert stored.password_hash.startswith("$bcrypt-sha256$")
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id


def test_plain_password(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """A password in plain text is hashed, even if it is weak, and signs in."""
    assert import_accounts(ada(password_hash="", password="abc")) == [ImportResult("ada", EMAIL)]
    stored = core.users.find(EMAIL)
    assert "abc" not in stored.password_hash
    assert core.accounts.authenticate(EMAIL, "abc").user.email == EMAIL


def test_disabled(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """A disabled account stays disabled."""
    import_accounts(ada(is_active=False))
    with pytest.raises(Exception, match="Invalid email or password"):
        core.accounts.authenticate(EMAIL, PASSWORD)


def test_pending(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """An account with an unconfirmed address is not imported."""
    for dry_run in (True, False):
        (result,) = import_accounts(ada(is_pending=True), dry_run=dry_run)
        assert "never confirmed" in (result.skipped or "")
    assert core.users.find(EMAIL) is None


def test_endless_hash(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """A hash that would occupy a worker for a day is not imported."""
    (result,) = import_accounts(ada(password_hash=HASH.replace("$04$", "$31$")))
    assert result.skipped is not None
    assert core.users.find(EMAIL) is None


def test_never_overwrites(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """An existing account does not change, regardless of the case of the address."""
    existing = core.add_user()
    before = core.users.find(EMAIL)
    for email in (EMAIL, EMAIL.upper(), f" {EMAIL} "):
        for dry_run in (True, False):
            account = ada(email=email, full_name="Somebody Else", roles=("admin",))
            (result,) = import_accounts(account, dry_run=dry_run)
            assert "already exists" in (result.skipped or "")
    assert core.users.find(EMAIL) == before
    assert core.users.get(existing.id) == before


def test_twice_in_one_file(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """Of two accounts with the same or look-alike addresses the first is imported."""
    twins = [ada(), ada(label="twin"), ada(label="look-alike", email="\u0430da@example.com")]
    for dry_run in (True, False):
        results = import_accounts(*twins, dry_run=dry_run)
        assert [result.skipped is None for result in results] == [True, False, False]
    assert core.users.find(EMAIL) is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"email": "ada"}, "valid email"),
        ({"email": ""}, "no email address"),
        ({"email": "", "username": "ada"}, "no email address"),
        ({"full_name": "Ada\x1b[31m"}, "aren't allowed"),
        ({"full_name": "A" * 201}, "at most 200"),
        ({"roles": ("a,b",)}, "can't contain a comma"),
        ({"password_hash": ""}, "no password"),
        ({"password_hash": "pbkdf2_sha256$1000$x$y"}, "is not a bcrypt hash"),
        ({"password_hash": HASH[:-1]}, "is not a bcrypt hash"),
        ({"password_hash": "", "password": "x" * 257}, "too long"),
        (
            {"password_hash": PasswordHasher(4, peppers=["p" * 40]).hash(PASSWORD)},
            "pepper",
        ),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_left_out(
    core: CoreApp,
    import_accounts: ImportAccounts,
    changes: dict[str, object],
    reason: str,
    *,
    dry_run: bool,
) -> None:
    """An invalid account is skipped with a reason without secrets; the next one is imported."""
    results = import_accounts(
        ada(**changes), ada(label="b", email="b@example.com"), dry_run=dry_run
    )
    assert reason in (results[0].skipped or "")
    assert HASH not in str(results)
    assert results[1].skipped is None
    assert (core.users.find("b@example.com") is None) == dry_run


def test_dry_run(core: CoreApp, import_accounts: ImportAccounts) -> None:
    """A dry run yields the same results, adds no account and records no event."""
    assert import_accounts(ada(), dry_run=True) == [ImportResult("ada", EMAIL)]
    assert core.users.is_empty()
    assert not core.events.records


NAMED = {"email": "", "username": "Ada"}


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("login_by", [LoginBy.USERNAME, LoginBy.EITHER])
def test_username(login_by: LoginBy, *, dry_run: bool) -> None:
    """Accounts with and without an address are imported with their user names, and sign in."""
    core = CoreApp(login_by=login_by)
    results = import_into(core, ada(**NAMED), ada(label="b", username="b"), dry_run=dry_run)
    assert results == [
        ImportResult("ada", "", username="ada"),
        ImportResult("b", EMAIL, username="b"),
    ]
    if not dry_run:
        assert core.accounts.authenticate("ada", PASSWORD).user.email == ""
        assert core.accounts.authenticate("b", PASSWORD).user.email == EMAIL


def test_username_where_users_sign_in_by_address(core: CoreApp) -> None:
    """A user name is kept beside an address."""
    assert import_into(core, ada(username="Ada")) == [ImportResult("ada", EMAIL, username="ada")]
    assert core.users.find_username("ada").user.email == EMAIL


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("login_by", "changes", "reason"),
    [
        (LoginBy.EMAIL, NAMED, "no email address"),
        (LoginBy.EMAIL, {"email": "n/a", "username": "ada"}, "valid email"),
        (LoginBy.USERNAME, {}, "no username"),
        (LoginBy.USERNAME, {"username": "a b"}, "without spaces"),
        (LoginBy.USERNAME, {"username": EMAIL}, "without spaces"),
        (LoginBy.USERNAME, {"username": "0123456789ABCDEF" * 2}, "looks like an id"),
        (LoginBy.USERNAME, {"email": "", "username": "x" * 65}, "at most 64"),
        (LoginBy.EITHER, {"email": ""}, "neither"),
        (LoginBy.EITHER, {"email": "", "username": "a b"}, "without spaces"),
        (LoginBy.EITHER, {"email": "n/a", "username": ""}, "valid email"),
    ],
)
def test_no_login_name(
    login_by: LoginBy, changes: dict[str, object], reason: str, *, dry_run: bool
) -> None:
    """An account that could not sign in is skipped, with the reason in one sentence."""
    core = CoreApp(login_by=login_by)
    (result,) = import_into(core, ada(**changes), dry_run=dry_run)
    assert reason in (result.skipped or "")
    assert (result.skipped or "").count(". ") <= 1
    assert core.users.is_empty()


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("login_by", "changes", "email", "username", "note"),
    [
        (LoginBy.EMAIL, {"username": "a b"}, EMAIL, "", "without spaces"),
        (LoginBy.EITHER, {"username": "a b"}, EMAIL, "", "without spaces"),
        (LoginBy.EITHER, {"email": "n/a", "username": "ada"}, "", "ada", "valid email"),
        (LoginBy.USERNAME, {"email": "n/a", "username": "ada"}, "", "ada", "valid email"),
        (LoginBy.EMAIL, {"username": "taken"}, EMAIL, "", "already exists"),
    ],
)
def test_left_out_name(
    login_by: LoginBy,
    changes: dict[str, object],
    email: str,
    username: str,
    note: str,
    *,
    dry_run: bool,
) -> None:
    """An account that can sign in without an invalid name is imported, with a note."""
    core = CoreApp(login_by=login_by)
    core.add_user("first@example.com", "taken")
    (result,) = import_into(core, ada(**changes), dry_run=dry_run)
    assert (result.skipped, result.email, result.username) == (None, email, username)
    assert note in (result.note or "")


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("login_by", [LoginBy.USERNAME, LoginBy.EITHER])
def test_taken_username(login_by: LoginBy, *, dry_run: bool) -> None:
    """A user name that an account has, or one that looks like it in the file, is not imported."""
    core = CoreApp(login_by=login_by)
    core.add_user("first@example.com", "taken")
    results = import_into(
        core,
        ada(username="TAKEN"),
        ada(email="b@example.com", username="bob"),
        ada(email="c@example.com", username="b\u043eb"),
        dry_run=dry_run,
    )
    reasons = [result.skipped for result in results]
    taken = "An account with this username already exists."
    assert reasons == [taken, None, taken]


def test_imported_twice() -> None:
    """A second import of one file changes nothing."""
    core = CoreApp(login_by=LoginBy.USERNAME)
    file = [ada(**NAMED), ada(label="b", username="bob")]
    import_into(core, *file)
    before = core.users.page(UserQuery())
    assert all(result.skipped for result in import_into(core, *file))
    assert core.users.page(UserQuery()) == before
