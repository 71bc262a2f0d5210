"""Only `runtime/` reaches inside Streamlit, and says with which versions it was checked."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import streamlit_persistauth

PACKAGE = Path(streamlit_persistauth.__path__[0])
RUNTIME = PACKAGE / "runtime"
INSIDE = re.compile(r"streamlit\.(?!proto\.|delta_generator|errors|navigation\.page|testing\.)\w+")
CHECKED = "checked with versions 1.58 and 1.67"
REACHING = {
    "hidden_elements",
    "index_page",
    "page_address",
    "page_scripts",
    "pages_folder",
    "script_run",
    "shared_values",
    "state_keys",
    "streamlit_options",
    "streamlit_session",
}


def imports(path: Path) -> Iterator[str]:
    """Yield the full names that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches_inside(path: Path) -> bool:
    """Return whether a module imports more of Streamlit than public names and message types."""
    return any(INSIDE.match(name) for name in imports(path))


def test_outside() -> None:
    """No module outside `runtime/` imports what is inside Streamlit."""
    modules = [path for path in PACKAGE.rglob("*.py") if RUNTIME not in path.parents]
    assert [path for path in modules if reaches_inside(path)] == []
    assert len(modules) > 100


def test_versions() -> None:
    """The modules that reach inside Streamlit name the versions with which they were checked."""
    modules = list(RUNTIME.glob("*.py"))
    named = {path.stem for path in modules if CHECKED in " ".join(path.read_text().split())}
    assert named == REACHING
    assert {path.stem for path in modules if reaches_inside(path)} <= named
