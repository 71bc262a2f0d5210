"""Which texts the package shows to people, found in its source, and what each language has."""

import ast
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import Formatter

from streamlit_persistauth import errors
from streamlit_persistauth.core.text.languages import ENGLISH, LANGUAGES

PACKAGE = Path(errors.__file__).parent
CATALOGUES = PACKAGE / "languages"
TRANSLATIONS = tuple(language for language in LANGUAGES if language != ENGLISH)
OPERATORS_ROOMS = {"cli", "testing", "examples", "settings.py"}
"""What is said there is said to who runs or writes an app, in English."""
SAYERS = {"t", "_t"}
FOR_OPERATORS = {"ConfigError", "InvalidArgument"}
SHOWN: Mapping[str, set[int | str]] = {
    "Text": {0},
    "Answer": {0, "text"},
    "Field": {0, "label", "missing"},
    "Form": {0, 2, "title", "button", "hint", "tick", "tick_hint"},
    "replace": {"label", "missing", "title", "button", "hint", "tick", "tick_hint"},
    **{
        name: {0, "message"}
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.AuthError)
        and name not in FOR_OPERATORS
        and "message" in inspect.signature(kind).parameters
    },
}
"""Arguments that are said later, by what they are given to."""
STREAMLIT = {
    *("badge", "caption", "error", "header", "info", "markdown", "subheader", "success", "text"),
    *("title", "toast", "warning", "write", "button", "checkbox", "download_button", "expander"),
    *("feedback", "form_submit_button", "link_button", "menu_button", "metric", "multiselect"),
    *("number_input", "page_link", "pills", "popover", "radio", "segmented_control", "selectbox"),
    *("dialog", "spinner", "status", "tabs", "text_area", "text_input", "toggle", "date_input"),
    *("Column", "TextColumn", "NumberColumn", "DatetimeColumn", "DateColumn", "ListColumn"),
    *("CheckboxColumn", "ProgressColumn", "LinkColumn", "MultiselectColumn", "SelectboxColumn"),
}
STREAMLIT_ARGUMENTS = {"body", "label", "text", "help", "placeholder", "options", "captions"}


@dataclass(frozen=True)
class SessionWithOwner:
    """A text, or a fault, and where it stands."""

    text: str
    place: str


class Source:
    """The texts of some modules."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """Read modules, given as their source by the path to name them by."""
        self.texts: list[SessionWithOwner] = []
        self.faults: list[SessionWithOwner] = []
        trees = {path: ast.parse(source) for path, source in modules.items()}
        self._constants = {path: _constants(tree) for path, tree in trees.items()}
        for path, tree in trees.items():
            self._path = path
            self._draws = any(_imports_streamlit(node) for node in tree.body)
            for node in _walk(tree):
                if isinstance(node, ast.Call):
                    self._read(node)

    @classmethod
    def of_package(cls) -> "Source":
        """Read the package, but for what speaks to operators."""
        files = (
            file
            for file in sorted(PACKAGE.rglob("*.py"))
            if file.relative_to(PACKAGE).parts[0] not in OPERATORS_ROOMS
        )
        return cls({str(file.relative_to(PACKAGE)): file.read_text("utf-8") for file in files})

    @cached_property
    def wanted(self) -> set[str]:
        """What has to be in each language."""
        return {found.text for found in self.texts}

    def _read(self, call: ast.Call) -> None:
        name = _name(call.func)
        if _is_sayer(call.func) or (name == "__init__" and self._path == "errors.py"):
            self._note(call.args[:1])
        elif name in SHOWN:
            self._note(_arguments(call, SHOWN[name]))
        elif name in STREAMLIT and self._draws and _is_method(call.func):
            self._refuse(call, _arguments(call, {0, *STREAMLIT_ARGUMENTS}))

    def _note(self, arguments: Iterable[ast.expr]) -> None:
        for argument in _services(arguments):
            if _is_put_together(argument):
                self._fault(argument, "a sentence that is put together can't be translated")
            place = f"{self._path}:{argument.lineno}"
            self.texts += [SessionWithOwner(text, place) for text in self._literals(argument)]

    def _refuse(self, call: ast.Call, arguments: Iterable[ast.expr]) -> None:
        for argument in _services(arguments):
            if _is_put_together(argument) and _pieces_have_words(argument):
                self._fault(argument, "a sentence that is put together can't be translated")
            for text in self._literals(argument):
                self._fault(argument, f"{_name(call.func)}() shows {text!r} without say()")

    def _literals(self, node: ast.expr) -> list[str]:
        """Return what an argument may be: a text, one with a name, any of a table with a name."""
        if isinstance(node, ast.Subscript):
            return self._literals(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._literals(node.func.value) if node.func.attr == "get" else []
        if isinstance(node, ast.Name):
            return self._constant(node.id)
        return [text for text in _strings(node) if _has_words(text)]

    def _constant(self, name: str) -> list[str]:
        """Return the texts that a name has in this module, or else in any other."""
        own = self._constants[self._path].get(name)
        if own is not None:
            return own
        return [text for found in self._constants.values() for text in found.get(name, [])]

    def _fault(self, node: ast.expr, text: str) -> None:
        self.faults.append(SessionWithOwner(text, f"{self._path}:{node.lineno}"))


def read(language: str) -> dict[str, str]:
    """Return what a language has, by the English texts."""
    words: dict[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))
    return words


def placeholders(template: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, but for the errors that are said to operators."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.ClassDef) and child.name in FOR_OPERATORS):
            yield from _walk(child)


def _constants(tree: ast.Module) -> dict[str, list[str]]:
    """Return the texts that have a name in a module, alone or in a table."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        if isinstance(target, ast.Name):
            found[target.id] = [text for text in _strings(value) if _has_words(text)]
    return found


