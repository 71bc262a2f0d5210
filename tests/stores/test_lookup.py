"""Looking up a session with its account by one statement or by two gives the same results."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, event, text
from tests.support.clock import START
from tests.support.servers import empty_url

from streamlit_persistauth.core.secrets import fingerprint, new_id
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import Lookup
from streamlit_persistauth.core.storage.records import (
    KnownSession,
    Pending,
    TokenRecord,
    TokenType,
    UserRecord,
)
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.testing.rows import (
    INJECTIONS,
    handoff_record,
    session_record,
    user_record,
)


@pytest.fixture(params=["sqlite", "sqlite in memory", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database."""
    made = Database(open_engine(empty_url(request.param, request)))
    yield made
    made.engine.dispose()


@pytest.fixture
def owner(database: Database) -> UserRecord:
    """An account."""
    record = user_record()
    SQLUserStore(database).add(record)
    return record


def put(database: Database, record: TokenRecord) -> TokenRecord:
    """Store a session and return it."""
    SQLTokenStore(database).put(record)
    return record


def agree(database: Database, session: TokenRecord) -> None:
    """Assert that both lookups return the same, by either key."""
    one = JoinedLookup(database)
    two = SplitLookup(SQLTokenStore(database), SQLUserStore(database))
    found = one.by_hash(session.token_hash)
    assert found is not None
    assert found.session == session
    assert found == one.by_session(session.session_id)
    assert found == two.by_hash(session.token_hash) == two.by_session(session.session_id)
    wanted = {session.session_id, new_id()}
    assert [found] == one.by_sessions(wanted) == two.by_sessions(wanted)


def test_plain(database: Database, owner: UserRecord) -> None:
    """A new session is found."""
    agree(database, put(database, session_record(owner.user.id)))


def test_every_column(database: Database, owner: UserRecord) -> None:
    """A session and an account with a value in every column are found."""
    later = START + timedelta(hours=1, microseconds=7)
    session = replace(
        session_record(owner.user.id),
        last_used_at=later,
        successor_hash=fingerprint("next"),
        successor_at=later,
        previous_hash=fingerprint("last"),
        rotated_at=later,
        bound_to=fingerprint("browser"),
        email="zo\u00eb@example.com",
        ip_address=None,
        user_agent="\U0001f600",
        remember=False,
        revision=3,
    )
    SQLUserStore(database).update(
        owner.user.id,
        {"last_login_at": later, "is_active": False, "pending": Pending.CONFIRMATION, "roles": ()},
    )
    agree(database, put(database, session))


def test_nothing_else(database: Database, owner: UserRecord) -> None:
    """Handoff codes, unknown texts and SQL in a text are no sessions."""
    lookup = JoinedLookup(database)
    session = put(database, session_record(owner.user.id))
    code = put(database, handoff_record(session))
    assert code.token_type is TokenType.HANDOFF
    assert lookup.by_hash(code.token_hash) is None
    found = lookup.by_session(session.session_id)
    assert found is not None
    assert found.session == session
    for text_ in (
        *INJECTIONS,
        new_id(),
        "\0",
        session.session_id + " ",
        session.token_hash.upper(),
    ):
        assert lookup.by_hash(text_) is None
        assert lookup.by_session(text_) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_an_account(database: Database, owner: UserRecord) -> None:
    """A session whose account was deleted is found without an account."""
    session = put(database, session_record(owner.user.id))
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        connection.execute(text("DELETE FROM users"))
        connection.commit()
    found = JoinedLookup(database).by_hash(session.token_hash)
    assert found is not None
    assert found.owner is None
    agree(database, session)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_connections_that_are_left_as_they_are(kind: str, request: pytest.FixtureRequest) -> None:
    """On connections of the app too, no query sees an old state."""
    url = empty_url(kind, request)
    lasting = create_engine(
        url, isolation_level="REPEATABLE READ", pool_reset_on_return=None, pool_size=1
    )
    database = Database(open_engine(url))
    owner = user_record()
    SQLUserStore(database).add(owner)
    session = put(database, session_record(owner.user.id))
    lookup = JoinedLookup(Database(lasting))
    assert lookup.by_hash(session.token_hash)
    assert SQLTokenStore(database).end_session(session.session_id) == 1
    assert lookup.by_hash(session.token_hash) is None
    lasting.dispose()
    database.engine.dispose()


def test_of_several(database: Database) -> None:
    """Each session is found with its own account."""
    owners = [user_record(f"user{number}@example.com") for number in range(20)]
    sessions = []
    for owner in owners:
        SQLUserStore(database).add(owner)
        sessions.append(put(database, session_record(owner.user.id)))
    for owner, session in zip(owners, sessions, strict=True):
        found = JoinedLookup(database).by_hash(session.token_hash)
        assert found is not None
        assert found.owner == owner
    for lookup in (
        JoinedLookup(database),
        SplitLookup(SQLTokenStore(database), SQLUserStore(database)),
    ):
        several = lookup.by_sessions([session.session_id for session in sessions])
        pairs = [(found.session.session_id, found.owner) for found in several]
        assert sorted(pairs, key=str) == sorted(
            ((s.session_id, o) for s, o in zip(sessions, owners, strict=True)), key=str
        )
        assert lookup.by_sessions([]) == []


