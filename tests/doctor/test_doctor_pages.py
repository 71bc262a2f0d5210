"""Code without a guard is found; the same code with a guard is accepted."""

import pytest
from tests.doctor.conftest import SERVED, Examine, faults

from streamlit_persistauth.doctor.finding import Severity

GUARD = """
auth.guard()
"""
PAGE = """
import streamlit as st

st.title("Salaries")
"""
GUARDED_PAGE = """
import streamlit as st
from app import auth

auth.guard()
st.title("Salaries")
"""

GUARDED = {
    "a statement": "user = auth.guard()",
    "of one made on the spot": "Authenticator().guard()",
    "below a name": 'if __name__ == "__main__":\n    auth.guard()',
    "in a function": "def main():\n    auth.guard()\n\nmain()",
    "a decorator": "@auth.require_login()\ndef main(user):\n    st.title(user.email)\n\nmain()",
    "two functions deep": "def ask():\n    auth.guard()\n\ndef main():\n    ask()\n\nmain()",
    "in a with": "with st.container():\n    auth.guard()",
    "for everybody": "# persistauth: public\nst.title('Welcome')",
}
UNGUARDED = {
    "nothing": "st.title('Salaries')",
    "a function nobody calls": "def main():\n    auth.guard()\n\nst.title('Salaries')",
    "a function that calls itself": "def main():\n    main()\n\nmain()",
    "a form alone": "auth.login_form()\nst.title('Salaries')",
    "a decorated function nobody calls": "@auth.require_login()\ndef main():\n    pass\n",
}


@pytest.mark.parametrize("source", GUARDED.values(), ids=GUARDED)
def test_guarded(look: Examine, source: str) -> None:
    """A page with a guard is accepted, wherever the guard is called."""
    assert faults(look(source)) == []


@pytest.mark.parametrize("source", UNGUARDED.values(), ids=UNGUARDED)
def test_unguarded(look: Examine, source: str) -> None:
    """A page without a guard is found."""
    found = look(source)
    assert faults(found) == ["page-unguarded"]
    assert found["page-unguarded"].place == "app.py"


def test_guard_from_elsewhere(look: Examine) -> None:
    """A function of another file of the app can be the guard of a page."""
    helper = (
        "from app import auth\n\ndef only_members():\n    auth.guard()\n\ndef other():\n    pass\n"
    )
    assert faults(look("from helper import only_members\nonly_members()", helper=helper)) == []
    assert faults(look("import helper\nhelper.only_members()", helper=helper)) == []
    assert faults(look("import helper\nhelper.other()", helper=helper)) == ["page-unguarded"]


def test_pages_folder(look: Examine) -> None:
    """A file in `pages/` needs its own guard, since it runs without the main file."""
    found = look(GUARD, pages__salaries=PAGE, pages__settings=GUARDED_PAGE)
    assert faults(found) == ["page-unguarded"]
    assert found["page-unguarded"].place == "pages/salaries.py"


def test_navigation(look: Examine) -> None:
    """With `st.navigation`, a guard in the main file protects all pages."""
    pages = "page = st.navigation([st.Page('views/salaries.py')])\n"
    assert faults(look(pages + "auth.guard()\npage.run()", views__salaries=PAGE)) == []
    found = look(pages + "page.run()", views__salaries=PAGE)
    assert found["page-unguarded"].place == "views/salaries.py"
    assert faults(look(pages + "page.run()", views__salaries=GUARDED_PAGE)) == []
    by_name = "from streamlit import navigation\nnavigation([st.Page('views/salaries.py')]).run()"
    assert look(by_name, views__salaries=PAGE)["page-unguarded"].place == "views/salaries.py"


def test_navigation_of_functions(look: Examine) -> None:
    """A page that is a function needs a guard too."""
    source = """
    def salaries():
        st.title("Salaries")

    {decorator}
    def settings():
        st.title("Settings")

    st.navigation([st.Page({name}), st.Page(settings)]).run()
    """
    guarded = source.format(decorator="@auth.require_login()", name="settings")
    assert faults(look(guarded)) == []
    found = look(source.format(decorator="@auth.require_login()", name="salaries"))
    assert (found["page-unguarded"].place or "").startswith("app.py:")
    public = source.format(decorator="@auth.require_login()", name="salaries")
    public = public.replace("def salaries():", "def salaries():  # persistauth: public")
    assert faults(look(public)) == []


def test_folder_beside_navigation(look: Examine) -> None:
    """With `st.navigation`, pages in `pages/` need a guard: they are served once without it."""
    source = "auth.guard()\nst.navigation([st.Page('views/salaries.py')]).run()"
    found = look(source, views__salaries=PAGE, pages__old=PAGE)
    assert faults(found) == ["pages-folder"]
    assert found["pages-folder"].severity is Severity.ERROR
    assert found["pages-folder"].place == "pages/old.py"
    assert "pages-folder" not in look(source + SERVED)
    assert faults(look(source, pages__old=GUARDED_PAGE)) == []


def test_pages_of_the_folder_in_the_navigation(look: Examine) -> None:
    """A page of `st.navigation` in `pages/` needs a guard too."""
    source = "auth.guard()\nst.navigation([st.Page('pages/salaries.py')]).run()"
    assert faults(look(source, pages__salaries=PAGE)) == ["pages-folder"]


