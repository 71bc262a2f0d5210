"""An invisible element that has the page call one of our routes."""

from functools import cache
from importlib import resources
from typing import Any

from streamlit.components.v2 import component


def post(errand_id: str, url: str, body: dict[str, str]) -> None:
    """Have the page send a POST with a JSON body to our own origin, once for each id.

    The answer goes to the browser, not to the script; no rerun follows.
    """
    _component()(data={"id": errand_id, "url": url, "body": body})


@cache
def _component() -> Any:  # noqa: ANN401 - Streamlit's own type
    script = resources.files("streamlit_persistauth.caches").joinpath("bridge.js")
    return component("persistauth_bridge", js=script.read_text(encoding="utf-8"))
