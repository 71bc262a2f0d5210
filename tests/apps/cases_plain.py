"""Every place, served by plain `streamlit run`."""

from tests.apps.cases import main

main()
