"""The source of an app: its files, its pages, and which of them have a guard."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from streamlit_persistauth.doctor.source import Function, Module, UnreadableSource, executed

AUTHENTICATOR: Final = "streamlit_persistauth.Authenticator"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a visitor can open: a file, or a function in a file.

    Attributes:
        module: The file.
        function: The function, if the page is one.
        place: The file and line, for display.
    """

    module: Module
    function: Function | None
    place: str


class App:
    """An app: its main file, the files of its own that are imported, and its pages."""

    def __init__(self, main: Path) -> None:
        """Read the main file.

        Raises:
            UnreadableSource: The file does not exist or is not valid Python.
        """
        self._root = main.resolve().parent
        self._found: dict[Path, Module] = {}
        self._in_progress: set[tuple[Path, str]] = set()
        self.unreadable: dict[str, str] = {}
        self.main = self._found[main.resolve()] = Module.read(main.resolve())

    @cached_property
    def modules(self) -> list[Module]:
        """The files of the app that are reachable from its main file."""
        self._follow(self.main)
        for path in self._page_files:
            module = self._open(path)
            if module is not None:
                self._follow(module)
        return list(self._found.values())

    @cached_property
    def pages(self) -> list[Page]:
        """The pages that a visitor can open."""
        main = Page(self.main, None, self.place(self.main))
        if self.navigates:
            return [main, *self._listed_pages()]
        return [main, *self.classic_pages]

    @cached_property
    def navigates(self) -> bool:
        """Whether `st.navigation` or `auth.navigation` runs the main file before each page."""
        return self.sends_titles() or any(
            isinstance(node, ast.Call) and self._is_our_navigation(module, node)
            for module in self.modules
            for node in ast.walk(module.tree)
        )

    @cached_property
    def authenticators(self) -> list[ast.Call]:
        """The calls that create an `Authenticator`."""
        return [call for _module, call in self._calls(AUTHENTICATOR)]

    @cached_property
    def served(self) -> ast.Call | None:
        """The call of `st.App` in the main file, the only place where Streamlit looks for it."""
        names = ("streamlit.App", "streamlit.starlette.App", "streamlit.web.server.App")
        return next(self.main.calls(*names), None)

    @cached_property
    def is_gated(self) -> bool:
        """Whether `st.App` has the middleware of the library."""
        return self.served is not None and _passes_result(self.served, "middleware")

    @cached_property
    def has_routes(self) -> bool:
        """Whether `st.App` has the routes of the library, which set the HttpOnly cookie."""
        return self.served is not None and _passes_result(self.served, "routes")

    def place(self, module: Module, node: ast.AST | None = None) -> str:
        """Return the path of a file below the app's folder, and the line of a node."""
        name = module.path.relative_to(self._root).as_posix()
        line = getattr(node, "lineno", None)
        return f"{name}:{line}" if line else name

    def is_guarded(self, page: Page) -> bool:
        """Return whether a page calls a guard."""
        if page.function is not None:
            return self.guards(page.module, page.function)
        return any(
            isinstance(node, ast.Call) and self.is_guard(page.module, node)
            for node in executed(page.module.tree.body)
        )

    def guards(self, module: Module, function: Function) -> bool:
        """Return whether a function has `require_login` or calls a guard."""
        if any(is_require_login(module, node) for node in function.decorator_list):
            return True
        key = (module.path, function.name)
        if key in self._in_progress:  # the function is recursive
            return False
        self._in_progress.add(key)
        try:
            return any(
                isinstance(node, ast.Call) and self.is_guard(module, node)
                for node in executed(function.body)
            )
        finally:
            self._in_progress.discard(key)

    def is_guard(self, module: Module, call: ast.Call) -> bool:
        """Return whether a call is one of `guard`, or of a function that calls a guard."""
        if _method_name(call) == "guard" or self._is_our_navigation(module, call):
            return True
        found = self.find(module, call.func)
        return found is not None and self.guards(*found)

    def sends_titles(self) -> bool:
        """Return whether the app calls `st.navigation`, which sends the titles of pages."""
        return any(self._calls("streamlit.navigation"))

    def _is_our_navigation(self, module: Module, call: ast.Call) -> bool:
        """Return whether a call is one of `Authenticator.navigation`, which is a guard."""
        return (
            _method_name(call) == "navigation" and module.full_name(call) != "streamlit.navigation"
        )

    def find(self, module: Module, node: ast.expr) -> tuple[Module, Function] | None:
        """Return the function of the app that an expression names, with its file."""
        name = module.full_name(node)
        if name in module.functions:
            return module, module.functions[name]
        owner, _, last = name.rpartition(".")
        other = self._imported(owner)
        if other is None or last not in other.functions:
            return None
        return other, other.functions[last]

    def _calls(self, name: str) -> Iterator[tuple[Module, ast.Call]]:
        return ((module, call) for module in self.modules for call in module.calls(name))

    @property
    def _page_files(self) -> list[Path]:
        """The files that may be pages: those of `st.Page`, or else those in `pages/`."""
        named = [
            (self._root / argument.value).resolve()
            for module in list(self._found.values())
            for call in module.calls("streamlit.Page")
            if isinstance(argument := _first_argument(call, "page"), ast.Constant)
            and isinstance(argument.value, str)
        ]
        return named or self._classic_files

    @property
    def _classic_files(self) -> list[Path]:
        """The files in `pages/`, which Streamlit serves by itself."""
        return sorted((self._root / "pages").glob("*.py"))

    @cached_property
    def classic_pages(self) -> list[Page]:
        """The pages in `pages/`, which Streamlit serves without running the main file.

        With `st.navigation` it does so after each start, until `st.navigation` has run once.
        """
        modules = filter(None, map(self._open, self._classic_files))
        return [Page(module, None, self.place(module)) for module in modules]

    def _listed_pages(self) -> Iterator[Page]:
        for module, call in self._calls("streamlit.Page"):
            argument = _first_argument(call, "page")
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                opened = self._open((self._root / argument.value).resolve())
                if opened is not None:
                    yield Page(opened, None, self.place(opened))
            elif argument is not None and (found := self.find(module, argument)) is not None:
                yield Page(*found, self.place(*found))

    def _follow(self, module: Module) -> None:
        """Read the files of the app that a file imports, and those that they import."""
        for name in module.imports.values():
            for candidate in (name, name.rpartition(".")[0]):
                path = self._path_of(candidate)
                if path is not None and path not in self._found:
                    imported = self._open(path)
                    if imported is not None:
                        self._follow(imported)

    def _imported(self, name: str) -> Module | None:
        path = self._path_of(name)
        return self._open(path) if path is not None else None

    def _path_of(self, name: str) -> Path | None:
        """Return the file of a module of the app, or None for other modules."""
        if not name:
            return None
        base = self._root.joinpath(*name.split("."))
        files = (base.with_suffix(".py"), base / "__init__.py")
        return next((file.resolve() for file in files if file.is_file()), None)

    def _open(self, path: Path) -> Module | None:
        """Return a file, read once. One that can't be read is None, and is in `unreadable`."""
        if path not in self._found:
            if not path.is_relative_to(self._root):
                return None
            try:
                self._found[path] = Module.read(path)
            except UnreadableSource as reason:
                self.unreadable[path.relative_to(self._root).as_posix()] = str(reason)
                return None
        return self._found[path]


def is_require_login(module: Module, decorator: ast.expr) -> bool:
    """Return whether a decorator is `require_login` of any object."""
    return module.full_name(decorator).rpartition(".")[2] == "require_login"


def _method_name(call: ast.Call) -> str:
    """Return the name of the called method; empty if the call is not of a method."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def argument_of(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """Return an argument of a call by position or name; None if it is missing or `None`."""
    value: ast.expr | None = None
    if position is not None and len(call.args) > position:
        value = call.args[position]
    for keyword in call.keywords:
        if keyword.arg == name:
            value = keyword.value
    return None if isinstance(value, ast.Constant) and value.value is None else value


def _first_argument(call: ast.Call, name: str) -> ast.expr | None:
    return argument_of(call, 0, name)


def _passes_result(call: ast.Call, name: str) -> bool:
    """Return whether an argument calls the method of its name, as in `routes=auth.routes()`."""
    value = argument_of(call, None, name)
    return value is not None and any(
        isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(value)
    )
