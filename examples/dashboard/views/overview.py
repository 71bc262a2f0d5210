"""Overview: progress and risks of the backlog."""

import preferences
import streamlit as st
from alerts import raised
from backlog import AS_OF, requirements
from charts import burn_up, risk_matrix, status_by_area

from streamlit_persistauth import Authenticator

user = Authenticator().guard()
items = requirements()

st.title("Overview")
st.caption(f"City Bikes, as of {AS_OF:%d %B %Y}")

verified = sum(item.status == "Verified" for item in items)
in_review = sum(item.status == "In review" for item in items)
high_risk = sum(item.risk == "High" for item in items)
with st.container(horizontal=True):  # side by side where there is room, two by two on a phone
    with st.container(horizontal=True, width="stretch"):
        st.metric("Requirements", len(items), border=True)
        st.metric("Verified", f"{verified / len(items):.0%}", border=True)
    with st.container(horizontal=True, width="stretch"):
        st.metric("In review", in_review, border=True)
        st.metric("High risk", high_risk, border=True)

alerts = raised(preferences.load(user).alerts, items)
if alerts:
    lines = [f"**{rule}:** {', '.join(ids)}" for rule, ids in alerts.items()]
    st.warning("\n\n".join(lines), icon=":material/notifications:")

left, right = st.columns(2)
with left.container(border=True):
    st.subheader("Status by area")
    st.altair_chart(status_by_area(items), width="stretch")
with right.container(border=True):
    st.subheader("Burn-up")
    st.altair_chart(burn_up(items), width="stretch")
with st.container(border=True):
    st.subheader("Risk")
    st.altair_chart(risk_matrix(items), width="stretch")
