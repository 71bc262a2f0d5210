"""Settings: what the signed-in user prefers to see."""

import preferences
import streamlit as st
from alerts import RULES
from backlog import TITLES

from streamlit_persistauth import Authenticator

user = Authenticator().guard()
current = preferences.load(user)

st.title("Settings")

with st.form("preferences", width=640):
    density = st.segmented_control(
        "Density of the requirements list",
        list(preferences.ROW_HEIGHTS),
        default=current.density,
        required=True,
    )
    areas = st.multiselect(
        "Areas to begin with",
        list(TITLES),
        default=current.areas,
        placeholder="All areas",
        help="The requirements list opens with these areas.",
    )
    alerts = st.multiselect(
        "Alerts on the overview",
        list(RULES),
        default=current.alerts,
        placeholder="None",
    )
    saved = st.form_submit_button("Save", type="primary")

if saved:
    chosen = preferences.Preferences(density, tuple(areas), tuple(alerts))
    preferences.save(user, chosen)
    st.toast("Saved", icon=":material/check:")

st.caption("Settings last until you reload the page. Your sign-in lasts longer.")
