"""The admin panel's section with the sessions of all users."""

from typing import Final

import streamlit as st

from streamlit_persistauth.models import Session, TokenCounts
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.pager import Pager
from streamlit_persistauth.ui.session_list import draw_session
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.views.admin_dialogs import open_sign_out
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services

PAGE_SIZE: Final = 20


def draw_session_section(panel: Panel, session: Session, key: str) -> None:
    """Draw the list.

    Raises:
        StoreError: The sessions could not be read.
    """
    services, t = panel.services, panel.t
    pager = Pager(key, size=PAGE_SIZE)
    count = count_sessions(services)
    shown = services.session_queries.page(offset=pager.offset, limit=PAGE_SIZE)
    draw_small(t("1 active session") if count == 1 else t("{n} active sessions", n=grouped(count)))
    owners = services.user_admin.owners(item.user_id for item in shown)
    now = services.clock()
    with st.container(gap="xsmall"):
        for item in shown:
            owner = owners.get(item.user_id)
            account = services.login_names.name_of(owner.user) if owner else item.user_id
            if draw_session(item, owner, account, own=item.id == session.id, key=key, t=t, now=now):
                open_sign_out(panel, item, account)
    pager.draw(t, shown=len(shown), total=count)


def count_sessions(services: Services) -> int:
    """Return the number of sessions that are neither expired nor revoked."""
    return services.purge.stats().by_type.get("session", TokenCounts()).live
