"""Answers of a database that do not belong to the statement: no result is read from them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event
from tests.support.servers import empty_url

from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.storage.records import (
    CounterRecord,
    KnownSession,
    TokenType,
)
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.answers import WrongAnswer, count_changed, has_changed
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.testing.rows import START, session_record, user_record

ADA, GRACE = user_record("ada@example.com", "ada"), user_record("grace@example.com", "grace")
OF_ADA, OF_GRACE = session_record(ADA.user.id), session_record(GRACE.user.id)
KNOWN = KnownSession(OF_ADA.session_id, ADA.user.id, None)
COUNTER = CounterRecord(1, START, START)


class Stores:
    """The stores on one database, with two users, a session each and a counter."""

    def __init__(self, engine: Engine) -> None:
        database = Database(engine)
        self.users, self.tokens = SQLUserStore(database), SQLTokenStore(database)
        self.lookup = JoinedLookup(database)
        for user, session in ((ADA, OF_ADA), (GRACE, OF_GRACE)):
            self.users.add(user)
            self.tokens.put(session)
        self.tokens.swap_count("key", None, COUNTER)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine for an empty database."""
    made = open_engine(empty_url(request.param, request))
    yield made
    made.dispose()


READS: dict[str, Callable[[Stores], object]] = {
    "session by hash": lambda stores: stores.lookup.by_hash(OF_ADA.token_hash),
    "session by id": lambda stores: stores.lookup.by_session(OF_ADA.session_id),
    "open pages": lambda stores: stores.lookup.by_sessions([OF_ADA.session_id]),
    "token": lambda stores: stores.tokens.find(TokenType.SESSION, OF_ADA.token_hash),
    "session": lambda stores: stores.tokens.find_session(OF_ADA.session_id),
    "sessions": lambda stores: stores.tokens.find_sessions([OF_ADA.session_id]),
    "list of sessions": lambda stores: stores.tokens.list_sessions(ADA.user.id),
    "consume": lambda stores: stores.tokens.consume(TokenType.SESSION, OF_ADA.token_hash),
    "account": lambda stores: stores.users.get(ADA.user.id),
    "accounts": lambda stores: stores.users.get_many([ADA.user.id]),
    "address": lambda stores: stores.users.find("ada@example.com"),
    "look-alike": lambda stores: stores.users.find_username_key(ADA.username_key or ""),
}
OTHER_READS: dict[str, Callable[[Stores], object]] = {
    "counter": lambda stores: stores.tokens.count("key"),
    "is empty": lambda stores: stores.users.is_empty(),
    "first account": lambda stores: stores.users.add_first(user_record("new@example.com")),
    "hash cost": lambda stores: stores.users.highest_hash_cost(),
    "page": lambda stores: stores.users.page(UserQuery()),
    "valid sessions": lambda stores: stores.lookup.are_valid([KNOWN], START),
    "unexpired sessions": lambda stores: stores.tokens.count_sessions([OF_ADA.session_id], START),
    "active accounts": lambda stores: stores.users.count_active({ADA.user.id: None}),
    "last revocation": lambda stores: stores.tokens.last_revocation(),
    "revocations": lambda stores: stores.tokens.revocations_after(0, limit=9),
    "sessions of all": lambda stores: stores.tokens.page_sessions(START, offset=0, limit=9),
    "number of sessions": lambda stores: stores.tokens.counts(START),
    "agents": lambda stores: stores.tokens.sessions_per_agent(START, limit=9),
}
WRITES: dict[str, Callable[[Stores], object]] = {
    "swap": lambda stores: stores.tokens.swap(OF_ADA, replace(OF_ADA, remember=False)),
    "end session": lambda stores: stores.tokens.end_session(OF_ADA.session_id),
    "end user": lambda stores: stores.tokens.end_user(ADA.user.id),
    "swap count": lambda stores: stores.tokens.swap_count("key", COUNTER, None),
    "purge": lambda stores: stores.tokens.purge(START),
    "delete": lambda stores: stores.users.delete(ADA.user.id),
    "disable": lambda stores: stores.users.update(ADA.user.id, {"is_active": False}),
}


@contextmanager
def answering(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, verb: str, other: str
) -> Iterator[None]:
    """Answer another query instead of every statement that begins with a verb."""
    run = Prepared.bind

    def replaced(
        _connection: object, _cursor: object, statement: str, parameters: object, *_: object
    ) -> tuple[str, object]:
        return (other, ()) if statement.startswith(verb) else (statement, parameters)

    def bind(query: Prepared, parameters: Any) -> Any:  # noqa: ANN401 - of any driver
        query.text = other
        run(query, parameters)
        return ()

    event.listen(engine, "before_cursor_execute", replaced, retval=True)
    if verb == "SELECT":
        monkeypatch.setattr(Prepared, "bind", bind)
    yield
    event.remove(engine, "before_cursor_execute", replaced)
    monkeypatch.undo()


