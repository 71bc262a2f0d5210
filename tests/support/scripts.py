"""Apps under test: the body of each function is a script."""


def guarded() -> None:
    """Draw the name of whoever is signed in."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.guard()
    st.text(f"secret of {user.full_name}")
    auth.logout_button()


def decorated() -> None:
    """Pass the user to a function."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, User

    auth = Authenticator()

    @auth.require_login()
    def main(greeting: str, *, user: User) -> None:
        st.text(f"{greeting} {user['full_name']}")

    @auth.require_login()
    def footer() -> str:
        return "footer"

    main("hello")
    st.text(footer())


def for_admins(roles: list[str] | tuple[str, ...] | str = ("admin", "owner")) -> None:
    """Guard a page by role."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.guard(roles=roles)
    st.text(f"secret of {user.full_name}")
    st.text(f"admin: {auth.has_role('admin')}")


def own_words() -> None:
    """Guard a page with an app's own words for everything, and others for one form."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    words = {"Sign in": "Anmelden", "Email": "E-Mail", "Password": "Kennwort"}
    auth = Authenticator(labels=words)
    auth.login_form(location="sidebar", key="aside", labels={"Password": "Passwort"})
    auth.guard()
    st.text("secret")


def forms() -> None:
    """Draw both forms without a guard, with an app's own words."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    labels = {
        "Email": "E-Mail",
        "Password": "Passwort",
        "Sign in": "Anmelden",
        "Keep me signed in": "Angemeldet bleiben",
        "Invalid email or password.": "Falsch.",
        "Create account": "Konto anlegen",
        "Registration is closed.": "Geschlossen.",
    }
    auth.login_form(location="sidebar", labels=labels)
    auth.register_form(key="other", labels=labels)
    st.text(f"user: {auth.user}")
    st.text(f"authenticated: {auth.is_authenticated}")


def believing() -> None:
    """Put a user into the Streamlit session, and ask who is there."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, User

    auth = Authenticator()
    st.session_state.user = User("1", "mallory@example.com", "Mallory", ("admin",))
    st.text(f"user: {auth.user}")
    st.text(f"admin: {auth.has_role('admin')}")
    auth.guard(roles=["admin"])
    st.text("secret")


def mirrored() -> None:
    """Show what the Streamlit session holds beside what is true."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.user
    st.text(f"mirror: {st.session_state.user}")
    st.text(f"same: {st.session_state.user == user}")
    auth.login_form()
    auth.logout_button()


def with_callback(email: str) -> None:
    """Do something in a widget's callback, which runs before the script."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, User

    auth = Authenticator()

    @auth.require_login(roles=["admin"])
    def delete(what: str, *, user: User) -> None:
        st.session_state["deleted"] = f"{what} by {user.full_name}"

    if st.button("Enter"):
        auth.login(email, "plum-Kettle-93-orbit")
    st.button("Delete", on_click=delete, args=("all",))
    st.text(f"deleted: {st.session_state.get('deleted')}")


def programmatic() -> None:
    """Sign in and out by program."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    if st.button("in"):
        ok, user, message = auth.login("ada@example.com", "plum-Kettle-93-orbit")
        st.text(f"{ok} {user.full_name if user else None} {message}")
    if st.button("wrong"):
        ok, user, message = auth.login("ada@example.com", "wrong")
        st.text(f"{ok} {user} {message}")
    if st.button("out"):
        auth.logout()
    if st.button("others"):
        auth.logout("others")
    if st.button("global"):
        auth.logout("global")
    st.text(f"user: {auth.user.full_name if auth.user else None}")
    st.text(f"sessions: {len(auth.list_sessions())}")


def two_apps() -> None:
    """Two apps on one page, with two databases."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, AuthSettings

    for name in ("one", "two"):
        auth = Authenticator(
            f"sqlite:///{name}.db", settings=AuthSettings(cookie_name=name, bcrypt_rounds=4)
        )
        auth.login_form(key=name, labels={"Sign in": f"Sign in {name}", "Email": f"Email {name}"})
        st.text(f"{name}: {auth.user.full_name if auth.user else None}")


def same_cookie() -> None:
    """Two apps on one page, with two databases and one name for both cookies."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    for name in ("one", "two"):
        Authenticator(f"sqlite:///{name}.db").login_form(key=name)
        st.text(name)


def not_kept() -> None:
    """Guard a page without anything kept in the browser."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    user = Authenticator(cache="session").guard()
    st.text(f"secret of {user.full_name}")


def guarded_by_address() -> None:
    """Guard a page with a URL token in its address."""
    from streamlit_persistauth import Authenticator

    Authenticator(cache=["session", "query_param"]).guard()


def swallowing() -> None:
    """Catch whatever the guard raises, as careless code does."""
    from contextlib import suppress

    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()

    @auth.require_login()
    def main() -> None:
        st.text("secret")

    with suppress(Exception):
        main()
    st.text("after")


