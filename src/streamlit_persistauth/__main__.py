"""`python -m streamlit_persistauth` is the command `persistauth`."""

from streamlit_persistauth.cli import main

main()