def test_our_navigation(look: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auth.navigation` protects all pages, and sends no titles to visitors."""
    monkeypatch.setenv("PERSISTAUTH_HIDE_NAVIGATION", "on")
    source = "auth.navigation([st.Page('views/salaries.py')]).run()"
    assert faults(look(source, views__salaries=PAGE)) == []
    source = "page = st.navigation([st.Page('views/salaries.py')])\nauth.guard()\npage.run()"
    assert faults(look(source)) == ["titles-sent"]
    monkeypatch.delenv("PERSISTAUTH_HIDE_NAVIGATION")
    assert faults(look(source)) == []


def test_app_without_sign_in(look: Examine) -> None:
    """An app without an `Authenticator` is found."""
    found = look(app="import streamlit as st\nst.title('Salaries')\n")
    assert found["authenticator-missing"].severity is Severity.ERROR
    shared = "from our_company.accounts import auth\nauth.guard()\n"
    assert "authenticator-missing" not in look(app=shared)


def test_no_python(look: Examine) -> None:
    """Any file that can't be read is found."""
    assert look(app="def (")["source-unreadable"].place == "app.py"
    found = look(GUARD, pages__broken="def (")
    assert found["source-unreadable"].place == "pages/broken.py"


FRAGMENTS = {
    "fragment": "@st.fragment",
    "timed fragment": "@st.fragment(run_every=5)",
    "dialog": '@st.dialog("Salaries")',
}


@pytest.mark.parametrize("decorator", FRAGMENTS.values(), ids=FRAGMENTS)
def test_fragments(look: Examine, decorator: str) -> None:
    """A fragment or dialog of a plain app needs its own guard, below the decorator."""
    bare = f"auth.guard()\n{decorator}\ndef part():\n    st.write('Salaries')\n\npart()\n"
    (code,) = faults(look(bare))
    assert code == ("dialog-unguarded" if "dialog" in decorator else "fragment-unguarded")
    inside = bare.replace(decorator, f"{decorator}\n@auth.require_login()")
    assert faults(look(inside)) == []
    outside = bare.replace(decorator, f"@auth.require_login()\n{decorator}")
    assert faults(look(outside)) == [code]
    statement = bare.replace("    st.write", "    auth.guard()\n    st.write")
    assert faults(look(statement)) == []
    public = bare.replace("part():\n", "part():  # persistauth: public\n", 1)
    assert faults(look(public)) == []
    assert faults(look(bare + SERVED)) == []


def test_imported_decorator(look: Examine) -> None:
    """A fragment is recognised by any name under which Streamlit is imported."""
    source = "auth.guard()\nfrom streamlit import fragment as part\n@part\ndef salaries(): ...\n"
    assert faults(look(source)) == ["fragment-unguarded"]


CALLBACKS = {
    "a function": "pay",
    "one with arguments": "functools.partial(pay, 'Ada')",
    "a lambda": "lambda: pay('Ada')",
}


@pytest.mark.parametrize("callback", CALLBACKS.values(), ids=CALLBACKS)
def test_callbacks(look: Examine, callback: str) -> None:
    """A callback of a plain app needs its own guard, since it runs before the script."""
    source = (
        "import functools\nauth.guard()\n"
        "def pay(whom=''):\n    print(whom)\n\n"
        f"st.button('Pay', on_click={callback})\n"
    )
    assert faults(look(source)) == ["callback-unguarded"]
    assert faults(look(source.replace("def pay", "@auth.require_login()\ndef pay"))) == []
    assert faults(look(source + SERVED)) == []


def test_accepted_callbacks(look: Examine) -> None:
    """Callbacks that are texts, or functions from outside the app, are accepted."""
    source = (
        "auth.guard()\nst.dataframe([], on_select='rerun')\nst.button('x', on_click=auth.logout)"
    )
    assert faults(look(source)) == []


CACHED = {
    "user": "return auth.user.email",
    "role": "return auth.has_role('admin')",
    "guard": "return auth.guard().id",
    "session state": "return st.session_state.user",
}


@pytest.mark.parametrize("cache", ["st.cache_data", "st.cache_data(ttl=60)", "st.cache_resource"])
@pytest.mark.parametrize("body", CACHED.values(), ids=CACHED)
def test_cache_over_user(look: Examine, body: str, cache: str) -> None:
    """A cached function that reads the current user is found."""
    source = f"auth.guard()\n@{cache}\ndef load():\n    {body}\n"
    found = look(source)
    assert faults(found) == ["cache-over-user"]
    assert found["cache-over-user"].severity is Severity.ERROR
    assert faults(look("# persistauth: public\n" + source)) == ["cache-over-user"]
    assert faults(look(source.replace(body, "return 1"))) == []


def test_cache_with_hidden_argument(look: Examine) -> None:
    """A cached function with an argument `_user` is found, as it is not in the cache key."""
    source = "auth.guard()\n@st.cache_data\ndef load({name}):\n    return {name}.email\n"
    assert faults(look(source.format(name="_user"))) == ["cache-over-user"]
    assert faults(look(source.format(name="user"))) == []


def test_cache_over_guard(look: Examine) -> None:
    """A cache above a guard is found."""
    source = "auth.guard()\n@st.cache_data\n@auth.require_login()\ndef load():\n    return 1\n"
    assert faults(look(source)) == ["cache-over-guard"]
    turned = "auth.guard()\n@auth.require_login()\n@st.cache_data\ndef load():\n    return 1\n"
    assert faults(look(turned)) == []


@pytest.mark.parametrize(
    "handler", ["except:", "except BaseException:", "except (OSError, BaseException):"]
)
def test_caught_guard(look: Examine, handler: str) -> None:
    """A guard whose exception is caught is found."""
    source = f"try:\n    auth.guard()\n{handler}\n    pass\n"
    assert faults(look(source)) == ["guard-caught"]
    assert faults(look(source.replace(handler, "except Exception:"))) == []
