"""Accounts in an existing table of an app."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, inspect, text
from tests.support.clock import START
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.servers import empty_url

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.accounts.username_holders import UsernameHolders
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.storage.records import Pending
from streamlit_persistauth.errors import (
    AuthError,
    ConfigError,
    EmailTaken,
    LastAdmin,
    StoreError,
    UsernameTaken,
)
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.stores.memory import MemoryTokenStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import WITHOUT_USERS
from streamlit_persistauth.testing.rows import user_record
from streamlit_persistauth.wiring.services import AppConfig, services_for

pytestmark = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index"
)

MEMBERS = (
    "CREATE TABLE members (member_id {id} PRIMARY KEY, login VARCHAR(100) UNIQUE NOT NULL,"
    " pwhash VARCHAR(200) NOT NULL, {more} shoe_size INTEGER) {options}"
)
NEEDED = {"id": "member_id", "email": "login", "password_hash": "pwhash"}
MORE = {"full_name": "name", "is_active": "enabled", "roles": "groups_", "created_at": "joined"}
FULL = NEEDED | MORE
MORE_COLUMNS = "name VARCHAR(50), enabled BOOLEAN, groups_ TEXT, joined TIMESTAMP NULL,"


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database without tables."""
    opened = open_engine(empty_url(request.param, request))
    yield opened
    opened.dispose()


def members(engine: Engine, kind: str = "VARCHAR(36)", more: str = "") -> None:
    """Create the table of the app."""
    with engine.begin() as connection:
        options = "CHARSET=utf8mb4" if engine.dialect.name == "mysql" else ""
        connection.execute(text(MEMBERS.format(id=kind, more=more, options=options)))


def add_ada(engine: Engine, member_id: object, email: str = EMAIL) -> None:
    """Add an account as the app does."""
    columns = {"id": member_id, "login": email, "hash": PasswordHasher(4).hash(PASSWORD)}
    statement = "INSERT INTO members (member_id, login, pwhash) VALUES (:id, :login, :hash)"
    with engine.begin() as connection:
        connection.execute(text(statement), columns)


def core_on(engine: Engine, columns: dict[str, str]) -> CoreApp:
    """An app with its own accounts, and with sessions of ours in the same database."""
    users = SQLUserStore(engine, table="members", columns=columns)
    tokens = SQLTokenStore(Database(engine, tables=WITHOUT_USERS))
    return CoreApp(users=users, tokens=tokens)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "member_id"), [("VARCHAR(36)", "abc"), ("INTEGER", 7)])
def test_three_columns(engine: Engine, kind: str, member_id: object) -> None:
    """Id, address and hash are enough to sign in, and a new password revokes sessions."""
    members(engine, kind)
    add_ada(engine, member_id)
    core = core_on(engine, NEEDED)
    ada = core.accounts.authenticate(EMAIL, PASSWORD)
    assert (ada.user.id, ada.user.is_active, ada.user.roles) == (str(member_id), True, ())
    text = core.sessions.issue(core.sign_in(ada.user)).text
    assert core.sessions.resume(text).user == ada.user
    core.password_changes.change(ada.user.id, PASSWORD, "another-Kettle-94")
    with pytest.raises(AuthError):
        core.sessions.resume(text)
    assert core.accounts.authenticate(EMAIL, "another-Kettle-94").user.id == ada.user.id
    assert "users" not in inspect(engine).get_table_names()


def test_sign_in_of_an_old_password(engine: Engine) -> None:
    """Without a column for stamps, a password that the app changes revokes sessions too."""
    members(engine)
    add_ada(engine, "abc")
    core = core_on(engine, NEEDED)
    ada = core.accounts.authenticate(EMAIL, PASSWORD).user
    credential = core.sessions.issue(core.sign_in(ada))
    with engine.begin() as connection:
        connection.execute(text("UPDATE members SET pwhash = 'another'"))
    with pytest.raises(AuthError):
        core.sessions.resume(credential.text)


def test_address_changed_without_stamps(engine: Engine) -> None:
    """Without a column for stamps, a changed address too refuses a change that did not see it."""
    members(engine)
    add_ada(engine, "abc")
    core = core_on(engine, NEEDED)
    before = core.users.get("abc")
    with engine.begin() as connection:
        connection.execute(text("UPDATE members SET login = 'ada@new.example.com'"))
    assert core.password_changes.set(before, "another-Kettle-94") is None
    assert core.users.get("abc").password_hash == before.password_hash


