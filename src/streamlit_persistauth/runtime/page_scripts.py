"""Our JavaScript in the page: packaged inline components, without a frame or another host.

Streamlit keeps them by runtime, which has no public way to be read. That was checked with versions
1.58 and 1.67.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from streamlit import runtime
from streamlit.components.v2 import component

from streamlit_persistauth.runtime.state_keys import widget_key


def run_script(
    path: str,
    data: Mapping[str, object],
    triggers: Sequence[str] = (),
    *,
    key: str | None = None,
) -> dict[str, Any]:
    """Draw the element that runs one of our scripts in the page.

    Args:
        path: The path of the script in this package.
        data: The argument of the script.
        triggers: The values that the script may send, each of which starts a run.
        key: Identifies the element; None for its place on the page.

    Returns:
        What the script has sent with this run, by trigger; None for nothing.
    """
    result = _component_of(path)(
        data=dict(data),
        key=None if key is None else widget_key(key),
        **{f"on_{trigger}_change": _do_nothing for trigger in triggers},
    )
    return {trigger: getattr(result, trigger, None) for trigger in triggers}


def _component_of(path: str) -> Any:  # noqa: ANN401 - Streamlit's own type
    """Return the component of a script.

    Streamlit knows a component in the runtime that made it: a server has one, each `AppTest` has
    its own.
    """
    return _make(path, runtime.get_instance() if runtime.exists() else None)


@lru_cache(maxsize=16)
def _make(path: str, _: object) -> Any:  # noqa: ANN401 - Streamlit's own type
    script = resources.files("streamlit_persistauth").joinpath(path).read_text(encoding="utf-8")
    return component(f"persistauth_{PurePosixPath(path).stem}", js=script)


def _do_nothing() -> None:
    """Declare a trigger to Streamlit, which requires a callback for it."""
