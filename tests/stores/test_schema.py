"""Creating, adopting and upgrading the tables, on every database."""

import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt
import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    String,
    create_engine,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.pool import QueuePool
from tests.support.clock import START
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer
from tests.support.hashing import BcryptCalls
from tests.support.races import in_processes
from tests.support.servers import empty_url
from tests.support.workers import create_tables

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery
from streamlit_persistauth.errors import (
    AuthError,
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidName,
    InvalidUsername,
    StoreError,
    UsernameTaken,
)
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore, dialects, schema
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.tables import (
    EVENTS_OF_TYPE,
    SESSIONS_OF_ALL,
    WITHOUT_USERS,
    auth_schema,
    metadata,
)
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import session_record, user_record

if TYPE_CHECKING:
    from alembic.operations import Operations

KINDS = ["sqlite", "postgresql", "mariadb"]
pytestmark = pytest.mark.filterwarnings(
    "ignore:Skipped unsupported reflection of expression-based index"
)

USERS = """CREATE TABLE users (
    id VARCHAR(36) PRIMARY KEY,
    email VARCHAR(191) UNIQUE NOT NULL,
    full_name VARCHAR(255),
    password_hash VARCHAR(255) NOT NULL,
    is_active BOOLEAN,
    created_at {moment},
    last_login_at {moment}
) {options}"""
TOKENS = """CREATE TABLE auth_tokens (
    id VARCHAR(36) PRIMARY KEY,
    user_id VARCHAR(36) NOT NULL,
    token_hash VARCHAR(64) UNIQUE NOT NULL,
    token_type VARCHAR(20) NOT NULL,
    created_at {moment} NOT NULL,
    expires_at {moment} NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) {options}"""
WORDS = {
    "sqlite": {"moment": "DATETIME", "options": ""},
    "postgresql": {"moment": "TIMESTAMP", "options": ""},
    "mariadb": {"moment": "DATETIME", "options": "CHARSET=latin1 COLLATE=latin1_swedish_ci"},
}
SEED = {
    kind: tuple(statement.format(**words) for statement in (USERS, TOKENS))
    for kind, words in WORDS.items()
}
"""Tables that an earlier app may have created."""
ADA = (
    "INSERT INTO users (id, email, full_name, password_hash, is_active, created_at)"
    " VALUES ('1', :email, 'Ada', :hash, :active, '2020-01-01 00:00:00')"
)
OLD_TOKEN = (
    "INSERT INTO auth_tokens (id, user_id, token_hash, token_type, created_at, expires_at)"
    " VALUES ('t', '1', 'h', 'refresh', '2020-01-01 00:00:00', '2020-01-02 00:00:00')"
)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    return empty_url(kind, request)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """An engine for it."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


def run(engine: Engine, *statements: str, **parameters: object) -> None:
    """Run statements as an operator or an earlier app does."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), parameters)


def seeded(engine: Engine, kind: str, *, tables: int = 2, email: str = EMAIL) -> CoreApp:
    """An app on existing tables, with one account."""
    stored = PasswordHasher(4).hash(PASSWORD)
    run(engine, *SEED[kind][:tables])
    run(engine, ADA, email=email, hash=stored, active=True)
    database = Database(engine)
    return CoreApp(
        users=SQLUserStore(database),  # type: ignore[arg-type]
        tokens=SQLTokenStore(database),  # type: ignore[arg-type]
        lookup=JoinedLookup(database),
    )


def shape(engine: Engine) -> dict[str, dict[str, str]]:
    """Return the structure of the tables."""
    found = inspect(engine)
    return {
        table: {column["name"]: str(column["type"]) for column in found.get_columns(table)}
        | {
            f"index {index['name']}": str(index["column_names"])
            for index in found.get_indexes(table)
        }
        for table in sorted(found.get_table_names())
    }


def test_version(engine: Engine) -> None:
    """The version is stored once, in a table of its own."""
    Database(engine).create_tables()
    Database(engine).create_tables()
    with engine.connect() as connection:
        assert connection.execute(select(auth_schema.c.version)).scalars().all() == [
            schema.version()
        ]


