"""Owners: the workload of each owner. For planning."""

import streamlit as st
from backlog import OWNERS, requirements

from streamlit_persistauth import Authenticator

Authenticator().guard(roles=("editor", "admin"))

st.title("Owners")

items = requirements()
owned = {owner: [item for item in items if item.owner == owner] for owner in OWNERS}
st.dataframe(
    [
        {
            "Owner": owner,
            "Total": len(theirs),
            "High risk": sum(item.risk == "High" for item in theirs),
            "Verified": 100 * sum(item.status == "Verified" for item in theirs) // len(theirs),
        }
        for owner, theirs in owned.items()
    ],
    column_config={
        "Total": st.column_config.NumberColumn(width="small"),
        "High risk": st.column_config.NumberColumn(width="small"),
        "Verified": st.column_config.ProgressColumn(format="%d%%", min_value=0, max_value=100),
    },
    hide_index=True,
    width="stretch",
)
