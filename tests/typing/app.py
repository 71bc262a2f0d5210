"""The code of an app, which mypy and pyright check and which never runs."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import streamlit as st
from sqlalchemy import create_engine
from starlette.middleware import Middleware
from starlette.routing import Route
from typing_extensions import assert_type

from streamlit_persistauth import (
    AccountLink,
    Authenticator,
    AuthError,
    AuthSettings,
    ConsoleMailer,
    LoginResult,
    NotAllowed,
    Session,
    SMTPMailer,
    Stats,
    Throttled,
    User,
    UserList,
)
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore


class MailQueue:
    """A custom mailer without a base class."""

    def send(self, message: EmailMessage) -> None:
        """Send nothing."""


engine = create_engine("sqlite://")
Authenticator()
Authenticator("sqlite://", cache="session", mailer=ConsoleMailer())
Authenticator(engine, users=SQLUserStore(engine, table="members"), tokens="memory://")
Authenticator(st.connection("accounts", type="sql"), tokens=SQLTokenStore(engine))
Authenticator(cache=["cookie", "local_storage"], mailer=MailQueue())
Authenticator(mailer=SMTPMailer("smtps://mail.example.org", "app@example.org"))
auth = Authenticator(settings=AuthSettings(token_expiry_hours=0.5))

assert_type(auth.user, User | None)
assert_type(auth.guard(roles=["admin"], max_age=300), User)
assert_type(auth.guard(max_age=timedelta(minutes=5)).created_at, datetime | None)
assert_type(
    auth.login_form(location="sidebar", key="one", labels={"Sign in": "Enter"}), User | None
)
assert_type(auth.list_sessions(), list[Session])
assert_type(auth.stats(), Stats)
assert_type(auth.routes(), list[Route])
assert_type(auth.middleware(), list[Middleware])
assert_type(auth.create_password_reset_token("ada@example.org"), str | None)
assert_type(auth.login("ada@example.org", "secret"), LoginResult)
assert_type(auth.verify("credential"), User)
assert_type(auth.user_of({"Cookie": ""}), User | None)
assert_type(auth.users.list(status="active", sort="created_at"), UserList)
assert_type(auth.users.list()[0], User)
assert_type(auth.users.add("ada@example.org", roles=["editor"]), User)
assert_type(auth.users.invite("ada@example.org"), AccountLink)
assert_type(auth.users.create_reset_link("ada@example.org"), AccountLink | None)
assert_type(auth.users.sign_out(auth.users.disable("ada@example.org"), by=auth.user), int)
ok, user, message = auth.login("ada@example.org", "secret", remember=False)
assert_type(ok, bool)
assert_type(user, User | None)
assert_type(message, str)


@auth.require_login(roles=["editor"], max_age=60)
def page(user: User, title: str = "") -> int:
    """A decorated page whose result keeps its type."""
    st.title(title)
    return len(user.roles)


assert_type(page(), int)
callback: Callable[..., int] = page

try:
    auth.register("ada@example.org", "secret", full_name="Ada")
except Throttled as error:
    assert_type(error.retry_after, timedelta)
except NotAllowed as error:
    assert_type(error.roles, tuple[str, ...])
except AuthError as error:
    assert_type(error.code, str)
    assert_type(error.message, str)

app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
