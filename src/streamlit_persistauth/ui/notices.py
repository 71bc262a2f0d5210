"""Notices that replace a form or a page."""

import logging
from html import escape
from typing import Final, NoReturn

import streamlit as st

from streamlit_persistauth.errors import ConfigError, NotAllowed
from streamlit_persistauth.request.handshake import browser_language
from streamlit_persistauth.runtime.hidden_elements import hidden_place
from streamlit_persistauth.runtime.script_run import in_fragment, in_page_run, in_script_run
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.ui.start_error import in_command
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
"""The element beside the style makes Streamlit remove both as soon as they are not drawn again."""
UNAVAILABLE: Final = Text("Sign-in is unavailable right now. Please try again later.")


def show_unavailable(t: Translator) -> None:
    """Show that the store does not answer; the credential in the browser stays as it is."""
    draw_box(st.error, t(UNAVAILABLE))


def show_waiting(seconds: float, t: Translator) -> None:
    """Show a placeholder while the browser is asked for its credential, then run the page again."""
    st.html(_SKELETON.format(label=escape(t.text("Signing in"), quote=True)))
    st.fragment(_rerun_page, run_every=seconds)()


def _rerun_page() -> None:
    """Run the page again, except in the first call, which is part of a page run."""
    if in_fragment():
        st.rerun(scope="app")


def hide_navigation(app: str) -> None:
    """Hide the sidebar and the top navigation until a page run that does not call this."""
    if in_page_run():
        hidden_place(app, "navigation").html(_NAVIGATION)


def show_not_allowed(refusal: NotAllowed, t: Translator) -> None:
    """Show that the user has none of the required roles."""
    draw_box(st.error, t(refusal.message))


def stop_misconfigured(error: ConfigError, labels: Texts) -> NoReturn:
    """Show the error and stop the page run; outside a page run, raise it."""
    if not in_script_run():
        raise in_command(error)
    logger.error("%s", error)
    show_config_error(error, Translator(labels, browser_language()))
    st.stop()
    raise error  # `st.stop` has no effect in a thread that the app started


def show_config_error(error: ConfigError, t: Translator) -> None:
    """Show a configuration error, or only that there is one if the app hides error details."""
    hidden = st.get_option("client.showErrorDetails") in {False, "false", "none"}
    st.error(
        t.name("Sign-in is not set up correctly. See the server log for details.")
        if hidden
        else plain(str(error), limit=1_000)
    )
