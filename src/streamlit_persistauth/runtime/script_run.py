"""One script run: what kind of run it is, its memory, uninterrupted blocks, and session locks.

There is no public way to do some of this, so this module reaches inside Streamlit. It was checked
with versions 1.58 and 1.67.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from threading import Lock, local
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

from streamlit_persistauth.runtime.shared_values import share_values

P = ParamSpec("P")
R = TypeVar("R")

_memory = local()
_locks: "WeakValueDictionary[tuple[str, str], Lock]" = WeakValueDictionary()
_locks_guard = Lock()


def in_script_run() -> bool:
    """Return whether Streamlit is running a script on this thread."""
    return get_script_run_ctx(suppress_warning=True) is not None


def on_page(draw: Callable[P, R]) -> Callable[P, R | None]:
    """Return a function that draws in a script run and does nothing elsewhere.

    Outside a run, Streamlit would log a warning for each element, and a form that is begun there
    would contain every later page of this process.
    """

    @wraps(draw)
    def draw_on_page(*args: P.args, **kwargs: P.kwargs) -> R | None:
        return draw(*args, **kwargs) if in_script_run() else None

    return draw_on_page


def in_callback() -> bool:
    """Return whether a widget's callback is running, before the script itself."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and not getattr(context, "_has_script_started", True)


def in_fragment() -> bool:
    """Return whether only fragments are run, not the whole script."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def in_page_run() -> bool:
    """Return whether elements that a page has only once may be drawn here.

    They may not in a callback, in a fragment that runs alone, or in a thread to which the app has
    given the context of a run, because it may go on beside that run and after it. Outside a run
    it is True: then a test calls a cache, and no page does.
    """
    in_own_thread = in_script_run() and not in_script_thread()
    return not (in_own_thread or in_callback() or in_fragment())


def in_script_thread() -> bool:
    """Return whether this is the thread that Streamlit runs the script on, not one of the app's.

    False if a later Streamlit looks different inside: then a run remembers nothing, and each call
    reads the store.
    """
    is_its_own = getattr(_runner(), "_is_in_script_thread", None)
    return callable(is_its_own) and bool(is_its_own())


def is_activity() -> bool:
    """Return whether the user requested this run, so that it updates `last_used_at`.

    Three kinds of runs are no activity of the user: those of a timer, such as `run_every`; those
    that the script requests by `st.rerun`, because the run before has been recorded and a page may
    do that in a loop; and the work of the app's own threads.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    request = getattr(getattr(context, "script_requests", None), "_rerun_data", None)
    # Only a browser sends the states of widgets.
    by_browser = getattr(request, "widget_states", None) is not None
    return in_script_thread() and by_browser and not getattr(request, "is_auto_rerun", False)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep Streamlit from interrupting a run in this block.

    When the page requests another run, Streamlit interrupts the present one at its next call of
    Streamlit. A sign-in in progress would then be started twice. The other run comes after the
    block. Does nothing if a later Streamlit looks different inside.
    """
    runner = _runner()
    if not in_script_thread() or getattr(runner, "_execing", None) is not True:
        yield
        return
    share_values(getattr(runner._session_state, "_state", None))  # noqa: SLF001
    runner._execing = False  # noqa: SLF001
    try:
        yield
    finally:
        runner._execing = True  # noqa: SLF001


def _runner() -> Any:  # noqa: ANN401 - of Streamlit's inside
    """Return what runs the script of this thread's context, or None."""
    context: Any = get_script_run_ctx(suppress_warning=True)
    breaks_off = getattr(getattr(context, "session_state", None), "_yield_callback", None)
    return getattr(breaks_off, "__self__", None)


def streamlit_session() -> str | None:
    """Return the id of the Streamlit session that a script runs for."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.session_id if context else None


def page_script_hash() -> str:
    """Return the hash of the page that the browser requests."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.page_script_hash if context else ""


def script_hash() -> str:
    """Return the hash of the script that is running; for a fragment, of the page that defined it.

    Empty if a later Streamlit looks different inside.
    """
    try:
        from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

        return str(ThreadState.get().active_script_hash)
    except (ImportError, AttributeError, RuntimeError):
        return ""


def connection_client() -> object:
    """Return Streamlit's object for the connection that a script runs for, or None.

    Streamlit makes one for each WebSocket. There is none in an `AppTest`, nor after the connection
    has closed.
    """
    session_id = streamlit_session()
    if session_id is None or not runtime.exists():
        return None
    return runtime.get_instance().get_client(session_id)


def page_receive() -> object:
    """Return the ASGI `receive` of the connection that a script runs for, or None.

    There is no public way to it, so this reaches inside, and returns None where a later Streamlit
    looks different there, or where Tornado serves the connection.
    """
    return getattr(getattr(connection_client(), "_websocket", None), "_receive", None)


def session_lock(what: str) -> Lock:
    """Return the lock that lets one run at a time of this Streamlit session do something.

    When a page requests another run, Streamlit may start it beside the present one. A lock exists
    for as long as a run has a reference to it.

    Args:
        what: A name for what is done.
    """
    name = streamlit_session() or "", what
    with _locks_guard:
        lock = _locks.get(name)
        if lock is None:
            lock = _locks[name] = Lock()
        return lock


def run_page_again() -> None:
    """Run the whole page again; in a script or fragment, stop the present run.

    After a callback the script runs anyway, unless the widget is in a fragment: then only the
    fragment would. `st.rerun` does nothing in callbacks of older versions of Streamlit.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    if not in_callback():
        st.rerun()
    elif in_fragment():
        page = RerunData(
            query_string=context.query_string,
            page_script_hash=context.page_script_hash,
            context_info=context.context_info,
        )
        context.script_requests.request_rerun(page)


def is_widget_key(key: str) -> bool:
    """Return whether a widget with this key was drawn in this Streamlit session, now or before.

    False if a later Streamlit looks different inside.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    state = getattr(getattr(context, "session_state", None), "_state", None)
    return key in getattr(state, "_key_id_mapper", ())


def base_path() -> str:
    """Return Streamlit's `server.baseUrlPath` with a leading slash, or an empty string."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def set_query_param(name: str, value: str) -> None:
    """Set a parameter of `st.query_params`, or remove it, without sending it to the page.

    `st.query_params` itself would make the page add an entry to its history. Does nothing if a
    later Streamlit looks different inside.

    Args:
        name: Of the parameter.
        value: Of the parameter; an empty one removes it.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    with suppress(AttributeError), context.session_state.query_params() as parameters:
        if value:
            parameters.set_with_no_forward_msg(name, value)
        else:
            parameters.discard_param_no_forward_msg(name)


def run_memory() -> dict[Any, Any]:
    """Return a dictionary that lasts as long as this run, on the thread that runs the script.

    Streamlit creates new cursors when a run begins, so their identity distinguishes runs. On other
    threads the dictionary is not kept: they may outlive the run whose context they have.
    """
    context = get_script_run_ctx(suppress_warning=True)
    cursors = getattr(context, "cursors", None)
    if cursors is None:
        return {}
    if getattr(_memory, "cursors", None) is not cursors:
        if not in_script_thread():
            return {}
        _memory.cursors = cursors
        _memory.values = {}
    values: dict[Any, Any] = _memory.values
    return values
