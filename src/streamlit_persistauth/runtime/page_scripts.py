"""Our JavaScript in the page: packaged components of Streamlit, without a frame or another host.

Streamlit finds the scripts through the `pyproject.toml` of this package and serves them as files,
which `script-src 'self'` allows. Where it does not find them, they are sent inline, and the browser
loads them from `blob:`. Streamlit keeps components by runtime, which has no public way to be read.
That was checked with versions 1.58 and 1.67.
"""

import logging
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from streamlit import runtime
from streamlit.components.v2 import component
from streamlit.errors import Error

from streamlit_persistauth.runtime.state_keys import widget_key

logger = logging.getLogger("streamlit_persistauth")

PROJECT: Final = "streamlit-persistauth"
"""The name of the project in our `pyproject.toml`, which Streamlit puts before a component."""


def run_script(
    name: str,
    data: Mapping[str, object],
    triggers: Sequence[str] = (),
    *,
    key: str | None = None,
) -> dict[str, Any]:
    """Draw the element that runs one of our scripts in the page.

    Args:
        name: The name of the script: its file in `assets/`, without `.js`.
        data: The argument of the script.
        triggers: The values that the script may send, each of which starts a run.
        key: Identifies the element; None for its place on the page.

    Returns:
        What the script has sent with this run, by trigger; None for nothing.
    """
    result = _component_of(name)(
        # In a list: Streamlit looks for data frames in a dictionary, and loads pandas for it.
        data=[dict(data)],
        key=None if key is None else widget_key(key),
        **{f"on_{trigger}_change": _do_nothing for trigger in triggers},
    )
    return {trigger: getattr(result, trigger, None) for trigger in triggers}


def _component_of(name: str) -> Any:  # noqa: ANN401 - Streamlit's own type
    """Return the component of a script.

    Streamlit knows a component in the runtime that made it: a server has one, each `AppTest` has
    its own.
    """
    return _make(name, runtime.get_instance() if runtime.exists() else None)


@lru_cache(maxsize=16)
def _make(name: str, current: object) -> Any:  # noqa: ANN401 - Streamlit's own type
    full_name, files = f"{PROJECT}.{name}", _files(name)
    try:
        return component(full_name, js=files)
    except Error:
        if current is not None:
            _report_inline()
    return component(full_name, js=_source(files))


def _files(name: str) -> str:
    """Return the pattern of a script's file: a wheel adds a hash of the content to its name."""
    return f"{name}[.-]*js"


def _source(files: str) -> str:
    assets = resources.files("streamlit_persistauth") / "assets"
    script = next(file for file in assets.iterdir() if fnmatch(file.name, files))
    return script.read_text(encoding="utf-8")


@cache
def _report_inline() -> None:
    logger.warning(
        "Streamlit does not find the page scripts of the installed package %s, so they are sent "
        "inline. A Content-Security-Policy must allow blob: in script-src, or users are signed "
        "out at each refresh.",
        PROJECT,
    )


def _do_nothing() -> None:
    """Declare a trigger to Streamlit, which requires a callback for it."""
