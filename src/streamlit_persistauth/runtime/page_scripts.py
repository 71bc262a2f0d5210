"""Our JavaScript in the page: packaged inline components, without a frame or another host.

Streamlit keeps them by runtime, which has no public way to be read. That was checked with versions
1.58 and 1.67.
"""

from functools import lru_cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from streamlit import runtime
from streamlit.components.v2 import component


def page_script(path: str) -> Any:  # noqa: ANN401 - Streamlit's own type
    """Return the function that draws one of our scripts.

    Streamlit registers a component in the present runtime. A server has one; each `AppTest` has its
    own.

    Args:
        path: Of the script, in this package.
    """
    return _component(path, runtime.get_instance() if runtime.exists() else None)


@lru_cache(maxsize=16)
def _component(path: str, _: object) -> Any:  # noqa: ANN401 - Streamlit's own type
    script = resources.files("streamlit_persistauth").joinpath(path).read_text(encoding="utf-8")
    return component(f"persistauth_{PurePosixPath(path).stem}", js=script)
