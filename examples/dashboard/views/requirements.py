"""Requirements: the backlog as a list, with filters. Editors change the status of one."""

import logging

import preferences
import streamlit as st
from backlog import OWNERS, STATUSES, TITLES, Requirement, requirements, set_status

from streamlit_persistauth import Authenticator, User

logger = logging.getLogger("dashboard")
auth = Authenticator()
user = auth.guard()
wanted = preferences.load(user)


# A dialog reruns without the page and its guard, so it has its own.
@st.dialog("Change the status")
@auth.require_login(roles=("editor", "admin"))
def change(item: Requirement, *, user: User) -> None:
    st.text(f"{item.id}  {item.title}")
    status = st.selectbox("Status", STATUSES, index=STATUSES.index(item.status))
    if st.button("Save", type="primary") and status:
        set_status(item.id, status)
        logger.info("%s is %r, says %s", item.id, status, user.id)
        st.rerun()


st.title("Requirements")

search, owners, areas = st.columns(3)
text = search.text_input("Search", placeholder="Title or id").strip().casefold()
owner = owners.selectbox("Owner", OWNERS, index=None, placeholder="Everybody")
area = areas.multiselect("Area", list(TITLES), default=wanted.areas, placeholder="All areas")
status = st.pills("Status", STATUSES, selection_mode="multi")

items = requirements()
found = [
    item
    for item in items
    if text in f"{item.id} {item.title}".casefold()
    and owner in {None, item.owner}
    and (not area or item.area in area)
    and (not status or item.status in status)
]

st.caption(f"{len(found)} of {len(items)}")
if not found:
    st.info("No requirement matches these filters.", icon=":material/search_off:")
    st.stop()

selection = st.dataframe(
    [
        {
            "Id": item.id,
            "Title": item.title,
            "Area": item.area,
            "Status": item.status,
            "Priority": item.priority,
            "Risk": item.risk,
            "Owner": item.owner,
            "Updated": item.updated,
        }
        for item in found
    ],
    column_config={
        "Id": st.column_config.TextColumn(pinned=True, width=80),
        "Title": st.column_config.TextColumn(width=270),
        "Updated": st.column_config.DateColumn(format="D MMM"),
    },
    row_height=preferences.ROW_HEIGHTS[wanted.density],
    height="content",
    hide_index=True,
    width="stretch",
    on_select="rerun",
    selection_mode="single-row",
)

if auth.has_role("editor") or auth.has_role("admin"):
    rows = selection.selection.rows
    if st.button("Change the status", disabled=not rows, icon=":material/edit:"):
        change(found[rows[0]])
