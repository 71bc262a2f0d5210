"""An app whose entry script guards pages in a folder that Streamlit would serve by itself."""

import streamlit as st
from tests.apps.cases import auth


def main() -> None:
    """List the pages, and guard them all."""
    page = st.navigation([st.Page("pages/first.py", default=True), st.Page("pages/secret.py")])
    auth.guard()
    page.run()


if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
