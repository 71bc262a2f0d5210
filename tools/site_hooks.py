"""What MkDocs can't do by itself: pages from the root of the project, and tables from the code."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pydantic.fields import FieldInfo
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from streamlit_persistauth.settings import AuthSettings, environment_name
from streamlit_persistauth.stores.sql.tables import ALL

ROOT: Final = Path(__file__).resolve().parents[1]
PROJECT: Final = {
    "CHANGELOG.md": "changelog.md",
    "CODE_OF_CONDUCT.md": "code-of-conduct.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
}
"""Files of the root, and what they are called in the site's folder `project`."""
MARKER: Final = re.compile(r"^<!-- generated: (\w+) -->$", re.MULTILINE)
LINK: Final = re.compile(r"\]\(([\w./-]+\.md)(#[\w-]+)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand in the root of the project."""
    for source, name in PROJECT.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        content = LINK.sub(_relink, text)
        files.append(File.generated(config, f"project/{name}", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put generated tables where a page asks for them."""
    del page, config, files
    return MARKER.sub(lambda match: GENERATED[match[1]](), markdown)


def settings_table() -> str:
    """Return every setting with its default, in the words of the code."""
    rows = [
        f"| `{environment_name(name)}` | {_default(field)} | {_meaning(field)} |"
        for name, field in AuthSettings.model_fields.items()
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def tables() -> str:
    """Return every table with its columns, as they are in PostgreSQL."""
    return "\n\n".join(map(_table, ALL))


GENERATED: Final[dict[str, Callable[[], str]]] = {"settings": settings_table, "tables": tables}


def _relink(match: re.Match[str]) -> str:
    """Turn a link from the root into one from the folder `project`."""
    target, anchor = match[1], match[2] or ""
    target = PROJECT.get(target) or f"../{target.removeprefix('docs/')}"
    return f"]({target}{anchor})"


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None or value in ("", ()):
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{value}`"


def _meaning(field: FieldInfo) -> str:
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
            f"refers to `{keys[column.name]}`" if column.name in keys else "",
            "may be empty" if column.nullable else "",
        ]
        kind = column.type.compile(dialect)
        rows.append(f"| `{column.name}` | {kind} | {', '.join(filter(None, notes))} |")
    indexes = sorted(
        f"`{index.name}` on {', '.join(str(column) for column in index.expressions)}"
        for index in table.indexes
    )
    told = f"\n\nIndexes: {'; '.join(indexes)}." if indexes else ""
    head = f"## `{table.name}`\n\n| column | type | |\n|---|---|---|\n"
    return head + "\n".join(rows) + told
