"""A page behind a sign-in that shows which replica drew it. See README.md."""

import os

import streamlit as st

from streamlit_persistauth import Authenticator, User

auth = Authenticator()


@auth.require_login()
def main(user: User) -> None:
    st.title("Dashboard")
    st.text(user.full_name)
    st.text(f"Drawn by {os.environ.get('REPLICA', 'the only one')}, process {os.getpid()}")
    st.button("Draw again")
    auth.logout_button()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
