"""The address of a page of `st.navigation`, kept while nothing of the other pages is sent."""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

logger = logging.getLogger("streamlit_persistauth")

_FIRST: Final = "persistauth"
"""What the first page is called among the others; its address has no path."""


def keep_address(title: str) -> None:
    """Build a navigation of the page that the browser asks for, whether it exists or not.

    Without a navigation the browser would forget the address; the navigation of the app would send
    it the titles and the addresses of all pages. After the sign-in, the app finds its own page of
    this address. There is no public way to read the address, so this reaches inside, and does
    nothing where a Streamlit to come looks different there.

    Args:
        title: Of the page, for the tab of the browser.
    """
    path = _asked_path()
    if path is None or PagesManager.uses_pages_directory:
        return
    # Streamlit takes a page that is alone for the first one, which has no path.
    pages = [st.Page(_draw_nothing, title=title, url_path=_FIRST, default=True)]
    if path not in {"", _FIRST}:
        pages.append(st.Page(_draw_nothing, title=title, url_path=path))
    st.navigation(pages, position="hidden")


def asks_for_page() -> bool:
    """Return whether the browser asks for a page of a navigation: by its path, or once more."""
    manager: Any = getattr(get_script_run_ctx(suppress_warning=True), "pages_manager", None)
    asked = getattr(manager, "intended_page_script_hash", None)
    by_path = bool(getattr(manager, "intended_page_name", None))
    return by_path or bool(asked and asked != manager.main_script_hash)


def leave_classic_mode() -> None:
    """Have Streamlit serve no folder `pages/` by itself: the app has a navigation of its own.

    Otherwise it does so until `st.navigation` has run, which here is after the first sign-in.
    """
    PagesManager.uses_pages_directory = False


def hide_titles() -> None:
    """Take away the titles of the pages that this Streamlit session knows.

    Streamlit sends those of the last run with the beginning of the next one.
    """
    manager = getattr(get_script_run_ctx(suppress_warning=True), "pages_manager", None)
    if manager is not None:
        for page in manager.get_pages().values():
            page["page_name"] = page["icon"] = ""


def warn_of_pages_folder() -> None:
    """Log once that files in `pages/` are served without the entry script that guards them."""
    manager = getattr(get_script_run_ctx(suppress_warning=True), "pages_manager", None)
    if manager is not None and PagesManager.uses_pages_directory is False:
        _warn_of_folder(manager.main_script_parent / "pages")


@lru_cache(maxsize=16)
def _warn_of_folder(folder: Path) -> None:
    if any(folder.glob("*.py")):
        logger.warning(
            "the folder pages/ is beside an entry script with st.navigation: after each start, "
            "until that has run once, Streamlit serves its files without the entry script and its "
            "guard; give the folder another name"
        )


def _asked_path() -> str | None:
    """Return the path of the page that the browser asks for; empty for the first page.

    Returns:
        None where it cannot be told, or is no path of a page.
    """
    manager: Any = getattr(get_script_run_ctx(suppress_warning=True), "pages_manager", None)
    asked = getattr(manager, "intended_page_script_hash", None)
    path = getattr(manager, "intended_page_name", None) or ""
    if not path and asked and asked != manager.main_script_hash:
        known = manager.get_pages().get(asked)
        if known is None:
            return None
        path = known.get("url_pathname", "")
    return None if "/" in path else path.strip()


def _draw_nothing() -> None:
    """Stand for a page that is not drawn."""
