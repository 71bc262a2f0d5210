"""Queries that are compiled once and run by the driver alone: what each page waits for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Dialect, Select


class Prepared:
    """The text of a query, and what makes values of ours from a row of the driver's.

    SQLAlchemy's way with a statement costs as much as the question itself; it is left out here,
    and nothing else: its dialect says what the text is and how each type is read.
    """

    def __init__(self, query: Select[Any], dialect: Dialect) -> None:
        """Compile a query.

        Args:
            query: Its parameters are texts.
            dialect: Of the database that will be asked.
        """
        compiled = query.compile(dialect=dialect)
        self.text = str(compiled)
        self._given = compiled.params
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        types = [column.type.dialect_impl(dialect) for column in query.selected_columns]
        self._readers = [kind.result_processor(dialect, None) for kind in types]

    def bind(self, parameters: Mapping[str, str]) -> Mapping[str, Any] | Sequence[Any]:
        """Return the parameters as the driver takes them."""
        named = {**self._given, **parameters}
        return named if self._order is None else [named[name] for name in self._order]

    def read(self, row: Sequence[Any]) -> list[Any]:
        """Return the values of a row, in the order of the query's columns."""
        return [
            value if reader is None else reader(value)
            for reader, value in zip(self._readers, row, strict=True)
        ]
