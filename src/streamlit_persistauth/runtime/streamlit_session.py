"""A Streamlit session: wipe it, close it, read its state and limits.

There is no public way to do most of this, so this module reaches inside Streamlit. It was checked
with versions 1.58 and 1.67.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

MAX_MESSAGE_MEGABYTES: Final = 25
"""The default limit of Streamlit, in the versions that have one."""


def is_serving() -> bool:
    """Return whether Streamlit serves an app in this process."""
    return runtime.exists()


def close_streamlit_session(session_id: str) -> None:
    """Close a Streamlit session for good. Call it on the event loop that Streamlit runs on.

    Its state, fragments, callbacks and files are dropped; what a run of it registers later is
    unreachable.
    """
    if runtime.exists():
        runtime.get_instance().close_session(session_id)


def may_exist(session_id: str | None) -> bool:
    """Return whether Streamlit may still have a Streamlit session, connected or not.

    True if this version of Streamlit looks different inside, or has not started.
    """
    if session_id is None:
        return False
    try:
        manager = runtime.get_instance()._session_mgr
        return manager.get_session_info(session_id) is not None
    except (AttributeError, RuntimeError):
        return True


def is_connected(session_id: str) -> bool:
    """Return whether a connection uses a Streamlit session now."""
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)


def is_connected_with(session_id: str, name: str, value: str) -> bool:
    """Return whether the present connection of a Streamlit session has a header.

    If a connection asks for a Streamlit session that is in use, some versions of Streamlit give it
    another one.
    """
    client = runtime.get_instance().get_client(session_id) if runtime.exists() else None
    headers = getattr(getattr(client, "client_context", None), "headers", ())
    return any((key.lower(), text) == (name.lower(), value) for key, text in headers)


def offers_file(session_id: str, file_id: str) -> bool:
    """Return whether Streamlit may generate a deferred file for a page.

    Streamlit would do it for each page that names its id. It refuses an id that no page has.
    """
    if not runtime.exists():
        return False
    manager: Any = runtime.get_instance().media_file_mgr
    try:
        with manager._lock:
            owner = manager._deferred_callables.get(file_id, {}).get("session_id")
            if owner is not None:  # not in all versions
                return bool(owner == session_id)
            pages = manager._files_by_session_and_coord.items()
            return all(page == session_id for page, ids in pages if file_id in ids.values())
    except AttributeError:
        return False


def max_message_bytes() -> int:
    """Return the size above which Streamlit refuses a browser's message."""
    try:
        megabytes = st.get_option("server.maxWidgetStateSize")
    except RuntimeError:  # this version has no such option
        megabytes = MAX_MESSAGE_MEGABYTES
    return int(megabytes) * 1_000_000


def forget_page(kept: str) -> bool:
    """Remove what a page has left in the Streamlit session of this run.

    That is its state, the callbacks of its widgets, its fragments, and the functions that generate
    its downloads. A run that was overtaken by this one keeps the storages that were there before;
    nothing that it registers there later can run.

    Args:
        kept: The key of the one value that stays in the state.

    Returns:
        Whether all of it is unreachable. If not, this version of Streamlit looks different inside,
        or the connection is lost; then no connection may continue the Streamlit session.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return True
    fragments, state = context.fragment_storage, context.session_state._state
    # Streamlit does not interrupt a run at any call in here.
    try:
        _set_apart(context, kept)
        _drop_downloads(context.session_id)
        is_complete = True
    except (AttributeError, KeyError, TypeError, RuntimeError):
        is_complete = False
    _clear(fragments, state)
    return is_complete


def forget_undrawn() -> bool:
    """Drop the values that a page has sent for widgets that its Streamlit session has not drawn.

    A page that still shows the widgets of a former user sends them with a second press of "Log
    out". Streamlit keeps such values while runs end with `st.stop()`, as a guard ends them, and
    passes them to the widgets of the same ids when the next user's page is drawn.

    Returns:
        Whether they are dropped. If not, this version of Streamlit looks different inside.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return True
    try:
        held = context.session_state._state._new_widget_state
        for widget_id in [key for key in held if key not in held.widget_metadata]:
            del held[widget_id]
    except (AttributeError, KeyError, TypeError, RuntimeError):
        return False
    return True


def _set_apart(context: Any, kept: str) -> None:  # noqa: ANN401 - of Streamlit's
    """Give the Streamlit session, and this run, storages that no other run has."""
    manager: Any = runtime.get_instance()._session_mgr
    session = manager.get_active_session_info(context.session_id).session
    runner = context.session_state._yield_callback.__self__
    if not session._fragment_storage is runner._fragment_storage is context.fragment_storage:
        raise AttributeError("_fragment_storage")
    old = context.session_state._state
    fragments, state = type(context.fragment_storage)(), type(old)()
    state.query_params = old.query_params
    if kept in old:
        state[kept] = old[kept]
    session._fragment_storage = runner._fragment_storage = fragments
    context.fragment_storage = fragments
    session._session_state = state
    object.__setattr__(context.session_state, "_state", state)


def _clear(fragments: Any, state: Any) -> None:  # noqa: ANN401 - of Streamlit's
    """Empty the storages that this run has had, and that the runs before it have."""
    fragments.clear()
    widgets = state._new_widget_state.widget_metadata
    for widget_id, metadata in list(widgets.items()):
        widgets[widget_id] = replace(metadata, callback=None, callbacks=None)
    for key in list(state.filtered_state):  # without the keys that Streamlit hides
        del state[key]
    for values in (state._old_state, state._new_widget_state):
        for widget_id in [key for key in list(values) if key.startswith("$$ID-")]:
            with suppress(KeyError):  # a run that was overtaken may have deleted it
                del values[widget_id]


def _drop_downloads(session_id: str) -> None:
    """Drop the functions that generate downloads and rows of a page, of this run and the last."""
    server = runtime.get_instance()
    if hasattr(server, "dataframe_source_mgr"):  # not in all versions
        server.dataframe_source_mgr.clear_all_for_session(session_id)
    manager = server.media_file_mgr
    with manager._lock:
        for file_id in manager._files_by_session_and_coord.get(session_id, {}).values():
            manager._deferred_callables.pop(file_id, None)
    manager.remove_orphaned_files()
