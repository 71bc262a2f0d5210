"""The app with a menu, served by `st.App`."""

import streamlit as st
from tests.apps.menu import auth, main

if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
