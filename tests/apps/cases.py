"""Every place in which Streamlit runs code, each guarding a secret.

A query parameter chooses the place. Code that runs writes a line to the file `witness`, so that
a test notices it also where nothing was drawn.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from streamlit_persistauth import Authenticator, User


class Open:
    """An `Authenticator` that guards nothing, to show that an attack would succeed."""

    def require_login(self, **_limits: object) -> Callable[[Any], Any]:
        """Return the function as it is."""
        return lambda function: function

    def guard(self, **_limits: object) -> User:
        """Return a user without checking anything."""
        return User("0", "nobody@example.com", "Nobody")


auth: Any = Open() if os.environ.get("UNPROTECTED") else Authenticator()
protect: Callable[[Callable[[], None]], Callable[[], None]] = auth.require_login()


def reveal(what: str = "secret") -> None:
    """Do what only a signed-in user may do."""
    with Path("witness").open("a", encoding="utf-8") as witness:
        witness.write(f"{what}\n")
    st.text(f"{what} of the house")


@protect
def protected() -> None:
    """Reveal the secret."""
    reveal()


def decorated() -> None:
    """A page function."""
    protected()


def swallowed() -> None:
    """A page that catches everything that the guard raises."""
    try:
        protected()
    except BaseException as caught:  # noqa: BLE001 - as careless as code can be
        st.session_state["caught"] = repr(caught)


def suppressed() -> None:
    """The same, by the context manager."""
    with suppress(BaseException):
        protected()


def threaded() -> None:
    """A thread without a script run context."""
    thread = threading.Thread(target=suppressed)
    thread.start()
    thread.join()


def contextual() -> None:
    """A thread that draws on the page."""
    thread = threading.Thread(target=suppressed)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    thread.join()


def guarded_thread() -> None:
    """A thread that calls the guard."""

    def work() -> None:
        with suppress(Exception):
            auth.guard()
            reveal()

    thread = threading.Thread(target=work)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    thread.join()


def statement() -> None:
    """The guard as a statement."""
    auth.guard()
    reveal()


def dialog() -> None:
    """A dialog whose body is protected."""

    @st.dialog("A dialog")
    @protect
    def inside() -> None:
        reveal()

    inside()


def fragment() -> None:
    """A fragment whose body is protected, and that runs by itself."""

    @st.fragment(run_every=3600)
    @protect
    def inside() -> None:
        reveal()

    inside()


def statement_in_fragment() -> None:
    """A fragment that runs by itself, below a guard and with one of its own."""
    auth.guard()

    @st.fragment(run_every=3600)
    def inside() -> None:
        auth.guard(max_age=3600)
        reveal()

    inside()


def callback() -> None:
    """A protected callback of a widget."""
    st.button("Do it", on_click=protected)


def cached() -> None:
    """A function with cached results, behind a protected one."""

    @st.cache_data
    def compute() -> str:
        return "secret of the house"

    @protect
    def inside() -> None:
        reveal()
        st.text(compute())

    inside()


def roles() -> None:
    """A page for admins."""
    auth.guard(roles=["admin"])
    reveal()


def undecorated() -> None:
    """A guarded page with a fragment and callbacks that have no decorator of their own."""
    st.session_state.setdefault("draft", "draft of somebody")
    auth.guard()
    below_the_guard()


def below_the_guard() -> None:
    """Draw a fragment and callbacks that have no guard of their own."""
    st.button("Outside", on_click=reveal, args=("outside",))

    @st.fragment
    def inside() -> None:
        st.text("inside of the house")
        st.button("Inside", on_click=reveal, args=("callback",))
        reveal("fragment")

    inside()


def breakable() -> None:
    """The same, below code that fails or stops if the address says so."""
    st.text(f"page {int(st.query_params.get('page', '1'))}")
    if "stop" in st.query_params:
        st.stop()
    undecorated()


def overtaken() -> None:
    """A guarded page that, where a test has made pipes, makes no call of Streamlit until told to.

    To open a pipe waits for its other end.
    """
    auth.guard()
    st.text("loading")
    waits = Path("go").is_fifo()
    if waits:
        Path("begun").write_bytes(b"")
        Path("go").read_bytes()

    @st.fragment
    def inside() -> None:
        reveal("fragment")

    try:
        inside()
    finally:
        if waits:
            Path("gone").write_bytes(b"")


def made() -> bytes:
    """Make a file."""
    reveal("made")
    return b"made of the house"


def everybody() -> None:
    """A page without a guard, with what a visitor may use."""
    st.text("for everybody")
    st.button("Count", on_click=reveal, args=("counted",))
    st.download_button("Get it", made, file_name="public.txt")


def deferred() -> None:
    """A guarded page that makes a file when it is asked for."""
    auth.guard()
    st.download_button("Get it", made, file_name="secret.txt")


def deferred_leave() -> None:
    """The same page with a log-out."""
    deferred()
    if st.button("Leave"):
        auth.logout()


@st.cache_resource
def computed() -> list[str]:
    """Return what all visitors share."""
    reveal("computed")
    return ["shared"]


def resource() -> None:
    """A page that uses it."""
    st.text(computed()[0])


def state() -> None:
    """A page that keeps something in the Streamlit session."""
    if "put" in st.query_params:
        st.session_state.setdefault("kept", st.query_params["put"])
    auth.guard()
    st.text(st.session_state.get("kept", "nothing"))


def leave() -> None:
    """A page with log-outs."""
    auth.guard()
    if st.button("Leave"):
        auth.logout()
    if st.button("Leave everywhere"):
        auth.logout("global")


def leave_caught() -> None:
    """A page that catches what signing out raises, and goes on."""
    auth.guard()
    if st.button("Leave"):
        with suppress(BaseException):
            auth.logout()
    below_the_guard()


def leave_finally() -> None:
    """A page that goes on while signing out raises."""
    auth.guard()
    try:
        if st.button("Leave"):
            auth.logout()
    finally:
        below_the_guard()


def leave_after_typing() -> None:
    """A page with a text field, a button and a log-out."""
    auth.guard()
    st.text(f"typed: {st.text_input('Search')}")
    if st.button("Do it"):
        reveal("press")
    if st.button("Leave"):
        auth.logout()


def leave_always() -> None:
    """A page that signs out the user who opens it."""
    auth.logout()
    st.text("gone")


def way_out() -> None:
    """Draw a log-out, and what only a user sees."""
    if st.button("Leave"):
        auth.logout()
    st.text("inside of the house")


def leave_in_dialog() -> None:
    """A page with a log-out in a dialog."""
    auth.guard()
    st.dialog("Way out")(way_out)()


def leave_in_fragment() -> None:
    """A page with a log-out in a fragment."""
    auth.guard()
    st.fragment(way_out)()


def leave_in_callback() -> None:
    """A page with a log-out in a callback."""
    auth.guard()
    st.text("inside of the house")
    st.button("Leave", on_click=auth.logout)


def leave_in_callback_of_fragment() -> None:
    """A page with a log-out in a callback of a fragment's widget."""

    @st.fragment
    def inside() -> None:
        st.text("inside of the house")
        st.button("Leave", on_click=auth.logout)

    auth.guard()
    inside()


