"""An app with every place where Streamlit runs code, for the state machine of tests/raw."""

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from tests.support.machine.pauses import pauses
from tests.support.machine.probe import probed
from tests.support.machine.reports import Report, report

from streamlit_persistauth import Authenticator, User

auth = Authenticator()


def pause(place: str) -> None:
    """Load something for as long as the test wants, without a call of Streamlit."""
    context = get_script_run_ctx()
    if context is not None and f"pause={place}" in context.query_string.split("&"):
        pauses.begin()


def above() -> None:
    """Be what stands above a guard: it can wait, fail or stop, as the query string has it."""
    pause("above")
    int(st.query_params.get("number", "0"))
    if "stop" in st.query_params:
        st.stop()


def name_of(user: User) -> str:
    """Return the marker of a user."""
    return user.email.partition("@")[0]


def reveal(place: str, user: str) -> None:
    """Report that a place runs for a user, and show something of theirs."""
    report(place, user)
    pause(place)
    st.text(f"{place}-of-{user}")


def produce(user: str) -> Callable[[], bytes]:
    """Return what makes a file of a user's when it is asked for."""
    context = get_script_run_ctx()
    session = context.session_id if context else ""

    def made() -> bytes:
        Report("file", user, session, None).write()
        return f"file-of-{user}".encode()

    return made


def draw_pieces(user: str) -> None:
    """Draw the pieces of a page that Streamlit runs without what stands above them."""

    @st.fragment
    def fragment() -> None:
        reveal("fragment", user)
        st.button("inside", on_click=report, args=("inside", user))

    @st.fragment(run_every=3600)
    def timer() -> None:
        reveal("timer", user)

    @st.dialog("Dialog")
    def dialog() -> None:
        reveal("dialog", user)
        st.button("answer", on_click=report, args=("answer", user))

    fragment()
    timer()
    st.button("callback", on_click=report, args=("callback", user))
    st.text_input("change", on_change=report, args=("change", user))
    st.download_button("file", produce(user), file_name="file.txt")
    if st.button("open"):
        dialog()


def rows() -> None:
    """A guarded page."""
    above()
    user = name_of(auth.guard())
    report("body", user)
    pause("body")
    draw_pieces(user)
    st.session_state.setdefault("note", f"note-of-{user}")
    st.text(f"body-of-{user} {st.session_state['note']}")
    auth.logout_button()


def staff() -> None:
    """A page for admins."""
    above()
    user = name_of(auth.guard(roles=["admin"]))
    reveal("staff", user)

    @st.fragment
    @auth.require_login(roles=["admin"])
    def fragment(user: User) -> None:
        reveal("staff-fragment", name_of(user))

    fragment()
    st.button("staff-callback", on_click=admin_callback)


@auth.require_login(roles=["admin"])
def admin_callback(user: User) -> None:
    """Run for admins alone."""
    report("staff-callback", name_of(user))


@auth.require_login()
def guarded_callback(user: User) -> None:
    """Run for users alone."""
    report("guarded-callback", name_of(user))


def mixed() -> None:
    """A page without a guard, some of whose pieces have one."""
    above()

    @st.fragment
    @auth.require_login()
    def fragment(user: User) -> None:
        reveal("guarded-fragment", name_of(user))

    st.text("open")
    st.button("guarded-callback", on_click=guarded_callback)
    fragment()


def public() -> None:
    """A page without any guard, with pieces of its own."""
    above()

    @st.fragment
    def fragment() -> None:
        st.text("public-fragment")
        st.button("public-inside")

    st.text(f"public {st.session_state.get('note', '')}")
    st.button("public-callback", on_click=print)
    fragment()


def switch() -> None:
    """A page on which the app itself signs a user in."""
    email = st.text_input("Account")
    password = st.text_input("Secret")
    if st.button("Switch"):
        auth.login(email, password)


def main() -> None:
    """Run the page that is asked for."""
    pages = [rows, staff, mixed, public, switch]
    st.navigation([st.Page(page, default=page is rows) for page in pages]).run()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=probed(auth.middleware))
