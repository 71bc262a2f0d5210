"""Garbage collection around script runs.

Streamlit collects garbage in full after every run, and the last output of the run waits for it.
"""

import gc
from threading import Timer
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.script_run import in_script_run

_DELAY_SECONDS: Final = 0.25
"""Time in which the output of a run is sent."""
_is_skipping = False


def freeze_program() -> None:
    """Exclude all objects that are alive now from later collections.

    Call it while the server loads the app: the loaded modules alone are 150,000 objects. In a
    script run it does nothing, because the objects of that run must stay collectable.
    """
    if not in_script_run():
        gc.collect()
        gc.freeze()


def skip_next_collection() -> None:
    """Leave nothing to do for the collection after this run; the next run undoes that.

    A form is answered by a second run, as is the browser's answer to a question. The user waits for
    the output of the second run, which comes after the collection between the two. If the program
    is frozen, that collection is short anyway.
    """
    global _is_skipping  # noqa: PLW0603 - the collector is global to the process, too
    if not gc.get_freeze_count():
        _is_skipping = True
        gc.freeze()


def postpone_collection() -> None:
    """Skip the collection after this run, and collect a moment later.

    For the first run of a page. Its last output waits for the collection if Streamlit has already
    flushed part of the output, which one write to a disk is slow enough for. It does nothing if the
    program is frozen or Streamlit's own collections are switched off.
    """
    if gc.get_freeze_count() or not st.get_option("runner.postScriptGC"):
        return
    skip_next_collection()
    later = Timer(_DELAY_SECONDS, _collect_skipped)
    later.daemon = True
    later.start()


def resume_collections() -> None:
    """Let the next collection examine all objects again, if one was skipped."""
    global _is_skipping  # noqa: PLW0603
    if _is_skipping:
        _is_skipping = False
        gc.unfreeze()


def _collect_skipped() -> None:
    if _is_skipping:
        resume_collections()
        gc.collect()
