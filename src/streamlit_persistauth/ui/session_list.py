"""The sessions of all users, each with a button that signs it out."""

from datetime import datetime

import streamlit as st

from streamlit_persistauth.core.devices import device_of
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.device_list import device_name
from streamlit_persistauth.ui.elements import draw_button
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.ui.relative_times import relative
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.ui.user_list import draw_colored, name_of


def draw_session(
    session: Session,
    owner: UserRecord | None,
    account: str,
    *,
    own: bool,
    key: str,
    t: Translator,
    now: datetime,
) -> bool:
    """Draw one session; return whether its button was pressed.

    Args:
        session: The session.
        owner: Its user, or None if the account no longer exists.
        account: The name of the account.
        own: Whether it is the session that shows the list.
        key: Prefix of the widget key.
        t: The texts.
        now: The current time.
    """
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{name_of(owner, account) if owner else t('Unknown account')}**")
            draw_small(_details(session, account if owner else "", t, now=now))
        if own:
            draw_colored(t("You"), "green")
        return draw_button(t("Sign out"), key=widget_key(f"{key}:{session.id}"))


def _details(session: Session, account: str, t: Translator, *, now: datetime) -> str:
    parts = [
        plain(account),
        device_name(device_of(session.user_agent), t),
        plain(session.ip_address or ""),
        t("signed in {when}", when=relative(session.created_at, t, now=now)),
    ]
    return " · ".join(part for part in parts if part)
