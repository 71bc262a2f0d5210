"""An app's page for a test, as somebody who is signed in sees it."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from streamlit.testing.v1 import AppTest

from streamlit_persistauth.authenticator import Authenticator
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.models import NOBODY, Session, User
from streamlit_persistauth.request.visitor_state import VisitorState
from streamlit_persistauth.runtime.own_state import OwnState
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.runtime.streamlit_session import is_serving
from streamlit_persistauth.wiring.services import Services

AppTestT = TypeVar("AppTestT", bound=AppTest)
DATABASE = "PERSISTAUTH_DATABASE_URL"


def signed_in(
    at: AppTestT,
    user: User | str,
    *,
    password: str = "",
    proven_ago: timedelta = timedelta(),
    auth: Authenticator | None = None,
) -> AppTestT:
    """Let a page of Streamlit's `AppTest` run as this user from now on.

    `at = signed_in(AppTest.from_file("app.py"), "ada@example.org").run()`

    It is a sign-in like any other, by a record in the app's own store; so all that the app asks
    the library, and all that a test clicks on, does what it does for people. There need be no
    account: it is made, or made to be like `user`.

    Args:
        at: The page; it runs when the test says so.
        user: An address, for whoever has it, or a new user without a role; or a `User`, whose
            name, roles and `is_active` the account then has.
        password: Of the account, for tests of pages that ask for it; without one, no password is
            right. It ends what else the user is signed in with.
        proven_ago: How long ago the password was proven, for pages with `max_age`.
        auth: The app's `Authenticator`, where it has arguments.

    Returns:
        The page itself.

    Raises:
        ConfigError: The environment names no database, and so it would be the app's real one.
        RuntimeError: Streamlit is running here: this is no test.
        TypeError: This is no `AppTest`.
    """
    if not isinstance(at, AppTest):
        raise TypeError("signed_in takes a page of streamlit.testing.v1.AppTest.")
    if is_serving():
        raise RuntimeError("signed_in is for tests; here a Streamlit app is being served.")
    if auth is None and not os.environ.get(DATABASE):
        raise ConfigError(
            DATABASE, "a test needs a database of its own: set it to sqlite:///<a temporary file>."
        )
    services = (auth or Authenticator())._services  # noqa: SLF001 - one library
    owner = _account(services, user, password)
    session = _begin(services, owner, proven_ago)
    own = _own_state(at)
    app = services.cookies.name
    before = own.visits.get(app, VisitorState())
    # Whose page it was goes on: what that user has left is wiped in the next run.
    own.visits[app] = VisitorState(session_id=session.id, owner=before.owner, welcomed=session.id)
    return at


def _own_state(at: AppTest) -> OwnState:
    """Return what the library keeps in the Streamlit session of a page."""
    try:
        own: OwnState = at.session_state[STATE_KEY]
    except KeyError:
        own = at.session_state[STATE_KEY] = OwnState()
    return own


def _account(services: Services, user: User | str, password: str) -> UserRecord:
    """Return the account: the one there is, made to be like a `User`, or a new one."""
    wanted = user if isinstance(user, User) else User(new_id(), user)
    wanted = replace(wanted, email=canonical_email(wanted.email))
    stored = services.accounts.find(wanted.email)
    if stored is None:
        wanted = replace(wanted, created_at=wanted.created_at or services.clock())
        stored = UserRecord(wanted, "", email_key(wanted.email), security_stamp=new_id())
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


def _begin(services: Services, owner: UserRecord, proven_ago: timedelta) -> Session:
    """Begin a sign-in whose password was proven a while ago."""
    session = services.sessions.start(owner, remember=True, client=NOBODY)
    record = services.tokens.find_session(session.id)
    if record is not None and proven_ago:
        services.tokens.swap(record, replace(record, created_at=record.created_at - proven_ago))
    return session