@pytest.mark.slow
def test_ten_processes(url: str) -> None:
    """Ten processes that start at once on an empty database all get their tables."""
    assert in_processes(create_tables, url, count=10) == ["created"] * 10


def test_printed(url: str, engine: Engine, kind: str, request: pytest.FixtureRequest) -> None:
    """The printed statements create the same tables, so nothing is missing afterwards."""
    for statement in schema.print_schema(kind).rstrip().removesuffix(";").split(";\n\n"):
        run(engine, statement)
    printed = shape(engine)
    Database(engine).create_tables()
    assert shape(engine) == printed
    if kind == "sqlite":
        Path(str(engine.url.database)).unlink()
    other = create_engine(empty_url(kind, request))
    Database(other).create_tables()
    assert shape(other) == printed
    other.dispose()


@pytest.mark.parametrize("dialect", schema.DIALECTS)
def test_print(dialect: str) -> None:
    """The statements of every dialect create every table and store the version."""
    printed = schema.print_schema(dialect)
    assert all(f"CREATE TABLE {table} " in printed for table in metadata.tables)
    assert printed.endswith("INSERT INTO auth_schema (version) VALUES (3);\n")


@pytest.mark.parametrize("tables", [1, 2])
def test_adopted(engine: Engine, kind: str, tables: int) -> None:
    """Tables of an earlier app are used as they are: its users sign in, and stay separate."""
    core = seeded(engine, kind, tables=tables)
    ada = core.accounts.authenticate(EMAIL, PASSWORD)
    assert ada.user.full_name == "Ada"
    text = core.sessions.issue(core.sign_in(ada.user)).text
    assert core.sessions.resume(text).user.id == "1"
    bob = core.add_user("bob@example.com")
    core.sign_in(bob)
    assert core.user_admin.delete("1")
    assert core.tokens.list_sessions("1") == []
    assert len(core.tokens.list_sessions(bob.id)) == 1


def test_adopting_changes_nothing(engine: Engine, kind: str) -> None:
    """Columns of an earlier app are not altered; new columns are nullable."""
    run(engine, *SEED[kind])
    before = shape(engine)
    Database(engine).create_tables()
    after = shape(engine)
    for table, columns in before.items():
        kept = {name: kind for name, kind in columns.items() if not name.startswith("index ")}
        assert kept.items() <= after[table].items()
    run(engine, ADA, email=EMAIL, hash="x", active=True)
    run(engine, OLD_TOKEN)


def test_never_disabled(engine: Engine, kind: str) -> None:
    """An account without a column or value for is_active is active."""
    core = seeded(engine, kind)
    run(engine, "UPDATE users SET is_active = NULL")
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.is_active
    core.change_user("1", is_active=False)
    with pytest.raises(AuthError):
        core.accounts.authenticate(EMAIL, PASSWORD)


def test_narrow_hashes(engine: Engine, kind: str) -> None:
    """Where a new hash does not fit into the column, the old one stays valid."""
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    tables = [
        statement.replace("password_hash VARCHAR(255)", "password_hash VARCHAR(60)")
        for statement in SEED[kind]
    ]
    run(engine, *tables)
    run(engine, ADA, email=EMAIL, hash=stored, active=True)
    core = CoreApp(users=SQLUserStore(Database(engine)), rounds=5)  # type: ignore[arg-type]
    for _ in range(2):
        assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == "1"
    found = core.users.get("1")
    assert (found.password_hash == stored) is (kind != "sqlite")  # SQLite counts no characters