@pytest.mark.parametrize("call", READS | OTHER_READS)
def test_answers(engine: Engine, call: str) -> None:
    """The answer to each query has the columns that are checked."""
    (READS | OTHER_READS)[call](Stores(engine))


def test_time(engine: Engine) -> None:
    """A database on a server has a clock, which agrees with that of the same machine."""
    database = Database(engine)
    assert database.has_clock is (engine.dialect.name != "sqlite")
    if database.has_clock:
        assert abs(database.read_clock() - utc_now()) < timedelta(seconds=10)


@pytest.mark.parametrize("other", ["SELECT 1 WHERE 1 = 0", "SELECT 1", "SELECT id FROM users"])
@pytest.mark.parametrize("call", READS | OTHER_READS)
def test_other_columns(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, call: str, other: str
) -> None:
    """The answer to another query is an error, also if it is empty."""
    stores = Stores(engine)
    with answering(engine, monkeypatch, "SELECT", other), pytest.raises(StoreError):
        (READS | OTHER_READS)[call](stores)
    assert stores.tokens.find_session(OF_ADA.session_id) == OF_ADA
    assert not stores.users.is_empty()


@pytest.mark.parametrize("call", WRITES)
def test_answer_to_a_query(engine: Engine, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """A change whose answer is that of a query is an error, and not "nothing to change"."""
    stores = Stores(engine)
    verb = {"swap": "UPDATE", "disable": "UPDATE"}.get(call, "DELETE")
    with answering(engine, monkeypatch, verb, "SELECT 1 WHERE 1 = 0"), pytest.raises(StoreError):
        WRITES[call](stores)


@pytest.mark.parametrize("call", READS)
def test_row_of_another_user(engine: Engine, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """A row with another key than that of the query is an error."""
    if call == "address" and engine.dialect.name == "mysql":
        return  # finds names in other accents by itself; those of other accounts are left out
    stores = Stores(engine)
    swapped = {
        OF_ADA.token_hash: OF_GRACE.token_hash,
        OF_ADA.session_id: OF_GRACE.session_id,
        ADA.user.id: GRACE.user.id,
        ADA.user.email: GRACE.user.email,
        ADA.username_key: GRACE.username_key,
    }

    def exchange(values: Any) -> Any:  # noqa: ANN401 - of any driver
        if isinstance(values, dict):
            return {name: swapped.get(value, value) for name, value in values.items()}
        return tuple(swapped.get(value, value) for value in values)

    def exchanged(
        _connection: object, _cursor: object, statement: str, parameters: object, *_: object
    ) -> tuple[str, object]:
        return statement, exchange(parameters)

    bind = Prepared.bind
    monkeypatch.setattr(Prepared, "bind", lambda query, values: exchange(bind(query, values)))
    event.listen(engine, "before_cursor_execute", exchanged, retval=True)
    with pytest.raises(StoreError):
        READS[call](stores)
    event.remove(engine, "before_cursor_execute", exchanged)


VALUES: dict[str, Any] = {
    "id": None,
    "token_hash": 5,
    "expires_at": None,
    "created_at": 5,
    "revision": "x",
    "token_type": "other",
}


@pytest.mark.parametrize("column", VALUES)
def test_values_of_other_types(database: Database, column: str) -> None:
    """A row of a session with a value of another type is an error."""
    from streamlit_persistauth.stores.sql.tokens import COLUMNS, to_token

    stores = Stores(database.engine)
    assert stores.tokens.find_session(OF_ADA.session_id) == OF_ADA
    values = {item.name: getattr(OF_ADA, item.name) for item in COLUMNS}
    values["token_type"] = OF_ADA.token_type.value
    assert to_token(list(values.values())) == OF_ADA
    with pytest.raises((TypeError, ValueError)):
        to_token(list({**values, column: VALUES[column]}.values()))


class Changed:
    """A result of a statement, with what the driver says."""

    def __init__(self, rowcount: int, *, returns_rows: bool = False) -> None:
        self.rowcount = rowcount
        self.returns_rows = returns_rows


@pytest.mark.parametrize(
    ("result", "one", "several"),
    [
        (Changed(0), False, 0),
        (Changed(1), True, 1),
        (Changed(2), None, 2),
        (Changed(-1), None, None),
        (Changed(0, returns_rows=True), None, None),
    ],
)
def test_number_of_changed_rows(result: Any, one: object, several: object) -> None:  # noqa: ANN401
    """A number that the driver does not know is an error, and so are several rows for one key."""
    for read, expected in ((has_changed, one), (count_changed, several)):
        if expected is None:
            with pytest.raises(WrongAnswer):
                read(result)
        else:
            assert read(result) == expected


def test_queries_with_equal_columns(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The empty answer of a look-up by id is not read as one of a look-up by hash."""
    stores = Stores(engine)
    assert stores.lookup.by_session(OF_ADA.token_hash) is None
    other = stores.lookup._by_session.text
    monkeypatch.setattr(stores.lookup._by_hash, "text", other)
    with pytest.raises(StoreError):
        stores.lookup.by_hash(OF_ADA.token_hash)