def _strings(node: ast.expr) -> list[str]:
    """Return the text that something is, or those of a table."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Dict):
        return [text for value in node.values for text in _strings(value)]
    if isinstance(node, ast.List | ast.Tuple):
        if any(isinstance(value, ast.Call) for value in node.elts):
            return []  # a `Text` and what belongs to it
        return [text for value in node.elts for text in _strings(value)]
    return []


def _imports_streamlit(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import) and any(item.name == "streamlit" for item in node.names)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_sayer(function: ast.expr) -> bool:
    """Return whether a function says its first argument: `say`, `say.name`, `presence.say()`."""
    if isinstance(function, ast.Call):
        return _name(function.func) in {*SAYERS, "Translator"}
    if isinstance(function, ast.Attribute) and function.attr in {"text", "name", "label"}:
        return _is_sayer(function.value)
    return _name(function) in SAYERS


def _is_method(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and _name(function.value) != "logger"


def _is_put_together(node: ast.expr) -> bool:
    """Return whether a sentence is made of pieces."""
    if isinstance(node, ast.BinOp):
        return any(
            isinstance(piece, ast.JoinedStr)
            or (isinstance(piece, ast.Constant) and isinstance(piece.value, str))
            for piece in ast.walk(node)
        )
    return isinstance(node, ast.JoinedStr)


def _pieces_have_words(node: ast.expr) -> bool:
    """Return whether there is more between the values of a text than markup and signs."""
    if isinstance(node, ast.BinOp):
        return _pieces_have_words(node.left) or _pieces_have_words(node.right)
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(_has_words(text) for piece in pieces for text in _strings(piece))


def _arguments(call: ast.Call, wanted: Iterable[int | str]) -> Iterator[ast.expr]:
    wanted = set(wanted)
    yield from (item for index, item in enumerate(call.args) if index in wanted)
    yield from (item.value for item in call.keywords if item.arg in wanted)


def _services(arguments: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Return arguments, and what stands in lists and on both sides of an `if`."""
    for item in arguments:
        if isinstance(item, ast.List | ast.Tuple):
            yield from _services(item.elts)
        elif isinstance(item, ast.IfExp):
            yield from _services([item.body, item.orelse])
        elif isinstance(item, ast.BoolOp):
            yield from _services(item.values)
        else:
            yield item


def _has_words(text: str) -> bool:
    """Return whether there is something to translate: more than icons, directives and signs."""
    return bool(re.search(r"[^\W\d_]", re.sub(r":material/(\w+:)?|:?[\w-]+\[", "", text)))