@pytest.mark.parametrize("kind", ["postgresql"])
def test_times_without_a_zone(url: str, kind: str) -> None:
    """Times are in UTC, whatever the zone of the server or of the URL."""
    opened = open_engine(f"{url}?options=-c%20timezone%3DAsia/Tokyo")
    core = seeded(opened, kind)
    session = core.start(core.accounts.authenticate(EMAIL, PASSWORD).user)
    assert core.sessions.resume_session(session.id).session == session
    with opened.connect() as connection:
        stored = connection.execute(text("SELECT expires_at FROM auth_tokens")).scalar_one()
    assert stored == session.expires_at.replace(tzinfo=None)
    opened.dispose()


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "UTC"])
def test_times_of_an_app_s_engine(
    url: str, kind: str, zone: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Connections of the app in another zone are refused if they would shift such times."""
    opened = create_engine(url, connect_args={"options": f"-c timezone={zone}"})
    run(opened, *SEED[kind])
    for _ in range(2):
        with nullcontext() if zone == "UTC" else pytest.raises(StoreError):
            Database(opened).create_tables()
    said = "times in auth_tokens.created_at have no zone: SET TIME ZONE 'UTC'"
    assert (said in caplog.text) is (zone != "UTC")
    opened.dispose()


@pytest.mark.parametrize("kind", ["postgresql"])
def test_zones_of_our_own_tables(url: str) -> None:
    """Our own tables store the zone of each time, so connections may be in any zone."""
    opened = create_engine(url, connect_args={"options": "-c timezone=Asia/Tokyo"})
    database = Database(opened)
    owner, tokens = user_record(), SQLTokenStore(database)
    SQLUserStore(database).add(owner)
    session = session_record(owner.user.id)
    tokens.put(session)
    assert tokens.find_session(session.session_id) == session
    found = JoinedLookup(database).by_session(session.session_id)
    assert found is not None
    assert (found.session, found.owner) == (session, owner)
    opened.dispose()


def test_one_connection(url: str, kind: str) -> None:
    """An engine with a single connection is enough."""
    opened = create_engine(url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=1)
    assert seeded(opened, kind).accounts.authenticate(EMAIL, PASSWORD).user.id == "1"
    opened.dispose()


@pytest.mark.parametrize("kind", ["mariadb"])
def test_tables_that_another_makes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one process creates the tables; one that waits too long raises StoreError."""
    monkeypatch.setattr(dialects, "LOCK_SECONDS", 0)
    database = Database(engine)
    with engine.connect() as other, dialects._named_lock(other), pytest.raises(StoreError):
        database.create_tables()
    assert inspect(engine).get_table_names() == []
    database.create_tables()


def test_rows_of_an_earlier_app(engine: Engine, kind: str) -> None:
    """Rows of unknown types are no sessions; they are counted and purged."""
    core = seeded(engine, kind)
    run(engine, OLD_TOKEN)
    assert core.tokens.list_sessions("1") == []
    assert core.tokens.counts(START)["refresh"].expired == 1
    assert core.tokens.purge(START) == 1


@pytest.mark.parametrize("stored", ["Ada@Example.com", "ADA@EXAMPLE.COM"])
def test_adopted_in_another_case(engine: Engine, kind: str, stored: str) -> None:
    """A user who registered with capital letters signs in with the address in any case."""
    core = seeded(engine, kind, email=stored)
    for typed in (stored, EMAIL):
        assert core.accounts.authenticate(typed, PASSWORD).user.id == "1"
    with pytest.raises(EmailTaken):
        core.add_user(EMAIL)
    bob = core.add_user("bob@example.com")
    with pytest.raises(EmailTaken):
        core.users.update(bob.id, {"email": EMAIL})
    assert core.users.update("1", {"email": EMAIL})


def test_adopted_accents(engine: Engine, kind: str) -> None:
    """An address that an old collation considers equal to another one is not that address."""
    core = seeded(engine, kind)
    assert core.users.find("ädä@example.com") is None
    assert core.users.find(f"{EMAIL} ") is None


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_in_different_case(engine: Engine, kind: str) -> None:
    """Of two accounts that differ only in case, neither gets the name of the other."""
    core = seeded(engine, kind, email="Ada@example.com")
    run(engine, ADA.replace("'1'", "'2'"), email="aDa@example.com", hash="x", active=True)
    assert core.users.find(EMAIL) is None


def test_upgrade(url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of several processes that start at once upgrades the tables to a later version."""
    user = user_record()
    SQLUserStore(Database(engine)).add(user)
    done: list[int] = []

    def add_nickname(operations: "Operations") -> None:
        done.append(4)
        operations.add_column("users", Column("nickname", String(50)))

    def add_motto(operations: "Operations") -> None:
        done.append(5)
        operations.add_column("users", Column("motto", String(50)))

    monkeypatch.setattr(schema, "UPGRADES", (*schema.UPGRADES, add_nickname, add_motto))
    engines = [open_engine(url) for _ in range(10)]
    at_once(*[Database(opened).create_tables for opened in engines])
    for opened in engines:
        opened.dispose()
    assert done == [4, 5]
    assert {"nickname", "motto"} <= {item["name"] for item in inspect(engine).get_columns("users")}
    with engine.connect() as connection:
        assert connection.execute(select(auth_schema.c.version)).scalars().all() == [5]
    assert SQLUserStore(Database(engine)).get(user.user.id) == user


def test_from_the_first_version(engine: Engine, url: str) -> None:
    """Tables of version 1 get the additions of version 2 and lose nothing."""
    Database(engine).create_tables()
    expected = shape(engine)
    for index in (SESSIONS_OF_ALL, EVENTS_OF_TYPE):
        with engine.begin() as connection:
            index.drop(connection)
    run(engine, "UPDATE auth_schema SET version = 1")
    assert shape(engine) != expected
    opened = open_engine(url)
    Database(opened).create_tables()
    assert shape(opened) == expected
    opened.dispose()


def version_2(engine: Engine, kind: str) -> None:
    """Create the tables of version 2: without user names, and with an address for each account."""
    for statement in schema.print_schema(kind).rstrip().removesuffix(";").split(";\n\n"):
        if "INDEX" in statement and "username" in statement:
            continue
        lines = [line for line in statement.splitlines() if "username" not in line]
        if statement.startswith("CREATE TABLE users"):
            lines = [re.sub(r"^(    email .*), $", r"\1 NOT NULL, ", line) for line in lines]
        run(engine, "\n".join(lines).replace("(version) VALUES (3)", "(version) VALUES (2)"))


def add_old_account(engine: Engine, email: str = EMAIL) -> None:
    """Add an account, with a session, as version 2 did."""
    run(
        engine,
        "INSERT INTO users (id, email, full_name, password_hash, is_active, created_at, email_key)"
        " VALUES ('1', :email, 'Ada', :hash, true, '2020-01-01 00:00:00', 'key')",
        "INSERT INTO auth_tokens (id, user_id, token_hash, token_type, created_at, expires_at)"
        " VALUES ('t', '1', 'h', 'session', '2020-01-01 00:00:00', '2020-01-02 00:00:00')",
        email=email,
        hash=PasswordHasher(4).hash(PASSWORD),
    )


def test_from_the_second_version(url: str, engine: Engine, kind: str) -> None:
    """Tables of version 2 get user names, and addresses become optional; nothing is lost."""
    version_2(engine, kind)
    add_old_account(engine)
    before = inspect(engine).get_columns("users")
    assert not next(item for item in before if item["name"] == "email")["nullable"]
    engines = [open_engine(url) for _ in range(4)]
    at_once(*[Database(opened).create_tables for opened in engines])
    users = SQLUserStore(Database(engines[0]))
    core = CoreApp(users=users, login_by=LoginBy.USERNAME)  # type: ignore[arg-type]
    assert core.user_admin.set_username("1", "ada")
    assert core.accounts.authenticate("ada", PASSWORD).user.email == EMAIL
    for name in ("bob", "cleo"):
        core.add_user("", name)
    with pytest.raises(UsernameTaken):
        core.add_user("", "b\u043eb")
    with pytest.raises(EmailTaken):
        core.add_user(EMAIL, "dan")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM auth_tokens")).scalar_one() == 1
        assert connection.execute(select(auth_schema.c.version)).scalars().all() == [3]
    for opened in engines:
        opened.dispose()


def test_same_shape_after_the_upgrade(
    engine: Engine, kind: str, request: pytest.FixtureRequest
) -> None:
    """Upgraded tables have the columns, types and indexes of new ones."""
    version_2(engine, kind)
    Database(engine).create_tables()
    upgraded = shape(engine)
    nullable = {item["name"]: item["nullable"] for item in inspect(engine).get_columns("users")}
    if kind == "sqlite":
        engine.dispose()
        Path(str(engine.url.database)).unlink()
    other = create_engine(empty_url(kind, request))
    Database(other).create_tables()
    assert shape(other) == upgraded
    assert nullable == {
        item["name"]: item["nullable"] for item in inspect(other).get_columns("users")
    }
    other.dispose()


@pytest.mark.parametrize("kind", ["sqlite"])
def test_upgrade_keeps_what_the_app_added(engine: Engine, kind: str) -> None:
    """Rows that refer to accounts, and the app's index, trigger and view, survive the upgrade."""
    version_2(engine, kind)
    add_old_account(engine)
    run(
        engine,
        "CREATE TABLE notes (owner VARCHAR(36) REFERENCES users (id) ON DELETE CASCADE)",
        "INSERT INTO notes VALUES ('1')",
        'ALTER TABLE users ADD COLUMN "first ""name" GENERATED ALWAYS AS (full_name)',
        'ALTER TABLE users ADD COLUMN "last ""name" TEXT',
        "CREATE INDEX app_names ON users (full_name)",
        "CREATE VIEW app_people AS SELECT full_name FROM users",
        "CREATE TRIGGER app_trigger AFTER DELETE ON users BEGIN DELETE FROM notes; END",
    )
    database = Database(engine)
    database.create_tables()
    with engine.connect() as connection:
        names = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
        assert {"app_names", "app_people", "app_trigger"} <= names
        assert connection.execute(text("SELECT * FROM app_people")).scalars().all() == ["Ada"]
        assert connection.execute(text("SELECT * FROM notes")).scalars().all() == ["1"]
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    assert SQLUserStore(database).delete("1")
    with engine.connect() as connection:
        for table in ("notes", "auth_tokens"):
            assert connection.execute(text(f"SELECT * FROM {table}")).all() == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_failed_copy(engine: Engine, kind: str) -> None:
    """A copy of the table that fails changes nothing, and no option of the connection."""
    version_2(engine, kind)
    add_old_account(engine)
    run(engine, "CREATE TABLE persistauth_users (other TEXT)")
    with pytest.raises(StoreError):
        Database(engine).create_tables()
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA legacy_alter_table")).scalar_one() == 0
        assert connection.execute(text("SELECT email FROM users")).scalars().all() == [EMAIL]


@pytest.mark.parametrize("version", [None, 2])
def test_username_of_the_app(engine: Engine, kind: str, version: int | None) -> None:
    """A column `username` of the app is used as it is, even if its values are not unique."""
    users = USERS.replace("full_name VARCHAR(255)", "full_name VARCHAR(255), username VARCHAR(80)")
    run(engine, users.format(**WORDS[kind]))
    for user_id, email, username in (
        ("1", EMAIL, "Ada"),
        ("2", "b@x.org", "x"),
        ("3", "c@x.org", "x"),
    ):
        insert = ADA.replace("'1'", f"'{user_id}'").replace("full_name", "username")
        insert = insert.replace("'Ada'", f"'{username}'")
        run(engine, insert, email=email, hash=PasswordHasher(4).hash(PASSWORD), active=True)
    if version:
        Database(engine, tables=WITHOUT_USERS).create_tables()
        run(engine, "UPDATE auth_schema SET version = 2")
    core = CoreApp(users=SQLUserStore(Database(engine)), login_by=LoginBy.USERNAME)  # type: ignore[arg-type]
    assert core.accounts.authenticate("ada", PASSWORD).user.email == EMAIL
    assert core.users.find_username("x") is None
    for taken in ("ADA", "x"):
        with pytest.raises(UsernameTaken):
            core.add_user("new@example.com", taken)
    core.add_user("new@example.com", "new")
    if kind != "mariadb":  # the app's column in Latin 1 can't hold the look-alike
        with pytest.raises(UsernameTaken):
            core.add_user("newer@example.com", "n\u0435w")
    run(engine, "UPDATE users SET username = 'x' WHERE id = '1'")


@pytest.mark.parametrize("login_by", [LoginBy.EMAIL, LoginBy.USERNAME])
def test_login_names_that_are_never_null(engine: Engine, kind: str, login_by: LoginBy) -> None:
    """An app's columns that are empty instead of NULL work as they are, and stay the app's."""
    columns = "email VARCHAR(191) NOT NULL DEFAULT '', username VARCHAR(80) NOT NULL DEFAULT '',"
    run(
        engine,
        USERS.replace("email VARCHAR(191) UNIQUE NOT NULL,", columns).format(**WORDS[kind]),
        SEED[kind][1],
    )
    mailer = FakeMailer()
    core = CoreApp(
        users=SQLUserStore(Database(engine)),  # type: ignore[arg-type]
        tokens=SQLTokenStore(Database(engine)),  # type: ignore[arg-type]
        login_by=login_by,
        mailer=mailer,
    )
    by_email = login_by is LoginBy.EMAIL
    for name in ("ada", "bob"):
        text = f"{name}@example.com" if by_email else name
        core.add_user(*((text, "") if by_email else ("", text)))
        user = core.accounts.authenticate(text, PASSWORD).user
        assert (user.email, user.username) == ((text, "") if by_email else ("", text))
        with pytest.raises(EmailTaken if by_email else UsernameTaken):
            core.add_user(*((text, "") if by_email else ("", text)))
    core.must_confirm = True
    for _ in range(2):
        with pytest.raises(ConfirmationNeeded):
            core.registrations.register(
                "cleo@example.com", PASSWORD, username="" if by_email else "cleo"
            )
        core.invitations.create("dan@example.com")
    assert mailer.addressees == ["cleo@example.com", "dan@example.com"] * 2
    run(engine, "UPDATE users SET username = 'same'")


@pytest.mark.parametrize("kind", ["mariadb"])
def test_interrupted_adoption(engine: Engine, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that ended between a column and its index is completed by the next one."""
    run(engine, *SEED[kind])

    def stop(connection: Connection, table: str) -> set[str | None]:
        raise TimeoutError

    with monkeypatch.context() as patch:
        patch.setattr(schema, "index_names", stop)
        with pytest.raises(StoreError):
            Database(engine).create_tables()
    core = CoreApp(users=SQLUserStore(Database(engine)))  # type: ignore[arg-type]
    core.add_user(EMAIL, "ada")
    indexes = {index["name"]: index["unique"] for index in inspect(engine).get_indexes("users")}
    assert indexes["ux_users_username_key"]
    assert indexes["ux_users_email_key"]


CYRILLIC = "\u0436\u0443\u043a"


@pytest.mark.parametrize("login_by", LoginBy)
def test_old_character_set(
    request: pytest.FixtureRequest, login_by: LoginBy, bcrypt_calls: BcryptCalls
) -> None:
    """Names that a table in Latin 1 can't hold are refused by one sentence, and never found."""
    engine = open_engine(empty_url("mariadb", request))
    columns = "full_name VARCHAR(255), username VARCHAR(80)"
    table = USERS.replace("full_name VARCHAR(255)", columns)
    run(engine, table.format(**WORDS["mariadb"]), SEED["mariadb"][1])
    check_old_character_set(SQLUserStore(Database(engine)), login_by, bcrypt_calls)
    engine.dispose()


@pytest.mark.parametrize("encoding", ["utf8", "latin1"])
@pytest.mark.parametrize("login_by", LoginBy)
def test_old_character_set_of_a_database(
    request: pytest.FixtureRequest, login_by: LoginBy, encoding: str, bcrypt_calls: BcryptCalls
) -> None:
    """The same holds for a database in Latin 1, whichever encoding its connections have."""
    url = make_url(empty_url("postgresql", request))
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"{url.database}_latin1"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING LATIN1 TEMPLATE template0"))
    options = {"client_encoding": encoding}
    engine = open_engine(
        url.set(database=name).update_query_dict(options).render_as_string(hide_password=False)
    )
    seeded(engine, "postgresql")
    check_old_character_set(SQLUserStore(Database(engine)), login_by, bcrypt_calls)
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name}"))
    admin.dispose()


def check_old_character_set(
    users: SQLUserStore, login_by: LoginBy, bcrypt_calls: BcryptCalls
) -> None:
    """Sign in, register, rename and search with names in and beyond Latin 1."""
    core = CoreApp(users=users, login_by=login_by, can_hold=users.can_hold)  # type: ignore[arg-type]
    stranger = f"{CYRILLIC}@example.com" if login_by is LoginBy.EMAIL else CYRILLIC
    bcrypt_calls.count = 0
    with pytest.raises(InvalidCredentials) as caught:
        core.accounts.authenticate(stranger, PASSWORD)
    assert caught.value.message == core.login_names.refusal().message
    assert bcrypt_calls.count == 1
    for email, username, name, refusal in (
        (f"{CYRILLIC}@example.com", "b", "", InvalidEmail),
        ("b@example.com", CYRILLIC, "", InvalidUsername),
        ("b@example.com", "b", CYRILLIC, InvalidName),
    ):
        for register in (core.accounts.register, core.registrations.register):
            with pytest.raises(refusal, match="characters that this app can't store"):
                register(email, PASSWORD, username=username, full_name=name)
    made = core.accounts.register(
        "j\u00fcrgen@example.com", PASSWORD, username="j\u00fcrgen", full_name="J\u00fcrgen"
    )
    assert made.user.full_name == "J\u00fcrgen"
    typed = made.user.email if login_by is LoginBy.EMAIL else made.user.username
    assert core.accounts.authenticate(typed, PASSWORD).user.id == made.user.id
    with pytest.raises(InvalidUsername):
        core.username_changes.change(made.user.id, PASSWORD, CYRILLIC)
    with pytest.raises(InvalidName):
        core.accounts.change_name(made.user.id, CYRILLIC)
    assert core.user_admin.get(CYRILLIC) is None
    assert core.user_admin.find(UserQuery(CYRILLIC)) == UserPage((), 0)


def test_adopted_without_addresses(engine: Engine, kind: str) -> None:
    """A table `users` of an earlier app may have usernames and no addresses."""
    users = USERS.replace("email VARCHAR(191)", "username VARCHAR(80)").format(**WORDS[kind])
    run(engine, users)
    insert = ADA.replace("email", "username", 1)
    run(engine, insert, email="Ada", hash=PasswordHasher(4).hash(PASSWORD), active=True)
    core = CoreApp(users=SQLUserStore(Database(engine)), login_by=LoginBy.USERNAME)  # type: ignore[arg-type]
    assert core.accounts.authenticate("ada", PASSWORD).user.email == ""
    core.add_user("", "bob")
    core.add_user(EMAIL, "cleo")
    for email, username in (("", "ADA"), ("", "bob"), (EMAIL, "dan")):
        with pytest.raises((UsernameTaken, EmailTaken)):
            core.add_user(email, username)


def test_newer_version(engine: Engine) -> None:
    """Tables that a newer replica has upgraded work with an older one."""
    Database(engine).create_tables()
    run(engine, "UPDATE auth_schema SET version = 99")
    user = user_record()
    SQLUserStore(Database(engine)).add(user)
    assert SQLUserStore(Database(engine)).get(user.user.id) == user


def test_without_users(engine: Engine) -> None:
    """Sessions of users who are stored elsewhere need no table of users."""
    tokens = SQLTokenStore(Database(engine, tables=WITHOUT_USERS))
    session = session_record("somebody elsewhere")
    tokens.put(session)
    assert tokens.find_session(session.session_id) == session
    assert "users" not in inspect(engine).get_table_names()


def test_missing_table(engine: Engine) -> None:
    """A dropped table is created again at the next start."""
    Database(engine).create_tables()
    run(engine, "DROP TABLE auth_events")
    Database(engine).create_tables()
    assert "auth_events" in inspect(engine).get_table_names()
