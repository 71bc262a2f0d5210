"""A page behind a sign-in. Replace it with your own."""

import streamlit as st

from streamlit_persistauth import Authenticator, User

auth = Authenticator()


@auth.require_login()
def main(user: User) -> None:
    st.title("It works")
    st.text(f"You are {user.full_name or user.email}.")
    auth.logout_button()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
