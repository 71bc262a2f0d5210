"""The administration, served by plain `streamlit run`."""

from tests.apps.admin import main

main()
