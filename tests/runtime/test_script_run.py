import gc
import weakref
from threading import Event

import pytest
import streamlit as st
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.runtime.script_run import (
    make_up_for_collection,
    postpone_collection,
    settle_program,
    spare_next_collection,
)


def test_program_is_settled() -> None:
    """What is alive while a server loads its app is left out of later collections."""
    gc.unfreeze()
    settle_program()
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_nothing_of_a_run_is_settled() -> None:
    """In a script run nothing is: its own objects are to be freed one day."""
    gc.unfreeze()
    page = Page(scripts.settling)
    assert page.texts == ["0"]


def test_collection_before_an_answer_is_spared() -> None:
    """A form's second run doesn't wait for a collection, and after it everything is looked at."""
    gc.unfreeze()
    spare_next_collection()
    spared = gc.get_freeze_count()
    make_up_for_collection()
    assert spared > 10_000
    assert gc.get_freeze_count() == 0


def test_collection_after_a_page_opened_comes_later() -> None:
    """It is made up for though nobody comes, and what was garbage is collected."""
    gc.unfreeze()
    garbage = Page.__new__(Page)
    garbage.itself = garbage  # type: ignore[attr-defined]
    gone = weakref.ref(garbage)
    collected = Event()
    weakref.finalize(garbage, collected.set)
    del garbage
    postpone_collection()
    assert gc.get_freeze_count() > 10_000
    assert collected.wait(10)
    assert gone() is None
    assert gc.get_freeze_count() == 0


def test_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Streamlit is told to collect nothing, neither do we."""
    gc.unfreeze()
    monkeypatch.setattr(st, "get_option", lambda name: name != "runner.postScriptGC")
    postpone_collection()
    assert gc.get_freeze_count() == 0


def test_settled_program_stays_settled() -> None:
    """Where the program is settled nothing is spared, so it does not come back either."""
    gc.unfreeze()
    settle_program()
    spare_next_collection()
    postpone_collection()
    make_up_for_collection()
    settled = gc.get_freeze_count()
    gc.unfreeze()
    assert settled > 10_000


def test_rerun_is_no_use() -> None:
    """The run that a person asks for is a use; those that the script asks for are not."""
    page = Page(scripts.rerunning)
    assert page.texts == ["[True, False, False]"]
    assert page.run().texts == ["[True, False, False]"]


def test_memory_in_a_thread() -> None:
    """A run remembers on its own thread; one that the app gave its context remembers nothing."""
    page = Page(scripts.caching)
    assert page.exceptions == []
    assert page.texts == ["{'here': 1} {}"]


def test_unbroken() -> None:
    """What is held together comes to its end when the page asks for another run; no more does."""
    page = Page(scripts.broken_off)
    assert page.exceptions == []
    assert page.texts == ["begun, held together"]
