"""Every place, served by `st.App`."""

import streamlit as st
from tests.apps.cases import auth, main

if __name__ == "__main__":
    main()
else:
    protected = hasattr(auth, "routes")
    app = st.App(
        __file__,
        routes=auth.routes() if protected else [],
        middleware=auth.middleware() if protected else [],
    )
