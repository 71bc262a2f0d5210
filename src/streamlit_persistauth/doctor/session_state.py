"""Checks for keys of `st.session_state` that both the app and the library use."""

import ast
from collections.abc import Iterator
from typing import Final

from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.doctor.app import App
from streamlit_persistauth.doctor.finding import Finding, warning
from streamlit_persistauth.doctor.source import Module
from streamlit_persistauth.runtime.user_mirror import DEFAULT_KEY

_STATE: Final = "streamlit.session_state"
_REMEDY: Final = "Use another key, or pass another session_state_key, or None, to Authenticator."


def check_user_key(app: App) -> Iterator[Finding]:
    """Find values and widgets of the app under the key of the current user."""
    for key in _keys(app):
        for module in app.modules:
            for node in ast.walk(module.tree):
                if _writes(module, node, key):
                    message = f"The app stores a value of its own in st.session_state[{key!r}], "
                    message += "so the current user is not shown there."
                elif _is_widget(node, key):
                    message = f"A widget has the key {key!r}, under which st.session_state shows "
                    message += "the current user. Its first run after a start can fail."
                else:
                    continue
                yield warning("user-key-taken", message, _REMEDY, app.place(module, node))


def _keys(app: App) -> set[str]:
    """Return the keys that the `Authenticator`s use, as far as they are literals."""
    keys = set()
    for call in app.authenticators:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        key = given.get("session_state_key", ast.Constant(DEFAULT_KEY))
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            keys.add(key.value)
    return keys


def _writes(module: Module, node: ast.AST, key: str) -> bool:
    """Return whether a statement or call sets the key of `st.session_state`."""
    if isinstance(node, ast.Assign):
        return not _is_none(node.value) and any(_names(module, it, key) for it in node.targets)
    if isinstance(node, ast.AnnAssign | ast.AugAssign):
        return not _is_none(node.value) and _names(module, node.target, key)
    if isinstance(node, ast.Call) and module.full_name(node) == f"{_STATE}.setdefault":
        values = node.args[1:]
        named = bool(node.args) and _is_key(node.args[0], key)
        return named and any(not _is_none(value) for value in values)
    return False


def _names(module: Module, target: ast.expr, key: str) -> bool:
    """Return whether a target is the key of `st.session_state`, as an item or attribute."""
    if isinstance(target, ast.Subscript):
        return module.full_name(target.value) == _STATE and _is_key(target.slice, key)
    return module.full_name(target) == f"{_STATE}.{key}"


def _is_widget(node: ast.AST, key: str) -> bool:
    """Return whether a call creates a widget with the key, on `st` or a container."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if not hasattr(DeltaGenerator, node.func.attr) or node.func.attr == "container":
        return False
    return any(given.arg == "key" and _is_key(given.value, key) for given in node.keywords)


def _is_key(node: ast.expr, key: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == key


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)
