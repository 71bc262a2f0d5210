"""The protected page, served by `st.App` with HttpOnly cookies."""

import streamlit as st
from tests.apps.dashboard import chosen_caches, draw

from streamlit_persistauth import Authenticator, User

auth = Authenticator(cache=chosen_caches())


@auth.require_login()
def main(user: User) -> None:
    """Draw the page of the signed-in user."""
    draw(auth, user)


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
