"""The probe under `st.App`."""

import streamlit as st
from guard_probe import auth, main

if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
