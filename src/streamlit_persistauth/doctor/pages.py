"""Checks of an app's source for code that runs without a guard."""

import ast
from collections.abc import Iterator
from typing import Final

from streamlit_persistauth.doctor.app import App, is_require_login
from streamlit_persistauth.doctor.deployment import Deployment
from streamlit_persistauth.doctor.finding import Finding, error, warning
from streamlit_persistauth.doctor.source import PUBLIC, Function, Module, executed

FRAGMENTS: Final = {
    "streamlit.fragment": "fragment",
    "streamlit.experimental_fragment": "fragment",
    "streamlit.dialog": "dialog",
    "streamlit.experimental_dialog": "dialog",
}
CACHES: Final = frozenset({"streamlit.cache_data", "streamlit.cache_resource"})
CALLBACKS: Final = ("on_click", "on_change", "on_select", "on_submit")
OF_A_USER: Final = frozenset(
    {"user", "is_authenticated", "has_role", "auto_login", "guard", "list_sessions"}
)
"""Attributes of `Authenticator` that depend on the current user."""

_IF_PUBLIC: Final = f'If it is public, mark it with the comment "# {PUBLIC}".'


def check_source(app: App) -> Iterator[Finding]:
    """Find unreadable files, and an app without an `Authenticator`."""
    modules = app.modules
    for name, reason in app.unreadable.items():
        yield error("source-unreadable", f"{name} can't be read: {reason}.", "Correct it.", name)
    if not app.authenticators and not any(map(_uses_guard, modules)):
        yield error(
            "authenticator-missing",
            "The app creates no Authenticator, so it is open to everyone.",
            "Put `user = Authenticator().guard()` at the top of the page.",
            app.place(app.main),
        )


def check_pages(app: App) -> Iterator[Finding]:
    """Find pages without a guard."""
    main, *others = app.pages
    if app.navigates and app.is_guarded(main):
        return  # the main file runs before each page
    # With st.navigation, a main file that only lists other pages needs no guard.
    pages = others if app.navigates and others else [main, *others]
    for page in pages:
        if page.module.is_public or app.is_guarded(page):
            continue
        if page.function is not None and page.module.is_public_function(page.function):
            continue
        yield warning(
            "page-unguarded",
            "This page has no guard, so it is open to everyone.",
            f"Call `auth.guard()` at its top, or put its code into a function with require_login. "
            f"{_IF_PUBLIC}",
            page.place,
        )


def check_pages_folder(app: App) -> Iterator[Finding]:
    """Find pages that Streamlit serves after each start without the guard of the main file."""
    if not app.navigates or app.is_gated:
        return
    for page in app.classic_pages:
        if not (page.module.is_public or app.is_guarded(page)):
            yield error(
                "pages-folder",
                "After each start, until st.navigation has run once, Streamlit serves the files in "
                "pages/ without running the main file and its guard.",
                "Rename the folder, for example to views/.",
                page.place,
            )


def check_titles(deployment: Deployment) -> Iterator[Finding]:
    """Find page titles that are sent to visitors although the navigation is hidden."""
    app = deployment.app
    if app is not None and deployment.settings.hide_navigation and app.sends_titles():
        yield warning(
            "titles-sent",
            "PERSISTAUTH_HIDE_NAVIGATION is on, and st.navigation sends the titles of all pages to "
            "visitors who are not signed in.",
            "Call auth.navigation() instead.",
            app.place(app.main),
        )


def check_fragments(app: App) -> Iterator[Finding]:
    """Find fragments and dialogs that a browser can run after the sign-in is invalid."""
    if app.is_gated:
        return
    for module, function in _functions(app):
        if module.is_public or module.is_public_function(function):
            continue
        names = [module.full_name(node) for node in function.decorator_list]
        outer = next((number for number, name in enumerate(names) if name in FRAGMENTS), None)
        if outer is None or _guards_within(app, module, function, outer):
            continue
        kind = FRAGMENTS[names[outer]]
        yield warning(
            f"{kind}-unguarded",
            f"The {kind} {function.name} reruns by itself, without the guard of its page, also "
            "after the sign-in has expired or been revoked.",
            f"Put `@auth.require_login()` below `@st.{kind}`, or serve the app through st.App "
            f"with auth.middleware(). {_IF_PUBLIC}",
            app.place(module, function),
        )


