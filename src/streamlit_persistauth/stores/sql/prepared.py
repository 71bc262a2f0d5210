"""Compiles a query once, so that the driver can run it without SQLAlchemy."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Select

from streamlit_persistauth.stores.sql.answers import check_columns


class Prepared:
    """The SQL text of a query, and the conversion of a row of the driver to Python values.

    Executing a statement with SQLAlchemy takes as long as the query itself, and pages wait for
    this one. The text and the conversions still come from the dialect of SQLAlchemy.
    """

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        """Compile a query.

        Args:
            query: A query whose parameters are texts.
            dialect: The dialect of the database.
        """
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._given = compiled.params
        self._names = query.selected_columns.keys()
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        types = [column.type.dialect_impl(dialect) for column in query.selected_columns]
        self._readers = [kind.result_processor(dialect, None) for kind in types]

    def bind(self, parameters: Mapping[str, str]) -> Mapping[str, Any] | Sequence[Any]:
        """Return the parameters in the form that the driver takes."""
        named = {**self._given, **parameters}
        return named if self._order is None else [named[name] for name in self._order]

    def check(self, description: Sequence[Sequence[Any]] | None) -> None:
        """Check that an answer of the driver has the columns of the query.

        Args:
            description: The attribute of the driver's cursor.

        Raises:
            WrongAnswer: It has others, or none.
        """
        check_columns(self._names, description)

    def read(self, row: Sequence[Any]) -> list[Any]:
        """Return the values of a row, in the order of the columns of the query."""
        return [
            value if reader is None else reader(value)
            for reader, value in zip(self._readers, row, strict=True)
        ]
