"""One script run: what its first call learned, the later ones read."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache, wraps
from threading import Lock, Timer, local
from typing import Any, Final, ParamSpec, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

_MOMENT: Final = 0.25
"""Seconds in which what a run has drawn is sent."""
P = ParamSpec("P")
R = TypeVar("R")

_memory = local()
_spared = False


def in_script_run() -> bool:
    """Return whether Streamlit is running a script on this thread."""
    return get_script_run_ctx(suppress_warning=True) is not None


def on_page(draw: Callable[P, R]) -> Callable[P, R | None]:
    """Return a function that draws in a script run, and elsewhere does nothing.

    Streamlit would log a warning for each element, and put every later page of this process into a
    form that is begun without a page.
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
    """Return whether what a page has once may be drawn here.

    Not in a callback, nor in a fragment by itself, nor in a thread that an app has given the
    context of a run: it may go on beside that run, and after it. Without a run it is True, because
    a cache is then called by a test and not by a page.
    """
    in_own_thread = in_script_run() and not in_script_thread()
    return not (in_own_thread or in_callback() or in_fragment())


def in_script_thread() -> bool:
    """Return whether this is the thread that Streamlit runs the script on, not one of the app's.

    There is no public way to tell, so this reaches inside. Where a later Streamlit looks different
    there, it is False: then a run remembers nothing, and each question goes to the store.
    """
    is_its_own = getattr(_runner(), "_is_in_script_thread", None)
    return callable(is_its_own) and bool(is_its_own())


def is_use() -> bool:
    """Return whether a person asked for this run, so that it updates `last_used_at`.

    Three kinds of runs are no use: those of a timer, such as `run_every`, whose requests say so;
    those that the script itself asks for by `st.rerun`, because the run before has been recorded
    and a page may do it in a loop; and what a thread of the app's own does. There is no public way
    to see the request, so this reaches inside.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    request = getattr(getattr(context, "script_requests", None), "_rerun_data", None)
    # Only a browser sends the states of widgets.
    by_browser = getattr(request, "widget_states", None) is not None
    return in_script_thread() and by_browser and not getattr(request, "is_auto_rerun", False)


def settle_program() -> None:
    """Tell the garbage collector that everything alive now stays: the program, as it is loaded.

    Streamlit collects garbage in full after every run, and what the page has just drawn waits for
    that. The modules alone are 150,000 objects to be looked at each time; here they are left out.
    Not in a script run, whose own objects are to be freed one day.
    """
    if not in_script_run():
        gc.collect()
        gc.freeze()


def spare_next_collection() -> None:
    """Let the collection after this run find nothing to look at; the next run makes up for it.

    A form is answered by a second run, as a browser's answer is, and what a person waits for is
    drawn only after the collection between the two. Where the program is settled, that one is
    short as it is.
    """
    global _spared  # noqa: PLW0603 - the collector is one for the process, too
    if not gc.get_freeze_count():
        _spared = True
        gc.freeze()


def postpone_collection() -> None:
    """Let the collection after this run find nothing, and make up for it a moment later.

    For a run with which a page opens: what it draws waits for the collection as soon as the run
    takes so long that a part of it is on its way before, which one write to a disk does. Where
    the program is settled there is nothing to postpone, nor where collections are switched off.
    """
    if gc.get_freeze_count() or not st.get_option("runner.postScriptGC"):
        return
    spare_next_collection()
    later = Timer(_MOMENT, _collect_what_was_spared)
    later.daemon = True
    later.start()


def _collect_what_was_spared() -> None:
    if _spared:
        make_up_for_collection()
        gc.collect()


def make_up_for_collection() -> None:
    """Let the next collection look at everything again, if one was spared."""
    global _spared  # noqa: PLW0603
    if _spared:
        _spared = False
        gc.unfreeze()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let a run come to the end of a block, whatever the page asks for meanwhile.

    Streamlit breaks a run off where the page asks for another one, at its next call of Streamlit.
    A sign-in that is half begun would then begin twice. What is asked for comes after the block.
    There is no public way to hold a run together, so this reaches inside, and does nothing where
    a Streamlit to come looks different there.
    """
    runner = _runner()
    if not in_script_thread() or getattr(runner, "_execing", None) is not True:
        yield
        return
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
    """Return which page this run is for, as the browser asks for it."""
    context = get_script_run_ctx(suppress_warning=True)
    return context.page_script_hash if context else ""


def script_hash() -> str:
    """Return which script the code that runs belongs to: of a fragment, the page that made it.

    There is no public way to tell, so this reaches inside; it is empty where a later Streamlit
    looks different there.
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
    """Return what lets one run at a time of this Streamlit session do something.

    Where a page asks for another run, Streamlit begins it beside the one that goes on.
    """
    return _lock(streamlit_session() or "", what)


@lru_cache(maxsize=4096)
def _lock(_session: str, _what: str) -> Lock:
    return Lock()


def run_page_again() -> None:
    """Have the whole page run again; in a script or fragment, end the run that calls this.

    After a callback the script runs anyway, unless the widget is in a fragment: then the fragment
    alone would. `st.rerun` does nothing in callbacks of older versions, so this reaches inside.
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
    """Return whether a widget of this Streamlit session has a key, drawn in this run or before.

    There is no public way to ask, so this reaches inside, and finds none where a later Streamlit
    looks different there.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    state = getattr(getattr(context, "session_state", None), "_state", None)
    return key in getattr(state, "_key_id_mapper", ())


def base_path() -> str:
    """Return Streamlit's `server.baseUrlPath` with a leading slash, or nothing."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def set_query_param(name: str, value: str) -> None:
    """Let `st.query_params` have a parameter, or for an empty value not, without telling the page.

    `st.query_params` itself would have the page add an entry to its history. There is no public
    way around that, so this reaches inside, and does nothing where a Streamlit to come looks
    different there.
    """
    context: Any = get_script_run_ctx(suppress_warning=True)
    with suppress(AttributeError), context.session_state.query_params() as parameters:
        if value:
            parameters.set_with_no_forward_msg(name, value)
        else:
            parameters.discard_param_no_forward_msg(name)


def run_memory() -> dict[Any, Any]:
    """Return a dictionary that lasts as long as this run, on the thread that runs the script.

    Streamlit makes new cursors when a run begins, so their identity tells runs apart. Elsewhere
    nothing is remembered: a thread of the app's own may outlive the run whose context it has.
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
