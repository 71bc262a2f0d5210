"""An app: its files, its pages, and which of them a guard stands before."""

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
    """What a visitor can open: a file, or a function in one.

    Attributes:
        module: The file.
        function: The function, where the page is one.
        place: Where it is, for people.
    """

    module: Module
    function: Function | None
    place: str


class App:
    """An app as its main file and what hangs on it: imported files of its own, and pages."""

    def __init__(self, main: Path) -> None:
        """Read the main file.

        Raises:
            UnreadableSource: It is no Python, or not there.
        """
        self._root = main.resolve().parent
        self._found: dict[Path, Module] = {}
        self._asked: set[tuple[Path, str]] = set()
        self.unreadable: dict[str, str] = {}
        self.main = self._found[main.resolve()] = Module.read(main.resolve())

    @cached_property
    def modules(self) -> list[Module]:
        """All files of the app that can be found from its main file."""
        self._follow(self.main)
        for path in self._page_files:
            module = self._open(path)
            if module is not None:
                self._follow(module)
        return list(self._found.values())

    @cached_property
    def pages(self) -> list[Page]:
        """What a visitor can open."""
        main = Page(self.main, None, self.place(self.main))
        if self.navigates:
            return [main, *self._listed_pages()]
        return [main, *self.classic_pages]

    @cached_property
    def navigates(self) -> bool:
        """Whether the main file runs before each page, by `st.navigation` or ours."""
        return self.sends_titles() or any(
            isinstance(node, ast.Call) and self._is_our_navigation(module, node)
            for module in self.modules
            for node in ast.walk(module.tree)
        )

    @cached_property
    def authenticators(self) -> list[ast.Call]:
        """The calls that make an `Authenticator`."""
        return [call for _module, call in self._calls(AUTHENTICATOR)]

    @cached_property
    def served(self) -> ast.Call | None:
        """The call of `st.App`, if the main file has one: Streamlit looks nowhere else."""
        names = ("streamlit.App", "streamlit.starlette.App", "streamlit.web.server.App")
        return next(self.main.calls(*names), None)

    @cached_property
    def is_gated(self) -> bool:
        """Whether our middleware stands before each connection."""
        return self.served is not None and _hands_over(self.served, "middleware")

    @cached_property
    def has_routes(self) -> bool:
        """Whether our routes are there, which set the HttpOnly cookie."""
        return self.served is not None and _hands_over(self.served, "routes")

    def place(self, module: Module, node: ast.AST | None = None) -> str:
        """Return where something is: the file below the app's folder, and the line."""
        name = module.path.relative_to(self._root).as_posix()
        line = getattr(node, "lineno", None)
        return f"{name}:{line}" if line else name

    def is_guarded(self, page: Page) -> bool:
        """Return whether a guard stands before what a page shows."""
        if page.function is not None:
            return self.guards(page.module, page.function)
        return any(
            isinstance(node, ast.Call) and self.is_guard(page.module, node)
            for node in executed(page.module.tree.body)
        )

    def guards(self, module: Module, function: Function) -> bool:
        """Return whether a function guards itself, or whoever calls it."""
        if any(is_require_login(module, node) for node in function.decorator_list):
            return True
        key = (module.path, function.name)
        if key in self._asked:  # it calls itself
            return False
        self._asked.add(key)
        try:
            return any(
                isinstance(node, ast.Call) and self.is_guard(module, node)
                for node in executed(function.body)
            )
        finally:
            self._asked.discard(key)

    def is_guard(self, module: Module, call: ast.Call) -> bool:
        """Return whether a call is one of `guard`, or of a function that guards."""
        if _called(call) == "guard" or self._is_our_navigation(module, call):
            return True
        found = self.find(module, call.func)
        return found is not None and self.guards(*found)

    def sends_titles(self) -> bool:
        """Return whether a call of `st.navigation` stands in a file of the app."""
        return any(self._calls("streamlit.navigation"))

    def _is_our_navigation(self, module: Module, call: ast.Call) -> bool:
        """Return whether a call is one of `Authenticator.navigation`, which guards."""
        return _called(call) == "navigation" and module.full_name(call) != "streamlit.navigation"

    def find(self, module: Module, node: ast.expr) -> tuple[Module, Function] | None:
        """Return the function of the app that an expression names, and its file."""
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
        """The files beside the main file that may be pages."""
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
        """The files of the folder that Streamlit serves by itself."""
        return sorted((self._root / "pages").glob("*.py"))

    @cached_property
    def classic_pages(self) -> list[Page]:
        """What Streamlit serves of the folder `pages/`, without the main file before it.

        With `st.navigation` as well: after each start, until that has run once.
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
        """Read what a file of the app imports of the app's own, and so on."""
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
        """Return the file of a module of the app's own; None for anybody else's."""
        if not name:
            return None
        base = self._root.joinpath(*name.split("."))
        files = (base.with_suffix(".py"), base / "__init__.py")
        return next((file.resolve() for file in files if file.is_file()), None)

    def _open(self, path: Path) -> Module | None:
        """Return a file, read once; None for one that can't be read, which is noted."""
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
    """Return whether a decorator is `require_login`, of whichever `Authenticator`."""
    return module.full_name(decorator).rpartition(".")[2] == "require_login"


def _called(call: ast.Call) -> str:
    """Return the name of the method that a call is of; empty for none."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def argument_of(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """Return what a call hands over, by position or name; None for nothing, or for `None`."""
    value: ast.expr | None = None
    if position is not None and len(call.args) > position:
        value = call.args[position]
    for keyword in call.keywords:
        if keyword.arg == name:
            value = keyword.value
    return None if isinstance(value, ast.Constant) and value.value is None else value


def _first_argument(call: ast.Call, name: str) -> ast.expr | None:
    return argument_of(call, 0, name)


def _hands_over(call: ast.Call, name: str) -> bool:
    """Return whether a call hands over what a method of this name returns: `auth.routes()`."""
    value = argument_of(call, None, name)
    return value is not None and any(
        isinstance(node, ast.Attribute) and node.attr == name for node in ast.walk(value)
    )