def test_one_statement(database: Database, owner: UserRecord) -> None:
    """One statement reads any number of sessions with their accounts."""
    sessions = [put(database, session_record(owner.user.id)) for _ in range(3)]
    statements: list[str] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda *arguments: statements.append(arguments[2]),
    )
    assert len(JoinedLookup(database).by_sessions([one.session_id for one in sessions])) == 3
    assert len(statements) == 1


CHANGES = {
    "revoked": "DELETE FROM auth_tokens",
    "expired": "UPDATE auth_tokens SET expires_at = '2030-01-02 03:04:05'",
    "no longer a session": "UPDATE auth_tokens SET token_type = 'handoff'",
    "another stamp": "UPDATE users SET security_stamp = 'another'",
    "no stamp": "UPDATE users SET security_stamp = NULL",
    "disabled": "UPDATE users SET is_active = FALSE",
    "account deleted": "DELETE FROM users",
}


def joined(database: Database) -> Lookup:
    """Return the lookup that reads both tables at once."""
    return JoinedLookup(database)


def split(database: Database) -> Lookup:
    """Return the lookup that reads one table after the other."""
    return SplitLookup(SQLTokenStore(database), SQLUserStore(database))


LOOKUPS = pytest.mark.parametrize("make_lookup", [joined, split])
MakeLookup = Callable[[Database], Lookup]


def known(record: TokenRecord) -> KnownSession:
    """Return what is known of a session that was read."""
    return KnownSession(record.session_id, record.user_id, record.security_stamp)


def valid_sessions(database: Database, owner: UserRecord) -> list[KnownSession]:
    """Store three valid sessions; return what is known of them."""
    valid = [
        put(database, replace(session_record(owner.user.id), security_stamp=owner.security_stamp))
        for _ in range(3)
    ]
    put(database, handoff_record(valid[0]))
    return [known(one) for one in valid]


@LOOKUPS
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_are_valid(
    database: Database, owner: UserRecord, make_lookup: MakeLookup, change: str
) -> None:
    """Valid sessions are counted without their rows; a change by SQL is noticed."""
    lookup, sessions = make_lookup(database), valid_sessions(database, owner)
    assert lookup.are_valid(sessions, START)
    assert lookup.are_valid([], START)
    assert not lookup.are_valid([*sessions, replace(sessions[0], session_id=new_id())], START)
    with database.engine.begin() as connection:
        connection.execute(text(change))
    assert not lookup.are_valid(sessions, START)


def test_session_without_a_stamp(database: Database, owner: UserRecord) -> None:
    """A session whose own stamp is changed by SQL is noticed, where its row is joined."""
    lookup, sessions = JoinedLookup(database), valid_sessions(database, owner)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE auth_tokens SET security_stamp = NULL"))
    assert not lookup.are_valid(sessions, START)


def test_two_stamps_of_one_account(database: Database, owner: UserRecord) -> None:
    """Sessions of one account with different stamps can't all be valid."""
    lookup, sessions = split(database), valid_sessions(database, owner)
    assert lookup.are_valid([*sessions, replace(sessions[0], security_stamp="x")], START) is False


@pytest.mark.parametrize("missing", ["count_sessions", "count_active"])
def test_store_without_counts(database: Database, owner: UserRecord, missing: str) -> None:
    """Without both counts the rows have to be read."""
    sessions, lookup = valid_sessions(database, owner), split(database)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(SQLTokenStore if missing == "count_sessions" else SQLUserStore, missing)
        assert lookup.are_valid(sessions, START) is None


@LOOKUPS
def test_one_of_several_is_not_valid(
    database: Database, owner: UserRecord, make_lookup: MakeLookup
) -> None:
    """One revoked session among several is noticed."""
    lookup, sessions = make_lookup(database), valid_sessions(database, owner)
    SQLTokenStore(database).end_session(sessions[1].session_id)
    assert not lookup.are_valid(sessions, START)
    assert lookup.are_valid([sessions[0], sessions[2]], START)


@LOOKUPS
def test_columns_that_were_never_set(
    database: Database, owner: UserRecord, make_lookup: MakeLookup
) -> None:
    """Sessions are valid whose account has no stamp and no state, as they are for a rerun."""
    lookup, sessions = make_lookup(database), valid_sessions(database, owner)
    sessions = [replace(one, security_stamp=None) for one in sessions]
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE users SET security_stamp = NULL"))
        connection.execute(text("UPDATE auth_tokens SET security_stamp = NULL"))
    assert lookup.are_valid(sessions, START)