def test_confirmed_while_released(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a column for stamps too, a registration that is deleted can't be confirmed."""
    members(engine, more="waits VARCHAR(20), nick VARCHAR(64),")
    columns = NEEDED | {"username": "nick", "pending": "waits"}
    core = core_on(engine, columns)
    ada = user_record(EMAIL, "zebra")
    unconfirmed = replace(ada, user=replace(ada.user, roles=()), pending=Pending.CONFIRMATION)
    core.users.add(unconfirmed)
    stored = core.users.find(EMAIL)
    confirmed = []
    monkeypatch.setattr(
        SQLUserStore,
        "delete",
        lambda users, key: confirmed.append(users.update(key, {"pending": None}, was=stored)),
    )
    bob = user_record("bob@example.com", "zebra").user
    UsernameHolders(core.users, core.user_admin.events).release(bob)
    assert confirmed == [False]


@pytest.mark.parametrize(
    ("kind", "columns", "number"),
    [
        ("VARCHAR(36)", {"security_stamp": "name"}, 2),
        ("VARCHAR(36)", {}, None),
        ("INTEGER", {"security_stamp": "name"}, None),
        ("VARCHAR(36)", {"security_stamp": "name", "is_active": "shoe_size"}, None),
    ],
)
def test_count_of_active_accounts(
    engine: Engine, kind: str, columns: dict[str, str], number: int | None
) -> None:
    """Accounts are counted where the columns are like ours; elsewhere they have to be read."""
    members(engine, kind, MORE_COLUMNS)
    add_ada(engine, 7)
    add_ada(engine, 8, "bob@example.com")
    store = SQLUserStore(engine, table="members", columns=NEEDED | columns)
    with engine.begin() as connection:
        connection.execute(text("UPDATE members SET name = 's8' WHERE login LIKE 'bob%'"))
    assert store.count_active({"7": None, "8": "s8", "9": None}) == number
    if number is not None:
        assert store.count_active({"7": "s8", "8": None}) == 0


def test_impossible_ids(engine: Engine) -> None:
    """An id that the column can't hold matches no account."""
    members(engine, "INTEGER")
    add_ada(engine, 7)
    store = SQLUserStore(engine, table="members", columns=NEEDED)
    assert store.get("abc") is None
    assert not store.update("abc", {"password_hash": "new"})
    assert not store.delete("abc")
    assert store.delete("7")


def test_old_hash_without_stamps(engine: Engine) -> None:
    """An old hash is upgraded at the first sign-in, which succeeds, as do the next ones."""
    members(engine)
    add_ada(engine, "abc")
    users = SQLUserStore(engine, table="members", columns=NEEDED)
    before = users.get("abc")
    core = CoreApp(users=users, rounds=5)  # type: ignore[arg-type]
    for _ in range(2):
        ada = core.accounts.authenticate(EMAIL, PASSWORD)
        assert core.sessions.resume_session(
            core.sessions.start(ada, remember=True, client=CLIENT).id
        )
    after = users.get("abc")
    assert before is not None
    assert after is not None
    assert before.password_hash != after.password_hash


def test_another_constraint(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """A row that the table refuses for another reason does not raise EmailTaken."""
    members(engine, more="badge VARCHAR(9) NOT NULL,")
    store = SQLUserStore(engine, table="members", columns=NEEDED)
    with pytest.raises(StoreError):
        store.add(user_record())
    assert EMAIL not in caplog.text
    assert store.is_empty()


def test_table_in_a_schema(engine: Engine) -> None:
    """A table may be in another schema than the default one."""
    if engine.dialect.name != "postgresql":
        return
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA club"))
    members(engine)
    add_ada(engine, "abc")
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE members SET SCHEMA club"))
    users = SQLUserStore(engine, table="club.members", columns=NEEDED)
    assert CoreApp(users=users).accounts.authenticate(EMAIL, PASSWORD).user.id == "abc"  # type: ignore[arg-type]


def test_uuids(engine: Engine) -> None:
    """UUIDs in PostgreSQL are found by their usual text."""
    if engine.dialect.name != "postgresql":
        members(engine)
        assert SQLUserStore(engine, table="members", columns=NEEDED).get(str(uuid4())) is None
        return
    members(engine, "UUID")
    ada = uuid4()
    add_ada(engine, ada)
    store = SQLUserStore(engine, table="members", columns=NEEDED)
    found = store.get(str(ada))
    assert found is not None
    assert found.user.id == str(ada)
    assert store.get("no uuid") is None
    assert store.update(str(ada), {"password_hash": "new"}, was=found)


def test_round_trip(engine: Engine) -> None:
    """Fields with a column are stored; other columns of the app do not change."""
    members(engine, more=MORE_COLUMNS)
    store = SQLUserStore(engine, table="members", columns=FULL)
    ada = user_record()
    ada = replace(ada, user=replace(ada.user, created_at=START))
    store.add(ada)
    found = store.find(EMAIL)
    assert found is not None
    assert found.user == ada.user
    assert store.update(ada.user.id, {"is_active": False, "roles": ("editor",)})
    changed = store.get(ada.user.id)
    assert changed is not None
    assert changed.user == replace(ada.user, is_active=False, roles=("editor",))
    with pytest.raises(EmailTaken):
        store.add(user_record())
    assert store.delete(ada.user.id)
    assert store.is_empty()


def test_pages(engine: Engine) -> None:
    """Accounts are found by the columns that exist; without a column for roles, no role matches."""
    members(engine, more=MORE_COLUMNS)
    for number, groups in enumerate(('["a","admin"]', '["a", "admin"]', '["Admin"]', None, "?")):
        add_ada(engine, str(number), f"{number}@example.com")
        with engine.begin() as connection:
            change = text("UPDATE members SET groups_ = :groups WHERE member_id = :id")
            connection.execute(change, {"groups": groups, "id": str(number)})
    full = SQLUserStore(engine, table="members", columns=FULL)
    assert full.update("1", {"is_active": False})

    def found(store: SQLUserStore, query: UserQuery) -> str:
        page = store.page(query)
        assert page.total >= len(page.users)
        return "".join(record.user.id for record in page.users)

    assert found(full, UserQuery(role="admin")) == "01"
    assert found(full, UserQuery(role="admin", status="active")) == "0"
    assert found(full, UserQuery(status="disabled")) == "1"
    assert found(full, UserQuery(status="pending")) == ""
    assert found(full, UserQuery(sort="last_login_at", descending=True)) == "01234"
    bare = SQLUserStore(engine, table="members", columns=NEEDED)
    assert found(bare, UserQuery("3@EXAMPLE")) == "3"
    assert found(bare, UserQuery(role="admin")) == ""
    assert found(bare, UserQuery(status="active", sort="created_at", offset=3)) == "34"


def test_last_admin(engine: Engine) -> None:
    """The last administrator can't be removed from a table of the app either."""
    members(engine, more=MORE_COLUMNS)
    core = core_on(engine, FULL)
    ada, bob = (core.add_user(f"{name}@example.com", roles=("admin",)) for name in ("a", "b"))
    assert core.user_admin.set_roles(ada.id, [], by=bob.id)
    for take in (core.user_admin.disable, core.user_admin.delete):
        with pytest.raises(LastAdmin):
            take(bob.id)


@pytest.mark.parametrize("field", ["roles", "is_active", "pending"])
def test_what_must_not_be_lost(
    engine: Engine, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A value that decides who may sign in is refused without a column, and nothing changes."""
    members(engine)
    add_ada(engine, "abc")
    store = SQLUserStore(engine, table="members", columns=NEEDED)
    plain = user_record("bob@example.com")
    plain = replace(plain, user=replace(plain.user, roles=()))
    odd = {
        "roles": replace(plain, user=replace(plain.user, roles=("admin",))),
        "is_active": replace(plain, user=replace(plain.user, is_active=False)),
        "pending": replace(plain, pending=Pending.CONFIRMATION),
    }
    with pytest.raises(StoreError):
        store.add(odd[field])
    assert store.find("bob@example.com") is None
    with pytest.raises(StoreError):
        store.update("abc", {"is_active": False})
    assert "has no column for" in caplog.text
    store.add(plain)
    assert store.find("bob@example.com") is not None


def test_what_may_be_lost(engine: Engine) -> None:
    """A change without any column changes nothing, and returns whether the account exists."""
    members(engine)
    add_ada(engine, "abc")
    store = SQLUserStore(engine, table="members", columns=NEEDED)
    assert store.update("abc", {"full_name": "Ada"})
    assert not store.update("nobody", {"full_name": "Ada"})
    assert store.purge_unproven(START) == 0


@pytest.mark.parametrize("columns", [{"email": "missing"}, {"password_hash": "nonsense"}])
def test_missing_column(
    engine: Engine, columns: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A missing column or table is named in the log, and not on a page."""
    members(engine)
    for table in ("members", "nobody"):
        caplog.clear()
        with pytest.raises(StoreError):
            SQLUserStore(engine, table=table, columns=NEEDED | columns).get(new_id())
        assert len(caplog.messages) == 1


def test_unknown_field() -> None:
    """An unknown field raises a ConfigError that lists the known ones."""
    with pytest.raises(ConfigError, match=r"shoe_size.*password_hash"):
        SQLUserStore("sqlite://", table="members", columns={"shoe_size": "shoes"})


def test_equal() -> None:
    """Stores with equal arguments are equal, so an app may create one at each run."""
    one, same = (SQLUserStore("sqlite:///a.db", table="members", columns=NEEDED) for _ in range(2))
    assert one == same
    assert hash(one) == hash(same)
    assert one != SQLUserStore("sqlite:///a.db", table="members", columns=FULL)
    assert one != SQLUserStore("sqlite:///a.db")
    assert one != "sqlite:///a.db"


def test_not_of_an_account() -> None:
    """Sessions of the app's own accounts may be in any store."""
    core = CoreApp(
        users=SQLUserStore("sqlite://"),  # type: ignore[arg-type]
        tokens=MemoryTokenStore(),  # type: ignore[arg-type]
    )
    with pytest.raises(StoreError):
        core.add_user()


BY_NAME = {"id": "member_id", "username": "login", "password_hash": "pwhash"}


def core_by_username(engine: Engine, columns: dict[str, str]) -> CoreApp:
    """An app with its own accounts, which sign in with their user name."""
    users = SQLUserStore(engine, table="members", columns=columns)
    tokens = SQLTokenStore(Database(engine, tables=WITHOUT_USERS))
    return CoreApp(
        users=users,  # type: ignore[arg-type]
        tokens=tokens,  # type: ignore[arg-type]
        login_by=LoginBy.USERNAME,
        has_emails=users.has("email"),
    )


def test_usernames_without_addresses(engine: Engine) -> None:
    """A table with user names and no addresses is enough; names are found in any case."""
    members(engine)
    add_ada(engine, "abc", "Ada")
    core = core_by_username(engine, BY_NAME)
    ada = core.accounts.authenticate("ADA", PASSWORD)
    assert (ada.user.id, ada.user.email, ada.user.username) == ("abc", "", "Ada")
    credential = core.sessions.issue(core.sign_in(ada.user))
    assert core.sessions.resume(credential.text).user == ada.user
    core.password_changes.change("abc", PASSWORD, "another-Kettle-94")
    with pytest.raises(AuthError):
        core.sessions.resume(credential.text)
    bob = core.add_user("", "bob")
    assert core.accounts.authenticate("bob", PASSWORD).user.id == bob.id
    assert core.users.find("") is None
    assert core.users.find(EMAIL) is None
    for taken in ("ada", "bob"):
        with pytest.raises(UsernameTaken):
            core.add_user("", taken)
    with pytest.raises(UsernameTaken):
        core.user_admin.set_username(bob.id, "ADA")
    page = core.user_admin.find(UserQuery("AD", sort="email"))
    assert [record.user.id for record in page.users] == ["abc"]


def test_usernames_beside_addresses(engine: Engine) -> None:
    """A table may have both, and rows without an address."""
    members(engine, more="mail VARCHAR(100) UNIQUE,")
    add_ada(engine, "abc", "ada")
    core = core_by_username(engine, BY_NAME | {"email": "mail"})
    core.add_user(EMAIL, "bob")
    core.add_user("", "cleo")
    assert core.accounts.authenticate("ada", PASSWORD).user.email == ""
    assert core.users.find(EMAIL).user.username == "bob"
    with pytest.raises(EmailTaken):
        core.add_user(EMAIL, "dan")


@pytest.mark.parametrize("columns", [NEEDED, BY_NAME])
def test_login_name_without_a_column(engine: Engine, columns: dict[str, str]) -> None:
    """An address, or a user name, without a column is refused, and nothing changes."""
    members(engine)
    store = SQLUserStore(engine, table="members", columns=columns)
    both = user_record(EMAIL, "ada")
    both = replace(both, user=replace(both.user, roles=()))
    with pytest.raises(StoreError):
        store.add(both)
    assert store.is_empty()


@pytest.mark.parametrize(
    ("columns", "login_by", "missing"),
    [
        (NEEDED, "username", "username"),
        (NEEDED, "either", "username"),
        (BY_NAME, "email", "email"),
        (BY_NAME, "either", "email"),
    ],
)
@pytest.mark.parametrize("revalidate_seconds", [0, 5])
def test_login_name_that_the_table_lacks(
    columns: dict[str, str], login_by: str, missing: str, revalidate_seconds: float
) -> None:
    """A table without the names that users sign in with is a ConfigError that names the field."""
    users = SQLUserStore("sqlite://", table="members", columns=columns)
    settings = AuthSettings(login_by=login_by, revalidate_seconds=revalidate_seconds)
    with pytest.raises(ConfigError, match=f"PERSISTAUTH_LOGIN_BY={login_by}.*'{missing}'"):
        services_for(AppConfig("sqlite://", settings, users))


@pytest.mark.parametrize("revalidate_seconds", [0, 5])
@pytest.mark.parametrize(("columns", "has_emails"), [(NEEDED, True), (BY_NAME, False)])
def test_app_on_usernames(
    columns: dict[str, str], revalidate_seconds: float, *, has_emails: bool
) -> None:
    """An app knows whether its table has addresses, also with a cache in front of it."""
    users = SQLUserStore("sqlite://", table="members", columns=columns)
    by = LoginBy.EMAIL if has_emails else LoginBy.USERNAME
    settings = AuthSettings(login_by=by, revalidate_seconds=revalidate_seconds)
    services = services_for(AppConfig("sqlite://", settings, users))
    assert services.login_names.has_emails is has_emails
    assert services.login_names.by is by


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("PERSISTAUTH_EMAIL_VERIFICATION=on", {"email_verification": True}),
        ("PERSISTAUTH_REGISTRATION_DOMAINS", {"registration_domains": ("example.org",)}),
    ],
)
def test_settings_that_need_addresses(setting: str, values: dict[str, Any]) -> None:
    """Addresses that must be confirmed, or be of some domains, need a column."""
    users = SQLUserStore("sqlite://", table="members", columns=BY_NAME | {"pending": "pending"})
    settings = AuthSettings(login_by=LoginBy.USERNAME, **values)
    with pytest.raises(ConfigError, match=f"with {setting}, name a column for 'email' in"):
        services_for(AppConfig("sqlite://", settings, users))


def test_mapped_login_name_that_is_never_null(engine: Engine) -> None:
    """A mapped column that is empty instead of NULL works as it is."""
    members(engine, more="nick VARCHAR(50) NOT NULL DEFAULT '',")
    core = core_on(engine, NEEDED | {"username": "nick"})
    for email in (EMAIL, "bob@example.com"):
        user = core.add_user(email)
        assert user.username == ""
        core.users.update(user.id, {"username": "", "username_key": None})
        assert core.accounts.authenticate(email, PASSWORD).user.id == user.id


def test_other_case_than_pythons(database: Database) -> None:
    """A letter whose lower case the database knows in another way hides no other account."""

    def fold(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
        connection.create_function("lower", 1, lambda name: name.replace("\u0130", "i"))

    engine = database.engine
    event.listen(engine, "connect", fold)
    members(engine)
    add_ada(engine, "1", "\u0130pek@example.com")
    add_ada(engine, "2", "ipek@example.com")
    users = SQLUserStore(engine, table="members", columns=NEEDED)
    found = users.find("ipek@example.com")
    assert found
    assert found.user.id == "2"
