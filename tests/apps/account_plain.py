"""A page with the user's menu, served by plain `streamlit run`."""

from tests.apps.account import draw

draw()
