"""An app with a folder `pages/`, each page with its own guard."""

import streamlit as st
from tests.apps.cases import auth

if __name__ == "__main__":
    st.text("for everybody")
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