def check_callbacks(app: App) -> Iterator[Finding]:
    """Find callbacks without a guard; they run before the script."""
    if app.is_gated:
        return
    for module in app.modules:
        if module.is_public:
            continue
        for node in ast.walk(module.tree):
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                if keyword.arg in CALLBACKS and not _callback_is_safe(app, module, keyword.value):
                    yield warning(
                        "callback-unguarded",
                        f"The function for {keyword.arg} runs before the script and its guard, "
                        "also after the sign-in has expired or been revoked.",
                        "Decorate it with `@auth.require_login()`, or serve the app through "
                        f"st.App with auth.middleware(). {_IF_PUBLIC}",
                        app.place(module, keyword.value),
                    )


def check_caches(app: App) -> Iterator[Finding]:
    """Find cached functions that return the data of one user to others."""
    for module, function in _functions(app):
        names = [module.full_name(node) for node in function.decorator_list]
        outer = next((number for number, name in enumerate(names) if name in CACHES), None)
        if outer is None:
            continue
        cache = names[outer].rpartition(".")[2]
        place = app.place(module, function)
        if any(is_require_login(module, node) for node in function.decorator_list[outer + 1 :]):
            yield error(
                "cache-over-guard",
                f"st.{cache} is above require_login of {function.name}: the result for one user is "
                "returned to everyone, signed in or not.",
                f"Put require_login above st.{cache}, or cache an inner function.",
                place,
            )
        elif _reads_user(module, function):
            yield error(
                "cache-over-user",
                f"{function.name} reads the current user, and st.{cache} returns the result for "
                "one user to all.",
                "Pass what it needs of the user as an argument without a leading underscore, such "
                "as user.id.",
                place,
            )


def check_caught_guards(app: App) -> Iterator[Finding]:
    """Find guards whose exception is caught, so that the code after them runs."""
    for module in app.modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Try) and any(map(_catches_all, node.handlers)):
                for inner in executed(node.body):
                    if isinstance(inner, ast.Call) and app.is_guard(module, inner):
                        yield warning(
                            "guard-caught",
                            "The guard stops the script by an exception, which the `except` around "
                            "it catches: the code after it runs for everyone.",
                            "Move the guard out of the `try`, or catch `Exception` instead.",
                            app.place(module, inner),
                        )


def _uses_guard(module: Module) -> bool:
    """Return whether a file uses a guard of an `Authenticator` that is created elsewhere."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"guard", "require_login"}
        for node in ast.walk(module.tree)
    )


def _functions(app: App) -> Iterator[tuple[Module, Function]]:
    return ((module, function) for module in app.modules for function in module.functions.values())


def _guards_within(app: App, module: Module, function: Function, outer: int) -> bool:
    """Return whether a function has a guard below a decorator. One above it runs only once."""
    if any(is_require_login(module, node) for node in function.decorator_list[outer + 1 :]):
        return True
    return any(
        isinstance(node, ast.Call) and app.is_guard(module, node)
        for node in executed(function.body)
    )


def _callback_is_safe(app: App, module: Module, value: ast.expr) -> bool:
    """Return whether a callback has a guard, is public or is unknown."""
    if isinstance(value, ast.Lambda):
        calls = [node for node in ast.walk(value.body) if isinstance(node, ast.Call)]
        return not calls or any(app.is_guard(module, call) for call in calls)
    if isinstance(value, ast.Call) and module.full_name(value) == "functools.partial":
        return not value.args or _callback_is_safe(app, module, value.args[0])
    found = app.find(module, value)
    return found is None or found[0].is_public_function(found[1]) or app.guards(*found)


def _reads_user(module: Module, function: Function) -> bool:
    """Return whether a function reads the current user, or has an argument `_user`.

    Streamlit does not include arguments with a leading underscore in the cache key.
    """
    arguments = [*function.args.args, *function.args.kwonlyargs]
    if any(argument.arg == "_user" for argument in arguments):
        return True
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in OF_A_USER
        and _is_authenticator(module, node.value)
        for node in ast.walk(function)
    )


def _is_authenticator(module: Module, node: ast.expr) -> bool:
    """Return whether an expression is an `Authenticator` or `st.session_state`."""
    name = module.full_name(node)
    if name in {"streamlit_persistauth.Authenticator", "streamlit.session_state"}:
        return True
    return name.rpartition(".")[2] in {"auth", "authenticator"} or name in _authenticator_names(
        module
    )


def _authenticator_names(module: Module) -> set[str]:
    """Return the names to which a file assigns an `Authenticator`."""
    return {
        target.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and module.full_name(node.value) == "streamlit_persistauth.Authenticator"
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _catches_all(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    if isinstance(caught, ast.Tuple):
        return any(
            isinstance(item, ast.Name) and item.id == "BaseException" for item in caught.elts
        )
    return caught is None or (isinstance(caught, ast.Name) and caught.id == "BaseException")
