"""The admin panel's section with the users."""

from dataclasses import replace
from typing import Final

import streamlit as st

from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.elements import draw_box, draw_button
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.pager import Pager
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.user_list import draw_user, draw_user_search
from streamlit_persistauth.views.admin_account_dialog import open_account
from streamlit_persistauth.views.admin_dialogs import open_invitation
from streamlit_persistauth.views.panel import Panel

PAGE_SIZE: Final = 20


def draw_user_section(panel: Panel, session: Session, key: str) -> None:
    """Draw the search, the list and the button that invites a user.

    Raises:
        StoreError: The users could not be read.
    """
    services, t = panel.services, panel.t
    query = draw_user_search(key, t, login_by=services.login_names.by)
    pager = Pager(key, size=PAGE_SIZE, query=query)
    page = services.user_admin.find(replace(query, offset=pager.offset, limit=PAGE_SIZE))
    with st.container(horizontal=True, vertical_alignment="center"):
        draw_small(t("1 user") if page.total == 1 else t("{n} users", n=grouped(page.total)))
        if draw_button(
            t("Invite user"), key=widget_key(f"{key}:invite"), icon=":material/person_add:"
        ):
            open_invitation(panel)
    if not page.users:
        draw_box(st.info, t("No users match."), icon=":material/search_off:")
    now = services.clock()
    with st.container(gap="xsmall"):
        for record in page.users:
            account = services.login_names.name_of(record.user)
            if draw_user(record, account, key=key, t=t, now=now):
                open_account(panel, record.user.id, session)
    pager.draw(t, shown=len(page.users), total=page.total)
