"""A small product with accounts: a requirements dashboard of four pages.

Run it with `streamlit run app.py`. Accounts are made with `persistauth users add`; the page
"Members" is for those with the role "admin".
"""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth import Authenticator

auth = Authenticator()


def pages() -> dict[str, list[StreamlitPage]]:
    """Return the pages that this browser may be on, by section of the menu."""
    project = [
        st.Page("views/overview.py", title="Overview", icon=":material/monitoring:", default=True),
        st.Page("views/requirements.py", title="Requirements", icon=":material/checklist:"),
    ]
    workspace = [st.Page("views/settings.py", title="Settings", icon=":material/tune:")]
    # Signed out, every address must be known, or an administrator's bookmark would be reported
    # as "not found" over the login form. What protects the page is its own guard.
    if auth.has_role("admin") or not auth.is_authenticated:
        workspace.append(st.Page("views/members.py", title="Members", icon=":material/group:"))
    return {"City Bikes": project, "Workspace": workspace}


def main() -> None:
    signed_in = auth.is_authenticated
    # Collapsed when signed out, or logging out would leave an empty panel behind.
    st.set_page_config(layout="wide", initial_sidebar_state="auto" if signed_in else "collapsed")
    # Before the guard: an address that is unknown in the first run would be lost on a refresh.
    page = st.navigation(pages(), position="sidebar" if signed_in else "hidden")
    user = auth.guard()

    with st.sidebar:
        st.caption("Signed in as")
        st.text(user.full_name or user.email)  # a name is text, never markup
    auth.logout_button(location="sidebar")

    page.run()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
