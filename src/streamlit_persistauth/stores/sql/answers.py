"""Checks that an answer of the database belongs to the statement.

A pooler that mixes up statements can return an empty answer to another one, which would otherwise
mean that a session or an account does not exist.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, get_args, get_type_hints

from sqlalchemy import Connection, CursorResult, Row, Select

if TYPE_CHECKING:
    from typing_extensions import Unpack

R = TypeVar("R")
T = TypeVar("T")
Query: TypeAlias = "Select[Unpack[tuple[Any, ...]]]"
"""A query of any number of columns."""


class WrongAnswer(ValueError):
    """An answer that does not belong to the statement; the message holds no stored value."""


def check_columns(names: Sequence[str], description: Sequence[Sequence[Any]] | None) -> None:
    """Check the names of the columns of an answer.

    Args:
        names: The names that the query selects.
        description: The attribute of the driver's cursor.

    Raises:
        WrongAnswer: The answer has other columns, or none.
    """
    if [column[0] for column in description or ()] != list(names):
        raise WrongAnswer("the answer has other columns than the query")


def fetch_all(
    connection: Connection, query: Query, parameters: Mapping[str, object] | None = None
) -> list[Row[Any]]:
    """Return the rows of a query.

    Raises:
        WrongAnswer: The answer has other columns than the query.
        SQLAlchemyError: The database fails.
    """
    result = connection.execute(query, parameters)
    description = result.cursor.description if result.cursor else None
    check_columns(query.selected_columns.keys(), description)
    return list(result.all())


def checked(convert: Callable[[T], R], belongs: Callable[[R], bool]) -> Callable[[T], R]:
    """Return a conversion of rows that raises `WrongAnswer` for a record that was not asked for.

    Args:
        convert: The conversion of a row to a record.
        belongs: Whether a record has a key that the query asks for.
    """

    def convert_checked(row: T) -> R:
        record = convert(row)
        if not belongs(record):
            raise WrongAnswer("the answer has another row than the query asks for")
        return record

    return convert_checked


def kinds_of(record: type) -> Mapping[str, tuple[type, ...]]:
    """Return the types that each field of a dataclass can have."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(record).items()}


def check_kinds(values: Mapping[str, Any], kinds: Mapping[str, tuple[type, ...]]) -> None:
    """Check the types of values by name.

    Raises:
        WrongAnswer: A value has another type.
    """
    for name, kind in kinds.items():
        if not isinstance(values.get(name), kind):
            raise WrongAnswer(f"{name} has another type")


def to_only(rows: Sequence[Sequence[Any]], kind: type[R]) -> R:
    """Return the value of the only row, which has one column.

    Raises:
        WrongAnswer: There are other rows, or the value has another type.
    """
    match rows:
        case [(value,)] if isinstance(value, kind):
            return value
    raise WrongAnswer("one value is expected")


def count_changed(result: CursorResult[Any]) -> int:
    """Return the number of rows that a statement has changed.

    Raises:
        WrongAnswer: The answer is one to a query, or the driver does not know the number.
    """
    if result.returns_rows or result.rowcount < 0:
        raise WrongAnswer("the answer has no number of changed rows")
    return result.rowcount


def has_changed(result: CursorResult[Any]) -> bool:
    """Return whether a statement with the key of one row has changed it.

    Raises:
        WrongAnswer: It has changed several rows, or the number is unknown.
    """
    changed = count_changed(result)
    if changed > 1:
        raise WrongAnswer("a statement for one row has changed several")
    return changed == 1
