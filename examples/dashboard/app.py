"""A small product with accounts: the requirements of a bike-sharing scheme, for a team with roles.

Run it with `persistauth demo`, or with `streamlit run app.py` and accounts of your own. Every user
may read, the role "editor" may change requirements, the role "admin" manages accounts.
"""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth import Authenticator

auth = Authenticator()


def pages() -> dict[str, list[StreamlitPage]]:
    """Return the pages of the user, by section of the menu; each has a guard of its own."""
    project = [
        st.Page("views/overview.py", title="Overview", icon=":material/monitoring:", default=True),
        st.Page("views/requirements.py", title="Requirements", icon=":material/checklist:"),
    ]
    if auth.has_role("editor") or auth.has_role("admin"):
        project.append(st.Page("views/owners.py", title="Owners", icon=":material/group:"))
    workspace = [
        st.Page("views/settings.py", title="Settings", icon=":material/tune:"),
        st.Page("views/account.py", title="Account", icon=":material/person:"),
    ]
    if auth.has_role("admin"):
        workspace.append(
            st.Page("views/administration.py", title="Administration", icon=":material/shield:")
        )
    return {"City Bikes": project, "Workspace": workspace}


def main() -> None:
    st.set_page_config(layout="wide")
    page = auth.navigation(pages())
    auth.user_menu(location="sidebar")
    page.run()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
