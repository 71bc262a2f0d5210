"""An invisible place on the page, which leaves no gap.

Its style names a test id of Streamlit's page. It was checked with versions 1.58 and 1.67.
"""

import re
from collections.abc import Callable
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.runtime.script_run import run_memory

_STYLE: Final = (
    '<style>[data-testid="stLayoutWrapper"]:has(> .{name}),.{name} {{display: none}}</style>'
)


def class_of(key: str) -> str:
    """Return the CSS class that Streamlit gives to an element with a key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())


def reserve_place(app: str) -> DeltaGenerator:
    """Return the place where this run draws hidden elements, whether or not there are any.

    Streamlit identifies the elements of a page by their place. If this one came and went,
    everything below it would be drawn again. Its style is drawn in every run, because the page
    shows an empty container as a gap until the end of a run.
    """
    key = _key(app)
    return _once(("hidden", app), lambda: hide(key))


def hide(key: str) -> DeltaGenerator:
    """Return a new invisible container."""
    container = st.container(key=key)
    container.html(_STYLE.format(name=class_of(key)))
    return container


def hidden_place(app: str, part: str) -> DeltaGenerator:
    """Return this run's hidden place for one purpose; draw there once in a run.

    Each place is a container from the beginning. An `st.empty()` that becomes one is two messages,
    and a page that gets them one by one loads the frames inside it again.
    """
    with reserve_place(app):
        return _once(("hidden", app, part), st.container)


def _key(app: str) -> str:
    return f"persistauth:hidden:{app}"


def _once(slot: tuple[str | None, ...], draw: Callable[[], DeltaGenerator]) -> DeltaGenerator:
    """Return what this run has drawn there, or draw it."""
    memory = run_memory()
    if slot not in memory:
        memory[slot] = draw()
    place: DeltaGenerator = memory[slot]
    return place
