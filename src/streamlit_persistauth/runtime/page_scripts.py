"""Our scripts that run in the page, as inline components: no frame, and no foreign host."""

from functools import lru_cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Any

from streamlit import runtime
from streamlit.components.v2 import component


def page_script(path: str) -> Any:  # noqa: ANN401 - Streamlit's own type
    """Return what draws one of our scripts.

    Streamlit knows a component where it was made: in the runtime of a server, of which there is
    one, or in that of an `AppTest`, of which there are many.

    Args:
        path: Of the script, in this package.
    """
    return _component(path, runtime.get_instance() if runtime.exists() else None)


@lru_cache(maxsize=16)
def _component(path: str, _: object) -> Any:  # noqa: ANN401 - Streamlit's own type
    script = resources.files("streamlit_persistauth").joinpath(path).read_text(encoding="utf-8")
    return component(f"persistauth_{PurePosixPath(path).stem}", js=script)
