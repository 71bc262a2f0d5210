"""The pages that say why nothing else is shown."""

import streamlit as st

from streamlit_persistauth.errors import ConfigError, NotAllowed
from streamlit_persistauth.ui.labels import Labels

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."


def show_unavailable(labels: Labels) -> None:
    """Say that the store does not answer; the browser's credential stays as it is."""
    st.error(labels(UNAVAILABLE))


def show_not_allowed(refusal: NotAllowed, labels: Labels) -> None:
    """Say that the user's roles are not enough."""
    st.error(labels(refusal.message))


def show_config_error(error: ConfigError) -> None:
    """Say what is wrong with the settings, or only that something is, where details are hidden."""
    hidden = st.get_option("client.showErrorDetails") in {False, "false", "none"}
    st.error(
        "Sign-in is not set up correctly; the server's log says why." if hidden else str(error)
    )
