"""Requirements: the backlog as a list, with filters."""

import preferences
import streamlit as st
from backlog import OWNERS, STATUSES, TITLES, requirements

from streamlit_persistauth import Authenticator

user = Authenticator().guard()
wanted = preferences.load(user)

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

st.dataframe(
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
)
