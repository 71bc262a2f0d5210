"""The page behind streamlit-persistauth, served by st.App with HttpOnly cookies."""

import content
import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator(cache=content.CACHE)

if __name__ == "__main__":
    auth.guard()
    content.draw()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
