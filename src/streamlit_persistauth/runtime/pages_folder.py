"""The folder `pages/` beside an entry script, which Streamlit serves by itself.

It serves those files without the entry script and its guard until `st.navigation` has run once in
the process. There is no public way to change that, so this module reaches inside Streamlit. It was
checked with versions 1.58 and 1.67.
"""

import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from streamlit import runtime
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from streamlit_persistauth.runtime.entry_script import uses_navigation

logger = logging.getLogger("streamlit_persistauth")


def leave_classic_mode() -> None:
    """Make Streamlit run the entry script before each page from now on."""
    PagesManager.uses_pages_directory = False


def run_entry_script_first() -> bool:
    """Leave the classic mode before the first page is served, if the app has a navigation.

    Returns:
        Whether that is decided; it can't be before the server has started.
    """
    if not runtime.exists():
        return False
    script = getattr(runtime.get_instance(), "_main_script_path", None)
    if script is None or uses_navigation(Path(script)):
        leave_classic_mode()
    return True


def warn_of_pages_folder() -> None:
    """Log once that files in `pages/` are served without the entry script that guards them."""
    if PagesManager.uses_pages_directory is False:
        context: Any = get_script_run_ctx(suppress_warning=True)
        manager = getattr(context, "pages_manager", None)
        if manager is not None:
            _warn_beside(manager.main_script_path)


@lru_cache(maxsize=16)
def _warn_beside(script: str) -> None:
    if any((Path(script).parent / "pages").glob("*.py")):
        logger.warning(
            "the folder pages/ is beside an entry script with st.navigation: after each start, "
            "until that has run once, Streamlit serves its files without the entry script and its "
            "guard; give the folder another name"
        )
