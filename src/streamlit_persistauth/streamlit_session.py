"""A Streamlit session: wipe it, close it, and what Streamlit limits it to.

There is no public way to do most of this, so this module reaches inside Streamlit. It was checked
with versions 1.58 and 1.67.
"""

from dataclasses import replace
from typing import Any, Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

MAX_MESSAGE_MEGABYTES: Final = 25
"""The limit of those versions of Streamlit that have one, unless their option says otherwise."""


def close_streamlit_session(session_id: str) -> None:
    """Close a Streamlit session for good. Call it on the loop that Streamlit runs on.

    Its state, fragments, callbacks and files are dropped; what a run of it registers later can't
    be reached.
    """
    if runtime.exists():
        runtime.get_instance().close_session(session_id)


def max_message_bytes() -> int:
    """Return the size from which on Streamlit refuses a browser's message."""
    try:
        megabytes = st.get_option("server.maxWidgetStateSize")
    except RuntimeError:  # this version has no such option
        megabytes = MAX_MESSAGE_MEGABYTES
    return int(megabytes) * 1_000_000


def wipe_streamlit_session(kept: type) -> bool:
    """Take away what a page has left in the Streamlit session of this run.

    That is its state, the callbacks of its widgets, its fragments, and the functions that make its
    downloads. Runs that were overtaken by this one go on with what was there before, where nothing
    that they register can be run.

    Args:
        kept: Values of this type stay in `st.session_state`.

    Returns:
        Whether what overtaken runs register is out of reach, too.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return True
    _clear(context, kept)
    try:
        _drop_downloads(context.session_id)
        _set_overtaken_runs_apart(context, kept)
    except (AttributeError, KeyError, TypeError, RuntimeError):
        return False
    return True


def _clear(context: Any, kept: type) -> None:  # noqa: ANN401 - of Streamlit's
    """Empty the storages that this run and those before it use."""
    # First what could run: a call of `st.session_state` is where Streamlit may break off a run.
    storage = getattr(context, "fragment_storage", None)
    if storage is not None:
        storage.clear()
    state = getattr(getattr(context, "session_state", None), "_state", None)
    widgets = getattr(getattr(state, "_new_widget_state", None), "widget_metadata", {})
    for widget_id, metadata in list(widgets.items()):
        widgets[widget_id] = replace(metadata, callback=None, callbacks=None)
    for key, value in list(st.session_state.items()):
        if not isinstance(value, kept):
            del st.session_state[key]


def _set_overtaken_runs_apart(context: Any, kept: type) -> None:  # noqa: ANN401 - of Streamlit's
    """Give the Streamlit session, and this run, storages that no other run has."""
    session: Any = runtime.get_instance()._session_mgr.get_active_session_info(  # type: ignore[union-attr]  # noqa: SLF001
        context.session_id
    ).session
    runner = context.session_state._yield_callback.__self__  # noqa: SLF001
    old = context.session_state._state  # noqa: SLF001
    if not session._fragment_storage is runner._fragment_storage is context.fragment_storage:  # noqa: SLF001
        raise AttributeError("_fragment_storage")
    fragments, state = type(context.fragment_storage)(), type(old)()
    state.query_params = old.query_params
    for key, value in old.filtered_state.items():
        if isinstance(value, kept):
            state[key] = value
    session._fragment_storage = runner._fragment_storage = fragments  # noqa: SLF001
    context.fragment_storage = fragments
    session._session_state = state  # noqa: SLF001
    object.__setattr__(context.session_state, "_state", state)


def _drop_downloads(session_id: str) -> None:
    """Drop the functions that make the downloads of a page, of this run and the one before."""
    manager = runtime.get_instance().media_file_mgr
    with manager._lock:  # noqa: SLF001
        for file_id in manager._files_by_session_and_coord.get(session_id, {}).values():  # noqa: SLF001
            manager._deferred_callables.pop(file_id, None)  # noqa: SLF001
    manager.remove_orphaned_files()
