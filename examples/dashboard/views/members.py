"""Members: who owns what. For administrators."""

import streamlit as st
from backlog import OWNERS, requirements

from streamlit_persistauth import Authenticator

auth = Authenticator()
user = auth.guard(roles=("admin",))

st.title("Members")

items = requirements()
owned = {owner: [item for item in items if item.owner == owner] for owner in OWNERS}
st.dataframe(
    [
        {
            "Member": owner,
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

with st.container(border=True):
    st.subheader("Your sign-ins")
    st.write("Lost a device? End every sign-in of your account, this one included.")
    # Not `on_click`: a callback runs before the script, so before the guard above.
    if st.button("Sign out everywhere", icon=":material/logout:"):
        auth.logout_user(user.id)
        st.rerun()
