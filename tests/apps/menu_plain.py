"""The app with a menu, by plain `streamlit run`."""

from tests.apps.menu import main

main()
