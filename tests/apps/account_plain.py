"""A page with the menu of who is signed in, served by plain `streamlit run`."""

from tests.apps.account import draw

draw()
