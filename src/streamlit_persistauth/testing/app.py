"""Runs the page of an app as a signed-in user, for tests."""

from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from streamlit.testing.v1 import AppTest

from streamlit_persistauth.authenticator import Authenticator
from streamlit_persistauth.core.accounts.drafts import new_record
from streamlit_persistauth.core.accounts.login_names import read_login_name
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.core.text.emails import canonical_email
from streamlit_persistauth.core.text.usernames import canonical_username
from streamlit_persistauth.models import NOBODY, Session, User
from streamlit_persistauth.request.visitor_state import VisitorState
from streamlit_persistauth.runtime.own_state import OwnState
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.runtime.streamlit_session import is_serving
from streamlit_persistauth.testing.same_database import check_first_run, require_test_database
from streamlit_persistauth.wiring.services import Services

AppTestT = TypeVar("AppTestT", bound=AppTest)


def signed_in(
    at: AppTestT,
    user: User | str,
    *,
    password: str = "",
    proven_ago: timedelta = timedelta(),
    auth: Authenticator | None = None,
) -> AppTestT:
    """Sign in a user on a page of Streamlit's `AppTest`, from its next run on.

    `at = signed_in(AppTest.from_file("app.py"), "ada@example.org").run()`

    The sign-in is a record in the store of the app, so the library behaves as for a real user. A
    missing account is created.

    Args:
        at: The page. It is not run.
        user: The address or the username of a user, who has no roles if the account is new; or a
            `User`, whose name, roles and `is_active` are stored in the account.
        password: The password to set, for pages that ask for it. Setting it revokes other sign-ins
            of the user. A new account without it has no valid password.
        proven_ago: How long ago the user entered the password, for pages with `max_age`.
        auth: The `Authenticator` of the app, if it is created with arguments.

    Returns:
        The page.

    Raises:
        ConfigError: PERSISTAUTH_DATABASE_URL is not set, so the test would use the default
            database of the app; or the app uses another database than the test, which the next
            `at.run()` raises.
        RuntimeError: A Streamlit app is being served in this process.
        TypeError: `at` is not an `AppTest`.
    """
    if not isinstance(at, AppTest):
        raise TypeError("signed_in takes a page of streamlit.testing.v1.AppTest.")
    if is_serving():
        raise RuntimeError("signed_in is for tests; here a Streamlit app is being served.")
    require_test_database(auth)
    services = (auth or Authenticator())._services  # noqa: SLF001 - one library
    owner = _account(services, user, password)
    session = _start(services, owner, proven_ago)
    own = _own_state(at)
    app = services.cookies.name
    before = own.visits.get(app, VisitorState())
    # The previous owner is kept, so that the next run deletes what that user left.
    own.visits[app] = VisitorState(session_id=session.id, owner=before.owner, welcomed=session.id)
    check_first_run(at, services, session)
    return at


def _own_state(at: AppTest) -> OwnState:
    """Return the state of the library in the Streamlit session of a page."""
    try:
        own: OwnState = at.session_state[STATE_KEY]
    except KeyError:
        own = at.session_state[STATE_KEY] = OwnState()
    return own


def _account(services: Services, user: User | str, password: str) -> UserRecord:
    """Return an existing account, updated from a `User`, or a new one."""
    wanted = _with_canonical_names(user if isinstance(user, User) else _named(services, user))
    name = read_login_name(wanted.email or wanted.username)
    stored = services.login_names.find(name)
    if stored is None:
        wanted = replace(wanted, created_at=wanted.created_at or services.clock())
        stored = new_record(wanted, "")
        services.users.add(stored)
    elif isinstance(user, User):
        changes: UserChanges = {
            "full_name": user.full_name,
            "roles": user.roles,
            "is_active": user.is_active,
        }
        services.users.update(stored.user.id, changes)
    if password:
        services.password_changes.set(stored, password)
    return services.users.get(stored.user.id) or stored


def _named(services: Services, text: str) -> User:
    """Return a user with an address, or where users sign in with it a username.

    Raises:
        InvalidEmail: Users sign in with their address, and the text has no `@`.
    """
    is_email = services.login_names.read_any(text).is_email
    return User(new_id(), text) if is_email else User(new_id(), "", username=text)


def _with_canonical_names(user: User) -> User:
    """Return a user with address and username in canonical form.

    Raises:
        InvalidEmail: The text is not an email address, and there is no username.
        InvalidUsername: The text is not a username.
    """
    has_email = user.email or not user.username
    return replace(
        user,
        email=canonical_email(user.email) if has_email else "",
        username=canonical_username(user.username) if user.username else "",
    )


def _start(services: Services, owner: UserRecord, proven_ago: timedelta) -> Session:
    """Start a session whose user entered the password some time ago."""
    session = services.sessions.start(owner, remember=True, client=NOBODY)
    record = services.tokens.find_session(session.id)
    if record is not None and proven_ago:
        services.tokens.swap(record, replace(record, created_at=record.created_at - proven_ago))
    return session
