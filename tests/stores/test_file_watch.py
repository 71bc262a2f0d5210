"""The file of an SQLite database is deleted or replaced while an app has it open."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.clock import START, MovableClock

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.testing.rows import session_record, user_record

MODULE = "streamlit_persistauth.stores.sql.file_watch"
MESSAGE = "the database file was deleted or replaced; it is opened again"


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch, clock: MovableClock) -> MovableClock:
    """The clock of the file watch."""

    def monotonic() -> float:
        return (clock.now - START).total_seconds()

    monkeypatch.setattr(f"{MODULE}.monotonic", monotonic)
    return clock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of the database."""
    return tmp_path / "app.db"


def opened(file: Path) -> Database:
    """Open a file as another process would."""
    return Database(open_engine(f"sqlite:///{file}"))


@pytest.fixture
def database(file: Path, ticks: MovableClock) -> Iterator[Database]:
    """An open database with one account."""
    made = opened(file)
    SQLUserStore(made).add(user_record())
    yield made
    made.engine.dispose()


def delete(file: Path) -> None:
    """Delete a database, as an operator does."""
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()


def replace(file: Path) -> None:
    """Replace a database by an empty one, as a restored backup does."""
    other = opened(file.with_name("other.db"))
    other.create_tables()
    other.engine.dispose()
    delete(file)
    shutil.move(file.with_name("other.db"), file)


@pytest.mark.parametrize("change", [delete, replace])
def test_opened_again(
    database: Database,
    file: Path,
    ticks: MovableClock,
    caplog: pytest.LogCaptureFixture,
    change: Callable[[Path], None],
) -> None:
    """The app continues with the present file, which every other process uses."""
    users, tokens = SQLUserStore(database), SQLTokenStore(database)
    change(file)
    ticks.move(seconds=2)
    assert users.is_empty()
    bob = user_record("bob@example.com")
    other = opened(file)
    SQLUserStore(other).add(bob)
    other.engine.dispose()
    assert users.find(bob.user.email) == bob
    tokens.put(session_record(bob.user.id))
    for _ in range(5):
        ticks.move(seconds=2)
        assert not users.is_empty()
    assert [record.message for record in caplog.records] == [MESSAGE]
    assert str(file) not in caplog.text


def test_rerun_notices(database: Database, file: Path, ticks: MovableClock) -> None:
    """The look-up of every rerun notices the new file, without another query before it."""
    session = session_record(user_record().user.id)
    owner = SQLUserStore(database).find("ada@example.com")
    assert owner is not None
    session = session_record(owner.user.id)
    SQLTokenStore(database).put(session)
    lookup = JoinedLookup(database)
    assert lookup.by_hash(session.token_hash) is not None
    delete(file)
    ticks.move(seconds=2)
    assert lookup.by_hash(session.token_hash) is None


def test_several_stores_on_one_file(database: Database, file: Path, ticks: MovableClock) -> None:
    """A store that is first used after the file was replaced does not hide the change."""
    replace(file)
    SQLTokenStore(Database(database.engine)).find_session(new_id())
    ticks.move(seconds=2)
    assert SQLUserStore(database).is_empty()


def test_one_check_a_second(
    database: Database, ticks: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is checked once a second at most."""
    looks: list[str] = []

    def look(path: str) -> tuple[int, int] | None:
        looks.append(path)
        return database._file._known

    monkeypatch.setattr(f"{MODULE}._identity", look)
    ticks.move(seconds=2)
    for _ in range(100):
        SQLUserStore(database).is_empty()
    assert len(looks) == 1


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_in_memory(url: str, ticks: MovableClock, caplog: pytest.LogCaptureFixture) -> None:
    """A database in memory has no file and is never closed."""
    database = Database(open_engine(url))
    users = SQLUserStore(database)
    users.add(user_record())
    ticks.move(seconds=2)
    assert not users.is_empty()
    assert not caplog.records