def showing_state() -> None:
    """Show all that the Streamlit session holds."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    Authenticator().guard()
    st.text(str(st.session_state.to_dict()))


def settling() -> None:
    """Ask for the program to be settled, from inside a run."""
    import gc

    import streamlit as st

    from streamlit_persistauth.runtime.gc_pauses import freeze_program

    freeze_program()
    st.text(gc.get_freeze_count())


def changing() -> None:
    """A page with the form that changes the password."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.guard()
    auth.change_password_form()
    st.text(f"signed in: {user.full_name}")


def own_forms() -> None:
    """The forms of somebody's own account, without a guard before them."""
    from streamlit_persistauth import Authenticator

    Authenticator().change_password_form()


def fresh(max_age: float) -> None:
    """A page for a fresh proof."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    user = Authenticator().guard(max_age=max_age)
    st.text(f"secret of {user.full_name}")


def fresh_callback() -> None:
    """A page whose callback asks for a fresh proof."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()

    @auth.require_login(max_age=60)
    def delete() -> None:
        st.session_state["deleted"] = "all"

    auth.guard()
    st.button("Delete", on_click=delete)
    st.text(f"deleted: {st.session_state.get('deleted')}")


def moving() -> None:
    """A page with the form that changes the address."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.guard()
    auth.change_email_form()
    st.text(user.email)


def link_forms() -> None:
    """The forms for who comes with a link, each on its own."""
    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    auth.confirm_email_form()
    auth.invitation_form()
    auth.reset_password_form()
    auth.change_email_form()


def both_forms() -> None:
    """The sign-in form beside the one that registers, by the same key."""
    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    auth.login_form(location="sidebar")
    auth.register_form()


def broken_off() -> None:
    """Ask for another run from inside this one, as a page does that is clicked on twice."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    from streamlit_persistauth.runtime.script_run import uninterrupted

    seen: list[str] = st.session_state.setdefault("seen", [])
    context = get_script_run_ctx()
    if not seen and context is not None and context.script_requests is not None:
        seen.append("begun")
        with uninterrupted():
            context.script_requests.request_rerun(RerunData())
            st.session_state["touched"] = True
            st.text("drawn")
            seen.append("held together")
        st.text("after")
        seen.append("not broken off")
    st.text(", ".join(seen))


def sharing() -> None:
    """Draw the class of the state in an uninterrupted block."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from streamlit_persistauth.runtime.script_run import uninterrupted

    context = get_script_run_ctx()
    with uninterrupted():
        st.text(type(context and context.session_state._state).__name__)


def rerunning() -> None:
    """Run three times for each request, and draw which of the runs was a use."""
    import streamlit as st

    from streamlit_persistauth.runtime.script_run import is_activity

    uses = st.session_state.setdefault("uses", [])
    uses.append(is_activity())
    if len(uses) < 3:
        st.rerun()
    st.text(str(uses))
    uses.clear()


def caching() -> None:
    """Draw what a run remembers on its own thread, and what on one of the app's."""
    from threading import Thread

    import streamlit as st
    from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

    from streamlit_persistauth.runtime.script_run import run_memory

    seen = []
    run_memory()["here"] = 1
    thread = Thread(target=lambda: seen.append((run_memory().update(there=1), run_memory())[1]))
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    thread.join()
    st.text(f"{run_memory()} {seen[0]}")


def in_a_thread() -> None:
    """Run a guarded function in a thread of the app's own, again and again."""
    from threading import Thread

    import streamlit as st
    from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    steps = st.session_state.get("steps")
    if steps is None:
        auth.guard()
        return
    answers = st.session_state["answers"]

    @auth.require_login()
    def guarded() -> None:
        answers.append("secret")

    def work() -> None:
        for step in steps:
            step()
            try:
                guarded()
            except Exception as refusal:  # noqa: BLE001 - whatever it is, the test looks at it
                answers.append(type(refusal).__name__)

    thread = Thread(target=work)
    add_script_run_ctx(thread, get_script_run_ctx())
    thread.start()
    thread.join()


def with_menu(location: str = "sidebar", name_of_place: str = "") -> None:
    """A page with the menu of who is signed in."""
    from typing import Any

    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    where: Any = st.container() if location == "container" else location
    auth.user_menu(location=where, place_of=lambda _: name_of_place)
    user = auth.guard()
    st.text(f"signed in: {user.full_name}")


def account() -> None:
    """A page with the account of who is signed in, and no guard."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    auth.login_form()
    auth.account_panel()
    st.text(f"signed in: {auth.user.full_name if auth.user else None}")


def devices(place: str = "", broken: bool = False) -> None:  # noqa: FBT001, FBT002
    """A page with the devices of who is signed in, and no guard."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    def place_of(address: str) -> str:
        if broken:
            raise LookupError(address)
        return place

    auth = Authenticator()
    auth.login_form()
    auth.sessions_panel(place_of=place_of if place or broken else None)
    st.text(f"signed in: {auth.user.full_name if auth.user else None}")


