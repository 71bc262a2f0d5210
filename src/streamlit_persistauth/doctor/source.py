"""Reads the source of an app without running it, and resolves its names."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

PUBLIC: Final = "persistauth: public"
"""The comment that marks public code."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class UnreadableSource(Exception):
    """A file can't be read as Python. The message is the reason."""


@dataclass(frozen=True, eq=False)
class Module:
    """One file of the app.

    Attributes:
        path: The path of the file.
        tree: The syntax tree.
        comments: The comments by line.
    """

    path: Path
    tree: ast.Module
    comments: dict[int, str]

    @classmethod
    def read(cls, path: Path) -> "Module":
        """Read a file.

        Raises:
            UnreadableSource: The file does not exist or is not valid Python.
        """
        try:
            with tokenize.open(path) as file:
                text = file.read()
            return cls(path, ast.parse(text), _comments(text))
        except (OSError, SyntaxError, ValueError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or getattr(error, "msg", None)
            raise UnreadableSource(reason or "it is not valid Python") from None

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by name. Of several with one name, this is the last."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, Function)}

    @cached_property
    def imports(self) -> dict[str, str]:
        """The full name of each imported name."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    first = name.name.partition(".")[0]
                    found[name.asname or first] = name.name if name.asname else first
            elif isinstance(node, ast.ImportFrom):
                start = node.module or ""
                for name in node.names:
                    found[name.asname or name.name] = f"{start}.{name.name}".lstrip(".")
        return found

    @cached_property
    def is_public(self) -> bool:
        """Whether a comment outside of functions marks the file as public."""
        inside = [
            range(start(node), (node.end_lineno or 0) + 1) for node in self.functions.values()
        ]
        return any(
            PUBLIC in comment and not any(line in lines for lines in inside)
            for line, comment in self.comments.items()
        )

    def is_public_function(self, function: Function) -> bool:
        """Return whether a comment above the body marks a function as public."""
        head = range(start(function) - 1, function.body[0].lineno)
        return any(PUBLIC in self.comments.get(line, "") for line in head)

    def full_name(self, node: ast.expr) -> str:
        """Return the full name of an expression, such as `streamlit.fragment`, or an empty text."""
        if isinstance(node, ast.Call):
            return self.full_name(node.func)
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return self.imports.get(node.id, node.id) if isinstance(node, ast.Name) else ""

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Yield each call of a function with one of these full names."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and self.full_name(node) in names:
                yield node


def start(function: Function) -> int:
    """Return the first line of a function, including its decorators."""
    return min([function.lineno, *[node.lineno for node in function.decorator_list]])


def executed(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes that run with these statements, without the bodies of functions."""
    waiting: list[ast.AST] = list(nodes)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Function | ast.Lambda):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _comments(text: str) -> dict[int, str]:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return {}
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
