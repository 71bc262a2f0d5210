"""The pages that say why nothing else is shown."""

import logging
from html import escape
from typing import Final, NoReturn

import streamlit as st

from streamlit_persistauth.errors import ConfigError, NotAllowed
from streamlit_persistauth.request.handshake import browser_language
from streamlit_persistauth.runtime.hidden import hidden_place
from streamlit_persistauth.runtime.script_run import in_fragment, in_page_run, in_script_run
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.plain import plain
from streamlit_persistauth.ui.start_error import in_command
from streamlit_persistauth.ui.texts import draw_box
from streamlit_persistauth.ui.translator import Texts, Translator

logger = logging.getLogger("streamlit_persistauth")

_SKELETON: Final = """<style>
.persistauth-waiting div {{ height: 2.5rem; margin: 0 0 1rem; border-radius: 0.5rem;
  background: color-mix(in srgb, currentColor 8%, transparent);
  animation: persistauth-waiting 1.2s ease-in-out infinite alternate }}
.persistauth-waiting div:first-child {{ width: 40% }}
@keyframes persistauth-waiting {{ to {{ opacity: 0.5 }} }}
@media (prefers-reduced-motion: reduce) {{ .persistauth-waiting div {{ animation: none }} }}
</style>
<div class="persistauth-waiting" role="status" aria-label="{label}">
<div></div><div></div><div></div></div>"""
_NAVIGATION: Final = (
    '<i></i><style>[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"], '
    '[data-testid^="stTopNav"] { display: none }</style>'
)
"""With an element beside the style, or Streamlit would keep it until the next run has ended."""
UNAVAILABLE: Final = Text("Sign-in is unavailable right now. Please try again later.")


def show_unavailable(labels: Translator) -> None:
    """Say that the store does not answer; the browser's credential stays as it is."""
    draw_box(st.error, labels(UNAVAILABLE))


def show_waiting(seconds: float, labels: Translator) -> None:
    """Show that something is about to come, and have the page run again if it does not."""
    st.html(_SKELETON.format(label=escape(labels.text("Signing in"), quote=True)))
    st.fragment(_ask_again, run_every=seconds)()


def _ask_again() -> None:
    """Run the page again, but for the first time, which is the page's own run."""
    if in_fragment():
        st.rerun(scope="app")


def hide_navigation(app: str) -> None:
    """Hide what leads to other pages, until a run of the page draws no such thing."""
    if in_page_run():
        hidden_place(app, "navigation").html(_NAVIGATION)


def show_not_allowed(refusal: NotAllowed, labels: Translator) -> None:
    """Say that the user's roles are not enough."""
    draw_box(st.error, labels(refusal.message))


def stop_misconfigured(error: ConfigError, labels: Texts) -> NoReturn:
    """Show what is wrong and stop the page; outside a page, raise."""
    if not in_script_run():
        raise in_command(error)
    logger.error("%s", error)
    show_config_error(error, Translator(labels, browser_language()))
    st.stop()
    raise error  # in a thread of the app's own, which Streamlit can't stop


def show_config_error(error: ConfigError, labels: Translator) -> None:
    """Say what is wrong with the settings, or only that something is, where details are hidden."""
    hidden = st.get_option("client.showErrorDetails") in {False, "false", "none"}
    st.error(
        labels.name("Sign-in is not set up correctly; the server's log says why.")
        if hidden
        else plain(str(error), limit=1_000)  # for who sets it up
    )
