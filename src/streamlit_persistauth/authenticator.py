"""Authenticator: wires the parts for one app; holds no rule of its own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Literal, ParamSpec, TypeVar, get_args

from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.routing import Route
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.core.accounts.mails import Mailer
from streamlit_persistauth.core.arguments import an_id, days, names, one_of, period, typed_text
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.errors import (
    ConfigError,
    InvalidEmail,
    InvalidLink,
    InvalidName,
    InvalidPassword,
)
from streamlit_persistauth.models import LoginResult, Session, Stats, User
from streamlit_persistauth.runtime.script_run import base_path, on_page, settle_program
from streamlit_persistauth.runtime.user_mirror import DEFAULT_KEY, UserMirror
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.signin.current_user import CurrentUser, Scope
from streamlit_persistauth.stores.sql.engines import HasEngine
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import stop_misconfigured
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.account_panel import AccountPanel
from streamlit_persistauth.views.admin_panel import AdminPanel
from streamlit_persistauth.views.devices import Devices, PlaceOf
from streamlit_persistauth.views.forgot_password import ForgotPassword
from streamlit_persistauth.views.guard import Guard, MaxAge, Pages
from streamlit_persistauth.views.link_forms import LinkForms
from streamlit_persistauth.views.login_page import KEY, LoginPage
from streamlit_persistauth.views.logout import draw_logout
from streamlit_persistauth.views.profile_forms import ProfileForms
from streamlit_persistauth.views.user_menu import UserMenu
from streamlit_persistauth.web.files import FileMiddleware
from streamlit_persistauth.web.headers import HeaderMiddleware
from streamlit_persistauth.web.health import HealthRoute
from streamlit_persistauth.web.middleware import AuthMiddleware
from streamlit_persistauth.web.routes import CookieRoutes
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

NO_EMAIL: Final = "Please enter a valid email address."
NO_NAME: Final = "The name contains characters that aren't allowed."
NO_PASSWORD: Final = "Please enter a password."  # noqa: S105 - a sentence
P = ParamSpec("P")
R = TypeVar("R")


class Authenticator:
    """Accounts for one Streamlit app.

    Every method raises `InvalidArgument` for an argument of the wrong type, or out of range.

    Scripts rerun all the time, so building one again with the same arguments is cheap and opens
    nothing. One instance serves every visitor: it keeps nothing of any of them.
    """

    def __init__(
        self,
        database: str | Engine | HasEngine | None = None,
        *,
        settings: AuthSettings | None = None,
        users: UserStore | None = None,
        tokens: TokenStore | str | None = None,
        cache: CacheBackend | str | Sequence[CacheBackend | str] | None = None,
        mailer: Mailer | None = None,
        labels: Texts = None,
        session_state_key: str | None = DEFAULT_KEY,
    ) -> None:
        """Wire the parts.

        Args:
            database: An SQLAlchemy URL, an `Engine`, a Streamlit SQL connection, or None for the
                setting PERSISTAUTH_DATABASE_URL.
            settings: The settings, or None to read them from the environment, `.env` and
                `st.secrets["persistauth"]`.
            users: Where accounts live, if not in the database.
            tokens: Where sign-ins are kept, if not in the database: a store, or a URL
                (`memory://`, `redis://host:6379/0`, or one of SQLAlchemy).
            cache: `"cookie"` (default), `"session"`, a `CacheBackend`, or a list of them: all are
                read, the first that can hold a credential gets it, all are cleared at sign-out.
            mailer: Sends mail, if not the server of PERSISTAUTH_SMTP_URL: an object with one
                method, `send(message)`; `ConsoleMailer()` prints it while you develop.
            labels: The app's own words for whatever pages say, by the English ones: also for the
                sign-in page that a guard draws. Those given to a form or panel come before them.
            session_state_key: Under which key `st.session_state` shows the current user to code
                that reads it there, or None for no key. What the app itself puts there stays.

        Raises:
            ConfigError: A setting is missing, malformed or unsafe. In a page it is shown as one
                sentence instead, and the page stops.
        """
        if isinstance(cache, Sequence) and not isinstance(cache, str):
            cache = tuple(cache)
        app_config = AppConfig(database, settings, users, tokens, cache, mailer)
        try:
            mirror = UserMirror(session_state_key)
            self._services: Services = services_for(app_config)
        except ConfigError as error:
            stop_misconfigured(error, labels)
        self._current_user = CurrentUser(self._services, mirror, labels)
        self._forgot_password = ForgotPassword(self._services, self._current_user)
        self._link_forms = LinkForms(self._services, self._current_user)
        self._login_page = LoginPage(
            self._services, self._current_user, self._forgot_password, self._link_forms
        )
        self._guard = Guard(self._services, self._current_user, self._login_page)
        self._profile_forms = ProfileForms(self._services, self._current_user)
        self._admin_panel = AdminPanel(self._services, self._current_user)
        self._devices = Devices(self._services, self._current_user)
        self._account = AccountPanel(
            self._services, self._current_user, self._profile_forms, self._devices
        )
        self._user_menu = UserMenu(self._current_user, self._account)

    # Who is there

    @property
    def user(self) -> User | None:
        """The current user or None: the truth of this run, checked against the store."""
        return self._current_user.current().user

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is signed in."""
        return self.user is not None

    def has_role(self, name: str) -> bool:
        """Return whether the current user has a role."""
        user = self.user
        return user is not None and name in user.roles

    def auto_login(self) -> User | None:
        """Resume from what the browser keeps, and return the user.

        Where the browser has to be asked for it, the page shows that it waits, and stops; it runs
        again with the answer, or after PERSISTAUTH_ANSWER_SECONDS. `user` does not wait. Call this
        before `st.navigation`: the address of the page is kept while it waits.
        """
        self._login_page.wait()
        return self.user

    # Guards

    def guard(self, *, roles: Sequence[str] | None = None, max_age: MaxAge | None = None) -> User:
        """Return the current user, or draw the sign-in page and stop the script.

        A page that catches whatever is raised shows nothing more all the same: each later call of
        Streamlit stops again. Code that must not run even then belongs into a function with
        `require_login`.

        Args:
            roles: Names of roles of which the user needs one.
            max_age: How long ago the password may have been proven, as a `timedelta` or in
                seconds. Longer ago, it is asked for again.

        Raises:
            SignInRequired: Nobody is signed in, and there is no script to stop: outside a page,
                or in a thread of the app's own.
        """
        return self._guard.require(*_needs(roles, max_age))

    def navigation(
        self,
        pages: Pages,
        *,
        position: Literal["sidebar", "hidden", "top"] = "sidebar",
        expanded: bool = False,
        roles: Sequence[str] | None = None,
        max_age: MaxAge | None = None,
    ) -> StreamlitPage:
        """Guard an app of several pages: `st.navigation` below `guard`.

        A visitor who is not signed in is sent no title and no address of a page. The address that
        they asked for stays in their browser, and is the page that they see after the sign-in.

        Args:
            pages: As for `st.navigation`.
            position: As for `st.navigation`.
            expanded: As for `st.navigation`.
            roles: As for `guard`.
            max_age: As for `guard`.

        Returns:
            The page to run.

        Raises:
            SignInRequired: As for `guard`.
        """
        needs = _needs(roles, max_age)
        return self._guard.navigate(pages, *needs, position=position, expanded=expanded)

    def require_login(
        self, *, roles: Sequence[str] | None = None, max_age: MaxAge | None = None
    ) -> Callable[[Callable[P, R]], Callable[..., R]]:
        """Return a decorator: the function runs only for a signed-in user.

        A parameter named `user` receives the `User`. In a widget's callback nothing is drawn; the
        script that follows shows the sign-in page.

        Args:
            roles: Names of roles of which the user needs one.
            max_age: How long ago the password may have been proven, as a `timedelta` or in
                seconds. Longer ago, it is asked for again.
        """
        needs = _needs(roles, max_age)

        def decorate(function: Callable[P, R]) -> Callable[..., R]:
            return self._guard.wrap(function, *needs)

        return decorate

    @property
    def events(self) -> Events:
        """What happens: `auth.events.connect(function)` calls a function with each event."""
        return self._services.events

    # Forms

    @on_page
    def login_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the form that signs in; return the user instead where somebody is signed in."""
        return self._login_page.draw_login(location=location, key=key, labels=labels)

    @on_page
    def register_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the form that makes an account and signs it in; return the user once there is one.

        With PERSISTAUTH_EMAIL_VERIFICATION=on it says that a link is on its way instead, also
        where the address is taken. Without, it has to say that an address is taken, and so tells
        anybody who asks whether there is an account with it.

        It says that it is closed with PERSISTAUTH_REGISTRATION=closed, and with first once there is
        an account; with invited it says that an account needs an invitation.
        """
        return self._login_page.draw_register(location=location, key=key, labels=labels)

    @on_page
    def forgot_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that has a link sent to an address, if there is an account with it.

        The sign-in page offers it by itself where mail is set up (PERSISTAUTH_SMTP_URL or a
        `mailer`, and PERSISTAUTH_PUBLIC_URL). Where it is not, it says so.
        """
        self._forgot_password.draw_forgot(location=location, key=key, labels=labels)

    @on_page
    def reset_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that sets a new password, on a page that was opened by such a link.

        The sign-in page does it by itself.
        """
        self._link_forms.draw_reset(location=location, key=key, labels=labels)

    @on_page
    def change_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the password, where somebody is signed in.

        It asks for the present one. Every other sign-in of the user ends; this one gets a new
        credential (ASVS 6.2.3, 7.4.3).
        """
        self._profile_forms.draw_change_password(location=location, key=key, labels=labels)

    @on_page
    def change_email_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the email, where somebody is signed in.

        It asks for the current password. Where mail is set up, the new address has to be proven by
        a link before anything changes, and the old one is told. Every other sign-in ends.
        """
        self._profile_forms.draw_change_email(location=location, key=key, labels=labels)

    @on_page
    def confirm_email_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that proves an address, on a page that was opened by such a link.

        It asks for the password of the account. The sign-in page does it by itself.
        """
        self._link_forms.draw_confirm(location=location, key=key, labels=labels)

    @on_page
    def invitation_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that accepts an invitation, on a page that was opened by such a link.

        The sign-in page does it by itself.
        """
        self._link_forms.draw_invitation(location=location, key=key, labels=labels)

    @on_page
    def admin_panel(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the administration, for who has the role `admin`: users, sign-ins, events, charts.

        Anybody else sees that they are not allowed, which is an event. It is asked of the store at
        every run and before every change. The last active administrator stays one.
        """
        self._admin_panel.draw(location=location, key=key, labels=labels)

    @on_page
    def logout_button(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the button that signs out, where somebody is signed in."""
        draw_logout(self._current_user, location=location, key=key, labels=labels)

    # Panels

    @on_page
    def user_menu(
        self,
        *,
        location: Location = "main",
        key: str = KEY,
        labels: Texts = None,
        place_of: PlaceOf | None = None,
    ) -> None:
        """Draw who is signed in, with "Account" and "Log out" behind it.

        "Account" opens the account panel over whatever page it is on. Draw it in one place of a
        page, as in its sidebar, and before what the page calls `st.stop` for.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: As for `sessions_panel`.
        """
        self._user_menu.draw(location=location, key=key, labels=labels, place_of=place_of)

    @on_page
    def account_panel(
        self,
        *,
        location: Location = "main",
        key: str = KEY,
        labels: Texts = None,
        place_of: PlaceOf | None = None,
    ) -> None:
        """Draw the account of who is signed in: name, email, password, devices.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: As for `sessions_panel`.
        """
        self._account.draw(location=location, key=key, labels=labels, place_of=place_of)

    @on_page
    def sessions_panel(
        self,
        *,
        location: Location = "main",
        key: str = KEY,
        labels: Texts = None,
        place_of: PlaceOf | None = None,
    ) -> None:
        """Draw the devices that the user is signed in on, each with its way out.

        The list keeps up by itself; that is no use of the sign-in, so an idle timeout still ends
        it.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: Returns where a network address is, in words, or None; without it no place
                is shown. It is called in a run of the page, so it should be quick.
        """
        self._devices.draw(location=location, key=key, labels=labels, place_of=place_of)

    # The same by program

    def login(self, email: str, password: str, *, remember: bool = True) -> LoginResult:
        """Sign in with a password. Outside a page the password is checked, and nothing begins.

        Args:
            email: The login name.
            password: As typed.
            remember: Whether the browser may keep a credential.

        Returns:
            Whether it worked, the user, and what to say.
        """
        return self._login_page.login(email, password, remember=remember)

    def logout(self, scope: Scope = "local") -> None:
        """End this sign-in (`"local"`), the user's other ones (`"others"`), or all (`"global"`).

        Where the current user is signed out, the page runs again and shows the sign-in form, as
        after `logout_button`. In a script, fragment or dialog this call does not return then, like
        `st.rerun`; in a callback it does.

        Raises:
            StoreError: They could not be ended.
        """
        self._current_user.leave(one_of(scope, get_args(Scope), "scope"))

    def logout_user(self, user_id: str) -> None:
        """End every sign-in of a user, from anywhere.

        Raises:
            StoreError: They could not be ended.
        """
        known = an_id(user_id, "user_id")
        if known is not None:
            self._services.user_admin.sign_out(known)

    def register(self, email: str, password: str, *, full_name: str = "") -> User:
        """Make an account; it has no roles.

        Raises:
            ConfirmationNeeded: With PERSISTAUTH_EMAIL_VERIFICATION=on: a link is on its way, and
                the account counts once it is opened. Also where the address is taken.
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
            EmailTaken: Another account has the address.
            Throttled: Too many were made from this network, or for this address.
            Busy: Too many passwords of this network are being checked; nothing is counted.
            StoreError: It could not be made.
        """
        made = self._services.registrations.register(
            typed_text(email, InvalidEmail(NO_EMAIL)),
            typed_text(password, InvalidPassword(NO_PASSWORD)),
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            client=self._current_user.client(),
        )
        return made.user

    def invite(self, email: str, *, full_name: str = "", roles: Sequence[str] = ()) -> str:
        """Invite somebody, by mail too where mail is set up; an earlier invitation is void.

        Args:
            email: Becomes the login name.
            full_name: A proposal.
            roles: What the account will have.

        Returns:
            A token that counts for seven days, and once: the page accepts it as the query
            parameter `persistauth_invitation`.

        Raises:
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidRole: A role can't be called this.
            EmailTaken: There is an account with the address.
            StoreError: It could not be made.
        """
        return self._services.invitations.create(
            typed_text(email, InvalidEmail(NO_EMAIL)),
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            roles=names(roles, "roles"),
            client=self._current_user.client(),
        )

    def create_password_reset_token(self, email: str) -> str | None:
        """Return a token that sets a new password once, for one hour; None for an unknown address.

        Give it to nobody but the owner of the address, and show nobody whether there was one.

        Raises:
            Throttled: Too many were asked for this address.
            StoreError: It could not be made.
        """
        if not isinstance(email, str):
            return None
        return self._services.resets.create(email, client=self._current_user.client())

    def reset_password(self, token: str, new_password: str) -> User:
        """Set a new password for a reset token; every sign-in of the user ends.

        Raises:
            InvalidLink: The token is spent, too old or overtaken by a newer one or another change.
            InvalidPassword: The policy refuses the password; the token is not spent.
            StoreError: It could not be set.
        """
        return self._services.resets.reset(
            typed_text(token, InvalidLink()),
            typed_text(new_password, InvalidPassword(NO_PASSWORD)),
            client=self._current_user.client(),
        )

    def list_sessions(self, user_id: str | None = None) -> list[Session]:
        """Return the live sign-ins of a user, newest first; of the current one by default.

        Raises:
            StoreError: They could not be read.
        """
        if user_id is None:
            user = self.user
            owner = user.id if user else None
        else:
            owner = an_id(user_id, "user_id")
        return self._services.sessions.live(owner) if owner else []

    def revoke_session(self, session_id: str) -> bool:
        """Revoke a sign-in, of any user; return whether there was one.

        Raises:
            StoreError: It could not be revoked.
        """
        known = an_id(session_id, "session_id")
        return known is not None and self._services.user_admin.end_session(known)

    def init_db(self) -> None:
        """Create the tables that are not there yet; the first use does it too.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        self._services.database.create_tables()

    def purge_expired(self, older_than_days: float = 30) -> int:
        """Delete what expired longer ago than this, in small batches; return how many rows.

        With it go accounts that are as old and whose address was never proven, and events older
        than PERSISTAUTH_EVENT_RETENTION_DAYS. With PERSISTAUTH_AUTO_PURGE_HOURS it happens by
        itself.

        Args:
            older_than_days: From 0 to 36500; a fraction works.

        Raises:
            StoreError: They could not be deleted.
        """
        return self._services.purge.purge(older_than=days(older_than_days, "older_than_days"))

    def stats(self) -> Stats:
        """Return how many sign-ins and other tokens there are, live and expired, by type.

        Raises:
            StoreError: They could not be counted.
        """
        return self._services.purge.stats()

    # What st.App needs

    def routes(self) -> list[Route]:
        """Return the routes for `st.App(routes=...)`.

        They set and clear the HttpOnly cookie, and `/persistauth/health` says whether the stores
        answer.
        """
        services = self._services
        cookie = CookieRoutes(services.sessions, services.cookies, clock=services.clock)
        health = HealthRoute(services.purge.is_reachable, clock=services.clock)
        return [*cookie.routes(base_path()), *health.routes(base_path())]

    def middleware(self) -> list[Middleware]:
        """Return the middleware for `st.App(middleware=...)`."""
        settle_program()
        settings = self._services.settings
        ours: dict[str, Any] = {
            "cookies": self._services.cookies,
            "base_path": base_path(),
            "sessions": self._services.sessions,
        }
        files = [Middleware(FileMiddleware, **ours)] if settings.protect_files else []
        return [
            Middleware(
                HeaderMiddleware,
                frame_ancestors=settings.frame_ancestors,
                report_only=settings.csp_report_only,
            ),
            *files,
            Middleware(
                AuthMiddleware,
                renewal=settings.renewal,
                identity=self._services.identity,
                clock=self._services.clock,
                **ours,
            ),
        ]


def _needs(
    roles: Sequence[str] | None, max_age: MaxAge | None
) -> tuple[tuple[str, ...] | None, timedelta | None]:
    """Return what a guard asks for.

    Raises:
        InvalidArgument: The roles are no names, or the age is no period.
    """
    return (
        None if roles is None else names(roles, "roles"),
        None if max_age is None else period(max_age, "max_age"),
    )
