"""Tables of the reference that come from data: settings, and the tables of the database."""

from enum import Enum
from typing import Any, Final, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import HttpUrl, IPvAnyNetwork, SecretStr
from pydantic.fields import FieldInfo
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from streamlit_persistauth.settings import AuthSettings, environment_name
from streamlit_persistauth.stores.sql.tables import ALL

KINDS: Final[dict[object, str]] = {
    bool: "`on`, `off`",
    int: "whole number",
    float: "number",
    str: "text",
    SecretStr: "text",
    HttpUrl: "URL",
    IPvAnyNetwork: "network",
}
BOUNDS: Final[dict[type, str]] = {Gt: "more than", Ge: "at least", Lt: "less than", Le: "at most"}


def settings() -> str:
    """Return a table of all settings: accepted values, default, and the help of the code."""
    rows = [
        f"| `{environment_name(name)}` | {_values(field)} | {_default(field)} | {_help(field)} |"
        for name, field in AuthSettings.model_fields.items()
    ]
    return "\n".join(["| variable | values | default | meaning |", "|---|---|---|---|", *rows])


def tables() -> str:
    """Return a section for each table of the database, with types of PostgreSQL."""
    return "\n\n".join(map(_table, ALL))


def _values(field: FieldInfo) -> str:
    bounds = [
        f"{word} {getattr(bound, kind.__name__.lower()):g}"
        for bound in field.metadata
        for kind, word in BOUNDS.items()
        if isinstance(bound, kind)
    ]
    return ", ".join([_kind(field.annotation), *bounds])


def _kind(annotation: Any) -> str:  # noqa: ANN401 - of any type
    """Describe a type for the operator who sets it."""
    inner = [item for item in get_args(annotation) if item not in {type(None), Ellipsis}]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{item.value}`" for item in annotation)
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if get_origin(annotation) is tuple:
        return f"list of {_kind(inner[0])}s" if inner[0] in KINDS else f"list of {_kind(inner[0])}"
    return KINDS[inner[0] if inner else annotation]


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _help(field: FieldInfo) -> str:
    return (field.description or "").replace("|", "\\|")


def _table(table: Table) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    keys = {key.parent.name: key.target_fullname for key in table.foreign_keys}
    unique = {
        next(iter(index.columns)).name
        for index in table.indexes
        if index.unique and len(index.columns) == 1
    }
    rows = []
    for column in table.columns:
        notes = [
            "primary key" if column.primary_key else "",
            "unique" if column.unique or column.name in unique else "",
            f"references `{keys[column.name]}`" if column.name in keys else "",
            "may be NULL" if column.nullable else "",
        ]
        kind = column.type.compile(dialect)
        rows.append(f"| `{column.name}` | {kind} | {', '.join(filter(None, notes))} |")
    indexes = sorted(
        f"`{index.name}` on {', '.join(f'`{part}`' for part in map(str, index.expressions))}"
        for index in table.indexes
    )
    listed = f"\n\nIndexes: {'; '.join(indexes)}.".replace(f"{table.name}.", "") if indexes else ""
    head = f"## `{table.name}`\n\n| column | type | |\n|---|---|---|\n"
    return head + "\n".join(rows) + listed
