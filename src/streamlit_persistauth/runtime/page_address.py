"""The address of a page of `st.navigation`, kept while no titles of pages are sent.

There is no public way to read the address, so this module reaches inside Streamlit, and does
nothing if a later version looks different there. It was checked with versions 1.58 and 1.67.
"""

from typing import Any, Final

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

_FIRST: Final = "persistauth"
"""The name of the first page among the others; its address has no path."""


def keep_address(title: str) -> None:
    """Build a navigation of the page that the browser requests, whether it exists or not.

    Without a navigation the browser would forget the address; the navigation of the app would send
    it the titles and the addresses of all pages. After the sign-in, the app finds its own page of
    this address.

    Args:
        title: Of the page, for the tab of the browser.
    """
    path = _asked_path()
    if path is None or PagesManager.uses_pages_directory:
        return
    # Streamlit treats a single page as the first one, which has no path.
    pages = [st.Page(_draw_nothing, title=title, url_path=_FIRST, default=True)]
    if path not in {"", _FIRST}:
        pages.append(st.Page(_draw_nothing, title=title, url_path=path))
    st.navigation(pages, position="hidden")


def asks_for_page() -> bool:
    """Return whether the browser requests a page of a navigation, by path or by hash."""
    manager = _pages_manager()
    return bool(getattr(manager, "intended_page_name", None)) or _asked_hash(manager) is not None


def hide_titles() -> None:
    """Delete the titles of the pages that this Streamlit session knows.

    Streamlit sends those of the last run at the beginning of the next one.
    """
    manager = _pages_manager()
    if manager is not None:
        for page in manager.get_pages().values():
            page["page_name"] = page["icon"] = ""


def _asked_path() -> str | None:
    """Return the path of the page that the browser requests; empty for the first page.

    Returns:
        None if it is unknown, or not the path of a page.
    """
    manager = _pages_manager()
    path, asked = getattr(manager, "intended_page_name", None) or "", _asked_hash(manager)
    if not path and asked is not None:
        known = manager.get_pages().get(asked)
        if known is None:
            return None
        path = known.get("url_pathname", "")
    return None if "/" in path else path.strip()


def _asked_hash(manager: Any) -> str | None:  # noqa: ANN401 - of Streamlit's
    """Return the hash of the page that the browser requests; None for the entry script."""
    asked: str | None = getattr(manager, "intended_page_script_hash", None)
    return asked if asked and asked != manager.main_script_hash else None


def _pages_manager() -> Any:  # noqa: ANN401 - of Streamlit's
    """Return Streamlit's `PagesManager` of this run; None outside a run."""
    return getattr(get_script_run_ctx(suppress_warning=True), "pages_manager", None)


def _draw_nothing() -> None:
    """Stand for a page that is not drawn."""
