"""The list of users: its search, and one line for each user."""

from datetime import datetime
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.storage.queries import (
    Status,
    UserQuery,
    UserSort,
    status_of,
)
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.plain_text import Markdown, plain
from streamlit_persistauth.ui.relative_times import relative
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator

STATUSES: Final[dict[Status, tuple[Text, str]]] = {
    "active": (Text("Active"), "green"),
    "disabled": (Text("Disabled"), "red"),
    "pending": (Text("Pending"), "orange"),
}
"""The label and the colour of each status."""
ORDERS: Final[dict[tuple[UserSort, bool], Text]] = {
    ("email", False): Text("Email"),
    ("username", False): Text("Username"),
    ("full_name", False): Text("Name"),
    ("created_at", True): Text("Newest first"),
    ("last_login_at", True): Text("Last sign-in"),
}
ROLES_SHOWN: Final = 4
"""The maximum number of roles in a line."""


def draw_user_search(key: str, t: Translator, *, login_by: LoginBy) -> UserQuery:
    """Draw the search; return the query."""
    by_email = login_by is LoginBy.EMAIL
    search, role, status, order = st.columns([5, 3, 3, 4], vertical_alignment="bottom")
    text = search.text_input(
        **t.label("Search"),
        key=widget_key(f"{key}:text"),
        placeholder=t.text("Name or email" if by_email else "Name, username or email"),
        icon=":material/search:",
    )
    name = role.text_input(
        **t.label("Role"), key=widget_key(f"{key}:role"), placeholder=t.text("All")
    )
    wanted = status.selectbox(
        **t.label("Status"),
        options=(None, *STATUSES),
        key=widget_key(f"{key}:status"),
        format_func=lambda item: t.name(STATUSES[item][0]) if item else t.name("All"),
    )
    orders = [item for item in ORDERS if not (by_email and item[0] == "username")]
    orders.sort(key=lambda item: item[0] != login_by.value)  # first what users sign in by
    sort, descending = (
        order.selectbox(
            **t.label("Sort by"),
            options=orders,
            key=widget_key(f"{key}:order"),
            format_func=lambda item: t.name(ORDERS[item]),
        )
        or orders[0]
    )
    return UserQuery(
        text.strip(),
        role=name.strip() or None,
        status=wanted,
        sort=sort,
        descending=descending,
    )


def draw_user(record: UserRecord, account: str, *, key: str, t: Translator, now: datetime) -> bool:
    """Draw one user; return whether "Manage" was pressed.

    Args:
        record: The account.
        account: Its name, which identifies it.
        key: Prefix of the widget key.
        t: The texts.
        now: The current time.
    """
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
        draw_identity(record, account, t, now=now)
        with st.container(horizontal=True, width="content", gap="xsmall"):
            draw_badges(record, t)
        return st.button(
            t.name("Manage"),
            key=widget_key(f"{key}:{record.user.id}"),
            help=t("Manage {user}", user=account),
        )


def draw_identity(record: UserRecord, account: str, t: Translator, *, now: datetime) -> None:
    """Draw the name, the username, the email address and the time of the last sign-in."""
    with st.container(gap=None, width="stretch"):
        st.markdown(f"**{name_of(record, account)}**")
        known = [plain(text) for text in (record.user.username, record.user.email) if text]
        draw_small(" · ".join([*known, last_seen(record, t, now=now)]))


def draw_badges(record: UserRecord, t: Translator) -> None:
    """Draw the roles as badges, and the status if it is not "Active"."""
    status = status_of(record)
    if status != "active":
        label, color = STATUSES[status]
        draw_colored(t(label), color)
    for role in record.user.roles[:ROLES_SHOWN]:
        draw_colored(plain(role, limit=30), "blue" if role == ADMIN else "gray")
    hidden = len(record.user.roles) - ROLES_SHOWN
    if hidden > 0:
        draw_colored(plain(f"+{hidden}"), "gray")


def draw_colored(label: Markdown, color: str) -> None:
    """Draw a badge. `st.badge` would escape the label a second time."""
    st.markdown(f":{color}-badge[{label}]", width="content")


def name_of(record: UserRecord, account: str) -> Markdown:
    """Return the full name of a user, or the name of the account if there is none."""
    return plain(record.user.full_name.strip() or account)


def last_seen(record: UserRecord, t: Translator, *, now: datetime) -> str:
    """Return the time of the last sign-in, in words."""
    moment = record.user.last_login_at
    if moment is None:
        return t("never signed in")
    return t("signed in {when}", when=relative(moment, t, now=now))