def download() -> None:
    """A page that offers a file."""
    auth.guard()
    st.download_button("Get it", b"secret of the house", file_name="secret.txt")


def show(instance: Any) -> None:  # noqa: ANN401 - guarded or not
    """Show the current user, by every API that an app has."""
    user = instance.guard()
    mirrored = st.session_state.user.full_name
    st.button("Again")
    st.text(f"{user.full_name} {instance.user.email} {user.roles} {mirrored}")


def who() -> None:
    """A page by the instance of the module."""
    show(auth)


@st.cache_resource
def shared() -> Authenticator:
    """Make an instance once for everybody."""
    return Authenticator()


def who_cached() -> None:
    """A page by an instance that Streamlit caches for everybody."""
    show(shared())


def devices() -> None:
    """A page with the user's devices, behind a guard that asks for the password every hour."""
    auth.guard(max_age=3600)
    auth.sessions_panel()


def menu() -> None:
    """A page with the user's menu, which opens their account, behind such a guard."""
    auth.guard(max_age=3600)
    auth.user_menu(location="sidebar")


def administration() -> None:
    """The administration, behind a guard that asks for the password every hour."""
    auth.guard(max_age=3600)
    auth.admin_panel()


def another_app() -> None:
    """A page with an `Authenticator` of its own, whose accounts are in another database."""
    Authenticator("sqlite:///another.db").guard()
    reveal()


def headers() -> None:
    """A guarded page that shows the headers of its connection, as an app's debug page may."""
    auth.guard()
    st.text(f"mark: {st.context.headers.get('X-Persistauth-Connection')}")
    reveal()


def menu_stopped() -> None:
    """A page with the user's menu, behind a guard that asks for no proof, which ends early."""
    auth.guard()
    auth.user_menu(location="sidebar")
    st.stop()


CASES: dict[str, Callable[[], None]] = {
    case.__name__: case
    for case in (
        administration,
        decorated,
        swallowed,
        suppressed,
        threaded,
        contextual,
        guarded_thread,
        statement,
        dialog,
        fragment,
        statement_in_fragment,
        callback,
        cached,
        roles,
        undecorated,
        breakable,
        overtaken,
        everybody,
        deferred,
        deferred_leave,
        resource,
        state,
        leave,
        leave_after_typing,
        leave_always,
        leave_caught,
        leave_finally,
        leave_in_dialog,
        leave_in_fragment,
        leave_in_callback,
        leave_in_callback_of_fragment,
        download,
        who,
        who_cached,
        devices,
        menu,
        menu_stopped,
        headers,
        another_app,
    )
}


def main() -> None:
    """Run the place of the query parameter."""
    CASES[st.query_params.get("case", "decorated")]()