def administration() -> None:
    """Draw the panel for whoever is signed in, without asking for a role first."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    user = auth.guard()
    st.text(f"signed in: {user.full_name}")
    auth.admin_panel(key="panel")


def unguarded_administration() -> None:
    """Draw the panel for everybody."""
    from streamlit_persistauth import Authenticator

    Authenticator().admin_panel()


def managing(email: str, opened_by: str = "") -> None:
    """Draw the content of an account dialog on the page, where AppTest can press its buttons."""
    from streamlit_persistauth import Authenticator
    from streamlit_persistauth.views.admin_account_dialog import draw_account
    from streamlit_persistauth.views.panel import Panel

    auth = Authenticator()
    user = auth.guard()
    record = auth._services.user_admin.get(email)
    user_id = record.user.id if record else "nobody"
    panel = Panel.below_guard(auth._services, auth._current_user, None, for_admins=True)
    draw_account(panel, user_id, opened_by or user.id)


def inviting() -> None:
    """Draw what the dialog has in it that invites somebody."""
    from streamlit_persistauth import Authenticator
    from streamlit_persistauth.views.admin_dialogs import draw_invitation
    from streamlit_persistauth.views.panel import Panel

    auth = Authenticator()
    auth.guard()
    panel = Panel.below_guard(auth._services, auth._current_user, None, for_admins=True)
    draw_invitation(panel)


def odd_forms(name: str, parameter: str, values: tuple[object, ...]) -> None:
    """Draw a form or panel with odd arguments, one at a time, and say what it raises."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, InvalidArgument

    draw = getattr(Authenticator(), name)
    faults = []
    for number, value in enumerate(values):
        try:
            draw(**{"key": f"form-{number}", parameter: value})
        except InvalidArgument:
            continue
        except Exception as fault:  # noqa: BLE001 - the test reads it
            faults.append(f"{name}({parameter}={value!r:.40}): {type(fault).__name__}")
    st.text(", ".join(faults) or "no fault")


def copying(where: str, how: str) -> None:
    """Write all that the Streamlit session shows back into it, and draw all there is of ours."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    def write_back() -> None:
        if how == "loop":
            for key, value in st.session_state.items():
                st.session_state[key] = value
        else:
            st.session_state.update(st.session_state)

    auth = Authenticator()
    st.session_state.setdefault("mine", "kept")
    if where == "above":
        write_back()
    user = auth.guard()
    auth.user_menu()
    auth.account_panel(key="account")
    auth.admin_panel(key="panel")
    auth.sessions_panel(key="devices")
    auth.change_password_form(key="password")
    auth.logout_button()
    if where == "below":
        write_back()
    st.text(f"secret of {user.full_name}")


def clearing() -> None:
    """Clear the Streamlit session, as apps do that begin again."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    user = Authenticator().guard()
    if st.button("Begin again"):
        st.session_state.clear()
        st.rerun()
    st.text(f"secret of {user.full_name}")


def with_own_user(value: object) -> None:
    """Keep something of the app's own under the key that mirrors who is signed in."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    if "user" not in st.session_state:
        st.session_state.user = value
    Authenticator().guard()
    st.text(f"own: {st.session_state.user!r}")


def with_user_field(key: str | None) -> None:
    """Draw a field of the key that mirrors who is signed in, below the guard."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator(session_state_key=key)
    auth.guard()
    st.text_input("Customer", key="user")
    st.text(f"typed: {st.session_state.user}")


def mirrored_as(key: str | None) -> None:
    """Show what of ours the Streamlit session holds, under another key or none."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    Authenticator(session_state_key=key).guard()
    st.text(str({key: user.full_name for key, user in st.session_state.items()}))


def everything(labels: dict[str, str] | None = None) -> None:
    """Guard a page with all panels, in an app's own words."""
    import streamlit as st

    from streamlit_persistauth import Authenticator

    auth = Authenticator(labels=labels)
    auth.navigation([st.Page(lambda: None, title="Inside", url_path="inside")])
    user = auth.guard()
    auth.user_menu()
    auth.logout_button(key="out")
    auth.account_panel(key="account")
    if "admin" in user.roles:
        auth.admin_panel(key="admin")


def two_buttons() -> None:
    """Draw two buttons, of which one has its text hidden."""
    from streamlit_persistauth import Authenticator

    auth = Authenticator()
    auth.guard()
    auth.logout_button(key="shown")
    auth.logout_button(key="hidden", labels={"Log out": ""})


def cached(cache: object) -> None:
    """Show a user what no other one may see, with a cache of the test's own."""
    from typing import Any, cast

    import streamlit as st

    from streamlit_persistauth import Authenticator

    user = Authenticator(cache=cast("Any", cache)).guard()
    st.text(f"secret of {user.full_name}")


def labelled(labels: object) -> None:
    """Make an app with its own words, and show which argument is refused."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, InvalidArgument

    try:
        Authenticator(labels=labels)  # type: ignore[arg-type] # that is what it is for
    except InvalidArgument as error:
        st.text(str(error))


def with_pages(pages: object, position: object = "sidebar") -> None:
    """Guard an app of several pages, and show which argument is refused."""
    import streamlit as st

    from streamlit_persistauth import Authenticator, InvalidArgument

    try:
        Authenticator().navigation(pages, position=position)  # type: ignore[arg-type]
    except InvalidArgument as error:
        st.text(str(error))
