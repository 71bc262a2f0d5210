"""Whether an app's entry script calls `st.navigation`, by its source, which is never run."""

import ast
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_LIBRARY: Final = Path(__file__).resolve().parents[1]
"""This package, which is not part of an app, wherever it is installed."""


def uses_navigation(script: Path) -> bool:
    """Return whether a script, or a file of the app that it imports, calls `st.navigation`.

    A file that can't be read is assumed to call it.
    """
    waiting, seen = [script.resolve()], set[Path]()
    while waiting:
        path = waiting.pop()
        if path in seen or path.is_relative_to(_LIBRARY):
            continue
        seen.add(path)
        tree = _read(path)
        if tree is None or _calls_navigation(tree):
            return True
        waiting += _imported(tree, path, script.resolve().parent)
    return False


def _read(path: Path) -> ast.Module | None:
    try:
        with tokenize.open(path) as file:
            return ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def _calls_navigation(tree: ast.Module) -> bool:
    """Return whether a module calls `navigation`, by whatever name it imports it."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "streamlit"
        for alias in node.names
        if alias.name == "navigation"
    }
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        function.attr == "navigation"
        if isinstance(function, ast.Attribute)
        else isinstance(function, ast.Name) and function.id in names
        for function in calls
    )


def _imported(tree: ast.Module, path: Path, root: Path) -> Iterator[Path]:
    """Yield the files of the app that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(alias.name, _folders(root))
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            outer = list(path.parents)[node.level - 1 : node.level]
            folders = outer if node.level else _folders(root)
            for alias in node.names:
                yield from _files(f"{start}.{alias.name}".strip("."), folders)


def _folders(root: Path) -> list[Path]:
    """Return the folders that files of the app are imported from: not the installed packages."""
    installed = {"site-packages", "dist-packages"}
    others = [Path(entry).resolve() for entry in sys.path if entry]
    library = Path(sys.base_prefix).resolve()
    return [root] + [
        folder
        for folder in others
        if not installed & set(folder.parts) and not folder.is_relative_to(library / "lib")
    ]


def _files(name: str, folders: list[Path]) -> Iterator[Path]:
    """Yield the files that are run when a module, or a name in one, is imported."""
    parts = name.split(".")
    for folder in folders:
        for length in range(1, len(parts) + 1):
            module = folder.joinpath(*parts[:length])
            for file in (module.with_suffix(".py"), module / "__init__.py"):
                if file.is_file():
                    yield file
