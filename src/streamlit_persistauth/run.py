"""One script run: what its first call learned, the later ones read."""

import gc
from threading import local
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_memory = local()


def in_script_run() -> bool:
    """Return whether Streamlit is running a script on this thread."""
    return get_script_run_ctx(suppress_warning=True) is not None


def in_callback() -> bool:
    """Return whether a widget's callback is running, before the script itself."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and not getattr(context, "_has_script_started", True)


def in_fragment() -> bool:
    """Return whether only fragments are run, not the whole script."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def settle_program() -> None:
    """Tell the garbage collector that everything alive now stays: the program, as it is loaded.

    Streamlit collects garbage in full after every run, and what the page has just drawn waits for
    that. The modules alone are 150,000 objects to be looked at each time; here they are left out.
    Not in a script run, whose own objects are to be freed one day.
    """
    if not in_script_run():
        gc.collect()
        gc.freeze()


def streamlit_session() -> str | None:
    """Return the id of the Streamlit session that a script runs for."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None


def forget_page(keep: str) -> None:
    """Take away what a page has left in this Streamlit session: its state and its fragments.

    Streamlit runs a fragment for whoever asks for it by its id, as long as it is stored, and keeps
    it where a guard has stopped the script.

    Args:
        keep: How the keys begin that stay.
    """
    for key in list(st.session_state):
        if not str(key).startswith(keep):
            del st.session_state[key]
    context = get_script_run_ctx(suppress_warning=True)
    storage = getattr(context, "fragment_storage", None)
    if storage is not None and not in_fragment():
        storage.clear()


def run_memory() -> dict[Any, Any]:
    """Return a dictionary that lasts as long as this run, on this thread.

    Streamlit makes the cursors of a run anew when the run begins; so their identity tells runs
    apart. Without a run, or without that sign, nothing is remembered.
    """
    context = get_script_run_ctx(suppress_warning=True)
    cursors = getattr(context, "cursors", None)
    if cursors is None:
        return {}
    if getattr(_memory, "cursors", None) is not cursors:
        _memory.cursors = cursors
        _memory.values = {}
    values: dict[Any, Any] = _memory.values
    return values
