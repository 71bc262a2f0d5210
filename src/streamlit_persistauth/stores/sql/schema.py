"""Creates the tables, adds missing columns to existing ones, and upgrades them."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Engine,
    ForeignKeyConstraint,
    Insert,
    MetaData,
    Table,
    bindparam,
    create_mock_engine,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateTable

from streamlit_persistauth.stores.sql.deadlines import later_deadline
from streamlit_persistauth.stores.sql.dialects import exact_type, exclusive, index_names
from streamlit_persistauth.stores.sql.sqlite_tables import allow_null
from streamlit_persistauth.stores.sql.tables import (
    EMAIL_LENGTH,
    EVENTS_OF_TYPE,
    LOGIN_NAMES,
    MYSQL,
    SESSIONS_OF_ALL,
    auth_schema,
    metadata,
    users,
)

if TYPE_CHECKING:
    from alembic.operations import Operations

CREATE_SECONDS: Final = 600.0
"""How long it may take to create or upgrade the tables; an index on many rows takes minutes."""
UTC: Final = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Etc/UCT", "UCT", "Zulu", "Etc/Zulu"}
_WITHOUT_ZONE: Final = text(
    "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND table_name IN :names"
    " AND data_type = 'timestamp without time zone' ORDER BY 1"
).bindparams(bindparam("names", expanding=True))


def _add_indexes_of_pages(operations: "Operations") -> None:
    """Version 2: indexes for pages of sessions and of events."""
    for index in (SESSIONS_OF_ALL, EVENTS_OF_TYPE):
        index.create(operations.get_bind(), checkfirst=True)


def _add_usernames(operations: "Operations") -> None:
    """Version 3: usernames, and accounts without an address."""
    connection = operations.get_bind()
    if not inspect(connection).has_table(users.name):
        return
    _allow_no_email(operations)
    _add_missing(users, connection, starting=("ux_users_username", "ix_users_lower_username"))


UPGRADES: Final[tuple[Callable[["Operations"], None], ...]] = (
    _add_indexes_of_pages,
    _add_usernames,
)
"""The upgrades to version 2 and later, each from the version before."""


class LocalTimes(ValueError):
    """A connection would shift times by its zone; the message holds no stored value."""


def version() -> int:
    """Return the version of the tables that this package uses."""
    return 1 + len(UPGRADES)


def prepare(engine: Engine, tables: Collection[Table]) -> None:
    """Create the tables, or upgrade those that exist.

    An existing table of the app with the name of one of ours gets the missing columns, as nullable
    ones, and is not changed otherwise. Tables of a newer version stay as they are: versions only
    add. Safe for any number of processes at once.

    Args:
        engine: The engine of the database.
        tables: Those of our tables that the database needs; none for a database of the app.

    Raises:
        SQLAlchemyError: The database fails, or refuses.
    """
    if not tables:
        return
    with engine.connect() as connection:
        if _is_ready(connection, tables):
            _refuse_local_times(connection, tables)
            return
    with later_deadline(CREATE_SECONDS), exclusive(engine, alters=True) as connection:
        _complete(connection, tables)
        _refuse_local_times(connection, tables)


def print_schema(dialect: str) -> str:
    """Return the statements that create the tables, for apps with their own migrations.

    Args:
        dialect: `sqlite`, `postgresql`, `mysql` or `mariadb`.
    """
    statements: list[str] = []

    def collect(statement: Any, *_rest: object, **_options: object) -> None:  # noqa: ANN401 - any DDL
        # Spaces for tabs: a terminal report escapes control characters.
        statements.append(str(statement.compile(dialect=engine.dialect)).strip().expandtabs(4))

    engine = create_mock_engine(_URLS[dialect], collect)
    metadata.create_all(engine, checkfirst=False)
    statements.append(_literal(insert(auth_schema).values(version=version()), engine.dialect))
    return "".join(f"{statement};\n\n" for statement in statements).rstrip("\n") + "\n"


_URLS: Final = {
    "sqlite": "sqlite://",
    "postgresql": "postgresql+psycopg://",
    "mysql": "mysql+pymysql://",
    "mariadb": "mariadb+pymysql://",
}
DIALECTS: Final = tuple(_URLS)


def _literal(statement: Insert, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _is_ready(connection: Connection, tables: Collection[Table]) -> bool:
    there = set(inspect(connection).get_table_names())
    if not there.issuperset(table.name for table in tables):
        return False
    return (_stored_version(connection) or 0) >= version()


def _refuse_local_times(connection: Connection, tables: Collection[Table]) -> None:
    """Refuse connections of an app that would shift times in its existing tables.

    PostgreSQL converts a time for a column without a zone to the zone of the connection.

    Raises:
        LocalTimes: The zone of the connection is not UTC, and there is such a column.
    """
    if connection.dialect.name != "postgresql":
        return
    zone = connection.execute(text("SELECT current_setting('TimeZone')")).scalar()
    if zone in UTC:
        return
    names = {"names": [table.name for table in tables]}
    column = connection.execute(_WITHOUT_ZONE, names).scalar()
    if column:
        raise LocalTimes(f"times in {column} have no zone: SET TIME ZONE 'UTC' for connections")


def _stored_version(connection: Connection) -> int | None:
    return connection.execute(select(auth_schema.c.version)).scalar()


def _complete(connection: Connection, tables: Collection[Table]) -> None:
    there = set(inspect(connection).get_table_names())
    stored = _stored_version(connection) if auth_schema.name in there else None
    for table in tables:
        if table.name not in there:
            _create(table, connection, adopted=users.name in there, apart=users not in tables)
        elif stored is None:
            _add_missing(table, connection)
    if stored is None:
        connection.execute(insert(auth_schema), {"version": version()})
        return
    for number, upgrade in enumerate(UPGRADES[stored - 1 :], start=stored + 1):
        upgrade(_operations(connection))
        connection.execute(update(auth_schema).values(version=number))


def _create(table: Table, connection: Connection, *, adopted: bool, apart: bool) -> None:
    """Create a table.

    Args:
        table: One of our tables.
        connection: A connection in a transaction.
        adopted: Whether the table `users` existed before.
        apart: Whether users are stored elsewhere, so that no foreign key can refer to them.
    """
    if adopted and connection.dialect.name in MYSQL:
        table = _fitting(table, connection)
    keys = list[ForeignKeyConstraint]() if apart else None
    connection.execute(CreateTable(table, include_foreign_key_constraints=keys))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        index.create(connection)


def _fitting(table: Table, connection: Connection) -> Table:
    """Return the table with foreign keys of the type and collation of the ids in `users`."""
    copy = table.to_metadata(MetaData())
    users.to_metadata(copy.metadata)
    for key in copy.foreign_keys:
        key.parent.type = exact_type(connection, users.name, users.c.id.name)
    return copy


def _add_missing(
    table: Table, connection: Connection, *, starting: tuple[str, ...] = ("",)
) -> None:
    """Add missing columns and indexes to an existing table.

    A column that the app uses itself may hold equal values, now or later, so it gets no unique
    index. The one on the key of a login name prevents two accounts with the same name too.

    Args:
        table: One of our tables.
        connection: A connection in a transaction.
        starting: How the names of the indexes start.
    """
    found, operations = inspect(connection), _operations(connection)
    columns = {column["name"] for column in found.get_columns(table.name)}
    for column in table.columns:
        if column.name not in columns:
            operations.add_column(table.name, Column(column.name, column.type, nullable=True))
    indexes = index_names(connection, table.name)
    for index in table.indexes:
        if not str(index.name).startswith(starting) or index.name in indexes:
            continue
        there = [column for column in index.columns if column.name in columns]
        if index.unique and any(_is_of_app(connection, column) for column in there):
            continue
        index.create(connection)


def _is_of_app(connection: Connection, column: Column[Any]) -> bool:
    """Return whether the app uses a column that existed before.

    A start that was interrupted may have added a key without its index: it has no values.
    """
    return column.name in LOGIN_NAMES or _has_values(connection, column)


def _has_values(connection: Connection, column: Column[Any]) -> bool:
    query = select(column).where(column.is_not(None)).limit(1)
    return connection.execute(query).first() is not None


def _allow_no_email(operations: "Operations") -> None:
    """Allow accounts without an address in a table that this package created."""
    connection = operations.get_bind()
    columns = {item["name"]: item for item in inspect(connection).get_columns(users.name)}
    email = columns["email"]
    if email["nullable"] or getattr(email["type"], "length", None) != EMAIL_LENGTH:
        return
    if connection.dialect.name == "sqlite":
        allow_null(connection, users.name, "email")
        return
    is_mysql = connection.dialect.name in MYSQL
    kind = exact_type(connection, users.name, "email") if is_mysql else None
    operations.alter_column(users.name, "email", nullable=True, existing_type=kind)


def _operations(connection: Connection) -> "Operations":
    from alembic.migration import (
        MigrationContext,
    )  # slow to import, and only new or old databases need it
    from alembic.operations import Operations

    return Operations(MigrationContext.configure(connection))
