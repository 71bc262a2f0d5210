"""Authenticator: the public interface of the library.

It is long because of its docstrings; each method validates its arguments and passes them on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, ParamSpec, TypeVar, get_args

from sqlalchemy import Engine
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Route
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.caches.base import CacheBackend
from streamlit_persistauth.core.accounts.mails import Mailer
from streamlit_persistauth.core.arguments import (
    NO_EMAIL,
    NO_NAME,
    NO_PASSWORD,
    NO_USERNAME,
    an_id,
    days,
    flag,
    names,
    one_of,
    period,
    texts,
    typed_text,
)
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.devices import PlaceOf
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.errors import (
    ConfigError,
    InvalidEmail,
    InvalidLink,
    InvalidName,
    InvalidPassword,
    InvalidToken,
    InvalidUsername,
)
from streamlit_persistauth.models import LoginResult, Session, Stats, User
from streamlit_persistauth.runtime.script_run import on_page
from streamlit_persistauth.runtime.state_keys import KEY
from streamlit_persistauth.runtime.user_mirror import DEFAULT_KEY, UserMirror
from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.signin.current_user import CurrentUser, Scope
from streamlit_persistauth.stores.sql.engines import HasEngine
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import stop_misconfigured
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.users import Users
from streamlit_persistauth.views.app_views import AppViews
from streamlit_persistauth.views.guard import MaxAge, Pages
from streamlit_persistauth.views.logout import draw_logout
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

Position = Literal["sidebar", "hidden", "top"]
"""Where `st.navigation` draws the list of pages."""
P = ParamSpec("P")
R = TypeVar("R")


class Authenticator:
    """Accounts for one Streamlit app.

    Every method raises `InvalidArgument` for an argument of the wrong type, or out of range.

    A script may build one at every run: with the same arguments this is cheap and opens nothing.
    One instance serves all visitors and holds no data of any of them.
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
        """Connect the stores, the browser cache and the mailer of one app.

        Args:
            database: An SQLAlchemy URL, an `Engine`, a Streamlit SQL connection, or None for the
                setting PERSISTAUTH_DATABASE_URL.
            settings: The settings, or None to read them from the environment, `.env` and
                `st.secrets["persistauth"]`.
            users: The store of accounts, if it is not the database.
            tokens: The store of sessions and link tokens, if it is not the database: a store, or a
                URL (`memory://`, `redis://host:6379/0`, or one of SQLAlchemy).
            cache: Where the browser keeps its credential: `"cookie"` (default),
                `"cookies_controller"` (the cookie, written by streamlit-cookies-controller),
                `"local_storage"`, `"query_param"`, `"session"` (nowhere), a `CacheBackend`, or a
                list of these. The first of a list that works in this browser stores the
                credential. All are read; one that needs a round trip (`"local_storage"`) only where
                no other can hold the credential. Sign-out clears all.
            mailer: An object with a method `send(message)`, or None for the mail server of
                PERSISTAUTH_SMTP_URL. `ConsoleMailer()` prints mail during development.
            labels: The app's own texts for pages and forms, by the English ones. The labels of a
                single form or panel take precedence.
            session_state_key: The key under which `st.session_state` shows the current user, or
                None for no key. A value or widget of the app under this key is left alone.

        Raises:
            ConfigError: A setting is missing, malformed or unsafe. A page shows it as one sentence
                and stops instead.
        """
        words = texts(labels, "labels")
        if isinstance(cache, Sequence) and not isinstance(cache, str):
            cache = tuple(cache)
        app_config = AppConfig(database, settings, users, tokens, cache, mailer)
        try:
            mirror = UserMirror(session_state_key)
            self._services: Services = services_for(app_config)
        except ConfigError as error:
            stop_misconfigured(error, words)
        self._reads_settings = database is None and settings is None
        self._current_user = CurrentUser(self._services, mirror, words)
        self._views = AppViews(self._services, self._current_user)

    # The current user

    @property
    def user(self) -> User | None:
        """The current user, or None. The first access in a run reads the store."""
        return self._current_user.current().user

    @property
    def is_authenticated(self) -> bool:
        """Whether a user is signed in."""
        return self.user is not None

    def has_role(self, name: str) -> bool:
        """Return whether the current user has a role."""
        user = self.user
        return user is not None and name in user.roles

    def auto_login(self) -> User | None:
        """Return the current user, after the browser has sent the credential that it keeps.

        A credential in local storage arrives one run late. Until then the page shows a placeholder
        and stops; it runs again with the answer, or after PERSISTAUTH_ANSWER_SECONDS. `user` does
        not wait. Call this before `st.navigation`, so that the address of the page is kept.
        """
        self._views.login_page.wait()
        return self.user

    # Guards

    def guard(self, *, roles: Sequence[str] | None = None, max_age: MaxAge | None = None) -> User:
        """Return the current user, or draw the sign-in page and stop the script.

        A script that catches the exception of `st.stop` goes on, but draws nothing: each later
        Streamlit call stops it again. Put code that must not run even then into a function with
        `require_login`.

        Args:
            roles: Names of roles of which the user needs one.
            max_age: How long ago the password may have been verified, as a `timedelta` or in
                seconds. If it is longer ago, the page asks for the password.

        Raises:
            SignInRequired: No user is signed in, and there is no script to stop: outside a page,
                or in a thread of the app.
        """
        return self._views.guard.require(*_requirements(roles, max_age))

    def navigation(
        self,
        pages: Pages,
        *,
        position: Position = "sidebar",
        expanded: bool = False,
        roles: Sequence[str] | None = None,
        max_age: MaxAge | None = None,
    ) -> StreamlitPage:
        """Guard a multipage app: `guard`, followed by `st.navigation`.

        A visitor who is not signed in receives no title and no address of a page. The address that
        they opened stays in their browser, and that page is shown after the sign-in.

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
        position = one_of(position, get_args(Position), "position")
        requirements = _requirements(roles, max_age)
        return self._views.guard.navigate(
            pages, *requirements, position=position, expanded=flag(expanded, "expanded")
        )

    def require_login(
        self, *, roles: Sequence[str] | None = None, max_age: MaxAge | None = None
    ) -> Callable[[Callable[P, R]], Callable[..., R]]:
        """Return a decorator: the function runs only for a signed-in user.

        The user is passed as `user` if the function has a parameter of that name. A refused
        callback of a widget draws nothing; the script that runs after it shows the sign-in page.

        It also guards an endpoint of Starlette or FastAPI, as `user_of` does: a function that gets
        a request or a WebSocket, below `@app.get(...)` and the like. A refused request is answered
        with JSON and status 401, 403 without the role or from another origin, or 503 without the
        store. If a browser opens a page, it is redirected to the app instead of 401, where the
        address of the app is known. A refused WebSocket is closed before it is accepted.

        Args:
            roles: As for `guard`.
            max_age: As for `guard`. An endpoint answers 401 if it is longer ago.
        """
        requirements = _requirements(roles, max_age)

        def decorate(function: Callable[P, R]) -> Callable[..., R]:
            return self._views.guard.wrap(function, *requirements)

        return decorate

    @property
    def users(self) -> Users:
        """The accounts, to be managed by a program: `auth.users.add("ada@example.org")`."""
        return Users(self._services, self._current_id)

    @property
    def events(self) -> Events:
        """The security events: `auth.events.connect(function)` calls a function with each one."""
        return self._services.events

    # Forms

    @on_page
    def login_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the sign-in form; return the user if one is signed in already.

        It asks for the email address, the username or either, by PERSISTAUTH_LOGIN_BY.
        """
        return self._views.login_page.draw_login(location=location, key=key, labels=labels)

    @on_page
    def register_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the form that creates an account and signs it in; return the user if there is one.

        With PERSISTAUTH_EMAIL_VERIFICATION=on, the form answers that a link was sent, also if the
        address is taken. Without it, the form says that an address is taken, so it reveals which
        addresses have an account.

        With PERSISTAUTH_REGISTRATION=first, the account becomes administrator, and a visitor who
        does not use the machine that serves the app needs the set-up code from its log. `closed`
        replaces the form by a note, as `first` does once there is an account, and `invited` always.
        """
        return self._views.login_page.draw_register(location=location, key=key, labels=labels)

    @on_page
    def forgot_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that sends a reset link to an address, if it has an account.

        The sign-in page includes it if mail is set up (PERSISTAUTH_SMTP_URL or a `mailer`, and
        PERSISTAUTH_PUBLIC_URL). Without mail, this draws a note instead.
        """
        self._views.forgot_password.draw_forgot(location=location, key=key, labels=labels)

    @on_page
    def reset_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that sets a new password, if a reset link opened the page.

        The sign-in page includes it.
        """
        self._views.link_forms.draw_reset(location=location, key=key, labels=labels)

    @on_page
    def change_password_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the password of the current user.

        It asks for the current password. All other sessions of the user are revoked; this one
        gets a new credential (ASVS 6.2.3, 7.4.3).
        """
        self._views.profile_forms.draw_change_password(location=location, key=key, labels=labels)

    @on_page
    def change_username_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the username of the current user.

        It asks for the current password. The sessions of the user stay valid. The address of the
        account, if it has one, gets a notice. With PERSISTAUTH_LOGIN_BY=email nothing is drawn.
        """
        self._views.profile_forms.draw_change_username(location=location, key=key, labels=labels)

    @on_page
    def change_email_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the email address of the current user.

        It asks for the current password. If mail is set up, the address changes once a link that
        is sent to the new address is opened, and the old address gets a notice. All other sessions
        of the user are revoked.
        """
        self._views.profile_forms.draw_change_email(location=location, key=key, labels=labels)

    @on_page
    def confirm_email_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that confirms an address, if a confirmation link opened the page.

        It asks for the password of the account. The sign-in page includes it.
        """
        self._views.link_forms.draw_confirm(location=location, key=key, labels=labels)

    @on_page
    def invitation_form(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that accepts an invitation, if an invitation link opened the page.

        The sign-in page includes it.
        """
        self._views.link_forms.draw_invitation(location=location, key=key, labels=labels)

    @on_page
    def admin_panel(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the administration of users, sessions and events, for users with the role `admin`.

        Other users see that they are not allowed, which is recorded as an event. The role is read
        from the store in every run and before every change. The last active administrator keeps
        the role.
        """
        self._views.admin_panel.draw(location=location, key=key, labels=labels)

    @on_page
    def logout_button(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the button that signs the current user out."""
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
        """Draw a menu with the name of the current user, "Account" and "Log out".

        "Account" opens the account panel in a dialog. Draw the menu once on a page, for example in
        the sidebar, above any `st.stop()` of the page.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: As for `sessions_panel`.
        """
        self._views.user_menu.draw(location=location, key=key, labels=labels, place_of=place_of)

    @on_page
    def account_panel(
        self,
        *,
        location: Location = "main",
        key: str = KEY,
        labels: Texts = None,
        place_of: PlaceOf | None = None,
    ) -> None:
        """Draw the account of the current user: name, username, email, password, devices.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: As for `sessions_panel`.
        """
        self._views.account_panel.draw(location=location, key=key, labels=labels, place_of=place_of)

    @on_page
    def sessions_panel(
        self,
        *,
        location: Location = "main",
        key: str = KEY,
        labels: Texts = None,
        place_of: PlaceOf | None = None,
    ) -> None:
        """Draw the devices that the user is signed in on, each with a button that signs it out.

        The list refreshes by itself. That does not update `last_used_at`; the idle timeout still
        applies.

        Args:
            location: As for every form.
            key: As for every form.
            labels: As for every form.
            place_of: Returns the place of a network address as text, or None. It runs within the
                page, so it should be fast. Without it, no place is shown.
        """
        self._views.devices.draw(location=location, key=key, labels=labels, place_of=place_of)

    # Without a form

    def login(self, identifier: str, password: str, *, remember: bool = True) -> LoginResult:
        """Sign in with a password.

        Outside a page this verifies the password and records the login, and starts no session.

        Args:
            identifier: The login name: an address or a username, by PERSISTAUTH_LOGIN_BY.
            password: As typed.
            remember: Whether the browser may keep a credential.

        Returns:
            Whether it succeeded, the user, and the message to show.
        """
        return self._views.login_page.login(identifier, password, remember=remember)

    def logout(self, scope: Scope = "local") -> None:
        """Revoke this session (`"local"`), the user's other ones (`"others"`), or all (`"global"`).

        If the current user is signed out, the page runs again and shows the sign-in form, as after
        `logout_button`. In a script, fragment or dialog this call does not return then, like
        `st.rerun`; in a callback it does.

        Raises:
            StoreError: The sessions could not be revoked.
        """
        self._current_user.leave(one_of(scope, get_args(Scope), "scope"))

    def logout_user(self, user_id: str) -> None:
        """Revoke all sessions and pending links of a user.

        Raises:
            StoreError: They could not be revoked.
        """
        known = an_id(user_id, "user_id")
        if known is not None:
            self._services.user_admin.sign_out(known)

    def register(
        self,
        email: str,
        password: str,
        *,
        username: str = "",
        full_name: str = "",
        roles: Sequence[str] = (),
    ) -> User:
        """Create an account, and sign no user in.

        PERSISTAUTH_REGISTRATION does not apply: it restricts what visitors may do by the form. So
        the first account needs no set-up code, and is an administrator only if `roles` say so.
        PERSISTAUTH_REGISTRATION_DOMAINS applies; `invite` accepts other domains. With
        PERSISTAUTH_EMAIL_VERIFICATION=on, this call raises `ConfirmationNeeded` instead of
        returning, also if the address is taken; only the first account of an app with
        PERSISTAUTH_REGISTRATION=first is created without confirmation.

        Args:
            email: The address; may be empty with PERSISTAUTH_LOGIN_BY=username.
            password: As typed.
            username: The username; needed unless PERSISTAUTH_LOGIN_BY is `email`.
            full_name: The name to show.
            roles: The roles of the account. Do not pass what a visitor has entered.

        Returns:
            The new account, which can sign in at once.

        Raises:
            ConfirmationNeeded: A link was sent, and the account can sign in once it is confirmed.
            InvalidEmail: This is no valid address.
            DomainNotAllowed: Addresses of this domain may not register.
            InvalidUsername: This is no valid username.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
            InvalidRole: A role can't have this name.
            EmailTaken: Another account has the address, or one that looks like it.
            UsernameTaken: Another account has the username, or one that looks like it.
            Throttled: Too many accounts were created from this network, or too many mails were
                sent to this address.
            Busy: Too many passwords of this network are being hashed; the attempt is not counted.
            StoreError: The account could not be stored.
        """
        made = self._services.registrations.register(
            typed_text(email, InvalidEmail(NO_EMAIL)),
            typed_text(password, InvalidPassword(NO_PASSWORD)),
            username=typed_text(username, InvalidUsername(NO_USERNAME)),
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            roles=names(roles, "roles"),
            client=self._current_user.client(),
        )
        return made.user

    def invite(
        self, email: str, *, username: str = "", full_name: str = "", roles: Sequence[str] = ()
    ) -> str:
        """Invite the owner of an address, and return the token of the invitation.

        An account without a password is created. It replaces an earlier invitation of the address,
        whose token becomes invalid, and a registration that was never confirmed. If mail is set up
        (PERSISTAUTH_SMTP_URL or a `mailer`, and PERSISTAUTH_PUBLIC_URL), the link is also sent.

        Args:
            email: The address; may be empty if there is a username and PERSISTAUTH_LOGIN_BY is not
                `email`.
            username: The username, which the invited user can change.
            full_name: A suggestion, which the invited user can change.
            roles: The roles of the account.

        Returns:
            A token for the query parameter `persistauth_invitation` of the app's address. It is
            valid once, for seven days.

        Raises:
            InvalidEmail: This is no valid address.
            InvalidUsername: This is no valid username.
            InvalidName: The name can't be shown.
            InvalidRole: A role can't have this name.
            EmailTaken: An account has the address, or one that looks like it.
            UsernameTaken: An account has the username, or one that looks like it.
            StoreError: The invitation could not be stored.
        """
        return self._services.invitations.create(
            typed_text(email, InvalidEmail(NO_EMAIL)),
            username=typed_text(username, InvalidUsername(NO_USERNAME)),
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            roles=names(roles, "roles"),
            client=self._current_user.client(),
        )

    def create_password_reset_token(self, identifier: str) -> str | None:
        """Return a token that sets a new password; send no mail.

        The token is for the query parameter `persistauth_reset` or for `reset_password`. It is
        valid once, for one hour, until a newer one is created or the password or address changes.
        Give it only to the owner of the account, and do not reveal whether there was one.

        Args:
            identifier: An address, or unless PERSISTAUTH_LOGIN_BY is `email` a username.

        Returns:
            The token; None if no account has this login name, or if the account is disabled or its
            invitation was not accepted.

        Raises:
            Throttled: Too many were requested for this login name, or from this network.
            StoreError: The token could not be stored.
        """
        if not isinstance(identifier, str):
            return None
        return self._services.resets.create(identifier, client=self._current_user.client())

    def reset_password(self, token: str, new_password: str) -> User:
        """Set a new password by a reset token; revoke all sessions and links of the user.

        Raises:
            InvalidLink: The token is spent, expired, or replaced by a newer one or another change.
            InvalidPassword: The policy refuses the password; the token stays valid.
            StoreError: The password could not be stored.
        """
        return self._services.resets.reset(
            typed_text(token, InvalidLink()),
            typed_text(new_password, InvalidPassword(NO_PASSWORD)),
            client=self._current_user.client(),
        )

    def list_sessions(self, user_id: str | None = None) -> list[Session]:
        """Return the valid sessions of a user, newest first; by default of the current user.

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
        """Revoke a session of any user; return whether there was one.

        Raises:
            StoreError: It could not be revoked.
        """
        known = an_id(session_id, "session_id")
        return known is not None and self._services.user_admin.end_session(known)

    def init_db(self) -> None:
        """Create the tables that do not exist yet; the first use does so, too.

        Raises:
            StoreError: The database did not answer, or refused.
        """
        self._services.database.create_tables()

    def purge_expired(self, older_than_days: float = 30) -> int:
        """Delete tokens that expired longer ago than this, in batches; return the number of rows.

        This also deletes accounts that were created longer ago, and at least seven days ago, and
        whose address was never confirmed, and events older than PERSISTAUTH_EVENT_RETENTION_DAYS.
        With PERSISTAUTH_AUTO_PURGE_HOURS, the app purges by itself.

        Args:
            older_than_days: From 0 to 36500; may be a fraction.

        Raises:
            StoreError: They could not be deleted.
        """
        return self._services.purge.purge(older_than=days(older_than_days, "older_than_days"))

    def stats(self) -> Stats:
        """Return the numbers of valid and expired sessions and other tokens, by type.

        Raises:
            StoreError: They could not be counted.
        """
        return self._services.purge.stats()

    # For routes and other programs

    def verify(self, credential: str) -> User:
        """Return the user of a credential: the value of the app's cookie, or of another cache.

        It is valid as long as it signs its browser in: the sign-in was not revoked and has not
        expired, and the account is active. This reads the store and changes nothing: the credential
        is not renewed, `last_used_at` is not updated, and no event is recorded. For a request, use
        `user_of`, which also refuses cross-site requests.

        Raises:
            InvalidToken: The credential is not valid; `reason` is the cause, for a log.
            StoreError: The store did not answer.
        """
        text = typed_text(credential, InvalidToken("malformed"))
        return self._services.sessions.verify(text).user

    def user_of(
        self, request: HTTPConnection | Mapping[str, Any], *, used: bool = True
    ) -> User | None:
        """Return the user whose browser sent a request, by the app's cookie, or None.

        None also stands for a request that a page of another origin may have caused: one that opens
        a WebSocket, or whose method is not GET, HEAD, OPTIONS or TRACE, unless its `Origin` is the
        requested host. Pass the request itself where there is one: headers do not name the method,
        so with headers alone only those with an `Origin` are checked. The call blocks while it
        reads the store.

        Args:
            request: A request or WebSocket of Starlette or FastAPI, an ASGI scope, or a mapping of
                headers.
            used: Whether the request counts as use, so that it postpones the idle timeout. Pass
                False for requests that a page sends by itself, for example by a timer.

        Raises:
            StoreError: The store did not answer.
        """
        from streamlit_persistauth.web.incoming import Incoming
        from streamlit_persistauth.wiring import asgi

        found = asgi.request_users(self._services).find(
            Incoming.of(request), used=flag(used, "used")
        )
        return found.user if found else None

    # For st.App

    def routes(self) -> list[Route]:
        """Return the routes for `st.App(routes=...)`.

        They set and clear the HttpOnly cookie; `/persistauth/health` reports whether the stores
        answer.
        """
        from streamlit_persistauth.wiring import asgi

        return asgi.routes(self._services)

    def middleware(self) -> list[Middleware]:
        """Return the middleware for `st.App(middleware=...)`."""
        from streamlit_persistauth.wiring import asgi

        self._views.load()
        return asgi.middleware(self._services)

    def _current_id(self) -> str | None:
        user = self.user
        return user.id if user else None


def _requirements(
    roles: Sequence[str] | None, max_age: MaxAge | None
) -> tuple[tuple[str, ...] | None, timedelta | None]:
    """Return the roles and the `max_age` that a guard requires.

    Raises:
        InvalidArgument: The roles are no names, or the age is no period.
    """
    return (
        None if roles is None else names(roles, "roles"),
        None if max_age is None else period(max_age, "max_age"),
    )
