"""Code of an app that runs without a guard before it."""

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
"""What an `Authenticator` says of the one who is there."""

_MEANT: Final = f'If it is meant for everybody, say so in a comment: "# {PUBLIC}".'


def check_source(app: App) -> Iterator[Finding]:
    """Find what can't be read, and an app without sign-in."""
    modules = app.modules
    for name, reason in app.unreadable.items():
        yield error("source-unreadable", f"{name} can't be read: {reason}.", "Mend it.", name)
    if not app.authenticators and not any(map(_asks_for_a_guard, modules)):
        yield error(
            "authenticator-missing",
            "The app makes no Authenticator, so nobody has to sign in.",
            "Put `user = Authenticator().guard()` at the top of the page.",
            app.place(app.main),
        )


def check_pages(app: App) -> Iterator[Finding]:
    """Find pages that everybody can open."""
    main, *others = app.pages
    if app.navigates and app.is_guarded(main):
        return  # it runs before each of the others
    # Where there are other pages, a main file that only lists them has nothing to guard.
    pages = others if app.navigates and others else [main, *others]
    for page in pages:
        if page.module.is_public or app.is_guarded(page):
            continue
        if page.function is not None and page.module.is_public_function(page.function):
            continue
        yield warning(
            "page-unguarded",
            "This page is shown to everybody: no guard stands before it.",
            f"Call `auth.guard()` at its top, or put it into a function with require_login. "
            f"{_MEANT}",
            page.place,
        )


def check_pages_folder(app: App) -> Iterator[Finding]:
    """Find pages that Streamlit serves without the guard of the main file, after each start."""
    if not app.navigates or app.is_gated:
        return
    for page in app.classic_pages:
        if not (page.module.is_public or app.is_guarded(page)):
            yield error(
                "pages-folder",
                "After each start, until st.navigation has run once, Streamlit serves the files in "
                "pages/ without the main file, so without its guard.",
                "Give the folder another name, such as views/.",
                page.place,
            )


def check_titles(deployment: Deployment) -> Iterator[Finding]:
    """Find titles of pages that are sent to visitors though the navigation is to be hidden."""
    app = deployment.app
    if app is not None and deployment.settings.hide_navigation and app.sends_titles():
        yield warning(
            "titles-sent",
            "PERSISTAUTH_HIDE_NAVIGATION is on, and st.navigation sends the titles of all pages to "
            "visitors who are not signed in.",
            "Call auth.navigation() in its place.",
            app.place(app.main),
        )


def check_fragments(app: App) -> Iterator[Finding]:
    """Find fragments and dialogs that a browser can ask for when its sign-in has ended."""
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
            f"The {kind} {function.name} runs again by itself, without the guard of its page, "
            "also after the sign-in has ended.",
            f"Put `@auth.require_login()` below `@st.{kind}`, or serve the app through st.App "
            f"with auth.middleware(). {_MEANT}",
            app.place(module, function),
        )


def check_callbacks(app: App) -> Iterator[Finding]:
    """Find callbacks, which run before the script and its guard."""
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
                        f"The function for {keyword.arg} runs before the script, so before its "
                        "guard, also after the sign-in has ended.",
                        "Decorate it with `@auth.require_login()`, or serve the app through "
                        f"st.App with auth.middleware(). {_MEANT}",
                        app.place(module, keyword.value),
                    )


def check_caches(app: App) -> Iterator[Finding]:
    """Find cached functions whose answer for one user is handed to all others."""
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
                f"st.{cache} stands above require_login of {function.name}: what one user was "
                "shown is shown to everybody, signed in or not.",
                f"Put require_login above st.{cache}, or cache what is inside.",
                place,
            )
        elif _reads_user(module, function):
            yield error(
                "cache-over-user",
                f"{function.name} asks who is signed in, and st.{cache} hands its answer for one "
                "user to all.",
                "Hand over what it needs of the user as an argument without a leading underscore, "
                "such as user.id.",
                place,
            )


def check_caught_guards(app: App) -> Iterator[Finding]:
    """Find guards whose stop is caught, so that the code behind them runs."""
    for module in app.modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Try) and any(map(_catches_all, node.handlers)):
                for inner in executed(node.body):
                    if isinstance(inner, ast.Call) and app.is_guard(module, inner):
                        yield warning(
                            "guard-caught",
                            "The guard stops the script, and the `except` around it catches that: "
                            "plain code behind it runs for everybody.",
                            "Take the guard out of the `try`, or catch `Exception` instead.",
                            app.place(module, inner),
                        )


def _asks_for_a_guard(module: Module) -> bool:
    """Return whether a file uses a guard, of an `Authenticator` made somewhere else."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"guard", "require_login"}
        for node in ast.walk(module.tree)
    )


def _functions(app: App) -> Iterator[tuple[Module, Function]]:
    return ((module, function) for module in app.modules for function in module.functions.values())


def _guards_within(app: App, module: Module, function: Function, outer: int) -> bool:
    """Return whether a function guards itself below a decorator; above it, only the first time."""
    if any(is_require_login(module, node) for node in function.decorator_list[outer + 1 :]):
        return True
    return any(
        isinstance(node, ast.Call) and app.is_guard(module, node)
        for node in executed(function.body)
    )


def _callback_is_safe(app: App, module: Module, value: ast.expr) -> bool:
    """Return whether a callback guards itself, or can't be told."""
    if isinstance(value, ast.Lambda):
        calls = [node for node in ast.walk(value.body) if isinstance(node, ast.Call)]
        return not calls or any(app.is_guard(module, call) for call in calls)
    if isinstance(value, ast.Call) and module.full_name(value) == "functools.partial":
        return not value.args or _callback_is_safe(app, module, value.args[0])
    found = app.find(module, value)
    return found is None or found[0].is_public_function(found[1]) or app.guards(*found)


def _reads_user(module: Module, function: Function) -> bool:
    """Return whether a function asks who is signed in, or takes them as what is not compared."""
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
    """Return whether an expression is an `Authenticator`, or Streamlit's memory of one's user."""
    name = module.full_name(node)
    if name in {"streamlit_persistauth.Authenticator", "streamlit.session_state"}:
        return True
    return name.rpartition(".")[2] in {"auth", "authenticator"} or name in _made(module)


def _made(module: Module) -> set[str]:
    """Return the names that a file gives to an `Authenticator`."""
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
